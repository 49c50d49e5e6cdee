//! Consignments that wait for a resident's word.

use crate::app::Shared;
use crate::extract::{Path, Query, Resident};
use crate::json::{ConsignmentId, ConsignmentIdHex, HashHex, HomeIdHex, Id, KidHex, WindowJson};
use crate::problem::ApiError;
use crate::store::ConsignmentRow;
use axum::extract::State;
use axum::http::StatusCode;
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
    announced_ms: i64,
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
    /// `awaiting`, `granted` or `declined`; all if absent.
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
    let rows = app.store.consignments_at(resident.home, which.state.as_deref().unwrap_or_default()).await?;
    let mut consignments = Vec::with_capacity(rows.len());
    for row in rows {
        let name = app.store.provider(row.provider).await?.map(|p| p.name).unwrap_or_default();
        consignments.push(json(row, name));
    }
    Ok(axum::Json(ConsignmentsJson { consignments }))
}

fn json(row: ConsignmentRow, provider_name: String) -> ConsignmentJson {
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
