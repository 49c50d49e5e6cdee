//! A small page on this machine that shows the live picture, already opened with the resident's key.
//!
//! Owns: one HTTP server on a loopback address, the page, and what a browser needs to join at any moment: the init
//! segment, the current group of pictures, the current state. Does not own keys: it is given opened frames as MP4
//! (`recording::fmp4`), and never stores them.
//!
//! Whoever can read the link can watch, so it holds a token; a page of somebody else cannot reach it either
//! ([`guard`]). Ages are computed in the browser with the clock of the same machine.

mod audience;
mod guard;
mod page;
mod state;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{State, WebSocketUpgrade, ws};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use audience::Audience;
use guard::Guard;
use page::Page;
pub(crate) use state::{Door, Gap, Moment, PageState, Words};

/// Longest message a browser may send; it has nothing to say.
const INCOMING_BYTES_MAX: usize = 1_024;

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LivePageError {
    /// Somebody else could watch.
    #[error(
        "{0} can be reached from other machines; the live page is served on a loopback address only, such as 127.0.0.1:0"
    )]
    NotLoopback(SocketAddr),
    /// Too easily guessed, or not fit for a link.
    #[error("the token of the live page needs 16 to 128 letters, digits, - or _")]
    Token,
    /// The port is in use.
    #[error("another program uses {0}; stop it, or choose port 0 for any free one")]
    Occupied(SocketAddr),
    /// The address cannot be used for another reason.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
}

/// The page while it is served. It ends when this is dropped.
pub(crate) struct LivePage {
    audience: Arc<Audience>,
    link: String,
    task: JoinHandle<()>,
}

struct Served {
    audience: Arc<Audience>,
    page: Page,
}

impl LivePage {
    /// Begins to serve. Port 0 takes any free one.
    pub(crate) async fn serve(listen: SocketAddr, token: String) -> Result<Self, LivePageError> {
        if !listen.ip().is_loopback() {
            return Err(LivePageError::NotLoopback(listen));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !(16..=128).contains(&token.len()) || !token.chars().all(fits) {
            return Err(LivePageError::Token);
        }
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => LivePageError::Occupied(listen),
            _ => LivePageError::Listen { address: listen, error },
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let link = format!("http://{address}/?t={token}");
        let audience = Arc::new(Audience::default());
        let served = Served { audience: Arc::clone(&audience), page: Page::new(address) };
        let guard = Arc::new(Guard::new(address, &token));
        let router = Router::new()
            .route("/", get(page))
            .route("/live", get(live))
            .fallback(async || {
                (StatusCode::NOT_FOUND, "There is only one page here. Open the link as it was printed.")
            })
            .layer(middleware::from_fn_with_state(guard, guard::check))
            .with_state(Arc::new(served));
        let task = tokio::spawn(async move {
            // Ends with an error only if the listener does; the browsers then say that the picture is gone.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { audience, link, task })
    }

    /// What to open in a browser. Whoever has it can watch.
    pub(crate) fn link(&self) -> &str {
        &self.link
    }

    /// The init segment. A new one begins a new stream: whatever was shown before is let go.
    pub(crate) fn init(&self, segment: &[u8]) {
        self.audience.init(segment);
    }

    /// One frame as a fragment of that stream.
    pub(crate) fn fragment(&self, fragment: &[u8], captured_unix_ms: u64, is_keyframe: bool) {
        self.audience.fragment(fragment, captured_unix_ms, is_keyframe);
    }

    /// What is known of door and visit. Repeat it at least every minute: a door that was not heard for so long is
    /// shown as unknown.
    pub(crate) fn state(&self, state: &PageState) {
        self.audience.state(state);
    }
}

impl Drop for LivePage {
    fn drop(&mut self) {
        self.task.abort();
        self.audience.dismiss();
    }
}

async fn page(State(served): State<Arc<Served>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, served.page.policy.as_str()),
    ];
    (headers, served.page.html.clone()).into_response()
}

async fn live(State(served): State<Arc<Served>>, upgrade: WebSocketUpgrade) -> Response {
    let Some(seat) = served.audience.enter() else {
        let full = "So many browsers watch already that there is no room for another. Close one and reload.";
        return (StatusCode::SERVICE_UNAVAILABLE, full).into_response();
    };
    upgrade
        .max_message_size(INCOMING_BYTES_MAX)
        .max_frame_size(INCOMING_BYTES_MAX)
        .on_upgrade(async |socket: ws::WebSocket| seat.watch(socket).await)
}

#[cfg(test)]
mod tests;
