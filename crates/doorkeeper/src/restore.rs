//! Starting: everything that must not be forgotten comes back from the journal, and the door is looked at.

use crate::Now;
use crate::alarm::Alarm;
use crate::caller::Caller;
use crate::doorkeeper::Doorkeeper;
use crate::io::{Home, Output, RecorderOrder};
use crate::papers::Since;
use crate::record::Record;
use crate::sensors::{Bolt, Door};
use crate::visit::{Stage, Visit};
use alloc::vec::Vec;
use protocol::answer::Word;
use protocol::bytes::VisitId;
use protocol::canonical;
use protocol::door_event::{Body, Detail, DoorEvent};
use protocol::limits::DETAIL_BYTES_MAX;
use protocol::time::Monotonic;
use protocol::{Claimed, Credential};

/// A journal whose content cannot be this home's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// A record is no door event, or does not follow the one before.
    Event {
        /// Which record, from 0.
        record: usize,
    },
    /// A kept roster or revocation list cannot be read, or a roster does not follow the one before.
    Paper {
        /// Which record, from 0.
        record: usize,
    },
}

impl core::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Event { record } => write!(f, "journal record {record} does not continue this door's log"),
            Self::Paper { record } => {
                write!(
                    f,
                    "journal record {record} holds a roster or revocation list that cannot be taken back"
                )
            }
        }
    }
}

impl core::error::Error for Unreadable {}

/// Seconds that an unexplained open door may stay open before the alarm repeats as `left_open`.
const FOUND_OPEN_S: u32 = 60;

impl Doorkeeper {
    /// Starts from the records of the journal; none for a new home.
    pub fn start(home: Home, records: &[Record], now: Now) -> Result<Self, Unreadable> {
        let now = now.settled();
        let mut doorkeeper = Self::blank(home, now);
        for (index, record) in records.iter().enumerate() {
            doorkeeper.replay(index, record)?;
        }
        doorkeeper.drop_spent(now.interval.lo);
        let clean = records.is_empty() || matches!(records.last(), Some(Record::StoppedCleanly));
        doorkeeper.visits.iter_mut().for_each(|visit| {
            visit.is_here = false;
            visit.since = now.monotonic;
            if visit.interrupted.is_some() {
                // Until bolt and door are known, its passage may still be under way: it does not end before that does.
                visit.stage = Stage::Open;
            }
        });
        doorkeeper.note(now, None, Body::Booted(clean));
        doorkeeper.sync();
        doorkeeper.film_on();
        doorkeeper.ask_again(now);
        Ok(doorkeeper)
    }

    fn replay(&mut self, index: usize, record: &Record) -> Result<(), Unreadable> {
        match record {
            Record::Event { event, opening } => {
                let unreadable = Unreadable::Event { record: index };
                let event = Claimed::<DoorEvent>::parse(&event.0).map_err(|_| unreadable)?;
                let message = event.unproven();
                let position = self.log.position;
                let continues =
                    message.counter == position.counter.saturating_add(1) && message.prev == position.head;
                if message.door != self.log.door || !continues {
                    return Err(unreadable);
                }
                self.log.position.counter = message.counter;
                self.log.position.head = event.hash();
                // Its rules may have grown since it was written; what it says still counts.
                let detail: Detail =
                    canonical::decode(&opening.detail.0, DETAIL_BYTES_MAX).map_err(|_| unreadable)?;
                self.replay_event(message.counter, detail);
            }
            Record::Kept { paper, at } => {
                let since = Since { interval: *at, monotonic: None };
                self.make_room(paper, at.lo);
                self.papers.restore(paper, since).map_err(|_| Unreadable::Paper { record: index })?;
            }
            Record::PresenceConfirmed(grant) => {
                self.papers.confirm(*grant);
            }
            Record::ClockFloor(_) | Record::StoppedCleanly => {}
        }
        Ok(())
    }

    fn replay_event(&mut self, counter: u64, detail: Detail) {
        if matches!(detail.body, Body::Booted(_)) {
            self.drop_spent(detail.at.lo);
        }
        let Some(id) = detail.visit else { return };
        match detail.body {
            Body::Rang { assignment, .. } => {
                self.callers.push(Caller::new(id, assignment, counter, Monotonic(0)));
            }
            Body::Arrived { grant, assignment, .. } => {
                let first = self.take_caller(id).unwrap_or(counter);
                self.replay_arrival(first, id, grant, assignment);
            }
            Body::Intent(intent) => {
                self.uses.burn(intent.grant_id, id, detail.at);
                let event = self.log.position.head;
                self.with(id, |visit| {
                    visit.passages = intent.passage;
                    visit.pulses = visit.pulses.saturating_add(1);
                    visit.interrupted = Some((event, intent.recordings));
                    visit.was_open = false;
                });
            }
            Body::DoorOpened => self.with(id, |visit| {
                // Counted once per passage, and an exit is none.
                if !core::mem::replace(&mut visit.was_open, true) {
                    visit.entries = visit.entries.saturating_add(1);
                }
                visit.pulses = 0;
            }),
            Body::Secured(_) => self.with(id, |visit| {
                visit.was_secured(visit.since);
                visit.interrupted = None;
                visit.was_open = true;
            }),
            Body::Farewell { parcels, .. } => {
                self.with(id, |visit| {
                    visit.farewell = true;
                    visit.parcels = parcels;
                });
                if let Some(caller) = self.callers.iter_mut().find(|caller| caller.id == id) {
                    caller.farewell = Some(parcels);
                }
            }
            Body::Answered { word, .. } => {
                self.take_answer(id, word, detail.at);
            }
            Body::SaidNoAtHub => self.take_local_no(id, detail.at),
            Body::VisitEnded(_) => {
                if let Some(index) = self.index_of(id) {
                    let visit = self.visits.remove(index);
                    self.remember_end(&visit);
                }
                if let Some(index) = self.caller_index(id) {
                    let caller = self.callers.remove(index);
                    self.remember_ring(&caller);
                }
            }
            Body::Booted(_)
            | Body::RosterKept { .. }
            | Body::GrantKept { .. }
            | Body::AssignmentKept(_)
            | Body::RevocationKept { .. }
            | Body::Refused(_)
            | Body::Opened
            | Body::DoorClosed
            | Body::Relocked
            | Body::Alarm(_)
            | Body::AlarmOver(_)
            | Body::LineCrossed
            | Body::BoltMoved(_)
            | Body::RefusalsCounted(_)
            | Body::Looked { .. } => {}
        }
    }

