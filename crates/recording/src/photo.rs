//! A photo of where a parcel was left: sealed by the courier's handset to the household's keys, opened by theirs.
//!
//! ```text
//! photo   {0: door, 1: assignment, 2: key_check, 3: [copy of the key, ...], 4: AES-256-GCM(key, nonce 0, jpeg)}
//! copy    as of a recording's part: {0: kid of the recipient's HPKE key itself, 1: enc, 2: ct}
//! info    "vestibule/1/photo_key" || 0x00 || door (16) || assignment (32) || key_check (32)
//! aad     of a copy its kid (32); of the photo "vestibule/1/photo" || 0x00 || door (16) || assignment (32)
//! ```
//!
//! The handset has nobody's word but the cloud's that these keys are the household's. So it names each key by the key's own
//! thumbprint, and signs the hash of the whole: whoever put in a key of their own is seen by every resident's device, which
//! knows the household's keys from signed rosters. The nonce is zero, for a key seals once.

use crate::header::rule;
use crate::jpeg;
use crate::key::{
    self, KEM_PUBLIC_BYTES, KeyError, PartKey, Recipient, WRAPPED_BYTES, WrappedCopy, WrappedKey,
};
use crate::limits;
use aes_gcm::aead::{Aead, Payload};
use alloc::vec::Vec;
use core::fmt;
use minicbor::{Decode, Encode};
use protocol::bytes::{Blob, DoorId};
use protocol::canonical::{self, Malformed};
use protocol::limits::PHOTO_BYTES_MAX;
use protocol::{Credential, Hash, Kid, PublicKey};

/// A sealed photo.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Photo {
    /// The door at which nobody went in.
    #[n(0)]
    pub door: DoorId,
    /// H(assignment): the stop.
    #[n(1)]
    pub assignment: Hash,
    /// H(key).
    #[n(2)]
    pub key_check: Hash,
    /// The key for everyone who may see it; ascending by key identifier.
    #[n(3)]
    pub keys: Vec<WrappedKey>,
    /// The sealed JPEG.
    #[n(4)]
    pub sealed: Blob,
}

/// Why a photo cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoError {
    /// No JPEG of at most 1,280 pixels a side.
    NotAPhoto,
    /// Larger than a sealed photo may be.
    TooLarge,
    /// Nobody who could open it, or more than a household has keys.
    Recipients,
    /// Not the form of a sealed photo.
    Malformed(Malformed),
    /// The key is another, or something was changed.
    DoesNotOpen,
    /// It opens, and carries something beside the picture.
    NotBare,
}

impl PhotoError {
    /// Stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAPhoto => "photo_not_a_picture",
            Self::TooLarge => "photo_too_large",
            Self::Recipients => "photo_recipients",
            Self::Malformed(_) | Self::DoesNotOpen | Self::NotBare => "photo_damaged",
        }
    }
}

impl fmt::Display for PhotoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPhoto => {
                f.write_str("this is no JPEG of at most 1280 pixels a side; take another picture")
            }
            Self::TooLarge => {
                write!(f, "a sealed photo has at most {PHOTO_BYTES_MAX} bytes; make it smaller")
            }
            Self::Recipients => write!(f, "a photo is sealed to 1 to {} keys", limits::RECIPIENTS_MAX),
            Self::Malformed(why) => write!(f, "this is no sealed photo: {why}"),
            Self::DoesNotOpen => f.write_str("the photo does not open with this key"),
            Self::NotBare => f.write_str("what was sealed carries something beside the picture, or is none"),
        }
    }
}

impl core::error::Error for PhotoError {}

impl Photo {
    /// Seals a JPEG to these HPKE keys (uncompressed SEC1), without anything in it that is not the picture. `entropy` must be
    /// 32 fresh random bytes: the key and the wrapping come from it.
    pub fn seal(
        door: DoorId,
        assignment: Hash,
        picture: &[u8],
        kems: &[Blob],
        entropy: &[u8; 32],
    ) -> Result<Vec<u8>, PhotoError> {
        let picture = jpeg::bare(picture).ok_or(PhotoError::NotAPhoto)?;
        let key = PartKey::from_entropy(entropy);
        let mut photo =
            Self { door, assignment, key_check: key.check(), keys: Vec::new(), sealed: Blob(Vec::new()) };
        if kems.len() > limits::RECIPIENTS_MAX {
            return Err(PhotoError::Recipients);
        }
        for kem in kems {
            let Some(kid) = kid_of(&kem.0) else { continue };
            let seed = Hash::of("photo_key_seed", &[entropy, &kid.0]).0;
            let recipient = Recipient { kid, kem: kem.clone() };
            // What is no key gets no copy, as with recordings.
            photo.keys.extend(key::wrap_in(&key, &photo.info(), &recipient, seed));
        }
        photo.keys.sort_by_key(|copy| copy.kid);
        photo.keys.dedup_by_key(|copy| copy.kid);
        photo.check().map_err(|_| PhotoError::Recipients)?;
        let payload = Payload { msg: &picture, aad: &photo.aad() };
        let sealed = key.cipher().encrypt(&[0; 12].into(), payload);
        photo.sealed = Blob(sealed.map_err(|_| PhotoError::TooLarge)?);
        let bytes = canonical::encode(&photo);
        if bytes.len() > PHOTO_BYTES_MAX { Err(PhotoError::TooLarge) } else { Ok(bytes) }
    }

