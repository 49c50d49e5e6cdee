//! What went wrong.

use crate::app::Shared;
use crate::extract::{Operator, Query, rows};
use crate::json::{HomeIdHex, Id, KidHex};
use crate::problem::ApiError;
use crate::store::IncidentRow;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentJson {
    seq: u64,
    /// `split_view`, `log_gap`, `opening_mismatch`, `home_silent_in_passage`, `home_distress` or `delivery_number_guessing`.
    kind: String,
    home: Option<HomeIdHex>,
    provider: Option<KidHex>,
    /// Identifiers and counts.
    #[schema(value_type = Object)]
    about: serde_json::Value,
    at_ms: i64,
}

impl From<IncidentRow> for IncidentJson {
    fn from(row: IncidentRow) -> Self {
        Self {
            seq: row.seq,
            kind: row.kind,
            home: row.home.map(Id),
            provider: row.provider.map(Id),
            about: row.about,
            at_ms: row.at_ms,
        }
    }
}

/// Some incidents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentsJson {
    incidents: Vec<IncidentJson>,
    /// Give it as `since` next time.
    cursor: u64,
}

/// Which incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Since {
    /// Only incidents after this one; 0 if absent.
    since: Option<u64>,
    /// Rows at most, 1 to 200; 50 if absent.
    limit: Option<u32>,
}

/// List incidents after a cursor, oldest first.
#[utoipa::path(get, path = "/v1/operator/incidents", tag = "operator", params(Since),
    responses((status = 200, body = IncidentsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    _: Operator,
    Query(page): Query<Since>,
) -> Result<axum::Json<IncidentsJson>, ApiError> {
    let since = page.since.unwrap_or(0);
    let found = app.store.incidents(since, rows(page.limit)).await?;
    let cursor = found.last().map_or(since, |i| i.seq);
    Ok(axum::Json(IncidentsJson { incidents: found.into_iter().map(Into::into).collect(), cursor }))
}
