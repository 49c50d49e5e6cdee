//! Recordings, as ciphertext: lists, headers, ranges, live, and who watched.

use crate::app::{App, Shared};
use crate::extract::{Path, Query, Resident, Upgrade, rows};
use crate::gateway::socket::{Close, close};
use crate::json::{Bytes64, HomeIdHex, Id, KidHex, RecordingIdHex, VisitIdHex};
use crate::limits;
use crate::media::PartKey;
use crate::problem::ApiError;
use crate::retention;
use crate::store::RecordingRow;
use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use protocol::Kid;
use protocol::bytes::{HomeId, RecordingId};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

/// A recording.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingJson {
    recording: RecordingIdHex,
    visit: VisitIdHex,
    /// `live`, `open` (the recorder is away) or `closed`.
    state: String,
    created_ms: i64,
    closed_ms: Option<i64>,
    /// When it is deleted here, by the home's hours and the claim that holds it, and 20 minutes after its notice at least.
    deletes_ms: i64,
    /// Whether a claim holds it now.
    is_held: bool,
    /// The last claim that held it.
    claim: Option<ClaimJson>,
}

/// A claim that holds, or held, a recording.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClaimJson {
    pub(super) by: KidHex,
    pub(super) since_ms: i64,
    /// The end if nobody releases it: 92 days after the recording's.
    pub(super) until_ms: i64,
    pub(super) released_by: Option<KidHex>,
    pub(super) released_ms: Option<i64>,
}

/// A recording that was deleted here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedJson {
    recording: RecordingIdHex,
    visit: VisitIdHex,
    created_ms: i64,
    deleted_ms: i64,
    /// The key that deleted it; null if its time was over.
    by: Option<KidHex>,
    /// The home's hours then, if their end deleted it.
    after_h: Option<u32>,
}

/// Some recordings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordingsJson {
    recordings: Vec<RecordingJson>,
    /// Those that were deleted, newest first.
    deleted: Vec<DeletedJson>,
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
    pub(crate) part: u32,
    /// The signed header with the wrapped keys.
    pub(crate) header: Bytes64,
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
    /// Of a link: who made it.
    kid: KidHex,
    /// `live`, `download`, or `link`: somebody who was given one.
    how: String,
    /// When; but for `live` the hour in which.
    at_ms: i64,
}

/// Who watched.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WatchesJson {
    watches: Vec<WatchJson>,
}

/// A recording as JSON, in a home with these hours.
pub(super) fn json(app: &App, home: HomeId, row: &RecordingRow, hours: u32) -> RecordingJson {
    let state = match row.closed_ms {
        Some(_) => "closed",
        None if app.media.live.is_live(home, row.recording) => "live",
        None => "open",
    };
    let now_ms = app.clock.now_ms();
    RecordingJson {
        recording: Id(row.recording),
        visit: Id(row.visit),
        state: state.into(),
        created_ms: row.created_ms,
        closed_ms: row.closed_ms,
        deletes_ms: row.deletes_ms(hours, now_ms),
        is_held: row.held(now_ms).is_some(),
        claim: row.claim.map(Into::into),
    }
}

fn deleted_json(row: &RecordingRow) -> Option<DeletedJson> {
    let deleted = row.deleted?;
    Some(DeletedJson {
        recording: Id(row.recording),
        visit: Id(row.visit),
        created_ms: row.created_ms,
        deleted_ms: deleted.at_ms,
        by: deleted.by.map(Id),
        after_h: deleted.after_h,
    })
}

/// A recording that is there.
pub(crate) async fn find(app: &App, home: HomeId, recording: RecordingId) -> Result<RecordingRow, ApiError> {
    let row = app.store.present_recording(home, recording).await?;
    let row =
        row.ok_or_else(|| ApiError::not_found("recording_unknown", "this home has no such recording"))?;
    if row.deleted.is_some() {
        return Err(ApiError::new(
            StatusCode::GONE,
            "recording_deleted",
            "this recording was deleted; the list of recordings says when and why",
        ));
    }
    Ok(row)
}

/// Which recordings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Only those of this visit.
    visit: Option<VisitIdHex>,
    /// Rows at most of either kind, 1 to 200; 50 if absent.
    limit: Option<u32>,
}

