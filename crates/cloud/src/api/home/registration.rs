//! Registering a home: its owners' roster, and the door's own word that it is theirs.

use crate::app::Shared;
use crate::clock::now_ms;
use crate::extract::Json;
use crate::identity::check_sign_in;
use crate::json::{Bytes64, DoorIdHex, HashHex, HomeIdHex, Id};
use crate::limits;
use crate::problem::ApiError;
use crate::rate::{Verdict, network};
use crate::store::NewRoster;
use crate::trust::Ring;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use protocol::bytes::{Blob, Hash};
use protocol::roster::{self, Roster};
use protocol::sign_in::Role;
use protocol::{Claimed, Credential, Kid};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use utoipa::ToSchema;

/// A home and its proof.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistrationJson {
    /// One element per epoch, from epoch 1; each holds one envelope per signing owner. A new home has one element.
    rosters: Vec<Vec<Bytes64>>,
    /// Envelope of a `sign_in` with role `door` by the door key, over a nonce of `POST /v1/sign-in/nonce`.
    door_sign_in: Bytes64,
}

/// The registered home.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisteredJson {
    home: HomeIdHex,
    door: DoorIdHex,
    /// Epoch of the newest roster.
    epoch: u64,
    /// Its hash.
    roster: HashHex,
}

/// Register a home. The same registration again answers the same with 200.
#[utoipa::path(post, path = "/v1/homes", tag = "home", request_body = RegistrationJson,
    responses((status = 201, body = RegisteredJson), (status = 200, body = RegisteredJson), ApiError), security(()))]
pub(crate) async fn register(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Json(body): Json<RegistrationJson>,
) -> Result<(StatusCode, axum::Json<RegisteredJson>), ApiError> {
    if app.rates.homes.count(network(peer.ip()), now_ms()) != Verdict::Within {
        return Err(ApiError::too_many(
            "homes_limit",
            "this address registers too many homes; try again in an hour",
            3_600,
        ));
    }
    let chain = check_chain(&body.rosters)?;
    let last = chain.last().ok_or_else(ApiError::internal)?;
    let (roster, hash) = (last.roster.clone(), last.hash);
    let role =
        check_sign_in(&app, "door_sign_in", &body.door_sign_in.0, &Credential::device(roster.door_key))?;
    if role != Role::Door {
        return Err(ApiError::field(
            "sign_in_other_role",
            "door_sign_in.role",
            "the door must sign in with role `door`",
        ));
    }
    let answer = RegisteredJson {
        home: Id(roster.home),
        door: Id(roster.door),
        epoch: roster.epoch,
        roster: Id(hash),
    };
    if let Some(known) = app.store.home(roster.home).await? {
        let in_force = app.store.roster_in_force(roster.home).await?;
        if known.door_key == roster.door_key && in_force.is_some_and(|(_, h, _)| h == hash) {
            return Ok((StatusCode::OK, axum::Json(answer)));
        }
        return Err(taken());
    }
    let door_taken = app.store.home_by_door(roster.door).await?.is_some()
        || app.store.home_by_door_kid(roster.door_key.kid()).await?.is_some();
    if door_taken {
        return Err(taken());
    }
    app.store.create_home(chain).await?;
    Ok((StatusCode::CREATED, axum::Json(answer)))
}

fn taken() -> ApiError {
    ApiError::conflict(
        "home_taken",
        "this home, door or door key is registered with another roster; later rosters go to \
         POST /v1/homes/{home}/rosters, and a replaced hub is a new home",
    )
}

fn check_chain(rosters: &[Vec<Bytes64>]) -> Result<Vec<NewRoster>, ApiError> {
    if rosters.is_empty() || rosters.len() > limits::ROSTER_CHAIN_MAX {
        return Err(ApiError::field(
            "roster_chain_length",
            "rosters",
            format!("rosters holds 1 to {} elements, one per epoch from the first", limits::ROSTER_CHAIN_MAX),
        ));
    }
    let mut chain: Vec<NewRoster> = Vec::new();
    for (at, envelopes) in rosters.iter().enumerate() {
        let field = format!("rosters[{at}]");
        let claimed = parse_rosters(&field, envelopes)?;
        let envelopes = envelopes.iter().map(|e| Blob(e.0.clone())).collect();
        let (roster, hash, hands_over) = match chain.last() {
            None => first(&field, claimed)?,
            Some(present) => {
                let hands_over = roster::hands_over(&present.roster, &claimed, &Ring);
                let next = roster::succeed(&present.roster, present.hash, claimed, &Ring)
                    .map_err(|why| not_next(&field, why))?;
                (next.message().clone(), next.hash(), hands_over)
            }
        };
        chain.push(NewRoster { roster, hash, envelopes, hands_over });
    }
    Ok(chain)
}

/// Reads one envelope per signing owner.
pub(crate) fn parse_rosters(field: &str, envelopes: &[Bytes64]) -> Result<Vec<Claimed<Roster>>, ApiError> {
    if envelopes.is_empty() || envelopes.len() > protocol::limits::RESIDENTS_MAX {
        return Err(ApiError::field(
            "roster_signatures",
            field,
            format!("{field} holds one envelope per signing owner, 1 to {}", protocol::limits::RESIDENTS_MAX),
        ));
    }
    envelopes
        .iter()
        .enumerate()
        .map(|(at, e)| {
            Claimed::parse(&e.0).map_err(|why| ApiError::malformed(&format!("{field}[{at}]"), why))
        })
        .collect()
}

/// Says why a roster does not follow.
pub(crate) fn not_next(field: &str, why: roster::NotNext) -> ApiError {
    ApiError::field(
        why.code(),
        field,
        format!(
            "{field} does not follow the roster before it ({}); fetch that one and sign again",
            why.code()
        ),
    )
}

/// The first roster vouches for itself: its own quorum of owners signed it. It hands nothing over.
fn first(field: &str, claimed: Vec<Claimed<Roster>>) -> Result<(Roster, Hash, bool), ApiError> {
    let (roster, hash) =
        claimed.first().map(|c| (c.unproven().clone(), c.hash())).ok_or_else(ApiError::internal)?;
    if roster.epoch != 1 {
        return Err(ApiError::field(
            "roster_first",
            field,
            "the first roster has epoch 1; send the whole chain",
        ));
    }
    if claimed.iter().any(|c| c.hash() != hash) {
        return Err(not_next(field, roster::NotNext::Mixed));
    }
    let mut signers: Vec<Kid> = Vec::new();
    for one in claimed {
        let owner =
            roster.owner(one.kid()).ok_or_else(|| ApiError::signer(field, "owners that it names itself"))?;
        let signed = one.verify(&owner.credential, &Ring).map_err(|why| ApiError::untrusted(field, why))?;
        if !signers.contains(&signed.signer()) {
            signers.push(signed.signer());
        }
    }
    if signers.len() < usize::try_from(roster.quorum).unwrap_or(usize::MAX) {
        return Err(not_next(field, roster::NotNext::Quorum));
    }
    Ok((roster, hash, false))
}
