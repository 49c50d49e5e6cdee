//! The papers that prove a delivery, beside the grant and the door log.

use crate::app::Shared;
use crate::extract::{Path, Resident};
use crate::json::{Bytes64, HomeIdHex, VisitIdHex};
use crate::problem::ApiError;
use axum::extract::State;
use protocol::time::{Interval, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// Papers of a visit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitPapersJson {
    /// Envelope of the assignment.
    assignment: Bytes64,
    /// Envelope of the delegation to the key that signed it.
    delegation: Bytes64,
    /// For the caller's key: HPKE as for recordings, encapsulated key (65 bytes), then ciphertext; info
    /// `vestibule/1/visit_papers`, no aad. JSON with the envelopes `challenge`, `presentation` and `farewell`.
    sealed: Bytes64,
}

/// The papers of a delivery that was let in. Kept as long as its recording.
#[utoipa::path(get, path = "/v1/homes/{home}/visits/{visit}/papers", tag = "resident",
    params(("home" = HomeIdHex, Path), ("visit" = VisitIdHex, Path)),
    responses((status = 200, body = VisitPapersJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, visit)): Path<(HomeIdHex, VisitIdHex)>,
) -> Result<axum::Json<VisitPapersJson>, ApiError> {
    let missing = || {
        ApiError::not_found(
            "papers_missing",
            "there are no papers of this visit for your key: nobody was let in with an order, it is not over, your key \
             came later, the cloud was restarted during it, or its recording was deleted",
        )
    };
    let home = resident.home;
    let row = app.store.present_visit(home, visit.0).await?.ok_or_else(missing)?;
    let sealed = app.store.visit_papers(home, visit.0, resident.kid).await?.ok_or_else(missing)?;
    let assignment = app.store.assignment(home, row.assignment.ok_or_else(missing)?).await?;
    let assignment = assignment.ok_or_else(missing)?;
    let at = Interval::exactly(Timestamp(row.arrived_s));
    let delegation = app.store.delegation_sent(home, assignment.signer, at).await?.ok_or_else(missing)?;
    Ok(axum::Json(VisitPapersJson {
        assignment: assignment.envelope.into(),
        delegation: delegation.into(),
        sealed: sealed.into(),
    }))
}
