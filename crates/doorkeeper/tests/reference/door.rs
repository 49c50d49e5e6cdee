//! The reference door: what a door must do, after `spec/protocol.md` ("The home's decision", sections 9 to 11) and
//! from what the architecture says of people and the bolt. No signature, no byte, no disk: facts in, behaviour out, and
//! every 100 ms a tick. Meant to be read beside the specification in one sitting: here what comes in and the life of a visit,
//! in `decision.rs` who is let in, in `passage.rs` one opening of the door.

use super::cast::{GRANTS, GrantFacts, Key};
use super::decision::{device, first};
use super::passage::Passage;
use super::words::{Arrival, Code, In, List, Out, Presentation, word};
use doorkeeper::alarm::Alarm;
use doorkeeper::sensors::{Bolt, Door};
use protocol::answer::Word;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Waiting,
    Deciding { challenged: u64, since: u64, told: bool },
    Committing,
    Witnessing { since: u64 },
    Open,
}

#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) id: u8,
    pub(crate) grant: usize,
    pub(crate) assignment: Option<usize>,
    pub(crate) began: u64,
    /// The newest two that are not used up: number, and when it was made.
    pub(crate) challenges: Vec<(usize, u64)>,
    pub(crate) challenges_made: usize,
    pub(crate) tries: u8,
    pub(crate) forgeries: u8,
    pub(crate) entries: u32,
    pub(crate) pulses: u8,
    pub(crate) answer: Option<Word>,
    pub(crate) local_no: bool,
    pub(crate) farewell: bool,
    pub(crate) secured: Option<u64>,
    pub(crate) stage: Stage,
}

impl Visit {
    pub(crate) fn terms(&self) -> &'static GrantFacts {
        &GRANTS[self.grant]
    }

    fn may_present(&self) -> bool {
        let no = self.local_no || self.answer == Some(Word::Stop) || self.farewell;
        let left = self.entries < self.terms().entries && self.tries < 5 && self.pulses < 3;
        self.stage == Stage::Waiting && left && !no
    }
}

pub(crate) enum AfterSync {
    Kept,
    Committed(u8),
}

/// The door.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not a state")]
pub(crate) struct Reference {
    pub(crate) ms: u64,
    /// Where the calendar may be, seconds.
    pub(crate) clock: (u64, u64),
    pub(crate) bolt: Bolt,
    pub(crate) door: Door,
    pub(crate) bolt_reported: u64,
    pub(crate) bolt_reports: u64,
    pub(crate) battery: u8,
    pub(crate) smoke: bool,
    pub(crate) occupied: Option<bool>,
    pub(crate) journal_failed: bool,
    pub(crate) member_left: bool,
    pub(crate) confirmed: bool,
    /// When the new grant came: milliseconds, and the calendar's later end.
    pub(crate) new_grant: (u64, u64),
    pub(crate) list: Option<List>,
    /// The date of the newest list of somebody who may let people in.
    pub(crate) renewed: Option<u64>,
    pub(crate) visits: Vec<Visit>,
    /// Grant, visit, and when.
    pub(crate) uses: Vec<(usize, u8, (u64, u64))>,
    /// Grant, whether at the hub, and when.
    pub(crate) noes: Vec<(usize, bool, (u64, u64))>,
    /// Visit, grant, and whether a resident stopped it.
    pub(crate) ended: Vec<(u8, usize, bool)>,
    pub(crate) passage: Option<Passage>,
    pub(crate) frozen: bool,
    /// The newest proof of the recorder for whatever was asked.
    pub(crate) proven: u64,
    pub(crate) alarms: Vec<Alarm>,
    pub(crate) idle_no_until: u64,
    pub(crate) after_sync: Vec<AfterSync>,
    pub(crate) refusals: (u32, u8, Option<u64>),
    pub(crate) newest_refusal: Option<Code>,
    pub(crate) out: Vec<Out>,
}

