//! What a link to a recording shows, to whoever holds it: no key, no account. Everything is ciphertext; serving its pictures
//! is noted among those who watched, once an hour.

use crate::api::resident::recordings::{IndexJson, PartJson, chunks_of, index_of, part_key};
use crate::app::{App, Shared};
use crate::extract::Path;
use crate::json::{Bytes64, ShareIdHex};
use crate::problem::ApiError;
use crate::rate::{Verdict, network};
use crate::store::ShareRow;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;
use std::net::SocketAddr;
use utoipa::ToSchema;

/// What was shared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenedShareJson {
    /// What the link's secret opens.
    sealed: Bytes64,
    until_ms: i64,
    parts: Vec<PartJson>,
    /// The signed manifest.
    manifest: Bytes64,
}

fn over() -> ApiError {
    ApiError::new(
        StatusCode::GONE,
        "share_over",
        "this link shows nothing any more: its time is over, it was withdrawn, or the recording was deleted",
    )
}

/// A link that counts now, for a caller who asks no more often than anybody needs.
async fn counting(app: &App, peer: SocketAddr, share: ShareIdHex) -> Result<ShareRow, ApiError> {
    if app.rates.shares.count(network(peer.ip()), app.clock.now_ms()) != Verdict::Within {
        return Err(ApiError::too_many(
            "shares_opened_limit",
            "this address opens too many links; try again in an hour",
            3_600,
        ));
    }
    let unknown = || ApiError::not_found("share_unknown", "there is no such link");
    let row = app.store.share(share.0).await?.ok_or_else(unknown)?;
    if row.counts(app.clock.now_ms()) { Ok(row) } else { Err(over()) }
}

/// Open a link.
#[utoipa::path(get, path = "/v1/shares/{share}", tag = "share", params(("share" = ShareIdHex, Path)),
    responses((status = 200, body = OpenedShareJson), ApiError), security(()))]
pub(crate) async fn open(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(share): Path<ShareIdHex>,
) -> Result<axum::Json<OpenedShareJson>, ApiError> {
    let row = counting(&app, peer, share).await?;
    let recording = app.store.recording(row.home, row.recording).await?.ok_or_else(over)?;
    let manifest = recording.manifest.ok_or_else(over)?;
    let parts = app.store.parts(row.home, row.recording).await?;
    Ok(axum::Json(OpenedShareJson {
        sealed: row.sealed.into(),
        until_ms: row.until_ms,
        parts: parts.into_iter().map(|(part, header)| PartJson { part, header: header.into() }).collect(),
        manifest: manifest.into(),
    }))
}

/// Where each chunk of a part lies.
#[utoipa::path(get, path = "/v1/shares/{share}/parts/{part}/index", tag = "share",
    params(("share" = ShareIdHex, Path), ("part" = u32, Path)),
    responses((status = 200, body = IndexJson), ApiError), security(()))]
pub(crate) async fn index(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((share, part)): Path<(ShareIdHex, u32)>,
) -> Result<axum::Json<IndexJson>, ApiError> {
    let row = counting(&app, peer, share).await?;
    index_of(&app, part_key(&app, row.home, row.recording, part).await.map_err(gone)?).await
}

/// The sealed chunks of a part, as for residents. Noted as watched by a link.
#[utoipa::path(get, path = "/v1/shares/{share}/parts/{part}/chunks", tag = "share",
    params(("share" = ShareIdHex, Path), ("part" = u32, Path)),
    responses((status = 206, content_type = "application/octet-stream"),
        (status = 200, content_type = "application/octet-stream"), ApiError), security(()))]
pub(crate) async fn chunks(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((share, part)): Path<(ShareIdHex, u32)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let row = counting(&app, peer, share).await?;
    let part = part_key(&app, row.home, row.recording, part).await.map_err(gone)?;
    chunks_of(&app, part, (row.by, "link"), &headers).await
}

/// A recording that was deleted is a link that is over; nothing else is said of it to strangers.
fn gone(error: ApiError) -> ApiError {
    if error.status() == StatusCode::GONE { over() } else { error }
}
