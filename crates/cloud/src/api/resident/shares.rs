//! Links to single recordings: made by an owner, withdrawn by anybody of the household. The cloud keeps ciphertext under a
//! number; what opens it is in the link, behind the `#` that browsers do not send.

use crate::api::resident::recordings::find;
use crate::app::Shared;
use crate::extract::{Json, Limit, Path, Query, Resident, rows};
use crate::json::{Bytes64, HomeIdHex, Id, KidHex, RecordingIdHex, ShareIdHex};
use crate::limits;
use crate::problem::ApiError;
use crate::retention;
use crate::store::ShareRow;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A link to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewShareJson {
    /// Drawn by the device that makes the link: 16 bytes.
    share: ShareIdHex,
    /// What the link opens with, sealed under its secret; at most 8 KiB.
    sealed: Bytes64,
    /// 1, 24 or 168.
    hours: u32,
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareJson {
    share: ShareIdHex,
    recording: RecordingIdHex,
    by: KidHex,
    made_ms: i64,
    until_ms: i64,
    withdrawn_ms: Option<i64>,
    /// Whether it shows something now: its time is not over, it was not withdrawn, and the recording is there.
    counts: bool,
}

/// Some links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharesJson {
    shares: Vec<ShareJson>,
}

fn json(row: &ShareRow, now_ms: i64) -> ShareJson {
    ShareJson {
        share: Id(row.share),
        recording: Id(row.recording),
        by: Id(row.by),
        made_ms: row.made_ms,
        until_ms: row.until_ms,
        withdrawn_ms: row.withdrawn_ms,
        counts: row.counts(now_ms),
    }
}

/// Make a link to a recording, for a time.
#[utoipa::path(post, path = "/v1/homes/{home}/recordings/{recording}/shares", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path)), request_body = NewShareJson,
    responses((status = 201, body = ShareJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording)): Path<(HomeIdHex, RecordingIdHex)>,
    Json(body): Json<NewShareJson>,
) -> Result<(StatusCode, axum::Json<ShareJson>), ApiError> {
    if !resident.is_owner {
        return Err(ApiError::forbidden("owner_only", "only an owner may share a recording"));
    }
    if !limits::SHARE_HOURS.contains(&body.hours) {
        return Err(ApiError::field("share_invalid", "hours", "hours is 1, 24 or 168"));
    }
    if body.sealed.0.is_empty() || body.sealed.0.len() > limits::SHARE_BYTES_MAX {
        let detail = format!("sealed has 1 to {} bytes", limits::SHARE_BYTES_MAX);
        return Err(ApiError::field("share_invalid", "sealed", detail));
    }
    let row = find(&app, resident.home, recording.0).await?;
    if row.closed_ms.is_none() {
        return Err(ApiError::conflict(
            "recording_open",
            "the recording is not complete yet; share it afterwards",
        ));
    }
    let now_ms = app.clock.now_ms();
    let row = ShareRow {
        share: body.share.0,
        home: resident.home,
        recording: recording.0,
        sealed: body.sealed.0,
        by: resident.kid,
        made_ms: now_ms,
        until_ms: now_ms + i64::from(body.hours) * limits::HOUR_MS,
        withdrawn_ms: None,
    };
    if !app.store.put_share(row.clone()).await? {
        // Whoever did not hear the answer says it once more.
        let same = app.store.share(row.share).await?.filter(|known| known.is_retried_by(&row));
        if let Some(known) = same {
            return Ok((StatusCode::CREATED, axum::Json(json(&known, now_ms))));
        }
        let most = limits::SHARES_PER_RECORDING_MAX;
        return Err(ApiError::conflict(
            "shares_limit",
            format!(
                "{most} links to this recording count already, or the number is taken; withdraw one, draw another"
            ),
        ));
    }
    Ok((StatusCode::CREATED, axum::Json(json(&row, now_ms))))
}

/// List links, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/shares", tag = "resident",
    params(("home" = HomeIdHex, Path), Limit), responses((status = 200, body = SharesJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(limit): Query<Limit>,
) -> Result<axum::Json<SharesJson>, ApiError> {
    let found = app.store.shares(resident.home, rows(limit.limit)).await?;
    let now_ms = app.clock.now_ms();
    Ok(axum::Json(SharesJson { shares: found.iter().map(|row| json(row, now_ms)).collect() }))
}

/// Withdraw a link. What somebody saved meanwhile does not come back.
#[utoipa::path(delete, path = "/v1/homes/{home}/shares/{share}", tag = "resident",
    params(("home" = HomeIdHex, Path), ("share" = ShareIdHex, Path)), responses((status = 204), ApiError))]
pub(crate) async fn withdraw(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, share)): Path<(HomeIdHex, ShareIdHex)>,
) -> Result<StatusCode, ApiError> {
    if app.store.withdraw_share(resident.home, share.0, app.clock.now_ms()).await? {
        retention::forget(&app, None).await;
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::not_found("share_unknown", "this home made no such link"))
}
