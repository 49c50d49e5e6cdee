//! How many papers a home keeps, which it drops, and how they come back from the journal.
//!
//! Dropped is what can never count again, and never a revocation list. And a delegation or assignment that belongs to no
//! grant, a stray, makes way for one that belongs to some: anybody can invent a provider, but only residents sign grants.
//!
//! A replay drops at the same places as the home did when it lived through them: at a start, and when a limit is
//! reached, by the time and the roster of then. It refuses nothing, whatever the limits are today.

use crate::admit::errands_are_granted;
use crate::limits::{
    ASSIGNMENTS_MAX, DELEGATIONS_MAX, FIRST_GRANT_WAIT_S, GRANTS_MAX, SEEN_KEYS_MAX, STRAY_ASSIGNMENTS_MAX,
    STRAY_DELEGATIONS_MAX,
};
use crate::papers::{Change, Kept, Papers, Since, grantee_key, outlasts};
use crate::refusal::Refusal;
use alloc::vec::Vec;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, GrantId, Hash};
use protocol::canonical::Malformed;
use protocol::delegation::Delegation;
use protocol::envelope::Message;
use protocol::grant::{Grant, Grantee};
use protocol::roster::Roster;
use protocol::time::Timestamp;
use protocol::uplink::Paper;
use protocol::{Claimed, Kid};

/// Why a paper of the journal does not come back, and the home must not start without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// A roster or a revocation list cannot be read. Without it, what it ended would count again.
    Unreadable(Malformed),
    /// The roster does not follow the one before.
    NotSuccessor,
}

impl Papers {
    /// Whether room should be made before this paper is kept.
    pub(crate) const fn is_full_for(&self, paper: &Paper) -> bool {
        match paper {
            Paper::Grant(_) => self.grants.len() >= GRANTS_MAX,
            Paper::Delegation(_) => self.delegations.len() >= STRAY_DELEGATIONS_MAX,
            Paper::Assignment(_) => self.assignments.len() >= STRAY_ASSIGNMENTS_MAX,
            Paper::Roster(_) | Paper::Revocation(_) | Paper::Confirmation(_) => false,
        }
    }

    /// Drops what can never count again: papers whose last window certainly ended, grants that the roster ended, and
    /// delegations that another one of the same two keys outlasts.
    pub(crate) fn drop_spent(&mut self, lo: Timestamp) {
        let grantors = Grantors::of(&self.roster);
        let (live, spent): (Vec<_>, Vec<_>) =
            self.grants.drain(..).partition(|kept| grantors.may_count(kept, lo));
        self.grants = live;
        for kept in spent {
            // By the calendar alone, which is the same when the journal is replayed.
            if kept.confirmed || lo.since(kept.since.interval.hi) >= FIRST_GRANT_WAIT_S {
                self.see(grantee_key(kept.claimed.unproven()));
            }
        }
        self.assignments.retain(|kept| lo < kept.claimed.unproven().window.until);
        self.delegations.retain(|kept| lo < kept.claimed.unproven().window.until);
        let mut lasting: Vec<Kept<Delegation>> = Vec::new();
        for kept in self.delegations.drain(..) {
            if !lasting.iter().any(|other| outlasts(other, &kept.claimed)) {
                lasting.retain(|other| !same_keys(other, &kept));
                lasting.push(kept);
            }
        }
        self.delegations = lasting;
    }

    /// Keeps a delegation, if there is room.
    pub(crate) fn put_delegation(&mut self, kept: Kept<Delegation>) -> Result<(), Refusal> {
        let make_way = self.make_way_for_delegation(&kept);
        if make_way.is_ok() {
            self.delegations.push(kept);
        }
        make_way
    }

    /// Keeps an assignment, if there is room.
    pub(crate) fn put_assignment(&mut self, kept: Kept<Assignment>) -> Result<(), Refusal> {
        let make_way = self.make_way_for_assignment(&kept);
        if make_way.is_ok() {
            self.assignments.push(kept);
        }
        make_way
    }

