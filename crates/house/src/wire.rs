//! The camera's wire: what it writes to a client, and how a client reads it.
//!
//! On connect a header: `VCAM1`, then u16 width, u16 height, u16 frames per second, u16 length and the
//! AVCDecoderConfigurationRecord. Then frames: u32 length of the rest, u8 flags (bit 0: random access point),
//! u64 unix ms of capture, u32 time in 1/90000 s, and the NAL units of one access unit, each after its u32
//! length. All numbers are big-endian.
//!
//! The parsers never panic: they say "more bytes", or what is wrong.

use thiserror::Error;

const MAGIC: &[u8; 5] = b"VCAM1";
const HEADER_BYTES: usize = 13;
const FRAME_HEAD_BYTES: usize = 13;
/// Longest decoder configuration that is believed; a real one has about 40 bytes.
pub const AVCC_BYTES_MAX: usize = 1_024;
/// Longest frame that is believed; a key frame of 720p has about 100 kB.
pub const FRAME_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// What a camera says on connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Width of the picture, in pixels.
    pub width: u16,
    /// Height of the picture, in pixels.
    pub height: u16,
    /// Frames per second.
    pub fps: u16,
    /// AVCDecoderConfigurationRecord (ISO/IEC 14496-15).
    pub avcc: Vec<u8>,
}

/// One access unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whether decoding can begin here.
    pub random_access: bool,
    /// When it was captured, in ms since 1970 UTC.
    pub capture_unix_ms: u64,
    /// The camera's own clock, in 1/90000 s, wrapping.
    pub rtp_90khz: u32,
    /// NAL units, each after its length as u32.
    pub nal_units: Vec<u8>,
}

/// Why bytes are not from a camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WireError {
    /// The header does not begin with `VCAM1`.
    #[error("not a camera stream: it does not begin with VCAM1")]
    Magic,
    /// Width, height or rate is zero.
    #[error("the header has a width, height or rate of zero")]
    Zero,
    /// The decoder configuration has no or too many bytes.
    #[error("the decoder configuration has {0} bytes; 1 to {AVCC_BYTES_MAX} are allowed")]
    AvccLength(usize),
    /// A frame is shorter than its head or longer than allowed.
    #[error("a frame has {0} bytes; {FRAME_HEAD_BYTES} to {FRAME_BYTES_MAX} are allowed")]
    FrameLength(usize),
    /// A flag that is not defined is set.
    #[error("a frame has the unknown flags {0:#04x}")]
    Flags(u8),
    /// The lengths of the NAL units do not add up to the frame.
    #[error("the lengths of the NAL units do not add up to the frame")]
    NalUnits,
}

/// Reads a header. `None`: more bytes are needed; otherwise also how many bytes it took.
pub fn parse_header(bytes: &[u8]) -> Result<Option<(Header, usize)>, WireError> {
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(WireError::Magic);
    }
    let mut rest = Reader(bytes.get(MAGIC.len()..).unwrap_or_default());
    let (Some(width), Some(height), Some(fps), Some(length)) =
        (rest.u16(), rest.u16(), rest.u16(), rest.u16())
    else {
        return Ok(None);
    };
    if width == 0 || height == 0 || fps == 0 {
        return Err(WireError::Zero);
    }
    let length = usize::from(length);
    if length == 0 || length > AVCC_BYTES_MAX {
        return Err(WireError::AvccLength(length));
    }
    let Some(avcc) = rest.take(length) else { return Ok(None) };
    Ok(Some((Header { width, height, fps, avcc: avcc.to_vec() }, HEADER_BYTES + length)))
}

/// Reads a frame. `None`: more bytes are needed; otherwise also how many bytes it took.
pub fn parse_frame(bytes: &[u8]) -> Result<Option<(Frame, usize)>, WireError> {
    let mut rest = Reader(bytes);
    let Some(length) = rest.u32() else { return Ok(None) };
    let length = length as usize;
    if !(FRAME_HEAD_BYTES..=FRAME_BYTES_MAX).contains(&length) {
        return Err(WireError::FrameLength(length));
    }
    let Some(body) = rest.take(length) else { return Ok(None) };
    let mut body = Reader(body);
    let (Some(flags), Some(capture_unix_ms), Some(rtp_90khz)) = (body.u8(), body.u64(), body.u32()) else {
        return Err(WireError::FrameLength(length));
    };
    if flags & !1 != 0 {
        return Err(WireError::Flags(flags));
    }
    let nal_units = body.0.to_vec();
    while !body.0.is_empty() {
        let nal = body.u32().and_then(|nal| body.take(nal as usize));
        if nal.is_none_or(<[u8]>::is_empty) {
            return Err(WireError::NalUnits);
        }
    }
    Ok(Some((Frame { random_access: flags & 1 == 1, capture_unix_ms, rtp_90khz, nal_units }, 4 + length)))
}

