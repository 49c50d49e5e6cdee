//! The bytes of a chunk: one frame, sealed.
//!
//! ```text
//! part file = { length (u32, big-endian) || chunk }*
//! chunk     = kind (1) || sequence (u64) || captured_ms (u64) || prev (32) || ciphertext || tag (16)
//!             \______________________ header, 49 bytes ______________________/     big-endian throughout
//!
//! key       = the part's key                                  AES-256-GCM
//! nonce     = 0x00000000 || sequence (u64)
//! aad       = "vestibule/1/chunk" || 0x00 || recording (16) || part (u32) || header
//! hash      = SHA-256("chunk" || 0x00 || recording (16) || part (u32) || chunk)
//! prev      = hash of the chunk before; of chunk 0: H(part header)
//! ```
//!
//! | kind | plaintext |
//! |---|---|
//! | 0 init | width (u16), height (u16), timescale (u32), avcC |
//! | 1 keyframe, 2 delta | one AVCC access unit (4-byte lengths) |
//! | 3 gap | from_ms (u64), to_ms (u64), reason (1) |
//! | 4 mark | hash of a door event (32) |
//! | 5 final | nothing |
//!
//! Chunk 0 and no other is init; final is the last; capture times never go back.

use crate::header::PartId;
use crate::limits;
use crate::verify::Broken;
use alloc::vec::Vec;
use protocol::Hash;

/// Bytes of a chunk's header.
pub const HEADER_BYTES: usize = 49;
/// Bytes of the authentication tag.
pub const TAG_BYTES: usize = 16;
/// Bytes of the length in front of a chunk in a part file.
pub const LENGTH_BYTES: usize = 4;

/// What a chunk holds. Readable without the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Decoder configuration.
    Init,
    /// A frame that decodes on its own: a watcher can join here.
    Keyframe,
    /// A frame that needs those before it.
    Delta,
    /// A statement that frames are missing.
    Gap,
    /// A statement that a door event happened here.
    Mark,
    /// The end of the part.
    Final,
}

impl Kind {
    const fn to_byte(self) -> u8 {
        match self {
            Self::Init => 0,
            Self::Keyframe => 1,
            Self::Delta => 2,
            Self::Gap => 3,
            Self::Mark => 4,
            Self::Final => 5,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Init,
            1 => Self::Keyframe,
            2 => Self::Delta,
            3 => Self::Gap,
            4 => Self::Mark,
            5 => Self::Final,
            _ => return None,
        })
    }

    /// True for keyframes and deltas.
    pub const fn is_frame(self) -> bool {
        matches!(self, Self::Keyframe | Self::Delta)
    }
}

/// What a player must know before the first frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// Picture width in pixels.
    pub width: u16,
    /// Picture height in pixels.
    pub height: u16,
    /// Media ticks per second, at least 1.
    pub timescale: u32,
    /// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3).
    pub avcc: Vec<u8>,
}

/// Frames are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Capture time of the last frame before.
    pub from_ms: u64,
    /// When pictures were there again.
    pub to_ms: u64,
    /// Why.
    pub reason: GapReason,
}

/// Why frames are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapReason {
    /// The camera was connected and delivered nothing.
    NoFrame,
    /// The connection to the camera was lost.
    Disconnected,
    /// The camera delivered something that cannot be recorded.
    Unusable,
}

impl GapReason {
    const fn to_byte(self) -> u8 {
        match self {
            Self::NoFrame => 0,
            Self::Disconnected => 1,
            Self::Unusable => 2,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::NoFrame,
            1 => Self::Disconnected,
            2 => Self::Unusable,
            _ => return None,
        })
    }
}

/// What a chunk says once it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Decoder configuration.
    Init(Init),
    /// An AVCC access unit that decodes on its own.
    Keyframe(Vec<u8>),
    /// An AVCC access unit that needs those before it.
    Delta(Vec<u8>),
    /// Frames are missing.
    Gap(Gap),
    /// H(door event).
    Mark(Hash),
    /// The end of the part.
    Final,
}