    /// Reads a sealed photo. Proves nothing: its hash must stand in a report that was checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, PhotoError> {
        let photo: Self = canonical::decode(bytes, PHOTO_BYTES_MAX).map_err(PhotoError::Malformed)?;
        photo.check().map_err(PhotoError::Malformed)?;
        Ok(photo)
    }

    fn check(&self) -> Result<(), Malformed> {
        rule((1..=limits::RECIPIENTS_MAX).contains(&self.keys.len()), "1 to 16 recipients")?;
        rule(self.keys.is_sorted_by(|a, b| a.kid < b.kid), "recipients ascend by key without repeats")?;
        rule(
            self.keys.iter().all(|k| k.enc.0.len() == KEM_PUBLIC_BYTES && k.ct.0.len() == WRAPPED_BYTES),
            "a wrapped key has 65 and 48 bytes",
        )
    }

    /// The copy for the holder of this HPKE key (uncompressed SEC1).
    pub fn copy_for(&self, kem: &[u8]) -> Result<WrappedCopy<'_>, KeyError> {
        let kid = kid_of(kem).ok_or(KeyError::NotForYou)?;
        WrappedCopy::among(&self.keys, kid, self.info())
    }

    /// The picture, and nothing beside it.
    pub fn open(&self, key: &PartKey) -> Result<Vec<u8>, PhotoError> {
        if key.check() != self.key_check {
            return Err(PhotoError::DoesNotOpen);
        }
        let payload = Payload { msg: &self.sealed.0, aad: &self.aad() };
        let plain = key.cipher().decrypt(&[0; 12].into(), payload).map_err(|_| PhotoError::DoesNotOpen)?;
        if jpeg::bare(&plain).as_ref() == Some(&plain) { Ok(plain) } else { Err(PhotoError::NotBare) }
    }

    fn place(&self, purpose: &[u8]) -> Vec<u8> {
        [purpose, &self.door.0, &self.assignment.0].concat()
    }

    fn info(&self) -> Vec<u8> {
        let mut info = self.place(b"vestibule/1/photo_key\0");
        info.extend_from_slice(&self.key_check.0);
        info
    }

    fn aad(&self) -> Vec<u8> {
        self.place(b"vestibule/1/photo\0")
    }
}

