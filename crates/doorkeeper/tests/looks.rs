//! Looks: a minute, once per nonce, logged, and over as soon as somebody comes to the door.

use crate::world::{self, DOOR, DiskMood, TAG, World, blob, handset, hash, key, owner, recorder};
use doorkeeper::{Input, Output, RecorderOrder};
use protocol::bytes::{Blob, Nonce, RecordingId, VisitId};
use protocol::door_event::Body;
use protocol::head::Head;
use protocol::look::Look;
use protocol::ring::Ring;
use protocol::uplink::{FromVisitor, Paper};
use protocol::{Claimed, DeviceKey};

const VISIT: VisitId = VisitId([0x11; 16]);

/// What the door gives out for a look.
fn asks(world: &mut World) -> Nonce {
    world.give(Input::HeadWanted(Nonce([1; 16])));
    let head = world.outputs.iter().rev().find_map(|output| match output {
        Output::Head(bytes) => Some(Claimed::<Head>::parse(&bytes.0).unwrap()),
        _ => None,
    });
    head.expect("a head").unproven().look
}

fn look(nonce: Nonce) -> Look {
    Look { door: DOOR, camera: recorder().kid(), nonce, kem: Blob(vec![4; 65]) }
}

fn looks_by(world: &mut World, by: &DeviceKey) -> Look {
    let look = look(asks(world));
    world.give(Input::Look(blob(look.clone(), by)));
    look
}

fn looks(world: &mut World) -> Look {
    looks_by(world, &owner())
}

fn stream(look: &Look) -> RecordingId {
    protocol::look::stream(hash(look))
}

/// Answers so far: none if it is shown, or why not.
fn answers(world: &World) -> Vec<Option<&'static str>> {
    let answer = |output: &Output| match output {
        Output::Look { refused, .. } => Some(refused.map(doorkeeper::refusal::Refusal::code)),
        _ => None,
    };
    world.outputs.iter().filter_map(answer).collect()
}

fn ordered(world: &World) -> Vec<(&'static str, RecordingId)> {
    let order = |output: &Output| match output {
        Output::Recorder(RecorderOrder::Look { stream, .. }) => Some(("look", *stream)),
        Output::Recorder(RecorderOrder::LookOver(stream)) => Some(("over", *stream)),
        _ => None,
    };
    world.outputs.iter().filter_map(order).collect()
}

fn logged(world: &World) -> usize {
    world.events().iter().filter(|body| matches!(body, Body::Looked { .. })).count()
}

#[test]
fn a_look_lasts_a_minute_and_stands_in_the_log_before_anything_is_shown() {
    let mut world = World::new();
    let looked = looks(&mut world);
    assert_eq!(answers(&world), [None]);
    assert!(world.happened(&Body::Looked {
        by: owner().kid(),
        camera: recorder().kid(),
        seconds: 60,
        look: hash(&looked)
    }));
    let place = |is: fn(&Output) -> bool| world.outputs.iter().rposition(is).expect("it happened");
    let logged = place(|output| matches!(output, Output::Sync(_)));
    assert!(logged < place(|output| matches!(output, Output::Recorder(RecorderOrder::Look { .. }))));
    world.pass(59_900);
    assert_eq!(ordered(&world), [("look", stream(&looked))]);
    world.pass(200);
    assert_eq!(ordered(&world)[1..], [("over", stream(&looked))]);
    world.pass(120_000);
    assert_eq!(ordered(&world).len(), 2);
}

#[test]
fn nothing_is_shown_that_the_log_does_not_hold() {
    let mut world = World::new();
    let nonce = asks(&mut world);
    world.disk = DiskMood::Fails;
    world.give(Input::Look(blob(look(nonce), &owner())));
    world.pass(1_000);
    assert!(!ordered(&world).iter().any(|(what, _)| *what == "look"), "{:?}", ordered(&world));
    assert_eq!(answers(&world), []);
}

#[test]
fn each_nonce_is_good_for_one_look_and_for_a_minute() {
    let mut world = World::new();
    let looked = looks(&mut world);
    world.give(Input::Look(blob(looked, &owner())));
    assert_eq!(answers(&world), [None, Some("look_stale")]);
    // Kept back by whoever carries it.
    let late = look(asks(&mut world));
    world.pass(60_000);
    world.give(Input::Look(blob(late, &owner())));
    assert_eq!(answers(&world)[2..], [Some("look_stale")]);
    // And none outlives the hub.
    let before = look(asks(&mut world));
    let mut world = world.crash();
    world.give(Input::Look(blob(before, &owner())));
    assert_eq!(answers(&world), [Some("look_stale")]);
    assert_eq!(logged(&world), 1);
}

