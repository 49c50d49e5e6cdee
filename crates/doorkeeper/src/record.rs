//! What a home writes to its journal. Replaying the records gives back everything that must not be forgotten.

use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use protocol::bytes::Hash;
use protocol::canonical::{self, Malformed};
use protocol::time::{Interval, Timestamp};
use protocol::uplink::{DetailOpening, LogEntry, Paper};
use protocol::{bytes::Blob, limits};

/// One record. Written and synced before the world is changed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Record {
    /// A door event with its detail.
    #[n(0)]
    Event {
        /// The signed event.
        #[n(0)]
        event: Blob,
        /// Salt and detail.
        #[n(1)]
        opening: DetailOpening,
    },
    /// A paper that was checked and is kept, and when.
    #[n(1)]
    Kept {
        /// The paper.
        #[n(0)]
        paper: Paper,
        /// When, as far as the home knew.
        #[n(1)]
        at: Interval,
    },
    /// Someone at the hub confirmed a pending grant.
    #[n(2)]
    PresenceConfirmed(#[n(0)] Hash),
    /// Time will not go below this again.
    #[n(3)]
    ClockFloor(#[n(0)] Timestamp),
    /// The hub stopped in good order. Counts if it is the last record.
    #[n(4)]
    StoppedCleanly,
}

impl Record {
    /// Bytes for the journal.
    pub fn encode(&self) -> Vec<u8> {
        canonical::encode(self)
    }

    /// Reads what [`Record::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        canonical::decode(bytes, limits::UPLINK_BYTES_MAX)
    }

    /// The door-log entry, for events.
    pub fn log_entry(&self) -> Option<LogEntry> {
        match self {
            Self::Event { event, opening } => {
                Some(LogEntry { event: event.clone(), opening: Some(opening.clone()) })
            }
            Self::Kept { .. } | Self::PresenceConfirmed(_) | Self::ClockFloor(_) | Self::StoppedCleanly => {
                None
            }
        }
    }
}
