//! A delivery on a real camera and a real broker: an RTSP server films, and lock and contact are two devices behind
//! mosquitto.

use crate::stage::{Broker, LABELS, RtspCamera, SOON, Stage, run};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// How much of the time before the arrival the clip must hold: the camera is asked for 5 s.
const PREROLL_MS_MIN: u64 = 2_000;
/// A clip's length and the recording's: the last picture has a length in the one and none in the other.
const LENGTH_MS_MAX: u64 = 500;

#[test]
fn three_parcels_past_an_rtsp_camera_and_an_mqtt_lock() {
    let mut stage = Stage::new();
    let camera = RtspCamera::start(&stage);
    let _broker = Broker::between(&mut stage);
    stage.camera = Some(camera.url.clone());
    stage.raise();
    let filming_since = Instant::now();
    let grant = stage.permit(&LABELS);
    assert_eq!(grant.len(), 64);
    stage.until("a camera that has run for longer than the pre-roll", SOON, || {
        let ran = filming_since.elapsed();
        if ran > Duration::from_secs(6) { Ok(()) } else { Err(format!("{ran:?}")) }
    });

    let visit = stage.visit(&LABELS);

    let truth = stage.truth();
    assert_eq!(truth["parcels_inside"], 3, "{truth}");
    assert_eq!((&truth["bolt"], &truth["door"]), (&"locked".into(), &"closed".into()), "{truth}");
    assert_eq!(stage.openings(), 1);
    let log = stage.until("the whole door log at the cloud", SOON, || {
        let log = stage.person("resident", &["log"]).ok();
        let home = stage.status()["events"].clone();
        if log["events"] == home { Ok(log) } else { Err(format!("{log}, and the home has {home}")) }
    });
    assert_eq!(log["complete"], true);

    let folder = stage.collect(&visit, "delivery");
    let proven = stage.run(&["verify", folder.to_str().unwrap()]).ok();
    assert_eq!(proven["parcels_inside"], 3);
    assert_eq!(proven["secured"], true);
    let clip_ms = decodes(&stage, &folder.join("clip.mp4"));
    let (recorded_ms, visit_ms) = (number(&proven, "recorded_ms"), number(&proven, "visit_ms"));
    assert!(clip_ms.abs_diff(recorded_ms) <= LENGTH_MS_MAX, "{clip_ms} ms of clip; {proven}");
    assert!(recorded_ms >= visit_ms + PREROLL_MS_MIN, "{proven}");
    assert_eq!(proven["gaps"], 0, "{proven}");
}

fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// The clip is H.264 that a foreign player decodes without a complaint. Answers with its length in milliseconds.
#[track_caller]
fn decodes(stage: &Stage, clip: &Path) -> u64 {
    let clip = clip.to_str().unwrap();
    let wanted = ["-v", "error", "-show_entries", "stream=codec_name:format=duration", "-of", "json", clip];
    let (status, out, err) = run(&stage.path("."), "ffprobe", &wanted, SOON);
    assert!(status.is_some_and(|status| status.success()) && err.is_empty(), "apt install ffmpeg: {err}");
    let probed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(probed["streams"][0]["codec_name"], "h264", "{probed}");
    assert_eq!(probed["streams"].as_array().unwrap().len(), 1, "pictures and no sound: {probed}");
    // In the clip's own clock: rounded to a frame rate, two pictures that a busy camera sent close together would meet.
    let own_clock = ["-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "null", "-"];
    let all = [&["-v", "error", "-xerror", "-i", clip][..], &own_clock].concat();
    let (status, _, err) = run(&stage.path("."), "ffmpeg", &all, SOON);
    assert!(status.is_some_and(|status| status.success()) && err.is_empty(), "{err}");
    let seconds = Duration::from_secs_f64(probed["format"]["duration"].as_str().unwrap().parse().unwrap());
    u64::try_from(seconds.as_millis()).unwrap()
}
