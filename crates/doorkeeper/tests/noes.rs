//! Stop, No at the hub, and visits that are over: what a new visit id must not shake off.

use crate::world::{self, DOOR, START, World, blob, grant, handset, owner};
use doorkeeper::sensors::{Bolt, Door};
use doorkeeper::{Input, RecorderOrder};
use protocol::answer::{Answer, Word};
use protocol::bytes::VisitId;
use protocol::door_event::Body;
use protocol::grant::Grant;
use protocol::time::{Timestamp, Window};
use protocol::uplink::{FromVisitor, ToVisitor};

const VISIT: VisitId = VisitId([0x11; 16]);
const NEXT: VisitId = VisitId([0x12; 16]);

fn stop(world: &mut World, visit: VisitId) {
    world.give(Input::Answer(blob(Answer { door: DOOR, visit, word: Word::Stop }, &owner())));
}

fn last_refusal(world: &World) -> Option<String> {
    world.refusals().pop()
}

/// Another visit under the same grant arrives, and whatever it may do, it does.
fn try_again_as(world: &mut World, visit: VisitId) {
    let before = world.said.len();
    world.arrive(visit);
    let challenged = world.said[before..].iter().any(|word| matches!(word, ToVisitor::Challenge(_)));
    if challenged {
        world.scan(visit, &[1]);
    }
    world.pass(5_000);
}

#[test]
fn stop_outlives_the_visit_id() {
    let mut world = World::new();
    world.arrive(VISIT);
    stop(&mut world, VISIT);
    try_again_as(&mut world, NEXT);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(last_refusal(&world).as_deref(), Some("resident_said_no"));
}

#[test]
fn stop_reaches_a_second_visit_that_is_open_already() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.arrive(NEXT);
    stop(&mut world, VISIT);
    world.scan(NEXT, &[1]);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(last_refusal(&world).as_deref(), Some("resident_said_no"));
}

#[test]
fn stop_for_a_visit_that_just_ended_still_counts_for_the_next() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.farewell(VISIT, 0);
    stop(&mut world, VISIT);
    try_again_as(&mut world, NEXT);
    assert_eq!(world.unlocks(), 0);
    let answers = |world: &World| {
        world.events().iter().filter(|body| matches!(body, Body::Answered { word: Word::Stop, .. })).count()
    };
    assert_eq!(answers(&world), 1);
    stop(&mut world, VISIT);
    assert_eq!(answers(&world), 1, "the same word twice fills no log");
    let mut world = world.crash();
    stop(&mut world, VISIT);
    assert_eq!(answers(&world), 1, "not after a start either");
}

#[test]
fn stop_outlives_a_crash() {
    let mut world = World::new();
    world.arrive(VISIT);
    stop(&mut world, VISIT);
    let mut world = world.crash();
    try_again_as(&mut world, NEXT);
    world.arrive(VISIT);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(last_refusal(&world).as_deref(), Some("resident_said_no"));
    assert!(!world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))));
}

#[test]
fn stop_ends_with_its_window() {
    let mut world = World::empty();
    let window = |from, until| Window { from: Timestamp(START + from), until: Timestamp(START + until) };
    let two_windows = Grant { windows: vec![window(0, 1_200), window(2_000, 3_600)], uses: 2, ..grant() };
    world.keep_papers(two_windows.clone(), world::assignment());
    world.pass(1_000_000);
    let arrive = |world: &mut World, visit| {
        let arrival =
            protocol::arrival::Arrival { grant: world::hash(&two_windows), ..world::arrival(visit) };
        world.visitor(visit, FromVisitor::Arrival(blob(arrival, &handset())));
    };
    arrive(&mut world, VISIT);
    stop(&mut world, VISIT);
    arrive(&mut world, NEXT);
    assert_eq!(world.refusals(), ["resident_said_no"]);
    world.pass(1_100_000);
    arrive(&mut world, VisitId([0x13; 16]));
    assert_eq!(world.refusals(), ["resident_said_no"], "the second window is another day");
}

#[test]
fn no_at_the_hub_outlives_the_visit_id_and_a_crash() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.give(Input::LocalNo);
    world.give(Input::LocalNo);
    assert_eq!(world.events().iter().filter(|body| **body == Body::SaidNoAtHub).count(), 1);
    try_again_as(&mut world, NEXT);
    let mut world = world.crash();
    try_again_as(&mut world, VisitId([0x13; 16]));
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.refusals(), ["local_no", "local_no"]);
}

#[test]
fn no_at_the_hub_while_nobody_is_there_is_noted_and_stops_nobody() {
    let mut world = World::new();
    for _ in 0..100 {
        world.give(Input::LocalNo);
    }
    assert_eq!(world.events().iter().filter(|body| **body == Body::SaidNoAtHub).count(), 1);
    let mut world = world.crash();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 1);
}

/// As the cloud may: an arrival is signed once and can be sent at any time.
#[test]
fn a_repeated_arrival_of_an_ended_visit_starts_no_camera() {
    let recordings = |world: &World| {
        let starts =
            |o: &&doorkeeper::Output| matches!(o, doorkeeper::Output::Recorder(RecorderOrder::Start { .. }));
        world.outputs.iter().filter(starts).count()
    };
    let mut world = World::new();
    let arrival = blob(world::arrival(VISIT), &handset());
    world.visitor(VISIT, FromVisitor::Arrival(arrival.clone()));
    world.pass(601_000);
    assert!(world.said.contains(&ToVisitor::Ended));
    world.visitor(VISIT, FromVisitor::Arrival(arrival.clone()));
    assert_eq!(recordings(&world), 1);
    assert_eq!(last_refusal(&world).as_deref(), Some("visit_over"));
    let mut world = world.crash();
    world.visitor(VISIT, FromVisitor::Arrival(arrival));
    assert_eq!(recordings(&world), 0);
    assert_eq!(last_refusal(&world).as_deref(), Some("visit_over"));
    try_again_as(&mut world, NEXT);
    assert_eq!(world.unlocks(), 1, "the visitor may still come, under an id of its own");
}

#[test]
fn a_handset_that_comes_and_goes_without_end_is_told_to_wait() {
    let mut world = World::new();
    let id = |n: u16| {
        let mut id = [0x77; 16];
        id[..2].copy_from_slice(&n.to_be_bytes());
        VisitId(id)
    };
    for n in 0..257 {
        world.arrive(id(n));
        world.farewell(id(n), 0);
    }
    let arrivals = world.events().iter().filter(|body| matches!(body, Body::Arrived { .. })).count();
    assert_eq!(arrivals, doorkeeper::limits::ENDED_VISITS_MAX);
    assert_eq!(last_refusal(&world).as_deref(), Some("too_many_visits"));
    drop(World::start(&world.records, world.ms, Door::Closed, Bolt::Locked));
}
