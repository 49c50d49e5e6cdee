//! The box at home hangs on a plug, and the plug is sometimes within reach of whoever comes in. Here the hub loses its
//! power at each moment of a passage and comes back. The door ends locked, or an alarm is out until somebody has closed
//! it; a use stays used; the camera films on, and the proof of the delivery holds together over the break.

use crate::adversary::lock_wire::LockWire;
use crate::adversary::{alarm_at, story, until_logged};
use crate::stage::{LABELS, SOON, Stage};
use protocol::door_event::{Body, Detail};
use serde_json::json;
use std::thread;
use std::time::Duration;

/// Stages at once: they mostly wait.
const AT_ONCE: usize = 3;
/// Somebody outside is told within this of the hub's return.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// When the power goes, and what is true then.
struct Row {
    name: &'static str,
    until: fn(&mut Stage, &LockWire),
    /// The door stands open: an alarm until somebody closes it.
    is_open: bool,
    /// The lock never got the command: the same visit may scan again.
    never_opened: bool,
}

const ROWS: &[Row] = &[
    Row {
        name: "the use is burned, the command never arrives",
        until: |stage, wire| {
            wire.swallow(true);
            begin_scan(stage);
            stage.until("the command", SOON, || {
                let ordered = wire.ordered();
                if ordered.iter().any(|one| one.command == "unlock") {
                    Ok(())
                } else {
                    Err(format!("{ordered:?}"))
                }
            });
        },
        is_open: false,
        never_opened: true,
    },
    Row {
        name: "the bolt is on its way in",
        until: |stage, _| {
            begin_scan(stage);
            stage.until_truth("the moving bolt", SOON, |truth| truth["bolt"] != "locked");
        },
        is_open: false,
        never_opened: false,
    },
    Row {
        name: "the door is open",
        until: |stage, _| {
            begin_scan(stage);
            stage.until_truth("the bolt", SOON, |truth| truth["bolt"] == "unlocked");
            stage.open_door();
        },
        is_open: true,
        never_opened: false,
    },
    Row {
        name: "the door is closed and not locked yet",
        until: |stage, _| {
            begin_scan(stage);
            stage.until_truth("the bolt", SOON, |truth| truth["bolt"] == "unlocked");
            stage.open_door();
            stage.close_door();
            assert_eq!(stage.truth()["bolt"], "unlocked");
        },
        is_open: false,
        never_opened: false,
    },
    Row {
        name: "the bolt is on its way out",
        until: |stage, _| {
            begin_scan(stage);
            stage.until_truth("the bolt", SOON, |truth| truth["bolt"] == "unlocked");
            stage.open_door();
            stage.close_door();
            stage.until_truth("the moving bolt", SOON, |truth| truth["bolt"] == "between");
        },
        is_open: false,
        never_opened: false,
    },
];

#[test]
fn a_hub_without_power_leaves_no_door_open_and_no_use_twice() {
    for some in ROWS.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|row| (row.name, scope.spawn(|| play(row)))).collect();
            for (name, row) in running {
                assert!(row.join().is_ok(), "failed: {name}");
            }
        });
    }
}

/// The courier scans; nobody waits for the door's answer.
fn begin_scan(stage: &mut Stage) {
    let (keys, cloud) = (stage.text("courier"), stage.cloud_url());
    let person = ["visitor", "--keys", &keys, "--cloud", &cloud, "scan"];
    let arguments: Vec<&str> = person.into_iter().chain(LABELS).collect();
    SCANS.with_borrow_mut(|scans| scans.push(stage.spawn("scan", &arguments)));
}

thread_local! {
    /// Ended with the row's thread.
    static SCANS: std::cell::RefCell<Vec<crate::stage::Process>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn play(row: &Row) {
    let mut stage = Stage::new();
    let at = stage.path("lock.sock");
    stage.lock = Some(format!("virtual:{}", at.display()));
    let wire = LockWire::lay(&at, stage.path("house/house.sock"));
    stage.raise();
    stage.permit(&LABELS);
    let visit = stage.arrive();
    (row.until)(&mut stage, &wire);
    let recorders = stage.recorders();
    stage.kill_hub();
    wire.swallow(false);
    assert_eq!(stage.recorders(), recorders, "the recorder films on");

    stage.spawn_hub();
    let boots = |log: &[Detail]| log.iter().filter(|detail| detail.body == Body::Booted(false)).count();
    stage.until_status("the hub", SOON, |status| status["uplink"] == true && status["door"] != "unknown");
    if row.is_open {
        let log =
            until_logged(&stage, "the alarm", TOLD_WITHIN, |log| alarm_at(log, "unclear_at_start").is_some());
        assert_eq!((&stage.truth()["door"], &stage.truth()["bolt"]), (&json!("open"), &json!("unlocked")));
        assert_eq!(boots(&log), 1, "{}", story(&log));
        // Nobody comes back, and the picture goes on: the first recorder leaves when the second one films.
        stage.until("the next recorder", SOON, || match stage.recorders() {
            now if now.len() == 1 && now != recorders => Ok(()),
            now => Err(format!("{now:?} after {recorders:?}")),
        });
        stage.until("a picture of the next recorder", SOON, || {
            let spool = crate::stage::files(&stage.path("home/spool"));
            let films = spool.iter().any(|(file, bytes)| file.ends_with("part-1.chunks") && *bytes > 0);
            if films { Ok(()) } else { Err(format!("{spool:?}")) }
        });
        stage.close_door();
    }
    stage.until_locked(SOON);
    stage.until_status("the secured door", SOON, |status| status["secured"] == true);
    assert_eq!(stage.openings(), 1);

    if row.never_opened {
        // Nobody loses a delivery: the same visit may scan again, as soon as the next recorder has a picture.
        assert_eq!(stage.scan(&LABELS).ok()["open"], true, "{}", story(&stage.door_log()));
        stage.open_door();
        stage.close_door();
        stage.until_locked(SOON);
        let secured = |log: &[Detail]| log.iter().filter(|d| matches!(d.body, Body::Secured(_))).count();
        until_logged(&stage, "the secured door", SOON, |log| secured(log) == 2);
    }
    stage.person("courier", &["done", "--parcels", "3"]).ok();
    let (log, openings) = (stage.door_log(), stage.openings());
    let again = stage.person("courier", &["arrive", "--tag", &stage.door_tag()]);
    assert!(again.failure().contains("Not here today"), "a use is used up: {again:?}");
    assert_eq!(stage.openings(), openings);

    let folder = stage.collect(&visit, "delivery");
    let proven = stage.run(&["verify", &folder.display().to_string()]).ok();
    println!("{}: {proven}", row.name);
    assert_eq!(proven["secured"], true);
    if row.is_open {
        assert!(parts(&folder) >= 2, "the next recorder goes on with a part of its own");
        let (before, after) = frames(&log);
        assert!(after > before, "proofs of the passage go on: {before} {after}\n{}", story(&log));
    }
}

/// Where the recording stood at the intent and at the end of the passage, as the door log has it.
fn frames(log: &[Detail]) -> (u64, u64) {
    let (mut before, mut after) = (0, 0);
    for detail in log {
        match &detail.body {
            Body::Intent(intent) => before = intent.recordings[0].frame,
            Body::Secured(heads) => after = heads[0].frame,
            _ => {}
        }
    }
    (before, after)
}

/// Parts of the recording in a delivery folder.
fn parts(folder: &std::path::Path) -> usize {
    crate::stage::files(&folder.join("recording"))
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|e| e == "header"))
        .count()
}
