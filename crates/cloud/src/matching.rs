//! The cloud's match of parcel, courier, door and time at an arrival: a courtesy that spares people a walk and the
//! home some work, with a reason for every no. It decides nothing: the home checks all of it again, from signatures.

use protocol::Kid;
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::DoorId;
use protocol::commitment::Commitment;
use protocol::grant::{Errand, Grant, Grantee};
use protocol::revocation::Revocation;
use protocol::time::{Interval, Timestamp, Window};
use protocol::uplink::ToVisitor;

/// What is known when a visitor says "here".
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// Now, on the cloud's clock.
    pub(crate) now: Timestamp,
    /// The key that the visitor's device proved.
    pub(crate) device: Kid,
    /// What it says.
    pub(crate) arrival: &'a Arrival,
    /// The grant that it names, if the door's home has it.
    pub(crate) grant: Option<GrantFacts<'a>>,
    /// The assignment that it names, if there is one for this door.
    pub(crate) assignment: Option<AssignmentFacts<'a>>,
    /// The newest revocation list of the home, confirmed or not.
    pub(crate) revocation: Option<&'a Revocation>,
    /// Whether the home is connected.
    pub(crate) is_home_online: bool,
}

/// A grant and what became of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrantFacts<'a> {
    pub(crate) grant: &'a Grant,
    /// The home refused to keep it.
    pub(crate) is_refused: bool,
    /// Its signer is still in the home's roster, and no re-key ended it.
    pub(crate) is_signer_current: bool,
    /// Visits in which a use was burned.
    pub(crate) uses_spent: u32,
}

/// An assignment and what became of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AssignmentFacts<'a> {
    pub(crate) assignment: &'a Assignment,
    /// The home refused to keep it.
    pub(crate) is_refused: bool,
    /// The operator admits its provider.
    pub(crate) is_provider_admitted: bool,
    /// When it came in here; the home holds it no longer than that.
    pub(crate) since: Timestamp,
}

/// Why a visitor does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The home never got this grant, or it is for another door.
    GrantUnknown,
    /// The home refused the grant.
    GrantRefused,
    /// Whoever signed the grant is no longer a resident.
    GrantSignerGone,
    /// The grant is revoked, or everything is blocked.
    Revoked,
    /// The grant's windows begin later.
    TooEarly,
    /// The grant's windows are over, or none is open now.
    OutsideWindow,
    /// All uses are spent.
    UsesSpent,
    /// The grant is for another guest's device.
    OtherHolder,
    /// A provider's visitor must name an assignment.
    AssignmentMissing,
    /// There is no such assignment for this door.
    AssignmentUnknown,
    /// The home refused the assignment.
    AssignmentRefused,
    /// The assignment is for another device.
    OtherDevice,
    /// The assignment is of another provider than the grant names.
    OtherProvider,
    /// The operator suspended the provider.
    ProviderNotAdmitted,
    /// The assignment does not count now.
    AssignmentOutsideWindow,
    /// The assignment carries nothing that the grant is for.
    OtherErrand,
    /// The grant asks for something that the provider does not attest of the person.
    AttributeMissing,
    /// The home cannot have held the assignment for as long as the grant asks.
    NoticeTooShort,
    /// The home is not connected.
    HomeOffline,
}

impl Mismatch {
    /// Stable name for residents, providers and tables.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::GrantUnknown => "grant_unknown",
            Self::GrantRefused => "grant_refused",
            Self::GrantSignerGone => "grant_signer_gone",
            Self::Revoked => "revoked",
            Self::TooEarly => "too_early",
            Self::OutsideWindow => "outside_window",
            Self::UsesSpent => "uses_spent",
            Self::OtherHolder => "other_holder",
            Self::AssignmentMissing => "assignment_missing",
            Self::AssignmentUnknown => "assignment_unknown",
            Self::AssignmentRefused => "assignment_refused",
            Self::OtherDevice => "other_device",
            Self::OtherProvider => "other_provider",
            Self::ProviderNotAdmitted => "provider_not_admitted",
            Self::AssignmentOutsideWindow => "assignment_outside_window",
            Self::OtherErrand => "other_errand",
            Self::AttributeMissing => "attribute_missing",
            Self::NoticeTooShort => "notice_too_short",
            Self::HomeOffline => "home_offline",
        }
    }

    /// What the visitor is told: one of four, so that nobody learns a resident's reasons at the door.
    pub(crate) const fn word(self) -> ToVisitor {
        match self {
            Self::TooEarly | Self::NoticeTooShort => ToVisitor::Wait,
            Self::HomeOffline => ToVisitor::TryAgain,
            Self::OtherErrand => ToVisitor::WrongParcel,
            Self::GrantUnknown
            | Self::GrantRefused
            | Self::GrantSignerGone
            | Self::Revoked
            | Self::OutsideWindow
            | Self::UsesSpent
            | Self::OtherHolder
            | Self::AssignmentMissing
            | Self::AssignmentUnknown
            | Self::AssignmentRefused
            | Self::OtherDevice
            | Self::OtherProvider
            | Self::ProviderNotAdmitted
            | Self::AssignmentOutsideWindow
            | Self::AttributeMissing => ToVisitor::NotHereToday,
        }
    }
}

