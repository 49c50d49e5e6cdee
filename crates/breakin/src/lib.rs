//! A home to break into. Somebody has stolen a whole cloud, puts an attempt together from what lies on the tray, and the
//! doorkeeper of every real home decides. Nothing here knows how an attempt ends.
//!
//! Keys are made from random bytes that the page hands in; the only door is a drawn one. The lock obeys, the recorder
//! sees, and the disk keeps: what is tried here is the decision, not the devices.
//!
//! Read in this order: [`attempt`] (what can be tried), `tray` and `chosen` (the papers), `home` and `world` (what
//! it is tried on), [`play`] (how), [`check`] (which check said no).

pub mod attempt;
pub mod check;
mod chosen;
mod home;
mod page;
pub mod play;
mod tray;
mod world;

pub use page::Playground;
