//! What the operator sees and says: who may take part, what went wrong, how much there is. Never what is inside.

pub(crate) mod counts;
pub(crate) mod incidents;
pub(crate) mod providers;
