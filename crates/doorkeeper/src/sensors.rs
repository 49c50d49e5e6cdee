//! What devices report about the door. Two fields, two types: a bolt is not a door.

use protocol::time::Monotonic;

/// The bolt as its device reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bolt {
    /// Thrown.
    Locked,
    /// Withdrawn.
    Unlocked,
    /// On its way out.
    Locking,
    /// On its way in.
    Unlocking,
    /// Withdrawn, and the latch held back too.
    Unlatched,
    /// Stuck.
    Jammed,
    /// Offline, unrecognised or not yet heard: never taken for locked.
    #[default]
    Unknown,
}

impl Bolt {
    /// True if the door can be pushed.
    pub const fn is_withdrawn(self) -> bool {
        matches!(self, Self::Unlocked | Self::Unlatched)
    }
}

/// The door as its contact reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Door {
    /// Out of its frame.
    Open,
    /// In its frame.
    Closed,
    /// The contact was tampered with.
    Tampered,
    /// Offline, unrecognised or not yet heard: never taken for closed.
    #[default]
    Unknown,
}

/// The newest report of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sensors {
    /// The bolt.
    pub bolt: Bolt,
    /// When the bolt was last reported, whether it changed or not.
    pub bolt_reported: Monotonic,
    /// How often the bolt was reported: what is said in the same millisecond as a command may be from before it.
    pub bolt_reports: u64,
    /// The door.
    pub door: Door,
    /// Battery of the lock, per cent; none if mains-powered or not reported.
    pub battery_percent: Option<u8>,
    /// Smoke in the flat.
    pub smoke: bool,
    /// Whether someone is home; none without a sensor.
    pub occupied: Option<bool>,
}

impl Sensors {
    /// Bolt and door agree that nobody can come in.
    pub fn is_secured(&self) -> bool {
        self.bolt == Bolt::Locked && self.door == Door::Closed
    }
}

/// One report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// The bolt; [`Bolt::Unknown`] when its link is gone.
    Bolt(Bolt),
    /// The door; [`Door::Unknown`] when its link is gone.
    Door(Door),
    /// Battery of the lock, per cent.
    Battery(u8),
    /// Smoke, or no longer.
    Smoke(bool),
    /// Someone is home, or nobody; none when unsure.
    Occupied(Option<bool>),
}

impl Sensors {
    /// Takes in one report.
    pub fn take(&mut self, now: Monotonic, report: Report) {
        match report {
            Report::Bolt(bolt) => {
                self.bolt = bolt;
                self.bolt_reported = now;
                self.bolt_reports = self.bolt_reports.saturating_add(1);
            }
            Report::Door(door) => self.door = door,
            Report::Battery(percent) => self.battery_percent = Some(percent),
            Report::Smoke(smoke) => self.smoke = smoke,
            Report::Occupied(occupied) => self.occupied = occupied,
        }
    }
}
