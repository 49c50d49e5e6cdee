//! Papers that belong to no grant: anybody can invent providers, so these have a part of the shelf, and make way.

use crate::world::{
    self, START, World, assignment, blob, delegation, grant, hash, key, owner, provider_root,
    provider_working,
};
use doorkeeper::limits::{ASSIGNMENTS_MAX, DELEGATIONS_MAX, STRAY_ASSIGNMENTS_MAX, STRAY_DELEGATIONS_MAX};
use doorkeeper::sensors::{Bolt, Door};
use doorkeeper::{Input, Output};
use protocol::DeviceKey;
use protocol::assignment::Assignment;
use protocol::bytes::{AssignmentId, GrantId, Hash, VisitId};
use protocol::delegation::Delegation;
use protocol::grant::{Errand, Grant, Grantee};
use protocol::time::{Timestamp, Window};
use protocol::uplink::{Paper, ToVisitor};

const TOO_MANY: Option<&str> = Some("too_many_papers");

fn delegates(root: &DeviceKey, working: &DeviceKey) -> Delegation {
    Delegation { root: root.public(), key: working.public(), ..delegation() }
}

fn paper_of(root: &DeviceKey, working: &DeviceKey) -> Paper {
    Paper::Delegation(blob(delegates(root, working), root))
}

/// A provider that a stolen cloud made up, and as many papers of it as are wanted.
fn invented() -> DeviceKey {
    key(100)
}

fn numbered(n: u16) -> AssignmentId {
    let mut id = [0xa6; 16];
    id[..2].copy_from_slice(&n.to_be_bytes());
    AssignmentId(id)
}

fn invented_assignment(n: u16) -> Assignment {
    Assignment { id: numbered(n), provider: invented().kid(), ..assignment() }
}

fn real_assignment(n: u16) -> Assignment {
    Assignment { id: numbered(n), ..assignment() }
}

fn by_invented(n: u16) -> Paper {
    Paper::Assignment(blob(invented_assignment(n), &invented()))
}

fn by_provider(n: u16) -> Paper {
    Paper::Assignment(blob(real_assignment(n), &provider_working()))
}

/// The real provider's delegation and the invented one's, and no assignment yet. With the resident's grant or without.
fn home(grant_is_kept: bool) -> World {
    let mut world = World::empty();
    if grant_is_kept {
        assert_eq!(world.keep(Paper::Grant(blob(grant(), &owner()))), None);
    }
    assert_eq!(world.keep(Paper::Delegation(blob(delegation(), &provider_root()))), None);
    assert_eq!(world.keep(paper_of(&invented(), &invented())), None);
    world
}

fn count(n: usize) -> u16 {
    u16::try_from(n).unwrap()
}

fn assignments(world: &World) -> Vec<Hash> {
    world.doorkeeper.papers().assignments.iter().map(|kept| kept.claimed.hash()).collect()
}

fn delegations(world: &World) -> Vec<Hash> {
    world.doorkeeper.papers().delegations.iter().map(|kept| kept.claimed.hash()).collect()
}

fn restarted(world: &World) -> World {
    World::start(&world.records, world.ms + 1_000, Door::Closed, Bolt::Locked)
}

#[test]
fn a_cloud_that_invents_providers_does_not_fill_the_shelf_of_assignments() {
    let mut world = home(true);
    let strays = count(STRAY_ASSIGNMENTS_MAX);
    for n in 0..strays {
        assert_eq!(world.keep(by_invented(n)), None);
    }
    let records = world.records.len();
    for n in strays..1_000 {
        assert_eq!(world.keep(by_invented(n)), TOO_MANY);
    }
    assert_eq!(world.records.len(), records, "what is refused costs no flash");
    for n in 0..count(ASSIGNMENTS_MAX) {
        assert_eq!(world.keep(by_provider(n)), None, "{n}");
    }
    assert_eq!(assignments(&world).len(), ASSIGNMENTS_MAX, "every stray made way");
    assert_eq!(world.keep(by_provider(999)), TOO_MANY, "a shelf full of real ones");
    assert_eq!(world.keep(by_invented(999)), TOO_MANY);
    assert_eq!(assignments(&restarted(&world)), assignments(&world), "a start agrees");
}

#[test]
fn strays_make_way_one_by_one_and_the_oldest_first_and_a_start_agrees() {
    let mut world = home(true);
    let strays = count(STRAY_ASSIGNMENTS_MAX);
    for n in 0..strays {
        world.keep(by_invented(n));
    }
    let room = count(ASSIGNMENTS_MAX) - strays;
    for n in 0..room + 2 {
        assert_eq!(world.keep(by_provider(n)), None);
    }
    let kept = assignments(&world);
    assert_eq!(kept.len(), ASSIGNMENTS_MAX);
    let is_kept = |n| kept.contains(&hash(&invented_assignment(n)));
    assert_eq!([is_kept(0), is_kept(1), is_kept(2), is_kept(strays - 1)], [false, false, true, true]);
    assert_eq!(assignments(&restarted(&world)), kept);
    assert_eq!(assignments(&restarted(&restarted(&world))), kept);
}

