//! What the reference door hears and says, without a byte of the wire.

use super::cast::Key;
use doorkeeper::alarm::Alarm;
use doorkeeper::sensors::{Bolt, Door};
use protocol::answer::Word;

/// All that a bolt may say.
pub(crate) const BOLTS: [Bolt; 7] = [
    Bolt::Locked,
    Bolt::Unlocked,
    Bolt::Locking,
    Bolt::Unlocking,
    Bolt::Unlatched,
    Bolt::Jammed,
    Bolt::Unknown,
];

/// A code of section 11.
pub(crate) type Code = &'static str;

/// What a list of revocations says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) by: Key,
    pub(crate) sequence: u64,
    pub(crate) issued: u64,
    pub(crate) blocked: bool,
    pub(crate) grant: Option<usize>,
    pub(crate) provider: Option<Key>,
    pub(crate) device: Option<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) visit: u8,
    pub(crate) grant: usize,
    pub(crate) assignment: Option<usize>,
    pub(crate) device: Key,
    pub(crate) right_tag: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    Right,
    Nothing,
    OfAnotherParcel,
    TheSameTwice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presentation {
    pub(crate) visit: u8,
    /// Which challenge of the visit, from 0; none that this door made, if that is none.
    pub(crate) challenge: Option<usize>,
    pub(crate) device: Key,
    pub(crate) grant: usize,
    pub(crate) assignment: Option<usize>,
    pub(crate) scan: Scan,
    pub(crate) mangled: bool,
}

/// What comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum In {
    Tick,
    Synced,
    JournalFails,
    Bolt(Bolt),
    Door(Door),
    Battery(u8),
    Smoke(bool),
    Occupied(Option<bool>),
    List(List),
    MemberLeaves,
    NewGrantIsConfirmed,
    Arrival(Arrival),
    Presentation(Presentation),
    Farewell {
        visit: u8,
        device: Key,
    },
    Answer {
        visit: u8,
        word: Word,
        by: Key,
    },
    LocalNo,
    LineCrossed,
    /// A fresh proof for everything that was asked.
    Proven,
    Witnessed,
    Frozen(bool),
}

/// What goes out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Out {
    Say(u8, &'static str),
    Log(Option<u8>, String),
    Unlock,
    Lock,
    Alarm(Alarm, bool),
    Sound(bool),
    Chime,
    Film(u8),
    FilmOver(u8),
    AskWitness,
    Kept(Option<Code>),
}

/// Section 11.
pub(crate) fn word(code: Code) -> &'static str {
    match code {
        "malformed"
        | "challenge_unknown"
        | "challenge_expired"
        | "presentation_signature"
        | "other_papers"
        | "witness_missing"
        | "lock_stuck"
        | "wrong_tag" => "try again",
        "wrong_parcel" => "wrong parcel",
        "door_not_shut" | "bolt_not_locked" | "door_busy" | "notice_too_short" | "recording_missing"
        | "recording_stale" | "occupied" | "too_many_visits" => "wait",
        _ => "not here today",
    }
}
