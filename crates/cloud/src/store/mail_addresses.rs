//! Where residents are told by mail, and up to which notice they were.

use super::{Store, StoreError, fixed};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use crate::limits;
use crate::mail::Language;
use crate::telling::Wishes;
use protocol::Kid;
use protocol::bytes::HomeId;
use sqlx::{query, query_as};

/// The address of one resident's device.
#[derive(Debug, Clone)]
pub(crate) struct MailAddressRow {
    pub(crate) home: HomeId,
    pub(crate) kid: Kid,
    pub(crate) address: String,
    pub(crate) language: Language,
    pub(crate) wishes: Wishes,
    /// The digits of the first mail came back.
    pub(crate) is_confirmed: bool,
    /// The last notice that was said.
    pub(crate) told: u64,
}

/// What digits that somebody typed are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeVerdict {
    Right,
    Wrong,
    /// Too old, tried too often, or none is waited for.
    Over,
}

type Tuple = (Vec<u8>, String, String, String, Option<u16>, Option<u16>, i64, Option<String>);

impl Store {
    /// Keeps an address in place of the device's earlier one. With digits it waits for them; without it counts at once,
    /// and what was noticed before is not told any more.
    pub(crate) async fn put_mail_address(
        &self,
        new: MailAddressRow,
        code: Option<String>,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    query("DELETE FROM mail_addresses WHERE tenant = $1 AND home = $2 AND kid = $3")
                        .bind(&tenant[..])
                        .bind(&new.home.0[..])
                        .bind(&new.kid.0[..])
                        .execute(&mut *c)
                        .await?;
                    query(
                        "INSERT INTO mail_addresses (tenant, home, kid, address, language, kinds, quiet_from_min, \
                         quiet_until_min, told, code, code_until_ms, code_tries, created_ms) \
                         SELECT $1, $2, $3, $4, $5, $6, $7, $8, COALESCE(MAX(seq), 0), $9, $10, 0, $11 \
                         FROM notices WHERE tenant = $1 AND home = $2",
                    )
                    .bind(&tenant[..])
                    .bind(&new.home.0[..])
                    .bind(&new.kid.0[..])
                    .bind(&new.address)
                    .bind(new.language.tag())
                    .bind(new.wishes.kinds.join(","))
                    .bind(new.wishes.quiet.map(|(from, _)| from))
                    .bind(new.wishes.quiet.map(|(_, until)| until))
                    .bind(&code)
                    .bind(code.is_some().then(|| now_ms() + limits::MAIL_CODE_MS))
                    .bind(now_ms())
                    .execute(c)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    pub(crate) async fn mail_addresses(&self, home: HomeId) -> Result<Vec<MailAddressRow>, StoreError> {
        let sql = "SELECT kid, address, language, kinds, quiet_from_min, quiet_until_min, told, code \
                   FROM mail_addresses WHERE tenant = $1 AND home = $2 ORDER BY kid";
        let rows: Vec<Tuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(kid, address, language, kinds, from, until, told, code)| {
                Ok(MailAddressRow {
                    home,
                    kid: Kid(fixed(&kid, "kid")?),
                    address,
                    language: Language::of(&language).ok_or(StoreError::Corrupt("language"))?,
                    wishes: Wishes {
                        kinds: kinds.split(',').map(Into::into).collect(),
                        quiet: from.zip(until),
                    },
                    is_confirmed: code.is_none(),
                    told: unsigned(told),
                })
            })
            .collect()
    }

    /// Compares digits with those that were sent; the right ones make the address count from now on.
    pub(crate) async fn confirm_mail_address(
        &self,
        home: HomeId,
        kid: Kid,
        code: String,
    ) -> Result<CodeVerdict, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    let tried = query(
                        "UPDATE mail_addresses SET code_tries = code_tries + 1 WHERE tenant = $1 AND home = $2 \
                         AND kid = $3 AND code IS NOT NULL AND code_tries < $4 AND code_until_ms > $5",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&kid.0[..])
                    .bind(limits::MAIL_CODE_TRIES_MAX)
                    .bind(now_ms())
                    .execute(&mut *c)
                    .await?;
                    if tried.rows_affected() == 0 {
                        return Ok(CodeVerdict::Over);
                    }
                    let right = query(
                        "UPDATE mail_addresses SET code = NULL, code_until_ms = NULL, told = (SELECT \
                         COALESCE(MAX(seq), 0) FROM notices WHERE tenant = $1 AND home = $2) \
                         WHERE tenant = $1 AND home = $2 AND kid = $3 AND code = $4",
                    )
                    .bind(&tenant[..])
                    .bind(&home.0[..])
                    .bind(&kid.0[..])
                    .bind(&code)
                    .execute(c)
                    .await?;
                    Ok(if right.rows_affected() == 1 { CodeVerdict::Right } else { CodeVerdict::Wrong })
                })
            })
            .await
    }

    /// Forgets a device's address.
    pub(crate) async fn delete_mail_address(&self, home: HomeId, kid: Kid) -> Result<(), StoreError> {
        let sql = "DELETE FROM mail_addresses WHERE tenant = $1 AND home = $2 AND kid = $3";
        self.main.write.execute(query(sql).bind(self.tenant()).bind(&home.0[..]).bind(&kid.0[..])).await?;
        Ok(())
    }

    /// Notes that notices up to `seq` were said, unless the device gave another address meanwhile.
    pub(crate) async fn mail_told(&self, row: MailAddressRow, seq: u64) -> Result<(), StoreError> {
        let sql = "UPDATE mail_addresses SET told = $4 \
                   WHERE tenant = $1 AND home = $2 AND kid = $3 AND told < $4 AND address = $5";
        let statement = query(sql)
            .bind(self.tenant())
            .bind(&row.home.0[..])
            .bind(&row.kid.0[..])
            .bind(signed(seq))
            .bind(&row.address);
        self.main.write.execute(statement).await?;
        Ok(())
    }
}
