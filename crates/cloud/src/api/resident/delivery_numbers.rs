//! Delivery numbers: find the home without an address search.

use crate::app::Shared;
use crate::clock::now_ms;
use crate::delivery_number;
use crate::extract::{Json, Path, Resident};
use crate::json::{HomeIdHex, Id, KidHex};
use crate::limits;
use crate::problem::ApiError;
use crate::store::NumberRow;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A wish for a number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNumberJson {
    /// What the resident calls it, such as the shop; up to 64 characters.
    label: String,
    /// Only this provider may use it, if given.
    provider: Option<KidHex>,
}

/// A number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberJson {
    /// Such as `V7KQ-4M2X`.
    number: String,
    label: String,
    provider: Option<KidHex>,
    created_ms: i64,
    /// Since when it no longer counts.
    revoked_ms: Option<i64>,
}

impl From<NumberRow> for NumberJson {
    fn from(row: NumberRow) -> Self {
        Self {
            number: row.number,
            label: row.label,
            provider: row.provider.map(Id),
            created_ms: row.created_ms,
            revoked_ms: row.revoked_ms,
        }
    }
}

/// All numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumbersJson {
    delivery_numbers: Vec<NumberJson>,
}

/// Draw a delivery number.
#[utoipa::path(post, path = "/v1/homes/{home}/delivery-numbers", tag = "resident",
    params(("home" = HomeIdHex, Path)), request_body = NewNumberJson,
    responses((status = 201, body = NumberJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewNumberJson>,
) -> Result<(StatusCode, axum::Json<NumberJson>), ApiError> {
    check_text("label", &body.label)?;
    loop {
        let row = NumberRow {
            number: delivery_number::draw(),
            home: resident.home,
            label: body.label.clone(),
            provider: body.provider.map(|p| p.0),
            created_ms: now_ms(),
            revoked_ms: None,
        };
        match app.store.put_number(row.clone(), limits::DELIVERY_NUMBERS_MAX).await? {
            Some(true) => return Ok((StatusCode::CREATED, axum::Json(row.into()))),
            // Drawn before: one in thousands of millions.
            Some(false) => {}
            None => {
                return Err(ApiError::conflict(
                    "delivery_numbers_limit",
                    format!("a home has at most {} open numbers; revoke one", limits::DELIVERY_NUMBERS_MAX),
                ));
            }
        }
    }
}

/// List the delivery numbers.
#[utoipa::path(get, path = "/v1/homes/{home}/delivery-numbers", tag = "resident",
    params(("home" = HomeIdHex, Path)), responses((status = 200, body = NumbersJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<NumbersJson>, ApiError> {
    let rows = app.store.numbers(resident.home).await?;
    Ok(axum::Json(NumbersJson { delivery_numbers: rows.into_iter().map(Into::into).collect() }))
}

/// Revoke a delivery number: nothing can be announced with it any more.
#[utoipa::path(delete, path = "/v1/homes/{home}/delivery-numbers/{number}", tag = "resident",
    params(("home" = HomeIdHex, Path), ("number" = String, Path)), responses((status = 204), ApiError))]
pub(crate) async fn revoke(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, number)): Path<(HomeIdHex, String)>,
) -> Result<StatusCode, ApiError> {
    let number = delivery_number::read(&number).unwrap_or_default();
    if app.store.revoke_number(resident.home, number).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("delivery_number_unknown", "this home has no such open delivery number"))
    }
}

/// A short text for people: 1 to 64 characters, no control characters.
pub(crate) fn check_text(field: &str, text: &str) -> Result<(), ApiError> {
    let max = limits::DESCRIPTION_CHARS_MAX;
    if (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    Err(ApiError::field(
        "text_invalid",
        field,
        format!("{field} has 1 to {max} characters and no line breaks"),
    ))
}
