//! Visits as projected from the door log, the cloud's own word on arrivals, and what preflight found.

use super::incidents::{NewNotice, insert_notice};
use super::{About, Store, StoreError, fixed, fixed_or_none, grants, hand_over, homes};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use crate::projection;
use protocol::Kid;
use protocol::bytes::{Hash, HomeId, VisitId};
use protocol::door_event::{Body, Detail};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// A visit so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VisitRow {
    pub(crate) home: HomeId,
    pub(crate) visit: VisitId,
    /// `ringing`, `arrived`, `opening`, `open`, `closing`, `secured` or `ended`.
    pub(crate) state: String,
    /// `secured`, `not_opened` or `incident`, once ended.
    pub(crate) outcome: Option<String>,
    /// Code of the last refusal.
    pub(crate) refusal: Option<String>,
    pub(crate) grant: Option<Hash>,
    pub(crate) assignment: Option<Hash>,
    pub(crate) device: Option<Kid>,
    pub(crate) passages: u32,
    pub(crate) parcels: u32,
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// When it began with a ring, and how long the visitor then waited: to the arrival, or to the end.
    pub(crate) rang_s: Option<u64>,
    pub(crate) waited_s: Option<u64>,
    pub(crate) arrived_s: u64,
    pub(crate) updated_s: u64,
}

/// One opened event, ready to be projected.
#[derive(Debug, Clone)]
pub(crate) struct Projected {
    pub(crate) counter: u64,
    pub(crate) detail: Detail,
}

/// The cloud's own word on an arrival, or on a ring.
#[derive(Debug, Clone)]
pub(crate) struct NewArrival {
    pub(crate) home: HomeId,
    pub(crate) visit: VisitId,
    pub(crate) device: Kid,
    pub(crate) provider: Option<Kid>,
    /// None of a ring.
    pub(crate) grant: Option<Hash>,
    pub(crate) assignment: Option<Hash>,
    /// Why it did not match; none if it did.
    pub(crate) reason: Option<&'static str>,
}

/// The same, stored.
#[derive(Debug, Clone)]
pub(crate) struct ArrivalRow {
    pub(crate) visit: VisitId,
    pub(crate) device: Kid,
    /// None of a ring.
    pub(crate) grant: Option<Hash>,
    pub(crate) assignment: Option<Hash>,
    pub(crate) reason: Option<String>,
    pub(crate) at_ms: i64,
}

/// What would fail if a visitor came now.
#[derive(Debug, Clone)]
pub(crate) struct PreflightRow {
    pub(crate) grant: Hash,
    pub(crate) findings: Vec<String>,
    pub(crate) at_ms: i64,
}

type VisitTuple = (
    Vec<u8>,
    Vec<u8>,
    String,
    Option<String>,
    Option<String>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    i64,
    i64,
    i64,
    i64,
    i64,
    i64,
    Option<i64>,
    Option<i64>,
);
type ArrivalTuple = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>, Option<String>, i64);

fn visit_row(row: VisitTuple) -> Result<VisitRow, StoreError> {
    let (
        home,
        visit,
        state,
        outcome,
        refusal,
        grant,
        assignment,
        device,
        passages,
        parcels,
        first,
        last,
        a,
        u,
        rang,
        waited,
    ) = row;
    Ok(VisitRow {
        home: HomeId(fixed(&home, "home")?),
        visit: VisitId(fixed(&visit, "visit")?),
        state,
        outcome,
        refusal,
        grant: fixed_or_none(grant.as_deref(), "grant")?.map(Hash),
        assignment: fixed_or_none(assignment.as_deref(), "assignment")?.map(Hash),
        device: fixed_or_none(device.as_deref(), "device")?.map(Kid),
        passages: u32::try_from(passages).unwrap_or(u32::MAX),
        parcels: u32::try_from(parcels).unwrap_or(u32::MAX),
        first: unsigned(first),
        last: unsigned(last),
        rang_s: rang.map(unsigned),
        waited_s: waited.map(unsigned),
        arrived_s: unsigned(a),
        updated_s: unsigned(u),
    })
}

fn arrival_row(
    (visit, device, grant, assignment, reason, at_ms): ArrivalTuple,
) -> Result<ArrivalRow, StoreError> {
    Ok(ArrivalRow {
        visit: VisitId(fixed(&visit, "visit")?),
        device: Kid(fixed(&device, "device")?),
        grant: fixed_or_none(grant.as_deref(), "grant")?.map(Hash),
        assignment: fixed_or_none(assignment.as_deref(), "assignment")?.map(Hash),
        reason,
        at_ms,
    })
}

