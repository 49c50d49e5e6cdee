//! A resident's word during a visit.

use crate::bytes::{DoorId, VisitId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use minicbor::{Decode, Encode};

/// Signed by a resident's device; counts for one visit, and *stop* for every visit under its grant in that window.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Answer {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// The visit.
    #[n(1)]
    pub visit: VisitId,
    /// What the resident says.
    #[n(2)]
    pub word: Word,
}

/// What a resident can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Word {
    /// Open as the terms allow, though someone is home.
    #[n(0)]
    Allow,
    /// No opening in this visit, nor in another one under its grant in this window. Moves no bolt towards a person.
    #[n(1)]
    Stop,
    /// "I'm coming": the visitor waits.
    #[n(2)]
    Coming,
}

impl Message for Answer {
    const TYPE: &'static str = "answer";

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
