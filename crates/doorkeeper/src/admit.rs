//! The decision: may this door open now, for this presentation? In this order, and any failure is a refusal.
//!
//! Pure: everything it looks at is in [`Situation`] and [`AtTheDoor`]. Each step is a function named after what
//! it checks, in the order of `spec/protocol.md`, "The home's decision". Steps 13 to 16 (commit, witness, pulse,
//! passage) are `visit` and `passage`.

use crate::limits::{BATTERY_PERCENT_MIN, CHALLENGE_LIFE_MS, PULSES_MAX, TRIES_MAX};
use crate::papers::{Kept, Papers};
use crate::past::{By, Past};
use crate::refusal::Refusal;
use crate::sensors::{Bolt, Door, Sensors};
use crate::uses::Uses;
use crate::{Commissioning, Now};
use alloc::vec::Vec;
use protocol::answer::Word;
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{DoorTag, Hash, VisitId};
use protocol::door_event::RecordingHead;
use protocol::grant::{Errand, Grant, Grantee, Occupied, Terms};
use protocol::presentation::Presentation;
use protocol::recording_proof::RecordingProof;
use protocol::time::{Monotonic, Window};
use protocol::{Claimed, Credential, Signed, Verifier};

/// The home, as the decision sees it.
#[derive(Debug)]
pub struct Situation<'a> {
    /// Now.
    pub now: Now,
    /// The journal takes and keeps what it is given.
    pub journal_is_healthy: bool,
    /// What the installer proved.
    pub commissioning: Commissioning,
    /// A passage is under way.
    pub door_is_busy: bool,
    /// The newest reports.
    pub sensors: Sensors,
    /// What the home holds.
    pub papers: &'a Papers,
    /// What is used.
    pub uses: &'a Uses,
    /// Visits that ended, and every No.
    pub past: &'a Past,
}

/// The visit, as the decision sees it.
#[derive(Debug)]
pub struct AtTheDoor<'a> {
    /// The visit.
    pub visit: VisitId,
    /// Challenges of this arrival: hash and when they were made. The newest two.
    pub challenges: &'a [(Hash, Monotonic)],
    /// Presentations so far.
    pub tries: u8,
    /// Passages in which the door was open.
    pub entries: u32,
    /// Pulses since the door was last open.
    pub pulses: u8,
    /// H(grant) of the arrival.
    pub grant: Hash,
    /// H(assignment) of the arrival.
    pub assignment: Option<Hash>,
    /// Newest proof of each recorder.
    pub proofs: &'a [Signed<RecordingProof>],
    /// Someone pressed No at the hub.
    pub local_no: bool,
    /// What a resident answered.
    pub answer: Option<Word>,
}

impl AtTheDoor<'_> {
    /// A visit that begins: nothing has happened yet.
    pub const fn arriving(visit: VisitId, grant: Hash, assignment: Option<Hash>) -> Self {
        Self {
            visit,
            challenges: &[],
            tries: 0,
            entries: 0,
            pulses: 0,
            grant,
            assignment,
            proofs: &[],
            local_no: false,
            answer: None,
        }
    }
}

/// Yes: what the intent will say.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The grant.
    pub grant: Grant,
    /// H(grant).
    pub grant_hash: Hash,
    /// H(assignment).
    pub assignment: Option<Hash>,
    /// H(presentation).
    pub presentation: Hash,
    /// Parcels scanned.
    pub parcels: u32,
    /// Where the demanded recordings stood.
    pub recordings: Vec<RecordingHead>,
}

/// A presentation whose signature, papers and scans are proven: steps 1 to 8 hold.
#[derive(Debug, Clone)]
pub struct Authentic {
    /// H(challenge): consumed now.
    pub challenge: Hash,
    /// When it was made.
    pub challenged: Monotonic,
    /// What the intent will say, but for the recordings.
    pub admission: Admission,
}

