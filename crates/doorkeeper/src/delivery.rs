//! The way of one delivery, from top to bottom: `arrive`, `present`, `try_admit`, `commit`, `committed`,
//! `witnessed`, `passage_ended`, `farewell`, `end_visit`.

use crate::Now;
use crate::admit;
use crate::admit::AtTheDoor;
use crate::alarm::Alarm;
use crate::doorkeeper::After;
use crate::doorkeeper::Doorkeeper;
use crate::doorkeeper::UnderWay;
use crate::io::Output;
use crate::io::RecorderOrder;
use crate::limits::PROOF_WAIT_MS;
use crate::limits::UNLOCK_LIFE_MS;
use crate::limits::VISITS_MAX;
use crate::passage::End;
use crate::passage::Passage;
use crate::refusal::Refusal;
use crate::visit::Stage;
use crate::visit::Visit;
use protocol::Claimed;
use protocol::Credential;
use protocol::Signed;
use protocol::arrival::Arrival;
use protocol::bytes::Blob;
use protocol::bytes::Hash;
use protocol::bytes::Nonce;
use protocol::bytes::VisitId;
use protocol::challenge::Challenge;
use protocol::door_event::Body;
use protocol::door_event::Intent;
use protocol::door_event::Outcome;
use protocol::door_event::VisitEnd;
use protocol::farewell::Farewell;
use protocol::grant::Entry;
use protocol::presentation::Presentation;
use protocol::uplink::FromVisitor;
use protocol::uplink::ToVisitor;

impl Doorkeeper {
    pub(crate) fn visitor_says(&mut self, now: Now, visit: VisitId, word: FromVisitor) {
        match word {
            FromVisitor::Arrival(bytes) => self.arrive(now, visit, &bytes),
            FromVisitor::Presentation(bytes) => self.present(now, visit, &bytes),
            FromVisitor::Farewell(bytes) => self.farewell(now, visit, &bytes),
            FromVisitor::Ring(bytes) => self.rings(now, visit, &bytes),
        }
    }

    /// "Here": papers and device are proven, the recording starts, the home chimes, a challenge goes out.
    pub(crate) fn arrive(&mut self, now: Now, visit: VisitId, bytes: &Blob) {
        let Ok(arrival) = Claimed::<Arrival>::parse(&bytes.0) else {
            return self.refuse_unproven(now, visit, Refusal::Malformed);
        };
        let message = arrival.unproven().clone();
        if message.visit != visit {
            return self.refuse_unproven(now, visit, Refusal::Malformed);
        }
        if let Some(present) = self.visits.iter_mut().find(|v| v.id == visit) {
            // The same visitor again, after a lost connection or a restart of the hub: the visit goes on.
            let same = present.grant_hash == message.grant && present.assignment == message.assignment;
            if !same || arrival.verify(&present.device, self.verifier.as_ref()).is_err() {
                return self.refuse_unproven(now, visit, Refusal::ArrivalSignature);
            }
            present.is_here = true;
            return self.welcome(now, visit);
        }
        if !self.is_callers_errand(visit, message.assignment) {
            return self.refuse_unproven(now, visit, Refusal::ArrivalSignature);
        }
        let door = AtTheDoor::arriving(visit, message.grant, message.assignment);
        let received =
            admit::receive(&self.situation(now), &door, arrival, self.door_tag, self.verifier.as_ref());
        match received {
            Err(refused) if refused.is_authentic => self.refuse(now, visit, refused.refusal),
            Err(refused) => self.refuse_unproven(now, visit, refused.refusal),
            Ok(received) if self.visits.len() >= VISITS_MAX || self.past.is_full(received.grant.id) => {
                self.refuse(now, visit, Refusal::TooManyVisits);
            }
            Ok(received) => {
                let device = received.device.kid();
                let body = Body::Arrived { grant: message.grant, assignment: message.assignment, device };
                self.note(now, Some(visit), body);
                let first = self.take_caller(visit).unwrap_or(self.log.position.counter);
                self.visits.push(Visit::new(
                    visit,
                    message.grant,
                    received.grant,
                    message.assignment,
                    received.device,
                    first,
                    now.monotonic,
                ));
                self.sync();
                self.outputs.push_back(Output::Chime);
                self.welcome(now, visit);
            }
        }
    }

