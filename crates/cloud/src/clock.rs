//! The cloud's one clock and its one source of chance. The clock serves listings and expiry here; no home believes it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// The clock by which stored things grow old. It goes with the machine's; a test may put it ahead.
#[derive(Debug, Clone)]
pub struct Clock(watch::Sender<Duration>);

impl Default for Clock {
    fn default() -> Self {
        Self(watch::Sender::new(Duration::ZERO))
    }
}

impl Clock {
    /// Puts it ahead, and wakes what waits for a time.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        let ahead = i64::try_from(self.0.borrow().as_millis()).unwrap_or(i64::MAX);
        now_ms().saturating_add(ahead)
    }

    /// Resolves after this time, or when the clock was put ahead.
    pub(crate) async fn pass(&self, time: Duration) {
        let mut moved = self.0.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _moved = moved.changed() => {}
        }
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
