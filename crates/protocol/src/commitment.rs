//! An errand that can be named without being told: a salted hash of what the label says.

use crate::bytes::{Hash, Salt};
use crate::limits::SCAN_BYTES_MAX;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// Commits to one consignment, or one appointment. Salted, since tracking numbers can be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Commitment(#[n(0)] pub Hash);

/// What opens a commitment: the salt from the tour, and the text scanned from the label.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Opening {
    /// 16 random bytes, chosen by the provider.
    #[n(0)]
    pub salt: Salt,
    /// Label text, normalised: ASCII, upper case, no spaces. At most [`SCAN_BYTES_MAX`] bytes.
    #[n(1)]
    pub scan: Scan,
}

impl Opening {
    /// The commitment that this opens.
    pub fn commitment(&self) -> Commitment {
        Commitment(Hash::of("commitment", &[&self.salt.0, &self.scan.0.0]))
    }
}

/// The normalised text of a label.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Scan(#[n(0)] pub crate::bytes::Blob);

impl Scan {
    /// Normalises what a scanner or a person typed: drops spaces, raises letters.
    /// `None` if nothing is left, something is not printable ASCII, or it is too long.
    pub fn from_label(text: &str) -> Option<Self> {
        let text: Vec<u8> =
            text.bytes().filter(|b| !b.is_ascii_whitespace()).map(|b| b.to_ascii_uppercase()).collect();
        let scan = Self(crate::bytes::Blob(text));
        scan.is_normal().then_some(scan)
    }

    /// True if [`Scan::from_label`] would have produced it.
    pub fn is_normal(&self) -> bool {
        let Self(crate::bytes::Blob(text)) = self;
        (1..=SCAN_BYTES_MAX).contains(&text.len())
            && text.iter().all(|b| b.is_ascii_graphic() && !b.is_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_and_scanning_name_the_same_parcel() {
        assert_eq!(Scan::from_label("rr 123 456 785 de"), Scan::from_label("RR123456785DE"));
        assert_eq!(Scan::from_label(" \t "), None);
        assert_eq!(Scan::from_label("päckchen"), None);
        assert_eq!(Scan::from_label(&"9".repeat(97)), None);
    }

    #[test]
    fn another_salt_or_scan_opens_nothing() {
        let opening =
            |salt: u8, scan| Opening { salt: Salt([salt; 16]), scan: Scan::from_label(scan).unwrap() };
        let commitment = opening(1, "RR123456785DE").commitment();
        assert_eq!(opening(1, "rr123456785de").commitment(), commitment);
        assert_ne!(opening(2, "RR123456785DE").commitment(), commitment);
        assert_ne!(opening(1, "RR123456799DE").commitment(), commitment);
    }
}
