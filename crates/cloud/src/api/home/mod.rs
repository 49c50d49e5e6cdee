//! The hub's and the recorder's side: registering a home, the uplink, the media uplink.

pub(crate) mod connections;
pub(crate) mod registration;
