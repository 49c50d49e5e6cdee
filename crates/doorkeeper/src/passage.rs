//! A passage: one opening of one door, from the pulse to *secured*. "People and the bolt" lives here.
//!
//! Level-triggered: [`Passage::step`] looks at the sensors and the clock and says what to do next. It may be
//! called at any time, as often as one likes, and after a restart it finds its way from the sensors alone.
//!
//! What it never does: send LOCK to a door that is not closed and has not been closed for a second; move the
//! bolt because of a person, a network or a camera, or either way while there is smoke; call a door secured on one sensor's word.

use crate::alarm::Alarm;
use crate::limits::{
    CLOSED_STEADY_MS, LOCK_REPORT_MS, LOCK_RETRY_MS, LOCK_TRIES, OPEN_REPORT_MS, OPEN_SOUND_MS, PUSH_MS,
    RELEASE_MS, UNCERTAIN_MS,
};
use crate::sensors::{Bolt, Door, Sensors};
use alloc::vec::Vec;
use protocol::time::Monotonic;
use protocol::uplink::ToVisitor;

/// What a passage wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Withdraw the bolt.
    Unlock,
    /// Throw the bolt.
    Lock,
    /// Note in the door log.
    Note(Note),
    /// Tell someone outside.
    Alarm(Alarm),
    /// It is over.
    AlarmOver(Alarm),
    /// Tell the visitor.
    Tell(ToVisitor),
    /// Sound in the flat, on or off.
    Sound(bool),
}

/// What a passage notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The device reported the bolt withdrawn.
    Opened,
    /// The door left its frame.
    DoorOpened,
    /// The door is in its frame.
    DoorClosed,
    /// The device reported the bolt thrown.
    Relocked,
}

/// How a passage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Bolt and door agree.
    Secured {
        /// Whether the door had been open at all.
        was_open: bool,
        /// Whether the device ever reported the bolt withdrawn.
        was_unlocked: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Unlock was sent.
    Pulsing { sent: Monotonic },
    /// The bolt is withdrawn, the door has not moved.
    Unlocked { since: Monotonic },
    /// The door is open.
    DoorOpen { since: Monotonic },
    /// The door is closed, the bolt waits for it to stay so.
    Closing { since: Monotonic },
    /// LOCK was sent.
    Locking { sent: Monotonic, tries: u8 },
    /// The bolt stuck on its way out; it is withdrawn once before the next try.
    Retracting { sent: Monotonic, tries: u8 },
    /// The alarm is out; the bolt is tried again now and then.
    Unsecured { since: Monotonic, tried: Monotonic },
}

/// One opening of one door. The flags say what was done already; each is set once.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent once-only marks, not a state")]
pub struct Passage {
    state: State,
    door_open_ms: u64,
    /// When the door first left its frame in this passage.
    open_since: Option<Monotonic>,
    was_unlocked: bool,
    retracted_while_open: bool,
    sound: bool,
    told_close: bool,
    told_may_go: bool,
    uncertain_since: Option<Monotonic>,
    /// Since when the door has been closed without a break, as far as this passage saw it.
    closed_since: Option<Monotonic>,
    /// LOCK is due as soon as the door has been closed for a second.
    lock_is_waiting: bool,
    /// Smoke: the bolt is moved neither way.
    smoke: bool,
    /// Reports of the bolt that were there when it was last told something.
    reports_before: u64,
    alarms: Vec<(Alarm, Monotonic)>,
}

impl Passage {
    /// The bolt was just told to withdraw, for an admitted visitor.
    pub fn admitted(now: Monotonic, door_open_s: u32) -> Self {
        Self::new(State::Pulsing { sent: now }, door_open_s)
    }

    /// The door was found, or became, unlocked or open without the hub's doing.
    pub fn found_open(now: Monotonic, door_open_s: u32, sensors: &Sensors) -> Self {
        let mut passage = Self::new(State::Unlocked { since: now }, door_open_s);
        if sensors.door == Door::Closed {
            passage.state = State::Closing { since: now };
        }
        passage.was_unlocked = true;
        passage
    }

    fn new(state: State, door_open_s: u32) -> Self {
        Self {
            state,
            door_open_ms: u64::from(door_open_s).saturating_mul(1_000),
            open_since: None,
            was_unlocked: false,
            retracted_while_open: false,
            sound: false,
            told_close: false,
            told_may_go: false,
            uncertain_since: None,
            closed_since: None,
            lock_is_waiting: false,
            smoke: false,
            reports_before: 0,
            alarms: Vec::new(),
        }
    }

    /// Whether the door has been open in this passage.
    pub const fn was_open(&self) -> bool {
        self.open_since.is_some()
    }

