//! The reference door, second half: one opening of the door, from the pulse to *secured*.

use super::door::Reference;
use super::words::Out;
use doorkeeper::alarm::Alarm;
use doorkeeper::sensors::{Bolt, Door};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Now {
    /// UNLOCK went out; the device has 8 s to say that it did.
    Pulsed,
    /// Withdrawn; somebody has 30 s to push.
    Unlocked,
    Open,
    /// Closed: LOCK is due once it has been so for a second.
    Shut,
    /// LOCK went out so many times; the device has 4.5 s to say that it did.
    Locking(u8),
    /// It stuck: withdrawn once before the second try.
    Withdrawing,
    /// Somebody was told; a try each minute.
    GivenUp,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent marks, not a state")]
pub(crate) struct Passage {
    pub(crate) visit: Option<u8>,
    /// A presentation asked for it: it has an intent.
    pub(crate) is_asked: bool,
    /// The device reported the bolt withdrawn, or the door open.
    pub(crate) was_unlocked: bool,
    pub(crate) proven: u64,
    films: bool,
    open_ms: u64,
    began: u64,
    now: Now,
    /// Since when it is as `now` says.
    since: u64,
    first_open: Option<u64>,
    newest_open: Option<u64>,
    closed_since: Option<u64>,
    /// How often the bolt had been reported when it was last told something: what was said before is no answer.
    reports_before: u64,
    unsure_since: Option<u64>,
    withdrew_while_open: bool,
    sounds: bool,
    told_to_close: bool,
    let_go: bool,
    alarms: Vec<(Alarm, u64)>,
}

impl Passage {
    pub(crate) fn asked(ms: u64, visit: u8, open_s: u32, films: bool) -> Self {
        Self {
            visit: Some(visit),
            is_asked: true,
            was_unlocked: false,
            proven: ms,
            films,
            open_ms: u64::from(open_s) * 1_000,
            began: ms,
            now: Now::Pulsed,
            since: ms,
            first_open: None,
            newest_open: None,
            closed_since: None,
            reports_before: 0,
            unsure_since: None,
            withdrew_while_open: false,
            sounds: false,
            told_to_close: false,
            let_go: false,
            alarms: vec![],
        }
    }

    pub(crate) fn found(ms: u64, visit: u8, open_s: u32, door: Door) -> Self {
        let now = if door == Door::Closed { Now::Shut } else { Now::Unlocked };
        Self {
            now,
            is_asked: false,
            was_unlocked: true,
            films: false,
            ..Self::asked(ms, visit, open_s, false)
        }
    }

    fn is_out(&self, alarm: Alarm) -> bool {
        self.alarms.iter().any(|(out, _)| *out == alarm)
    }
}

impl Reference {
    pub(crate) fn step_passage(&mut self) {
        let Some(mut p) = self.passage.take() else { return };
        self.trust_sensors(&mut p);
        loop {
            let before = (p.now, p.since);
            if self.step(&mut p) {
                self.hush(&mut p);
                if p.was_unlocked {
                    self.log(p.visit, "relocked");
                }
                for (alarm, _) in std::mem::take(&mut p.alarms) {
                    self.cry(p.visit, alarm, false);
                }
                return self.secured(&p);
            }
            if (p.now, p.since) == before {
                break;
            }
        }
        if !p.let_go && p.alarms.iter().any(|(_, at)| self.ms - at >= 90_000) {
            p.let_go = true;
            self.tell(&p, "may go");
        }
        self.watch_film(&p);
        if self.ms - p.began >= 600_000
            && !p.alarms.is_empty()
            && let Some(at) = p.visit.take().and_then(|id| self.at(id))
        {
            self.ends(at, "incident");
        }
        self.passage = Some(p);
    }

    /// True when it is over: bolt and door agree.
    fn step(&mut self, p: &mut Passage) -> bool {
        let (bolt, door, waited) = (self.bolt, self.door, self.ms - p.since);
        // While there is smoke the bolt is moved neither way.
        let steady = !self.smoke && p.closed_since.is_some_and(|since| self.ms - since >= 1_000);
        let agree = bolt == Bolt::Locked && door == Door::Closed;
        let said_since = self.bolt_reports > p.reports_before;
        let (due, stuck) = (waited >= 4_500, bolt == Bolt::Jammed && said_since);
        match p.now {
            Now::Pulsed if bolt.is_withdrawn() || door == Door::Open => {
                p.was_unlocked = true;
                self.log(p.visit, "opened");
                self.tell(p, "open");
                self.go(p, Now::Unlocked);
            }
            // A lock that is late may still open: it is told to lock, and watched until it says so.
            Now::Pulsed if bolt == Bolt::Jammed || waited >= 8_000 => p.now = Now::Shut,
            Now::Unlocked | Now::Shut if door == Door::Open => self.opens(p),
            Now::Locking(_) | Now::Withdrawing | Now::GivenUp if door == Door::Open => {
                if matches!(p.now, Now::Locking(_)) {
                    self.withdraw_once(p);
                }
                self.tell(p, "close the door");
                self.opens(p);
            }
            Now::Unlocked if agree => return true,
            // As said since the door shut.
            Now::Shut if agree && p.was_unlocked && self.bolt_reported >= p.since => return true,
            Now::Unlocked if door == Door::Closed && waited >= 30_000 => self.go(p, Now::Shut),
            Now::Open if door == Door::Closed => {
                self.log(p.visit, "door closed");
                self.hush(p);
                self.over(p, Alarm::LeftOpen);
                self.tell(p, "locking");
                self.go(p, Now::Shut);
            }
            Now::Open => self.stands_open(p),
            // Not certain that it is closed: whatever it waited for begins anew.
            Now::Shut if door != Door::Closed => p.since = self.ms,
            Now::Shut if waited >= 1_000 && steady => self.lock(p, Now::Locking(1)),
            Now::Locking(tries) => {
                if bolt.is_withdrawn() && !p.was_unlocked {
                    p.was_unlocked = true;
                    self.log(p.visit, "opened");
                }
                if agree && said_since {
                    return true;
                }
                match tries {
                    1 if stuck => {
                        self.withdraw(p);
                        self.go(p, Now::Withdrawing);
                    }
                    1 if due && steady => self.lock(p, Now::Locking(2)),
                    _ if stuck => {
                        self.withdraw(p);
                        self.give_up(p, Alarm::BoltJammed);
                    }
                    _ if due && (tries > 1 || door != Door::Closed) => self.give_up(p, Alarm::NotLocked),
                    _ => {}
                }
            }
            Now::Withdrawing if steady && (due || (bolt.is_withdrawn() && said_since)) => {
                self.lock(p, Now::Locking(2));
            }
            Now::GivenUp if agree && said_since => return true,
            Now::GivenUp if steady && waited >= 60_000 => self.lock(p, p.now),
            Now::Pulsed | Now::Unlocked | Now::Shut | Now::Withdrawing | Now::GivenUp => {}
        }
        false
    }

    fn stands_open(&mut self, p: &mut Passage) {
        if self.door == Door::Open {
            if self.bolt == Bolt::Locked {
                self.raise(p, Alarm::LockedButOpen);
            }
            self.withdraw_once(p);
        }
        let open_ms = self.ms - p.since;
        if open_ms >= p.open_ms.min(20_000) && !std::mem::replace(&mut p.told_to_close, true) {
            self.tell(p, "close the door");
        }
        if open_ms >= 20_000 && !std::mem::replace(&mut p.sounds, true) {
            self.out.push(Out::Sound(true));
        }
        if open_ms >= p.open_ms {
            self.raise(p, Alarm::LeftOpen);
        }
    }

    /// If *open* appears while the bolt goes out: one retract, only while the contact says open.
    fn withdraw_once(&mut self, p: &mut Passage) {
        let goes_out = matches!(self.bolt, Bolt::Locking | Bolt::Locked | Bolt::Jammed);
        if goes_out && !self.smoke && !std::mem::replace(&mut p.withdrew_while_open, true) {
            self.out.push(Out::Unlock);
        }
    }

    fn withdraw(&mut self, p: &mut Passage) {
        if !self.smoke {
            p.reports_before = self.bolt_reports;
            self.out.push(Out::Unlock);
        }
    }

    /// The time that it may stand open counts from the first time.
    fn opens(&mut self, p: &mut Passage) {
        self.log(p.visit, "door opened");
        if p.newest_open.is_none()
            && p.is_asked
            && let Some(id) = p.visit
        {
            self.entered(id);
        }
        p.newest_open = Some(self.ms);
        p.now = Now::Open;
        p.since = *p.first_open.get_or_insert(self.ms);
    }

    fn lock(&mut self, p: &mut Passage, next: Now) {
        p.reports_before = self.bolt_reports;
        self.out.push(Out::Lock);
        self.go(p, next);
    }

    fn go(&self, p: &mut Passage, next: Now) {
        (p.now, p.since) = (next, self.ms);
    }

    fn give_up(&mut self, p: &mut Passage, alarm: Alarm) {
        self.raise(p, alarm);
        // It never opened, as far as anybody knows: the visitor can do nothing more.
        if !p.was_unlocked && !std::mem::replace(&mut p.let_go, true) {
            self.tell(p, "may go");
        }
        self.go(p, Now::GivenUp);
    }

    fn trust_sensors(&mut self, p: &mut Passage) {
        p.closed_since = (self.door == Door::Closed).then(|| p.closed_since.unwrap_or(self.ms));
        if self.door == Door::Tampered {
            self.raise(p, Alarm::DoorTampered);
        }
        let unsure = [
            (self.bolt == Bolt::Unknown, Alarm::LockOffline),
            (self.door == Door::Unknown, Alarm::DoorUncertain),
        ];
        if unsure.iter().all(|(unsure, _)| !unsure) {
            p.unsure_since = None;
            return unsure.iter().for_each(|(_, alarm)| self.over(p, *alarm));
        }
        if self.ms - *p.unsure_since.get_or_insert(self.ms) >= 5_000 {
            unsure.iter().filter(|(unsure, _)| *unsure).for_each(|(_, alarm)| self.raise(p, *alarm));
        }
    }

    /// Proofs every second; three seconds without are an alarm, and move nothing.
    fn watch_film(&mut self, p: &Passage) {
        if p.films {
            self.alarm(p.visit, Alarm::RecordingLost, self.ms - p.proven >= 3_000);
            let moved = p.newest_open.is_some_and(|at| self.ms - at >= 2_000);
            self.alarm(p.visit, Alarm::PictureFrozen, self.frozen && moved);
        }
    }

    fn tell(&mut self, p: &Passage, word: &'static str) {
        self.out.extend(p.visit.map(|id| Out::Say(id, word)));
    }

    fn hush(&mut self, p: &mut Passage) {
        p.told_to_close = false;
        if std::mem::take(&mut p.sounds) {
            self.out.push(Out::Sound(false));
        }
    }

    fn raise(&mut self, p: &mut Passage, alarm: Alarm) {
        if !p.is_out(alarm) {
            p.alarms.push((alarm, self.ms));
            self.cry(p.visit, alarm, true);
        }
    }

    fn over(&mut self, p: &mut Passage, alarm: Alarm) {
        if p.is_out(alarm) {
            p.alarms.retain(|(out, _)| *out != alarm);
            self.cry(p.visit, alarm, false);
        }
    }
}
