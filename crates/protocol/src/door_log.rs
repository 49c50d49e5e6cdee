//! Checking a door log: who signed, nothing left out, nothing rewritten, no cut tail, no second history.

use crate::bytes::{DoorId, Hash};
use crate::canonical::Malformed;
use crate::door_event::{Body, Detail, DoorEvent, VisitEnd};
use crate::envelope::{Claimed, Signed, Untrusted};
use crate::key::{Credential, PublicKey, Verifier};
use crate::uplink::LogEntry;
use minicbor::{Decode, Encode};

/// Where a log stands: counter and hash of its newest event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Position {
    /// Counter of the newest event; zero before the first.
    #[n(0)]
    pub counter: u64,
    /// H(newest event); zero before the first.
    #[n(1)]
    pub head: Hash,
}

impl Position {
    /// Before the first event.
    pub const START: Self = Self { counter: 0, head: Hash::ZERO };
}

/// What is wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// An event is no event.
    Malformed(Malformed),
    /// An event is not signed by the door.
    Untrusted(Untrusted),
    /// An event belongs to another door.
    OtherDoor,
    /// Events are missing: from this counter on.
    Omission {
        /// The counter that should have come.
        expected: u64,
        /// The counter that came.
        found: u64,
    },
    /// The event does not continue the one before: two histories exist.
    SplitView {
        /// The counter at which they part.
        counter: u64,
    },
    /// A detail does not fit its event.
    Detail {
        /// The event's counter.
        counter: u64,
    },
    /// The excerpt does not end in a visit's end, or the end names other counters: its tail was cut.
    CutTail,
}

impl Flaw {
    /// Stable name for vectors, logs and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Untrusted(_) => "untrusted",
            Self::OtherDoor => "other_door",
            Self::Omission { .. } => "omission",
            Self::SplitView { .. } => "split_view",
            Self::Detail { .. } => "detail",
            Self::CutTail => "cut_tail",
        }
    }
}

impl core::fmt::Display for Flaw {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Malformed(why) => write!(f, "an entry is no door event: {why}"),
            Self::Untrusted(why) => write!(f, "an event is not signed by the door: {why}"),
            Self::OtherDoor => f.write_str("an event belongs to another door"),
            Self::Omission { expected, found } => {
                write!(f, "event {expected} is missing; {found} came instead")
            }
            Self::SplitView { counter } => {
                write!(f, "event {counter} belongs to another history of this door")
            }
            Self::Detail { counter } => {
                write!(f, "the detail of event {counter} does not fit its commitment")
            }
            Self::CutTail => {
                f.write_str("the excerpt does not reach from the arrival to the signed end of the visit")
            }
        }
    }
}

impl core::error::Error for Flaw {}

/// Checks one log, event after event.
#[derive(Debug, Clone)]
pub struct Checker {
    door: DoorId,
    key: Credential,
    /// Where the checked part ends.
    pub position: Position,
}

impl Checker {
    /// Checks from `position` on; [`Position::START`] for a whole log.
    pub const fn new(door: DoorId, door_key: PublicKey, position: Position) -> Self {
        Self { door, key: Credential::device(door_key), position }
    }

    /// The door's key that it checks by.
    pub const fn key(&self) -> PublicKey {
        self.key.key
    }

    /// Checks an excerpt that starts anywhere: the first event is taken as given, the rest must follow it.
    pub fn from_excerpt(door: DoorId, door_key: PublicKey, first: &LogEntry) -> Result<Self, Flaw> {
        let event = Claimed::<DoorEvent>::parse(&first.event.0).map_err(Flaw::Malformed)?;
        let message = event.unproven();
        let position = Position { counter: message.counter.saturating_sub(1), head: message.prev };
        Ok(Self::new(door, door_key, position))
    }

    /// Checks the next event and moves on.
    pub fn event(&mut self, bytes: &[u8], verifier: &dyn Verifier) -> Result<Signed<DoorEvent>, Flaw> {
        let claimed = Claimed::<DoorEvent>::parse(bytes).map_err(Flaw::Malformed)?;
        let event = claimed.verify(&self.key, verifier).map_err(Flaw::Untrusted)?;
        let message = event.message();
        if message.door != self.door {
            return Err(Flaw::OtherDoor);
        }
        let expected = self.position.counter.saturating_add(1);
        if message.counter > expected {
            return Err(Flaw::Omission { expected, found: message.counter });
        }
        if message.counter < expected || message.prev != self.position.head {
            return Err(Flaw::SplitView { counter: message.counter });
        }
        self.position = Position { counter: expected, head: event.hash() };
        Ok(event)
    }

    /// Checks the next entry with its detail, if it has one.
    pub fn entry(
        &mut self,
        entry: &LogEntry,
        verifier: &dyn Verifier,
    ) -> Result<(Signed<DoorEvent>, Option<Detail>), Flaw> {
        let event = self.event(&entry.event.0, verifier)?;
        let detail = match &entry.opening {
            None => None,
            Some(opening) => Some(
                Detail::open(&opening.detail.0, opening.salt, event.message().detail)
                    .map_err(|_| Flaw::Detail { counter: event.message().counter })?,
            ),
        };
        Ok((event, detail))
    }
}

/// Checks the receipt of one visit: from its ring or arrival to its signed end, nothing missing.
pub fn check_receipt(
    door: DoorId,
    door_key: PublicKey,
    entries: &[LogEntry],
    verifier: &dyn Verifier,
) -> Result<VisitEnd, Flaw> {
    let first = entries.first().ok_or(Flaw::CutTail)?;
    let mut checker = Checker::from_excerpt(door, door_key, first)?;
    let first_counter = checker.position.counter.saturating_add(1);
    let mut end = None;
    for entry in entries {
        let (_, detail) = checker.entry(entry, verifier)?;
        end = match detail.map(|d| d.body) {
            Some(Body::VisitEnded(end)) => Some(end),
            _ => None,
        };
    }
    end.filter(|end| end.first == first_counter && end.last == checker.position.counter).ok_or(Flaw::CutTail)
}
