//! A caller: a visitor who rang because no permission carries the errand yet. The home chimes, residents are asked, and
//! the visitor waits. Nothing opens for a caller, and nothing is filmed; an arrival makes a visit of it, under the same id.

use crate::Now;
use crate::doorkeeper::Doorkeeper;
use crate::io::Output;
use crate::limits::{CALLERS_MAX, COMING_MS, RINGS_MAX, RINGS_MS, RINGS_PER_ERRAND_MAX};
use crate::past::By;
use crate::refusal::Refusal;
use crate::ring::{self, Permission};
use alloc::vec::Vec;
use protocol::answer::Word;
use protocol::bytes::{Blob, Hash, VisitId};
use protocol::door_event::{Body, Outcome, VisitEnd};
use protocol::farewell::Farewell;
use protocol::ring::Ring;
use protocol::time::Monotonic;
use protocol::uplink::ToVisitor;
use protocol::{Claimed, Kid, Signed};

/// One caller.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) id: VisitId,
    pub(crate) assignment: Hash,
    /// Counter of the ring in the door log.
    pub(crate) first: u64,
    /// When the wait ends.
    pub(crate) until: Monotonic,
    pub(crate) is_coming: bool,
    pub(crate) no: Option<By>,
    /// Parcels by the farewell, once it came.
    pub(crate) farewell: Option<u32>,
    /// A permission came that carries the errand, and does not count yet.
    is_carried: bool,
    /// H(grant) that the visitor was told of.
    told: Option<Hash>,
}

impl Caller {
    pub(crate) const fn new(id: VisitId, assignment: Hash, first: u64, until: Monotonic) -> Self {
        Self {
            id,
            assignment,
            first,
            until,
            is_coming: false,
            no: None,
            farewell: None,
            is_carried: false,
            told: None,
        }
    }

    /// What a resident's word changes; false if nothing. *Allow* is no permission, and there is none to go by.
    pub(crate) fn take_answer(&mut self, word: Word) -> bool {
        match word {
            Word::Stop if self.no.is_none() => self.no = Some(By::Resident),
            Word::Coming if self.no.is_none() && !self.is_coming => self.is_coming = true,
            Word::Stop | Word::Coming | Word::Allow => return false,
        }
        true
    }

    /// The word for the visitor: how long the wait may last.
    fn word(&self, now: Now) -> ToVisitor {
        let left_ms = self.until.ms_since(now.monotonic);
        let seconds = u32::try_from(left_ms.div_ceil(1_000)).unwrap_or(u32::MAX);
        if self.is_coming { ToVisitor::Coming(seconds) } else { ToVisitor::Asked(seconds) }
    }

    /// When something is due.
    pub(crate) fn timeout(&self) -> Monotonic {
        if self.no.is_some() || self.farewell.is_some() { Monotonic(0) } else { self.until }
    }
}

impl Doorkeeper {
    /// "Here, and nothing is allowed yet": asked is whoever may allow it.
    pub(crate) fn rings(&mut self, now: Now, visit: VisitId, bytes: &Blob) {
        let ring = match Claimed::<Ring>::parse(&bytes.0) {
            Ok(ring) if ring.unproven().visit == visit => ring,
            Ok(_) | Err(_) => return self.refuse_unproven(now, visit, Refusal::Malformed),
        };
        if self.index_of(visit).is_some() {
            // It went on with an arrival.
            return self.refuse_unproven(now, visit, Refusal::ArrivalSignature);
        }
        if let Some(index) = self.caller_index(visit) {
            return self.rings_again(now, index, ring);
        }
        let assignment = ring.unproven().assignment;
        let situation = self.situation(now);
        match ring::hear(&situation, ring, self.door_tag, self.verifier.as_ref()) {
            Err(refused) if refused.is_authentic => self.refuse(now, visit, refused.refusal),
            Err(refused) => self.refuse_unproven(now, visit, refused.refusal),
            Ok(device) => self.let_ring(now, visit, assignment, device),
        }
    }

