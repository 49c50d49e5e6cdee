//! How the stage of a visit follows from what the hub writes, says and does. For the plan and the matrix only: nothing is
//! judged by it.

use crate::fault::Stage;
use crate::invariants::Oracle;
use crate::world::World;
use doorkeeper::alarm::Alarm;
use hub::lock::Command;
use protocol::door_event::Body;
use protocol::time::Monotonic;
use protocol::uplink::ToVisitor;

impl World {
    /// What has become durable since the last look.
    pub(crate) fn read_log(&mut self) {
        let Some(conduct) = self.hub.conduct() else { return };
        let (known, durable) = (self.oracle.entries() as u64, conduct.log().len());
        if durable < known {
            return self.oracle.log_is_lost(self.now, known);
        }
        if durable == known {
            return;
        }
        let entries = conduct.log().since(known);
        for entry in entries {
            let Some(body) = self.oracle.becomes_durable(self.now, entry, &self.lock) else { continue };
            self.tell("log", || crate::story::event(&body));
            self.event_changes_stage(&body);
        }
    }

    fn event_changes_stage(&mut self, body: &Body) {
        let next = match body {
            Body::Arrived { .. } if self.stage == Stage::Before => Stage::Arrived,
            // The rest of the sync's time is still to come.
            Body::Intent(_) => Stage::Committing,
            Body::Opened => Stage::Opened,
            Body::DoorOpened => Stage::DoorOpen,
            Body::DoorClosed => Stage::DoorClosed,
            Body::Secured(_) => Stage::Secured,
            Body::VisitEnded(_) => Stage::Over,
            _ => return,
        };
        self.enter(next);
    }

    pub(crate) fn word_changes_stage(&mut self, word: &ToVisitor) {
        let refused = matches!(
            word,
            ToVisitor::TryAgain | ToVisitor::WrongParcel | ToVisitor::NotHereToday | ToVisitor::Wait
        );
        if refused && matches!(self.stage, Stage::Witnessing) {
            self.enter(Stage::Arrived);
        }
    }

    pub(crate) fn alarm_changes_stage(&mut self, alarm: Alarm, on: bool) {
        if on && matches!(alarm, Alarm::NotLocked | Alarm::BoltJammed) {
            self.enter(Stage::Unsecured);
        }
    }

    pub(crate) fn commanded(&mut self, command: Command, deadline: Monotonic) {
        self.tell("hub", || format!("commands {command:?}"));
        match command {
            Command::Unlock => {
                let is_on_platter = self
                    .oracle
                    .intent_bytes(&self.recorder)
                    .is_some_and(|bytes| self.hub.is_on_platter(&bytes));
                let is_unbound = self.hub.conduct().is_some_and(|c| Oracle::has_intent(c.unsynced()));
                let monotonic = self.hub.monotonic_at(self.now);
                let late = deadline > monotonic.plus_ms(doorkeeper::limits::UNLOCK_LIFE_MS);
                if self.oracle.unlocks(self.now, is_on_platter, is_unbound, late, &self.recorder, &self.cast)
                {
                    self.enter(Stage::Pulsing);
                }
            }
            Command::Lock => {
                self.oracle.locks(self.now);
                if matches!(self.stage, Stage::DoorClosed | Stage::Opened | Stage::Pulsing) {
                    self.enter(Stage::Locking);
                }
            }
            Command::Chime => {}
        }
        self.lock_commanded(command, deadline);
    }
}
