//! The committed decisions of `spec/vectors` and the code agree, file by file.

#[path = "../examples/decisions/cases/mod.rs"]
mod cases;

use cases::file::{self, Decision};
use doorkeeper::admit::{self, AtTheDoor, Situation, admit, authenticate};
use doorkeeper::look::{AtHome, Looks};
use doorkeeper::papers::{Kept, Papers, Since};
use doorkeeper::past::{By, Past};
use doorkeeper::refusal::Refusal;
use doorkeeper::sensors::{Bolt, Door, Sensors};
use doorkeeper::uses::Uses;
use doorkeeper::{Commissioning, Now};
use protocol::answer::Word;
use protocol::arrival::Arrival;
use protocol::bytes::{Blob, DoorTag, GrantId, Hash, Nonce, VisitId};
use protocol::key::Software;
use protocol::recording_proof::RecordingProof;
use protocol::revocation::Revocation;
use protocol::ring::Ring;
use protocol::roster::Roster;
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::Paper;
use protocol::{Claimed, Credential, Message, Signed};
use std::collections::BTreeMap;
use std::path::Path;

fn committed(half: &str) -> BTreeMap<String, Decision> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors").join(half);
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).expect("the folder exists") {
        let path = entry.expect("readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("plain names").to_owned();
        if name.starts_with("decision-") {
            let text = std::fs::read_to_string(&path).expect("readable");
            let decision: Decision =
                serde_json::from_str(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(name, format!("{}.json", decision.name), "a file carries its vector's name");
            assert_eq!(text, decision.to_json(), "{name}: a field is out of order or repeated");
            found.insert(decision.name.clone(), decision);
        }
    }
    found
}

fn bytes(decision: &Decision, message: usize) -> Vec<u8> {
    let text = &decision.messages[message].hex;
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

fn claimed<M: Message>(decision: &Decision, message: usize) -> Claimed<M> {
    assert_eq!(decision.messages[message].r#type, M::TYPE, "{}", decision.name);
    Claimed::parse(&bytes(decision, message)).expect("papers are well-formed")
}

fn kept<M: Message>(decision: &Decision, paper: &file::Paper) -> Kept<M> {
    // No calendar time is certain to have passed: only the monotonic clock counts here.
    let interval = Interval { lo: Timestamp(0), hi: Timestamp::MAX };
    let since = Since { interval, monotonic: Some(Monotonic(paper.held_since_ms)) };
    Kept { claimed: claimed(decision, paper.message), since, confirmed: paper.confirmed }
}

fn papers(decision: &Decision) -> Papers {
    let roster = claimed::<Roster>(decision, decision.home.roster);
    let mut papers = Papers::new(roster.unproven().clone(), roster.hash());
    for paper in &decision.home.papers {
        match decision.messages[paper.message].r#type.as_str() {
            "grant" => papers.grants.push(kept(decision, paper)),
            "delegation" => papers.delegations.push(kept(decision, paper)),
            "assignment" => papers.assignments.push(kept(decision, paper)),
            "revocation" => {
                let list: Kept<Revocation> = kept(decision, paper);
                let by_grantor = papers.roster.grantor(list.claimed.kid()).is_some();
                let own = by_grantor.then_some(list.claimed.unproven().issued);
                papers.renewed = decision.home.renewed.map(Timestamp).or(own);
                papers.revocation = Some(list);
            }
            other => panic!("{}: a home keeps no {other}", decision.name),
        }
    }
    papers
}

fn uses(decision: &Decision) -> Uses {
    let mut uses = Uses::default();
    for used in &decision.home.uses {
        uses.burn(
            GrantId::from_hex(&used.grant_id).expect("an id"),
            VisitId::from_hex(&used.visit).expect("an id"),
            Interval { lo: Timestamp(used.lo), hi: Timestamp(used.hi) },
        );
    }
    uses
}

fn past(decision: &Decision) -> Past {
    let mut past = Past::default();
    for no in &decision.home.noes {
        let by = if no.at_hub { By::SomeoneAtHub } else { By::Resident };
        let at = Interval { lo: Timestamp(no.lo), hi: Timestamp(no.hi) };
        past.refuse(GrantId::from_hex(&no.grant_id).expect("an id"), by, at);
    }
    for visit in &decision.home.ended {
        past.end(VisitId::from_hex(visit).expect("an id"), GrantId([0; 16]), false);
    }
    past
}

fn sensors(home: &file::Home) -> Sensors {
    let bolt = match home.bolt.as_str() {
        "locked" => Bolt::Locked,
        "unlocked" => Bolt::Unlocked,
        "locking" => Bolt::Locking,
        "unlocking" => Bolt::Unlocking,
        "unlatched" => Bolt::Unlatched,
        "jammed" => Bolt::Jammed,
        "unknown" => Bolt::Unknown,
        other => panic!("no bolt is {other}"),
    };
    let door = match home.door.as_str() {
        "open" => Door::Open,
        "closed" => Door::Closed,
        "tampered" => Door::Tampered,
        "unknown" => Door::Unknown,
        other => panic!("no door is {other}"),
    };
    Sensors {
        bolt_reports: 1,
        bolt,
        bolt_reported: Monotonic(0),
        door,
        battery_percent: home.battery_percent,
        smoke: home.smoke,
        occupied: home.occupied,
    }
}

/// Proofs count if a recorder of the roster signed them for this door; others are dropped when they come.
fn proofs(decision: &Decision, roster: &Roster) -> Vec<Signed<RecordingProof>> {
    let proven = decision.visit.iter().flat_map(|visit| &visit.proofs).filter_map(|message| {
        let claimed = claimed::<RecordingProof>(decision, *message);
        let key = roster.recorder(claimed.kid())?;
        claimed.verify(&Credential::device(key), &Software).ok()
    });
    proven.filter(|proof| proof.message().door == roster.door).collect()
}

fn now(decision: &Decision) -> Now {
    let hi = decision.now.hi.map_or(Timestamp::MAX, Timestamp);
    Now {
        monotonic: Monotonic(decision.now.monotonic_ms),
        interval: Interval { lo: Timestamp(decision.now.lo), hi },
    }
}

fn situation<'a>(decision: &Decision, papers: &'a Papers, uses: &'a Uses, past: &'a Past) -> Situation<'a> {
    let commissioned = decision.home.is_commissioned;
    Situation {
        now: now(decision),
        journal_is_healthy: decision.home.journal_is_healthy,
        commissioning: Commissioning {
            relocks_without_hub: commissioned,
            opens_from_inside: true,
            no_blind_auto_lock: true,
        },
        door_is_busy: decision.home.door_is_busy,
        sensors: sensors(&decision.home),
        papers,
        uses,
        past,
    }
}

