//! A whole recording as one MP4 file, at true capture times. Where frames are missing, the last one stands still.

use crate::chunk::{Content, Init};
use crate::fmp4::{self, boxed, full_box, length, u32s};
use crate::open::Opened;
use alloc::vec::Vec;

/// The longest a single frame is shown, in milliseconds: an hour. Bounds what a wrong clock can do to a clip.
const FRAME_MS_MAX: u64 = 3_600_000;

struct Sample {
    captured_ms: u64,
    is_keyframe: bool,
    entry: u32,
    unit: Vec<u8>,
}

/// Collects opened parts and writes the file.
#[derive(Default)]
pub struct Clip {
    inits: Vec<Init>,
    samples: Vec<Sample>,
    end_ms: u64,
}

impl Clip {
    /// Without any frames yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the opened chunks of the next part. Frames before its first keyframe cannot be decoded and are left out.
    pub fn add_part(&mut self, chunks: Vec<Opened>) {
        let mut entry = None;
        let mut is_joined = false;
        for chunk in chunks {
            self.end_ms = self.end_ms.max(chunk.captured_ms);
            match chunk.content {
                Content::Init(init) => entry = Some(self.entry(init)),
                Content::Keyframe(unit) => {
                    is_joined = true;
                    self.sample(entry, chunk.captured_ms, true, unit);
                }
                Content::Delta(unit) => {
                    if is_joined {
                        self.sample(entry, chunk.captured_ms, false, unit);
                    }
                }
                Content::Gap(_) | Content::Mark(_) | Content::Final => {}
            }
        }
    }

    /// Milliseconds from the first frame to the end; zero without frames.
    pub fn duration_ms(&self) -> u64 {
        self.samples.first().map_or(0, |first| self.end_ms.saturating_sub(first.captured_ms))
    }

    /// The file. `None` without a single frame.
    pub fn into_mp4(self) -> Option<Vec<u8>> {
        let timescale = self.inits.first()?.timescale;
        let durations = self.durations(timescale);
        let total: u64 = durations.iter().map(|ticks| u64::from(*ticks)).sum();
        let data_bytes = self.samples.iter().fold(0_u64, |sum, s| sum.saturating_add(s.unit.len() as u64));

        let mut head = Vec::new();
        fmp4::ftyp(&mut head, *b"isom", &[*b"isom", *b"iso2", *b"avc1", *b"mp41"]);
        // moov comes first so that players can start early; its length does not depend on the offsets in it.
        let moov = |data_at: u64| {
            let mut out = Vec::new();
            fmp4::movie(&mut out, &self.inits, total, |out| self.tables(out, &durations, data_at), |_| {});
            out
        };
        let data_at = (head.len() as u64).saturating_add(moov(0).len() as u64).saturating_add(16);
        head.extend_from_slice(&moov(data_at));
        // mdat with a 64-bit length, so that no recording is too long for it
        u32s(&mut head, &[1]);
        head.extend_from_slice(b"mdat");
        head.extend_from_slice(&data_bytes.saturating_add(16).to_be_bytes());
        for sample in &self.samples {
            head.extend_from_slice(&sample.unit);
        }
        (!self.samples.is_empty()).then_some(head)
    }

    fn entry(&mut self, init: Init) -> u32 {
        let known = self.inits.iter().position(|i| *i == init);
        let index = known.unwrap_or_else(|| {
            self.inits.push(init);
            self.inits.len().saturating_sub(1)
        });
        length(index.saturating_add(1))
    }

    fn sample(&mut self, entry: Option<u32>, captured_ms: u64, is_keyframe: bool, unit: Vec<u8>) {
        let Some(entry) = entry else { return };
        self.samples.push(Sample { captured_ms, is_keyframe, entry, unit });
    }

    /// Ticks that each frame is shown: until the next one was captured, the last one until the end.
    fn durations(&self, timescale: u32) -> Vec<u32> {
        let next = self.samples.iter().skip(1).map(|s| s.captured_ms).chain([self.end_ms]);
        let mut shown = 0_u64; // ticks so far, against rounding drift
        let mut elapsed_ms = 0_u64;
        self.samples
            .iter()
            .zip(next)
            .map(|(sample, next)| {
                let ms = next.saturating_sub(sample.captured_ms).min(FRAME_MS_MAX);
                elapsed_ms = elapsed_ms.saturating_add(ms);
                let ticks = fmp4::ticks(elapsed_ms, timescale).saturating_sub(shown).max(1);
                shown = shown.saturating_add(ticks);
                u32::try_from(ticks).unwrap_or(u32::MAX)
            })
            .collect()
    }

    fn tables(&self, out: &mut Vec<u8>, durations: &[u32], data_at: u64) {
        full_box(out, *b"stts", 0, 0, |out| {
            let mut runs: Vec<(u32, u32)> = Vec::new();
            for ticks in durations {
                match runs.last_mut() {
                    Some((count, last)) if last == ticks => *count = count.saturating_add(1),
                    Some(_) | None => runs.push((1, *ticks)),
                }
            }
            u32s(out, &[length(runs.len())]);
            for (count, ticks) in &runs {
                u32s(out, &[*count, *ticks]);
            }
        });
        full_box(out, *b"stss", 0, 0, |out| {
            let keyframes = || (1_u32..).zip(&self.samples).filter(|(_, s)| s.is_keyframe);
            u32s(out, &[length(keyframes().count())]);
            keyframes().for_each(|(number, _)| u32s(out, &[number]));
        });
        // One MP4 chunk per stretch of frames with the same decoder configuration.
        let stretches = self.stretches();
        full_box(out, *b"stsc", 0, 0, |out| {
            u32s(out, &[length(stretches.len())]);
            for (number, stretch) in (1_u32..).zip(&stretches) {
                u32s(out, &[number, stretch.samples, stretch.entry]);
            }
        });
        full_box(out, *b"stsz", 0, 0, |out| {
            u32s(out, &[0, length(self.samples.len())]);
            self.samples.iter().for_each(|s| u32s(out, &[length(s.unit.len())]));
        });
        boxed(out, *b"co64", |out| {
            u32s(out, &[0, length(stretches.len())]);
            let mut at = data_at;
            for stretch in &stretches {
                out.extend_from_slice(&at.to_be_bytes());
                at = at.saturating_add(stretch.bytes);
            }
        });
    }

    fn stretches(&self) -> Vec<Stretch> {
        let mut out: Vec<Stretch> = Vec::new();
        for sample in &self.samples {
            let bytes = sample.unit.len() as u64;
            match out.last_mut() {
                Some(last) if last.entry == sample.entry => {
                    last.samples = last.samples.saturating_add(1);
                    last.bytes = last.bytes.saturating_add(bytes);
                }
                Some(_) | None => out.push(Stretch { entry: sample.entry, samples: 1, bytes }),
            }
        }
        out
    }
}

struct Stretch {
    entry: u32,
    samples: u32,
    bytes: u64,
}

impl core::fmt::Debug for Clip {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Clip({} frames, {} ms)", self.samples.len(), self.duration_ms())
    }
}