impl Reference {
    /// At rest: closed, locked, papers held for long, but for the newest grant.
    pub(crate) fn at_rest(ms: u64, clock: (u64, u64)) -> Self {
        Self {
            ms,
            clock,
            bolt: Bolt::Locked,
            door: Door::Closed,
            bolt_reported: ms,
            bolt_reports: 1,
            battery: 100,
            smoke: false,
            occupied: None,
            journal_failed: false,
            member_left: false,
            confirmed: false,
            new_grant: (ms, clock.1),
            list: None,
            renewed: None,
            visits: vec![],
            uses: vec![],
            noes: vec![],
            ended: vec![],
            passage: None,
            frozen: false,
            proven: 0,
            alarms: vec![],
            idle_no_until: 0,
            after_sync: vec![],
            refusals: (0, 0, None),
            newest_refusal: None,
            out: vec![],
        }
    }

    /// One input, then whatever time brings.
    pub(crate) fn take(&mut self, ms: u64, clock: (u64, u64), input: &In) -> Vec<Out> {
        self.ms = ms;
        // A clock that contradicts itself bounds nothing.
        self.clock = if clock.0 > clock.1 { (clock.0, u64::MAX) } else { clock };
        match input {
            In::Tick => {}
            In::Synced => self.synced(),
            In::JournalFails => self.journal_fails(),
            In::Battery(percent) => self.battery = *percent,
            In::Occupied(whether) => self.occupied = *whether,
            In::Smoke(smoke) => {
                self.smoke = *smoke;
                self.alarm(None, Alarm::Smoke, *smoke);
            }
            In::Bolt(bolt) => {
                let before = std::mem::replace(&mut self.bolt, *bolt);
                self.bolt_reported = ms;
                self.bolt_reports += 1;
                self.sensed(before);
            }
            In::Door(door) => {
                self.door = *door;
                self.sensed(self.bolt);
            }
            In::List(list) => self.hold(list),
            In::MemberLeaves => self.member_leaves(),
            In::NewGrantIsConfirmed => self.confirmed |= !self.journal_failed,
            In::Arrival(arrival) => self.arrives(*arrival),
            In::Presentation(presentation) => self.presents(*presentation),
            In::Farewell { visit, device } => self.leaves(*visit, *device),
            In::Answer { visit, word, by } => self.answers(*visit, *word, *by),
            In::LocalNo => self.no_at_the_hub(),
            In::LineCrossed => self.line_crossed(),
            In::Proven => {
                self.proven = ms;
                if let Some(passage) = &mut self.passage {
                    passage.proven = ms;
                }
            }
            In::Witnessed => self.witnessed(),
            In::Frozen(frozen) => self.frozen = *frozen,
        }
        self.time_passes();
        std::mem::take(&mut self.out)
    }

    // ---- A visit ------------------------------------------------------------------------------------------------

    fn arrives(&mut self, arrival: Arrival) {
        let Arrival { visit: id, grant, assignment, .. } = arrival;
        if let Some(at) = self.at(id) {
            let visit = &self.visits[at];
            if (visit.grant, visit.assignment, device(visit)) != (grant, assignment, Some(arrival.device)) {
                return self.refuse_unproven(id, "arrival_signature");
            }
            return self.welcome(at);
        }
        let visit = Visit {
            id,
            grant,
            assignment,
            began: self.ms,
            challenges: vec![],
            challenges_made: 0,
            tries: 0,
            forgeries: 0,
            entries: 0,
            pulses: 0,
            answer: None,
            local_no: false,
            farewell: false,
            secured: None,
            stage: Stage::Waiting,
        };
        if grant >= GRANTS.len() {
            return self.refuse_unproven(id, "grant_unknown");
        }
        match device(&visit) {
            None => return self.refuse_unproven(id, "assignment_missing"),
            Some(device) if device != arrival.device => return self.refuse_unproven(id, "arrival_signature"),
            Some(_) => {}
        }
        let is_over = self.ended.iter().any(|ended| ended.0 == id)
            || self.uses.iter().any(|used| (used.0, used.1) == (grant, id));
        let refused = first([(!arrival.right_tag, "wrong_tag")])
            .and_then(|()| self.papers(&visit))
            .and_then(|()| first([(is_over, "visit_over")]))
            .and_then(|()| self.noes(&visit))
            .and_then(|()| first([(self.visits.len() >= 4, "too_many_visits")]));
        if let Err(code) = refused {
            return self.refuse(id, code);
        }
        self.visits.push(visit);
        self.log(Some(id), "arrived");
        self.out.push(Out::Chime);
        self.welcome(self.visits.len() - 1);
    }

