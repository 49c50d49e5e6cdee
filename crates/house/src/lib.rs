//! The virtual home: what stands behind the hub when there is no hardware.

pub mod physics;