impl Store {
    /// Up to which counter the visits of this home are projected.
    pub(crate) async fn projected_to(&self, home: HomeId) -> Result<u64, StoreError> {
        let row: Option<(i64,)> = query_as("SELECT projected_to FROM homes WHERE tenant = $1 AND home = $2")
            .bind(self.tenant())
            .bind(&home.0[..])
            .fetch_optional(self.read())
            .await?;
        Ok(row.map_or(0, |(counter,)| unsigned(counter)))
    }

    /// Applies events up to `to`, with notices unless `quiet`. Gives the visits that changed.
    pub(crate) async fn project(
        &self,
        home: HomeId,
        to: u64,
        events: Vec<Projected>,
        quiet: bool,
    ) -> Result<Vec<VisitRow>, StoreError> {
        let tenant = self.tenant.0;
        self.write_shown(About::Home(home), move |c| Box::pin(project(c, tenant, home, to, events, quiet)))
            .await
    }

    /// Forgets the projection of one home; it must then be projected from the log again.
    pub(crate) async fn forget_projection(&self, home: HomeId) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    query("DELETE FROM visits WHERE tenant = $1 AND home = $2")
                        .bind(&tenant[..])
                        .bind(&home.0[..])
                        .execute(&mut *c)
                        .await?;
                    query("UPDATE homes SET projected_to = 0 WHERE tenant = $1 AND home = $2")
                        .bind(&tenant[..])
                        .bind(&home.0[..])
                        .execute(c)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    pub(crate) async fn visit(&self, home: HomeId, visit: VisitId) -> Result<Option<VisitRow>, StoreError> {
        let mut reader = self.read().acquire().await?;
        find(&mut reader, self.tenant.0, home, visit).await
    }

    /// The same, unless it began in the time of a household before.
    pub(crate) async fn present_visit(
        &self,
        home: HomeId,
        visit: VisitId,
    ) -> Result<Option<VisitRow>, StoreError> {
        let mut reader = self.read().acquire().await?;
        if hand_over::is_visit_before(&mut reader, self.tenant.0, home, visit).await? {
            return Ok(None);
        }
        find(&mut reader, self.tenant.0, home, visit).await
    }

