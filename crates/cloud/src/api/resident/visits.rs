//! Visits as the door log tells them, and arrivals as the cloud matched them.

use crate::app::{App, Shared};
use crate::extract::{Limit, Path, Query, Resident, rows};
use crate::json::{ConsignmentId, ConsignmentIdHex, HashHex, HomeIdHex, Id, KidHex, VisitIdHex};
use crate::problem::ApiError;
use crate::projection;
use crate::store::{ArrivalRow, ConsignmentRow, EventRow, VisitRow};
use axum::extract::State;
use protocol::bytes::{Hash, HomeId};
use protocol::canonical;
use protocol::door_event::Detail;
use protocol::limits::DETAIL_BYTES_MAX;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A visit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitJson {
    visit: VisitIdHex,
    /// `ringing` (the visitor waits, and nothing is allowed), `arrived`, `opening`, `open`, `closing`, `secured` or `ended`.
    state: String,
    /// `secured`, `not_opened` or `incident`, once ended.
    outcome: Option<String>,
    /// Code of the last refusal.
    refusal: Option<String>,
    grant: Option<HashHex>,
    assignment: Option<HashHex>,
    device: Option<KidHex>,
    passages: u32,
    parcels: u32,
    /// Counters of its first and newest door event.
    first: u64,
    last: u64,
    /// When the visit began with a ring, without a permission: seconds since 1970.
    rang: Option<u64>,
    /// Seconds that the visitor then waited, to the arrival or to the end; none while they wait.
    waited: Option<u64>,
    /// Seconds since 1970, by the home's clock at its earliest: of the ring, if it began with one.
    arrived: u64,
    updated: u64,
}

impl From<VisitRow> for VisitJson {
    fn from(row: VisitRow) -> Self {
        Self {
            visit: Id(row.visit),
            state: row.state,
            outcome: row.outcome,
            refusal: row.refusal,
            grant: row.grant.map(Id),
            assignment: row.assignment.map(Id),
            device: row.device.map(Id),
            passages: row.passages,
            parcels: row.parcels,
            first: row.first,
            last: row.last,
            rang: row.rang_s,
            waited: row.waited_s,
            arrived: row.arrived_s,
            updated: row.updated_s,
        }
    }
}

/// Some visits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitsJson {
    visits: Vec<VisitJson>,
    /// Give it as `before` for the next page; none at the end.
    next_before: Option<u64>,
}

/// One event of a visit, in words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StepJson {
    counter: u64,
    /// The home's time: not before, and not after (none if the home had no clock).
    at: u64,
    at_latest: Option<u64>,
    /// Milliseconds on the hub's own clock.
    monotonic_ms: u64,
    /// Such as `arrived`, `intent`, `opened`, `door_opened`, `door_closed`, `relocked`, `secured`, `visit_ended`.
    what: String,
    /// Particulars of that event.
    #[schema(value_type = Object)]
    about: serde_json::Value,
}

/// A visit with its events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitWithTimelineJson {
    visit: VisitJson,
    /// While the visitor waits for a permission: the consignment that it would be for, by the cloud's own match. What a
    /// resident signs is what counts.
    asks_for: Option<ConsignmentIdHex>,
    timeline: Vec<StepJson>,
}

/// Which visits.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// Only visits that began before this counter.
    before: Option<u64>,
    /// Rows at most, 1 to 200; 50 if absent.
    limit: Option<u32>,
}

/// List visits, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/visits", tag = "resident",
    params(("home" = HomeIdHex, Path), Page), responses((status = 200, body = VisitsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(page): Query<Page>,
) -> Result<axum::Json<VisitsJson>, ApiError> {
    let limit = rows(page.limit);
    let visits = app.store.visits(resident.home, page.before.unwrap_or(u64::MAX), limit).await?;
    let is_full = visits.len() == limit as usize;
    let next_before = visits.last().map(|v| v.first).filter(|_| is_full);
    Ok(axum::Json(VisitsJson { visits: visits.into_iter().map(Into::into).collect(), next_before }))
}

/// Look at one visit with its timeline.
#[utoipa::path(get, path = "/v1/homes/{home}/visits/{visit}", tag = "resident",
    params(("home" = HomeIdHex, Path), ("visit" = VisitIdHex, Path)),
    responses((status = 200, body = VisitWithTimelineJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, visit)): Path<(HomeIdHex, VisitIdHex)>,
) -> Result<axum::Json<VisitWithTimelineJson>, ApiError> {
    let row = app.store.present_visit(resident.home, visit.0).await?;
    let row = row.ok_or_else(|| ApiError::not_found("visit_unknown", "this home has no such visit"))?;
    let events = app.store.events_of(resident.home, visit.0).await?;
    let asks_for = match row.assignment.filter(|_| row.state == "ringing") {
        Some(hash) => asks_for(&app, resident.home, hash).await?,
        None => None,
    };
    Ok(axum::Json(VisitWithTimelineJson {
        visit: row.into(),
        asks_for: asks_for.map(|id| Id(ConsignmentId(id))),
        timeline: events.into_iter().filter_map(step).collect(),
    }))
}

/// What waits for a word and holds all that an assignment carries.
async fn asks_for(app: &App, home: HomeId, assignment: Hash) -> Result<Option<[u8; 16]>, ApiError> {
    let Some(row) = app.store.assignment(home, assignment).await? else { return Ok(None) };
    let carried = &row.assignment;
    let waiting = app.store.consignments_at(home, "awaiting").await?;
    let holds = |one: &ConsignmentRow| {
        one.provider == carried.provider
            && carried.errands.iter().all(|errand| one.commitments.contains(errand))
    };
    Ok(waiting.into_iter().find(holds).map(|one| one.id))
}

fn step(row: EventRow) -> Option<StepJson> {
    let (_, detail) = row.opening?;
    let detail = canonical::decode::<Detail>(&detail, DETAIL_BYTES_MAX).ok()?;
    let (what, about) = projection::told(&detail.body);
    Some(StepJson {
        counter: row.counter,
        at: detail.at.lo.0,
        at_latest: Some(detail.at.hi.0).filter(|hi| *hi != u64::MAX),
        monotonic_ms: detail.monotonic.0,
        what: what.into(),
        about,
    })
}

/// An arrival, by the cloud's own match.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArrivalJson {
    visit: VisitIdHex,
    device: KidHex,
    /// None of a ring, which names no permission.
    grant: Option<HashHex>,
    assignment: Option<HashHex>,
    /// Why it did not match; none if it was relayed to the home.
    reason: Option<String>,
    at_ms: i64,
}

impl From<ArrivalRow> for ArrivalJson {
    fn from(row: ArrivalRow) -> Self {
        Self {
            visit: Id(row.visit),
            device: Id(row.device),
            grant: row.grant.map(Id),
            assignment: row.assignment.map(Id),
            reason: row.reason,
            at_ms: row.at_ms,
        }
    }
}

/// Some arrivals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArrivalsJson {
    arrivals: Vec<ArrivalJson>,
}

/// List arrivals with the reason of every refusal by the cloud, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/arrivals", tag = "resident",
    params(("home" = HomeIdHex, Path), Limit), responses((status = 200, body = ArrivalsJson), ApiError))]
pub(crate) async fn arrivals(
    State(app): State<Shared>,
    resident: Resident,
    Query(limit): Query<Limit>,
) -> Result<axum::Json<ArrivalsJson>, ApiError> {
    let found = app.store.arrivals_at(resident.home, rows(limit.limit)).await?;
    Ok(axum::Json(ArrivalsJson { arrivals: found.into_iter().map(Into::into).collect() }))
}
