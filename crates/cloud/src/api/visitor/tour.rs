//! The tour of one device: where it may have to open a door, and whether that would work now.

use super::{match_now, match_ring_now};
use crate::api::resident::grants::grants_for;
use crate::api::resident::plan_b::{self, RungJson};
use crate::app::App;
use crate::clock::now_s;
use crate::json::{Bytes64, DoorIdHex, HashHex, Id, KidHex, TourIdHex, WindowJson, unsigned};
use crate::matching::{self, Mismatch};
use crate::problem::ApiError;
use crate::store::{About, AssignmentRow, GrantRow, PlansB};
use protocol::Kid;
use protocol::arrival::Arrival;
use protocol::bytes::{DoorId, DoorTag, Hash, VisitId};
use protocol::commitment::Commitment;
use protocol::time::Timestamp;
use serde::Serialize;
use std::collections::HashSet;
use utoipa::ToSchema;

/// A stop of the tour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StopJson {
    door: DoorIdHex,
    /// H(assignment) for the arrival; none for a guest.
    assignment: Option<HashHex>,
    /// H(grant) for the arrival; none while no resident has signed one.
    grant: Option<HashHex>,
    /// The provider; none for a guest.
    provider: Option<KidHex>,
    tour: Option<TourIdHex>,
    service: Option<String>,
    /// How many parcels the assignment carries for this door.
    parcels: usize,
    windows: Vec<WindowJson>,
    /// What the provider sealed to this handset.
    tour_sealed: Option<Bytes64>,
    /// Where the parcels go if they do not go in: the first rung first, no other counts. Empty for a guest.
    plan_b: Vec<RungJson>,
    /// HPKE public keys of the household, to which a photo of where a parcel was left is sealed: keys and nothing of whose
    /// they are, 16 at most. Empty for a guest.
    photo_keys: Vec<Bytes64>,
    /// Whether an arrival now would be relayed.
    possible_now: bool,
    /// Whether a ring now would be relayed: no resident has signed anything for it, and somebody can be asked. Says nothing
    /// of a stop that somebody answered already.
    may_ring: bool,
    /// Why not, as a code: said to guests only, whom a resident knows by name. Couriers are told no reason.
    why_not: Option<&'static str>,
}

/// The tour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TourJson {
    stops: Vec<StopJson>,
    /// Of these stops, as they stand here: whoever asks again names it as `known`.
    version: HashHex,
}

/// A tour, and what may make another one of it.
pub(super) struct Tour {
    stops: Vec<StopJson>,
    pub(super) about: HashSet<About>,
    /// When time alone may.
    pub(super) next: Option<Timestamp>,
    now: Timestamp,
}

impl Tour {
    pub(super) async fn read(app: &App, device: Kid) -> Result<Self, ApiError> {
        let now = now_s();
        let about = HashSet::from([About::Device(device)]);
        let mut tour = Self { stops: Vec::new(), about, next: None, now: Timestamp(unsigned(now)) };
        for row in app.store.assignments_to_device(device, now).await? {
            tour.about.extend([About::Home(row.home), About::Provider(row.assignment.provider)]);
            let stop = tour.delivery(app, device, row).await?;
            tour.stops.push(stop);
        }
        for row in app.store.grants_to_holder(device, now).await? {
            tour.about.insert(About::Home(row.home));
            tour.turn(matching::turns(Some(&row.grant), None));
            tour.stops.push(visit(app, device, row).await?);
        }
        Ok(tour)
    }

    pub(super) fn version(&self) -> Result<Hash, ApiError> {
        let stops = serde_json::to_vec(&self.stops).map_err(|_| ApiError::internal())?;
        Ok(Hash::of("tour", &[&stops]))
    }

    pub(super) fn json(self, version: Hash) -> TourJson {
        TourJson { version: Id(version), stops: self.stops }
    }

    fn turn(&mut self, turns: impl Iterator<Item = Timestamp>) {
        self.next = turns.filter(|at| *at > self.now).chain(self.next).min();
    }

