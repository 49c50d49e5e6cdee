//! The doorkeeper itself: its state, what it is given, what it gives back.
//!
//! Read `handle` for what can come in; then `delivery` for the way of one delivery, `advance` for what time does,
//! `sense` for devices and people, `intake` for papers, `restore` for starting again.

use crate::Commissioning;
use crate::Now;
use crate::admit;
use crate::admit::Situation;
use crate::alarm::Alarm;
use crate::caller::Caller;
use crate::chance::Chance;
use crate::io::Home;
use crate::io::Input;
use crate::io::Output;
use crate::io::RecorderOrder;
use crate::io::Ticket;
use crate::limits::ANSWER_S_RANGE;
use crate::limits::CHALLENGE_RENEWAL_MS;
use crate::limits::PASSAGE_PROOF_LOST_MS;
use crate::limits::PASSAGE_PROOF_MS;
use crate::limits::PRESENCE_MS;
use crate::limits::PROOF_RENEWAL_MS;
use crate::limits::REFUSAL_SUMMARY_MS;
use crate::limits::WITNESS_MS;
use crate::log::Log;
use crate::look::Looks;
use crate::papers::Papers;
use crate::passage::Passage;
use crate::past::Past;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::sensors::Sensors;
use crate::uses::Uses;
use crate::visit::Stage;
use crate::visit::Visit;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use protocol::Verifier;
use protocol::bytes::DoorTag;
use protocol::bytes::Hash;
use protocol::bytes::VisitId;
use protocol::door_event::Body;
use protocol::door_event::RecordingHead;
use protocol::door_log::Position;
use protocol::time::Monotonic;

/// The passage that is under way.
pub(crate) struct UnderWay {
    pub(crate) passage: Passage,
    pub(crate) visit: Option<VisitId>,
    /// H(intent event), which the proofs answer.
    pub(crate) intent: Option<Hash>,
    pub(crate) proof_asked: Monotonic,
    pub(crate) proof_came: Monotonic,
    pub(crate) heads: Vec<RecordingHead>,
    pub(crate) since: Monotonic,
    pub(crate) door_opened: Option<Monotonic>,
}

pub(crate) enum After {
    Say(Output),
    Committed(VisitId),
    /// A look stands in the log.
    Looked {
        look: Hash,
        order: RecorderOrder,
    },
}

/// One door's decisions and visits.
pub struct Doorkeeper {
    pub(crate) log: Log,
    pub(crate) chance: Chance,
    pub(crate) verifier: Box<dyn Verifier + Send>,
    pub(crate) door_tag: DoorTag,
    pub(crate) commissioning: Commissioning,
    pub(crate) papers: Papers,
    pub(crate) uses: Uses,
    pub(crate) past: Past,
    pub(crate) sensors: Sensors,
    pub(crate) visits: Vec<Visit>,
    pub(crate) callers: Vec<Caller>,
    /// When somebody rang, in this start and the last ten minutes.
    pub(crate) rings: Vec<Monotonic>,
    pub(crate) answer_ms: u64,
    pub(crate) looks: Looks,
    pub(crate) under_way: Option<UnderWay>,
    /// Alarms outside any passage.
    pub(crate) alarms: Vec<Alarm>,
    /// Until when it must be clear after a start whether the door is shut.
    pub(crate) unclear_until: Option<Monotonic>,
    pub(crate) picture_is_frozen: bool,
    pub(crate) journal_is_healthy: bool,
    /// When alarms are told outside again, because the journal failed.
    pub(crate) distress_due: Option<Monotonic>,
    pub(crate) presence_until: Monotonic,
    /// Until then No at the hub is not logged again if no visit is open.
    pub(crate) idle_no_until: Monotonic,
    pub(crate) challenges_made: u64,
    pub(crate) refusals: u32,
    /// Of what a visitor said, proven or not.
    pub(crate) newest_refusal: Option<Refusal>,
    pub(crate) refusals_logged: u8,
    pub(crate) refusals_due: Option<Monotonic>,
    pub(crate) ticket: u64,
    pub(crate) after: VecDeque<(Ticket, After)>,
    pub(crate) outputs: VecDeque<Output>,
}

