//! Hints to residents' browsers, through the push services of their makers.
//!
//! Owns what is said (a kind and a visit, sealed for the browser), to whom, when it is held back, and what becomes of a
//! subscription. Does not own notices: a hint may be lost, the notice waits in the store.

mod services;
mod vapid;

pub use services::{NoPushService, PushService};

use crate::app::{App, Shared};
use crate::clock::{now_ms, now_s};
use crate::config::Origin;
use crate::limits;
use crate::store::{NoticeRow, PushSubscriptionRow, StoreError};
use axum::http::{HeaderValue, Request, StatusCode, Uri, header};
use bytes::Bytes;
use futures::future::join_all;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use protocol::bytes::HomeId;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use vapid::Vapid;
use web_push_native::{Auth, WebPushBuilder, p256};

/// What notices are about, in the order in which an app may list them.
pub(crate) const KINDS: [&str; 12] = [
    "announced",
    "stops_away",
    "rang",
    "arriving",
    "opened",
    "secured",
    "refused",
    "missed",
    "looked",
    "alarm",
    "incident",
    "revocation_confirmed",
];

/// What quiet hours do not hold back: something is wrong at the door.
fn is_urgent(kind: &str) -> bool {
    matches!(kind, "alarm" | "incident")
}

/// What a push service brings at once: something is wrong, or somebody stands at the door and waits.
fn is_hasty(kind: &str) -> bool {
    is_urgent(kind) || kind == "rang"
}

/// What is needed to reach browsers.
#[derive(Debug)]
pub(crate) struct Push {
    vapid: Vapid,
    /// Whom a push service may turn to.
    contact: String,
    services: Vec<PushService>,
    queues: Vec<mpsc::Sender<HomeId>>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// Homes with news, for one worker.
pub(crate) type Queue = mpsc::Receiver<HomeId>;

/// What became of a hint.
enum Said {
    /// The push service took it, or will not take it later either.
    Done,
    /// The browser unsubscribed.
    Gone,
}

impl Push {
    /// Reads or makes the key in the data folder.
    pub(crate) fn open(
        data: &Path,
        contact: &Origin,
        services: Vec<PushService>,
    ) -> Result<(Self, Vec<Queue>), std::io::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .map_err(std::io::Error::other)?
            // The list of services says which scheme; those of browsers have https.
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let (queues, workers) =
            (0..limits::PUSH_WORKERS).map(|_| mpsc::channel(limits::PUSH_QUEUE_MAX)).unzip();
        let vapid = Vapid::open(&data.join("push.key"))?;
        Ok((Self { vapid, contact: contact.as_str().into(), services, queues, client }, workers))
    }

    /// The key that browsers subscribe to.
    pub(crate) fn public_key(&self) -> [u8; 65] {
        self.vapid.public()
    }

    /// Whether this is the address of a push service that may be called.
    pub(crate) fn may_call(&self, address: &Uri) -> bool {
        self.services.iter().any(|service| service.owns(address))
    }

    /// A home has news. One home is always the same worker's, so that nothing is said twice.
    pub(crate) fn wake(&self, home: HomeId) {
        let worker = usize::from(home.0[0]) % limits::PUSH_WORKERS;
        if let Some(queue) = self.queues.get(worker) {
            // If it is full, the home's next news brings these along.
            let _full = queue.try_send(home);
        }
    }

    async fn say(&self, to: &PushSubscriptionRow, notice: &NoticeRow) -> Said {
        for wait_ms in limits::PUSH_TRIES_MS {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            let Some(request) = self.request(to, notice) else { return Said::Gone };
            let answer = self.client.request(request);
            let answer = tokio::time::timeout(Duration::from_millis(limits::PUSH_WAIT_MS), answer).await;
            match answer.map(|answer| answer.map(|response| response.status())) {
                Ok(Ok(StatusCode::NOT_FOUND | StatusCode::GONE)) => return Said::Gone,
                Ok(Ok(StatusCode::TOO_MANY_REQUESTS)) => {}
                Ok(Ok(status)) if status.is_success() => return Said::Done,
                Ok(Ok(status)) if status.is_client_error() => {
                    tracing::warn!(%status, "a push service refused a message");
                    return Said::Done;
                }
                // Neither the address nor the error's text: both may name a person's device.
                Ok(_) | Err(_) => tracing::debug!("a push service did not answer"),
            }
        }
        tracing::warn!("a push service was tried in vain");
        Said::Done
    }

