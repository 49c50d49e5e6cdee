//! Recordings, as ciphertext: lists, headers, ranges, live, and who watched.

use crate::app::{App, Shared};
use crate::extract::{Limit, Path, Query, Resident, Upgrade, rows};
use crate::gateway::socket::{Close, close};
use crate::json::{Bytes64, HomeIdHex, Id, KidHex, RecordingIdHex, VisitIdHex};
use crate::limits;
use crate::media::PartKey;
use crate::problem::ApiError;
use crate::store::RecordingRow;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use protocol::bytes::{HomeId, RecordingId};
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

/// A recording.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingJson {
    recording: RecordingIdHex,
    visit: VisitIdHex,
    /// `live`, `open` (the recorder is away) or `closed`.
    state: String,
    created_ms: i64,
    closed_ms: Option<i64>,
}

/// Some recordings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingsJson {
    recordings: Vec<RecordingJson>,
}

/// A chunk's place in its part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChunkJson {
    offset: u64,
    length: u32,
    /// Whether playing can begin here.
    joinable: bool,
}

/// A part without its chunks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartJson {
    part: u32,
    /// The signed header with the wrapped keys.
    header: Bytes64,
}

/// A recording with its parts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingWithPartsJson {
    recording: RecordingJson,
    parts: Vec<PartJson>,
    /// The signed manifest, once closed.
    manifest: Option<Bytes64>,
}

/// Where the chunks of a part lie; the first has number 0.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IndexJson {
    chunks: Vec<ChunkJson>,
    bytes: u64,
}

/// Somebody watched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WatchJson {
    kid: KidHex,
    /// `live` or `download`.
    how: String,
    /// When; for downloads the hour in which.
    at_ms: i64,
}

/// Who watched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WatchesJson {
    watches: Vec<WatchJson>,
}

fn json(app: &App, home: HomeId, row: &RecordingRow) -> RecordingJson {
    let state = match row.closed_ms {
        Some(_) => "closed",
        None if app.media.live.is_live(home, row.recording) => "live",
        None => "open",
    };
    RecordingJson {
        recording: Id(row.recording),
        visit: Id(row.visit),
        state: state.into(),
        created_ms: row.created_ms,
        closed_ms: row.closed_ms,
    }
}

async fn find(app: &App, home: HomeId, recording: RecordingId) -> Result<RecordingRow, ApiError> {
    app.store
        .recording(home, recording)
        .await?
        .ok_or_else(|| ApiError::not_found("recording_unknown", "this home has no such recording"))
}

/// List recordings, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/recordings", tag = "resident",
    params(("home" = HomeIdHex, Path), Limit), responses((status = 200, body = RecordingsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(limit): Query<Limit>,
) -> Result<axum::Json<RecordingsJson>, ApiError> {
    let found = app.store.recordings(resident.home, rows(limit.limit)).await?;
    let recordings = found.iter().map(|row| json(&app, resident.home, row)).collect();
    Ok(axum::Json(RecordingsJson { recordings }))
}

/// Look at one recording: part headers and manifest.
#[utoipa::path(get, path = "/v1/homes/{home}/recordings/{recording}", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path)),
    responses((status = 200, body = RecordingWithPartsJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording)): Path<(HomeIdHex, RecordingIdHex)>,
) -> Result<axum::Json<RecordingWithPartsJson>, ApiError> {
    let row = find(&app, resident.home, recording.0).await?;
    let parts = app.store.parts(resident.home, recording.0).await?;
    Ok(axum::Json(RecordingWithPartsJson {
        recording: json(&app, resident.home, &row),
        parts: parts.into_iter().map(|(part, header)| PartJson { part, header: header.into() }).collect(),
        manifest: row.manifest.map(Into::into),
    }))
}

async fn part_key(
    app: &App,
    home: HomeId,
    recording: RecordingId,
    part: u32,
) -> Result<(PartKey, bool), ApiError> {
    let row = find(app, home, recording).await?;
    if !app.store.parts(home, recording).await?.iter().any(|(number, _)| *number == part) {
        return Err(ApiError::not_found("part_unknown", "this recording has no such part"));
    }
    Ok((PartKey { home, recording, part }, row.closed_ms.is_some()))
}

/// Where each chunk of a part lies.
#[utoipa::path(get, path = "/v1/homes/{home}/recordings/{recording}/parts/{part}/index", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path), ("part" = u32, Path)),
    responses((status = 200, body = IndexJson), ApiError))]
pub(crate) async fn index(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording, part)): Path<(HomeIdHex, RecordingIdHex, u32)>,
) -> Result<axum::Json<IndexJson>, ApiError> {
    let (key, is_closed) = part_key(&app, resident.home, recording.0, part).await?;
    let entries = app.media.index(key, is_closed).await?;
    let bytes = entries.last().map_or(0, |e| e.offset + u64::from(e.length));
    let chunks = entries
        .into_iter()
        .map(|e| ChunkJson { offset: e.offset, length: e.length, joinable: e.joinable })
        .collect();
    Ok(axum::Json(IndexJson { chunks, bytes }))
}

/// The sealed chunks of a part, end to end. Takes one `Range: bytes=a-b`; an answer has 8 MiB at most, so follow
/// `Content-Range`. Watching is logged.
#[utoipa::path(get, path = "/v1/homes/{home}/recordings/{recording}/parts/{part}/chunks", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path), ("part" = u32, Path)),
    responses((status = 206, content_type = "application/octet-stream"),
        (status = 200, content_type = "application/octet-stream"), ApiError))]
