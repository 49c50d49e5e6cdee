//! What a profile is: the pure half of an MQTT device. Payloads in, reports out; no network, no clock.
//!
//! Owns: when a device's words are believed ([`Presence`]). A new profile is one file with an `impl Profile`, one arm
//! in `MqttConfig::devices`, and a table of payloads as its test.

use crate::lock::{Command, Report, Why};
use doorkeeper::sensors::{Bolt, Door};

/// A message that arrived. The payload is known to be text of reasonable size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) topic: &'a str,
    pub(super) text: &'a str,
    /// Stored by the broker, who knows since when; not said now.
    pub(super) retained: bool,
}

/// A message to send: at most once, never retained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) topic: String,
    pub(super) payload: String,
}

/// What a profile wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Subscribe(String),
    Publish(Outgoing),
    Report(Report),
}

/// One device on the broker, in one dialect. Bolt and door contact may be two.
pub(super) trait Profile: Send {
    /// A connection begins: what was remembered of the last one is void.
    fn connected(&mut self) -> Vec<Action>;
    /// Any message of the connection; a profile picks its own.
    fn message(&mut self, message: &Message<'_>) -> Vec<Action>;
    /// The message that carries out a command, if the device is there and knows how.
    fn command(&mut self, command: Command) -> Result<Outgoing, Why>;
}

/// What a device is to the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The bolt, and the contact too if the lock has one and no other device does it.
    Lock {
        door_too: bool,
    },
    Door,
    Smoke,
    LocalNo,
    Battery,
}

impl Role {
    fn lost(self) -> Vec<Report> {
        match self {
            Self::Lock { door_too: true } => crate::lock::lost().into(),
            Self::Lock { door_too: false } => vec![Report::Bolt(Bolt::Unknown), Report::Online(false)],
            Self::Door => vec![Report::Door(Door::Unknown)],
            // A silent smoke detector is no smoke, and no fire alarm: others watch over detectors.
            Self::Smoke | Self::LocalNo | Self::Battery => vec![],
        }
    }
}

/// Whether a device is there, and what it is said to have said before that was known.
#[derive(Debug)]
pub(super) struct Presence {
    role: Role,
    online: bool,
    held: Vec<Report>,
    /// A command went out and the device has not spoken since. What the broker remembers is from before.
    commanded: bool,
}

impl Presence {
    pub(super) fn new(role: Role) -> Self {
        Self { role, online: false, held: vec![], commanded: false }
    }

    pub(super) fn online(&self) -> bool {
        self.online
    }

    /// The connection is new. Says nothing: the driver has reported the loss of the old one.
    pub(super) fn forget(&mut self) {
        (self.online, self.held) = (false, vec![]);
    }

    pub(super) fn commanded(&mut self) {
        self.commanded = true;
    }

    /// The device is there, or is not.
    pub(super) fn set(&mut self, online: bool) -> Vec<Report> {
        let was = std::mem::replace(&mut self.online, online);
        match (was, online) {
            (false, true) => {
                let mut reports = std::mem::take(&mut self.held);
                if matches!(self.role, Role::Lock { .. }) {
                    reports.insert(0, Report::Online(true));
                }
                reports
            }
            (true, false) => {
                self.held.clear();
                self.role.lost()
            }
            _ => vec![],
        }
    }

    /// The device's words. Held back until it is known to be there.
    pub(super) fn said(&mut self, retained: bool, reports: Vec<Report>) -> Vec<Report> {
        if retained && self.commanded {
            // A broker that was killed may come back with a memory from before the command.
            return vec![];
        }
        self.commanded &= retained;
        if self.online {
            return reports;
        }
        self.held = reports;
        vec![]
    }
}

pub(super) fn reports(reports: Vec<Report>) -> Vec<Action> {
    reports.into_iter().map(Action::Report).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_state_waits_until_the_device_is_there() {
        let mut presence = Presence::new(Role::Lock { door_too: false });
        assert_eq!(presence.said(true, vec![Report::Bolt(Bolt::Locked)]), []);
        assert_eq!(presence.set(true), [Report::Online(true), Report::Bolt(Bolt::Locked)]);
        assert_eq!(presence.set(true), []);
        assert_eq!(presence.set(false), [Report::Bolt(Bolt::Unknown), Report::Online(false)]);
        assert_eq!(presence.set(true), [Report::Online(true)], "what was said before the loss is void");
    }

    #[test]
    fn remembered_state_is_no_answer_to_a_command() {
        let mut presence = Presence::new(Role::Lock { door_too: false });
        presence.set(true);
        presence.commanded();
        presence.forget();
        presence.set(true);
        assert_eq!(presence.said(true, vec![Report::Bolt(Bolt::Locked)]), []);
        assert_eq!(presence.said(false, vec![Report::Bolt(Bolt::Locked)]), [Report::Bolt(Bolt::Locked)]);
        assert_eq!(presence.said(true, vec![Report::Bolt(Bolt::Locked)]), [Report::Bolt(Bolt::Locked)]);
    }
}
