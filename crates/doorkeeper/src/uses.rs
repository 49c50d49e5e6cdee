//! Which uses are burned. Rebuilt from the door log at every start; never taken back.

use alloc::vec::Vec;
use protocol::bytes::{GrantId, VisitId};
use protocol::grant::Grant;
use protocol::time::{Interval, Window};

/// One burned use: a visit, and when.
#[derive(Debug, Clone, Copy)]
struct Use {
    grant: GrantId,
    visit: VisitId,
    at: Interval,
}

/// All burned uses.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    burned: Vec<Use>,
}

impl Uses {
    /// Binds a use to a visit. A second passage of the same visit burns nothing more.
    pub fn burn(&mut self, grant: GrantId, visit: VisitId, at: Interval) {
        if !self.holds(grant, visit) {
            self.burned.push(Use { grant, visit, at });
        }
    }

    /// Whether this visit has a use already.
    pub fn holds(&self, grant: GrantId, visit: VisitId) -> bool {
        self.burned.iter().any(|u| u.grant == grant && u.visit == visit)
    }

    /// Visits in all.
    pub fn total(&self, grant: &Grant) -> usize {
        self.burned.iter().filter(|u| u.grant == grant.id).count()
    }

    /// Visits that may have fallen into this window.
    pub fn in_window(&self, grant: &Grant, window: &Window) -> usize {
        self.burned.iter().filter(|u| u.grant == grant.id && window.may_contain(&u.at)).count()
    }
}
