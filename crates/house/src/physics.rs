//! The physics of one home: door, bolt, contact, people and parcels, and how each of them misbehaves.
//!
//! Pure: it reads no clock and does no IO. Call [`House::advance`] with the time before anything else;
//! then [`House::command`], [`House::act`] and [`House::misbehave`] change the world, and
//! [`House::report`], [`House::truth`] and [`House::scene`] tell of it. What the devices *report* and what
//! is *true* are kept apart, since the difference is what the hub is tested on.
//!
//! Not here: sockets, brokers, pictures.

mod door;
mod lock;
mod scene;
mod words;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

pub use scene::{ParcelSeen, Scene};
pub use words::{
    Act, BATTERY_PERCENT, Bolt, CameraFault, Command, Door, DoorFault, LABEL_BYTES_MAX, LATE_MS_MAX,
    LockFault, Misbehave, Outcome, Report, Switch, TrueBolt, Truth, Visitor,
};

/// A point in time: a monotonic clock for motion, the wall clock for what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Monotonic, in ms; any origin.
    pub now_ms: u64,
    /// Wall time, in ms since 1970 UTC.
    pub unix_ms: u64,
}

/// Longest slice of time in which the world is taken to move evenly, in ms.
const SLICE_MS: u64 = 10;
/// After a longer gap (a suspended machine) the world jumps instead of being computed, in ms.
const GAP_MS_MAX: u64 = 60_000;
/// How long the "No" button is felt as pressed, in ms.
const NO_BUTTON_MS: u64 = 3_000;
/// How long a parcel takes from the landing to its place, in ms.
const PARCEL_MS: f32 = 1_800.0;
/// How long a step across the strip takes, in ms.
const STEP_MS: f32 = 600.0;
/// The door must be open at least so far for a parcel or a person.
const WIDE_ENOUGH: f32 = 0.7;
/// More parcels than this do not fit, and a test that piles them up has a bug.
const PARCELS_MAX: usize = 12;

#[derive(Debug, Clone, Copy)]
enum Deed {
    Turn(Command),
    Open,
    Close,
    LockIfShut,
}

#[derive(Debug)]
struct Parcel {
    label: String,
    /// 0 on the landing, 0.5 on the strip, 1 in its place.
    progress: f32,
}

/// One home.
#[derive(Debug)]
pub struct House {
    moment: Moment,
    lock: lock::Lock,
    leaf: door::Leaf,
    camera_fault: CameraFault,
    visitor: Visitor,
    /// 0 on the landing, 1 inside.
    shoe: f32,
    line_crossed: bool,
    parcels: Vec<Parcel>,
    deeds: VecDeque<(u64, Deed)>,
    smoke: bool,
    no_pressed_ms: Option<u64>,
    rung_ms: Option<u64>,
    chimed_ms: Option<u64>,
    pushed_ms: Option<u64>,
}

impl House {
    /// A home whose door is shut and bolted, with nobody about.
    pub fn new(moment: Moment) -> Self {
        Self {
            moment,
            lock: lock::Lock::locked(),
            leaf: door::Leaf::default(),
            camera_fault: CameraFault::None,
            visitor: Visitor::Away,
            shoe: 0.0,
            line_crossed: false,
            parcels: Vec::new(),
            deeds: VecDeque::new(),
            smoke: false,
            no_pressed_ms: None,
            rung_ms: None,
            chimed_ms: None,
            pushed_ms: None,
        }
    }

    /// Lets the world run up to `moment`. A moment in the past changes nothing but the wall time.
    pub fn advance(&mut self, moment: Moment) {
        let from_ms = if moment.now_ms.saturating_sub(self.moment.now_ms) > GAP_MS_MAX {
            moment.now_ms - GAP_MS_MAX
        } else {
            self.moment.now_ms
        };
        let mut now_ms = from_ms;
        while now_ms < moment.now_ms {
            let slice_ms = SLICE_MS.min(moment.now_ms - now_ms);
            now_ms += slice_ms;
            #[allow(clippy::cast_precision_loss, reason = "a slice is at most 10 ms")]
            self.step(now_ms, slice_ms as f32);
        }
        self.moment = Moment { now_ms: now_ms.max(self.moment.now_ms), unix_ms: moment.unix_ms };
    }

    /// Asks the lock to move its bolt.
    pub fn command(&mut self, command: Command) -> Outcome {
        let outcome = self.lock.command(self.moment.now_ms, command);
        self.reopen_under_the_bolt();
        outcome
    }

    /// Lets somebody do something.
    pub fn act(&mut self, act: &Act) -> Outcome {
        let now_ms = self.moment.now_ms;
        match act {
            Act::Ring => {
                self.rung_ms = Some(now_ms);
                self.line_crossed = false;
                if self.visitor == Visitor::Away {
                    self.visitor = Visitor::AtDoor;
                }
            }
            Act::Push => return self.push(),
            Act::Parcel { label } => return self.push_parcel(label.as_deref().unwrap_or_default()),
            Act::StepIn => {
                if self.leaf.angle() < WIDE_ENOUGH {
                    return Outcome::Not("the door is not open wide enough");
                }
                self.visitor = Visitor::Inside;
            }
            Act::Close => return self.pull_shut(),
            Act::Handle => {
                self.lock.turn_by_hand(Command::Unlock);
                self.deeds.clear();
                self.deeds.push_back((now_ms + 400, Deed::Open));
            }
            Act::Key => {
                self.lock.turn_by_hand(Command::Unlock);
                self.deeds = VecDeque::from([
                    (now_ms + 450, Deed::Open),
                    (now_ms + 2_000, Deed::Close),
                    (now_ms + 3_200, Deed::LockIfShut),
                ]);
            }
            Act::Leave => {
                if self.visitor == Visitor::Inside && self.leaf.angle() < WIDE_ENOUGH {
                    return Outcome::Not("the visitor is inside and the door is not open; act handle first");
                }
                self.visitor = Visitor::Away;
            }
            Act::Smoke(switch) => self.smoke = *switch == Switch::On,
            Act::PressNo => self.no_pressed_ms = Some(now_ms),
            Act::Chime => self.chimed_ms = Some(now_ms),
        }
        Outcome::Done
    }

