//! How much of a decision is not signatures: full decisions a second on one core, against the bare verifications that
//! they ask for, with the same verifier, one after the other in the same run.
//!
//!   ./x bench decision

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

#[path = "../../doorkeeper/tests/world/mod.rs"]
mod world;

use doorkeeper::admit::{AtTheDoor, Situation, admit, authenticate, last_look};
use doorkeeper::papers::{Papers, Since};
use doorkeeper::past::Past;
use doorkeeper::sensors::{Bolt, Door, Sensors};
use doorkeeper::uses::Uses;
use doorkeeper::{Commissioning, Now};
use hub::ring_verifier::RingVerifier;
use protocol::bytes::{Hash, RecordingId, VisitId};
use protocol::presentation::Presentation;
use protocol::recording_proof::RecordingProof;
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::Paper;
use protocol::{Claimed, Credential, PublicKey, Signed, Verifier};
use std::cell::RefCell;
use std::hint::black_box;
use std::time::{Duration, Instant};
use world::{blob, handset, hash, owner, provider_root, provider_working, recorder};

const NOW_MS: u64 = 10_000_000;
/// Decisions, and sets of bare verifications, in one round.
const EACH: u32 = 50;
const ROUNDS: usize = 41;
const REACH: f64 = 0.8;

fn main() {
    let papers = kept();
    let (grant, assignment) = (hash(&world::grant()), hash(&world::assignment()));
    let challenge = Hash([9; 32]);
    let challenged = Monotonic(NOW_MS - 5_000);
    let proof = RecordingProof {
        door: world::DOOR,
        answers: challenge,
        grant,
        recording: RecordingId([5; 16]),
        chain_head: Hash([6; 32]),
        frame: 100,
        captured: Monotonic(NOW_MS - 100),
    };
    let proofs = [Signed::sign(proof, &recorder()).expect("a proof")];
    let opens = (1..=3).map(world::opening).collect();
    let presentation =
        blob(Presentation { challenge, grant, assignment: Some(assignment), opens }, &handset());

    let (uses, past) = (Uses::default(), Past::default());
    let interval = Interval { lo: Timestamp(world::START), hi: Timestamp(world::START + 2) };
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
        ..AtTheDoor::arriving(VisitId([7; 16]), grant, Some(assignment))
    };
    let camera = Credential::device(recorder().public());
    let decide = |verifier: &dyn Verifier| {
        let proof = Claimed::<RecordingProof>::parse(proofs[0].bytes()).expect("a proof");
        let proven = proof.verify(&camera, verifier).is_ok();
        let authentic = authenticate(&home, &at_the_door, &presentation.0, verifier).expect("authentic");
        let admission = admit(&home, &at_the_door, &authentic, verifier).expect("admitted");
        last_look(&home, &at_the_door, verifier).expect("still so");
        assert!(proven && admission.parcels == 3);
    };
    measure(decide);
}

/// A home that has held the papers for half an hour.
fn kept() -> Papers {
    let roster = Signed::sign(world::roster(), &owner()).expect("a roster");
    let mut papers = Papers::new(roster.message().clone(), roster.hash());
    let since = Since { interval: Interval::exactly(Timestamp(world::START - 1_800)), monotonic: None };
    for paper in [
        Paper::Grant(blob(world::grant(), &owner())),
        Paper::Delegation(blob(world::delegation(), &provider_root())),
        Paper::Assignment(blob(world::assignment(), &provider_working())),
    ] {
        papers.keep(&paper, since, false, &RingVerifier).expect("a good paper");
    }
    papers
}

fn measure(decide: impl Fn(&dyn Verifier)) {
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
