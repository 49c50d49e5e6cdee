//! The decision: sections 10 and 11 of the specification, in its order, over facts.

use super::cast::{ASSIGNMENTS, AssignmentFacts, GrantFacts, Key, window_of};
use super::door::{Reference, Visit};
use super::words::{Code, Presentation, Scan};
use doorkeeper::sensors::{Bolt, Door};
use protocol::answer::Word;
use protocol::grant::Occupied;

pub(crate) fn first<const N: usize>(wrong: [(bool, Code); N]) -> Result<(), Code> {
    wrong.into_iter().find(|(wrong, _)| *wrong).map_or(Ok(()), |(_, code)| Err(code))
}

pub(crate) fn touches((from, until): (u64, u64), (lo, hi): (u64, u64)) -> bool {
    lo < until && hi >= from
}

pub(crate) fn assigned(visit: &Visit) -> Option<&'static AssignmentFacts> {
    visit.assignment.map(|number| &ASSIGNMENTS[number])
}

/// Whose signature the visit needs.
pub(crate) fn device(visit: &Visit) -> Option<Key> {
    visit.terms_of_known()?.guest.or(assigned(visit).map(|assignment| assignment.device))
}

impl Reference {
    /// Step 1.
    pub(crate) fn home(&self) -> Result<(), Code> {
        first([
            (self.journal_failed, "journal_unhealthy"),
            (self.smoke, "smoke"),
            (self.door == Door::Tampered, "tampered"),
            (self.passage.is_some(), "door_busy"),
            (self.door != Door::Closed, "door_not_shut"),
            (self.bolt != Bolt::Locked, "bolt_not_locked"),
            (self.battery < 15, "battery_low"),
        ])
    }

    /// Steps 4 to 7.
    pub(crate) fn papers(&self, visit: &Visit) -> Result<(), Code> {
        let grant = visit.terms();
        let mine = |used: &&(usize, u8, (u64, u64))| used.0 == visit.grant;
        let has_use = self.uses.iter().filter(mine).any(|used| used.1 == visit.id);
        let window = self.window(grant);
        let in_window = window
            .map_or(0, |window| self.uses.iter().filter(mine).filter(|used| touches(window, used.2)).count());
        first([
            (grant.signer == Key('m') && self.member_left, "signer_unknown"),
            (grant.is_new && !self.new_grant_counts(), "grant_pending"),
            (self.list.as_ref().is_some_and(|list| list.blocked), "blocked"),
            (self.is_revoked(visit), "revoked"),
            (!has_use && self.uses.iter().filter(mine).count() >= grant.uses, "used_up"),
            (visit.entries >= grant.entries, "entries_used_up"),
            (visit.pulses >= 3, "pulses_used_up"),
            (self.clock.1 == u64::MAX, "clock_unknown"),
            (window.is_none(), "outside_window"),
            (!has_use && in_window >= grant.per_window, "window_used_up"),
        ])?;
        let (None, Some(assignment)) = (grant.guest, assigned(visit)) else { return Ok(()) };
        first([
            (!assignment.errand_is_granted, "wrong_errand"),
            (!self.is_inside(window_of(assignment.day)), "assignment_outside_window"),
            (!assignment.attested, "attribute_missing"),
        ])
    }

    pub(crate) fn window(&self, grant: &GrantFacts) -> Option<(u64, u64)> {
        grant.days.iter().map(|day| window_of(*day)).find(|window| self.is_inside(*window))
    }

    pub(crate) fn is_inside(&self, (from, until): (u64, u64)) -> bool {
        from <= self.clock.0 && self.clock.1 < until
    }

    pub(crate) fn new_grant_counts(&self) -> bool {
        let (came, hi) = self.new_grant;
        self.confirmed || self.ms - came >= 600_000 || self.clock.0.saturating_sub(hi) >= 600
    }

    pub(crate) fn is_revoked(&self, visit: &Visit) -> bool {
        let Some(list) = &self.list else { return false };
        let device = visit.terms().guest.or(assigned(visit).map(|assignment| assignment.device));
        let assigned = assigned(visit).is_some();
        let provider = match list.provider {
            Some(Key('p')) => visit.terms().guest.is_none(),
            Some(_) => assigned,
            None => false,
        };
        // An assignment that a guest names beside the grant is looked at, too.
        let beside = assigned && list.device == self::assigned(visit).map(|assignment| assignment.device);
        list.grant == Some(visit.grant) || provider || beside || (device.is_some() && list.device == device)
    }

    /// Steps 9 to 12 of an authentic presentation that was challenged then.
    pub(crate) fn admits(&self, visit: &Visit, challenged: u64) -> Result<(), Code> {
        let grant = visit.terms();
        if let Some(age_s) = grant.list_age_s {
            let (_, hi) = self.clock;
            let young = self.renewed.is_some_and(|issued| issued <= hi && hi - issued <= age_s);
            first([(!young, "revocation_list_old")])?;
        }
        first([
            (grant.films && self.proven < challenged, "recording_missing"),
            (grant.films && self.ms - self.proven > 1_000, "recording_stale"),
        ])?;
        self.noes(visit)?;
        let home = self.occupied == Some(true);
        let unanswered = visit.answer != Some(Word::Allow) && grant.occupied != Occupied::Allow;
        first([
            (home && grant.occupied == Occupied::Refuse, "occupied_refused"),
            (unanswered && (home || visit.answer == Some(Word::Coming)), "occupied"),
        ])?;
        self.home()?;
        self.papers(visit)
    }

    /// *No* and *stop* hold for the visit, and for every visit under its grant in this window.
    pub(crate) fn noes(&self, visit: &Visit) -> Result<(), Code> {
        let window = self.window(visit.terms());
        let before = window.and_then(|window| {
            self.noes
                .iter()
                .find(|(grant, _, at)| *grant == visit.grant && touches(window, *at))
                .map(|no| no.1)
        });
        first([
            (visit.local_no || before == Some(true), "local_no"),
            (visit.answer == Some(Word::Stop) || before == Some(false), "resident_said_no"),
        ])
    }

    /// Steps 1 to 8; when the challenge was made.
    pub(crate) fn authenticates(&self, visit: &Visit, it: &Presentation) -> Result<u64, Code> {
        self.home()?;
        first([(it.mangled, "malformed"), (visit.tries >= 5, "too_many_tries")])?;
        let of_this_visit = |(number, _): &&(usize, u64)| Some(*number) == it.challenge;
        let made = visit.challenges.iter().find(of_this_visit).ok_or("challenge_unknown")?.1;
        first([(self.ms - made > 30_000, "challenge_expired")])?;
        self.papers(visit)?;
        let scans =
            if visit.terms().guest.is_some() { it.scan == Scan::Nothing } else { it.scan == Scan::Right };
        first([
            (device(visit) != Some(it.device), "presentation_signature"),
            ((it.grant, it.assignment) != (visit.grant, visit.assignment), "other_papers"),
            (!scans, "wrong_parcel"),
        ])?;
        Ok(made)
    }
}
