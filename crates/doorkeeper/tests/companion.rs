//! A companion key says no, never yes: what it signs can keep a visitor out, and lets nobody in.

use crate::world::{
    self, DOOR, START, World, blob, delegation, grant, handset, key, owner, provider_root, provider_working,
};
use doorkeeper::Input;
use doorkeeper::sensors::{Bolt, Door, Report};
use protocol::answer::{Answer, Word};
use protocol::bytes::{Blob, GrantId, VisitId};
use protocol::confirmation::Confirmation;
use protocol::door_event::Body;
use protocol::grant::{Grant, Terms};
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::Timestamp;
use protocol::uplink::{FromVisitor, Paper, ToVisitor};
use protocol::{DeviceKey, Signed, Signer as _};

const VISIT: VisitId = VisitId([0x11; 16]);

fn companion() -> DeviceKey {
    key(9)
}

/// A home in whose roster a companion key stands since the second epoch, and a key of another rank if wanted.
fn home_with(others: &[(DeviceKey, Rank)]) -> World {
    let mut world = World::empty();
    world.give(Input::Presence);
    assert_eq!(world.keep(next(&world::roster(), others)), None);
    world
}

fn next(before: &Roster, others: &[(DeviceKey, Rank)]) -> Paper {
    let new = |key: &DeviceKey, role| Resident {
        credential: key.credential(),
        role,
        since: 2,
        name: "browser".into(),
        kem: Some(Blob(key.public().to_sec1().to_vec())),
    };
    let mut residents = before.residents.clone();
    residents.push(new(&companion(), Rank::Companion));
    residents.extend(others.iter().map(|(key, rank)| new(key, *rank)));
    residents.sort_by_key(|resident| resident.credential.kid());
    let prev = Signed::sign(before.clone(), &owner()).unwrap().hash();
    let next = Roster { epoch: before.epoch + 1, prev, residents, ..before.clone() };
    Paper::Roster(vec![blob(next, &owner())])
}

/// The same with the delivery's papers, held for half an hour.
fn delivery() -> World {
    let mut world = home_with(&[]);
    world.keep_papers(grant(), world::assignment());
    world.pass(1_000_000);
    world
}

fn signed(list: Revocation, by: &DeviceKey) -> Paper {
    Paper::Revocation(blob(list, by))
}

fn say(world: &mut World, word: Word, by: &DeviceKey) {
    world.give(Input::Answer(blob(Answer { door: DOOR, visit: VISIT, word }, by)));
}

fn answers(world: &World) -> usize {
    world.events().iter().filter(|body| matches!(body, Body::Answered { .. })).count()
}

#[test]
fn a_companion_key_that_comes_needs_somebody_at_the_hub() {
    let mut world = World::empty();
    assert_eq!(world.keep(next(&world::roster(), &[])), Some("presence_needed"));
    world.give(Input::Presence);
    assert_eq!(world.keep(next(&world::roster(), &[])), None);
}

#[test]
fn a_companions_block_stops_a_visitor_at_the_door_and_only_an_owner_lifts_it() {
    let mut world = delivery();
    world.arrive(VISIT);
    assert_eq!(world.keep(signed(Revocation { blocked: true, ..world::revocation(1) }, &companion())), None);
    world.scan(VISIT, &[1]);
    assert_eq!((world.unlocks(), world.refusals()), (0, vec!["blocked".into()]));
    assert_eq!(world.keep(signed(world::revocation(2), &companion())), Some("revocation_refused"));
    let grants = vec![grant().id];
    assert_eq!(
        world.keep(signed(Revocation { blocked: true, grants, ..world::revocation(2) }, &companion())),
        None
    );
    assert_eq!(world.keep(signed(world::revocation(3), &owner())), None);
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 1);
}

#[test]
fn a_companions_list_cannot_be_the_last_that_is_possible() {
    let mut world = delivery();
    let refused = Some("revocation_refused");
    assert_eq!(world.keep(signed(world::revocation(u64::MAX), &companion())), refused);
    assert_eq!(world.keep(signed(world::revocation((1 << 32) + 1), &companion())), refused);
    assert_eq!(world.keep(signed(world::revocation(1 << 32), &companion())), None);
    assert_eq!(world.keep(signed(world::revocation((2 << 32) + 1), &companion())), refused);
    assert_eq!(world.keep(signed(world::revocation(2 << 32), &companion())), None);
}

#[test]
fn a_companion_signs_no_grant_and_confirms_none() {
    let mut world = home_with(&[(key(8), Rank::Member)]);
    let theirs = Grant { roster_epoch: 2, id: GrantId([9; 16]), ..grant() };
    assert_eq!(world.keep(Paper::Grant(blob(theirs, &companion()))), Some("signer_unknown"));

    let terms = Terms { notice_s: 0, ..world::terms() };
    let pending = Grant { roster_epoch: 2, terms, ..grant() };
    world.keep_papers(pending.clone(), world::assignment());
    let confirmation = Confirmation { door: DOOR, grant: world::hash(&pending) };
    let by_companion = Paper::Confirmation(blob(confirmation.clone(), &companion()));
    assert_eq!(world.keep(by_companion), Some("signer_unknown"));
    let arrival = protocol::arrival::Arrival { grant: world::hash(&pending), ..world::arrival(VISIT) };
    let arrival = FromVisitor::Arrival(blob(arrival, &handset()));
    world.visitor(VISIT, arrival.clone());
    assert_eq!(world.refusals(), ["grant_pending"]);
    assert_eq!(world.keep(Paper::Confirmation(blob(confirmation, &key(8)))), None);
    world.visitor(VISIT, arrival);
    assert!(world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))), "{:?}", world.refusals());
}

