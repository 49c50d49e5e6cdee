//! The door log's writing side: numbers, chains and signs events.

use crate::Now;
use crate::chance::Chance;
use crate::record::Record;
use alloc::boxed::Box;
use protocol::bytes::{Blob, BootId, DoorId, Hash, Salt, VisitId};
use protocol::canonical;
use protocol::door_event::{Body, Class, Detail, DoorEvent};
use protocol::door_log::Position;
use protocol::uplink::DetailOpening;
use protocol::{Signed, Signer};

/// Writes one door's log.
pub(crate) struct Log {
    pub(crate) door: DoorId,
    pub(crate) boot: BootId,
    pub(crate) position: Position,
    pub(crate) key: Box<dyn Signer + Send>,
}

impl Log {
    /// Makes the next event. `None` only if signing fails, which a key in memory does not.
    pub(crate) fn write(
        &mut self,
        now: Now,
        chance: &mut Chance,
        visit: Option<VisitId>,
        body: Body,
    ) -> Option<(Record, Hash)> {
        let class = class_of(&body, visit.is_some());
        let detail = Detail { at: now.interval, monotonic: now.monotonic, visit, body };
        let salt = Salt(chance.draw());
        let event = DoorEvent {
            door: self.door,
            boot: self.boot,
            counter: self.position.counter.saturating_add(1),
            prev: self.position.head,
            class,
            detail: detail.commit(salt),
        };
        let counter = event.counter;
        let signed = Signed::sign(event, self.key.as_ref()).ok()?;
        self.position = Position { counter, head: signed.hash() };
        let record = Record::Event {
            event: Blob(signed.bytes().into()),
            opening: DetailOpening { salt, detail: Blob(canonical::encode(&detail)) },
        };
        Some((record, signed.hash()))
    }
}

/// People's own comings and goings stay with the residents; what belongs to a visit is for its visitor too.
const fn class_of(body: &Body, has_visit: bool) -> Class {
    match body {
        Body::SaidNoAtHub if !has_visit => Class::System,
        Body::BoltMoved(_) => Class::Home,
        Body::Booted(_)
        | Body::RosterKept { .. }
        | Body::GrantKept { .. }
        | Body::AssignmentKept(_)
        | Body::RevocationKept { .. }
        | Body::RefusalsCounted(_)
        | Body::Looked { .. } => Class::System,
        Body::Arrived { .. }
        | Body::Rang { .. }
        | Body::Refused(_)
        | Body::Intent(_)
        | Body::Opened
        | Body::DoorOpened
        | Body::DoorClosed
        | Body::Relocked
        | Body::Secured(_)
        | Body::Alarm(_)
        | Body::AlarmOver(_)
        | Body::LineCrossed
        | Body::VisitEnded(_)
        | Body::Farewell { .. }
        | Body::Answered { .. }
        | Body::SaidNoAtHub => Class::Visit,
    }
}