/// Seconds before a window in which a visitor is asked to wait rather than sent away.
const EARLY_S: u64 = 900;

/// What is known when a visitor rings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RingFacts<'a> {
    pub(crate) now: Timestamp,
    pub(crate) device: Kid,
    pub(crate) door: DoorId,
    pub(crate) assignment: Option<AssignmentFacts<'a>>,
    pub(crate) revocation: Option<&'a Revocation>,
    pub(crate) is_home_online: bool,
}

/// Whether this visitor may ask at this door now: all but the permission is there.
pub(crate) fn matches_ring(facts: &RingFacts<'_>) -> Result<(), Mismatch> {
    let known = match_device(facts.assignment, facts.door, facts.device)?;
    let assignment = known.assignment;
    if !known.is_provider_admitted {
        return Err(Mismatch::ProviderNotAdmitted);
    }
    let is_over = |list: &Revocation| {
        list.blocked || list.devices.contains(&facts.device) || list.providers.contains(&assignment.provider)
    };
    if facts.revocation.is_some_and(is_over) {
        return Err(Mismatch::Revoked);
    }
    if !assignment.window.contains(&Interval::exactly(facts.now)) {
        return Err(Mismatch::AssignmentOutsideWindow);
    }
    if facts.is_home_online { Ok(()) } else { Err(Mismatch::HomeOffline) }
}

/// Whether this visitor, this parcel, this door and this moment belong together.
pub(crate) fn matches(facts: &Facts<'_>) -> Result<(), Mismatch> {
    let known = facts.grant.filter(|g| g.grant.door == facts.arrival.door).ok_or(Mismatch::GrantUnknown)?;
    if known.is_refused {
        return Err(Mismatch::GrantRefused);
    }
    if !known.is_signer_current {
        return Err(Mismatch::GrantSignerGone);
    }
    if facts.revocation.is_some_and(|list| is_revoked(list, known.grant, facts)) {
        return Err(Mismatch::Revoked);
    }
    match_window(known.grant, facts.now)?;
    if known.uses_spent >= known.grant.uses {
        return Err(Mismatch::UsesSpent);
    }
    match &known.grant.to {
        Grantee::Holder { cnf, .. } if cnf.kid() != facts.device => return Err(Mismatch::OtherHolder),
        Grantee::Holder { .. } => {}
        Grantee::Provider { root, .. } => match_assignment(facts, known.grant, *root)?,
    }
    if facts.is_home_online { Ok(()) } else { Err(Mismatch::HomeOffline) }
}

fn match_window(grant: &Grant, now: Timestamp) -> Result<(), Mismatch> {
    let is_open = grant.windows.iter().any(|w| w.contains(&Interval::exactly(now)));
    let is_soon = grant.windows.iter().any(|w| now < w.from && w.from.since(now) <= EARLY_S);
    match (is_open, is_soon) {
        (true, _) => Ok(()),
        (false, true) => Err(Mismatch::TooEarly),
        (false, false) => Err(Mismatch::OutsideWindow),
    }
}

/// The assignment, if it is this device's at this door.
fn match_device(
    known: Option<AssignmentFacts<'_>>,
    door: DoorId,
    device: Kid,
) -> Result<AssignmentFacts<'_>, Mismatch> {
    let known = known.filter(|known| known.assignment.door == door).ok_or(Mismatch::AssignmentUnknown)?;
    if known.is_refused {
        return Err(Mismatch::AssignmentRefused);
    }
    if known.assignment.cnf.kid() != device {
        return Err(Mismatch::OtherDevice);
    }
    Ok(known)
}

