//! Sealing something to one person's key, so that the cloud in between holds ciphertext.
//!
//! HPKE (RFC 9180), mode Base, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; encapsulated key, then ciphertext.

use crate::keys::random;
use anyhow::{Context, anyhow};
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use std::convert::Infallible;

/// Purpose of a sealed tour.
pub(crate) const TOUR: &str = "vestibule/1/tour";
/// Bytes of an encapsulated P-256 key.
const ENCAPSULATED_BYTES: usize = 65;

/// Seals for the holder of `public` (uncompressed SEC1), for one purpose.
pub(crate) fn seal(public: &[u8], purpose: &str, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
    let public = <DhP256HkdfSha256 as Kem>::PublicKey::from_bytes(public)
        .map_err(|_| anyhow!("the recipient's key is no P-256 point of 65 bytes"))?;
    let (enc, mut context) = hpke::setup_sender_with_rng::<AesGcm256, HkdfSha256, DhP256HkdfSha256>(
        &OpModeS::Base,
        &public,
        purpose.as_bytes(),
        &mut SystemRandom,
    )
    .map_err(|why| anyhow!("sealing failed: {why}"))?;
    let mut out = enc.to_bytes().to_vec();
    out.extend(context.seal(plain, b"").map_err(|why| anyhow!("sealing failed: {why}"))?);
    Ok(out)
}

/// Opens what was sealed for the holder of `secret` (a P-256 scalar), for the same purpose.
pub(crate) fn open(secret: &[u8; 32], purpose: &str, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (enc, ciphertext) =
        sealed.split_at_checked(ENCAPSULATED_BYTES).context("sealed bytes are cut short")?;
    let secret = <DhP256HkdfSha256 as Kem>::PrivateKey::from_bytes(secret)
        .map_err(|_| anyhow!("kem.key is no P-256 scalar"))?;
    let enc = <DhP256HkdfSha256 as Kem>::EncappedKey::from_bytes(enc)
        .map_err(|_| anyhow!("sealed bytes do not begin with a key"))?;
    let mut context = hpke::setup_receiver::<AesGcm256, HkdfSha256, DhP256HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &enc,
        purpose.as_bytes(),
    )
    .map_err(|_| anyhow!("this was not sealed for this key"))?;
    context.open(ciphertext, b"").map_err(|_| anyhow!("this was not sealed for this key, or it was changed"))
}

struct SystemRandom;

impl TryRng for SystemRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_be_bytes(crate::keys::fresh()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_be_bytes(crate::keys::fresh()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        random(bytes);
        Ok(())
    }
}

impl TryCryptoRng for SystemRandom {}

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
