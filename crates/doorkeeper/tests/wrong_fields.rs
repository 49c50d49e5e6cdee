//! One field wrong, everything else right, and signed by the right key: each is refused for the reason that the
//! specification names, at the place where it can first be known, and opens nothing.

use crate::world::{
    self, DOOR, START, World, blob, commitments, handset, hash, key, opening, owner, provider_root,
    provider_working, recorder,
};
use doorkeeper::refusal::Refusal;
use doorkeeper::sensors::Door;
use doorkeeper::{Input, Output, RecorderNews, RecorderOrder};
use protocol::answer::{Answer, Word};
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{DoorId, DoorTag, GrantId, Hash, TourId, VisitId};
use protocol::confirmation::Confirmation;
use protocol::delegation::Delegation;
use protocol::door_event::Body;
use protocol::farewell::Farewell;
use protocol::grant::{Errand, Grant, Grantee};
use protocol::presentation::Presentation;
use protocol::recording_proof::RecordingProof;
use protocol::revocation::Revocation;
use protocol::time::{Monotonic, Timestamp, Window};
use protocol::uplink::{FromVisitor, Paper};
use protocol::{Credential, Signed, Signer};

const VISIT: VisitId = VisitId([0x11; 16]);
const OTHER_DOOR: DoorId = DoorId([9; 16]);
const PAST: Window = Window { from: Timestamp(START - 9_000), until: Timestamp(START - 8_000) };
const LATER: Window = Window { from: Timestamp(START + 3_000), until: Timestamp(START + 3_600) };

/// What one delivery is made of.
struct Delivery {
    grant: Grant,
    delegation: Delegation,
    assignment: Assignment,
    arrival: fn(&mut Arrival),
    presentation: fn(&mut Presentation),
    proof: fn(&mut RecordingProof),
}

impl Delivery {
    fn right() -> Self {
        Self {
            grant: world::grant(),
            delegation: world::delegation(),
            assignment: world::assignment(),
            arrival: |_| {},
            presentation: |_| {},
            proof: |_| {},
        }
    }
}

/// Carries it out; the first code, and where it came, or "opened".
fn outcome(delivery: Delivery) -> String {
    let Delivery { grant, delegation, assignment, .. } = delivery;
    let (grant_hash, assignment_hash) = (hash(&grant), hash(&assignment));
    let mut world = World::empty();
    world.recorder_sees = false;
    let papers = [
        Paper::Grant(blob(grant, &owner())),
        Paper::Delegation(blob(delegation, &provider_root())),
        Paper::Assignment(blob(assignment, &provider_working())),
    ];
    for paper in papers {
        if let Some(code) = world.keep(paper) {
            return format!("not kept: {code}");
        }
    }
    world.pass(1_000_000);
    let mut arrival =
        Arrival { grant: grant_hash, assignment: Some(assignment_hash), ..world::arrival(VISIT) };
    (delivery.arrival)(&mut arrival);
    world.visitor(VISIT, FromVisitor::Arrival(blob(arrival, &handset())));
    let refused = |world: &World| world.doorkeeper.newest_refusal().map(Refusal::code);
    if let Some(code) = refused(&world) {
        return format!("arrival: {code}");
    }
    let mut presentation = Presentation {
        challenge: world.challenges[&VISIT],
        grant: grant_hash,
        assignment: Some(assignment_hash),
        opens: vec![opening(1), opening(2)],
    };
    (delivery.presentation)(&mut presentation);
    world.pass(100);
    world.visitor(VISIT, FromVisitor::Presentation(blob(presentation, &handset())));
    if let Some(code) = refused(&world) {
        return format!("presentation: {code}");
    }
    prove(&mut world, delivery.proof, &recorder());
    world.pass(2_000);
    match refused(&world) {
        Some(code) => format!("decision: {code}"),
        None if world.unlocks() == 1 => "opened".into(),
        None => "nothing".into(),
    }
}

