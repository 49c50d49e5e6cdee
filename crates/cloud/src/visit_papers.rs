//! Challenge, presentation and farewell of a visit: what else only the visitor keeps, and a resident needs to prove a
//! delivery.
//!
//! Owns: the few that pass through are held in memory until the visit is over; then those that the door's log names are
//! sealed to the residents' keys and stored, so that what lies here tells nobody which parcels came. A cloud that is
//! restarted during a visit has none of it.

use crate::app::App;
use crate::clock::random;
use crate::limits;
use crate::store::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::bytes::{HomeId, VisitId};
use protocol::canonical;
use protocol::challenge::Challenge;
use protocol::door_event::{Body, Detail};
use protocol::limits::DETAIL_BYTES_MAX;
use protocol::presentation::Presentation;
use protocol::{Claimed, Hash, Message};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// What the papers are sealed for.
const PURPOSE: &str = "vestibule/1/visit_papers";

type Visit = (HomeId, VisitId);

/// Papers of visits that are under way.
#[derive(Debug, Default)]
pub(crate) struct Passing(Mutex<VecDeque<(Visit, VecDeque<Vec<u8>>)>>);

impl Passing {
    /// Holds a copy of what passes. The oldest make way.
    pub(crate) fn hold(&self, home: HomeId, visit: VisitId, envelope: &[u8]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|(one, _)| *one == (home, visit));
        let (_, mut papers) = place.and_then(|at| all.remove(at)).unwrap_or(((home, visit), VecDeque::new()));
        if papers.len() >= limits::PASSING_PAPERS_MAX {
            papers.pop_front();
        }
        papers.push_back(envelope.to_vec());
        let of_home = |(one, _): &(Visit, VecDeque<Vec<u8>>)| one.0 == home;
        if all.iter().filter(|one| of_home(one)).count() >= limits::PASSING_VISITS_PER_HOME_MAX {
            let oldest = all.iter().position(of_home);
            oldest.and_then(|at| all.remove(at));
        } else if all.len() >= limits::PASSING_VISITS_MAX {
            all.pop_front();
        }
        all.push_back(((home, visit), papers));
    }

    fn take(&self, home: HomeId, visit: VisitId) -> Option<VecDeque<Vec<u8>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|(one, _)| *one == (home, visit))?;
        all.remove(place).map(|(_, papers)| papers)
    }
}

/// Keeps the papers of a visit that has ended, sealed, if its log names them all.
pub(crate) async fn keep(app: &App, home: HomeId, visit: VisitId) -> Result<(), StoreError> {
    let Some(papers) = app.passing.take(home, visit) else { return Ok(()) };
    if app.store.present_visit(home, visit).await?.is_none() {
        // It ended after the home was handed over, and is nobody's who could open them now.
        return Ok(());
    }
    let (mut presented, mut left) = (None, None);
    for row in app.store.events_of(home, visit).await? {
        let Some((_, detail)) = row.opening else { continue };
        match canonical::decode::<Detail>(&detail, DETAIL_BYTES_MAX).map(|detail| detail.body) {
            Ok(Body::Intent(intent)) => presented = Some(intent.presentation),
            Ok(Body::Farewell { farewell, .. }) => left = Some(farewell),
            Ok(_) | Err(_) => {}
        }
    }
    let farewell = named::<protocol::farewell::Farewell>(&papers, left);
    let Some((presentation, claimed)) = named::<Presentation>(&papers, presented) else { return Ok(()) };
    let challenge = named::<Challenge>(&papers, Some(claimed.unproven().challenge));
    let (Some((farewell, _)), Some((challenge, _))) = (farewell, challenge) else { return Ok(()) };
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let plain = serde_json::json!({
        "challenge": text(challenge), "presentation": text(presentation), "farewell": text(farewell),
    })
    .to_string();
    let Some((roster, _, _)) = app.store.roster_in_force(home).await? else { return Ok(()) };
    let mut copies = Vec::new();
    for resident in &roster.residents {
        let Some(kem) = &resident.kem else { continue };
        // A key that is no key gets no copy, as with recordings.
        if let Ok(sealed) = recording::key::seal_to(&kem.0, PURPOSE, plain.as_bytes(), random()) {
            copies.push((resident.credential.kid(), sealed));
        }
    }
    app.store.put_visit_papers(home, visit, copies, app.clock.now_ms()).await
}

fn named<M: Message>(papers: &VecDeque<Vec<u8>>, hash: Option<Hash>) -> Option<(&[u8], Claimed<M>)> {
    papers.iter().find_map(|bytes| {
        let claimed = Claimed::<M>::parse(bytes).ok().filter(|claimed| Some(claimed.hash()) == hash)?;
        Some((bytes.as_slice(), claimed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_paper_and_the_oldest_visit_make_way() {
        let passing = Passing::default();
        let home = HomeId([1; 16]);
        let visit = |n: usize| VisitId(u128::try_from(n).unwrap().to_be_bytes());
        for n in 0..=limits::PASSING_PAPERS_MAX {
            passing.hold(home, visit(0), &n.to_be_bytes());
        }
        let papers = passing.take(home, visit(0)).unwrap();
        assert_eq!(papers.len(), limits::PASSING_PAPERS_MAX);
        assert_eq!(papers[0], 1_usize.to_be_bytes());
        let other = HomeId([2; 16]);
        passing.hold(other, visit(0), b"y");
        for n in 0..=limits::PASSING_VISITS_PER_HOME_MAX {
            passing.hold(home, visit(n), b"x");
        }
        assert_eq!(passing.take(home, visit(0)), None);
        assert!(passing.take(home, visit(1)).is_some());
        assert_eq!(passing.take(other, visit(2)), None);
        assert!(passing.take(other, visit(0)).is_some(), "one home takes no other's room");
        for n in 0..=limits::PASSING_VISITS_MAX {
            passing.hold(HomeId(u128::try_from(n).unwrap().to_be_bytes()), visit(0), b"z");
        }
        assert_eq!(passing.take(HomeId([0; 16]), visit(0)), None);
        assert!(passing.take(HomeId(1_u128.to_be_bytes()), visit(0)).is_some());
    }
}
