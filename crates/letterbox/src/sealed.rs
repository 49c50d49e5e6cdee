//! How everything in this crate is sealed: `nonce (12) || AES-256-GCM(key, nonce, aad, canonical CBOR)`.

use crate::{LETTER_BYTES_MAX, NONCE_BYTES, Unreadable};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use protocol::{Hash, canonical};

/// Seals. `nonce` must be random: a key may seal again after a failed send.
pub(crate) fn seal<T: Encode<()>>(key: Hash, nonce: [u8; NONCE_BYTES], aad: &[u8], content: &T) -> Vec<u8> {
    let payload = Payload { msg: &canonical::encode(content), aad };
    // Fails for more than 64 GiB only.
    let sealed = Aes256Gcm::new(&key.0.into()).encrypt(&Nonce::from(nonce), payload).unwrap_or_default();
    [&nonce[..], &sealed].concat()
}

/// Opens.
pub(crate) fn open<T>(key: Hash, aad: &[u8], sealed: &[u8]) -> Result<T, Unreadable>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(Unreadable)?;
    let payload = Payload { msg: sealed, aad };
    let plain =
        Aes256Gcm::new(&key.0.into()).decrypt(&Nonce::from(*nonce), payload).map_err(|_| Unreadable)?;
    canonical::decode(&plain, LETTER_BYTES_MAX).map_err(|_| Unreadable)
}
