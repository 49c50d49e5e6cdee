//! A revocation list: what a home must no longer honour. Cumulative; each list replaces the one before.

use crate::bytes::{DoorId, GrantId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::grant::rule;
use crate::key::Kid;
use crate::limits::{REVOCATION_LEAP_MAX, REVOKED_MAX};
use crate::roster::Rank;
use crate::time::Timestamp;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// Signed by a resident. Owners, members and companions may add; only an owner may take away.
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

    /// True if a key of this rank may put this list in place of `present`, or make it the first.
    pub fn may_follow(&self, present: Option<&Self>, signer: Rank) -> bool {
        let leap = self.sequence.saturating_sub(present.map_or(0, |list| list.sequence));
        let only_adds = present.is_none_or(|list| self.covers(list));
        leap > 0
            && match signer {
                Rank::Owner => true,
                Rank::Member => only_adds,
                // The last sequence there is would keep every later *no* out.
                Rank::Companion => only_adds && leap <= REVOCATION_LEAP_MAX,
                Rank::Recovery => false,
            }
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
