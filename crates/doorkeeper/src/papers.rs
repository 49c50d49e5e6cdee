//! The papers that a home keeps: roster, grants, delegations, assignments, revocations.
//!
//! Keeping checks a paper once, so that whoever sent it hears at once what is wrong. The decision checks
//! everything again: rosters change, time passes.

use crate::Now;
use crate::limits::{FIRST_GRANT_WAIT_S, GRANTS_MAX};
use crate::refusal::Refusal;
use crate::shelf::grant_is_over;
use alloc::vec::Vec;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, Hash};
use protocol::confirmation::Confirmation;
use protocol::delegation::Delegation;
use protocol::envelope::Message;
use protocol::grant::{Grant, Grantee};
use protocol::revocation::Revocation;
use protocol::roster::{Roster, succeed};
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::Paper;
use protocol::{Claimed, Kid, Verifier};

/// When a paper came: on the calendar for later starts, on the monotonic clock within this one.
#[derive(Debug, Clone, Copy)]
pub struct Since {
    /// Calendar time as far as it was known.
    pub interval: Interval,
    /// Set only in the start in which it came.
    pub monotonic: Option<Monotonic>,
}

impl Since {
    /// Seconds that have certainly passed.
    pub fn elapsed_s(&self, now: Now) -> u64 {
        let calendar = now.interval.lo.since(self.interval.hi);
        let running = self.monotonic.map_or(0, |at| now.monotonic.ms_since(at) / 1_000);
        calendar.max(running)
    }
}

/// A kept paper.
#[derive(Debug, Clone)]
pub struct Kept<M> {
    /// Its content, signature unproven: the decision proves it anew.
    pub claimed: Claimed<M>,
    /// Since when the home holds it.
    pub since: Since,
    /// Grants: a second device or someone at the hub confirmed it.
    pub confirmed: bool,
}

/// Everything that is kept.
#[derive(Debug, Clone)]
pub struct Papers {
    /// The roster in force.
    pub roster: Roster,
    /// Its hash.
    pub roster_hash: Hash,
    /// Grants by hash.
    pub grants: Vec<Kept<Grant>>,
    /// Delegations.
    pub delegations: Vec<Kept<Delegation>>,
    /// Assignments by hash.
    pub assignments: Vec<Kept<Assignment>>,
    /// The revocation list in force.
    pub revocation: Option<Kept<Revocation>>,
    /// The date of the newest list of someone who may let people in. A companion's list adds, and makes none younger:
    /// an opening may hang on that.
    pub renewed: Option<Timestamp>,
    /// Providers and holders to whom a grant once counted that is kept no longer.
    pub seen: Vec<Kid>,
}

/// What keeping a paper changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing new: the home held it already.
    Nothing,
    /// A roster is in force.
    Roster,
    /// A grant is known.
    Grant(Hash),
    /// A delegation of this root is known.
    Delegation(Kid),
    /// An assignment is known.
    Assignment(Hash),
    /// A revocation list is in force.
    Revocation,
    /// A pending grant was confirmed.
    Confirmed(Hash),
}

impl Papers {
    /// With the roster that was pinned when the home was set up.
    pub const fn new(roster: Roster, roster_hash: Hash) -> Self {
        Self {
            roster,
            roster_hash,
            grants: Vec::new(),
            delegations: Vec::new(),
            assignments: Vec::new(),
            revocation: None,
            renewed: None,
            seen: Vec::new(),
        }
    }

    /// The grant with this hash.
    pub fn grant(&self, hash: Hash) -> Option<&Kept<Grant>> {
        self.grants.iter().find(|kept| kept.claimed.hash() == hash)
    }

    /// The assignment with this hash.
    pub fn assignment(&self, hash: Hash) -> Option<&Kept<Assignment>> {
        self.assignments.iter().find(|kept| kept.claimed.hash() == hash)
    }

    /// Checks a paper and keeps it. `presence`: someone is at the hub right now.
    pub fn keep(
        &mut self,
        paper: &Paper,
        since: Since,
        presence: bool,
        verifier: &dyn Verifier,
    ) -> Result<Change, Refusal> {
        match paper {
            Paper::Roster(envelopes) => self.keep_roster(envelopes, presence, verifier),
            Paper::Grant(bytes) => self.keep_grant(bytes, since, verifier),
            Paper::Delegation(bytes) => self.keep_delegation(bytes, since, verifier),
            Paper::Assignment(bytes) => self.keep_assignment(bytes, since, verifier),
            Paper::Revocation(bytes) => self.keep_revocation(bytes, since, verifier),
            Paper::Confirmation(bytes) => self.keep_confirmation(bytes, verifier),
        }
    }