    /// The same visitor again, after a lost connection or a restart of the hub: the wait goes on.
    fn rings_again(&mut self, now: Now, index: usize, ring: Claimed<Ring>) {
        let visit = ring.unproven().visit;
        let proven = ring::proven(&self.situation(now), ring, self.verifier.as_ref());
        let Some(caller) = self.callers.get_mut(index) else { return };
        match proven {
            Ok(ring) if ring.message().assignment == caller.assignment => {
                caller.told = None;
                let word = caller.word(now);
                self.outputs.push_back(Output::ToVisitor { visit, word });
            }
            Ok(_) | Err(_) => self.refuse_unproven(now, visit, Refusal::ArrivalSignature),
        }
    }

    fn let_ring(&mut self, now: Now, visit: VisitId, assignment: Hash, device: Kid) {
        if let Permission::Now(grant) = self.permission_for(now, visit, assignment) {
            // It was allowed in the meantime: nobody need be asked.
            return self.outputs.push_back(Output::ToVisitor { visit, word: ToVisitor::Permitted(grant) });
        }
        if self.callers.len() >= CALLERS_MAX {
            return self.refuse(now, visit, Refusal::TooManyVisits);
        }
        let of_errand = self.callers.iter().filter(|caller| caller.assignment == assignment).count();
        let of_errand = of_errand.saturating_add(self.past.rings(assignment));
        self.rings.retain(|at| now.monotonic.ms_since(*at) < RINGS_MS);
        if of_errand >= RINGS_PER_ERRAND_MAX || self.rings.len() >= RINGS_MAX {
            return self.refuse(now, visit, Refusal::TooManyRings);
        }
        self.rings.push(now.monotonic);
        let asked_s = u32::try_from(self.answer_ms.div_ceil(1_000)).unwrap_or(u32::MAX);
        self.note(now, Some(visit), Body::Rang { assignment, device, asked_s });
        let until = now.monotonic.plus_ms(self.answer_ms);
        let caller = Caller::new(visit, assignment, self.log.position.counter, until);
        let word = caller.word(now);
        self.callers.push(caller);
        self.sync();
        self.outputs.push_back(Output::Chime);
        self.outputs.push_back(Output::ToVisitor { visit, word });
    }

    /// A resident's word about a caller was taken.
    pub(crate) fn caller_answered(&mut self, now: Now, visit: VisitId) {
        let Some(index) = self.caller_index(visit) else { return };
        if self.callers.get(index).is_some_and(|caller| caller.is_coming && caller.no.is_none()) {
            self.prolong(now, index);
        }
    }

    fn prolong(&mut self, now: Now, index: usize) {
        let Some(caller) = self.callers.get_mut(index) else { return };
        caller.until = caller.until.max(now.monotonic.plus_ms(COMING_MS));
        let (visit, word) = (caller.id, caller.word(now));
        self.outputs.push_back(Output::ToVisitor { visit, word });
    }

    /// The visitor does not wait any longer.
    pub(crate) fn caller_leaves(&mut self, now: Now, visit: VisitId, bytes: &Blob) {
        let Some(farewell) = self.caller_farewell(visit, bytes) else { return };
        let Some(caller) = self.callers.iter_mut().find(|caller| caller.id == visit) else { return };
        let parcels = farewell.message().parcels;
        if caller.farewell.replace(parcels).is_none() {
            self.note(now, Some(visit), Body::Farewell { parcels, farewell: farewell.hash() });
        }
    }

    fn caller_farewell(&self, visit: VisitId, bytes: &Blob) -> Option<Signed<Farewell>> {
        let caller = self.callers.iter().find(|caller| caller.id == visit)?;
        let device = &self.papers.assignment(caller.assignment)?.claimed.unproven().cnf;
        let farewell = Claimed::<Farewell>::parse(&bytes.0).ok()?;
        let farewell = farewell.verify(device, self.verifier.as_ref()).ok()?;
        let is_this = farewell.message().visit == visit && farewell.message().door == self.log.door;
        is_this.then_some(farewell)
    }

    /// Ends waits that are over, and tells callers of a permission that came.
    pub(crate) fn step_callers(&mut self, now: Now) {
        for index in (0..self.callers.len()).rev() {
            let Some(caller) = self.callers.get(index) else { continue };
            match (caller.no, caller.farewell) {
                (Some(By::Resident), _) => self.end_caller(now, index, Some(Refusal::ResidentSaidNo)),
                (Some(By::SomeoneAtHub), _) => self.end_caller(now, index, Some(Refusal::LocalNo)),
                (None, Some(_)) => self.end_caller(now, index, None),
                (None, None) if now.monotonic >= caller.until => {
                    let nobody = (!caller.is_coming).then_some(Refusal::NobodyAnswered);
                    self.end_caller(now, index, nobody);
                }
                (None, None) => self.look_for_permission(now, index),
            }
        }
    }

