//! A world around one doorkeeper: keys and papers, a disk that syncs, a lock that obeys, a recorder that sees.
//! Each of them can be told to misbehave.
#![allow(dead_code, reason = "each test file uses another part")]

use doorkeeper::alarm::Alarm;
use doorkeeper::record::Record;
use doorkeeper::refusal::Refusal;
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Commissioning, Doorkeeper, Home, Input, Now, Output, RecorderNews, RecorderOrder, Ticket};
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{
    AssignmentId, Blob, BootId, DoorId, DoorTag, GrantId, Hash, HomeId, RecordingId, Salt, TourId, VisitId,
};
use protocol::commitment::{Opening, Scan};
use protocol::delegation::Delegation;
use protocol::door_event::{Body, Detail};
use protocol::farewell::Farewell;
use protocol::grant::{Camera, Entry, Errand, Grant, Grantee, Occupied, Record as Filming, Terms};
use protocol::key::Software;
use protocol::presentation::Presentation;
use protocol::recording_proof::RecordingProof;
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::{Interval, Monotonic, Timestamp, Window};
use protocol::uplink::{FromVisitor, LogEntry, Paper, ToVisitor};
use protocol::{DeviceKey, PublicKey, Signed, Signer, Verifier, canonical};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub(crate) const DOOR: DoorId = DoorId([0xd0; 16]);
pub(crate) const TAG: DoorTag = DoorTag([0x7a; 16]);
pub(crate) const START: u64 = 1_800_000_000;

pub(crate) fn key(seed: u8) -> DeviceKey {
    static KEYS: Mutex<BTreeMap<u8, DeviceKey>> = Mutex::new(BTreeMap::new());
    let mut keys = KEYS.lock().unwrap();
    keys.entry(seed).or_insert_with(|| DeviceKey::from_secret(&[seed; 32]).unwrap()).clone()
}
pub(crate) fn door_key() -> DeviceKey {
    key(1)
}
pub(crate) fn owner() -> DeviceKey {
    key(2)
}
pub(crate) fn recorder() -> DeviceKey {
    key(3)
}
pub(crate) fn provider_root() -> DeviceKey {
    key(4)
}
pub(crate) fn provider_working() -> DeviceKey {
    key(5)
}
pub(crate) fn handset() -> DeviceKey {
    key(6)
}

pub(crate) fn roster() -> Roster {
    Roster {
        home: HomeId([0x40; 16]),
        door: DOOR,
        epoch: 1,
        prev: Hash::ZERO,
        door_key: door_key().public(),
        recorder_keys: vec![recorder().public()],
        residents: vec![Resident {
            credential: owner().credential(),
            role: Rank::Owner,
            since: 1,
            name: "phone".into(),
            kem: None,
        }],
        quorum: 1,
        grants_from: 0,
    }
}

pub(crate) fn window() -> Window {
    Window { from: Timestamp(START - 3_600), until: Timestamp(START + 3_600) }
}

pub(crate) fn opening(parcel: u8) -> Opening {
    Opening { salt: Salt([parcel; 16]), scan: Scan::from_label(&format!("RR00000000{parcel}DE")).unwrap() }
}

pub(crate) fn commitments(parcels: &[u8]) -> Vec<protocol::commitment::Commitment> {
    let mut list: Vec<_> = parcels.iter().map(|p| opening(*p).commitment()).collect();
    list.sort();
    list
}

pub(crate) fn terms() -> Terms {
    Terms {
        cameras: vec![Camera { recorder: recorder().kid(), age_ms: 1_000 }],
        record: Filming::WholeVisit,
        door_open_s: 60,
        entry: Entry::Threshold,
        entries: 1,
        attributes: vec!["employee".into()],
        notice_s: 900,
        occupied: Occupied::Ask,
        revocation_age_s: None,
    }
}

pub(crate) fn grant() -> Grant {
    Grant {
        id: GrantId([0x61; 16]),
        door: DOOR,
        roster_epoch: 1,
        to: Grantee::Provider { root: provider_root().kid(), name: "Parcel service".into() },
        errand: Errand::Consignments(commitments(&[1, 2, 3])),
        windows: vec![window()],
        uses: 1,
        uses_per_window: 1,
        terms: terms(),
    }
}

pub(crate) fn assignment() -> Assignment {
    Assignment {
        id: AssignmentId([0xa5; 16]),
        door: DOOR,
        provider: provider_root().kid(),
        service: "delivery".into(),
        errands: commitments(&[1, 2, 3]),
        cnf: handset().credential(),
        tour: TourId([0x70; 16]),
        attributes: vec!["employee".into()],
        window: window(),
    }
}

