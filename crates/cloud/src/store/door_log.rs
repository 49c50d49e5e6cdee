//! The door logs: signed events as they came, and the evidence when two of them contradict each other.

use super::{Store, StoreError, fixed, fixed_or_none};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use protocol::Hash;
use protocol::bytes::{HomeId, Salt, VisitId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// A verified event on its way in.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) counter: u64,
    pub(crate) hash: Hash,
    pub(crate) prev: Hash,
    /// `Class` as a number, as on the wire.
    pub(crate) class: i64,
    pub(crate) event: Vec<u8>,
    /// Salt and detail that open the commitment.
    pub(crate) opening: Option<(Salt, Vec<u8>)>,
    pub(crate) visit: Option<VisitId>,
}

/// A stored event.
#[derive(Debug, Clone)]
pub(crate) struct EventRow {
    pub(crate) counter: u64,
    pub(crate) hash: Hash,
    pub(crate) event: Vec<u8>,
    pub(crate) opening: Option<(Salt, Vec<u8>)>,
    pub(crate) visit: Option<VisitId>,
    /// None where the reader is not to know.
    pub(crate) received_ms: Option<i64>,
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Appended {
    /// Counter of the newest stored event.
    pub(crate) head: u64,
    /// Counters at which a signed event contradicts a stored one: another event, or another predecessor.
    pub(crate) split: Vec<u64>,
    /// Counters that are missing: the first, and the one that came instead.
    pub(crate) gap: Option<(u64, u64)>,
}

type EventTuple = (i64, Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, i64);

fn event_row(
    (counter, hash, event, salt, detail, visit, received_ms): EventTuple,
) -> Result<EventRow, StoreError> {
    let salt = fixed_or_none(salt.as_deref(), "salt")?.map(Salt);
    Ok(EventRow {
        counter: unsigned(counter),
        hash: Hash(fixed(&hash, "hash")?),
        event,
        opening: salt.zip(detail),
        visit: fixed_or_none(visit.as_deref(), "visit")?.map(VisitId),
        received_ms: Some(received_ms),
    })
}

impl Store {
    /// Appends what continues the chain; everything else is evidence. Answers after the commit.
    pub(crate) async fn append_events(
        &self,
        home: HomeId,
        events: Vec<NewEvent>,
    ) -> Result<Appended, StoreError> {
        let tenant = self.tenant.0;
        self.door_log.write.run(move |c| Box::pin(append(c, tenant, home, events))).await
    }

    /// Counter of the newest stored event; zero for none.
    pub(crate) async fn log_head(&self, home: HomeId) -> Result<u64, StoreError> {
        let mut reader = self.door_log.read.acquire().await?;
        Ok(head(&mut reader, self.tenant.0, home).await?.0)
    }

    /// Events from a counter on.
    pub(crate) async fn events_from(
        &self,
        home: HomeId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<EventRow>, StoreError> {
        let sql = "SELECT counter, hash, event, salt, detail, visit, received_ms FROM door_events \
                   WHERE tenant = $1 AND home = $2 AND counter >= $3 ORDER BY counter LIMIT $4";
        let rows: Vec<EventTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(signed(from))
            .bind(limit)
            .fetch_all(&self.door_log.read)
            .await?;
        rows.into_iter().map(event_row).collect()
    }

    /// Events of one visit.
    pub(crate) async fn events_of(&self, home: HomeId, visit: VisitId) -> Result<Vec<EventRow>, StoreError> {
        let sql = "SELECT counter, hash, event, salt, detail, visit, received_ms FROM door_events \
                   WHERE tenant = $1 AND home = $2 AND visit = $3 ORDER BY counter LIMIT 1000";
        let rows: Vec<EventTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&visit.0[..])
            .fetch_all(&self.door_log.read)
            .await?;
        rows.into_iter().map(event_row).collect()
    }

    /// The events that contradict the log: counter and envelope.
    pub(crate) async fn log_conflicts(&self, home: HomeId) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let sql = "SELECT counter, event FROM door_conflicts WHERE tenant = $1 AND home = $2 \
                   ORDER BY counter LIMIT 1000";
        let rows: Vec<(i64, Vec<u8>)> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(&self.door_log.read).await?;
        Ok(rows.into_iter().map(|(counter, event)| (unsigned(counter), event)).collect())
    }
}

async fn head(c: &mut SqliteConnection, tenant: [u8; 16], home: HomeId) -> Result<(u64, Hash), StoreError> {
    let sql = "SELECT counter, hash FROM door_events WHERE tenant = $1 AND home = $2 \
               ORDER BY counter DESC LIMIT 1";
    let row: Option<(i64, Vec<u8>)> =
        query_as(sql).bind(&tenant[..]).bind(&home.0[..]).fetch_optional(c).await?;
    row.map_or(Ok((0, Hash::ZERO)), |(counter, hash)| Ok((unsigned(counter), Hash(fixed(&hash, "hash")?))))
}

async fn append(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    events: Vec<NewEvent>,
) -> Result<Appended, StoreError> {
    let (mut counter, mut hash) = head(c, tenant, home).await?;
    let mut result = Appended::default();
    for event in events {
        if event.counter <= counter {
            if !same_as_stored(c, tenant, home, &event).await? {
                insert_conflict(c, tenant, home, &event).await?;
                result.split.push(event.counter);
            }
        } else if event.counter > counter.saturating_add(1) {
            result.gap = result.gap.or(Some((counter.saturating_add(1), event.counter)));
        } else if event.prev != hash {
            insert_conflict(c, tenant, home, &event).await?;
            result.split.push(event.counter);
        } else {
            insert_event(c, tenant, home, &event).await?;
            (counter, hash) = (event.counter, event.hash);
        }
    }
    result.head = counter;
    Ok(result)
}

async fn same_as_stored(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    event: &NewEvent,
) -> Result<bool, StoreError> {
    let sql = "SELECT hash FROM door_events WHERE tenant = $1 AND home = $2 AND counter = $3";
    let row: Option<(Vec<u8>,)> = query_as(sql)
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(signed(event.counter))
        .fetch_optional(c)
        .await?;
    Ok(row.is_some_and(|(hash,)| hash == event.hash.0))
}

async fn insert_event(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    event: &NewEvent,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO door_events \
         (tenant, home, counter, hash, class, event, salt, detail, visit, received_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(signed(event.counter))
    .bind(&event.hash.0[..])
    .bind(event.class)
    .bind(&event.event)
    .bind(event.opening.as_ref().map(|(salt, _)| &salt.0[..]))
    .bind(event.opening.as_ref().map(|(_, detail)| &detail[..]))
    .bind(event.visit.as_ref().map(|visit| &visit.0[..]))
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(())
}

async fn insert_conflict(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    event: &NewEvent,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO door_conflicts (tenant, home, counter, hash, event, received_ms) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(signed(event.counter))
    .bind(&event.hash.0[..])
    .bind(&event.event)
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(())
}
