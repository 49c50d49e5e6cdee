//! H.264 as a doorbell camera makes it: constrained baseline, no B-frames, a key frame every second.

use std::time::Duration;

use openh264::encoder::{
    BitRate, Complexity, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Level, Profile,
    RateControlMode, UsageType, VuiConfig,
};
use openh264::{OpenH264API, Timestamp};

use super::planes::Planes;
use crate::HouseError;

/// What the stream may take, in bits per second.
const BITS_PER_SECOND: u32 = 1_500_000;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;

/// An encoder and its decoder configuration.
pub(super) struct Encoder {
    inner: openh264::encoder::Encoder,
    avcc: Vec<u8>,
}

impl Encoder {
    /// Encodes `first` once to learn the parameter sets, which stay the same.
    pub(super) fn new(first: &Planes, fps: u16) -> Result<Self, HouseError> {
        let config = EncoderConfig::new()
            .bitrate(BitRate::from_bps(BITS_PER_SECOND))
            .max_frame_rate(FrameRate::from_hz(f32::from(fps)))
            .rate_control_mode(RateControlMode::Bitrate)
            .usage_type(UsageType::CameraVideoRealTime)
            .profile(Profile::Baseline)
            .level(Level::Level_3_1)
            .complexity(Complexity::Low)
            .intra_frame_period(IntraFramePeriod::from_num_frames(u32::from(fps)))
            // Every frame is kept, so that a gap means a fault. The library warns of this on stderr, once; its other
            // modes either have no rate at all or jump to 3.5 Mbit/s (measured).
            .skip_frames(false)
            .scene_change_detect(false)
            .num_threads(1)
            .vui(VuiConfig::bt709());
        let mut inner = openh264::encoder::Encoder::with_api_config(OpenH264API::from_source(), config)?;
        let mut sets = (None, None);
        for nal in split(&inner.encode(first)?.to_vec()) {
            match nal.first().map(|head| head & 0x1F) {
                Some(NAL_SPS) => sets.0 = Some(nal.to_vec()),
                Some(NAL_PPS) => sets.1 = Some(nal.to_vec()),
                _ => {}
            }
        }
        let (Some(sps), Some(pps)) = sets else { return Err(HouseError::ParameterSets) };
        let avcc = configuration(&sps, &pps).ok_or(HouseError::ParameterSets)?;
        Ok(Self { inner, avcc })
    }

    /// The AVCDecoderConfigurationRecord of everything this encoder makes.
    pub(super) fn avcc(&self) -> &[u8] {
        &self.avcc
    }

    /// One access unit with lengths before its NAL units, and whether decoding can begin with it.
    pub(super) fn encode(
        &mut self,
        picture: &Planes,
        at: Duration,
        key: bool,
    ) -> Result<(Vec<u8>, bool), HouseError> {
        if key {
            self.inner.force_intra_frame();
        }
        let at_ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let stream = self.inner.encode_at(picture, Timestamp::from_millis(at_ms))?;
        let random_access = matches!(stream.frame_type(), FrameType::IDR);
        let annex_b = stream.to_vec();
        let mut units = Vec::with_capacity(annex_b.len() + 8);
        for nal in split(&annex_b) {
            let kind = nal.first().map_or(0, |head| head & 0x1F);
            let Ok(length) = u32::try_from(nal.len()) else { continue };
            if kind != NAL_SPS && kind != NAL_PPS {
                units.extend(length.to_be_bytes());
                units.extend(nal);
            }
        }
        Ok((units, random_access))
    }
}

/// The NAL units of an Annex B stream, without their start codes.
fn split(annex_b: &[u8]) -> Vec<&[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at + 3 <= annex_b.len() {
        if annex_b[at..at + 3] == [0, 0, 1] {
            starts.push(at + 3);
            at += 3;
        } else {
            at += 1;
        }
    }
    let ends = starts.iter().skip(1).map(|next| next - 3).chain([annex_b.len()]);
    let trim = |nal: &'_ [u8]| nal.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| annex_b.get(*start..end))
        .map(|nal| &nal[..trim(nal)])
        .filter(|nal| !nal.is_empty())
        .collect()
}

