//! Signed messages on their way to a home. Each is resent until the home answers, in the order in which they came;
//! revocations go first.

use super::{About, Store, StoreError, fixed};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use protocol::bytes::{Hash, HomeId};
use protocol::canonical;
use protocol::uplink::Paper;
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// Kinds of papers, in the order in which a home should get them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaperKind {
    Revocation,
    Roster,
    Grant,
    Delegation,
    Assignment,
}

impl PaperKind {
    /// Sorts by urgency, since the first letter does.
    const fn name(self) -> &'static str {
        match self {
            Self::Revocation => "0_revocation",
            Self::Roster => "1_roster",
            Self::Grant => "2_grant",
            Self::Delegation => "3_delegation",
            Self::Assignment => "4_assignment",
        }
    }
}

/// One paper that waits for the home's answer.
#[derive(Debug, Clone)]
pub(crate) struct PaperRow {
    pub(crate) seq: u64,
    pub(crate) paper: Paper,
}

/// Puts a paper in the queue; the same paper twice is one paper. Gives its number.
pub(super) async fn enqueue(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    kind: PaperKind,
    hash: Hash,
    paper: &Paper,
) -> Result<u64, StoreError> {
    let sql = "SELECT seq FROM papers WHERE tenant = $1 AND home = $2 AND kind = $3 AND hash = $4";
    let known: Option<(i64,)> = query_as(sql)
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(kind.name())
        .bind(&hash.0[..])
        .fetch_optional(&mut *c)
        .await?;
    if let Some((seq,)) = known {
        return Ok(unsigned(seq));
    }
    let sql = "SELECT COALESCE(MAX(seq), 0) + 1 FROM papers WHERE tenant = $1 AND home = $2";
    let (seq,): (i64,) = query_as(sql).bind(&tenant[..]).bind(&home.0[..]).fetch_one(&mut *c).await?;
    query(
        "INSERT INTO papers (tenant, home, seq, kind, hash, bytes, state, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7)",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(seq)
    .bind(kind.name())
    .bind(&hash.0[..])
    .bind(canonical::encode(paper))
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(unsigned(seq))
}

impl Store {
    /// Queues a paper that has no table of its own.
    pub(crate) async fn enqueue_paper(
        &self,
        home: HomeId,
        kind: PaperKind,
        hash: Hash,
        paper: Paper,
    ) -> Result<u64, StoreError> {
        let tenant = self.tenant.0;
        self.main
            .write
            .run(move |c| Box::pin(async move { enqueue(c, tenant, home, kind, hash, &paper).await }))
            .await
    }

    /// Papers without an answer, most urgent first, at most `limit`.
    pub(crate) async fn papers_pending(&self, home: HomeId, limit: i64) -> Result<Vec<PaperRow>, StoreError> {
        let sql = "SELECT seq, bytes FROM papers WHERE tenant = $1 AND home = $2 AND state = 'pending' \
                   ORDER BY kind, seq LIMIT $3";
        let rows: Vec<(i64, Vec<u8>)> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(limit).fetch_all(self.read()).await?;
        rows.into_iter()
            .map(|(seq, bytes)| {
                let paper = canonical::decode(&bytes, 1 << 20).map_err(|_| StoreError::Corrupt("paper"))?;
                Ok(PaperRow { seq: unsigned(seq), paper })
            })
            .collect()
    }

    /// The home's answer; a later one replaces an earlier.
    pub(crate) async fn paper_answered(
        &self,
        home: HomeId,
        seq: u64,
        refused: Option<String>,
    ) -> Result<(), StoreError> {
        let statement = query(
            "UPDATE papers SET state = $4, code = $5, answered_ms = $6 \
             WHERE tenant = $1 AND home = $2 AND seq = $3",
        )
        .bind(self.tenant())
        .bind(&home.0[..])
        .bind(signed(seq))
        .bind(if refused.is_some() { "refused" } else { "kept" })
        .bind(refused)
        .bind(now_ms());
        self.execute_shown(About::Home(home), statement).await?;
        Ok(())
    }

    /// State and refusal code of one paper.
    pub(crate) async fn paper_state(
        &self,
        home: HomeId,
        seq: u64,
    ) -> Result<(String, Option<String>), StoreError> {
        let sql = "SELECT state, code FROM papers WHERE tenant = $1 AND home = $2 AND seq = $3";
        let row: Option<(String, Option<String>)> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(signed(seq))
            .fetch_optional(self.read())
            .await?;
        row.ok_or(StoreError::Corrupt("paper"))
    }
}

/// Reads an identifier column of a joined row.
pub(super) fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    fixed(bytes, "hash").map(Hash)
}
