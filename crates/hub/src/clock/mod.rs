//! What the home knows about the time: an interval, not a value.
//!
//! Owns: the interval `[lo, hi]`, when readings of clocks are believed, and the one monotonic clock of the hub and
//! the recorder ([`now_ms`]). Does not own: asking servers for the time, and writing the floor to the journal (the
//! event loop does both: [`Clock::floor`]).
//!
//! - `lo` never falls, not across restarts either: the floor is persisted. Only a roster quorum may reset it.
//! - `hi` is [`Timestamp::MAX`] until the time is agreed. Then every grant that ends fails closed.
//! - Agreed means: two independent [`Source`]s overlap, or a resident signed. A box whose own clock is trustworthy at
//!   start ([`AtStart::TrustsTheBox`]) may begin alone, but its clock may not jump later.
//! - From there the boot clock carries the interval, which widens by [`CLOCK_DRIFT_PPM`] on both sides.
//! - A reading that contradicts the interval ends the trust, unless another source has confirmed the interval lately:
//!   then it is the liar. The cloud's clock is never a source.
//!
//! [`Clock`] reads nothing itself: readings and the monotonic time are inputs.

mod finding;
#[cfg(test)]
mod tests;

pub use finding::Finding;

use crate::limits::{
    CLOCK_AGREEMENT_AGE_MS_MAX, CLOCK_BASE_UNCERTAINTY_S, CLOCK_DRIFT_PPM, CLOCK_SOURCES_MAX,
    CLOCK_UNCERTAINTY_S_MAX,
};
use protocol::time::{Interval, Monotonic, Timestamp};
use std::time::{SystemTime, UNIX_EPOCH};

/// Who says what time it is. Two values that differ are independent of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// This box's wall clock.
    Box,
    /// A network time server; the number is its place in the settings. Servers of one operator share a number.
    Network(u8),
    /// A resident's signature over the time, already checked. Counts alone.
    Resident,
}

/// One look at a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Whose clock.
    pub source: Source,
    /// What it showed.
    pub wall: Timestamp,
    /// Seconds by which the source itself says it may be off.
    pub uncertainty_s: u64,
}

/// Whether the box's own clock may begin alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AtStart {
    /// No: after each start two sources agree first. Right for boxes without a battery-backed clock, which start
    /// with the time of their last shutdown.
    #[default]
    NeedsAgreement,
    /// Yes: a battery-backed clock or an authenticated time daemon had set it before the hub started.
    TrustsTheBox,
}

/// An interval that was right at one moment.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    at: Monotonic,
    lo: Timestamp,
    hi: Timestamp,
}

/// See the module.
#[derive(Debug)]
pub struct Clock {
    at_start: AtStart,
    /// Set while the time is agreed.
    anchor: Option<Anchor>,
    /// The floor when there is no anchor to carry it.
    floor: Timestamp,
    /// True once the first reading of the box has been judged.
    started: bool,
    /// The newest reading of each source.
    heard: Vec<(Monotonic, Reading)>,
}

impl Clock {
    /// Starts from the persisted floor; zero in a new home.
    pub fn new(floor: Timestamp, at_start: AtStart) -> Self {
        Self { at_start, anchor: None, floor, started: false, heard: Vec::new() }
    }

    /// What the home can vouch for at `now`.
    pub fn interval(&self, now: Monotonic) -> Interval {
        match self.anchor {
            Some(anchor) => {
                let carried = anchor.carried_to(now);
                Interval { lo: carried.lo.max(self.floor), hi: carried.hi }
            }
            None => Interval { lo: self.floor, hi: Timestamp::MAX },
        }
    }

    /// What to persist: the time is never taken for earlier than this again. Moves only with agreed time.
    pub fn floor(&self, now: Monotonic) -> Timestamp {
        self.interval(now).lo
    }

    /// True while `hi` is bounded.
    pub fn trusted(&self) -> bool {
        self.anchor.is_some()
    }

    /// Takes a reading. A finding is for residents and the operator of the home; the interval says what follows.
    pub fn observe(&mut self, now: Monotonic, reading: Reading) -> Option<Finding> {
        if reading.uncertainty_s > CLOCK_UNCERTAINTY_S_MAX {
            return Some(Finding::Vague(reading.source));
        }
        let seen = bounds(&reading);
        self.remember(now, reading);
        let first_of_box = reading.source == Source::Box && !self.started;
        self.started |= first_of_box;

        let known = self.interval(now);
        if seen.hi < self.floor(now) {
            return Some(self.contradicted(now, &reading, known));
        }
        if reading.source == Source::Resident {
            self.settle(now, seen);
            return None;
        }
        if self.anchor.is_some() {
            if !overlap(&seen, &known) {
                return match self.agreeing(now, &reading) {
                    Some(agreed) if !self.confirmed_by_other(now, reading.source, &known) => {
                        self.settle(now, agreed);
                        Some(Finding::Moved { from: known.lo, to: agreed.lo })
                    }
                    _ => Some(self.contradicted(now, &reading, known)),
                };
            }
            self.narrow(now, &reading, &seen, &known);
            return None;
        }
        if first_of_box && self.at_start == AtStart::TrustsTheBox {
            self.settle(now, seen);
        } else if let Some(agreed) = self.agreeing(now, &reading) {
            self.settle(now, agreed);
        }
        None
    }

