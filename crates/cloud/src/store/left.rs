//! What handsets signed about errands that went elsewhere.

use super::grants::reread;
use super::left_photos::{PhotoRow, PhotoTuple, photo_row};
use super::{Store, StoreError, fixed, grants, incidents};
use crate::clock::now_ms;
use crate::limits;
use protocol::bytes::{Hash, HomeId};
use protocol::delegation::Delegation;
use protocol::left::Left;
use protocol::time::Interval;
use protocol::uplink::Paper;
use protocol::{Claimed, Kid, Signed, canonical};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// One report, with what it is checked by.
#[derive(Debug, Clone)]
pub(crate) struct LeftRow {
    pub(crate) left: Left,
    pub(crate) hash: Hash,
    pub(crate) envelope: Vec<u8>,
    pub(crate) assignment: Vec<u8>,
    pub(crate) delegation: Vec<u8>,
    pub(crate) received_ms: i64,
    /// The photo that it names, if that came.
    pub(crate) photo: Option<PhotoRow>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reported {
    /// Kept now: the residents are told.
    New,
    /// Kept before.
    Known,
    /// One assignment has enough of them.
    Full,
}

type LeftTuple = (Vec<u8>, Vec<u8>, Vec<u8>, i64, Option<i64>, Option<bool>, Option<i64>, Option<u32>);

fn left_row(row: LeftTuple) -> Result<LeftRow, StoreError> {
    let (envelope, assignment, delegation, received_ms, ..) = row;
    let photo: PhotoTuple = (row.4, row.5, row.6, row.7);
    let claimed = reread::<Left>(&envelope)?;
    let (left, hash) = (claimed.unproven().clone(), claimed.hash());
    Ok(LeftRow { left, hash, envelope, assignment, delegation, received_ms, photo: photo_row(photo) })
}

/// A query for whole reports: what [`left_row`] reads.
macro_rules! select {
    ($from:literal, $rest:literal) => {
        concat!(
            "SELECT l.envelope, a.envelope, l.delegation, l.received_ms, p.received_ms, p.is_stored, p.deleted_ms, \
             p.deleted_after_h FROM ",
            $from,
            " l \
             JOIN assignments a ON a.tenant = l.tenant AND a.home = l.home AND a.hash = l.assignment \
             LEFT JOIN left_photos p ON p.tenant = l.tenant AND p.home = l.home AND p.hash = l.hash ",
            $rest
        )
    };
}

impl Store {
    /// Keeps a report once, and tells the residents.
    pub(crate) async fn put_left(
        &self,
        home: HomeId,
        left: Signed<Left>,
        delegation: Vec<u8>,
    ) -> Result<Reported, StoreError> {
        let tenant = self.tenant.0;
        self.main.write.run(move |c| Box::pin(put_left(c, tenant, home, left, delegation))).await
    }

    /// Reports to the present household, newest first.
    pub(crate) async fn left_at(&self, home: HomeId, limit: u32) -> Result<Vec<LeftRow>, StoreError> {
        let sql = select!(
            "present_left_elsewhere",
            "WHERE l.tenant = $1 AND l.home = $2 ORDER BY l.received_ms DESC, l.hash LIMIT $3"
        );
        self.left(sql, home, limit).await
    }

    /// Reports at one home, to whichever household, newest first.
    pub(crate) async fn left_ever_at(&self, home: HomeId, limit: u32) -> Result<Vec<LeftRow>, StoreError> {
        let sql = select!(
            "left_elsewhere",
            "WHERE l.tenant = $1 AND l.home = $2 ORDER BY l.received_ms DESC, l.hash LIMIT $3"
        );
        self.left(sql, home, limit).await
    }

    async fn left(&self, sql: &'static str, home: HomeId, limit: u32) -> Result<Vec<LeftRow>, StoreError> {
        let rows: Vec<LeftTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(limit).fetch_all(self.read()).await?;
        rows.into_iter().map(left_row).collect()
    }

