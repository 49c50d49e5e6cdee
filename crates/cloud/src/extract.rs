//! How handlers get at requests: bodies whose errors name the field, paths, and callers whose role was checked.

use crate::app::{App, Shared};
use crate::clock::now_s;
use crate::gateway::socket::{Close, close};
use crate::identity::session_of;
use crate::limits;
use crate::problem::ApiError;
use crate::store::{ProviderRow, SessionRow};
use axum::body::Body;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use protocol::Kid;
use protocol::bytes::HomeId;
use serde::de::DeserializeOwned;

/// Subprotocol of every WebSocket here. A browser, which cannot set headers, adds `bearer.<token>` as a second one.
pub(crate) const SUBPROTOCOL: &str = "vestibule.v1";

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _: &Shared) -> Result<Self, ApiError> {
        let bytes = read(request, limits::BODY_BYTES_MAX).await?;
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
            let path = e.path().to_string();
            let field = field_name(&path, &e.inner().to_string());
            ApiError::field(
                "body_invalid",
                field,
                format!("the body cannot be read at {path}: {}", e.inner()),
            )
        })?;
        reader
            .end()
            .map_err(|_| ApiError::field("body_invalid", ".", "something follows the JSON object"))?;
        Ok(Self(value))
    }
}

/// A body of bytes, `MAX` of them at most.
#[derive(Debug)]
pub(crate) struct Octets<const MAX: usize>(pub(crate) Bytes);

impl<const MAX: usize> FromRequest<Shared> for Octets<MAX> {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _: &Shared) -> Result<Self, ApiError> {
        read(request, MAX).await.map(Self)
    }
}

async fn read(request: Request<Body>, max: usize) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(request.into_body(), max).await.map_err(|_| {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("the body is longer than {max} bytes, or was cut short"),
        )
    })
}

/// serde names a missing or unknown field in its message, not in its path.
fn field_name(path: &str, message: &str) -> String {
    let named = ["missing field `", "unknown field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split('`').next());
    match named {
        Some(field) if path == "." || path.ends_with(field) => field.into(),
        Some(field) => format!("{path}.{field}"),
        None => path.into(),
    }
}

/// Identifiers in the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|path| Self(path.0))
            .map_err(|e| ApiError::field("path_invalid", "path", format!("the path cannot be read: {e}")))
    }
}

/// Parameters after the question mark.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|query| Self(query.0))
            .map_err(|e| ApiError::field("query_invalid", "query", format!("the query cannot be read: {e}")))
    }
}

/// A request that wants to become a WebSocket.
pub(crate) struct Upgrade(pub(crate) WebSocketUpgrade);

impl FromRequestParts<Shared> for Upgrade {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await.map_err(|e| {
            ApiError::new(
                StatusCode::UPGRADE_REQUIRED,
                "websocket_required",
                format!("this route speaks WebSocket: {e}"),
            )
        })?;
        // Small buffers: most connections are idle, and there are many of them.
        Ok(Self(upgrade.protocols([SUBPROTOCOL]).read_buffer_size(4_096).write_buffer_size(0)))
    }
}

async fn session(parts: &Parts, app: &App, role: &str) -> Result<SessionRow, ApiError> {
    let token = token(parts).ok_or_else(|| {
        ApiError::unauthenticated(
            "token_missing",
            "send the token of POST /v1/sign-in as `Authorization: Bearer ...`, \
             or on a WebSocket as subprotocol `bearer.<token>` beside `vestibule.v1`",
        )
    })?;
    let session = session_of(app, &token).await?;
    if session.role == role {
        Ok(session)
    } else {
        Err(ApiError::forbidden(
            "role_other",
            format!("this route is for a {role}; the token belongs to a {}", session.role),
        ))
    }
}

fn token(parts: &Parts) -> Option<String> {
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = text(header::AUTHORIZATION).and_then(|v| v.strip_prefix("Bearer ")) {
        return Some(token.trim().into());
    }
    text(header::SEC_WEBSOCKET_PROTOCOL)?
        .split(',')
        .find_map(|protocol| protocol.trim().strip_prefix("bearer."))
        .map(Into::into)
}

/// A resident of the home in the path, by the roster in force now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resident {
    pub(crate) home: HomeId,
    pub(crate) kid: Kid,
    pub(crate) is_owner: bool,
}

