//! Where a resident's browser wants to be told of notices, about what, and when not.

use super::wishes::{QuietHours, wishes};
use crate::app::{App, Shared};
use crate::extract::{Json, Resident};
use crate::json::{Bytes64, HomeIdHex};
use crate::limits;
use crate::problem::ApiError;
use crate::push::Push;
use crate::store::PushSubscriptionRow;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web_push_native::p256;

/// A browser's subscription, and what it wants to be told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPushSubscriptionJson {
    /// The push service's address for this browser.
    endpoint: String,
    /// The browser's public key: an uncompressed P-256 point, 65 bytes.
    p256dh: Bytes64,
    /// The browser's secret for this subscription, 16 bytes.
    auth: Bytes64,
    /// Kinds of notices to tell; at least one.
    kinds: Vec<String>,
    /// None, if there are no quiet hours.
    quiet: Option<QuietHours>,
}

/// What this device is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PushSubscriptionJson {
    endpoint: String,
    kinds: Vec<String>,
    quiet: Option<QuietHours>,
}

/// What a browser needs to subscribe, and what it subscribed to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PushJson {
    /// The `applicationServerKey` of this cloud; null if it sends no push messages.
    key: Option<Bytes64>,
    /// This device's own; no device sees another's.
    subscription: Option<PushSubscriptionJson>,
}

/// This cloud's key for push messages, and this device's own subscription.
#[utoipa::path(get, path = "/v1/homes/{home}/push-subscriptions", tag = "resident",
    params(("home" = HomeIdHex, Path)), responses((status = 200, body = PushJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<PushJson>, ApiError> {
    let rows = app.store.push_subscriptions(resident.home).await?;
    let own = rows.into_iter().find(|row| row.kid == resident.kid).map(|row| PushSubscriptionJson {
        endpoint: row.endpoint,
        quiet: QuietHours::of(&row.wishes),
        kinds: row.wishes.kinds,
    });
    let key = app.push.as_ref().map(|push| push.public_key().to_vec().into());
    Ok(axum::Json(PushJson { key, subscription: own }))
}

/// Subscribe this device, or change what it is told. Only what comes after this is told.
#[utoipa::path(post, path = "/v1/homes/{home}/push-subscriptions", tag = "resident",
    params(("home" = HomeIdHex, Path)), request_body = NewPushSubscriptionJson,
    responses((status = 204, description = "Subscribed."), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewPushSubscriptionJson>,
) -> Result<StatusCode, ApiError> {
    check(push(&app)?, &body)?;
    let row = PushSubscriptionRow {
        home: resident.home,
        kid: resident.kid,
        endpoint: body.endpoint,
        p256dh: body.p256dh.0,
        auth: body.auth.0,
        wishes: wishes(body.kinds, body.quiet)?,
        told: 0,
    };
    app.store.put_push_subscription(row).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tell this device nothing more.
#[utoipa::path(delete, path = "/v1/homes/{home}/push-subscriptions", tag = "resident",
    params(("home" = HomeIdHex, Path)), responses((status = 204, description = "Not subscribed."), ApiError))]
pub(crate) async fn delete(State(app): State<Shared>, resident: Resident) -> Result<StatusCode, ApiError> {
    app.store.delete_push_subscription(resident.home, resident.kid).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn push(app: &App) -> Result<&Push, ApiError> {
    app.push.as_ref().ok_or_else(|| {
        ApiError::conflict(
            "push_off",
            "this cloud sends no push messages: its operator has not set `origin` to an https address",
        )
    })
}

fn check(push: &Push, body: &NewPushSubscriptionJson) -> Result<(), ApiError> {
    let address: Option<Uri> = body.endpoint.parse().ok();
    let is_short = body.endpoint.len() <= limits::PUSH_ENDPOINT_BYTES_MAX;
    if !is_short || !address.is_some_and(|address| push.may_call(&address)) {
        return Err(ApiError::field(
            "push_endpoint",
            "endpoint",
            "the endpoint is not the address of a push service that this cloud calls",
        ));
    }
    if body.p256dh.0.len() != 65 || p256::PublicKey::from_sec1_bytes(&body.p256dh.0).is_err() {
        return Err(ApiError::field("push_key", "p256dh", "p256dh is an uncompressed P-256 point, 65 bytes"));
    }
    if body.auth.0.len() != 16 {
        return Err(ApiError::field("push_key", "auth", "auth has 16 bytes"));
    }
    Ok(())
}
