//! Consignments that wait for a resident's word.

use super::plan_b::PlanBJson;
use crate::app::{App, Shared};
use crate::clock::{now_ms, now_s};
use crate::extract::{Path, Query, Resident};
use crate::json::{ConsignmentId, ConsignmentIdHex, HashHex, HomeIdHex, Id, KidHex, WindowJson, unsigned};
use crate::limits;
use crate::matching::{Announced, is_answered};
use crate::problem::ApiError;
use crate::store::{ConsignmentRow, StopsAwayRow};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::bytes::HomeId;
use protocol::commitment::Commitment;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A consignment as the resident sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsignmentJson {
    consignment: ConsignmentIdHex,
    /// Root key of the provider: compare its fingerprint before the first grant.
    provider: KidHex,
    /// What the provider calls itself here. Not proven; the key is.
    provider_name: String,
    /// The delivery number that it came by.
    delivery_number: String,
    service: String,
    /// What a grant must name.
    commitments: Vec<HashHex>,
    window: WindowJson,
    description: String,
    /// `awaiting`, `granted` or `declined`.
    state: String,
    /// A visit under an assignment that carries it opened the door, by the home's log.
    opened: bool,
    /// Where it goes if it does not go in.
    plan_b: PlanBJson,
    /// How many stops are before this door, as the provider said within the last 30 minutes; else it is not known.
    stops_away: Option<StopsAwayJson>,
    announced_ms: i64,
}

/// How far the tour is, by the provider's word.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StopsAwayJson {
    stops: u8,
    said_ms: i64,
}

/// All consignments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsignmentsJson {
    consignments: Vec<ConsignmentJson>,
}

/// Which consignments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// `awaiting`, `granted` or `declined`; `open`: awaiting or granted, and its time is not over; all if absent.
    state: Option<String>,
}

/// List announced consignments; with `?state=awaiting` those that wait for approval.
#[utoipa::path(get, path = "/v1/homes/{home}/consignments", tag = "resident",
    params(("home" = HomeIdHex, Path), Which), responses((status = 200, body = ConsignmentsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(which): Query<Which>,
) -> Result<axum::Json<ConsignmentsJson>, ApiError> {
    let state = which.state.as_deref().unwrap_or_default();
    let mut rows = app.store.consignments_at(resident.home, if state == "open" { "" } else { state }).await?;
    if state == "open" {
        let now = unsigned(now_s());
        rows.retain(|row| row.state != "declined" && now < row.window.until.0);
    }
    let opened = opened(&app, resident.home, &rows).await?;
    let plans = app.store.plans_b(resident.home).await?;
    let away = stops_away(&app, resident.home).await?;
    let mut consignments = Vec::with_capacity(rows.len());
    for row in rows {
        let name = app.store.provider(row.provider).await?.map(|p| p.name).unwrap_or_default();
        let is_opened = row.commitments.iter().any(|one| opened.contains(one));
        let plan_b = PlanBJson::of(&plans, row.id);
        let stops_away = away.iter().find(|(errands, _)| row.commitments.iter().any(|c| errands.contains(c)));
        let stops_away =
            stops_away.map(|(_, said)| StopsAwayJson { stops: said.stops, said_ms: said.said_ms });
        consignments.push(json(row, name, is_opened, plan_b, stops_away));
    }
    Ok(axum::Json(ConsignmentsJson { consignments }))
}

/// What was carried by visits in which the door opened, since the oldest of these was announced.
async fn opened(app: &App, home: HomeId, rows: &[ConsignmentRow]) -> Result<Vec<Commitment>, ApiError> {
    let mut carried = Vec::new();
    let Some(oldest_ms) = rows.iter().map(|row| row.created_ms).min() else { return Ok(carried) };
    for visit in app.store.visits(home, u64::MAX >> 1, limits::PAGE_ROWS_MAX).await? {
        let Some(hash) = visit.assignment.filter(|_| visit.passages > 0) else { continue };
        if visit.updated_s < unsigned(oldest_ms / 1_000) {
            continue;
        }
        if let Some(row) = app.store.assignment(home, hash).await? {
            carried.extend(row.assignment.errands);
        }
    }
    Ok(carried)
}

/// Looks again at what waits and what is granted, as far as its time is not over: a grant or a revocation has come.
pub(crate) async fn settle(app: &App, home: HomeId) -> Result<(), ApiError> {
    let now = unsigned(now_s());
    let rows = app.store.consignments_at(home, "").await?;
    let open = rows.into_iter().filter(|row| row.state != "declined" && now < row.window.until.0);
    settle_these(app, home, open.collect()).await.map(|_| ())
}

/// The same for some of one home; answers them as they are then.
pub(crate) async fn settle_these(
    app: &App,
    home: HomeId,
    mut rows: Vec<ConsignmentRow>,
) -> Result<Vec<ConsignmentRow>, ApiError> {
    let grants = app.store.grants(home).await?;
    let revocations = app.store.revocations(home).await?;
    let list = revocations.first().map(|row| &row.revocation);
    for row in &mut rows {
        let announced = Announced {
            provider: row.provider,
            service: &row.service,
            commitments: &row.commitments,
            window: row.window,
        };
        let counting = grants.iter().filter(|grant| grant.kept != "refused").map(|grant| &grant.grant);
        let state = if is_answered(&announced, counting, list) { "granted" } else { "awaiting" };
        if state != row.state {
            app.store.set_consignment_state(home, row.id, state).await?;
            row.state = state.into();
        }
    }
    Ok(rows)
}

/// What was said lately of the tours to this home, newest first, with what they carry.
async fn stops_away(app: &App, home: HomeId) -> Result<Vec<(Vec<Commitment>, StopsAwayRow)>, ApiError> {
    let mut found = Vec::new();
    for said in app.store.stops_away(home, now_ms() - limits::STOPS_AWAY_NEWS_MS).await? {
        if let Some(row) = app.store.assignment(home, said.assignment).await? {
            found.push((row.assignment.errands, said));
        }
    }
    Ok(found)
}

fn json(
    row: ConsignmentRow,
    provider_name: String,
    opened: bool,
    plan_b: PlanBJson,
    stops_away: Option<StopsAwayJson>,
) -> ConsignmentJson {
    ConsignmentJson {
        consignment: Id(ConsignmentId(row.id)),
        provider: Id(row.provider),
        provider_name,
        delivery_number: row.number,
        service: row.service,
        commitments: row.commitments.iter().map(|c| Id(c.0)).collect(),
        window: row.window.into(),
        description: row.description,
        state: row.state,
        opened,
        plan_b,
        stops_away,
        announced_ms: row.created_ms,
    }
}

/// Decline a consignment: the provider sees it and sends nobody.
#[utoipa::path(post, path = "/v1/homes/{home}/consignments/{consignment}/decline", tag = "resident",
    params(("home" = HomeIdHex, Path), ("consignment" = ConsignmentIdHex, Path)),
    responses((status = 204), ApiError))]
pub(crate) async fn decline(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, consignment)): Path<(HomeIdHex, ConsignmentIdHex)>,
) -> Result<StatusCode, ApiError> {
    if app.store.set_consignment_state(resident.home, consignment.0.0, "declined").await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("consignment_unknown", "this home has no such consignment"))
    }
}
