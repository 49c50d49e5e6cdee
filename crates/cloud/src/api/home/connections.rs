//! The two WebSockets of a home. They sign in inside the stream, since some proxies drop headers.

use crate::app::Shared;
use crate::extract::Upgrade;
use crate::gateway::uplink;
use crate::limits;
use crate::media;
use crate::problem::ApiError;
use axum::extract::State;
use axum::response::Response;

/// WebSocket of a hub. Binary frames, canonical CBOR: down `Downlink`, up `ToCloud`. The cloud says `Nonce`, the hub
/// `SignIn` (role door), the cloud `Welcome` with the last stored counter.
#[utoipa::path(get, path = "/v1/uplink", tag = "home",
    responses((status = 101, description = "WebSocket"), ApiError), security(()))]
pub(crate) async fn hub(State(app): State<Shared>, Upgrade(upgrade): Upgrade) -> Response {
    upgrade
        .max_message_size(protocol::limits::UPLINK_BYTES_MAX)
        .max_frame_size(protocol::limits::UPLINK_BYTES_MAX)
        .on_upgrade(move |socket| uplink::serve(app, socket))
}

/// WebSocket of a recorder. Binary frames, canonical CBOR: down `FromMedia`, up `ToMedia`.
#[utoipa::path(get, path = "/v1/media/uplink", tag = "home",
    responses((status = 101, description = "WebSocket"), ApiError), security(()))]
pub(crate) async fn recorder(State(app): State<Shared>, Upgrade(upgrade): Upgrade) -> Response {
    upgrade
        .read_buffer_size(64 * 1_024)
        .max_message_size(limits::MEDIA_FRAME_BYTES_MAX)
        .max_frame_size(limits::MEDIA_FRAME_BYTES_MAX)
        .on_upgrade(move |socket| media::uplink::serve(app, socket))
}
