//! What comes out is video that players take. Uses ffprobe and ffmpeg.

#[path = "support/pictures.rs"]
mod pictures;
mod support;

use protocol::Hash;
use recording::clip::Clip;
use recording::fmp4::{Fragments, codec, init_segment};
use recording::open::Opened;
use recording::{Content, Gap, GapReason};
use std::path::{Path, PathBuf};
use std::process::Command;

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn probe(path: &Path, entries: &str) -> Vec<String> {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-count_frames", "-select_streams", "v", "-show_entries", entries])
        .args(["-of", "default=nokey=1:noprint_wrappers=1"])
        .arg(path)
        .output()
        .expect("ffprobe is needed: apt install ffmpeg");
    assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn decodes_without_a_complaint(path: &Path) {
    let out = Command::new("ffmpeg").args(["-v", "error", "-i"]).arg(path).args(["-f", "null", "-"]).output();
    let out = out.unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// Seals and opens again, so that the clip is made of what a resident's device would have.
fn opened(times_ms: &[u64], end_ms: u64) -> Vec<Opened> {
    let (init, pictures) = pictures::encode(times_ms.len());
    let (header, mut sealer, first) = support::begin(0, Hash::ZERO, &init);
    let mut part = support::Part { header: header.bytes().to_vec(), chunks: vec![first.bytes], ..stub() };
    for (picture, at) in pictures.into_iter().zip(times_ms) {
        let at = support::START_MS + at;
        part.chunks.push(sealer.frame(at, picture.is_keyframe, picture.unit).unwrap().bytes);
    }
    part.chunks.push(sealer.finish(support::START_MS + end_ms).unwrap().0.bytes);
    let key = support::resident().unwrap(support::RESIDENT, header.message()).unwrap();
    let opener = recording::PartOpener::new(header.message(), &key).unwrap();
    opener.open_part(&header, &part.file()).unwrap()
}

fn stub() -> support::Part {
    support::part(0, Hash::ZERO, 0)
}

#[test]
fn a_clip_plays_and_lasts_as_long_as_it_was_captured() {
    let times: Vec<u64> = (0..50).map(|n| n * 40 + n % 3).collect();
    let mut clip = Clip::new();
    clip.add_part(opened(&times, 2_000));
    assert_eq!(clip.duration_ms(), 2_000);
    let path = file("clip.mp4", &clip.into_mp4().unwrap());
    let said = probe(&path, "stream=codec_name,width,height,nb_read_frames:format=duration");
    assert_eq!(said, ["h264", "64", "48", "50", "2.000000"]);
    decodes_without_a_complaint(&path);
}

#[test]
fn a_gap_shows_as_a_frozen_picture_of_its_true_length() {
    // 25 frames, 3 s of nothing, 25 frames.
    let times: Vec<u64> = (0..50).map(|n| n * 40 + if n < 25 { 0 } else { 3_000 }).collect();
    let mut clip = Clip::new();
    clip.add_part(opened(&times, 5_000));
    let path = file("gap.mp4", &clip.into_mp4().unwrap());
    let said = probe(&path, "format=duration");
    assert_eq!(said, ["5.000000"]);
    let starts = probe(&path, "packet=pts_time");
    assert_eq!(starts[24], "0.960000");
    assert_eq!(starts[25], "4.000000");
    decodes_without_a_complaint(&path);
}

#[test]
fn parts_follow_each_other_in_one_clip() {
    let mut clip = Clip::new();
    clip.add_part(opened(&(0..25).map(|n| n * 40).collect::<Vec<_>>(), 1_000));
    clip.add_part(opened(&(0..25).map(|n| 3_000 + n * 40).collect::<Vec<_>>(), 4_000));
    let path = file("parts.mp4", &clip.into_mp4().unwrap());
    assert_eq!(probe(&path, "stream=nb_read_frames:format=duration"), ["50", "4.000000"]);
    decodes_without_a_complaint(&path);
}

#[test]
fn live_fragments_play_and_their_decode_time_has_no_holes() {
    let (init, pictures) = pictures::encode(30);
    let mut fragments = Fragments::new(&init);
    let mut stream = init_segment(&init);
    for (number, picture) in (0_u64..).zip(&pictures) {
        // The camera stalls for three seconds before frame 15.
        let at = number * 40 + if number < 15 { 0 } else { 3_000 };
        stream.extend(fragments.frame(at, picture.is_keyframe, &picture.unit));
    }
    let path = file("live.mp4", &stream);
    assert_eq!(probe(&path, "stream=codec_name,nb_read_frames"), ["h264", "30"]);
    let starts: Vec<f64> = probe(&path, "packet=dts_time").iter().map(|t| t.parse().unwrap()).collect();
    assert!(starts.windows(2).all(|pair| (pair[1] - pair[0] - 0.04).abs() < 1e-6), "{starts:?}");
    decodes_without_a_complaint(&path);
    assert!(codec(&init).starts_with("avc1.42"), "{}", codec(&init));
}

#[test]
fn nothing_comes_out_of_a_recording_without_frames() {
    assert_eq!(Clip::new().into_mp4(), None);
    let gap = Gap { from_ms: 0, to_ms: 5, reason: GapReason::NoFrame };
    let mut clip = Clip::new();
    clip.add_part(vec![Opened { sequence: 0, captured_ms: 5, content: Content::Gap(gap) }]);
    assert_eq!(clip.into_mp4(), None);
}