    /// A visit of one device, whichever home it was at.
    pub(crate) async fn visit_of_device(
        &self,
        visit: VisitId,
        device: Kid,
    ) -> Result<Option<VisitRow>, StoreError> {
        let sql = "SELECT home, visit, state, outcome, refusal, grant_hash, assignment, device, passages, \
                   parcels, first, last, arrived_s, updated_s, rang_s, waited_s FROM visits \
                   WHERE tenant = $1 AND device = $2 AND visit = $3 LIMIT 1";
        let row: Option<VisitTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&device.0[..])
            .bind(&visit.0[..])
            .fetch_optional(self.read())
            .await?;
        row.map(visit_row).transpose()
    }

    /// Visits at the present household that began before a counter, newest first.
    pub(crate) async fn visits(
        &self,
        home: HomeId,
        before: u64,
        limit: u32,
    ) -> Result<Vec<VisitRow>, StoreError> {
        let sql = "SELECT home, visit, state, outcome, refusal, grant_hash, assignment, device, passages, \
                   parcels, first, last, arrived_s, updated_s, rang_s, waited_s FROM present_visits \
                   WHERE tenant = $1 AND home = $2 AND first < $3 ORDER BY first DESC LIMIT $4";
        let rows: Vec<VisitTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(signed(before))
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(visit_row).collect()
    }

    /// Visits under the assignments of one provider, newest first.
    pub(crate) async fn visits_of_provider(
        &self,
        provider: Kid,
        limit: u32,
    ) -> Result<Vec<VisitRow>, StoreError> {
        let sql = "SELECT v.home, v.visit, v.state, v.outcome, v.refusal, v.grant_hash, v.assignment, v.device, \
                   v.passages, v.parcels, v.first, v.last, v.arrived_s, v.updated_s, v.rang_s, v.waited_s FROM visits v \
                   JOIN assignments a ON a.tenant = v.tenant AND a.home = v.home AND a.hash = v.assignment \
                   WHERE v.tenant = $1 AND a.provider = $2 ORDER BY v.updated_s DESC LIMIT $3";
        let rows: Vec<VisitTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&provider.0[..])
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(visit_row).collect()
    }

    /// Visits with the door unlocked, over all homes: what the watch for silence starts with.
    pub(crate) async fn passages_open(&self) -> Result<Vec<(HomeId, VisitId)>, StoreError> {
        let sql = "SELECT home, visit FROM visits WHERE tenant = $1 AND state IN ('open', 'closing')";
        let rows: Vec<(Vec<u8>, Vec<u8>)> = query_as(sql).bind(self.tenant()).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(home, visit)| Ok((HomeId(fixed(&home, "home")?), VisitId(fixed(&visit, "visit")?))))
            .collect()
    }

    /// Visits under a grant in which a use was burned, but for one: a visit that is taken up again has its use.
    pub(crate) async fn uses_of(
        &self,
        home: HomeId,
        grant: Hash,
        except: Option<VisitId>,
    ) -> Result<u32, StoreError> {
        let sql = "SELECT COUNT(*) FROM visits \
                   WHERE tenant = $1 AND home = $2 AND grant_hash = $3 AND passages > 0 AND visit <> $4";
        let (n,): (i64,) = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&grant.0[..])
            .bind(except.map_or_else(Vec::new, |visit| visit.0.to_vec()))
            .fetch_one(self.read())
            .await?;
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// Keeps the cloud's word on an arrival; a refusal is a notice as well.
    pub(crate) async fn put_arrival(&self, new: NewArrival) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main.write.run(move |c| Box::pin(put_arrival(c, tenant, new))).await
    }

    /// Arrivals at the present household, newest first.
    pub(crate) async fn arrivals_at(&self, home: HomeId, limit: u32) -> Result<Vec<ArrivalRow>, StoreError> {
        let sql = "SELECT visit, device, grant_hash, assignment, reason, at_ms FROM present_arrivals \
                   WHERE tenant = $1 AND home = $2 ORDER BY at_ms DESC LIMIT $3";
        let rows: Vec<ArrivalTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(limit).fetch_all(self.read()).await?;
        rows.into_iter().map(arrival_row).collect()
    }

    /// Arrivals of one provider's visitors, newest first.
    pub(crate) async fn arrivals_of(&self, provider: Kid, limit: u32) -> Result<Vec<ArrivalRow>, StoreError> {
        let sql = "SELECT visit, device, grant_hash, assignment, reason, at_ms FROM arrivals \
                   WHERE tenant = $1 AND provider = $2 ORDER BY at_ms DESC LIMIT $3";
        let rows: Vec<ArrivalTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&provider.0[..])
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(arrival_row).collect()
    }

    pub(crate) async fn put_preflight(
        &self,
        home: HomeId,
        grant: Hash,
        findings: Vec<String>,
    ) -> Result<(), StoreError> {
        let statement = query(
            "INSERT INTO preflights (tenant, home, grant_hash, findings, at_ms) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, home, grant_hash) \
             DO UPDATE SET findings = excluded.findings, at_ms = excluded.at_ms",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(&grant.0[..])
        .bind(serde_json::Value::from(findings).to_string())
        .bind(now_ms());
        self.main.write.execute(statement).await?;
        Ok(())
    }

    pub(crate) async fn preflights(&self, home: HomeId) -> Result<Vec<PreflightRow>, StoreError> {
        let sql = "SELECT grant_hash, findings, at_ms FROM present_preflights \
                   WHERE tenant = $1 AND home = $2 ORDER BY at_ms DESC LIMIT 500";
        let rows: Vec<(Vec<u8>, String, i64)> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(grant, findings, at_ms)| {
                let findings =
                    serde_json::from_str(&findings).map_err(|_| StoreError::Corrupt("findings"))?;
                Ok(PreflightRow { grant: Hash(fixed(&grant, "grant")?), findings, at_ms })
            })
            .collect()
    }
}

async fn find(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    visit: VisitId,
) -> Result<Option<VisitRow>, StoreError> {
    let sql = "SELECT home, visit, state, outcome, refusal, grant_hash, assignment, device, passages, parcels, \
               first, last, arrived_s, updated_s, rang_s, waited_s FROM visits WHERE tenant = $1 AND home = $2 AND visit = $3";
    let row: Option<VisitTuple> =
        query_as(sql).bind(&tenant[..]).bind(&home.0[..]).bind(&visit.0[..]).fetch_optional(c).await?;
    row.map(visit_row).transpose()
}

async fn save_all(c: &mut SqliteConnection, tenant: [u8; 16], rows: &[VisitRow]) -> Result<(), StoreError> {
    for row in rows {
        save(c, tenant, row).await?;
    }
    Ok(())
}

