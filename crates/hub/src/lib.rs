//! hub
pub mod camera;
pub mod recorder;
