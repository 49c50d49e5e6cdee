//! People and the bolt, over the whole door: every sentence, and the test that stands for it.
//!
//! ```text
//! LOCK only after Closed for 1 s                     lock_is_sent_only_after_the_door_was_closed_for_a_second
//! never when Open or Unknown                         lock_is_never_sent_when_the_door_is_open_or_unknown
//! Open while Locking: one retract                    a_door_that_opens_under_the_bolt_gets_one_retract_while_the_sensor_says_open
//! only while the sensor says Open                    nothing_is_retracted_for_a_door_that_only_may_be_open
//! no blind auto-lock; a way to relock without the    without_each_proof_of_the_installer_no_grant_of_any_kind_opens
//!   hub; a thrown bolt opens from inside
//! no door sensor, no unattended admission            without_a_door_sensor_nobody_is_admitted
//! at boot, Unlocked and Closed: LOCK                 unlocked_and_closed_at_the_start_is_locked
//! at boot, anything else unclear: alarm              whatever_else_is_unclear_at_a_start_is_an_alarm
//! exit is a handle: no use, locked again             whoever_goes_out_by_the_handle_uses_nothing_and_the_door_is_locked_again
//! exit is never a network message                    no_message_opens_for_whoever_is_inside
//! timeout, stop, block, camera loss move nothing     nothing_moves_the_bolt_towards_a_person
//! occupied: ask, refuse or allow                     the_terms_decide_what_happens_when_somebody_is_home
//! the home chimes at arrival                         the_home_chimes_before_the_visitor_is_challenged
//! a local No                                         local_no_stops_an_opening
//! left open 20 s: sound in the flat                  left_open_sounds_in_the_flat_then_tells_someone_outside_then_lets_the_visitor_go
//! smoke: no admission, alarm, never unlocks          smoke_admits_nobody_and_moves_nothing
//! smoke: no movement either way                      smoke_in_a_passage_moves_the_bolt_neither_way_until_it_is_over
//! jammed with someone inside: two retracts, someone  a_bolt_that_jams_twice_is_withdrawn_twice_and_somebody_is_told
//!   is told
//! someone outside the failed part, within 10 s       a_bolt_that_does_not_lock_is_an_alarm_within_ten_seconds_of_the_command
//!   also when the journal is what failed             a_bolt_that_does_not_lock_is_told_outside_although_nothing_can_be_logged
//! ```
//!
//! Not built, so without a test: phone numbers on handset and hub for whoever is shut in.

use crate::world::{self, Command, DOOR, LockMood, World, blob, hash, key, opening, owner};
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Input, Output};
use protocol::Credential;
use protocol::answer::{Answer, Word};
use protocol::arrival::Arrival;
use protocol::bytes::{Nonce, VisitId};
use protocol::door_event::Body;
use protocol::grant::{Entry, Grant, Grantee, Occupied, Terms};
use protocol::presentation::Presentation;
use protocol::revocation::Revocation;
use protocol::uplink::{FromVisitor, Paper, ToVisitor};

const VISIT: VisitId = VisitId([0x11; 16]);

fn grant_with(terms: Terms) -> Grant {
    Grant { terms, ..world::grant() }
}

/// A home that holds this grant and nothing else of the residents.
fn home_with(grant: Grant) -> World {
    let mut world = World::empty();
    world.keep_papers(grant, world::assignment());
    world.pass(1_000_000);
    world
}

fn arrive(world: &mut World, grant: &Grant) {
    let arrival = Arrival { grant: hash(grant), ..world::arrival(VISIT) };
    world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &world::handset())));
}

fn scan(world: &mut World, grant: &Grant) {
    let presentation = Presentation {
        challenge: world.challenges[&VISIT],
        grant: hash(grant),
        assignment: Some(hash(&world::assignment())),
        opens: vec![opening(1)],
    };
    world.visitor(VISIT, FromVisitor::Presentation(blob(presentation, &world::handset())));
}

fn out(world: &World) -> Vec<doorkeeper::alarm::Alarm> {
    let mut out = Vec::new();
    for output in &world.outputs {
        match output {
            Output::Alarm { alarm, on: true } => out.push(*alarm),
            Output::Alarm { alarm, on: false } => out.retain(|other| other != alarm),
            _ => {}
        }
    }
    out
}

fn proven_but_for(missing: Option<u8>) -> World {
    let mut home = world::home(1_000);
    home.commissioning.relocks_without_hub = missing != Some(0);
    home.commissioning.opens_from_inside = missing != Some(1);
    home.commissioning.no_blind_auto_lock = missing != Some(2);
    World::start_as(home, &[], 1_000, Door::Closed, Bolt::Locked)
}

