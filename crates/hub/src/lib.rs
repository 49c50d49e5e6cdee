//! hub

pub mod journal;
pub mod limits;
