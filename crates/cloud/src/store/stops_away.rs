//! How many stops are before a door, as the provider said last. No position of anybody.

use super::{Store, StoreError, fixed, incidents};
use crate::clock::now_ms;
use crate::json::{Id, signed};
use crate::limits;
use protocol::Kid;
use protocol::bytes::{Hash, HomeId};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// What a provider said of one assignment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopsAwayRow {
    pub(crate) assignment: Hash,
    pub(crate) stops: u8,
    pub(crate) said_ms: i64,
}

impl Store {
    /// The home of an assignment of this provider to a household that is there, and whose time is not over.
    pub(crate) async fn home_of_assignment(
        &self,
        provider: Kid,
        hash: Hash,
        now_s: i64,
    ) -> Result<Option<HomeId>, StoreError> {
        let sql = "SELECT home FROM assignments WHERE tenant = $1 AND hash = $2 AND provider = $3 AND until_s > $4 \
             AND is_before = 0";
        let row: Option<(Vec<u8>,)> = query_as(sql)
            .bind(self.tenant())
            .bind(&hash.0[..])
            .bind(&provider.0[..])
            .bind(now_s)
            .fetch_optional(self.read())
            .await?;
        row.map(|(home,)| Ok(HomeId(fixed(&home, "home")?))).transpose()
    }

    /// Keeps what was said; the residents are told once, when it is near. True if they were now.
    pub(crate) async fn put_stops_away(
        &self,
        home: HomeId,
        assignment: Hash,
        stops: u8,
    ) -> Result<bool, StoreError> {
        let tenant = self.tenant.0;
        self.main.write.run(move |c| Box::pin(put(c, tenant, home, assignment, stops))).await
    }

    /// What was said of assignments of one home since a time.
    pub(crate) async fn stops_away(
        &self,
        home: HomeId,
        since_ms: i64,
    ) -> Result<Vec<StopsAwayRow>, StoreError> {
        let sql = "SELECT assignment, stops, said_ms FROM stops_away \
                   WHERE tenant = $1 AND home = $2 AND said_ms >= $3 ORDER BY said_ms DESC LIMIT 500";
        let rows: Vec<(Vec<u8>, u8, i64)> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(since_ms).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(assignment, stops, said_ms)| {
                Ok(StopsAwayRow { assignment: Hash(fixed(&assignment, "assignment")?), stops, said_ms })
            })
            .collect()
    }
}

async fn put(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    assignment: Hash,
    stops: u8,
) -> Result<bool, StoreError> {
    let sql = "SELECT noticed FROM stops_away WHERE tenant = $1 AND home = $2 AND assignment = $3";
    let row: Option<(i64,)> = query_as(sql)
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(&assignment.0[..])
        .fetch_optional(&mut *c)
        .await?;
    let was_noticed = row.is_some_and(|(noticed,)| noticed != 0);
    let is_near = stops <= limits::STOPS_AWAY_NEAR;
    query(
        "INSERT INTO stops_away (tenant, home, assignment, stops, said_ms, noticed) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant, home, assignment) DO UPDATE SET \
         stops = excluded.stops, said_ms = excluded.said_ms, noticed = excluded.noticed",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(&assignment.0[..])
    .bind(i64::from(stops))
    .bind(now_ms())
    .bind(signed(u64::from(was_noticed || is_near)))
    .execute(&mut *c)
    .await?;
    if was_noticed || !is_near {
        return Ok(false);
    }
    let about = serde_json::json!({ "stops": stops, "assignment": Id(assignment) });
    let notice = incidents::NewNotice { home, kind: "stops_away", visit: None, about };
    incidents::insert_notice(c, tenant, notice).await?;
    Ok(true)
}