/// ISO/IEC 14496-15, 5.3.3.1, with one set each and lengths of 4 bytes.
fn configuration(sps: &[u8], pps: &[u8]) -> Option<Vec<u8>> {
    let mut record = vec![1, *sps.get(1)?, *sps.get(2)?, *sps.get(3)?, 0xFF, 0xE1];
    record.extend(u16::try_from(sps.len()).ok()?.to_be_bytes());
    record.extend(sps);
    record.push(1);
    record.extend(u16::try_from(pps.len()).ok()?.to_be_bytes());
    record.extend(pps);
    Some(record)
}

#[cfg(test)]
mod tests {
    use super::{Encoder, split};
    use crate::camera::planes::Planes;
    use crate::hallway::{Painter, Size, read_clock};
    use crate::physics::{Scene, Visitor};
    use openh264::decoder::Decoder;
    use openh264::formats::YUVSource;
    use std::time::Duration;

    /// From lengths to start codes, with the parameter sets of the record in front.
    fn annex_b(avcc: &[u8], units: &[u8]) -> Vec<u8> {
        let sps_length = usize::from(avcc[7]);
        let mut stream = [&[0, 0, 0, 1], &avcc[8..8 + sps_length]].concat();
        stream.extend([&[0, 0, 0, 1], &avcc[8 + sps_length + 3..]].concat());
        let mut rest = units;
        while let Some((length, tail)) = rest.split_first_chunk::<4>() {
            let (nal, tail) = tail.split_at(u32::from_be_bytes(*length) as usize);
            stream.extend([&[0, 0, 0, 1], nal].concat());
            rest = tail;
        }
        stream
    }

    #[test]
    fn clock_is_read_back_from_the_encoded_picture() {
        let (width, height) = (Size::Full.width().into(), Size::Full.height().into());
        let mut painter = Painter::new(Size::Full, 60).expect("canvas");
        let mut planes = Planes::new(width, height);
        let mut encoder = Encoder::new(&planes, 15).expect("encoder");
        let mut decoder = Decoder::new().expect("decoder");
        for frame in 0..18_u64 {
            let unix_ms = 1_700_000_000_000 + frame * 67;
            #[allow(clippy::cast_precision_loss, reason = "small")]
            let angle = (frame as f32 / 17.0).min(1.0);
            let scene = Scene { angle, visitor: Visitor::AtDoor, bolt: 0.0, ..Scene::quiet(unix_ms) };
            planes.take(painter.paint(&scene).data());
            let (units, key) =
                encoder.encode(&planes, Duration::from_millis(frame * 67), frame == 0).expect("encode");
            assert!(frame != 0 || key, "a forced key frame is one");
            let picture = decoder.decode(&annex_b(encoder.avcc(), &units)).expect("decode").expect("picture");
            let (stride, _, _) = picture.strides();
            assert_eq!(read_clock(picture.y(), stride, height), Some(unix_ms), "frame {frame}");
        }
    }

    #[test]
    fn the_stream_is_constrained_baseline_with_a_key_frame_every_second() {
        let planes = Planes::new(128, 128);
        let mut encoder = Encoder::new(&planes, 15).expect("encoder");
        assert_eq!(encoder.avcc()[1], 66, "baseline");
        assert_eq!(encoder.avcc()[2] & 0x40, 0x40, "constrained");
        let keys: Vec<u64> = (0..46)
            .filter(|frame| {
                encoder.encode(&planes, Duration::from_millis(frame * 67), *frame == 0).expect("encode").1
            })
            .collect();
        assert_eq!(keys, [0, 15, 30, 45]);
    }

    #[test]
    fn start_codes_of_either_length_part_nal_units() {
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 4];
        assert_eq!(split(&stream), [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 4]]);
        assert!(split(&[]).is_empty() && split(&[0, 0, 1]).is_empty());
    }
}