    fn make_way_for_delegation(&mut self, kept: &Kept<Delegation>) -> Result<(), Refusal> {
        let lo = kept.since.interval.lo;
        let grants = || Grantors::of(&self.roster).grants(&self.grants, lo);
        let belongs = |grants: &[&Grant], delegation: &Delegation| {
            let root = delegation.root.kid();
            grants.iter().any(|grant| is_to(grant, root))
        };
        make_way(&mut self.delegations, kept, DELEGATIONS_MAX, STRAY_DELEGATIONS_MAX, grants, belongs)
    }

    fn make_way_for_assignment(&mut self, kept: &Kept<Assignment>) -> Result<(), Refusal> {
        let lo = kept.since.interval.lo;
        let grants = || Grantors::of(&self.roster).grants(&self.grants, lo);
        let belongs =
            |grants: &[&Grant], assignment: &Assignment| grants.iter().any(|grant| is_for(grant, assignment));
        make_way(&mut self.assignments, kept, ASSIGNMENTS_MAX, STRAY_ASSIGNMENTS_MAX, grants, belongs)
    }

    /// The grants for which a change may mean something: what is known of them ahead of a visit is looked at again.
    pub(crate) fn concerned_by(&self, change: &Change) -> Vec<Hash> {
        let of = |concerned: &dyn Fn(&Kept<Grant>) -> bool| {
            self.grants.iter().filter(|kept| concerned(kept)).map(|kept| kept.claimed.hash()).collect()
        };
        match change {
            Change::Nothing => Vec::new(),
            Change::Roster | Change::Revocation => of(&|_| true),
            Change::Grant(hash) | Change::Confirmed(hash) => of(&|kept| kept.claimed.hash() == *hash),
            Change::Delegation(root) => of(&|kept| is_to(kept.claimed.unproven(), *root)),
            Change::Assignment(hash) => {
                let Some(assignment) = self.assignment(*hash) else { return Vec::new() };
                of(&|kept| is_for(kept.claimed.unproven(), assignment.claimed.unproven()))
            }
        }
    }

    /// Grants to the provider of an assignment that are for its errands: first those that name them.
    pub(crate) fn carrying(&self, assignment: &Assignment) -> impl Iterator<Item = &Kept<Grant>> {
        let carries = move |kept: &&Kept<Grant>| is_for(kept.claimed.unproven(), assignment);
        let names = |kept: &&Kept<Grant>| {
            matches!(kept.claimed.unproven().errand, protocol::grant::Errand::Consignments(_))
        };
        let standing = self.grants.iter().filter(move |kept| carries(kept) && !names(kept));
        self.grants.iter().filter(move |kept| carries(kept) && names(kept)).chain(standing)
    }

    /// Whether a grant with this id is kept.
    pub(crate) fn has_grant_id(&self, id: GrantId) -> bool {
        self.grants.iter().any(|kept| kept.claimed.unproven().id == id)
    }

    /// A grant to this key counted once: the next one need not wait.
    fn see(&mut self, key: Kid) {
        self.seen.retain(|seen| *seen != key);
        if self.seen.len() >= SEEN_KEYS_MAX {
            self.seen.remove(0);
        }
        self.seen.push(key);
    }

    /// Takes a paper back from the journal. It was checked when it was kept, and the decision checks it again; here it
    /// is only read. What today's rules refuse to read is left out if leaving it out opens nothing.
    pub(crate) fn restore(&mut self, paper: &Paper, since: Since) -> Result<(), Lost> {
        match paper {
            Paper::Roster(envelopes) => {
                let Some(bytes) = envelopes.first() else { return Err(Lost::NotSuccessor) };
                let next = read::<protocol::roster::Roster>(bytes).map_err(Lost::Unreadable)?;
                if next.unproven().prev != self.roster_hash {
                    return Err(Lost::NotSuccessor);
                }
                self.roster_hash = next.hash();
                self.roster = next.unproven().clone();
            }
            Paper::Revocation(bytes) => {
                let claimed = read(bytes).map_err(Lost::Unreadable)?;
                self.put_list(claimed, since);
            }
            Paper::Grant(bytes) => {
                if let Ok(claimed) = read(bytes) {
                    self.grants.push(Kept { claimed, since, confirmed: false });
                }
            }
            Paper::Delegation(bytes) => {
                if let Ok(claimed) = read(bytes) {
                    let kept = Kept { claimed, since, confirmed: false };
                    // There was room when it was kept, whatever the limits are today.
                    let _room = self.make_way_for_delegation(&kept);
                    self.delegations.push(kept);
                }
            }
            Paper::Assignment(bytes) => {
                if let Ok(claimed) = read(bytes) {
                    let kept = Kept { claimed, since, confirmed: false };
                    let _room = self.make_way_for_assignment(&kept);
                    self.assignments.push(kept);
                }
            }
            Paper::Confirmation(bytes) => {
                if let Ok(claimed) = read::<protocol::confirmation::Confirmation>(bytes) {
                    self.confirm(claimed.unproven().grant);
                }
            }
        }
        Ok(())
    }
}

