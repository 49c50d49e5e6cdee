//! In 2017 the first camera lock of a large retailer could be taken off the Wi-Fi by anyone at the door, just after the
//! courier had been let in: the app went on showing a closed door, and nobody was told. Here the network goes as soon as
//! the bolt is withdrawn. The door locks all the same, and somebody outside hears of the silence.

use crate::adversary::insider::Insider;
use crate::adversary::wire::{Mode, Wire};
use crate::adversary::{alarm_at, at, raise_on_a_wire, runtime, story, until_logged, until_secured};
use crate::stage::{LABELS, SOON, Stage};
use protocol::canonical;
use protocol::door_event::{Body, Detail};
use protocol::limits::UPLINK_BYTES_MAX;
use protocol::sign_in::Role;
use protocol::uplink::{Downlink, ToHome};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Somebody outside is told within this.
const TOLD_WITHIN: Duration = Duration::from_secs(10);
/// From the closed door to the thrown bolt: a second of steadiness, the bolt's travel, and room.
const RELOCK_MS_MAX: u64 = 4_000;

#[test]
fn a_broken_network_locks_the_door_and_somebody_hears_of_it() {
    the_network_goes(Mode::Cut);
}

#[test]
fn a_silent_network_locks_the_door_and_somebody_hears_of_it() {
    the_network_goes(Mode::Silent);
}

fn the_network_goes(how: Mode) {
    let runtime = runtime();
    let mut stage = Stage::new();
    let wire = raise_on_a_wire(&mut stage, &runtime);
    stage.permit(&LABELS);
    let visit = stage.arrive();
    assert_eq!(stage.scan(&LABELS).ok()["open"], true);
    // The cloud knows that the bolt is withdrawn: from here on its silence means something.
    let opened = at(&stage.door_log(), |body| *body == Body::Opened).expect("the bolt is withdrawn");
    let counter =
        1 + stage.door_log().iter().position(|detail| detail.monotonic.0 == opened).expect("it is logged");
    stage.until("the log in the cloud", SOON, || {
        if stored(&wire) >= counter as u64 { Ok(()) } else { Err(format!("{} of {counter}", stored(&wire))) }
    });

    wire.set(how);
    let gone = Instant::now();
    stage.open_door();
    let operator = Insider::sign_in(&stage, "operator", Role::Operator);
    let incident = stage.until("the incident", TOLD_WITHIN.saturating_sub(gone.elapsed()), || {
        silence_incident(&stage, &operator, &visit)
    });
    println!("{how:?}: told after {:?}: {incident}", gone.elapsed());
    stage.close_door();
    stage.until_locked(SOON);
    let log = until_secured(&stage);
    let (closed, relocked) =
        (at(&log, |body| *body == Body::DoorClosed), at(&log, |body| *body == Body::Relocked));
    let (closed, relocked) = (closed.expect("closed"), relocked.expect("relocked"));
    assert!(relocked - closed <= RELOCK_MS_MAX, "{}", story(&log));
    assert_eq!(alarm_at(&log, "recording_lost"), None, "recording is local:\n{}", story(&log));
    assert_eq!(stage.truth()["bolt"], "locked");

    wire.set(Mode::Whole);
    until_the_cloud_has_all(&stage);
    // The handset lost its connection too; it comes back to say goodbye, although the use is spent.
    stage.person("courier", &["done", "--parcels", "0"]).ok();
}

/// What tells that a visit has come to a step, and its name.
type Step = (&'static str, fn(&Body) -> bool);

const STEPS: [Step; 6] = [
    ("arrived", |body| matches!(body, Body::Arrived { .. })),
    ("decided", |body| matches!(body, Body::Intent(_))),
    ("unlocked", |body| *body == Body::Opened),
    ("door open", |body| *body == Body::DoorOpened),
    ("door closed", |body| *body == Body::DoorClosed),
    ("secured", |body| matches!(body, Body::Secured(_))),
];
/// How long the network is gone: longer than a lock waits for a push would be another test.
const AWAY: Duration = Duration::from_secs(2);

#[test]
fn a_network_cut_at_any_step_of_a_visit_opens_nothing_twice_and_leaves_no_door_open() {
    let runtime = runtime();
    let mut stage = Stage::new();
    let wire = raise_on_a_wire(&mut stage, &runtime);
    let labels = &LABELS[..1];
    stage.permit_visits(labels, u32::try_from(STEPS.len()).expect("few"));
    for step in STEPS {
        let before = stage.door_log().len();
        std::thread::scope(|scope| {
            let cutting = scope.spawn(|| cut_at(&stage, &wire, before, step));
            until_let_in(&stage, labels);
            stage.open_door();
            stage.close_door();
            stage.until_locked(SOON);
            cutting.join().expect("the network was cut");
        });
        stage.until_status("the uplink", SOON, |status| status["uplink"] == true);
        stage.depart(1);
        until_the_cloud_has_all(&stage);
        let log = &stage.door_log()[before..];
        let opened_for = |detail: &Detail| detail.visit.filter(|_| matches!(detail.body, Body::Intent(_)));
        let visits: BTreeSet<_> = log.iter().filter_map(opened_for).collect();
        assert_eq!(visits.len(), 1, "cut when {}:\n{}", step.0, story(log));
        assert_eq!(stage.status()["secured"], true);
    }
    let used_up = stage.arrive_at(1, &stage.door_tag());
    assert!(!used_up.is_ok(), "a use for each visit and none more: {used_up:?}");
}

/// Cuts the network as soon as the door's log has the step, and mends it after a while.
fn cut_at(stage: &Stage, wire: &Wire, before: usize, (name, is): Step) {
    until_logged(stage, name, 2 * SOON, |log| log[before..].iter().any(|detail| is(&detail.body)));
    wire.set(Mode::Cut);
    std::thread::sleep(AWAY);
    wire.set(Mode::Whole);
}

/// The courier tries until the bolt is withdrawn, as people do.
fn until_let_in(stage: &Stage, labels: &[&str]) {
    stage.until("the withdrawn bolt", 2 * SOON, || {
        let said = stage.arrive_at(1, &stage.door_tag());
        let said = if said.is_ok() { stage.scan(labels) } else { said };
        if stage.truth()["bolt"] == "unlocked" { Ok(()) } else { Err(format!("{said:?}")) }
    });
}

fn until_the_cloud_has_all(stage: &Stage) {
    stage.until("the whole log in the cloud", SOON, || {
        let said = stage.person("resident", &["log"]);
        let events = said.lines.last().map_or(Value::Null, |line| line["events"].clone());
        let whole = &stage.status()["events"];
        if said.is_ok() && events == *whole {
            Ok(())
        } else {
            Err(format!("{events} of {whole}: {}", said.err))
        }
    });
}

/// The newest counter that the cloud said it has stored.
fn stored(wire: &Wire) -> u64 {
    let told = wire.heard().to_home.into_iter().filter_map(|bytes| {
        match canonical::decode::<Downlink>(&bytes, UPLINK_BYTES_MAX).ok()?.message {
            ToHome::LogStored(counter) | ToHome::Welcome(counter) => Some(counter),
            _ => None,
        }
    });
    told.max().unwrap_or(0)
}

fn silence_incident(stage: &Stage, operator: &Insider, visit: &str) -> Result<Value, String> {
    let answer = operator.get(stage, "/v1/operator/incidents");
    let incidents = answer["incidents"].as_array().cloned().unwrap_or_default();
    let silence = |one: &&Value| one["kind"] == "home_silent_in_passage" && one["about"]["visit"] == visit;
    incidents.iter().find(silence).cloned().ok_or_else(|| answer.to_string())
}
