//! The hub against real brokers, streams and disks: one test program, since most of it waits, and can wait together.

mod recorder_support;
mod rigs;

mod camera_rtsp;
mod journal_crash;
mod lock_conformance;
mod recorder;
