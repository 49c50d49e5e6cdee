//! Whatever happens, in whatever order: visitors good and bad, sensors that say anything, a disk that forgets, a lock
//! that sulks. Each invariant stands beside its sentence.

use crate::world::{self, Command, DOOR, DiskMood, LockMood, World, blob, handset, key, opening, owner};
use doorkeeper::alarm::Alarm;
use doorkeeper::record::Record;
use doorkeeper::sensors::{Bolt, Door};
use doorkeeper::{Input, Output};
use proptest::prelude::*;
use protocol::answer::{Answer, Word};
use protocol::bytes::{Hash, VisitId};
use protocol::canonical;
use protocol::door_event::{Body, Detail};
use protocol::door_log::{Checker, Position};
use protocol::grant::{Grant, Occupied, Terms};
use protocol::key::Software;
use protocol::presentation::Presentation;
use protocol::revocation::Revocation;
use protocol::ring::Ring;
use protocol::uplink::{FromVisitor, Paper};
use std::collections::BTreeSet;
use std::sync::OnceLock;

const CASES: u32 = 48;
const USES: u32 = 2;

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// A visitor does everything right, as far as the door lets them.
    Deliver(u8),
    /// From the arrival to the farewell, as it should be.
    WholeVisit(u8),
    /// Everybody behaves again, and the door is at rest.
    Calm,
    /// The contact's link is gone for a moment.
    Flicker,
    Arrive(u8),
    Ring(u8),
    ArriveWithStrangersKey(u8),
    Present(u8, Scan),
    Farewell(u8),
    Door(Door),
    Bolt(Bolt),
    /// Whoever stands there pushes, if the bolt lets them.
    Push,
    Pass(u64),
    /// The hub dies; so much of what was not synced is on the disk all the same.
    Crash(usize),
    RecorderSees(bool),
    RecorderWitnesses(bool),
    Lock(LockMood),
    DiskIsSlow(bool),
    DiskFails,
    Stop(u8),
    No,
    Block,
}