    /// Starts, or goes on with, the recording, and challenges.
    pub(crate) fn welcome(&mut self, now: Now, visit: VisitId) {
        let Some(index) = self.index_of(visit) else { return };
        let Some(v) = self.visits.get(index) else { return };
        if !v.grant.terms.cameras.is_empty() {
            let order = RecorderOrder::Start { recording: v.recording(), visit, grant: v.grant_hash };
            self.outputs.push_back(Output::Recorder(order));
        }
        if v.may_present() {
            self.challenge(now, index);
        }
    }

    pub(crate) fn challenge(&mut self, now: Now, index: usize) {
        self.challenges_made = self.challenges_made.saturating_add(1);
        let nonce = Nonce(self.chance.draw());
        let Some(visit) = self.visits.get_mut(index) else { return };
        let challenge = Challenge {
            door: self.log.door,
            nonce,
            boot: self.log.boot,
            counter: self.challenges_made,
            visit: visit.id,
            door_log_head: self.log.position.head,
        };
        let Ok(signed) = Signed::sign(challenge, self.log.key.as_ref()) else { return };
        visit.challenges.push((signed.hash(), now.monotonic));
        if visit.challenges.len() > 2 {
            visit.challenges.remove(0);
        }
        visit.newest_challenge = signed.bytes().into();
        let word = ToVisitor::Challenge(Blob(signed.bytes().into()));
        self.outputs.push_back(Output::ToVisitor { visit: visit.id, word });
        self.ask_for_proof(now, index);
    }

    pub(crate) fn ask_for_proof(&mut self, now: Now, index: usize) {
        let Some(visit) = self.visits.get_mut(index) else { return };
        let Some(answers) = visit.challenge_to_prove() else { return };
        visit.proof_asked = now.monotonic;
        if visit.grant.terms.cameras.is_empty() {
            return;
        }
        let order = RecorderOrder::Prove { recording: visit.recording(), answers, grant: visit.grant_hash };
        self.outputs.push_back(Output::Recorder(order));
    }

    /// The scan: steps 1 to 8. What fails before the device is proven is only counted.
    pub(crate) fn present(&mut self, now: Now, visit: VisitId, bytes: &Blob) {
        const UNPROVEN_TRIES_MAX: u8 = 50;
        let Some(index) = self.index_of(visit) else {
            return self.refuse_unproven(now, visit, Refusal::ChallengeUnknown);
        };
        let Some(v) = self.visits.get(index) else { return };
        if !matches!(v.stage, Stage::Waiting) || v.unproven_tries >= UNPROVEN_TRIES_MAX {
            return self.refuse_unproven(now, visit, Refusal::DoorBusy);
        }
        let result =
            admit::authenticate(&self.situation(now), &v.at_the_door(), &bytes.0, self.verifier.as_ref());
        let device_signed = |device: &Credential| {
            Claimed::<Presentation>::parse(&bytes.0)
                .is_ok_and(|claimed| claimed.verify(device, self.verifier.as_ref()).is_ok())
        };
        let is_authentic = result.is_ok() || device_signed(&v.device);
        let Some(v) = self.visits.get_mut(index) else { return };
        if is_authentic {
            v.tries = v.tries.saturating_add(1);
        } else {
            v.unproven_tries = v.unproven_tries.saturating_add(1);
        }
        match result {
            Ok(authentic) => {
                v.challenges.retain(|(hash, _)| *hash != authentic.challenge);
                v.stage = Stage::Holding { authentic, since: now.monotonic, told_wait: false };
                self.try_admit(now, index);
            }
            Err(refusal) if is_authentic => self.refuse(now, visit, refusal),
            Err(refusal) => self.refuse_unproven(now, visit, refusal),
        }
    }

