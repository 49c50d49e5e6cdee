//! Memory cards die, and people put back what they had saved: a counter that goes back with it counts from there again,
//! which is why a used code must never come out of a backup. Here a home's folder from before a delivery is put back after
//! it: to the home, the permission looks unused. The cloud holds more of the door's log than the restored hub ever wrote;
//! the hub says so, lets nobody in, and somebody is told.
//!
//! Fails without the look at `stored > written` in the hub's uplink, and where it tells nobody.

use crate::adversary::arrive_with;
use crate::adversary::insider::Insider;
use crate::stage::{LABELS, Process, SOON, Stage};
use protocol::sign_in::Role;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long the courier tries.
const TRIES_FOR: Duration = Duration::from_secs(4);

#[test]
fn a_home_that_was_set_back_lets_nobody_in_and_says_why() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit_visits(&LABELS[..1], 2);
    stage.visit(&LABELS[..1]);
    stage.permit(&LABELS[1..]);
    let (journal, saved) = (stage.path("home/journal"), stage.path("saved"));
    std::fs::copy(&journal, &saved).expect("a backup");
    arrive_with(&stage, 2);
    let mut handset = stage.scan_and_stay(&LABELS[1..]);
    stage.bring_in(&LABELS[1..]);
    stage.until_ended(&mut handset);
    let events = stage.status()["events"].clone();
    stage.until("the log at the cloud", SOON, || {
        let there = stage.person("resident", &["log"]).ok();
        if there["events"] == events { Ok(()) } else { Err(there.to_string()) }
    });

    stage.kill_hub();
    stage.kill_recorders();
    let newest = std::fs::read(&journal).expect("the journal");
    std::fs::copy(&saved, &journal).expect("the backup, put back");
    stage.spawn_hub();
    stage.until("the hub to say it", SOON, || {
        let log = stage.hub.as_ref().map(Process::log).unwrap_or_default();
        if log.contains("holds more of this door's log") { Ok(()) } else { Err(log) }
    });
    let operator = Insider::sign_in(&stage, "operator", Role::Operator);
    stage.until("somebody to be told", SOON, || {
        let answer = operator.get(&stage, "/v1/operator/incidents");
        let incidents = answer["incidents"].as_array().cloned().unwrap_or_default();
        let told = |one: &Value| one["kind"] == "home_distress" && one["about"]["distress"] == "set_back";
        if incidents.iter().any(told) { Ok(()) } else { Err(answer.to_string()) }
    });
    let began = Instant::now();
    while began.elapsed() < TRIES_FOR {
        let tried = stage.arrive_at(1, &stage.door_tag());
        assert!(!tried.is_ok(), "{tried:?}");
        assert_eq!(stage.status()["uplink"], false);
        assert_eq!(stage.status()["set_back"], true);
    }
    assert_eq!(stage.truth()["bolt"], "locked");
    assert_eq!(stage.openings(), 1, "it has forgotten the second one");

    // With what it really wrote it is itself again.
    stage.kill_hub();
    stage.kill_recorders();
    std::fs::write(&journal, newest).expect("the newest journal");
    stage.start_hub();
    assert_eq!(stage.openings(), 2);
    assert_eq!(stage.status()["set_back"], false);
}
