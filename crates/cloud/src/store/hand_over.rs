//! A home that is handed over: another household begins (ADR 0017).
//!
//! Owns: what then ends, what is marked as of the household before, and what the door log still shows of it. Which rows
//! the present household may see, the views `present_...` say.
//! Does not own: whether a roster hands a home over, which `protocol` says of its signatures when it comes in.

use super::{EventRow, Store, StoreError, fixed, grants};
use crate::clock::{now_ms, now_s};
use crate::json::{signed, unsigned};
use crate::limits;
use protocol::assignment::Assignment;
use protocol::bytes::{Hash, HomeId, VisitId};
use protocol::canonical;
use protocol::commitment::Commitment;
use protocol::door_event::{Body, Detail};
use protocol::limits::DETAIL_BYTES_MAX;
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};
use std::collections::BTreeSet;

/// What ends with the household: its choices, and where its devices are told. Theirs who stay in the roster are their own.
const ENDS: [&str; 5] = [
    "DELETE FROM retention WHERE tenant = $1 AND home = $2",
    "DELETE FROM plans_b WHERE tenant = $1 AND home = $2",
    "DELETE FROM stops_away WHERE tenant = $1 AND home = $2",
    "DELETE FROM push_subscriptions WHERE tenant = $1 AND home = $2 \
     AND kid NOT IN (SELECT kid FROM roster_keys WHERE tenant = $1 AND home = $2)",
    "DELETE FROM mail_addresses WHERE tenant = $1 AND home = $2 \
     AND kid NOT IN (SELECT kid FROM roster_keys WHERE tenant = $1 AND home = $2)",
];

/// What stays for those whom it concerns as well, and for its own time. Links and numbers end at once.
const MARKED: [&str; 5] = [
    "UPDATE grants SET is_before = 1 WHERE tenant = $1 AND home = $2",
    "UPDATE revocations SET is_before = 1 WHERE tenant = $1 AND home = $2",
    "UPDATE consignments SET is_before = 1 WHERE tenant = $1 AND home = $2",
    "UPDATE assignments SET is_before = 1 WHERE tenant = $1 AND home = $2",
    "UPDATE arrivals SET is_before = 1 WHERE tenant = $1 AND home = $2",
];
const MARKED_NOW: [&str; 2] = [
    "UPDATE delivery_numbers SET is_before = 1, revoked_ms = COALESCE(revoked_ms, $3) WHERE tenant = $1 AND home = $2",
    "UPDATE shares SET is_before = 1, sealed = x'', withdrawn_ms = COALESCE(withdrawn_ms, $3) \
     WHERE tenant = $1 AND home = $2",
];
const NOTICES: &str = "UPDATE notices SET is_before = 1 WHERE tenant = $1 AND home = $2";
const RECORDINGS: &str = "UPDATE recordings SET is_before = 1, hours_before = COALESCE((SELECT hours FROM retention \
                          WHERE tenant = $1 AND home = $2), $3) WHERE tenant = $1 AND home = $2 AND is_before = 0";

/// The home said, by event `counter`, that this roster counts: if it hands the home over, another household begins.
/// `known` is the epoch that counted here until then.
pub(super) async fn follow(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    (epoch, hash): (u64, Hash),
    counter: u64,
    known: u64,
) -> Result<(), StoreError> {
    // Not when the visits are built again from the log: this was done then.
    let sql = "UPDATE homes SET since_counter = $3, since_epoch = $4 \
               WHERE tenant = $1 AND home = $2 AND since_counter < $3 AND EXISTS (SELECT 1 FROM rosters \
               WHERE tenant = $1 AND home = $2 AND epoch = $4 AND hash = $5 AND hands_over = 1)";
    let begun = query(sql)
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(signed(counter))
        .bind(signed(epoch))
        .bind(&hash.0[..])
        .execute(&mut *c)
        .await?;
    if begun.rows_affected() == 0 {
        return Ok(());
    }
    run(c, tenant, home, NOTICES).await?;
    if known >= epoch {
        // A home that came to this cloud after it was handed over: what else is here is of the present household.
        return Ok(());
    }
    decline_open(c, tenant, home).await?;
    let recordings = query(RECORDINGS).bind(&tenant[..]).bind(&home.0[..]).bind(limits::RETENTION_H);
    recordings.execute(&mut *c).await?;
    for sql in MARKED_NOW {
        query(sql).bind(&tenant[..]).bind(&home.0[..]).bind(now_ms()).execute(&mut *c).await?;
    }
    for sql in MARKED.into_iter().chain(ENDS) {
        run(c, tenant, home, sql).await?;
    }
    Ok(())
}

