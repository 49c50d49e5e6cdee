//! The resident watches: the live picture opened with the resident's key, its age, its gaps.

use crate::client::Cloud;
use crate::keys::Keys;
use crate::people::resident::MyHome;
use crate::people::resident::watch::{Live, Seen};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What the watcher has seen so far.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    newest_ms: AtomicU64,
    frames: AtomicU64,
    gaps: AtomicU64,
}

impl Sight {
    /// Age of the newest picture; none before the first.
    pub(crate) fn age(&self, now_unix_ms: u64) -> Option<Duration> {
        let newest = self.newest_ms.load(Ordering::Relaxed);
        (newest > 0).then(|| Duration::from_millis(now_unix_ms.saturating_sub(newest)))
    }

    /// Pictures seen.
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Gaps seen.
    pub(crate) fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }
}

/// Watches the recording of a visit until it is complete.
pub(crate) fn watch(
    cloud: Cloud,
    home: Arc<MyHome>,
    keys: Keys,
    visit: String,
    on_seen: impl Fn(&Seen) + Send + 'static,
) -> (Arc<Sight>, JoinHandle<anyhow::Result<()>>) {
    let sight = Arc::new(Sight::default());
    let mine = Arc::clone(&sight);
    let task = tokio::spawn(async move {
        // The recording appears at the cloud a moment after the arrival.
        let mut live = loop {
            match Live::join(&cloud, &home, &keys, &visit).await {
                Ok(live) => break live,
                Err(_not_yet) => sleep(Duration::from_millis(100)).await,
            }
        };
        while let Some(seen) = live.next().await? {
            on_seen(&seen);
            match seen {
                Seen::Frame { captured_ms, .. } => {
                    mine.newest_ms.store(captured_ms, Ordering::Relaxed);
                    mine.frames.fetch_add(1, Ordering::Relaxed);
                }
                Seen::Gap(_) => {
                    mine.gaps.fetch_add(1, Ordering::Relaxed);
                }
                Seen::End => break,
                Seen::Init(_) => {}
            }
        }
        Ok(())
    });
    (sight, task)
}
