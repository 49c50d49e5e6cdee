//! Values that are not signed by themselves: label openings, details of door events, uplink and media messages.

use super::cast::*;
use super::{Vector, hex};
use minicbor::Encode;
use protocol::answer::Word;
use protocol::bytes::{Blob, GrantId, Nonce, Salt};
use protocol::commitment::{Opening, Scan};
use protocol::door_event::{Body, Detail, Intent, Outcome, RecordingHead, VisitEnd};
use protocol::media::{FromMedia, ToMedia};
use protocol::time::{Interval, Monotonic, Timestamp};
use protocol::uplink::{DetailOpening, Downlink, FromVisitor, LogEntry, Paper, ToCloud, ToHome, ToVisitor};
use protocol::{Hash, canonical};

pub(super) fn all() -> Vec<Vector> {
    [openings(), details(), downlinks(), uplinks(), media()].concat()
}

fn value<T: Encode<()>>(kind: &str, name: &str, sentence: &str, value: &T) -> Vector {
    Vector {
        name: name.into(),
        sentence: sentence.into(),
        r#type: kind.into(),
        expected: "ok".into(),
        hex: hex(&canonical::encode(value)),
        ..Vector::default()
    }
}

fn openings() -> Vec<Vector> {
    let opening = |name: &str, sentence: &str, label: &str| {
        let opening = Opening { salt: Salt([9; 16]), scan: Scan::from_label(label).expect("a normal label") };
        Vector {
            label: Some(label.into()),
            salt: Some(hex(&opening.salt.0)),
            commitment: Some(opening.commitment().0.to_string()),
            ..value("opening", name, sentence, &opening)
        }
    };
    vec![
        opening("opening-s10", "A postal S10 number, as printed in groups.", "RR 123 456 785 DE"),
        opening(
            "opening-typed",
            "The same number typed in lower case opens the same errand.",
            "rr123456785de",
        ),
        opening("opening-sscc", "An SSCC with its GS1 application identifier.", "(00)340123450000000018"),
        opening("opening-96-bytes", "The longest label.", &"9".repeat(96)),
    ]
}

fn details() -> Vec<Vector> {
    let recording = RecordingHead {
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
        recordings: vec![recording],
    };
    let guest_intent = Intent { assignment: None, parcels: 0, recordings: vec![], ..intent.clone() };
    let arrived =
        |assignment| Body::Arrived { grant: h(&delivery_grant()), assignment, device: handset().kid() };
    let end = VisitEnd { first: 40, last: 49, outcome: Outcome::Secured, parcels: 2 };
    let bodies = [
        ("booted", "The hub started after an orderly stop.", Body::Booted(true)),
        ("roster-kept", "A roster counts.", Body::RosterKept { epoch: 1, roster: h(&roster()) }),
        (
            "grant-kept",
            "A grant is known.",
            Body::GrantKept { grant: h(&delivery_grant()), id: GrantId([0x61; 16]) },
        ),
        ("assignment-kept", "An assignment is known.", Body::AssignmentKept(h(&assignment()))),
        (
            "revocation-kept",
            "A list is in force.",
            Body::RevocationKept { sequence: 3, revocation: h(&revocation()) },
        ),
        ("arrived", "A courier arrived.", arrived(Some(h(&assignment())))),
        ("arrived-guest", "A guest arrived: the absent assignment inside an array is null.", arrived(None)),
        ("refused", "A reasoned no.", Body::Refused("outside_window".into())),
        ("intent", "A use is burned.", Body::Intent(intent)),
        ("intent-guest", "A guest's use is burned, without a camera.", Body::Intent(guest_intent)),
        ("opened", "The bolt is withdrawn.", Body::Opened),
        ("door-opened", "The door left its frame.", Body::DoorOpened),
        ("door-closed", "The door is in its frame.", Body::DoorClosed),
        ("relocked", "The bolt is thrown.", Body::Relocked),
        ("secured", "Bolt and door agree.", Body::Secured(vec![recording])),
        ("alarm", "Something needs a person.", Body::Alarm("door_left_open".into())),
        ("alarm-over", "It no longer does.", Body::AlarmOver("door_left_open".into())),
        ("line-crossed", "Someone crossed the line.", Body::LineCrossed),
        ("bolt-moved", "The bolt was withdrawn by hand.", Body::BoltMoved(false)),
        ("visit-ended", "The visit is over.", Body::VisitEnded(end)),
        ("refusals-counted", "Twelve refusals without an authentic presentation.", Body::RefusalsCounted(12)),
        ("farewell", "Two parcels are inside.", Body::Farewell { parcels: 2, farewell: h(&farewell()) }),
        ("answered", "A resident answered.", Body::Answered { word: Word::Coming, answer: h(&answer()) }),
        ("said-no-at-hub", "Someone pressed No at the hub during a visit.", Body::SaidNoAtHub),
        (
            "rang",
            "A courier rang, without a permission.",
            Body::Rang { assignment: h(&assignment()), device: handset().kid(), asked_s: 45 },
        ),
        (
            "looked",
            "A flatmate looks for a minute.",
            Body::Looked {
                by: member().kid(),
                camera: recorder().kid(),
                seconds: protocol::limits::LOOK_S,
                look: h(&look()),
            },
        ),
    ];
    bodies.into_iter().map(|(name, sentence, body)| detail(name, sentence, body)).collect()
}

