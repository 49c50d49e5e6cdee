//! The adversary: whoever has taken the cloud, or sits on the wire between a home and it.
//!
//! [`wire`] listens and cuts, [`loot`] is what a stolen cloud's disk and wire hold, [`forger`] signs with keys that
//! nobody enrolled, [`false_cloud`] speaks all of it to a home. Nothing in here holds a key of the home, a resident,
//! a provider or a visitor.
pub(crate) mod false_cloud;
pub(crate) mod forger;
pub(crate) mod insider;
pub(crate) mod lock_wire;
pub(crate) mod loot;
pub(crate) mod wire;

use crate::stage::{SOON, Stage};
use protocol::door_event::{Body, Detail};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::runtime::Runtime;
use wire::Wire;

/// Threads on which an adversary listens while the test acts.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads")
}

/// [`Stage::raise`] with a held wire between the home and its cloud. The home registers before the wire is laid: it
/// carries WebSockets only.
pub(crate) fn raise_on_a_wire(stage: &mut Stage, runtime: &Runtime) -> Wire {
    stage.start_cloud();
    stage.start_house();
    stage.make_home();
    stage.pair();
    let cloud = stage.cloud_address.expect("the cloud runs");
    let wire = runtime.block_on(Wire::lay(&cloud.to_string()));
    lead_over(stage, wire.address());
    stage.start_hub();
    stage.enrol_provider("provider", "courier");
    wire
}

fn lead_over(stage: &Stage, wire: SocketAddr) {
    let path = stage.path("home/home.toml");
    let config = std::fs::read_to_string(&path).expect("home.toml");
    let led = config.replace(&stage.cloud_url(), &format!("http://{wire}"));
    assert_ne!(led, config, "home.toml names the cloud");
    std::fs::write(&path, led).expect("home.toml");
}

/// What the door log tells, in short: for failures that a person reads.
pub(crate) fn story(log: &[Detail]) -> String {
    let line = |detail: &Detail| format!("{:>8} ms  {:?}", detail.monotonic.0, detail.body);
    log.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// When an alarm was raised, on the home's monotonic clock, ms.
pub(crate) fn alarm_at(log: &[Detail], code: &str) -> Option<u64> {
    at(log, |body| matches!(body, Body::Alarm(alarm) if alarm == code))
}

/// When something first happened, on the home's monotonic clock, ms.
pub(crate) fn at(log: &[Detail], is: impl Fn(&Body) -> bool) -> Option<u64> {
    log.iter().find(|detail| is(&detail.body)).map(|detail| detail.monotonic.0)
}

/// Waits until the log tells something.
#[track_caller]
pub(crate) fn until_logged(
    stage: &Stage,
    what: &str,
    within: Duration,
    is: impl Fn(&[Detail]) -> bool,
) -> Vec<Detail> {
    stage.until(what, within, || {
        let log = stage.door_log();
        if is(&log) { Ok(log) } else { Err(story(&log)) }
    })
}

/// Waits until the home says that bolt and door agree.
#[track_caller]
pub(crate) fn until_secured(stage: &Stage) -> Vec<Detail> {
    until_logged(stage, "the secured door", SOON, |log| {
        at(log, |body| matches!(body, Body::Secured(_))).is_some()
    })
}

/// The home's monotonic clock, which runs on this machine too, ms.
pub(crate) fn now_ms() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    u64::try_from(now.tv_sec).expect("after boot") * 1_000
        + u64::try_from(now.tv_nsec).expect("positive") / 1_000_000
}

/// The courier is at the door with so many parcels: at a later stop of his tour.
pub(crate) fn arrive_with(stage: &Stage, parcels: u64) {
    let tour = stage.person("courier", &["tour"]);
    let stop = tour.lines.iter().find(|stop| stop["parcels"] == parcels).expect("the stop is on the tour");
    let number = stop["stop"].to_string();
    stage.person("courier", &["arrive", "--stop", &number, "--tag", &stage.door_tag()]).ok();
}
