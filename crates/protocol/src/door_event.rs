//! A door event: one link of the door log, signed by the door. What happened is committed to, not told.
//!
//! `detail = SHA-256("detail" || 0x00 || salt || encoded Detail)`. Whoever is given salt and detail can check them;
//! erasing both leaves a chain that still verifies. Counters are contiguous: a gap is an omission, two events
//! with one counter are a split view.

use crate::bytes::{BootId, DoorId, GrantId, Hash, RecordingId, Salt, VisitId};
use crate::canonical::{self, Malformed};
use crate::envelope::Message;
use crate::key::Kid;
use crate::limits::DETAIL_BYTES_MAX;
use crate::time::{Interval, Monotonic};
use alloc::string::String;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// One link of the door log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DoorEvent {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// The hub's start in which it happened.
    #[n(1)]
    pub boot: BootId,
    /// Contiguous over the door's life; the first is 1.
    #[n(2)]
    pub counter: u64,
    /// H(event before); zero for the first.
    #[n(3)]
    pub prev: Hash,
    /// Who may read the detail.
    #[n(4)]
    pub class: Class,
    /// Commitment to salt and detail.
    #[n(5)]
    pub detail: Hash,
}

impl Message for DoorEvent {
    const TYPE: &'static str = "door_event";

    fn check(&self) -> Result<(), Malformed> {
        if (self.counter == 1) != (self.prev == Hash::ZERO) || self.counter == 0 {
            return Err(Malformed::Rule("exactly the first event has no predecessor"));
        }
        Ok(())
    }
}

/// Who may read an event's detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Class {
    /// Residents, the visitor of that visit, and the cloud for its projection.
    #[n(0)]
    Visit,
    /// Residents only: people's own comings and goings.
    #[n(1)]
    Home,
    /// Residents and cloud: starts, rosters, health.
    #[n(2)]
    System,
}

/// What happened, when.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Detail {
    /// Calendar time as far as the home knows it.
    #[n(0)]
    pub at: Interval,
    /// The hub's monotonic clock.
    #[n(1)]
    pub monotonic: Monotonic,
    /// The visit it belongs to.
    #[n(2)]
    pub visit: Option<VisitId>,
    /// What.
    #[n(3)]
    pub body: Body,
}

impl Detail {
    /// The commitment that stands in the event.
    pub fn commit(&self, salt: Salt) -> Hash {
        Hash::of("detail", &[&salt.0, &canonical::encode(self)])
    }

    /// Reads a detail that keeps the rules.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let detail: Self = canonical::decode(bytes, DETAIL_BYTES_MAX)?;
        detail.at.check()?;
        Ok(detail)
    }

    /// Reads a detail and checks it against an event's commitment.
    pub fn open(bytes: &[u8], salt: Salt, commitment: Hash) -> Result<Self, Malformed> {
        let detail = Self::read(bytes)?;
        if detail.commit(salt) == commitment {
            Ok(detail)
        } else {
            Err(Malformed::Rule("detail fits its event"))
        }
    }
}