fn detail(name: &str, sentence: &str, body: Body) -> Vector {
    let visit = match &body {
        Body::Booted(_) | Body::RosterKept { .. } | Body::BoltMoved(_) | Body::Looked { .. } => None,
        _ => Some(VISIT),
    };
    let at = Interval { lo: Timestamp(OPENS + 600), hi: Timestamp(OPENS + 602) };
    let detail = Detail { at, monotonic: Monotonic(812_400), visit, body };
    let salt = Salt([0x5a; 16]);
    Vector {
        salt: Some(hex(&salt.0)),
        commitment: Some(detail.commit(salt).to_string()),
        ..value("detail", &format!("detail-{name}"), sentence, &detail)
    }
}

/// Stands for an envelope where only the carrying message is shown.
fn carried() -> Blob {
    Blob(vec![0xee; 8])
}

fn downlinks() -> Vec<Vector> {
    let nonce = Nonce([0x15; 16]);
    let paper = |id, paper| ToHome::Keep { id, paper };
    let from = |word| ToHome::FromVisitor { visit: VISIT, word };
    let messages = [
        ("nonce", "The cloud's first word.", ToHome::Nonce { nonce, audience: "cloud.example".into() }),
        ("welcome", "Signed in; events up to 41 are stored.", ToHome::Welcome(41)),
        ("log-stored", "Events up to 42 are stored.", ToHome::LogStored(42)),
        (
            "keep-roster",
            "A roster, signed by two owners.",
            paper(1, Paper::Roster(vec![carried(), carried()])),
        ),
        ("keep-grant", "A grant to keep.", paper(2, Paper::Grant(carried()))),
        ("keep-delegation", "A delegation to keep.", paper(3, Paper::Delegation(carried()))),
        ("keep-assignment", "An assignment to keep.", paper(4, Paper::Assignment(carried()))),
        ("keep-revocation", "A revocation list to keep.", paper(5, Paper::Revocation(carried()))),
        ("keep-confirmation", "A confirmation to keep.", paper(6, Paper::Confirmation(carried()))),
        ("arrival", "The visitor arrived.", from(FromVisitor::Arrival(carried()))),
        ("presentation", "The visitor presents.", from(FromVisitor::Presentation(carried()))),
        ("farewell", "The visitor leaves.", from(FromVisitor::Farewell(carried()))),
        ("ring", "The visitor rings.", from(FromVisitor::Ring(carried()))),
        ("answer", "A resident answers.", ToHome::Answer(carried())),
        ("head-wanted", "A resident asks for the head.", ToHome::HeadWanted(nonce)),
        ("look", "A resident looks.", ToHome::Look(carried())),
    ];
    messages
        .into_iter()
        .map(|(name, sentence, message)| {
            value("downlink", &format!("downlink-{name}"), sentence, &Downlink { beat: 17, message })
        })
        .collect()
}

