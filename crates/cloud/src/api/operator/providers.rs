//! Admitting and suspending providers. Neither opens or shuts a door: homes trust keys, not this list.

use crate::api::provider::account::ProviderJson;
use crate::app::{App, Shared};
use crate::extract::{Operator, Path};
use crate::json::KidHex;
use crate::problem::ApiError;
use axum::extract::State;
use protocol::Kid;
use serde::Serialize;
use utoipa::ToSchema;

/// All providers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvidersJson {
    providers: Vec<ProviderJson>,
}

/// List providers, newest first.
#[utoipa::path(get, path = "/v1/operator/providers", tag = "operator",
    responses((status = 200, body = ProvidersJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    _: Operator,
) -> Result<axum::Json<ProvidersJson>, ApiError> {
    let found = app.store.providers().await?;
    Ok(axum::Json(ProvidersJson { providers: found.into_iter().map(Into::into).collect() }))
}

/// Admit a provider.
#[utoipa::path(post, path = "/v1/operator/providers/{provider}/admit", tag = "operator",
    params(("provider" = KidHex, Path)), responses((status = 200, body = ProviderJson), ApiError))]
pub(crate) async fn admit(
    State(app): State<Shared>,
    _: Operator,
    Path(provider): Path<KidHex>,
) -> Result<axum::Json<ProviderJson>, ApiError> {
    set(&app, provider.0, "admitted").await
}

/// Suspend a provider: its sign-ins and arrivals are refused here.
#[utoipa::path(post, path = "/v1/operator/providers/{provider}/suspend", tag = "operator",
    params(("provider" = KidHex, Path)), responses((status = 200, body = ProviderJson), ApiError))]
pub(crate) async fn suspend(
    State(app): State<Shared>,
    _: Operator,
    Path(provider): Path<KidHex>,
) -> Result<axum::Json<ProviderJson>, ApiError> {
    set(&app, provider.0, "suspended").await
}

async fn set(app: &App, root: Kid, state: &'static str) -> Result<axum::Json<ProviderJson>, ApiError> {
    if !app.store.set_provider_state(root, state).await? {
        return Err(ApiError::not_found("provider_unknown", "no provider has signed up with this root key"));
    }
    let row = app.store.provider(root).await?.ok_or_else(ApiError::internal)?;
    Ok(axum::Json(row.into()))
}