    fn welcome(&mut self, at: usize) {
        if self.visits[at].terms().films {
            self.out.push(Out::Film(self.visits[at].id));
        }
        self.offer(at);
    }

    fn offer(&mut self, at: usize) {
        let visit = &mut self.visits[at];
        if visit.may_present() {
            visit.challenges.push((visit.challenges_made, self.ms));
            visit.challenges_made += 1;
            if visit.challenges.len() > 2 {
                visit.challenges.remove(0);
            }
            self.out.push(Out::Say(visit.id, "challenge"));
        }
    }

    fn presents(&mut self, it: Presentation) {
        let Some(at) = self.at(it.visit) else { return self.refuse_unproven(it.visit, "challenge_unknown") };
        let visit = &self.visits[at];
        if visit.stage != Stage::Waiting || visit.forgeries >= 50 {
            return self.refuse_unproven(it.visit, "door_busy");
        }
        let is_signed = !it.mangled && device(visit) == Some(it.device);
        let decided = self.authenticates(visit, &it);
        let ms = self.ms;
        let visit = &mut self.visits[at];
        if is_signed {
            visit.tries += 1;
        } else {
            visit.forgeries += 1;
        }
        match decided {
            Ok(challenged) => {
                visit.challenges.retain(|(number, _)| Some(*number) != it.challenge);
                visit.stage = Stage::Deciding { challenged, since: ms, told: false };
            }
            Err(code) if is_signed => self.refuse(it.visit, code),
            Err(code) => self.refuse_unproven(it.visit, code),
        }
    }

    fn decides(&mut self, at: usize) {
        let visit = &self.visits[at];
        let Stage::Deciding { challenged, since, told } = visit.stage else { return };
        let (id, waited) = (visit.id, self.ms - since);
        match self.admits(visit, challenged) {
            Err("recording_missing" | "recording_stale") if waited < 1_500 => {}
            Err("occupied") if waited < 45_000 => {
                if !told {
                    self.out.push(Out::Say(id, "wait"));
                }
                self.visits[at].stage = Stage::Deciding { challenged, since, told: true };
            }
            Err(code) => {
                self.visits[at].stage = Stage::Waiting;
                self.refuse(id, code);
            }
            Ok(()) => {
                self.visits[at].stage = Stage::Committing;
                let (grant, clock) = (self.visits[at].grant, self.clock);
                if !self.uses.iter().any(|used| (used.0, used.1) == (grant, id)) {
                    self.uses.push((grant, id, clock));
                }
                self.log(Some(id), "intent");
                self.after_sync.push(AfterSync::Committed(id));
            }
        }
    }

    fn synced(&mut self) {
        for after in std::mem::take(&mut self.after_sync) {
            match after {
                AfterSync::Kept => self.out.push(Out::Kept(None)),
                AfterSync::Committed(id) => {
                    let Some(at) = self.at(id) else { continue };
                    if self.visits[at].stage != Stage::Committing {
                        continue;
                    }
                    self.visits[at].stage = Stage::Witnessing { since: self.ms };
                    if self.visits[at].terms().films {
                        self.out.push(Out::AskWitness);
                    } else {
                        self.pulses(at);
                    }
                }
            }
        }
    }

    fn witnessed(&mut self) {
        let waiting = |visit: &Visit| matches!(visit.stage, Stage::Witnessing { .. });
        if let Some(at) = self.visits.iter().position(waiting) {
            self.pulses(at);
        }
    }

    /// Step 15.
    fn pulses(&mut self, at: usize) {
        let visit = &self.visits[at];
        let id = visit.id;
        if let Err(code) = self.home().and_then(|()| self.papers(visit)).and_then(|()| self.noes(visit)) {
            self.visits[at].stage = Stage::Waiting;
            return self.refuse(id, code);
        }
        let (open_s, films) = (visit.terms().open_s, visit.terms().films);
        self.visits[at].stage = Stage::Open;
        self.visits[at].pulses += 1;
        self.out.push(Out::Unlock);
        self.passage = Some(Passage::asked(self.ms, id, open_s, films));
    }

