//! "3 stops away": progress in stops, said by the provider. No position, of nobody.

use crate::app::Shared;
use crate::clock::now_s;
use crate::extract::{Json, Path, Provider};
use crate::json::HashHex;
use crate::limits;
use crate::problem::ApiError;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// How far the tour is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStopsAwayJson {
    /// Stops before this door, 0 to 99; 0: this one is next.
    stops_away: u8,
}

/// Say how many stops are before an assignment's door. Residents see it with its time, and are told once at 3.
#[utoipa::path(put, path = "/v1/provider/assignments/{assignment}/stops-away", tag = "provider",
    params(("assignment" = HashHex, Path)), request_body = NewStopsAwayJson,
    responses((status = 204), ApiError))]
pub(crate) async fn say(
    State(app): State<Shared>,
    provider: Provider,
    Path(assignment): Path<HashHex>,
    Json(body): Json<NewStopsAwayJson>,
) -> Result<StatusCode, ApiError> {
    provider.admitted()?;
    if body.stops_away > limits::STOPS_AWAY_MAX {
        return Err(ApiError::field(
            "stops_away_invalid",
            "stops_away",
            format!("stops_away is 0 to {}", limits::STOPS_AWAY_MAX),
        ));
    }
    let home = app.store.home_of_assignment(provider.root(), assignment.0, now_s()).await?;
    let home = home.ok_or_else(|| {
        ApiError::not_found(
            "assignment_unknown",
            "this provider has no such assignment, or its time is over; name it by its hash",
        )
    })?;
    app.store.put_stops_away(home, assignment.0, body.stops_away).await?;
    // Said to those who look, told or not.
    app.ring(home);
    Ok(StatusCode::NO_CONTENT)
}
