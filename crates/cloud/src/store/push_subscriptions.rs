//! Where residents' browsers want to be told, and up to which notice they were.

use super::{Store, StoreError, fixed};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use crate::telling::Wishes;
use protocol::Kid;
use protocol::bytes::HomeId;
use sqlx::{query, query_as};

/// One browser of one resident's device.
#[derive(Debug, Clone)]
pub(crate) struct PushSubscriptionRow {
    pub(crate) home: HomeId,
    pub(crate) kid: Kid,
    pub(crate) endpoint: String,
    /// Uncompressed SEC1, 65 bytes.
    pub(crate) p256dh: Vec<u8>,
    /// 16 bytes.
    pub(crate) auth: Vec<u8>,
    pub(crate) wishes: Wishes,
    /// The last notice that was said.
    pub(crate) told: u64,
}

type Tuple = (Vec<u8>, String, Vec<u8>, Vec<u8>, String, Option<u16>, Option<u16>, i64);

impl Store {
    /// Keeps a subscription in place of the device's earlier one; what was noticed before is not told any more.
    pub(crate) async fn put_push_subscription(&self, new: PushSubscriptionRow) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    query("DELETE FROM push_subscriptions WHERE tenant = $1 AND home = $2 AND kid = $3")
                        .bind(&tenant[..])
                        .bind(&new.home.0[..])
                        .bind(&new.kid.0[..])
                        .execute(&mut *c)
                        .await?;
                    query(
                        "INSERT INTO push_subscriptions (tenant, home, kid, endpoint, p256dh, auth, kinds, \
                         quiet_from_min, quiet_until_min, told, created_ms) \
                         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, COALESCE(MAX(seq), 0), $10 \
                         FROM notices WHERE tenant = $1 AND home = $2",
                    )
                    .bind(&tenant[..])
                    .bind(&new.home.0[..])
                    .bind(&new.kid.0[..])
                    .bind(&new.endpoint)
                    .bind(&new.p256dh)
                    .bind(&new.auth)
                    .bind(new.wishes.kinds.join(","))
                    .bind(new.wishes.quiet.map(|(from, _)| from))
                    .bind(new.wishes.quiet.map(|(_, until)| until))
                    .bind(now_ms())
                    .execute(c)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    pub(crate) async fn push_subscriptions(
        &self,
        home: HomeId,
    ) -> Result<Vec<PushSubscriptionRow>, StoreError> {
        let sql = "SELECT kid, endpoint, p256dh, auth, kinds, quiet_from_min, quiet_until_min, told \
                   FROM push_subscriptions WHERE tenant = $1 AND home = $2 ORDER BY kid";
        let rows: Vec<Tuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(kid, endpoint, p256dh, auth, kinds, from, until, told)| {
                Ok(PushSubscriptionRow {
                    home,
                    kid: Kid(fixed(&kid, "kid")?),
                    endpoint,
                    p256dh,
                    auth,
                    wishes: Wishes {
                        kinds: kinds.split(',').map(Into::into).collect(),
                        quiet: from.zip(until),
                    },
                    told: unsigned(told),
                })
            })
            .collect()
    }

    /// Forgets a device's subscription.
    pub(crate) async fn delete_push_subscription(&self, home: HomeId, kid: Kid) -> Result<(), StoreError> {
        let sql = "DELETE FROM push_subscriptions WHERE tenant = $1 AND home = $2 AND kid = $3";
        self.main.write.execute(query(sql).bind(self.tenant()).bind(&home.0[..]).bind(&kid.0[..])).await?;
        Ok(())
    }

    /// Notes that notices up to `seq` were said, unless the device subscribed anew meanwhile.
    pub(crate) async fn push_told(&self, row: PushSubscriptionRow, seq: u64) -> Result<(), StoreError> {
        let sql = "UPDATE push_subscriptions SET told = $4 \
                   WHERE tenant = $1 AND home = $2 AND kid = $3 AND told < $4 AND endpoint = $5";
        let statement = query(sql)
            .bind(self.tenant())
            .bind(&row.home.0[..])
            .bind(&row.kid.0[..])
            .bind(signed(seq))
            .bind(&row.endpoint);
        self.main.write.execute(statement).await?;
        Ok(())
    }
}