    /// Its id must not begin again while its grant lives.
    pub(crate) fn remember_end(&mut self, visit: &Visit) {
        if self.papers.grant(visit.grant_hash).is_some() {
            self.past.end(visit.id, visit.grant.id, visit.answer == Some(Word::Stop));
        }
    }

    fn replay_arrival(
        &mut self,
        counter: u64,
        id: VisitId,
        grant: protocol::Hash,
        assignment: Option<protocol::Hash>,
    ) {
        let Some(kept) = self.papers.grant(grant) else { return };
        let message = kept.claimed.unproven().clone();
        let assigned = assignment.and_then(|hash| self.papers.assignment(hash));
        let device: Credential =
            match crate::admit::device_of(&message, assigned.map(|kept| kept.claimed.unproven())) {
                Ok(device) => device.clone(),
                Err(_) => return,
            };
        let since = Monotonic(0);
        self.visits.push(Visit::new(id, grant, message, assignment, device, counter, since));
    }

    fn with(&mut self, id: VisitId, change: impl FnOnce(&mut Visit)) {
        if let Some(visit) = self.visits.iter_mut().find(|visit| visit.id == id) {
            change(visit);
        }
    }

    /// After a start: as soon as bolt and door are known, or after a few seconds without, act once.
    pub(crate) fn clear_start(&mut self, now: Now) {
        let Some(until) = self.unclear_until else { return };
        let sensors = self.sensors;
        let known = sensors.bolt != Bolt::Unknown && sensors.door != Door::Unknown;
        if !known && now.monotonic < until {
            return;
        }
        self.unclear_until = None;
        if sensors.is_secured() {
            return self.found_secured(now);
        }
        let visit = self.unsecured_visit();
        let shut_but_unlocked = sensors.door == Door::Closed && sensors.bolt.is_withdrawn();
        if !shut_but_unlocked {
            self.set_alarm(now, visit, Alarm::UnclearAtStart, true);
        }
        self.find_open(now, visit, FOUND_OPEN_S);
        self.go_on_with_passage(now);
        // One passage is under way; whatever else was meant to be one opened nothing.
        self.visits.iter_mut().filter(|other| Some(other.id) != visit).for_each(|other| {
            if matches!(other.stage, Stage::Open) {
                (other.stage, other.interrupted) = (Stage::Waiting, None);
            }
        });
    }

    /// The passage that the crash interrupted is the same one: its intent, its recording, its entry.
    fn go_on_with_passage(&mut self, now: Now) {
        let Some(under_way) = self.under_way.as_mut() else { return };
        let Some(visit) = self.visits.iter_mut().find(|visit| Some(visit.id) == under_way.visit) else {
            return;
        };
        let Some((intent, heads)) = visit.interrupted.take() else { return };
        under_way.intent = Some(intent);
        under_way.heads = heads;
        // The door had left its frame before: it is no second entry.
        under_way.door_opened = visit.was_open.then_some(now.monotonic);
        self.ask_for_passage_proof(now);
    }

    /// The recorder that starts with this hub knows of no visit, and a door may stand open: it films on at once, whether
    /// or not the visitor comes back.
    fn film_on(&mut self) {
        for visit in self.visits.iter().filter(|visit| !visit.grant.terms.cameras.is_empty()) {
            let (recording, grant) = (visit.recording(), visit.grant_hash);
            let order = RecorderOrder::Start { recording, visit: visit.id, grant };
            self.outputs.push_back(Output::Recorder(order));
        }
    }

    /// The door was left open by the crash, or not: it is shut now, so passages that never ended have.
    fn found_secured(&mut self, now: Now) {
        while let Some(id) = self.unsecured_visit() {
            let visit = self.visits.iter_mut().find(|visit| visit.id == id);
            let interrupted = visit.and_then(|visit| visit.interrupted.take());
            let heads = interrupted.map_or_else(Vec::new, |(_, heads)| heads);
            self.note(now, Some(id), Body::Secured(heads));
            self.with(id, |visit| {
                visit.secured = Some(now.monotonic);
                visit.stage = Stage::Waiting;
            });
        }
        self.sync();
    }

    /// A visit whose newest passage has an intent and no end.
    fn unsecured_visit(&self) -> Option<VisitId> {
        self.visits.iter().find(|visit| visit.interrupted.is_some()).map(|visit| visit.id)
    }
}
