//! Looks: a resident sees for a minute what a camera sees, outside a visit. The home decides; what comes of it is passed
//! on and kept nowhere.

use super::recordings::pass_on;
use super::{LOOKS, home_row};
use crate::app::Shared;
use crate::extract::{Json, Path, Resident, Upgrade};
use crate::gateway::socket::{Close, close};
use crate::json::{Bytes64, HomeIdHex, Id, RecordingIdHex};
use crate::limits;
use crate::media::Looks;
use crate::problem::ApiError;
use crate::trust::Ring;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::http::StatusCode;
use axum::response::Response;
use protocol::Claimed;
use protocol::bytes::{Blob, RecordingId};
use protocol::look::Look;
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::ToSchema;

/// A signed look.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLookJson {
    /// Envelope of a signed `look`.
    look: Bytes64,
}

/// What the home made of a look.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookJson {
    /// Names what comes: the first 16 bytes of H(look).
    look: RecordingIdHex,
    /// `shown` or `refused`.
    state: String,
    /// The home's reason, if refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// For how long at most.
    seconds: u32,
}

/// Ask the home to show what a camera sees. It answers a nonce of the door's signed head, is logged by the door, and
/// announced to every resident. 504 `home_silent` means that nothing is known of it.
#[utoipa::path(post, path = "/v1/homes/{home}/looks", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = NewLookJson, responses((status = 200, body = LookJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewLookJson>,
) -> Result<axum::Json<LookJson>, ApiError> {
    let claimed = Claimed::<Look>::parse(&body.look.0).map_err(|why| ApiError::malformed("look", why))?;
    let (roster, _, _) = app.store.roster_in_force(resident.home).await?.ok_or_else(ApiError::internal)?;
    let signer = roster.looker(claimed.kid()).ok_or_else(|| ApiError::signer("look", LOOKS))?;
    let look = claimed.verify(&signer.credential, &Ring).map_err(|why| ApiError::untrusted("look", why))?;
    if look.message().door != home_row(&app, resident.home).await?.door {
        return Err(ApiError::field("door_other", "look.door", "the look is for another home's door"));
    }
    if app.homes.link(resident.home).is_none() {
        return Err(ApiError::home_offline());
    }
    let (home, stream) = (resident.home, look.stream());
    // Before the home hears of it: its recorder may be faster than its answer.
    if !app.media.looks.expect(home, stream, Instant::now()) {
        return Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_looks",
            "too many look just now; try again in a minute",
        ));
    }
    let answer = app.homes.look(home, look.hash(), Blob(body.look.0)).await;
    if answer != Some(None) {
        app.media.looks.forget(home, stream);
    }
    let refused = answer.ok_or_else(|| {
        ApiError::new(
            StatusCode::GATEWAY_TIMEOUT,
            "home_silent",
            "the home did not answer in 5 s; whether the camera is shown is not known, and nothing of it comes here",
        )
    })?;
    let state = if refused.is_some() { "refused" } else { "shown" };
    let seconds = protocol::limits::LOOK_S;
    Ok(axum::Json(LookJson { look: Id(stream), state: state.into(), code: refused, seconds }))
}

/// WebSocket: binary frames, canonical CBOR of `ToMedia` as the recorder sent them: header, chunks, and the end. The key
/// is wrapped to the device that asked; others see ciphertext.
#[utoipa::path(get, path = "/v1/homes/{home}/looks/{look}/live", tag = "resident",
    params(("home" = HomeIdHex, Path), ("look" = RecordingIdHex, Path)),
    responses((status = 101, description = "WebSocket"), ApiError))]
pub(crate) async fn live(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, look)): Path<(HomeIdHex, RecordingIdHex)>,
    Upgrade(upgrade): Upgrade,
) -> Response {
    let upgrade = upgrade.max_message_size(limits::VISITOR_FRAME_BYTES_MAX);
    upgrade.on_upgrade(move |socket| watch(app, resident, look.0, socket))
}

async fn watch(app: Shared, resident: Resident, look: RecordingId, mut socket: WebSocket) {
    let home = resident.home;
    let Ok((first, stream)) = app.media.looks.watch(home, look) else {
        let _gone = socket.send(close(Close::TryLater, "over: nothing of this look comes any more")).await;
        return;
    };
    let passing = async {
        for bytes in first {
            if socket.send(Message::Binary(bytes)).await.is_err() {
                return;
            }
        }
        pass_on(&app, resident, stream, &mut socket).await;
    };
    if tokio::time::timeout(Looks::life(), passing).await.is_err() {
        app.media.looks.forget(home, look);
    }
}
