//! The door log as the door signed it, for anybody to check: events, what opens them, and contradictions.

use crate::app::Shared;
use crate::extract::{Query, Resident, rows};
use crate::json::{Bytes64, HashHex, HomeIdHex, Id};
use crate::problem::ApiError;
use crate::store::EventRow;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What opens an event's commitment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpeningJson {
    salt: Bytes64,
    /// Canonical CBOR of the `detail`.
    detail: Bytes64,
}

/// A door event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventJson {
    counter: u64,
    hash: HashHex,
    /// Envelope of the signed `door_event`.
    event: Bytes64,
    /// Absent for what the home tells residents only, and for what was of a household before.
    opening: Option<OpeningJson>,
    /// When the cloud got it. Not evidence. Absent for what was of a household before.
    received_ms: Option<i64>,
}

impl From<EventRow> for EventJson {
    fn from(row: EventRow) -> Self {
        Self {
            counter: row.counter,
            hash: Id(row.hash),
            event: row.event.into(),
            opening: row
                .opening
                .map(|(salt, detail)| OpeningJson { salt: salt.0.to_vec().into(), detail: detail.into() }),
            received_ms: row.received_ms,
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogJson {
    events: Vec<EventJson>,
    /// Give it as `from` for the next page; none at the end.
    next: Option<u64>,
    /// Counter of the newest stored event.
    head: u64,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// First counter; 1 if absent.
    from: Option<u64>,
    /// Rows at most, 1 to 200; 50 if absent.
    limit: Option<u32>,
}

/// Export the door log, paged by counter. Of a home that was handed over, the events before come as links of the chain only.
#[utoipa::path(get, path = "/v1/homes/{home}/door-log", tag = "resident",
    params(("home" = HomeIdHex, Path), Page), responses((status = 200, body = LogJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(page): Query<Page>,
) -> Result<axum::Json<LogJson>, ApiError> {
    let head = app.store.log_head(resident.home).await?;
    let events = app.store.events_shown(resident.home, page.from.unwrap_or(1), rows(page.limit)).await?;
    let next = events.last().map(|e| e.counter.saturating_add(1)).filter(|next| *next <= head);
    Ok(axum::Json(LogJson { events: events.into_iter().map(Into::into).collect(), next, head }))
}

/// A signed event that contradicts the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConflictJson {
    counter: u64,
    /// Envelope of the other signed `door_event`.
    event: Bytes64,
}

/// All contradictions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConflictsJson {
    conflicts: Vec<ConflictJson>,
}

/// The evidence of a split view: with the event of the same counter in the log, proof to anyone.
#[utoipa::path(get, path = "/v1/homes/{home}/door-log/conflicts", tag = "resident",
    params(("home" = HomeIdHex, Path)), responses((status = 200, body = ConflictsJson), ApiError))]
pub(crate) async fn conflicts(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<ConflictsJson>, ApiError> {
    let found = app.store.log_conflicts(resident.home).await?;
    let json = |(counter, event): (u64, Vec<u8>)| ConflictJson { counter, event: event.into() };
    Ok(axum::Json(ConflictsJson { conflicts: found.into_iter().map(json).collect() }))
}

/// Build the visits again from the log, without notices.
#[utoipa::path(post, path = "/v1/homes/{home}/door-log/rebuild", tag = "resident",
    params(("home" = HomeIdHex, Path)), responses((status = 204), ApiError))]
pub(crate) async fn rebuild(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::http::StatusCode, ApiError> {
    if !resident.is_owner {
        return Err(ApiError::forbidden("owner_only", "only an owner may rebuild the visits"));
    }
    crate::gateway::rebuild(&app, resident.home).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
