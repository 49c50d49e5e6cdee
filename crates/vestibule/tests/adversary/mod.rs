//! The adversary: whoever has taken the cloud, or sits on the wire between a home and it.
//!
//! [`wire`] listens and cuts, [`loot`] is what a stolen cloud's disk and wire hold, [`forger`] signs with keys that
//! nobody enrolled, [`false_cloud`] speaks all of it to a home. Nothing of these holds a key of the home, a resident,
//! a provider or a visitor. [`insider`] and [`at_the_door`] do: whoever has an account, or has stolen a device.
pub(crate) mod at_the_door;
pub(crate) mod false_cloud;
pub(crate) mod forger;
pub(crate) mod insider;
pub(crate) mod lock_wire;
pub(crate) mod loot;
pub(crate) mod wire;

use crate::stage::{SOON, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::door_event::{Body, Detail};
use protocol::revocation::Revocation;
use protocol::roster::Roster;
use protocol::sign_in::Role;
use protocol::time::Timestamp;
use protocol::{Claimed, Kid, Signed};
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
    until_logged(stage, "the secured door", SOON, secured)
}

/// Whether the home said so.
pub(crate) fn secured(log: &[Detail]) -> bool {
    at(log, |body| matches!(body, Body::Secured(_))).is_some()
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

/// A resident's signed list takes back everything of these providers' keys and visitors' devices; the home keeps it.
#[track_caller]
pub(crate) fn end(stage: &Stage, providers: Vec<Kid>, devices: Vec<Kid>) {
    let roster = std::fs::read(stage.path("resident/roster.cose")).expect("the first roster");
    let roster = Claimed::<Roster>::parse(&roster).expect("a roster");
    let list = Revocation {
        door: roster.unproven().door,
        sequence: 1,
        // Sequence, not date, decides.
        issued: Timestamp(1_700_000_000),
        blocked: false,
        grants: vec![],
        providers,
        devices,
    };
    let signed = Signed::sign(list, &insider::key_of(stage, "resident", "device.key")).expect("a list");
    let resident = insider::Insider::sign_in(stage, "resident", Role::Resident);
    let path = format!("/v1/homes/{}/revocations", roster.unproven().home);
    let body = serde_json::json!({ "revocation": URL_SAFE_NO_PAD.encode(signed.bytes()) });
    let answer = resident.post(stage, &path, &body);
    assert_eq!(answer["kept_by_home"]["state"], "kept", "{answer}");
}

/// Whether the home refused somebody for this reason.
pub(crate) fn has_refused(log: &[Detail], code: &str) -> bool {
    at(log, |body| matches!(body, Body::Refused(refused) if refused == code)).is_some()
}