async fn run(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    sql: &'static str,
) -> Result<(), StoreError> {
    query(sql).bind(&tenant[..]).bind(&home.0[..]).execute(c).await?;
    Ok(())
}

/// What was announced and is still to come is not possible here any more: its provider reads `declined`. What was brought
/// stays as it was.
async fn decline_open(c: &mut SqliteConnection, tenant: [u8; 16], home: HomeId) -> Result<(), StoreError> {
    let sql = "SELECT a.envelope FROM assignments a JOIN visits v \
               ON v.tenant = a.tenant AND v.home = a.home AND v.assignment = a.hash \
               WHERE a.tenant = $1 AND a.home = $2 AND a.is_before = 0 AND v.passages > 0";
    let brought: Vec<(Vec<u8>,)> =
        query_as(sql).bind(&tenant[..]).bind(&home.0[..]).fetch_all(&mut *c).await?;
    let mut carried = BTreeSet::new();
    for (envelope,) in brought {
        carried.extend(grants::reread::<Assignment>(&envelope)?.unproven().errands.clone());
    }
    let sql = "SELECT id, commitments FROM consignments WHERE tenant = $1 AND home = $2 AND is_before = 0 \
               AND state <> 'declined' AND until_s > $3";
    let open: Vec<(Vec<u8>, Vec<u8>)> =
        query_as(sql).bind(&tenant[..]).bind(&home.0[..]).bind(now_s()).fetch_all(&mut *c).await?;
    for (id, commitments) in open {
        let commitments: Vec<Commitment> =
            canonical::decode(&commitments, 64 * 1024).map_err(|_| StoreError::Corrupt("commitments"))?;
        if commitments.iter().any(|one| carried.contains(one)) {
            continue;
        }
        let sql = "UPDATE consignments SET state = 'declined' WHERE tenant = $1 AND home = $2 AND id = $3";
        query(sql).bind(&tenant[..]).bind(&home.0[..]).bind(id).execute(&mut *c).await?;
    }
    Ok(())
}

/// Whether this visit began in the time of a household before.
pub(super) async fn is_visit_before(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    visit: VisitId,
) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) FROM visits v JOIN homes h ON h.tenant = v.tenant AND h.home = v.home \
               WHERE v.tenant = $1 AND v.home = $2 AND v.visit = $3 AND v.first <= h.since_counter";
    let (n,): (i64,) =
        query_as(sql).bind(&tenant[..]).bind(&home.0[..]).bind(&visit.0[..]).fetch_one(c).await?;
    Ok(n > 0)
}

impl Store {
    /// Events from a counter on, as the present household may have them. Those of the household before come without what
    /// opens them and without a time: the chain holds, and whoever follows the household's keys needs none of them, for
    /// its first roster is the one that handed the home over. What confirms the list of what is stopped stays, as long as
    /// that list counts.
    pub(crate) async fn events_shown(
        &self,
        home: HomeId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<EventRow>, StoreError> {
        let mut rows = self.events_from(home, from, limit).await?;
        let sql = "SELECT since_counter FROM homes WHERE tenant = $1 AND home = $2";
        let (since,): (i64,) =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_one(self.read()).await?;
        if since == 0 {
            return Ok(rows);
        }
        let list = self.revocations(home).await?.into_iter().find(|row| row.confirmed_ms.is_some());
        let list = list.map(|row| row.hash);
        // Somebody was inside while the home changed hands.
        let sql = "SELECT visit FROM visits WHERE tenant = $1 AND home = $2 AND first <= $3 AND last > $3";
        let went_on: Vec<(Vec<u8>,)> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(since).fetch_all(self.read()).await?;
        let went_on: Vec<VisitId> =
            went_on.iter().map(|(visit,)| fixed(visit, "visit").map(VisitId)).collect::<Result<_, _>>()?;
        for row in &mut rows {
            let is_before =
                row.counter < unsigned(since) || row.visit.is_some_and(|visit| went_on.contains(&visit));
            if is_before && !list.is_some_and(|list| confirms(row, list)) {
                row.opening = None;
                row.received_ms = None;
            }
        }
        Ok(rows)
    }
}

fn confirms(row: &EventRow, list: Hash) -> bool {
    let detail = row
        .opening
        .as_ref()
        .and_then(|(_, detail)| canonical::decode::<Detail>(detail, DETAIL_BYTES_MAX).ok());
    matches!(detail, Some(Detail { body: Body::RevocationKept { revocation, .. }, .. }) if revocation == list)
}
