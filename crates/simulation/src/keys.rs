//! Who signs in the simulator: keyed hashes, a thousand times as quick as curves and as bound to key and message; or the
//! real keys, for a run that shows that nothing hangs on the difference.

use hub::ring_verifier::RingVerifier;
use protocol::{Credential, DeviceKey, Hash, PublicKey, Signer, Verifier};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Which keys a run uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Keyed hashes: whoever knows the public side could sign. In the simulator nobody does but the key.
    Hashed,
    /// P-256 with `ring`, as in production.
    Real,
}

/// A key of one of both kinds.
#[derive(Clone)]
pub(crate) enum Key {
    Hashed(PublicKey),
    Real(DeviceKey),
}

impl Key {
    /// The key of a part in the play. The same part has the same key in every run: signatures differ by what is signed.
    pub(crate) fn of(keys: Keys, part: u8) -> Self {
        match keys {
            Keys::Hashed => Self::Hashed(PublicKey { x: [part; 32], y: [part; 32] }),
            Keys::Real => {
                static MADE: Mutex<BTreeMap<u8, DeviceKey>> = Mutex::new(BTreeMap::new());
                let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
                let key = made.entry(part).or_insert_with(|| {
                    DeviceKey::from_secret(&[part; 32]).expect("a small number is a P-256 scalar")
                });
                Self::Real(key.clone())
            }
        }
    }

    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::Hashed(public) => *public,
            Self::Real(key) => key.public(),
        }
    }
}

impl Signer for Key {
    fn credential(&self) -> Credential {
        Credential::device(self.public())
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        match self {
            Self::Hashed(public) => keyed_hash(public, to_be_signed).to_vec(),
            Self::Real(key) => key.sign(to_be_signed),
        }
    }
}

/// Somebody who writes another one's name on an envelope, and cannot sign for them.
pub(crate) struct Forger<'a> {
    pub(crate) name: &'a Key,
    pub(crate) hand: &'a Key,
}

impl Signer for Forger<'_> {
    fn credential(&self) -> Credential {
        self.name.credential()
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.hand.sign(to_be_signed)
    }
}

fn keyed_hash(key: &PublicKey, message: &[u8]) -> [u8; 64] {
    let Hash(half) = Hash::of("simulated signature", &[&key.x, message]);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&half);
    signature[32..].copy_from_slice(&half);
    signature
}

struct HashVerifier;

impl Verifier for HashVerifier {
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        keyed_hash(key, message) == *signature
    }
}

pub(crate) fn verifier(keys: Keys) -> Box<dyn Verifier + Send> {
    match keys {
        Keys::Hashed => Box::new(HashVerifier),
        Keys::Real => Box::new(RingVerifier),
    }
}
