//! Letterboxes: two devices that share a link's secret leave each other one sealed letter each.
//!
//! Owns how letters are left, waited for and limited. Does not own what they say: the identifier is drawn by the
//! devices and the letters are ciphertext. A cloud, or whoever else learns the identifier, can take a slot or hold a
//! letter back, but can neither read nor forge one.

use crate::app::{App, Shared};
use crate::clock::now_ms;
use crate::extract::{Json, Path, Query};
use crate::json::{Bytes64, Id, LetterboxId, LetterboxIdHex};
use crate::limits;
use crate::problem::ApiError;
use crate::rate::{Verdict, network};
use crate::store::{Left, Slot};
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};

/// A slot as it stands in the path.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SlotName {
    /// Of the device that opened the link.
    Request,
    /// Of the device that made it.
    Reply,
}

impl From<SlotName> for Slot {
    fn from(name: SlotName) -> Self {
        match name {
            SlotName::Request => Self::Request,
            SlotName::Reply => Self::Reply,
        }
    }
}

/// A letter.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LetterJson {
    /// Ciphertext, 1 to 16384 bytes.
    letter: Bytes64,
}

/// How long to wait for a letter.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// Seconds to wait for a letter that is not there yet, 0 to 25; 0 if absent.
    #[param(maximum = 25)]
    wait_s: Option<u64>,
}

/// Leave a letter for 24 hours. The same letter again answers the same; another one is refused.
#[utoipa::path(put, path = "/v1/letterboxes/{id}/{slot}", tag = "letterbox",
    params(("id" = LetterboxIdHex, Path), ("slot" = inline(SlotName), Path)), request_body = LetterJson,
    responses((status = 204, description = "It lies there."), ApiError), security(()))]
pub(crate) async fn leave(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((Id(id), slot)): Path<(LetterboxIdHex, SlotName)>,
    Json(body): Json<LetterJson>,
) -> Result<StatusCode, ApiError> {
    let now = now_ms();
    if app.rates.letters.count(network(peer.ip()), now) != Verdict::Within {
        return Err(ApiError::too_many(
            "letters_limit",
            "this address leaves too many letters; try again in an hour",
            3_600,
        ));
    }
    let letter = body.letter.0;
    if letter.is_empty() || letter.len() > limits::LETTER_BYTES_MAX {
        return Err(ApiError::field(
            "letter_length",
            "letter",
            format!("a letter has 1 to {} bytes", limits::LETTER_BYTES_MAX),
        ));
    }
    let slot = slot.into();
    match app.store.put_letter(id, slot, letter, now).await? {
        Left::Kept => {
            app.letter_bells.ring((id, slot));
            Ok(StatusCode::NO_CONTENT)
        }
        Left::Taken => Err(ApiError::conflict(
            "letter_taken",
            "another letter lies in this slot, and none is overwritten; if it is not yours, somebody else has the \
             link: make a new one",
        )),
        Left::Full => Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "letters_full",
            "this cloud keeps as many letters as it may, and nothing was stored; try again in an hour",
        )
        .retry_after(3_600)),
    }
}

/// Fetch a letter, or wait until it comes. Fetching does not remove it.
#[utoipa::path(get, path = "/v1/letterboxes/{id}/{slot}", tag = "letterbox",
    params(("id" = LetterboxIdHex, Path), ("slot" = inline(SlotName), Path), Wait),
    responses((status = 200, body = LetterJson),
        (status = 204, description = "None came within `wait_s`, or it has run out; ask again."), ApiError),
    security(()))]
pub(crate) async fn fetch(
    State(app): State<Shared>,
    Path((Id(id), slot)): Path<(LetterboxIdHex, SlotName)>,
    Query(wait): Query<Wait>,
) -> Result<Response, ApiError> {
    let wait_s = wait.wait_s.unwrap_or(0);
    if wait_s > limits::LETTER_WAIT_S_MAX {
        return Err(ApiError::field(
            "wait_too_long",
            "wait_s",
            format!("wait_s is 0 to {} seconds; ask again after that", limits::LETTER_WAIT_S_MAX),
        ));
    }
    let letter = letter_within(&app, id, slot.into(), Duration::from_secs(wait_s)).await?;
    Ok(match letter {
        Some(letter) => axum::Json(LetterJson { letter: letter.into() }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

async fn letter_within(
    app: &App,
    id: LetterboxId,
    slot: Slot,
    wait: Duration,
) -> Result<Option<Vec<u8>>, ApiError> {
    // Listen first, then read: what comes in between rings.
    let until = Instant::now() + wait;
    let waiting =
        if wait.is_zero() { None } else { Some((permit(app)?, app.letter_bells.listen((id, slot)))) };
    let there = app.store.letter(id, slot, now_ms()).await?;
    let (None, Some((_permit, mut bell))) = (&there, waiting) else { return Ok(there) };
    tokio::select! {
        // The bell is rung once a letter is stored; an error means that nobody can ring it any more.
        _rung = bell.changed() => {}
        () = tokio::time::sleep_until(until) => {}
        () = app.stopped() => {}
    }
    Ok(app.store.letter(id, slot, now_ms()).await?)
}

fn permit(app: &App) -> Result<tokio::sync::SemaphorePermit<'_>, ApiError> {
    app.letter_waits.try_acquire().map_err(|_| {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "letter_waits",
            "too many devices wait for letters here; ask again in some seconds",
        )
        .retry_after(5)
    })
}

/// Deletes letters that have run out, until the cloud stops.
pub(crate) async fn sweep(app: Shared) {
    loop {
        match app.store.sweep_letters(now_ms()).await {
            // As many as one write may take: there may be more.
            Ok(swept) if swept >= limits::LETTERS_SWEPT_MAX.unsigned_abs() => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "letters that ran out stay for now"),
        }
        let pause = tokio::time::sleep(Duration::from_millis(limits::LETTER_SWEEP_MS));
        if app.unless_stopped(pause).await.is_none() {
            return;
        }
    }
}