/// Steps 1 to 8: from the home's health to an authentic presentation. The challenge is consumed when this holds.
pub fn authenticate(
    home: &Situation<'_>,
    door: &AtTheDoor<'_>,
    presentation: &[u8],
    verifier: &dyn Verifier,
) -> Result<Authentic, Refusal> {
    check_home(home)?;
    let presentation = parse(presentation)?;
    let (challenge, challenged) = check_challenge(home.now, door, presentation.unproven())?;
    let grant = check_grant(home, door, verifier)?;
    check_use(home, door, grant.claimed.unproven())?;
    check_time(home, door, grant.claimed.unproven())?;
    let assignment = check_assignment(home, door, grant.claimed.unproven(), verifier)?;
    let device = device_of(grant.claimed.unproven(), assignment)?;
    let (presentation_hash, parcels) = check_presentation(door, presentation, device, assignment, verifier)?;
    Ok(Authentic {
        challenge,
        challenged,
        admission: Admission {
            grant: grant.claimed.unproven().clone(),
            grant_hash: grant.claimed.hash(),
            assignment: door.assignment,
            presentation: presentation_hash,
            parcels,
            recordings: Vec::new(),
        },
    })
}

/// Steps 9 to 12: freshness, cameras, people; then health and papers once more, since a visitor may have waited.
pub fn admit(
    home: &Situation<'_>,
    door: &AtTheDoor<'_>,
    authentic: &Authentic,
    verifier: &dyn Verifier,
) -> Result<Admission, Refusal> {
    let terms = &authentic.admission.grant.terms;
    check_revocation_age(home, terms)?;
    let recordings = check_recordings(home.now, door, authentic, terms)?;
    check_people(home, door, terms)?;
    check_home(home)?;
    check_papers(home, door, verifier)?;
    Ok(Admission { recordings, ..authentic.admission.clone() })
}

/// Step 15 begins with one last look: the intent may have waited for the disk.
pub fn last_look(home: &Situation<'_>, door: &AtTheDoor<'_>, verifier: &dyn Verifier) -> Result<(), Refusal> {
    check_home(home)?;
    check_papers(home, door, verifier)?;
    check_noes(home, door)
}

/// An arrival whose signature and papers are proven: recording may start, a challenge may go out.
#[derive(Debug, Clone)]
pub struct Received {
    /// The grant.
    pub grant: Grant,
    /// The visitor's device.
    pub device: Credential,
}

/// Why an arrival is refused, and whether its device is authentic, so that the reason may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivalRefused {
    /// The reason.
    pub refusal: Refusal,
    /// The arrival was signed by the device that a kept paper names.
    pub is_authentic: bool,
}

/// Checks an arrival of a visit that is not open: papers known, signed by their device, steps 4 to 7, not over, and
/// nobody said no.
pub fn receive(
    home: &Situation<'_>,
    door: &AtTheDoor<'_>,
    arrival: Claimed<Arrival>,
    door_tag: DoorTag,
    verifier: &dyn Verifier,
) -> Result<Received, ArrivalRefused> {
    let unproven = |refusal| ArrivalRefused { refusal, is_authentic: false };
    let authentic = |refusal| ArrivalRefused { refusal, is_authentic: true };
    let kept = home.papers.grant(door.grant).ok_or(unproven(Refusal::GrantUnknown))?;
    let grant = kept.claimed.unproven();
    let assignment = door.assignment.and_then(|hash| home.papers.assignment(hash));
    if door.assignment.is_some() && assignment.is_none() {
        return Err(unproven(Refusal::AssignmentUnknown));
    }
    let device = device_of(grant, assignment.map(|kept| kept.claimed.unproven())).map_err(unproven)?;
    let arrival = arrival.verify(device, verifier).map_err(|_| unproven(Refusal::ArrivalSignature))?;
    if arrival.message().door != home.papers.roster.door || arrival.message().door_tag != door_tag {
        return Err(authentic(Refusal::WrongTag));
    }
    check_grant(home, door, verifier).map_err(authentic)?;
    check_use(home, door, grant).map_err(authentic)?;
    check_time(home, door, grant).map_err(authentic)?;
    check_assignment(home, door, grant, verifier).map_err(authentic)?;
    // Whoever arrives under a use begins again: the visit that holds it is not open any more.
    if home.past.has_ended(door.visit) || home.uses.holds(grant.id, door.visit) {
        return Err(authentic(Refusal::VisitOver));
    }
    check_noes(home, door).map_err(authentic)?;
    Ok(Received { grant: grant.clone(), device: device.clone() })
}

