//! Time as the protocol knows it: seconds, windows, and the interval that a home can vouch for.

use crate::canonical::Malformed;
use minicbor::{Decode, Encode};

/// Seconds since 1970-01-01T00:00:00 UTC, without leap seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub u64);

impl Timestamp {
    /// The end of time: what a home without a clock must assume.
    pub const MAX: Self = Self(u64::MAX);

    /// `seconds` later; stays at the end of time.
    #[must_use]
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to `self`; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// From `from` on, until just before `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Window {
    /// First second inside.
    #[n(0)]
    pub from: Timestamp,
    /// First second after.
    #[n(1)]
    pub until: Timestamp,
}

impl Window {
    /// True if the whole interval lies inside: a home that is unsure of the time says no.
    pub fn contains(&self, interval: &Interval) -> bool {
        self.from <= interval.lo && interval.hi < self.until
    }

    /// True if some of the interval lies inside: what may have happened in this window counts as if it had.
    pub fn may_contain(&self, interval: &Interval) -> bool {
        interval.lo < self.until && self.from <= interval.hi
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        if self.from < self.until { Ok(()) } else { Err(Malformed::Rule("a window ends after it begins")) }
    }
}

/// The home knows that now is not before `lo` and not after `hi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Interval {
    /// Persisted, monotonic floor.
    #[n(0)]
    pub lo: Timestamp,
    /// Ceiling; [`Timestamp::MAX`] without a clock.
    #[n(1)]
    pub hi: Timestamp,
}

impl Interval {
    /// An exact point in time.
    pub const fn exactly(at: Timestamp) -> Self {
        Self { lo: at, hi: at }
    }

    /// Whoever says that now is after it is before contradicts itself.
    pub(crate) const fn check(&self) -> Result<(), Malformed> {
        if self.lo.0 <= self.hi.0 {
            Ok(())
        } else {
            Err(Malformed::Rule("an interval begins before it ends"))
        }
    }
}

/// Milliseconds on a clock that only moves forward while the hub runs. No relation to the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Monotonic(#[n(0)] pub u64);

impl Monotonic {
    /// `ms` milliseconds later.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to `self`; zero if `earlier` is later.
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window { from: Timestamp(100), until: Timestamp(200) };

    #[test]
    fn a_window_needs_the_whole_interval() {
        let inside = |lo, hi| WINDOW.contains(&Interval { lo: Timestamp(lo), hi: Timestamp(hi) });
        assert!(inside(100, 199));
        assert!(!inside(99, 150));
        assert!(!inside(150, 200));
        assert!(!inside(150, u64::MAX));
    }
}
