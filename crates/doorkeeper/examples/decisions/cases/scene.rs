//! A scene: a home, a visit and a presentation that would be admitted, until a case bends something.

use super::cast::*;
use super::file::{self, Decision};
use doorkeeper::sensors::{Bolt, Door};
use protocol::answer::Answer;
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{DoorId, VisitId};
use protocol::challenge::Challenge;
use protocol::commitment::Opening;
use protocol::delegation::Delegation;
use protocol::grant::Grant;
use protocol::look::Look;
use protocol::passkey::{Authenticator, challenge as webauthn_challenge, client_data_prefix};
use protocol::presentation::Presentation;
use protocol::recording_proof::RecordingProof;
use protocol::revocation::Revocation;
use protocol::ring::Ring;
use protocol::roster::Roster;
use protocol::time::Monotonic;
use protocol::{Credential, DeviceKey, Hash, Message, Signed, Signer};
use std::fmt::Write as _;

/// The hub has run for a day when the courier comes.
pub(super) const NOW_MS: u64 = 86_400_000;
const MINUTE_MS: u64 = 60_000;

/// Signs with one key in the name of another credential.
pub(super) struct Forger {
    pub(super) name: Credential,
    pub(super) key: DeviceKey,
}

impl Signer for Forger {
    fn credential(&self) -> Credential {
        self.name.clone()
    }
    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.key.sign_raw(to_be_signed).to_vec()
    }
}

/// A passkey that asks for a touch and nothing more.
pub(super) struct TouchOnly(pub(super) Authenticator);

impl Signer for TouchOnly {
    fn credential(&self) -> Credential {
        self.0.credential()
    }
    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        let client_data = client_data_prefix(&webauthn_challenge(to_be_signed), &self.0.binding.origin) + "}";
        self.0.assert(0x09, client_data.as_bytes())
    }
}

pub(super) struct Scene {
    pub(super) lo: u64,
    pub(super) hi: Option<u64>,
    pub(super) journal_is_healthy: bool,
    pub(super) is_commissioned: bool,
    pub(super) door_is_busy: bool,
    pub(super) bolt: Bolt,
    pub(super) door: Door,
    pub(super) battery_percent: Option<u8>,
    pub(super) smoke: bool,
    pub(super) occupied: Option<bool>,
    pub(super) roster: Roster,
    pub(super) grant: Grant,
    pub(super) grant_by: Box<dyn Signer>,
    pub(super) grant_is_held: bool,
    pub(super) grant_held_ms: u64,
    pub(super) grant_is_confirmed: bool,
    pub(super) delegation: Option<Delegation>,
    pub(super) delegation_by: Box<dyn Signer>,
    pub(super) assignment: Option<Assignment>,
    pub(super) assignment_by: Box<dyn Signer>,
    pub(super) assignment_is_held: bool,
    pub(super) assignment_is_named: bool,
    pub(super) assignment_held_ms: u64,
    pub(super) revocation: Option<Revocation>,
    pub(super) revocation_by: Box<dyn Signer>,
    /// The date of the newest list of an owner or member, if a companion signed the list.
    pub(super) renewed: Option<u64>,
    pub(super) uses: Vec<(VisitId, u64)>,
    /// Said at the hub or not, and when.
    pub(super) noes: Vec<(bool, u64)>,
    pub(super) ended: Vec<VisitId>,
    pub(super) edit_arrival: fn(&mut Arrival),
    pub(super) arrival_by: Box<dyn Signer>,
    pub(super) edit_ring: fn(&mut Ring),
    pub(super) challenge_age_ms: u64,
    pub(super) challenge_is_outstanding: bool,
    pub(super) newer_challenge_is_out: bool,
    pub(super) tries: u8,
    pub(super) entries: u32,
    pub(super) pulses: u8,
    pub(super) opens: Vec<Opening>,
    pub(super) edit_presentation: fn(&mut Presentation),
    pub(super) presentation_by: Box<dyn Signer>,
    pub(super) trailing_byte: bool,
    pub(super) proof_by: Vec<DeviceKey>,
    pub(super) proof_age_ms: i64,
    pub(super) edit_proof: fn(&mut RecordingProof),
    pub(super) local_no: bool,
    pub(super) answer: Option<&'static str>,
}

