//! What a visitor's device sees and says.

pub(crate) mod door;
pub(crate) mod left;
pub(crate) mod left_photo;
pub(crate) mod told;
mod tour;
pub(crate) mod visits;

use crate::app::App;
use crate::clock::{now_ms, now_s};
use crate::json::unsigned;
use crate::matching::{self, AssignmentFacts, Facts, GrantFacts, Mismatch, RingFacts};
use crate::problem::ApiError;
use crate::store::{AssignmentRow, HomeRow};
use protocol::Kid;
use protocol::arrival::Arrival;
use protocol::bytes::{DoorId, Hash};
use protocol::time::Timestamp;

/// What the cloud's match says, with the home and the provider that it is about.
pub(crate) struct Match {
    /// The door's home, if there is one.
    pub(crate) home: Option<HomeRow>,
    /// The provider of the assignment, if there is one.
    pub(crate) provider: Option<Kid>,
    pub(crate) result: Result<(), Mismatch>,
}

/// Gathers what is known of a ring and matches.
pub(crate) async fn match_ring_now(
    app: &App,
    device: Kid,
    door: DoorId,
    assignment: Hash,
) -> Result<Match, ApiError> {
    let Some(home) = app.store.home_by_door(door).await? else {
        return Ok(Match { home: None, provider: None, result: Err(Mismatch::AssignmentUnknown) });
    };
    let row = app.store.assignment(home.home, assignment).await?;
    let facts = assignment_facts(app, row.as_ref()).await?;
    let revocations = app.store.revocations(home.home).await?;
    let result = matching::matches_ring(&RingFacts {
        now: Timestamp(unsigned(now_s())),
        device,
        door,
        assignment: facts,
        revocation: revocations.first().map(|row| &row.revocation),
        is_home_online: app.homes.is_online(home.home, now_ms()),
    });
    Ok(Match { provider: row.as_ref().map(|row| row.assignment.provider), home: Some(home), result })
}

/// None, too, if it is to a household before: whoever lives there now ordered nothing of it.
async fn assignment_facts<'a>(
    app: &App,
    row: Option<&'a AssignmentRow>,
) -> Result<Option<AssignmentFacts<'a>>, ApiError> {
    let Some(row) = row.filter(|row| !row.is_before) else { return Ok(None) };
    let provider = app.store.provider(row.assignment.provider).await?;
    Ok(Some(AssignmentFacts {
        assignment: &row.assignment,
        is_refused: row.kept == "refused",
        is_provider_admitted: provider.is_some_and(|p| p.state == "admitted"),
        since: Timestamp(unsigned(row.created_ms / 1_000)),
    }))
}

/// Gathers what is known and matches.
pub(crate) async fn match_now(app: &App, device: Kid, arrival: &Arrival) -> Result<Match, ApiError> {
    let Some(home) = app.store.home_by_door(arrival.door).await? else {
        return Ok(Match { home: None, provider: None, result: Err(Mismatch::GrantUnknown) });
    };
    let grant = app.store.grant(home.home, arrival.grant).await?;
    let mut grant_facts = None;
    if let Some(row) = &grant {
        let (roster, _, _) = app.store.roster_in_force(home.home).await?.ok_or_else(ApiError::internal)?;
        grant_facts = Some(GrantFacts {
            grant: &row.grant,
            is_refused: row.kept == "refused",
            is_signer_current: row.is_signer_current(&roster),
            uses_spent: app.store.uses_of(home.home, row.hash, Some(arrival.visit)).await?,
        });
    }
    let assignment = match arrival.assignment {
        Some(hash) => app.store.assignment(home.home, hash).await?,
        None => None,
    };
    let provider = assignment.as_ref().map(|row| row.assignment.provider);
    let facts = assignment_facts(app, assignment.as_ref()).await?;
    let revocations = app.store.revocations(home.home).await?;
    let result = matching::matches(&Facts {
        now: Timestamp(unsigned(now_s())),
        device,
        arrival,
        grant: grant_facts,
        assignment: facts,
        revocation: revocations.first().map(|row| &row.revocation),
        is_home_online: app.homes.is_online(home.home, now_ms()),
    });
    Ok(Match { home: Some(home), provider, result })
}
