//! Revocations. "Revoked" is said only when the home's own log confirms it; until then, until when the risk stays.

use super::consignments::settle;
use super::{KeptJson, SAYS_NO, home_row, kept};
use crate::app::{App, Shared};
use crate::clock::now_s;
use crate::extract::{Json, Path, Resident};
use crate::json::{Bytes64, HashHex, HomeIdHex, Id, KidHex, unsigned};
use crate::problem::ApiError;
use crate::store::RevocationRow;
use crate::trust::Ring;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::Claimed;
use protocol::bytes::HomeId;
use protocol::grant::{Grant, Grantee};
use protocol::revocation::Revocation;
use protocol::roster::Rank;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signed revocation list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRevocationJson {
    /// Envelope of a signed `revocation`.
    revocation: Bytes64,
}

/// A revocation list and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevocationJson {
    sequence: u64,
    hash: HashHex,
    /// The envelope.
    revocation: Bytes64,
    signer: KidHex,
    /// `sent` (not confirmed), `refused` by the home, or `confirmed` by the home's signed log.
    state: String,
    kept_by_home: KeptJson,
    /// When the home's log confirmed it.
    confirmed_ms: Option<i64>,
    /// While not confirmed: the door could still open until then, seconds since 1970; none if nothing that the list
    /// stops has a window left.
    could_open_until: Option<u64>,
    created_ms: i64,
}

/// All lists.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevocationsJson {
    revocations: Vec<RevocationJson>,
}

/// Send a revocation list to the home. Waits up to 1.5 s for its word.
#[utoipa::path(post, path = "/v1/homes/{home}/revocations", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = NewRevocationJson, responses((status = 202, body = RevocationJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewRevocationJson>,
) -> Result<(StatusCode, axum::Json<RevocationJson>), ApiError> {
    let field = "revocation";
    let claimed =
        Claimed::<Revocation>::parse(&body.revocation.0).map_err(|why| ApiError::malformed(field, why))?;
    let (roster, _, _) = app.store.roster_in_force(resident.home).await?.ok_or_else(ApiError::internal)?;
    let signer = roster.revoker(claimed.kid()).ok_or_else(|| ApiError::signer(field, SAYS_NO))?;
    let list = claimed.verify(&signer.credential, &Ring).map_err(|why| ApiError::untrusted(field, why))?;
    if list.message().door != home_row(&app, resident.home).await?.door {
        return Err(ApiError::field("door_other", "revocation.door", "the list is for another home's door"));
    }
    let rows = app.store.revocations(resident.home).await?;
    let newest = rows.first();
    if newest.is_none_or(|row| row.hash != list.hash()) {
        check_follows(newest, list.message(), signer.role)?;
    }
    let sequence = list.message().sequence;
    let seq = app.store.put_revocation(resident.home, list).await?;
    settle(&app, resident.home).await?;
    kept(&app, resident.home, seq).await?;
    let rows = app.store.revocations(resident.home).await?;
    let row = rows.into_iter().find(|r| r.revocation.sequence == sequence).ok_or_else(ApiError::internal)?;
    Ok((StatusCode::ACCEPTED, axum::Json(json(&app, resident.home, row).await?)))
}

/// As the home will see it, with a reason for each no.
fn check_follows(newest: Option<&RevocationRow>, next: &Revocation, signer: Rank) -> Result<(), ApiError> {
    let newest = newest.map(|row| &row.revocation);
    if next.may_follow(newest, signer) {
        return Ok(());
    }
    if newest.is_some_and(|newest| next.sequence > newest.sequence && !next.covers(newest)) {
        return Err(ApiError::forbidden("owner_only", "only an owner may lift what an earlier list stops"));
    }
    let last = newest.map_or(0, |newest| newest.sequence);
    Err(ApiError::conflict(
        "revocation_sequence",
        format!(
            "the sequence must be above {last}, and by 2^32 at most if a companion signs; fetch the newest list and \
             sign again"
        ),
    ))
}

/// List the revocation lists, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/revocations", tag = "resident", params(("home" = HomeIdHex, Path)),
    responses((status = 200, body = RevocationsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<RevocationsJson>, ApiError> {
    let mut revocations = Vec::new();
    for row in app.store.revocations(resident.home).await? {
        revocations.push(json(&app, resident.home, row).await?);
    }
    Ok(axum::Json(RevocationsJson { revocations }))
}

/// Look at one list.
#[utoipa::path(get, path = "/v1/homes/{home}/revocations/{sequence}", tag = "resident",
    params(("home" = HomeIdHex, Path), ("sequence" = u64, Path)),
    responses((status = 200, body = RevocationJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, sequence)): Path<(HomeIdHex, u64)>,
) -> Result<axum::Json<RevocationJson>, ApiError> {
    let rows = app.store.revocations(resident.home).await?;
    let row = rows.into_iter().find(|r| r.revocation.sequence == sequence);
    let row = row.ok_or_else(|| {
        ApiError::not_found("revocation_unknown", "this home has no revocation list with that sequence")
    })?;
    Ok(axum::Json(json(&app, resident.home, row).await?))
}

async fn json(app: &App, home: HomeId, row: RevocationRow) -> Result<RevocationJson, ApiError> {
    let state = match (row.confirmed_ms, row.kept.as_str()) {
        (Some(_), _) => "confirmed",
        (None, "refused") => "refused",
        (None, _) => "sent",
    };
    let could_open_until =
        if row.confirmed_ms.is_some() { None } else { risk_until(app, home, &row.revocation).await? };
    Ok(RevocationJson {
        sequence: row.revocation.sequence,
        hash: Id(row.hash),
        revocation: row.envelope.into(),
        signer: Id(row.signer),
        state: state.into(),
        kept_by_home: KeptJson::stored(&row.kept, row.code.as_deref()),
        confirmed_ms: row.confirmed_ms,
        could_open_until,
        created_ms: row.created_ms,
    })
}

/// The end of the last window that the home would still honour without this list.
async fn risk_until(app: &App, home: HomeId, list: &Revocation) -> Result<Option<u64>, ApiError> {
    let now = now_s();
    let assignments = app.store.assignments_at(home, now).await?;
    let mut until = None;
    for row in app.store.grants(home).await? {
        if row.kept == "refused" {
            continue;
        }
        let end = row.grant.windows.last().map_or(0, |w| w.until.0);
        let stopped = if stops(list, &row.grant) {
            Some(end)
        } else {
            // A device alone is stopped: only as long as its assignments under this grant run.
            assignments
                .iter()
                .filter(|a| list.devices.contains(&a.assignment.cnf.kid()))
                .map(|a| a.assignment.window.until.0.min(end))
                .max()
        };
        until = until.max(stopped.filter(|end| *end > unsigned(now)));
    }
    Ok(until)
}

fn stops(list: &Revocation, grant: &Grant) -> bool {
    list.blocked
        || list.grants.contains(&grant.id)
        || match &grant.to {
            // A working key may be named instead of the root; which grants it reaches the home knows, so: all.
            Grantee::Provider { .. } => !list.providers.is_empty(),
            Grantee::Holder { cnf, .. } => list.devices.contains(&cnf.kid()),
        }
}
