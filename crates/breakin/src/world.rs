//! The world around one doorkeeper for as long as one attempt takes: a clock, a disk that keeps, a lock that obeys, and a
//! recorder to which things are done.

use crate::attempt::Camera;
use crate::home::{Keys, Place, home};
use doorkeeper::chance::Chance;
use doorkeeper::record::Record;
use doorkeeper::refusal::Refusal;
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Doorkeeper, Input, Now, Output, RecorderNews, RecorderOrder, Unreadable};
use protocol::bytes::{Blob, Hash, RecordingId, VisitId};
use protocol::challenge::Challenge;
use protocol::envelope::Message;
use protocol::recording_proof::RecordingProof;
use protocol::roster::Roster;
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::{FromVisitor, Paper, ToVisitor};
use protocol::{Claimed, DeviceKey, Signed, Signer};

/// The monotonic clock at a start, ms.
const START_MS: u64 = 1_000;
/// A start looks at the door before it believes it, ms.
const SETTLE_MS: u64 = 10_000;
/// How little time passes at least between two looks, ms.
const STEP_MS: u64 = 10;

/// Where and when a world is.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) place: Place,
    pub(crate) roster: &'a Signed<Roster>,
    /// Seconds since 1970 at the start.
    pub(crate) start_s: u64,
    /// Without, the calendar has no upper bound.
    pub(crate) clock_is_known: bool,
    pub(crate) camera: Camera,
}

pub(crate) struct World<'a> {
    setting: Setting<'a>,
    doorkeeper: Doorkeeper,
    ms: u64,
    /// What the disk keeps.
    pub(crate) records: Vec<Record>,
    unsynced: Vec<Record>,
    /// Why the newest paper is not kept.
    not_kept: Option<Refusal>,
    frame: u64,
    /// Newest challenge.
    pub(crate) challenge: Option<Hash>,
    /// The bolt was told to withdraw.
    pub(crate) was_unlocked: bool,
}

impl<'a> World<'a> {
    /// A hub that starts from its journal, at a closed and locked door.
    pub(crate) fn start(
        setting: Setting<'a>,
        records: &[Record],
        chance: &mut Chance,
    ) -> Result<Self, Unreadable> {
        let home = home(setting.keys, setting.place, setting.roster, chance);
        let doorkeeper = Doorkeeper::start(home, records, now(&setting, START_MS))?;
        let mut world = Self {
            setting,
            doorkeeper,
            ms: START_MS,
            records: records.to_vec(),
            unsynced: Vec::new(),
            not_kept: None,
            frame: 0,
            challenge: None,
            was_unlocked: false,
        };
        world.report(Report::Door(Door::Closed));
        world.report(Report::Bolt(Bolt::Locked));
        world.pass(SETTLE_MS);
        Ok(world)
    }

    /// Seconds since 1970, as they are: the home may not know them.
    pub(crate) fn now_s(&self) -> u64 {
        wall_s(&self.setting, self.ms)
    }

    /// The newest reason for a no to a visitor.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.doorkeeper.newest_refusal()
    }

    pub(crate) fn report(&mut self, report: Report) {
        self.give(Input::Sensor(report));
    }

    /// Hands a paper to the home; says why it is not kept.
    pub(crate) fn keep(&mut self, paper: Paper) -> Option<Refusal> {
        self.not_kept = None;
        self.give(Input::Paper { id: 0, paper });
        self.not_kept
    }

    pub(crate) fn say(&mut self, visit: VisitId, word: FromVisitor) {
        self.give(Input::FromVisitor { visit, word });
    }

    /// Lets time pass, in the steps that the doorkeeper asks for.
    pub(crate) fn pass(&mut self, ms: u64) {
        let until = self.ms + ms;
        while self.ms < until {
            self.ms = self.doorkeeper.timeout().0.clamp(self.ms + STEP_MS, until.max(self.ms + STEP_MS));
            self.give(Input::Tick);
        }
    }

    fn give(&mut self, input: Input) {
        self.doorkeeper.handle(now(&self.setting, self.ms), input);
        while let Some(output) = self.doorkeeper.poll() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Append(record) => self.unsynced.push(record),
            Output::Sync(ticket) => {
                self.records.append(&mut self.unsynced);
                self.give(Input::Synced(ticket));
            }
            Output::Unlock { .. } => {
                self.was_unlocked = true;
                self.report(Report::Bolt(Bolt::Unlocked));
            }
            Output::Lock => self.report(Report::Bolt(Bolt::Locked)),
            Output::ToVisitor { word: ToVisitor::Challenge(bytes), .. } => {
                let claimed = Claimed::<Challenge>::parse(&bytes.0);
                self.challenge = claimed.ok().map(|challenge| challenge.hash());
            }
            Output::Kept { refused, .. } => self.not_kept = refused,
            Output::Recorder(order) => self.recorder(&order),
            Output::ToVisitor { .. }
            | Output::Chime
            | Output::Sound(_)
            | Output::Alarm { .. }
            | Output::Distress(_)
            | Output::LookAhead(_)
            | Output::Head(_)
            | Output::Look { .. } => {}
        }
    }

    fn recorder(&mut self, order: &RecorderOrder) {
        let camera = self.setting.camera;
        match *order {
            RecorderOrder::Witness { intent, .. } if camera == Camera::Films => {
                self.give(Input::Recorder(RecorderNews::Witnessed(intent)));
            }
            RecorderOrder::Prove { recording, answers, grant } => {
                let keys = self.setting.keys;
                match camera {
                    Camera::Films | Camera::CutLate => self.prove(recording, answers, grant, &keys.recorder),
                    Camera::Forged => self.prove(recording, answers, grant, &keys.cloud),
                    Camera::Frozen => {}
                }
            }
            RecorderOrder::Start { .. }
            | RecorderOrder::Witness { .. }
            | RecorderOrder::Stop(_)
            | RecorderOrder::Look { .. }
            | RecorderOrder::LookOver(_) => {}
        }
    }

    fn prove(&mut self, recording: RecordingId, answers: Hash, grant: Hash, key: &DeviceKey) {
        self.frame += 1;
        let proof = RecordingProof {
            door: self.setting.place.door,
            answers,
            grant,
            recording,
            chain_head: Hash::of("frame", &[&self.frame.to_be_bytes()]),
            frame: self.frame,
            captured: Monotonic(self.ms),
        };
        let proof = Blob(envelope(proof, key));
        self.give(Input::Recorder(RecorderNews::Proof(proof)));
    }
}

fn wall_s(setting: &Setting<'_>, ms: u64) -> u64 {
    setting.start_s + (ms - START_MS) / 1_000
}

fn now(setting: &Setting<'_>, ms: u64) -> Now {
    let at = wall_s(setting, ms);
    let hi = if setting.clock_is_known { Timestamp(at + 1) } else { Timestamp::MAX };
    Now { monotonic: Monotonic(ms), interval: Interval { lo: Timestamp(at - 1), hi } }
}

/// A signed message as it travels.
///
/// # Panics
/// If the message breaks a rule of its own type: all messages here are made here, from nothing that a page says.
pub(crate) fn envelope<M: Message>(message: M, signer: &dyn Signer) -> Vec<u8> {
    Signed::sign(message, signer).expect("a message that keeps the rules of its type").bytes().to_vec()
}
