//! The real doorkeeper and the reference side by side: every input goes to both, and what comes out must be the same. Then
//! lock, disk and recorder react, each in its mood.

use super::cast::{self, DOOR, Key, KeyedHash, START, TAG, blob, hash};
use super::door::Reference;
use super::words::{Arrival, In, Out, Presentation, Scan};
use doorkeeper::record::Record;
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Commissioning, Doorkeeper, Home, Input, Now, Output, RecorderNews, RecorderOrder, Ticket};
use protocol::bytes::{BootId, DoorTag, Hash, RecordingId, VisitId};
use protocol::door_event::{Body, Detail, Outcome};
use protocol::recording_proof::RecordingProof;
use protocol::revocation::Revocation;
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::{FromVisitor, Paper, ToVisitor};
use protocol::{Signed, canonical};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What the calendar is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    Sure,
    NextDay,
    AtTheEndOfTheWindow,
    Unknown,
    Contradictory,
}

/// How the lock behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    Obeys,
    /// Answers, and does not move.
    Stays,
    Silent,
    Jams,
}

pub(crate) const TICK_MS: u64 = 100;
const BEGIN_MS: u64 = 700_000;

#[expect(clippy::struct_excessive_bools, reason = "independent moods, not a state")]
pub(crate) struct Both {
    real: Doorkeeper,
    pub(crate) reference: Reference,
    pub(crate) ms: u64,
    pub(crate) clock: Clock,
    pub(crate) lock: Lock,
    pub(crate) recorder_sees: bool,
    pub(crate) recorder_witnesses: bool,
    pub(crate) disk_is_slow: bool,
    pub(crate) disk_fails: bool,
    pub(crate) lists: u64,
    newest_ticket: Ticket,
    pub(crate) challenges: BTreeMap<u8, Vec<Hash>>,
    /// What the recorder was asked to prove: the newest three of each recording.
    asked: Vec<(RecordingId, Hash, Hash)>,
    intent: Hash,
    frame: u64,
    /// What happened, for whoever reads a failure.
    story: Vec<String>,
    /// How often what came out, over all: a comparison of nothing proves nothing.
    pub(crate) seen: BTreeMap<String, usize>,
}

fn id(visit: u8) -> VisitId {
    VisitId([visit; 16])
}

fn interval(clock: Clock, ms: u64) -> (u64, u64) {
    let at = START + ms / 1_000;
    match clock {
        Clock::Sure => (at - 1, at + 1),
        Clock::NextDay => (at + cast::DAY - 1, at + cast::DAY + 1),
        Clock::AtTheEndOfTheWindow => (START + 3_599, START + 3_601),
        Clock::Unknown => (at - 1, u64::MAX),
        Clock::Contradictory => (at + 10, at - 10),
    }
}

fn now((lo, hi): (u64, u64), ms: u64) -> Now {
    Now { monotonic: Monotonic(ms), interval: Interval { lo: Timestamp(lo), hi: Timestamp(hi) } }
}

pub(crate) fn home() -> Home {
    Home {
        roster: Signed::sign(cast::roster(1), &Key('o')).expect("well-formed"),
        door_key: Box::new(Key('d')),
        verifier: Box::new(KeyedHash),
        door_tag: TAG,
        commissioning: Commissioning {
            relocks_without_hub: true,
            opens_from_inside: true,
            no_blind_auto_lock: true,
        },
        answer_s: 45,
        boot: BootId([1; 16]),
        seed: [1; 32],
    }
}

fn outputs(doorkeeper: &mut Doorkeeper) -> Vec<Output> {
    std::iter::from_fn(|| doorkeeper.poll()).collect()
}

/// Everything but the newest grant was kept more than ten minutes before.
fn journal() -> &'static [Record] {
    static RECORDS: OnceLock<Vec<Record>> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let now = now(interval(Clock::Sure, 1_000), 1_000);
        let mut home = Doorkeeper::start(home(), &[], now).expect("an empty journal");
        let grants = (0..3).map(|n| Paper::Grant(blob(cast::grant(n), Key(if n == 2 { 'm' } else { 'o' }))));
        let delegation = Paper::Delegation(blob(cast::delegation(), Key('p')));
        let assignments = (0..4).map(|n| Paper::Assignment(blob(cast::assignment(n), Key('w'))));
        for (id, paper) in (0..).zip(grants.chain([delegation]).chain(assignments)) {
            home.handle(now, Input::Paper { id, paper });
        }
        let records: Vec<_> = outputs(&mut home)
            .into_iter()
            .filter_map(|output| if let Output::Append(record) = output { Some(record) } else { None })
            .collect();
        assert_eq!(records.iter().filter(|record| matches!(record, Record::Kept { .. })).count(), 8);
        records
    })
}