#[test]
fn a_forged_look_uses_up_nobodys_nonce() {
    let mut world = World::new();
    let mine = look(asks(&mut world));
    world.give(Input::Look(blob(mine.clone(), &key(40))));
    world.give(Input::Look(blob(mine, &owner())));
    assert_eq!(answers(&world), [Some("signer_unknown"), None]);
}

#[test]
fn looking_longer_is_looking_anew() {
    let mut world = World::new();
    let first = looks(&mut world);
    world.pass(50_000);
    let second = looks(&mut world);
    let both = [("look", stream(&first)), ("over", stream(&first)), ("look", stream(&second))];
    assert_eq!(ordered(&world), both);
    world.pass(59_000);
    assert_eq!(ordered(&world).len(), 3);
    world.pass(1_100);
    assert_eq!(ordered(&world)[3..], [("over", stream(&second))]);
    assert_eq!(logged(&world), 2);
}

#[test]
fn who_comes_to_the_door_ends_it_and_is_not_looked_at() {
    let mut world = World::new();
    let looked = looks(&mut world);
    world.arrive(VISIT);
    assert_eq!(ordered(&world)[1..], [("over", stream(&looked))]);
    looks(&mut world);
    assert_eq!(answers(&world)[1..], [Some("look_in_visit")]);
    world.farewell(VISIT, 0);
    world.pass(100);
    looks(&mut world);
    assert_eq!(answers(&world)[2..], [None]);
}

#[test]
fn who_rings_is_told_that_nothing_films_and_so_it_is() {
    let mut world = World::empty();
    world.keep(Paper::Delegation(blob(world::delegation(), &world::provider_root())));
    world.keep(Paper::Assignment(blob(world::assignment(), &world::provider_working())));
    let looked = looks(&mut world);
    let ring = Ring { visit: VISIT, door: DOOR, door_tag: TAG, assignment: hash(&world::assignment()) };
    world.visitor(VISIT, FromVisitor::Ring(blob(ring, &handset())));
    assert_eq!(ordered(&world)[1..], [("over", stream(&looked))]);
    looks(&mut world);
    assert_eq!(answers(&world)[1..], [Some("look_in_visit")]);
}

#[test]
fn no_at_the_hub_ends_it_and_holds_for_an_hour() {
    let mut world = World::new();
    let looked = looks(&mut world);
    world.give(Input::LocalNo);
    assert_eq!(ordered(&world)[1..], [("over", stream(&looked))]);
    looks(&mut world);
    world.pass(3_599_000);
    looks(&mut world);
    world.pass(1_000);
    looks(&mut world);
    assert_eq!(answers(&world), [None, Some("look_no"), Some("look_no"), None]);
}

#[test]
fn what_ended_while_the_disk_was_slow_does_not_begin() {
    let mut world = World::new();
    let nonce = asks(&mut world);
    world.disk = DiskMood::Silent;
    world.give(Input::Look(blob(look(nonce), &owner())));
    world.give(Input::LocalNo);
    world.disk = DiskMood::Syncs;
    world.disk_catches_up();
    assert!(!ordered(&world).iter().any(|(what, _)| *what == "look"), "{:?}", ordered(&world));
    assert_eq!(answers(&world), [Some("look_stale")]);
}

#[test]
fn twenty_looks_in_an_hour_are_enough() {
    let mut world = World::new();
    for _ in 0..21 {
        looks(&mut world);
        world.pass(61_000);
    }
    assert_eq!(answers(&world).iter().filter(|answer| answer.is_none()).count(), 20);
    assert_eq!(answers(&world)[20..], [Some("too_many_looks")]);
    world.pass(3_600_000 - 20 * 61_000);
    looks(&mut world);
    assert_eq!(answers(&world)[21..], [None]);
}

#[test]
fn a_flood_of_questions_leaves_the_newest_nonce_good() {
    let mut world = World::new();
    let first = asks(&mut world);
    for _ in 0..100 {
        asks(&mut world);
    }
    world.give(Input::Look(blob(look(first), &owner())));
    looks(&mut world);
    assert_eq!(answers(&world), [Some("look_stale"), None]);
}