/// A list that takes nothing back.
pub(crate) fn revocation(sequence: u64) -> Revocation {
    Revocation {
        door: DOOR,
        sequence,
        issued: Timestamp(START),
        blocked: false,
        grants: vec![],
        providers: vec![],
        devices: vec![],
    }
}

pub(crate) fn delegation() -> Delegation {
    Delegation { root: provider_root().public(), key: provider_working().public(), window: window() }
}

pub(crate) fn blob<M: protocol::Message>(message: M, signer: &dyn Signer) -> Blob {
    Blob(Signed::sign(message, signer).unwrap().bytes().to_vec())
}

pub(crate) fn hash<M: protocol::Message>(message: &M) -> Hash {
    Hash::of(M::TYPE, &[&canonical::encode(message)])
}

pub(crate) fn arrival(visit: VisitId) -> Arrival {
    Arrival { visit, door: DOOR, door_tag: TAG, grant: hash(&grant()), assignment: Some(hash(&assignment())) }
}

/// [`Software`], but each question is asked once in a test run: a home asks about its papers again and again.
struct Remembering;

impl Verifier for Remembering {
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        type Question = (PublicKey, Vec<u8>, [u8; 64]);
        static ANSWERS: Mutex<BTreeMap<Question, bool>> = Mutex::new(BTreeMap::new());
        let question = (*key, message.to_vec(), *signature);
        let known = ANSWERS.lock().unwrap().get(&question).copied();
        known.unwrap_or_else(|| {
            let answer = Software.verify_p256(key, message, signature);
            ANSWERS.lock().unwrap().insert(question, answer);
            answer
        })
    }
}

pub(crate) fn home(ms: u64) -> Home {
    Home {
        roster: Signed::sign(roster(), &owner()).unwrap(),
        door_key: Box::new(door_key()),
        verifier: Box::new(Remembering),
        door_tag: TAG,
        commissioning: Commissioning {
            relocks_without_hub: true,
            opens_from_inside: true,
            no_blind_auto_lock: true,
        },
        answer_s: doorkeeper::limits::ANSWER_S,
        boot: BootId([u8::try_from(ms % 251).unwrap(); 16]),
        seed: [u8::try_from(ms % 241).unwrap(); 32],
    }
}

/// How the lock behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockMood {
    Obeys,
    Silent,
    JamsWhenLocking,
    /// Never moves, and says so when it is told to lock.
    Stuck,
}

/// How the disk behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskMood {
    Syncs,
    Silent,
    Fails,
}

pub(crate) struct World {
    pub(crate) doorkeeper: Doorkeeper,
    pub(crate) ms: u64,
    pub(crate) records: Vec<Record>,
    pub(crate) unsynced: Vec<Record>,
    pub(crate) said: Vec<ToVisitor>,
    pub(crate) kept: Vec<(u64, Option<&'static str>)>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) lock: LockMood,
    pub(crate) recorder_sees: bool,
    pub(crate) recorder_witnesses: bool,
    pub(crate) disk: DiskMood,
    /// Every command to the bolt.
    pub(crate) moves: Vec<Move>,
    /// Newest challenge of each visit.
    pub(crate) challenges: BTreeMap<VisitId, Hash>,
    pub(crate) door: Door,
    pub(crate) bolt: Bolt,
    newest_ticket: Ticket,
    closed_ms: Option<u64>,
    frame: u64,
    challenge: Option<Hash>,
    recording: Option<RecordingId>,
}

/// A command to the bolt, and how things stood when it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    pub(crate) command: Command,
    pub(crate) ms: u64,
    pub(crate) door: Door,
    pub(crate) bolt: Bolt,
    /// Since when the door has been reported closed without a break; in this start of the hub.
    pub(crate) closed_ms: Option<u64>,
    /// Records that were durable.
    pub(crate) records: usize,
}

/// What the bolt was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    Lock,
    Unlock,
}

impl World {
    /// A home with all papers kept for half an hour, at rest.
    pub(crate) fn new() -> Self {
        let mut world = Self::empty();
        world.keep_papers(grant(), assignment());
        world.pass(1_000_000);
        world
    }

    pub(crate) fn empty() -> Self {
        Self::start(&[], 1_000, Door::Closed, Bolt::Locked)
    }

    pub(crate) fn start(records: &[Record], ms: u64, door: Door, bolt: Bolt) -> Self {
        Self::start_as(home(ms), records, ms, door, bolt)
    }

