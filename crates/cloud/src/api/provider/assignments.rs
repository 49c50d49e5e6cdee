//! Assignments: signed by a working key, relayed to the home, found by the handset in its tour.

use crate::api::resident::KeptJson;
use crate::app::{App, Shared};
use crate::clock::now_s;
use crate::extract::{Json, Limit, Provider, Query, rows};
use crate::json::{
    AssignmentIdHex, Bytes64, DoorIdHex, HashHex, Id, KidHex, TourIdHex, WindowJson, unsigned,
};
use crate::limits;
use crate::problem::ApiError;
use crate::store::{AssignmentRow, NewAssignment};
use crate::trust::Ring;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::assignment::Assignment;
use protocol::delegation::Delegation;
use protocol::{Claimed, Credential};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signed assignment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAssignmentJson {
    /// Envelope of an `assignment` signed by a working key.
    assignment: Bytes64,
    /// Envelope of the `delegation` that names the working key.
    delegation: Bytes64,
    /// For the handset only: what it needs at the stop, sealed to its kem key. At most 8 KiB; opaque here.
    tour_sealed: Option<Bytes64>,
}

/// An assignment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentJson {
    /// H(assignment).
    hash: HashHex,
    id: AssignmentIdHex,
    door: DoorIdHex,
    device: KidHex,
    tour: TourIdHex,
    service: String,
    window: WindowJson,
    kept_by_home: KeptJson,
    created_ms: i64,
}

impl From<AssignmentRow> for AssignmentJson {
    fn from(row: AssignmentRow) -> Self {
        Self {
            hash: Id(row.hash),
            id: Id(row.assignment.id),
            door: Id(row.assignment.door),
            device: Id(row.assignment.cnf.kid()),
            tour: Id(row.assignment.tour),
            service: row.assignment.service,
            window: row.assignment.window.into(),
            kept_by_home: KeptJson::stored(&row.kept, row.code.as_deref()),
            created_ms: row.created_ms,
        }
    }
}

/// Some assignments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssignmentsJson {
    assignments: Vec<AssignmentJson>,
}

/// Upload an assignment; it goes to the home at once, and again until the home answers.
#[utoipa::path(post, path = "/v1/provider/assignments", tag = "provider", request_body = NewAssignmentJson,
    responses((status = 201, body = AssignmentJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    provider: Provider,
    Json(body): Json<NewAssignmentJson>,
) -> Result<(StatusCode, axum::Json<AssignmentJson>), ApiError> {
    provider.admitted()?;
    if body.tour_sealed.as_ref().is_some_and(|blob| blob.0.len() > limits::TOUR_SEALED_BYTES_MAX) {
        return Err(ApiError::field(
            "tour_oversized",
            "tour_sealed",
            format!("tour_sealed has at most {} bytes", limits::TOUR_SEALED_BYTES_MAX),
        ));
    }
    let new = checked(&app, &provider, body).await?;
    let (home, hash) = (new.home, new.assignment.hash());
    app.store.put_assignment(new).await?;
    app.homes.papers_wait(home);
    let row = app.store.assignment(home, hash).await?.ok_or_else(ApiError::internal)?;
    Ok((StatusCode::CREATED, axum::Json(row.into())))
}

async fn checked(app: &App, provider: &Provider, body: NewAssignmentJson) -> Result<NewAssignment, ApiError> {
    let delegation = Claimed::<Delegation>::parse(&body.delegation.0)
        .map_err(|why| ApiError::malformed("delegation", why))?;
    let delegation = delegation
        .verify(&provider.row.credential, &Ring)
        .map_err(|why| ApiError::untrusted("delegation", why))?;
    let now = unsigned(now_s());
    if delegation.message().window.until.0 <= now {
        return Err(ApiError::field(
            "delegation_over",
            "delegation.window",
            "the delegation has run out; sign a new one with the root key",
        ));
    }
    let claimed = Claimed::<Assignment>::parse(&body.assignment.0)
        .map_err(|why| ApiError::malformed("assignment", why))?;
    let assignment = claimed
        .verify(&Credential::device(delegation.message().key), &Ring)
        .map_err(|why| ApiError::untrusted("assignment", why))?;
    let message = assignment.message();
    if message.provider != provider.root() {
        return Err(ApiError::field(
            "provider_other",
            "assignment.provider",
            "the assignment must name your own root key",
        ));
    }
    let handsets = app.store.handsets(message.cnf.kid()).await?;
    if !handsets.iter().any(|h| h.provider == provider.root() && h.credential == message.cnf) {
        return Err(ApiError::field(
            "handset_unknown",
            "assignment.cnf",
            "enrol the handset with POST /v1/provider/handsets first, with this very credential",
        ));
    }
    // A door is known to those who announced to it: others learn nothing by trying.
    let unknown = || {
        ApiError::field(
            "door_unknown",
            "assignment.door",
            "announce a consignment with POST /v1/provider/consignments first; its answer names the door",
        )
    };
    let home = app.store.home_by_door(message.door).await?.ok_or_else(unknown)?;
    if !app.store.has_announced(provider.root(), home.home).await? {
        return Err(unknown());
    }
    Ok(NewAssignment {
        home: home.home,
        delegation: delegation.bytes().to_vec(),
        delegation_hash: delegation.hash(),
        assignment,
        tour_sealed: body.tour_sealed.map(|blob| blob.0),
    })
}

/// List assignments, newest first.
#[utoipa::path(get, path = "/v1/provider/assignments", tag = "provider", params(Limit),
    responses((status = 200, body = AssignmentsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    provider: Provider,
    Query(limit): Query<Limit>,
) -> Result<axum::Json<AssignmentsJson>, ApiError> {
    let found = app.store.assignments_of(provider.root(), rows(limit.limit)).await?;
    Ok(axum::Json(AssignmentsJson { assignments: found.into_iter().map(Into::into).collect() }))
}
