//! The doorkeeper: any course of events beside the reference, and any bytes in any of its slots.

#[path = "../../doorkeeper/tests/reference/cast.rs"]
#[allow(dead_code, reason = "of the tests of the doorkeeper, which use more of it")]
mod cast;
#[path = "../../doorkeeper/tests/reference/decision.rs"]
mod decision;
#[allow(clippy::module_inception, reason = "the reference door")]
#[path = "../../doorkeeper/tests/reference/door.rs"]
mod door;
#[path = "../../doorkeeper/tests/reference/passage.rs"]
mod passage;
#[path = "../../doorkeeper/tests/reference/rig.rs"]
#[allow(dead_code, reason = "as above")]
mod rig;
#[path = "../../doorkeeper/tests/reference/steps.rs"]
#[allow(dead_code, reason = "as above")]
mod steps;
#[path = "../../doorkeeper/tests/reference/words.rs"]
mod words;

use super::messages::Credulous;
use cast::Key;
use doorkeeper::record::Record;
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Doorkeeper, Home, Input, Now, Output, RecorderNews, Ticket};
use protocol::answer::Word;
use protocol::bytes::{Blob, Hash, Nonce, VisitId};
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::{FromVisitor, Paper};
use rig::{Both, Clock, Lock};
use steps::{Step, arrival, happen, presentation};
use words::{Arrival, In, Presentation, Scan};

/// Steps of one story; a longer one says nothing new.
const STEPS_MAX: usize = 60;

pub(crate) fn record(bytes: &[u8]) -> bool {
    let Ok(record) = Record::decode(bytes) else { return false };
    assert_eq!(record.encode(), bytes, "two encodings of one record");
    let _ = record.log_entry();
    true
}

/// What a home writes first.
pub(crate) fn records() -> Vec<Vec<u8>> {
    let grant = Paper::Grant(cast::blob(cast::grant(0), Key('o')));
    let mut door = start(&[]);
    door.handle(now(1_000), Input::Paper { id: 1, paper: grant });
    let mut records = vec![Record::ClockFloor(Timestamp(7)), Record::StoppedCleanly];
    while let Some(output) = door.poll() {
        if let Output::Append(record) = output {
            records.push(record);
        }
    }
    records.iter().map(Record::encode).collect()
}

/// A visit as it should be, and one with a lock that jams.
pub(crate) fn stories() -> Vec<Vec<u8>> {
    let visit = [[0, 0, 0], [1, 0, 0], [3, 0, 0], [5, 0, 0], [6, 9, 0], [8, 1, 0], [6, 5, 0], [26, 0, 0]];
    let jams = [[0, 0, 0], [1, 1, 0], [3, 1, 0], [5, 0, 0], [22, 2, 0], [8, 1, 0], [6, 10, 0]];
    vec![visit.concat(), jams.concat()]
}

/// Three bytes say what happens next; real door and reference must agree on everything.
pub(crate) fn story(bytes: &[u8]) -> bool {
    let mut both = Both::at_rest();
    for step in bytes.chunks_exact(3).take(STEPS_MAX) {
        happen(&mut both, &told([step[0], step[1], step[2]]));
    }
    both.seen.contains_key("Unlock")
}

fn of<T: Copy>(list: &[T], byte: u8) -> T {
    list[usize::from(byte) % list.len()]
}

fn told([what, first, second]: [u8; 3]) -> Step {
    let visit = first % 12;
    let doors = [Door::Open, Door::Closed, Door::Unknown, Door::Tampered];
    let passes = [1, 4, 9, 10, 11, 16, 33, 46, 81, 205, 310];
    let people = [Key('o'), Key('m'), Key('c'), Key('x')];
    let devices = [Key('h'), Key('i'), Key('g'), Key('x')];
    let clocks =
        [Clock::Sure, Clock::NextDay, Clock::AtTheEndOfTheWindow, Clock::Unknown, Clock::Contradictory];
    match what % 30 {
        0 => Step::Calm,
        1 | 2 => Step::Arrive(visit),
        3 | 4 => Step::Scan(visit),
        5 => Step::Push,
        6 | 7 => Step::Pass(of(&passes, first)),
        8 => Step::Give(In::Door(of(&doors, first))),
        9 => Step::Give(In::Bolt(of(&words::BOLTS, first))),
        10 => Step::Give(In::Battery(first)),
        11 => Step::Give(In::Smoke(first.is_multiple_of(2))),
        12 => Step::Give(In::Occupied(of(&[Some(true), Some(false), None], first))),
        13 => {
            let word = of(&[Word::Allow, Word::Coming, Word::Stop], second);
            Step::Give(In::Answer { visit, word, by: of(&people, second >> 4) })
        }
        14 => Step::Give(In::Farewell { visit, device: of(&devices, second) }),
        15 => Step::Give(In::LocalNo),
        16 => Step::Give(In::LineCrossed),
        17 => Step::Give(In::NewGrantIsConfirmed),
        18 => Step::Give(In::MemberLeaves),
        19 => Step::Give(In::Frozen(first.is_multiple_of(2))),
        20 => Step::Give(In::Witnessed),
        21 => Step::Clock(of(&clocks, first)),
        22 => Step::Lock(of(&[Lock::Obeys, Lock::Silent, Lock::Jams, Lock::Stays], first)),
        23 => Step::RecorderSees(first.is_multiple_of(2)),
        24 => Step::RecorderWitnesses(first.is_multiple_of(2)),
        25 => Step::DiskIsSlow(first.is_multiple_of(2)),
        26 if first == 0xff => Step::DiskFails,
        26 => Step::Leave(visit),
        27 => Step::ArriveOddly(Arrival {
            grant: usize::from(second % 5),
            assignment: of(&[None, Some(0), Some(1), Some(2), Some(3)], second >> 3),
            device: of(&devices, second >> 6),
            right_tag: first < 0xe0,
            ..arrival(visit)
        }),
        28 => {
            let scans = [Scan::Right, Scan::Nothing, Scan::OfAnotherParcel, Scan::TheSameTwice];
            let right = presentation(visit);
            let device = if second & 0x10 == 0 { right.device } else { of(&devices, second >> 6) };
            let scan = if second & 0x20 == 0 { right.scan } else { of(&scans, second) };
            let (mangled, back) = (first >= 0xf0, usize::from(second >> 2 & 3));
            Step::ScanOddly(Presentation { device, scan, mangled, ..right }, back)
        }
        _ => Step::List {
            by: of(&people, first),
            is_new: first < 0xe0,
            blocked: first & 0x10 != 0,
            grant: of(&[None, Some(0), Some(1)], second),
            provider: of(&[None, Some(Key('p')), Some(Key('w'))], second >> 2),
            device: of(&[None, Some(Key('h')), Some(Key('g'))], second >> 4),
        },
    }
}

