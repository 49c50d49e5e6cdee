//! What became of a provider's visits, coarsely: a resident's reasons are the resident's.

use crate::app::Shared;
use crate::extract::{Limit, Provider, Query, rows};
use crate::json::{HashHex, Id, KidHex, VisitIdHex};
use crate::problem::ApiError;
use crate::store::VisitRow;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// A visit as its provider sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitOfProviderJson {
    visit: VisitIdHex,
    assignment: Option<HashHex>,
    device: Option<KidHex>,
    /// `ringing`, `arrived`, `opening`, `open`, `closing`, `secured` or `ended`.
    state: String,
    /// `secured`, `not_opened` or `incident`, once ended.
    outcome: Option<String>,
    /// True if the home said no at least once; why is the resident's to tell.
    refused: bool,
    /// Class of the last refusal: `wrong_parcel`, `wrong_time`, `wrong_papers`, `home_offline` or `not_permitted`.
    reason: Option<String>,
    parcels: u32,
    /// When the visit began with a ring, seconds since 1970, and how many seconds the visitor then waited.
    rang: Option<u64>,
    waited: Option<u64>,
    /// Seconds since 1970.
    arrived: u64,
    updated: u64,
}

impl From<VisitRow> for VisitOfProviderJson {
    fn from(row: VisitRow) -> Self {
        Self {
            visit: Id(row.visit),
            assignment: row.assignment.map(Id),
            device: row.device.map(Id),
            state: row.state,
            outcome: row.outcome,
            refused: row.refusal.is_some(),
            reason: row.refusal.as_deref().map(|code| coarse(Some(code)).into()),
            parcels: row.parcels,
            rang: row.rang_s,
            waited: row.waited_s,
            arrived: row.arrived_s,
            updated: row.updated_s,
        }
    }
}

/// An arrival that the cloud did or did not relay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArrivalOfProviderJson {
    visit: VisitIdHex,
    assignment: Option<HashHex>,
    device: KidHex,
    /// `matched`, `wrong_parcel`, `wrong_time`, `wrong_papers`, `home_offline` or `not_permitted`.
    result: String,
    at_ms: i64,
}

/// Some visits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitsOfProviderJson {
    visits: Vec<VisitOfProviderJson>,
    arrivals: Vec<ArrivalOfProviderJson>,
}

/// List visits and arrivals, newest first.
#[utoipa::path(get, path = "/v1/provider/visits", tag = "provider", params(Limit),
    responses((status = 200, body = VisitsOfProviderJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    provider: Provider,
    Query(limit): Query<Limit>,
) -> Result<axum::Json<VisitsOfProviderJson>, ApiError> {
    let limit = rows(limit.limit);
    let visits = app.store.visits_of_provider(provider.root(), limit).await?;
    let arrivals = app.store.arrivals_of(provider.root(), limit).await?;
    Ok(axum::Json(VisitsOfProviderJson {
        visits: visits.into_iter().map(Into::into).collect(),
        arrivals: arrivals
            .into_iter()
            .map(|row| ArrivalOfProviderJson {
                visit: Id(row.visit),
                assignment: row.assignment.map(Id),
                device: Id(row.device),
                result: coarse(row.reason.as_deref()).into(),
                at_ms: row.at_ms,
            })
            .collect(),
    }))
}

/// What a provider can act on; what only the resident knows is `not_permitted`.
fn coarse(reason: Option<&str>) -> &'static str {
    match reason {
        None => "matched",
        Some("other_errand" | "wrong_errand" | "wrong_parcel") => "wrong_parcel",
        Some("too_early" | "outside_window" | "assignment_outside_window") => "wrong_time",
        Some(
            "assignment_missing"
            | "assignment_unknown"
            | "assignment_refused"
            | "other_device"
            | "other_provider"
            | "attribute_missing"
            | "provider_not_admitted",
        ) => "wrong_papers",
        Some("home_offline") => "home_offline",
        Some(_) => "not_permitted",
    }
}
