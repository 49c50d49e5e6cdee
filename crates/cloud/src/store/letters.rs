//! Letters between devices that have no key here yet: an identifier and ciphertext, for a day.

use super::{Store, StoreError};
use crate::json::LetterboxId;
use crate::limits;
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// The two places of a letterbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Slot {
    /// Of the device that opened the link.
    Request,
    /// Of the device that made it.
    Reply,
}

impl Slot {
    const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reply => "reply",
        }
    }
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It lies there now, or did already.
    Kept,
    /// Another letter lies there.
    Taken,
    /// Too many letters are kept, by everybody together.
    Full,
}

impl Store {
    /// Leaves a letter until [`limits::LETTER_LIFE_MS`] from now, unless another one lies there.
    pub(crate) async fn put_letter(
        &self,
        id: LetterboxId,
        slot: Slot,
        letter: Vec<u8>,
        now_ms: i64,
    ) -> Result<Left, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| Box::pin(async move { put_letter(c, tenant, id, slot, &letter, now_ms).await }))
            .await
    }

    /// The letter in a slot, if one lies there and has not run out.
    pub(crate) async fn letter(
        &self,
        id: LetterboxId,
        slot: Slot,
        now_ms: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT letter FROM letters WHERE tenant = $1 AND id = $2 AND slot = $3 AND until_ms > $4";
        let row: Option<(Vec<u8>,)> = query_as(sql)
            .bind(self.tenant())
            .bind(&id.0[..])
            .bind(slot.name())
            .bind(now_ms)
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(|(letter,)| letter))
    }

    /// Deletes letters that have run out, as many as one write may; gives how many that were.
    pub(crate) async fn sweep_letters(&self, now_ms: i64) -> Result<u64, StoreError> {
        let statement = query(
            "DELETE FROM letters WHERE (tenant, id, slot) IN \
             (SELECT tenant, id, slot FROM letters WHERE tenant = $1 AND until_ms <= $2 LIMIT $3)",
        )
        .bind(self.tenant())
        .bind(now_ms)
        .bind(limits::LETTERS_SWEPT_MAX);
        self.main.write.execute(statement).await
    }
}

async fn put_letter(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    id: LetterboxId,
    slot: Slot,
    letter: &[u8],
    now_ms: i64,
) -> Result<Left, StoreError> {
    let sql = "SELECT letter FROM letters WHERE tenant = $1 AND id = $2 AND slot = $3 AND until_ms > $4";
    let there: Option<(Vec<u8>,)> = query_as(sql)
        .bind(&tenant[..])
        .bind(&id.0[..])
        .bind(slot.name())
        .bind(now_ms)
        .fetch_optional(&mut *c)
        .await?;
    if let Some((there,)) = there {
        return Ok(if there == letter { Left::Kept } else { Left::Taken });
    }
    let sql = "SELECT COUNT(*) FROM letters WHERE tenant = $1";
    let (kept,): (i64,) = query_as(sql).bind(&tenant[..]).fetch_one(&mut *c).await?;
    if kept >= limits::LETTERS_KEPT_MAX {
        return Ok(Left::Full);
    }
    // One that has run out and is not swept yet gives way.
    query(
        "INSERT INTO letters (tenant, id, slot, letter, until_ms) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (tenant, id, slot) DO UPDATE SET letter = excluded.letter, until_ms = excluded.until_ms",
    )
    .bind(&tenant[..])
    .bind(&id.0[..])
    .bind(slot.name())
    .bind(letter)
    .bind(now_ms + limits::LETTER_LIFE_MS)
    .execute(c)
    .await?;
    Ok(Left::Kept)
}

#[cfg(test)]
mod tests {
    use super::super::Tenant;
    use super::*;

    const BOX: LetterboxId = LetterboxId([7; 16]);

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), Tenant::FIRST).await.unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_letter_lives_its_time_and_is_swept_after_it() {
        let (_folder, store) = store().await;
        let end = 1_000 + limits::LETTER_LIFE_MS;
        assert_eq!(store.put_letter(BOX, Slot::Request, b"a".into(), 1_000).await.unwrap(), Left::Kept);
        // The same letter again does not live longer.
        assert_eq!(store.put_letter(BOX, Slot::Request, b"a".into(), end - 1).await.unwrap(), Left::Kept);
        assert_eq!(store.put_letter(BOX, Slot::Request, b"b".into(), end - 1).await.unwrap(), Left::Taken);
        assert_eq!(store.letter(BOX, Slot::Request, end - 1).await.unwrap(), Some(b"a".into()));
        assert_eq!(store.letter(BOX, Slot::Request, end).await.unwrap(), None);
        assert_eq!(store.sweep_letters(end - 1).await.unwrap(), 0);
        assert_eq!(store.sweep_letters(end).await.unwrap(), 1);
        assert_eq!(store.letter(BOX, Slot::Request, 1_000).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_letter_that_ran_out_gives_way_before_the_sweep() {
        let (_folder, store) = store().await;
        let end = limits::LETTER_LIFE_MS;
        store.put_letter(BOX, Slot::Reply, b"a".into(), 0).await.unwrap();
        assert_eq!(store.put_letter(BOX, Slot::Reply, b"b".into(), end).await.unwrap(), Left::Kept);
        assert_eq!(store.letter(BOX, Slot::Reply, end).await.unwrap(), Some(b"b".into()));
    }

    #[tokio::test]
    async fn no_more_letters_are_kept_than_the_limit_and_sweeping_makes_room() {
        let (_folder, store) = store().await;
        store
            .main
            .write
            .run(|c| {
                Box::pin(async move {
                    query(
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) \
                         INSERT INTO letters SELECT zeroblob(16), i, 'request', x'00', $2 FROM n",
                    )
                    .bind(limits::LETTERS_KEPT_MAX)
                    .bind(limits::LETTER_LIFE_MS)
                    .execute(c)
                    .await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        let put = || store.put_letter(BOX, Slot::Request, b"a".into(), 0);
        assert_eq!(put().await.unwrap(), Left::Full);
        let swept = store.sweep_letters(limits::LETTER_LIFE_MS).await.unwrap();
        assert_eq!(swept, limits::LETTERS_SWEPT_MAX.unsigned_abs());
        assert_eq!(put().await.unwrap(), Left::Kept);
    }
}
