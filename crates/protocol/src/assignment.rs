//! An assignment: the provider's signed statement that this visitor's device carries these errands.
//!
//! Nothing in it depends on the grant, so the resident can sign last, even with the courier at the door.

use crate::bytes::{AssignmentId, DoorId, TourId};
use crate::canonical::Malformed;
use crate::commitment::Commitment;
use crate::envelope::Message;
use crate::grant::{check_attributes, check_errands, check_name};
use crate::key::{Credential, Kid};
use crate::time::Window;
use alloc::string::String;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// Signed by a working key that a [`crate::delegation::Delegation`] names.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Assignment {
    /// Its name.
    #[n(0)]
    pub id: AssignmentId,
    /// The one door it is for.
    #[n(1)]
    pub door: DoorId,
    /// Thumbprint of the provider's root key.
    #[n(2)]
    pub provider: Kid,
    /// Service that the errands belong to, such as `delivery`.
    #[n(3)]
    pub service: String,
    /// What the visitor carries for this door; ascending.
    #[n(4)]
    pub errands: Vec<Commitment>,
    /// The visitor's device.
    #[n(5)]
    pub cnf: Credential,
    /// The tour it belongs to.
    #[n(6)]
    pub tour: TourId,
    /// What the provider attests of the person; ascending.
    #[n(7)]
    pub attributes: Vec<String>,
    /// When it counts.
    #[n(8)]
    pub window: Window,
}

impl Message for Assignment {
    const TYPE: &'static str = "assignment";

    fn check(&self) -> Result<(), Malformed> {
        check_name(&self.service)?;
        check_errands(&self.errands)?;
        check_attributes(&self.attributes)?;
        self.cnf.check()?;
        self.window.check()
    }
}