fn uplinks() -> Vec<Vector> {
    let entry = LogEntry {
        event: carried(),
        opening: Some(DetailOpening { salt: Salt([0x5a; 16]), detail: carried() }),
    };
    let closed = LogEntry { event: carried(), opening: None };
    let to = |word| ToCloud::ToVisitor { visit: VISIT, word };
    let mut messages = vec![
        ("sign-in".to_owned(), "The home signs in.", ToCloud::SignIn(carried())),
        ("log".into(), "One event with its detail, one without.", ToCloud::Log(vec![entry, closed])),
        ("kept".into(), "The paper is kept.", ToCloud::Kept { id: 2, refused: None }),
        (
            "not-kept".into(),
            "The paper is refused.",
            ToCloud::Kept { id: 2, refused: Some("wrong_door".into()) },
        ),
        (
            "preflight".into(),
            "What would fail now.",
            ToCloud::Preflight { grant: h(&delivery_grant()), findings: vec!["bolt_unknown".into()] },
        ),
        ("head".into(), "The signed head.", ToCloud::Head(carried())),
        ("beat".into(), "Alive.", ToCloud::Beat(18)),
        (
            "distress".into(),
            "The journal failed while the door stood open.",
            ToCloud::Distress("left_open".into()),
        ),
        ("look".into(), "The camera is shown.", ToCloud::Look { look: h(&look()), refused: None }),
        (
            "look-refused".into(),
            "Somebody is at the door.",
            ToCloud::Look { look: h(&look()), refused: Some("look_in_visit".into()) },
        ),
    ];
    let words = [
        ("challenge", ToVisitor::Challenge(carried())),
        ("try-again", ToVisitor::TryAgain),
        ("wrong-parcel", ToVisitor::WrongParcel),
        ("not-here-today", ToVisitor::NotHereToday),
        ("wait", ToVisitor::Wait),
        ("open", ToVisitor::Open),
        ("close-door", ToVisitor::CloseDoor),
        ("locking", ToVisitor::Locking),
        ("secured", ToVisitor::Secured),
        ("may-go", ToVisitor::MayGo),
        ("ended", ToVisitor::Ended),
        ("asked", ToVisitor::Asked(45)),
        ("coming", ToVisitor::Coming(180)),
        ("permitted", ToVisitor::Permitted(h(&delivery_grant()))),
    ];
    messages.extend(
        words
            .into_iter()
            .map(|(name, word)| (format!("visitor-{name}"), "A word for the visitor.", to(word))),
    );
    messages
        .into_iter()
        .map(|(name, sentence, message)| value("to_cloud", &format!("uplink-{name}"), sentence, &message))
        .collect()
}

fn media() -> Vec<Vector> {
    let part = ToMedia::Part { recording: RECORDING, visit: VISIT, part: 0, header: carried() };
    let chunk =
        ToMedia::Chunk { recording: RECORDING, part: 0, sequence: 250, joinable: true, chunk: carried() };
    let manifest = ToMedia::Manifest { recording: RECORDING, manifest: carried() };
    let showing = protocol::look::stream(h(&look()));
    let look = ToMedia::Look { look: showing, header: carried() };
    let look_chunk = ToMedia::LookChunk { look: showing, sequence: 25, joinable: true, chunk: carried() };
    let nonce = FromMedia::Nonce { nonce: Nonce([0x15; 16]), audience: "cloud.example".into() };
    let stored = FromMedia::Stored { recording: RECORDING, part: 0, next: 251 };
    let refused = FromMedia::Refused("unknown_recording".into());
    let to = |name, sentence, message: &ToMedia| value("to_media", name, sentence, message);
    let from = |name, sentence, message: &FromMedia| value("from_media", name, sentence, message);
    vec![
        to("media-sign-in", "The recorder signs in.", &ToMedia::SignIn(carried())),
        to("media-part", "A part begins.", &part),
        to("media-chunk", "A sealed chunk.", &chunk),
        to("media-manifest", "The recording is complete.", &manifest),
        to("media-look", "A look begins.", &look),
        to("media-look-chunk", "A sealed chunk of a look.", &look_chunk),
        to("media-look-over", "The look is over.", &ToMedia::LookOver(showing)),
        from("media-nonce", "The cloud's first word.", &nonce),
        from("media-welcome", "Signed in.", &FromMedia::Welcome),
        from("media-stored", "Chunks below 251 are stored.", &stored),
        from("media-complete", "Nothing is owed any more.", &FromMedia::Complete(RECORDING)),
        from("media-refused", "Not taken.", &refused),
        from("media-unwatched", "Nobody watches the look.", &FromMedia::Unwatched(showing)),
    ]
}
