//! Bytes as text, as they stand in the cloud's JSON.

use crate::trouble::Trouble;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::bytes::Blob;

/// base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// From base64url; names the argument if it is none.
pub fn decode(name: &'static str, text: &str) -> Result<Vec<u8>, Trouble> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Trouble::argument(name, "is not base64url"))
}

/// A list of base64url texts.
pub fn decode_all(name: &'static str, texts: &[String]) -> Result<Vec<Blob>, Trouble> {
    texts.iter().map(|text| decode(name, text).map(Blob)).collect()
}

/// Exactly as many random bytes as asked for.
pub fn random<const N: usize>(name: &'static str, bytes: &[u8]) -> Result<[u8; N], Trouble> {
    bytes.try_into().map_err(|_| Trouble::argument(name, &format!("must be {N} random bytes")))
}

/// An identifier or hash in hexadecimal.
pub fn hex<T>(name: &'static str, from: impl FnOnce(&str) -> Option<T>, text: &str) -> Result<T, Trouble> {
    from(text).ok_or_else(|| Trouble::argument(name, "is not an identifier in hexadecimal"))
}

/// Seconds of the protocol as JavaScript's numbers: exact for the next 285 million years.
#[expect(clippy::cast_precision_loss, reason = "below 2^53")]
pub fn number(value: u64) -> f64 {
    value.min(1 << 53) as f64
}
