//! The key of one part, and its copies for everyone who may watch.
//!
//! A copy is HPKE (RFC 9180), mode Base, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, single shot:
//!
//! ```text
//! info = "vestibule/1/recording_key" || 0x00 || recording (16) || part (u32, big-endian) || key_check (32)
//! aad  = kid of the recipient (32)
//! ```
//!
//! so a copy opens in its own place only: another part, another recording or another recipient fails.

use crate::header::{PartHeader, PartId};
use aes_gcm::{Aes256Gcm, KeyInit};
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use minicbor::{Decode, Encode};
use protocol::bytes::Blob;
use protocol::{Hash, Kid};

/// Bytes of a KEM public key and of an encapsulated key: uncompressed SEC1.
pub const KEM_PUBLIC_BYTES: usize = 65;
/// Bytes of a wrapped part key: 32 of key, 16 of tag.
pub const WRAPPED_BYTES: usize = 48;

/// The secret key of one part. Exists in the recorder's memory while the part grows, and wherever it is unwrapped.
#[derive(Clone, PartialEq, Eq)]
pub struct PartKey([u8; 32]);

impl PartKey {
    /// Takes a key that was unwrapped elsewhere, such as by a browser's WebCrypto.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A fresh key from 32 random bytes. The same entropy also seeds the wrapping, so the key is a hash of it.
    pub(crate) fn from_entropy(entropy: &[u8; 32]) -> Self {
        Self(Hash::of("recording_key_entropy", &[entropy]).0)
    }

    /// What the part header says of the key: H(key).
    pub fn check(&self) -> Hash {
        Hash::of("recording_key", &[&self.0])
    }

    pub(crate) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&self.0.into())
    }
}

impl fmt::Debug for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartKey(not shown)")
    }
}

/// Someone who may open a recording.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Recipient {
    /// Their key in the roster.
    #[n(0)]
    pub kid: Kid,
    /// Their HPKE public key from the roster: P-256, uncompressed SEC1, 65 bytes.
    #[n(1)]
    pub kem: Blob,
}

/// A part key for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct WrappedKey {
    /// The recipient's key in the roster.
    #[n(0)]
    pub kid: Kid,
    /// HPKE encapsulated key, 65 bytes.
    #[n(1)]
    pub enc: Blob,
    /// HPKE ciphertext, 48 bytes.
    #[n(2)]
    pub ct: Blob,
}

/// Why a key could not be wrapped or unwrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// The recipient's public key is no point of P-256.
    BadRecipient,
    /// The header holds no copy for this recipient.
    NotForYou,
    /// The copy does not open with this secret in this place.
    DoesNotOpen,
    /// The copy opens, but holds another key than the header promises.
    OtherKey,
}

impl KeyError {
    /// Stable name for vectors, logs and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadRecipient => "bad_recipient",
            Self::NotForYou => "not_for_you",
            Self::DoesNotOpen => "does_not_open",
            Self::OtherKey => "other_part_key",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for KeyError {}

/// Wraps `key` for one recipient. `seed` must be random and used for nothing else.
pub fn wrap(
    key: &PartKey,
    part: PartId,
    recipient: &Recipient,
    seed: [u8; 32],
) -> Result<WrappedKey, KeyError> {
    wrap_in(key, &info(part, key.check()), recipient, seed)
}

/// The same in the place that `info` names.
pub(crate) fn wrap_in(
    key: &PartKey,
    info: &[u8],
    recipient: &Recipient,
    seed: [u8; 32],
) -> Result<WrappedKey, KeyError> {
    let (enc, ct) = sealed(&recipient.kem.0, info, &recipient.kid.0, &key.0, seed)?;
    Ok(WrappedKey { kid: recipient.kid, enc: Blob(enc), ct: Blob(ct) })
}

/// Seals something else for the holder of `public` (uncompressed SEC1), for one purpose, in the same mode: `info` is the
/// purpose, `aad` empty. Encapsulated key, then ciphertext. `seed` must be random and used for nothing else.
pub fn seal_to(public: &[u8], purpose: &str, plain: &[u8], seed: [u8; 32]) -> Result<Vec<u8>, KeyError> {
    let (mut out, ct) = sealed(public, purpose.as_bytes(), b"", plain, seed)?;
    out.extend(ct);
    Ok(out)
}

/// Encapsulated key and ciphertext.
fn sealed(
    public: &[u8],
    info: &[u8],
    aad: &[u8],
    plain: &[u8],
    seed: [u8; 32],
) -> Result<(Vec<u8>, Vec<u8>), KeyError> {
    let public =
        <DhP256HkdfSha256 as Kem>::PublicKey::from_bytes(public).map_err(|_| KeyError::BadRecipient)?;
    let (enc, mut context) = hpke::setup_sender_with_rng::<AesGcm256, HkdfSha256, DhP256HkdfSha256>(
        &OpModeS::Base,
        &public,
        info,
        &mut Seeded { seed, drawn: 0 },
    )
    .map_err(|_| KeyError::BadRecipient)?;
    let ct = context.seal(plain, aad).map_err(|_| KeyError::BadRecipient)?;
    Ok((enc.to_bytes().to_vec(), ct))
}

/// A recipient's copy with all that HPKE wants beside the secret: for secrets that never leave their keeper, such as a
/// browser's WebCrypto. What comes out goes into [`PartKey::from_bytes`], and [`crate::PartOpener::new`] checks it.
#[derive(Debug, Clone)]
pub struct WrappedCopy<'a> {
    /// HPKE encapsulated key, 65 bytes.
    pub enc: &'a [u8],
    /// HPKE ciphertext, 48 bytes.
    pub ct: &'a [u8],
    /// HPKE `info`.
    pub info: Vec<u8>,
    /// HPKE `aad`.
    pub aad: [u8; 32],
}

