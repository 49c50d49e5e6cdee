//! A provider's account: a root key and a name. An operator admits it.

use crate::api::resident::delivery_numbers::check_text;
use crate::api::sign_in::read_credential;
use crate::app::Shared;
use crate::clock::now_ms;
use crate::extract::{Json, Provider};
use crate::identity::check_sign_in;
use crate::json::{Bytes64, Id, KidHex};
use crate::problem::ApiError;
use crate::rate::{Verdict, network};
use crate::store::ProviderRow;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use protocol::sign_in::Role;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use utoipa::ToSchema;

/// A provider that signs up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUpJson {
    /// What residents will read; up to 64 characters.
    name: String,
    /// Canonical CBOR of the root key's `credential`.
    credential: Bytes64,
    /// Envelope of a `sign_in` with role `provider` by the root key, so that nobody signs up another's key.
    sign_in: Bytes64,
}

/// A provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderJson {
    /// Thumbprint of the root key: what grants name.
    provider: KidHex,
    name: String,
    /// `pending`, `admitted` or `suspended`.
    state: String,
    /// The root key in two groups of digits, for people to compare.
    fingerprint: String,
    created_ms: i64,
}

impl From<ProviderRow> for ProviderJson {
    fn from(row: ProviderRow) -> Self {
        Self {
            provider: Id(row.root),
            name: row.name,
            state: row.state,
            fingerprint: row.root.fingerprint(),
            created_ms: row.created_ms,
        }
    }
}

/// Sign up as a provider. It may act once the operator admits it.
#[utoipa::path(post, path = "/v1/providers", tag = "provider", request_body = SignUpJson,
    responses((status = 201, body = ProviderJson), ApiError), security(()))]
pub(crate) async fn sign_up(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Json(body): Json<SignUpJson>,
) -> Result<(StatusCode, axum::Json<ProviderJson>), ApiError> {
    if app.rates.sign_ups.count(network(peer.ip()), now_ms()) != Verdict::Within {
        return Err(ApiError::too_many(
            "sign_ups_limit",
            "too many sign-ups from this address; try again in an hour",
            3_600,
        ));
    }
    check_text("name", &body.name)?;
    let credential = read_credential("credential", &body.credential)?;
    if credential.passkey.is_some() {
        return Err(ApiError::field(
            "credential_passkey",
            "credential",
            "a provider's root is a plain key, no passkey",
        ));
    }
    if check_sign_in(&app, "sign_in", &body.sign_in.0, &credential)? != Role::Provider {
        return Err(ApiError::field("sign_in_other_role", "sign_in.role", "sign in with role `provider`"));
    }
    let root = credential.kid();
    if !app.store.put_provider(credential, body.name).await? {
        return Err(ApiError::conflict(
            "provider_taken",
            "this root key has signed up already; sign in with it",
        ));
    }
    let row = app.store.provider(root).await?.ok_or_else(ApiError::internal)?;
    Ok((StatusCode::CREATED, axum::Json(row.into())))
}

/// Look at the own account.
#[utoipa::path(get, path = "/v1/provider", tag = "provider",
    responses((status = 200, body = ProviderJson), ApiError))]
pub(crate) async fn show(provider: Provider) -> axum::Json<ProviderJson> {
    axum::Json(provider.row.into())
}
