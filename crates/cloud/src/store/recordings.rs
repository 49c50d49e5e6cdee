//! Recordings: which there are, their parts, and who watched. The chunks themselves are `crate::media`'s.

use super::{Store, StoreError, fixed};
use crate::clock::now_ms;
use protocol::Kid;
use protocol::bytes::{HomeId, RecordingId, VisitId};
use sqlx::{query, query_as};

/// One recording.
#[derive(Debug, Clone)]
pub(crate) struct RecordingRow {
    pub(crate) recording: RecordingId,
    pub(crate) visit: VisitId,
    pub(crate) manifest: Option<Vec<u8>>,
    pub(crate) created_ms: i64,
    pub(crate) closed_ms: Option<i64>,
}

/// Somebody watched.
#[derive(Debug, Clone)]
pub(crate) struct WatchRow {
    pub(crate) kid: Kid,
    /// `live` or `download`.
    pub(crate) how: String,
    pub(crate) at_ms: i64,
}

type RecordingTuple = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, i64, Option<i64>);

fn recording_row(row: RecordingTuple) -> Result<RecordingRow, StoreError> {
    let (recording, visit, manifest, created_ms, closed_ms) = row;
    Ok(RecordingRow {
        recording: RecordingId(fixed(&recording, "recording")?),
        visit: VisitId(fixed(&visit, "visit")?),
        manifest,
        created_ms,
        closed_ms,
    })
}

impl Store {
    /// Stores a part's header, and the recording with its first part. False if another header is stored.
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
                    query(
                        "INSERT INTO recordings (tenant, home, recording, visit, created_ms) \
                         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&recording.0[..])
                    .bind(&visit.0[..])
                    .bind(now_ms())
                    .execute(&mut *c)
                    .await?;
                    query(
                        "INSERT INTO recording_parts (tenant, home, recording, part, header, recorder) \
                         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
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
                    let stored: (Vec<u8>, Vec<u8>) = query_as(sql)
                        .bind(&tenant[..])
                        .bind(&home.0[..])
                        .bind(&recording.0[..])
                        .bind(part)
                        .fetch_one(c)
                        .await?;
                    Ok(stored.0 == header && stored.1 == recorder.0)
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
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    query(
                        "UPDATE recordings SET manifest = $4, closed_ms = $5 \
                         WHERE tenant = $1 AND home = $2 AND recording = $3 AND manifest IS NULL",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&recording.0[..])
                    .bind(manifest)
                    .bind(now_ms())
                    .execute(c)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    pub(crate) async fn recording(
        &self,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<Option<RecordingRow>, StoreError> {
        let sql = "SELECT recording, visit, manifest, created_ms, closed_ms FROM recordings \
                   WHERE tenant = $1 AND home = $2 AND recording = $3";
        let row: Option<RecordingTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&recording.0[..])
            .fetch_optional(self.read())
            .await?;
        row.map(recording_row).transpose()
    }

    /// Recordings of one home, newest first.
    pub(crate) async fn recordings(&self, home: HomeId, limit: u32) -> Result<Vec<RecordingRow>, StoreError> {
        let sql = "SELECT recording, visit, manifest, created_ms, closed_ms FROM recordings \
                   WHERE tenant = $1 AND home = $2 ORDER BY created_ms DESC, recording LIMIT $3";
        let rows: Vec<RecordingTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(limit).fetch_all(self.read()).await?;
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

    /// Forgets a recording and its parts; the list of who watched stays.
    pub(crate) async fn delete_recording(
        &self,
        home: HomeId,
        recording: RecordingId,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    for sql in [
                        "DELETE FROM recording_parts WHERE tenant = $1 AND home = $2 AND recording = $3",
                        "DELETE FROM recordings WHERE tenant = $1 AND home = $2 AND recording = $3",
                    ] {
                        query(sql)
                            .bind(&tenant[..])
                            .bind(&home.0[..])
                            .bind(&recording.0[..])
                            .execute(&mut *c)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Notes that somebody watches; downloads of one hour are one entry.
    pub(crate) async fn put_watch(
        &self,
        home: HomeId,
        recording: RecordingId,
        kid: Kid,
        how: &'static str,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        let now = now_ms();
        let at_ms = if how == "live" { now } else { now - now % crate::limits::HOUR_MS };
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    query(
                        "INSERT INTO watches (tenant, home, recording, kid, how, at_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&recording.0[..])
                    .bind(&kid.0[..])
                    .bind(how)
                    .bind(at_ms)
                    .execute(c)
                    .await?;
                    Ok(())
                })
            })
            .await
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
