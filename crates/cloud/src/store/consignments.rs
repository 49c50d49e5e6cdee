//! Consignments that providers announced.

use super::{Store, StoreError, fixed, incidents};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use protocol::bytes::{Hash, HomeId};
use protocol::commitment::Commitment;
use protocol::time::{Timestamp, Window};
use protocol::{Kid, canonical};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// An announcement on its way in.
#[derive(Debug, Clone)]
pub(crate) struct NewConsignment {
    pub(crate) home: HomeId,
    pub(crate) id: [u8; 16],
    pub(crate) provider: Kid,
    pub(crate) number: String,
    pub(crate) service: String,
    pub(crate) commitments: Vec<Commitment>,
    pub(crate) window: Window,
    pub(crate) description: String,
    pub(crate) idempotency: String,
    pub(crate) request_hash: Hash,
}

/// What became of an announcement.
#[derive(Debug, Clone)]
pub(crate) enum Announced {
    /// Stored now, or by an earlier request with the same key and content.
    Is(Box<ConsignmentRow>, bool),
    /// The key was used for something else.
    KeyTaken,
}

/// A stored consignment.
#[derive(Debug, Clone)]
pub(crate) struct ConsignmentRow {
    pub(crate) home: HomeId,
    pub(crate) id: [u8; 16],
    pub(crate) provider: Kid,
    pub(crate) number: String,
    pub(crate) service: String,
    pub(crate) commitments: Vec<Commitment>,
    pub(crate) window: Window,
    pub(crate) description: String,
    /// `awaiting`, `granted` or `declined`.
    pub(crate) state: String,
    pub(crate) created_ms: i64,
    /// To a household before.
    pub(crate) is_before: bool,
}

type ConsignmentTuple =
    (Vec<u8>, Vec<u8>, Vec<u8>, String, String, Vec<u8>, i64, i64, String, String, i64, bool, Vec<u8>);

const MANY: usize = 64 * 1024;

fn consignment_row(row: ConsignmentTuple) -> Result<(ConsignmentRow, Hash), StoreError> {
    let (
        home,
        id,
        provider,
        number,
        service,
        commitments,
        from_s,
        until_s,
        description,
        state,
        created,
        is_before,
        hash,
    ) = row;
    let row = ConsignmentRow {
        home: HomeId(fixed(&home, "home")?),
        id: fixed(&id, "consignment")?,
        provider: Kid(fixed(&provider, "provider")?),
        number,
        service,
        commitments: canonical::decode(&commitments, MANY).map_err(|_| StoreError::Corrupt("commitments"))?,
        window: Window { from: Timestamp(unsigned(from_s)), until: Timestamp(unsigned(until_s)) },
        description,
        state,
        created_ms: created,
        is_before,
    };
    Ok((row, Hash(fixed(&hash, "request_hash")?)))
}

impl Store {
    /// Stores an announcement once per idempotency key, and tells the residents.
    pub(crate) async fn announce(&self, new: NewConsignment) -> Result<Announced, StoreError> {
        let tenant = self.tenant.0;
        self.main.write.run(move |c| Box::pin(announce(c, tenant, new))).await
    }

    /// Consignments to the present household, newest first; those in one state if `state` is not empty.
    pub(crate) async fn consignments_at(
        &self,
        home: HomeId,
        state: &str,
    ) -> Result<Vec<ConsignmentRow>, StoreError> {
        let sql = "SELECT home, id, provider, number, service, commitments, from_s, until_s, description, \
                   state, created_ms, is_before, request_hash FROM present_consignments \
                   WHERE tenant = $1 AND home = $2 AND ($3 = '' OR state = $3) \
                   ORDER BY created_ms DESC, id LIMIT 500";
        let rows: Vec<ConsignmentTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(state).fetch_all(self.read()).await?;
        rows.into_iter().map(|row| consignment_row(row).map(|(row, _)| row)).collect()
    }