    /// Marks a grant as confirmed by someone at the hub.
    pub fn confirm(&mut self, grant: Hash) -> bool {
        let found = self.grants.iter_mut().find(|kept| kept.claimed.hash() == grant);
        found.is_some_and(|kept| !core::mem::replace(&mut kept.confirmed, true))
    }

    /// Whether a kept grant still waits because its provider or holder was never seen before.
    pub fn is_pending(&self, grant: &Kept<Grant>, now: Now) -> bool {
        let key = grantee_key(grant.claimed.unproven());
        let effective =
            |kept: &Kept<Grant>| kept.confirmed || kept.since.elapsed_s(now) >= FIRST_GRANT_WAIT_S;
        !self.seen.contains(&key)
            && !self.grants.iter().any(|kept| grantee_key(kept.claimed.unproven()) == key && effective(kept))
    }

    fn keep_roster(
        &mut self,
        envelopes: &[Blob],
        presence: bool,
        verifier: &dyn Verifier,
    ) -> Result<Change, Refusal> {
        let next: Vec<Claimed<Roster>> = envelopes.iter().map(parse).collect::<Result<_, _>>()?;
        if next.first().is_some_and(|claimed| claimed.hash() == self.roster_hash) {
            return Ok(Change::Nothing);
        }
        let next =
            succeed(&self.roster, self.roster_hash, next, verifier).map_err(|_| Refusal::RosterRefused)?;
        if adds_power(&self.roster, next.message()) && !presence {
            return Err(Refusal::PresenceNeeded);
        }
        self.roster_hash = next.hash();
        self.roster = next.message().clone();
        Ok(Change::Roster)
    }

    fn keep_grant(&mut self, bytes: &Blob, since: Since, verifier: &dyn Verifier) -> Result<Change, Refusal> {
        let claimed: Claimed<Grant> = parse(bytes)?;
        if self.grant(claimed.hash()).is_some() {
            return Ok(Change::Nothing);
        }
        let id = claimed.unproven().id;
        if self.has_grant_id(id) {
            return Err(Refusal::IdTaken);
        }
        self.check_grant(&claimed, verifier)?;
        if grant_is_over(claimed.unproven(), since.interval.lo) {
            return Err(Refusal::OutsideWindow);
        }
        if self.grants.len() >= GRANTS_MAX {
            return Err(Refusal::TooManyPapers);
        }
        let hash = claimed.hash();
        self.grants.push(Kept { claimed, since, confirmed: false });
        Ok(Change::Grant(hash))
    }

    /// Signer, signature, door and epoch of a grant: step 4 of the decision, but for waiting.
    pub(crate) fn check_grant(
        &self,
        claimed: &Claimed<Grant>,
        verifier: &dyn Verifier,
    ) -> Result<(), Refusal> {
        let signer = self.roster.grantor(claimed.kid()).ok_or(Refusal::SignerUnknown)?;
        let grant =
            claimed.clone().verify(&signer.credential, verifier).map_err(|_| Refusal::GrantSignature)?;
        if grant.message().door != self.roster.door {
            return Err(Refusal::WrongDoor);
        }
        if !self.roster.epochs_of(signer).contains(&grant.message().roster_epoch) {
            return Err(Refusal::EpochSuperseded);
        }
        Ok(())
    }

    fn keep_delegation(
        &mut self,
        bytes: &Blob,
        since: Since,
        verifier: &dyn Verifier,
    ) -> Result<Change, Refusal> {
        let claimed: Claimed<Delegation> = parse(bytes)?;
        if self
            .delegations
            .iter()
            .any(|kept| kept.claimed.hash() == claimed.hash() || outlasts(kept, &claimed))
        {
            return Ok(Change::Nothing);
        }
        check_delegation(&claimed, verifier)?;
        if claimed.unproven().window.until <= since.interval.lo {
            return Err(Refusal::DelegationExpired);
        }
        let root = claimed.unproven().root.kid();
        self.put_delegation(Kept { claimed, since, confirmed: false })?;
        Ok(Change::Delegation(root))
    }

    fn keep_assignment(
        &mut self,
        bytes: &Blob,
        since: Since,
        verifier: &dyn Verifier,
    ) -> Result<Change, Refusal> {
        let claimed: Claimed<Assignment> = parse(bytes)?;
        if self.assignment(claimed.hash()).is_some() {
            return Ok(Change::Nothing);
        }
        if claimed.unproven().door != self.roster.door {
            return Err(Refusal::AssignmentWrongDoor);
        }
        self.delegation_for(&claimed, verifier)?;
        if claimed.unproven().window.until <= since.interval.lo {
            return Err(Refusal::AssignmentOutsideWindow);
        }
        let hash = claimed.hash();
        self.put_assignment(Kept { claimed, since, confirmed: false })?;
        Ok(Change::Assignment(hash))
    }