    fn look_for_permission(&mut self, now: Now, index: usize) {
        let Some(caller) = self.callers.get(index) else { return };
        if caller.told.is_some_and(|grant| self.papers.grant(grant).is_some()) {
            return;
        }
        let (id, was_carried) = (caller.id, caller.is_carried);
        let found = self.permission_for(now, id, caller.assignment);
        let Some(caller) = self.callers.get_mut(index) else { return };
        match found {
            Permission::Missing => {}
            Permission::NotNow => {
                // Someone at the hub, or a second device, may yet confirm it.
                caller.is_carried = true;
                if !was_carried {
                    self.prolong(now, index);
                }
            }
            Permission::Now(grant) => {
                caller.told = Some(grant);
                caller.until = caller.until.max(now.monotonic.plus_ms(self.answer_ms));
                let word = ToVisitor::Permitted(grant);
                self.outputs.push_back(Output::ToVisitor { visit: id, word });
            }
        }
    }

    fn permission_for(&self, now: Now, visit: VisitId, hash: Hash) -> Permission {
        let Some(kept) = self.papers.assignment(hash) else { return Permission::Missing };
        let situation = self.situation(now);
        ring::permission(&situation, visit, hash, kept.claimed.unproven(), self.verifier.as_ref())
    }

    /// The wait is over and nothing was opened: a signed end that names the ring's counter and its own.
    fn end_caller(&mut self, now: Now, index: usize, why: Option<Refusal>) {
        if index >= self.callers.len() {
            return;
        }
        let caller = self.callers.remove(index);
        self.remember_ring(&caller);
        if let Some(refusal) = why {
            self.refuse(now, caller.id, refusal);
        }
        let last = self.log.position.counter.saturating_add(1);
        let parcels = caller.farewell.unwrap_or(0);
        let end = VisitEnd { first: caller.first, last, outcome: Outcome::NotOpened, parcels };
        self.note(now, Some(caller.id), Body::VisitEnded(end));
        self.sync();
        self.outputs.push_back(Output::ToVisitor { visit: caller.id, word: ToVisitor::Ended });
    }

    /// Its id must not begin again while its assignment lives.
    pub(crate) fn remember_ring(&mut self, caller: &Caller) {
        self.past.end_ring(caller.id, caller.assignment, caller.no);
    }

    /// A caller who arrives is none any more: the counter with which the visit began.
    pub(crate) fn take_caller(&mut self, visit: VisitId) -> Option<u64> {
        let index = self.caller_index(visit)?;
        Some(self.callers.remove(index).first)
    }

    /// Whether an arrival of a caller's visit names the errand for which they rang.
    pub(crate) fn is_callers_errand(&self, visit: VisitId, assignment: Option<Hash>) -> bool {
        let caller = self.callers.iter().find(|caller| caller.id == visit);
        caller.is_none_or(|caller| assignment == Some(caller.assignment))
    }

    /// Everybody who waits in vain, when someone at the hub says no.
    pub(crate) fn callers_without_no(&self) -> Vec<VisitId> {
        self.callers.iter().filter(|caller| caller.no.is_none()).map(|caller| caller.id).collect()
    }

    pub(crate) fn caller_index(&self, visit: VisitId) -> Option<usize> {
        self.callers.iter().position(|caller| caller.id == visit)
    }

    /// After a start: who waited is asked for again, as long as at first. Connections outlive a hub.
    pub(crate) fn ask_again(&mut self, now: Now) {
        let answer_ms = self.answer_ms;
        for caller in &mut self.callers {
            let wait_ms = if caller.is_coming { COMING_MS } else { answer_ms };
            caller.until = now.monotonic.plus_ms(wait_ms);
            let (visit, word) = (caller.id, caller.word(now));
            self.outputs.push_back(Output::ToVisitor { visit, word });
        }
    }
}
