//! A challenge: the door's fresh nonce, signed by the door, bound to one arrival.

use crate::bytes::{BootId, DoorId, Hash, Nonce, VisitId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use minicbor::{Decode, Encode};

/// Lives 30 seconds on the home's monotonic clock and is consumed by the first authentic presentation.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Challenge {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// Fresh random bytes.
    #[n(1)]
    pub nonce: Nonce,
    /// The hub's start: a challenge does not outlive it.
    #[n(2)]
    pub boot: BootId,
    /// Counts challenges within one boot.
    #[n(3)]
    pub counter: u64,
    /// The visit that it belongs to.
    #[n(4)]
    pub visit: VisitId,
    /// Head of the door log, so that the visitor's device holds the home to its history.
    #[n(5)]
    pub door_log_head: Hash,
}

impl Message for Challenge {
    const TYPE: &'static str = "challenge";

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
