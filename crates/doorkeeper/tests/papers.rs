//! Papers come and go: a busy home never fills up, and a start takes back what was kept, whatever changed since.

use crate::world::{
    self, START, World, blob, delegation, door_key, grant, handset, key, owner, provider_root,
    provider_working, roster,
};
use doorkeeper::record::Record;
use doorkeeper::sensors::{Bolt, Door};
use doorkeeper::{Doorkeeper, Input, Unreadable, limits};
use protocol::bytes::{Blob, DoorId, GrantId, Hash, VisitId};
use protocol::confirmation::Confirmation;
use protocol::delegation::Delegation;
use protocol::door_event::DoorEvent;
use protocol::grant::{Grant, Grantee};
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::{Interval, Timestamp, Window};
use protocol::uplink::{FromVisitor, Paper, ToVisitor};
use protocol::{Claimed, Credential, DeviceKey, Signed, Signer};

const VISIT: VisitId = VisitId([0x11; 16]);

fn window(from_s: u64, until_s: u64) -> Window {
    Window { from: Timestamp(START + from_s), until: Timestamp(START + until_s) }
}

fn numbered(n: u16, until_s: u64) -> Grant {
    let mut id = [0x62; 16];
    id[..2].copy_from_slice(&n.to_be_bytes());
    Grant { id: GrantId(id), windows: vec![window(0, until_s)], ..grant() }
}

fn paper(grant: Grant) -> Paper {
    Paper::Grant(blob(grant, &owner()))
}

fn at(second: u64) -> Interval {
    Interval::exactly(Timestamp(START + second))
}

/// As they stand in a journal, written without asking anyone.
fn journal(grants: impl Iterator<Item = Grant>) -> Vec<Record> {
    grants.map(|grant| Record::Kept { paper: paper(grant), at: at(1) }).collect()
}

fn kept(world: &World) -> Vec<Hash> {
    world.doorkeeper.papers().grants.iter().map(|kept| kept.claimed.hash()).collect()
}

fn restarted(world: &World) -> World {
    World::start(&world.records, world.ms + 1_000, Door::Closed, Bolt::Locked)
}

#[test]
fn a_full_shelf_makes_room_when_windows_have_ended() {
    let full = (0..256).map(|n| numbered(n, if n < 100 { 500 } else { 3_000 }));
    let mut world = World::start(&journal(full), 10_000, Door::Closed, Bolt::Locked);
    assert_eq!(kept(&world).len(), limits::GRANTS_MAX);
    assert_eq!(world.keep(paper(numbered(300, 3_000))), Some("too_many_papers"));
    world.pass(510_000);
    assert_eq!(world.keep(paper(numbered(300, 3_000))), None);
    assert_eq!(kept(&world).len(), 157);
    assert_eq!(kept(&restarted(&world)), kept(&world), "a start agrees");
}

#[test]
fn a_journal_with_more_papers_than_the_limit_still_starts() {
    let world =
        World::start(&journal((0..300).map(|n| numbered(n, 3_000))), 10_000, Door::Closed, Bolt::Locked);
    assert_eq!(kept(&world).len(), 300);
}

#[test]
fn what_ended_is_dropped_at_a_start_and_not_kept_again() {
    let mut world = World::empty();
    assert_eq!(world.keep(paper(numbered(1, 500))), None);
    world.pass(502_000);
    let mut world = restarted(&world);
    assert!(kept(&world).is_empty());
    assert_eq!(world.keep(paper(numbered(1, 500))), Some("outside_window"));
    let expired = Delegation { window: window(0, 500), ..delegation() };
    assert_eq!(world.keep(Paper::Delegation(blob(expired, &provider_root()))), Some("delegation_expired"));
    world.keep(Paper::Delegation(blob(delegation(), &provider_root())));
    let late = protocol::assignment::Assignment { window: window(0, 500), ..world::assignment() };
    let late = Paper::Assignment(blob(late, &provider_working()));
    assert_eq!(world.keep(late), Some("assignment_outside_window"));
}

#[test]
fn a_provider_that_was_seen_once_is_not_a_stranger_after_its_grant_was_dropped() {
    let mut world = World::empty();
    world.keep_papers(numbered(1, 700), world::assignment());
    world.pass(1_000_000);
    let mut world = restarted(&world);
    assert!(kept(&world).is_empty());
    world.keep(paper(grant()));
    world.arrive(VISIT);
    assert!(world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))), "{:?}", world.refusals());

    let stranger = Grant {
        id: GrantId([0x63; 16]),
        to: Grantee::Holder { cnf: key(30).credential(), name: "Guest".into() },
        ..grant()
    };
    world.keep(paper(stranger.clone()));
    let arrival = protocol::arrival::Arrival {
        visit: VisitId([0x12; 16]),
        grant: world::hash(&stranger),
        assignment: None,
        ..world::arrival(VISIT)
    };
    world.visitor(arrival.visit, FromVisitor::Arrival(blob(arrival.clone(), &key(30))));
    assert_eq!(world.refusals(), ["grant_pending"]);
}

