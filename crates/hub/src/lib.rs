//! The box at home: the only program that moves a bolt.
//!
//! [`start`] puts everything together; `eventloop` is where it meets, [`conduct`] what follows; [`journal`] remembers, [`clock`] knows the time
//! as an interval, [`lock`] and [`camera`] speak to devices, [`recorder`] is a process of its own, [`uplink`] speaks
//! to the cloud, [`control`] is the buttons at the hub, [`folder`] and [`config`] are what lies on disk.
//! What may open when is decided in crate `doorkeeper`, nowhere here.

pub mod camera;
pub mod clock;
pub mod conduct;
pub mod config;
pub mod control;
mod eventloop;
pub mod folder;
pub mod journal;
pub mod limits;
pub mod lock;
pub mod recorder;
mod recorder_child;
pub mod ring_verifier;
pub mod start;
pub mod uplink;

pub use recorder_child::RecorderProgram;
