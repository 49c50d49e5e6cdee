//! What is signed and verified between resident, provider, visitor and home.
//!
//! Owns: the messages, their one canonical encoding, the signed envelope, keys and passkeys, and the
//! links between messages (hashes and commitments). Each message type is a file named after it.
//!
//! Does not own: whether a door may open (crate `doorkeeper`), how a recording is sealed (crate
//! `recording`), and anything that reads a clock, draws a random number or touches a wire.
//!
//! Read in this order: [`envelope`] (how a message is signed and opened), [`grant`], [`assignment`],
//! [`challenge`], [`presentation`], [`door_event`]. The normative text is `spec/protocol.md`.
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

#[macro_use]
pub mod bytes;

pub mod answer;
pub mod arrival;
pub mod assignment;
pub mod canonical;
pub mod challenge;
pub mod commitment;
pub mod confirmation;
pub mod delegation;
pub mod door_event;
pub mod door_log;
pub mod envelope;
pub mod farewell;
pub mod grant;
pub mod head;
pub mod key;
pub mod left;
pub mod limits;
pub mod look;
pub mod media;
pub mod passkey;
pub mod presentation;
pub mod recording_proof;
pub mod revocation;
pub mod ring;
pub mod roster;
pub mod sign_in;
pub mod time;
pub mod uplink;

pub use bytes::Hash;
pub use envelope::{Claimed, Message, Signed};
pub use key::{Credential, DeviceKey, Kid, PublicKey, Signer, Verifier};
