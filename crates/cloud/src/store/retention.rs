//! For how long recordings are kept: a home's hours, claims that hold one, and what is deleted when.

use super::{Store, StoreError, fixed, incidents};
use crate::json::Id;
use crate::limits;
use protocol::Kid;
use protocol::bytes::{HomeId, RecordingId, VisitId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// For how long a home keeps its recordings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    pub(crate) hours: u32,
    /// Which owner chose, and when; nobody did if absent.
    pub(crate) chosen: Option<(Kid, i64)>,
}

/// Names one recording.
pub(crate) type Named = (HomeId, RecordingId);

type ExpiringTuple = (Vec<u8>, Vec<u8>, Vec<u8>, i64, bool);

/// A recording that is deleted soon.
struct Expiring {
    home: HomeId,
    recording: RecordingId,
    visit: VisitId,
    deletes_ms: i64,
    /// Of a household before: there is nobody to tell.
    is_before: bool,
}

impl Store {
    /// The home's hours.
    pub(crate) async fn retention(&self, home: HomeId) -> Result<Retention, StoreError> {
        let sql = "SELECT hours, set_by, set_ms FROM retention WHERE tenant = $1 AND home = $2";
        let row: Option<(u32, Vec<u8>, i64)> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_optional(self.read()).await?;
        let Some((hours, by, at_ms)) = row else {
            return Ok(Retention { hours: limits::RETENTION_H, chosen: None });
        };
        Ok(Retention { hours, chosen: Some((Kid(fixed(&by, "kid")?), at_ms)) })
    }

    pub(crate) async fn put_retention(
        &self,
        home: HomeId,
        hours: u32,
        by: Kid,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    query(
                        "INSERT INTO retention (tenant, home, hours, set_by, set_ms) VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (tenant, home) DO UPDATE SET hours = excluded.hours, \
                         set_by = excluded.set_by, set_ms = excluded.set_ms",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(hours)
                    .bind(&by.0[..])
                    .bind(now_ms)
                    .execute(&mut *c)
                    .await?;
                    // What a notice said before is not true any more.
                    let sql = "UPDATE recordings SET noticed_ms = NULL \
                               WHERE tenant = $1 AND home = $2 AND deleted_ms IS NULL AND is_before = 0";
                    query(sql).bind(&tenant[..]).bind(&home.0[..]).execute(c).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Holds a recording for a claim, unless one holds it already. When that is over, a notice comes anew.
    pub(crate) async fn hold_recording(
        &self,
        (home, recording): Named,
        by: Kid,
        until_ms: i64,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let statement = query(
            "UPDATE recordings SET kept_by = $4, kept_ms = $5, kept_until_ms = $6, \
             released_by = NULL, released_ms = NULL, noticed_ms = NULL \
             WHERE tenant = $1 AND home = $2 AND recording = $3 AND deleted_ms IS NULL \
             AND (kept_by IS NULL OR released_ms IS NOT NULL)",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(&recording.0[..])
        .bind(&by.0[..])
        .bind(now_ms)
        .bind(until_ms);
        self.main.write.execute(statement).await?;
        Ok(())
    }

    /// Lets go of a recording that a claim holds.
    pub(crate) async fn release_recording(
        &self,
        (home, recording): Named,
        by: Kid,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let statement = query(
            "UPDATE recordings SET released_by = $4, released_ms = $5 \
             WHERE tenant = $1 AND home = $2 AND recording = $3 \
             AND kept_by IS NOT NULL AND released_ms IS NULL",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(&recording.0[..])
        .bind(&by.0[..])
        .bind(now_ms);
        self.main.write.execute(statement).await?;
        Ok(())
    }

    /// Deletes what is stored of a recording here: first of all the wrapped keys, without which nobody can open what is
    /// left. The row stays, and who watched. False if a claim holds it, or it was deleted before.
    pub(crate) async fn delete_recording(
        &self,
        (home, recording): Named,
        by: Option<Kid>,
        after_h: Option<u32>,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    let deleted = query(
                        "UPDATE recordings SET manifest = NULL, deleted_ms = $4, deleted_by = $5, \
                         deleted_after_h = $6 \
                         WHERE tenant = $1 AND home = $2 AND recording = $3 AND deleted_ms IS NULL \
                         AND (kept_by IS NULL OR released_ms IS NOT NULL OR kept_until_ms <= $4)",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&recording.0[..])
                    .bind(now_ms)
                    .bind(by.as_ref().map(|kid| &kid.0[..]))
                    .bind(after_h)
                    .execute(&mut *c)
                    .await?
                    .rows_affected();
                    if deleted == 0 {
                        return Ok(false);
                    }
                    for sql in [
                        // A visit may have another recording that is kept.
                        "DELETE FROM visit_papers WHERE tenant = $1 AND home = $2 AND visit = \
                         (SELECT visit FROM recordings WHERE tenant = $1 AND home = $2 AND recording = $3) \
                         AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.tenant = $1 AND r.home = $2 \
                         AND r.visit = visit_papers.visit AND r.deleted_ms IS NULL)",
                        "UPDATE shares SET sealed = x'' WHERE tenant = $1 AND home = $2 AND recording = $3",
                        "DELETE FROM recording_parts WHERE tenant = $1 AND home = $2 AND recording = $3",
                    ] {
                        query(sql)
                            .bind(&tenant[..])
                            .bind(&home.0[..])
                            .bind(&recording.0[..])
                            .execute(&mut *c)
                            .await?;
                    }
                    Ok(true)
                })
            })
            .await
    }