    /// The door left its frame for the first time in a passage that this visit asked for.
    pub(crate) fn entered(&mut self, id: u8) {
        if let Some(at) = self.at(id) {
            self.visits[at].entries += 1;
            self.visits[at].tries = 0;
        }
    }

    /// A passage is over: bolt and door agree.
    pub(crate) fn secured(&mut self, passage: &Passage) {
        self.log(passage.visit, "secured");
        for over in [Alarm::LockedButOpen, Alarm::UnlockedUnasked, Alarm::RecordingLost, Alarm::PictureFrozen]
        {
            self.alarm(passage.visit, over, false);
        }
        let Some(at) = passage.visit.and_then(|id| self.at(id)) else { return };
        let visit = &mut self.visits[at];
        let id = visit.id;
        // An exit changes nothing for whoever waits at the door.
        let is_own = visit.entries > 0 || visit.pulses > 0;
        if is_own {
            visit.secured = Some(self.ms);
        }
        if visit.stage == Stage::Open {
            visit.stage = Stage::Waiting;
        }
        if visit.entries > 0 {
            visit.pulses = 0;
        }
        if passage.was_unlocked {
            self.out.push(Out::Say(id, "secured"));
            self.offer(at);
        } else {
            self.refuse(id, "lock_stuck");
        }
    }

    fn leaves(&mut self, id: u8, by: Key) {
        let Some(at) = self.at(id) else { return };
        if device(&self.visits[at]) == Some(by) && !self.visits[at].farewell {
            self.visits[at].farewell = true;
            self.log(Some(id), "farewell");
        }
    }

    pub(crate) fn ends(&mut self, at: usize, outcome: &str) {
        let visit = self.visits.remove(at);
        self.ended.push((visit.id, visit.grant, visit.answer == Some(Word::Stop)));
        if !visit.terms().inside {
            self.alarm(Some(visit.id), Alarm::LineCrossed, false);
        }
        self.log(Some(visit.id), &format!("ended {outcome}"));
        self.out.push(Out::FilmOver(visit.id));
        self.out.push(Out::Say(visit.id, "ended"));
    }

    fn visit_passes_time(&mut self, at: usize) {
        let visit = &self.visits[at];
        let ends = match visit.secured {
            _ if visit.farewell => 0,
            Some(at) if visit.entries >= visit.terms().entries => at + 60_000,
            Some(at) => at + 12 * 3_600_000,
            None => visit.began + 600_000,
        };
        match visit.stage {
            Stage::Waiting if self.ms >= ends => {
                let outcome = if visit.secured.is_some() { "secured" } else { "not opened" };
                self.ends(at, outcome);
            }
            Stage::Waiting if visit.challenges.last().is_none_or(|(_, made)| self.ms - made >= 20_000) => {
                self.offer(at);
            }
            Stage::Deciding { .. } => self.decides(at),
            Stage::Witnessing { since } if self.ms - since >= 1_000 => {
                let id = visit.id;
                self.visits[at].stage = Stage::Waiting;
                self.refuse(id, "witness_missing");
            }
            Stage::Waiting | Stage::Committing | Stage::Witnessing { .. } | Stage::Open => {}
        }
    }

    // ---- People, papers, devices -----------------------------------------------------------------------------------

    fn answers(&mut self, id: u8, word: Word, by: Key) {
        let may = match by.0 {
            'o' => true,
            'm' => !self.member_left,
            'c' => word != Word::Allow,
            _ => false,
        };
        let open = self.at(id);
        let grant = match (open, word) {
            _ if !may => return,
            (Some(at), _) if self.visits[at].answer == Some(Word::Stop) => return,
            (Some(at), Word::Allow | Word::Coming) => {
                self.visits[at].answer = Some(word);
                return self.log(Some(id), "answered");
            }
            (Some(at), Word::Stop) => self.visits[at].grant,
            (None, Word::Allow | Word::Coming) => return,
            (None, Word::Stop) => {
                let Some(ended) = self.ended.iter_mut().find(|(visit, _, stopped)| *visit == id && !stopped)
                else {
                    return;
                };
                ended.2 = true;
                ended.1
            }
        };
        self.noes.push((grant, false, self.clock));
        self.visits.iter_mut().filter(|v| v.grant == grant).for_each(|v| v.answer = Some(Word::Stop));
        self.log(Some(id), "answered");
    }

