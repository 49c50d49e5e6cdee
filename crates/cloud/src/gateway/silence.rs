//! A home that says nothing for 5 seconds while its door is unlocked: the operator, the residents and the visitor are
//! told, since nobody else will.

use crate::app::Shared;
use crate::limits;
use crate::store::NewIncident;
use protocol::bytes::{HomeId, VisitId};
use protocol::uplink::ToVisitor;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
struct Watched {
    visits: BTreeSet<VisitId>,
    heard: Instant,
    is_told: bool,
}

/// Homes with a passage going on.
#[derive(Debug, Default)]
pub(crate) struct Silence(Mutex<HashMap<HomeId, Watched>>);

impl Silence {
    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<HomeId, Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A passage of this visit goes on, or is over.
    pub(crate) fn passage(&self, home: HomeId, visit: VisitId, is_open: bool, now: Instant) {
        let mut all = self.locked();
        if is_open {
            let watched = all.entry(home).or_insert_with(|| Watched {
                visits: BTreeSet::new(),
                heard: now,
                is_told: false,
            });
            watched.visits.insert(visit);
        } else if let Some(watched) = all.get_mut(&home) {
            watched.visits.remove(&visit);
            if watched.visits.is_empty() {
                all.remove(&home);
            }
        }
    }

    /// The home said something.
    pub(crate) fn heard(&self, home: HomeId, now: Instant) {
        if let Some(watched) = self.locked().get_mut(&home) {
            watched.heard = now;
            watched.is_told = false;
        }
    }

    /// Homes that have just become silent for too long, each once.
    fn newly_silent(&self, now: Instant) -> Vec<(HomeId, VisitId)> {
        let limit = Duration::from_millis(limits::SILENCE_MS);
        let mut found = Vec::new();
        for (home, watched) in self.locked().iter_mut() {
            if !watched.is_told && now.saturating_duration_since(watched.heard) >= limit {
                watched.is_told = true;
                found.extend(watched.visits.iter().map(|visit| (*home, *visit)));
            }
        }
        found
    }
}

/// Looks for silence until the cloud stops. Passages that were open before a restart are watched as well.
pub(crate) async fn watch_silence(app: Shared) {
    match app.store.passages_open().await {
        Ok(open) => {
            for (home, visit) in open {
                app.silence.passage(home, visit, true, Instant::now());
            }
        }
        Err(error) => tracing::error!(%error, "open passages cannot be read"),
    }
    let mut look = tokio::time::interval(Duration::from_millis(limits::SILENCE_LOOK_MS));
    while app.unless_stopped(look.tick()).await.is_some() {
        for (home, visit) in app.silence.newly_silent(Instant::now()) {
            // First the person at the door: pull it shut, then wait.
            app.visitors.tell(home, visit, ToVisitor::CloseDoor);
            app.visitors.tell(home, visit, ToVisitor::Wait);
            let about = serde_json::json!({ "visit": crate::json::Id(visit) });
            let incident =
                NewIncident { kind: "home_silent_in_passage", home: Some(home), provider: None, about };
            if let Err(error) = app.report(incident).await {
                tracing::error!(%error, "incident not stored");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: HomeId = HomeId([1; 16]);
    const VISIT: VisitId = VisitId([2; 16]);

    #[test]
    fn silence_counts_during_a_passage_only_and_is_told_once() {
        let silence = Silence::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        assert!(silence.newly_silent(at(60_000)).is_empty());
        silence.passage(HOME, VISIT, true, at(0));
        silence.heard(HOME, at(1_000));
        assert!(silence.newly_silent(at(5_900)).is_empty());
        assert_eq!(silence.newly_silent(at(6_000)), [(HOME, VISIT)]);
        assert!(silence.newly_silent(at(7_000)).is_empty());
        silence.heard(HOME, at(8_000));
        assert_eq!(silence.newly_silent(at(13_000)), [(HOME, VISIT)]);
        silence.passage(HOME, VISIT, false, at(13_000));
        assert!(silence.newly_silent(at(60_000)).is_empty());
    }
}
