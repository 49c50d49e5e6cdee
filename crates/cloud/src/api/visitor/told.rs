//! How a device is told that its tour changed: it asks once, and is answered when there is something to say.
//!
//! What is stored rings ([`crate::store::About`]); what changes with time alone is read again at the next time at which it
//! may. A home that falls silent without a goodbye is found at the end of the wait.

use super::tour::{Tour, TourJson};
use crate::app::{App, Shared};
use crate::clock::now_ms;
use crate::extract::{Query, Visitor};
use crate::json::{HashHex, Id, unsigned};
use crate::limits;
use crate::problem::ApiError;
use crate::store::About;
use crate::waiting::{NoPlace, Place};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use futures::future::select_all;
use protocol::Kid;
use protocol::bytes::Hash;
use protocol::time::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use utoipa::IntoParams;

/// Whether to wait until something changed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// `version` of the tour that the device has; another one is answered at once.
    #[param(value_type = Option<HashHex>)]
    known: Option<HashHex>,
    /// Seconds to wait until the tour is another one than `known`, 0 to 25; 0 if absent.
    #[param(maximum = 25)]
    wait_s: Option<u64>,
}

/// The tour of the device that signed in. Of one that it has, as `known` says, it is told once something changed.
#[utoipa::path(get, path = "/v1/visitor/tour", tag = "visitor", params(Wait),
    responses((status = 200, body = TourJson),
        (status = 204, description = "It is still the one that is `known`, `wait_s` later; ask again."), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Query(wait): Query<Wait>,
) -> Result<Response, ApiError> {
    let wait_s = wait.wait_s.unwrap_or(0);
    if wait_s > limits::TOUR_WAIT_S_MAX {
        return Err(ApiError::field(
            "wait_too_long",
            "wait_s",
            format!("wait_s is 0 to {} seconds; ask again after that", limits::TOUR_WAIT_S_MAX),
        ));
    }
    let known = wait.known.map(|Id(version)| version);
    let tour = other_within(&app, visitor.kid, known, Duration::from_secs(wait_s)).await?;
    Ok(match tour {
        Some(json) => axum::Json(json).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// The tour as soon as it is another one than `known`; none if it is not within `wait`, or if the cloud stops.
async fn other_within(
    app: &App,
    device: Kid,
    known: Option<Hash>,
    wait: Duration,
) -> Result<Option<TourJson>, ApiError> {
    let until = Instant::now() + wait;
    let _place = if wait.is_zero() || known.is_none() { None } else { Some(place(app, device)?) };
    let mut bells: HashMap<About, watch::Receiver<()>> = HashMap::new();
    loop {
        for bell in bells.values_mut() {
            bell.mark_unchanged();
        }
        let tour = Tour::read(app, device).await?;
        let version = tour.version()?;
        if known != Some(version) {
            return Ok(Some(tour.json(version)));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        // Listen first, then read: what comes in between rings.
        let before = bells.len();
        for about in tour.about {
            bells.entry(about).or_insert_with(|| app.store.listen(about));
        }
        if bells.len() > before {
            continue;
        }
        let next = tour.next.map_or(until, |at| until.min(Instant::now() + time_to(at, device)));
        tokio::select! {
            // First: a cloud that stops lets its homes go, which is no news.
            biased;
            () = app.stopped() => return Ok(None),
            // An error means that nobody can ring it any more, and reading does no harm.
            _rung = select_all(bells.values_mut().map(|bell| Box::pin(bell.changed()))) => {
                tokio::time::sleep(Duration::from_millis(limits::TOUR_GATHER_MS)).await;
            }
            () = tokio::time::sleep_until(next) => {}
        }
    }
}

fn place(app: &App, device: Kid) -> Result<Place<Kid>, ApiError> {
    app.tour_waits.place(device).map_err(|why| match why {
        NoPlace::All => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "tour_waits",
            "too many handsets wait for their tours here; ask without wait_s, or again in some seconds",
        )
        .retry_after(5),
        NoPlace::Own => ApiError::too_many(
            "tour_waits_own",
            format!(
                "this handset waits for its tour {} times already; ask without wait_s, or end the others",
                limits::TOUR_WAITS_PER_DEVICE_MAX
            ),
            5,
        ),
    })
}

/// How long until a time, and a little more, by the device: not all are told of the same full hour at once.
fn time_to(at: Timestamp, device: Kid) -> Duration {
    let ms = at.0.saturating_mul(1_000).saturating_sub(unsigned(now_ms()));
    let spread_ms = u64::from(device.0[0]) * limits::TOUR_SPREAD_MS / 256;
    Duration::from_millis(ms.saturating_add(spread_ms))
}
