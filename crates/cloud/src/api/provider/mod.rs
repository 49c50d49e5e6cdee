//! What providers see and say. They find no home but by a delivery number, and learn nothing of it but its door.

pub(crate) mod account;
pub(crate) mod assignments;
pub(crate) mod consignments;
pub(crate) mod delegations;
pub(crate) mod handsets;
pub(crate) mod stops_away;
pub(crate) mod visits;
