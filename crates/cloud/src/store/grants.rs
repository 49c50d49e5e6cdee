//! Grants, revocation lists and assignments: signed papers with what listings and matching look up.

use super::papers::{self, PaperKind, enqueue};
use super::{About, Store, StoreError, fixed};
use crate::clock::now_ms;
use crate::json::{signed, unsigned};
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, Hash, HomeId};
use protocol::grant::{Grant, Grantee};
use protocol::revocation::Revocation;
use protocol::roster::Roster;
use protocol::uplink::Paper;
use protocol::{Claimed, Kid, Message, Signed};
use sqlx::sqlite::SqliteConnection;
use sqlx::{query, query_as};

/// A proven grant.
#[derive(Debug, Clone)]
pub(crate) struct NewGrant {
    pub(crate) home: HomeId,
    pub(crate) grant: Signed<Grant>,
}

/// A stored grant, with the home's word on it.
#[derive(Debug, Clone)]
pub(crate) struct GrantRow {
    pub(crate) home: HomeId,
    pub(crate) hash: Hash,
    pub(crate) grant: Grant,
    pub(crate) signer: Kid,
    pub(crate) envelope: Vec<u8>,
    pub(crate) created_ms: i64,
    /// `pending`, `kept` or `refused`.
    pub(crate) kept: String,
    pub(crate) code: Option<String>,
    /// Of a household before: shown to nobody of the present one.
    pub(crate) is_before: bool,
}

impl GrantRow {
    /// Whoever signed it is in this roster, and no re-key ended it.
    pub(crate) fn is_signer_current(&self, roster: &Roster) -> bool {
        let counts = |signer| roster.epochs_of(signer).contains(&self.grant.roster_epoch);
        roster.grantor(self.signer).is_some_and(counts)
    }
}

/// A stored revocation list.
#[derive(Debug, Clone)]
pub(crate) struct RevocationRow {
    pub(crate) revocation: Revocation,
    pub(crate) signer: Kid,
    pub(crate) hash: Hash,
    pub(crate) envelope: Vec<u8>,
    pub(crate) created_ms: i64,
    pub(crate) confirmed_ms: Option<i64>,
    pub(crate) kept: String,
    pub(crate) code: Option<String>,
}

/// A proven assignment.
#[derive(Debug, Clone)]
pub(crate) struct NewAssignment {
    pub(crate) home: HomeId,
    pub(crate) assignment: Signed<Assignment>,
    pub(crate) delegation: Vec<u8>,
    pub(crate) delegation_hash: Hash,
    pub(crate) tour_sealed: Option<Vec<u8>>,
}

/// A stored assignment.
#[derive(Debug, Clone)]
pub(crate) struct AssignmentRow {
    pub(crate) home: HomeId,
    pub(crate) hash: Hash,
    pub(crate) assignment: Assignment,
    pub(crate) envelope: Vec<u8>,
    /// The working key.
    pub(crate) signer: Kid,
    pub(crate) tour_sealed: Option<Vec<u8>>,
    pub(crate) created_ms: i64,
    pub(crate) kept: String,
    pub(crate) code: Option<String>,
    /// To a household before: nobody is let in, asked or told under it.
    pub(crate) is_before: bool,
}

type GrantTuple = (Vec<u8>, Vec<u8>, Vec<u8>, i64, String, Option<String>, bool);
type AssignmentTuple = (Vec<u8>, Vec<u8>, Vec<u8>, Option<Vec<u8>>, i64, String, Option<String>, bool);
type RevocationTuple = (Vec<u8>, i64, Option<i64>, String, Option<String>);

/// Reads back a message that was proven when it came in.
pub(super) fn reread<M: Message>(envelope: &[u8]) -> Result<Claimed<M>, StoreError> {
    Claimed::parse(envelope).map_err(|_| StoreError::Corrupt(M::TYPE))
}

fn grant_row(row: GrantTuple) -> Result<GrantRow, StoreError> {
    let (home, signer, envelope, created_ms, kept, code, is_before) = row;
    let claimed = reread::<Grant>(&envelope)?;
    Ok(GrantRow {
        home: HomeId(fixed(&home, "home")?),
        hash: claimed.hash(),
        grant: claimed.unproven().clone(),
        signer: Kid(fixed(&signer, "signer")?),
        envelope,
        created_ms,
        kept,
        code,
        is_before,
    })
}

