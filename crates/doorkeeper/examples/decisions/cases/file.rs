//! One decision as it stands in its file: the situation in readable form, the messages in hexadecimal.

use serde::{Deserialize, Serialize};

/// One file `decision-*.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    pub(crate) name: String,
    pub(crate) sentence: String,
    /// `decision` on a presentation, `arrival` for the check of an arrival, `ring` for that of
    /// a ring, `keeping` for that of a paper, `answer` for
    /// that of a resident's word, `look` for that of a look.
    pub(crate) r#type: String,
    /// `admitted`, `received`, `asked`, `kept`, `heard` or `shown`; or `refused:<code>`.
    pub(crate) expected: String,
    /// Step of the home's decision that refuses.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) step: Option<u8>,
    pub(crate) now: Now,
    pub(crate) home: Home,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) visit: Option<Visit>,
    /// Index of the presentation among the messages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) presentation: Option<usize>,
    /// Index of the arrival among the messages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) arrival: Option<usize>,
    /// Index of the ring among the messages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) ring: Option<usize>,
    /// The paper that comes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) keeping: Option<Keeping>,
    /// Index of the answer among the messages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) answer: Option<usize>,
    /// The look that comes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) look: Option<Look>,
    pub(crate) messages: Vec<Message>,
}

/// A paper that comes, and whether someone is at the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keeping {
    pub(crate) message: usize,
    pub(crate) someone_is_at_hub: bool,
}

/// A look that comes, and what the home knows of looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    pub(crate) message: usize,
    /// What signed heads gave out, and no look has used.
    pub(crate) nonces: Vec<Nonce>,
    /// When cameras were shown before.
    pub(crate) begun_ms: Vec<u64>,
    /// A visit is on, or somebody rings.
    pub(crate) somebody_is_at_the_door: bool,
    /// When someone at the hub said no.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) no_at_hub_ms: Option<u64>,
}

/// A nonce and when it was given out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nonce {
    pub(crate) nonce: String,
    pub(crate) made_ms: u64,
}

/// Now: the calendar interval, and the monotonic clock. `hi` is absent without a clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Now {
    pub(crate) lo: u64,
    pub(crate) hi: Option<u64>,
    pub(crate) monotonic_ms: u64,
}

/// The home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Home {
    pub(crate) journal_is_healthy: bool,
    pub(crate) is_commissioned: bool,
    pub(crate) door_is_busy: bool,
    pub(crate) bolt: String,
    pub(crate) door: String,
    pub(crate) battery_percent: Option<u8>,
    pub(crate) smoke: bool,
    pub(crate) occupied: Option<bool>,
    /// Index of the roster in force.
    pub(crate) roster: usize,
    pub(crate) papers: Vec<Paper>,
    /// `issued` of the newest list of an owner or member, if a companion signed the list in force.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) renewed: Option<u64>,
    pub(crate) uses: Vec<Use>,
    /// What was said to earlier visits.
    pub(crate) noes: Vec<No>,
    /// Visits that ended.
    pub(crate) ended: Vec<String>,
    /// What the sticker at the door says.
    pub(crate) door_tag: String,
}

/// A paper that the home holds; the type stands in its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paper {
    pub(crate) message: usize,
    /// Since when, on the monotonic clock.
    pub(crate) held_since_ms: u64,
    /// Grants: confirmed by a second device or at the hub.
    pub(crate) confirmed: bool,
}

/// A burned use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Use {
    pub(crate) grant_id: String,
    pub(crate) visit: String,
    pub(crate) lo: u64,
    pub(crate) hi: u64,
}

/// A No to an earlier visit under a grant: a resident's *stop*, or No at the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct No {
    pub(crate) grant_id: String,
    pub(crate) at_hub: bool,
    pub(crate) lo: u64,
    pub(crate) hi: u64,
}

/// What is known of the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Visit {
    pub(crate) visit: String,
    /// H(grant) of the arrival.
    pub(crate) grant: String,
    /// H(assignment) of the arrival.
    pub(crate) assignment: Option<String>,
    /// Challenges that are outstanding.
    pub(crate) challenges: Vec<Challenge>,
    pub(crate) tries: u8,
    pub(crate) entries: u32,
    pub(crate) pulses: u8,
    /// Indices of the recording proofs that came.
    pub(crate) proofs: Vec<usize>,
    pub(crate) local_no: bool,
    /// `allow`, `stop` or `coming`.
    pub(crate) answer: Option<String>,
}

/// A challenge and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Challenge {
    pub(crate) message: usize,
    pub(crate) made_ms: u64,
}

/// A signed message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) r#type: String,
    /// `refuses` if its bytes do not match the CDDL.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) cddl: Option<String>,
    pub(crate) hex: String,
}

impl Decision {
    /// The file's text.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers always serialise") + "\n"
    }
}