#[test]
fn without_each_proof_of_the_installer_no_grant_of_any_kind_opens() {
    let guest = key(0x31);
    let cnf = Credential::device(guest.public());
    let for_guest = Grant { to: Grantee::Holder { cnf, name: "guest".into() }, ..world::grant() };
    for missing in [None, Some(0), Some(1), Some(2)] {
        let mut world = proven_but_for(missing);
        world.keep_papers(for_guest.clone(), world::assignment());
        world.pass(1_000_000);
        let arrival = Arrival { grant: hash(&for_guest), assignment: None, ..world::arrival(VISIT) };
        world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &guest)));
        let (challenge, grant) = (world.challenges[&VISIT], hash(&for_guest));
        let presentation = Presentation { challenge, grant, assignment: None, opens: vec![] };
        world.visitor(VISIT, FromVisitor::Presentation(blob(presentation, &guest)));
        assert_eq!(world.unlocks(), usize::from(missing.is_none()), "a guest, without proof {missing:?}");

        let mut world = proven_but_for(missing);
        world.keep_papers(world::grant(), world::assignment());
        world.pass(1_000_000);
        world.arrive(VISIT);
        world.scan(VISIT, &[1]);
        assert_eq!(world.unlocks(), usize::from(missing.is_none()), "a courier, without proof {missing:?}");
        assert_eq!(world.refusals().len(), usize::from(missing.is_some()));
    }
}

#[test]
fn without_a_door_sensor_nobody_is_admitted() {
    let mut world = World::new();
    world.report_door(Door::Unknown);
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    assert_eq!((world.unlocks(), world.refusals()), (0, vec!["door_not_shut".to_owned()]));
}

#[test]
fn whatever_else_is_unclear_at_a_start_is_an_alarm() {
    let unclear = [
        (Door::Unknown, Bolt::Unknown),
        (Door::Unknown, Bolt::Unlocked),
        (Door::Unknown, Bolt::Locked),
        (Door::Closed, Bolt::Unknown),
        (Door::Closed, Bolt::Jammed),
        (Door::Open, Bolt::Locked),
        (Door::Tampered, Bolt::Locked),
    ];
    for (door, bolt) in unclear {
        let mut world = World::start(&[], 1_000, door, bolt);
        world.pass(6_000);
        assert!(world.alarms().contains(&"unclear_at_start".to_owned()), "{door:?}, {bolt:?}");
        assert_eq!(
            world.unlocks(),
            usize::from((door, bolt) == (Door::Open, Bolt::Locked)),
            "but for one retract"
        );
        assert!(door == Door::Closed || world.locks() == 0, "LOCK to a door that is {door:?}");
    }
}

#[test]
fn whoever_goes_out_by_the_handle_uses_nothing_and_the_door_is_locked_again() {
    let grant = grant_with(Terms { entry: Entry::Inside, entries: 3, ..world::terms() });
    let mut world = home_with(grant.clone());
    arrive(&mut world, &grant);
    let goes_through = |world: &mut World| {
        world.report_door(Door::Open);
        world.pass(3_000);
        world.report_door(Door::Closed);
        world.pass(3_000);
        assert_eq!(world.bolt, Bolt::Locked);
    };
    scan(&mut world, &grant);
    goes_through(&mut world);
    world.report_bolt(Bolt::Unlocked);
    goes_through(&mut world);
    assert!(out(&world).is_empty(), "an exit is no alarm: {:?}", out(&world));
    scan(&mut world, &grant);
    goes_through(&mut world);
    let intents = world.events().into_iter().filter(|body| matches!(body, Body::Intent(_))).count();
    assert_eq!((intents, world.unlocks(), world.locks()), (2, 2, 3));
}

#[test]
fn no_message_opens_for_whoever_is_inside() {
    let grant = grant_with(Terms { entry: Entry::Inside, entries: 2, ..world::terms() });
    let mut world = home_with(grant.clone());
    arrive(&mut world, &grant);
    scan(&mut world, &grant);
    world.report_door(Door::Open);
    world.report_door(Door::Closed);
    world.pass(3_000);
    let before = world.moves.len();
    for word in [Word::Allow, Word::Coming] {
        world.give(Input::Answer(blob(Answer { door: DOOR, visit: VISIT, word }, &owner())));
    }
    arrive(&mut world, &grant);
    world.give(Input::HeadWanted(Nonce([1; 16])));
    world.give(Input::Presence);
    world.give(Input::PresenceConfirms(hash(&grant)));
    world.give(Input::Paper { id: 90, paper: Paper::Grant(blob(grant, &owner())) });
    world.farewell(VISIT, 1);
    world.give(Input::LocalNo);
    world.pass(100_000);
    assert_eq!(world.moves.len(), before);
}