/// What a visitor presents.
#[derive(Debug, Clone, Copy)]
enum Scan {
    Right,
    WrongParcel,
    StrangersKey,
    OtherGrant,
    OtherChallenge,
    OneBitFlipped(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let visit = 0..6_u8;
    let door = prop_oneof![Just(Door::Open), Just(Door::Closed), Just(Door::Unknown), Just(Door::Tampered)];
    let bolt = prop_oneof![
        Just(Bolt::Locked),
        Just(Bolt::Unlocked),
        Just(Bolt::Locking),
        Just(Bolt::Unlocking),
        Just(Bolt::Jammed),
        Just(Bolt::Unknown),
    ];
    let scan = prop_oneof![
        6 => Just(Scan::Right),
        1 => Just(Scan::WrongParcel),
        1 => Just(Scan::StrangersKey),
        1 => Just(Scan::OtherGrant),
        1 => Just(Scan::OtherChallenge),
        1 => (0..400_usize).prop_map(Scan::OneBitFlipped),
    ];
    let lock = prop_oneof![Just(LockMood::Obeys), Just(LockMood::Silent), Just(LockMood::JamsWhenLocking)];
    let ms =
        prop_oneof![Just(10_u64), Just(300), Just(990), Just(1_000), Just(4_600), Just(8_100), Just(31_000)];
    prop_oneof![
        5 => visit.clone().prop_map(Step::WholeVisit),
        3 => Just(Step::Calm),
        3 => Just(Step::Flicker),
        6 => visit.clone().prop_map(Step::Deliver),
        3 => visit.clone().prop_map(Step::Arrive),
        2 => visit.clone().prop_map(Step::Ring),
        1 => visit.clone().prop_map(Step::ArriveWithStrangersKey),
        5 => (visit.clone(), scan).prop_map(|(visit, scan)| Step::Present(visit, scan)),
        1 => visit.clone().prop_map(Step::Farewell),
        3 => door.prop_map(Step::Door),
        4 => Just(Step::Door(Door::Closed)),
        2 => bolt.prop_map(Step::Bolt),
        6 => Just(Step::Push),
        8 => ms.prop_map(Step::Pass),
        3 => (0..4_usize).prop_map(Step::Crash),
        1 => any::<bool>().prop_map(Step::RecorderSees),
        1 => any::<bool>().prop_map(Step::RecorderWitnesses),
        1 => lock.prop_map(Step::Lock),
        1 => any::<bool>().prop_map(Step::DiskIsSlow),
        2 => visit.prop_map(Step::Stop),
        1 => Just(Step::No),
        1 => prop_oneof![Just(Step::Block), Just(Step::DiskFails)],
    ]
}

fn grant() -> Grant {
    Grant {
        uses: USES,
        uses_per_window: USES,
        terms: Terms { entries: 2, notice_s: 0, occupied: Occupied::Allow, ..world::terms() },
        ..world::grant()
    }
}

fn id(visit: u8) -> VisitId {
    VisitId([0x10 + visit; 16])
}

fn present(world: &mut World, visit: VisitId, scan: Scan) {
    let Some(challenge) = world.challenges.get(&visit).copied() else { return };
    let mut presentation = Presentation {
        challenge,
        grant: world::hash(&grant()),
        assignment: Some(world::hash(&world::assignment())),
        opens: vec![opening(1)],
    };
    let mut by = handset();
    match scan {
        Scan::Right | Scan::OneBitFlipped(_) => {}
        Scan::WrongParcel => presentation.opens = vec![opening(9)],
        Scan::StrangersKey => by = key(99),
        Scan::OtherGrant => presentation.grant = Hash([7; 32]),
        Scan::OtherChallenge => presentation.challenge = Hash([7; 32]),
    }
    let mut bytes = blob(presentation, &by);
    if let Scan::OneBitFlipped(at) = scan {
        let at = at % bytes.0.len();
        bytes.0[at] ^= 1;
    }
    world.visitor(visit, FromVisitor::Presentation(bytes));
}

fn arrive(world: &mut World, visit: VisitId, by: &protocol::DeviceKey) {
    let arrival = protocol::arrival::Arrival { grant: world::hash(&grant()), ..world::arrival(visit) };
    world.visitor(visit, FromVisitor::Arrival(blob(arrival, by)));
}

fn happen(world: &mut World, step: &Step) {
    match *step {
        Step::Deliver(visit) => {
            arrive(world, id(visit), &handset());
            present(world, id(visit), Scan::Right);
        }
        Step::WholeVisit(visit) => {
            happen(world, &Step::Deliver(visit));
            happen(world, &Step::Push);
            world.report_door(Door::Closed);
            world.pass(3_000);
            world.farewell(id(visit), 1);
        }
        Step::Calm => {
            (world.lock, world.recorder_sees, world.recorder_witnesses) = (LockMood::Obeys, true, true);
            happen(world, &Step::DiskIsSlow(false));
            if world.disk == DiskMood::Fails {
                world.crash_keeping(0);
                world.disk = DiskMood::Syncs;
            }
            world.report_door(Door::Closed);
            world.report_bolt(Bolt::Locked);
            world.pass(1_000);
        }
        Step::Flicker => {
            world.report_door(Door::Unknown);
            world.pass(50);
            world.report_door(Door::Closed);
        }
        Step::Ring(visit) => {
            let visit = id(visit);
            let assignment = world::hash(&world::assignment());
            let ring = Ring { visit, door: DOOR, door_tag: world::TAG, assignment };
            world.visitor(visit, FromVisitor::Ring(blob(ring, &handset())));
        }
        Step::Arrive(visit) => arrive(world, id(visit), &handset()),
        Step::ArriveWithStrangersKey(visit) => arrive(world, id(visit), &key(99)),
        Step::Present(visit, scan) => present(world, id(visit), scan),
        Step::Farewell(visit) => world.farewell(id(visit), 1),
        Step::Door(door) => world.report_door(door),
        Step::Bolt(bolt) => world.report_bolt(bolt),
        Step::Push if matches!(world.bolt, Bolt::Unlocked) => world.report_door(Door::Open),
        Step::Pass(ms) => world.pass(ms),
        Step::Crash(keeping) => world.crash_keeping(keeping),
        Step::RecorderSees(sees) => world.recorder_sees = sees,
        Step::RecorderWitnesses(witnesses) => world.recorder_witnesses = witnesses,
        Step::Lock(mood) => world.lock = mood,
        Step::DiskIsSlow(true) if world.disk == DiskMood::Syncs => world.disk = DiskMood::Silent,
        Step::DiskIsSlow(false) if world.disk == DiskMood::Silent => {
            world.disk = DiskMood::Syncs;
            world.disk_catches_up();
        }
        Step::Push | Step::DiskIsSlow(_) => {}
        Step::DiskFails => world.disk = DiskMood::Fails,
        Step::Stop(visit) => {
            let answer = Answer { door: DOOR, visit: id(visit), word: Word::Stop };
            world.give(Input::Answer(blob(answer, &owner())));
        }
        Step::No => world.give(Input::LocalNo),
        Step::Block => {
            let list = Revocation { blocked: true, ..world::revocation(1) };
            world.give(Input::Paper { id: 77, paper: Paper::Revocation(blob(list, &owner())) });
        }
    }
}

fn details(world: &World) -> Vec<Option<Detail>> {
    let read = |record: &Record| {
        let opening = record.log_entry()?.opening?;
        Some(canonical::decode(&opening.detail.0, 512).expect("the home writes what it can read"))
    };
    world.records.iter().map(read).collect()
}

/// Of all commands, those that let somebody in. The others take back a bolt that struck a door or a frame.
fn openings(world: &World) -> impl Iterator<Item = &world::Move> {
    let lets_in =
        |m: &&world::Move| m.command == Command::Unlock && m.door == Door::Closed && m.bolt == Bolt::Locked;
    world.moves.iter().filter(lets_in)
}

/// LOCK is never sent unless the door was reported closed for at least a second.
fn lock_follows_a_second_of_closed_door(world: &World) {
    for one in world.moves.iter().filter(|one| one.command == Command::Lock) {
        assert!(one.closed_ms.is_some_and(|since| one.ms >= since + 1_000), "{one:?}");
    }
}

/// The bolt is withdrawn for a visitor only after a durable intent of its own, under a grant that counts, and never
/// after a durable block, stop or No.
fn every_opening_has_its_intent(world: &World) {
    let details = details(world);
    for (number, one) in openings(world).enumerate() {
        let durable = || details[..one.records].iter().flatten();
        let intents =
            durable().filter(|d| matches!(&d.body, Body::Intent(i) if i.grant == world::hash(&grant())));
        assert!(intents.count() > number, "opening {number} has no intent: {one:?}");
        let forbids = |d: &Detail| match &d.body {
            Body::Answered { word, .. } => *word == Word::Stop,
            Body::SaidNoAtHub => d.visit.is_some(),
            Body::RevocationKept { .. } => true,
            _ => false,
        };
        assert!(!durable().any(forbids), "opening {number} was forbidden: {one:?}");
    }
}

/// Visits that have a use never exceed the uses of the grant, across crashes; nor do passages the pulses.
fn no_use_is_taken_twice(world: &World) {
    let details = details(world);
    let intents = || details.iter().flatten().filter(|d| matches!(d.body, Body::Intent(_)));
    let visits: BTreeSet<VisitId> = intents().filter_map(|d| d.visit).collect();
    assert!(visits.len() <= usize::try_from(USES).unwrap(), "{visits:?}");
    assert!(openings(world).count() <= intents().count());
}

/// The log verifies from its first event, whatever was lost.
fn the_log_verifies(world: &World) {
    let mut checker = Checker::new(DOOR, world::door_key().public(), Position::START);
    for entry in world.entries() {
        checker.entry(&entry, &Software).expect("the log verifies");
    }
}

/// After the door is closed and the lock says where its bolt is, it ends locked or somebody is told, within ten seconds.
fn it_ends_locked_or_somebody_is_told(world: &mut World) {
    if world.bolt != Bolt::Locked {
        world.report_bolt(Bolt::Unlocked);
    }
    world.report_door(Door::Open);
    world.pass(2_000);
    world.report_door(Door::Closed);
    world.pass(10_000);
    let mut out = BTreeSet::new();
    for output in &world.outputs {
        match output {
            Output::Alarm { alarm, on: true } => out.insert(*alarm),
            Output::Alarm { alarm, on: false } => out.remove(alarm),
            _ => false,
        };
    }
    let journal_failed = out.remove(&Alarm::JournalFailed);
    assert!(world.bolt == Bolt::Locked || !out.is_empty(), "{:?}, and nobody knows", world.bolt);
    let distress = world.distress();
    assert!(
        !journal_failed || out.iter().all(|alarm| distress.contains(alarm)),
        "{out:?}, told: {distress:?}"
    );
}

/// The journal of a home that has held its papers for some minutes.
fn papers() -> &'static [Record] {
    static RECORDS: OnceLock<Vec<Record>> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let mut world = World::empty();
        world.keep_papers(grant(), world::assignment());
        world.records
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_door_is_safe_whatever_happens(steps in prop::collection::vec(step(), 1..40)) {
        let mut world = World::start(papers(), 701_000, Door::Closed, Bolt::Locked);
        for step in steps {
            happen(&mut world, &step);
        }
        it_ends_locked_or_somebody_is_told(&mut world);
        if world.disk == DiskMood::Silent {
            world.disk_catches_up();
        }
        lock_follows_a_second_of_closed_door(&world);
        every_opening_has_its_intent(&world);
        no_use_is_taken_twice(&world);
        the_log_verifies(&world);
    }
}