    /// A roster quorum has decided that the floor was wrong. Trust begins anew.
    pub fn reset_floor(&mut self, to: Timestamp) {
        *self = Self::new(to, AtStart::NeedsAgreement);
    }

    fn remember(&mut self, now: Monotonic, reading: Reading) {
        self.heard
            .retain(|(at, r)| r.source != reading.source && now.ms_since(*at) <= CLOCK_AGREEMENT_AGE_MS_MAX);
        if self.heard.len() < CLOCK_SOURCES_MAX {
            self.heard.push((now, reading));
        }
    }

    /// Recent readings of other sources, as they would read now.
    fn others(&self, now: Monotonic, source: Source) -> impl Iterator<Item = Interval> {
        let heard = self
            .heard
            .iter()
            .filter(move |(at, r)| r.source != source && now.ms_since(*at) <= CLOCK_AGREEMENT_AGE_MS_MAX);
        heard.map(move |(at, r)| {
            let Interval { lo, hi } = bounds(r);
            Anchor { at: *at, lo, hi }.carried_to(now)
        })
    }

    /// The hull of this reading and one of another source that overlaps it, if there is one. The hull, not the
    /// common part: either may be the one that is off.
    fn agreeing(&self, now: Monotonic, reading: &Reading) -> Option<Interval> {
        let seen = bounds(reading);
        let other = self.others(now, reading.source).find(|other| overlap(other, &seen))?;
        Some(Interval { lo: seen.lo.min(other.lo), hi: seen.hi.max(other.hi) })
    }

    fn confirmed_by_other(&self, now: Monotonic, source: Source, known: &Interval) -> bool {
        self.others(now, source).any(|other| overlap(&other, known))
    }

    /// Ends the trust unless somebody else stands by what is known.
    fn contradicted(&mut self, now: Monotonic, reading: &Reading, known: Interval) -> Finding {
        let ignored = self.anchor.is_some() && self.confirmed_by_other(now, reading.source, &known);
        if !ignored {
            (self.floor, self.anchor) = (known.lo, None);
        }
        Finding::contradiction(reading, &known, ignored)
    }

    /// Agreed time: the floor moves up to it, never down.
    fn settle(&mut self, now: Monotonic, agreed: Interval) {
        self.floor = self.floor(now);
        self.anchor = Some(Anchor { at: now, lo: agreed.lo.max(self.floor), hi: agreed.hi.max(self.floor) });
    }

    /// A reading within the known interval may make it smaller, if more than one voice says so. One alone could walk
    /// the clock to wherever it likes, a drift's width at a time; a trusted box may, it is trusted with that.
    fn narrow(&mut self, now: Monotonic, reading: &Reading, seen: &Interval, known: &Interval) {
        let trusted_box = reading.source == Source::Box && self.at_start == AtStart::TrustsTheBox;
        let agreed = if trusted_box { Some(*seen) } else { self.agreeing(now, reading) };
        let Some(agreed) = agreed else { return };
        let (lo, hi) = (agreed.lo.max(known.lo), agreed.hi.min(known.hi));
        if lo <= hi {
            self.settle(now, Interval { lo, hi });
        }
    }
}

impl Anchor {
    /// The interval at `now`: elapsed time passes at both ends, and drift pushes them apart. Rounded outwards.
    fn carried_to(self, now: Monotonic) -> Interval {
        let elapsed_ms = now.ms_since(self.at);
        let drift_ms = elapsed_ms.saturating_mul(CLOCK_DRIFT_PPM).div_ceil(1_000_000);
        Interval {
            lo: self.lo.plus(elapsed_ms.saturating_sub(drift_ms) / 1_000),
            hi: self.hi.plus(elapsed_ms.saturating_add(drift_ms).div_ceil(1_000)),
        }
    }
}

fn bounds(reading: &Reading) -> Interval {
    let margin = reading.uncertainty_s.saturating_add(CLOCK_BASE_UNCERTAINTY_S);
    Interval { lo: Timestamp(reading.wall.0.saturating_sub(margin)), hi: reading.wall.plus(margin) }
}

fn overlap(a: &Interval, b: &Interval) -> bool {
    a.lo <= b.hi && b.lo <= a.hi
}

/// Milliseconds since this computer started, counted through suspend: the one monotonic clock of hub and recorder.
pub fn now_ms() -> Monotonic {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let (s, ns) = (u64::try_from(now.tv_sec), u64::try_from(now.tv_nsec));
    // Neither is ever negative on this clock.
    Monotonic(s.unwrap_or(0).saturating_mul(1_000).saturating_add(ns.unwrap_or(0) / 1_000_000))
}

/// One look at this box's wall clock. A clock before 1970 reads as 1970, which no floor accepts.
#[expect(clippy::disallowed_methods, reason = "this is the one clock from which the others take it")]
pub fn read_box() -> Reading {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Reading { source: Source::Box, wall: Timestamp(since_1970.as_secs()), uncertainty_s: 0 }
}
