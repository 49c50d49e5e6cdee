//! A service that comes to many doors is the fattest prey beside the cloud, and its servers are looked after by people who
//! leave. Here its whole office is copied: the root key, the working key, the labels. The thief assigns a handset of his own. He gets
//! in where a resident had signed a permission for this service, once, for that parcel, on camera, as the table in
//! SECURITY.md says; where nobody signed there is no door, and once the working key is ended there is none at all.
//!
//! Fails without the look at the working key (`kept.claimed.kid()`) in `check_revoked` of the doorkeeper. That
//! it opens only once, and only where somebody signed, the cloud sees to as well; that the home does without it, the vectors
//! `decision-used-up.json` and `decision-grant-unknown.json` show.

use crate::adversary::at_the_door::AtTheDoor;
use crate::adversary::insider::key_of;
use crate::adversary::{end, has_refused, secured, story, until_logged};
use crate::stage::{LABELS, SOON, Stage, files};
use protocol::door_event::Body;
use protocol::uplink::ToVisitor;

#[test]
fn a_stolen_working_key_opens_what_a_resident_signed_once_until_it_is_ended() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS[..1]);
    copy(&stage, "provider", "office");
    let card = stage.person_in("visitor", &stage.text("thief"), &["card"]);
    std::fs::write(stage.path("thief.json"), &card.out).expect("a card");
    by_the_thief(&stage, &["handset", &stage.text("thief.json")]);

    // Nobody signed for this one.
    let number = stage.person("resident", &["number"]).ok();
    let number = number["number"].as_str().expect("a number");
    by_the_thief(&stage, &["announce", "--number", number, "--label", LABELS[1]]);
    by_the_thief(&stage, &["assign", "--card", &stage.text("thief.json")]);
    let arrived = stage.person_in("visitor", &stage.text("thief"), &["arrive", "--tag", &stage.door_tag()]);
    assert!(!arrived.is_ok(), "{arrived:?}");

    // A resident did for this one: it is his, once, and on camera.
    copy(&stage, "provider", "office");
    by_the_thief(&stage, &["assign", "--card", &stage.text("thief.json")]);
    let mut thief = at_the_door(&stage);
    thief.present(&LABELS[..1]);
    assert_eq!(thief.answer(), ToVisitor::Open, "{}", story(&stage.door_log()));
    stage.bring_in(&LABELS[..1]);
    let log = until_logged(&stage, "the secured door", SOON, secured);
    let filmed = |body: &Body| matches!(body, Body::Intent(intent) if !intent.recordings.is_empty());
    assert!(log.iter().any(|detail| filmed(&detail.body)), "{}", story(&log));
    drop(thief);
    stage.person_in("visitor", &stage.text("thief"), &["done", "--parcels", "1"]).ok();
    let again = stage.person_in("visitor", &stage.text("thief"), &["arrive", "--tag", &stage.door_tag()]);
    assert!(again.failure().contains("Not here today"), "{again:?}");

    // The next permission, and the thief is at the door when the household ends the key.
    stage.permit(&LABELS[2..]);
    copy(&stage, "provider", "office");
    by_the_thief(&stage, &["assign", "--card", &stage.text("thief.json")]);
    let mut thief = at_the_door(&stage);
    end(&stage, vec![key_of(&stage, "provider", "working.key").public().kid()], vec![]);
    thief.present(&LABELS[2..]);
    assert_eq!(thief.answer(), ToVisitor::NotHereToday, "{}", story(&stage.door_log()));
    until_logged(&stage, "the reason", SOON, |log| has_refused(log, "revoked"));
    assert_eq!(stage.openings(), 1);
    assert_eq!(stage.truth()["bolt"], "locked");
}

/// At the first stop that is possible now.
fn at_the_door(stage: &Stage) -> AtTheDoor {
    let tour = stage.person_in("visitor", &stage.text("thief"), &["tour"]);
    let stop = tour.lines.iter().find(|stop| stop["possible_now"] == true).expect("a stop");
    let (stop, tag) = (stop["stop"].to_string(), stage.door_tag());
    let arrive = ["arrive", "--stop", &stop, "--tag", &tag];
    stage.person_in("visitor", &stage.text("thief"), &arrive).ok();
    AtTheDoor::back(stage, "thief")
}

#[track_caller]
fn by_the_thief(stage: &Stage, arguments: &[&str]) {
    stage.person_in("provider", &stage.text("office"), arguments).ok();
}

fn copy(stage: &Stage, from: &str, to: &str) {
    std::fs::create_dir_all(stage.path(to)).expect("a folder");
    for (path, _) in files(&stage.path(from)) {
        let name = path.strip_prefix(stage.path(from)).expect("a file of it");
        std::fs::copy(&path, stage.path(to).join(name)).expect("a copy");
    }
}