fn decide(decision: &Decision) -> Result<(), Refusal> {
    let (papers, uses, past) = (papers(decision), uses(decision), past(decision));
    let home = situation(decision, &papers, &uses, &past);
    let visit = decision.visit.as_ref().expect("a visit");
    let challenges: Vec<_> = visit
        .challenges
        .iter()
        .map(|c| {
            (claimed::<protocol::challenge::Challenge>(decision, c.message).hash(), Monotonic(c.made_ms))
        })
        .collect();
    let proofs = proofs(decision, &papers.roster);
    let hash = |text: &str| Hash::from_hex(text).expect("a hash");
    let door = AtTheDoor {
        visit: VisitId::from_hex(&visit.visit).expect("an id"),
        challenges: &challenges,
        tries: visit.tries,
        entries: visit.entries,
        pulses: visit.pulses,
        grant: hash(&visit.grant),
        assignment: visit.assignment.as_deref().map(hash),
        proofs: &proofs,
        local_no: visit.local_no,
        answer: visit.answer.as_deref().map(|word| match word {
            "allow" => Word::Allow,
            "stop" => Word::Stop,
            "coming" => Word::Coming,
            other => panic!("nobody answers {other}"),
        }),
    };
    let authentic = authenticate(
        &home,
        &door,
        &bytes(decision, decision.presentation.expect("a presentation")),
        &Software,
    )?;
    admit(&home, &door, &authentic, &Software).map(|_| ())
}

fn receive(decision: &Decision) -> Result<(), Refusal> {
    let (papers, uses, past) = (papers(decision), uses(decision), past(decision));
    let arrival = claimed::<Arrival>(decision, decision.arrival.expect("an arrival"));
    let message = arrival.unproven().clone();
    let door = AtTheDoor::arriving(message.visit, message.grant, message.assignment);
    let tag = DoorTag::from_hex(&decision.home.door_tag).expect("a tag");
    let home = situation(decision, &papers, &uses, &past);
    admit::receive(&home, &door, arrival, tag, &Software).map(|_| ()).map_err(|refused| refused.refusal)
}

fn rung(decision: &Decision) -> Result<(), Refusal> {
    let (papers, uses, past) = (papers(decision), uses(decision), past(decision));
    let ring = claimed::<Ring>(decision, decision.ring.expect("a ring"));
    let tag = DoorTag::from_hex(&decision.home.door_tag).expect("a tag");
    let home = situation(decision, &papers, &uses, &past);
    doorkeeper::ring::hear(&home, ring, tag, &Software).map(|_| ()).map_err(|refused| refused.refusal)
}

