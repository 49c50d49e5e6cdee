//! Whoever rings without a permission: asked for, waited with, and let in only by a permission that came meanwhile.

use crate::world::{self, DOOR, TAG, World, assignment, blob, delegation, grant, handset, hash, owner};
use doorkeeper::sensors::{Bolt, Door};
use doorkeeper::{Input, Output};
use protocol::DeviceKey;
use protocol::answer::{Answer, Word};
use protocol::bytes::VisitId;
use protocol::door_event::{Body, Outcome, VisitEnd};
use protocol::door_log::check_receipt;
use protocol::key::Software;
use protocol::ring::Ring;
use protocol::uplink::{FromVisitor, LogEntry, Paper, ToVisitor};

const VISIT: VisitId = VisitId([0x11; 16]);

/// A home that knows the courier's assignment, and no permission.
fn unannounced() -> World {
    let mut world = World::empty();
    world.keep(Paper::Delegation(blob(delegation(), &world::provider_root())));
    world.keep(Paper::Assignment(blob(assignment(), &world::provider_working())));
    world.pass(1_000_000);
    world
}

fn ring_of(visit: VisitId) -> Ring {
    Ring { visit, door: DOOR, door_tag: TAG, assignment: hash(&assignment()) }
}

fn ring_signed(world: &mut World, visit: VisitId, by: &DeviceKey) {
    world.visitor(visit, FromVisitor::Ring(blob(ring_of(visit), by)));
}

fn ring(world: &mut World, visit: VisitId) {
    ring_signed(world, visit, &handset());
}

fn say(world: &mut World, visit: VisitId, word: Word) {
    world.give(Input::Answer(blob(Answer { door: DOOR, visit, word }, &owner())));
}

fn allow(world: &mut World) {
    assert_eq!(world.keep(Paper::Grant(blob(grant(), &owner()))), None);
}

fn chimes(world: &World) -> usize {
    world.outputs.iter().filter(|output| matches!(output, Output::Chime)).count()
}

fn films(world: &World) -> bool {
    world.outputs.iter().any(|output| matches!(output, Output::Recorder(_)))
}

fn rings(world: &World) -> usize {
    world.events().iter().filter(|body| matches!(body, Body::Rang { .. })).count()
}

/// The receipt that starts with the ring.
fn receipt(world: &World) -> Vec<LogEntry> {
    let at = world.events().iter().position(|body| matches!(body, Body::Rang { .. })).expect("a ring");
    world.entries().split_off(at)
}

fn ends(world: &World) -> VisitEnd {
    check_receipt(DOOR, world::door_key().public(), &receipt(world), &Software).expect("a whole receipt")
}

#[test]
fn a_ring_that_nobody_answers_ends_signed_and_not_opened() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    assert_eq!(world.said, [ToVisitor::Asked(45)]);
    assert_eq!(chimes(&world), 1);
    world.pass(44_000);
    assert_eq!(world.said.len(), 1);
    world.pass(2_000);
    assert_eq!(world.said[1..], [ToVisitor::NotHereToday, ToVisitor::Ended]);
    assert_eq!(world.refusals(), ["nobody_answered"]);
    let end = ends(&world);
    assert_eq!((end.outcome, end.last - end.first), (Outcome::NotOpened, 2));
    assert!(!films(&world) && world.unlocks() == 0);
    // Its id does not begin again.
    ring(&mut world, VISIT);
    allow(&mut world);
    world.give(Input::PresenceConfirms(hash(&grant())));
    world.arrive(VISIT);
    assert_eq!(world.refusals()[1..], ["visit_over", "visit_over"]);
}

#[test]
fn a_permission_that_comes_meanwhile_makes_one_visit_of_ring_and_arrival() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    world.pass(10_000);
    allow(&mut world);
    // The first permission to this provider waits, and so does the courier: someone may confirm it.
    assert_eq!(world.said[1..], [ToVisitor::Asked(180)]);
    world.give(Input::PresenceConfirms(hash(&grant())));
    assert_eq!(world.said[2..], [ToVisitor::Permitted(hash(&grant()))]);
    world.arrive(VISIT);
    world.scan(VISIT, &[1, 2, 3]);
    assert_eq!(world.unlocks(), 1);
    world.report_door(Door::Open);
    world.pass(3_000);
    world.report_door(Door::Closed);
    world.pass(5_000);
    world.farewell(VISIT, 3);
    world.pass(100);
    let end = ends(&world);
    assert_eq!((end.outcome, end.parcels), (Outcome::Secured, 3));
}

