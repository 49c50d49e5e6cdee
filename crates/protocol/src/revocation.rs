//! A revocation list: what a home must no longer honour. Cumulative; each list replaces the one before.

use crate::bytes::{DoorId, GrantId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::grant::rule;
use crate::key::Kid;
use crate::limits::REVOKED_MAX;
use crate::time::Timestamp;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// Signed by a resident. Any resident may add; only an owner may take away.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Revocation {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// Grows with every list; a home never goes back.
    #[n(1)]
    pub sequence: u64,
    /// When the resident signed.
    #[n(2)]
    pub issued: Timestamp,
    /// True stops every visit: the resident's "block".
    #[n(3)]
    pub blocked: bool,
    /// Grants; ascending.
    #[n(4)]
    pub grants: Vec<GrantId>,
    /// Providers' root or working keys; ascending.
    #[n(5)]
    pub providers: Vec<Kid>,
    /// Visitors' devices; ascending.
    #[n(6)]
    pub devices: Vec<Kid>,
}

impl Revocation {
    /// True if everything that `earlier` stops is still stopped.
    pub fn covers(&self, earlier: &Self) -> bool {
        (self.blocked || !earlier.blocked)
            && earlier.grants.iter().all(|id| self.grants.binary_search(id).is_ok())
            && earlier.providers.iter().all(|kid| self.providers.binary_search(kid).is_ok())
            && earlier.devices.iter().all(|kid| self.devices.binary_search(kid).is_ok())
    }
}

impl Message for Revocation {
    const TYPE: &'static str = "revocation";

    fn check(&self) -> Result<(), Malformed> {
        rule(self.sequence >= 1, "sequence starts at 1")?;
        rule(
            self.grants.len() <= REVOKED_MAX
                && self.providers.len() <= REVOKED_MAX
                && self.devices.len() <= REVOKED_MAX,
            "at most 32 of each kind",
        )?;
        rule(
            self.grants.is_sorted_by(|a, b| a < b)
                && self.providers.is_sorted_by(|a, b| a < b)
                && self.devices.is_sorted_by(|a, b| a < b),
            "lists ascend without repeats",
        )
    }
}
