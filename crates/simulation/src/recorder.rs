//! A model of the recorder and its camera: ten frames a second, proofs, the witness, and how each of them fails. What it
//! signs is real; what it films is kept as stretches of time in which there was a picture.

use crate::cast::{DOOR, blob};
use crate::fault::Fault;
use crate::world::{Event, HubHears, World};
use doorkeeper::{RecorderNews, RecorderOrder};
use protocol::bytes::{Hash, RecordingId};
use protocol::recording_proof::RecordingProof;
use std::collections::BTreeSet;

/// Milliseconds from frame to frame.
const FRAME_MS: u64 = 100;
/// Milliseconds of film from before the order to record.
const PREROLL_MS: u64 = 5_000;
/// Milliseconds in which a picture that does not change is noticed.
const FROZEN_MS: std::ops::RangeInclusive<u64> = 1_500..=3_000;

/// The recorder's process and its camera.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent moods, not a state")]
pub(crate) struct Recorder {
    pub(crate) is_alive: bool,
    pub(crate) run: u32,
    camera_sends: bool,
    pub(crate) is_frozen: bool,
    is_late: bool,
    /// Started and not stopped, as the hub's child keeps them.
    open: BTreeSet<RecordingId>,
    /// Intents that stand in a recording.
    pub(crate) witnessed: BTreeSet<Hash>,
    /// Each recording from when to when.
    pub(crate) films: Vec<(RecordingId, u64, Option<u64>)>,
    /// Stretches without a moving picture.
    pub(crate) blind: Vec<Blind>,
}

/// A stretch of time without a moving picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blind {
    pub(crate) from: u64,
    pub(crate) until: Option<u64>,
    /// The stream goes on, and its picture does not change.
    pub(crate) is_frozen: bool,
}

impl Recorder {
    pub(crate) const fn new() -> Self {
        Self {
            is_alive: true,
            run: 0,
            camera_sends: true,
            is_frozen: false,
            is_late: false,
            open: BTreeSet::new(),
            witnessed: BTreeSet::new(),
            films: vec![],
            blind: vec![],
        }
    }

    fn note_sight(&mut self, now: u64) {
        let films = self.is_alive && self.camera_sends;
        let blind = (!films || self.is_frozen).then_some(films);
        let noted = self.blind.last().filter(|blind| blind.until.is_none()).map(|blind| blind.is_frozen);
        if blind == noted {
            return;
        }
        if let Some(last) = self.blind.last_mut() {
            last.until.get_or_insert(now);
        }
        if let Some(is_frozen) = blind {
            self.blind.push(Blind { from: now, until: None, is_frozen });
        }
    }

    pub(crate) fn is_blind_at(&self, at: u64) -> bool {
        self.blind.iter().any(|blind| blind.from <= at && blind.until.is_none_or(|until| until + 200 >= at))
    }

    fn begin_film(&mut self, recording: RecordingId, now: u64) {
        if self.films.iter().all(|(id, _, until)| *id != recording || until.is_some()) {
            self.films.push((recording, now.saturating_sub(PREROLL_MS), None));
        }
    }

    fn end_film(&mut self, recording: RecordingId, now: u64) {
        for (_, _, until) in self.films.iter_mut().filter(|(id, _, _)| *id == recording) {
            until.get_or_insert(now);
        }
    }
}

impl World {
    pub(crate) fn recorder_hears(&mut self, order: &RecorderOrder) {
        match *order {
            RecorderOrder::Start { recording, .. } => {
                self.recorder.open.insert(recording);
                if self.recorder.is_alive {
                    self.recorder.begin_film(recording, self.now);
                }
            }
            RecorderOrder::Stop(recording) => {
                self.recorder.open.remove(&recording);
                self.recorder.end_film(recording, self.now);
            }
            RecorderOrder::Prove { recording, answers, grant } => self.prove(recording, answers, grant),
            RecorderOrder::Witness { recording, intent } => self.witness(recording, intent),
            RecorderOrder::Look { .. } | RecorderOrder::LookOver(_) => {}
        }
    }