impl FromRequestParts<Shared> for Resident {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let (home, kid, rank) = place(parts, app).await?;
        match rank.as_str() {
            "owner" => Ok(Self { home, kid, is_owner: true }),
            "member" | "companion" => Ok(Self { home, kid, is_owner: false }),
            "recovery" => Err(ApiError::forbidden(
                "recovery_only",
                "a recovery key only reads rosters and takes the home over with a new one",
            )),
            _ => Err(home_other()),
        }
    }
}

impl Resident {
    /// Whether the roster in force still names this key, asked while a connection lasts; if not, its last frame.
    pub(crate) async fn still(&self, app: &App) -> Result<(), Message> {
        match app.store.membership(self.home, self.kid).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => {
                Err(close(Close::Policy, "home_other: this key is not in the roster of that home any more"))
            }
            Err(error) => {
                tracing::error!(%error, "membership");
                Err(close(Close::Internal, "storage_failed: connect again"))
            }
        }
    }
}

/// Whoever the roster of the home in the path names, also by the key on a recovery sheet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Householder {
    pub(crate) home: HomeId,
}

impl FromRequestParts<Shared> for Householder {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let (home, _, rank) = place(parts, app).await?;
        match rank.as_str() {
            "owner" | "member" | "companion" | "recovery" => Ok(Self { home }),
            _ => Err(home_other()),
        }
    }
}

/// The home in the path, the caller's key, and its rank there.
async fn place(parts: &mut Parts, app: &Shared) -> Result<(HomeId, Kid, String), ApiError> {
    let session = session(parts, app, "resident").await?;
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| ApiError::internal())?;
    let text = params.iter().find(|(name, _)| *name == "home").map_or("", |(_, value)| value);
    let home = HomeId::from_hex(text).ok_or_else(|| {
        ApiError::field("path_invalid", "home", "the home in the path is not 32 hexadecimal digits")
    })?;
    let place = app.store.membership(home, session.kid).await?.ok_or_else(home_other)?;
    Ok((home, session.kid, place.rank))
}

fn home_other() -> ApiError {
    ApiError::forbidden("home_other", "this key is not in the roster of that home, or there is no such home")
}

/// A provider that is not suspended.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) row: ProviderRow,
}

impl Provider {
    pub(crate) const fn root(&self) -> Kid {
        self.row.root
    }

    /// Only admitted providers may touch homes.
    pub(crate) fn admitted(&self) -> Result<(), ApiError> {
        if self.row.state == "admitted" {
            return Ok(());
        }
        Err(ApiError::forbidden(
            "provider_not_admitted",
            "the operator of this cloud has not admitted this provider yet; ask for it and try again",
        ))
    }
}

impl FromRequestParts<Shared> for Provider {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let session = session(parts, app, "provider").await?;
        let root = session.provider.ok_or_else(ApiError::internal)?;
        let row = app.store.provider(root).await?.ok_or_else(ApiError::internal)?;
        if row.state == "suspended" {
            return Err(ApiError::forbidden("provider_suspended", "the operator suspended this provider"));
        }
        Ok(Self { row })
    }
}

/// A visitor's handset, or a guest's device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor {
    pub(crate) kid: Kid,
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let kid = session(parts, app, "visitor").await?.kid;
        let is_enrolled = !app.store.handsets(kid).await?.is_empty()
            || !app.store.grants_to_holder(kid, now_s()).await?.is_empty();
        if is_enrolled {
            return Ok(Self { kid });
        }
        Err(ApiError::forbidden("key_unknown", "this device is no longer enrolled by anybody"))
    }
}

/// The operator of the cloud.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operator;

impl FromRequestParts<Shared> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let session = session(parts, app, "operator").await?;
        if app.operators.contains(&session.kid) {
            return Ok(Self);
        }
        Err(ApiError::forbidden("role_other", "this key is no longer named under `operators`"))
    }
}

/// How much of a listing to give.
#[derive(Debug, Clone, Copy, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    /// Rows at most, 1 to 200; 50 if absent.
    pub(crate) limit: Option<u32>,
}

/// The number of rows that a caller may have.
pub(crate) fn rows(limit: Option<u32>) -> u32 {
    limit.unwrap_or(limits::PAGE_ROWS).clamp(1, limits::PAGE_ROWS_MAX)
}
