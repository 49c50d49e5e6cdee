//! What the page is told in words, as JSON. Times are milliseconds since 1970, UTC.

use serde::Serialize;

/// What is known of bolt and door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Door {
    /// Closed, and the bolt is across the gap.
    Locked,
    /// Closed, and the bolt is withdrawn.
    Unlocked,
    /// Open, or not quite shut.
    Open,
    /// Not known.
    Unknown,
}

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Words {
    /// German, *du*.
    pub(crate) de: String,
    /// English.
    pub(crate) en: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Moment {
    /// When.
    pub(crate) at_unix_ms: u64,
    /// What.
    pub(crate) words: Words,
    /// Shown in red: an incident, and nothing else.
    pub(crate) is_incident: bool,
}

/// A piece that the recording does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Gap {
    /// Last picture before it.
    pub(crate) from_unix_ms: u64,
    /// First picture after it.
    pub(crate) to_unix_ms: u64,
}

/// Everything beside the picture. Each state replaces the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PageState {
    /// What is known of the door.
    pub(crate) door: Door,
    /// When the door last said so.
    pub(crate) checked_unix_ms: Option<u64>,
    /// When the recording began.
    pub(crate) began_unix_ms: Option<u64>,
    /// When it ended; no picture is awaited from then on.
    pub(crate) ended_unix_ms: Option<u64>,
    /// Where the visit stands.
    pub(crate) words: Option<Words>,
    /// What happened so far, oldest first.
    pub(crate) moments: Vec<Moment>,
    /// What is missing so far, oldest first.
    pub(crate) gaps: Vec<Gap>,
}
