//! The cloud: relays, matches, notifies, stores ciphertext. It can open nothing.
//!
//! Owns: the HTTP surface (`api`), the homes' and visitors' connections (`gateway`), recordings as ciphertext (`media`) and
//! for how long (`retention`), the match of parcel, courier, door and time (`matching`), what is remembered (`store`), the
//! web app as files (`pages`), and what residents are told while the app is closed (`telling`, by `push` and `mail`).
//!
//! Does not own: any decision about a door. There is no message here that means "unlock"; everything that a home acts
//! on is signed by a resident, a provider or a visitor, and checked by the home again. The crate does not depend on
//! `doorkeeper`, so that it cannot pretend to decide.
//!
//! Start with `api` for the routes, then `gateway::uplink` and `api::visitor::door` for one delivery.

mod api;
mod app;
mod clock;
mod config;
mod delivery_number;
mod extract;
mod gateway;
mod identity;
mod json;
mod limits;
mod mail;
mod matching;
mod media;
mod pages;
mod problem;
mod projection;
mod push;
mod rate;
mod retention;
mod serve;
mod store;
mod telling;
mod trust;
mod visit_papers;
mod waiting;

pub use clock::Clock;
pub use config::{Config, NoOrigin, Origin};
pub use mail::MailSettings;
pub use pages::app_build;
pub use push::{NoPushService, PushService};
pub use serve::{CloudError, Running, openapi, start, start_at};
pub use store::Unreadable;
