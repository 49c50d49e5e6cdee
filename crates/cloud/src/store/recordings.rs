//! Recordings: which there are, their parts, and who watched. The chunks themselves are `crate::media`'s.

use super::{Store, StoreError, fixed, fixed_or_none, hand_over};
use crate::clock::now_ms;
use crate::limits;
use protocol::Kid;
use protocol::bytes::{HomeId, RecordingId, VisitId};
use sqlx::{query, query_as};

/// One recording, or what is left to say of it.
#[derive(Debug, Clone)]
pub(crate) struct RecordingRow {
    pub(crate) recording: RecordingId,
    pub(crate) visit: VisitId,
    pub(crate) manifest: Option<Vec<u8>>,
    pub(crate) created_ms: i64,
    pub(crate) closed_ms: Option<i64>,
    pub(crate) deleted: Option<Deleted>,
    pub(crate) claim: Option<Claim>,
    /// When a notice said that it is deleted soon.
    pub(crate) noticed_ms: Option<i64>,
}

/// A recording is gone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deleted {
    pub(crate) at_ms: i64,
    /// Who deleted it; nobody if its time was over.
    pub(crate) by: Option<Kid>,
    /// The home's hours, if their end deleted it.
    pub(crate) after_h: Option<u32>,
}

/// A recording is, or was, held for a claim.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claim {
    pub(crate) by: Kid,
    pub(crate) since_ms: i64,
    pub(crate) until_ms: i64,
    pub(crate) released: Option<(Kid, i64)>,
}

impl Claim {
    /// Whether it still holds the recording.
    pub(crate) const fn holds(&self, now_ms: i64) -> bool {
        self.released.is_none() && now_ms < self.until_ms
    }
}

impl RecordingRow {
    /// From when its time is counted. One that nobody closes ends a day after it began.
    pub(crate) fn ended_ms(&self) -> i64 {
        self.closed_ms.unwrap_or(self.created_ms + limits::RECORDING_OPEN_MS_MAX)
    }

    /// The claim that holds it now.
    pub(crate) fn held(&self, now_ms: i64) -> Option<Claim> {
        self.claim.filter(|claim| claim.holds(now_ms))
    }

    /// When it is deleted, in a home with these hours: never before its notice is a while old.
    pub(crate) fn deletes_ms(&self, hours: u32, now_ms: i64) -> i64 {
        let over_ms = self.ended_ms() + i64::from(hours) * limits::HOUR_MS;
        let noticed_ms = self.noticed_ms.filter(|at_ms| *at_ms <= now_ms).unwrap_or(now_ms);
        let free_ms = self.held(now_ms).map_or(over_ms, |claim| over_ms.max(claim.until_ms));
        free_ms.max(noticed_ms + limits::RETENTION_NOTICE_MS)
    }
}

/// Somebody watched.
#[derive(Debug, Clone)]
pub(crate) struct WatchRow {
    pub(crate) kid: Kid,
    /// `live`, `download` or `link`.
    pub(crate) how: String,
    pub(crate) at_ms: i64,
}

type Blob = Vec<u8>;
type RecordingTuple = (
    Blob,
    Blob,
    Option<Blob>,
    i64,
    Option<i64>,
    Option<i64>,
    Option<Blob>,
    Option<u32>,
    Option<Blob>,
    Option<i64>,
    Option<i64>,
    Option<Blob>,
    Option<i64>,
    Option<i64>,
);

/// A query for whole rows of recordings: what [`recording_row`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT recording, visit, manifest, created_ms, closed_ms, deleted_ms, deleted_by, deleted_after_h, \
             kept_by, kept_ms, kept_until_ms, released_by, released_ms, noticed_ms FROM ",
            $rest
        )
    };
}

fn kid(bytes: Option<&[u8]>) -> Result<Option<Kid>, StoreError> {
    Ok(fixed_or_none(bytes, "kid")?.map(Kid))
}