#[test]
fn a_delegation_that_another_outlasts_takes_no_room() {
    let mut world = World::empty();
    let until =
        |s| Paper::Delegation(blob(Delegation { window: window(0, s), ..delegation() }, &provider_root()));
    for day in 1..=100 {
        assert_eq!(world.keep(until(day * 86_400)), None);
    }
    assert!(world.doorkeeper.papers().delegations.len() <= limits::DELEGATIONS_MAX);
    let records = world.records.len();
    assert_eq!(world.keep(until(86_400)), None, "it says nothing new");
    assert_eq!(world.records.len(), records);
    let world = restarted(&world);
    let [only] = world.doorkeeper.papers().delegations.as_slice() else { panic!("one delegation is left") };
    assert_eq!(only.claimed.unproven().window.until, Timestamp(START + 100 * 86_400));
}

fn member() -> Resident {
    Resident {
        credential: key(8).credential(),
        role: Rank::Member,
        since: 2,
        name: "flatmate".into(),
        kem: None,
    }
}

fn next(before: &Roster, residents: Vec<Resident>) -> Roster {
    let mut residents = residents;
    residents.sort_by_key(|resident| resident.credential.kid());
    let prev = Signed::sign(before.clone(), &owner()).unwrap().hash();
    Roster { epoch: before.epoch + 1, prev, residents, ..before.clone() }
}

#[test]
fn a_grant_whose_signer_was_removed_later_hinders_no_start() {
    let mut world = World::empty();
    let with_member = next(&roster(), vec![roster().residents[0].clone(), member()]);
    let without = next(&with_member, roster().residents);
    world.give(Input::Presence);
    assert_eq!(world.keep(Paper::Roster(vec![blob(with_member, &owner())])), None);
    let theirs = Grant { roster_epoch: 2, ..grant() };
    assert_eq!(world.keep(Paper::Grant(blob(theirs.clone(), &key(8)))), None);
    world.keep(Paper::Delegation(blob(delegation(), &provider_root())));
    world.keep(Paper::Assignment(blob(world::assignment(), &provider_working())));
    let mut world = restarted(&world);
    world.pass(1_000_000);
    let arrival = protocol::arrival::Arrival { grant: world::hash(&theirs), ..world::arrival(VISIT) };
    let arrival = FromVisitor::Arrival(blob(arrival, &handset()));
    world.visitor(VISIT, arrival.clone());
    assert!(world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))), "{:?}", world.refusals());
    world.farewell(VISIT, 0);

    assert_eq!(world.keep(Paper::Roster(vec![blob(without, &owner())])), None);
    world.visitor(VISIT, arrival.clone());
    assert_eq!(world.refusals(), ["signer_unknown"]);
    let mut world = restarted(&restarted(&world));
    assert_eq!(world.doorkeeper.papers().roster.epoch, 3);
    assert!(kept(&world).is_empty(), "it can never count again");
    world.visitor(VISIT, arrival);
    assert!(!world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))));
}

/// Whoever moves in was taken in first, and signed something already: that ends, too. What the door stops it goes on stopping.
#[test]
fn a_home_that_is_handed_over_keeps_no_grant_of_before() {
    let moves_in = Resident { role: Rank::Owner, ..member() };
    let mut world = World::empty();
    let with_both = next(&roster(), vec![roster().residents[0].clone(), moves_in.clone()]);
    let alone = next(&with_both, vec![moves_in]);
    let alone = Roster { grants_from: alone.epoch, ..alone };
    world.give(Input::Presence);
    assert_eq!(world.keep(Paper::Roster(vec![blob(with_both, &owner())])), None);
    let theirs = Grant { id: GrantId([0x63; 16]), roster_epoch: 2, ..grant() };
    for (grant, by) in [(grant(), owner()), (theirs.clone(), key(8))] {
        assert_eq!(world.keep(Paper::Grant(blob(grant, &by))), None);
    }
    world.keep(Paper::Delegation(blob(delegation(), &provider_root())));
    world.keep(Paper::Assignment(blob(world::assignment(), &provider_working())));
    let list = Revocation { devices: vec![key(9).public().kid()], ..world::revocation(1) };
    assert_eq!(world.keep(Paper::Revocation(blob(list, &owner()))), None);
    world.pass(1_000_000);

    let paper = Paper::Roster(vec![blob(alone, &owner())]);
    assert_eq!(world.keep(paper.clone()), Some("presence_needed"));
    world.give(Input::Presence);
    assert_eq!(world.keep(paper), None);
    let arrive = |world: &mut World, grant: &Grant| {
        let arrival = protocol::arrival::Arrival { grant: world::hash(grant), ..world::arrival(VISIT) };
        world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &handset())));
    };
    arrive(&mut world, &grant());
    arrive(&mut world, &theirs);
    assert_eq!(world.refusals(), ["signer_unknown", "epoch_superseded"]);
    let world = restarted(&world);
    assert!(kept(&world).is_empty(), "neither can ever count again");
    assert!(world.doorkeeper.papers().revocation.is_some(), "what is stopped stays stopped");
}

