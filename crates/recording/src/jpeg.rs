//! What of a JPEG file is the picture, and nothing else: no position, no time, no maker, no thumbnail of something cut away.

use alloc::vec::Vec;
use protocol::limits::PHOTO_SIDE_PX_MAX;

/// The markers that are looked at (ITU-T T.81, table B.1); what is not named here makes a file no photo.
mod marker {
    pub(super) const SOI: u8 = 0xD8;
    pub(super) const EOI: u8 = 0xD9;
    pub(super) const SOS: u8 = 0xDA;
    pub(super) const APP0: u8 = 0xE0;
    pub(super) const APP15: u8 = 0xEF;
    pub(super) const COMMENT: u8 = 0xFE;
    /// Baseline, extended, progressive.
    pub(super) const FRAMES: core::ops::RangeInclusive<u8> = 0xC0..=0xC2;
    /// Huffman tables, quantisation tables, restart interval.
    pub(super) const TABLES: [u8; 3] = [0xC4, 0xDB, 0xDD];
    pub(super) const RESTARTS: core::ops::RangeInclusive<u8> = 0xD0..=0xD7;
}

/// Bytes of a JFIF segment without a thumbnail, behind its length.
const JFIF_BYTES: usize = 14;

/// The same picture without anything that is not needed to show it. None if it is no JPEG, is cut short, or has more than
/// 1,280 pixels a side. A file that comes out as it went in carries nothing beside.
pub fn bare(file: &[u8]) -> Option<Vec<u8>> {
    let mut rest = file.strip_prefix(&[0xFF, marker::SOI])?;
    let mut out = Vec::from([0xFF, marker::SOI]);
    let (mut frames, mut scans) = (0_u32, 0_u32);
    loop {
        rest = rest.strip_prefix(&[0xFF])?;
        while let Some(filled) = rest.strip_prefix(&[0xFF]) {
            rest = filled;
        }
        let (&kind, behind) = rest.split_first()?;
        if kind == marker::EOI {
            out.extend([0xFF, marker::EOI]);
            // What follows the end belongs to no picture.
            return (frames == 1 && scans > 0).then_some(out);
        }
        let (length, _) = behind.split_first_chunk::<2>()?;
        let (segment, after) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let body = segment.get(2..)?;
        rest = after;
        match kind {
            marker::SOS => {
                scans = scans.saturating_add(1);
                keep(&mut out, kind, segment);
                let (scan, behind) = after.split_at_checked(scanned(after)?)?;
                out.extend_from_slice(scan);
                rest = behind;
            }
            marker::APP0 if body.starts_with(b"JFIF\0") && body.len() == JFIF_BYTES => {
                keep(&mut out, kind, segment);
            }
            marker::APP0..=marker::APP15 | marker::COMMENT => {}
            _ if marker::FRAMES.contains(&kind) => {
                frames = frames.saturating_add(1);
                fits(body)?;
                keep(&mut out, kind, segment);
            }
            _ if marker::TABLES.contains(&kind) => keep(&mut out, kind, segment),
            _ => return None,
        }
    }
}

fn keep(out: &mut Vec<u8>, kind: u8, segment: &[u8]) {
    out.extend([0xFF, kind]);
    out.extend_from_slice(segment);
}

/// Whether a frame's height and width are those of a photo.
fn fits(frame: &[u8]) -> Option<()> {
    let (height, behind) = frame.get(1..)?.split_first_chunk::<2>()?;
    let (width, _) = behind.split_first_chunk::<2>()?;
    let is_side = |bytes: &[u8; 2]| (1..=PHOTO_SIDE_PX_MAX).contains(&u16::from_be_bytes(*bytes));
    (is_side(height) && is_side(width)).then_some(())
}

/// How long the entropy-coded data is: up to a marker that is neither a stuffed byte nor a restart.
fn scanned(data: &[u8]) -> Option<usize> {
    data.windows(2).position(|pair| match pair {
        [0xFF, 0x00] => false,
        [0xFF, kind] => !marker::RESTARTS.contains(kind),
        _ => false,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn segment(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, kind][..], &length, body].concat()
    }

    fn frame(height: u16, width: u16) -> Vec<u8> {
        let [h, w] = [height, width].map(u16::to_be_bytes);
        segment(0xC0, &[&[8][..], &h, &w, &[1, 1, 0x11, 0]].concat())
    }

    const JFIF: &[u8] = b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0";

    fn file(before: &[Vec<u8>], frame: &[u8], after: &[u8]) -> Vec<u8> {
        let scan = [segment(0xDA, &[1, 1, 0, 0, 63, 0]), alloc::vec![1, 0xFF, 0, 2, 0xFF, 0xD3, 9]].concat();
        [&[0xFF, 0xD8][..], &before.concat(), &segment(0xDB, &[0; 65]), frame, &scan, &[0xFF, 0xD9], after]
            .concat()
    }

    /// A photo that carries nothing but itself. No decoder takes it.
    pub(crate) fn plain() -> Vec<u8> {
        file(&[segment(0xE0, JFIF)], &frame(960, 1_280), &[])
    }

    #[test]
    fn position_time_thumbnail_comment_and_what_follows_the_end_are_left_out() {
        let exif = segment(0xE1, b"Exif\0\0MM\0*GPSLatitude 52.5");
        let thumbnail = segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01abc");
        let before = [exif, segment(0xE0, JFIF), thumbnail, segment(0xE2, b"MPF\0"), segment(0xFE, b"by me")];
        let told = file(&before, &frame(960, 1_280), b"a film of the same moment");
        assert_eq!(bare(&told), Some(plain()));
        assert_eq!(bare(&plain()), Some(plain()), "what is bare stays as it is");
    }

    #[test]
    fn what_is_no_photo_or_would_fill_a_phone_is_refused() {
        for (height, width) in [(0, 10), (10, 0), (1_281, 10), (10, 65_535)] {
            assert_eq!(bare(&file(&[], &frame(height, width), &[])), None, "{height} {width}");
        }
        assert!(bare(&file(&[], &frame(1_280, 1), &[])).is_some());
        let two = [frame(9, 9), frame(9, 9)].concat();
        assert_eq!(bare(&file(&[], &two, &[])), None, "two frames");
        assert_eq!(bare(&file(&[segment(0xC3, &[8, 0, 9, 0, 9])], &frame(9, 9), &[])), None, "lossless");
        assert_eq!(bare(b"\x89PNG\r\n"), None);
        let whole = plain();
        for end in 0..whole.len() {
            assert_eq!(bare(&whole[..end]), None, "cut at {end}");
        }
    }
}