    /// A courier's stop.
    async fn delivery(&mut self, app: &App, device: Kid, row: AssignmentRow) -> Result<StopJson, ApiError> {
        // To a household that is not there any more: the stop is shown, for the parcel has to go somewhere.
        let (grant, possible_now) =
            if row.is_before { (None, false) } else { self.choose(app, device, &row).await? };
        let plan_b = plan_b(app, &row).await?;
        let photo_keys = photo_keys(app, &row).await?;
        let ring = match_ring_now(app, device, row.assignment.door, row.hash);
        let may_ring = grant.is_none() && ring.await?.result.is_ok();
        Ok(StopJson {
            door: Id(row.assignment.door),
            assignment: Some(Id(row.hash)),
            grant: grant.map(Id),
            provider: Some(Id(row.assignment.provider)),
            tour: Some(Id(row.assignment.tour)),
            parcels: row.assignment.errands.len(),
            service: Some(row.assignment.service),
            windows: vec![row.assignment.window.into()],
            tour_sealed: row.tour_sealed.map(Into::into),
            plan_b,
            photo_keys,
            possible_now,
            may_ring,
            why_not: None,
        })
    }

    /// The grant that carries an assignment, and whether it does so now. One that names the parcels goes before a standing
    /// one, whose uses are for others; one under which nobody could come now only if there is no better one.
    async fn choose(
        &mut self,
        app: &App,
        device: Kid,
        row: &AssignmentRow,
    ) -> Result<(Option<Hash>, bool), ApiError> {
        let grants = app.store.grants(row.home).await?;
        let (roster, _, _) = app.store.roster_in_force(row.home).await?.ok_or_else(ApiError::internal)?;
        let (door, is_open) = (row.assignment.door, row.is_open_at(now_s()));
        let since = Timestamp(unsigned(row.created_ms / 1_000));
        self.turn(matching::turns(None, Some((&row.assignment, since))));
        let mut first = None;
        // One that ended with its signer or a re-key is as if nobody had allowed it, and one may ring.
        for grant in grants_for(&grants, &row.assignment).filter(|grant| grant.is_signer_current(&roster)) {
            self.turn(matching::turns(Some(&grant.grant), Some((&row.assignment, since))));
            if is_open && mismatch(app, device, door, grant.hash, Some(row.hash)).await?.is_none() {
                return Ok((Some(grant.hash), true));
            }
            first.get_or_insert(grant.hash);
        }
        Ok((first, false))
    }
}

/// A guest's stop.
async fn visit(app: &App, device: Kid, row: GrantRow) -> Result<StopJson, ApiError> {
    let why_not = mismatch(app, device, row.grant.door, row.hash, None).await?;
    Ok(StopJson {
        door: Id(row.grant.door),
        assignment: None,
        grant: Some(Id(row.hash)),
        provider: None,
        tour: None,
        service: None,
        parcels: 0,
        windows: row.grant.windows.iter().map(|w| (*w).into()).collect(),
        tour_sealed: None,
        plan_b: Vec::new(),
        photo_keys: Vec::new(),
        possible_now: why_not.is_none(),
        may_ring: false,
        why_not: why_not.map(Mismatch::code),
    })
}

/// What residents chose for the parcels of an assignment, all of which are in one pair of hands.
async fn plan_b(app: &App, row: &AssignmentRow) -> Result<Vec<RungJson>, ApiError> {
    if row.is_before {
        return Ok(plan_b::json(PlansB::default().of_home()));
    }
    let plans = app.store.plans_b(row.home).await?;
    let announced = app.store.consignments_at(row.home, "").await?;
    let carried = |commitments: &[Commitment]| commitments.iter().any(|c| row.assignment.errands.contains(c));
    let ids: Vec<_> = announced.iter().filter(|one| carried(&one.commitments)).map(|one| one.id).collect();
    Ok(plan_b::json(&plans.together(&ids)))
}

/// Whom recordings are wrapped to, by the roster in force. In the order of the keys themselves: it tells nothing of whose.
async fn photo_keys(app: &App, row: &AssignmentRow) -> Result<Vec<Bytes64>, ApiError> {
    let Some((roster, _, _)) = app.store.roster_in_force(row.home).await? else { return Ok(Vec::new()) };
    let kems = roster.residents.into_iter().filter_map(|resident| resident.kem);
    let mut kems: Vec<_> = kems.map(|kem| kem.0).collect();
    kems.sort();
    kems.dedup();
    Ok(kems.into_iter().map(Into::into).collect())
}

/// Why an arrival now would not be relayed; none if it would.
async fn mismatch(
    app: &App,
    device: Kid,
    door: DoorId,
    grant: Hash,
    assignment: Option<Hash>,
) -> Result<Option<Mismatch>, ApiError> {
    let arrival = Arrival { visit: VisitId([0; 16]), door, door_tag: DoorTag([0; 16]), grant, assignment };
    Ok(match_now(app, device, &arrival).await?.result.err())
}