    /// With a frame that is newer than the order.
    fn prove(&mut self, recording: RecordingId, answers: Hash, grant: Hash) {
        let films = self.recorder.is_alive && self.recorder.camera_sends;
        if !films || !self.recorder.open.contains(&recording) {
            return;
        }
        let captured = self.now / FRAME_MS * FRAME_MS + FRAME_MS;
        let frame = captured / FRAME_MS;
        let proof = RecordingProof {
            door: DOOR,
            answers,
            grant,
            recording,
            chain_head: Hash::of("simulated chunk", &[&frame.to_be_bytes()]),
            frame,
            captured: self.hub.monotonic_at(captured),
        };
        let bytes = blob(proof, &self.cast.recorder);
        let late = if self.recorder.is_late { self.chance.between(300, 2_500) } else { 0 };
        let at = captured + self.chance.between(3, 30) + late;
        self.queue.push(at, Event::Hub(HubHears::Recorder(RecorderNews::Proof(bytes))));
    }

    fn witness(&mut self, recording: RecordingId, intent: Hash) {
        if !self.recorder.is_alive || !self.recorder.open.contains(&recording) {
            return;
        }
        self.recorder.witnessed.insert(intent);
        let late = if self.recorder.is_late { self.chance.between(100, 400) } else { 0 };
        let at = self.now + self.chance.between(4, 60) + late;
        self.queue.push(at, Event::Hub(HubHears::Recorder(RecorderNews::Witnessed(intent))));
    }

    /// A recorder that starts finds a still picture by itself.
    pub(crate) fn recorder_looks_again(&mut self) {
        if self.recorder.is_frozen {
            self.recorder_says_frozen(true, *FROZEN_MS.end());
        }
    }

    fn recorder_says_frozen(&mut self, frozen: bool, after_ms: u64) {
        let news = RecorderNews::Frozen(frozen);
        self.queue.push(self.now + after_ms, Event::Hub(HubHears::Recorder(news)));
    }

    pub(crate) fn recorder_dies(&mut self) {
        self.recorder.is_alive = false;
        self.recorder.run += 1;
        for recording in self.recorder.open.clone() {
            self.recorder.end_film(recording, self.now);
        }
        self.recorder.note_sight(self.now);
    }

    pub(crate) fn recorder_is_back(&mut self, run: u32) {
        if run != self.recorder.run || self.recorder.is_alive {
            return;
        }
        self.tell("recorder", || "starts".to_owned());
        self.recorder.is_alive = true;
        self.recorder_looks_again();
        for recording in self.recorder.open.clone() {
            self.recorder.begin_film(recording, self.now);
        }
        self.recorder.note_sight(self.now);
    }

    /// What a fault of recorder or camera begins with; true if it was one.
    pub(crate) fn recorder_fault(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::CameraLost => {
                self.recorder.camera_sends = false;
                self.heals_in(fault, 500, 20_000);
            }
            Fault::CameraFrozen => {
                self.recorder.is_frozen = true;
                let after = self.chance.between(*FROZEN_MS.start(), *FROZEN_MS.end());
                self.recorder_says_frozen(true, after);
                self.heals_in(fault, 4_000, 25_000);
            }
            Fault::RecorderLate => {
                self.recorder.is_late = true;
                self.heals_in(fault, 1_000, 15_000);
            }
            Fault::RecorderKilled => {
                self.recorder_dies();
                let back = self.now + self.chance.between(800, 4_000);
                self.queue.push(back, Event::RecorderBack { run: self.recorder.run });
            }
            _ => return false,
        }
        self.recorder.note_sight(self.now);
        true
    }

    pub(crate) fn recorder_heals(&mut self, fault: Fault) {
        match fault {
            Fault::CameraLost => self.recorder.camera_sends = true,
            Fault::CameraFrozen if self.recorder.is_frozen => {
                self.recorder.is_frozen = false;
                self.recorder_says_frozen(false, *FROZEN_MS.end() + 100);
            }
            Fault::RecorderLate => self.recorder.is_late = false,
            _ => {}
        }
        self.recorder.note_sight(self.now);
    }
}
