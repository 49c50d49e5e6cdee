//! A part: what one camera delivered between one start of its recorder and the next. Own key, own chain.

use crate::key::{KEM_PUBLIC_BYTES, WRAPPED_BYTES, WrappedKey};
use crate::limits;
use alloc::string::String;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use protocol::bytes::{RecordingId, VisitId};
use protocol::canonical::Malformed;
use protocol::{Hash, Kid, Message};

/// Names a part. Goes into every chunk's authenticated data and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId {
    /// The recording.
    pub recording: RecordingId,
    /// Number of the part in it, from 0.
    pub number: u32,
}

impl PartId {
    /// Recording (16), then the number as u32, big-endian.
    pub(crate) fn to_bytes(self) -> [u8; 20] {
        let mut out = [0; 20];
        let (recording, number) = out.split_at_mut(RecordingId::LEN);
        recording.copy_from_slice(&self.recording.0);
        number.copy_from_slice(&self.number.to_be_bytes());
        out
    }
}

/// What a part is, signed by the recorder before the first frame.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PartHeader {
    /// The recording.
    #[n(0)]
    pub recording: RecordingId,
    /// The visit that it shows.
    #[n(1)]
    pub visit: VisitId,
    /// Number of the part, from 0.
    #[n(2)]
    pub part: u32,
    /// What people call the camera.
    #[n(3)]
    pub camera: String,
    /// Who records: the signer of this header.
    #[n(4)]
    pub recorder: Kid,
    /// Capture time of the first frame, milliseconds since 1970 on the home's clock.
    #[n(5)]
    pub started_ms: u64,
    /// Hash of the last chunk of the part before; zero for part 0.
    #[n(6)]
    pub prev: Hash,
    /// H(key).
    #[n(7)]
    pub key_check: Hash,
    /// The key for everyone who may watch; ascending by key identifier.
    #[n(8)]
    pub keys: Vec<WrappedKey>,
}

impl PartHeader {
    /// Which part this is.
    pub const fn id(&self) -> PartId {
        PartId { recording: self.recording, number: self.part }
    }
}

impl Message for PartHeader {
    const TYPE: &'static str = "part_header";

    fn check(&self) -> Result<(), Malformed> {
        let number = usize::try_from(self.part).unwrap_or(usize::MAX);
        rule(number < limits::PARTS_MAX, "a recording has at most 32 parts")?;
        rule((self.part == 0) == (self.prev == Hash::ZERO), "exactly part 0 has no predecessor")?;
        rule(
            (1..=protocol::limits::NAME_BYTES_MAX).contains(&self.camera.len()),
            "a camera's name has 1 to 64 bytes",
        )?;
        rule(!self.camera.chars().any(char::is_control), "a camera's name has no control characters")?;
        rule((1..=limits::RECIPIENTS_MAX).contains(&self.keys.len()), "1 to 16 recipients")?;
        rule(self.keys.is_sorted_by(|a, b| a.kid < b.kid), "recipients ascend by key without repeats")?;
        rule(
            self.keys.iter().all(|k| k.enc.0.len() == KEM_PUBLIC_BYTES && k.ct.0.len() == WRAPPED_BYTES),
            "a wrapped key has 65 and 48 bytes",
        )
    }
}

pub(crate) const fn rule(holds: bool, what: &'static str) -> Result<(), Malformed> {
    if holds { Ok(()) } else { Err(Malformed::Rule(what)) }
}