/// Slots of the doorkeeper by message type.
pub(crate) fn kind_of(kind: &str) -> Option<Vec<u8>> {
    let kinds =
        ["grant", "delegation", "assignment", "revocation", "confirmation", "roster", "answer", "look"];
    let visitors = ["arrival", "presentation", "farewell", "ring", "recording_proof"];
    let at = kinds.iter().chain(&visitors).position(|name| *name == kind)?;
    // One message, and its length to the end.
    Some(vec![u8::try_from(at).ok()?, 0xff, 0xff])
}

fn now(ms: u64) -> Now {
    let interval = Interval { lo: Timestamp(cast::START), hi: Timestamp(cast::START + 2) };
    Now { monotonic: Monotonic(ms), interval }
}

/// A home that takes every signature for good.
fn start(records: &[Record]) -> Doorkeeper {
    let home = Home { verifier: Box::new(Credulous), ..rig::home() };
    Doorkeeper::start(home, records, now(1_000)).expect("its own journal")
}

/// Slot, two bytes of length, bytes; again and again. Whatever comes, nothing opens for bytes that nobody signed over a
/// challenge of this door, LOCK goes only to a door that was closed for a second, and the journal can be read again.
pub(crate) fn bytes(bytes: &[u8]) -> bool {
    let mut door = start(&[]);
    let (mut rest, mut ms, mut records, mut closed_since, mut kept) = (bytes, 1_000, Vec::new(), None, false);
    while let Some((head, tail)) = rest.split_at_checked(3) {
        let length = usize::from(u16::from_be_bytes([head[1], head[2]])).min(tail.len());
        let (blob, next) = tail.split_at(length);
        rest = next;
        let seen = head[1];
        for input in slot(head[0], seen, Blob(blob.to_vec())) {
            ms += u64::from(seen) * 10;
            if let Input::Sensor(Report::Door(report)) = input {
                closed_since = (report == Door::Closed).then(|| closed_since.unwrap_or(ms));
            }
            door.handle(now(ms), input);
            while let Some(output) = door.poll() {
                match output {
                    Output::Append(record) => records.push(record),
                    Output::Sync(ticket) => door.handle(now(ms), Input::Synced(ticket)),
                    Output::Lock => {
                        assert!(
                            closed_since.is_some_and(|since| ms >= since + 1_000),
                            "LOCK to a moving door"
                        );
                    }
                    Output::Kept { refused: None, .. } => kept = true,
                    _ => {}
                }
            }
        }
    }
    let _ = door.timeout();
    // A second start reads what the first one wrote.
    let _ = start(&records);
    kept
}

fn slot(slot: u8, seen: u8, blob: Blob) -> Vec<Input> {
    let visit = VisitId([seen % 3; 16]);
    let paper = |paper| Input::Paper { id: u64::from(seen), paper };
    let said = |word| Input::FromVisitor { visit, word };
    let one = match slot % 24 {
        0 => paper(Paper::Grant(blob)),
        1 => paper(Paper::Delegation(blob)),
        2 => paper(Paper::Assignment(blob)),
        3 => paper(Paper::Revocation(blob)),
        4 => paper(Paper::Confirmation(blob)),
        5 => paper(Paper::Roster(vec![blob])),
        6 => Input::Answer(blob),
        7 => Input::Look(blob),
        8 => said(FromVisitor::Arrival(blob)),
        9 => said(FromVisitor::Presentation(blob)),
        10 => said(FromVisitor::Farewell(blob)),
        11 => said(FromVisitor::Ring(blob)),
        12 => Input::Recorder(RecorderNews::Proof(blob)),
        13 => Input::Recorder(RecorderNews::Witnessed(Hash([seen; 32]))),
        14 => Input::Presence,
        15 => Input::PresenceConfirms(Hash([seen; 32])),
        16 => Input::LocalNo,
        17 => Input::HeadWanted(Nonce([seen; 16])),
        18 => {
            Input::Sensor(Report::Door(of(&[Door::Open, Door::Closed, Door::Unknown, Door::Tampered], seen)))
        }
        19 => Input::Sensor(Report::Bolt(of(
            &[Bolt::Locked, Bolt::Unlocked, Bolt::Jammed, Bolt::Unknown],
            seen,
        ))),
        20 => Input::Sensor(Report::Smoke(seen.is_multiple_of(2))),
        21 => Input::Synced(Ticket(u64::from(seen))),
        22 => Input::LineCrossed,
        _ => Input::Tick,
    };
    vec![one]
}
