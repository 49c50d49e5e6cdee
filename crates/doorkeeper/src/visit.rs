//! A visit: from a verified arrival to the visitor having left for good. Holds what one visitor has done so far.

use crate::admit::{Admission, AtTheDoor, Authentic};
use crate::limits::{FAREWELL_MS, IDLE_VISIT_MS};
use alloc::vec::Vec;
use protocol::answer::Word;
use protocol::bytes::{Hash, RecordingId, VisitId};
use protocol::door_event::RecordingHead;
use protocol::grant::Grant;
use protocol::recording_proof::RecordingProof;
use protocol::time::Monotonic;
use protocol::{Credential, Signed};

/// A cleaner's day: several entries end at the latest after this, ms.
const WORKING_VISIT_MS: u64 = 12 * 3_600_000;

/// Where a visit stands.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// A challenge is out, or nothing more may be presented.
    Waiting,
    /// An authentic presentation waits for a fresh picture, or for a resident's word.
    Holding { authentic: Authentic, since: Monotonic, told_wait: bool },
    /// The intent is on its way to the disk.
    Committing { admission: Admission, intent: Hash },
    /// The intent is durable; the recorder must witness it.
    Witnessing { admission: Admission, intent: Hash, since: Monotonic },
    /// The bolt was told to withdraw; the passage decides.
    Open,
}

/// One visit.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "marks that do not depend on each other")]
pub(crate) struct Visit {
    pub(crate) id: VisitId,
    pub(crate) grant_hash: Hash,
    pub(crate) grant: Grant,
    pub(crate) assignment: Option<Hash>,
    pub(crate) device: Credential,
    /// Counter of the arrival in the door log.
    pub(crate) first: u64,
    /// This arrival, or the start of the hub after it.
    pub(crate) since: Monotonic,
    /// The visitor is connected: an arrival came in this start of the hub.
    pub(crate) is_here: bool,
    /// Hash, time and bytes of the newest two challenges.
    pub(crate) challenges: Vec<(Hash, Monotonic)>,
    pub(crate) newest_challenge: Vec<u8>,
    pub(crate) proofs: Vec<Signed<RecordingProof>>,
    pub(crate) proof_asked: Monotonic,
    pub(crate) tries: u8,
    pub(crate) unproven_tries: u8,
    pub(crate) passages: u32,
    pub(crate) entries: u32,
    pub(crate) pulses: u8,
    /// Replayed: H(intent event) of a passage that has no end in the journal, and where its recordings stood.
    pub(crate) interrupted: Option<(Hash, Vec<RecordingHead>)>,
    /// Replayed: the door has been open in the newest passage, or there is none, and an exit is no entry.
    pub(crate) was_open: bool,
    pub(crate) parcels: u32,
    pub(crate) local_no: bool,
    pub(crate) answer: Option<Word>,
    pub(crate) farewell: bool,
    pub(crate) secured: Option<Monotonic>,
    pub(crate) stage: Stage,
}

impl Visit {
    pub(crate) fn new(
        id: VisitId,
        grant_hash: Hash,
        grant: Grant,
        assignment: Option<Hash>,
        device: Credential,
        first: u64,
        since: Monotonic,
    ) -> Self {
        Self {
            id,
            grant_hash,
            grant,
            assignment,
            device,
            first,
            since,
            is_here: true,
            challenges: Vec::new(),
            newest_challenge: Vec::new(),
            proofs: Vec::new(),
            proof_asked: Monotonic(0),
            tries: 0,
            unproven_tries: 0,
            passages: 0,
            entries: 0,
            pulses: 0,
            interrupted: None,
            was_open: true,
            parcels: 0,
            local_no: false,
            answer: None,
            farewell: false,
            secured: None,
            stage: Stage::Waiting,
        }
    }

    /// One recording per visit.
    pub(crate) const fn recording(&self) -> RecordingId {
        RecordingId(self.id.0)
    }

    /// The visit as the decision sees it.
    pub(crate) fn at_the_door(&self) -> AtTheDoor<'_> {
        AtTheDoor {
            visit: self.id,
            challenges: &self.challenges,
            tries: self.tries,
            entries: self.entries,
            pulses: self.pulses,
            grant: self.grant_hash,
            assignment: self.assignment,
            proofs: &self.proofs,
            local_no: self.local_no,
            answer: self.answer,
        }
    }

    /// Whether another presentation could lead anywhere.
    pub(crate) fn may_present(&self) -> bool {
        self.is_here
            && !self.farewell
            && matches!(self.stage, Stage::Waiting)
            && self.entries < self.grant.terms.entries
            && self.tries < crate::limits::TRIES_MAX
            && self.pulses < crate::limits::PULSES_MAX
            && self.answer != Some(Word::Stop)
            && !self.local_no
    }

    /// The challenge that proofs should answer now.
    pub(crate) fn challenge_to_prove(&self) -> Option<Hash> {
        match &self.stage {
            Stage::Holding { authentic, .. } => Some(authentic.challenge),
            Stage::Waiting => self.challenges.last().map(|(hash, _)| *hash),
            Stage::Committing { .. } | Stage::Witnessing { .. } | Stage::Open => None,
        }
    }

    /// A passage ended, bolt and door agreeing. One that this visit did not ask for, such as somebody going out past whoever
    /// waits at the door, neither ends what is being decided nor makes it a visit that was let in.
    pub(crate) fn was_secured(&mut self, at: Monotonic) {
        if matches!(self.stage, Stage::Open) {
            self.stage = Stage::Waiting;
        }
        if self.pulses > 0 || self.entries > 0 {
            self.secured = Some(at);
        }
    }

    /// Remembers the newest proof of each recorder for each challenge that still counts.
    pub(crate) fn take_proof(&mut self, proof: Signed<RecordingProof>) {
        const PROOFS_MAX: usize = 16;
        self.proofs
            .retain(|old| old.signer() != proof.signer() || old.message().answers != proof.message().answers);
        if self.proofs.len() >= PROOFS_MAX {
            self.proofs.remove(0);
        }
        self.proofs.push(proof);
    }

    /// When a visit in which nothing is going on ends.
    pub(crate) fn ends_at(&self) -> Monotonic {
        if self.farewell {
            return Monotonic(0);
        }
        match self.secured {
            Some(at) if self.entries >= self.grant.terms.entries => at.plus_ms(FAREWELL_MS),
            Some(at) => at.plus_ms(WORKING_VISIT_MS),
            None => self.since.plus_ms(IDLE_VISIT_MS),
        }
    }
}
