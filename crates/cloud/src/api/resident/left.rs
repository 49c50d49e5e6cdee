//! What couriers signed about parcels that did not go in, for the residents' devices to check.

use super::plan_b::RungJson;
use crate::api::visitor::left_photo::deleted;
use crate::app::Shared;
use crate::extract::{Limit, Path, Query, Resident, rows};
use crate::json::{Bytes64, HashHex, HomeIdHex, Id, VisitIdHex};
use crate::limits;
use crate::problem::ApiError;
use crate::store::LeftRow;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use protocol::left::Reason;
use serde::Serialize;
use utoipa::ToSchema;

/// Why parcels did not go in, as the courier saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReasonJson {
    /// The door, or the cloud before it, said that it is not possible here.
    NotPossible,
    /// The courier did not go in, and need not say why.
    NotGoingIn,
    /// It does not fit.
    TooBig,
    /// Something stands in the way.
    Blocked,
    /// Begun and given up.
    GaveUp,
}

impl From<Reason> for ReasonJson {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NotPossible => Self::NotPossible,
            Reason::NotGoingIn => Self::NotGoingIn,
            Reason::TooBig => Self::TooBig,
            Reason::Blocked => Self::Blocked,
            Reason::GaveUp => Self::GaveUp,
        }
    }
}

/// A handset's report, with what it is checked by.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftJson {
    /// H(left).
    hash: HashHex,
    /// Envelope of the `left`, as it was signed.
    left: Bytes64,
    /// Envelope of the assignment that it names.
    assignment: Bytes64,
    /// Envelope of the delegation to the key that signed the assignment.
    delegation: Bytes64,
    received_ms: i64,
    /// The photo that it names; null if it names none.
    photo: Option<LeftPhotoJson>,
}

/// How far the photo of a report is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct LeftPhotoJson {
    state: PhotoStateJson,
    /// When it is deleted, by the home's hours from when it came; null before.
    deletes_ms: Option<i64>,
    /// When it was deleted.
    deleted_ms: Option<i64>,
    /// The home's hours then.
    after_h: Option<u32>,
}

/// Where a photo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PhotoStateJson {
    /// The handset has not sent it yet.
    Awaited,
    /// Here.
    Kept,
    /// Not any more.
    Deleted,
}

impl LeftPhotoJson {
    fn of(row: &LeftRow, hours: u32) -> Option<Self> {
        row.left.photo?;
        let none = Self { state: PhotoStateJson::Awaited, deletes_ms: None, deleted_ms: None, after_h: None };
        let Some(photo) = row.photo else { return Some(none) };
        Some(match photo.deleted {
            Some((at_ms, after_h)) => Self {
                state: PhotoStateJson::Deleted,
                deleted_ms: Some(at_ms),
                after_h: Some(after_h),
                ..none
            },
            None if photo.is_stored => Self {
                state: PhotoStateJson::Kept,
                deletes_ms: Some(photo.received_ms + i64::from(hours) * limits::HOUR_MS),
                ..none
            },
            None => none,
        })
    }
}

/// Some reports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftsJson {
    left: Vec<LeftJson>,
}

impl LeftJson {
    /// In a home with these hours.
    fn of(row: LeftRow, hours: u32) -> Self {
        Self {
            photo: LeftPhotoJson::of(&row, hours),
            hash: Id(row.hash),
            left: row.envelope.into(),
            assignment: row.assignment.into(),
            delegation: row.delegation.into(),
            received_ms: row.received_ms,
        }
    }
}

/// A report as the provider sees it: as it was signed, and read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftOfProviderJson {
    /// Envelope of the `left`, as its handset signed it.
    left: Bytes64,
    assignment: HashHex,
    visit: Option<VisitIdHex>,
    rung: RungJson,
    reason: ReasonJson,
    /// Seconds since 1970, by the handset.
    at: u64,
    received_ms: i64,
}

impl From<LeftRow> for LeftOfProviderJson {
    fn from(row: LeftRow) -> Self {
        Self {
            left: row.envelope.into(),
            assignment: Id(row.left.assignment),
            visit: row.left.visit.map(Id),
            rung: row.left.rung.into(),
            reason: row.left.reason.into(),
            at: row.left.at.0,
            received_ms: row.received_ms,
        }
    }
}

/// List what couriers reported, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/left", tag = "resident",
    params(("home" = HomeIdHex, Path), Limit), responses((status = 200, body = LeftsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(limit): Query<Limit>,
) -> Result<axum::Json<LeftsJson>, ApiError> {
    let found = app.store.left_at(resident.home, rows(limit.limit)).await?;
    let hours = app.store.retention(resident.home).await?.hours;
    Ok(axum::Json(LeftsJson { left: found.into_iter().map(|row| LeftJson::of(row, hours)).collect() }))
}

/// The sealed photo of a report.
#[utoipa::path(get, path = "/v1/homes/{home}/left/{left}/photo", tag = "resident",
    params(("home" = HomeIdHex, Path), ("left" = HashHex, Path)),
    responses((status = 200, content_type = "application/octet-stream"), ApiError))]
pub(crate) async fn photo(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, left)): Path<(HomeIdHex, HashHex)>,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found("photo_unknown", "no report of that hash names a photo");
    let row = app.store.left_in(resident.home, left.0).await?.ok_or_else(unknown)?;
    match LeftPhotoJson::of(&row, 0).ok_or_else(unknown)?.state {
        PhotoStateJson::Kept => {}
        PhotoStateJson::Deleted => return Err(deleted()),
        PhotoStateJson::Awaited => {
            return Err(ApiError::not_found(
                "photo_awaited",
                "the courier's phone has not sent the photo yet; ask again once it has a network",
            ));
        }
    }
    let sealed = app.media.read_photo(resident.home, row.hash).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], sealed).into_response())
}
