//! Notices for residents and incidents for the operator.

use super::{Store, StoreError, fixed_or_none, hand_over};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use crate::limits;
use protocol::Kid;
use protocol::bytes::{HomeId, VisitId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// A notice on its way in.
#[derive(Debug, Clone)]
pub(crate) struct NewNotice {
    pub(crate) home: HomeId,
    pub(crate) kind: &'static str,
    pub(crate) visit: Option<VisitId>,
    /// A JSON object with the particulars.
    pub(crate) about: serde_json::Value,
}

/// A stored notice.
#[derive(Debug, Clone)]
pub(crate) struct NoticeRow {
    pub(crate) seq: u64,
    pub(crate) kind: String,
    pub(crate) visit: Option<VisitId>,
    pub(crate) about: serde_json::Value,
    pub(crate) at_ms: i64,
}

/// Kind of an incident: a home cannot log what is wrong with it.
pub(crate) const DISTRESS: &str = "home_distress";

/// An incident on its way in. Reported once: the same kind, home, provider and particulars again are dropped, distress for
/// [`limits::DISTRESS_AGAIN_MS`].
#[derive(Debug, Clone)]
pub(crate) struct NewIncident {
    pub(crate) kind: &'static str,
    pub(crate) home: Option<HomeId>,
    pub(crate) provider: Option<Kid>,
    /// A JSON object with the particulars; identifiers and counts only.
    pub(crate) about: serde_json::Value,
}

/// A stored incident.
#[derive(Debug, Clone)]
pub(crate) struct IncidentRow {
    pub(crate) seq: u64,
    pub(crate) kind: String,
    pub(crate) home: Option<HomeId>,
    pub(crate) provider: Option<Kid>,
    pub(crate) about: serde_json::Value,
    pub(crate) at_ms: i64,
}

pub(super) async fn insert_notice(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    mut notice: NewNotice,
) -> Result<(), StoreError> {
    let is_before = match notice.visit {
        Some(visit) => hand_over::is_visit_before(c, tenant, notice.home, visit).await?,
        None => false,
    };
    // That something is wrong at the door concerns whoever lives there now; during whose visit does not.
    let is_wrong = matches!(notice.kind, "alarm" | "incident");
    if is_before && is_wrong {
        notice.visit = None;
    }
    let sql = "SELECT COALESCE(MAX(seq), 0) + 1 FROM notices WHERE tenant = $1 AND home = $2";
    let (seq,): (i64,) = query_as(sql).bind(&tenant[..]).bind(&notice.home.0[..]).fetch_one(&mut *c).await?;
    query(
        "INSERT INTO notices (tenant, home, seq, kind, visit, about, at_ms, is_before) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&tenant[..])
    .bind(&notice.home.0[..])
    .bind(seq)
    .bind(notice.kind)
    .bind(notice.visit.as_ref().map(|v| &v.0[..]))
    .bind(notice.about.to_string())
    .bind(now_ms())
    .bind(is_before && !is_wrong)
    .execute(c)
    .await?;
    Ok(())
}

async fn insert_incident(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    incident: NewIncident,
) -> Result<bool, StoreError> {
    let about = incident.about.to_string();
    let home = incident.home.as_ref().map(|h| &h.0[..]);
    let provider = incident.provider.as_ref().map(|p| &p.0[..]);
    let now_ms = now_ms();
    // Evidence is one thing, however often it comes; distress is news again after a while.
    let since_ms = if incident.kind == DISTRESS { now_ms - limits::DISTRESS_AGAIN_MS } else { 0 };
    let sql = "SELECT COUNT(*) FROM incidents WHERE tenant = $1 AND kind = $2 AND about = $3 \
               AND COALESCE(home, $4) = $4 AND COALESCE(provider, $5) = $5 AND at_ms >= $6";
    let (known,): (i64,) = query_as(sql)
        .bind(&tenant[..])
        .bind(incident.kind)
        .bind(&about)
        .bind(home.unwrap_or_default())
        .bind(provider.unwrap_or_default())
        .bind(since_ms)
        .fetch_one(&mut *c)
        .await?;
    if known > 0 {
        return Ok(false);
    }
    let (seq,): (i64,) = query_as("SELECT COALESCE(MAX(seq), 0) + 1 FROM incidents WHERE tenant = $1")
        .bind(&tenant[..])
        .fetch_one(&mut *c)
        .await?;
    query(
        "INSERT INTO incidents (tenant, seq, kind, home, provider, about, at_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&tenant[..])
    .bind(seq)
    .bind(incident.kind)
    .bind(home)
    .bind(provider)
    .bind(&about)
    .bind(now_ms)
    .execute(c)
    .await?;
    Ok(true)
}

type NoticeTuple = (i64, String, Option<Vec<u8>>, String, i64);
type IncidentTuple = (i64, String, Option<Vec<u8>>, Option<Vec<u8>>, String, i64);

fn json(text: &str) -> Result<serde_json::Value, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt("about"))
}

impl Store {
    pub(crate) async fn put_notice(&self, notice: NewNotice) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main.write.run(move |c| Box::pin(insert_notice(c, tenant, notice))).await
    }

    /// Notices of the present household after a cursor, oldest first.
    pub(crate) async fn notices(
        &self,
        home: HomeId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<NoticeRow>, StoreError> {
        let sql = "SELECT seq, kind, visit, about, at_ms FROM present_notices \
                   WHERE tenant = $1 AND home = $2 AND seq > $3 ORDER BY seq LIMIT $4";
        let rows: Vec<NoticeTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(signed(since))
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.into_iter()
            .map(|(seq, kind, visit, about, at_ms)| {
                let visit = fixed_or_none(visit.as_deref(), "visit")?.map(VisitId);
                Ok(NoticeRow { seq: unsigned(seq), kind, visit, about: json(&about)?, at_ms })
            })
            .collect()
    }

    /// Stores an incident; false if the same one is known.
    pub(crate) async fn put_incident(&self, incident: NewIncident) -> Result<bool, StoreError> {
        let tenant = self.tenant.0;
        self.main.write.run(move |c| Box::pin(insert_incident(c, tenant, incident))).await
    }

    /// Incidents after a cursor, oldest first.
    pub(crate) async fn incidents(&self, since: u64, limit: u32) -> Result<Vec<IncidentRow>, StoreError> {
        let sql = "SELECT seq, kind, home, provider, about, at_ms FROM incidents \
                   WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows: Vec<IncidentTuple> =
            query_as(sql).bind(self.tenant()).bind(signed(since)).bind(limit).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(seq, kind, home, provider, about, at_ms)| {
                Ok(IncidentRow {
                    seq: unsigned(seq),
                    kind,
                    home: fixed_or_none(home.as_deref(), "home")?.map(HomeId),
                    provider: fixed_or_none(provider.as_deref(), "provider")?.map(Kid),
                    about: json(&about)?,
                    at_ms,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Tenant;

    #[tokio::test]
    async fn distress_that_lasts_is_told_again_and_evidence_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), Tenant::FIRST).await.unwrap();
        let report = async |kind| {
            let about = serde_json::json!({ "distress": "set_back" });
            store
                .put_incident(NewIncident { kind, home: Some(HomeId([1; 16])), provider: None, about })
                .await
                .unwrap()
        };
        for kind in [DISTRESS, "split_view"] {
            assert!(report(kind).await);
            assert!(!report(kind).await);
        }
        let age = query("UPDATE incidents SET at_ms = at_ms - $1").bind(limits::DISTRESS_AGAIN_MS + 60_000);
        store.main.write.execute(age).await.unwrap();
        assert!(report(DISTRESS).await);
        assert!(!report("split_view").await);
    }
}