    /// The report of that hash, and the home that it is about.
    pub(crate) async fn left_of(&self, hash: Hash) -> Result<Option<(HomeId, LeftRow)>, StoreError> {
        let home = "SELECT home FROM left_elsewhere WHERE tenant = $1 AND hash = $2";
        let home: Option<(Vec<u8>,)> =
            query_as(home).bind(self.tenant()).bind(&hash.0[..]).fetch_optional(self.read()).await?;
        let Some((home,)) = home else { return Ok(None) };
        let home = HomeId(fixed(&home, "home")?);
        let sql = select!("left_elsewhere", "WHERE l.tenant = $1 AND l.home = $2 AND l.hash = $3");
        Ok(self.left_one(sql, home, hash).await?.map(|row| (home, row)))
    }

    /// The report of that hash to the present household.
    pub(crate) async fn left_in(&self, home: HomeId, hash: Hash) -> Result<Option<LeftRow>, StoreError> {
        let sql = select!("present_left_elsewhere", "WHERE l.tenant = $1 AND l.home = $2 AND l.hash = $3");
        self.left_one(sql, home, hash).await
    }

    async fn left_one(
        &self,
        sql: &'static str,
        home: HomeId,
        hash: Hash,
    ) -> Result<Option<LeftRow>, StoreError> {
        let row: Option<LeftTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&hash.0[..])
            .fetch_optional(self.read())
            .await?;
        row.map(left_row).transpose()
    }

    /// A delegation to this working key that counted at a time, as the provider sent it to this home.
    pub(crate) async fn delegation_sent(
        &self,
        home: HomeId,
        key: Kid,
        at: Interval,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM papers WHERE tenant = $1 AND home = $2 AND kind = '3_delegation' \
                   ORDER BY seq DESC LIMIT $3";
        let rows: Vec<(Vec<u8>,)> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(limits::DELEGATIONS_READ_MAX)
            .fetch_all(self.read())
            .await?;
        for (bytes,) in rows {
            let paper: Paper =
                canonical::decode(&bytes, 1 << 20).map_err(|_| StoreError::Corrupt("paper"))?;
            let Paper::Delegation(envelope) = paper else { return Err(StoreError::Corrupt("paper")) };
            let claimed: Claimed<Delegation> = reread(&envelope.0)?;
            let delegation = claimed.unproven();
            if delegation.key.kid() == key && delegation.window.contains(&at) {
                return Ok(Some(envelope.0));
            }
        }
        Ok(None)
    }
}

async fn put_left(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    left: Signed<Left>,
    delegation: Vec<u8>,
) -> Result<Reported, StoreError> {
    let message = left.message();
    let sql = "SELECT hash FROM left_elsewhere WHERE tenant = $1 AND home = $2 AND assignment = $3";
    let known: Vec<(Vec<u8>,)> = query_as(sql)
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(&message.assignment.0[..])
        .fetch_all(&mut *c)
        .await?;
    if known.iter().any(|(hash,)| hash == &left.hash().0) {
        return Ok(Reported::Known);
    }
    if known.len() >= limits::LEFT_PER_ASSIGNMENT_MAX {
        return Ok(Reported::Full);
    }
    query(
        "INSERT INTO left_elsewhere (tenant, home, hash, assignment, envelope, delegation, received_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(&left.hash().0[..])
    .bind(&message.assignment.0[..])
    .bind(left.bytes())
    .bind(delegation)
    .bind(now_ms())
    .execute(&mut *c)
    .await?;
    if grants::are_papers_before(c, tenant, home, None, Some(message.assignment)).await? {
        // Its provider has it; it is nobody's parcel who lives there now.
        return Ok(Reported::New);
    }
    let about = serde_json::json!({ "rung": message.rung.name(), "reason": message.reason.name() });
    let notice = incidents::NewNotice { home, kind: "missed", visit: message.visit, about };
    incidents::insert_notice(c, tenant, notice).await?;
    Ok(Reported::New)
}