    /// As [`World::start`], for a home of another make.
    pub(crate) fn start_as(home: Home, records: &[Record], ms: u64, door: Door, bolt: Bolt) -> Self {
        let doorkeeper = Doorkeeper::start(home, records, now(ms)).unwrap();
        let mut world = Self {
            doorkeeper,
            ms,
            records: records.to_vec(),
            unsynced: Vec::new(),
            said: Vec::new(),
            kept: Vec::new(),
            outputs: Vec::new(),
            lock: LockMood::Obeys,
            recorder_sees: true,
            recorder_witnesses: true,
            disk: DiskMood::Syncs,
            moves: Vec::new(),
            challenges: BTreeMap::new(),
            door,
            bolt,
            newest_ticket: Ticket(0),
            closed_ms: None,
            frame: 0,
            challenge: None,
            recording: None,
        };
        world.report_door(door);
        world.give(Input::Sensor(Report::Bolt(bolt)));
        world
    }

    /// The hub dies and starts again from what was synced.
    pub(crate) fn crash(self) -> Self {
        Self::start(&self.records, self.ms + 5_000, self.door, self.bolt)
    }

    /// As [`World::crash`], but some of what was not synced is on the disk all the same, and everybody keeps their mood.
    pub(crate) fn crash_keeping(&mut self, unsynced: usize) {
        self.records.extend(self.unsynced.iter().take(unsynced).cloned());
        let next = Self::start(&self.records, self.ms + 5_000, self.door, self.bolt);
        let before = core::mem::replace(self, next);
        (self.lock, self.disk, self.frame) = (before.lock, before.disk, before.frame);
        (self.recorder_sees, self.recorder_witnesses) = (before.recorder_sees, before.recorder_witnesses);
        self.moves.splice(0..0, before.moves);
    }

    /// A disk that was silent has written everything by now.
    pub(crate) fn disk_catches_up(&mut self) {
        self.records.append(&mut self.unsynced);
        self.give(Input::Synced(self.newest_ticket));
    }

    pub(crate) fn keep_papers(&mut self, grant: Grant, assignment: Assignment) {
        self.keep(Paper::Grant(blob(grant, &owner())));
        self.keep(Paper::Delegation(blob(delegation(), &provider_root())));
        self.keep(Paper::Assignment(blob(assignment, &provider_working())));
    }

