//! What is over and still counts: visits that ended, and every No. Rebuilt from the door log at every start.
//!
//! A handset chooses the ids of its visits. So an id that ended must not begin again, and a No that held for one id
//! only would be answered by arriving under the next.

use crate::limits::ENDED_VISITS_MAX;
use alloc::vec::Vec;
use protocol::bytes::{GrantId, Hash, VisitId};
use protocol::time::{Interval, Window};

/// Who said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A resident's signed *stop*.
    Resident,
    /// Someone who pressed No at the hub.
    SomeoneAtHub,
}

/// A No to one visit, which holds for its grant in every window that it may have fallen into.
#[derive(Debug, Clone, Copy)]
struct No {
    grant: GrantId,
    by: By,
    at: Interval,
}

/// A visit that ended.
#[derive(Debug, Clone, Copy)]
struct Ended {
    visit: VisitId,
    grant: GrantId,
    was_stopped: bool,
}

/// A visit that ended with no more than a ring.
#[derive(Debug, Clone, Copy)]
struct Rang {
    visit: VisitId,
    assignment: Hash,
    no: Option<By>,
}

/// Everything of the past that a decision asks for, but for uses.
#[derive(Debug, Clone, Default)]
pub struct Past {
    noes: Vec<No>,
    ended: Vec<Ended>,
    rang: Vec<Rang>,
}

impl Past {
    /// Someone said no to a visit under this grant.
    pub fn refuse(&mut self, grant: GrantId, by: By, at: Interval) {
        self.noes.push(No { grant, by, at });
    }

    /// A visit under this grant ended; `was_stopped` if a resident had said *stop*.
    pub fn end(&mut self, visit: VisitId, grant: GrantId, was_stopped: bool) {
        if !self.has_ended(visit) {
            self.ended.push(Ended { visit, grant, was_stopped });
        }
    }

    /// Whether this visit ended.
    pub fn has_ended(&self, visit: VisitId) -> bool {
        self.ended.iter().any(|ended| ended.visit == visit)
            || self.rang.iter().any(|rang| rang.visit == visit)
    }

    /// A visit ended that was no more than a ring; with the No that ended it.
    pub fn end_ring(&mut self, visit: VisitId, assignment: Hash, no: Option<By>) {
        self.rang.push(Rang { visit, assignment, no });
    }

    /// How often somebody rang in vain with this assignment.
    pub fn rings(&self, assignment: Hash) -> usize {
        self.rang.iter().filter(|rang| rang.assignment == assignment).count()
    }

    /// Who said no to a ring with this assignment.
    pub fn no_to_ring(&self, assignment: Hash) -> Option<By> {
        self.rang.iter().find_map(|rang| rang.no.filter(|_| rang.assignment == assignment))
    }

    /// A *stop* that came when a wait at the door had just ended. False if it changes nothing.
    pub(crate) fn stop_ring(&mut self, visit: VisitId) -> bool {
        let rang = self.rang.iter_mut().find(|rang| rang.visit == visit && rang.no.is_none());
        rang.is_some_and(|rang| rang.no.replace(By::Resident).is_none())
    }

    /// Whether so many visits of this grant ended that no more can be remembered.
    pub fn is_full(&self, grant: GrantId) -> bool {
        self.ended.iter().filter(|ended| ended.grant == grant).count() >= ENDED_VISITS_MAX
    }

    /// Who said no in what may have been this window.
    pub fn no_in_window(&self, grant: GrantId, window: &Window) -> Option<By> {
        self.noes.iter().find(|no| no.grant == grant && window.may_contain(&no.at)).map(|no| no.by)
    }

    /// A *stop* that came when its visit had just ended: the grant that it is for, once.
    pub(crate) fn stop_ended(&mut self, visit: VisitId) -> Option<GrantId> {
        let ended = self.ended.iter_mut().find(|ended| ended.visit == visit && !ended.was_stopped)?;
        ended.was_stopped = true;
        Some(ended.grant)
    }

    /// Forgets what belongs to papers that were dropped.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(GrantId) -> bool, is_assigned: impl Fn(Hash) -> bool) {
        self.rang.retain(|rang| is_assigned(rang.assignment));
        self.noes.retain(|no| is_kept(no.grant));
        self.ended.retain(|ended| is_kept(ended.grant));
    }
}
