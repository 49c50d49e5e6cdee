//! How a record lies in the file, and how a file is read back. Pure: bytes in, records out.
//!
//! ```text
//! file   = "vestibule-jrnl" version:u16 frame*
//! frame  = length:u32 crc:u32 sequence:u64 synced:u64 payload[length]     ; little-endian
//! ```
//! `crc` is CRC-32C over everything else in the frame. `synced` is the sequence number below which all records were
//! durable when the frame was written. It is what tells a torn tail from damage: a frame may be missing only while
//! no later frame says that it was safe. A frame of length 0 is a *seal*: it carries no record, only a newer
//! `synced`, and its sequence number is that of the record to come.

use crate::limits::RECORD_BYTES_MAX;

/// Format that this hub writes and reads.
pub(super) const VERSION: u16 = 1;
const MAGIC: &[u8; 14] = b"vestibule-jrnl";
/// Bytes before the first frame.
pub(super) const FILE_HEADER_BYTES: usize = 16;
/// Bytes of a frame before its payload.
pub(super) const FRAME_HEADER_BYTES: usize = 24;

/// What a file begins with.
pub(super) fn file_header() -> [u8; FILE_HEADER_BYTES] {
    let mut header = [0; FILE_HEADER_BYTES];
    header[..MAGIC.len()].copy_from_slice(MAGIC);
    header[MAGIC.len()..].copy_from_slice(&VERSION.to_le_bytes());
    header
}

/// What the first bytes of a file say about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// Nothing in it, or a header that was cut off while being written.
    Unborn,
    /// A journal of our version.
    Ours,
    /// A journal of another version.
    Version(u16),
    /// Something else.
    Foreign,
}

/// Reads the file header.
pub(super) fn start(bytes: &[u8]) -> Start {
    let header = file_header();
    if bytes.starts_with(&header) {
        return Start::Ours;
    }
    // Lost sectors read as zeros. No frame is written before the header is synced, so more bytes mean more than that.
    let torn = bytes.iter().zip(&header).all(|(have, want)| have == want || *have == 0);
    if bytes.len() <= header.len() && torn {
        return Start::Unborn;
    }
    match bytes.get(MAGIC.len()..FILE_HEADER_BYTES).map(<[u8; 2]>::try_from) {
        Some(Ok(version)) if bytes.starts_with(MAGIC) => Start::Version(u16::from_le_bytes(version)),
        _ => Start::Foreign,
    }
}

/// One frame as bytes. The caller has checked the length.
pub(super) fn encode(sequence: u64, synced: u64, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
    let (sequence, synced) = (sequence.to_le_bytes(), synced.to_le_bytes());
    let crc = checksum(&[&length, &sequence, &synced, payload]).to_le_bytes();
    [&length[..], &crc, &sequence, &synced, payload].concat()
}

fn checksum(parts: &[&[u8]]) -> u32 {
    parts.iter().fold(0, |crc, part| crc32c::crc32c_append(crc, part))
}

struct Frame<'a> {
    sequence: u64,
    synced: u64,
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (crc, rest) = rest.split_first_chunk::<4>()?;
        let (sequence, rest) = rest.split_first_chunk::<8>()?;
        let (synced, rest) = rest.split_first_chunk::<8>()?;
        let size = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|n| *n <= RECORD_BYTES_MAX)?;
        let payload = rest.get(..size)?;
        (checksum(&[length, sequence, synced, payload]) == u32::from_le_bytes(*crc)).then(|| Self {
            sequence: u64::from_le_bytes(*sequence),
            synced: u64::from_le_bytes(*synced),
            payload,
        })
    }
}

/// What a file holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contents {
    /// Payloads in order; the place is the sequence number.
    pub(super) records: Vec<Vec<u8>>,
    /// Where the good frames end.
    pub(super) end: usize,
}

/// A record that was safe is not there any more, or something is there that was never written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damaged {
    /// First byte that is not what was written.
    pub(super) offset: usize,
    /// Sequence number of the record that should begin there.
    pub(super) sequence: u64,
}