impl Doorkeeper {
    pub(crate) fn blank(home: Home, now: Now) -> Self {
        let papers = Papers::new(home.roster.message().clone(), home.roster.hash());
        Self {
            log: Log {
                door: papers.roster.door,
                boot: home.boot,
                position: protocol::door_log::Position::START,
                key: home.door_key,
            },
            chance: Chance::new(home.seed),
            verifier: home.verifier,
            door_tag: home.door_tag,
            commissioning: home.commissioning,
            papers,
            uses: Uses::default(),
            past: Past::default(),
            sensors: Sensors::default(),
            visits: Vec::new(),
            callers: Vec::new(),
            rings: Vec::new(),
            answer_ms: u64::from(home.answer_s.clamp(*ANSWER_S_RANGE.start(), *ANSWER_S_RANGE.end()))
                .saturating_mul(1_000),
            looks: Looks::default(),
            under_way: None,
            alarms: Vec::new(),
            unclear_until: Some(now.monotonic.plus_ms(crate::limits::UNCERTAIN_MS)),
            picture_is_frozen: false,
            journal_is_healthy: true,
            distress_due: None,
            presence_until: Monotonic(0),
            idle_no_until: Monotonic(0),
            challenges_made: 0,
            refusals: 0,
            newest_refusal: None,
            refusals_logged: 0,
            refusals_due: None,
            ticket: 0,
            after: VecDeque::new(),
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn timeout(&self) -> Monotonic {
        let passage = self.under_way.as_ref().map(|u| {
            let is_out = |alarm| self.alarms.contains(&alarm);
            let picture = u
                .door_opened
                .filter(|_| self.picture_is_frozen && !is_out(Alarm::PictureFrozen))
                .map(|at| at.plus_ms(2_000));
            let films = u.intent.is_some() && !u.heads.is_empty() && !is_out(Alarm::RecordingLost);
            let lost = films.then(|| u.proof_came.plus_ms(PASSAGE_PROOF_LOST_MS));
            [Some(u.passage.timeout()), Some(u.proof_asked.plus_ms(PASSAGE_PROOF_MS)), picture, lost]
                .into_iter()
                .flatten()
                .fold(Monotonic(u64::MAX), Ord::min)
        });
        let visits = self.visits.iter().map(Self::visit_timeout);
        passage
            .into_iter()
            .chain(visits)
            .chain(self.callers.iter().map(Caller::timeout))
            .chain(self.looks_timeout())
            .chain(self.unclear_until)
            .chain(self.refusals_due)
            .chain(self.distress_due)
            .fold(Monotonic(u64::MAX), Ord::min)
    }

    fn visit_timeout(visit: &Visit) -> Monotonic {
        let proof = visit.proof_asked.plus_ms(PROOF_RENEWAL_MS);
        match &visit.stage {
            Stage::Waiting if visit.may_present() => {
                let renewal =
                    visit.challenges.last().map_or(visit.since, |(_, at)| at.plus_ms(CHALLENGE_RENEWAL_MS));
                renewal.min(visit.ends_at()).min(proof)
            }
            Stage::Waiting => visit.ends_at(),
            Stage::Holding { .. } => proof,
            Stage::Committing { .. } | Stage::Open => Monotonic(u64::MAX),
            Stage::Witnessing { since, .. } => since.plus_ms(WITNESS_MS),
        }
    }

    /// Takes one input in, then lets time pass up to `now`.
    pub fn handle(&mut self, now: Now, input: Input) {
        let now = now.settled();
        match input {
            Input::Tick => {}
            Input::Synced(ticket) => self.synced(now, ticket),
            Input::JournalFailed => self.journal_failed(now),
            Input::Sensor(report) => self.sense(now, report),
            Input::Paper { id, paper } => self.keep(now, id, &paper),
            Input::FromVisitor { visit, word } => self.visitor_says(now, visit, word),
            Input::Answer(bytes) => self.answer(now, &bytes),
            Input::Recorder(news) => self.recorder(now, news),
            Input::Presence => self.presence_until = now.monotonic.plus_ms(PRESENCE_MS),
            Input::PresenceConfirms(grant) => self.presence_confirms(grant),
            Input::LocalNo => self.said_no_at_hub(now),
            Input::LineCrossed => self.line_crossed(now),
            Input::HeadWanted(nonce) => self.head_wanted(now, nonce),
            Input::Look(bytes) => self.look(now, &bytes),
            Input::Stopping => {
                self.append(Record::StoppedCleanly);
                self.sync();
            }
        }
        self.advance(now);
    }

    /// The papers that are kept.
    pub const fn papers(&self) -> &Papers {
        &self.papers
    }

    /// The newest reports.
    pub const fn sensors(&self) -> &Sensors {
        &self.sensors
    }

    /// Why a visitor's word was refused, the newest: also where nobody is proven, so that nothing is logged and the
    /// visitor hears only [`Refusal::word`]. For whoever owns the home, or plays one.
    pub const fn newest_refusal(&self) -> Option<Refusal> {
        self.newest_refusal
    }

    /// Where the door log stands.
    pub const fn position(&self) -> Position {
        self.log.position
    }

    /// Visits that are open, also of those who rang and wait: for the hub's own screen.
    pub fn open_visits(&self) -> impl Iterator<Item = VisitId> + '_ {
        self.visits.iter().map(|visit| visit.id).chain(self.callers.iter().map(|caller| caller.id))
    }

    /// Findings of the preflight for a grant.
    pub fn preflight(&self, now: Now, grant: Hash) -> Vec<Refusal> {
        admit::preflight(&self.situation(now.settled()), grant, self.verifier.as_ref())
    }

    // ---- Small parts -------------------------------------------------------------------------------------------

    pub(crate) fn situation(&self, now: Now) -> Situation<'_> {
        Situation {
            now,
            journal_is_healthy: self.journal_is_healthy,
            commissioning: self.commissioning,
            door_is_busy: self.under_way.is_some() || self.unclear_until.is_some(),
            sensors: self.sensors,
            papers: &self.papers,
            uses: &self.uses,
            past: &self.past,
        }
    }

