//! Working keys that the root key names.

use crate::app::Shared;
use crate::extract::{Json, Provider};
use crate::json::{Bytes64, HashHex, Id, KidHex, WindowJson};
use crate::problem::ApiError;
use crate::trust::Ring;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::Claimed;
use protocol::bytes::Hash;
use protocol::delegation::Delegation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signed delegation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDelegationJson {
    /// Envelope of a `delegation` signed by the root key.
    delegation: Bytes64,
}

/// A working key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DelegationJson {
    hash: HashHex,
    /// The working key.
    key: KidHex,
    window: WindowJson,
}

/// All working keys.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DelegationsJson {
    delegations: Vec<DelegationJson>,
}

fn json(delegation: &Delegation, hash: Hash) -> DelegationJson {
    DelegationJson { hash: Id(hash), key: Id(delegation.key.kid()), window: delegation.window.into() }
}

/// Upload a delegation.
#[utoipa::path(post, path = "/v1/provider/delegations", tag = "provider", request_body = NewDelegationJson,
    responses((status = 201, body = DelegationJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    provider: Provider,
    Json(body): Json<NewDelegationJson>,
) -> Result<(StatusCode, axum::Json<DelegationJson>), ApiError> {
    let field = "delegation";
    let claimed =
        Claimed::<Delegation>::parse(&body.delegation.0).map_err(|why| ApiError::malformed(field, why))?;
    if claimed.unproven().root.kid() != provider.root() {
        return Err(ApiError::signer(field, "your own root key, and name it as root"));
    }
    let signed =
        claimed.verify(&provider.row.credential, &Ring).map_err(|why| ApiError::untrusted(field, why))?;
    let answer = json(signed.message(), signed.hash());
    app.store.put_delegation(signed).await?;
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

/// List the working keys, newest first.
#[utoipa::path(get, path = "/v1/provider/delegations", tag = "provider",
    responses((status = 200, body = DelegationsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    provider: Provider,
) -> Result<axum::Json<DelegationsJson>, ApiError> {
    let found = app.store.delegations_of(provider.root()).await?;
    let delegations = found.iter().map(|(delegation, hash)| json(delegation, *hash)).collect();
    Ok(axum::Json(DelegationsJson { delegations }))
}
