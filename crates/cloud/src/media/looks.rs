//! Looks: what a camera sees outside a visit, passed on while it comes. In memory, and never anywhere else: this file
//! knows neither store nor disk.

use super::live::{Live, NotWatched};
use crate::limits;
use bytes::Bytes;
use protocol::bytes::{HomeId, RecordingId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Looks that a resident asked for.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    live: Live,
    open: Mutex<HashMap<(HomeId, RecordingId), Instant>>,
}

impl Looks {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<(HomeId, RecordingId), Instant>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A resident asks: what comes of it will be passed on. False if too many look through this cloud, or this very look
    /// goes on.
    pub(crate) fn expect(&self, home: HomeId, look: RecordingId, now: Instant) -> bool {
        let mut open = self.open();
        open.retain(|(home, look), since| {
            let lives = now.duration_since(*since) < limits::LOOK_LIFE;
            if !lives {
                self.live.forget(*home, *look);
            }
            lives
        });
        let of_home = open.keys().filter(|(other, _)| *other == home).count();
        let is_full = open.len() >= limits::LOOKS_OPEN_MAX || of_home >= limits::LOOKS_OF_HOME_MAX;
        if is_full || open.contains_key(&(home, look)) {
            return false;
        }
        open.insert((home, look), now);
        self.live.expect(home, look);
        true
    }

    /// It begins. What nobody asked for goes nowhere.
    pub(crate) fn begin(&self, home: HomeId, look: RecordingId, frame: &Bytes) {
        if self.live.is_live(home, look) {
            self.live.part(home, look, 0, frame);
        }
    }

    /// A chunk came. False if nobody watches: not any more, or not within the first seconds.
    pub(crate) fn chunk(
        &self,
        home: HomeId,
        look: RecordingId,
        numbered: (u64, bool),
        frame: &Bytes,
        now: Instant,
    ) -> bool {
        self.live.chunk(home, look, 0, numbered, frame);
        let is_new = |since: &Instant| now.duration_since(*since) < limits::LOOK_JOIN;
        self.live.is_watched(home, look) || self.open().get(&(home, look)).is_some_and(is_new)
    }

    /// It is over: whoever watches gets the last word and the end.
    pub(crate) fn finish(&self, home: HomeId, look: RecordingId, frame: &Bytes) {
        self.open().remove(&(home, look));
        self.live.finish(home, look, frame);
    }

    /// It was refused, nobody watches, or its time is over.
    pub(crate) fn forget(&self, home: HomeId, look: RecordingId) {
        self.open().remove(&(home, look));
        self.live.forget(home, look);
    }

    /// What to send first, and the stream of what follows.
    pub(crate) fn watch(
        &self,
        home: HomeId,
        look: RecordingId,
    ) -> Result<(Vec<Bytes>, mpsc::Receiver<Bytes>), NotWatched> {
        self.live.watch(home, look)
    }

    /// How long a watcher's connection lives at most.
    pub(crate) const fn life() -> Duration {
        limits::LOOK_LIFE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: HomeId = HomeId([1; 16]);
    const LOOK: RecordingId = RecordingId([2; 16]);

    fn frame(byte: u8) -> Bytes {
        Bytes::from(vec![byte])
    }

    #[test]
    fn what_nobody_asked_for_goes_nowhere() {
        let (looks, now) = (Looks::default(), Instant::now());
        looks.begin(HOME, LOOK, &frame(0));
        assert!(!looks.chunk(HOME, LOOK, (0, true), &frame(1), now));
        assert!(looks.watch(HOME, LOOK).is_err());
    }

    #[test]
    fn a_watcher_may_come_first_and_hears_of_the_end() {
        let (looks, now) = (Looks::default(), Instant::now());
        assert!(looks.expect(HOME, LOOK, now));
        assert!(!looks.expect(HOME, LOOK, now), "a look that is sent twice goes on");
        let (first, mut stream) = looks.watch(HOME, LOOK).unwrap();
        assert!(first.is_empty());
        looks.begin(HOME, LOOK, &frame(0));
        assert!(looks.chunk(HOME, LOOK, (0, false), &frame(1), now + limits::LOOK_JOIN));
        looks.finish(HOME, LOOK, &frame(2));
        for byte in 0..3 {
            assert_eq!(stream.try_recv(), Ok(frame(byte)));
        }
        assert_eq!(stream.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
        assert!(looks.watch(HOME, LOOK).is_err());
    }

    #[test]
    fn a_look_that_nobody_watches_is_told() {
        let (looks, now) = (Looks::default(), Instant::now());
        looks.expect(HOME, LOOK, now);
        looks.begin(HOME, LOOK, &frame(0));
        let watcher = looks.watch(HOME, LOOK).unwrap();
        assert!(looks.chunk(HOME, LOOK, (0, false), &frame(1), now + limits::LOOK_JOIN));
        drop(watcher);
        assert!(looks.chunk(HOME, LOOK, (1, false), &frame(1), now), "somebody may yet come");
        assert!(!looks.chunk(HOME, LOOK, (2, false), &frame(1), now + limits::LOOK_JOIN));
    }

    #[test]
    fn few_are_open_at_once_and_old_ones_make_way() {
        let (looks, now) = (Looks::default(), Instant::now());
        for n in 0..limits::LOOKS_OF_HOME_MAX {
            assert!(looks.expect(HOME, RecordingId([u8::try_from(n).unwrap(); 16]), now));
        }
        assert!(!looks.expect(HOME, RecordingId([99; 16]), now));
        assert!(looks.expect(HomeId([9; 16]), RecordingId([99; 16]), now));
        assert!(looks.expect(HOME, RecordingId([99; 16]), now + limits::LOOK_LIFE));
        assert!(looks.watch(HOME, RecordingId([0; 16])).is_err());
    }
}