impl Both {
    pub(crate) fn at_rest() -> Self {
        let clock = interval(Clock::Sure, BEGIN_MS);
        let now = now(clock, BEGIN_MS);
        let mut real = Doorkeeper::start(home(), journal(), now).expect("its own journal");
        let new = Paper::Grant(blob(cast::grant(3), Key('o')));
        for input in [
            Input::Sensor(Report::Door(Door::Closed)),
            Input::Sensor(Report::Bolt(Bolt::Locked)),
            Input::Paper { id: 0, paper: new },
            Input::Synced(Ticket(u64::MAX)),
        ] {
            real.handle(now, input);
        }
        outputs(&mut real);
        Self {
            real,
            reference: Reference::at_rest(BEGIN_MS, clock),
            ms: BEGIN_MS,
            clock: Clock::Sure,
            lock: Lock::Obeys,
            recorder_sees: true,
            recorder_witnesses: true,
            disk_is_slow: false,
            disk_fails: false,
            lists: 0,
            newest_ticket: Ticket(0),
            challenges: BTreeMap::new(),
            asked: vec![],
            intent: Hash::ZERO,
            frame: 0,
            story: vec![],
            seen: BTreeMap::new(),
        }
    }

    pub(crate) fn pass(&mut self, ticks: u64) {
        for _ in 0..ticks {
            self.ms += TICK_MS;
            self.give(&In::Tick);
        }
    }

    pub(crate) fn interval(&self) -> (u64, u64) {
        interval(self.clock, self.ms)
    }

    /// One input to both; then what follows from what came out.
    pub(crate) fn give(&mut self, input: &In) {
        let clock = self.interval();
        let mut raw = Vec::new();
        for bytes in self.input(input) {
            self.real.handle(now(clock, self.ms), bytes);
            raw.extend(outputs(&mut self.real));
        }
        let mut real: Vec<Out> = raw.iter().filter_map(seen).collect();
        let mut reference = self.reference.take(self.ms, clock, input);
        if !matches!(input, In::Tick | In::Proven) || !real.is_empty() {
            self.story.push(format!("{:>9} {input:?}\n            -> {real:?}", self.ms));
        }
        for out in &real {
            let name = format!("{out:?}");
            *self.seen.entry(name).or_default() += 1;
        }
        real.sort();
        reference.sort();
        assert_eq!(real, reference, "left the door, right the reference, after\n{}", self.story.join("\n"));
        let refusal = self.real.newest_refusal().map(doorkeeper::refusal::Refusal::code);
        if let (Some(code), true) = (refusal, real.iter().any(|out| matches!(out, Out::Say(..)))) {
            *self.seen.entry(format!("refusal {code}!")).or_default() += 1;
        }
        assert_eq!(refusal, self.reference.newest_refusal, "after\n{}", self.story.join("\n"));
        for output in raw {
            self.react(&output);
        }
    }

    fn react(&mut self, output: &Output) {
        match output {
            Output::Sync(ticket) => {
                self.newest_ticket = *ticket;
                if self.disk_fails {
                    self.give(&In::JournalFails);
                } else if !self.disk_is_slow {
                    self.give(&In::Synced);
                }
            }
            Output::Unlock { .. } if self.lock == Lock::Stays => self.give(&In::Bolt(Bolt::Locked)),
            Output::Unlock { .. } if self.lock != Lock::Silent => self.give(&In::Bolt(Bolt::Unlocked)),
            Output::Lock if matches!(self.lock, Lock::Obeys | Lock::Stays) => {
                self.give(&In::Bolt(Bolt::Locked));
            }
            Output::Lock if self.lock == Lock::Jams => self.give(&In::Bolt(Bolt::Jammed)),
            Output::Recorder(RecorderOrder::Prove { recording, answers, grant }) => {
                let asked = (*recording, *answers, *grant);
                self.asked.retain(|other| *other != asked);
                self.asked.push(asked);
                let of_this = |other: &&(RecordingId, Hash, Hash)| other.0 == *recording;
                if self.asked.iter().filter(of_this).count() > 3 {
                    let oldest = self.asked.iter().position(|other| other.0 == *recording);
                    self.asked.remove(oldest.expect("counted"));
                }
                if self.recorder_sees {
                    self.give(&In::Proven);
                }
            }
            Output::Recorder(RecorderOrder::Witness { intent, .. }) => {
                self.intent = *intent;
                if self.recorder_witnesses {
                    self.give(&In::Witnessed);
                }
            }
            Output::Recorder(RecorderOrder::Stop(recording)) => {
                self.asked.retain(|asked| asked.0 != *recording);
            }
            Output::ToVisitor { visit, word: ToVisitor::Challenge(bytes) } => {
                let claimed = protocol::Claimed::<protocol::challenge::Challenge>::parse(&bytes.0);
                let hash = claimed.expect("the door's own").hash();
                self.challenges.entry(visit.0[0]).or_default().push(hash);
            }
            _ => {}
        }
    }