    /// A refusal whose visitor is proven: logged with its reason.
    pub(crate) fn refuse(&mut self, now: Now, visit: VisitId, refusal: Refusal) {
        const LOGGED_MAX: u8 = 20;
        if self.refusals_logged >= LOGGED_MAX {
            return self.refuse_unproven(now, visit, refusal);
        }
        self.newest_refusal = Some(refusal);
        self.refusals_logged = self.refusals_logged.saturating_add(1);
        self.refusals_due.get_or_insert(now.monotonic.plus_ms(REFUSAL_SUMMARY_MS));
        self.note(now, Some(visit), Body::Refused(String::from(refusal.code())));
        self.sync();
        self.outputs.push_back(Output::ToVisitor { visit, word: refusal.word() });
        if let Some(index) = self.index_of(visit) {
            self.offer_another_try(now, index);
        }
    }

    /// A refusal of something that nobody vouches for: counted, not logged.
    pub(crate) fn refuse_unproven(&mut self, now: Now, visit: VisitId, refusal: Refusal) {
        self.newest_refusal = Some(refusal);
        self.refusals = self.refusals.saturating_add(1);
        self.refusals_due.get_or_insert(now.monotonic.plus_ms(REFUSAL_SUMMARY_MS));
        self.outputs.push_back(Output::ToVisitor { visit, word: refusal.word() });
    }

    pub(crate) fn offer_another_try(&mut self, now: Now, index: usize) {
        if self.visits.get(index).is_some_and(Visit::may_present) {
            self.challenge(now, index);
        }
    }

    pub(crate) fn set_alarm(&mut self, now: Now, visit: Option<VisitId>, alarm: Alarm, on: bool) {
        if self.alarms.contains(&alarm) == on {
            return;
        }
        if on {
            self.alarms.push(alarm);
        } else {
            self.alarms.retain(|other| *other != alarm);
        }
        self.alarm(now, visit, alarm, on);
    }

    pub(crate) fn alarm(&mut self, now: Now, visit: Option<VisitId>, alarm: Alarm, on: bool) {
        let code = String::from(alarm.code());
        self.note(now, visit, if on { Body::Alarm(code) } else { Body::AlarmOver(code) });
        self.sync();
        self.outputs.push_back(Output::Alarm { alarm, on });
        if on && !self.journal_is_healthy {
            self.outputs.push_back(Output::Distress(alarm));
        }
    }

    pub(crate) fn synced(&mut self, now: Now, ticket: Ticket) {
        while self.after.front().is_some_and(|(waiting, _)| *waiting <= ticket) {
            match self.after.pop_front() {
                Some((_, After::Say(output))) => self.outputs.push_back(output),
                Some((_, After::Committed(visit))) => self.committed(now, visit),
                Some((_, After::Looked { look, order })) => self.looked(look, order),
                None => {}
            }
        }
    }

    pub(crate) fn note(&mut self, now: Now, visit: Option<VisitId>, body: Body) -> Option<Hash> {
        if !self.journal_is_healthy {
            return None;
        }
        let (record, hash) = self.log.write(now, &mut self.chance, visit, body)?;
        self.append(record);
        Some(hash)
    }

    pub(crate) fn append(&mut self, record: Record) {
        if self.journal_is_healthy {
            self.outputs.push_back(Output::Append(record));
        }
    }

    pub(crate) fn sync(&mut self) -> Ticket {
        self.ticket = self.ticket.saturating_add(1);
        if !self.journal_is_healthy {
            return Ticket(self.ticket);
        }
        // Two syncs with nothing appended between them are one.
        if let Some(Output::Sync(last)) = self.outputs.back_mut() {
            *last = Ticket(self.ticket);
        } else {
            self.outputs.push_back(Output::Sync(Ticket(self.ticket)));
        }
        Ticket(self.ticket)
    }

    pub(crate) fn index_of(&self, visit: VisitId) -> Option<usize> {
        self.visits.iter().position(|v| v.id == visit)
    }
}
