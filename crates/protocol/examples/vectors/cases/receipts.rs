//! Receipts: the run of a visit's events that resident and visitor keep, and how each way of changing it shows.

use super::cast::*;
use super::{Vector, credential_json, hex};
use protocol::bytes::{Blob, DoorId, Salt};
use protocol::door_event::{Body, Class, Detail, DoorEvent, Intent, Outcome, RecordingHead, VisitEnd};
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::{DetailOpening, LogEntry};
use protocol::{DeviceKey, Hash, Signed, Signer, canonical};

/// Counter of the arrival.
const FIRST: u64 = 40;

fn bodies() -> Vec<Body> {
    let head = RecordingHead {
        recorder: recorder().kid(),
        recording: RECORDING,
        frame: 250,
        chain_head: Hash([0xcc; 32]),
    };
    let intent = Intent {
        passage: 1,
        grant: h(&delivery_grant()),
        grant_id: delivery_grant().id,
        assignment: Some(h(&assignment())),
        presentation: h(&presentation()),
        parcels: 2,
        recordings: vec![head],
    };
    let arrived = Body::Arrived {
        grant: h(&delivery_grant()),
        assignment: Some(h(&assignment())),
        device: handset().kid(),
    };
    let end = VisitEnd { first: FIRST, last: FIRST + 8, outcome: Outcome::Secured, parcels: 2 };
    vec![
        arrived,
        Body::Intent(intent),
        Body::Opened,
        Body::DoorOpened,
        Body::DoorClosed,
        Body::Relocked,
        Body::Secured(vec![head]),
        Body::Farewell { parcels: 2, farewell: h(&farewell()) },
        Body::VisitEnded(end),
    ]
}

/// Nobody answered: the ring, the refusal, the end.
fn unanswered() -> Vec<Body> {
    let end = VisitEnd { first: FIRST, last: FIRST + 2, outcome: Outcome::NotOpened, parcels: 0 };
    vec![
        Body::Rang { assignment: h(&assignment()), device: handset().kid(), asked_s: 45 },
        Body::Refused("nobody_answered".into()),
        Body::VisitEnded(end),
    ]
}

/// Somebody allowed it: the ring, then the arrival and all the rest.
fn allowed_at_the_door() -> Vec<Body> {
    let rang = Body::Rang { assignment: h(&assignment()), device: handset().kid(), asked_s: 45 };
    let mut bodies = [vec![rang], bodies()].concat();
    let end = VisitEnd { first: FIRST, last: FIRST + 9, outcome: Outcome::Secured, parcels: 2 };
    bodies.pop();
    bodies.push(Body::VisitEnded(end));
    bodies
}

/// One chain of events, each with its detail. `at_s` is when it began: another second, another history.
fn chain(bodies: Vec<Body>, at_s: u64, of: DoorId, by: &DeviceKey) -> Vec<LogEntry> {
    let mut prev = Hash([0x39; 32]);
    let mut entries = Vec::new();
    for (counter, body) in (FIRST..).zip(bodies) {
        let second = at_s + counter - FIRST;
        let at = Interval { lo: Timestamp(OPENS + second), hi: Timestamp(OPENS + second + 2) };
        let detail = Detail { at, monotonic: Monotonic(second * 1_000), visit: Some(VISIT), body };
        let salt = Salt([u8::try_from(counter).expect("few events"); 16]);
        let event = DoorEvent {
            door: of,
            boot: BOOT,
            counter,
            prev,
            class: Class::Visit,
            detail: detail.commit(salt),
        };
        let signed = Signed::sign(event, by).expect("events keep the rules");
        prev = signed.hash();
        let opening = DetailOpening { salt, detail: Blob(canonical::encode(&detail)) };
        entries.push(LogEntry { event: Blob(signed.bytes().into()), opening: Some(opening) });
    }
    entries
}

fn delivery() -> Vec<LogEntry> {
    chain(bodies(), 600, DOOR, &door())
}

fn receipt(name: &str, sentence: &str, expected: &str, entries: &Vec<LogEntry>) -> Vector {
    Vector {
        name: format!("receipt-{name}"),
        sentence: sentence.into(),
        r#type: "receipt".into(),
        expected: expected.into(),
        hex: hex(&canonical::encode(entries)),
        credential: Some(credential_json(&door().credential())),
        ..Vector::default()
    }
}

pub(super) fn good() -> Vec<Vector> {
    let mut withheld = delivery();
    withheld[5].opening = None;
    vec![
        receipt(
            "delivery",
            "From the arrival to the end of the visit, with every detail.",
            "ok",
            &delivery(),
        ),
        receipt("detail-withheld", "One detail was erased; the chain still holds.", "ok", &withheld),
        receipt(
            "rang-in-vain",
            "A courier rang, waited and was not let in.",
            "ok",
            &chain(unanswered(), 600, DOOR, &door()),
        ),
        receipt(
            "allowed-at-the-door",
            "The receipt of a visit that began with a ring begins with it.",
            "ok",
            &chain(allowed_at_the_door(), 600, DOOR, &door()),
        ),
    ]
}

pub(super) fn bad() -> Vec<Vector> {
    let changed = |change: fn(&mut Vec<LogEntry>)| {
        let mut entries = delivery();
        change(&mut entries);
        entries
    };
    let no = |name: &str, sentence: &str, code: &str, entries: &Vec<LogEntry>| {
        receipt(name, sentence, &format!("flaw:{code}"), entries)
    };
    let rewritten = changed(|entries| {
        let other = chain(bodies(), 900, DOOR, &door());
        entries[3].opening.clone_from(&other[3].opening);
    });
    let mut spliced = delivery();
    spliced.splice(4.., chain(bodies(), 900, DOOR, &door()).split_off(4));
    let mut shortened = bodies();
    shortened.remove(3);
    vec![
        no(
            "event-omitted",
            "The opening of the door was left out.",
            "omission",
            &changed(|e| drop(e.remove(3))),
        ),
        no("events-swapped", "Two events change places.", "omission", &changed(|e| e.swap(3, 4))),
        no(
            "event-repeated",
            "One event stands twice.",
            "split_view",
            &changed(|e| e.insert(4, e[3].clone())),
        ),
        no("tail-cut", "The end of the visit is missing.", "cut_tail", &changed(|e| drop(e.pop()))),
        no(
            "ring-cut",
            "The ring before the arrival is missing.",
            "cut_tail",
            &chain(allowed_at_the_door(), 600, DOOR, &door()).split_off(1),
        ),
        no("head-cut", "The arrival is missing.", "cut_tail", &changed(|e| drop(e.remove(0)))),
        no("empty", "There is no event.", "cut_tail", &Vec::new()),
        no("detail-rewritten", "The detail of another history stands under an event.", "detail", &rewritten),
        no("split-view", "The second half belongs to another history.", "split_view", &spliced),
        no(
            "renumbered",
            "The door itself left an event out and numbered the rest anew: the end names other counters.",
            "cut_tail",
            &chain(shortened, 600, DOOR, &door()),
        ),
        no(
            "by-another-key",
            "The recorder signed it.",
            "untrusted",
            &chain(bodies(), 600, DOOR, &recorder()),
        ),
        no(
            "of-another-door",
            "It is another door's, with the same key.",
            "other_door",
            &chain(bodies(), 600, DoorId([0xd1; 16]), &door()),
        ),
        no(
            "event-cut-short",
            "An event was cut after 100 bytes.",
            "malformed",
            &changed(|e| e[2].event.0.truncate(100)),
        ),
    ]
}