    /// Steps 9 to 12, as often as a new proof or answer comes, for as long as waiting may help.
    pub(crate) fn try_admit(&mut self, now: Now, index: usize) {
        let Some(visit) = self.visits.get(index) else { return };
        let Stage::Holding { authentic, since, told_wait } = &visit.stage else { return };
        let (id, waited_ms, told_wait) = (visit.id, now.monotonic.ms_since(*since), *told_wait);
        let verifier = self.verifier.as_ref();
        let result = admit::admit(&self.situation(now), &visit.at_the_door(), authentic, verifier);
        match result {
            Ok(admission) => self.commit(now, index, admission),
            Err(Refusal::RecordingMissing | Refusal::RecordingStale) if waited_ms < PROOF_WAIT_MS => {
                if visit.proof_asked.ms_since(*since) == 0 && visit.proof_asked != now.monotonic {
                    self.ask_for_proof(now, index);
                }
            }
            Err(Refusal::Occupied) if waited_ms < self.answer_ms => {
                if !told_wait {
                    self.outputs.push_back(Output::ToVisitor { visit: id, word: ToVisitor::Wait });
                }
                if let Some(Visit { stage: Stage::Holding { told_wait, .. }, .. }) =
                    self.visits.get_mut(index)
                {
                    *told_wait = true;
                }
            }
            Err(refusal) => {
                if let Some(visit) = self.visits.get_mut(index) {
                    visit.stage = Stage::Waiting;
                }
                self.refuse(now, id, refusal);
            }
        }
    }

    /// Step 13: the use is bound to the visit and the intent made durable before anything moves.
    pub(crate) fn commit(&mut self, now: Now, index: usize, admission: admit::Admission) {
        let Some(visit) = self.visits.get_mut(index) else { return };
        visit.passages = visit.passages.saturating_add(1);
        let id = visit.id;
        let intent = Intent {
            passage: visit.passages,
            grant: admission.grant_hash,
            grant_id: admission.grant.id,
            assignment: admission.assignment,
            presentation: admission.presentation,
            parcels: admission.parcels,
            recordings: admission.recordings.clone(),
        };
        self.uses.burn(admission.grant.id, id, now.interval);
        let Some(intent) = self.note(now, Some(id), Body::Intent(intent)) else { return };
        if let Some(visit) = self.visits.get_mut(index) {
            visit.stage = Stage::Committing { admission, intent };
        }
        let ticket = self.sync();
        self.after.push_back((ticket, After::Committed(id)));
    }

    /// Step 14: the intent is durable; the recorder must witness it.
    pub(crate) fn committed(&mut self, now: Now, visit: VisitId) {
        let Some(index) = self.index_of(visit) else { return };
        let Some(v) = self.visits.get_mut(index) else { return };
        let Stage::Committing { admission, intent } = &v.stage else { return };
        let (admission, intent) = (admission.clone(), *intent);
        let needs_witness = !admission.grant.terms.cameras.is_empty();
        v.stage = Stage::Witnessing { admission, intent, since: now.monotonic };
        if needs_witness {
            let order = RecorderOrder::Witness { recording: v.recording(), intent };
            self.outputs.push_back(Output::Recorder(order));
        } else {
            self.witnessed(now, intent);
        }
    }

