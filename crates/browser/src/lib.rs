//! The cores for a browser: what the web app decodes, drafts, verifies and opens, compiled to WebAssembly.
//!
//! There is no second implementation of the protocol. The page's TypeScript asks the cloud, draws, and keeps keys in
//! WebCrypto or a passkey, where they only sign and unwrap; every byte that is signed is written here, every byte that
//! is believed was checked here.
//!
//! Envelopes, credentials and other bytes cross the border as base64url text, as they stand in the cloud's JSON;
//! identifiers and hashes as hexadecimal; pictures as byte arrays. No secret key crosses it but that of a recovery sheet, on its
//! way to the paper and back.
//!
//! Read in this order: [`draft`] (how something is signed), [`home`] (the roster and what is signed to it), [`permission`] and
//! [`letter`] (a permission in words), [`stops`], [`log`], [`watch`], [`clip`] and [`share`], [`handset`], [`left`], [`photo`] and [`guest`].

pub mod clip;
pub mod draft;
pub mod founding;
pub mod guest;
pub mod handset;
pub mod home;
pub mod household;
pub mod key;
pub mod left;
pub mod letter;
pub mod letters;
pub mod log;
pub mod permission;
pub mod photo;
pub mod proof;
pub mod share;
pub mod stops;
pub mod text;
pub mod trouble;
pub mod watch;
