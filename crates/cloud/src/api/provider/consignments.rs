//! Announcing consignments by delivery number.

use super::visits::VisitOfProviderJson;
use crate::api::resident::consignments::settle_these;
use crate::api::resident::delivery_numbers::check_text;
use crate::api::resident::left::LeftOfProviderJson;
use crate::api::resident::plan_b::{self, RungJson};
use crate::app::{App, Shared};
use crate::clock::{now_ms, random};
use crate::delivery_number;
use crate::extract::{Json, Limit, Path, Provider, Query, rows};
use crate::json::{ConsignmentId, ConsignmentIdHex, DoorIdHex, HashHex, Id, WindowJson};
use crate::limits;
use crate::problem::ApiError;
use crate::rate::Verdict;
use crate::store::{Announced, ConsignmentRow, HomeRow, NewConsignment, NewIncident, PlansB};
use axum::extract::State;
use axum::http::StatusCode;
use protocol::bytes::{DoorId, Hash};
use protocol::commitment::Commitment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An announcement.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewConsignmentJson {
    /// What stands in the address line, such as `V7KQ-4M2X`.
    delivery_number: String,
    /// One salted commitment per parcel, ascending, 1 to 32.
    commitments: Vec<HashHex>,
    /// Such as `delivery`, `pickup` or `cleaning`.
    service: String,
    /// When it is planned.
    window: WindowJson,
    /// What the resident reads, up to 64 characters. Write nothing that the cloud's operator must not read.
    description: String,
    /// Any name of this announcement: sent again with the same content, it answers the same.
    idempotency_key: String,
}

/// A consignment as its provider sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsignmentOfProviderJson {
    consignment: ConsignmentIdHex,
    /// What an assignment must name. Nothing else of the home is told.
    door: DoorIdHex,
    service: String,
    commitments: Vec<HashHex>,
    window: WindowJson,
    /// `awaiting` the resident's word, `granted` or `declined`: by a resident, or because the home was handed over to others.
    state: String,
    /// Where the resident wants it if it does not go in: the first rung first, no other counts.
    plan_b: Vec<RungJson>,
    announced_ms: i64,
}

/// The same with what happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsignmentWithVisitsJson {
    consignment: ConsignmentOfProviderJson,
    /// Visits under assignments that carry it, newest first.
    visits: Vec<VisitOfProviderJson>,
    /// What its handsets signed about parcels that did not go in, newest first.
    left: Vec<LeftOfProviderJson>,
}

/// Some consignments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsignmentsOfProviderJson {
    consignments: Vec<ConsignmentOfProviderJson>,
}

/// Announce a consignment: the residents are asked.
#[utoipa::path(post, path = "/v1/provider/consignments", tag = "provider", request_body = NewConsignmentJson,
    responses((status = 201, body = ConsignmentOfProviderJson), (status = 200, body = ConsignmentOfProviderJson),
        ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    provider: Provider,
    Json(body): Json<NewConsignmentJson>,
) -> Result<(StatusCode, axum::Json<ConsignmentOfProviderJson>), ApiError> {
    provider.admitted()?;
    check(&body)?;
    let (home, number) = find_home(&app, &provider, &body.delivery_number).await?;
    let request = serde_json::to_vec(&body).map_err(|_| ApiError::internal())?;
    let new = NewConsignment {
        home: home.home,
        id: random(),
        provider: provider.root(),
        number,
        service: body.service,
        commitments: body.commitments.iter().map(|c| Commitment(c.0)).collect(),
        window: body.window.into(),
        description: body.description,
        idempotency: body.idempotency_key,
        request_hash: Hash::of("consignment_request", &[&request]),
    };
    match app.store.announce(new).await? {
        Announced::Is(row, is_new) => {
            let row = if is_new {
                let settled = settle_these(&app, home.home, vec![*row]).await?;
                settled.into_iter().next().ok_or_else(ApiError::internal)?
            } else {
                *row
            };
            app.ring(home.home);
            let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, axum::Json(with_door(&app, row).await?)))
        }
        Announced::KeyTaken => Err(ApiError::conflict(
            "idempotency_key_taken",
            "this idempotency_key was used for another announcement; choose a new one",
        )),
    }
}

fn check(body: &NewConsignmentJson) -> Result<(), ApiError> {
    check_text("service", &body.service)?;
    check_text("description", &body.description)?;
    let max = protocol::limits::ERRANDS_MAX;
    if !(1..=max).contains(&body.commitments.len()) || !body.commitments.is_sorted_by(|a, b| a < b) {
        return Err(ApiError::field(
            "commitments_invalid",
            "commitments",
            format!("commitments holds 1 to {max} different hashes in ascending order"),
        ));
    }
    if body.window.from >= body.window.until {
        return Err(ApiError::field("window_invalid", "window.until", "the window must end after it begins"));
    }
    if !(1..=limits::IDEMPOTENCY_CHARS_MAX).contains(&body.idempotency_key.chars().count()) {
        return Err(ApiError::field(
            "text_invalid",
            "idempotency_key",
            format!("idempotency_key has 1 to {} characters", limits::IDEMPOTENCY_CHARS_MAX),
        ));
    }
    Ok(())
}

