//! A presentation: the visitor's device signs the challenge, the scans, and the papers they belong to.

use crate::bytes::Hash;
use crate::canonical::Malformed;
use crate::commitment::Opening;
use crate::envelope::Message;
use crate::grant::rule;
use crate::limits;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// Signed by the key in the assignment's, or the guest grant's, `cnf`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Presentation {
    /// H(challenge): binds door, boot, visit and freshness.
    #[n(0)]
    pub challenge: Hash,
    /// H(grant).
    #[n(1)]
    pub grant: Hash,
    /// H(assignment); absent for a guest.
    #[n(2)]
    pub assignment: Option<Hash>,
    /// One per scanned parcel; each opens another errand. Empty for a guest.
    #[n(3)]
    pub opens: Vec<Opening>,
}

impl Message for Presentation {
    const TYPE: &'static str = "presentation";

    fn check(&self) -> Result<(), Malformed> {
        rule(self.opens.len() <= limits::ERRANDS_MAX, "at most 32 scans")?;
        rule(self.opens.iter().all(|opening| opening.scan.is_normal()), "a scan is 1 to 96 normal characters")
    }
}