/// Reads all frames of a file that starts as ours. Bytes behind [`Contents::end`] are a torn tail.
pub(super) fn replay(bytes: &[u8]) -> Result<Contents, Damaged> {
    let mut records = Vec::new();
    let mut end = FILE_HEADER_BYTES;
    loop {
        let rest = bytes.get(end..).unwrap_or_default();
        let sequence = records.len() as u64;
        let Some(frame) = Frame::decode(rest) else {
            return if safe_once(rest, sequence) {
                Err(Damaged { offset: end, sequence })
            } else {
                Ok(Contents { records, end })
            };
        };
        if frame.sequence != sequence || frame.synced > sequence {
            return Err(Damaged { offset: end, sequence });
        }
        end += FRAME_HEADER_BYTES + frame.payload.len();
        if !frame.payload.is_empty() {
            records.push(frame.payload.to_vec());
        }
    }
}

/// True if a whole frame in `rest`, wherever it begins, says that record `sequence` was durable.
fn safe_once(rest: &[u8], sequence: u64) -> bool {
    // Before the costly checksum: numbers that this file could hold at all.
    let frames_max = sequence.saturating_add((rest.len() / FRAME_HEADER_BYTES) as u64);
    (1..rest.len()).any(|at| {
        let bytes = &rest[at..];
        let synced = bytes.get(16..24).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
        synced > sequence && synced <= frames_max && Frame::decode(bytes).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(frames: &[Vec<u8>]) -> Vec<u8> {
        [file_header().to_vec(), frames.concat()].concat()
    }

    #[test]
    fn tells_a_torn_tail_from_damage() {
        let (a, b) = (encode(0, 0, b"burned use"), encode(1, 1, b"next"));
        let whole = file(&[a.clone(), b]);
        assert_eq!(replay(&whole).unwrap().records.len(), 2);

        let mut torn = whole.clone();
        torn.truncate(whole.len() - 1);
        let contents = replay(&torn).unwrap();
        assert_eq!((contents.records.len(), contents.end), (1, 16 + a.len()));

        let mut damaged = whole;
        damaged[16 + FRAME_HEADER_BYTES] ^= 1;
        assert_eq!(replay(&damaged), Err(Damaged { offset: 16, sequence: 0 }));
    }

    #[test]
    fn a_lost_frame_before_a_surviving_one_is_a_torn_tail_if_neither_was_synced() {
        let mut bytes = file(&[encode(0, 0, b"lost"), encode(1, 0, b"reordered in front")]);
        bytes[16..16 + FRAME_HEADER_BYTES + 4].fill(0);
        assert_eq!(replay(&bytes), Ok(Contents { records: vec![], end: 16 }));
    }

    #[test]
    fn damage_to_the_last_synced_record_shows_through_the_seal() {
        let mut bytes = file(&[encode(0, 0, b"burned use"), encode(1, 1, b"")]);
        bytes[16 + FRAME_HEADER_BYTES] ^= 1;
        assert_eq!(replay(&bytes), Err(Damaged { offset: 16, sequence: 0 }));
    }

    #[test]
    fn a_removed_frame_is_damage() {
        let bytes = file(&[encode(0, 0, b"a"), encode(2, 2, b"c")]);
        assert_eq!(replay(&bytes), Err(Damaged { offset: 16 + FRAME_HEADER_BYTES + 1, sequence: 1 }));
    }

    #[test]
    fn knows_its_own_header() {
        assert_eq!(start(b""), Start::Unborn);
        assert_eq!(start(b"vestib"), Start::Unborn);
        assert_eq!(start(&[0; 16]), Start::Unborn);
        assert_eq!(start(&[0; 17]), Start::Foreign);
        assert_eq!(start(b"SQLite format 3\0"), Start::Foreign);
        assert_eq!(start(b"vestibule-jrnl\x02\x00..."), Start::Version(2));
        assert_eq!(start(&file_header()), Start::Ours);
    }
}
