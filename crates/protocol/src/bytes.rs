//! Identifiers and hashes of fixed length, one type per meaning.

use core::fmt;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use sha2::{Digest, Sha256};

macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// Takes exactly [`Self::LEN`] bytes; `None` for any other length.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// Reads lower- or upper-case hexadecimal of exactly twice [`Self::LEN`] digits.
            pub fn from_hex(text: &str) -> Option<Self> {
                let mut out = [0; $len];
                $crate::bytes::decode_hex(text, &mut out).then_some(Self(out))
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let position = d.position();
                Self::from_slice(d.bytes()?).ok_or_else(|| {
                    minicbor::decode::Error::message(concat!(stringify!($name), " has another length")).at(position)
                })
            }
        }
    };
}

fixed_bytes!(
    /// SHA-256 of a typed value; see [`Hash::of`].
    Hash, 32);
fixed_bytes!(
    /// One home: a roster, one hub.
    HomeId, 16);
fixed_bytes!(
    /// One door of a home.
    DoorId, 16);
fixed_bytes!(
    /// What the sticker at the door says. Stops the wrong flat; it can be copied and proves no presence.
    DoorTag, 16);
fixed_bytes!(
    /// One grant, for revocation.
    GrantId, 16);
fixed_bytes!(
    /// One assignment.
    AssignmentId, 16);
fixed_bytes!(
    /// One visitor's tour.
    TourId, 16);
fixed_bytes!(
    /// One visit, chosen by the visitor's device as the arrival's id.
    VisitId, 16);
fixed_bytes!(
    /// One start of a hub.
    BootId, 16);
fixed_bytes!(
    /// One recording: all parts that belong to one visit.
    RecordingId, 16);
fixed_bytes!(
    /// Fresh random bytes.
    Nonce, 16);
fixed_bytes!(
    /// Random bytes that keep a commitment from being guessed.
    Salt, 16);

impl Hash {
    /// All zero: the predecessor of the first element of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// SHA-256 of `kind`, one zero byte, then the parts in order. The kind keeps a hash of one meaning from
    /// being taken for another.
    pub fn of(kind: &str, parts: &[&[u8]]) -> Self {
        let mut sha = Sha256::new();
        sha.update(kind.as_bytes());
        sha.update([0]);
        for part in parts {
            sha.update(part);
        }
        Self(sha.finalize().into())
    }
}

pub(crate) fn decode_hex(text: &str, out: &mut [u8]) -> bool {
    if text.len() != out.len().saturating_mul(2) {
        return false;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
    text.as_bytes().chunks(2).zip(out.iter_mut()).all(|(pair, slot)| match pair {
        [high, low] => match (digit(high), digit(low)) {
            (Some(high), Some(low)) => {
                *slot = (high << 4) | low;
                true
            }
            (_, _) => false,
        },
        _ => false,
    })
}

/// A byte string of any length, encoded as CBOR bytes.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Blob(pub alloc::vec::Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl<C> Encode<C> for Blob {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Blob {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Ok(Self(d.bytes()?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn hex_goes_both_ways_and_refuses_other_lengths() {
        let id = DoorId([0xa5; 16]);
        assert_eq!(DoorId::from_hex(&id.to_string()), Some(id));
        assert_eq!(DoorId::from_hex("a5"), None);
        assert_eq!(DoorId::from_hex("zz000000000000000000000000000000"), None);
    }

    #[test]
    fn the_kind_is_part_of_the_hash() {
        assert_ne!(Hash::of("grant", &[b"x"]), Hash::of("assignment", &[b"x"]));
        assert_ne!(Hash::of("a", &[b"b"]), Hash::of("ab", &[b""]));
    }
}