    /// Alarms that are out.
    pub fn alarms(&self) -> impl Iterator<Item = Alarm> + '_ {
        self.alarms.iter().map(|(alarm, _)| *alarm)
    }

    /// Looks, and says what to do. `Some` once, when it is over.
    pub fn step(&mut self, now: Monotonic, sensors: &Sensors, out: &mut Vec<Effect>) -> Option<End> {
        self.watch_sensors(now, sensors, out);
        self.lock_is_waiting = false;
        // A state change may make the next one due at once; seven states, so it settles.
        for _ in 0..8 {
            let before = self.state;
            if let Some(end) = self.advance(now, sensors, out) {
                return Some(end);
            }
            if self.state == before {
                break;
            }
        }
        self.release_visitor(now, out);
        None
    }

    /// When [`Passage::step`] must be called at the latest, without any report.
    pub fn timeout(&self) -> Monotonic {
        let due = match self.state {
            State::Pulsing { sent } => sent.plus_ms(OPEN_REPORT_MS),
            State::Unlocked { since } => since.plus_ms(PUSH_MS),
            State::DoorOpen { since } => self.open_due(since),
            State::Closing { since } => since.plus_ms(CLOSED_STEADY_MS),
            State::Locking { sent, .. } | State::Retracting { sent, .. } => sent.plus_ms(LOCK_REPORT_MS),
            State::Unsecured { tried, .. } => tried.plus_ms(LOCK_RETRY_MS),
        };
        // What was due waits for a steady door, not for the clock of its state.
        let steady = self.closed_since.filter(|_| self.lock_is_waiting);
        let due = match steady {
            // Until the detector reports.
            Some(_) if self.smoke => Monotonic(u64::MAX),
            Some(since) => since.plus_ms(CLOSED_STEADY_MS),
            None => due,
        };
        let told = self.has(Alarm::LockOffline) || self.has(Alarm::DoorUncertain);
        let uncertain = self.uncertain_since.filter(|_| !told).map(|since| since.plus_ms(UNCERTAIN_MS));
        let release =
            self.alarms.iter().map(|(_, at)| at.plus_ms(RELEASE_MS)).min().filter(|_| !self.told_may_go);
        [uncertain, release].into_iter().flatten().fold(due, Ord::min)
    }

    fn open_due(&self, since: Monotonic) -> Monotonic {
        let limit = since.plus_ms(self.door_open_ms);
        if !self.sound {
            limit.min(since.plus_ms(OPEN_SOUND_MS))
        } else if self.has(Alarm::LeftOpen) {
            Monotonic(u64::MAX)
        } else {
            limit
        }
    }

    fn advance(&mut self, now: Monotonic, sensors: &Sensors, out: &mut Vec<Effect>) -> Option<End> {
        match self.state {
            State::Pulsing { sent } => self.pulsing(now, sent, sensors, out),
            State::Unlocked { since } => return self.unlocked(now, since, sensors, out),
            State::DoorOpen { since } => self.door_open(now, since, sensors, out),
            State::Closing { since } => return self.closing(now, since, sensors, out),
            State::Locking { sent, tries } => return self.locking(now, sent, tries, sensors, out),
            State::Retracting { sent, tries } => self.retracting(now, sent, tries, sensors, out),
            State::Unsecured { since, tried } => return self.unsecured(now, since, tried, sensors, out),
        }
        None
    }

    fn pulsing(&mut self, now: Monotonic, sent: Monotonic, sensors: &Sensors, out: &mut Vec<Effect>) {
        if sensors.bolt.is_withdrawn() || sensors.door == Door::Open {
            self.was_unlocked = true;
            out.push(Effect::Note(Note::Opened));
            out.push(Effect::Tell(ToVisitor::Open));
            self.state = State::Unlocked { since: now };
        } else if sensors.bolt == Bolt::Jammed || now.ms_since(sent) >= OPEN_REPORT_MS {
            // A late lock may still open: so it is told to lock, and watched until it says so.
            self.state = State::Closing { since: sent };
        }
    }

    fn unlocked(
        &mut self,
        now: Monotonic,
        since: Monotonic,
        sensors: &Sensors,
        out: &mut Vec<Effect>,
    ) -> Option<End> {
        match sensors.door {
            Door::Open => self.note_open(now, out),
            Door::Closed if sensors.bolt == Bolt::Locked => return Some(self.secured(out)),
            Door::Closed if now.ms_since(since) >= PUSH_MS => self.state = State::Closing { since: now },
            Door::Closed | Door::Tampered | Door::Unknown => {}
        }
        None
    }

    fn note_open(&mut self, now: Monotonic, out: &mut Vec<Effect>) {
        out.push(Effect::Note(Note::DoorOpened));
        let since = *self.open_since.get_or_insert(now);
        self.state = State::DoorOpen { since };
    }

    fn door_open(&mut self, now: Monotonic, since: Monotonic, sensors: &Sensors, out: &mut Vec<Effect>) {
        if sensors.door == Door::Closed {
            out.push(Effect::Note(Note::DoorClosed));
            self.quiet(out);
            self.over(Alarm::LeftOpen, out);
            out.push(Effect::Tell(ToVisitor::Locking));
            self.state = State::Closing { since: now };
            return;
        }
        if sensors.door == Door::Open && sensors.bolt == Bolt::Locked {
            self.raise(Alarm::LockedButOpen, now, out);
        }
        if sensors.door == Door::Open && matches!(sensors.bolt, Bolt::Locking | Bolt::Locked | Bolt::Jammed) {
            self.retract_once(out);
        }
        let open_ms = now.ms_since(since);
        if open_ms >= OPEN_SOUND_MS.min(self.door_open_ms) && !self.told_close {
            self.told_close = true;
            out.push(Effect::Tell(ToVisitor::CloseDoor));
        }
        if open_ms >= OPEN_SOUND_MS && !self.sound {
            self.sound = true;
            out.push(Effect::Sound(true));
        }
        if open_ms >= self.door_open_ms {
            self.raise(Alarm::LeftOpen, now, out);
        }
    }

    /// A bolt thrown at an open door breaks it: withdrawn once, only while the sensor says open.
    fn retract_once(&mut self, out: &mut Vec<Effect>) {
        if !self.smoke && !self.retracted_while_open {
            self.retracted_while_open = true;
            out.push(Effect::Unlock);
        }
    }

    fn closing(
        &mut self,
        now: Monotonic,
        since: Monotonic,
        sensors: &Sensors,
        out: &mut Vec<Effect>,
    ) -> Option<End> {
        match sensors.door {
            Door::Open => self.note_open(now, out),
            // As reported since the door shut: an older word is from a lock that has fallen silent.
            Door::Closed
                if self.was_unlocked && sensors.bolt == Bolt::Locked && sensors.bolt_reported >= since =>
            {
                return Some(self.secured(out));
            }
            Door::Closed if now.ms_since(since) >= CLOSED_STEADY_MS => {
                if self.lock(now, sensors, out) {
                    self.state = State::Locking { sent: now, tries: 1 };
                }
            }
            Door::Closed => {}
            // Not certain: the second of steadiness starts over when it is.
            Door::Tampered | Door::Unknown => self.state = State::Closing { since: now },
        }
        None
    }

    fn locking(
        &mut self,
        now: Monotonic,
        sent: Monotonic,
        tries: u8,
        sensors: &Sensors,
        out: &mut Vec<Effect>,
    ) -> Option<End> {
        if sensors.door == Door::Open {
            if matches!(sensors.bolt, Bolt::Locking | Bolt::Locked | Bolt::Jammed) {
                self.retract_once(out);
            }
            out.push(Effect::Tell(ToVisitor::CloseDoor));
            self.note_open(now, out);
            return None;
        }
        if sensors.bolt.is_withdrawn() && !self.was_unlocked {
            // The late answer to a pulse that was given up: it did open.
            self.was_unlocked = true;
            out.push(Effect::Note(Note::Opened));
        }
        let waited = now.ms_since(sent) >= LOCK_REPORT_MS;
        // What was reported before the command is old: the bolt may have moved since, and the lock fallen silent.
        let reported_after = self.reported_after(sensors);
        if sensors.is_secured() && reported_after {
            return Some(self.secured(out));
        }
        if sensors.bolt == Bolt::Jammed && reported_after && tries < LOCK_TRIES {
            self.withdraw(sensors, out);
            self.state = State::Retracting { sent: now, tries };
        } else if sensors.bolt == Bolt::Jammed && reported_after {
            // Whoever is inside gets out; who is told sees to the bolt.
            self.withdraw(sensors, out);
            self.give_up(Alarm::BoltJammed, now, out);
        } else if waited && tries < LOCK_TRIES && sensors.door == Door::Closed {
            if self.lock(now, sensors, out) {
                self.state = State::Locking { sent: now, tries: tries.saturating_add(1) };
            }
        } else if waited {
            self.give_up(Alarm::NotLocked, now, out);
        }
        None
    }

    /// Takes back a bolt that stuck on its way out.
    fn withdraw(&mut self, sensors: &Sensors, out: &mut Vec<Effect>) {
        if !self.smoke {
            self.reports_before = sensors.bolt_reports;
            out.push(Effect::Unlock);
        }
    }

    fn retracting(
        &mut self,
        now: Monotonic,
        sent: Monotonic,
        tries: u8,
        sensors: &Sensors,
        out: &mut Vec<Effect>,
    ) {
        if sensors.door == Door::Open {
            out.push(Effect::Tell(ToVisitor::CloseDoor));
            self.note_open(now, out);
            return;
        }
        let back = sensors.bolt.is_withdrawn() && self.reported_after(sensors);
        let due = back || now.ms_since(sent) >= LOCK_REPORT_MS;
        if sensors.door == Door::Closed && due && self.lock(now, sensors, out) {
            self.state = State::Locking { sent: now, tries: tries.saturating_add(1) };
        }
    }

    fn unsecured(
        &mut self,
        now: Monotonic,
        since: Monotonic,
        tried: Monotonic,
        sensors: &Sensors,
        out: &mut Vec<Effect>,
    ) -> Option<End> {
        if sensors.door == Door::Open {
            out.push(Effect::Tell(ToVisitor::CloseDoor));
            self.note_open(now, out);
        } else if sensors.is_secured() && self.reported_after(sensors) {
            return Some(self.secured(out));
        } else if sensors.door == Door::Closed
            && now.ms_since(tried) >= LOCK_RETRY_MS
            && self.lock(now, sensors, out)
        {
            self.state = State::Unsecured { since, tried: now };
        }
        None
    }

    fn give_up(&mut self, alarm: Alarm, now: Monotonic, out: &mut Vec<Effect>) {
        self.raise(alarm, now, out);
        if !self.was_unlocked && !self.told_may_go {
            // It never opened, as far as anybody knows: there is nothing that the visitor could still do.
            self.told_may_go = true;
            out.push(Effect::Tell(ToVisitor::MayGo));
        }
        self.state = State::Unsecured { since: now, tried: now };
    }

    fn secured(&mut self, out: &mut Vec<Effect>) -> End {
        if self.was_unlocked {
            out.push(Effect::Note(Note::Relocked));
        }
        self.quiet(out);
        for (alarm, _) in core::mem::take(&mut self.alarms) {
            out.push(Effect::AlarmOver(alarm));
        }
        End::Secured { was_open: self.was_open(), was_unlocked: self.was_unlocked }
    }

    /// A bolt thrown at a moving door breaks it: LOCK goes out only if the door has been closed for a second.
    fn lock(&mut self, now: Monotonic, sensors: &Sensors, out: &mut Vec<Effect>) -> bool {
        let steady = self.closed_since.is_some_and(|since| now.ms_since(since) >= CLOSED_STEADY_MS);
        let may = steady && !self.smoke;
        self.lock_is_waiting = !may;
        if may {
            self.reports_before = sensors.bolt_reports;
            out.push(Effect::Lock);
        }
        may
    }

    /// Whether the bolt's device has said anything since it was last told something.
    const fn reported_after(&self, sensors: &Sensors) -> bool {
        sensors.bolt_reports > self.reports_before
    }

    fn watch_sensors(&mut self, now: Monotonic, sensors: &Sensors, out: &mut Vec<Effect>) {
        self.smoke = sensors.smoke;
        if sensors.door == Door::Closed {
            self.closed_since.get_or_insert(now);
        } else {
            self.closed_since = None;
        }
        let bolt_unsure = sensors.bolt == Bolt::Unknown;
        let door_unsure = sensors.door == Door::Unknown;
        if sensors.door == Door::Tampered {
            self.raise(Alarm::DoorTampered, now, out);
        }
        if !bolt_unsure && !door_unsure {
            self.uncertain_since = None;
            self.over(Alarm::LockOffline, out);
            self.over(Alarm::DoorUncertain, out);
            return;
        }
        let since = *self.uncertain_since.get_or_insert(now);
        if now.ms_since(since) >= UNCERTAIN_MS {
            if bolt_unsure {
                self.raise(Alarm::LockOffline, now, out);
            }
            if door_unsure {
                self.raise(Alarm::DoorUncertain, now, out);
            }
        }
    }

    fn release_visitor(&mut self, now: Monotonic, out: &mut Vec<Effect>) {
        if !self.told_may_go && self.alarms.iter().any(|(_, at)| now.ms_since(*at) >= RELEASE_MS) {
            self.told_may_go = true;
            out.push(Effect::Tell(ToVisitor::MayGo));
        }
    }

    fn quiet(&mut self, out: &mut Vec<Effect>) {
        if core::mem::take(&mut self.sound) {
            out.push(Effect::Sound(false));
        }
        self.told_close = false;
    }

    fn has(&self, alarm: Alarm) -> bool {
        self.alarms.iter().any(|(a, _)| *a == alarm)
    }

    fn raise(&mut self, alarm: Alarm, now: Monotonic, out: &mut Vec<Effect>) {
        if !self.has(alarm) {
            self.alarms.push((alarm, now));
            out.push(Effect::Alarm(alarm));
        }
    }

    fn over(&mut self, alarm: Alarm, out: &mut Vec<Effect>) {
        if self.has(alarm) {
            self.alarms.retain(|(a, _)| *a != alarm);
            out.push(Effect::AlarmOver(alarm));
        }
    }
}
