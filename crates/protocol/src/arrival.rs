//! An arrival: the visitor's device says "here". Starts the recording and earns challenges; opens nothing.

use crate::bytes::{DoorId, DoorTag, Hash, VisitId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use minicbor::{Decode, Encode};

/// Signed by the visitor's device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Arrival {
    /// Names the visit from here on; random.
    #[n(0)]
    pub visit: VisitId,
    /// The door.
    #[n(1)]
    pub door: DoorId,
    /// What the sticker says.
    #[n(2)]
    pub door_tag: DoorTag,
    /// H(grant).
    #[n(3)]
    pub grant: Hash,
    /// H(assignment); absent for a guest.
    #[n(4)]
    pub assignment: Option<Hash>,
}

impl Message for Arrival {
    const TYPE: &'static str = "arrival";

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