/// Finds the home of a number. Unknown, revoked and another provider's numbers look alike and count as guesses.
async fn find_home(app: &App, provider: &Provider, text: &str) -> Result<(HomeRow, String), ApiError> {
    let root = provider.root();
    if app.rates.guesses.is_tripped(&root, now_ms()) {
        return Err(guessing());
    }
    if let Some(number) = delivery_number::read(text) {
        let row = app.store.number(&number).await?;
        let row = row.filter(|r| r.revoked_ms.is_none() && r.provider.is_none_or(|p| p == root));
        if let Some(row) = row {
            let home = app.store.home(row.home).await?.ok_or_else(ApiError::internal)?;
            return Ok((home, number));
        }
    }
    match app.rates.guesses.count(root, now_ms()) {
        Verdict::Within => Err(ApiError::not_found(
            "delivery_number_unknown",
            "no home takes this delivery_number from you; check it for typing mistakes, or ask the recipient",
        )
        .about("delivery_number")),
        Verdict::JustTripped => {
            let hour = now_ms() / limits::HOUR_MS;
            let about = serde_json::json!({ "hour": hour, "wrong": limits::GUESSES_PER_HOUR_MAX });
            let incident =
                NewIncident { kind: "delivery_number_guessing", home: None, provider: Some(root), about };
            app.report(incident).await?;
            Err(guessing())
        }
        Verdict::Tripped => Err(guessing()),
    }
}

fn guessing() -> ApiError {
    ApiError::too_many(
        "delivery_number_limit",
        "too many wrong delivery numbers within an hour; the operator has been told. Try again later",
        3_600,
    )
}

fn json(row: ConsignmentRow, door: DoorId, plan_b: Vec<RungJson>) -> ConsignmentOfProviderJson {
    ConsignmentOfProviderJson {
        consignment: Id(ConsignmentId(row.id)),
        door: Id(door),
        service: row.service,
        commitments: row.commitments.iter().map(|c| Id(c.0)).collect(),
        window: row.window.into(),
        state: row.state,
        plan_b,
        announced_ms: row.created_ms,
    }
}

async fn with_door(app: &App, row: ConsignmentRow) -> Result<ConsignmentOfProviderJson, ApiError> {
    let home = app.store.home(row.home).await?.ok_or_else(ApiError::internal)?;
    // What those chose who live there now is not for a consignment to those before.
    let plans = if row.is_before { PlansB::default() } else { app.store.plans_b(row.home).await? };
    let plan_b = plan_b::json(plans.of(row.id));
    Ok(json(row, home.door, plan_b))
}

/// List announced consignments, newest first.
#[utoipa::path(get, path = "/v1/provider/consignments", tag = "provider", params(Limit),
    responses((status = 200, body = ConsignmentsOfProviderJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    provider: Provider,
    Query(limit): Query<Limit>,
) -> Result<axum::Json<ConsignmentsOfProviderJson>, ApiError> {
    let mut consignments = Vec::new();
    for row in app.store.consignments_of(provider.root(), rows(limit.limit)).await? {
        consignments.push(with_door(&app, row).await?);
    }
    Ok(axum::Json(ConsignmentsOfProviderJson { consignments }))
}

/// Look at one consignment and what happened to it.
#[utoipa::path(get, path = "/v1/provider/consignments/{consignment}", tag = "provider",
    params(("consignment" = ConsignmentIdHex, Path)),
    responses((status = 200, body = ConsignmentWithVisitsJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    provider: Provider,
    Path(consignment): Path<ConsignmentIdHex>,
) -> Result<axum::Json<ConsignmentWithVisitsJson>, ApiError> {
    let row = app.store.consignment_of(provider.root(), consignment.0.0).await?;
    let row = row.ok_or_else(|| {
        ApiError::not_found("consignment_unknown", "this provider announced no such consignment")
    })?;
    let carries =
        |a: &crate::store::AssignmentRow| row.commitments.iter().any(|c| a.assignment.errands.contains(c));
    let mut visits = Vec::new();
    for visit in app.store.visits_of_provider(provider.root(), limits::PAGE_ROWS_MAX).await? {
        let Some(hash) = visit.assignment.filter(|_| visit.home == row.home) else { continue };
        let assignment = app.store.assignment(visit.home, hash).await?;
        if assignment.as_ref().is_some_and(carries) {
            visits.push(visit.into());
        }
    }
    let mut left = Vec::new();
    for report in app.store.left_ever_at(row.home, limits::PAGE_ROWS_MAX).await? {
        let assignment = app.store.assignment(row.home, report.left.assignment).await?;
        if assignment.is_some_and(|a| a.assignment.provider == row.provider && carries(&a)) {
            left.push(report.into());
        }
    }
    Ok(axum::Json(ConsignmentWithVisitsJson { consignment: with_door(&app, row).await?, visits, left }))
}
