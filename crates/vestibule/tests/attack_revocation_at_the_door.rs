//! Whoever takes a code back while it is being typed is too late wherever the code was checked when it was
//! sent out. Here the courier stands at the door, let in by the cloud, with a fresh challenge in hand, when the resident blocks
//! the door and then takes the permission back. Neither opens, and the log says why.
//!
//! Fails without `blocked` and `revoked` in step 5 of the doorkeeper's decision.

use crate::adversary::at_the_door::AtTheDoor;
use crate::adversary::{has_refused, story, until_logged};
use crate::stage::{LABELS, SOON, Stage};
use protocol::Claimed;
use protocol::grant::Grant;
use protocol::uplink::ToVisitor;

#[test]
fn what_is_taken_back_while_the_courier_stands_at_the_door_opens_nothing() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS);
    stage.arrive();
    let mut courier = AtTheDoor::back(&stage, "courier");

    stage.person("resident", &["block"]).ok();
    refused(&stage, &mut courier, "blocked");
    stage.person("resident", &["unblock"]).ok();
    let grant = granted(&stage);
    stage.person("resident", &["revoke", &grant]).ok();
    refused(&stage, &mut courier, "revoked");
    assert_eq!(stage.openings(), 0, "{}", story(&stage.door_log()));
    assert_eq!(stage.truth()["bolt"], "locked");
}

#[track_caller]
fn refused(stage: &Stage, courier: &mut AtTheDoor, code: &str) {
    courier.present(&LABELS);
    assert_eq!(courier.answer(), ToVisitor::NotHereToday, "{}", story(&stage.door_log()));
    until_logged(stage, code, SOON, |log| has_refused(log, code));
}

/// The permission's id, from the cloud's disk: no command shows it.
fn granted(stage: &Stage) -> String {
    let loot =
        crate::adversary::loot::Loot::take(&stage.path("cloud"), &crate::adversary::wire::Heard::default());
    let grants: Vec<Claimed<Grant>> = loot.all();
    grants.first().expect("the cloud keeps the grant").unproven().id.to_string()
}
