//! The cloud's one clock and its one source of chance. The clock serves listings and expiry here; no home believes it.

use std::time::{SystemTime, UNIX_EPOCH};

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
