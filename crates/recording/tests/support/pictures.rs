//! Real H.264 pictures for tests: a bar that moves over a grey field, one keyframe a second.

#![allow(dead_code, reason = "each test program uses its own part of this")]

use openh264::OpenH264API;
use openh264::encoder::{Encoder, EncoderConfig, FrameRate, IntraFramePeriod, RateControlMode};
use openh264::formats::YUVBuffer;
use recording::Init;

/// One encoded frame.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// Decodes on its own.
    pub(crate) is_keyframe: bool,
    /// AVCC access unit without parameter sets.
    pub(crate) unit: Vec<u8>,
}

/// Frames a second of [`encode`].
pub(crate) const FPS: u32 = 25;

/// Encodes `count` pictures of 64 by 48 pixels.
pub(crate) fn encode(count: usize) -> (Init, Vec<Picture>) {
    encode_sized(count, 64, 48)
}

/// Encodes `count` pictures of another size.
pub(crate) fn encode_sized(count: usize, width: u16, height: u16) -> (Init, Vec<Picture>) {
    let config = EncoderConfig::new()
        .skip_frames(false)
        .scene_change_detect(false)
        .rate_control_mode(RateControlMode::Off)
        .max_frame_rate(FrameRate::from_hz(25.0))
        .intra_frame_period(IntraFramePeriod::from_num_frames(FPS));
    let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config).unwrap();
    let (mut sps, mut pps) = (Vec::new(), Vec::new());
    let pictures = (0..count)
        .map(|number| {
            let stream = encoder.encode(&draw(number, width.into(), height.into())).unwrap().to_vec();
            let mut picture = Picture { is_keyframe: false, unit: Vec::new() };
            for nal in nal_units(&stream) {
                match nal[0] & 0x1f {
                    7 => sps = nal.to_vec(),
                    8 => pps = nal.to_vec(),
                    kind => {
                        picture.is_keyframe |= kind == 5;
                        picture.unit.extend_from_slice(&u32::try_from(nal.len()).unwrap().to_be_bytes());
                        picture.unit.extend_from_slice(nal);
                    }
                }
            }
            assert!(!picture.unit.is_empty(), "the encoder skipped a frame");
            picture
        })
        .collect();
    (Init { width, height, timescale: 90_000, avcc: avcc(&sps, &pps) }, pictures)
}

fn draw(number: usize, width: usize, height: usize) -> YUVBuffer {
    let mut yuv = vec![128; width * height * 3 / 2];
    for y in 0..height {
        for x in 0..8 {
            yuv[y * width + (number * 2 + x) % width] = 255;
        }
    }
    YUVBuffer::from_vec(yuv, width, height)
}

fn nal_units(annex_b: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = (0..annex_b.len().saturating_sub(2))
        .filter(|at| annex_b[*at..].starts_with(&[0, 0, 1]))
        .map(|at| at + 3)
        .collect();
    let ends = starts.iter().skip(1).map(|next| next - 3).chain([annex_b.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let nal = &annex_b[*start..end];
            nal.strip_suffix(&[0]).unwrap_or(nal) // first zero of a four-byte start code
        })
        .collect()
}

fn avcc(sps: &[u8], pps: &[u8]) -> Vec<u8> {
    let mut out = vec![1, sps[1], sps[2], sps[3], 0xff, 0xe1];
    out.extend_from_slice(&u16::try_from(sps.len()).unwrap().to_be_bytes());
    out.extend_from_slice(sps);
    out.push(1);
    out.extend_from_slice(&u16::try_from(pps.len()).unwrap().to_be_bytes());
    out.extend_from_slice(pps);
    out
}
