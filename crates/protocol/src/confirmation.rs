//! A confirmation: a second device of the home says that a pending grant is meant.
//!
//! The first grant to a provider or holder that the home has never seen waits ten minutes, so that a page that
//! lied about what it signed can be caught. This ends the wait.

use crate::bytes::{DoorId, Hash};
use crate::canonical::Malformed;
use crate::envelope::Message;
use minicbor::{Decode, Encode};

/// Signed by a resident's device other than the one that signed the grant.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Confirmation {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// H(grant).
    #[n(1)]
    pub grant: Hash,
}

impl Message for Confirmation {
    const TYPE: &'static str = "confirmation";

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
