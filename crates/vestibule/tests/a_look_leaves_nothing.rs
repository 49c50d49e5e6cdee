//! A resident looks for a minute, outside a visit: pictures come, the home ends it, and neither the home nor the cloud
//! holds any of it afterwards. Everything that leaves the home goes through a relay that counts.

use crate::stage::{LABELS, Relay, SOON, Stage, files};
use protocol::door_event::Body;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Bytes in 5 s without a look at most: a beat a second. The camera makes 50 KiB a second.
const QUIET_BYTES_MAX: usize = 4 * 1024;

#[test]
fn a_minute_is_shown_then_nothing_is_sent_and_nothing_is_kept() {
    let mut stage = Stage::new();
    // As much as a camera's picture: what must not be found is large.
    stage.picture = "1280x720";
    stage.start_cloud();
    let relay = Relay::start(stage.cloud_address.unwrap());
    stage.home_cloud = Some(format!("http://{}", relay.address));
    stage.raise();
    stage.until_truth("a running camera", SOON, |truth| truth["visitor"] == "away");
    assert!(!relay.paths().iter().any(|path| path.contains("media")), "{:?}", relay.paths());

    let began = Instant::now();
    let seen = looks_until_the_home_ends_it(&stage);
    let took = began.elapsed();
    assert_eq!(seen["ended"], true, "the home ends it: {seen}");
    assert!((Duration::from_secs(59)..Duration::from_secs(66)).contains(&took), "{took:?}");
    // 10 to 25 a second, on a machine that does other things.
    assert!(seen["pictures"].as_u64() > Some(300), "{seen}");

    // It may take until the media uplink, idle, hangs up; then there is quiet.
    let quiet = stage.until("quiet on the wire", Duration::from_secs(20), || {
        let before = relay.bytes_up();
        std::thread::sleep(Duration::from_secs(5));
        let sent = relay.bytes_up() - before;
        if sent <= QUIET_BYTES_MAX { Ok(sent) } else { Err(format!("{sent} bytes")) }
    });
    println!("{seen} in {took:?}, then {quiet} bytes in 5 s");
    holds_nothing(&stage);
    let looked: Vec<Body> = stage.door_log().into_iter().map(|detail| detail.body).collect();
    assert_eq!(looked.iter().filter(|body| matches!(body, Body::Looked { seconds: 60, .. })).count(), 1);

    // A visit has its own picture, and its visitor was told what films.
    stage.permit(&LABELS);
    stage.person("courier", &["arrive", "--stop", "1", "--tag", &stage.door_tag()]).ok();
    let refused = stage.person("resident", &["look"]).failure();
    assert!(refused.contains("look_in_visit"), "{refused}");
}

/// Longer than any other command: it has a minute.
#[track_caller]
fn looks_until_the_home_ends_it(stage: &Stage) -> Value {
    let (keys, cloud) = (stage.text("resident"), stage.cloud_url());
    let arguments = ["resident", "--keys", &keys, "--cloud", &cloud, "look", "--seconds", "90"];
    let looking = stage.spawn("look", &arguments);
    stage.until("the end of the look", Duration::from_secs(80), || {
        let log = looking.log();
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.find(|line| line["pictures"].is_u64()).ok_or(log)
    })
}

#[track_caller]
fn holds_nothing(stage: &Stage) {
    let pictures = |(path, size): &(std::path::PathBuf, u64)| *size > 0 && !path.ends_with("lock");
    let of = |folder: &str| files(&stage.path(folder)).into_iter().filter(pictures).collect::<Vec<_>>();
    assert_eq!([of("home/spool"), of("cloud/spool"), of("cloud/objects")].concat(), []);
    // The camera made some 3 MB in that minute. What the cloud has of it is an event, a notice, and their indices.
    let bytes = |folder: &str| files(&stage.path(folder)).iter().map(|(_, size)| size).sum::<u64>();
    assert!(bytes("cloud") < 1_500_000, "{} bytes: {:?}", bytes("cloud"), files(&stage.path("cloud")));
    assert!(bytes("home") < 200_000, "{} bytes: {:?}", bytes("home"), files(&stage.path("home")));
}
