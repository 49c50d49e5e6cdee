//! Plan B: where a parcel goes that does not go in. It opens nothing, so any resident of the home may choose, a companion
//! too, and it is the cloud's to keep. Four names and an order; no words of anybody's.

use crate::app::{App, Shared};
use crate::extract::{Json, Path, Resident};
use crate::json::{ConsignmentIdHex, HomeIdHex};
use crate::problem::ApiError;
use crate::store::PlansB;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::bytes::HomeId;
use protocol::left::Rung;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RungJson {
    /// To a neighbour.
    Neighbour,
    /// Into a locker.
    Locker,
    /// Left at the door.
    Doorstep,
    /// Tried again another day.
    Again,
}

impl From<Rung> for RungJson {
    fn from(rung: Rung) -> Self {
        match rung {
            Rung::Neighbour => Self::Neighbour,
            Rung::Locker => Self::Locker,
            Rung::Doorstep => Self::Doorstep,
            Rung::Again => Self::Again,
        }
    }
}

impl From<RungJson> for Rung {
    fn from(rung: RungJson) -> Self {
        match rung {
            RungJson::Neighbour => Self::Neighbour,
            RungJson::Locker => Self::Locker,
            RungJson::Doorstep => Self::Doorstep,
            RungJson::Again => Self::Again,
        }
    }
}

/// Rungs as JSON, in their order.
pub(crate) fn json(rungs: &[Rung]) -> Vec<RungJson> {
    rungs.iter().map(|rung| (*rung).into()).collect()
}

/// A ladder to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlanBJson {
    /// The first counts first. Those left out do not count at all; at least one, each at most once.
    rungs: Vec<RungJson>,
}

/// A ladder.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanBJson {
    /// The first counts first.
    rungs: Vec<RungJson>,
    /// Whether somebody of the home chose it: the home's default until then is `locker`, `again`; that of a consignment
    /// is the home's.
    chosen: bool,
}

impl PlanBJson {
    fn of_home(plans: &PlansB) -> Self {
        Self { rungs: json(plans.of_home()), chosen: plans.chosen.is_some() }
    }

    /// The ladder of one consignment.
    pub(crate) fn of(plans: &PlansB, consignment: [u8; 16]) -> Self {
        Self { rungs: json(plans.of(consignment)), chosen: plans.own(consignment).is_some() }
    }
}

fn checked(body: &NewPlanBJson) -> Result<Vec<Rung>, ApiError> {
    let rungs: Vec<Rung> = body.rungs.iter().map(|rung| (*rung).into()).collect();
    let is_twice = |at: usize| rungs.get(..at).is_some_and(|before| before.contains(&rungs[at]));
    if rungs.is_empty() || (0..rungs.len()).any(is_twice) {
        return Err(ApiError::field(
            "plan_b_invalid",
            "rungs",
            "rungs holds 1 to 4 of neighbour, locker, doorstep and again, each once",
        ));
    }
    Ok(rungs)
}

/// Look at the home's Plan B.
#[utoipa::path(get, path = "/v1/homes/{home}/plan-b", tag = "resident", params(("home" = HomeIdHex, Path)),
    responses((status = 200, body = PlanBJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<PlanBJson>, ApiError> {
    Ok(axum::Json(PlanBJson::of_home(&app.store.plans_b(resident.home).await?)))
}

/// Choose the home's Plan B.
#[utoipa::path(put, path = "/v1/homes/{home}/plan-b", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = NewPlanBJson, responses((status = 200, body = PlanBJson), ApiError))]
pub(crate) async fn choose(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewPlanBJson>,
) -> Result<axum::Json<PlanBJson>, ApiError> {
    app.store.put_plan_b(resident.home, None, &checked(&body)?).await?;
    show(State(app), resident).await
}

/// Choose Plan B for one consignment.
#[utoipa::path(put, path = "/v1/homes/{home}/consignments/{consignment}/plan-b", tag = "resident",
    params(("home" = HomeIdHex, Path), ("consignment" = ConsignmentIdHex, Path)), request_body = NewPlanBJson,
    responses((status = 200, body = PlanBJson), ApiError))]
pub(crate) async fn choose_for_one(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, consignment)): Path<(HomeIdHex, ConsignmentIdHex)>,
    Json(body): Json<NewPlanBJson>,
) -> Result<axum::Json<PlanBJson>, ApiError> {
    let (rungs, id) = (checked(&body)?, consignment.0.0);
    known(&app, resident.home, id).await?;
    app.store.put_plan_b(resident.home, Some(id), &rungs).await?;
    Ok(axum::Json(PlanBJson::of(&app.store.plans_b(resident.home).await?, id)))
}

/// Let the home's Plan B count for this consignment again.
#[utoipa::path(delete, path = "/v1/homes/{home}/consignments/{consignment}/plan-b", tag = "resident",
    params(("home" = HomeIdHex, Path), ("consignment" = ConsignmentIdHex, Path)),
    responses((status = 204), ApiError))]
pub(crate) async fn as_the_home(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, consignment)): Path<(HomeIdHex, ConsignmentIdHex)>,
) -> Result<StatusCode, ApiError> {
    known(&app, resident.home, consignment.0.0).await?;
    app.store.delete_plan_b(resident.home, consignment.0.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn known(app: &App, home: HomeId, consignment: [u8; 16]) -> Result<(), ApiError> {
    let rows = app.store.consignments_at(home, "").await?;
    if rows.iter().any(|row| row.id == consignment) {
        return Ok(());
    }
    Err(ApiError::not_found("consignment_unknown", "this home has no such consignment"))
}
