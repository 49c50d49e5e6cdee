//! Passing chunks on to watchers while they arrive. From memory, and never waiting for anybody: a watcher who does
//! not keep up is dropped.
//!
//! Watchers get the very frames that the recorder sent ([`protocol::media::ToMedia`]): first the header of every part,
//! then the newest part's first chunk and those since its last joinable one, then whatever comes.

use crate::limits;
use bytes::Bytes;
use protocol::bytes::{HomeId, RecordingId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc;

#[derive(Debug, Default)]
struct Part {
    header: Bytes,
    /// The part's first chunk: without its codec data no later one can be shown.
    first: Bytes,
    /// Frames since the last joinable chunk; empty while there is no place to join.
    tail: Vec<Bytes>,
    tail_bytes: usize,
    /// Number of the next chunk that is news; earlier ones are repetitions after a reconnect.
    next: u64,
}

#[derive(Debug, Default)]
struct Recording {
    parts: BTreeMap<u32, Part>,
    watchers: Vec<mpsc::Sender<Bytes>>,
}

/// All recordings that grow now.
#[derive(Debug, Default)]
pub(crate) struct Live(Mutex<HashMap<(HomeId, RecordingId), Recording>>);

/// Why somebody cannot watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotWatched {
    /// The recording does not grow now.
    NotLive,
    /// Too many watch already.
    Crowded,
}

impl Live {
    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<(HomeId, RecordingId), Recording>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something will come: whoever watches may wait for it.
    pub(crate) fn expect(&self, home: HomeId, recording: RecordingId) {
        self.locked().entry((home, recording)).or_default();
    }

    /// True if somebody watches now.
    pub(crate) fn is_watched(&self, home: HomeId, recording: RecordingId) -> bool {
        let all = self.locked();
        let watchers = all.get(&(home, recording)).map(|live| &live.watchers);
        watchers.is_some_and(|watchers| watchers.iter().any(|watcher| !watcher.is_closed()))
    }

    /// A part begins.
    pub(crate) fn part(&self, home: HomeId, recording: RecordingId, part: u32, frame: &Bytes) {
        let mut all = self.locked();
        let live = all.entry((home, recording)).or_default();
        live.parts.entry(part).or_default().header = frame.clone();
        pass_on(live, frame);
    }

    /// A chunk came.
    pub(crate) fn chunk(
        &self,
        home: HomeId,
        recording: RecordingId,
        part: u32,
        (sequence, joinable): (u64, bool),
        frame: &Bytes,
    ) {
        let mut all = self.locked();
        let Some(live) = all.get_mut(&(home, recording)) else { return };
        if let Some(part) = live.parts.get_mut(&part) {
            if sequence < part.next {
                return;
            }
            part.next = sequence.saturating_add(1);
            if sequence == 0 {
                part.first = frame.clone();
            }
            if joinable || part.tail_bytes.saturating_add(frame.len()) > limits::LIVE_TAIL_BYTES_MAX {
                part.tail.clear();
                part.tail_bytes = 0;
            }
            if joinable || !part.tail.is_empty() {
                part.tail_bytes += frame.len();
                part.tail.push(frame.clone());
            }
        }
        pass_on(live, frame);
    }

    /// The recording is complete: watchers get the manifest and the end.
    pub(crate) fn finish(&self, home: HomeId, recording: RecordingId, frame: &Bytes) {
        if let Some(mut live) = self.locked().remove(&(home, recording)) {
            pass_on(&mut live, frame);
        }
    }

    /// Ends it for all watchers.
    pub(crate) fn forget(&self, home: HomeId, recording: RecordingId) {
        self.locked().remove(&(home, recording));
    }

    pub(crate) fn is_live(&self, home: HomeId, recording: RecordingId) -> bool {
        self.locked().contains_key(&(home, recording))
    }

    /// What to send first, and the stream of what follows without a gap. The stream ends when the recording does,
    /// or when the watcher is too slow.
    pub(crate) fn watch(
        &self,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<(Vec<Bytes>, mpsc::Receiver<Bytes>), NotWatched> {
        let mut all = self.locked();
        let live = all.get_mut(&(home, recording)).ok_or(NotWatched::NotLive)?;
        live.watchers.retain(|watcher| !watcher.is_closed());
        if live.watchers.len() >= limits::WATCHERS_MAX {
            return Err(NotWatched::Crowded);
        }
        let mut first: Vec<Bytes> = live.parts.values().map(|part| part.header.clone()).collect();
        // Earlier parts have ended: only the newest one grows.
        if let Some(newest) = live.parts.values().last() {
            let is_in_tail = newest.tail.first() == Some(&newest.first);
            first.extend(Some(newest.first.clone()).filter(|chunk| !chunk.is_empty() && !is_in_tail));
            first.extend(newest.tail.iter().cloned());
        }
        let (watcher, stream) = mpsc::channel(limits::WATCHER_QUEUE_MAX);
        live.watchers.push(watcher);
        Ok((first, stream))
    }
}

fn pass_on(live: &mut Recording, frame: &Bytes) {
    live.watchers.retain(|watcher| watcher.try_send(frame.clone()).is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: HomeId = HomeId([1; 16]);
    const RECORDING: RecordingId = RecordingId([2; 16]);

    fn frame(byte: u8) -> Bytes {
        Bytes::from(vec![byte])
    }

    #[test]
    fn a_watcher_joins_at_the_last_joinable_chunk_without_a_gap() {
        let live = Live::default();
        assert_eq!(live.watch(HOME, RECORDING).unwrap_err(), NotWatched::NotLive);
        live.part(HOME, RECORDING, 0, &frame(0));
        for (byte, joinable) in [(1, true), (2, false), (3, true), (4, false)] {
            live.chunk(HOME, RECORDING, 0, (byte.into(), joinable), &frame(byte));
        }
        let (first, mut stream) = live.watch(HOME, RECORDING).unwrap();
        assert_eq!(first, [frame(0), frame(3), frame(4)]);
        live.chunk(HOME, RECORDING, 0, (4, false), &frame(4));
        live.chunk(HOME, RECORDING, 0, (5, false), &frame(5));
        live.finish(HOME, RECORDING, &frame(6));
        assert_eq!(stream.try_recv(), Ok(frame(5)));
        assert_eq!(stream.try_recv(), Ok(frame(6)));
        assert_eq!(stream.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }

    #[test]
    fn a_slow_watcher_is_dropped_and_nobody_waits() {
        let live = Live::default();
        live.part(HOME, RECORDING, 0, &frame(0));
        let (_, mut slow) = live.watch(HOME, RECORDING).unwrap();
        for sequence in 0..=limits::WATCHER_QUEUE_MAX as u64 {
            live.chunk(HOME, RECORDING, 0, (sequence, false), &frame(1));
        }
        let mut got = 0;
        while slow.try_recv().is_ok() {
            got += 1;
        }
        assert_eq!(got, limits::WATCHER_QUEUE_MAX);
        assert_eq!(slow.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }
}
