//! A look: a resident asks to see what a camera sees, outside a visit, for a minute. Opens nothing, and nothing of it
//! is kept.

use crate::bytes::{Blob, DoorId, Nonce, RecordingId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::grant::rule;
use crate::key::Kid;
use crate::limits::KEM_BYTES;
use crate::{Hash, Signed};
use minicbor::{Decode, Encode};

/// Signed by an owner's or member's key.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Look {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// The camera: its recorder's key.
    #[n(1)]
    pub camera: Kid,
    /// What the door's signed head said that a look must answer; good for one.
    #[n(2)]
    pub nonce: Nonce,
    /// HPKE public key (P-256, uncompressed SEC1, 65 bytes) to which the picture's key is wrapped, and to nothing else.
    /// Made for this look: once its page forgets the secret, nothing opens what was sent.
    #[n(3)]
    pub kem: Blob,
}

impl Message for Look {
    const TYPE: &'static str = "look";

    fn check(&self) -> Result<(), Malformed> {
        rule(self.kem.0.len() == KEM_BYTES, "kem is 65 bytes")
    }
}

/// Names the stream that shows a look: the first 16 bytes of H(look).
pub fn stream(look: Hash) -> RecordingId {
    let mut id = [0; RecordingId::LEN];
    id.iter_mut().zip(look.0).for_each(|(to, from)| *to = from);
    RecordingId(id)
}

impl Signed<Look> {
    /// Names the stream that shows it.
    pub fn stream(&self) -> RecordingId {
        stream(self.hash())
    }
}
