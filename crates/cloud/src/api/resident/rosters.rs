//! Rosters: signed by the quorum of the one in force. A new one counts once the home says so.

use super::{KeptJson, kept};
use crate::api::home::registration::{not_next, parse_rosters};
use crate::app::Shared;
use crate::extract::{Householder, Json, Query};
use crate::json::{Bytes64, HashHex, HomeIdHex, Id};
use crate::limits;
use crate::problem::ApiError;
use crate::store::{NewRoster, PaperKind};
use crate::trust::Ring;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::bytes::{Blob, Hash};
use protocol::roster::{self, Roster, hands_over};
use protocol::uplink::Paper;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A signed roster.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRosterJson {
    /// One envelope of the same `roster` per signing owner, or one by the recovery key that takes the home over.
    roster: Vec<Bytes64>,
}

/// A roster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterJson {
    epoch: u64,
    hash: HashHex,
    /// One envelope per signing owner.
    roster: Vec<Bytes64>,
}

/// The roster in force, and the way to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterInForceJson {
    #[serde(flatten)]
    in_force: RosterJson,
    /// Only with `since`: the rosters that came into force after it, oldest first, at most 50, so that each can be
    /// checked by the quorum of the one before it. The one in force is the last, unless there are more to ask for,
    /// with the last epoch here as `since`. Where the home was handed over, the first is at the earliest the one by which
    /// it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Vec<RosterJson>>,
}

impl From<(Roster, Hash, Vec<Blob>)> for RosterJson {
    fn from((roster, hash, envelopes): (Roster, Hash, Vec<Blob>)) -> Self {
        let roster_envelopes = envelopes.into_iter().map(|e| e.0.into()).collect();
        Self { epoch: roster.epoch, hash: Id(hash), roster: roster_envelopes }
    }
}

/// From where on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SinceEpoch {
    /// The epoch that the caller has proven and kept.
    since: Option<u64>,
}

/// What became of a new roster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterSentJson {
    epoch: u64,
    hash: HashHex,
    /// The home may keep it and still let 24 h pass before it counts.
    kept_by_home: KeptJson,
    /// Whether the home's log says that it counts.
    in_force: bool,
}

/// The roster in force, and on demand those that lead to it.
#[utoipa::path(get, path = "/v1/homes/{home}/rosters", tag = "resident",
    params(("home" = HomeIdHex, Path), SinceEpoch),
    responses((status = 200, body = RosterInForceJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Householder,
    Query(from): Query<SinceEpoch>,
) -> Result<axum::Json<RosterInForceJson>, ApiError> {
    // The way first: a roster that comes into force in between makes it too short, and the caller asks on.
    let after = match from.since {
        Some(since) => {
            let found = app.store.rosters_since(resident.home, since, limits::PAGE_ROWS).await?;
            Some(found.into_iter().map(Into::into).collect())
        }
        None => None,
    };
    let in_force = app.store.roster_in_force(resident.home).await?.ok_or_else(ApiError::internal)?.into();
    Ok(axum::Json(RosterInForceJson { in_force, after }))
}

/// Send the next roster to the home.
#[utoipa::path(post, path = "/v1/homes/{home}/rosters", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = NewRosterJson, responses((status = 202, body = RosterSentJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Householder,
    Json(body): Json<NewRosterJson>,
) -> Result<(StatusCode, axum::Json<RosterSentJson>), ApiError> {
    // The signatures say who may; whose session brings them here does not matter.
    let claimed = parse_rosters("roster", &body.roster)?;
    let (present, present_hash, _) =
        app.store.roster_in_force(resident.home).await?.ok_or_else(ApiError::internal)?;
    let hands_over = hands_over(&present, &claimed, &Ring);
    let next = roster::succeed(&present, present_hash, claimed, &Ring).map_err(|e| not_next("roster", e))?;
    let envelopes: Vec<Blob> = body.roster.iter().map(|e| Blob(e.0.clone())).collect();
    let (epoch, hash) = (next.message().epoch, next.hash());
    let new = NewRoster { roster: next.message().clone(), hash, envelopes: envelopes.clone(), hands_over };
    app.store.put_roster(new).await?;
    let seq =
        app.store.enqueue_paper(resident.home, PaperKind::Roster, hash, Paper::Roster(envelopes)).await?;
    let kept_by_home = kept(&app, resident.home, seq).await?;
    let in_force = app.store.roster_in_force(resident.home).await?.is_some_and(|(_, h, _)| h == hash);
    let answer = RosterSentJson { epoch, hash: Id(hash), kept_by_home, in_force };
    Ok((StatusCode::ACCEPTED, axum::Json(answer)))
}
