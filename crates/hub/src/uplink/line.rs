//! One connection as numbers: what the cloud has stored, what was sent, and how old what it says is. No socket, no clock.

use super::DurableLog;
use crate::limits::UPLINK_BATCH_EVENTS;
use protocol::limits::DOWNLINK_LIFE_MS;
use protocol::time::Monotonic;
use protocol::uplink::{Downlink, LogEntry, ToHome};

/// Beats that are remembered: more than a message may be old.
const BEATS_MAX: u64 = 64;

/// A connection that is signed in.
#[derive(Debug, Clone)]
pub struct Line {
    /// Events that the cloud has stored.
    stored: u64,
    /// Events that were sent on this connection.
    sent: u64,
    /// When each recent beat was sent; the newest last.
    beats: Vec<(u64, Monotonic)>,
}

/// What became of a message from the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It said what is stored.
    Stored,
    /// For the event loop.
    Message(ToHome),
    /// Too old to be carried out.
    Stale(ToHome),
    /// Nothing that belongs here: the connection ends.
    Unexpected,
}

impl Line {
    /// With what the cloud said at the welcome.
    pub const fn new(stored: u64) -> Self {
        Self { stored, sent: stored, beats: Vec::new() }
    }

    /// The next events to send, if any. One batch may be under way at a time: the next follows when it is stored.
    pub fn batch(&mut self, log: &DurableLog) -> Option<Vec<LogEntry>> {
        if self.sent > self.stored {
            return None;
        }
        let batch = log.after(self.sent, UPLINK_BATCH_EVENTS);
        self.sent += batch.len() as u64;
        (!batch.is_empty()).then_some(batch)
    }

    /// The next beat's number.
    pub fn beat(&mut self, now: Monotonic) -> u64 {
        let number = self.beats.last().map_or(1, |(number, _)| number + 1);
        self.beats.push((number, now));
        self.beats.retain(|(n, _)| number - n < BEATS_MAX);
        number
    }

    /// Takes what the cloud said.
    pub fn take(&mut self, now: Monotonic, downlink: Downlink) -> Taken {
        match downlink.message {
            ToHome::LogStored(counter) => {
                // A cloud that claims more than it was sent is only hurting itself; it gets no say in the door.
                self.stored = counter.min(self.sent).max(self.stored);
                Taken::Stored
            }
            ToHome::Nonce { .. } | ToHome::Welcome(_) => Taken::Unexpected,
            message if self.is_fresh(now, downlink.beat) || matches!(message, ToHome::Keep { .. }) => {
                Taken::Message(message)
            }
            stale => Taken::Stale(stale),
        }
    }

    /// Papers carry their own validity; everything else must answer a beat of the last seconds.
    fn is_fresh(&self, now: Monotonic, beat: u64) -> bool {
        let sent = self.beats.iter().find(|(number, _)| *number == beat).map(|(_, at)| *at);
        sent.is_some_and(|at| now.ms_since(at) <= DOWNLINK_LIFE_MS)
    }
}
