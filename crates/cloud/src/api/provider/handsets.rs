//! Handsets of a provider's people.

use crate::api::resident::delivery_numbers::check_text;
use crate::api::sign_in::read_credential;
use crate::app::Shared;
use crate::clock::now_ms;
use crate::extract::{Json, Path, Provider};
use crate::json::{Bytes64, Id, KidHex};
use crate::problem::ApiError;
use crate::store::HandsetRow;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::canonical;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A handset to enrol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHandsetJson {
    /// Canonical CBOR of the handset's `credential`.
    credential: Bytes64,
    /// What the provider calls it; a device, not a person.
    name: String,
    /// HPKE public key (P-256, uncompressed SEC1, 65 bytes) to which tours are sealed.
    kem: Option<Bytes64>,
}

/// A handset.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandsetJson {
    kid: KidHex,
    credential: Bytes64,
    name: String,
    kem: Option<Bytes64>,
    created_ms: i64,
    /// Since when it may no longer sign in.
    removed_ms: Option<i64>,
}

impl From<HandsetRow> for HandsetJson {
    fn from(row: HandsetRow) -> Self {
        Self {
            kid: Id(row.credential.kid()),
            credential: canonical::encode(&row.credential).into(),
            name: row.name,
            kem: row.kem.map(Into::into),
            created_ms: row.created_ms,
            removed_ms: row.removed_ms,
        }
    }
}

/// All handsets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HandsetsJson {
    handsets: Vec<HandsetJson>,
}

/// Enrol a handset.
#[utoipa::path(post, path = "/v1/provider/handsets", tag = "provider", request_body = NewHandsetJson,
    responses((status = 201, body = HandsetJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    provider: Provider,
    Json(body): Json<NewHandsetJson>,
) -> Result<(StatusCode, axum::Json<HandsetJson>), ApiError> {
    provider.admitted()?;
    check_text("name", &body.name)?;
    let credential = read_credential("credential", &body.credential)?;
    if body.kem.as_ref().is_some_and(|kem| kem.0.len() != 65 || kem.0.first() != Some(&4)) {
        return Err(ApiError::field(
            "kem_invalid",
            "kem",
            "kem is an uncompressed P-256 point: 65 bytes, the first is 4",
        ));
    }
    let row = HandsetRow {
        provider: provider.root(),
        credential,
        kem: body.kem.map(|kem| kem.0),
        name: body.name,
        created_ms: now_ms(),
        removed_ms: None,
    };
    app.store.put_handset(row.clone()).await?;
    Ok((StatusCode::CREATED, axum::Json(row.into())))
}

/// List the handsets, newest first.
#[utoipa::path(get, path = "/v1/provider/handsets", tag = "provider",
    responses((status = 200, body = HandsetsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    provider: Provider,
) -> Result<axum::Json<HandsetsJson>, ApiError> {
    let found = app.store.handsets_of(provider.root()).await?;
    Ok(axum::Json(HandsetsJson { handsets: found.into_iter().map(Into::into).collect() }))
}

/// Remove a handset: it may no longer sign in. Homes learn it from a resident's revocation, or when tours run out.
#[utoipa::path(delete, path = "/v1/provider/handsets/{kid}", tag = "provider",
    params(("kid" = KidHex, Path)), responses((status = 204), ApiError))]
pub(crate) async fn remove(
    State(app): State<Shared>,
    provider: Provider,
    Path(kid): Path<KidHex>,
) -> Result<StatusCode, ApiError> {
    if app.store.remove_handset(provider.root(), kid.0).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("handset_unknown", "this provider has no such handset"))
    }
}
