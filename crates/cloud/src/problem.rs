//! The one error of the HTTP surface, answered as `application/problem+json` (RFC 9457).
//!
//! `code` is stable and meant for programs, `detail` is a sentence for people that says what to mend, `field` names
//! the part of the request that is wrong.

use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::canonical::Malformed;
use protocol::envelope::Untrusted;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An error as the caller sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `urn:vestibule:problem:` and the code.
    r#type: String,
    /// The HTTP status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Stable name for programs.
    code: &'static str,
    /// What is wrong and how to mend it.
    detail: String,
    /// The part of the request that is wrong, such as `windows[0].until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// An error on its way out.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    field: Option<String>,
    retry_after_s: Option<u32>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), field: None, retry_after_s: None }
    }

    /// The HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The request is understood and breaks a rule; names the field.
    pub(crate) fn field(code: &'static str, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail) }
    }

    /// Names the part of the request that the error is about.
    pub(crate) fn about(self, field: &str) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// A signed message in `field` cannot be read.
    pub(crate) fn malformed(field: &str, why: Malformed) -> Self {
        Self::field(
            "message_malformed",
            field,
            format!("{field} is not a message of its type ({}): {why}", why.code()),
        )
    }

    /// A signed message in `field` is not signed as it should be.
    pub(crate) fn untrusted(field: &str, why: Untrusted) -> Self {
        Self::field(
            "signature_untrusted",
            field,
            format!(
                "the signature of {field} does not prove what it should ({why}); sign it with the enrolled key"
            ),
        )
    }

    /// `field` is signed by a key that may not.
    pub(crate) fn signer(field: &str, who: &str) -> Self {
        Self::field("signer_unknown", field, format!("{field} must be signed by {who}"))
    }

    pub(crate) fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail)
    }

    pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    pub(crate) fn forbidden(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    pub(crate) fn unauthenticated(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    pub(crate) fn too_many(code: &'static str, detail: impl Into<String>, retry_after_s: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail).retry_after(retry_after_s)
    }

    /// Says when it is worth trying again.
    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    pub(crate) fn home_offline() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "home_offline",
            "the home is not connected; nothing was sent to it. Try again when it is back",
        )
    }

    /// Something went wrong here; the caller cannot mend it.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the cloud failed to answer; nothing is known to have changed. Try again, and tell the operator if it stays",
        )
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store");
        match error {
            StoreError::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "storage_full",
                "the cloud's disk is full and nothing was stored; the operator must make room",
            ),
            StoreError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "storage_busy",
                "the cloud has too much to write and nothing was stored; try again in some seconds",
            ),
            StoreError::Database(_)
            | StoreError::Corrupt(_)
            | StoreError::Objects(_)
            | StoreError::File(_) => Self::internal(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = Problem {
            r#type: format!("urn:vestibule:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").into(),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail,
            field: self.field,
        };
        let mut response = (self.status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// For OpenAPI: every route may answer with a problem.
impl utoipa::IntoResponses for ApiError {
    fn responses() -> BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::response::Response>> {
        use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description("A problem: `code` for programs, `detail` for people, `field` for what to mend.")
            .content("application/problem+json", content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}