/// What of the decision can be known before the visitor comes: preflight.
pub fn preflight(home: &Situation<'_>, grant: Hash, verifier: &dyn Verifier) -> Vec<Refusal> {
    let mut findings: Vec<Refusal> = check_home(home).err().into_iter().collect();
    let Some(kept) = home.papers.grant(grant) else {
        findings.push(Refusal::GrantUnknown);
        return findings;
    };
    let message = kept.claimed.unproven();
    findings.extend(home.papers.check_grant(&kept.claimed, verifier).err());
    findings.extend(check_revoked(home.papers, message, None).err());
    if home.uses.total(message) >= usize::try_from(message.uses).unwrap_or(usize::MAX) {
        findings.push(Refusal::UsedUp);
    }
    findings
}

fn check_home(home: &Situation<'_>) -> Result<(), Refusal> {
    let sensors = &home.sensors;
    let battery_low = sensors.battery_percent.is_some_and(|percent| percent < BATTERY_PERCENT_MIN);
    let first_wrong = [
        (!home.journal_is_healthy, Refusal::JournalUnhealthy),
        (!home.commissioning.is_complete(), Refusal::NotCommissioned),
        (sensors.smoke, Refusal::Smoke),
        (sensors.door == Door::Tampered, Refusal::Tampered),
        (home.door_is_busy, Refusal::DoorBusy),
        (sensors.door != Door::Closed, Refusal::DoorNotShut),
        (sensors.bolt != Bolt::Locked, Refusal::BoltNotLocked),
        (battery_low, Refusal::BatteryLow),
    ];
    first_wrong.into_iter().find(|(wrong, _)| *wrong).map_or(Ok(()), |(_, refusal)| Err(refusal))
}

fn parse(bytes: &[u8]) -> Result<Claimed<Presentation>, Refusal> {
    Claimed::parse(bytes).map_err(|_| Refusal::Malformed)
}

fn check_challenge(
    now: Now,
    door: &AtTheDoor<'_>,
    presentation: &Presentation,
) -> Result<(Hash, Monotonic), Refusal> {
    if door.tries >= TRIES_MAX {
        return Err(Refusal::TooManyTries);
    }
    let found = door.challenges.iter().find(|(hash, _)| *hash == presentation.challenge);
    let (hash, made) = *found.ok_or(Refusal::ChallengeUnknown)?;
    if now.monotonic.ms_since(made) > CHALLENGE_LIFE_MS {
        return Err(Refusal::ChallengeExpired);
    }
    Ok((hash, made))
}

fn check_grant<'a>(
    home: &Situation<'a>,
    door: &AtTheDoor<'_>,
    verifier: &dyn Verifier,
) -> Result<&'a Kept<Grant>, Refusal> {
    let kept = home.papers.grant(door.grant).ok_or(Refusal::GrantUnknown)?;
    home.papers.check_grant(&kept.claimed, verifier)?;
    if home.papers.is_pending(kept, home.now) {
        return Err(Refusal::GrantPending);
    }
    Ok(kept)
}

/// Steps 4 to 7 as they stand now: a block, a new roster or the end of a window counts for those who wait, too.
pub(crate) fn check_papers(
    home: &Situation<'_>,
    door: &AtTheDoor<'_>,
    verifier: &dyn Verifier,
) -> Result<(), Refusal> {
    let grant = check_grant(home, door, verifier)?.claimed.unproven();
    check_use(home, door, grant)?;
    check_time(home, door, grant)?;
    check_assignment(home, door, grant, verifier).map(|_| ())
}

fn check_use(home: &Situation<'_>, door: &AtTheDoor<'_>, grant: &Grant) -> Result<(), Refusal> {
    let assignment = door.assignment.and_then(|hash| home.papers.assignment(hash));
    check_revoked(home.papers, grant, assignment)?;
    let uses = home.uses.total(grant);
    if !home.uses.holds(grant.id, door.visit) && uses >= usize::try_from(grant.uses).unwrap_or(usize::MAX) {
        return Err(Refusal::UsedUp);
    }
    if door.entries >= grant.terms.entries {
        return Err(Refusal::EntriesUsedUp);
    }
    if door.pulses >= PULSES_MAX {
        return Err(Refusal::PulsesUsedUp);
    }
    Ok(())
}

