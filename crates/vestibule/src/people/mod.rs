//! What people do, as functions: the commands print what these return, and the demo calls the same ones.

pub(crate) mod operator;
pub(crate) mod provider;
pub(crate) mod resident;
pub(crate) mod visitor;

use protocol::time::{Timestamp, Window};
use serde_json::{Value, json};

/// The wall clock of this machine: the one place where people's commands read it.
pub(crate) fn now() -> Timestamp {
    hub::clock::read_box().wall
}

/// The same in milliseconds, for the age of pictures.
pub(crate) fn now_unix_ms() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000 + u64::try_from(now.tv_nsec).unwrap_or(0) / 1_000_000
}

/// A window as the cloud's JSON has it.
pub(crate) fn window_json(window: Window) -> Value {
    json!({ "from": window.from.0, "until": window.until.0 })
}

/// A window out of the cloud's JSON.
pub(crate) fn window_of(value: &Value) -> Option<Window> {
    Some(Window { from: Timestamp(value["from"].as_u64()?), until: Timestamp(value["until"].as_u64()?) })
}