impl<'a> WrappedCopy<'a> {
    /// The copy for this recipient, out of a header whose signature was checked.
    pub fn of(header: &'a PartHeader, kid: Kid) -> Result<Self, KeyError> {
        Self::among(&header.keys, kid, info(header.id(), header.key_check))
    }

    /// The copy for this recipient among those of one place.
    pub(crate) fn among(keys: &'a [WrappedKey], kid: Kid, info: Vec<u8>) -> Result<Self, KeyError> {
        let copy = keys.iter().find(|copy| copy.kid == kid).ok_or(KeyError::NotForYou)?;
        Ok(Self { enc: &copy.enc.0, ct: &copy.ct.0, info, aad: kid.0 })
    }
}

/// The secret side of a recipient: a resident device's KEM key, or the printed recovery key.
#[derive(Clone)]
pub struct KemSecret(<DhP256HkdfSha256 as Kem>::PrivateKey);

impl KemSecret {
    /// From a P-256 scalar, 32 bytes big-endian. `None` for the few values that are none.
    pub fn from_scalar(scalar: &[u8; 32]) -> Option<Self> {
        <DhP256HkdfSha256 as Kem>::PrivateKey::from_bytes(scalar).ok().map(Self)
    }

    /// From 32 random bytes, such as those printed on the recovery sheet (RFC 9180 DeriveKeyPair).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(DhP256HkdfSha256::derive_keypair(seed).0)
    }

    /// The public key as rosters hold it: uncompressed SEC1, 65 bytes.
    pub fn public(&self) -> Vec<u8> {
        DhP256HkdfSha256::sk_to_pk(&self.0).to_bytes().to_vec()
    }

    /// Takes the part key out of a header whose signature was checked.
    pub fn unwrap(&self, kid: Kid, header: &PartHeader) -> Result<PartKey, KeyError> {
        self.unwrap_copy(&WrappedCopy::of(header, kid)?, header.key_check)
    }

    /// Takes a key out of its copy; no other than the promised one.
    pub fn unwrap_copy(&self, copy: &WrappedCopy<'_>, key_check: Hash) -> Result<PartKey, KeyError> {
        let plain = self.opened(copy.enc, &copy.info, &copy.aad, copy.ct)?;
        let key = PartKey(plain.try_into().map_err(|_| KeyError::DoesNotOpen)?);
        if key.check() == key_check { Ok(key) } else { Err(KeyError::OtherKey) }
    }

    /// Opens what [`seal_to`] sealed for this key and this purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (enc, ct) = sealed.split_at_checked(KEM_PUBLIC_BYTES).ok_or(KeyError::DoesNotOpen)?;
        self.opened(enc, purpose.as_bytes(), b"", ct)
    }

    fn opened(&self, enc: &[u8], info: &[u8], aad: &[u8], ct: &[u8]) -> Result<Vec<u8>, KeyError> {
        let enc =
            <DhP256HkdfSha256 as Kem>::EncappedKey::from_bytes(enc).map_err(|_| KeyError::DoesNotOpen)?;
        let mut context = hpke::setup_receiver::<AesGcm256, HkdfSha256, DhP256HkdfSha256>(
            &OpModeR::Base,
            &self.0,
            &enc,
            info,
        )
        .map_err(|_| KeyError::DoesNotOpen)?;
        context.open(ct, aad).map_err(|_| KeyError::DoesNotOpen)
    }
}