fn check_revoked(
    papers: &Papers,
    grant: &Grant,
    assignment: Option<&Kept<Assignment>>,
) -> Result<(), Refusal> {
    let Some(list) = &papers.revocation else { return Ok(()) };
    let list = list.claimed.unproven();
    if list.blocked {
        return Err(Refusal::Blocked);
    }
    let grantee_is_revoked = match &grant.to {
        Grantee::Provider { root, .. } => list.providers.contains(root),
        Grantee::Holder { cnf, .. } => list.devices.contains(&cnf.kid()),
    };
    let assigned_is_revoked = assignment.is_some_and(|kept| {
        list.devices.contains(&kept.claimed.unproven().cnf.kid())
            || list.providers.contains(&kept.claimed.kid())
    });
    if list.grants.contains(&grant.id) || grantee_is_revoked || assigned_is_revoked {
        return Err(Refusal::Revoked);
    }
    Ok(())
}

fn check_time(home: &Situation<'_>, door: &AtTheDoor<'_>, grant: &Grant) -> Result<(), Refusal> {
    let interval = home.now.interval;
    if interval.hi == protocol::time::Timestamp::MAX {
        return Err(Refusal::ClockUnknown);
    }
    let window = current_window(home, grant).ok_or(Refusal::OutsideWindow)?;
    let used = home.uses.in_window(grant, window);
    if !home.uses.holds(grant.id, door.visit)
        && used >= usize::try_from(grant.uses_per_window).unwrap_or(usize::MAX)
    {
        return Err(Refusal::WindowUsedUp);
    }
    Ok(())
}

fn current_window<'g>(home: &Situation<'_>, grant: &'g Grant) -> Option<&'g Window> {
    grant.windows.iter().find(|window| window.contains(&home.now.interval))
}

fn check_assignment<'a>(
    home: &Situation<'a>,
    door: &AtTheDoor<'_>,
    grant: &Grant,
    verifier: &dyn Verifier,
) -> Result<Option<&'a Assignment>, Refusal> {
    let root = match &grant.to {
        Grantee::Holder { .. } => return Ok(None),
        Grantee::Provider { root, .. } => *root,
    };
    let hash = door.assignment.ok_or(Refusal::AssignmentMissing)?;
    let kept = home.papers.assignment(hash).ok_or(Refusal::AssignmentUnknown)?;
    let assignment = kept.claimed.unproven();
    if assignment.provider != root {
        return Err(Refusal::WrongProvider);
    }
    check_delegated(home, kept, verifier)?;
    if !errands_are_granted(assignment, &grant.errand) {
        return Err(Refusal::WrongErrand);
    }
    if !assignment.window.contains(&home.now.interval) {
        return Err(Refusal::AssignmentOutsideWindow);
    }
    if kept.since.elapsed_s(home.now) < u64::from(grant.terms.notice_s) {
        return Err(Refusal::NoticeTooShort);
    }
    if !grant.terms.attributes.iter().all(|wanted| assignment.attributes.contains(wanted)) {
        return Err(Refusal::AttributeMissing);
    }
    Ok(Some(assignment))
}

/// Of an assignment, what no grant has a say in: whose it is, and for which door.
pub(crate) fn check_delegated(
    home: &Situation<'_>,
    kept: &Kept<Assignment>,
    verifier: &dyn Verifier,
) -> Result<(), Refusal> {
    let delegation = home.papers.delegation_for(&kept.claimed, verifier)?;
    if !delegation.window.contains(&home.now.interval) {
        return Err(Refusal::DelegationExpired);
    }
    if kept.claimed.unproven().door != home.papers.roster.door {
        return Err(Refusal::AssignmentWrongDoor);
    }
    Ok(())
}

pub(crate) fn errands_are_granted(assignment: &Assignment, errand: &Errand) -> bool {
    match errand {
        Errand::Consignments(granted) => assignment.errands.iter().all(|one| granted.contains(one)),
        Errand::Service(service) => assignment.service == *service,
    }
}

/// Whose signature a visit needs.
pub(crate) fn device_of<'a>(
    grant: &'a Grant,
    assignment: Option<&'a Assignment>,
) -> Result<&'a Credential, Refusal> {
    match (&grant.to, assignment) {
        (Grantee::Holder { cnf, .. }, _) => Ok(cnf),
        (Grantee::Provider { .. }, Some(assignment)) => Ok(&assignment.cnf),
        (Grantee::Provider { .. }, None) => Err(Refusal::AssignmentMissing),
    }
}

