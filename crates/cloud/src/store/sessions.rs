//! Tokens, as hashes only.

use super::{Store, StoreError, fixed, fixed_or_none};
use crate::clock::now_ms;
use protocol::{Hash, Kid};
use sqlx::{query, query_as};

/// Who holds a token.
#[derive(Debug, Clone)]
pub(crate) struct SessionRow {
    pub(crate) role: String,
    pub(crate) kid: Kid,
    /// Root key of the provider, for role `provider`.
    pub(crate) provider: Option<Kid>,
}

impl Store {
    /// Keeps a token's hash; drops those that have run out.
    pub(crate) async fn put_session(
        &self,
        token: Hash,
        session: SessionRow,
        until_ms: i64,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    query("DELETE FROM sessions WHERE tenant = $1 AND until_ms < $2")
                        .bind(&tenant[..])
                        .bind(now_ms())
                        .execute(&mut *c)
                        .await?;
                    query(
                        "INSERT INTO sessions (tenant, token_hash, role, kid, provider, until_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6)",
                    )
                    .bind(&tenant[..])
                    .bind(&token.0[..])
                    .bind(&session.role)
                    .bind(&session.kid.0[..])
                    .bind(session.provider.as_ref().map(|p| &p.0[..]))
                    .bind(until_ms)
                    .execute(c)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Whoever holds this token now.
    pub(crate) async fn session(&self, token: Hash) -> Result<Option<SessionRow>, StoreError> {
        let sql = "SELECT role, kid, provider FROM sessions \
                   WHERE tenant = $1 AND token_hash = $2 AND until_ms >= $3";
        let row: Option<(String, Vec<u8>, Option<Vec<u8>>)> = query_as(sql)
            .bind(self.tenant())
            .bind(&token.0[..])
            .bind(now_ms())
            .fetch_optional(self.read())
            .await?;
        row.map(|(role, kid, provider)| {
            Ok(SessionRow {
                role,
                kid: Kid(fixed(&kid, "kid")?),
                provider: fixed_or_none(provider.as_deref(), "provider")?.map(Kid),
            })
        })
        .transpose()
    }
}
