//! A visitor's own visit: the receipt to keep, and how often the recording was watched.

use crate::api::resident::door_log::EventJson;
use crate::app::Shared;
use crate::extract::{Path, Visitor};
use crate::json::{Bytes64, Id, VisitIdHex};
use crate::problem::ApiError;
use axum::extract::State;
use protocol::canonical;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody watched the visitor. Who of the household it was is theirs to say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WatchedJson {
    /// `live`, `download`, or `link`: somebody whom the household gave one.
    how: String,
    at_ms: i64,
}

/// The delivery receipt: the excerpt of the door log that resident and visitor both keep.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceiptJson {
    visit: VisitIdHex,
    /// COSE_Key of the door; the events are signed with it.
    door_key: Bytes64,
    /// `ringing`, `arrived`, `opening`, `open`, `closing`, `secured` or `ended`.
    state: String,
    /// `secured`, `not_opened` or `incident`, once ended.
    outcome: Option<String>,
    /// The visit's events. The last of an ended visit names its first and last counter, so that a cut tail shows.
    events: Vec<EventJson>,
    /// Whether the visit was recorded.
    recorded: bool,
    watched: Vec<WatchedJson>,
}

/// The receipt of an own visit.
#[utoipa::path(get, path = "/v1/visitor/visits/{visit}", tag = "visitor",
    params(("visit" = VisitIdHex, Path)), responses((status = 200, body = ReceiptJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(visit): Path<VisitIdHex>,
) -> Result<axum::Json<ReceiptJson>, ApiError> {
    let row = app.store.visit_of_device(visit.0, visitor.kid).await?;
    let row = row.ok_or_else(|| ApiError::not_found("visit_unknown", "this device made no such visit"))?;
    let home = app.store.home(row.home).await?.ok_or_else(ApiError::internal)?;
    let events = app.store.events_of(row.home, row.visit).await?;
    let recordings = app.store.recordings_of(row.home, row.visit).await?;
    let mut watched = Vec::new();
    for recording in &recordings {
        let found = app.store.watches(row.home, recording.recording).await?;
        watched.extend(found.into_iter().map(|w| WatchedJson { how: w.how, at_ms: w.at_ms }));
    }
    Ok(axum::Json(ReceiptJson {
        visit: Id(row.visit),
        door_key: canonical::encode(&home.door_key).into(),
        state: row.state,
        outcome: row.outcome,
        events: events.into_iter().map(Into::into).collect(),
        recorded: !recordings.is_empty(),
        watched,
    }))
}
