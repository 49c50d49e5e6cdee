//! Sealed recordings: who may see them, and how anyone can check that nothing was changed, cut or left out.
//!
//! Owns: the chain of sealed chunks, the signed header of a part, the signed manifest of a recording, the wrapping
//! of keys to those who may watch, and the MP4 boxes that turn opened frames into something a player takes.
//!
//! Does not own: cameras, disks and uplinks (crate `hub`, `recorder`), and who may record when (`doorkeeper`).
//! Nothing here reads a clock or draws a random number: capture times and entropy are inputs.
//!
//! Read in this order: [`header`] (a part and its key), [`chunk`] (the bytes), [`seal`] and [`open`] (writing and
//! reading), [`manifest`] and [`verify`] (the whole recording), [`fmp4`] and [`clip`] (players). Beside them [`photo`], of where a
//! parcel was left, whose key is wrapped in the same way, and [`jpeg`], what of a file is the picture.
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

pub mod chunk;
pub mod clip;
pub mod fmp4;
pub mod header;
pub mod jpeg;
pub mod key;
pub mod limits;
pub mod manifest;
pub mod open;
pub mod photo;
pub mod seal;
pub mod verify;

pub use chunk::{Chunk, Content, Gap, GapReason, Init, Kind};
pub use header::{PartHeader, PartId};
pub use key::{KemSecret, PartKey, Recipient};
pub use manifest::{Manifest, PartEntry};
pub use open::PartOpener;
pub use photo::{Photo, PhotoError};
pub use seal::{PartSealer, Sealed};
pub use verify::{Broken, PartFile, PartSummary, Recovered, recover, verify_part, verify_recording};
