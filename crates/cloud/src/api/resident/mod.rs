//! What residents see and say: `/v1/homes/{home}/...`. Every route checks the roster in force.

pub(crate) mod answers;
pub(crate) mod consignments;
pub(crate) mod delivery_numbers;
pub(crate) mod door_log;
pub(crate) mod grants;
pub(crate) mod home;
pub(crate) mod left;
pub(crate) mod looks;
pub(crate) mod mail_address;
pub(crate) mod notices;
pub(crate) mod plan_b;
pub(crate) mod push_subscriptions;
pub(crate) mod recordings;
pub(crate) mod retention;
pub(crate) mod revocations;
pub(crate) mod rosters;
pub(crate) mod shares;
pub(crate) mod visit_papers;
pub(crate) mod visits;
mod wishes;

use crate::app::App;
use crate::gateway::HomesWord;
use crate::problem::ApiError;
use crate::store::HomeRow;
use protocol::bytes::HomeId;
use serde::Serialize;
use utoipa::ToSchema;

/// Whose signature lets somebody in, in words.
pub(crate) const SAYS_YES: &str =
    "an owner or member of the roster in force; a companion key says no, never yes";
/// Whose signature starts a camera outside a visit, in words.
pub(crate) const LOOKS: &str = "an owner or member of the roster in force; a companion key starts no camera";
/// Whose signature keeps somebody out, in words.
pub(crate) const SAYS_NO: &str = "an owner, member or companion of the roster in force";

/// What the home said about a paper. Until it says `kept`, nothing is known of it there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct KeptJson {
    /// `pending` (not answered yet), `kept` or `refused`.
    state: String,
    /// The home's reason, if refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

impl KeptJson {
    pub(crate) fn stored(state: &str, code: Option<&str>) -> Self {
        Self { state: state.into(), code: code.map(Into::into) }
    }
}

impl From<HomesWord> for KeptJson {
    fn from(word: HomesWord) -> Self {
        match word {
            HomesWord::Pending => Self::stored("pending", None),
            HomesWord::Kept => Self::stored("kept", None),
            HomesWord::Refused(code) => Self::stored("refused", Some(&code)),
        }
    }
}

/// The home's answer to a paper: a stored one, or the one that comes within the next moments.
pub(crate) async fn kept(app: &App, home: HomeId, seq: u64) -> Result<KeptJson, ApiError> {
    let (state, code) = app.store.paper_state(home, seq).await?;
    if state != "pending" || app.homes.link(home).is_none() {
        return Ok(KeptJson::stored(&state, code.as_deref()));
    }
    Ok(app.homes.await_kept(home, seq).await.into())
}

/// The row of a home that a resident's token leads to.
pub(crate) async fn home_row(app: &App, home: HomeId) -> Result<HomeRow, ApiError> {
    app.store.home(home).await?.ok_or_else(ApiError::internal)
}
