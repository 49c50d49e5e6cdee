//! Providers, their working keys and their handsets.

use super::grants::reread;
use super::{About, Store, StoreError, fixed};
use crate::clock::now_ms;
use crate::json::signed;
use protocol::delegation::Delegation;
use protocol::{Credential, Hash, Kid, Signed, canonical};
use sqlx::{query, query_as};

/// One provider.
#[derive(Debug, Clone)]
pub(crate) struct ProviderRow {
    pub(crate) root: Kid,
    pub(crate) credential: Credential,
    pub(crate) name: String,
    /// `pending`, `admitted` or `suspended`.
    pub(crate) state: String,
    pub(crate) created_ms: i64,
}

/// One handset.
#[derive(Debug, Clone)]
pub(crate) struct HandsetRow {
    pub(crate) provider: Kid,
    pub(crate) credential: Credential,
    pub(crate) kem: Option<Vec<u8>>,
    pub(crate) name: String,
    pub(crate) created_ms: i64,
    pub(crate) removed_ms: Option<i64>,
}

type ProviderTuple = (Vec<u8>, Vec<u8>, String, String, i64);
type HandsetTuple = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, String, i64, Option<i64>);

fn credential(bytes: &[u8]) -> Result<Credential, StoreError> {
    canonical::decode(bytes, 1024).map_err(|_| StoreError::Corrupt("credential"))
}

fn provider_row((root, key, name, state, created_ms): ProviderTuple) -> Result<ProviderRow, StoreError> {
    let credential = credential(&key)?;
    Ok(ProviderRow { root: Kid(fixed(&root, "root")?), credential, name, state, created_ms })
}

fn handset_row(row: HandsetTuple) -> Result<HandsetRow, StoreError> {
    let (provider, key, kem, name, created_ms, removed_ms) = row;
    let provider = Kid(fixed(&provider, "provider")?);
    Ok(HandsetRow { provider, credential: credential(&key)?, kem, name, created_ms, removed_ms })
}

impl Store {
    /// Stores a new provider as pending; false if it is known.
    pub(crate) async fn put_provider(
        &self,
        credential: Credential,
        name: String,
    ) -> Result<bool, StoreError> {
        let statement = query(
            "INSERT INTO providers (tenant, root, credential, name, state, created_ms) \
             VALUES ($1, $2, $3, $4, 'pending', $5) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant())
        .bind(&credential.kid().0[..])
        .bind(canonical::encode(&credential))
        .bind(name)
        .bind(now_ms());
        Ok(self.main.write.execute(statement).await? > 0)
    }

    pub(crate) async fn provider(&self, root: Kid) -> Result<Option<ProviderRow>, StoreError> {
        let sql = "SELECT root, credential, name, state, created_ms FROM providers \
                   WHERE tenant = $1 AND root = $2";
        let row: Option<ProviderTuple> =
            query_as(sql).bind(self.tenant()).bind(&root.0[..]).fetch_optional(self.read()).await?;
        row.map(provider_row).transpose()
    }

    pub(crate) async fn providers(&self) -> Result<Vec<ProviderRow>, StoreError> {
        let sql = "SELECT root, credential, name, state, created_ms FROM providers \
                   WHERE tenant = $1 ORDER BY created_ms DESC, root LIMIT 1000";
        let rows: Vec<ProviderTuple> = query_as(sql).bind(self.tenant()).fetch_all(self.read()).await?;
        rows.into_iter().map(provider_row).collect()
    }

    /// Sets a provider's state; false if there is none.
    pub(crate) async fn set_provider_state(
        &self,
        root: Kid,
        state: &'static str,
    ) -> Result<bool, StoreError> {
        let statement = query("UPDATE providers SET state = $3 WHERE tenant = $1 AND root = $2")
            .bind(self.tenant())
            .bind(&root.0[..])
            .bind(state);
        Ok(self.execute_shown(About::Provider(root), statement).await? > 0)
    }

    pub(crate) async fn put_delegation(&self, delegation: Signed<Delegation>) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    let message = delegation.message();
                    query(
                        "INSERT INTO delegations \
                         (tenant, provider, hash, kid, envelope, from_s, until_s, created_ms) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
                    )
                    .bind(&tenant[..])
                    .bind(&message.root.kid().0[..])
                    .bind(&delegation.hash().0[..])
                    .bind(&message.key.kid().0[..])
                    .bind(delegation.bytes())
                    .bind(signed(message.window.from.0))
                    .bind(signed(message.window.until.0))
                    .bind(now_ms())
                    .execute(c)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Delegations to this working key that count now, with their hashes and envelopes.
    pub(crate) async fn delegations_to(
        &self,
        kid: Kid,
        now_s: i64,
    ) -> Result<Vec<(Delegation, Hash, Vec<u8>)>, StoreError> {
        let sql = "SELECT envelope FROM delegations \
                   WHERE tenant = $1 AND kid = $2 AND from_s <= $3 AND until_s > $3 \
                   ORDER BY until_s DESC LIMIT 16";
        let rows: Vec<(Vec<u8>,)> =
            query_as(sql).bind(self.tenant()).bind(&kid.0[..]).bind(now_s).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(envelope,)| {
                let claimed = reread::<Delegation>(&envelope)?;
                Ok((claimed.unproven().clone(), claimed.hash(), envelope))
            })
            .collect()
    }

