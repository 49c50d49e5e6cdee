//! A farewell: the visitor's device says that the visit is over, and how.

use crate::bytes::{DoorId, VisitId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::grant::rule;
use crate::limits::ERRANDS_MAX;
use minicbor::{Decode, Encode};

/// Signed by the visitor's device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Farewell {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// The visit.
    #[n(1)]
    pub visit: VisitId,
    /// How many parcels are inside.
    #[n(2)]
    pub parcels: u32,
}

impl Message for Farewell {
    const TYPE: &'static str = "farewell";

    fn check(&self) -> Result<(), Malformed> {
        rule(usize::try_from(self.parcels).is_ok_and(|n| n <= ERRANDS_MAX), "at most 32 parcels")
    }
}
