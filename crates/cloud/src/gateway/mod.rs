//! Who is connected: homes, visitors at doors, and the watch over homes that fall silent.
//!
//! Owns: live connections, in memory. Whatever must survive a restart is in the store.

mod homes;
mod log;
mod silence;
pub(crate) mod socket;
pub(crate) mod uplink;
mod visitors;

pub(crate) use homes::{Homes, HomesWord};
pub(crate) use log::{catch_up, rebuild};
pub(crate) use silence::{Silence, watch_silence};
pub(crate) use visitors::Visitors;