    /// All delegations of a provider, newest first.
    pub(crate) async fn delegations_of(&self, provider: Kid) -> Result<Vec<(Delegation, Hash)>, StoreError> {
        let sql = "SELECT envelope FROM delegations WHERE tenant = $1 AND provider = $2 \
                   ORDER BY created_ms DESC LIMIT 100";
        let rows: Vec<(Vec<u8>,)> =
            query_as(sql).bind(self.tenant()).bind(&provider.0[..]).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(envelope,)| {
                let claimed = reread::<Delegation>(&envelope)?;
                Ok((claimed.unproven().clone(), claimed.hash()))
            })
            .collect()
    }

    /// Enrols a handset, or enrols it again.
    pub(crate) async fn put_handset(&self, row: HandsetRow) -> Result<(), StoreError> {
        let statement = query(
            "INSERT INTO handsets (tenant, provider, kid, credential, kem, name, created_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (tenant, provider, kid) DO UPDATE SET credential = excluded.credential, \
             kem = excluded.kem, name = excluded.name, removed_ms = NULL",
        )
        .bind(self.tenant())
        .bind(&row.provider.0[..])
        .bind(&row.credential.kid().0[..])
        .bind(canonical::encode(&row.credential))
        .bind(row.kem)
        .bind(row.name)
        .bind(row.created_ms);
        self.main.write.execute(statement).await?;
        Ok(())
    }

    /// Removes a handset; false if there is none.
    pub(crate) async fn remove_handset(&self, provider: Kid, kid: Kid) -> Result<bool, StoreError> {
        let statement = query(
            "UPDATE handsets SET removed_ms = $4 \
             WHERE tenant = $1 AND provider = $2 AND kid = $3 AND removed_ms IS NULL",
        )
        .bind(self.tenant())
        .bind(&provider.0[..])
        .bind(&kid.0[..])
        .bind(now_ms());
        Ok(self.main.write.execute(statement).await? > 0)
    }

    pub(crate) async fn handsets_of(&self, provider: Kid) -> Result<Vec<HandsetRow>, StoreError> {
        let sql = "SELECT provider, credential, kem, name, created_ms, removed_ms FROM handsets \
                   WHERE tenant = $1 AND provider = $2 ORDER BY created_ms DESC, kid LIMIT 1000";
        let rows: Vec<HandsetTuple> =
            query_as(sql).bind(self.tenant()).bind(&provider.0[..]).fetch_all(self.read()).await?;
        rows.into_iter().map(handset_row).collect()
    }

    /// Every provider's enrolment of this key that was not removed.
    pub(crate) async fn handsets(&self, kid: Kid) -> Result<Vec<HandsetRow>, StoreError> {
        let sql = "SELECT provider, credential, kem, name, created_ms, removed_ms FROM handsets \
                   WHERE tenant = $1 AND kid = $2 AND removed_ms IS NULL LIMIT 16";
        let rows: Vec<HandsetTuple> =
            query_as(sql).bind(self.tenant()).bind(&kid.0[..]).fetch_all(self.read()).await?;
        rows.into_iter().map(handset_row).collect()
    }
}