impl Content {
    /// The kind that stands in the header.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Init(_) => Kind::Init,
            Self::Keyframe(_) => Kind::Keyframe,
            Self::Delta(_) => Kind::Delta,
            Self::Gap(_) => Kind::Gap,
            Self::Mark(_) => Kind::Mark,
            Self::Final => Kind::Final,
        }
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Init(init) => {
                out.extend_from_slice(&init.width.to_be_bytes());
                out.extend_from_slice(&init.height.to_be_bytes());
                out.extend_from_slice(&init.timescale.to_be_bytes());
                out.extend_from_slice(&init.avcc);
            }
            Self::Keyframe(unit) | Self::Delta(unit) => out.extend_from_slice(unit),
            Self::Gap(gap) => {
                out.extend_from_slice(&gap.from_ms.to_be_bytes());
                out.extend_from_slice(&gap.to_ms.to_be_bytes());
                out.push(gap.reason.to_byte());
            }
            Self::Mark(event) => out.extend_from_slice(&event.0),
            Self::Final => {}
        }
    }

    pub(crate) fn read(kind: Kind, plain: Vec<u8>) -> Option<Self> {
        match kind {
            Kind::Init => {
                let mut fields = Fields(&plain);
                let (width, height) =
                    (u16::from_be_bytes(fields.take()?), u16::from_be_bytes(fields.take()?));
                let timescale = u32::from_be_bytes(fields.take()?);
                let init = Init { width, height, timescale, avcc: fields.0.into() };
                init.is_valid().then_some(Self::Init(init))
            }
            Kind::Keyframe => Some(Self::Keyframe(plain)),
            Kind::Delta => Some(Self::Delta(plain)),
            Kind::Gap => {
                let mut fields = Fields(&plain);
                let (from, to) = (fields.take()?, fields.take()?);
                let [reason] = fields.take()?;
                let (from_ms, to_ms) = (u64::from_be_bytes(from), u64::from_be_bytes(to));
                let gap = Gap { from_ms, to_ms, reason: GapReason::from_byte(reason)? };
                (fields.0.is_empty() && from_ms <= to_ms).then_some(Self::Gap(gap))
            }
            Kind::Mark => Hash::from_slice(&plain).map(Self::Mark),
            Kind::Final => plain.is_empty().then_some(Self::Final),
        }
    }
}

impl Init {
    pub(crate) fn is_valid(&self) -> bool {
        self.timescale >= 1 && (7..=limits::AVCC_BYTES_MAX).contains(&self.avcc.len())
    }
}

/// A chunk as it lies in a part file: readable header, sealed content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk<'b> {
    /// What it holds.
    pub kind: Kind,
    /// Its number in the part, from 0.
    pub sequence: u64,
    /// When the frame was captured, milliseconds since 1970 on the home's clock.
    pub captured_ms: u64,
    /// Hash of the chunk before.
    pub prev: Hash,
    /// Ciphertext and tag.
    pub sealed: &'b [u8],
    /// All bytes of the chunk.
    pub bytes: &'b [u8],
}

impl<'b> Chunk<'b> {
    /// Reads a chunk without opening it.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, Broken> {
        if bytes.len() > limits::CHUNK_BYTES_MAX {
            return Err(Broken::Shape);
        }
        Self::read(bytes).ok_or(Broken::Shape)
    }

    fn read(bytes: &'b [u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        let [kind] = fields.take()?;
        let chunk = Self {
            kind: Kind::from_byte(kind)?,
            sequence: u64::from_be_bytes(fields.take()?),
            captured_ms: u64::from_be_bytes(fields.take()?),
            prev: Hash(fields.take()?),
            sealed: fields.0,
            bytes,
        };
        (chunk.sealed.len() >= TAG_BYTES).then_some(chunk)
    }

    /// The link to the next chunk.
    pub fn hash(&self, part: PartId) -> Hash {
        Hash::of("chunk", &[&part.to_bytes(), self.bytes])
    }

    pub(crate) fn header(&self) -> [u8; HEADER_BYTES] {
        header(self.kind, self.sequence, self.captured_ms, self.prev)
    }
}

pub(crate) fn header(kind: Kind, sequence: u64, captured_ms: u64, prev: Hash) -> [u8; HEADER_BYTES] {
    let mut out = [0; HEADER_BYTES];
    let fields = core::iter::once(kind.to_byte())
        .chain(sequence.to_be_bytes())
        .chain(captured_ms.to_be_bytes())
        .chain(prev.0);
    for (slot, byte) in out.iter_mut().zip(fields) {
        *slot = byte;
    }
    out
}

pub(crate) fn nonce(sequence: u64) -> [u8; 12] {
    let mut out = [0; 12];
    let (_, counter) = out.split_at_mut(4);
    counter.copy_from_slice(&sequence.to_be_bytes());
    out
}

pub(crate) fn aad(part: PartId, header: &[u8; HEADER_BYTES]) -> Vec<u8> {
    let mut out = Vec::from(*b"vestibule/1/chunk\0");
    out.extend_from_slice(&part.to_bytes());
    out.extend_from_slice(header);
    out
}

/// A chunk as a part file holds it: its length, then its bytes.
pub fn write_record(chunk: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(chunk);
}

/// Walks over the chunks of a part file. Ends after the first record that is not whole.
#[derive(Debug, Clone)]
pub struct Records<'b>(&'b [u8]);

impl<'b> Records<'b> {
    /// Over the bytes of a part file.
    pub const fn new(file: &'b [u8]) -> Self {
        Self(file)
    }
}

impl<'b> Iterator for Records<'b> {
    type Item = Result<Chunk<'b>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let mut fields = Fields(core::mem::take(&mut self.0));
        let Some(length) = fields.take() else { return Some(Err(Broken::Torn)) };
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let Some((chunk, rest)) = fields.0.split_at_checked(length) else { return Some(Err(Broken::Torn)) };
        self.0 = rest;
        Some(Chunk::parse(chunk))
    }
}

/// Takes fields of fixed length from the front.
struct Fields<'b>(&'b [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }
}
