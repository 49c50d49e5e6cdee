//! What devices report about the door. Two fields, two types: a bolt is not a door.

/// The bolt as its device reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Bolt {
    /// Thrown.
    Locked,
    /// Withdrawn.
    Unlocked,
    /// On its way out.
    Locking,
    /// On its way in.
    Unlocking,
    /// Withdrawn, and the latch held back too.
    Unlatched,
    /// Stuck.
    Jammed,
    /// Offline, unrecognised or not yet heard: never taken for locked.
    #[default]
    Unknown,
}

/// The door as its contact reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Door {
    /// Out of its frame.
    Open,
    /// In its frame.
    Closed,
    /// The contact was tampered with.
    Tampered,
    /// Offline, unrecognised or not yet heard: never taken for closed.
    #[default]
    Unknown,
}