fn assignment_row(row: AssignmentTuple) -> Result<AssignmentRow, StoreError> {
    let (home, hash, envelope, tour_sealed, created_ms, kept, code, is_before) = row;
    let claimed = reread::<Assignment>(&envelope)?;
    Ok(AssignmentRow {
        home: HomeId(fixed(&home, "home")?),
        hash: papers::hash(&hash)?,
        assignment: claimed.unproven().clone(),
        signer: claimed.kid(),
        envelope,
        tour_sealed,
        created_ms,
        kept,
        code,
        is_before,
    })
}

fn revocation_row(row: RevocationTuple) -> Result<RevocationRow, StoreError> {
    let (envelope, created_ms, confirmed_ms, kept, code) = row;
    let claimed = reread::<Revocation>(&envelope)?;
    Ok(RevocationRow {
        revocation: claimed.unproven().clone(),
        signer: claimed.kid(),
        hash: claimed.hash(),
        envelope,
        created_ms,
        confirmed_ms,
        kept,
        code,
    })
}

impl Store {
    /// Stores a grant and queues it for the home. Gives the paper's number; none if another grant has its id.
    pub(crate) async fn put_grant(&self, new: NewGrant) -> Result<Option<u64>, StoreError> {
        let tenant = self.tenant.0;
        let (home, to) = (new.home, new.grant.message().to.clone());
        let stored =
            self.write_shown(About::Home(home), move |c| Box::pin(put_grant(c, tenant, new))).await?;
        if let Grantee::Holder { cnf, .. } = to {
            self.ring_tours(About::Device(cnf.kid()));
        }
        Ok(stored)
    }

    /// Grants of the present household, newest first.
    pub(crate) async fn grants(&self, home: HomeId) -> Result<Vec<GrantRow>, StoreError> {
        let sql = "SELECT g.home, g.signer, g.envelope, g.created_ms, p.state, p.code, g.is_before FROM present_grants g \
                   JOIN papers p ON p.tenant = g.tenant AND p.home = g.home AND p.seq = g.paper \
                   WHERE g.tenant = $1 AND g.home = $2 ORDER BY g.created_ms DESC, g.hash LIMIT 1000";
        let rows: Vec<GrantTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(self.read()).await?;
        rows.into_iter().map(grant_row).collect()
    }