    fn input(&mut self, input: &In) -> Vec<Input> {
        let one = match input {
            In::Tick => Input::Tick,
            In::Synced => Input::Synced(self.newest_ticket),
            In::JournalFails => Input::JournalFailed,
            In::Bolt(bolt) => Input::Sensor(Report::Bolt(*bolt)),
            In::Door(door) => Input::Sensor(Report::Door(*door)),
            In::Battery(percent) => Input::Sensor(Report::Battery(*percent)),
            In::Smoke(smoke) => Input::Sensor(Report::Smoke(*smoke)),
            In::Occupied(whether) => Input::Sensor(Report::Occupied(*whether)),
            In::List(list) => {
                let paper = Revocation {
                    door: DOOR,
                    sequence: list.sequence,
                    issued: Timestamp(list.issued),
                    blocked: list.blocked,
                    grants: list.grant.map(|grant| cast::grant(grant).id).into_iter().collect(),
                    providers: list.provider.map(|key| key.public().kid()).into_iter().collect(),
                    devices: list.device.map(|key| key.public().kid()).into_iter().collect(),
                };
                Input::Paper { id: 1, paper: Paper::Revocation(blob(paper, list.by)) }
            }
            In::MemberLeaves => {
                Input::Paper { id: 2, paper: Paper::Roster(vec![blob(cast::roster(2), Key('o'))]) }
            }
            In::NewGrantIsConfirmed => Input::PresenceConfirms(hash(&cast::grant(3))),
            In::Arrival(arrival) => arrives(arrival),
            In::Presentation(presentation) => self.presents(presentation),
            In::Farewell { visit, device } => {
                let farewell = protocol::farewell::Farewell { door: DOOR, visit: id(*visit), parcels: 1 };
                Input::FromVisitor { visit: id(*visit), word: FromVisitor::Farewell(blob(farewell, *device)) }
            }
            In::Answer { visit, word, by } => {
                let answer = protocol::answer::Answer { door: DOOR, visit: id(*visit), word: *word };
                Input::Answer(blob(answer, *by))
            }
            In::LocalNo => Input::LocalNo,
            In::LineCrossed => Input::LineCrossed,
            In::Witnessed => Input::Recorder(RecorderNews::Witnessed(self.intent)),
            In::Frozen(frozen) => Input::Recorder(RecorderNews::Frozen(*frozen)),
            In::Proven => return self.proofs(),
        };
        vec![one]
    }

    fn proofs(&mut self) -> Vec<Input> {
        let asked = self.asked.clone();
        let proof = |(recording, answers, grant): (RecordingId, Hash, Hash)| {
            self.frame += 1;
            let proof = RecordingProof {
                door: DOOR,
                answers,
                grant,
                recording,
                chain_head: Hash::ZERO,
                frame: self.frame,
                captured: Monotonic(self.ms),
            };
            Input::Recorder(RecorderNews::Proof(blob(proof, Key('f'))))
        };
        asked.into_iter().map(proof).collect()
    }

    fn presents(&self, it: &Presentation) -> Input {
        let challenges = self.challenges.get(&it.visit);
        let challenge = it.challenge.and_then(|number| challenges?.get(number).copied());
        let presentation = protocol::presentation::Presentation {
            challenge: challenge.unwrap_or(Hash([0xee; 32])),
            grant: if it.grant < 4 { hash(&cast::grant(it.grant)) } else { Hash([0xdd; 32]) },
            assignment: it.assignment.map(|number| hash(&cast::assignment(number))),
            opens: match it.scan {
                Scan::Right => vec![cast::opening(1)],
                Scan::Nothing => vec![],
                Scan::OfAnotherParcel => vec![cast::opening(1), cast::opening(9)],
                Scan::TheSameTwice => vec![cast::opening(1), cast::opening(1)],
            },
        };
        let mut bytes = blob(presentation, it.device);
        if it.mangled {
            bytes.0.push(0);
        }
        Input::FromVisitor { visit: id(it.visit), word: FromVisitor::Presentation(bytes) }
    }
}

