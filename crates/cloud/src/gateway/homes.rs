//! The homes that are connected, and the questions that wait for their answers.

use crate::limits;
use protocol::Hash;
use protocol::bytes::{Blob, HomeId, Nonce};
use protocol::uplink::ToHome;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// One home's connection.
#[derive(Debug)]
pub(crate) struct Link {
    id: u64,
    out: mpsc::Sender<ToHome>,
    /// The newest beat that the home sent.
    beat: AtomicU64,
    has_beat: Notify,
    heard_ms: AtomicI64,
    /// New papers wait in the store.
    pub(crate) papers: Notify,
    /// A newer connection took over.
    pub(crate) replaced: Notify,
}

impl Link {
    pub(crate) fn beat(&self) -> u64 {
        self.beat.load(Ordering::Relaxed)
    }

    pub(crate) fn set_beat(&self, beat: u64) {
        self.beat.fetch_max(beat, Ordering::Relaxed);
        self.has_beat.notify_waiters();
    }

    /// Resolves once the home has sent a beat.
    pub(crate) async fn beats(&self) {
        loop {
            // Hears of a beat from here on, so that none comes in between.
            let next = self.has_beat.notified();
            if self.beat() > 0 {
                return;
            }
            next.await;
        }
    }

    pub(crate) fn heard(&self, now_ms: i64) {
        self.heard_ms.store(now_ms, Ordering::Relaxed);
    }

    pub(crate) fn heard_ms(&self) -> i64 {
        self.heard_ms.load(Ordering::Relaxed)
    }

    /// True if the home was heard lately; a dead network shows long before the connection ends.
    pub(crate) fn is_alive(&self, now_ms: i64) -> bool {
        now_ms - self.heard_ms() < limits::HOME_ALIVE_MS
    }

    /// Sends without waiting; false if the home is not taking messages.
    pub(crate) fn send(&self, message: ToHome) -> bool {
        self.out.try_send(message).is_ok()
    }
}

/// Tells whoever waits for a paper or a look: a refusal code, or none if it is kept or shown.
type TellKept = oneshot::Sender<Option<String>>;

/// All connected homes. At most one connection each.
#[derive(Debug, Default)]
pub(crate) struct Homes {
    links: Mutex<HashMap<HomeId, Arc<Link>>>,
    next_id: AtomicU64,
    heads: Mutex<HashMap<Nonce, oneshot::Sender<Vec<u8>>>>,
    kept: Mutex<HashMap<(HomeId, u64), TellKept>>,
    looks: Mutex<HashMap<(HomeId, Hash), TellKept>>,
}

