//! What time does: challenges are renewed, the passage takes its next step, visits end.

use crate::Now;
use crate::alarm::Alarm;
use crate::doorkeeper::Doorkeeper;
use crate::doorkeeper::UnderWay;
use crate::io::Output;
use crate::io::RecorderOrder;
use crate::limits::CHALLENGE_RENEWAL_MS;
use crate::limits::PASSAGE_PROOF_LOST_MS;
use crate::limits::PASSAGE_PROOF_MS;
use crate::limits::PROOF_RENEWAL_MS;
use crate::limits::UNLOCK_LIFE_MS;
use crate::limits::WITNESS_MS;
use crate::passage::Effect;
use crate::passage::Note;
use crate::refusal::Refusal;
use crate::visit::Stage;
use alloc::vec::Vec;
use protocol::door_event::Body;
use protocol::door_event::Outcome;

impl Doorkeeper {
    pub(crate) fn advance(&mut self, now: Now) {
        self.clear_start(now);
        self.cry_again(now);
        self.step_passage(now);
        for index in (0..self.visits.len()).rev() {
            self.step_visit(now, index);
        }
        self.step_callers(now);
        self.step_looks(now);
        if self.refusals_due.is_some_and(|due| now.monotonic >= due) {
            self.refusals_due = None;
            self.refusals_logged = 0;
            let count = core::mem::take(&mut self.refusals);
            if count > 0 {
                self.note(now, None, Body::RefusalsCounted(count));
                self.sync();
            }
        }
    }

    pub(crate) fn step_visit(&mut self, now: Now, index: usize) {
        let Some(visit) = self.visits.get(index) else { return };
        let id = visit.id;
        let proof_due = now.monotonic.ms_since(visit.proof_asked) >= PROOF_RENEWAL_MS;
        match &visit.stage {
            Stage::Waiting if now.monotonic >= visit.ends_at() => {
                let outcome = if visit.secured.is_some() { Outcome::Secured } else { Outcome::NotOpened };
                self.end_visit(now, index, outcome);
            }
            Stage::Waiting if visit.may_present() => {
                let newest = visit.challenges.last().map(|(_, at)| *at);
                if newest.is_none_or(|at| now.monotonic.ms_since(at) >= CHALLENGE_RENEWAL_MS) {
                    self.challenge(now, index);
                } else if proof_due {
                    self.ask_for_proof(now, index);
                }
            }
            Stage::Holding { .. } => {
                if proof_due {
                    self.ask_for_proof(now, index);
                }
                self.try_admit(now, index);
            }
            Stage::Witnessing { since, .. } if now.monotonic.ms_since(*since) >= WITNESS_MS => {
                if let Some(visit) = self.visits.get_mut(index) {
                    visit.stage = Stage::Waiting;
                }
                self.refuse(now, id, Refusal::WitnessMissing);
            }
            Stage::Waiting | Stage::Committing { .. } | Stage::Witnessing { .. } | Stage::Open => {}
        }
    }

    pub(crate) fn step_passage(&mut self, now: Now) {
        let Some(mut under_way) = self.under_way.take() else { return };
        let mut effects = Vec::new();
        let end = under_way.passage.step(now.monotonic, &self.sensors, &mut effects);
        let visit = under_way.visit;
        for effect in effects {
            self.carry_out(now, &mut under_way, effect);
        }
        if let Some(end) = end {
            return self.passage_ended(now, under_way, end);
        }
        self.watch_recording(now, &mut under_way);
        let stuck = now.monotonic.ms_since(under_way.since) >= crate::limits::IDLE_VISIT_MS
            && under_way.passage.alarms().next().is_some();
        if stuck
            && under_way.visit.take().is_some()
            && let Some(index) = visit.and_then(|id| self.index_of(id))
        {
            self.end_visit(now, index, Outcome::Incident);
        }
        self.under_way = Some(under_way);
    }

    pub(crate) fn carry_out(&mut self, now: Now, under_way: &mut UnderWay, effect: Effect) {
        let visit = under_way.visit;
        match effect {
            Effect::Unlock => {
                self.outputs.push_back(Output::Unlock { deadline: now.monotonic.plus_ms(UNLOCK_LIFE_MS) });
            }
            Effect::Lock => self.outputs.push_back(Output::Lock),
            Effect::Sound(on) => self.outputs.push_back(Output::Sound(on)),
            Effect::Alarm(alarm) => self.alarm(now, visit, alarm, true),
            Effect::AlarmOver(alarm) => self.alarm(now, visit, alarm, false),
            Effect::Tell(word) => {
                if let Some(visit) = visit {
                    self.outputs.push_back(Output::ToVisitor { visit, word });
                }
            }
            Effect::Note(note) => {
                let body = match note {
                    Note::Opened => Body::Opened,
                    Note::DoorOpened => Body::DoorOpened,
                    Note::DoorClosed => Body::DoorClosed,
                    Note::Relocked => Body::Relocked,
                };
                if note == Note::DoorOpened {
                    let first = under_way.door_opened.is_none();
                    under_way.door_opened = Some(now.monotonic);
                    let index = visit.filter(|_| first && under_way.intent.is_some());
                    if let Some(v) = index.and_then(|id| self.visits.iter_mut().find(|v| v.id == id)) {
                        v.entries = v.entries.saturating_add(1);
                        v.tries = 0;
                    }
                }
                self.note(now, visit, body);
                self.sync();
            }
        }
    }

    /// Fresh proofs every second; loss is an alarm, never a silent wait, and never moves the bolt.
    pub(crate) fn watch_recording(&mut self, now: Now, under_way: &mut UnderWay) {
        if under_way.intent.is_none() || under_way.heads.is_empty() {
            return;
        }
        if now.monotonic.ms_since(under_way.proof_asked) >= PASSAGE_PROOF_MS {
            under_way.proof_asked = now.monotonic;
            self.order_passage_proof(under_way);
        }
        let lost = now.monotonic.ms_since(under_way.proof_came) >= PASSAGE_PROOF_LOST_MS;
        self.set_alarm(now, under_way.visit, Alarm::RecordingLost, lost);
        let frozen = self.picture_is_frozen
            && under_way.door_opened.is_some_and(|at| now.monotonic.ms_since(at) >= 2_000);
        self.set_alarm(now, under_way.visit, Alarm::PictureFrozen, frozen);
    }

    pub(crate) fn order_passage_proof(&mut self, under_way: &UnderWay) {
        let visit = under_way.visit.and_then(|id| self.visits.iter().find(|v| v.id == id));
        if let (Some(visit), Some(answers)) = (visit, under_way.intent) {
            let order =
                RecorderOrder::Prove { recording: visit.recording(), answers, grant: visit.grant_hash };
            self.outputs.push_back(Output::Recorder(order));
        }
    }

    pub(crate) fn ask_for_passage_proof(&mut self, now: Now) {
        if let Some(mut under_way) = self.under_way.take() {
            under_way.proof_asked = now.monotonic;
            self.order_passage_proof(&under_way);
            self.under_way = Some(under_way);
        }
    }
}