/// List recordings, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/recordings", tag = "resident",
    params(("home" = HomeIdHex, Path), Which), responses((status = 200, body = RecordingsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(which): Query<Which>,
) -> Result<axum::Json<RecordingsJson>, ApiError> {
    let limit = rows(which.limit);
    let (found, deleted) = match which.visit {
        Some(visit) => app
            .store
            .present_recordings_of(resident.home, visit.0)
            .await?
            .into_iter()
            .partition(|row| row.deleted.is_none()),
        None => (
            app.store.recordings(resident.home, false, limit).await?,
            app.store.recordings(resident.home, true, limit).await?,
        ),
    };
    let hours = app.store.retention(resident.home).await?.hours;
    let recordings = found.iter().map(|row| json(&app, resident.home, row, hours)).collect();
    let deleted = deleted.iter().filter_map(deleted_json).collect();
    Ok(axum::Json(RecordingsJson { recordings, deleted }))
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
    let hours = app.store.retention(resident.home).await?.hours;
    Ok(axum::Json(RecordingWithPartsJson {
        recording: json(&app, resident.home, &row, hours),
        parts: parts.into_iter().map(|(part, header)| PartJson { part, header: header.into() }).collect(),
        manifest: row.manifest.map(Into::into),
    }))
}

pub(crate) async fn part_key(
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
    index_of(&app, part_key(&app, resident.home, recording.0, part).await?).await
}

/// Where the chunks of a part lie, for whoever may have them.
pub(crate) async fn index_of(
    app: &App,
    (key, is_closed): (PartKey, bool),
) -> Result<axum::Json<IndexJson>, ApiError> {
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
    let part = part_key(&app, resident.home, recording.0, part).await?;
    chunks_of(&app, part, (resident.kid, "download"), &headers).await
}

/// The chunks of a part for whoever may have them, after who watches how was noted.
pub(crate) async fn chunks_of(
    app: &App,
    (key, is_closed): (PartKey, bool),
    (kid, how): (Kid, &'static str),
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let entries = app.media.index(key, is_closed).await?;
    let total = entries.last().map_or(0, |e| e.offset + u64::from(e.length));
    let wanted = headers.get(header::RANGE).and_then(|v| v.to_str().ok());
    let (from, until) = range(wanted, total)?;
    app.store.put_watch(key.home, key.recording, kid, how).await?;
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
    let is_present = app.store.present_recording(resident.home, recording.0).await?.is_some();
    let found = if is_present { app.store.watches(resident.home, recording.0).await? } else { Vec::new() };
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
    let named = (resident.home, recording.0);
    if !app.store.delete_recording(named, Some(resident.kid), None, app.clock.now_ms()).await? {
        return Err(ApiError::conflict(
            "recording_held",
            "a claim holds this recording; release it first, then delete it",
        ));
    }
    retention::forget(&app, Some(named)).await;
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
    let is_present = app.store.present_recording(resident.home, recording.0).await?.is_some();
    if !is_present || !app.media.live.is_live(resident.home, recording.0) {
        return Err(ApiError::not_found("recording_not_live", "nothing of this recording arrives now"));
    }
    app.store.put_watch(resident.home, recording.0, resident.kid, "live").await?;
    let upgrade = upgrade.max_message_size(limits::VISITOR_FRAME_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| watch(app, resident, recording.0, socket)))
}

async fn watch(app: Shared, resident: Resident, recording: RecordingId, mut socket: WebSocket) {
    let Ok((first, stream)) = app.media.live.watch(resident.home, recording) else {
        let _gone =
            socket.send(close(Close::TryLater, "crowded: too many watch, or it has just ended")).await;
        return;
    };
    for bytes in first {
        if socket.send(Message::Binary(bytes)).await.is_err() {
            return;
        }
    }
    pass_on(&app, resident, stream, &mut socket).await;
}

/// Passes on what comes, until it ends or the watcher is not of the household any more.
pub(super) async fn pass_on(
    app: &App,
    resident: Resident,
    mut stream: mpsc::Receiver<Bytes>,
    socket: &mut WebSocket,
) {
    let mut bell = app.bells.listen(resident.home);
    loop {
        tokio::select! {
            _rung = bell.changed() => if let Err(last) = resident.still(app).await {
                let _gone = socket.send(last).await;
                return;
            },
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
