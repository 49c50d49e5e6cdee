//! How much of a decision is not signatures: full decisions a second on one core, against the bare verifications that
//! they ask for, with the same verifier, one after the other in the same run.
//!
//!   ./x bench decision

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

use doorkeeper::admit::{AtTheDoor, Situation, admit, authenticate, last_look};
use doorkeeper::papers::{Papers, Since};
use doorkeeper::past::Past;
use doorkeeper::sensors::{Bolt, Door, Sensors};
use doorkeeper::uses::Uses;
use doorkeeper::{Commissioning, Now};
use hub::ring_verifier::RingVerifier;
use protocol::assignment::Assignment;
use protocol::bytes::{
    AssignmentId, Blob, DoorId, GrantId, Hash, HomeId, RecordingId, Salt, TourId, VisitId,
};
use protocol::commitment::{Commitment, Opening, Scan};
use protocol::delegation::Delegation;
use protocol::grant::{Camera, Entry, Errand, Grant, Grantee, Occupied, Record, Terms};
use protocol::presentation::Presentation;
use protocol::recording_proof::RecordingProof;
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::{Interval, Monotonic, Timestamp, Window};
use protocol::uplink::Paper;
use protocol::{Claimed, Credential, DeviceKey, Kid, Message, PublicKey, Signed, Signer, Verifier};
use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};

const DOOR: DoorId = DoorId([1; 16]);
const NOW_S: u64 = 1_800_000_000;
const NOW_MS: u64 = 10_000_000;
/// Decisions, and sets of bare verifications, in one round.
const EACH: u32 = 50;
const ROUNDS: usize = 41;
const REACH: f64 = 0.8;

fn main() {
    let [owner, root, working, handset, recorder, door] = [1, 2, 3, 4, 5, 6].map(key);
    let window = Window { from: Timestamp(NOW_S - 3_600), until: Timestamp(NOW_S + 3_600) };
    let openings: Vec<Opening> = (1..=3).map(opening).collect();
    let mut errands: Vec<_> = openings.iter().map(Opening::commitment).collect();
    errands.sort();
    let grant = granted(root.kid(), recorder.kid(), errands.clone(), window);
    let assignment = assigned(root.kid(), &handset, errands, window);
    let delegation = Delegation { root: root.public(), key: working.public(), window };
    let roster = signed(roster(&owner, &recorder, &door), &owner);

    let long_ago = Timestamp(NOW_S - 1_800);
    let since = Since { interval: Interval::exactly(long_ago), monotonic: None };
    let mut papers = Papers::new(roster.message().clone(), roster.hash());
    let (grant, assignment) = (signed(grant, &owner), signed(assignment, &working));
    let kept = [
        Paper::Grant(blob(&grant)),
        Paper::Delegation(blob(&signed(delegation, &root))),
        Paper::Assignment(blob(&assignment)),
    ];
    for paper in &kept {
        papers.keep(paper, since, false, &RingVerifier).expect("a good paper");
    }
    let challenge = Hash([9; 32]);
    let challenged = Monotonic(NOW_MS - 5_000);
    let proof = RecordingProof {
        door: DOOR,
        answers: challenge,
        grant: grant.hash(),
        recording: RecordingId([5; 16]),
        chain_head: Hash([6; 32]),
        frame: 100,
        captured: Monotonic(NOW_MS - 100),
    };
    let proofs = [signed(proof, &recorder)];
    let presentation =
        Presentation { challenge, grant: grant.hash(), assignment: Some(assignment.hash()), opens: openings };
    let presentation = signed(presentation, &handset);

    let (uses, past) = (Uses::default(), Past::default());
    let interval = Interval { lo: Timestamp(NOW_S), hi: Timestamp(NOW_S + 2) };
    let home = Situation {
        now: Now { monotonic: Monotonic(NOW_MS), interval },
        journal_is_healthy: true,
        commissioning: Commissioning {
            relocks_without_hub: true,
            opens_from_inside: true,
            no_blind_auto_lock: true,
        },
        door_is_busy: false,
        sensors: Sensors { bolt: Bolt::Locked, door: Door::Closed, ..Sensors::default() },
        papers: &papers,
        uses: &uses,
        past: &past,
    };
    let at_the_door = AtTheDoor {
        challenges: &[(challenge, challenged)],
        proofs: &proofs,
        ..AtTheDoor::arriving(VisitId([7; 16]), grant.hash(), Some(assignment.hash()))
    };
    let decide = |verifier: &dyn Verifier| {
        let proof = Claimed::<RecordingProof>::parse(proofs[0].bytes()).expect("a proof");
        let proven = proof.verify(&Credential::device(recorder.public()), verifier).is_ok();
        let authentic = authenticate(&home, &at_the_door, presentation.bytes(), verifier).expect("authentic");
        let admission = admit(&home, &at_the_door, &authentic, verifier).expect("admitted");
        last_look(&home, &at_the_door, verifier).expect("still so");
        assert!(proven && admission.parcels == 3);
    };

    let asked = Asked::default();
    decide(&asked);
    let questions = asked.0.into_inner();
    let bare = || {
        for (key, message, signature) in &questions {
            assert!(black_box(RingVerifier.verify_p256(key, message, signature)));
        }
    };
    let mut ratios = Vec::new();
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let (bare, full) = (timed(bare), timed(|| decide(black_box(&RingVerifier))));
        ratios.push(bare.as_secs_f64() / full.as_secs_f64());
        rates.push(f64::from(EACH) / full.as_secs_f64());
    }
    let value = median(&mut ratios);
    println!(
        "{{\"what\":\"full decisions on a core, of what their {} verifications allow\",\"value\":{value:.3},\
         \"reach\":{REACH},\"ok\":{},\"decisions_per_s\":{:.0}}}",
        questions.len(),
        value >= REACH,
        median(&mut rates)
    );
    std::process::exit(i32::from(value < REACH));
}