    /// A message that only this browser reads. None if its keys are none.
    fn request(&self, to: &PushSubscriptionRow, notice: &NoticeRow) -> Option<Request<Full<Bytes>>> {
        let address: Uri = to.endpoint.parse().ok().filter(|address| self.may_call(address))?;
        let public = p256::PublicKey::from_sec1_bytes(&to.p256dh).ok()?;
        let auth: [u8; 16] = to.auth.as_slice().try_into().ok()?;
        let text = json!({ "kind": notice.kind, "visit": notice.visit.map(|visit| visit.to_string()) });
        let authorization = self.vapid.authorization(&address, &self.contact, now_s());
        let builder = WebPushBuilder::new(address, public, Auth::from(auth))
            .with_valid_duration(Duration::from_secs(limits::PUSH_LIFE_S));
        let mut request = builder.build(text.to_string()).ok()?.map(|body| Full::new(body.into()));
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, authorization.parse().ok()?);
        let urgency = if is_hasty(&notice.kind) { "high" } else { "normal" };
        headers.insert("urgency", HeaderValue::from_static(urgency));
        Some(request)
    }
}

/// Tells the browsers of one worker's homes, one home after the other.
pub(crate) async fn work(app: Shared, mut queue: Queue) {
    while let Some(home) = queue.recv().await {
        let Some(push) = &app.push else { return };
        if let Err(error) = tell_home(&app, push, home).await {
            tracing::warn!(%error, "browsers are not told");
        }
    }
}

async fn tell_home(app: &App, push: &Push, home: HomeId) -> Result<(), StoreError> {
    let rows = app.store.push_subscriptions(home).await?;
    let told = join_all(rows.into_iter().map(|row| tell(app, push, row))).await;
    told.into_iter().collect()
}

async fn tell(app: &App, push: &Push, mut to: PushSubscriptionRow) -> Result<(), StoreError> {
    let place = app.store.membership(to.home, to.kid).await?;
    if !place.is_some_and(|place| matches!(place.rank.as_str(), "owner" | "member" | "companion")) {
        return app.store.delete_push_subscription(to.home, to.kid).await;
    }
    loop {
        let notices = app.store.notices(to.home, to.told, limits::PAGE_ROWS).await?;
        let Some(last) = notices.last().map(|notice| notice.seq) else { return Ok(()) };
        for notice in notices.iter().filter(|notice| is_wanted(&to, notice, now_ms())) {
            if matches!(push.say(&to, notice).await, Said::Gone) {
                return app.store.delete_push_subscription(to.home, to.kid).await;
            }
        }
        to.told = last;
        app.store.push_told(to.clone(), last).await?;
    }
}

fn is_wanted(to: &PushSubscriptionRow, notice: &NoticeRow, now_ms: i64) -> bool {
    let is_news = now_ms - notice.at_ms < limits::PUSH_AGE_MS_MAX;
    let is_quiet = to.quiet.is_some_and(|quiet| is_within(quiet, now_ms));
    is_news && to.kinds.contains(&notice.kind) && (is_urgent(&notice.kind) || !is_quiet)
}

/// Whether the minute of the day (UTC) lies in the hours, which may go over midnight.
fn is_within((from, until): (u16, u16), now_ms: i64) -> bool {
    let minute = now_ms.div_euclid(60_000).rem_euclid(24 * 60);
    let (from, until) = (i64::from(from), i64::from(until));
    if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Kid;

    const MINUTE_MS: i64 = 60_000;

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        let at = |hour: i64, minute: i64| (hour * 60 + minute) * MINUTE_MS + 86_400_000 * 20_000;
        let night = (22 * 60, 7 * 60);
        for (hour, minute, is_quiet) in
            [(21, 59, false), (22, 0, true), (23, 59, true), (0, 0, true), (6, 59, true), (7, 0, false)]
        {
            assert_eq!(is_within(night, at(hour, minute)), is_quiet, "{hour}:{minute}");
        }
        assert!(is_within((60, 120), at(1, 30)) && !is_within((60, 120), at(2, 0)));
        assert!(!is_within((60, 60), at(1, 0)));
    }

    #[test]
    fn alarms_are_told_at_night_and_old_news_never() {
        let to = |kinds: &[&str], quiet| PushSubscriptionRow {
            home: HomeId([1; 16]),
            kid: Kid([1; 32]),
            endpoint: String::new(),
            p256dh: vec![],
            auth: vec![],
            kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
            quiet,
            told: 0,
        };
        let notice =
            |kind: &str| NoticeRow { seq: 1, kind: kind.into(), visit: None, about: json!({}), at_ms: 0 };
        let all_day = Some((0, 24 * 60));
        assert!(is_wanted(&to(&["opened", "alarm"], None), &notice("opened"), MINUTE_MS));
        assert!(!is_wanted(&to(&["alarm"], None), &notice("opened"), MINUTE_MS));
        assert!(!is_wanted(&to(&["opened", "alarm"], all_day), &notice("opened"), MINUTE_MS));
        assert!(is_wanted(&to(&["opened", "alarm"], all_day), &notice("alarm"), MINUTE_MS));
        assert!(!is_wanted(&to(&["opened"], all_day), &notice("alarm"), MINUTE_MS));
        assert!(!is_wanted(&to(&["alarm"], None), &notice("alarm"), limits::PUSH_AGE_MS_MAX));
    }
}
