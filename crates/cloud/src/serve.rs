//! Starting and stopping.

use crate::app::{App, Rates, Shared};
use crate::clock::Clock;
use crate::config::{Config, Origin};
use crate::gateway::{Homes, Silence, Visitors, watch_silence};
use crate::limits;
use crate::mail::Mail;
use crate::media::Media;
use crate::pages::{Files, Page};
use crate::problem::ApiError;
use crate::push::Push;
use crate::store::{Store, Tenant, Unreadable};
use crate::telling::Telling;
use crate::visit_papers::Passing;
use crate::waiting::{Bells, Waits};
use crate::{api, identity, mail, pages, retention, telling};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

/// Why the cloud does not start. Each is a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}: {source}. If another program has the port, stop it or set `listen` to another \
         port; below 1024 a program needs a privilege"
    )]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The data folder cannot be made or written.
    #[error(
        "the data folder {path} cannot be used: {reason}. Make it, or let its owner run the cloud, or set `data`"
    )]
    Data {
        /// The configured folder.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// A database cannot be opened.
    #[error(transparent)]
    Database(#[from] Unreadable),
    /// The folder that is set as the app cannot be served.
    #[error(
        "the folder {path}, set as `app`, cannot be served: {reason}. Name a folder with a built app, or leave `app` out"
    )]
    App {
        /// The configured folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Mail cannot be sent as it is set.
    #[error("{0}")]
    Mail(String),
    /// The name is empty or too long.
    #[error(
        "audience has 1 to 64 bytes and no control characters; it is the cloud's name that everyone signs"
    )]
    Audience,
}

/// A cloud that serves. Dropping it stops serving without waiting; [`Running::shutdown`] waits for what is under way.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    app: Arc<App>,
    server: JoinHandle<()>,
    /// What runs beside the server: end when it ends.
    tasks: JoinSet<()>,
}

/// How long a stop waits for connections, and for what runs beside them, seconds: longer than a write, shorter than a supervisor's patience.
const STOP_S: u64 = 5;

impl Running {
    /// The address it listens on, with the port that was really taken.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections, finishes every write, closes the files.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        let patience = Duration::from_secs(STOP_S);
        if tokio::time::timeout(patience, &mut self.server).await.is_err() {
            self.server.abort();
        }
        // They end by themselves: one that is cut off while it opens a database leaves it open for a while.
        let _late =
            tokio::time::timeout(patience, async { while self.tasks.join_next().await.is_some() {} }).await;
        self.tasks.shutdown().await;
        self.app.store.close().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.server.abort();
    }
}

/// Opens the databases, takes the port, and serves until told to stop.
pub async fn start(config: Config) -> Result<Running, CloudError> {
    start_at(config, Clock::default()).await
}

/// The same by a clock that the caller may put ahead.
pub async fn start_at(config: Config, clock: Clock) -> Result<Running, CloudError> {
    if !(1..=64).contains(&config.audience.len()) || config.audience.chars().any(char::is_control) {
        return Err(CloudError::Audience);
    }
    let unusable = |reason: String| CloudError::Data { path: config.data.clone(), reason };
    std::fs::create_dir_all(&config.data).map_err(|e| unusable(e.to_string()))?;
    let store = Store::open(&config.data, Tenant::FIRST).await?;
    let media = Media::open(&config.data, Tenant::FIRST).map_err(|e| unusable(e.to_string()))?;
    let pages = match config.app {
        Some(path) => {
            Files::in_folder(&path).map_err(|why| CloudError::App { path, reason: why.to_string() })?
        }
        None => Files::built(),
    };
    let origin = config.origin.filter(Origin::is_https);
    let push = match &origin {
        Some(origin) => Some(
            Push::open(&config.data, origin, config.push_services).map_err(|e| unusable(e.to_string()))?,
        ),
        None => None,
    };
    let mail = config.mail.map(|mail| Mail::open(mail, origin.as_ref())).transpose();
    let (mail, letters) = mail.map_err(|why| CloudError::Mail(why.to_string()))?.unzip();
    let (telling, queues) = Telling::new();
    let listening = |source| CloudError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listening)?;
    let address = listener.local_addr().map_err(listening)?;
    let (stop, stopping) = watch::channel(false);
    let app = Arc::new(App {
        audience: config.audience,
        operators: config.operators,
        store,
        nonces: identity::Nonces::default(),
        homes: Homes::default(),
        visitors: Visitors::default(),
        passing: Passing::default(),
        silence: Silence::default(),
        bells: Bells::default(),
        letter_bells: Bells::default(),
        letter_waits: Semaphore::new(limits::LETTER_WAITS_MAX),
        tour_waits: Waits::new(limits::TOUR_WAITS_MAX, limits::TOUR_WAITS_PER_DEVICE_MAX),
        media,
        clock,
        rates: Rates::default(),
        pages,
        push,
        mail,
        telling,
        is_https: origin.is_some(),
        stopping,
    });
    let mut tasks = JoinSet::new();
    tasks.spawn(watch_silence(Arc::clone(&app)));
    tasks.spawn(api::letterboxes::sweep(Arc::clone(&app)));
    tasks.spawn(retention::keep_time(Arc::clone(&app)));
    for queue in queues {
        tasks.spawn(telling::work(Arc::clone(&app), queue));
    }
    for queue in letters.into_iter().flatten() {
        tasks.spawn(mail::work(Arc::clone(&app), queue));
    }
    let server = tokio::spawn(serve(Arc::clone(&app), listener));
    tracing::info!(%address, "cloud serves");
    Ok(Running { address, stop, app, server, tasks })
}

/// The OpenAPI 3.1 description of the HTTP surface, as JSON.
pub fn openapi() -> String {
    let (_, description) = api::routes();
    // A description that was built from code is always JSON.
    description.to_pretty_json().unwrap_or_default()
}

async fn serve(app: Arc<App>, listener: TcpListener) {
    let (routes, description) = api::routes();
    let router: Router = routes
        .route("/openapi.json", get(move || async move { Json(description) }))
        .fallback(pages::answer)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(limits::REQUEST_S_MAX),
        ))
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::map_response_with_state(Arc::clone(&app), finish))
        .with_state(Arc::clone(&app));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let stopped = async move { app.stopped().await };
    if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stopped).await {
        tracing::error!(%error, "the listener failed");
    }
}

/// What every answer carries, of the API and of the app, whichever part of the program it comes from.
async fn finish(State(app): State<Shared>, response: Response) -> Response {
    let is_page = response.extensions().get::<Page>().is_some();
    let mut response = if is_page { response } else { always_a_problem(response) };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_page {
        pages::protect(headers);
    } else {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if app.is_https {
        let only_https = format!("max-age={}", limits::HTTPS_ONLY_S);
        headers.extend(only_https.parse().map(|value| (header::STRICT_TRANSPORT_SECURITY, value)));
    }
    response
}

/// Errors that a library answers in plain text get their problem here.
fn always_a_problem(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_problem = kind.is_some_and(|kind| kind == "application/problem+json");
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    match status {
        StatusCode::METHOD_NOT_ALLOWED => ApiError::new(
            status,
            "method_not_allowed",
            "this route has no such method; see GET /openapi.json",
        ),
        StatusCode::REQUEST_TIMEOUT => {
            ApiError::new(status, "timeout", "the request took longer than 30 s; try again")
        }
        StatusCode::INTERNAL_SERVER_ERROR => ApiError::internal(),
        _ => ApiError::new(
            status,
            "request_invalid",
            "the request cannot be understood; see GET /openapi.json",
        ),
    }
    .into_response()
}