async fn save(c: &mut SqliteConnection, tenant: [u8; 16], row: &VisitRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO visits (tenant, home, visit, state, outcome, refusal, grant_hash, assignment, device, \
         passages, parcels, first, last, arrived_s, updated_s, rang_s, waited_s) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         ON CONFLICT (tenant, home, visit) DO UPDATE SET state = excluded.state, outcome = excluded.outcome, \
         refusal = excluded.refusal, grant_hash = excluded.grant_hash, assignment = excluded.assignment, \
         device = excluded.device, passages = excluded.passages, parcels = excluded.parcels, \
         last = excluded.last, updated_s = excluded.updated_s, rang_s = excluded.rang_s, \
         waited_s = excluded.waited_s",
    )
    .bind(&tenant[..])
    .bind(&row.home.0[..])
    .bind(&row.visit.0[..])
    .bind(&row.state)
    .bind(&row.outcome)
    .bind(&row.refusal)
    .bind(row.grant.as_ref().map(|h| &h.0[..]))
    .bind(row.assignment.as_ref().map(|h| &h.0[..]))
    .bind(row.device.as_ref().map(|k| &k.0[..]))
    .bind(i64::from(row.passages))
    .bind(i64::from(row.parcels))
    .bind(signed(row.first))
    .bind(signed(row.last))
    .bind(signed(row.arrived_s))
    .bind(signed(row.updated_s))
    .bind(row.rang_s.map(signed))
    .bind(row.waited_s.map(signed))
    .execute(c)
    .await?;
    Ok(())
}

async fn project(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    to: u64,
    events: Vec<Projected>,
    quiet: bool,
) -> Result<Vec<VisitRow>, StoreError> {
    let sql = "SELECT projected_to FROM homes WHERE tenant = $1 AND home = $2";
    let (done,): (i64,) = query_as(sql).bind(&tenant[..]).bind(&home.0[..]).fetch_one(&mut *c).await?;
    let mut changed: Vec<VisitRow> = Vec::new();
    for event in events.into_iter().filter(|e| e.counter > unsigned(done) && e.counter <= to) {
        let mut is_news = true;
        match &event.detail.body {
            Body::RosterKept { epoch, roster } => {
                // If it hands the home over, what was brought until now must be known.
                save_all(c, tenant, &changed).await?;
                homes::confirm_roster(c, tenant, home, (*epoch, *roster), event.counter).await?;
            }
            Body::RevocationKept { sequence, revocation } => {
                is_news = grants::confirm_revocation(c, tenant, home, *sequence, *revocation).await?;
            }
            _ => {}
        }
        if let Some(visit) = event.detail.visit {
            let mut row = match changed.iter().position(|r| r.visit == visit) {
                Some(at) => changed.swap_remove(at),
                None => find(c, tenant, home, visit)
                    .await?
                    .unwrap_or_else(|| projection::begun(home, visit, event.counter, &event.detail)),
            };
            projection::apply(&mut row, event.counter, &event.detail);
            if !quiet && projection::is_missed(&row, &event.detail.body) {
                let about = serde_json::json!({});
                insert_notice(c, tenant, NewNotice { home, kind: "missed", visit: Some(visit), about })
                    .await?;
            }
            changed.push(row);
        }
        if let Some((kind, about)) = projection::notice(&event.detail.body).filter(|_| is_news && !quiet) {
            let notice = NewNotice { home, kind, visit: event.detail.visit, about };
            insert_notice(c, tenant, notice).await?;
        }
    }
    save_all(c, tenant, &changed).await?;
    query("UPDATE homes SET projected_to = $3 WHERE tenant = $1 AND home = $2 AND projected_to < $3")
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(signed(to))
        .execute(c)
        .await?;
    Ok(changed)
}

async fn put_arrival(c: &mut SqliteConnection, tenant: [u8; 16], new: NewArrival) -> Result<(), StoreError> {
    // With papers of a household before: its provider's to see, and nobody's news at this door.
    let is_before = grants::are_papers_before(c, tenant, new.home, new.grant, new.assignment).await?;
    query(
        "INSERT INTO arrivals \
         (tenant, home, visit, at_ms, device, provider, grant_hash, assignment, reason, is_before) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&new.home.0[..])
    .bind(&new.visit.0[..])
    .bind(now_ms())
    .bind(&new.device.0[..])
    .bind(new.provider.as_ref().map(|p| &p.0[..]))
    .bind(new.grant.as_ref().map(|h| &h.0[..]))
    .bind(new.assignment.as_ref().map(|h| &h.0[..]))
    .bind(new.reason)
    .bind(is_before)
    .execute(&mut *c)
    .await?;
    if let Some(reason) = new.reason.filter(|_| !is_before) {
        let about = serde_json::json!({ "code": reason, "by": "cloud" });
        let notice = NewNotice { home: new.home, kind: "refused", visit: Some(new.visit), about };
        insert_notice(c, tenant, notice).await?;
    }
    Ok(())
}