/// The delivery that is admitted: ten minutes into the window, papers held since yesterday.
pub(super) fn delivery() -> Scene {
    Scene {
        lo: OPENS + 600,
        hi: Some(OPENS + 602),
        journal_is_healthy: true,
        is_commissioned: true,
        door_is_busy: false,
        bolt: Bolt::Locked,
        door: Door::Closed,
        battery_percent: Some(80),
        smoke: false,
        occupied: Some(false),
        roster: roster(),
        grant: delivery_grant(),
        grant_by: Box::new(owner()),
        grant_is_held: true,
        grant_held_ms: NOW_MS / 2,
        grant_is_confirmed: false,
        delegation: Some(delegation()),
        delegation_by: Box::new(root()),
        assignment: Some(assignment()),
        assignment_by: Box::new(working()),
        assignment_is_held: true,
        assignment_is_named: true,
        assignment_held_ms: 60 * MINUTE_MS,
        revocation: None,
        revocation_by: Box::new(owner()),
        renewed: None,
        uses: vec![],
        noes: vec![],
        ended: vec![],
        edit_arrival: |_| {},
        arrival_by: Box::new(handset()),
        edit_ring: |_| {},
        challenge_age_ms: 8_000,
        challenge_is_outstanding: true,
        newer_challenge_is_out: false,
        tries: 0,
        entries: 0,
        pulses: 0,
        opens: vec![parcel(1), parcel(2)],
        edit_presentation: |_| {},
        presentation_by: Box::new(handset()),
        trailing_byte: false,
        proof_by: vec![recorder()],
        proof_age_ms: 300,
        edit_proof: |_| {},
        local_no: false,
        answer: None,
    }
}

/// A guest with a key of their own: no provider, no assignment, no scans.
pub(super) fn visit_of_guest() -> Scene {
    Scene {
        grant: guest_grant(guest().credential()),
        delegation: None,
        assignment: None,
        opens: vec![],
        presentation_by: Box::new(guest()),
        ..delivery()
    }
}

/// The cleaner, in the second of four weeks.
pub(super) fn cleaning() -> Scene {
    const WEEK_S: u64 = 7 * 86_400;
    let mut assignment = assignment();
    assignment.service = "cleaning".into();
    assignment.attributes = vec!["employee".into(), "vetted".into()];
    assignment.window = window(WEEK_S, WEEK_S + 4 * 3_600);
    Scene {
        lo: OPENS + WEEK_S + 600,
        hi: Some(OPENS + WEEK_S + 602),
        grant: cleaning_grant(),
        assignment: Some(assignment),
        uses: vec![(VisitId([0x41; 16]), OPENS + 900)],
        revocation: Some(Revocation {
            issued: protocol::time::Timestamp(OPENS + WEEK_S - 3_600),
            ..revocation()
        }),
        ..delivery()
    }
}

struct Messages(Vec<file::Message>);

