//! What a link to one recording carries: the keys of its parts, sealed so that only whoever holds the link opens them. The
//! cloud keeps a number and ciphertext, until the time that the maker chose.
//!
//! ```text
//! number    first 16 bytes of H("share_number", secret)
//! key       H("share_key", secret)
//! sealed    nonce (12) || AES-256-GCM(key, nonce, aad = number, canonical CBOR)
//! ```

use crate::{NONCE_BYTES, Unreadable, sealed};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use minicbor::{Decode, Encode};
use protocol::bytes::Blob;
use protocol::{Hash, PublicKey};

/// What the link carries: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShareSecret(pub [u8; 16]);

impl fmt::Debug for ShareSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShareSecret(not shown)")
    }
}

/// What opens one recording.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Shared {
    /// Keys that may have signed headers and manifest.
    #[n(0)]
    pub recorders: Vec<PublicKey>,
    /// H(manifest): this recording, and no other of the same recorder.
    #[n(1)]
    pub manifest: Hash,
    /// The key of each part, 32 bytes.
    #[n(2)]
    pub keys: Vec<Blob>,
    /// What the maker's device is called.
    #[n(3)]
    pub by: String,
    /// Until when the maker meant it, milliseconds since 1970. The cloud's time is what counts.
    #[n(4)]
    pub until_ms: u64,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({} keys, not shown)", self.keys.len())
    }
}

impl ShareSecret {
    /// The share's number, 32 hexadecimal digits: all that the cloud learns of the secret.
    pub fn number(&self) -> String {
        let mut number = Hash::of("share_number", &[&self.0]).to_string();
        number.truncate(32);
        number
    }

    fn key(&self) -> Hash {
        Hash::of("share_key", &[&self.0])
    }

    /// Seals what the link opens. `nonce` must be random.
    pub fn seal(&self, nonce: [u8; NONCE_BYTES], shared: &Shared) -> Vec<u8> {
        sealed::seal(self.key(), nonce, self.number().as_bytes(), shared)
    }

    /// Opens it.
    pub fn open(&self, sealed: &[u8]) -> Result<Shared, Unreadable> {
        sealed::open(self.key(), self.number().as_bytes(), sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::DeviceKey;

    #[test]
    fn only_the_link_opens_a_share_and_its_number_tells_nothing() {
        let shared = Shared {
            recorders: alloc::vec![DeviceKey::from_secret(&[7; 32]).unwrap().public()],
            manifest: Hash([3; 32]),
            keys: alloc::vec![Blob(alloc::vec![5; 32])],
            by: "phone".into(),
            until_ms: 9,
        };
        let secret = ShareSecret([1; 16]);
        let sealed = secret.seal([2; 12], &shared);
        assert!(!sealed.windows(32).any(|w| w == [5; 32]));
        assert_eq!(secret.open(&sealed), Ok(shared));
        assert_eq!(ShareSecret([2; 16]).open(&sealed), Err(Unreadable));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(secret.open(&changed), Err(Unreadable), "{place}");
        }
        assert_ne!(secret.number(), ShareSecret([2; 16]).number());
        assert_ne!(secret.number(), crate::Secret([1; 16]).number());
        assert!(!secret.number().contains("0101010101010101"));
    }
}