fn match_assignment(facts: &Facts<'_>, grant: &Grant, root: Kid) -> Result<(), Mismatch> {
    if facts.arrival.assignment.is_none() {
        return Err(Mismatch::AssignmentMissing);
    }
    let known = match_device(facts.assignment, facts.arrival.door, facts.device)?;
    let assignment = known.assignment;
    if assignment.provider != root {
        return Err(Mismatch::OtherProvider);
    }
    if !known.is_provider_admitted {
        return Err(Mismatch::ProviderNotAdmitted);
    }
    if !assignment.window.contains(&Interval::exactly(facts.now)) {
        return Err(Mismatch::AssignmentOutsideWindow);
    }
    if !carries(grant, assignment) {
        return Err(Mismatch::OtherErrand);
    }
    if !grant.terms.attributes.iter().all(|wanted| assignment.attributes.contains(wanted)) {
        return Err(Mismatch::AttributeMissing);
    }
    if facts.now.since(known.since) < u64::from(grant.terms.notice_s) {
        return Err(Mismatch::NoticeTooShort);
    }
    Ok(())
}

/// When the match of an assignment, a grant, or both may say something else by time alone: where a window begins, ends or
/// begins soon, and where the home has had its notice.
pub(crate) fn turns(
    grant: Option<&Grant>,
    assignment: Option<(&Assignment, Timestamp)>,
) -> impl Iterator<Item = Timestamp> {
    let notice_s = grant.map_or(0, |grant| grant.terms.notice_s);
    let of_grant = grant.into_iter().flat_map(|grant| {
        let soon = |window: &Window| Timestamp(window.from.0.saturating_sub(EARLY_S));
        grant.windows.iter().flat_map(move |window| [soon(window), window.from, window.until])
    });
    let of_assignment = assignment.into_iter().flat_map(move |(assignment, since)| {
        let noticed = Timestamp(since.0.saturating_add(notice_s.into()));
        [assignment.window.from, assignment.window.until, noticed]
    });
    of_grant.chain(of_assignment)
}

/// What was announced: by whom, what for, when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Announced<'a> {
    pub(crate) provider: Kid,
    pub(crate) service: &'a str,
    pub(crate) commitments: &'a [Commitment],
    pub(crate) window: Window,
}

/// True if these grants answer an announcement, so that nobody need be asked: one that names all of it, whatever became
/// of it since, or a standing one that meets its time and was not taken back. A courtesy as well: residents' devices
/// decide it by themselves, from the signed grants.
pub(crate) fn is_answered<'a>(
    announced: &Announced<'_>,
    grants: impl Iterator<Item = &'a Grant>,
    revocation: Option<&Revocation>,
) -> bool {
    let root = announced.provider;
    let mut to_them =
        grants.filter(|grant| matches!(&grant.to, Grantee::Provider { root: to, .. } if *to == root));
    to_them.any(|grant| match &grant.errand {
        Errand::Consignments(list) => announced.commitments.iter().all(|one| list.contains(one)),
        Errand::Service(service) => {
            let meets = |window: &Window| {
                window.from < announced.window.until && announced.window.from < window.until
            };
            let is_over =
                |list: &Revocation| list.grants.contains(&grant.id) || list.providers.contains(&root);
            service == announced.service
                && grant.windows.iter().any(meets)
                && !revocation.is_some_and(is_over)
        }
    })
}

/// True if every errand of the assignment is one that the grant is for: the home asks the same.
pub(crate) fn carries(grant: &Grant, assignment: &Assignment) -> bool {
    match &grant.errand {
        Errand::Consignments(list) => assignment.errands.iter().all(|errand| list.contains(errand)),
        Errand::Service(service) => *service == assignment.service,
    }
}

fn is_revoked(list: &Revocation, grant: &Grant, facts: &Facts<'_>) -> bool {
    list.blocked
        || list.grants.contains(&grant.id)
        || list.devices.contains(&facts.device)
        || matches!(&grant.to, Grantee::Provider { root, .. } if list.providers.contains(root))
}

#[cfg(test)]
mod tests;
