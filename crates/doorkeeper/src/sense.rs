//! What devices, the recorder and people at home say, and what follows from it. Residents elsewhere: `answer`.

use crate::Now;
use crate::alarm::Alarm;
use crate::doorkeeper::Doorkeeper;
use crate::doorkeeper::UnderWay;
use crate::io::RecorderNews;
use crate::limits::IDLE_NO_MS;
use crate::passage::Passage;
use crate::past::By;
use crate::sensors::Bolt;
use crate::sensors::Door;
use crate::sensors::Report;
use crate::visit::Visit;
use alloc::vec::Vec;
use protocol::Claimed;
use protocol::Credential;
use protocol::bytes::Blob;
use protocol::bytes::VisitId;
use protocol::door_event::Body;
use protocol::grant::Entry;
use protocol::recording_proof::RecordingProof;
use protocol::time::Interval;

impl Doorkeeper {
    pub(crate) fn sense(&mut self, now: Now, report: Report) {
        let before = self.sensors;
        self.sensors.take(now.monotonic, report);
        if before.smoke != self.sensors.smoke {
            self.set_alarm(now, None, Alarm::Smoke, self.sensors.smoke);
        }
        if self.sensors.is_secured() {
            let visit = self.under_way.as_ref().and_then(|under_way| under_way.visit);
            self.set_alarm(now, visit, Alarm::UnclearAtStart, false);
            self.set_alarm(now, visit, Alarm::BoltJammed, false);
        }
        if self.under_way.is_some() || self.unclear_until.is_some() {
            return;
        }
        // On its way it may have been offline: what counts is that nobody has been told. And a lock that began to unlock may
        // never say another word.
        let leaves = |bolt: Bolt| bolt.is_withdrawn() || bolt == Bolt::Unlocking;
        let withdrawn = leaves(self.sensors.bolt) && !leaves(before.bolt);
        if withdrawn && !self.alarms.contains(&Alarm::UnlockedUnasked) {
            self.moved_unasked(now);
        } else if self.sensors.bolt == Bolt::Jammed && before.bolt != Bolt::Jammed {
            self.jammed_unasked(now);
        } else if self.sensors.bolt == Bolt::Locked && before.bolt != Bolt::Locked {
            if self.alarms.contains(&Alarm::UnlockedUnasked) {
                self.note(now, None, Body::BoltMoved(false));
            }
            self.set_alarm(now, None, Alarm::UnlockedUnasked, false);
        }
        let lies = self.sensors.bolt == Bolt::Locked && self.sensors.door == Door::Open;
        if lies || self.sensors.is_secured() {
            self.set_alarm(now, None, Alarm::LockedButOpen, lies);
        }
    }

    /// The bolt was withdrawn by hand, by key or by another client. During a visit it is relocked after closing:
    /// an exit, or a late answer of the lock. Otherwise it is the residents' own door.
    pub(crate) fn moved_unasked(&mut self, now: Now) {
        self.note(now, None, Body::BoltMoved(true));
        let working_inside =
            self.visits.iter().find(|v| v.entries > 0 && v.grant.terms.entry == Entry::Inside);
        let visit = working_inside.or(self.visits.first()).map(|v| (v.id, v.grant.terms.door_open_s));
        if working_inside.is_none() {
            self.set_alarm(now, None, Alarm::UnlockedUnasked, true);
        }
        self.sync();
        if let Some((visit, door_open_s)) = visit {
            self.find_open(now, Some(visit), door_open_s);
        }
    }

    /// The bolt is stuck, and no passage is there to see to it. In a visit one begins, and tries; else somebody is told.
    fn jammed_unasked(&mut self, now: Now) {
        match self.visits.first().map(|v| (v.id, v.grant.terms.door_open_s)) {
            Some((visit, door_open_s)) => self.find_open(now, Some(visit), door_open_s),
            None => self.set_alarm(now, None, Alarm::BoltJammed, true),
        }
    }

