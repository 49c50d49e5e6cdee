//! The web app: files that were built elsewhere, sent as they are.
//!
//! Owns which file answers which path, how long browsers may keep it, and the headers that bind what a page may do.
//! Does not own the pages: they are built from the folder `web`, and everything they know comes through the API.
//! Nothing here shadows the API, whatever the files are called.

mod files;

pub(crate) use files::Files;

use crate::app::Shared;
use crate::problem::ApiError;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use files::{File, Packed};
use std::sync::Arc;

/// What a page may do: its own scripts, styles and workers, nothing inline, and no origin but its own. `'self'` in
/// `connect-src` takes in the WebSocket of the same host and port, as CSP level 3 says and Chromium does.
/// No script is made from text except through the two policies that are named; WebAssembly may be compiled.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
     style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; \
     manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
     require-trusted-types-for 'script'; trusted-types svelte-trusted-html vestibule";

/// The camera scans labels; passkeys are made and used; nothing else is asked for.
const PERMISSIONS_POLICY: &str = "camera=(self), microphone=(), geolocation=(), \
     publickey-credentials-get=(self), publickey-credentials-create=(self)";

/// The app that this program holds, as a hash over its files; none if it was built without one.
pub fn app_build() -> Option<protocol::Hash> {
    Files::built().build()
}

/// Names below `assets` hold the hash of what they name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, and asked about each time: a page, worker or manifest that is old would ask for assets that are gone.
const ASK_EACH_TIME: &str = "no-cache";

const NOT_BUILT: &str = "\
This is a Vestibule cloud. Its API is there: see /openapi.json.
The app for browsers is not: nobody had built it when this program was built.

To add it, in Vestibule's source folder:
    ./x web
and build and start this program again.
";

/// Marks an answer as one of the app's, not of the API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page;

/// Answers what no route of the API answers.
pub(crate) async fn answer(State(app): State<Shared>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/v1" || path.starts_with("/v1/") {
        return unknown();
    }
    match find(&app.pages, path) {
        Some(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            StatusCode::METHOD_NOT_ALLOWED.into_response()
        }
        Some(Found::File(file)) => page(send(file, is_hashed(path), request.headers()).await),
        Some(Found::Folder) => page(redirect(request.uri())),
        Some(Found::NotBuilt) => page((StatusCode::NOT_FOUND, NOT_BUILT).into_response()),
        None => unknown(),
    }
}

/// Sets what every answer of the app carries.
pub(crate) fn protect(headers: &mut HeaderMap) {
    const HEADERS: [(HeaderName, &str); 4] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    ];
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

enum Found<'a> {
    File(&'a Arc<File>),
    /// A folder with a page, asked for without its slash: the page's own addresses count from the folder.
    Folder,
    NotBuilt,
}

fn find<'a>(files: &'a Files, path: &str) -> Option<Found<'a>> {
    let name = path.strip_prefix('/')?;
    let name = if name.is_empty() || name.ends_with('/') { format!("{name}index.html") } else { name.into() };
    if let Some(file) = files.get(&name) {
        return Some(Found::File(file));
    }
    if files.get(&format!("{name}/index.html")).is_some() {
        return Some(Found::Folder);
    }
    matches!(path, "/" | "/v" | "/v/" | "/try" | "/try/" | "/s" | "/s/").then_some(Found::NotBuilt)
}

fn is_hashed(path: &str) -> bool {
    path.starts_with("/assets/")
}

fn unknown() -> Response {
    ApiError::not_found("route_unknown", "there is no such route; see GET /openapi.json").into_response()
}

fn page(mut response: Response) -> Response {
    response.extensions_mut().insert(Page);
    response
}

fn redirect(from: &Uri) -> Response {
    let query = from.query().map(|query| format!("?{query}")).unwrap_or_default();
    // Without the folder's own first slash doubled: `//host` would lead elsewhere.
    let to = format!("/{}/{query}", from.path().trim_start_matches('/'));
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response()
}

async fn send(file: &Arc<File>, is_hashed: bool, asked: &HeaderMap) -> Response {
    let gzip = if takes_gzip(asked) { gzip(file).await } else { None };
    let tag = format!("\"{}{}\"", file.hash(), if gzip.is_some() { "-gzip" } else { "" });
    let is_known = has_tag(asked, &tag);
    let mut response = Response::builder()
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, if is_hashed { FOR_EVER } else { ASK_EACH_TIME })
        .header(header::VARY, "accept-encoding");
    if is_known {
        let answer = response.status(StatusCode::NOT_MODIFIED).body(Body::empty());
        return answer.unwrap_or_else(|_| ApiError::internal().into_response());
    }
    response = response.header(header::CONTENT_TYPE, file.media_type());
    if gzip.is_some() {
        response = response.header(header::CONTENT_ENCODING, "gzip");
    }
    let bytes = gzip.unwrap_or_else(|| file.bytes());
    response.body(Body::from(bytes)).unwrap_or_else(|_| ApiError::internal().into_response())
}

/// Packing takes a moment, the first time: not on the threads that answer.
async fn gzip(file: &Arc<File>) -> Option<Bytes> {
    let packed = if let Some(packed) = file.packed() {
        packed.clone()
    } else {
        let file = Arc::clone(file);
        tokio::task::spawn_blocking(move || file.pack().clone()).await.ok()?
    };
    match packed {
        Packed::Smaller(bytes) => Some(bytes),
        Packed::NotSmaller => None,
    }
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let codings = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = quality.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip") && quality.is_ok_and(|quality| quality > 0.0)
    })
}

fn has_tag(asked: &HeaderMap, tag: &str) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    })
}