    pub(crate) async fn grant(&self, home: HomeId, hash: Hash) -> Result<Option<GrantRow>, StoreError> {
        let sql = "SELECT g.home, g.signer, g.envelope, g.created_ms, p.state, p.code, g.is_before FROM grants g \
                   JOIN papers p ON p.tenant = g.tenant AND p.home = g.home AND p.seq = g.paper \
                   WHERE g.tenant = $1 AND g.home = $2 AND g.hash = $3";
        let row: Option<GrantTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&hash.0[..])
            .fetch_optional(self.read())
            .await?;
        row.map(grant_row).transpose()
    }

    /// Grants to one guest's device, over all homes, that have not run out.
    pub(crate) async fn grants_to_holder(
        &self,
        holder: Kid,
        now_s: i64,
    ) -> Result<Vec<GrantRow>, StoreError> {
        let sql = "SELECT g.home, g.signer, g.envelope, g.created_ms, p.state, p.code, g.is_before FROM grants g \
                   JOIN papers p ON p.tenant = g.tenant AND p.home = g.home AND p.seq = g.paper \
                   WHERE g.tenant = $1 AND g.holder = $2 AND g.until_s > $3 ORDER BY g.created_ms LIMIT 100";
        let rows: Vec<GrantTuple> =
            query_as(sql).bind(self.tenant()).bind(&holder.0[..]).bind(now_s).fetch_all(self.read()).await?;
        rows.into_iter().map(grant_row).collect()
    }

    /// Stores a revocation list and queues it. Gives the paper's number.
    pub(crate) async fn put_revocation(
        &self,
        home: HomeId,
        revocation: Signed<Revocation>,
    ) -> Result<u64, StoreError> {
        let tenant = self.tenant.0;
        self.write_shown(About::Home(home), move |c| Box::pin(put_revocation(c, tenant, home, revocation)))
            .await
    }

    /// Revocation lists of the present household, and the one that it found; newest first, at most the last hundred.
    pub(crate) async fn revocations(&self, home: HomeId) -> Result<Vec<RevocationRow>, StoreError> {
        let sql = "SELECT r.envelope, r.created_ms, r.confirmed_ms, p.state, p.code FROM present_revocations r \
                   JOIN papers p ON p.tenant = r.tenant AND p.home = r.home AND p.seq = r.paper \
                   WHERE r.tenant = $1 AND r.home = $2 ORDER BY r.sequence DESC LIMIT 100";
        let rows: Vec<RevocationTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).fetch_all(self.read()).await?;
        rows.into_iter().map(revocation_row).collect()
    }

    /// Stores an assignment and queues it behind its delegation. Gives the paper's number.
    pub(crate) async fn put_assignment(&self, new: NewAssignment) -> Result<u64, StoreError> {
        let tenant = self.tenant.0;
        let device = new.assignment.message().cnf.kid();
        self.write_shown(About::Device(device), move |c| Box::pin(put_assignment(c, tenant, new))).await
    }

    pub(crate) async fn assignment(
        &self,
        home: HomeId,
        hash: Hash,
    ) -> Result<Option<AssignmentRow>, StoreError> {
        let sql = "SELECT a.home, a.hash, a.envelope, a.tour_sealed, a.created_ms, p.state, p.code, a.is_before \
                   FROM assignments a JOIN papers p \
                   ON p.tenant = a.tenant AND p.home = a.home AND p.seq = a.paper \
                   WHERE a.tenant = $1 AND a.home = $2 AND a.hash = $3";
        let row: Option<AssignmentTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&home.0[..])
            .bind(&hash.0[..])
            .fetch_optional(self.read())
            .await?;
        row.map(assignment_row).transpose()
    }

    /// Assignments to one device that have not run out.
    pub(crate) async fn assignments_to_device(
        &self,
        device: Kid,
        now_s: i64,
    ) -> Result<Vec<AssignmentRow>, StoreError> {
        let sql = "SELECT a.home, a.hash, a.envelope, a.tour_sealed, a.created_ms, p.state, p.code, a.is_before \
                   FROM assignments a JOIN papers p \
                   ON p.tenant = a.tenant AND p.home = a.home AND p.seq = a.paper \
                   WHERE a.tenant = $1 AND a.device = $2 AND a.until_s > $3 ORDER BY a.until_s LIMIT 500";
        let rows: Vec<AssignmentTuple> =
            query_as(sql).bind(self.tenant()).bind(&device.0[..]).bind(now_s).fetch_all(self.read()).await?;
        rows.into_iter().map(assignment_row).collect()
    }

    /// Assignments of one provider, newest first.
    pub(crate) async fn assignments_of(
        &self,
        provider: Kid,
        limit: u32,
    ) -> Result<Vec<AssignmentRow>, StoreError> {
        let sql = "SELECT a.home, a.hash, a.envelope, a.tour_sealed, a.created_ms, p.state, p.code, a.is_before \
                   FROM assignments a JOIN papers p \
                   ON p.tenant = a.tenant AND p.home = a.home AND p.seq = a.paper \
                   WHERE a.tenant = $1 AND a.provider = $2 ORDER BY a.created_ms DESC LIMIT $3";
        let rows: Vec<AssignmentTuple> = query_as(sql)
            .bind(self.tenant())
            .bind(&provider.0[..])
            .bind(limit)
            .fetch_all(self.read())
            .await?;
        rows.into_iter().map(assignment_row).collect()
    }

    /// Assignments to the present household that have not run out.
    pub(crate) async fn assignments_at(
        &self,
        home: HomeId,
        now_s: i64,
    ) -> Result<Vec<AssignmentRow>, StoreError> {
        let sql = "SELECT a.home, a.hash, a.envelope, a.tour_sealed, a.created_ms, p.state, p.code, a.is_before \
                   FROM assignments a JOIN papers p \
                   ON p.tenant = a.tenant AND p.home = a.home AND p.seq = a.paper \
                   WHERE a.tenant = $1 AND a.home = $2 AND a.is_before = 0 AND a.until_s > $3 ORDER BY a.until_s LIMIT 500";
        let rows: Vec<AssignmentTuple> =
            query_as(sql).bind(self.tenant()).bind(&home.0[..]).bind(now_s).fetch_all(self.read()).await?;
        rows.into_iter().map(assignment_row).collect()
    }
}