/// What a home said about a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HomesWord {
    Pending,
    Kept,
    Refused(String),
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Homes {
    /// Takes an authenticated connection in, in place of an older one.
    pub(crate) fn connect(&self, home: HomeId, now_ms: i64) -> (Arc<Link>, mpsc::Receiver<ToHome>) {
        let (out, queue) = mpsc::channel(limits::HOME_QUEUE_MAX);
        let link = Arc::new(Link {
            id: self.next_id.fetch_add(1, Ordering::Relaxed),
            out,
            beat: AtomicU64::new(0),
            has_beat: Notify::new(),
            heard_ms: AtomicI64::new(now_ms),
            papers: Notify::new(),
            replaced: Notify::new(),
        });
        if let Some(old) = locked(&self.links).insert(home, Arc::clone(&link)) {
            old.replaced.notify_one();
        }
        (link, queue)
    }

    /// Forgets a connection, unless a newer one took its place.
    pub(crate) fn disconnect(&self, home: HomeId, link: &Link) {
        let mut links = locked(&self.links);
        if links.get(&home).is_some_and(|present| present.id == link.id) {
            links.remove(&home);
        }
    }

    pub(crate) fn link(&self, home: HomeId) -> Option<Arc<Link>> {
        locked(&self.links).get(&home).cloned()
    }

    /// True if the home is connected and was heard lately.
    pub(crate) fn is_online(&self, home: HomeId, now_ms: i64) -> bool {
        self.link(home).is_some_and(|link| link.is_alive(now_ms))
    }

    pub(crate) fn count(&self) -> usize {
        locked(&self.links).len()
    }

    /// Sends at once or not at all.
    pub(crate) fn send(&self, home: HomeId, message: ToHome) -> bool {
        self.link(home).is_some_and(|link| link.send(message))
    }

    /// Wakes the home's connection: papers wait.
    pub(crate) fn papers_wait(&self, home: HomeId) {
        if let Some(link) = self.link(home) {
            link.papers.notify_one();
        }
    }

    /// Waits a little for the home's word on a paper.
    pub(crate) async fn await_kept(&self, home: HomeId, seq: u64) -> HomesWord {
        let (tell, told) = oneshot::channel();
        locked(&self.kept).insert((home, seq), tell);
        self.papers_wait(home);
        let answer = tokio::time::timeout(Duration::from_millis(limits::KEPT_WAIT_MS), told).await;
        let mut kept = locked(&self.kept);
        // Another upload of the same paper may wait under the same number by now: only ours is closed.
        if kept.get(&(home, seq)).is_some_and(oneshot::Sender::is_closed) {
            kept.remove(&(home, seq));
        }
        match answer {
            Ok(Ok(None)) => HomesWord::Kept,
            Ok(Ok(Some(code))) => HomesWord::Refused(code),
            Ok(Err(_)) | Err(_) => HomesWord::Pending,
        }
    }

    pub(crate) fn answered(&self, home: HomeId, seq: u64, refused: Option<String>) {
        if let Some(tell) = locked(&self.kept).remove(&(home, seq)) {
            // Whoever asked may have gone away; the answer is in the store.
            let _gone = tell.send(refused);
        }
    }

    /// Asks for the signed head over a nonce; `None` if the home is offline, full, or does not answer in time.
    pub(crate) async fn head(&self, home: HomeId, nonce: Nonce) -> Option<Vec<u8>> {
        let (tell, told) = oneshot::channel();
        {
            let mut heads = locked(&self.heads);
            if heads.len() >= limits::HEADS_OPEN_MAX {
                return None;
            }
            heads.insert(nonce, tell);
        }
        let mut answer = None;
        if self.send(home, ToHome::HeadWanted(nonce)) {
            let wait = Duration::from_millis(limits::HEAD_WAIT_MS);
            answer = tokio::time::timeout(wait, told).await.ok().and_then(Result::ok);
        }
        locked(&self.heads).remove(&nonce);
        answer
    }

    /// Passes a look on at once or not at all, and waits for the home's answer: a refusal code, or none if the camera is
    /// shown. `None` if there is no answer.
    pub(crate) async fn look(&self, home: HomeId, look: Hash, envelope: Blob) -> Option<Option<String>> {
        let (tell, told) = oneshot::channel();
        {
            let mut looks = locked(&self.looks);
            if looks.len() >= limits::HEADS_OPEN_MAX {
                return None;
            }
            looks.insert((home, look), tell);
        }
        let mut answer = None;
        if self.send(home, ToHome::Look(envelope)) {
            let wait = Duration::from_millis(limits::LOOK_WAIT_MS);
            answer = tokio::time::timeout(wait, told).await.ok().and_then(Result::ok);
        }
        locked(&self.looks).remove(&(home, look));
        answer
    }

    pub(crate) fn look_answered(&self, home: HomeId, look: Hash, refused: Option<String>) {
        if let Some(tell) = locked(&self.looks).remove(&(home, look)) {
            let _gone = tell.send(refused);
        }
    }

    pub(crate) fn head_came(&self, nonce: Nonce, head: Vec<u8>) {
        if let Some(tell) = locked(&self.heads).remove(&nonce) {
            let _gone = tell.send(head);
        }
    }
}
