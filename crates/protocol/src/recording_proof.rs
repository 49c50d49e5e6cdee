//! A recording proof: the recorder signs that it is recording, up to this frame, for this challenge.

use crate::bytes::{DoorId, Hash, RecordingId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::time::Monotonic;
use minicbor::{Decode, Encode};

/// Signed by a recorder key that the roster names.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecordingProof {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// H(challenge) before the opening, H(intent event) during the passage.
    #[n(1)]
    pub answers: Hash,
    /// H(grant).
    #[n(2)]
    pub grant: Hash,
    /// The recording that grows.
    #[n(3)]
    pub recording: RecordingId,
    /// Hash of its newest chunk.
    #[n(4)]
    pub chain_head: Hash,
    /// Number of that chunk; grows with every frame.
    #[n(5)]
    pub frame: u64,
    /// When that frame arrived, on the home's monotonic clock.
    #[n(6)]
    pub captured: Monotonic,
}

impl Message for RecordingProof {
    const TYPE: &'static str = "recording_proof";

    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
