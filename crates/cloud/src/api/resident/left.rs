//! What couriers signed about parcels that did not go in, for the residents' devices to check.

use super::plan_b::RungJson;
use crate::app::Shared;
use crate::extract::{Limit, Query, Resident, rows};
use crate::json::{Bytes64, HashHex, HomeIdHex, Id, VisitIdHex};
use crate::problem::ApiError;
use crate::store::LeftRow;
use axum::extract::State;
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
}

/// Some reports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftsJson {
    left: Vec<LeftJson>,
}

impl From<LeftRow> for LeftJson {
    fn from(row: LeftRow) -> Self {
        Self {
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
    Ok(axum::Json(LeftsJson { left: found.into_iter().map(Into::into).collect() }))
}
