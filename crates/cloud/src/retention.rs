//! For how long recordings are kept.
//!
//! Owns: the look, once a minute, for recordings whose time is over or two thirds of it. Deleting begins with the wrapped
//! keys, in one write with the note of when and why; the objects follow, and again after a crash in between.
//! Does not own: the home's own spool, which it trims once the cloud has stored a recording.

use crate::app::{App, Shared};
use crate::limits;
use crate::store::StoreError;
use std::time::Duration;

/// Looks until the cloud stops.
pub(crate) async fn keep_time(app: Shared) {
    let pause = Duration::from_millis(limits::RETENTION_SWEEP_MS);
    loop {
        if let Err(error) = sweep(&app, app.clock.now_ms()).await {
            tracing::error!(%error, "recordings whose time is over stay for now");
        }
        app.clock.pass(pause).await;
    }
}

async fn sweep(app: &App, now_ms: i64) -> Result<(), StoreError> {
    for (named, hours) in app.store.expired_recordings(now_ms).await? {
        app.store.delete_recording(named, None, Some(hours), now_ms).await?;
    }
    remove_deleted(app).await?;
    app.store.sweep_shares(now_ms).await?;
    for home in app.store.notice_expiring(now_ms).await? {
        app.ring(home);
    }
    Ok(())
}

/// Removes what is left of recordings that the database has deleted.
pub(crate) async fn remove_deleted(app: &App) -> Result<(), StoreError> {
    let deleted = app.store.unswept_recordings().await?;
    if deleted.is_empty() {
        return Ok(());
    }
    let mut trouble = None;
    for (home, recording) in deleted {
        // One that cannot be removed is tried again at the next look, and keeps no other from it.
        match app.media.delete(home, recording).await {
            Ok(()) => app.store.recording_swept((home, recording)).await?,
            Err(error) => trouble = Some(error),
        }
    }
    app.store.forget_deleted().await?;
    trouble.map_or(Ok(()), Err)
}