#[test]
fn a_start_does_without_a_grant_that_it_cannot_read_but_not_without_a_revocation_list() {
    let start = |paper| {
        let records = [Record::Kept { paper, at: at(1) }];
        Doorkeeper::start(world::home(1_000), &records, world::now(1_000)).err()
    };
    let unreadable = || Blob(vec![0x80]);
    assert_eq!(start(Paper::Grant(unreadable())), None);
    assert_eq!(start(Paper::Revocation(unreadable())), Some(Unreadable::Paper { record: 0 }));
    assert_eq!(start(Paper::Roster(vec![unreadable()])), Some(Unreadable::Paper { record: 0 }));
    let stray = Roster { epoch: 3, prev: Hash([9; 32]), ..roster() };
    assert_eq!(start(Paper::Roster(vec![blob(stray, &owner())])), Some(Unreadable::Paper { record: 0 }));
}

/// What a stranger signs in the name of somebody whose word counts.
struct Forger(DeviceKey);

impl Signer for Forger {
    fn credential(&self) -> Credential {
        self.0.credential()
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        key(77).sign(to_be_signed)
    }
}

#[test]
fn a_list_or_a_confirmation_in_the_name_of_a_resident_is_not_kept() {
    let mut world = World::empty();
    let with_member = next(&roster(), vec![roster().residents[0].clone(), member()]);
    world.give(Input::Presence);
    assert_eq!(world.keep(Paper::Roster(vec![blob(with_member, &owner())])), None);
    let theirs = Grant { roster_epoch: 2, ..grant() };
    assert_eq!(world.keep(Paper::Grant(blob(theirs.clone(), &key(8)))), None);

    let confirmation = Confirmation { door: roster().door, grant: world::hash(&theirs) };
    let list = Revocation { blocked: true, ..world::revocation(1) };
    let forger = Forger(owner());
    let kept = world.keep(Paper::Confirmation(blob(confirmation.clone(), &forger)));
    assert_eq!(kept, Some("grant_signature"));
    assert_eq!(world.keep(Paper::Revocation(blob(list.clone(), &forger))), Some("revocation_refused"));
    assert!(!world.doorkeeper.papers().grants[0].confirmed);

    assert_eq!(world.keep(Paper::Confirmation(blob(confirmation, &owner()))), None);
    assert_eq!(world.keep(Paper::Revocation(blob(list, &owner()))), None);
    assert!(world.doorkeeper.papers().grants[0].confirmed);
}

#[test]
fn a_journal_with_an_event_missing_or_of_another_door_is_none() {
    let start =
        |records: &[Record]| Doorkeeper::start(world::home(1_000_000), records, world::now(1_000_000)).err();
    let records = World::new().records;
    assert_eq!(start(&records), None);
    let is_event = |record: &Record| matches!(record, Record::Event { .. });
    let events: Vec<usize> = (0..records.len()).filter(|at| is_event(&records[*at])).collect();
    let (missing, follows) = (events[1], events[2]);

    let mut cut = records.clone();
    cut.remove(missing);
    assert_eq!(start(&cut), Some(Unreadable::Event { record: follows - 1 }));

    let mut foreign = records;
    let Record::Event { event, .. } = &mut foreign[missing] else { panic!("an event") };
    let said = Claimed::<DoorEvent>::parse(&event.0).unwrap().unproven().clone();
    *event = blob(DoorEvent { door: DoorId([9; 16]), ..said }, &door_key());
    assert_eq!(start(&foreign), Some(Unreadable::Event { record: missing }));
}
