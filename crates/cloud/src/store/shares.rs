//! Links to single recordings.

use super::{Store, StoreError, fixed};
use crate::clock::now_ms;
use crate::json::ShareId;
use crate::limits;
use protocol::Kid;
use protocol::bytes::{HomeId, RecordingId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// A link to a recording.
#[derive(Debug, Clone)]
pub(crate) struct ShareRow {
    pub(crate) share: ShareId,
    pub(crate) home: HomeId,
    pub(crate) recording: RecordingId,
    pub(crate) sealed: Vec<u8>,
    pub(crate) by: Kid,
    pub(crate) made_ms: i64,
    pub(crate) until_ms: i64,
    pub(crate) withdrawn_ms: Option<i64>,
}

impl ShareRow {
    /// Whether it still shows something. Once its recording is deleted nothing is left that it opens with.
    pub(crate) const fn counts(&self, now_ms: i64) -> bool {
        self.withdrawn_ms.is_none() && now_ms < self.until_ms && !self.sealed.is_empty()
    }

    /// Whether `other` is this very link, said again by who made it.
    pub(crate) fn is_retried_by(&self, other: &Self) -> bool {
        (self.home, self.recording, self.by) == (other.home, other.recording, other.by)
            && self.sealed == other.sealed
    }
}

type ShareTuple = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, i64, i64, Option<i64>);

fn share_row(row: ShareTuple) -> Result<ShareRow, StoreError> {
    let (share, home, recording, sealed, by, made_ms, until_ms, withdrawn_ms) = row;
    Ok(ShareRow {
        share: ShareId(fixed(&share, "share")?),
        home: HomeId(fixed(&home, "home")?),
        recording: RecordingId(fixed(&recording, "recording")?),
        sealed,
        by: Kid(fixed(&by, "kid")?),
        made_ms,
        until_ms,
        withdrawn_ms,
    })
}

impl Store {
    /// Keeps a link; false if its number is taken, or the recording has as many that count as it may.
    pub(crate) async fn put_share(&self, row: ShareRow) -> Result<bool, StoreError> {
        let statement = query(
            "INSERT INTO shares (tenant, share, home, recording, sealed, made_by, made_ms, until_ms) \
             SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT COUNT(*) FROM shares \
             WHERE tenant = $1 AND home = $3 AND recording = $4 AND withdrawn_ms IS NULL \
             AND until_ms > $7) < $9 AND EXISTS (SELECT 1 FROM recordings WHERE tenant = $1 AND home = $3 \
             AND recording = $4 AND deleted_ms IS NULL) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant())
        .bind(&row.share.0[..])
        .bind(&row.home.0[..])
        .bind(&row.recording.0[..])
        .bind(row.sealed)
        .bind(&row.by.0[..])
        .bind(row.made_ms)
        .bind(row.until_ms)
        .bind(limits::SHARES_PER_RECORDING_MAX);
        Ok(self.main.write.execute(statement).await? == 1)
    }

    pub(crate) async fn share(&self, share: ShareId) -> Result<Option<ShareRow>, StoreError> {
        let sql = "SELECT share, home, recording, sealed, made_by, made_ms, until_ms, withdrawn_ms FROM shares \
                   WHERE tenant = $1 AND share = $2";
        let row: Option<ShareTuple> =
            query_as(sql).bind(self.tenant()).bind(&share.0[..]).fetch_optional(self.read()).await?;
        row.map(share_row).transpose()
    }

    /// Links of the present household, newest first.
    pub(crate) async fn shares(&self, home: HomeId, limit: u32) -> Result<Vec<ShareRow>, StoreError> {
        let sql = "SELECT share, home, recording, sealed, made_by, made_ms, until_ms, withdrawn_ms FROM present_shares \
                   WHERE tenant = $1 AND home = $2 ORDER BY made_ms DESC, share LIMIT $3";
        let rows: Vec<ShareTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(limit).fetch_all(self.read()).await?;
        rows.into_iter().map(share_row).collect()
    }

    /// Ends a link, and overwrites what it opens with; false if this home has no such link.
    pub(crate) async fn withdraw_share(
        &self,
        home: HomeId,
        share: ShareId,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE shares SET sealed = $4, withdrawn_ms = COALESCE(withdrawn_ms, $5) \
                   WHERE tenant = $1 AND home = $2 AND share = $3 AND is_before = 0";
        Ok(self
            .main
            .write
            .execute(
                query(sql)
                    .bind(self.tenant())
                    .bind(&home.0[..])
                    .bind(&share.0[..])
                    .bind(&[][..])
                    .bind(now_ms),
            )
            .await?
            == 1)
    }

    /// Overwrites what links opened with whose time is over, and says of how many; the rows stay to be listed.
    pub(crate) async fn sweep_shares(&self, now_ms: i64) -> Result<u64, StoreError> {
        let sql = "UPDATE shares SET sealed = $3 WHERE tenant = $1 AND length(sealed) > 0 AND until_ms <= $2";
        self.main.write.execute(query(sql).bind(self.tenant()).bind(now_ms).bind(&[][..])).await
    }
}

/// Ends the links of whoever is not a resident any more; what they opened with is overwritten.
pub(super) async fn end_of_strangers(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
) -> Result<(), StoreError> {
    query(
        "UPDATE shares SET sealed = x'', withdrawn_ms = $3 \
         WHERE tenant = $1 AND home = $2 AND withdrawn_ms IS NULL AND made_by NOT IN (SELECT kid FROM roster_keys WHERE tenant = $1 AND home = $2)",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(())
}
