//! Outside a visit no picture is stored and none leaves the home, although the camera runs all the time.
//!
//! Everything between home and cloud goes through a relay that counts connections, their paths and their bytes.

use crate::stage::{LABELS, Relay, SOON, Stage, files};
use serde_json::json;
use std::time::{Duration, Instant};

/// How long nothing happens, and how often somebody tries meanwhile.
const QUIET: Duration = Duration::from_mins(2);
const TRIES: u32 = 12;
/// Bytes up the uplink at most between two tries, ten seconds: a beat a second, and the head of each. The camera makes 50 KiB
/// a second.
const QUIET_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a visit's pictures at least.
const VISIT_BYTES_MIN: usize = 100_000;

#[test]
fn two_minutes_without_a_visit_leave_no_trace_of_the_camera() {
    let mut stage = Stage::new();
    // As much as a camera's picture: what must not be found is large.
    stage.picture = "1280x720";
    stage.start_cloud();
    let relay = Relay::start(stage.cloud_address.unwrap());
    stage.home_cloud = Some(format!("http://{}", relay.address));
    stage.raise();
    stage.permit(&LABELS);
    let mut sent = relay.bytes_up();
    stage.until_truth("a running camera", SOON, |truth| truth["visitor"] == "away");

    let began = Instant::now();
    for tried in 1..=TRIES {
        // Somebody who read the sticker of another door, again and again, and someone who only rings.
        stage.act(&json!("ring"));
        let said = stage.arrive_at(1, "00112233445566778899aabbccddeeff");
        assert!(!said.is_ok(), "{said:?}");
        std::thread::sleep((QUIET * tried / TRIES).saturating_sub(began.elapsed()));
        stage.act(&json!("leave"));
        let up = relay.bytes_up() - sent;
        assert!(up <= QUIET_BYTES_MAX, "{up} bytes went up: {:?}", relay.paths());
        sent += up;
    }
    assert_eq!(stage.recorders().len(), 1, "the recorder has run all the time");
    no_chunk(&stage);
    let paths = relay.paths();
    assert!(!paths.iter().any(|path| path.contains("media")), "{paths:?}");
    assert!(paths.iter().any(|path| path.contains("uplink")), "the relay sees nothing: {paths:?}");

    // The same eyes see a visit.
    stage.visit(&LABELS);
    assert!(relay.paths().iter().any(|path| path.contains("media")), "{:?}", relay.paths());
    assert!(relay.bytes_up() > sent + VISIT_BYTES_MIN);
    stage.until("the recording at the cloud", SOON, || {
        let at_cloud = chunk_bytes(&stage, "cloud");
        if at_cloud > 100_000 { Ok(()) } else { Err(at_cloud.to_string()) }
    });

    // And nothing remains at home, nor goes on growing, once the cloud holds everything.
    stage.until("an empty spool", SOON, || {
        let left = chunk_bytes(&stage, "home");
        if left == 0 { Ok(()) } else { Err(format!("{left} bytes, {:?}", files(&stage.path("home/spool")))) }
    });
}

#[track_caller]
fn no_chunk(stage: &Stage) {
    let home = files(&stage.path("home/spool"));
    assert_eq!(chunk_bytes(stage, "home"), 0, "{home:?}");
    let cloud = [files(&stage.path("cloud/spool")), files(&stage.path("cloud/objects"))].concat();
    assert!(cloud.is_empty(), "{cloud:?}");
}

/// Bytes in files that hold pictures.
fn chunk_bytes(stage: &Stage, whose: &str) -> u64 {
    let folders = ["spool", "objects"].map(|name| stage.path(whose).join(name));
    let holds_pictures = |(path, _): &(std::path::PathBuf, u64)| {
        !path.ends_with("lock")
            && !path.ends_with("manifest")
            && path.extension().is_none_or(|kind| kind != "header")
    };
    folders.iter().flat_map(|folder| files(folder)).filter(holds_pictures).map(|(_, size)| size).sum()
}
