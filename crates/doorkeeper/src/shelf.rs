//! How many papers a home keeps, which it drops, and how they come back from the journal.
//!
//! Dropped is only what can never count again, and never a revocation list. A replay drops at the same places as the
//! home did when it lived through them: at a start, and when a limit is reached, by the time of then. It asks nothing
//! that may have changed since: whether a signer is still there, or what the limits are today.

use crate::limits::{ASSIGNMENTS_MAX, DELEGATIONS_MAX, FIRST_GRANT_WAIT_S, GRANTS_MAX, SEEN_KEYS_MAX};
use crate::papers::{Kept, Papers, Since, grantee_key, outlasts};
use alloc::vec::Vec;
use protocol::bytes::{Blob, GrantId};
use protocol::canonical::Malformed;
use protocol::delegation::Delegation;
use protocol::envelope::Message;
use protocol::grant::Grant;
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
    /// Whether room must be made before this paper can be kept.
    pub(crate) const fn is_full_for(&self, paper: &Paper) -> bool {
        match paper {
            Paper::Grant(_) => self.grants.len() >= GRANTS_MAX,
            Paper::Delegation(_) => self.delegations.len() >= DELEGATIONS_MAX,
            Paper::Assignment(_) => self.assignments.len() >= ASSIGNMENTS_MAX,
            Paper::Roster(_) | Paper::Revocation(_) | Paper::Confirmation(_) => false,
        }
    }

    /// Drops what can never count again: papers whose last window certainly ended, grants that the roster ended, and
    /// delegations that another one of the same two keys outlasts.
    pub(crate) fn drop_spent(&mut self, lo: Timestamp) {
        let spent = |kept: &Kept<Grant>| {
            let grant = kept.claimed.unproven();
            let from = self.roster.grantor(kept.claimed.kid()).map(|s| s.since.max(self.roster.grants_from));
            grant_is_over(grant, lo) || from.is_none_or(|from| grant.roster_epoch < from)
        };
        let (spent, live): (Vec<_>, Vec<_>) = self.grants.drain(..).partition(spent);
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
            Paper::Grant(bytes) => put_back(&mut self.grants, bytes, since),
            Paper::Delegation(bytes) => put_back(&mut self.delegations, bytes, since),
            Paper::Assignment(bytes) => put_back(&mut self.assignments, bytes, since),
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

fn put_back<M: Message>(shelf: &mut Vec<Kept<M>>, bytes: &Blob, since: Since) {
    if let Ok(claimed) = read(bytes) {
        shelf.push(Kept { claimed, since, confirmed: false });
    }
}