fn granted(root: Kid, recorder: Kid, errands: Vec<Commitment>, window: Window) -> Grant {
    Grant {
        id: GrantId([2; 16]),
        door: DOOR,
        roster_epoch: 1,
        to: Grantee::Provider { root, name: "Parcel service".into() },
        errand: Errand::Consignments(errands),
        windows: vec![window],
        uses: 1,
        uses_per_window: 1,
        terms: Terms {
            cameras: vec![Camera { recorder, age_ms: 1_000 }],
            record: Record::WholeVisit,
            door_open_s: 60,
            entry: Entry::Threshold,
            entries: 1,
            attributes: vec![],
            notice_s: 0,
            occupied: Occupied::Ask,
            revocation_age_s: None,
        },
    }
}

fn assigned(root: Kid, handset: &DeviceKey, errands: Vec<Commitment>, window: Window) -> Assignment {
    Assignment {
        id: AssignmentId([3; 16]),
        door: DOOR,
        provider: root,
        service: "delivery".into(),
        errands,
        cnf: Credential::device(handset.public()),
        tour: TourId([4; 16]),
        attributes: vec![],
        window,
    }
}

/// Writes down what it is asked, and answers truly.
#[derive(Debug, Default)]
struct Asked(RefCell<Vec<Question>>);

/// Key, message, signature.
type Question = (PublicKey, Vec<u8>, [u8; 64]);

impl Verifier for Asked {
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.borrow_mut().push((*key, message.to_vec(), *signature));
        RingVerifier.verify_p256(key, message, signature)
    }
}

fn timed(what: impl Fn()) -> Duration {
    let start = Instant::now();
    (0..EACH).for_each(|_| what());
    start.elapsed()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_secret(&[seed; 32]).expect("a key")
}

fn signed<M: Message>(message: M, by: &DeviceKey) -> Signed<M> {
    Signed::sign(message, by).expect("a good message")
}

fn blob<M: Message>(signed: &Signed<M>) -> Blob {
    Blob(signed.bytes().to_vec())
}

fn opening(parcel: u8) -> Opening {
    let scan = Scan::from_label(&format!("RR00000000{parcel}DE")).expect("a label");
    Opening { salt: Salt([parcel; 16]), scan }
}

fn roster(owner: &DeviceKey, recorder: &DeviceKey, door: &DeviceKey) -> Roster {
    Roster {
        home: HomeId([8; 16]),
        door: DOOR,
        epoch: 1,
        prev: Hash::ZERO,
        door_key: door.public(),
        recorder_keys: vec![recorder.public()],
        residents: vec![Resident {
            credential: owner.credential(),
            role: Rank::Owner,
            since: 1,
            name: "phone".into(),
            kem: None,
        }],
        quorum: 1,
        grants_from: 0,
    }
}
