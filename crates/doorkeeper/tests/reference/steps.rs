//! What may happen at a door, one step after the other.

use super::cast::{GRANTS, Key};
use super::rig::{Both, Clock, Lock};
use super::words::{Arrival, In, List, Presentation, Scan};
use doorkeeper::sensors::{Bolt, Door};

/// One thing that happens.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Pass(u64),
    Give(In),
    /// Nothing is wrong, and the owner lifts every no of the lists.
    Calm,
    /// Arrives as it should be.
    Arrive(u8),
    /// Scans as it should be.
    Scan(u8),
    ArriveOddly(Arrival),
    /// With a challenge so many before the newest.
    ScanOddly(Presentation, usize),
    /// The wrong parcel, six times.
    Insist(u8),
    /// As often as a sulking lock lets them.
    TrySulkingLock(u8),
    /// Five come at once.
    Crowd,
    Leave(u8),
    /// Pushes, if the bolt lets them.
    Push,
    List {
        by: Key,
        is_new: bool,
        blocked: bool,
        grant: Option<usize>,
        provider: Option<Key>,
        device: Option<Key>,
    },
    Clock(Clock),
    Lock(Lock),
    RecorderSees(bool),
    RecorderWitnesses(bool),
    DiskIsSlow(bool),
    DiskFails,
}

/// Visit n comes under grant n, four in turn.
pub(crate) fn right_papers(visit: u8) -> (usize, Option<usize>, Key) {
    let grant = usize::from(visit % 4);
    match GRANTS[grant].guest {
        Some(guest) => (grant, None, guest),
        None => (grant, Some(0), Key('h')),
    }
}

pub(crate) fn arrival(visit: u8) -> Arrival {
    let (grant, assignment, device) = right_papers(visit);
    Arrival { visit, grant, assignment, device, right_tag: true }
}

pub(crate) fn presentation(visit: u8) -> Presentation {
    let (grant, assignment, device) = right_papers(visit);
    let scan = if assignment.is_some() { Scan::Right } else { Scan::Nothing };
    Presentation { visit, challenge: None, device, grant, assignment, scan, mangled: false }
}

pub(crate) fn happen(both: &mut Both, step: &Step) {
    match step {
        Step::Pass(ticks) => both.pass(*ticks),
        Step::Give(input) => both.give(input),
        Step::Arrive(visit) => both.give(&In::Arrival(arrival(*visit))),
        Step::ArriveOddly(arrival) => both.give(&In::Arrival(*arrival)),
        Step::Scan(visit) => scan(both, presentation(*visit), 0),
        Step::ScanOddly(presentation, back) => scan(both, *presentation, *back),
        Step::Calm => calm(both),
        Step::Insist(visit) => {
            let wrong = Presentation { scan: Scan::OfAnotherParcel, ..presentation(*visit) };
            (0..6).for_each(|_| scan(both, wrong, 0));
        }
        Step::TrySulkingLock(visit) => {
            both.lock = Lock::Stays;
            for _ in 0..4 {
                scan(both, presentation(*visit), 0);
                both.pass(150);
            }
        }
        Step::Crowd => [0, 1, 4, 5, 8].iter().for_each(|visit| happen(both, &Step::Arrive(*visit))),
        Step::Leave(visit) => both.give(&In::Farewell { visit: *visit, device: right_papers(*visit).2 }),
        Step::Push if both.reference.bolt.is_withdrawn() => both.give(&In::Door(Door::Open)),
        Step::Push => {}
        Step::List { by, is_new, blocked, grant, provider, device } => {
            let sequence = (both.lists + u64::from(*is_new)).max(1);
            let issued = both.interval().0 - both.lists;
            let (by, blocked, grant, provider, device) = (*by, *blocked, *grant, *provider, *device);
            both.give(&In::List(List { by, sequence, issued, blocked, grant, provider, device }));
            both.lists = both.lists.max(sequence);
        }
        Step::Clock(clock) => both.clock = *clock,
        Step::Lock(lock) => both.lock = *lock,
        Step::RecorderSees(sees) => {
            both.recorder_sees = *sees;
            if *sees {
                both.give(&In::Proven);
            } else {
                // What was proven in this very moment is older than what is asked next.
                both.pass(1);
            }
        }
        Step::RecorderWitnesses(witnesses) => both.recorder_witnesses = *witnesses,
        Step::DiskIsSlow(slow) => {
            both.disk_is_slow = *slow;
            if !slow && !both.disk_fails {
                both.give(&In::Synced);
            }
        }
        Step::DiskFails => both.disk_fails = true,
    }
}

pub(crate) fn calm(both: &mut Both) {
    (both.clock, both.lock, both.recorder_witnesses, both.disk_is_slow) =
        (Clock::Sure, Lock::Obeys, true, false);
    both.recorder_sees = true;
    let lifts =
        Step::List { by: Key('o'), is_new: true, blocked: false, grant: None, provider: None, device: None };
    for input in [
        In::Synced,
        In::Proven,
        In::Smoke(false),
        In::Battery(90),
        In::Occupied(None),
        In::Door(Door::Closed),
        In::Bolt(Bolt::Locked),
    ] {
        if input != In::Synced || !both.disk_fails {
            both.give(&input);
        }
    }
    happen(both, &lifts);
    both.pass(11);
}

pub(crate) fn scan(both: &mut Both, presentation: Presentation, back: usize) {
    let made = both.challenges.get(&presentation.visit).map_or(0, Vec::len);
    let challenge = made.checked_sub(1 + back);
    both.give(&In::Presentation(Presentation { challenge, ..presentation }));
}