fn keep(decision: &Decision) -> Result<(), Refusal> {
    let mut papers = papers(decision);
    let keeping = decision.keeping.as_ref().expect("a paper");
    let blob = Blob(bytes(decision, keeping.message));
    let paper = match decision.messages[keeping.message].r#type.as_str() {
        "roster" => Paper::Roster(vec![blob]),
        "grant" => Paper::Grant(blob),
        "delegation" => Paper::Delegation(blob),
        "assignment" => Paper::Assignment(blob),
        "revocation" => Paper::Revocation(blob),
        "confirmation" => Paper::Confirmation(blob),
        other => panic!("{}: a home keeps no {other}", decision.name),
    };
    let now = now(decision);
    let since = Since { interval: now.interval, monotonic: Some(now.monotonic) };
    papers.keep(&paper, since, keeping.someone_is_at_hub, &Software).map(|_| ())
}

fn hear(decision: &Decision) -> Result<(), Refusal> {
    let said = decision.answer.expect("an answer");
    assert_eq!(decision.messages[said].r#type, "answer", "{}", decision.name);
    let roster = papers(decision).roster;
    doorkeeper::answer::prove(&roster, &bytes(decision, said), &Software).map(|_| ())
}

fn looked(decision: &Decision) -> Result<(), Refusal> {
    let look = decision.look.as_ref().expect("a look");
    let mut looks = Looks::default();
    for given in &look.nonces {
        looks.give(Nonce::from_hex(&given.nonce).expect("a nonce"), Monotonic(given.made_ms));
    }
    look.begun_ms.iter().for_each(|at| looks.begin(Monotonic(*at)));
    look.no_at_hub_ms.iter().for_each(|at| looks.refuse(Monotonic(*at)));
    let home = AtHome {
        now: now(decision).monotonic,
        journal_is_healthy: decision.home.journal_is_healthy,
        somebody_is_at_the_door: look.somebody_is_at_the_door,
    };
    let roster = papers(decision).roster;
    doorkeeper::look::hear(&roster, &mut looks, home, claimed(decision, look.message), &Software).map(|_| ())
}

fn check(half: &str) -> usize {
    let decisions = committed(half);
    let mut wrong = Vec::new();
    for decision in decisions.values() {
        let (found, yes) = match decision.r#type.as_str() {
            "decision" => (decide(decision), "admitted"),
            "arrival" => (receive(decision), "received"),
            "ring" => (rung(decision), "asked"),
            "keeping" => (keep(decision), "kept"),
            "answer" => (hear(decision), "heard"),
            "look" => (looked(decision), "shown"),
            other => panic!("{}: unknown type {other}", decision.name),
        };
        let found = match found {
            Ok(()) => yes.to_owned(),
            Err(refusal) => format!("refused:{}", refusal.code()),
        };
        if found != decision.expected {
            wrong.push(format!("{half}/{}: expected {}, found {found}", decision.name, decision.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    decisions.len()
}

#[test]
fn every_good_decision_admits() {
    assert!(check("good") > 0);
    assert!(committed("good").values().all(|decision| !decision.expected.starts_with("refused:")));
}

#[test]
fn every_bad_decision_refuses_for_its_reason() {
    assert!(check("bad") > 0);
    assert!(committed("bad").values().all(|decision| decision.expected.starts_with("refused:")));
}

#[test]
fn every_committed_file_is_one_that_the_generator_writes() {
    for (half, written) in cases::all() {
        let count = written.len();
        let written: BTreeMap<_, _> = written.into_iter().map(|d| (d.name.clone(), d)).collect();
        assert_eq!(written.len(), count, "{half}: a name is used twice");
        assert!(
            committed(half) == written,
            "{half}: run `cargo run -p doorkeeper --example decisions` and look at the difference"
        );
    }
}

/// Codes that need a course of events, which no single decision shows: a commitment or passage under way, a crowd, a
/// full shelf.
const ELSEWHERE: [Refusal; 6] = [
    Refusal::WitnessMissing,
    Refusal::LockStuck,
    Refusal::TooManyVisits,
    Refusal::TooManyRings,
    Refusal::NobodyAnswered,
    Refusal::TooManyPapers,
];

#[test]
fn every_refusal_of_the_decision_has_a_vector() {
    let bad = committed("bad");
    for refusal in Refusal::ALL.iter().filter(|refusal| !ELSEWHERE.contains(refusal)) {
        let expected = format!("refused:{}", refusal.code());
        assert!(bad.values().any(|d| d.expected == expected), "{} has no decision vector", refusal.code());
    }
}
