//! MP4 for a live player: one init segment, then one fragment per frame (ISO/IEC 14496-12 and -15). Video only.
//!
//! Decode time is contiguous by construction: each fragment begins where the one before ended, whatever the camera
//! did in between. Browsers drop everything up to the next keyframe at a hole in decode time; a stalled camera would
//! leave the picture stuck. True capture times and gaps are in the authenticated chunks, and the page shows them.

use crate::chunk::Init;
use alloc::string::String;
use alloc::vec::Vec;

/// Longest time one live frame is said to last, in milliseconds. Anything longer was a stall, not a frame rate.
const LIVE_INTERVAL_MS_MAX: u64 = 1_000;
/// Assumed before the second frame arrives, in milliseconds: 25 frames a second.
const FIRST_INTERVAL_MS: u64 = 40;

/// Sample flags of a frame that decodes on its own (ISO/IEC 14496-12 section 8.8.3.1).
const FLAGS_SYNC: u32 = 0x0200_0000;
/// Sample flags of a frame that needs others.
const FLAGS_DELTA: u32 = 0x0101_0000;

/// The codec in the form that `MediaSource.isTypeSupported` takes, such as `avc1.42c01f`.
pub fn codec(init: &Init) -> String {
    match init.avcc.get(1..4) {
        Some([profile, compatibility, level]) => {
            alloc::format!("avc1.{profile:02x}{compatibility:02x}{level:02x}")
        }
        Some(_) | None => String::from("avc1"),
    }
}

/// The init segment: what a player takes before the first fragment.
pub fn init_segment(init: &Init) -> Vec<u8> {
    let mut out = Vec::new();
    ftyp(&mut out, *b"iso5", &[*b"iso5", *b"iso6", *b"mp41"]);
    let empty_tables = |out: &mut Vec<u8>| {
        for table in [*b"stts", *b"stsc", *b"stco"] {
            full_box(out, table, 0, 0, |out| u32s(out, &[0]));
        }
        full_box(out, *b"stsz", 0, 0, |out| u32s(out, &[0, 0]));
    };
    let extends = |out: &mut Vec<u8>| {
        boxed(out, *b"mvex", |out| full_box(out, *b"trex", 0, 0, |out| u32s(out, &[1, 1, 0, 0, 0])));
    };
    movie(&mut out, core::slice::from_ref(init), 0, empty_tables, extends);
    out
}

/// Turns opened frames into fragments, one each, as they come in.
#[derive(Debug, Clone)]
pub struct Fragments {
    timescale: u32,
    number: u32,
    decode_time: u64,
    interval_ms: u64,
    last_ms: Option<u64>,
}

impl Fragments {
    /// From the first frame on. Any frame may be the first, though a player needs a keyframe.
    pub fn new(init: &Init) -> Self {
        Self {
            timescale: init.timescale,
            number: 0,
            decode_time: 0,
            interval_ms: FIRST_INTERVAL_MS,
            last_ms: None,
        }
    }

    /// The fragment of one AVCC access unit. It lasts as long as the frame before it did, since how long it
    /// will really last is not known yet.
    pub fn frame(&mut self, captured_ms: u64, is_keyframe: bool, unit: &[u8]) -> Vec<u8> {
        if let Some(last) = self.last_ms.replace(captured_ms) {
            let interval = captured_ms.saturating_sub(last);
            if (1..=LIVE_INTERVAL_MS_MAX).contains(&interval) {
                self.interval_ms = interval;
            }
        }
        let ticks = u32::try_from(ticks(self.interval_ms, self.timescale)).unwrap_or(u32::MAX).max(1);
        self.number = self.number.wrapping_add(1);
        let flags = if is_keyframe { FLAGS_SYNC } else { FLAGS_DELTA };
        let mut out = Vec::with_capacity(unit.len().saturating_add(128));
        // The data begins behind moof and the 8 bytes of mdat's own header: build once to learn moof's length.
        let moof_length = {
            let mut probe = Vec::new();
            self.moof(&mut probe, 0, ticks, unit.len(), flags);
            probe.len()
        };
        self.moof(&mut out, length(moof_length.saturating_add(8)), ticks, unit.len(), flags);
        boxed(&mut out, *b"mdat", |out| out.extend_from_slice(unit));
        self.decode_time = self.decode_time.saturating_add(u64::from(ticks));
        out
    }

    fn moof(&self, out: &mut Vec<u8>, data_offset: u32, ticks: u32, size: usize, flags: u32) {
        boxed(out, *b"moof", |out| {
            full_box(out, *b"mfhd", 0, 0, |out| u32s(out, &[self.number]));
            boxed(out, *b"traf", |out| {
                // default-base-is-moof
                full_box(out, *b"tfhd", 0, 0x02_0000, |out| u32s(out, &[1]));
                full_box(out, *b"tfdt", 1, 0, |out| out.extend_from_slice(&self.decode_time.to_be_bytes()));
                // data offset, duration, size and flags present
                full_box(out, *b"trun", 0, 0x0000_0701, |out| {
                    u32s(out, &[1, data_offset, ticks, length(size), flags]);
                });
            });
        });
    }
}