/// Whether the last window of a grant certainly ended.
pub(crate) fn grant_is_over(grant: &Grant, lo: Timestamp) -> bool {
    grant.windows.last().is_none_or(|window| window.until <= lo)
}

fn same_keys(one: &Kept<Delegation>, other: &Kept<Delegation>) -> bool {
    let (one, other) = (one.claimed.unproven(), other.claimed.unproven());
    one.root == other.root && one.key == other.key
}

fn read<M: Message>(bytes: &Blob) -> Result<Claimed<M>, Malformed> {
    Claimed::parse(&bytes.0)
}

/// Whose grants count, and from which epoch.
struct Grantors(Vec<(Kid, u64)>);

impl Grantors {
    fn of(roster: &Roster) -> Self {
        let grantors = roster.residents.iter().filter(|resident| resident.role.says_yes());
        let from = |since: u64| since.max(roster.grants_from);
        Self(grantors.map(|resident| (resident.credential.kid(), from(resident.since))).collect())
    }

    /// Whether a grant may still count: its last window has not certainly ended, and the roster has not ended it.
    fn may_count(&self, kept: &Kept<Grant>, lo: Timestamp) -> bool {
        let grant = kept.claimed.unproven();
        let signed =
            self.0.iter().any(|(kid, from)| *kid == kept.claimed.kid() && *from <= grant.roster_epoch);
        signed && !grant_is_over(grant, lo)
    }

    fn grants<'a>(&self, kept: &'a [Kept<Grant>], lo: Timestamp) -> Vec<&'a Grant> {
        kept.iter().filter(|kept| self.may_count(kept, lo)).map(|kept| kept.claimed.unproven()).collect()
    }
}

/// Makes room for one more paper: nothing to do, or the oldest stray goes. `stray_max` of a shelf's `max` places are
/// for strays; only a paper that belongs to a grant drives one out.
fn make_way<'a, M: Message>(
    shelf: &mut Vec<Kept<M>>,
    paper: &Kept<M>,
    max: usize,
    stray_max: usize,
    grants: impl FnOnce() -> Vec<&'a Grant>,
    belongs: impl Fn(&[&Grant], &M) -> bool,
) -> Result<(), Refusal> {
    if shelf.len() < stray_max {
        return Ok(());
    }
    let grants = grants();
    let is_stray = |kept: &Kept<M>| !belongs(&grants, kept.claimed.unproven());
    let is_full = shelf.len() >= max;
    if is_stray(paper) {
        let has_room = !is_full && shelf.iter().filter(|kept| is_stray(kept)).count() < stray_max;
        return if has_room { Ok(()) } else { Err(Refusal::TooManyPapers) };
    }
    if is_full {
        let oldest = shelf.iter().position(is_stray).ok_or(Refusal::TooManyPapers)?;
        shelf.remove(oldest);
    }
    Ok(())
}

fn is_to(grant: &Grant, provider: Kid) -> bool {
    matches!(&grant.to, Grantee::Provider { root, .. } if *root == provider)
}

fn is_for(grant: &Grant, assignment: &Assignment) -> bool {
    is_to(grant, assignment.provider) && errands_are_granted(assignment, &grant.errand)
}
