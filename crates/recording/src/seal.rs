//! Writing a part: frames go in, sealed chunks come out, each under its predecessor.

use crate::chunk::{self, Chunk, Content, Gap, Init};
use crate::header::{PartHeader, PartId};
use crate::key::{self, KeyError, PartKey, Recipient};
use crate::limits;
use crate::manifest::PartEntry;
use crate::verify::Chain;
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Payload};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use protocol::bytes::VisitId;
use protocol::canonical::Malformed;
use protocol::{DeviceKey, Hash, Signed};

/// What a part needs to begin.
#[derive(Debug)]
pub struct Beginning<'a> {
    /// Which part.
    pub part: PartId,
    /// The visit that it shows.
    pub visit: VisitId,
    /// What people call the camera.
    pub camera: String,
    /// Hash of the last chunk of the part before; zero for part 0.
    pub prev: Hash,
    /// Capture time of the first frame, milliseconds since 1970.
    pub started_ms: u64,
    /// Who may watch, in any order.
    pub recipients: &'a [Recipient],
}

/// A sealed chunk, ready for disk and wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its number in the part.
    pub sequence: u64,
    /// True if a watcher can join here.
    pub joinable: bool,
    /// Its hash.
    pub hash: Hash,
    /// The chunk, without the length that part files put in front.
    pub bytes: Vec<u8>,
}

/// Why something could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealError {
    /// The header breaks a rule, such as too many recipients.
    Header(Malformed),
    /// A key could not be wrapped to a recipient.
    Key(KeyError),
    /// The decoder configuration is empty or larger than any real one.
    BadInit,
    /// The frame is larger than a chunk may be.
    FrameTooLarge,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(why) => write!(f, "the part header is not valid: {why}"),
            Self::Key(why) => write!(f, "the key cannot be wrapped: {why}"),
            Self::BadInit => f.write_str("the decoder configuration is not valid"),
            Self::FrameTooLarge => f.write_str("the frame is larger than a chunk may be"),
        }
    }
}

impl core::error::Error for SealError {}

/// A part that grows. Drops its key when it is finished or dropped; after that nobody at home can read it.
pub struct PartSealer {
    cipher: Aes256Gcm,
    chain: Chain,
}

impl PartSealer {
    /// Begins a part: its signed header, and chunk 0 with the decoder configuration.
    ///
    /// `entropy` must be 32 fresh random bytes: the key and the wrapping come from it.
    pub fn begin(
        beginning: Beginning<'_>,
        init: &Init,
        entropy: &[u8; 32],
        recorder: &DeviceKey,
    ) -> Result<(Signed<PartHeader>, Self, Sealed), SealError> {
        if !init.is_valid() {
            return Err(SealError::BadInit);
        }
        let key = PartKey::from_entropy(entropy);
        let mut keys = Vec::new();
        for recipient in beginning.recipients {
            let seed = Hash::of("recording_key_seed", &[entropy, &recipient.kid.0]).0;
            keys.push(key::wrap(&key, beginning.part, recipient, seed).map_err(SealError::Key)?);
        }
        keys.sort_by_key(|copy| copy.kid);
        let header = PartHeader {
            recording: beginning.part.recording,
            visit: beginning.visit,
            part: beginning.part.number,
            camera: beginning.camera,
            recorder: recorder.kid(),
            started_ms: beginning.started_ms,
            prev: beginning.prev,
            key_check: key.check(),
            keys,
        };
        let header = Signed::sign(header, recorder).map_err(SealError::Header)?;
        let mut sealer = Self { cipher: key.cipher(), chain: Chain::of(&header) };
        let first = sealer.seal(beginning.started_ms, &Content::Init(init.clone()))?;
        Ok((header, sealer, first))
    }

    /// Seals one access unit. A capture time before that of the chunk before is raised to it.
    pub fn frame(&mut self, captured_ms: u64, is_keyframe: bool, unit: Vec<u8>) -> Result<Sealed, SealError> {
        let content = if is_keyframe { Content::Keyframe(unit) } else { Content::Delta(unit) };
        self.seal(captured_ms, &content)
    }

    /// States that frames are missing, up to now.
    pub fn gap(&mut self, gap: Gap) -> Result<Sealed, SealError> {
        self.seal(gap.to_ms, &Content::Gap(gap))
    }

    /// States that a door event happened now.
    pub fn mark(&mut self, at_ms: u64, event: Hash) -> Result<Sealed, SealError> {
        self.seal(at_ms, &Content::Mark(event))
    }

    /// Ends the part.
    pub fn finish(mut self, at_ms: u64) -> Result<(Sealed, PartEntry), SealError> {
        let last = self.seal(at_ms, &Content::Final)?;
        Ok((last, self.chain.entry()))
    }

    /// Which part.
    pub const fn part(&self) -> PartId {
        self.chain.part()
    }

    /// Number and hash of the newest chunk.
    pub const fn head(&self) -> (u64, Hash) {
        self.chain.head()
    }

    fn seal(&mut self, captured_ms: u64, content: &Content) -> Result<Sealed, SealError> {
        let part = self.chain.part();
        let (sequence, prev) = self.chain.next();
        let captured_ms = captured_ms.max(self.chain.last_ms());
        let header = chunk::header(content.kind(), sequence, captured_ms, prev);
        let mut plain = Vec::new();
        content.write(&mut plain);
        let payload = Payload { msg: &plain, aad: &chunk::aad(part, &header) };
        let sealed = self
            .cipher
            .encrypt(&chunk::nonce(sequence).into(), payload)
            .map_err(|_| SealError::FrameTooLarge)?;
        let mut bytes = Vec::with_capacity(header.len().saturating_add(sealed.len()));
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&sealed);
        if bytes.len() > limits::CHUNK_BYTES_MAX {
            return Err(SealError::FrameTooLarge);
        }
        let chunk = Chunk::parse(&bytes).map_err(|_| SealError::FrameTooLarge)?;
        let hash = self.chain.push(&chunk).map_err(|_| SealError::FrameTooLarge)?;
        let joinable = chunk.kind == chunk::Kind::Keyframe;
        Ok(Sealed { sequence, joinable, hash, bytes })
    }
}

impl fmt::Debug for PartSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartSealer({:?}, key not shown)", self.chain)
    }
}