impl Header {
    /// As bytes on the wire.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        let wrong = WireError::AvccLength(self.avcc.len());
        let length = u16::try_from(self.avcc.len()).map_err(|_| wrong)?;
        if self.avcc.is_empty() || self.avcc.len() > AVCC_BYTES_MAX {
            return Err(wrong);
        }
        let mut bytes = MAGIC.to_vec();
        for number in [self.width, self.height, self.fps, length] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(&self.avcc);
        Ok(bytes)
    }
}

impl Frame {
    /// As bytes on the wire.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WireError> {
        let length = FRAME_HEAD_BYTES + self.nal_units.len();
        let wire_length = u32::try_from(length).map_err(|_| WireError::FrameLength(length))?;
        if length > FRAME_BYTES_MAX {
            return Err(WireError::FrameLength(length));
        }
        let mut bytes = Vec::with_capacity(4 + length);
        bytes.extend(wire_length.to_be_bytes());
        bytes.push(u8::from(self.random_access));
        bytes.extend(self.capture_unix_ms.to_be_bytes());
        bytes.extend(self.rtp_90khz.to_be_bytes());
        bytes.extend(&self.nal_units);
        Ok(bytes)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Header, WireError, parse_frame, parse_header};

    fn header() -> Header {
        Header { width: 1280, height: 720, fps: 15, avcc: vec![1, 66, 192, 31] }
    }

    fn frame() -> Frame {
        let nal_units = vec![0, 0, 0, 2, 0x65, 7, 0, 0, 0, 1, 0x41];
        Frame { random_access: true, capture_unix_ms: 1_700_000_000_123, rtp_90khz: u32::MAX, nal_units }
    }

    #[test]
    fn what_is_written_is_read_and_every_shorter_piece_asks_for_more() {
        let bytes = header().to_bytes().expect("header");
        assert_eq!(parse_header(&bytes), Ok(Some((header(), bytes.len()))));
        assert!((0..bytes.len()).all(|end| parse_header(&bytes[..end]) == Ok(None)));
        let bytes = frame().to_bytes().expect("frame");
        assert_eq!(parse_frame(&bytes), Ok(Some((frame(), bytes.len()))));
        assert!((0..bytes.len()).all(|end| parse_frame(&bytes[..end]) == Ok(None)));
    }

    #[test]
    fn a_stranger_is_recognised_by_the_first_byte() {
        assert_eq!(parse_header(b"H"), Err(WireError::Magic));
        assert_eq!(parse_header(b"VCAM2aaaaaaaaaaaaa"), Err(WireError::Magic));
    }

    #[test]
    fn a_header_without_size_or_configuration_is_refused() {
        let mut bytes = header().to_bytes().expect("header");
        bytes[5..7].fill(0);
        assert_eq!(parse_header(&bytes), Err(WireError::Zero));
        let mut bytes = header().to_bytes().expect("header");
        bytes[11..13].copy_from_slice(&[0xFF, 0xFF]);
        assert_eq!(parse_header(&bytes), Err(WireError::AvccLength(65_535)));
        assert!(Header { avcc: vec![], ..header() }.to_bytes().is_err());
    }

    #[test]
    fn a_frame_with_a_bad_length_is_refused_before_its_bytes_are_awaited() {
        assert_eq!(parse_frame(&[0xFF; 4]), Err(WireError::FrameLength(0xFFFF_FFFF)));
        assert_eq!(parse_frame(&[0, 0, 0, 12]), Err(WireError::FrameLength(12)));
    }

    #[test]
    fn unknown_flags_and_broken_nal_units_are_refused() {
        let mut bytes = frame().to_bytes().expect("frame");
        bytes[4] = 3;
        assert_eq!(parse_frame(&bytes), Err(WireError::Flags(3)));
        for nal_units in [vec![0, 0, 0, 9, 1], vec![0, 0, 0, 0], vec![1, 2, 3]] {
            let bytes = Frame { nal_units, ..frame() }.to_bytes().expect("frame");
            assert_eq!(parse_frame(&bytes), Err(WireError::NalUnits));
        }
    }
}
