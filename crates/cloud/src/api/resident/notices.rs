//! Notices: what happened that a person may want to know now.

use crate::app::{App, Shared};
use crate::extract::{Query, Resident, Upgrade, rows};
use crate::gateway::socket::{Close, close};
use crate::json::{HomeIdHex, Id, VisitIdHex};
use crate::limits;
use crate::problem::ApiError;
use crate::store::NoticeRow;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::response::Response;
use protocol::bytes::HomeId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeJson {
    /// Counts up from 1 in each home.
    seq: u64,
    /// `announced`, `stops_away`, `rang`, `arriving`, `opened`, `secured`, `refused`, `missed`, `looked`, `alarm`, `incident`,
    /// `revocation_confirmed` or `clip_expires`.
    kind: String,
    visit: Option<VisitIdHex>,
    /// Particulars, such as `{"code": "outside_window", "by": "cloud"}` of a refusal.
    #[schema(value_type = Object)]
    about: serde_json::Value,
    at_ms: i64,
}

impl From<NoticeRow> for NoticeJson {
    fn from(row: NoticeRow) -> Self {
        Self { seq: row.seq, kind: row.kind, visit: row.visit.map(Id), about: row.about, at_ms: row.at_ms }
    }
}

/// Some notices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticesJson {
    notices: Vec<NoticeJson>,
    /// Give it as `since` next time.
    cursor: u64,
}

/// Which notices.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Since {
    /// Only notices after this one; 0 if absent.
    since: Option<u64>,
    /// Rows at most, 1 to 200; 50 if absent.
    limit: Option<u32>,
}

/// List notices after a cursor, oldest first.
#[utoipa::path(get, path = "/v1/homes/{home}/notices", tag = "resident",
    params(("home" = HomeIdHex, Path), Since), responses((status = 200, body = NoticesJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
    Query(page): Query<Since>,
) -> Result<axum::Json<NoticesJson>, ApiError> {
    let since = page.since.unwrap_or(0);
    let found = app.store.notices(resident.home, since, rows(page.limit)).await?;
    let cursor = found.last().map_or(since, |n| n.seq);
    Ok(axum::Json(NoticesJson { notices: found.into_iter().map(Into::into).collect(), cursor }))
}

/// WebSocket: one text frame of JSON (a notice) each, those after `since` first, then as they come.
#[utoipa::path(get, path = "/v1/homes/{home}/notices/live", tag = "resident",
    params(("home" = HomeIdHex, Path), Since), responses((status = 101, description = "WebSocket"), ApiError))]
pub(crate) async fn live(
    State(app): State<Shared>,
    resident: Resident,
    Query(page): Query<Since>,
    Upgrade(upgrade): Upgrade,
) -> Response {
    let since = page.since.unwrap_or(0);
    upgrade
        .max_message_size(limits::VISITOR_FRAME_BYTES_MAX)
        .on_upgrade(move |socket| serve(app, resident, since, socket))
}

async fn serve(app: Shared, resident: Resident, since: u64, mut socket: WebSocket) {
    let home = resident.home;
    // Listen first, then read: what comes in between rings.
    let mut bell = app.bells.listen(home);
    let mut cursor = since;
    loop {
        bell.mark_unchanged();
        // Whoever was removed meanwhile, or handed the home over, hears nothing more.
        if let Err(last) = resident.still(&app).await {
            let _gone = socket.send(last).await;
            return;
        }
        match send_new(&app, home, &mut cursor, &mut socket).await {
            Ok(()) => {}
            Err(Some(message)) => {
                let _gone = socket.send(message).await;
                return;
            }
            Err(None) => return,
        }
        tokio::select! {
            rung = bell.changed() => if rung.is_err() { return },
            message = socket.recv() => match message {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return,
            },
            () = app.stopped() => {
                let _gone = socket.send(close(Close::GoingAway, "stopping: the cloud restarts")).await;
                return;
            }
        }
    }
}

async fn send_new(
    app: &App,
    home: HomeId,
    cursor: &mut u64,
    socket: &mut WebSocket,
) -> Result<(), Option<Message>> {
    loop {
        let found = app.store.notices(home, *cursor, limits::PAGE_ROWS).await.map_err(|error| {
            tracing::error!(%error, "notices");
            Some(close(Close::Internal, "storage_failed: connect again"))
        })?;
        if found.is_empty() {
            return Ok(());
        }
        for row in found {
            *cursor = row.seq;
            let text = serde_json::to_string(&NoticeJson::from(row)).map_err(|_| None)?;
            socket.send(Message::Text(text.into())).await.map_err(|_| None)?;
        }
    }
}