pub(crate) async fn chunks(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording, part)): Path<(HomeIdHex, RecordingIdHex, u32)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (key, is_closed) = part_key(&app, resident.home, recording.0, part).await?;
    let entries = app.media.index(key, is_closed).await?;
    let total = entries.last().map_or(0, |e| e.offset + u64::from(e.length));
    let wanted = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let (from, until) = range(wanted, total)?;
    app.store.put_watch(resident.home, recording.0, resident.kid, "download").await?;
    let bytes =
        if from == until { Bytes::new() } else { app.media.range(key, is_closed, from, until).await? };
    let is_whole = until - from == total;
    let mut response = Response::builder()
        .status(if is_whole { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT })
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "no-store");
    if !is_whole {
        response = response.header(header::CONTENT_RANGE, format!("bytes {from}-{}/{total}", until - 1));
    }
    response.body(Body::from(bytes)).map_err(|_| ApiError::internal())
}

/// First byte, and first byte after. Without a range: from the start, as far as one answer goes.
fn range(wanted: Option<&str>, total: u64) -> Result<(u64, u64), ApiError> {
    let Some(wanted) = wanted else { return Ok((0, total.min(limits::RANGE_BYTES_MAX))) };
    let parsed = wanted.strip_prefix("bytes=").and_then(|r| r.split_once('-')).and_then(|(a, b)| {
        let from: u64 = a.parse().ok()?;
        let until = if b.is_empty() { total } else { b.parse::<u64>().ok()?.checked_add(1)? };
        Some((from, until.min(total)))
    });
    match parsed {
        Some((from, until)) if from < until => {
            Ok((from, until.min(from.saturating_add(limits::RANGE_BYTES_MAX))))
        }
        _ => Err(ApiError::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "range_invalid",
            format!("send one range such as `bytes=0-1023` within the {total} bytes of this part"),
        )),
    }
}

/// Who watched this recording, live or later.
#[utoipa::path(get, path = "/v1/homes/{home}/recordings/{recording}/watches", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path)),
    responses((status = 200, body = WatchesJson), ApiError))]
pub(crate) async fn watches(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording)): Path<(HomeIdHex, RecordingIdHex)>,
) -> Result<axum::Json<WatchesJson>, ApiError> {
    let found = app.store.watches(resident.home, recording.0).await?;
    let watches =
        found.into_iter().map(|w| WatchJson { kid: Id(w.kid), how: w.how, at_ms: w.at_ms }).collect();
    Ok(axum::Json(WatchesJson { watches }))
}

/// Delete a recording here. Who watched stays listed.
#[utoipa::path(delete, path = "/v1/homes/{home}/recordings/{recording}", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path)), responses((status = 204), ApiError))]
pub(crate) async fn delete(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording)): Path<(HomeIdHex, RecordingIdHex)>,
) -> Result<StatusCode, ApiError> {
    if !resident.is_owner {
        return Err(ApiError::forbidden("owner_only", "only an owner may delete a recording"));
    }
    let row = find(&app, resident.home, recording.0).await?;
    if row.closed_ms.is_none() {
        return Err(ApiError::conflict(
            "recording_open",
            "the recording is not complete yet; delete it afterwards",
        ));
    }
    let parts: Vec<u32> =
        app.store.parts(resident.home, recording.0).await?.into_iter().map(|(part, _)| part).collect();
    app.media.delete(resident.home, recording.0, &parts).await?;
    app.store.delete_recording(resident.home, recording.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// WebSocket: binary frames, canonical CBOR of `ToMedia` as the recorder sent them: every part's header, the chunks
/// from the last joinable one on, then whatever comes; the manifest is the last. Watching is logged first.
#[utoipa::path(get, path = "/v1/homes/{home}/recordings/{recording}/live", tag = "resident",
    params(("home" = HomeIdHex, Path), ("recording" = RecordingIdHex, Path)),
    responses((status = 101, description = "WebSocket"), ApiError))]
pub(crate) async fn live(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, recording)): Path<(HomeIdHex, RecordingIdHex)>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, ApiError> {
    if !app.media.live.is_live(resident.home, recording.0) {
        return Err(ApiError::not_found("recording_not_live", "nothing of this recording arrives now"));
    }
    app.store.put_watch(resident.home, recording.0, resident.kid, "live").await?;
    let upgrade = upgrade.max_message_size(limits::VISITOR_FRAME_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| watch(app, resident.home, recording.0, socket)))
}

async fn watch(app: Shared, home: HomeId, recording: RecordingId, mut socket: WebSocket) {
    let Ok((first, stream)) = app.media.live.watch(home, recording) else {
        let _gone =
            socket.send(close(Close::TryLater, "crowded: too many watch, or it has just ended")).await;
        return;
    };
    for bytes in first {
        if socket.send(Message::Binary(bytes)).await.is_err() {
            return;
        }
    }
    pass_on(&app, stream, &mut socket).await;
}

pub(super) async fn pass_on(app: &App, mut stream: mpsc::Receiver<Bytes>, socket: &mut WebSocket) {
    loop {
        tokio::select! {
            bytes = stream.recv() => {
                let Some(bytes) = bytes else {
                    let _gone = socket.send(close(Close::GoingAway, "ended: complete, or you read too slowly")).await;
                    return;
                };
                if socket.send(Message::Binary(bytes)).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return,
            },
            () = app.stopped() => return,
        }
    }
}
