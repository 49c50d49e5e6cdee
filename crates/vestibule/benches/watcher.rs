//! How old a picture is when a watcher without a browser has checked and opened it: drawn camera, recorder, cloud and watcher
//! on this machine. It is counted from when the drawn camera begins a picture, so drawing and encoding are in it.
//!
//!   ./x bench watcher

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

#[path = "../tests/stage/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the stage of the deliveries has more than this needs")]
mod stage;

use stage::Stage;

const SECONDS: u64 = 45;
const REACH_MS: u64 = 50;

fn main() {
    let mut stage = Stage::new();
    stage.picture = "1280x720";
    stage.raise();
    let looked = stage.person("resident", &["look", "--seconds", &SECONDS.to_string()]).ok();
    drop(stage);
    let age = |share: &str| looked["age_ms"][share].as_u64().expect("pictures came");
    // A camera of 15 pictures a second; without most of them the ages say nothing.
    let pictures = looked["pictures"].as_u64().expect("a count");
    assert!(pictures > SECONDS * 12, "{looked}");
    let (p50, p95) = (age("p50"), age("p95"));
    println!(
        "{{\"what\":\"from the camera to a picture opened by a live watcher, p95 ms\",\"value\":{p95},\"reach\":{REACH_MS},\
         \"p50\":{p50},\"pictures\":{pictures},\"ok\":{}}}",
        p95 <= REACH_MS
    );
    std::process::exit(i32::from(p95 > REACH_MS));
}
