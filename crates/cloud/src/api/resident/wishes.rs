//! What a device wants to be told, as the app says it.

use crate::problem::ApiError;
use crate::telling::{KINDS, Wishes};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Hours in which only `alarm` and `incident` are told. They may go over midnight.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietHours {
    /// First quiet minute of the day in UTC, 0 to 1439. The device knows its own time zone, and says it anew when that
    /// changes.
    from_min: u16,
    /// First minute after them.
    until_min: u16,
}

impl QuietHours {
    pub(crate) fn of(wishes: &Wishes) -> Option<Self> {
        wishes.quiet.map(|(from_min, until_min)| Self { from_min, until_min })
    }
}

/// Refuses kinds that there are not, and minutes that no day has.
pub(crate) fn wishes(kinds: Vec<String>, quiet: Option<QuietHours>) -> Result<Wishes, ApiError> {
    let is_known = |kind: &String| KINDS.contains(&kind.as_str());
    if kinds.is_empty() || kinds.len() > KINDS.len() || !kinds.iter().all(is_known) {
        let detail = format!("kinds names one or more of {}", KINDS.join(", "));
        return Err(ApiError::field("push_kinds", "kinds", detail));
    }
    let is_minute = |minute: u16| minute < 24 * 60;
    if quiet.is_some_and(|quiet| !is_minute(quiet.from_min) || !is_minute(quiet.until_min)) {
        let detail = "quiet hours are minutes of the day in UTC, 0 to 1439";
        return Err(ApiError::field("push_quiet", "quiet", detail));
    }
    Ok(Wishes { kinds, quiet: quiet.map(|quiet| (quiet.from_min, quiet.until_min)) })
}