impl Messages {
    fn add(&mut self, kind: &str, bytes: &[u8]) -> usize {
        let hex = bytes.iter().fold(String::new(), |mut out, byte| {
            write!(out, "{byte:02x}").expect("memory does not fail");
            out
        });
        self.0.push(file::Message { r#type: kind.into(), cddl: None, hex });
        self.0.len() - 1
    }

    fn sign<M: Message>(&mut self, message: M, signer: &dyn Signer) -> usize {
        let signed = Signed::sign(message, signer).expect("cases keep the rules of their messages");
        self.add(M::TYPE, signed.bytes())
    }
}

impl Scene {
    /// Signs everything and writes it down.
    pub(super) fn told(self, name: &str, sentence: &str, expected: &str, step: Option<u8>) -> Decision {
        let mut messages = Messages(Vec::new());
        let roster = messages.sign(self.roster.clone(), &owner());
        let papers = self.papers(&mut messages);
        let (grant, assignment) = (h(&self.grant), self.assignment.as_ref().map(h));
        let challenged = challenge();
        let challenges = self.challenges(&mut messages, &challenged);
        let mut presentation =
            Presentation { challenge: h(&challenged), grant, assignment, opens: self.opens.clone() };
        (self.edit_presentation)(&mut presentation);
        let proofs = self.proofs(&mut messages, h(&challenged), grant);
        let presented = messages.sign(presentation, self.presentation_by.as_ref());
        if self.trailing_byte {
            messages.0[presented].hex += "00";
        }
        let named = assignment.filter(|_| self.assignment_is_named);
        Decision {
            name: format!("decision-{name}"),
            sentence: sentence.into(),
            r#type: "decision".into(),
            expected: expected.into(),
            step,
            now: file::Now { lo: self.lo, hi: self.hi, monotonic_ms: NOW_MS },
            home: self.home(roster, papers),
            visit: Some(file::Visit {
                visit: VISIT.to_string(),
                grant: grant.to_string(),
                assignment: named.map(|hash| hash.to_string()),
                challenges,
                tries: self.tries,
                entries: self.entries,
                pulses: self.pulses,
                proofs,
                local_no: self.local_no,
                answer: self.answer.map(Into::into),
            }),
            presentation: Some(presented),
            arrival: None,
            ring: None,
            keeping: None,
            answer: None,
            look: None,
            messages: messages.0,
        }
    }

    /// The visitor arrives: nothing else has happened in this visit.
    pub(super) fn arriving(self, name: &str, sentence: &str, expected: &str) -> Decision {
        let mut messages = Messages(Vec::new());
        let roster = messages.sign(self.roster.clone(), &owner());
        let papers = self.papers(&mut messages);
        let named = self.assignment.as_ref().filter(|_| self.assignment_is_named).map(h);
        let mut arrival = Arrival { grant: h(&self.grant), assignment: named, ..arrival() };
        (self.edit_arrival)(&mut arrival);
        let arrived = messages.sign(arrival, self.arrival_by.as_ref());
        let home = self.home(roster, papers);
        self.told_of("arrival", name, sentence, expected, home, messages, |told| told.arrival = Some(arrived))
    }

    /// The visitor rings: no permission carries the errand, unless the scene says otherwise.
    pub(super) fn ringing(self, name: &str, sentence: &str, expected: &str) -> Decision {
        let mut messages = Messages(Vec::new());
        let roster = messages.sign(self.roster.clone(), &owner());
        let papers = self.papers(&mut messages);
        let mut ring = Ring { assignment: self.assignment.as_ref().map_or(Hash([7; 32]), h), ..ring() };
        (self.edit_ring)(&mut ring);
        let rung = messages.sign(ring, self.arrival_by.as_ref());
        let home = self.home(roster, papers);
        self.told_of("ring", name, sentence, expected, home, messages, |told| told.ring = Some(rung))
    }

    /// A paper comes.
    pub(super) fn keeping<M: Message>(
        self,
        name: &str,
        sentence: &str,
        expected: &str,
        someone_is_at_hub: bool,
        (paper, by): (M, &dyn Signer),
    ) -> Decision {
        let mut messages = Messages(Vec::new());
        let roster = messages.sign(self.roster.clone(), &owner());
        let papers = self.papers(&mut messages);
        let message = messages.sign(paper, by);
        let keeping = Some(file::Keeping { message, someone_is_at_hub });
        let home = self.home(roster, papers);
        self.told_of("keeping", name, sentence, expected, home, messages, |told| told.keeping = keeping)
    }

    /// A resident answers.
    pub(super) fn answering(
        self,
        name: &str,
        sentence: &str,
        expected: &str,
        (answer, by): (Answer, &dyn Signer),
    ) -> Decision {
        let mut messages = Messages(Vec::new());
        let roster = messages.sign(self.roster.clone(), &owner());
        let papers = self.papers(&mut messages);
        let said = messages.sign(answer, by);
        let home = self.home(roster, papers);
        self.told_of("answer", name, sentence, expected, home, messages, |told| told.answer = Some(said))
    }

    /// A resident looks.
    pub(super) fn looking(
        self,
        name: &str,
        sentence: &str,
        expected: &str,
        (look, by): (Look, &dyn Signer),
        edit: fn(&mut file::Look),
    ) -> Decision {
        let mut messages = Messages(Vec::new());
        let roster = messages.sign(self.roster.clone(), &owner());
        let papers = self.papers(&mut messages);
        let given = file::Nonce { nonce: head().look.to_string(), made_ms: NOW_MS - 5_000 };
        let mut told_look = file::Look {
            message: messages.sign(look, by),
            nonces: vec![given],
            begun_ms: vec![],
            somebody_is_at_the_door: false,
            no_at_hub_ms: None,
        };
        edit(&mut told_look);
        let home = self.home(roster, papers);
        self.told_of("look", name, sentence, expected, home, messages, |told| told.look = Some(told_look))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one file, named where it is called")]
    fn told_of(
        &self,
        kind: &str,
        name: &str,
        sentence: &str,
        expected: &str,
        home: file::Home,
        messages: Messages,
        point_at: impl FnOnce(&mut Decision),
    ) -> Decision {
        let mut told = Decision {
            name: format!("decision-{kind}-{name}"),
            sentence: sentence.into(),
            r#type: kind.into(),
            expected: expected.into(),
            step: None,
            now: file::Now { lo: self.lo, hi: self.hi, monotonic_ms: NOW_MS },
            home,
            visit: None,
            presentation: None,
            arrival: None,
            ring: None,
            keeping: None,
            answer: None,
            look: None,
            messages: messages.0,
        };
        point_at(&mut told);
        told
    }

    fn papers(&self, messages: &mut Messages) -> Vec<file::Paper> {
        let mut papers = Vec::new();
        let mut hold = |message, held_ms: u64, confirmed| {
            papers.push(file::Paper { message, held_since_ms: NOW_MS - held_ms, confirmed });
        };
        let grant = messages.sign(self.grant.clone(), self.grant_by.as_ref());
        if self.grant_is_held {
            hold(grant, self.grant_held_ms, self.grant_is_confirmed);
        }
        if let Some(delegation) = &self.delegation {
            hold(messages.sign(delegation.clone(), self.delegation_by.as_ref()), NOW_MS / 2, false);
        }
        if let Some(assignment) = &self.assignment {
            let message = messages.sign(assignment.clone(), self.assignment_by.as_ref());
            if self.assignment_is_held {
                hold(message, self.assignment_held_ms, false);
            }
        }
        if let Some(list) = &self.revocation {
            hold(messages.sign(list.clone(), self.revocation_by.as_ref()), MINUTE_MS, false);
        }
        papers
    }

    fn challenges(&self, messages: &mut Messages, challenged: &Challenge) -> Vec<file::Challenge> {
        let message = messages.sign(challenged.clone(), &door());
        let mut challenges = vec![file::Challenge { message, made_ms: NOW_MS - self.challenge_age_ms }];
        challenges.retain(|_| self.challenge_is_outstanding);
        if self.newer_challenge_is_out {
            let newer = Challenge {
                counter: challenged.counter + 1,
                nonce: protocol::bytes::Nonce([0xc5; 16]),
                ..challenged.clone()
            };
            challenges
                .push(file::Challenge { message: messages.sign(newer, &door()), made_ms: NOW_MS - 1_000 });
        }
        challenges
    }

    fn proofs(&self, messages: &mut Messages, answers: Hash, grant: Hash) -> Vec<usize> {
        let mut indices = Vec::new();
        for key in &self.proof_by {
            let captured = NOW_MS.checked_add_signed(-self.proof_age_ms).expect("small ages");
            let mut proof =
                RecordingProof { answers, grant, captured: Monotonic(captured), ..recording_proof() };
            (self.edit_proof)(&mut proof);
            indices.push(messages.sign(proof, key));
        }
        indices
    }

    fn home(&self, roster: usize, papers: Vec<file::Paper>) -> file::Home {
        let uses = self.uses.iter().map(|(visit, at)| file::Use {
            grant_id: self.grant.id.to_string(),
            visit: visit.to_string(),
            lo: *at,
            hi: *at + 2,
        });
        let noes = self.noes.iter().map(|(at_hub, at)| file::No {
            grant_id: self.grant.id.to_string(),
            at_hub: *at_hub,
            lo: *at,
            hi: *at + 2,
        });
        file::Home {
            journal_is_healthy: self.journal_is_healthy,
            is_commissioned: self.is_commissioned,
            door_is_busy: self.door_is_busy,
            bolt: format!("{:?}", self.bolt).to_lowercase(),
            door: format!("{:?}", self.door).to_lowercase(),
            battery_percent: self.battery_percent,
            smoke: self.smoke,
            occupied: self.occupied,
            roster,
            papers,
            renewed: self.renewed,
            uses: uses.collect(),
            noes: noes.collect(),
            ended: self.ended.iter().map(ToString::to_string).collect(),
            door_tag: TAG.to_string(),
        }
    }
}

/// Another door of the same house.
pub(super) const OTHER_DOOR: DoorId = DoorId([0xd1; 16]);