    fn no_at_the_hub(&mut self) {
        if self.visits.is_empty() && self.ms >= self.idle_no_until {
            self.idle_no_until = self.ms + 60_000;
            self.log(None, "no");
        }
        for at in 0..self.visits.len() {
            if !std::mem::replace(&mut self.visits[at].local_no, true) {
                let (grant, id) = (self.visits[at].grant, self.visits[at].id);
                self.noes.push((grant, true, self.clock));
                self.log(Some(id), "no");
            }
        }
    }

    fn line_crossed(&mut self) {
        let Some(id) = self.passage.as_ref().and_then(|passage| passage.visit) else { return };
        let goods_only = self.at(id).is_some_and(|at| !self.visits[at].terms().inside);
        if goods_only && !self.alarms.contains(&Alarm::LineCrossed) {
            self.log(Some(id), "line crossed");
            self.alarm(Some(id), Alarm::LineCrossed, true);
        }
    }

    fn hold(&mut self, list: &List) {
        let before = self.list.as_ref();
        let covers = before.is_none_or(|old| {
            let still = |old: bool, same: bool| !old || same;
            still(old.blocked, list.blocked)
                && still(old.grant.is_some(), old.grant == list.grant)
                && still(old.provider.is_some(), old.provider == list.provider)
                && still(old.device.is_some(), old.device == list.device)
        });
        // Whoever signed it: a list that is held changes nothing.
        let is_held = before.is_some_and(|old| List { by: list.by, ..old.clone() } == *list);
        let unknown = list.by == Key('x') || (list.by == Key('m') && self.member_left);
        let refused = first([
            (self.journal_failed, "journal_unhealthy"),
            (unknown, "signer_unknown"),
            (!is_held && before.is_some_and(|old| list.sequence <= old.sequence), "revocation_refused"),
            (!is_held && list.by != Key('o') && !covers, "revocation_refused"),
        ]);
        if refused.is_err() || is_held {
            return self.out.push(Out::Kept(refused.err()));
        }
        if list.by != Key('c') {
            self.renewed = Some(list.issued);
        }
        self.list = Some(list.clone());
        self.log(None, "revocation kept");
        self.after_sync.push(AfterSync::Kept);
    }

    fn member_leaves(&mut self) {
        if self.journal_failed {
            return self.out.push(Out::Kept(Some("journal_unhealthy")));
        }
        if std::mem::replace(&mut self.member_left, true) {
            return self.out.push(Out::Kept(None));
        }
        self.log(None, "roster kept");
        self.after_sync.push(AfterSync::Kept);
    }

    fn journal_fails(&mut self) {
        if std::mem::replace(&mut self.journal_failed, true) {
            return;
        }
        self.out.push(Out::Alarm(Alarm::JournalFailed, true));
        for after in std::mem::take(&mut self.after_sync) {
            match after {
                AfterSync::Kept => self.out.push(Out::Kept(Some("journal_unhealthy"))),
                AfterSync::Committed(id) => {
                    if let Some(at) = self.at(id) {
                        self.visits[at].stage = Stage::Waiting;
                    }
                    self.refuse(id, "journal_unhealthy");
                }
            }
        }
    }

