//! The cloud's one clock and its one source of chance. The clock serves listings and expiry here; no home believes it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// The clock by which stored things grow old. It goes with the machine's; a test may play that time passes, or that the
/// machine's clock is set.
#[derive(Debug, Clone)]
pub struct Clock {
    began: Instant,
    played: watch::Sender<Played>,
    /// What was played when old things were looked for last.
    swept: watch::Sender<Played>,
}

/// What a test plays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Played {
    passed_ms: i64,
    set_by_ms: i64,
}

/// One look at the clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Milliseconds since 1970, as the machine has it.
    pub(crate) now_ms: i64,
    /// Milliseconds that passed, whatever the machine's clock was set to meanwhile.
    pub(crate) passed_ms: i64,
    /// What of it a test played.
    pub(crate) played: Played,
}

impl Default for Clock {
    fn default() -> Self {
        Self { began: Instant::now(), played: watch::Sender::default(), swept: watch::Sender::default() }
    }
}

impl Clock {
    /// Lets time pass, and wakes what waits for a time.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.played.send_modify(|played| played.passed_ms = played.passed_ms.saturating_add(by));
    }

    /// Sets the machine's clock ahead or back by milliseconds, without that any time passes; wakes what waits for a time.
    pub fn set_by(&self, by_ms: i64) {
        self.played.send_modify(|played| played.set_by_ms = played.set_by_ms.saturating_add(by_ms));
    }

    /// Waits until old things were looked for after all that was played: two steps that follow each other at once are one
    /// for whoever looks between.
    pub async fn swept(&self) {
        let mut swept = self.swept.subscribe();
        // Fails once the clock is gone, and it is here.
        let _seen = swept.wait_for(|swept| *swept == *self.played.borrow()).await;
    }

    /// Old things were looked for, at this moment.
    pub(crate) fn swept_at(&self, moment: Moment) {
        self.swept.send_replace(moment.played);
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        self.look().now_ms
    }

    /// Both at once.
    pub(crate) fn look(&self) -> Moment {
        let played = *self.played.borrow();
        let Played { passed_ms, set_by_ms } = played;
        let ran_ms = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        Moment {
            now_ms: now_ms().saturating_add(passed_ms).saturating_add(set_by_ms),
            passed_ms: ran_ms.saturating_add(passed_ms),
            played,
        }
    }

    /// Tells of each time that a test moved the clock.
    pub(crate) fn moved(&self) -> watch::Receiver<Played> {
        self.played.subscribe()
    }
}

/// Milliseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "the cloud's one clock")]
pub(crate) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// Seconds since 1970.
pub(crate) fn now_s() -> i64 {
    now_ms() / 1_000
}

/// Random bytes from the operating system.
#[allow(clippy::disallowed_methods, reason = "the cloud's one source of chance")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    // Without randomness nothing here is safe: stop the task that asked. It does not happen after boot.
    assert!(getrandom::fill(&mut out).is_ok(), "the operating system gives no random bytes");
    out
}
