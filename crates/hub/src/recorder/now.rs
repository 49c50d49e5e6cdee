//! The recorder's one place for clock and chance.

use rustix::time::{ClockId, clock_gettime};

/// Milliseconds of CLOCK_BOOTTIME: moves forward only, also while the machine sleeps. The hub reads the same clock.
pub(crate) fn boot_ms() -> u64 {
    ms(ClockId::Boottime)
}

/// Milliseconds since 1970 as this machine believes. May jump.
pub(crate) fn unix_ms() -> u64 {
    ms(ClockId::Realtime)
}

fn ms(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000).saturating_add(u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000)
}

/// 32 fresh random bytes.
#[allow(clippy::disallowed_methods, reason = "the recorder's one source of chance")]
pub(crate) fn entropy() -> Result<[u8; 32], getrandom::Error> {
    let mut out = [0; 32];
    getrandom::fill(&mut out)?;
    Ok(out)
}
