//! The home itself: is it there, what did its preflight find, how fresh is its log.

use super::home_row;
use crate::app::Shared;
use crate::clock::now_ms;
use crate::extract::{Json, Resident};
use crate::json::{Bytes64, DoorIdHex, HashHex, HomeIdHex, Id, KidHex};
use crate::problem::ApiError;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::bytes::Nonce;
use protocol::canonical;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A home as the cloud knows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HomeJson {
    home: HomeIdHex,
    door: DoorIdHex,
    /// COSE_Key of the door: what its signatures are checked with. Compare it with the code on the hub.
    door_key: Bytes64,
    /// Epoch and hash of the roster in force.
    epoch: u64,
    roster: HashHex,
    /// Epoch of the roster with which the present household began: 1, or that of the one by which the home was last handed
    /// over. What was before is not shown.
    household_since: u64,
    /// Recorders that terms may name.
    recorders: Vec<KidHex>,
    /// Whether the hub is connected and was heard within 10 s. It says nothing about the door; ask for its head.
    online: bool,
    /// Milliseconds since the hub's last word, while connected.
    heard_ms_ago: Option<i64>,
    /// Counter of the newest stored door event.
    log_counter: u64,
}

/// What would fail if a visitor came now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreflightJson {
    grant: HashHex,
    /// Codes; empty if all is well.
    findings: Vec<String>,
    /// When the home said so.
    at_ms: i64,
}

/// All findings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreflightsJson {
    preflight: Vec<PreflightJson>,
}

/// A resident's nonce.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeadWantedJson {
    /// 16 random bytes of the resident's own.
    nonce: Bytes64,
}

/// The door's answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeadJson {
    /// Envelope of a signed `head` over the nonce. Check it with the door key.
    head: Bytes64,
}

/// Look at the home.
#[utoipa::path(get, path = "/v1/homes/{home}", tag = "resident", params(("home" = HomeIdHex, Path)),
    responses((status = 200, body = HomeJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<HomeJson>, ApiError> {
    let row = home_row(&app, resident.home).await?;
    let (roster, hash, _) = app.store.roster_in_force(resident.home).await?.ok_or_else(ApiError::internal)?;
    let link = app.homes.link(resident.home);
    Ok(axum::Json(HomeJson {
        home: Id(row.home),
        door: Id(row.door),
        door_key: canonical::encode(&row.door_key).into(),
        epoch: roster.epoch,
        roster: Id(hash),
        household_since: row.since_epoch.max(1),
        recorders: roster.recorder_keys.iter().map(|key| Id(key.kid())).collect(),
        online: link.as_ref().is_some_and(|link| link.is_alive(now_ms())),
        heard_ms_ago: link.map(|link| (now_ms() - link.heard_ms()).max(0)),
        log_counter: app.store.log_head(resident.home).await?,
    }))
}

/// What the home found when it checked ahead.
#[utoipa::path(get, path = "/v1/homes/{home}/preflight", tag = "resident", params(("home" = HomeIdHex, Path)),
    responses((status = 200, body = PreflightsJson), ApiError))]
pub(crate) async fn preflight(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<PreflightsJson>, ApiError> {
    let rows = app.store.preflights(resident.home).await?;
    let json = |row: crate::store::PreflightRow| PreflightJson {
        grant: Id(row.grant),
        findings: row.findings,
        at_ms: row.at_ms,
    };
    Ok(axum::Json(PreflightsJson { preflight: rows.into_iter().map(json).collect() }))
}

/// Ask the door for its signed head. 504 `home_silent` means: not verified, never "all quiet".
#[utoipa::path(post, path = "/v1/homes/{home}/head", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = HeadWantedJson, responses((status = 200, body = HeadJson), ApiError))]
pub(crate) async fn head(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<HeadWantedJson>,
) -> Result<axum::Json<HeadJson>, ApiError> {
    let nonce = Nonce::from_slice(&body.nonce.0)
        .ok_or_else(|| ApiError::field("nonce_length", "nonce", "nonce is 16 bytes"))?;
    let head = app.homes.head(resident.home, nonce).await.ok_or_else(|| {
        ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "home_silent",
            "the home did not answer in 5 s; the state of its log is not known. Try again",
        )
    })?;
    Ok(axum::Json(HeadJson { head: head.into() }))
}