/// The thumbprint of an HPKE key itself, whoever holds it. None if it has not the form of a point of P-256.
pub fn kid_of(kem: &[u8]) -> Option<Kid> {
    PublicKey::from_sec1(kem).map(|key| Credential::device(key).kid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KemSecret;

    const DOOR: DoorId = DoorId([7; 16]);
    const STOP: Hash = Hash([3; 32]);

    fn secret(seed: u8) -> KemSecret {
        KemSecret::from_seed(&[seed; 32])
    }

    fn kems(seeds: &[u8]) -> Vec<Blob> {
        seeds.iter().map(|seed| Blob(secret(*seed).public())).collect()
    }

    fn opened(photo: &Photo, by: &KemSecret) -> Result<Vec<u8>, &'static str> {
        let copy = photo.copy_for(&by.public()).map_err(KeyError::code)?;
        let key = by.unwrap_copy(&copy, photo.key_check).map_err(KeyError::code)?;
        photo.open(&key).map_err(PhotoError::code)
    }

    #[test]
    fn each_recipient_sees_the_picture_and_nobody_else_does() {
        let picture = jpeg::tests::plain();
        let sealed = Photo::seal(DOOR, STOP, &picture, &kems(&[2, 1, 2]), &[9; 32]).unwrap();
        assert!(!sealed.windows(8).any(|bytes| bytes == &picture[..8]));
        let photo = Photo::parse(&sealed).unwrap();
        assert_eq!(photo.keys.len(), 2, "a key that was named twice gets one copy");
        for seed in [1, 2] {
            assert_eq!(opened(&photo, &secret(seed)), Ok(picture.clone()));
        }
        assert_eq!(opened(&photo, &secret(3)), Err("not_for_you"));
        let kid = kid_of(&secret(3).public()).unwrap();
        assert!(photo.keys.iter().all(|copy| copy.kid != kid));
    }

    #[test]
    fn a_photo_opens_in_its_own_place_only_and_as_it_was_sealed() {
        let sealed = Photo::seal(DOOR, STOP, &jpeg::tests::plain(), &kems(&[1]), &[9; 32]).unwrap();
        let good = Photo::parse(&sealed).unwrap();
        let key =
            secret(1).unwrap_copy(&good.copy_for(&secret(1).public()).unwrap(), good.key_check).unwrap();
        for moved in [
            Photo { door: DoorId([8; 16]), ..good.clone() },
            Photo { assignment: Hash([4; 32]), ..good.clone() },
        ] {
            assert_eq!(opened(&moved, &secret(1)), Err("does_not_open"));
            assert_eq!(moved.open(&key), Err(PhotoError::DoesNotOpen));
        }
        let mut changed = good.clone();
        changed.sealed.0[5] ^= 1;
        assert_eq!(changed.open(&key), Err(PhotoError::DoesNotOpen));
        assert_eq!(good.open(&PartKey::from_bytes([0; 32])), Err(PhotoError::DoesNotOpen));
    }

    #[test]
    fn what_is_sealed_is_bare_and_what_is_not_is_not_shown() {
        let mut told = jpeg::tests::plain();
        told.splice(2..2, *b"\xFF\xE1\x00\x0FExif\0\0GPS: 52");
        let sealed = Photo::seal(DOOR, STOP, &told, &kems(&[1]), &[9; 32]).unwrap();
        let photo = Photo::parse(&sealed).unwrap();
        assert_eq!(opened(&photo, &secret(1)), Ok(jpeg::tests::plain()));

        // A handset of somebody else's making seals what it likes.
        let key = PartKey::from_entropy(&[9; 32]);
        let payload = Payload { msg: &told, aad: &photo.aad() };
        let forged = key.cipher().encrypt(&[0; 12].into(), payload).unwrap();
        let forged = Photo { sealed: Blob(forged), ..photo };
        assert_eq!(forged.open(&key), Err(PhotoError::NotBare));
    }

    #[test]
    fn recipients_size_and_form_are_bounded() {
        let picture = jpeg::tests::plain();
        let seal = |kems: &[Blob]| Photo::seal(DOOR, STOP, &picture, kems, &[9; 32]);
        assert_eq!(seal(&[]), Err(PhotoError::Recipients));
        let many: Vec<u8> = (1..=17).collect();
        assert_eq!(seal(&kems(&many)), Err(PhotoError::Recipients));
        assert!(seal(&kems(&many[..16])).is_ok());
        let nobody = Blob(alloc::vec![4; 65]);
        assert_eq!(
            seal(core::slice::from_ref(&nobody)),
            Err(PhotoError::Recipients),
            "a point off the curve"
        );
        let sealed = seal(&[nobody, kems(&[1])[0].clone()]).unwrap();
        assert_eq!(Photo::parse(&sealed).unwrap().keys.len(), 1);
        assert_eq!(Photo::seal(DOOR, STOP, b"text", &kems(&[1]), &[9; 32]), Err(PhotoError::NotAPhoto));
        let mut large = picture.clone();
        let end = large.len() - 2;
        large.splice(end..end, core::iter::repeat_n(1, PHOTO_BYTES_MAX));
        assert_eq!(Photo::seal(DOOR, STOP, &large, &kems(&[1]), &[9; 32]), Err(PhotoError::TooLarge));

        let sealed = seal(&kems(&[1, 2])).unwrap();
        let mut photo = Photo::parse(&sealed).unwrap();
        photo.keys.reverse();
        assert!(matches!(Photo::parse(&canonical::encode(&photo)), Err(PhotoError::Malformed(_))));
        photo.keys.clear();
        assert!(matches!(Photo::parse(&canonical::encode(&photo)), Err(PhotoError::Malformed(_))));
        assert!(Photo::parse(&[&sealed[..], &[0]].concat()).is_err());
    }
}
