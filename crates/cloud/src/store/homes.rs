//! Homes, their rosters, and the keys of the roster in force.

use super::{About, Store, StoreError, fixed, hand_over, shares};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use protocol::bytes::{Blob, DoorId, Hash, HomeId};
use protocol::roster::{Rank, Roster};
use protocol::{Claimed, Credential, Kid, PublicKey, canonical};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// One home.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HomeRow {
    pub(crate) home: HomeId,
    pub(crate) door: DoorId,
    pub(crate) door_key: PublicKey,
    /// Epoch of the roster by which it was last handed over; 0 if it never was.
    pub(crate) since_epoch: u64,
}

/// A key's place in a home.
#[derive(Debug, Clone)]
pub(crate) struct Membership {
    pub(crate) home: HomeId,
    /// `owner`, `member`, `companion`, `recovery` or `recorder`.
    pub(crate) rank: String,
    pub(crate) credential: Credential,
}

/// One roster as it is kept: proven when it came in.
pub(crate) struct NewRoster {
    pub(crate) roster: Roster,
    pub(crate) hash: Hash,
    pub(crate) envelopes: Vec<Blob>,
    /// Its signatures hand the home over.
    pub(crate) hands_over: bool,
}

type HomeTuple = (Vec<u8>, Vec<u8>, Vec<u8>, i64);

fn home_row((home, door, key, since): HomeTuple) -> Result<HomeRow, StoreError> {
    Ok(HomeRow {
        home: HomeId(fixed(&home, "home")?),
        door: DoorId(fixed(&door, "door")?),
        door_key: canonical::decode(&key, 128).map_err(|_| StoreError::Corrupt("door_key"))?,
        since_epoch: unsigned(since),
    })
}

impl Store {
    /// Creates a home with its rosters, all of which the door vouched for by registering them.
    pub(crate) async fn create_home(&self, chain: Vec<NewRoster>) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.main.write.run(move |c| Box::pin(create_home(c, tenant, chain))).await
    }

    pub(crate) async fn home(&self, home: HomeId) -> Result<Option<HomeRow>, StoreError> {
        let sql = "SELECT home, door, door_key, since_epoch FROM homes WHERE tenant = $1 AND home = $2";
        let row: Option<HomeTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_optional(self.read()).await?;
        row.map(home_row).transpose()
    }

    pub(crate) async fn home_by_door(&self, door: DoorId) -> Result<Option<HomeRow>, StoreError> {
        let sql = "SELECT home, door, door_key, since_epoch FROM homes WHERE tenant = $1 AND door = $2";
        let row: Option<HomeTuple> =
            query_as(sql).bind(self.tenant()).bind(&door.0[..]).fetch_optional(self.read()).await?;
        row.map(home_row).transpose()
    }

    pub(crate) async fn home_by_door_kid(&self, kid: Kid) -> Result<Option<HomeRow>, StoreError> {
        let sql = "SELECT home, door, door_key, since_epoch FROM homes WHERE tenant = $1 AND door_kid = $2";
        let row: Option<HomeTuple> =
            query_as(sql).bind(self.tenant()).bind(&kid.0[..]).fetch_optional(self.read()).await?;
        row.map(home_row).transpose()
    }

    /// The roster that the home itself counts by, with its hash and envelopes.
    pub(crate) async fn roster_in_force(
        &self,
        home: HomeId,
    ) -> Result<Option<(Roster, Hash, Vec<Blob>)>, StoreError> {
        let mut reader = self.read().acquire().await?;
        in_force(&mut reader, self.tenant.0, home).await
    }

    /// Rosters of the present household that came into force after `since`, oldest first, at most `limit`, with their hashes
    /// and envelopes.
    pub(crate) async fn rosters_since(
        &self,
        home: HomeId,
        since: u64,
        limit: u32,
    ) -> Result<Vec<(Roster, Hash, Vec<Blob>)>, StoreError> {
        let sql = "SELECT r.envelopes FROM present_rosters r JOIN roster_confirmations k \
                   ON k.tenant = r.tenant AND k.home = r.home AND k.epoch = r.epoch AND k.hash = r.hash \
                   WHERE r.tenant = $1 AND r.home = $2 AND r.epoch > $3 ORDER BY r.epoch LIMIT $4";
        let rows: Vec<(Vec<u8>,)> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(signed(since))
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.iter().map(|(bytes,)| read_roster(bytes)).collect()
    }

    /// Keeps a proven roster; it counts once the home says so.
    pub(crate) async fn put_roster(&self, new: NewRoster) -> Result<(), StoreError> {
        let tenant = self.tenant.0;
        self.write_shown(About::Home(new.roster.home), move |c| {
            Box::pin(async move {
                insert_roster(c, tenant, &new).await?;
                refresh_keys(c, tenant, new.roster.home).await
            })
        })
        .await
    }

    /// Every home that names this key, and as what.
    pub(crate) async fn memberships(&self, kid: Kid) -> Result<Vec<Membership>, StoreError> {
        let sql =
            "SELECT home, rank, credential FROM roster_keys WHERE tenant = $1 AND kid = $2 ORDER BY home";
        let rows: Vec<(Vec<u8>, String, Vec<u8>)> =
            query_as(sql).bind(self.tenant()).bind(&kid.0[..]).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(home, rank, credential)| {
                Ok(Membership {
                    home: HomeId(fixed(&home, "home")?),
                    rank,
                    credential: canonical::decode(&credential, 1024)
                        .map_err(|_| StoreError::Corrupt("credential"))?,
                })
            })
            .collect()
    }

    /// As what this key counts in this home.
    pub(crate) async fn membership(&self, home: HomeId, kid: Kid) -> Result<Option<Membership>, StoreError> {
        Ok(self.memberships(kid).await?.into_iter().find(|m| m.home == home))
    }

    pub(crate) async fn homes_count(&self) -> Result<u64, StoreError> {
        let (n,): (i64,) = query_as("SELECT COUNT(*) FROM homes WHERE tenant = $1")
            .bind(self.tenant())
            .fetch_one(self.read())
            .await?;
        Ok(unsigned(n))
    }
}

