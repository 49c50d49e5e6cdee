//! The door leaf and its contact. Knows of the bolt only whether it is out.

use super::words::{Door as Contact, DoorFault};

/// Time of a full swing, in ms.
pub(super) const SWING_MS: f32 = 800.0;
/// Where a parcel in the way stops the leaf.
pub(super) const WEDGED_AT: f32 = 0.42;
/// Where a thrown bolt that meets the frame stops the leaf.
pub(super) const BOLT_STOPS_AT: f32 = 0.07;
/// Less than this counts as shut, for the contact too.
const SHUT_BELOW: f32 = 0.01;

/// A door leaf.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    angle: f32,
    aim: f32,
    pub(super) fault: DoorFault,
}

impl Leaf {
    /// 0 shut, 1 wide open.
    pub(super) fn angle(&self) -> f32 {
        self.angle
    }

    pub(super) fn is_shut(&self) -> bool {
        self.angle < SHUT_BELOW
    }

    pub(super) fn swing_open(&mut self) {
        self.aim = 1.0;
    }

    pub(super) fn swing_shut(&mut self) {
        self.aim = 0.0;
    }

    pub(super) fn reported(&self) -> Contact {
        match self.fault {
            DoorFault::ContactStuck(door) => door,
            _ => self.truth(),
        }
    }

    pub(super) fn truth(&self) -> Contact {
        if self.is_shut() { Contact::Closed } else { Contact::Open }
    }

    /// Moves for `step_ms`. A bolt that is out keeps a shut door shut, and an open one from closing.
    pub(super) fn step(&mut self, step_ms: f32, bolt_is_out: bool) {
        let by = step_ms / SWING_MS;
        if self.aim > self.angle {
            if self.is_shut() && bolt_is_out {
                self.aim = self.angle;
                return;
            }
            self.angle = (self.angle + by).min(self.aim);
        } else if self.aim < self.angle {
            let stop = match self.fault {
                DoorFault::Wedge => WEDGED_AT,
                _ if bolt_is_out => BOLT_STOPS_AT,
                _ => 0.0,
            };
            let stop = stop.min(self.angle);
            self.angle = (self.angle - by).max(stop).max(self.aim);
            if self.angle <= stop && stop > 0.0 {
                self.aim = self.angle;
            }
        }
    }
}