/// What the recorder was asked last is proven, bent.
fn prove(world: &mut World, bend: fn(&mut RecordingProof), signer: &dyn Signer) {
    let asked = world.outputs.iter().rev().find_map(|output| match output {
        Output::Recorder(RecorderOrder::Prove { recording, answers, grant }) => {
            Some((*recording, *answers, *grant))
        }
        _ => None,
    });
    let (recording, answers, grant) = asked.expect("it was asked");
    let mut proof = world.proof(recording, answers, grant);
    bend(&mut proof);
    world.give(Input::Recorder(RecorderNews::Proof(blob(proof, signer))));
}

type Bend = fn(&mut Delivery);

const PAPERS: &[(&str, Bend, &str)] = &[
    ("nothing", |_| {}, "opened"),
    ("grant: door", |d| d.grant.door = OTHER_DOOR, "not kept: wrong_door"),
    ("grant: an epoch to come", |d| d.grant.roster_epoch = 2, "not kept: epoch_superseded"),
    ("grant: an epoch before the signer", |d| d.grant.roster_epoch = 0, "not kept: epoch_superseded"),
    ("grant: to another provider", |d| d.grant.to = to_provider(&key(77)), "arrival: wrong_provider"),
    ("grant: to another guest", |d| d.grant.to = to_guest(&key(77)), "arrival: arrival_signature"),
    ("grant: to the handset itself", |d| d.grant.to = to_guest(&handset()), "presentation: wrong_parcel"),
    (
        "grant: other parcels",
        |d| d.grant.errand = Errand::Consignments(commitments(&[1, 9])),
        "arrival: wrong_errand",
    ),
    ("grant: a service", |d| d.grant.errand = Errand::Service("cleaning".into()), "arrival: wrong_errand"),
    ("grant: a window that ended", |d| d.grant.windows = vec![PAST], "not kept: outside_window"),
    ("grant: a window to come", |d| d.grant.windows = vec![LATER], "arrival: outside_window"),
    (
        "grant: another camera",
        |d| d.grant.terms.cameras[0].recorder = key(77).kid(),
        "decision: recording_missing",
    ),
    ("grant: a younger picture", |d| d.grant.terms.cameras[0].age_ms = 1, "opened"),
    (
        "grant: an attribute more",
        |d| d.grant.terms.attributes.push("vetted".into()),
        "arrival: attribute_missing",
    ),
    ("grant: longer notice", |d| d.grant.terms.notice_s = 2_000, "arrival: notice_too_short"),
    (
        "grant: a fresh list",
        |d| d.grant.terms.revocation_age_s = Some(86_400),
        "presentation: revocation_list_old",
    ),
    ("delegation: root", |d| d.delegation.root = key(77).public(), "not kept: assignment_signature"),
    ("delegation: key", |d| d.delegation.key = key(77).public(), "not kept: delegation_missing"),
    ("delegation: a window that ended", |d| d.delegation.window = PAST, "not kept: delegation_expired"),
    ("delegation: a window to come", |d| d.delegation.window = LATER, "arrival: delegation_expired"),
    ("assignment: door", |d| d.assignment.door = OTHER_DOOR, "not kept: assignment_wrong_door"),
    ("assignment: provider", |d| d.assignment.provider = key(77).kid(), "not kept: delegation_missing"),
    ("assignment: errands", |d| d.assignment.errands = commitments(&[1, 9]), "arrival: wrong_errand"),
    ("assignment: device", |d| d.assignment.cnf.key = key(77).public(), "arrival: arrival_signature"),
    ("assignment: attributes", |d| d.assignment.attributes.clear(), "arrival: attribute_missing"),
    (
        "assignment: a window that ended",
        |d| d.assignment.window = PAST,
        "not kept: assignment_outside_window",
    ),
    ("assignment: a window to come", |d| d.assignment.window = LATER, "arrival: assignment_outside_window"),
    // What no term asks for lets nobody in and keeps nobody out.
    ("assignment: tour", |d| d.assignment.tour = TourId([9; 16]), "opened"),
    ("assignment: service", |d| d.assignment.service = "cleaning".into(), "opened"),
];

