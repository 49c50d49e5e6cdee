//! How much there is.

use crate::app::Shared;
use crate::extract::Operator;
use crate::problem::ApiError;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountsJson {
    homes: u64,
    homes_online: usize,
    providers_pending: usize,
    providers_admitted: usize,
    providers_suspended: usize,
}

/// Count homes and providers.
#[utoipa::path(get, path = "/v1/operator/counts", tag = "operator",
    responses((status = 200, body = CountsJson), ApiError))]
pub(crate) async fn show(State(app): State<Shared>, _: Operator) -> Result<axum::Json<CountsJson>, ApiError> {
    let providers = app.store.providers().await?;
    let in_state = |state: &str| providers.iter().filter(|p| p.state == state).count();
    Ok(axum::Json(CountsJson {
        homes: app.store.homes_count().await?,
        homes_online: app.homes.count(),
        providers_pending: in_state("pending"),
        providers_admitted: in_state("admitted"),
        providers_suspended: in_state("suspended"),
    }))
}
