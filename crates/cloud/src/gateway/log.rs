//! Taking in the door log: what continues the chain is stored, what contradicts it is evidence, and visits follow.

use crate::app::App;
use crate::limits;
use crate::projection::is_passage;
use crate::store::{HomeRow, NewEvent, NewIncident, Projected, StoreError};
use crate::trust::Ring;
use crate::visit_papers;
use protocol::bytes::{HomeId, VisitId};
use protocol::canonical;
use protocol::door_event::{Body, Class, Detail, DoorEvent};
use protocol::limits::DETAIL_BYTES_MAX;
use protocol::uplink::{DetailOpening, LogEntry};
use protocol::{Claimed, Credential};
use serde_json::json;
use std::time::Instant;

/// Why a batch is not taken at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    #[error("log_oversized: at most {} events in one message", limits::LOG_ENTRIES_MAX)]
    TooMany,
    #[error("log_untrusted: an event is not signed by this home's door key")]
    Untrusted,
    #[error("log_other_door: an event is of another door")]
    OtherDoor,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes events in and projects them; gives the counter up to which they are stored durably.
pub(crate) async fn take_in(app: &App, home: &HomeRow, entries: Vec<LogEntry>) -> Result<u64, NotTaken> {
    if entries.len() > limits::LOG_ENTRIES_MAX {
        return Err(NotTaken::TooMany);
    }
    let mut events = Vec::with_capacity(entries.len());
    for entry in entries {
        events.push(checked(app, home, entry).await?);
    }
    let ended = ended_visits(&events);
    let appended = app.store.append_events(home.home, events).await?;
    for counter in &appended.split {
        report(app, home.home, "split_view", json!({ "counter": counter })).await?;
    }
    if let Some((missing, came)) = appended.gap {
        report(app, home.home, "log_gap", json!({ "missing": missing, "came": came })).await?;
    }
    catch_up(app, home.home, appended.head).await?;
    for visit in ended {
        visit_papers::keep(app, home.home, visit).await?;
    }
    Ok(appended.head)
}

fn ended_visits(events: &[NewEvent]) -> Vec<VisitId> {
    let ended = |event: &NewEvent| {
        let (_, detail) = event.opening.as_ref()?;
        let detail = canonical::decode::<Detail>(detail, DETAIL_BYTES_MAX).ok()?;
        matches!(detail.body, Body::VisitEnded(_)).then_some(event.visit).flatten()
    };
    events.iter().filter_map(ended).collect()
}

async fn report(
    app: &App,
    home: HomeId,
    kind: &'static str,
    about: serde_json::Value,
) -> Result<(), StoreError> {
    app.report(NewIncident { kind, home: Some(home), provider: None, about }).await
}

async fn checked(app: &App, home: &HomeRow, entry: LogEntry) -> Result<NewEvent, NotTaken> {
    let claimed = Claimed::<DoorEvent>::parse(&entry.event.0).map_err(|_| NotTaken::Untrusted)?;
    if claimed.unproven().door != home.door {
        return Err(NotTaken::OtherDoor);
    }
    let door = Credential::device(home.door_key);
    let signed = claimed.verify(&door, &Ring).map_err(|_| NotTaken::Untrusted)?;
    let event = signed.message();
    let mut visit = None;
    let mut opening = None;
    // What a home sends of class `home` is not for the cloud to keep, whoever sent it.
    if let Some(DetailOpening { salt, detail }) = entry.opening.filter(|_| event.class != Class::Home) {
        if let Ok(read) = Detail::open(&detail.0, salt, event.detail) {
            visit = read.visit;
            opening = Some((salt, detail.0));
        } else {
            report(app, home.home, "opening_mismatch", json!({ "counter": event.counter })).await?;
        }
    }
    Ok(NewEvent {
        counter: event.counter,
        hash: signed.hash(),
        prev: event.prev,
        class: match event.class {
            Class::Visit => 0,
            Class::Home => 1,
            Class::System => 2,
        },
        event: signed.bytes().to_vec(),
        opening,
        visit,
    })
}

/// Projects what is stored and not projected yet, page by page: after a batch, and after a restart in between.
pub(crate) async fn catch_up(app: &App, home: HomeId, head: u64) -> Result<(), StoreError> {
    catch_up_with(app, home, head, false).await
}

async fn catch_up_with(app: &App, home: HomeId, head: u64, quiet: bool) -> Result<(), StoreError> {
    let mut done = app.store.projected_to(home).await?;
    while done < head {
        let rows = app.store.events_from(home, done.saturating_add(1), limits::PAGE_ROWS_MAX).await?;
        let Some(to) = rows.last().map(|row| row.counter) else { return Ok(()) };
        let events = rows
            .into_iter()
            .filter_map(|row| {
                let (_, detail) = row.opening?;
                let detail = canonical::decode::<Detail>(&detail, DETAIL_BYTES_MAX).ok()?;
                Some(Projected { counter: row.counter, detail })
            })
            .collect();
        for visit in app.store.project(home, to, events, quiet).await? {
            app.silence.passage(home, visit.visit, is_passage(&visit), Instant::now());
        }
        app.ring(home);
        done = to;
    }
    Ok(())
}

/// Drops the visits of a home and builds them again from its log.
pub(crate) async fn rebuild(app: &App, home: HomeId) -> Result<(), StoreError> {
    app.store.forget_projection(home).await?;
    let head = app.store.log_head(home).await?;
    catch_up_with(app, home, head, true).await
}