#[test]
fn i_am_coming_prolongs_the_wait_once() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    world.pass(40_000);
    say(&mut world, VISIT, Word::Coming);
    assert_eq!(world.said[1..], [ToVisitor::Coming(180)]);
    world.pass(100_000);
    say(&mut world, VISIT, Word::Coming);
    assert_eq!(world.said.len(), 2, "said once");
    world.pass(81_000);
    assert_eq!(world.said[2..], [ToVisitor::Ended]);
    assert!(world.refusals().is_empty());
    assert_eq!(ends(&world).outcome, Outcome::NotOpened);
}

#[test]
fn stop_ends_it_and_holds_for_the_errand() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    say(&mut world, VISIT, Word::Stop);
    assert_eq!(world.said[1..], [ToVisitor::NotHereToday, ToVisitor::Ended]);
    assert_eq!(ends(&world).outcome, Outcome::NotOpened);
    let mut world = world.crash();
    ring(&mut world, VisitId([0x12; 16]));
    assert_eq!(rings(&world), 1);
    assert_eq!(world.refusals(), ["resident_said_no", "resident_said_no"]);
}

#[test]
fn stop_that_comes_when_the_wait_just_ended_holds_for_the_errand() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    world.farewell(VISIT, 0);
    assert_eq!(world.said.last(), Some(&ToVisitor::Ended));
    say(&mut world, VISIT, Word::Stop);
    ring(&mut world, VisitId([0x12; 16]));
    assert_eq!(world.refusals(), ["resident_said_no"]);
}

#[test]
fn no_at_the_hub_ends_it() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    world.give(Input::LocalNo);
    assert_eq!(world.refusals(), ["local_no"]);
    assert_eq!(ends(&world).outcome, Outcome::NotOpened);
}

#[test]
fn allow_as_an_answer_is_no_permission() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    say(&mut world, VISIT, Word::Allow);
    world.arrive(VISIT);
    assert!(!films(&world) && world.unlocks() == 0);
    assert_eq!(world.said[1..], [ToVisitor::NotHereToday]);
}

#[test]
fn who_cannot_prove_the_errand_is_only_counted() {
    let mut world = unannounced();
    ring_signed(&mut world, VISIT, &owner());
    let unknown = Ring { assignment: hash(&grant()), ..ring_of(VISIT) };
    world.visitor(VISIT, FromVisitor::Ring(blob(unknown, &handset())));
    world.visitor(VisitId([0x12; 16]), FromVisitor::Ring(blob(ring_of(VISIT), &handset())));
    assert_eq!((rings(&world), chimes(&world)), (0, 0));
    world.pass(600_000);
    assert!(world.happened(&Body::RefusalsCounted(3)));
}

#[test]
fn a_home_is_not_rung_without_end() {
    let mut world = unannounced();
    for n in 0..4 {
        ring(&mut world, VisitId([n; 16]));
        world.farewell(VisitId([n; 16]), 0);
    }
    assert_eq!((rings(&world), chimes(&world)), (3, 3));
    assert_eq!(world.refusals(), ["too_many_rings"]);
    // Also after a start.
    let mut world = world.crash();
    ring(&mut world, VisitId([9; 16]));
    assert_eq!(rings(&world), 3);
}

#[test]
fn a_crash_while_somebody_waits_is_no_end() {
    let mut world = unannounced();
    ring(&mut world, VISIT);
    say(&mut world, VISIT, Word::Coming);
    let mut world = world.crash();
    assert_eq!(world.said, [ToVisitor::Coming(180)]);
    ring(&mut world, VISIT);
    assert_eq!((rings(&world), chimes(&world)), (1, 0), "the same ring");
    world.pass(181_000);
    assert_eq!(ends(&world).outcome, Outcome::NotOpened);
    assert_eq!(world.bolt, Bolt::Locked);
}

#[test]
fn an_arrival_for_another_errand_takes_no_callers_visit() {
    let mut world = unannounced();
    allow(&mut world);
    world.give(Input::PresenceConfirms(hash(&grant())));
    let other = protocol::assignment::Assignment {
        id: protocol::bytes::AssignmentId([0xa6; 16]),
        errands: world::commitments(&[4]),
        ..assignment()
    };
    world.keep(Paper::Assignment(blob(other.clone(), &world::provider_working())));
    let ring = Ring { assignment: hash(&other), ..ring_of(VISIT) };
    world.visitor(VISIT, FromVisitor::Ring(blob(ring, &handset())));
    assert_eq!(world.said, [ToVisitor::Asked(45)]);
    world.arrive(VISIT);
    assert_eq!(world.said[1..], [ToVisitor::NotHereToday]);
    assert!(!films(&world));
}

#[test]
fn who_may_come_in_already_need_not_ring() {
    let mut world = World::new();
    ring(&mut world, VISIT);
    assert_eq!(world.said, [ToVisitor::Permitted(hash(&grant()))]);
    assert_eq!((rings(&world), chimes(&world)), (0, 0));
}
