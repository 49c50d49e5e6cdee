//! The journal fails: nobody comes in, whoever is at the door is brought to a good end, somebody outside is told.

use crate::world::{DiskMood, LockMood, World, blob, delegation, provider_root};
use doorkeeper::alarm::Alarm;
use doorkeeper::sensors::{Bolt, Door};
use doorkeeper::{Input, Output};
use protocol::bytes::{Nonce, VisitId};
use protocol::uplink::{Paper, ToVisitor};

const VISIT: VisitId = VisitId([0x11; 16]);

/// The visitor is inside when the disk dies.
fn journal_fails_behind_the_visitor() -> World {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.disk = DiskMood::Fails;
    world.report_door(Door::Open);
    world
}

#[test]
fn the_door_is_locked_again_and_the_visitor_is_told() {
    let mut world = journal_fails_behind_the_visitor();
    assert_eq!(world.distress(), [Alarm::JournalFailed], "at once");
    world.pass(3_000);
    world.report_door(Door::Closed);
    world.pass(2_000);
    assert_eq!(world.locks(), 1);
    assert!(world.said.contains(&ToVisitor::Secured));
    world.pass(100_000);
    assert_eq!(world.said.last(), Some(&ToVisitor::Ended));
}

#[test]
fn nobody_is_admitted_any_more() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.give(Input::JournalFailed);
    world.said.clear();
    world.scan(VISIT, &[1]);
    world.arrive(VisitId([0x12; 16]));
    world.pass(30_000);
    assert_eq!(world.unlocks(), 0);
    assert!(world.said.contains(&ToVisitor::NotHereToday));
}

#[test]
fn an_intent_that_was_not_durable_opens_nothing_and_the_visitor_hears_it() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.disk = DiskMood::Fails;
    world.scan(VISIT, &[1]);
    world.pass(30_000);
    assert_eq!(world.unlocks(), 0);
    assert!(world.said.contains(&ToVisitor::NotHereToday));
}

#[test]
fn distress_is_repeated_every_ten_seconds_with_every_alarm_that_is_out() {
    let mut world = journal_fails_behind_the_visitor();
    world.pass(61_000);
    let times = |world: &World, wanted| world.distress().iter().filter(|alarm| **alarm == wanted).count();
    assert_eq!(times(&world, Alarm::JournalFailed), 7);
    assert_eq!(times(&world, Alarm::LeftOpen), 1, "raised after a minute, told at once");
    world.pass(10_000);
    assert_eq!(times(&world, Alarm::LeftOpen), 2);
    world.report_door(Door::Closed);
    world.pass(30_000);
    assert_eq!(times(&world, Alarm::LeftOpen), 2, "it is over");
    assert_eq!(times(&world, Alarm::JournalFailed), 11);
}

#[test]
fn a_bolt_that_does_not_lock_is_told_outside_although_nothing_can_be_logged() {
    let mut world = journal_fails_behind_the_visitor();
    world.lock = LockMood::Silent;
    world.report_bolt(Bolt::Unlocked);
    world.report_door(Door::Closed);
    world.pass(11_000);
    assert!(world.distress().contains(&Alarm::NotLocked));
}

#[test]
fn nothing_is_written_after_a_record_that_was_lost() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.disk = DiskMood::Silent;
    world.scan(VISIT, &[1]);
    world.give(Input::JournalFailed);
    let written = world.outputs.iter().filter(|o| matches!(o, Output::Append(_))).count();
    world.give(Input::LocalNo);
    world.give(Input::HeadWanted(Nonce([1; 16])));
    world.give(Input::Stopping);
    let paper = Paper::Delegation(blob(delegation(), &provider_root()));
    assert_eq!(world.keep(paper), Some("journal_unhealthy"));
    world.pass(60_000);
    assert_eq!(world.outputs.iter().filter(|o| matches!(o, Output::Append(_))).count(), written);
    assert!(!world.outputs.iter().any(|o| matches!(o, Output::Head(_))));
    drop(world.crash());
}

#[test]
fn a_sound_journal_needs_no_distress() {
    let mut world = World::new();
    world.report_bolt(Bolt::Unlocked);
    world.pass(60_000);
    assert!(world.distress().is_empty());
}
