//! Decoding that accepts exactly one encoding of every value.
//!
//! Libraries accept non-minimal integers, indefinite lengths, unordered, repeated and unknown keys. So: decode
//! into the type, encode again, and require the same bytes (RFC 8949 section 4.2).

use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// Why bytes are not a message. The vectors in `spec/vectors/bad` name these by [`Malformed::code`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// Longer than the limit of its slot.
    Oversized,
    /// Not CBOR, cut short, or not of this type's shape.
    Shape,
    /// Bytes after the end of the value.
    TrailingBytes,
    /// Another encoding of the value exists that the rules require.
    NotCanonical,
    /// The unprotected header is not the empty map.
    UnprotectedHeader,
    /// The protected header is not exactly algorithm and key identifier.
    ProtectedHeader,
    /// Well-formed, but a field breaks a rule of its type. Names the rule.
    Rule(&'static str),
}

impl Malformed {
    /// Stable name for vectors, logs and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Oversized => "oversized",
            Self::Shape => "shape",
            Self::TrailingBytes => "trailing_bytes",
            Self::NotCanonical => "not_canonical",
            Self::UnprotectedHeader => "unprotected_header",
            Self::ProtectedHeader => "protected_header",
            Self::Rule(_) => "rule",
        }
    }
}

impl core::fmt::Display for Malformed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Oversized => f.write_str("the message is longer than its slot allows"),
            Self::Shape => f.write_str("the bytes are not a message of this type"),
            Self::TrailingBytes => f.write_str("bytes follow after the end of the message"),
            Self::NotCanonical => f.write_str("the message is not in its one canonical encoding"),
            Self::UnprotectedHeader => f.write_str("the unprotected header is not empty"),
            Self::ProtectedHeader => f.write_str("the protected header is not exactly algorithm and key"),
            Self::Rule(rule) => write!(f, "a field breaks a rule: {rule}"),
        }
    }
}

impl core::error::Error for Malformed {}

/// Encodes a value. Types of this crate encode to the canonical form by construction.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to memory cannot fail, and no type of this crate reports an encoding error.
    let _infallible = minicbor::encode(value, &mut out);
    out
}

/// Decodes a value whose bytes must be canonical and end where the value ends.
pub fn decode<'b, T: Decode<'b, ()> + Encode<()>>(bytes: &'b [u8], limit: usize) -> Result<T, Malformed> {
    if bytes.len() > limit {
        return Err(Malformed::Oversized);
    }
    let mut decoder = minicbor::Decoder::new(bytes);
    let value: T = decoder.decode().map_err(|_| Malformed::Shape)?;
    if decoder.position() != bytes.len() {
        return Err(Malformed::TrailingBytes);
    }
    if encode(&value) != bytes {
        return Err(Malformed::NotCanonical);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_one_encoding_only() {
        assert_eq!(decode::<u32>(&[0x05], 8), Ok(5));
        assert_eq!(decode::<u32>(&[0x18, 0x05], 8), Err(Malformed::NotCanonical));
        assert_eq!(decode::<u32>(&[0x05, 0x00], 8), Err(Malformed::TrailingBytes));
        assert_eq!(decode::<u32>(&[0x18], 8), Err(Malformed::Shape));
        assert_eq!(decode::<u32>(&[0x05; 9], 8), Err(Malformed::Oversized));
    }
}