    /// Recordings whose time is over, that no claim holds and of which a notice was left a while ago, each with its home's
    /// hours.
    pub(crate) async fn expired_recordings(&self, now_ms: i64) -> Result<Vec<(Named, u32)>, StoreError> {
        let sql = "SELECT r.home, r.recording, COALESCE(r.hours_before, t.hours, $3) FROM recordings r \
                   LEFT JOIN retention t ON t.tenant = r.tenant AND t.home = r.home \
                   WHERE r.tenant = $1 AND r.deleted_ms IS NULL \
                   AND (r.kept_by IS NULL OR r.released_ms IS NOT NULL OR r.kept_until_ms <= $2) \
                   AND COALESCE(r.closed_ms, r.created_ms + $4) + COALESCE(r.hours_before, t.hours, $3) * $5 <= $2 \
                   AND r.noticed_ms <= $7 ORDER BY r.created_ms LIMIT $6";
        let rows: Vec<(Vec<u8>, Vec<u8>, u32)> = query_as(sql)
            .bind(self.tenant())
            .bind(now_ms)
            .bind(limits::RETENTION_H)
            .bind(limits::RECORDING_OPEN_MS_MAX)
            .bind(limits::HOUR_MS)
            .bind(limits::RECORDINGS_SWEPT_MAX)
            .bind(now_ms - limits::RETENTION_NOTICE_MS)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(|(home, recording, hours)| Ok((named(&home, &recording)?, hours))).collect()
    }

    /// Deleted recordings whose objects may be there still.
    pub(crate) async fn unswept_recordings(&self) -> Result<Vec<Named>, StoreError> {
        let sql = "SELECT home, recording FROM recordings \
                   WHERE tenant = $1 AND deleted_ms IS NOT NULL AND is_swept = 0 LIMIT $2";
        let rows: Vec<(Vec<u8>, Vec<u8>)> = query_as(sql)
            .bind(self.tenant())
            .bind(limits::RECORDINGS_SWEPT_MAX)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(|(home, recording)| named(&home, &recording)).collect()
    }

    /// Looks once more for objects of what was deleted since then: the cloud may have been stopped while it still wrote them.
    pub(crate) async fn sweep_again(&self, since_ms: i64) -> Result<(), StoreError> {
        let sql = "UPDATE recordings SET is_swept = 0 WHERE tenant = $1 AND deleted_ms >= $2";
        self.main.write.execute(query(sql).bind(self.tenant()).bind(since_ms)).await?;
        Ok(())
    }

