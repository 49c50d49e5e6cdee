//! The recorder: films a visit, seals it, proves it, and gets it to the cloud.

pub(crate) mod now;
