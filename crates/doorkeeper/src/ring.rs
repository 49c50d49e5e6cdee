//! The checks of a ring: those of an arrival that need no permission, and whether one is there by now.

use crate::admit::{ArrivalRefused, AtTheDoor, Situation, check_delegated, check_noes, check_papers};
use crate::past::By;
use crate::refusal::Refusal;
use protocol::assignment::Assignment;
use protocol::bytes::{DoorTag, Hash, VisitId};
use protocol::ring::Ring;
use protocol::{Claimed, Kid, Signed, Verifier};

/// Checks a ring of a visit that is not open. Gives the device's name.
pub fn hear(
    home: &Situation<'_>,
    ring: Claimed<Ring>,
    door_tag: DoorTag,
    verifier: &dyn Verifier,
) -> Result<Kid, ArrivalRefused> {
    let authentic = |refusal| ArrivalRefused { refusal, is_authentic: true };
    let ring = proven(home, ring, verifier)?;
    let message = ring.message();
    if message.door != home.papers.roster.door || message.door_tag != door_tag {
        return Err(authentic(Refusal::WrongTag));
    }
    check_home_and_papers(home, message.assignment, verifier).map_err(authentic)?;
    if home.past.has_ended(message.visit) {
        return Err(authentic(Refusal::VisitOver));
    }
    check_said_no(home, message.assignment).map_err(authentic)?;
    Ok(ring.signer())
}

/// The home keeps the assignment, and its device signed the ring.
pub(crate) fn proven(
    home: &Situation<'_>,
    ring: Claimed<Ring>,
    verifier: &dyn Verifier,
) -> Result<Signed<Ring>, ArrivalRefused> {
    let unproven = |refusal| ArrivalRefused { refusal, is_authentic: false };
    let kept = home.papers.assignment(ring.unproven().assignment);
    let device = &kept.ok_or(unproven(Refusal::AssignmentUnknown))?.claimed.unproven().cnf;
    ring.verify(device, verifier).map_err(|_| unproven(Refusal::ArrivalSignature))
}

fn check_home_and_papers(
    home: &Situation<'_>,
    assignment: Hash,
    verifier: &dyn Verifier,
) -> Result<(), Refusal> {
    if !home.journal_is_healthy {
        return Err(Refusal::JournalUnhealthy);
    }
    let kept = home.papers.assignment(assignment).ok_or(Refusal::AssignmentUnknown)?;
    let message = kept.claimed.unproven();
    if let Some(list) = home.papers.revocation.as_ref().map(|kept| kept.claimed.unproven()) {
        if list.blocked {
            return Err(Refusal::Blocked);
        }
        let is_revoked = list.devices.contains(&message.cnf.kid())
            || list.providers.contains(&message.provider)
            || list.providers.contains(&kept.claimed.kid());
        if is_revoked {
            return Err(Refusal::Revoked);
        }
    }
    if home.now.interval.hi == protocol::time::Timestamp::MAX {
        return Err(Refusal::ClockUnknown);
    }
    check_delegated(home, kept, verifier)?;
    if !message.window.contains(&home.now.interval) {
        return Err(Refusal::AssignmentOutsideWindow);
    }
    Ok(())
}

/// A No to an earlier ring of this errand, or to a visit under a permission that carries it and in a window that is now.
fn check_said_no(home: &Situation<'_>, assignment: Hash) -> Result<(), Refusal> {
    match home.past.no_to_ring(assignment) {
        Some(By::Resident) => return Err(Refusal::ResidentSaidNo),
        Some(By::SomeoneAtHub) => return Err(Refusal::LocalNo),
        None => {}
    }
    let Some(kept) = home.papers.assignment(assignment) else { return Ok(()) };
    let carrying = home.papers.carrying(kept.claimed.unproven());
    let mut asked =
        carrying.map(|grant| AtTheDoor::arriving(VisitId([0; 16]), grant.claimed.hash(), Some(assignment)));
    asked.try_for_each(|door| check_noes(home, &door))
}

/// What the home holds for an errand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    /// No permission carries it.
    Missing,
    /// One does, and does not count now: it is pending, or its time has not come.
    NotNow,
    /// This one would be taken from an arrival now.
    Now(Hash),
}

/// Looks for a permission under which this visit could arrive now.
pub(crate) fn permission(
    home: &Situation<'_>,
    visit: VisitId,
    hash: Hash,
    assignment: &Assignment,
    verifier: &dyn Verifier,
) -> Permission {
    let mut found = Permission::Missing;
    for grant in home.papers.carrying(assignment) {
        let door = AtTheDoor::arriving(visit, grant.claimed.hash(), Some(hash));
        if check_papers(home, &door, verifier).is_ok() && check_noes(home, &door).is_ok() {
            return Permission::Now(door.grant);
        }
        found = Permission::NotNow;
    }
    found
}