    /// The delegation whose working key signed this assignment, both signatures proven.
    pub(crate) fn delegation_for(
        &self,
        assignment: &Claimed<Assignment>,
        verifier: &dyn Verifier,
    ) -> Result<&Delegation, Refusal> {
        let provider = assignment.unproven().provider;
        let kept = self
            .delegations
            .iter()
            .filter(|kept| {
                let delegation = kept.claimed.unproven();
                delegation.root.kid() == provider && delegation.key.kid() == assignment.kid()
            })
            .max_by_key(|kept| kept.claimed.unproven().window.until)
            .ok_or(Refusal::DelegationMissing)?;
        check_delegation(&kept.claimed, verifier)?;
        let delegation = kept.claimed.unproven();
        let working = protocol::Credential::device(delegation.key);
        assignment.clone().verify(&working, verifier).map_err(|_| Refusal::AssignmentSignature)?;
        Ok(delegation)
    }

    fn keep_revocation(
        &mut self,
        bytes: &Blob,
        since: Since,
        verifier: &dyn Verifier,
    ) -> Result<Change, Refusal> {
        let claimed: Claimed<Revocation> = parse(bytes)?;
        let signer = self.roster.revoker(claimed.kid()).ok_or(Refusal::SignerUnknown)?;
        let list =
            claimed.clone().verify(&signer.credential, verifier).map_err(|_| Refusal::RevocationRefused)?;
        if list.message().door != self.roster.door {
            return Err(Refusal::WrongDoor);
        }
        let present = self.revocation.as_ref().map(|kept| &kept.claimed);
        if present.is_some_and(|present| present.hash() == claimed.hash()) {
            return Ok(Change::Nothing);
        }
        if !list.message().may_follow(present.map(Claimed::unproven), signer.role) {
            return Err(Refusal::RevocationRefused);
        }
        self.put_list(claimed, since);
        Ok(Change::Revocation)
    }

    /// Puts a list in force, under the roster of now: also when the journal is replayed.
    pub(crate) fn put_list(&mut self, claimed: Claimed<Revocation>, since: Since) {
        if self.roster.grantor(claimed.kid()).is_some() {
            self.renewed = Some(claimed.unproven().issued);
        }
        self.revocation = Some(Kept { claimed, since, confirmed: false });
    }

    fn keep_confirmation(&mut self, bytes: &Blob, verifier: &dyn Verifier) -> Result<Change, Refusal> {
        let claimed: Claimed<Confirmation> = parse(bytes)?;
        let signer = self.roster.grantor(claimed.kid()).ok_or(Refusal::SignerUnknown)?;
        let confirmation =
            claimed.verify(&signer.credential, verifier).map_err(|_| Refusal::GrantSignature)?;
        if confirmation.message().door != self.roster.door {
            return Err(Refusal::WrongDoor);
        }
        let hash = confirmation.message().grant;
        let grant = self.grant(hash).ok_or(Refusal::GrantUnknown)?;
        if grant.claimed.kid() == confirmation.signer() {
            return Err(Refusal::PresenceNeeded);
        }
        Ok(if self.confirm(hash) { Change::Confirmed(hash) } else { Change::Nothing })
    }
}

/// Of two delegations from one key to another, the one that ends last counts.
pub(crate) fn outlasts(kept: &Kept<Delegation>, other: &Claimed<Delegation>) -> bool {
    let (kept, other) = (kept.claimed.unproven(), other.unproven());
    kept.root == other.root && kept.key == other.key && kept.window.until > other.window.until
}

fn check_delegation(claimed: &Claimed<Delegation>, verifier: &dyn Verifier) -> Result<(), Refusal> {
    let root = protocol::Credential::device(claimed.unproven().root);
    claimed.clone().verify(&root, verifier).map(|_| ()).map_err(|_| Refusal::AssignmentSignature)
}

fn parse<M: Message>(bytes: &Blob) -> Result<Claimed<M>, Refusal> {
    Claimed::parse(&bytes.0).map_err(|_| Refusal::Malformed)
}

pub(crate) fn grantee_key(grant: &Grant) -> Kid {
    match &grant.to {
        Grantee::Provider { root, .. } => *root,
        Grantee::Holder { cnf, .. } => cnf.kid(),
    }
}

/// Adding keys, raising ranks, re-keying and lowering the quorum need someone at the hub; removing does not.
fn adds_power(present: &Roster, next: &Roster) -> bool {
    let known = |resident: &protocol::roster::Resident| present.residents.contains(resident);
    !next.residents.iter().all(known)
        || !next.recorder_keys.iter().all(|key| present.recorder_keys.contains(key))
        || next.grants_from != present.grants_from
        || next.quorum < present.quorum
}
