//! Grants: signed by a resident, kept by the home, stored and relayed here.

use super::consignments::settle;
use super::{KeptJson, SAYS_YES, home_row, kept};
use crate::app::{App, Shared};
use crate::extract::{Json, Path, Resident};
use crate::json::{Bytes64, GrantIdHex, HashHex, HomeIdHex, Id, KidHex, WindowJson};
use crate::matching;
use crate::problem::ApiError;
use crate::store::{GrantRow, NewGrant};
use crate::trust::Ring;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::assignment::Assignment;
use protocol::bytes::HomeId;
use protocol::grant::{Errand, Grant, Grantee};
use protocol::{Claimed, Signed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A signed grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGrantJson {
    /// Envelope of a signed `grant`.
    grant: Bytes64,
}

/// A grant and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantJson {
    /// H(grant).
    hash: HashHex,
    id: GrantIdHex,
    /// The envelope; everything else here is read from it.
    grant: Bytes64,
    signer: KidHex,
    /// `provider` or `guest`.
    to: String,
    /// Root key of the provider, or key of the guest's device.
    to_key: KidHex,
    to_name: String,
    /// The service, if the grant is for one; none for named consignments.
    service: Option<String>,
    /// How many consignments it names.
    consignments: usize,
    windows: Vec<WindowJson>,
    uses: u32,
    /// Visits in which a use was burned, by the door log.
    uses_spent: u32,
    kept_by_home: KeptJson,
    created_ms: i64,
}

/// All grants.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GrantsJson {
    grants: Vec<GrantJson>,
}

/// Sign in what a visitor may do. Waits up to 1.5 s for the home's word.
#[utoipa::path(post, path = "/v1/homes/{home}/grants", tag = "resident", params(("home" = HomeIdHex, Path)),
    request_body = NewGrantJson, responses((status = 201, body = GrantJson), ApiError))]
pub(crate) async fn create(
    State(app): State<Shared>,
    resident: Resident,
    Json(body): Json<NewGrantJson>,
) -> Result<(StatusCode, axum::Json<GrantJson>), ApiError> {
    let grant = checked(&app, resident.home, &body.grant).await?;
    let hash = grant.hash();
    let seq = app.store.put_grant(NewGrant { home: resident.home, grant }).await?.ok_or_else(|| {
        ApiError::conflict("grant_id_taken", "another grant has this id; draw a new one and sign again")
    })?;
    settle(&app, resident.home).await?;
    let kept = kept(&app, resident.home, seq).await?;
    let row = app.store.grant(resident.home, hash).await?.ok_or_else(ApiError::internal)?;
    let mut answer = json(&app, row).await?;
    answer.kept_by_home = kept;
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

async fn checked(app: &App, home: HomeId, envelope: &Bytes64) -> Result<Signed<Grant>, ApiError> {
    let claimed = Claimed::<Grant>::parse(&envelope.0).map_err(|why| ApiError::malformed("grant", why))?;
    let (roster, _, _) = app.store.roster_in_force(home).await?.ok_or_else(ApiError::internal)?;
    let signer = roster.grantor(claimed.kid()).ok_or_else(|| ApiError::signer("grant", SAYS_YES))?;
    let grant = claimed.verify(&signer.credential, &Ring).map_err(|why| ApiError::untrusted("grant", why))?;
    let message = grant.message();
    if message.door != home_row(app, home).await?.door {
        return Err(ApiError::field("door_other", "grant.door", "the grant is for another home's door"));
    }
    let epochs = roster.epochs_of(signer);
    if !epochs.contains(&message.roster_epoch) {
        return Err(ApiError::field(
            "roster_epoch",
            "grant.roster_epoch",
            format!("the grant must name a roster epoch from {} to {}", epochs.start(), epochs.end()),
        ));
    }
    Ok(grant)
}

/// List the grants, newest first.
#[utoipa::path(get, path = "/v1/homes/{home}/grants", tag = "resident", params(("home" = HomeIdHex, Path)),
    responses((status = 200, body = GrantsJson), ApiError))]
pub(crate) async fn list(
    State(app): State<Shared>,
    resident: Resident,
) -> Result<axum::Json<GrantsJson>, ApiError> {
    let mut grants = Vec::new();
    for row in app.store.grants(resident.home).await? {
        grants.push(json(&app, row).await?);
    }
    Ok(axum::Json(GrantsJson { grants }))
}

/// Look at one grant.
#[utoipa::path(get, path = "/v1/homes/{home}/grants/{hash}", tag = "resident",
    params(("home" = HomeIdHex, Path), ("hash" = HashHex, Path)),
    responses((status = 200, body = GrantJson), ApiError))]
pub(crate) async fn show(
    State(app): State<Shared>,
    resident: Resident,
    Path((_, hash)): Path<(HomeIdHex, HashHex)>,
) -> Result<axum::Json<GrantJson>, ApiError> {
    let row = app.store.grant(resident.home, hash.0).await?.filter(|row| !row.is_before);
    let row = row.ok_or_else(|| ApiError::not_found("grant_unknown", "this home has no such grant"))?;
    Ok(axum::Json(json(&app, row).await?))
}

async fn json(app: &App, row: GrantRow) -> Result<GrantJson, ApiError> {
    let (to, to_key, to_name) = match &row.grant.to {
        Grantee::Provider { root, name } => ("provider", *root, name.clone()),
        Grantee::Holder { cnf, name } => ("guest", cnf.kid(), name.clone()),
    };
    let (service, consignments) = match &row.grant.errand {
        Errand::Service(service) => (Some(service.clone()), 0),
        Errand::Consignments(list) => (None, list.len()),
    };
    Ok(GrantJson {
        hash: Id(row.hash),
        id: Id(row.grant.id),
        signer: Id(row.signer),
        to: to.into(),
        to_key: Id(to_key),
        to_name,
        service,
        consignments,
        windows: row.grant.windows.iter().map(|w| (*w).into()).collect(),
        uses: row.grant.uses,
        uses_spent: app.store.uses_of(row.home, row.hash, None).await?,
        kept_by_home: KeptJson::stored(&row.kept, row.code.as_deref()),
        created_ms: row.created_ms,
        grant: row.envelope.into(),
    })
}

/// The grants of a home that would carry an assignment: those that name its parcels, then standing ones; newest first.
pub(crate) fn grants_for<'a>(
    grants: &'a [GrantRow],
    assignment: &Assignment,
) -> impl Iterator<Item = &'a GrantRow> {
    let (named, standing): (Vec<_>, Vec<_>) = grants
        .iter()
        .filter(|row| carries(row, assignment))
        .partition(|row| matches!(row.grant.errand, Errand::Consignments(_)));
    named.into_iter().chain(standing)
}

fn carries(row: &GrantRow, assignment: &Assignment) -> bool {
    row.kept != "refused"
        && row.grant.door == assignment.door
        && matches!(&row.grant.to, Grantee::Provider { root, .. } if *root == assignment.provider)
        && matching::carries(&row.grant, assignment)
        && row
            .grant
            .windows
            .iter()
            .any(|w| w.from < assignment.window.until && assignment.window.from < w.until)
}
