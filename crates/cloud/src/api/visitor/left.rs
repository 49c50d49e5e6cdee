//! Where a parcel went that did not go in: the handset's signed word, passed on as it was signed.

use crate::app::{App, Shared};
use crate::clock::now_s;
use crate::extract::{Json, Visitor};
use crate::json::{Bytes64, HashHex, Id, unsigned};
use crate::limits;
use crate::problem::ApiError;
use crate::store::{AssignmentRow, Reported};
use crate::trust::Ring;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::assignment::Assignment;
use protocol::left::Left;
use protocol::time::Interval;
use protocol::{Claimed, Signed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signed report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLeftJson {
    /// Envelope of a `left` signed by the handset that the assignment names.
    left: Bytes64,
}

/// A report that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeftKeptJson {
    /// H(left).
    hash: HashHex,
}

/// Report where the parcels of one stop went instead. The same report again is the same one: it may be kept without a
/// network and sent later. Residents and provider get it as it was signed.
#[utoipa::path(post, path = "/v1/visitor/left", tag = "visitor", request_body = NewLeftJson,
    responses((status = 201, body = LeftKeptJson), (status = 200, body = LeftKeptJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    visitor: Visitor,
    Json(body): Json<NewLeftJson>,
) -> Result<(StatusCode, axum::Json<LeftKeptJson>), ApiError> {
    let claimed = Claimed::<Left>::parse(&body.left.0).map_err(|why| ApiError::malformed("left", why))?;
    check_time(claimed.unproven())?;
    let row = assignment(&app, &visitor, claimed.unproven()).await?;
    let left = claimed.verify(&row.assignment.cnf, &Ring).map_err(|why| ApiError::untrusted("left", why))?;
    check_visit(&app, &visitor, &row, &left).await?;
    let delegation = delegation(&app, &row, &left).await?;
    let hash = left.hash();
    let status = match app.store.put_left(row.home, left, delegation).await? {
        Reported::New => {
            app.ring(row.home);
            StatusCode::CREATED
        }
        Reported::Known => StatusCode::OK,
        Reported::Full => {
            let max = limits::LEFT_PER_ASSIGNMENT_MAX;
            return Err(ApiError::conflict(
                "left_limit",
                format!("{max} reports are kept of this stop, and no more are taken"),
            ));
        }
    };
    Ok((status, axum::Json(LeftKeptJson { hash: Id(hash) })))
}

fn check_time(left: &Left) -> Result<(), ApiError> {
    let (now, at) = (unsigned(now_s()), left.at.0);
    if at > now + limits::LEFT_AHEAD_S_MAX || at + limits::LEFT_AGE_S_MAX < now {
        return Err(ApiError::field(
            "left_time_invalid",
            "left.at",
            format!(
                "at lies at most {} s ahead of the cloud's clock and {} s behind it; set the handset's clock",
                limits::LEFT_AHEAD_S_MAX,
                limits::LEFT_AGE_S_MAX
            ),
        ));
    }
    Ok(())
}

/// The stop that it is about: of this very handset, which its provider has not removed.
async fn assignment(app: &App, visitor: &Visitor, left: &Left) -> Result<AssignmentRow, ApiError> {
    let unknown =
        || ApiError::field("assignment_unknown", "left.assignment", "this handset was given no such stop");
    let home = app.store.home_by_door(left.door).await?.ok_or_else(unknown)?;
    let row = app.store.assignment(home.home, left.assignment).await?.ok_or_else(unknown)?;
    let handsets = app.store.handsets(visitor.kid).await?;
    let is_enrolled = |one: &Assignment| handsets.iter().any(|handset| handset.provider == one.provider);
    if row.assignment.cnf.kid() != visitor.kid || !is_enrolled(&row.assignment) {
        return Err(unknown());
    }
    Ok(row)
}

/// A visit that is known is this handset's, at this stop. One that the cloud refused left no trace at the home.
async fn check_visit(
    app: &App,
    visitor: &Visitor,
    row: &AssignmentRow,
    left: &Signed<Left>,
) -> Result<(), ApiError> {
    let Some(visit) = left.message().visit else { return Ok(()) };
    let known = app.store.visit(row.home, visit).await?;
    let is_other = known.is_some_and(|known| {
        known.device.is_some_and(|device| device != visitor.kid)
            || known.assignment.is_some_and(|assignment| assignment != row.hash)
    });
    if is_other {
        return Err(ApiError::field("visit_other", "left.visit", "the visit is of another handset or stop"));
    }
    Ok(())
}

/// What the residents' devices check the assignment by.
async fn delegation(app: &App, row: &AssignmentRow, left: &Signed<Left>) -> Result<Vec<u8>, ApiError> {
    let at = Interval::exactly(left.message().at);
    let found = app.store.delegation_sent(row.home, row.signer, at).await?;
    found.ok_or_else(|| {
        ApiError::field(
            "left_time_invalid",
            "left.at",
            "the service's working key did not count at that time",
        )
    })
}