async fn create_home(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    chain: Vec<NewRoster>,
) -> Result<(), StoreError> {
    let Some(last) = chain.last() else { return Err(StoreError::Corrupt("roster chain")) };
    let home = last.roster.home;
    query(
        "INSERT INTO homes (tenant, home, door, door_kid, door_key, projected_to, created_ms) \
         VALUES ($1, $2, $3, $4, $5, 0, $6)",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(&last.roster.door.0[..])
    .bind(&last.roster.door_key.kid().0[..])
    .bind(canonical::encode(&last.roster.door_key))
    .bind(now_ms())
    .execute(&mut *c)
    .await?;
    for new in &chain {
        insert_roster(c, tenant, new).await?;
        insert_confirmation(c, tenant, home, new.roster.epoch, new.hash).await?;
    }
    refresh_keys(c, tenant, home).await
}

async fn insert_roster(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    new: &NewRoster,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO rosters (tenant, home, epoch, hash, envelopes, hands_over, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&new.roster.home.0[..])
    .bind(signed(new.roster.epoch))
    .bind(&new.hash.0[..])
    .bind(canonical::encode(&new.envelopes))
    .bind(new.hands_over)
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(())
}

async fn insert_confirmation(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    epoch: u64,
    hash: Hash,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO roster_confirmations (tenant, home, epoch, hash) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(signed(epoch))
    .bind(&hash.0[..])
    .execute(c)
    .await?;
    Ok(())
}

/// The home said, by event `counter` of its log, that this roster counts.
pub(super) async fn confirm_roster(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    (epoch, hash): (u64, Hash),
    counter: u64,
) -> Result<(), StoreError> {
    let known = in_force(c, tenant, home).await?.map_or(0, |(roster, ..)| roster.epoch);
    insert_confirmation(c, tenant, home, epoch, hash).await?;
    refresh_keys(c, tenant, home).await?;
    hand_over::follow(c, tenant, home, (epoch, hash), counter, known).await
}

async fn in_force(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
) -> Result<Option<(Roster, Hash, Vec<Blob>)>, StoreError> {
    let sql = "SELECT r.envelopes FROM rosters r JOIN roster_confirmations k \
               ON k.tenant = r.tenant AND k.home = r.home AND k.epoch = r.epoch AND k.hash = r.hash \
               WHERE r.tenant = $1 AND r.home = $2 ORDER BY r.epoch DESC LIMIT 1";
    let row: Option<(Vec<u8>,)> = query_as(sql).bind(&tenant[..]).bind(&home.0[..]).fetch_optional(c).await?;
    row.map(|(bytes,)| read_roster(&bytes)).transpose()
}

/// Envelopes were proven when they came in, and are read without proving them again.
fn read_roster(bytes: &[u8]) -> Result<(Roster, Hash, Vec<Blob>), StoreError> {
    let corrupt = StoreError::Corrupt("roster");
    let envelopes: Vec<Blob> = canonical::decode(bytes, 1 << 20).map_err(|_| corrupt.clone())?;
    let first = envelopes.first().ok_or_else(|| corrupt.clone())?;
    let claimed = Claimed::<Roster>::parse(&first.0).map_err(|_| corrupt)?;
    Ok((claimed.unproven().clone(), claimed.hash(), envelopes))
}

async fn refresh_keys(c: &mut SqliteConnection, tenant: [u8; 16], home: HomeId) -> Result<(), StoreError> {
    let Some((roster, _, _)) = in_force(c, tenant, home).await? else { return Ok(()) };
    query("DELETE FROM roster_keys WHERE tenant = $1 AND home = $2")
        .bind(&tenant[..])
        .bind(&home.0[..])
        .execute(&mut *c)
        .await?;
    let residents = roster.residents.iter().map(|r| (rank_name(r.role), r.credential.clone()));
    let recorders = roster.recorder_keys.iter().map(|key| ("recorder", Credential::device(*key)));
    for (rank, credential) in residents.chain(recorders) {
        query(
            "INSERT INTO roster_keys (tenant, home, kid, rank, credential) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(&credential.kid().0[..])
        .bind(rank)
        .bind(canonical::encode(&credential))
        .execute(&mut *c)
        .await?;
    }
    shares::end_of_strangers(c, tenant, home).await
}

const fn rank_name(rank: Rank) -> &'static str {
    match rank {
        Rank::Owner => "owner",
        Rank::Member => "member",
        Rank::Recovery => "recovery",
        Rank::Companion => "companion",
    }
}