#[test]
fn nothing_moves_the_bolt_towards_a_person() {
    let block = Revocation { blocked: true, ..world::revocation(1) };
    let stop = Answer { door: DOOR, visit: VISIT, word: Word::Stop };
    let troubles: [(&str, Option<Input>); 5] = [
        ("a timeout", None),
        ("stop", Some(Input::Answer(blob(stop, &owner())))),
        ("block", Some(Input::Paper { id: 90, paper: Paper::Revocation(blob(block, &owner())) })),
        ("no at the hub", Some(Input::LocalNo)),
        ("a lost camera", Some(Input::Tick)),
    ];
    for (trouble, input) in troubles {
        let mut world = World::new();
        world.arrive(VISIT);
        world.scan(VISIT, &[1]);
        world.report_door(Door::Open);
        world.recorder_sees = trouble != "a lost camera";
        if let Some(input) = input {
            world.give(input);
        }
        world.pass(120_000);
        assert_eq!(world.moves.len(), 1, "{trouble}: only the pulse moved the bolt");
        assert!(
            world.alarms().contains(&"left_open".to_owned()),
            "{trouble}: the visitor is told, and somebody outside"
        );
        assert!(world.said.contains(&ToVisitor::CloseDoor));
        world.report_door(Door::Closed);
        world.pass(2_000);
        assert_eq!((world.locks(), world.bolt), (1, Bolt::Locked), "{trouble}: locked once it is closed");
    }
}

#[test]
fn the_terms_decide_what_happens_when_somebody_is_home() {
    let opens = |occupied, home| {
        let grant = grant_with(Terms { occupied, ..world::terms() });
        let mut world = home_with(grant.clone());
        world.give(Input::Sensor(Report::Occupied(home)));
        arrive(&mut world, &grant);
        scan(&mut world, &grant);
        (world.unlocks() == 1, world.said.contains(&ToVisitor::Wait), world.refusals())
    };
    let (yes, asks) = ((true, false, vec![]), (false, true, vec![]));
    for home in [Some(false), None] {
        for occupied in [Occupied::Ask, Occupied::Refuse, Occupied::Allow] {
            assert_eq!(opens(occupied, home), yes, "{occupied:?}, {home:?}");
        }
    }
    assert_eq!(opens(Occupied::Ask, Some(true)), asks);
    assert_eq!(opens(Occupied::Refuse, Some(true)), (false, false, vec!["occupied_refused".to_owned()]));
    assert_eq!(opens(Occupied::Allow, Some(true)), yes);
}

#[test]
fn the_home_chimes_before_the_visitor_is_challenged() {
    let mut world = World::new();
    world.arrive(VISIT);
    let at = |wanted: fn(&Output) -> bool| world.outputs.iter().position(wanted).expect("it came");
    let chime = at(|output| matches!(output, Output::Chime));
    let challenge = at(|o| matches!(o, Output::ToVisitor { word: ToVisitor::Challenge(_), .. }));
    assert!(chime < challenge);
}

#[test]
fn smoke_admits_nobody_and_moves_nothing() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.give(Input::Sensor(Report::Smoke(true)));
    world.scan(VISIT, &[1]);
    world.pass(60_000);
    assert!(world.moves.is_empty());
    assert_eq!(world.refusals(), ["smoke"]);
    assert_eq!(world.alarms(), ["smoke"]);
    world.give(Input::Sensor(Report::Smoke(false)));
    assert!(world.happened(&Body::AlarmOver("smoke".into())));
}

#[test]
fn smoke_in_a_passage_moves_the_bolt_neither_way_until_it_is_over() {
    // Neither out, behind a door that closed,
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    world.give(Input::Sensor(Report::Smoke(true)));
    world.report_door(Door::Closed);
    world.pass(600_000);
    assert_eq!((world.locks(), world.unlocks()), (0, 1));
    assert!(!out(&world).is_empty(), "unlocked for ten minutes, and nobody knows");
    world.give(Input::Sensor(Report::Smoke(false)));
    assert_eq!((world.locks(), world.bolt), (1, Bolt::Locked), "at once when it is over");
    // nor back, of a bolt that struck an open door, or stuck.
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    world.give(Input::Sensor(Report::Smoke(true)));
    world.report_bolt(Bolt::Locked);
    world.report_bolt(Bolt::Jammed);
    world.pass(10_000);
    assert_eq!((world.locks(), world.unlocks()), (0, 1));
}

#[test]
fn a_bolt_that_jams_twice_is_withdrawn_twice_and_somebody_is_told() {
    let mut world = World::new();
    world.lock = LockMood::JamsWhenLocking;
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    world.report_door(Door::Closed);
    world.pass(12_000);
    let commands: Vec<_> = world.moves.iter().map(|one| one.command).collect();
    assert_eq!(commands, [Command::Unlock, Command::Lock, Command::Unlock, Command::Lock, Command::Unlock]);
    assert_eq!(world.bolt, Bolt::Unlocked, "whoever is inside gets out");
    assert_eq!(out(&world), [doorkeeper::alarm::Alarm::BoltJammed]);
    assert!(!world.was_secured());
}

/// The table above names tests that exist.
#[test]
fn every_sentence_has_its_test() {
    let files = [
        include_str!("people_at_the_door.rs"),
        include_str!("people_and_the_bolt.rs"),
        include_str!("visits.rs"),
        include_str!("distress.rs"),
    ];
    let table = files[0].split("```").nth(1).expect("a table");
    let named = table.split_whitespace().filter(|word| word.matches('_').count() >= 3);
    let mut count = 0;
    for test in named {
        assert!(files.iter().any(|file| file.contains(&format!("\nfn {test}() {{"))), "{test} is gone");
        count += 1;
    }
    assert_eq!(count, 20);
}