    /// Deletes papers that are as old as their home's recordings become, unless one of their visit is kept: of a visit
    /// without a recording, or that ended after its recording was deleted. Gives how many.
    pub(crate) async fn sweep_papers(&self, now_ms: i64) -> Result<u64, StoreError> {
        let statement = query(
            "DELETE FROM visit_papers WHERE tenant = $1 AND kept_ms + $4 * COALESCE((SELECT hours FROM retention t \
             WHERE t.tenant = $1 AND t.home = visit_papers.home), $3) <= $2 \
             AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.tenant = $1 AND r.home = visit_papers.home \
             AND r.visit = visit_papers.visit AND r.deleted_ms IS NULL)",
        )
        .bind(self.tenant())
        .bind(now_ms)
        .bind(limits::RETENTION_H)
        .bind(limits::HOUR_MS);
        self.main.write.execute(statement).await
    }

    /// The objects are gone as well.
    pub(crate) async fn recording_swept(&self, (home, recording): Named) -> Result<(), StoreError> {
        let sql = "UPDATE recordings SET is_swept = 1 WHERE tenant = $1 AND home = $2 AND recording = $3";
        self.main
            .write
            .execute(query(sql).bind(self.tenant()).bind(&home.0[..]).bind(&recording.0[..]))
            .await?;
        Ok(())
    }

    /// Leaves a notice for each recording of which two thirds of its time are over, once; gives the homes to wake. One that
    /// was left when the clock was ahead counts for nothing.
    pub(crate) async fn notice_expiring(&self, now_ms: i64) -> Result<Vec<HomeId>, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    let mut homes = Vec::new();
                    for one in expiring(c, tenant, now_ms).await? {
                        homes.push(one.home);
                        leave_notice(c, tenant, one, now_ms).await?;
                    }
                    Ok(homes)
                })
            })
            .await
    }
}

fn named(home: &[u8], recording: &[u8]) -> Result<Named, StoreError> {
    Ok((HomeId(fixed(home, "home")?), RecordingId(fixed(recording, "recording")?)))
}

async fn expiring(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    now_ms: i64,
) -> Result<Vec<Expiring>, StoreError> {
    let sql = "SELECT r.home, r.recording, r.visit, \
               COALESCE(r.closed_ms, r.created_ms + $4) + COALESCE(r.hours_before, t.hours, $3) * $5, r.is_before FROM recordings r \
               LEFT JOIN retention t ON t.tenant = r.tenant AND t.home = r.home \
               WHERE r.tenant = $1 AND r.deleted_ms IS NULL AND (r.noticed_ms IS NULL OR r.noticed_ms > $2) \
               AND (r.kept_by IS NULL OR r.released_ms IS NOT NULL OR r.kept_until_ms <= $2) \
               AND COALESCE(r.closed_ms, r.created_ms + $4) + COALESCE(r.hours_before, t.hours, $3) * $5 * 2 / 3 <= $2 \
               ORDER BY r.created_ms LIMIT $6";
    let rows: Vec<ExpiringTuple> = query_as(sql)
        .bind(&tenant[..])
        .bind(now_ms)
        .bind(limits::RETENTION_H)
        .bind(limits::RECORDING_OPEN_MS_MAX)
        .bind(limits::HOUR_MS)
        .bind(limits::RECORDINGS_SWEPT_MAX)
        .fetch_all(c)
        .await?;
    rows.into_iter()
        .map(|(home, recording, visit, deletes_ms, is_before)| {
            let ((home, recording), visit) = (named(&home, &recording)?, VisitId(fixed(&visit, "visit")?));
            let deletes_ms = deletes_ms.max(now_ms + limits::RETENTION_NOTICE_MS);
            Ok(Expiring { home, recording, visit, deletes_ms, is_before })
        })
        .collect()
}

async fn leave_notice(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    one: Expiring,
    now_ms: i64,
) -> Result<(), StoreError> {
    query("UPDATE recordings SET noticed_ms = $4 WHERE tenant = $1 AND home = $2 AND recording = $3")
        .bind(&tenant[..])
        .bind(&one.home.0[..])
        .bind(&one.recording.0[..])
        .bind(now_ms)
        .execute(&mut *c)
        .await?;
    if one.is_before {
        return Ok(());
    }
    let about = serde_json::json!({ "recording": Id(one.recording), "deletes_ms": one.deletes_ms });
    let notice = incidents::NewNotice { home: one.home, kind: "clip_expires", visit: Some(one.visit), about };
    incidents::insert_notice(c, tenant, notice).await
}
