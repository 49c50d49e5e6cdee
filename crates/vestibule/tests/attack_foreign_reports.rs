//! What a lock says comes over a broker on which a neighbour's lock speaks, too, and whoever has a client. In 2017 the
//! camera of one product went on showing a shut door; here somebody says "locked" for a door that stands open. Another
//! lock's word counts for that lock only, and "locked" of an open door is an alarm and no end of the visit.
//!
//! Fails without the contact's part in what counts as secured, and without the alarm for a lock that says otherwise.

use crate::adversary::{alarm_at, until_logged};
use crate::stage::{Broker, LABELS, SOON, Stage};
use std::time::{Duration, Instant};

/// How long the foreign lock talks.
const TALKS_FOR: Duration = Duration::from_secs(2);
/// From the foreign word to the log.
const TOLD: Duration = Duration::from_secs(5);

#[test]
fn a_lock_that_reports_for_another_secures_nothing() {
    let mut stage = Stage::new();
    let broker = Broker::between(&mut stage);
    stage.raise();
    stage.permit(&LABELS[..1]);
    stage.arrive();
    assert_eq!(stage.scan(&LABELS[..1]).ok()["open"], true);
    stage.open_door();
    stage.until_status("the open door", SOON, |status| status["door"] == "open");

    // A neighbour's lock, with a record of its own, that is locked and says so.
    let record = r#"{"~":"back/lock","state_topic":"~/state","command_topic":"~/set","unique_id":"back","name":"back"}"#;
    let began = Instant::now();
    while began.elapsed() < TALKS_FOR {
        broker.say(&stage, "homeassistant/lock/back/config", record);
        broker.say(&stage, "back/lock/state", "LOCKED");
        broker.say(&stage, "back/lock/availability", "online");
        let status = stage.status();
        assert_eq!((&status["bolt"], &status["secured"]), (&"unlocked".into(), &false.into()));
    }

    // Somebody who speaks in this lock's name.
    broker.say(&stage, "front/lock/state", "LOCKED");
    let log = until_logged(&stage, "the alarm", TOLD, |log| alarm_at(log, "locked_but_open").is_some());
    assert!(alarm_at(&log, "left_open").is_none(), "long before the door has been open too long");
    assert_eq!(stage.status()["secured"], false);
    assert_eq!(stage.openings(), 1);

    stage.close_door();
    stage.until_locked(SOON);
    assert_eq!(stage.truth()["bolt"], "locked");
}
