//! Handsets are left in vans and taken from hands every day, unlocked. Here a thief has one, with its key and its tour. It
//! opens what it was assigned, once, in front of the camera, as the table in SECURITY.md says; no other parcel, not a
//! second time, and nothing more once a resident has ended it.
//!
//! Fails without `wrong_parcel` in step 8 of the doorkeeper, and without the look at `devices` in its `check_revoked`.

use crate::adversary::at_the_door::AtTheDoor;
use crate::adversary::insider::key_of;
use crate::adversary::{arrive_with, end, has_refused, secured, story, until_logged};
use crate::stage::{LABELS, SOON, Stage};
use protocol::uplink::ToVisitor;

/// What no permission names.
const OTHER: &str = "RR987654315DE";

#[test]
fn a_stolen_handset_opens_what_it_was_assigned_once_until_it_is_ended() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS[..1]);
    stage.permit(&LABELS[1..]);
    arrive_with(&stage, 1);
    let mut thief = AtTheDoor::back(&stage, "courier");
    for wrong in [OTHER, LABELS[1]] {
        thief.present(&[wrong]);
        assert_eq!(thief.answer(), ToVisitor::WrongParcel, "{}", story(&stage.door_log()));
    }
    assert_eq!(stage.openings(), 0);
    thief.present(&LABELS[..1]);
    assert_eq!(thief.answer(), ToVisitor::Open, "{}", story(&stage.door_log()));
    stage.bring_in(&LABELS[..1]);
    until_logged(&stage, "the secured door", SOON, secured);

    drop(thief);
    stage.depart(1);
    let again = stage.arrive_at(1, &stage.door_tag());
    assert!(again.failure().contains("Not here today"), "{again:?}");

    arrive_with(&stage, 2);
    let mut thief = AtTheDoor::back(&stage, "courier");
    let handset = key_of(&stage, "courier", "device.key").public().kid();
    end(&stage, vec![], vec![handset]);
    thief.present(&LABELS[1..]);
    assert_eq!(thief.answer(), ToVisitor::NotHereToday, "{}", story(&stage.door_log()));
    until_logged(&stage, "the reason", SOON, |log| has_refused(log, "revoked"));
    assert_eq!(stage.openings(), 1);
    assert_eq!(stage.truth()["bolt"], "locked");
}