/// Everything that can happen. Codes of refusals and alarms are those of the doorkeeper's tables.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Body {
    /// The hub started; says whether it had been stopped in good order.
    #[n(0)]
    Booted(#[n(0)] bool),
    /// A roster counts from now on.
    #[n(1)]
    RosterKept {
        /// Its epoch.
        #[n(0)]
        epoch: u64,
        /// H(roster).
        #[n(1)]
        roster: Hash,
    },
    /// A grant is known; when it takes effect.
    #[n(2)]
    GrantKept {
        /// H(grant).
        #[n(0)]
        grant: Hash,
        /// Its id.
        #[n(1)]
        id: GrantId,
    },
    /// An assignment is known; its notice runs from now on.
    #[n(3)]
    AssignmentKept(#[n(0)] Hash),
    /// A revocation list is in force: the home's confirmation.
    #[n(4)]
    RevocationKept {
        /// Its sequence.
        #[n(0)]
        sequence: u64,
        /// H(revocation).
        #[n(1)]
        revocation: Hash,
    },
    /// A verified arrival: the recording starts, the home chimes.
    #[n(5)]
    Arrived {
        /// H(grant).
        #[n(0)]
        grant: Hash,
        /// H(assignment).
        #[n(1)]
        assignment: Option<Hash>,
        /// The visitor's device.
        #[n(2)]
        device: Kid,
    },
    /// A reasoned no.
    #[n(6)]
    Refused(#[n(0)] String),
    /// A use is burned, and the bolt will move.
    #[n(7)]
    Intent(#[n(0)] Intent),
    /// The device reported the bolt withdrawn.
    #[n(8)]
    Opened,
    /// The door left its frame.
    #[n(9)]
    DoorOpened,
    /// The door is in its frame.
    #[n(10)]
    DoorClosed,
    /// The device reported the bolt thrown.
    #[n(11)]
    Relocked,
    /// Bolt and door agree, after the command.
    #[n(12)]
    Secured(#[n(0)] Vec<RecordingHead>),
    /// Something needs a person.
    #[n(13)]
    Alarm(#[n(0)] String),
    /// It no longer does.
    #[n(14)]
    AlarmOver(#[n(0)] String),
    /// Someone crossed the line although the terms end there.
    #[n(15)]
    LineCrossed,
    /// The bolt moved without the hub: by hand, by key, by another client.
    #[n(16)]
    BoltMoved(#[n(0)] bool),
    /// The visit is over. Names the log's counters from arrival or ring to here, so that a cut tail shows.
    #[n(17)]
    VisitEnded(#[n(0)] VisitEnd),
    /// Refusals that had no authentic presentation, counted instead of logged one by one.
    #[n(18)]
    RefusalsCounted(#[n(0)] u32),
    /// The visitor's device said that this many parcels are inside.
    #[n(19)]
    Farewell {
        /// Parcels inside.
        #[n(0)]
        parcels: u32,
        /// H(farewell).
        #[n(1)]
        farewell: Hash,
    },
    /// A resident answered.
    #[n(20)]
    Answered {
        /// The answer.
        #[n(0)]
        word: crate::answer::Word,
        /// H(answer).
        #[n(1)]
        answer: Hash,
    },
    /// Someone at the hub pressed No: once for every visit that was open, or without a visit if none was.
    #[n(21)]
    SaidNoAtHub,
    /// A verified ring: the home chimes and asks. The visit begins, without a permission.
    #[n(22)]
    Rang {
        /// H(assignment).
        #[n(0)]
        assignment: Hash,
        /// The visitor's device.
        #[n(1)]
        device: Kid,
        /// How long somebody is asked, seconds.
        #[n(2)]
        asked_s: u32,
    },
    /// A resident looks: a camera is shown outside a visit, and nothing is kept.
    #[n(23)]
    Looked {
        /// Whose key signed.
        #[n(0)]
        by: Kid,
        /// The camera: its recorder's key.
        #[n(1)]
        camera: Kid,
        /// For how long at most, seconds.
        #[n(2)]
        seconds: u32,
        /// H(look).
        #[n(3)]
        look: Hash,
    },
}

/// The commitment to open, written and synced before the bolt moves.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Intent {
    /// Number of this passage in its visit, from 1.
    #[n(0)]
    pub passage: u32,
    /// H(grant).
    #[n(1)]
    pub grant: Hash,
    /// Its id.
    #[n(2)]
    pub grant_id: GrantId,
    /// H(assignment).
    #[n(3)]
    pub assignment: Option<Hash>,
    /// H(presentation).
    #[n(4)]
    pub presentation: Hash,
    /// Parcels whose scans opened an errand.
    #[n(5)]
    pub parcels: u32,
    /// Where every demanded recording stood.
    #[n(6)]
    pub recordings: Vec<RecordingHead>,
}

/// Where a recording stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct RecordingHead {
    /// Who vouches for it.
    #[n(0)]
    pub recorder: Kid,
    /// Which recording.
    #[n(1)]
    pub recording: RecordingId,
    /// Number of its newest chunk.
    #[n(2)]
    pub frame: u64,
    /// Hash of that chunk.
    #[n(3)]
    pub chain_head: Hash,
}

/// How a visit ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct VisitEnd {
    /// Counter of the arrival, or of the ring before it.
    #[n(0)]
    pub first: u64,
    /// Counter of this event.
    #[n(1)]
    pub last: u64,
    /// What became of it.
    #[n(2)]
    pub outcome: Outcome,
    /// Parcels inside, by the visitor's word.
    #[n(3)]
    pub parcels: u32,
}

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Outcome {
    /// The door was opened and is secured again.
    #[n(0)]
    Secured,
    /// The door never moved.
    #[n(1)]
    NotOpened,
    /// The door was opened, and an alarm is out.
    #[n(2)]
    Incident,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_detail_opens_only_its_own_event() {
        let detail = Detail {
            at: Interval::exactly(Timestamp(1_700_000_000)),
            monotonic: Monotonic(5),
            visit: None,
            body: Body::Opened,
        };
        let salt = Salt([3; 16]);
        let bytes = canonical::encode(&detail);
        assert_eq!(Detail::open(&bytes, salt, detail.commit(salt)), Ok(detail.clone()));
        assert!(Detail::open(&bytes, Salt([4; 16]), detail.commit(salt)).is_err());
    }
}
