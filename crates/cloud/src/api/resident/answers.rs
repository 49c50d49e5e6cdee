//! A resident's word during a visit, relayed at once or not at all: nothing waits for a home that is away.

use super::{SAYS_NO, SAYS_YES, home_row};
use crate::app::Shared;
use crate::extract::{Json, Resident};
use crate::json::{Bytes64, HomeIdHex};
use crate::problem::ApiError;
use crate::trust::Ring;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::Claimed;
use protocol::answer::{Answer, Word};
use protocol::bytes::Blob;
use protocol::uplink::ToHome;
use serde::Deserialize;
use utoipa::ToSchema;

/// A signed answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerJson {
    /// Envelope of a signed `answer`.
    answer: Bytes64,
}

/// Say allow, stop or "I'm coming"; a companion key cannot say allow. 202 means relayed; the door log says what the home made of it.
#[utoipa::path(post, path = "/v1/homes/{home}/answers", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = AnswerJson, responses((status = 202), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<AnswerJson>,
) -> Result<StatusCode, ApiError> {
    let claimed =
        Claimed::<Answer>::parse(&body.answer.0).map_err(|why| ApiError::malformed("answer", why))?;
    let (roster, _, _) = app.store.roster_in_force(resident.home).await?.ok_or_else(ApiError::internal)?;
    let word = claimed.unproven().word;
    let signer = roster.answerer(claimed.kid(), word).ok_or_else(|| {
        ApiError::signer(
            "answer",
            match word {
                Word::Allow => SAYS_YES,
                Word::Stop | Word::Coming => SAYS_NO,
            },
        )
    })?;
    let answer =
        claimed.verify(&signer.credential, &Ring).map_err(|why| ApiError::untrusted("answer", why))?;
    if answer.message().door != home_row(&app, resident.home).await?.door {
        return Err(ApiError::field("door_other", "answer.door", "the answer is for another home's door"));
    }
    if app.homes.send(resident.home, ToHome::Answer(Blob(body.answer.0))) {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(ApiError::home_offline())
    }
}
