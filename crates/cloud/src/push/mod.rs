//! Hints to residents' browsers, through the push services of their makers.
//!
//! Owns what is said: a kind and a visit, sealed for the browser. Does not own to whom and when: that is `telling`.

mod services;
mod vapid;

pub use services::{NoPushService, PushService};

use crate::clock::now_s;
use crate::config::Origin;
use crate::limits;
use crate::store::{NoticeRow, PushSubscriptionRow};
use crate::telling::is_hasty;
use axum::http::{HeaderValue, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use vapid::Vapid;
use web_push_native::{Auth, WebPushBuilder, p256};

/// What is needed to reach browsers.
#[derive(Debug)]
pub(crate) struct Push {
    vapid: Vapid,
    /// Whom a push service may turn to.
    contact: String,
    services: Vec<PushService>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// What became of a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// The push service took it.
    Taken,
    /// It does not take it, or did not answer.
    InVain,
    /// The browser unsubscribed.
    Gone,
}

impl Push {
    /// Reads or makes the key in the data folder.
    pub(crate) fn open(
        data: &Path,
        contact: &Origin,
        services: Vec<PushService>,
    ) -> Result<Self, std::io::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .map_err(std::io::Error::other)?
            // The list of services says which scheme; those of browsers have https.
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let vapid = Vapid::open(&data.join("push.key"))?;
        Ok(Self { vapid, contact: contact.as_str().into(), services, client })
    }

    /// The key that browsers subscribe to.
    pub(crate) fn public_key(&self) -> [u8; 65] {
        self.vapid.public()
    }

    /// Whether this is the address of a push service that may be called.
    pub(crate) fn may_call(&self, address: &Uri) -> bool {
        self.services.iter().any(|service| service.owns(address))
    }

    /// Tells one browser, and tries again while it is still news.
    pub(crate) async fn say(&self, to: &PushSubscriptionRow, notice: &NoticeRow) -> Said {
        for wait_ms in limits::PUSH_TRIES_MS {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            let Some(request) = self.request(to, notice) else { return Said::Gone };
            let answer = self.client.request(request);
            let answer = tokio::time::timeout(Duration::from_millis(limits::PUSH_WAIT_MS), answer).await;
            match answer.map(|answer| answer.map(|response| response.status())) {
                Ok(Ok(StatusCode::NOT_FOUND | StatusCode::GONE)) => return Said::Gone,
                Ok(Ok(StatusCode::TOO_MANY_REQUESTS)) => {}
                Ok(Ok(status)) if status.is_success() => return Said::Taken,
                Ok(Ok(status)) if status.is_client_error() => {
                    tracing::warn!(%status, "a push service refused a message");
                    return Said::InVain;
                }
                // Neither the address nor the error's text: both may name a person's device.
                Ok(_) | Err(_) => tracing::debug!("a push service did not answer"),
            }
        }
        tracing::warn!("a push service was tried in vain");
        Said::InVain
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