async fn put_grant(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    new: NewGrant,
) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT COUNT(*) FROM grants WHERE tenant = $1 AND home = $2 AND id = $3 AND hash <> $4";
    let (others,): (i64,) = query_as(sql)
        .bind(&tenant[..])
        .bind(&new.home.0[..])
        .bind(&new.grant.message().id.0[..])
        .bind(&new.grant.hash().0[..])
        .fetch_one(&mut *c)
        .await?;
    if others > 0 {
        return Ok(None);
    }
    let bytes = new.grant.bytes().to_vec();
    let paper = Paper::Grant(Blob(bytes.clone()));
    let seq = enqueue(c, tenant, new.home, PaperKind::Grant, new.grant.hash(), &paper).await?;
    let message = new.grant.message();
    let (root, holder) = match &message.to {
        Grantee::Provider { root, .. } => (Some(*root), None),
        Grantee::Holder { cnf, .. } => (None, Some(cnf.kid())),
    };
    let until_s = message.windows.last().map_or(0, |w| signed(w.until.0));
    query(
        "INSERT INTO grants (tenant, home, hash, id, envelope, signer, root, holder, paper, until_s, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant, home, hash) DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&new.home.0[..])
    .bind(&new.grant.hash().0[..])
    .bind(&message.id.0[..])
    .bind(&bytes)
    .bind(&new.grant.signer().0[..])
    .bind(root.as_ref().map(|k| &k.0[..]))
    .bind(holder.as_ref().map(|k| &k.0[..]))
    .bind(signed(seq))
    .bind(until_s)
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(Some(seq))
}

async fn put_revocation(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    revocation: Signed<Revocation>,
) -> Result<u64, StoreError> {
    let paper = Paper::Revocation(Blob(revocation.bytes().to_vec()));
    let seq = enqueue(c, tenant, home, PaperKind::Revocation, revocation.hash(), &paper).await?;
    query(
        "INSERT INTO revocations (tenant, home, sequence, hash, envelope, paper, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(signed(revocation.message().sequence))
    .bind(&revocation.hash().0[..])
    .bind(revocation.bytes())
    .bind(signed(seq))
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(seq)
}

/// The home said that this list is in force.
pub(super) async fn confirm_revocation(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    sequence: u64,
    hash: Hash,
) -> Result<bool, StoreError> {
    let done = query(
        "UPDATE revocations SET confirmed_ms = $5 \
         WHERE tenant = $1 AND home = $2 AND sequence = $3 AND hash = $4 AND confirmed_ms IS NULL",
    )
    .bind(&tenant[..])
    .bind(&home.0[..])
    .bind(signed(sequence))
    .bind(&hash.0[..])
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether one of these papers is of a household before.
pub(super) async fn are_papers_before(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    home: HomeId,
    grant: Option<Hash>,
    assignment: Option<Hash>,
) -> Result<bool, StoreError> {
    let sql = "SELECT (SELECT COUNT(*) FROM grants WHERE tenant = $1 AND home = $2 AND hash = $3 AND is_before = 1) \
               + (SELECT COUNT(*) FROM assignments WHERE tenant = $1 AND home = $2 AND hash = $4 AND is_before = 1)";
    let (n,): (i64,) = query_as(sql)
        .bind(&tenant[..])
        .bind(&home.0[..])
        .bind(grant.as_ref().map(|h| &h.0[..]))
        .bind(assignment.as_ref().map(|h| &h.0[..]))
        .fetch_one(c)
        .await?;
    Ok(n > 0)
}

async fn put_assignment(
    c: &mut SqliteConnection,
    tenant: [u8; 16],
    new: NewAssignment,
) -> Result<u64, StoreError> {
    let delegation = Paper::Delegation(Blob(new.delegation));
    enqueue(c, tenant, new.home, PaperKind::Delegation, new.delegation_hash, &delegation).await?;
    let bytes = new.assignment.bytes().to_vec();
    let paper = Paper::Assignment(Blob(bytes.clone()));
    let seq = enqueue(c, tenant, new.home, PaperKind::Assignment, new.assignment.hash(), &paper).await?;
    let message = new.assignment.message();
    query(
        "INSERT INTO assignments \
         (tenant, home, hash, provider, envelope, device, tour, tour_sealed, paper, until_s, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
    )
    .bind(&tenant[..])
    .bind(&new.home.0[..])
    .bind(&new.assignment.hash().0[..])
    .bind(&message.provider.0[..])
    .bind(&bytes)
    .bind(&message.cnf.kid().0[..])
    .bind(&message.tour.0[..])
    .bind(new.tour_sealed)
    .bind(signed(seq))
    .bind(signed(message.window.until.0))
    .bind(now_ms())
    .execute(c)
    .await?;
    Ok(seq)
}

impl AssignmentRow {
    /// True if now lies in its window.
    pub(crate) fn is_open_at(&self, now_s: i64) -> bool {
        let now = unsigned(now_s);
        self.assignment.window.from.0 <= now && now < self.assignment.window.until.0
    }
}