fn check_presentation(
    door: &AtTheDoor<'_>,
    presentation: Claimed<Presentation>,
    device: &Credential,
    assignment: Option<&Assignment>,
    verifier: &dyn Verifier,
) -> Result<(Hash, u32), Refusal> {
    let presentation = presentation.verify(device, verifier).map_err(|_| Refusal::PresentationSignature)?;
    let message = presentation.message();
    if message.grant != door.grant || message.assignment != door.assignment {
        return Err(Refusal::OtherPapers);
    }
    let errands = assignment.map_or(&[][..], |a| a.errands.as_slice());
    let mut opened = Vec::new();
    for opening in &message.opens {
        let commitment = opening.commitment();
        if !errands.contains(&commitment) || opened.contains(&commitment) {
            return Err(Refusal::WrongParcel);
        }
        opened.push(commitment);
    }
    if opened.is_empty() && !errands.is_empty() {
        return Err(Refusal::WrongParcel);
    }
    Ok((presentation.hash(), u32::try_from(opened.len()).unwrap_or(u32::MAX)))
}

fn check_revocation_age(home: &Situation<'_>, terms: &Terms) -> Result<(), Refusal> {
    let Some(age_s) = terms.revocation_age_s else { return Ok(()) };
    let issued = home.papers.renewed.ok_or(Refusal::RevocationListOld)?;
    let hi = home.now.interval.hi;
    // A date that has certainly not come says nothing about the list's age: a fast clock would keep it young.
    if issued <= hi && hi.since(issued) <= age_s { Ok(()) } else { Err(Refusal::RevocationListOld) }
}

fn check_recordings(
    now: Now,
    door: &AtTheDoor<'_>,
    authentic: &Authentic,
    terms: &Terms,
) -> Result<Vec<RecordingHead>, Refusal> {
    let mut heads = Vec::new();
    for camera in &terms.cameras {
        let fitting = |proof: &&Signed<RecordingProof>| {
            proof.signer() == camera.recorder
                && proof.message().answers == authentic.challenge
                && proof.message().grant == door.grant
                && proof.message().captured >= authentic.challenged
        };
        let proof = door.proofs.iter().rfind(fitting).ok_or(Refusal::RecordingMissing)?;
        let message = proof.message();
        let age_ms = now.monotonic.ms_since(message.captured);
        if age_ms > u64::from(camera.age_ms) || message.captured > now.monotonic {
            return Err(Refusal::RecordingStale);
        }
        heads.push(RecordingHead {
            recorder: proof.signer(),
            recording: message.recording,
            frame: message.frame,
            chain_head: message.chain_head,
        });
    }
    Ok(heads)
}

/// A No holds for its visit, and for every visit under the same grant in the same window: the id of a visit is the
/// visitor's to choose.
pub(crate) fn check_noes(home: &Situation<'_>, door: &AtTheDoor<'_>) -> Result<(), Refusal> {
    let grant = home.papers.grant(door.grant).map(|kept| kept.claimed.unproven());
    let before = grant.and_then(|grant| home.past.no_in_window(grant.id, current_window(home, grant)?));
    if door.local_no || before == Some(By::SomeoneAtHub) {
        return Err(Refusal::LocalNo);
    }
    if door.answer == Some(Word::Stop) || before == Some(By::Resident) {
        return Err(Refusal::ResidentSaidNo);
    }
    Ok(())
}

fn check_people(home: &Situation<'_>, door: &AtTheDoor<'_>, terms: &Terms) -> Result<(), Refusal> {
    check_noes(home, door)?;
    match (door.answer, terms.occupied, home.sensors.occupied) {
        (_, Occupied::Refuse, Some(true)) => Err(Refusal::OccupiedRefused),
        (Some(Word::Allow), _, _) | (_, Occupied::Allow, _) => Ok(()),
        // "I'm coming", or no answer yet: nobody opens over the head of a person who is home.
        (Some(Word::Coming | Word::Stop), _, _) | (None, Occupied::Ask, Some(true)) => Err(Refusal::Occupied),
        (None, _, _) => Ok(()),
    }
}
