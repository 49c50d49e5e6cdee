//! Papers of visits, sealed to residents.

use super::{Store, StoreError};
use protocol::Kid;
use protocol::bytes::{HomeId, VisitId};
use sqlx::{query, query_as};

impl Store {
    /// Keeps a copy for each of these keys.
    pub(crate) async fn put_visit_papers(
        &self,
        home: HomeId,
        visit: VisitId,
        copies: Vec<(Kid, Vec<u8>)>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| {
                Box::pin(async move {
                    for (kid, sealed) in copies {
                        query(
                            "INSERT INTO visit_papers (tenant, home, visit, kid, sealed, kept_ms) \
                             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
                        )
                        .bind(&tenant[..])
                        .bind(&home.0[..])
                        .bind(&visit.0[..])
                        .bind(&kid.0[..])
                        .bind(sealed)
                        .bind(now_ms)
                        .execute(&mut *c)
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// The copy for this key.
    pub(crate) async fn visit_papers(
        &self,
        home: HomeId,
        visit: VisitId,
        kid: Kid,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT sealed FROM visit_papers \
                   WHERE tenant = $1 AND home = $2 AND visit = $3 AND kid = $4";
        let row: Option<(Vec<u8>,)> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&visit.0[..])
            .bind(&kid.0[..])
            .fetch_optional(self.read())
            .await?;
        Ok(row.map(|(sealed,)| sealed))
    }
}