#[test]
fn a_cloud_that_invents_providers_does_not_fill_the_shelf_of_delegations() {
    let mut world = World::empty();
    world.keep(Paper::Grant(blob(grant(), &owner())));
    for n in 0..STRAY_DELEGATIONS_MAX {
        let root = key(u8::try_from(100 + n).unwrap());
        assert_eq!(world.keep(paper_of(&root, &root)), None);
    }
    assert_eq!(world.keep(paper_of(&key(200), &key(200))), TOO_MANY);
    for n in 0..DELEGATIONS_MAX {
        let working = key(u8::try_from(100 + n).unwrap());
        assert_eq!(world.keep(paper_of(&provider_root(), &working)), None, "{n}");
    }
    assert_eq!(delegations(&world).len(), DELEGATIONS_MAX);
    assert_eq!(delegations(&restarted(&world)), delegations(&world), "a start agrees");
}

#[test]
fn a_provider_who_assigns_before_the_resident_signs_has_the_strays_place_until_then() {
    let mut world = home(false);
    let strays = count(STRAY_ASSIGNMENTS_MAX);
    assert_eq!(world.keep(Paper::Assignment(blob(assignment(), &provider_working()))), None);
    for n in 1..strays {
        assert_eq!(world.keep(by_invented(n)), None);
    }
    assert_eq!(world.keep(by_invented(strays)), TOO_MANY);
    assert_eq!(world.keep(Paper::Grant(blob(grant(), &owner()))), None);
    assert_eq!(world.keep(by_invented(strays)), None, "one of the strays belongs now");
    world.pass(1_000_000);
    world.arrive(VisitId([0x11; 16]));
    assert!(world.said.iter().any(|word| matches!(word, ToVisitor::Challenge(_))), "{:?}", world.refusals());
}

#[test]
fn an_assignment_for_another_errand_than_any_grants_is_a_stray() {
    let mut world = home(true);
    for n in 0..count(STRAY_ASSIGNMENTS_MAX) {
        world.keep(by_invented(n));
    }
    let other = Assignment { errands: world::commitments(&[7]), ..real_assignment(1) };
    assert_eq!(world.keep(Paper::Assignment(blob(other, &provider_working()))), TOO_MANY);
    let some = Assignment { errands: world::commitments(&[2]), ..real_assignment(2) };
    assert_eq!(world.keep(Paper::Assignment(blob(some, &provider_working()))), None);
}

#[test]
fn strays_whose_time_is_over_free_their_places() {
    let mut world = home(true);
    let brief = Window { from: Timestamp(START), until: Timestamp(START + 500) };
    for n in 0..count(STRAY_ASSIGNMENTS_MAX) {
        let brief = Assignment { window: brief, ..invented_assignment(n) };
        assert_eq!(world.keep(Paper::Assignment(blob(brief, &invented()))), None);
    }
    assert_eq!(world.keep(by_invented(999)), TOO_MANY);
    world.pass(510_000);
    assert_eq!(world.keep(by_invented(999)), None);
    assert_eq!(assignments(&restarted(&world)), assignments(&world), "a start agrees");
}

/// When its last window has ended, a grant holds no place any more, whether or not the home has dropped it yet.
#[test]
fn papers_of_a_grant_that_ended_are_strays() {
    let mut world = World::empty();
    let brief = Window { from: Timestamp(START), until: Timestamp(START + 500) };
    world.keep(Paper::Grant(blob(Grant { windows: vec![brief], ..grant() }, &owner())));
    world.keep(Paper::Delegation(blob(delegation(), &provider_root())));
    for n in 0..count(STRAY_ASSIGNMENTS_MAX) + 6 {
        assert_eq!(world.keep(by_provider(n)), None);
    }
    world.pass(510_000);
    assert_eq!(world.keep(by_provider(999)), TOO_MANY);
    assert_eq!(assignments(&restarted(&world)), assignments(&world), "a start agrees");
}

fn looked_at(world: &mut World, paper: Paper) -> Vec<Hash> {
    let before = world.outputs.len();
    assert_eq!(world.keep(paper), None);
    let of = |output: &Output| if let Output::LookAhead(grant) = output { Some(*grant) } else { None };
    world.outputs[before..].iter().filter_map(of).collect()
}

#[test]
fn a_paper_that_is_kept_has_only_the_grants_looked_at_that_it_concerns() {
    let other_provider = Grantee::Provider { root: invented().kid(), name: "Another parcel service".into() };
    let other = Grant { id: GrantId([0x62; 16]), to: other_provider, ..grant() };
    let pickup = Grant { id: GrantId([0x63; 16]), errand: Errand::Service("pickup".into()), ..grant() };
    let mut world = World::empty();
    for grant in [grant(), other.clone(), pickup.clone()] {
        let looked_at = looked_at(&mut world, Paper::Grant(blob(grant.clone(), &owner())));
        assert_eq!(looked_at, [hash(&grant)]);
    }
    let delegation = Paper::Delegation(blob(delegation(), &provider_root()));
    assert_eq!(looked_at(&mut world, delegation.clone()), [hash(&grant()), hash(&pickup)]);
    assert_eq!(looked_at(&mut world, delegation), [], "it says nothing new");
    assert_eq!(looked_at(&mut world, by_provider(1)), [hash(&grant())]);
    assert_eq!(looked_at(&mut world, paper_of(&key(101), &key(101))), []);
    let list = protocol::revocation::Revocation { blocked: true, ..world::revocation(1) };
    let all = [hash(&grant()), hash(&other), hash(&pickup)];
    assert_eq!(looked_at(&mut world, Paper::Revocation(blob(list, &owner()))), all);
    let before = world.outputs.len();
    world.give(Input::Tick);
    assert!(!world.outputs[before..].iter().any(|output| matches!(output, Output::LookAhead(_))));
}