    pub(crate) fn find_open(&mut self, now: Now, visit: Option<VisitId>, door_open_s: u32) {
        self.under_way = Some(UnderWay {
            passage: Passage::found_open(now.monotonic, door_open_s, &self.sensors),
            visit,
            intent: None,
            proof_asked: now.monotonic,
            proof_came: now.monotonic,
            heads: Vec::new(),
            since: now.monotonic,
            door_opened: None,
        });
    }

    pub(crate) fn recorder(&mut self, now: Now, news: RecorderNews) {
        match news {
            RecorderNews::Witnessed(intent) => self.witnessed(now, intent),
            RecorderNews::Frozen(frozen) => self.picture_is_frozen = frozen,
            RecorderNews::Proof(bytes) => self.proof(now, &bytes),
        }
    }

    pub(crate) fn proof(&mut self, now: Now, bytes: &Blob) {
        let Ok(claimed) = Claimed::<RecordingProof>::parse(&bytes.0) else { return };
        let Some(key) = self.papers.roster.recorder(claimed.kid()) else { return };
        let Ok(proof) = claimed.verify(&Credential::device(key), self.verifier.as_ref()) else { return };
        let message = proof.message().clone();
        if message.door != self.log.door {
            return;
        }
        if let Some(under_way) = self.under_way.as_mut().filter(|u| u.intent == Some(message.answers)) {
            for head in under_way.heads.iter_mut().filter(|head| head.recorder == proof.signer()) {
                if message.frame > head.frame {
                    head.frame = message.frame;
                    head.chain_head = message.chain_head;
                    head.recording = message.recording;
                    under_way.proof_came = now.monotonic;
                }
            }
            return;
        }
        let wanted = |visit: &&mut Visit| {
            visit.grant_hash == message.grant
                && (visit.challenge_to_prove() == Some(message.answers)
                    || visit.challenges.iter().any(|(hash, _)| *hash == message.answers))
        };
        if let Some(visit) = self.visits.iter_mut().find(wanted) {
            visit.take_proof(proof);
        }
    }

    /// Someone at the hub said no: to every visit that is open, and to who looks.
    pub(crate) fn said_no_at_hub(&mut self, now: Now) {
        self.looks.refuse(now.monotonic);
        if self.visits.is_empty() && self.callers.is_empty() && now.monotonic >= self.idle_no_until {
            self.idle_no_until = now.monotonic.plus_ms(IDLE_NO_MS);
            self.note(now, None, Body::SaidNoAtHub);
        }
        let mut open: Vec<VisitId> = self.visits.iter().filter(|v| !v.local_no).map(|v| v.id).collect();
        open.extend(self.callers_without_no());
        for visit in open {
            self.take_local_no(visit, now.interval);
            self.note(now, Some(visit), Body::SaidNoAtHub);
        }
        self.sync();
    }

    /// What No at the hub changes for one visit, now and when the log is replayed.
    pub(crate) fn take_local_no(&mut self, id: VisitId, at: Interval) {
        if let Some(visit) = self.visits.iter_mut().find(|v| v.id == id && !v.local_no) {
            visit.local_no = true;
            self.past.refuse(visit.grant.id, By::SomeoneAtHub, at);
        }
        if let Some(caller) = self.callers.iter_mut().find(|c| c.id == id && c.no.is_none()) {
            caller.no = Some(By::SomeoneAtHub);
        }
    }

    pub(crate) fn line_crossed(&mut self, now: Now) {
        let visit = self.under_way.as_ref().and_then(|u| u.visit);
        let threshold =
            self.visits.iter().any(|v| Some(v.id) == visit && v.grant.terms.entry == Entry::Threshold);
        if threshold && !self.alarms.contains(&Alarm::LineCrossed) {
            self.note(now, visit, Body::LineCrossed);
            self.set_alarm(now, visit, Alarm::LineCrossed, true);
        }
    }
}