impl fmt::Debug for KemSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KemSecret(not shown)")
    }
}

fn info(part: PartId, key_check: Hash) -> Vec<u8> {
    let mut out = Vec::from(*b"vestibule/1/recording_key\0");
    out.extend_from_slice(&part.to_bytes());
    out.extend_from_slice(&key_check.0);
    out
}

/// Stretches a random seed into the bytes that HPKE draws for its ephemeral key.
struct Seeded {
    seed: [u8; 32],
    drawn: u64,
}

impl Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for block in out.chunks_mut(Hash::LEN) {
            let bytes = Hash::of("recording_key_wrap", &[&self.seed, &self.drawn.to_be_bytes()]).0;
            self.drawn = self.drawn.saturating_add(1);
            for (slot, byte) in block.iter_mut().zip(bytes) {
                *slot = byte;
            }
        }
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::bytes::RecordingId;

    const PART: PartId = PartId { recording: RecordingId([1; 16]), number: 2 };

    fn header(keys: Vec<WrappedKey>, key: &PartKey) -> PartHeader {
        PartHeader {
            recording: PART.recording,
            visit: protocol::bytes::VisitId([3; 16]),
            part: PART.number,
            camera: "hall".into(),
            recorder: Kid([4; 32]),
            started_ms: 5,
            prev: Hash::ZERO,
            key_check: key.check(),
            keys,
        }
    }

    fn recipient(secret: &KemSecret, kid: u8) -> Recipient {
        Recipient { kid: Kid([kid; 32]), kem: Blob(secret.public()) }
    }

    #[test]
    fn every_recipient_unwraps_the_same_key_and_nobody_else_does() {
        let phone = KemSecret::from_scalar(&[7; 32]).unwrap();
        let recovery = KemSecret::from_seed(&[8; 32]);
        let key = PartKey::from_entropy(&[9; 32]);
        let keys = [(&phone, 1), (&recovery, 2)]
            .map(|(secret, kid)| wrap(&key, PART, &recipient(secret, kid), [kid; 32]).unwrap());
        let header = header(keys.to_vec(), &key);

        assert_eq!(phone.unwrap(Kid([1; 32]), &header), Ok(key.clone()));
        assert_eq!(recovery.unwrap(Kid([2; 32]), &header), Ok(key));
        assert_eq!(phone.unwrap(Kid([2; 32]), &header), Err(KeyError::DoesNotOpen));
        assert_eq!(phone.unwrap(Kid([3; 32]), &header), Err(KeyError::NotForYou));
    }

    #[test]
    fn a_copy_opens_in_its_own_place_only() {
        let phone = KemSecret::from_seed(&[7; 32]);
        let key = PartKey::from_entropy(&[9; 32]);
        let good = header(alloc::vec![wrap(&key, PART, &recipient(&phone, 1), [6; 32]).unwrap()], &key);
        let kid = Kid([1; 32]);
        assert!(phone.unwrap(kid, &good).is_ok());

        let moved = PartHeader { part: 3, ..good.clone() };
        assert_eq!(phone.unwrap(kid, &moved), Err(KeyError::DoesNotOpen));
        let moved = PartHeader { recording: RecordingId([2; 16]), ..good.clone() };
        assert_eq!(phone.unwrap(kid, &moved), Err(KeyError::DoesNotOpen));
        let mut renamed = good.clone();
        renamed.keys[0].kid = Kid([2; 32]);
        assert_eq!(phone.unwrap(Kid([2; 32]), &renamed), Err(KeyError::DoesNotOpen));
        let other = PartHeader { key_check: Hash([0; 32]), ..good };
        assert_eq!(phone.unwrap(kid, &other), Err(KeyError::DoesNotOpen));
    }

    #[test]
    fn a_public_key_off_the_curve_is_refused() {
        let key = PartKey::from_entropy(&[9; 32]);
        let nobody = Recipient { kid: Kid([1; 32]), kem: Blob(alloc::vec![4; 65]) };
        assert_eq!(wrap(&key, PART, &nobody, [6; 32]), Err(KeyError::BadRecipient));
    }
}