    /// What bolt and contact mean while no passage is under way.
    fn sensed(&mut self, bolt_before: Bolt) {
        if (self.bolt, self.door) == (Bolt::Locked, Door::Closed) {
            let visit = self.passage.as_ref().and_then(|passage| passage.visit);
            self.alarm(visit, Alarm::BoltJammed, false);
        }
        if self.passage.is_some() {
            return;
        }
        // A lock that began to unlock may never say another word.
        let leaves = |bolt: Bolt| bolt.is_withdrawn() || bolt == Bolt::Unlocking;
        let is_out = self.alarms.contains(&Alarm::UnlockedUnasked);
        if leaves(self.bolt) && !leaves(bolt_before) && !is_out {
            self.moved_unasked();
        } else if self.bolt == Bolt::Jammed && bolt_before != Bolt::Jammed {
            // In a visit it is tried; otherwise somebody is told.
            match self.visits.first().map(|visit| (visit.id, visit.terms().open_s)) {
                Some((id, open_s)) => self.passage = Some(Passage::found(self.ms, id, open_s, self.door)),
                None => self.alarm(None, Alarm::BoltJammed, true),
            }
        } else if self.bolt == Bolt::Locked && is_out {
            self.log(None, "bolt moved");
            self.alarm(None, Alarm::UnlockedUnasked, false);
        }
        match (self.bolt, self.door) {
            (Bolt::Locked, Door::Open) => self.alarm(None, Alarm::LockedButOpen, true),
            (Bolt::Locked, Door::Closed) => self.alarm(None, Alarm::LockedButOpen, false),
            _ => {}
        }
    }

    /// By hand, by key, by another client: an exit if somebody works inside, otherwise an alarm; and relocked while a
    /// visitor is there.
    fn moved_unasked(&mut self) {
        self.log(None, "bolt moved");
        let inside = self.visits.iter().find(|visit| visit.entries > 0 && visit.terms().inside);
        let whose = inside.or(self.visits.first()).map(|visit| (visit.id, visit.terms().open_s));
        if inside.is_none() {
            self.alarm(None, Alarm::UnlockedUnasked, true);
        }
        if let Some((id, open_s)) = whose {
            self.passage = Some(Passage::found(self.ms, id, open_s, self.door));
        }
    }

    // ---- Small parts --------------------------------------------------------------------------------------------------

    fn time_passes(&mut self) {
        self.step_passage();
        for at in (0..self.visits.len()).rev() {
            self.visit_passes_time(at);
        }
        if self.refusals.2.is_some_and(|due| self.ms >= due) {
            let (count, _, _) = std::mem::take(&mut self.refusals);
            if count > 0 {
                self.log(None, &format!("refusals {count}"));
            }
        }
    }

    pub(crate) fn at(&self, id: u8) -> Option<usize> {
        self.visits.iter().position(|visit| visit.id == id)
    }

    /// Of a proven device: logged, up to twenty in ten minutes; then another challenge if another try may help.
    fn refuse(&mut self, id: u8, code: Code) {
        if self.refusals.1 >= 20 {
            return self.refuse_unproven(id, code);
        }
        self.newest_refusal = Some(code);
        self.refusals.1 += 1;
        self.refusals.2.get_or_insert(self.ms + 600_000);
        self.log(Some(id), &format!("refused {code}"));
        self.out.push(Out::Say(id, word(code)));
        if let Some(at) = self.at(id) {
            self.offer(at);
        }
    }

    /// Of anybody else: counted.
    fn refuse_unproven(&mut self, id: u8, code: Code) {
        self.newest_refusal = Some(code);
        self.refusals.0 += 1;
        self.refusals.2.get_or_insert(self.ms + 600_000);
        self.out.push(Out::Say(id, word(code)));
    }

    pub(crate) fn alarm(&mut self, visit: Option<u8>, alarm: Alarm, on: bool) {
        if self.alarms.contains(&alarm) == on {
            return;
        }
        self.alarms.retain(|other| *other != alarm);
        if on {
            self.alarms.push(alarm);
        }
        self.cry(visit, alarm, on);
    }

    pub(crate) fn cry(&mut self, visit: Option<u8>, alarm: Alarm, on: bool) {
        let over = if on { "" } else { " over" };
        self.log(visit, &format!("alarm {}{over}", alarm.code()));
        self.out.push(Out::Alarm(alarm, on));
    }

    /// A journal that failed takes nothing more.
    pub(crate) fn log(&mut self, visit: Option<u8>, what: &str) {
        if !self.journal_failed {
            self.out.push(Out::Log(visit, what.into()));
        }
    }
}

impl Visit {
    pub(crate) fn terms_of_known(&self) -> Option<&'static GrantFacts> {
        GRANTS.get(self.grant)
    }
}
