//! What is wrong with somebody's clock, as a sentence with its mend. Decides nothing.

use super::{Reading, Source};
use crate::limits::CLOCK_UNCERTAINTY_S_MAX;
use protocol::time::{Interval, Timestamp};
use std::fmt;

const DAY_S: u64 = 86_400;

/// Something that a resident should know about a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Earlier than the home knows it to be.
    Behind {
        /// Whose clock.
        source: Source,
        /// What it shows.
        shows: Timestamp,
        /// It cannot be earlier than this.
        floor: Timestamp,
        /// True if other sources outvoted it; false if the home does not know the time any more.
        ignored: bool,
    },
    /// Later than the home knows it to be.
    Ahead {
        /// Whose clock.
        source: Source,
        /// What it shows.
        shows: Timestamp,
        /// It cannot be later than this.
        ceiling: Timestamp,
        /// True if other sources outvoted it; false if the home does not know the time any more.
        ignored: bool,
    },
    /// A whole year off, within a day: somebody typed the wrong year.
    YearOff {
        /// Whose clock.
        source: Source,
        /// What it shows.
        shows: Timestamp,
        /// What the home took it for until now.
        known: Timestamp,
        /// True if other sources outvoted it; false if the home does not know the time any more.
        ignored: bool,
    },
    /// Two sources agreed on another time than the home's, and the home followed.
    Moved {
        /// Before.
        from: Timestamp,
        /// After.
        to: Timestamp,
    },
    /// The source itself hardly knows the time.
    Vague(Source),
}

impl Finding {
    pub(super) fn contradiction(reading: &Reading, known: &Interval, ignored: bool) -> Self {
        let (source, shows) = (reading.source, reading.wall);
        let off = shows.since(known.lo).max(known.lo.since(shows));
        if off.abs_diff(365 * DAY_S) <= DAY_S || off.abs_diff(366 * DAY_S) <= DAY_S {
            Self::YearOff { source, shows, known: known.lo, ignored }
        } else if shows < known.lo {
            Self::Behind { source, shows, floor: known.lo, ignored }
        } else {
            Self::Ahead { source, shows, ceiling: known.hi, ignored }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Box => write!(f, "this box's clock"),
            Self::Network(n) => write!(f, "time server {n}"),
            Self::Resident => write!(f, "a resident's device"),
        }
    }
}

fn consequence(ignored: bool) -> &'static str {
    if ignored {
        "The others disagree with it, so it is ignored"
    } else {
        "Until two sources agree, no permission that ends can be used"
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Behind { source, shows, floor, ignored } => write!(
                f,
                "{source} shows {}, but it is at least {}. {}",
                utc(shows),
                utc(floor),
                consequence(ignored)
            ),
            Self::Ahead { source, shows, ceiling, ignored } => write!(
                f,
                "{source} shows {}, but it is at most {}. {}",
                utc(shows),
                utc(ceiling),
                consequence(ignored)
            ),
            Self::YearOff { source, shows, known, ignored } => write!(
                f,
                "{source} is off by a whole year: it shows {}, it should be about {}. Correct the year. {}",
                utc(shows),
                utc(known),
                consequence(ignored)
            ),
            Self::Moved { from, to } => {
                write!(
                    f,
                    "two clocks agree that it is {}, the home had {}. It followed them",
                    utc(to),
                    utc(from)
                )
            }
            Self::Vague(source) => {
                write!(f, "{source} is unsure by more than {CLOCK_UNCERTAINTY_S_MAX} s: it is not used")
            }
        }
    }
}

/// `2026-11-22 21:58 UTC`, for people.
fn utc(at: Timestamp) -> String {
    // Days to civil date by eras of 400 years: Howard Hinnant, "chrono-compatible low-level date algorithms".
    let days = at.0 / DAY_S + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let minute_of_day = at.0 % DAY_S / 60;
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", minute_of_day / 60, minute_of_day % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_people_write_them() {
        assert_eq!(utc(Timestamp(0)), "1970-01-01 00:00 UTC");
        assert_eq!(utc(Timestamp(1_709_164_800)), "2024-02-29 00:00 UTC");
        assert_eq!(utc(Timestamp(1_795_384_706)), "2026-11-22 21:58 UTC");
        // Somebody's broken clock must not end the hub.
        utc(Timestamp(u64::MAX - 1));
    }
}