#[test]
fn a_companions_allow_is_not_heard_and_its_coming_and_stop_are() {
    let mut world = delivery();
    world.give(Input::Sensor(Report::Occupied(Some(true))));
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    say(&mut world, Word::Allow, &companion());
    world.pass(1_000);
    assert_eq!(
        (world.unlocks(), answers(&world)),
        (0, 0),
        "someone is home, and nobody who may has answered"
    );
    say(&mut world, Word::Coming, &companion());
    assert_eq!(answers(&world), 1);
    say(&mut world, Word::Stop, &companion());
    say(&mut world, Word::Allow, &owner());
    world.pass(5_000);
    assert_eq!(world.unlocks(), 0);
    assert_eq!(world.refusals(), ["resident_said_no"]);
}

#[test]
fn a_companions_coming_takes_an_allow_back() {
    let mut world = delivery();
    world.give(Input::Sensor(Report::Occupied(Some(true))));
    world.arrive(VISIT);
    say(&mut world, Word::Allow, &owner());
    say(&mut world, Word::Coming, &companion());
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 0);
    say(&mut world, Word::Allow, &owner());
    world.pass(1_000);
    assert_eq!(world.unlocks(), 1);
}

/// Whoever withholds an owner's newer list must not be helped by a stolen browser.
#[test]
fn a_companions_list_makes_no_list_younger_not_after_a_start_either() {
    const DAY_S: u64 = 86_400;
    let mut world = home_with(&[]);
    let until = |window: protocol::time::Window| protocol::time::Window {
        until: Timestamp(START + 3 * DAY_S),
        ..window
    };
    let terms = Terms { revocation_age_s: Some(DAY_S), cameras: vec![], ..world::terms() };
    let fresh = Grant { windows: vec![until(world::window())], terms, roster_epoch: 2, ..grant() };
    let delegation = protocol::delegation::Delegation { window: until(world::window()), ..delegation() };
    let assigned = protocol::assignment::Assignment { window: until(world::window()), ..world::assignment() };
    let hash = world::hash(&assigned);
    world.keep(Paper::Grant(blob(fresh.clone(), &owner())));
    world.keep(Paper::Delegation(blob(delegation, &provider_root())));
    world.keep(Paper::Assignment(blob(assigned, &provider_working())));
    let scan = |world: &mut World, visit| {
        let papers = (world::hash(&fresh), Some(hash));
        let arrival =
            protocol::arrival::Arrival { grant: papers.0, assignment: papers.1, ..world::arrival(visit) };
        world.visitor(visit, FromVisitor::Arrival(blob(arrival, &handset())));
        let presentation = protocol::presentation::Presentation {
            grant: papers.0,
            assignment: papers.1,
            ..world.presentation(&[1])
        };
        world.visitor(visit, FromVisitor::Presentation(blob(presentation, &handset())));
    };
    let late = |sequence, by: &DeviceKey| {
        signed(Revocation { issued: Timestamp(START + 90_000), ..world::revocation(sequence) }, by)
    };
    assert_eq!(world.keep(signed(world::revocation(1), &owner())), None);
    world.ms += 90_010_000;
    assert_eq!(world.keep(late(2, &companion())), None);
    scan(&mut world, VISIT);
    assert_eq!(world.refusals(), ["revocation_list_old"]);

    let mut world = World::start(&world.records, world.ms + 1_000, Door::Closed, Bolt::Locked);
    scan(&mut world, VisitId([0x12; 16]));
    assert_eq!(world.refusals(), ["revocation_list_old", "revocation_list_old"]);
    assert_eq!(world.keep(late(3, &owner())), None);
    assert_eq!(world.keep(late(4, &companion())), None);
    let mut world = World::start(&world.records, world.ms + 1_000, Door::Closed, Bolt::Locked);
    scan(&mut world, VisitId([0x12; 16]));
    assert_eq!(world.unlocks(), 1, "{:?}", world.refusals());
}

#[test]
fn the_grants_of_a_key_that_became_a_companion_end() {
    let mut world = home_with(&[(key(8), Rank::Member)]);
    let theirs = Grant { roster_epoch: 2, ..grant() };
    assert_eq!(world.keep(Paper::Grant(blob(theirs.clone(), &key(8)))), None);
    world.keep(Paper::Delegation(blob(delegation(), &provider_root())));
    world.keep(Paper::Assignment(blob(world::assignment(), &provider_working())));
    world.pass(1_000_000);

    let before = world.doorkeeper.papers().roster.clone();
    let mut after = Roster { epoch: 3, prev: world.doorkeeper.papers().roster_hash, ..before };
    let demoted = after.residents.iter_mut().filter(|r| r.role == Rank::Member);
    demoted.for_each(|r| r.role = Rank::Companion);
    world.give(Input::Presence);
    assert_eq!(world.keep(Paper::Roster(vec![blob(after, &owner())])), None);
    let arrival = protocol::arrival::Arrival { grant: world::hash(&theirs), ..world::arrival(VISIT) };
    world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &handset())));
    assert_eq!(world.refusals(), ["signer_unknown"]);
    let world = World::start(&world.records, world.ms + 1_000, Door::Closed, Bolt::Locked);
    assert!(world.doorkeeper.papers().grants.is_empty(), "it can never count again");
}
