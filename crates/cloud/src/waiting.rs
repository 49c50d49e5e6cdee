//! Waiting for news instead of asking again and again: bells that wake, and how many may wait.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes those who wait for something; what came is read from the store.
#[derive(Debug)]
pub(crate) struct Bells<K>(Mutex<Hung<K>>);

#[derive(Debug)]
struct Hung<K> {
    bells: HashMap<K, watch::Sender<()>>,
    /// At this many, those that nobody listens to any more are taken down.
    tidy_at: usize,
}

impl<K> Default for Bells<K> {
    fn default() -> Self {
        Self(Mutex::new(Hung { bells: HashMap::new(), tidy_at: 0 }))
    }
}

impl<K: Hash + Eq + Copy> Bells<K> {
    pub(crate) fn listen(&self, about: K) -> watch::Receiver<()> {
        let mut hung = locked(&self.0);
        if hung.bells.len() >= hung.tidy_at {
            hung.bells.retain(|_, bell| bell.receiver_count() > 0);
            // Each that is hung pays for looking at two: whoever listens to a whole tour does not look at all for each stop.
            hung.tidy_at = 2 * hung.bells.len();
        }
        hung.bells.entry(about).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    pub(crate) fn ring(&self, about: K) {
        if let Some(bell) = locked(&self.0).bells.get(&about) {
            bell.send_replace(());
        }
    }
}

/// How many questions wait, in all and for each who asks.
#[derive(Debug)]
pub(crate) struct Waits<K: Hash + Eq> {
    all_max: usize,
    each_max: usize,
    each: Arc<Mutex<HashMap<K, usize>>>,
    all: Arc<()>,
}

/// Why one may not wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// Too many wait, whoever asks.
    All,
    /// This one waits too often already.
    Own,
}

/// A place among those who wait, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Hash + Eq> {
    who: K,
    each: Arc<Mutex<HashMap<K, usize>>>,
    _one: Arc<()>,
}

impl<K: Hash + Eq + Copy> Waits<K> {
    pub(crate) fn new(all_max: usize, each_max: usize) -> Self {
        Self { all_max, each_max, each: Arc::default(), all: Arc::default() }
    }

    pub(crate) fn place(&self, who: K) -> Result<Place<K>, NoPlace> {
        let mut each = locked(&self.each);
        // One of them is our own; who leaves meanwhile only makes room.
        if Arc::strong_count(&self.all) > self.all_max {
            return Err(NoPlace::All);
        }
        let own = each.entry(who).or_default();
        if *own >= self.each_max {
            return Err(NoPlace::Own);
        }
        *own += 1;
        Ok(Place { who, each: Arc::clone(&self.each), _one: Arc::clone(&self.all) })
    }
}

impl<K: Hash + Eq> Drop for Place<K> {
    fn drop(&mut self) {
        let mut each = locked(&self.each);
        if let Some(own) = each.get_mut(&self.who) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                each.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_wakes_those_who_listen_to_it_and_no_others() {
        let bells = Bells::default();
        let (mut one, mut other) = (bells.listen(1), bells.listen(2));
        bells.ring(1);
        bells.ring(3);
        assert!(one.has_changed().unwrap());
        assert!(!other.has_changed().unwrap());
        one.mark_unchanged();
        other.mark_unchanged();
        bells.ring(2);
        assert!(!one.has_changed().unwrap());
        assert!(other.has_changed().unwrap());
    }

    #[test]
    fn bells_that_nobody_listens_to_are_taken_down_and_those_that_are_stay() {
        let bells = Bells::default();
        let kept = bells.listen(0);
        for about in 1..10_000 {
            drop(bells.listen(about));
        }
        assert!(locked(&bells.0).bells.len() < 10, "{}", locked(&bells.0).bells.len());
        bells.ring(0);
        assert!(kept.has_changed().unwrap());
    }

    #[test]
    fn so_many_wait_and_a_place_is_free_again_once_its_owner_left() {
        let waits = Waits::new(3, 2);
        let (first, second) = (waits.place(1).unwrap(), waits.place(1).unwrap());
        assert_eq!(waits.place(1).unwrap_err(), NoPlace::Own);
        let third = waits.place(2).unwrap();
        assert_eq!(waits.place(2).unwrap_err(), NoPlace::All);
        drop(first);
        assert!(waits.place(1).is_ok(), "and dropped at once");
        drop((second, third));
        assert!(locked(&waits.each).is_empty());
    }
}
