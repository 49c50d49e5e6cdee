//! For how long the home's recordings are kept, and claims that hold one longer. Deleting earlier is an owner's; to keep
//! opens nothing, so any resident may.

use crate::api::resident::recordings::{ClaimJson, RecordingJson, find, json};
use crate::app::{App, Shared};
use crate::extract::{Json, Path, Resident};
use crate::json::{HomeIdHex, Id, KidHex, RecordingIdHex};
use crate::limits;
use crate::problem::ApiError;
use axum::extract::State;
use protocol::bytes::HomeId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Hours to keep recordings for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRetentionJson {
    /// 1 to 744, counted from the end of a recording.
    #[schema(minimum = 1, maximum = 744)]
    hours: u32,
}

/// For how long recordings are kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RetentionJson {
    /// Counted from the end of a recording; 72 where no owner chose.
    hours: u32,
    /// The owner's key that chose.
    set_by: Option<KidHex>,
    set_ms: Option<i64>,
}

async fn shown(app: &App, home: HomeId) -> Result<axum::Json<RetentionJson>, ApiError> {
    let found = app.store.retention(home).await?;
    let (set_by, set_ms) = found.chosen.map(|(kid, at_ms)| (Id(kid), at_ms)).unzip();
    Ok(axum::Json(RetentionJson { hours: found.hours, set_by, set_ms }))
}

/// For how long recordings are kept.
#[utoipa::path(get, path = "/v1/homes/{home}/retention", tag = "resident", params(("home" = HomeIdHex, Path)),
    responses((status = 200, body = RetentionJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<RetentionJson>, ApiError> {
    shown(&app, resident.home).await
}

/// Choose for how long recordings are kept. Counts at once, also for those that are there.
#[utoipa::path(put, path = "/v1/homes/{home}/retention", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = NewRetentionJson, responses((status = 200, body = RetentionJson), ApiError))]
pub(crate) async fn choose(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewRetentionJson>,
) -> Result<axum::Json<RetentionJson>, ApiError> {
    if !resident.is_owner {
        return Err(ApiError::forbidden(
            "owner_only",
            "only an owner may choose for how long recordings are kept",
        ));
    }
    if !(limits::RETENTION_H_MIN..=limits::RETENTION_H_MAX).contains(&body.hours) {
        return Err(ApiError::field(
            "retention_invalid",
            "hours",
            format!("hours is {} to {}", limits::RETENTION_H_MIN, limits::RETENTION_H_MAX),
        ));
    }
    app.store.put_retention(resident.home, body.hours, resident.kid, app.clock.now_ms()).await?;
    shown(&app, resident.home).await
}

/// Hold a recording for a claim, until it is released or 92 days after it ended.
#[utoipa::path(put, path = "/v1/homes/{home}/recordings/{recording}/claim", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path)),
    responses((status = 200, body = RecordingJson), ApiError))]
pub(crate) async fn hold(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording)): Path<(HomeIdHex, RecordingIdHex)>,
) -> Result<axum::Json<RecordingJson>, ApiError> {
    let row = find(&app, resident.home, recording.0).await?;
    let until_ms = row.ended_ms() + limits::CLAIM_MS_MAX;
    let named = (resident.home, recording.0);
    app.store.hold_recording(named, resident.kid, until_ms, app.clock.now_ms()).await?;
    held(&app, resident, recording).await
}

/// Release a recording that a claim holds: the home's hours count again. If they are over it is deleted soon, 20 minutes
/// after its notice at the earliest.
#[utoipa::path(delete, path = "/v1/homes/{home}/recordings/{recording}/claim", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path)),
    responses((status = 200, body = RecordingJson), ApiError))]
pub(crate) async fn release(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording)): Path<(HomeIdHex, RecordingIdHex)>,
) -> Result<axum::Json<RecordingJson>, ApiError> {
    if !resident.is_owner {
        return Err(ApiError::forbidden("owner_only", "only an owner may release a recording"));
    }
    find(&app, resident.home, recording.0).await?;
    app.store.release_recording((resident.home, recording.0), resident.kid, app.clock.now_ms()).await?;
    held(&app, resident, recording).await
}

async fn held(
    app: &App,
    resident: Resident,
    recording: RecordingIdHex,
) -> Result<axum::Json<RecordingJson>, ApiError> {
    let row = find(app, resident.home, recording.0).await?;
    let hours = app.store.retention(resident.home).await?.hours;
    Ok(axum::Json(json(app, resident.home, &row, hours)))
}

impl From<crate::store::Claim> for ClaimJson {
    fn from(claim: crate::store::Claim) -> Self {
        let (released_by, released_ms) = claim.released.map(|(kid, at_ms)| (Id(kid), at_ms)).unzip();
        Self {
            by: Id(claim.by),
            since_ms: claim.since_ms,
            until_ms: claim.until_ms,
            released_by,
            released_ms,
        }
    }
}
