//! The demo: a cloud, a virtual home, a hub with its recorder, and four people, each with keys of their own.
//!
//! [`stage`] starts the processes, [`play`] is the delivery from announcement to receipt, [`watching`] is the
//! resident's view of it, [`practice`] goes on with two browsers. Everything goes through the same programs and the same API as in real life.

pub(crate) mod play;
pub(crate) mod practice;
pub(crate) mod stage;
pub(crate) mod watching;