    /// Makes parts misbehave, or behave again.
    pub fn misbehave(&mut self, change: &Misbehave) {
        if let Some(fault) = change.lock {
            self.lock.set_fault(fault);
        }
        if let Some(fault) = change.door {
            self.leaf.fault = fault;
        }
        if let Some(fault) = change.camera {
            self.camera_fault = fault;
        }
        if let Some(percent) = change.battery_percent {
            self.lock.battery_percent = percent;
        }
    }

    /// How the camera misbehaves now.
    pub fn camera_fault(&self) -> CameraFault {
        self.camera_fault
    }

    /// What the devices say.
    pub fn report(&self) -> Report {
        Report {
            bolt: self.lock.reported(),
            door: self.leaf.reported(),
            battery_percent: self.lock.battery_percent,
            online: self.lock.online(),
            smoke: self.smoke,
            no_button: self.since_ms(self.no_pressed_ms).is_some_and(|age_ms| age_ms < NO_BUTTON_MS),
        }
    }

    /// What is so.
    pub fn truth(&self) -> Truth {
        Truth {
            bolt: self.lock.truth(),
            door: self.leaf.truth(),
            visitor: self.visitor,
            parcels_inside: self.parcels.iter().filter(|parcel| parcel.progress > 0.5).count(),
            line_crossed: self.line_crossed,
        }
    }

    fn since_ms(&self, then_ms: Option<u64>) -> Option<u64> {
        then_ms.map(|then_ms| self.moment.now_ms.saturating_sub(then_ms))
    }

    fn push(&mut self) -> Outcome {
        if self.visitor == Visitor::Away {
            self.visitor = Visitor::AtDoor;
        }
        self.pushed_ms = Some(self.moment.now_ms);
        if self.leaf.is_shut() && self.lock.holds_the_door() {
            return Outcome::Not("the bolt holds the door; it does not move");
        }
        self.leaf.swing_open();
        Outcome::Done
    }

    fn push_parcel(&mut self, label: &str) -> Outcome {
        if self.leaf.angle() < WIDE_ENOUGH {
            return Outcome::Not("the door is not open wide enough");
        }
        if label.len() > LABEL_BYTES_MAX {
            return Outcome::Not("the label is too long; 40 bytes fit on the box");
        }
        if self.parcels.len() >= PARCELS_MAX {
            return Outcome::Not("the hallway is full");
        }
        if self.visitor == Visitor::Away {
            self.visitor = Visitor::AtDoor;
        }
        self.parcels.push(Parcel { label: label.to_owned(), progress: 0.0 });
        Outcome::Done
    }

    fn pull_shut(&mut self) -> Outcome {
        if self.leaf.is_shut() {
            return Outcome::Not("the door is already shut");
        }
        if self.leaf.fault == DoorFault::Wedge {
            match self.parcels.last_mut() {
                Some(parcel) => parcel.progress = 0.5,
                None => self.parcels.push(Parcel { label: String::new(), progress: 0.5 }),
            }
        }
        self.leaf.swing_shut();
        Outcome::Done
    }

    fn reopen_under_the_bolt(&mut self) {
        let began = self.lock.take_began_to_throw();
        if began && self.leaf.fault == DoorFault::Reopen && !self.lock.holds_the_door() {
            self.leaf.fault = DoorFault::None;
            self.leaf.swing_open();
        }
    }

    fn step(&mut self, now_ms: u64, step_ms: f32) {
        while let Some(&(due_ms, deed)) = self.deeds.front()
            && now_ms >= due_ms
        {
            self.deeds.pop_front();
            match deed {
                Deed::Turn(command) => self.lock.turn_by_hand(command),
                Deed::Open => self.leaf.swing_open(),
                Deed::Close => self.leaf.swing_shut(),
                Deed::LockIfShut if self.leaf.is_shut() => {
                    self.deeds.push_front((now_ms, Deed::Turn(Command::Lock)));
                }
                Deed::LockIfShut => {}
            }
        }
        self.lock.step(now_ms, step_ms);
        self.reopen_under_the_bolt();
        self.leaf.step(step_ms, self.lock.holds_the_door());
        self.walk(step_ms);
    }

    fn walk(&mut self, step_ms: f32) {
        let wedged = self.leaf.fault == DoorFault::Wedge;
        let last = self.parcels.len().saturating_sub(1);
        for (index, parcel) in self.parcels.iter_mut().enumerate() {
            let end = if wedged && index == last { 0.5_f32.max(parcel.progress) } else { 1.0 };
            parcel.progress = (parcel.progress + step_ms / PARCEL_MS).min(end);
        }
        let towards = if self.visitor == Visitor::Inside { step_ms } else { -step_ms };
        self.shoe = (self.shoe + towards / STEP_MS).clamp(0.0, 1.0);
        self.line_crossed |= self.visitor == Visitor::Inside && self.shoe >= 0.5;
    }
}
