//! Which build of the web app this cloud serves.

use crate::app::Shared;
use crate::json::{HashHex, Id};
use crate::problem::ApiError;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The web app as it is served.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebAppJson {
    /// SHA-256 over one line per file of the app, sorted by path: its SHA-256 in lower-case hexadecimal, two spaces,
    /// its path, a line feed; null if there is no app. In the folder of the built app, this is
    /// `find . -type f | sed 's|^\./||' | LC_ALL=C sort | xargs sha256sum | sha256sum`.
    build: Option<HashHex>,
}

/// The build of the web app that this cloud serves, to be compared by pages, hubs and people.
#[utoipa::path(get, path = "/v1/app", tag = "cloud", responses((status = 200, body = WebAppJson), ApiError),
    security(()))]
pub(crate) async fn show(State(app): State<Shared>) -> axum::Json<WebAppJson> {
    axum::Json(WebAppJson { build: app.pages.build().map(Id) })
}
