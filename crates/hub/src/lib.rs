//! hub

pub mod clock;
pub mod journal;
pub mod limits;
pub mod lock;
