//! A home, its people and its cloud under a virtual clock, in a world that fails and cheats. One seed is one visit.
//!
//! Real, because they are the code that ships: the doorkeeper, what a hub does with its outputs ([`hub::conduct`]), the
//! journal, the hub's clock, the bookkeeping of its connection ([`hub::uplink::Line`]), every message and its encoding.
//! Models: lock, door, recorder, cloud, networks, people. The disk loses, tears and reorders what was not synced.
//!
//! Read in this order: [`fault`] (what goes wrong, and when), `world` (how it runs), `hub_box`, `lock`, `recorder`,
//! `cloud`, `people` (who does what), [`invariants`] (what must hold), [`matrix`] (what was met).

mod cast;
mod chance;
mod cloud;
pub mod fault;
mod hub_box;
pub mod invariants;
mod keys;
mod lock;
pub mod matrix;
mod people;
mod plan;
mod queue;
mod recorder;
mod stages;
mod story;
mod world;

pub use keys::Keys;
pub use world::{Outcome, play, tell};
