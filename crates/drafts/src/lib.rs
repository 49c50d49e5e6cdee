//! What residents sign, put together from what they wish: before anybody signs.
//!
//! The app and the command line ask a person different questions and sign with different keys; what comes of the answers
//! is made here, once. Terms that nobody was asked about have their defaults here, each with its reason.
//!
//! Owns no key, no clock, no randomness: ids and the time are inputs. Whether the home accepts is the home's to say.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::wildcard_enum_match_arm
    )
)]

extern crate alloc;

pub mod household;
mod permission;
mod stop;

pub use permission::Wish;
pub use stop::{Change, stop};