/// Milliseconds in media ticks.
pub(crate) fn ticks(ms: u64, timescale: u32) -> u64 {
    ms.saturating_mul(u64::from(timescale)) / 1_000
}

/// Bytes or samples as MP4 counts them.
pub(crate) fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(crate) fn ftyp(out: &mut Vec<u8>, major: [u8; 4], compatible: &[[u8; 4]]) {
    boxed(out, *b"ftyp", |out| {
        out.extend_from_slice(&major);
        u32s(out, &[0x200]);
        for brand in compatible {
            out.extend_from_slice(brand);
        }
    });
}

/// `moov` with one video track. Sample tables and whatever follows the track come from the caller.
pub(crate) fn movie(
    out: &mut Vec<u8>,
    inits: &[Init],
    duration: u64,
    tables: impl FnOnce(&mut Vec<u8>),
    after: impl FnOnce(&mut Vec<u8>),
) {
    let (timescale, width, height) = inits.first().map_or((1, 0, 0), |i| (i.timescale, i.width, i.height));
    boxed(out, *b"moov", |out| {
        full_box(out, *b"mvhd", 1, 0, |out| {
            times(out, timescale, duration);
            u32s(out, &[0x0001_0000, 0x0100_0000, 0, 0]); // rate 1.0, volume 1.0, reserved
            matrix(out);
            u32s(out, &[0, 0, 0, 0, 0, 0, 2]); // predefined, next track
        });
        boxed(out, *b"trak", |out| {
            // enabled, in movie, in preview
            full_box(out, *b"tkhd", 1, 7, |out| {
                u32s(out, &[0, 0, 0, 0, 1, 0]); // created, modified (64 bits each), track 1, reserved
                out.extend_from_slice(&duration.to_be_bytes());
                u32s(out, &[0, 0, 0, 0]); // reserved, layer, group, volume
                matrix(out);
                u32s(out, &[u32::from(width) << 16, u32::from(height) << 16]);
            });
            boxed(out, *b"mdia", |out| media(out, inits, timescale, duration, tables));
        });
        after(out);
    });
}

fn media(
    out: &mut Vec<u8>,
    inits: &[Init],
    timescale: u32,
    duration: u64,
    tables: impl FnOnce(&mut Vec<u8>),
) {
    full_box(out, *b"mdhd", 1, 0, |out| {
        times(out, timescale, duration);
        u32s(out, &[0x55c4_0000]); // language "und"
    });
    full_box(out, *b"hdlr", 0, 0, |out| {
        u32s(out, &[0]);
        out.extend_from_slice(b"vide");
        u32s(out, &[0, 0, 0]);
        out.push(0);
    });
    boxed(out, *b"minf", |out| {
        full_box(out, *b"vmhd", 0, 1, |out| u32s(out, &[0, 0]));
        boxed(out, *b"dinf", |out| {
            full_box(out, *b"dref", 0, 0, |out| {
                u32s(out, &[1]);
                full_box(out, *b"url ", 0, 1, |_| {}); // the data is in this file
            });
        });
        boxed(out, *b"stbl", |out| {
            full_box(out, *b"stsd", 0, 0, |out| {
                u32s(out, &[length(inits.len())]);
                for init in inits {
                    sample_entry(out, init);
                }
            });
            tables(out);
        });
    });
}

fn sample_entry(out: &mut Vec<u8>, init: &Init) {
    boxed(out, *b"avc1", |out| {
        u32s(out, &[0, 1, 0, 0, 0, 0]); // reserved, data reference 1, predefined
        out.extend_from_slice(&init.width.to_be_bytes());
        out.extend_from_slice(&init.height.to_be_bytes());
        u32s(out, &[0x0048_0000, 0x0048_0000, 0]); // 72 dpi, reserved
        out.extend_from_slice(&1_u16.to_be_bytes()); // frames per sample
        out.extend_from_slice(&[0; 32]); // compressor name
        u32s(out, &[0x0018_ffff]); // depth 24, predefined
        boxed(out, *b"avcC", |out| out.extend_from_slice(&init.avcc));
    });
}

/// Created, modified, timescale, duration, all in the 64-bit form.
fn times(out: &mut Vec<u8>, timescale: u32, duration: u64) {
    u32s(out, &[0, 0, 0, 0, timescale]);
    out.extend_from_slice(&duration.to_be_bytes());
}

fn matrix(out: &mut Vec<u8>) {
    u32s(out, &[0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000]);
}

pub(crate) fn u32s(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

pub(crate) fn full_box(
    out: &mut Vec<u8>,
    kind: [u8; 4],
    version: u8,
    flags: u32,
    body: impl FnOnce(&mut Vec<u8>),
) {
    boxed(out, kind, |out| {
        u32s(out, &[(u32::from(version) << 24) | (flags & 0x00ff_ffff)]);
        body(out);
    });
}

pub(crate) fn boxed(out: &mut Vec<u8>, kind: [u8; 4], body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&kind);
    body(out);
    let size = length(out.len().saturating_sub(start));
    if let Some(slot) = out.get_mut(start..start.saturating_add(4)) {
        slot.copy_from_slice(&size.to_be_bytes());
    }
}
