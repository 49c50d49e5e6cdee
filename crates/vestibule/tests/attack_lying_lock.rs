//! A bolt that something keeps from its frame, and a lock that says "locked" all the same: an old trick at delivery
//! boxes and doors alike. Here the lock lies, falls silent, jams, stalls, comes late, loses its power or throws its bolt
//! at an open door, and the door swings open under the bolt. Each time either bolt and door agree or somebody is told,
//! and the bolt is never thrown at a door that stands open.

use crate::adversary::lock_wire::LockWire;
use crate::adversary::{now_ms, story};
use crate::stage::{LABELS, SOON, Stage};
use protocol::door_event::{Body, Detail};
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;

/// From the command that failed to the alarm.
const TOLD_MS_MAX: u64 = 10_000;
/// The door is closed for so long before LOCK is sent.
const STEADY_MS: u64 = 1_000;
/// Stages at once: they mostly wait.
const AT_ONCE: usize = 3;

/// What goes wrong while the door is open, what people do then, and which alarm tells of it.
struct Row {
    name: &'static str,
    misbehave: fn() -> Value,
    people: fn(&Stage),
    /// None: it ends secured.
    alarm: Option<&'static str>,
    /// From the last thing that people did to the command that fails.
    command_after_ms: u64,
}

const ROWS: &[Row] = &[
    Row {
        name: "the lock says locked and did nothing, and somebody pushes the door",
        misbehave: || json!({ "lock": "lie" }),
        people: |stage| {
            stage.close_door();
            until_secured_by_word(stage);
            assert_eq!(stage.truth()["bolt"], "unlocked", "the lie");
            stage.open_door();
        },
        alarm: Some("locked_but_open"),
        command_after_ms: 0,
    },
    Row {
        name: "the lock says nothing",
        misbehave: || json!({ "lock": "silent" }),
        people: Stage::close_door,
        alarm: Some("not_locked"),
        command_after_ms: STEADY_MS,
    },
    Row {
        name: "the bolt jams",
        misbehave: || json!({ "lock": "jam" }),
        people: Stage::close_door,
        alarm: Some("bolt_jammed"),
        command_after_ms: STEADY_MS,
    },
    Row {
        name: "the bolt never arrives",
        misbehave: || json!({ "lock": "stall" }),
        people: Stage::close_door,
        alarm: Some("not_locked"),
        command_after_ms: STEADY_MS,
    },
    Row {
        name: "the lock begins six seconds late",
        misbehave: || json!({ "lock": { "late": 6_000 } }),
        people: Stage::close_door,
        alarm: Some("not_locked"),
        command_after_ms: STEADY_MS,
    },
    Row {
        name: "the lock begins three seconds late",
        misbehave: || json!({ "lock": { "late": 3_000 } }),
        people: Stage::close_door,
        alarm: None,
        command_after_ms: STEADY_MS,
    },
    Row {
        name: "the lock loses its power while the door is open",
        misbehave: || json!({ "lock": "power_loss" }),
        people: |_| {},
        alarm: Some("lock_offline"),
        command_after_ms: 0,
    },
    Row {
        name: "the lock throws its bolt at the open door",
        misbehave: || json!({ "lock": "blind_auto_lock" }),
        people: |_| {},
        alarm: Some("locked_but_open"),
        command_after_ms: 5_000,
    },
    Row {
        name: "the door swings open under the bolt, and is closed again",
        misbehave: || json!({ "door": "reopen" }),
        people: |stage| {
            stage.close_door();
            stage.until_truth("the door open again", SOON, |truth| truth["door"] == "open");
            stage.until_truth("the bolt withdrawn", SOON, |truth| truth["bolt"] == "unlocked");
            stage.close_door();
        },
        alarm: None,
        command_after_ms: STEADY_MS,
    },
];

#[test]
fn a_lock_that_fails_is_secured_or_told() {
    for some in ROWS.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|row| (row.name, scope.spawn(|| play(row)))).collect();
            for (name, row) in running {
                assert!(row.join().is_ok(), "failed: {name}");
            }
        });
    }
}

fn play(row: &Row) {
    let mut stage = Stage::new();
    let at = stage.path("lock.sock");
    stage.lock = Some(format!("virtual:{}", at.display()));
    let wire = LockWire::lay(&at, stage.path("house/house.sock"));
    stage.raise();
    stage.permit(&LABELS);
    stage.arrive();
    assert_eq!(stage.scan(&LABELS).ok()["open"], true);
    stage.open_door();
    stage.until_status("the open door", SOON, |status| status["door"] == "open");

    stage.misbehave(&(row.misbehave)());
    (row.people)(&stage);
    let failing_ms = now_ms() + row.command_after_ms;
    let log = stage.until(row.name, Duration::from_millis(row.command_after_ms + TOLD_MS_MAX), || {
        is_never_secured_while_open(&stage);
        let log = stage.door_log();
        if ends_well(&log, row.alarm) { Ok(log) } else { Err(story(&log)) }
    });
    let told_ms = log.last().map_or(0, |detail| detail.monotonic.0);
    println!("{}: {:?} after {} ms", row.name, row.alarm, told_ms.saturating_sub(failing_ms));
    if let Some(code) = row.alarm {
        let alarm_ms = crate::adversary::alarm_at(&log, code).expect("waited for");
        assert!(alarm_ms <= failing_ms + TOLD_MS_MAX, "{}: {}", row.name, story(&log));
    } else {
        assert_eq!((&stage.truth()["bolt"], &stage.truth()["door"]), (&json!("locked"), &json!("closed")));
    }

    no_secured_event_while_open(&log);
    for ordered in wire.ordered() {
        let is_thrown_at_an_open_door = ordered.command == "lock" && ordered.truth["door"] != "closed";
        assert!(!is_thrown_at_an_open_door, "{}: {ordered:?}\n{}", row.name, story(&log));
    }
    assert!(wire.ordered().iter().any(|ordered| ordered.command == "unlock"), "the wire carried nothing");
}

/// The alarm is out, or bolt and door agreed after the door was last open.
fn ends_well(log: &[Detail], alarm: Option<&str>) -> bool {
    let Some(code) = alarm else {
        let last_open = log.iter().rposition(|detail| detail.body == Body::DoorOpened);
        let secured = log.iter().rposition(|detail| matches!(detail.body, Body::Secured(_)));
        return secured > last_open;
    };
    crate::adversary::alarm_at(log, code).is_some()
}

fn until_secured_by_word(stage: &Stage) {
    stage.until_status("the lock's word", SOON, |status| status["secured"] == true);
}

/// The contact says open before and after the hub says how it stands: then it does not stand secured. The hub may be a
/// moment behind the contact, so the contact must have said so for that moment.
fn is_never_secured_while_open(stage: &Stage) {
    let contact =
        || stage.house_say(&json!({ "get": "state" })).map_or(Value::Null, |state| state["door"].clone());
    if contact() != "open" {
        return;
    }
    thread::sleep(Duration::from_millis(200));
    let status = stage.status();
    if contact() == "open" {
        assert_ne!(status["secured"], true, "secured, and the contact says open: {status}");
    }
}

fn no_secured_event_while_open(log: &[Detail]) {
    let mut is_open = false;
    for detail in log {
        match detail.body {
            Body::DoorOpened => is_open = true,
            Body::DoorClosed => is_open = false,
            Body::Secured(_) => assert!(!is_open, "{}", story(log)),
            _ => {}
        }
    }
}