    /// Step 15: one last look, then a bounded pulse.
    pub(crate) fn witnessed(&mut self, now: Now, witnessed: Hash) {
        let at = self
            .visits
            .iter()
            .position(|v| matches!(&v.stage, Stage::Witnessing { intent, .. } if *intent == witnessed));
        let Some(index) = at else { return };
        let Some(visit) = self.visits.get(index) else { return };
        let id = visit.id;
        let Stage::Witnessing { admission, .. } = &visit.stage else { return };
        let verifier = self.verifier.as_ref();
        let healthy = admit::last_look(&self.situation(now), &visit.at_the_door(), verifier);
        let (door_open_s, heads) = (admission.grant.terms.door_open_s, admission.recordings.clone());
        if let Err(refusal) = healthy {
            if let Some(visit) = self.visits.get_mut(index) {
                visit.stage = Stage::Waiting;
            }
            return self.refuse(now, id, refusal);
        }
        let Some(visit) = self.visits.get_mut(index) else { return };
        visit.stage = Stage::Open;
        visit.pulses = visit.pulses.saturating_add(1);
        self.outputs.push_back(Output::Unlock { deadline: now.monotonic.plus_ms(UNLOCK_LIFE_MS) });
        self.under_way = Some(UnderWay {
            passage: Passage::admitted(now.monotonic, door_open_s),
            visit: Some(id),
            intent: Some(witnessed),
            proof_asked: now.monotonic,
            proof_came: now.monotonic,
            heads,
            since: now.monotonic,
            door_opened: None,
        });
        self.ask_for_passage_proof(now);
    }

    /// Step 16 is the passage; here it ended, bolt and door agreeing.
    pub(crate) fn passage_ended(&mut self, now: Now, ended: UnderWay, end: End) {
        let End::Secured { was_unlocked, .. } = end;
        self.note(now, ended.visit, Body::Secured(ended.heads));
        self.sync();
        // Of one passage each: an alarm that stayed out would hide the next one.
        for over in [Alarm::LockedButOpen, Alarm::UnlockedUnasked, Alarm::RecordingLost, Alarm::PictureFrozen]
        {
            self.set_alarm(now, ended.visit, over, false);
        }
        let Some(index) = ended.visit.and_then(|id| self.index_of(id)) else { return };
        let Some(visit) = self.visits.get_mut(index) else { return };
        visit.was_secured(now.monotonic);
        let id = visit.id;
        if visit.entries > 0 {
            visit.pulses = 0;
        }
        if was_unlocked {
            self.outputs.push_back(Output::ToVisitor { visit: id, word: ToVisitor::Secured });
            self.offer_another_try(now, index);
        } else {
            self.refuse(now, id, Refusal::LockStuck);
        }
    }

    pub(crate) fn farewell(&mut self, now: Now, visit: VisitId, bytes: &Blob) {
        let Some(index) = self.index_of(visit) else { return self.caller_leaves(now, visit, bytes) };
        let Some(v) = self.visits.get_mut(index) else { return };
        let proven = Claimed::<Farewell>::parse(&bytes.0)
            .ok()
            .and_then(|claimed| claimed.verify(&v.device, self.verifier.as_ref()).ok())
            .filter(|f| f.message().visit == visit && f.message().door == self.log.door);
        let Some(farewell) = proven else { return };
        if v.farewell {
            return;
        }
        v.farewell = true;
        v.parcels = farewell.message().parcels;
        let body = Body::Farewell { parcels: v.parcels, farewell: farewell.hash() };
        self.note(now, Some(visit), body);
    }

    /// The visit is over: a signed end that names its first and last counter, and the recording closes.
    pub(crate) fn end_visit(&mut self, now: Now, index: usize, outcome: Outcome) {
        if index >= self.visits.len() {
            return;
        }
        let visit = self.visits.remove(index);
        self.remember_end(&visit);
        if visit.grant.terms.entry == Entry::Threshold {
            self.set_alarm(now, Some(visit.id), Alarm::LineCrossed, false);
        }
        let last = self.log.position.counter.saturating_add(1);
        let end = VisitEnd { first: visit.first, last, outcome, parcels: visit.parcels };
        self.note(now, Some(visit.id), Body::VisitEnded(end));
        self.sync();
        self.outputs.push_back(Output::Recorder(RecorderOrder::Stop(visit.recording())));
        self.outputs.push_back(Output::ToVisitor { visit: visit.id, word: ToVisitor::Ended });
    }
}
