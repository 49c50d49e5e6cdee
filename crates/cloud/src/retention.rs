//! For how long recordings are kept, and photos of where parcels went.
//!
//! Owns: the look, once a minute, for recordings whose time is over or two thirds of it. Nothing is deleted by a clock that was
//! set lately, nor before its notice is a while old. Deleting begins with the wrapped keys, in one write with the note of when
//! and why; the objects follow, and again after a crash in between. Photos go by the same hours, from when they came, without a
//! notice: they show the outside, and are there to find a parcel.
//! Does not own: the home's own spool, which it trims once the cloud has stored a recording.

use crate::app::{App, Shared};
use crate::clock::Moment;
use crate::limits;
use crate::store::{Named, StoreError};
use protocol::bytes::{Hash, HomeId};
use std::time::Duration;

/// Looks until the cloud stops.
pub(crate) async fn keep_time(app: Shared) {
    let pause = Duration::from_millis(limits::RETENTION_SWEEP_MS);
    let mut moved = app.clock.moved();
    let began = app.clock.look();
    let mut even = Even::from(began);
    if let Err(error) = app.store.sweep_again(began.now_ms - limits::SWEEP_AGAIN_MS).await {
        tracing::error!(%error, "what was left of recordings when the cloud stopped is not looked for");
    }
    loop {
        let moment = app.clock.look();
        if let Err(error) = sweep(&app, even.look(moment).then_some(moment.now_ms)).await {
            tracing::error!(%error, "recordings whose time is over stay for now");
        }
        app.clock.swept_at(moment);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _moved = moved.changed() => {}
            () = app.stopped() => return,
        }
    }
}

/// Since when the clock has gone evenly: as far as time passed.
#[derive(Debug)]
struct Even {
    since_ms: i64,
    last: Moment,
}

impl From<Moment> for Even {
    fn from(last: Moment) -> Self {
        Self { since_ms: last.passed_ms, last }
    }
}

impl Even {
    /// Whether the clock is believed. One that was set is believed again after it has gone evenly for a while.
    fn look(&mut self, moment: Moment) -> bool {
        let went_ms = moment.now_ms.saturating_sub(self.last.now_ms);
        let passed_ms = moment.passed_ms.saturating_sub(self.last.passed_ms);
        let set_by_ms = went_ms.saturating_sub(passed_ms);
        self.last = moment;
        if set_by_ms.saturating_abs() > limits::CLOCK_STEP_MS_MAX {
            let wait_ms = limits::CLOCK_EVEN_MS;
            tracing::error!(
                set_by_ms,
                wait_ms,
                "the clock was set; nothing is deleted until it has gone evenly"
            );
            self.since_ms = moment.passed_ms;
        }
        moment.passed_ms.saturating_sub(self.since_ms) >= limits::CLOCK_EVEN_MS
    }
}

/// `now_ms` only if the clock is believed.
async fn sweep(app: &App, now_ms: Option<i64>) -> Result<(), StoreError> {
    if let Some(now_ms) = now_ms {
        for home in app.store.notice_expiring(now_ms).await? {
            app.ring(home);
        }
        for (named, hours) in app.store.expired_recordings(now_ms).await? {
            app.store.delete_recording(named, None, Some(hours), now_ms).await?;
        }
        app.store.sweep_shares(now_ms).await?;
        app.store.sweep_papers(now_ms).await?;
        app.store.expire_left_photos(now_ms).await?;
    }
    let mut trouble = None;
    for named in app.store.unswept_recordings().await? {
        // One that cannot be removed is tried again at the next look, and keeps no other from it.
        trouble = remove_objects(app, named).await.err().or(trouble);
    }
    for (home, left) in app.store.unswept_left_photos().await? {
        trouble = remove_photo(app, home, left).await.err().or(trouble);
    }
    // Each time: whoever erased something, here or elsewhere, may have been stopped before this.
    app.store.forget_deleted().await?;
    trouble.map_or(Ok(()), Err)
}

/// What the database has erased lies nowhere any more, nor the objects of this recording. What cannot be done now is done at
/// the next look.
pub(crate) async fn forget(app: &App, recording: Option<Named>) {
    let removed = match recording {
        Some(named) => remove_objects(app, named).await,
        None => Ok(()),
    };
    let forgotten = app.store.forget_deleted().await;
    if let Err(error) = removed.and(forgotten) {
        tracing::warn!(%error, "what was deleted is removed at the next look");
    }
}

async fn remove_objects(app: &App, named: Named) -> Result<(), StoreError> {
    app.media.delete(named.0, named.1).await?;
    app.store.recording_swept(named).await
}

async fn remove_photo(app: &App, home: HomeId, left: Hash) -> Result<(), StoreError> {
    app.media.delete_photo(home, left).await?;
    app.store.left_photo_swept((home, left)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Played;

    #[test]
    fn a_clock_is_believed_after_it_has_gone_evenly_from_the_start_or_since_it_was_set() {
        let hour = limits::CLOCK_EVEN_MS;
        let at = |now_ms, passed_ms| Moment { now_ms, passed_ms, played: Played::default() };
        let mut even = Even::from(at(1_000, 0));
        assert!(!even.look(at(1_000, 0)));
        assert!(!even.look(at(hour, hour - 1_000)));
        assert!(even.look(at(1_000 + hour, hour)));
        // Slewed a little, then an hour ahead, then back.
        assert!(even.look(at(1_000 + hour + limits::CLOCK_STEP_MS_MAX, hour)));
        assert!(!even.look(at(2 * hour, hour)));
        assert!(even.look(at(3 * hour, 2 * hour)));
        assert!(!even.look(at(2 * hour, 2 * hour)));
        assert!(!even.look(at(3 * hour - 1, 3 * hour - 1)));
        assert!(even.look(at(3 * hour, 3 * hour)));
    }
}
