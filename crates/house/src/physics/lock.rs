//! The smart lock: its bolt, its motor, and what it says of them. Knows nothing of the door.

use super::words::{BATTERY_PERCENT, Bolt, Command, LockFault, Outcome, TrueBolt};

/// Time of a full travel of the bolt, in ms.
pub(super) const BOLT_TRAVEL_MS: f32 = 400.0;
/// Where a jammed bolt stops.
const JAM_AT: f32 = 0.5;
/// From here on the bolt is far enough in the frame to hold the door.
const HOLDS_FROM: f32 = 0.3;
/// A blind lock waits this long after unlocking, in ms.
const BLIND_AUTO_LOCK_MS: u64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Drive {
    Rest,
    Motor(Command),
    Hand(Command),
    /// The motor is said to run, but does not; in the end this is reported.
    Feigned {
        until_ms: u64,
    },
}

/// A lock with its faults.
#[derive(Debug)]
pub(super) struct Lock {
    position: f32,
    drive: Drive,
    reported: Bolt,
    late: Option<(u64, Command)>,
    unlocked_since_ms: Option<u64>,
    fault: LockFault,
    began_to_throw: bool,
    pub(super) battery_percent: u8,
}

impl Lock {
    /// A healthy lock with its bolt thrown.
    pub(super) fn locked() -> Self {
        Self {
            position: 1.0,
            drive: Drive::Rest,
            reported: Bolt::Locked,
            late: None,
            unlocked_since_ms: None,
            fault: LockFault::None,
            began_to_throw: false,
            battery_percent: BATTERY_PERCENT,
        }
    }

    /// 0 withdrawn, 1 thrown.
    pub(super) fn position(&self) -> f32 {
        self.position
    }

    pub(super) fn holds_the_door(&self) -> bool {
        self.position > HOLDS_FROM
    }

    pub(super) fn is_jammed(&self) -> bool {
        self.fault == LockFault::Jam
            && self.position > 0.0
            && self.position < 1.0
            && self.drive == Drive::Rest
    }

    pub(super) fn online(&self) -> bool {
        self.fault != LockFault::PowerLoss
    }

    pub(super) fn reported(&self) -> Bolt {
        if self.online() { self.reported } else { Bolt::Unknown }
    }

    pub(super) fn truth(&self) -> TrueBolt {
        if self.position >= 1.0 {
            TrueBolt::Locked
        } else if self.position <= 0.0 {
            TrueBolt::Unlocked
        } else {
            TrueBolt::Between
        }
    }

    /// True once each time the motor begins to throw the bolt.
    pub(super) fn take_began_to_throw(&mut self) -> bool {
        std::mem::take(&mut self.began_to_throw)
    }

    /// Any other fault, or none: the lock looks at its bolt again and says where it is.
    pub(super) fn set_fault(&mut self, fault: LockFault) {
        if fault == self.fault {
            return;
        }
        self.fault = fault;
        if fault == LockFault::PowerLoss && matches!(self.drive, Drive::Motor(_)) {
            self.drive = Drive::Rest;
        }
        if fault == LockFault::None {
            self.late = None;
            if matches!(self.drive, Drive::Feigned { .. }) {
                self.drive = Drive::Rest;
            }
            if self.drive == Drive::Rest {
                self.reported = self.seen();
            }
        }
    }

    pub(super) fn command(&mut self, now_ms: u64, command: Command) -> Outcome {
        match self.fault {
            LockFault::PowerLoss => Outcome::Not("the lock is offline"),
            LockFault::Silent => Outcome::NoAnswer,
            LockFault::Late(late_ms) => {
                self.late = Some((now_ms + u64::from(late_ms), command));
                Outcome::Done
            }
            _ => {
                self.begin(now_ms, command);
                Outcome::Done
            }
        }
    }

    /// A key or a thumb-turn moves the bolt; no fault of the motor stops a hand.
    pub(super) fn turn_by_hand(&mut self, command: Command) {
        self.drive = Drive::Hand(command);
        self.say(moving(command));
    }

    fn begin(&mut self, now_ms: u64, command: Command) {
        self.say(moving(command));
        self.began_to_throw |= command == Command::Lock;
        self.drive = match (self.fault, command) {
            (LockFault::Stall, _) => Drive::Rest,
            (LockFault::Lie, Command::Lock) => {
                let travel_ms = if self.position >= 1.0 { 0 } else { 400 };
                Drive::Feigned { until_ms: now_ms + travel_ms }
            }
            _ => Drive::Motor(command),
        };
    }

    pub(super) fn step(&mut self, now_ms: u64, step_ms: f32) {
        if let Some((due_ms, command)) = self.late
            && now_ms >= due_ms
        {
            self.late = None;
            self.begin(now_ms, command);
        }
        match self.drive {
            Drive::Rest => {}
            Drive::Feigned { until_ms } => {
                if now_ms >= until_ms {
                    self.drive = Drive::Rest;
                    self.say(Bolt::Locked);
                }
            }
            Drive::Motor(command) => self.travel(command, step_ms, self.fault == LockFault::Jam),
            Drive::Hand(command) => self.travel(command, step_ms, false),
        }
        self.auto_lock(now_ms);
    }

    fn travel(&mut self, command: Command, step_ms: f32, jams: bool) {
        let by = step_ms / BOLT_TRAVEL_MS;
        let before = self.position;
        let (end, next) = match command {
            Command::Lock => (1.0, (before + by).min(1.0)),
            Command::Unlock => (0.0, (before - by).max(0.0)),
        };
        let half_is_passed =
            (before - JAM_AT) * (next - JAM_AT) <= 0.0 && (before - end).abs() > f32::EPSILON;
        if jams && half_is_passed {
            self.position = JAM_AT;
            self.drive = Drive::Rest;
            self.say(Bolt::Jammed);
            return;
        }
        self.position = next;
        if (next - end).abs() < f32::EPSILON {
            self.position = end;
            self.drive = Drive::Rest;
            self.say(self.seen());
        }
    }

    fn auto_lock(&mut self, now_ms: u64) {
        let waits =
            self.position <= 0.0 && self.drive == Drive::Rest && self.fault == LockFault::BlindAutoLock;
        if !waits {
            self.unlocked_since_ms = None;
            return;
        }
        let since_ms = *self.unlocked_since_ms.get_or_insert(now_ms);
        if now_ms.saturating_sub(since_ms) >= BLIND_AUTO_LOCK_MS {
            self.begin(now_ms, Command::Lock);
        }
    }

    fn say(&mut self, bolt: Bolt) {
        if self.fault != LockFault::Silent {
            self.reported = bolt;
        }
    }

    fn seen(&self) -> Bolt {
        match self.truth() {
            TrueBolt::Locked => Bolt::Locked,
            TrueBolt::Unlocked => Bolt::Unlocked,
            TrueBolt::Between => Bolt::Jammed,
        }
    }
}

fn moving(command: Command) -> Bolt {
    match command {
        Command::Lock => Bolt::Locking,
        Command::Unlock => Bolt::Unlocking,
    }
}