fn to_provider(root: &protocol::DeviceKey) -> Grantee {
    Grantee::Provider { root: root.kid(), name: "another".into() }
}

fn to_guest(guest: &protocol::DeviceKey) -> Grantee {
    Grantee::Holder { cnf: protocol::Credential::device(guest.public()), name: "another".into() }
}

const MESSAGES: &[(&str, Bend, &str)] = &[
    ("arrival: visit", |d| d.arrival = |a| a.visit = VisitId([9; 16]), "arrival: malformed"),
    ("arrival: door", |d| d.arrival = |a| a.door = OTHER_DOOR, "arrival: wrong_tag"),
    ("arrival: tag", |d| d.arrival = |a| a.door_tag = DoorTag([9; 16]), "arrival: wrong_tag"),
    ("arrival: grant", |d| d.arrival = |a| a.grant = Hash([9; 32]), "arrival: grant_unknown"),
    (
        "arrival: assignment",
        |d| d.arrival = |a| a.assignment = Some(Hash([9; 32])),
        "arrival: assignment_unknown",
    ),
    ("arrival: no assignment", |d| d.arrival = |a| a.assignment = None, "arrival: assignment_missing"),
    (
        "presentation: challenge",
        |d| d.presentation = |p| p.challenge = Hash([9; 32]),
        "presentation: challenge_unknown",
    ),
    ("presentation: grant", |d| d.presentation = |p| p.grant = Hash([9; 32]), "presentation: other_papers"),
    (
        "presentation: assignment",
        |d| d.presentation = |p| p.assignment = Some(Hash([9; 32])),
        "presentation: other_papers",
    ),
    (
        "presentation: no assignment",
        |d| d.presentation = |p| p.assignment = None,
        "presentation: other_papers",
    ),
    ("presentation: nothing scanned", |d| d.presentation = |p| p.opens.clear(), "presentation: wrong_parcel"),
    (
        "presentation: another parcel",
        |d| d.presentation = |p| p.opens.push(opening(9)),
        "presentation: wrong_parcel",
    ),
    (
        "presentation: one twice",
        |d| d.presentation = |p| p.opens[1] = opening(1),
        "presentation: wrong_parcel",
    ),
    (
        "presentation: a salt",
        |d| d.presentation = |p| p.opens[0].salt.0[0] ^= 1,
        "presentation: wrong_parcel",
    ),
    (
        "presentation: a scan",
        |d| d.presentation = |p| p.opens[0].scan = opening(9).scan,
        "presentation: wrong_parcel",
    ),
    ("proof: door", |d| d.proof = |p| p.door = OTHER_DOOR, "decision: recording_missing"),
    ("proof: answers", |d| d.proof = |p| p.answers = Hash([9; 32]), "decision: recording_missing"),
    ("proof: grant", |d| d.proof = |p| p.grant = Hash([9; 32]), "decision: recording_missing"),
    (
        "proof: before the challenge",
        |d| d.proof = |p| p.captured = Monotonic(1),
        "decision: recording_missing",
    ),
    ("proof: to come", |d| d.proof = |p| p.captured = Monotonic(u64::MAX), "decision: recording_stale"),
];

