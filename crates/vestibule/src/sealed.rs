//! Sealing something to one person's key, so that the cloud in between holds ciphertext.
//!
//! HPKE (RFC 9180), mode Base, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; encapsulated key, then ciphertext.

use crate::keys::fresh;
use anyhow::{Context, anyhow};
use recording::KemSecret;

/// Purpose of a sealed tour.
pub(crate) const TOUR: &str = "vestibule/1/tour";

/// Seals for the holder of `public` (uncompressed SEC1), for one purpose.
pub(crate) fn seal(public: &[u8], purpose: &str, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
    recording::key::seal_to(public, purpose, plain, fresh())
        .map_err(|_| anyhow!("the recipient's key is no P-256 point of 65 bytes"))
}

/// Opens what was sealed for the holder of `secret` (a P-256 scalar), for the same purpose.
pub(crate) fn open(secret: &[u8; 32], purpose: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
    let secret = KemSecret::from_scalar(secret).context("kem.key is no P-256 scalar")?;
    secret
        .open(purpose, sealed)
        .map_err(|_| anyhow!("this was not sealed for this key and purpose, or it was changed or cut short"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_recipient_opens_it_and_only_for_its_purpose() {
        let kem = recording::KemSecret::from_scalar(&[7; 32]).unwrap();
        let sealed = seal(&kem.public(), TOUR, b"third floor").unwrap();
        assert_eq!(open(&[7; 32], TOUR, &sealed).unwrap(), b"third floor");
        assert!(open(&[8; 32], TOUR, &sealed).is_err());
        assert!(open(&[7; 32], "vestibule/1/other", &sealed).is_err());
        let mut changed = sealed;
        *changed.last_mut().unwrap() ^= 1;
        assert!(open(&[7; 32], TOUR, &changed).is_err());
    }
}