fn arrives(arrival: &Arrival) -> Input {
    let message = protocol::arrival::Arrival {
        visit: id(arrival.visit),
        door: DOOR,
        door_tag: if arrival.right_tag { TAG } else { DoorTag([0; 16]) },
        grant: if arrival.grant < 4 { hash(&cast::grant(arrival.grant)) } else { Hash([0xdd; 32]) },
        assignment: arrival.assignment.map(|number| hash(&cast::assignment(number))),
    };
    let word = FromVisitor::Arrival(blob(message, arrival.device));
    Input::FromVisitor { visit: id(arrival.visit), word }
}

/// What somebody at the door, at the lock, or with the log in hand sees.
fn seen(output: &Output) -> Option<Out> {
    Some(match output {
        Output::Append(record) => {
            let detail = record.log_entry()?.opening?.detail;
            let detail: Detail = canonical::decode(&detail.0, 512).expect("the door's own");
            Out::Log(detail.visit.map(|visit| visit.0[0]), event(&detail.body))
        }
        Output::Unlock { .. } => Out::Unlock,
        Output::Lock => Out::Lock,
        Output::Chime => Out::Chime,
        Output::Sound(on) => Out::Sound(*on),
        Output::Alarm { alarm, on } => Out::Alarm(*alarm, *on),
        Output::Recorder(RecorderOrder::Start { visit, .. }) => Out::Film(visit.0[0]),
        Output::Recorder(RecorderOrder::Stop(recording)) => Out::FilmOver(recording.0[0]),
        Output::Recorder(RecorderOrder::Witness { .. }) => Out::AskWitness,
        Output::ToVisitor { visit, word } => Out::Say(visit.0[0], word_of(word)),
        Output::Kept { refused, .. } => Out::Kept(refused.map(doorkeeper::refusal::Refusal::code)),
        Output::Sync(_)
        | Output::Distress(_)
        | Output::LookAhead(_)
        | Output::Head(_)
        | Output::Look { .. }
        | Output::Recorder(
            RecorderOrder::Prove { .. } | RecorderOrder::Look { .. } | RecorderOrder::LookOver(_),
        ) => return None,
    })
}

fn word_of(word: &ToVisitor) -> &'static str {
    match word {
        ToVisitor::Challenge(_) => "challenge",
        ToVisitor::TryAgain => "try again",
        ToVisitor::WrongParcel => "wrong parcel",
        ToVisitor::NotHereToday => "not here today",
        ToVisitor::Wait => "wait",
        ToVisitor::Open => "open",
        ToVisitor::CloseDoor => "close the door",
        ToVisitor::Locking => "locking",
        ToVisitor::Secured => "secured",
        ToVisitor::MayGo => "may go",
        ToVisitor::Ended => "ended",
        ToVisitor::Asked(_) => "asked",
        ToVisitor::Coming(_) => "coming",
        ToVisitor::Permitted(_) => "permitted",
    }
}

fn event(body: &Body) -> String {
    match body {
        Body::Booted(_) => "booted",
        Body::RosterKept { .. } => "roster kept",
        Body::GrantKept { .. } => "grant kept",
        Body::AssignmentKept(_) => "assignment kept",
        Body::RevocationKept { .. } => "revocation kept",
        Body::Arrived { .. } => "arrived",
        Body::Refused(code) => return format!("refused {code}"),
        Body::Intent(_) => "intent",
        Body::Opened => "opened",
        Body::DoorOpened => "door opened",
        Body::DoorClosed => "door closed",
        Body::Relocked => "relocked",
        Body::Secured(_) => "secured",
        Body::Alarm(code) => return format!("alarm {code}"),
        Body::AlarmOver(code) => return format!("alarm {code} over"),
        Body::LineCrossed => "line crossed",
        Body::BoltMoved(_) => "bolt moved",
        Body::VisitEnded(end) => match end.outcome {
            Outcome::Secured => "ended secured",
            Outcome::NotOpened => "ended not opened",
            Outcome::Incident => "ended incident",
        },
        Body::RefusalsCounted(count) => return format!("refusals {count}"),
        Body::Farewell { .. } => "farewell",
        Body::Answered { .. } => "answered",
        Body::SaidNoAtHub => "no",
        Body::Rang { .. } => "rang",
        Body::Looked { .. } => "looked",
    }
    .into()
}
