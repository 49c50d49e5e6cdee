//! Who is let in: a browser that was given the link, on this machine. Everybody else gets a sentence.
//!
//! The name in `Host` must be this server's own: a stranger's page whose name was rebound to 127.0.0.1 arrives with
//! the stranger's name. `Origin`, which browsers send with every WebSocket, must be ours for the same reason.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

const WRONG_HOST: &str =
    "This page answers to 127.0.0.1 and localhost only. Open the link as it was printed.";
const WRONG_ORIGIN: &str = "This page talks to itself only, not to pages of other addresses.";
const WRONG_TOKEN: &str =
    "This page opens with the whole link as it was printed; its last part is missing or wrong.";

/// What a request must bring.
pub(super) struct Guard {
    hosts: [String; 2],
    /// Hashed, so that comparing takes the same time wherever a guess goes wrong.
    token: [u8; 32],
}

impl Guard {
    pub(super) fn new(address: SocketAddr, token: &str) -> Self {
        Self { hosts: hosts(address), token: Sha256::digest(token).into() }
    }

    fn refusal(&self, request: &Request) -> Option<&'static str> {
        let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        if !text(header::HOST).is_some_and(|host| self.hosts.iter().any(|own| own == host)) {
            return Some(WRONG_HOST);
        }
        let is_own = |origin: &str| {
            origin.strip_prefix("http://").is_some_and(|host| self.hosts.iter().any(|own| own == host))
        };
        if request.headers().contains_key(header::ORIGIN) && !text(header::ORIGIN).is_some_and(is_own) {
            return Some(WRONG_ORIGIN);
        }
        let given =
            request.uri().query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("t=")));
        let given: Option<[u8; 32]> = given.map(|token| Sha256::digest(token).into());
        (given != Some(self.token)).then_some(WRONG_TOKEN)
    }
}

/// The names under which a browser may come, with the port.
pub(super) fn hosts(address: SocketAddr) -> [String; 2] {
    [address.to_string(), format!("localhost:{}", address.port())]
}

/// Refuses, or lets pass and adds what every answer of this server says.
pub(super) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut response = match guard.refusal(&request) {
        Some(sentence) => (StatusCode::FORBIDDEN, sentence).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
