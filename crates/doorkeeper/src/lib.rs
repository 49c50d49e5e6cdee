//! May this door open now, and is it closed again? The decision and the visit, without IO.
//!
//! # The run-loop contract
//!
//! ```text
//! let mut doorkeeper = Doorkeeper::start(home, records_of_the_journal, now);
//! loop {
//!     while let Some(output) = doorkeeper.poll() { carry it out, in this order }
//!     wait for an input, or until doorkeeper.timeout();
//!     doorkeeper.handle(now, input);            // Input::Tick if it was the timeout
//! }
//! ```
//!
//! * Outputs are carried out in the order in which they come. [`Output::Append`] goes to the journal;
//!   [`Output::Sync`] makes everything appended before it durable and is answered by [`Input::Synced`]. Whatever
//!   must not happen before that, such as moving the bolt, comes out only after the answer.
//! * Time, chance, signatures' secrets and all IO are inputs. The same inputs give the same outputs.
//! * Dropping the doorkeeper at any point and starting a new one from the journal is always right: that is what
//!   a crash does.
//!
//! # Map
//!
//! [`admit`] the order of checks · [`passage`] people and the bolt · `visit` from arrival to goodbye ·
//! [`answer`] residents' words · [`refusal`] and [`alarm`] every code · [`papers`] what the home holds · [`uses`] what is used up ·
//! [`past`] what ended and who said no · [`look`] a camera outside a visit ·
//! [`record`] what the journal holds · [`limits`] every number.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::wildcard_enum_match_arm
    )
)]

extern crate alloc;

pub mod admit;
mod advance;
pub mod alarm;
pub mod answer;
mod caller;
pub mod chance;
mod delivery;
mod distress;
mod doorkeeper;
mod intake;
pub mod io;
pub mod limits;
mod log;
pub mod look;
pub mod papers;
pub mod passage;
pub mod past;
pub mod record;
pub mod refusal;
mod restore;
pub mod ring;
mod sense;
pub mod sensors;
mod shelf;
pub mod uses;
mod visit;

pub use doorkeeper::Doorkeeper;
pub use io::{Home, Input, Output, RecorderNews, RecorderOrder, Ticket};
pub use restore::Unreadable;

use protocol::time::{Interval, Monotonic, Timestamp};

/// Now, twice: where the calendar may be, and a clock that only runs forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The hub's monotonic clock.
    pub monotonic: Monotonic,
    /// The calendar, as far as the home knows it.
    pub interval: Interval,
}

impl Now {
    /// A clock that says both later than `lo` and earlier than `hi` contradicts itself: then nothing bounds the time,
    /// and what expires fails closed.
    pub(crate) const fn settled(mut self) -> Self {
        if self.interval.lo.0 > self.interval.hi.0 {
            self.interval.hi = Timestamp::MAX;
        }
        self
    }
}

/// What was proved when the home was set up. Without all of it no grant of any kind is honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commissioning {
    /// The door locks again although the hub is dead: self-closing latch, an auto-lock that senses the door, or
    /// backup power.
    pub relocks_without_hub: bool,
    /// A thrown bolt opens from inside without a key.
    pub opens_from_inside: bool,
    /// The lock's own blind auto-lock is off, tested with the door held open.
    pub no_blind_auto_lock: bool,
}

impl Commissioning {
    /// Everything was proved.
    pub const fn is_complete(&self) -> bool {
        self.relocks_without_hub && self.opens_from_inside && self.no_blind_auto_lock
    }
}
