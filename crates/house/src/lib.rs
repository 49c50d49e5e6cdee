//! The virtual home: what stands behind the hub when there is no hardware.

pub mod hallway;
pub mod physics;

/// Why the house cannot stand.
#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    /// No memory for the picture.
    #[error("no memory for a picture of the hallway")]
    Canvas,
}