fn recording_row(row: RecordingTuple) -> Result<RecordingRow, StoreError> {
    let (recording, visit, manifest, created_ms, closed_ms, deleted_ms, deleted_by, after_h, ..) = row;
    let (.., kept_by, kept_ms, kept_until_ms, released_by, released_ms, noticed_ms) = row;
    let deleted_by = kid(deleted_by.as_deref())?;
    let released = kid(released_by.as_deref())?.zip(released_ms);
    let claim = match (kid(kept_by.as_deref())?, kept_ms, kept_until_ms) {
        (Some(by), Some(since_ms), Some(until_ms)) => Some(Claim { by, since_ms, until_ms, released }),
        _ => None,
    };
    Ok(RecordingRow {
        recording: RecordingId(fixed(&recording, "recording")?),
        visit: VisitId(fixed(&visit, "visit")?),
        manifest,
        created_ms,
        closed_ms,
        deleted: deleted_ms.map(|at_ms| Deleted { at_ms, by: deleted_by, after_h }),
        claim,
        noticed_ms,
    })
}

impl Store {
    /// Stores a part's header, and the recording with its first part. False if another header is stored, or the recording
    /// is deleted.
    pub(crate) async fn put_part(
        &self,
        home: HomeId,
        recording: RecordingId,
        visit: VisitId,
        part: u32,
        header: Vec<u8>,
        recorder: Kid,
    ) -> Result<bool, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    // A home may send late what was recorded for a household before.
                    let is_before = hand_over::is_visit_before(c, tenant, home, visit).await?;
                    query(
                        "INSERT INTO recordings (tenant, home, recording, visit, created_ms, is_before, hours_before) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&recording.0[..])
                    .bind(&visit.0[..])
                    .bind(now_ms())
                    .bind(is_before)
                    .bind(is_before.then_some(limits::RETENTION_H))
                    .execute(&mut *c)
                    .await?;
                    query(
                        "INSERT INTO recording_parts (tenant, home, recording, part, header, recorder) \
                         SELECT $1, $2, $3, $4, $5, $6 WHERE EXISTS (SELECT 1 FROM recordings \
                         WHERE tenant = $1 AND home = $2 AND recording = $3 AND deleted_ms IS NULL) \
                         ON CONFLICT DO NOTHING",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&recording.0[..])
                    .bind(part)
                    .bind(&header)
                    .bind(&recorder.0[..])
                    .execute(&mut *c)
                    .await?;
                    let sql = "SELECT header, recorder FROM recording_parts \
                               WHERE tenant = $1 AND home = $2 AND recording = $3 AND part = $4";
                    let stored: Option<(Vec<u8>, Vec<u8>)> = query_as(sql)
                        .bind(&tenant[..])
                        .bind(&home.0[..])
                        .bind(&recording.0[..])
                        .bind(part)
                        .fetch_optional(c)
                        .await?;
                    Ok(stored.is_some_and(|stored| stored.0 == header && stored.1 == recorder.0))
                })
            })
            .await
    }

    /// Stores the manifest: the recording is closed.
    pub(crate) async fn close_recording(
        &self,
        home: HomeId,
        recording: RecordingId,
        manifest: Vec<u8>,
    ) -> Result<(), StoreError> {
        let statement = query(
            "UPDATE recordings SET manifest = $4, closed_ms = $5 \
             WHERE tenant = $1 AND home = $2 AND recording = $3 \
             AND manifest IS NULL AND deleted_ms IS NULL",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(&recording.0[..])
        .bind(manifest)
        .bind(now_ms());
        self.main.write.execute(statement).await?;
        Ok(())
    }

    /// Whosever it is.
    pub(crate) async fn recording(
        &self,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<Option<RecordingRow>, StoreError> {
        let sql = select!("recordings WHERE tenant = $1 AND home = $2 AND recording = $3");
        self.one_recording(sql, home, recording).await
    }

    /// If it is of the present household.
    pub(crate) async fn present_recording(
        &self,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<Option<RecordingRow>, StoreError> {
        let sql = select!("present_recordings WHERE tenant = $1 AND home = $2 AND recording = $3");
        self.one_recording(sql, home, recording).await
    }

    async fn one_recording(
        &self,
        sql: &'static str,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<Option<RecordingRow>, StoreError> {
        let row: Option<RecordingTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&recording.0[..])
            .fetch_optional(self.read())
            .await?;
        row.map(recording_row).transpose()
    }

    /// Recordings of the present household that are there, or those that were deleted; newest first.
    pub(crate) async fn recordings(
        &self,
        home: HomeId,
        are_deleted: bool,
        limit: u32,
    ) -> Result<Vec<RecordingRow>, StoreError> {
        let sql = select!(
            "present_recordings WHERE tenant = $1 AND home = $2 AND (deleted_ms IS NOT NULL) = $3 \
             ORDER BY created_ms DESC, recording LIMIT $4"
        );
        let rows: Vec<RecordingTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(are_deleted)
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(recording_row).collect()
    }

    /// Number and header of every part.
    pub(crate) async fn parts(
        &self,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        let sql = "SELECT part, header FROM recording_parts \
                   WHERE tenant = $1 AND home = $2 AND recording = $3 ORDER BY part";
        Ok(query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&recording.0[..])
            .fetch_all(self.read())
            .await?)
    }

    /// Notes that somebody watches; downloads of one hour are one entry.
    pub(crate) async fn put_watch(
        &self,
        home: HomeId,
        recording: RecordingId,
        kid: Kid,
        how: &'static str,
    ) -> Result<(), StoreError> {
        let now = now_ms();
        let at_ms = if how == "live" { now } else { now - now % limits::HOUR_MS };
        let statement = query(
            "INSERT INTO watches (tenant, home, recording, kid, how, at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(&recording.0[..])
        .bind(&kid.0[..])
        .bind(how)
        .bind(at_ms);
        self.main.write.execute(statement).await?;
        Ok(())
    }

    /// The recordings of one visit, whosever they are, also those that were deleted.
    pub(crate) async fn recordings_of(
        &self,
        home: HomeId,
        visit: VisitId,
    ) -> Result<Vec<RecordingRow>, StoreError> {
        let sql =
            select!("recordings WHERE tenant = $1 AND home = $2 AND visit = $3 ORDER BY created_ms LIMIT 16");
        self.some_recordings(sql, home, visit).await
    }

    /// Those of the present household.
    pub(crate) async fn present_recordings_of(
        &self,
        home: HomeId,
        visit: VisitId,
    ) -> Result<Vec<RecordingRow>, StoreError> {
        let sql = select!(
            "present_recordings WHERE tenant = $1 AND home = $2 AND visit = $3 ORDER BY created_ms LIMIT 16"
        );
        self.some_recordings(sql, home, visit).await
    }

    async fn some_recordings(
        &self,
        sql: &'static str,
        home: HomeId,
        visit: VisitId,
    ) -> Result<Vec<RecordingRow>, StoreError> {
        let rows: Vec<RecordingTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&visit.0[..])
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(recording_row).collect()
    }

    pub(crate) async fn watches(
        &self,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<Vec<WatchRow>, StoreError> {
        let sql = "SELECT kid, how, at_ms FROM watches \
                   WHERE tenant = $1 AND home = $2 AND recording = $3 ORDER BY at_ms DESC LIMIT 1000";
        let rows: Vec<(Vec<u8>, String, i64)> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&recording.0[..])
            .fetch_all(self.read())
            .await?;
        rows.into_iter()
            .map(|(kid, how, at_ms)| Ok(WatchRow { kid: Kid(fixed(&kid, "kid")?), how, at_ms }))
            .collect()
    }
}
