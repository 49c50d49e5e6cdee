//! Visitors at doors: one stream of words per visit, and the last word for a handset that comes back.

use crate::limits;
use protocol::Kid;
use protocol::bytes::{HomeId, VisitId};
use protocol::uplink::ToVisitor;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc;

#[derive(Debug)]
struct AtDoor {
    home: HomeId,
    device: Kid,
    words: mpsc::Sender<ToVisitor>,
    last: Option<ToVisitor>,
}

/// All visitors whose arrival matched.
#[derive(Debug, Default)]
pub(crate) struct Visitors(Mutex<HashMap<VisitId, AtDoor>>);

impl Visitors {
    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<VisitId, AtDoor>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Attaches a stream to a visit, in place of an older one of the same device. Repeats the last word.
    /// `None` if another device or home has this visit.
    pub(crate) fn attach(
        &self,
        visit: VisitId,
        home: HomeId,
        device: Kid,
    ) -> Option<mpsc::Receiver<ToVisitor>> {
        let (words, stream) = mpsc::channel(limits::VISITOR_QUEUE_MAX);
        let mut all = self.locked();
        if all.len() >= limits::VISITS_REMEMBERED_MAX {
            all.retain(|_, at| !at.words.is_closed());
        }
        let last = match all.get(&visit) {
            Some(at) if at.home != home || at.device != device => return None,
            Some(at) => at.last.clone(),
            None => None,
        };
        // Never an old challenge: the home answers this arrival with a fresh one, and has forgotten the old one if it
        // started again meanwhile. Nor how long a caller waits: the home says how much is left.
        let is_old = |word: &ToVisitor| {
            matches!(
                word,
                ToVisitor::Challenge(_)
                    | ToVisitor::Asked(_)
                    | ToVisitor::Coming(_)
                    | ToVisitor::Permitted(_)
            )
        };
        if let Some(word) = last.clone().filter(|word| !is_old(word)) {
            // The channel is new and empty.
            let _sent = words.try_send(word);
        }
        all.insert(visit, AtDoor { home, device, words, last });
        Some(stream)
    }

    /// Passes a word on. Only the visit's own home may speak; a visitor who does not read loses the stream.
    pub(crate) fn tell(&self, home: HomeId, visit: VisitId, word: ToVisitor) {
        let mut all = self.locked();
        let Some(at) = all.get_mut(&visit).filter(|at| at.home == home) else { return };
        let is_over = word == ToVisitor::Ended;
        at.last = Some(word.clone());
        let _full_or_gone = at.words.try_send(word);
        if is_over {
            all.remove(&visit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISIT: VisitId = VisitId([1; 16]);
    const HOME: HomeId = HomeId([2; 16]);
    const DEVICE: Kid = Kid([3; 32]);

    #[test]
    fn only_the_visits_own_home_speaks_and_only_its_device_listens() {
        let visitors = Visitors::default();
        let mut stream = visitors.attach(VISIT, HOME, DEVICE).unwrap();
        visitors.tell(HomeId([9; 16]), VISIT, ToVisitor::Open);
        assert!(stream.try_recv().is_err());
        assert!(visitors.attach(VISIT, HOME, Kid([9; 32])).is_none());
        visitors.tell(HOME, VISIT, ToVisitor::Open);
        assert_eq!(stream.try_recv(), Ok(ToVisitor::Open));
    }

    #[test]
    fn who_comes_back_hears_the_last_word_again() {
        let visitors = Visitors::default();
        drop(visitors.attach(VISIT, HOME, DEVICE));
        visitors.tell(HOME, VISIT, ToVisitor::CloseDoor);
        let mut stream = visitors.attach(VISIT, HOME, DEVICE).unwrap();
        assert_eq!(stream.try_recv(), Ok(ToVisitor::CloseDoor));
    }

    #[test]
    fn who_comes_back_is_never_given_an_old_challenge() {
        let visitors = Visitors::default();
        drop(visitors.attach(VISIT, HOME, DEVICE));
        visitors.tell(HOME, VISIT, ToVisitor::Challenge(protocol::bytes::Blob(vec![1])));
        assert!(visitors.attach(VISIT, HOME, DEVICE).unwrap().try_recv().is_err());
    }
}
