//! A manifest: what a finished recording consists of, signed by the recorder, so that nothing can be left out.

use crate::header::rule;
use crate::limits;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use protocol::bytes::{RecordingId, VisitId};
use protocol::canonical::Malformed;
use protocol::{Hash, Message};

/// All parts of one recording, in order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// The recording.
    #[n(0)]
    pub recording: RecordingId,
    /// The visit that it shows.
    #[n(1)]
    pub visit: VisitId,
    /// Its parts. None means that the camera never delivered a picture: also a statement.
    #[n(2)]
    pub parts: Vec<PartEntry>,
}

/// One part as the recorder left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PartEntry {
    /// H(part header).
    #[n(0)]
    pub header: Hash,
    /// How many chunks.
    #[n(1)]
    pub chunks: u64,
    /// Hash of the last one.
    #[n(2)]
    pub head: Hash,
    /// Capture time of the first chunk, milliseconds since 1970.
    #[n(3)]
    pub first_ms: u64,
    /// Capture time of the last chunk, milliseconds since 1970.
    #[n(4)]
    pub last_ms: u64,
    /// How many of the chunks state a gap.
    #[n(5)]
    pub gaps: u32,
    /// Whether the part ends with a final chunk. False after a crash or a power cut.
    #[n(6)]
    pub closed: bool,
}

impl Message for Manifest {
    const TYPE: &'static str = "manifest";

    fn check(&self) -> Result<(), Malformed> {
        rule(self.parts.len() <= limits::PARTS_MAX, "a recording has at most 32 parts")?;
        rule(self.parts.iter().all(|part| part.chunks >= 1), "a part has at least one chunk")?;
        rule(self.parts.iter().all(|part| part.first_ms <= part.last_ms), "a part ends after it begins")
    }
}
