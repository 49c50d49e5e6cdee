//! Signing in: a nonce, then a signed sentence over it, then a token.

use crate::app::Shared;
use crate::extract::Json;
use crate::identity::{check_sign_in, identify, open_session};
use crate::json::{Bytes64, HomeIdHex, Id, KidHex};
use crate::limits;
use crate::problem::ApiError;
use axum::extract::State;
use protocol::{Credential, canonical};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Nothing is needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A nonce to sign.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NonceJson {
    /// 16 bytes, for one sign-in within a minute.
    nonce: Bytes64,
    /// The cloud's name, to be signed with it.
    audience: String,
    /// Seconds that the nonce lives.
    expires_s: i64,
}

/// A sign-in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInJson {
    /// Envelope of a signed `sign_in`.
    sign_in: Bytes64,
    /// Canonical CBOR of the `credential` that signed it; the envelope only names the key.
    credential: Bytes64,
}

/// A token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenJson {
    /// Goes into `Authorization: Bearer ...`.
    token: String,
    /// Seconds that it lives.
    expires_s: i64,
    /// `resident`, `visitor`, `provider` or `operator`.
    role: String,
    /// The key that signed in.
    kid: KidHex,
    /// For residents: the homes whose roster names the key.
    homes: Vec<HomeOfKey>,
    /// For providers: the root key.
    provider: Option<KidHex>,
}

/// A home of a resident's key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HomeOfKey {
    home: HomeIdHex,
    /// `owner`, `member`, `companion` or `recovery`.
    rank: String,
}

/// Ask for a nonce to sign in with.
#[utoipa::path(post, path = "/v1/sign-in/nonce", tag = "sign-in", request_body = Nothing,
    responses((status = 200, body = NonceJson), ApiError), security(()))]
pub(crate) async fn nonce(
    State(app): State<Shared>,
    Json(Nothing {}): Json<Nothing>,
) -> Result<axum::Json<NonceJson>, ApiError> {
    let nonce = app.nonces.issue().ok_or_else(|| {
        ApiError::too_many("nonces_open", "too many sign-ins are open; try again in a minute", 60)
    })?;
    Ok(axum::Json(NonceJson {
        nonce: nonce.0.to_vec().into(),
        audience: app.audience.clone(),
        expires_s: limits::NONCE_LIFE_MS / 1_000,
    }))
}

/// Sign in with a key.
#[utoipa::path(post, path = "/v1/sign-in", tag = "sign-in", request_body = SignInJson,
    responses((status = 200, body = TokenJson), ApiError), security(()))]
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    Json(body): Json<SignInJson>,
) -> Result<axum::Json<TokenJson>, ApiError> {
    let credential = read_credential("credential", &body.credential)?;
    let role = check_sign_in(&app, "sign_in", &body.sign_in.0, &credential)?;
    let session = identify(&app, role, &credential).await?;
    let mut homes = Vec::new();
    if session.role == "resident" {
        for place in app.store.memberships(session.kid).await? {
            homes.push(HomeOfKey { home: Id(place.home), rank: place.rank });
        }
    }
    let answer = TokenJson {
        expires_s: limits::TOKEN_LIFE_S,
        role: session.role.clone(),
        kid: Id(session.kid),
        homes,
        provider: session.provider.map(Id),
        token: open_session(&app, session).await?,
    };
    Ok(axum::Json(answer))
}

/// Reads a credential field.
pub(crate) fn read_credential(field: &str, bytes: &Bytes64) -> Result<Credential, ApiError> {
    canonical::decode(&bytes.0, 1_024).map_err(|why| ApiError::malformed(field, why))
}
