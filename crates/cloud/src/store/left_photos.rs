//! Which sealed photos are kept, and which were deleted when. The photos themselves are `crate::media`'s.

use super::{Store, StoreError, fixed};
use crate::limits;
use protocol::bytes::{Hash, HomeId};
use sqlx::{query, query_as};

/// What is known of one photo that came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PhotoRow {
    pub(crate) received_ms: i64,
    pub(crate) is_stored: bool,
    /// When it was deleted, and after how many hours.
    pub(crate) deleted: Option<(i64, u32)>,
}

/// What the database says of one photo; all nothing if none came.
pub(super) type PhotoTuple = (Option<i64>, Option<bool>, Option<i64>, Option<u32>);

pub(super) fn photo_row((received_ms, is_stored, deleted_ms, after_h): PhotoTuple) -> Option<PhotoRow> {
    let deleted = deleted_ms.zip(after_h);
    Some(PhotoRow { received_ms: received_ms?, is_stored: is_stored?, deleted })
}

/// Names one photo: its home, and H(left) of the report that names it.
pub(crate) type NamedPhoto = (HomeId, Hash);

impl Store {
    /// Notes that a photo comes, before its object is written: whatever lies there has a row by which it is found and deleted.
    pub(crate) async fn expect_left_photo(
        &self,
        (home, hash): NamedPhoto,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO left_photos (tenant, home, hash, received_ms) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        let statement = query(sql).bind(self.tenant()).bind(&home.0[..]).bind(&hash.0[..]).bind(now_ms);
        self.main.write.execute(statement).await?;
        Ok(())
    }

    /// The object is whole. False if the photo was deleted meanwhile.
    pub(crate) async fn left_photo_stored(&self, (home, hash): NamedPhoto) -> Result<bool, StoreError> {
        let sql = "UPDATE left_photos SET is_stored = 1 \
                   WHERE tenant = $1 AND home = $2 AND hash = $3 AND deleted_ms IS NULL";
        let statement = query(sql).bind(self.tenant()).bind(&home.0[..]).bind(&hash.0[..]);
        Ok(self.main.write.execute(statement).await? == 1)
    }

    /// Marks as deleted what is as old as its home's recordings become. The objects follow.
    pub(crate) async fn expire_left_photos(&self, now_ms: i64) -> Result<u64, StoreError> {
        let statement = query(
            "UPDATE left_photos SET deleted_ms = $2, deleted_after_h = COALESCE((SELECT hours FROM retention t \
             WHERE t.tenant = $1 AND t.home = left_photos.home), $3) \
             WHERE tenant = $1 AND deleted_ms IS NULL \
             AND received_ms + $4 * COALESCE((SELECT hours FROM retention t \
             WHERE t.tenant = $1 AND t.home = left_photos.home), $3) <= $2",
        )
        .bind(self.tenant())
        .bind(now_ms)
        .bind(limits::RETENTION_H)
        .bind(limits::HOUR_MS);
        self.main.write.execute(statement).await
    }

    /// Deleted photos whose objects may be there still.
    pub(crate) async fn unswept_left_photos(&self) -> Result<Vec<NamedPhoto>, StoreError> {
        let sql = "SELECT home, hash FROM left_photos \
                   WHERE tenant = $1 AND deleted_ms IS NOT NULL AND is_swept = 0 LIMIT $2";
        let rows: Vec<(Vec<u8>, Vec<u8>)> = query_as(sql)
            .bind(self.tenant())
            .bind(limits::RECORDINGS_SWEPT_MAX)
            .fetch_all(self.read())
            .await?;
        let named = |(home, hash): (Vec<u8>, Vec<u8>)| -> Result<NamedPhoto, StoreError> {
            Ok((HomeId(fixed(&home, "home")?), Hash(fixed(&hash, "hash")?)))
        };
        rows.into_iter().map(named).collect()
    }

    /// The object is gone as well.
    pub(crate) async fn left_photo_swept(&self, (home, hash): NamedPhoto) -> Result<(), StoreError> {
        let sql = "UPDATE left_photos SET is_swept = 1 WHERE tenant = $1 AND home = $2 AND hash = $3";
        let statement = query(sql).bind(self.tenant()).bind(&home.0[..]).bind(&hash.0[..]);
        self.main.write.execute(statement).await?;
        Ok(())
    }
}