    /// Consignments of one provider, newest first.
    pub(crate) async fn consignments_of(
        &self,
        provider: Kid,
        limit: u32,
    ) -> Result<Vec<ConsignmentRow>, StoreError> {
        let sql = "SELECT home, id, provider, number, service, commitments, from_s, until_s, description, \
                   state, created_ms, is_before, request_hash FROM consignments \
                   WHERE tenant = $1 AND provider = $2 ORDER BY created_ms DESC, id LIMIT $3";
        let rows: Vec<ConsignmentTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&provider.0[..])
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(|row| consignment_row(row).map(|(row, _)| row)).collect()
    }

    /// True if this provider announced anything to the present household.
    pub(crate) async fn has_announced(&self, provider: Kid, home: HomeId) -> Result<bool, StoreError> {
        let sql =
            "SELECT COUNT(*) FROM present_consignments WHERE tenant = $1 AND home = $2 AND provider = $3";
        let (n,): (i64,) = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&provider.0[..])
            .fetch_one(self.read())
            .await?;
        Ok(n > 0)
    }

    /// One consignment of one provider.
    pub(crate) async fn consignment_of(
        &self,
        provider: Kid,
        id: [u8; 16],
    ) -> Result<Option<ConsignmentRow>, StoreError> {
        let sql = "SELECT home, id, provider, number, service, commitments, from_s, until_s, description, \
                   state, created_ms, is_before, request_hash FROM consignments \
                   WHERE tenant = $1 AND provider = $2 AND id = $3";
        let row: Option<ConsignmentTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&provider.0[..])
            .bind(&id[..])
            .fetch_optional(self.read())
            .await?;
        row.map(|row| consignment_row(row).map(|(row, _)| row)).transpose()
    }

    /// Sets the state of one consignment; false if the home has none like it.
    pub(crate) async fn set_consignment_state(
        &self,
        home: HomeId,
        id: [u8; 16],
        state: &'static str,
    ) -> Result<bool, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    let sql = "UPDATE consignments SET state = $4 \
                               WHERE tenant = $1 AND home = $2 AND id = $3 AND is_before = 0";
                    let done = query(sql)
                        .bind(&tenant[..])
                        .bind(&home.0[..])
                        .bind(&id[..])
                        .bind(state)
                        .execute(c)
                        .await?;
                    Ok(done.rows_affected() > 0)
                })
            })
            .await
    }
}

async fn announce(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    new: NewConsignment,
) -> Result<Announced, StoreError> {
    let done = query(
        "INSERT INTO consignments (tenant, home, id, provider, number, service, commitments, from_s, until_s, \
         description, state, idempotency, request_hash, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'awaiting', $11, $12, $13) ON CONFLICT DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&new.home.0[..])
    .bind(&new.id[..])
    .bind(&new.provider.0[..])
    .bind(&new.number)
    .bind(&new.service)
    .bind(canonical::encode(&new.commitments))
    .bind(signed(new.window.from.0))
    .bind(signed(new.window.until.0))
    .bind(&new.description)
    .bind(&new.idempotency)
    .bind(&new.request_hash.0[..])
    .bind(now_ms())
    .execute(&mut *c)
    .await?;
    let sql = "SELECT home, id, provider, number, service, commitments, from_s, until_s, description, \
               state, created_ms, is_before, request_hash FROM consignments \
               WHERE tenant = $1 AND provider = $2 AND idempotency = $3";
    let row: ConsignmentTuple = query_as(sql)
        .bind(&tenant[..])
        .bind(&new.provider.0[..])
        .bind(&new.idempotency)
        .fetch_one(&mut *c)
        .await?;
    let (row, request_hash) = consignment_row(row)?;
    if request_hash != new.request_hash {
        return Ok(Announced::KeyTaken);
    }
    let is_new = done.rows_affected() > 0;
    if is_new {
        let about = serde_json::json!({
            "consignment": crate::json::Id(crate::json::ConsignmentId(row.id)),
            "provider": crate::json::Id(row.provider),
            "service": row.service,
        });
        let notice = incidents::NewNotice { home: row.home, kind: "announced", visit: None, about };
        incidents::insert_notice(c, tenant, notice).await?;
    }
    Ok(Announced::Is(Box::new(row), is_new))
}