#[test]
fn every_wrong_field_is_refused_for_its_reason() {
    let mut wrong = Vec::new();
    for (name, bend, expected) in PAPERS.iter().chain(MESSAGES) {
        let mut delivery = Delivery::right();
        bend(&mut delivery);
        let found = outcome(delivery);
        if found != *expected {
            wrong.push(format!("{name}: {expected} was expected, {found} came"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_word_with_a_wrong_field_is_not_heard() {
    let mut world = World::new();
    world.arrive(VISIT);
    let before = world.events().len();
    let other = VisitId([9; 16]);
    for (door, visit) in [(OTHER_DOOR, VISIT), (DOOR, other)] {
        let stop = Answer { door, visit, word: Word::Stop };
        world.give(Input::Answer(blob(stop, &owner())));
        let farewell = blob(Farewell { door, visit, parcels: 1 }, &handset());
        world.visitor(VISIT, FromVisitor::Farewell(farewell));
    }
    let stop = Answer { door: DOOR, visit: VISIT, word: Word::Stop };
    world.give(Input::Answer(blob(stop, &handset())));
    assert_eq!(world.events().len(), before, "{:?}", world.events().last());
    world.scan(VISIT, &[1]);
    assert_eq!(world.unlocks(), 1);
}

#[test]
fn a_picture_that_another_key_vouches_for_in_the_recorders_name_lets_nobody_in() {
    struct Forger;
    impl Signer for Forger {
        fn credential(&self) -> Credential {
            recorder().credential()
        }
        fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
            key(77).sign(to_be_signed)
        }
    }
    for (signer, unlocks) in [(&Forger as &dyn Signer, 0), (&recorder(), 1)] {
        let mut world = World::new();
        world.recorder_sees = false;
        world.arrive(VISIT);
        world.scan(VISIT, &[1]);
        prove(&mut world, |_| {}, signer);
        world.pass(2_000);
        assert_eq!(world.unlocks(), unlocks);
    }
}

#[test]
fn a_passage_ends_with_the_newest_picture_whatever_order_they_came_in() {
    let mut world = World::new();
    world.arrive(VISIT);
    world.scan(VISIT, &[1]);
    world.report_door(Door::Open);
    world.recorder_sees = false;
    world.pass(1_000);
    prove(&mut world, |proof| proof.frame = 1_000, &recorder());
    prove(&mut world, |proof| proof.frame = 5, &recorder());
    world.report_door(Door::Closed);
    world.pass(2_000);
    let heads = world.events().into_iter().find_map(|body| match body {
        Body::Secured(heads) => Some(heads),
        _ => None,
    });
    assert_eq!(heads.unwrap().iter().map(|head| head.frame).collect::<Vec<_>>(), [1_000]);
}

#[test]
fn a_list_with_a_wrong_field_changes_nothing() {
    let right = Revocation { blocked: true, grants: vec![GrantId([1; 16])], ..world::revocation(5) };
    let mut world = World::new();
    let list = |list: Revocation| Paper::Revocation(blob(list, &owner()));
    assert_eq!(world.keep(list(Revocation { door: OTHER_DOOR, ..right.clone() })), Some("wrong_door"));
    assert_eq!(world.keep(list(right.clone())), None);
    for sequence in [1, 4, 5] {
        let older = Revocation { sequence, blocked: false, ..right.clone() };
        assert_eq!(world.keep(list(older)), Some("revocation_refused"), "{sequence}");
    }
    assert!(Signed::sign(Revocation { sequence: 0, ..right }, &owner()).is_err(), "nobody can sign it");
    let kept = |body: &Body| matches!(body, Body::RevocationKept { .. });
    assert_eq!(world.events().into_iter().filter(kept).count(), 1);
}

#[test]
fn a_confirmation_with_a_wrong_field_confirms_nothing() {
    let mut world = World::empty();
    world.keep_papers(world::grant(), world::assignment());
    let grant = hash(&world::grant());
    let refused = |world: &mut World, confirmation| {
        world.keep(Paper::Confirmation(blob(confirmation, &owner()))).is_some()
    };
    // The right key would be another resident's: whoever signed the grant confirms nothing either.
    assert!(refused(&mut world, Confirmation { door: OTHER_DOOR, grant }));
    assert!(refused(&mut world, Confirmation { door: DOOR, grant: Hash([9; 32]) }));
    assert!(refused(&mut world, Confirmation { door: DOOR, grant }));
    world.arrive(VISIT);
    assert_eq!(world.refusals(), ["grant_pending"]);
}
