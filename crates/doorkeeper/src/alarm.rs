//! An alarm: something at the door needs a person. Raised once, and said to be over when it is.

macro_rules! alarms {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What needs a person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Alarm { $($(#[$doc])* $name,)* }

        impl Alarm {
            /// All of them, for tables.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable name for the door log, tables and tests.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The alarm with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|alarm| alarm.code() == code)
            }
        }
    };
}

alarms! {
    /// The door stands open longer than the terms allow.
    LeftOpen = "left_open",
    /// The bolt is stuck.
    BoltJammed = "bolt_jammed",
    /// The bolt was not reported thrown after two commands.
    NotLocked = "not_locked",
    /// The lock says locked, the contact says open: one of them lies.
    LockedButOpen = "locked_but_open",
    /// The bolt was withdrawn and the hub had not asked for it.
    UnlockedUnasked = "unlocked_unasked",
    /// The lock's link is gone during a passage.
    LockOffline = "lock_offline",
    /// The contact says nothing certain during a passage.
    DoorUncertain = "door_uncertain",
    /// The contact was tampered with.
    DoorTampered = "door_tampered",
    /// No recording proof during a passage.
    RecordingLost = "recording_lost",
    /// The picture does not change while the door does.
    PictureFrozen = "picture_frozen",
    /// Someone crossed the line although the terms end there.
    LineCrossed = "line_crossed",
    /// Smoke.
    Smoke = "smoke",
    /// The journal failed.
    JournalFailed = "journal_failed",
    /// After a start it is not certain that the door is shut.
    UnclearAtStart = "unclear_at_start",
}
