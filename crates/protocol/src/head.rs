//! A head: the door says how far its log reaches, over a resident's nonce, so that a frozen log shows.

use crate::bytes::{DoorId, Hash, Nonce};
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::time::Interval;
use minicbor::{Decode, Encode};

/// Signed by the door.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Head {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// The resident's nonce.
    #[n(1)]
    pub nonce: Nonce,
    /// Counter of the newest event.
    #[n(2)]
    pub counter: u64,
    /// H(newest event).
    #[n(3)]
    pub event: Hash,
    /// When the door said so.
    #[n(4)]
    pub at: Interval,
    /// Bolt thrown and door closed, by both sensors; absent if unknown.
    #[n(5)]
    pub secured: Option<bool>,
    /// What a look must answer: the door's own fresh nonce, good for one look.
    #[n(6)]
    pub look: Nonce,
}

impl Message for Head {
    const TYPE: &'static str = "head";

    fn check(&self) -> Result<(), Malformed> {
        self.at.check()
    }
}
