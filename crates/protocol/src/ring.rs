//! A ring: the visitor's device says "here, and no permission of this home carries my errand yet; please ask". Opens
//! nothing, and starts no camera: no permission names one.

use crate::bytes::{DoorId, DoorTag, Hash, VisitId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use minicbor::{Decode, Encode};

/// Signed by the visitor's device, the assignment's `cnf`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ring {
    /// Names the visit from here on; random. An arrival under it goes on with the same visit.
    #[n(0)]
    pub visit: VisitId,
    /// The door.
    #[n(1)]
    pub door: DoorId,
    /// What the sticker says.
    #[n(2)]
    pub door_tag: DoorTag,
    /// H(assignment): what the visitor comes for.
    #[n(3)]
    pub assignment: Hash,
}

impl Message for Ring {
    const TYPE: &'static str = "ring";

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
