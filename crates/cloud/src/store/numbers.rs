//! Delivery numbers.

use super::{Store, StoreError, fixed, fixed_or_none};
use crate::clock::now_ms;
use protocol::Kid;
use protocol::bytes::HomeId;
use sqlx::{query, query_as};

/// One delivery number.
#[derive(Debug, Clone)]
pub(crate) struct NumberRow {
    pub(crate) number: String,
    pub(crate) home: HomeId,
    pub(crate) label: String,
    /// Only this provider may use it.
    pub(crate) provider: Option<Kid>,
    pub(crate) created_ms: i64,
    pub(crate) revoked_ms: Option<i64>,
}

type NumberTuple = (String, Vec<u8>, String, Option<Vec<u8>>, i64, Option<i64>);

fn number_row(row: NumberTuple) -> Result<NumberRow, StoreError> {
    let (number, home, label, provider, created_ms, revoked_ms) = row;
    Ok(NumberRow {
        number,
        home: HomeId(fixed(&home, "home")?),
        label,
        provider: fixed_or_none(provider.as_deref(), "provider")?.map(Kid),
        created_ms,
        revoked_ms,
    })
}

impl Store {
    /// Stores a number unless it exists already or the home has `max` open ones: says which.
    pub(crate) async fn put_number(&self, row: NumberRow, max: i64) -> Result<Option<bool>, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    let sql = "SELECT COUNT(*) FROM delivery_numbers \
                               WHERE tenant = $1 AND home = $2 AND revoked_ms IS NULL";
                    let (open,): (i64,) =
                        query_as(sql).bind(&tenant[..]).bind(&row.home.0[..]).fetch_one(&mut *c).await?;
                    if open >= max {
                        return Ok(None);
                    }
                    let done = query(
                        "INSERT INTO delivery_numbers (tenant, number, home, label, provider, created_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                    )
                    .bind(&tenant[..])
                    .bind(&row.number)
                    .bind(&row.home.0[..])
                    .bind(&row.label)
                    .bind(row.provider.as_ref().map(|p| &p.0[..]))
                    .bind(row.created_ms)
                    .execute(c)
                    .await?;
                    Ok(Some(done.rows_affected() > 0))
                })
            })
            .await
    }

    /// Numbers of the present household, newest first.
    pub(crate) async fn numbers(&self, home: HomeId) -> Result<Vec<NumberRow>, StoreError> {
        let sql = "SELECT number, home, label, provider, created_ms, revoked_ms FROM present_delivery_numbers \
                   WHERE tenant = $1 AND home = $2 ORDER BY created_ms DESC, number LIMIT 1000";
        let rows: Vec<NumberTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(self.read()).await?;
        rows.into_iter().map(number_row).collect()
    }

    pub(crate) async fn number(&self, number: &str) -> Result<Option<NumberRow>, StoreError> {
        let sql = "SELECT number, home, label, provider, created_ms, revoked_ms FROM delivery_numbers \
                   WHERE tenant = $1 AND number = $2";
        let row: Option<NumberTuple> =
            query_as(sql).bind(self.tenant()).bind(number).fetch_optional(self.read()).await?;
        row.map(number_row).transpose()
    }

    /// Revokes; false if this home has no such open number.
    pub(crate) async fn revoke_number(&self, home: HomeId, number: String) -> Result<bool, StoreError> {
        let statement = query(
            "UPDATE delivery_numbers SET revoked_ms = $4 \
             WHERE tenant = $1 AND home = $2 AND number = $3 AND revoked_ms IS NULL",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(number)
        .bind(now_ms());
        Ok(self.main.write.execute(statement).await? > 0)
    }
}