    pub(crate) fn keep(&mut self, paper: Paper) -> Option<&'static str> {
        let id = u64::try_from(self.kept.len()).unwrap();
        self.give(Input::Paper { id, paper });
        self.kept.iter().find(|(kept, _)| *kept == id).expect("an answer").1
    }

    pub(crate) fn give(&mut self, input: Input) {
        self.doorkeeper.handle(now(self.ms), input);
        while let Some(output) = self.doorkeeper.poll() {
            self.outputs.push(output.clone());
            self.carry_out(output);
        }
    }

    /// Lets time pass, in the steps that the doorkeeper asks for.
    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.ms + ms;
        while self.ms < until {
            let due = self.doorkeeper.timeout().0.clamp(self.ms + 10, until);
            self.ms = due;
            self.give(Input::Tick);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Append(record) => self.unsynced.push(record),
            Output::Sync(ticket) if self.disk == DiskMood::Syncs => {
                self.records.append(&mut self.unsynced);
                self.give(Input::Synced(ticket));
            }
            Output::Sync(ticket) if self.disk == DiskMood::Silent => self.newest_ticket = ticket,
            Output::Unlock { .. } => {
                self.moved(Command::Unlock);
                if !matches!(self.lock, LockMood::Silent | LockMood::Stuck) {
                    self.report_bolt(Bolt::Unlocked);
                }
            }
            Output::Lock => {
                self.moved(Command::Lock);
                match self.lock {
                    LockMood::Obeys | LockMood::Stuck => self.report_bolt(Bolt::Locked),
                    LockMood::Silent => {}
                    LockMood::JamsWhenLocking => self.report_bolt(Bolt::Jammed),
                }
            }
            Output::ToVisitor { visit, word } => {
                if let ToVisitor::Challenge(bytes) = &word {
                    let claimed =
                        protocol::Claimed::<protocol::challenge::Challenge>::parse(&bytes.0).unwrap();
                    self.challenge = Some(claimed.hash());
                    self.challenges.insert(visit, claimed.hash());
                }
                self.said.push(word);
            }
            Output::Recorder(order) => self.recorder(&order),
            Output::Kept { id, refused } => self.kept.push((id, refused.map(Refusal::code))),
            Output::Sync(_) if self.disk == DiskMood::Fails => self.give(Input::JournalFailed),
            Output::Sync(_)
            | Output::Chime
            | Output::Sound(_)
            | Output::Alarm { .. }
            | Output::Distress(_)
            | Output::LookAhead(_)
            | Output::Head(_)
            | Output::Look { .. } => {}
        }
    }

    fn moved(&mut self, command: Command) {
        let Self { ms, door, bolt, closed_ms, .. } = *self;
        self.moves.push(Move { command, ms, door, bolt, closed_ms, records: self.records.len() });
        if command == Command::Lock {
            assert!(
                closed_ms.is_some_and(|since| ms >= since + 1_000),
                "LOCK without a second of closed door"
            );
        }
    }

    fn recorder(&mut self, order: &RecorderOrder) {
        match *order {
            RecorderOrder::Start { recording, .. } => self.recording = Some(recording),
            RecorderOrder::Stop(_) => self.recording = None,
            RecorderOrder::Witness { intent, .. } if self.recorder_witnesses => {
                self.give(Input::Recorder(RecorderNews::Witnessed(intent)));
            }
            RecorderOrder::Prove { recording, answers, grant } if self.recorder_sees => {
                let proof = self.proof(recording, answers, grant);
                self.give(Input::Recorder(RecorderNews::Proof(blob(proof, &recorder()))));
            }
            RecorderOrder::Witness { .. }
            | RecorderOrder::Prove { .. }
            | RecorderOrder::Look { .. }
            | RecorderOrder::LookOver(_) => {}
        }
    }

    pub(crate) fn proof(&mut self, recording: RecordingId, answers: Hash, grant: Hash) -> RecordingProof {
        self.frame += 1;
        RecordingProof {
            door: DOOR,
            answers,
            grant,
            recording,
            chain_head: Hash([u8::try_from(self.frame % 250).unwrap(); 32]),
            frame: self.frame,
            captured: Monotonic(self.ms),
        }
    }

    // ---- People -------------------------------------------------------------------------------------------

    pub(crate) fn arrive(&mut self, visit: VisitId) {
        let arrival = arrival(visit);
        self.visitor(visit, FromVisitor::Arrival(blob(arrival, &handset())));
    }

    pub(crate) fn visitor(&mut self, visit: VisitId, word: FromVisitor) {
        self.give(Input::FromVisitor { visit, word });
    }

    pub(crate) fn presentation(&self, parcels: &[u8]) -> Presentation {
        Presentation {
            challenge: self.challenge.expect("a challenge"),
            grant: hash(&grant()),
            assignment: Some(hash(&assignment())),
            opens: parcels.iter().map(|p| opening(*p)).collect(),
        }
    }

    pub(crate) fn scan(&mut self, visit: VisitId, parcels: &[u8]) {
        let presentation = self.presentation(parcels);
        self.visitor(visit, FromVisitor::Presentation(blob(presentation, &handset())));
    }

    pub(crate) fn farewell(&mut self, visit: VisitId, parcels: u32) {
        self.visitor(visit, FromVisitor::Farewell(blob(Farewell { door: DOOR, visit, parcels }, &handset())));
    }

    pub(crate) fn report_door(&mut self, door: Door) {
        self.door = door;
        self.closed_ms = (door == Door::Closed).then(|| self.closed_ms.unwrap_or(self.ms));
        self.give(Input::Sensor(Report::Door(door)));
    }

    pub(crate) fn report_bolt(&mut self, bolt: Bolt) {
        self.bolt = bolt;
        self.give(Input::Sensor(Report::Bolt(bolt)));
    }

    // ---- What can be seen afterwards --------------------------------------------------------------------------

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.records.iter().filter_map(Record::log_entry).collect()
    }

    pub(crate) fn events(&self) -> Vec<Body> {
        let detail = |entry: LogEntry| {
            canonical::decode::<Detail>(&entry.opening.unwrap().detail.0, 512).unwrap().body
        };
        self.entries().into_iter().map(detail).collect()
    }

    pub(crate) fn alarms(&self) -> Vec<String> {
        let code = |body| if let Body::Alarm(code) = body { Some(code) } else { None };
        self.events().into_iter().filter_map(code).collect()
    }

    pub(crate) fn refusals(&self) -> Vec<String> {
        let code = |body| if let Body::Refused(code) = body { Some(code) } else { None };
        self.events().into_iter().filter_map(code).collect()
    }

    pub(crate) fn distress(&self) -> Vec<Alarm> {
        let alarm = |output: &Output| if let Output::Distress(alarm) = output { Some(*alarm) } else { None };
        self.outputs.iter().filter_map(alarm).collect()
    }

    pub(crate) fn unlocks(&self) -> usize {
        self.outputs.iter().filter(|o| matches!(o, Output::Unlock { .. })).count()
    }

    pub(crate) fn locks(&self) -> usize {
        self.outputs.iter().filter(|o| matches!(o, Output::Lock)).count()
    }

    pub(crate) fn happened(&self, body: &Body) -> bool {
        self.events().contains(body)
    }

    pub(crate) fn was_secured(&self) -> bool {
        self.events().iter().any(|body| matches!(body, Body::Secured(_)))
    }
}

pub(crate) fn now(ms: u64) -> Now {
    let at = START + ms / 1_000;
    Now { monotonic: Monotonic(ms), interval: Interval { lo: Timestamp(at - 1), hi: Timestamp(at + 1) } }
}
