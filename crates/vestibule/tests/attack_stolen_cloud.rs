//! A cloud full of codes: services that let couriers into homes kept, in one database, whatever opened every door,
//! and whoever got in there had all of them. Here the whole cloud is taken - disk, wires, address - and turned against
//! the home. It opens nothing, it starts no camera, and the home delivers again as soon as the real one is back.

use crate::adversary::false_cloud::FalseCloud;
use crate::adversary::loot::Loot;
use crate::adversary::wire::Wire;
use crate::adversary::{arrive_with, raise_on_a_wire, runtime, story};
use crate::stage::{LABELS, SOON, Stage};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::challenge::Challenge;
use protocol::delegation::Delegation;
use protocol::door_event::Body;
use protocol::grant::Grant;
use protocol::look::Look;
use protocol::presentation::Presentation;
use protocol::roster::Roster;
use protocol::{Claimed, Message};
use serde_json::json;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How long the false cloud works on the home at least.
const ATTACK: Duration = Duration::from_secs(10);
/// By then it must have said everything.
const ATTACK_WITHIN: Duration = Duration::from_mins(1);
/// Carried in the second delivery.
const LATER: &str = "RR987654315DE";

#[test]
fn everything_that_the_cloud_had_opens_nothing_and_starts_no_camera() {
    let runtime = runtime();
    let mut stage = Stage::new();
    let wire = raise_on_a_wire(&mut stage, &runtime);
    stage.deliver(&LABELS);
    // Allowed, assigned and unused: all that misses is the handset.
    stage.permit(&[LATER]);
    // A real look goes over the wire, to be taken and tried again.
    let looked = stage.person("resident", &["look", "--seconds", "1"]).ok();
    assert!(looked["pictures"].as_u64() > Some(0), "{looked}");
    let before = stage.door_log();
    assert_eq!(stage.openings(), 1);

    stage.cloud.take().expect("the cloud runs").stop();
    let (address, loot) = (wire.address(), Loot::take(&stage.path("cloud"), &wire.heard()));
    drop(wire);
    is_worth_taking(&loot);
    holds_no_key(&loot, &stage);

    let false_cloud = runtime.block_on(FalseCloud::rise(address, loot));
    let began = Instant::now();
    stage.until("the end of the attack", ATTACK_WITHIN, || {
        let truth = stage.truth();
        assert_eq!((&truth["bolt"], &truth["door"]), (&json!("locked"), &json!("closed")));
        let tally = false_cloud.tally();
        let is_heard = tally.rounds >= 1 && tally.looks_refused > 5;
        if began.elapsed() >= ATTACK && is_heard { Ok(()) } else { Err(format!("{tally:?}")) }
    });
    let tally = false_cloud.tally();
    println!("{tally:?} in {:?}", began.elapsed());
    drop(false_cloud);

    assert!(tally.sent > 5_000 && tally.refused > 50, "the home heard little of it: {tally:?}");
    assert_eq!(tally.forged_kept, Vec::<u64>::new(), "the home keeps forged papers");
    assert_eq!(tally.looks_shown, 0, "the stolen cloud started the camera");
    assert!(stage.hub.as_mut().is_some_and(crate::stage::Process::is_running), "the hub ended");
    assert_eq!(stage.status()["secured"], true);
    let after = stage.door_log();
    let new = &after[before.len()..];
    // Two assignments of a provider that nobody allowed are noted, and worth nothing.
    let harmless =
        |body: &Body| matches!(body, Body::Refused(_) | Body::RefusalsCounted(_) | Body::AssignmentKept(_));
    assert!(new.iter().all(|detail| harmless(&detail.body)), "the attack did something:\n{}", story(new));

    stage.start_cloud();
    let real = stage.cloud_address.expect("the cloud runs").to_string();
    let _wire = runtime.block_on(Wire::lay_at(address, &real));
    stage.until_status("the real cloud", SOON, |status| status["uplink"] == true);
    arrive_with(&stage, 1);
    let mut handset = stage.scan_and_stay(&[LATER]);
    stage.bring_in(&[LATER]);
    stage.until_ended(&mut handset);
    assert_eq!(stage.openings(), 2);
}

/// An attack with empty hands would prove nothing.
fn is_worth_taking(loot: &Loot) {
    assert_eq!(different::<Roster>(loot), 1);
    assert_eq!(different::<Grant>(loot), 2);
    assert_eq!(different::<Assignment>(loot), 2);
    assert!(!loot.all::<Delegation>().is_empty());
    assert!(!loot.all::<Arrival>().is_empty());
    assert!(!loot.all::<Challenge>().is_empty());
    assert!(!loot.all::<Presentation>().is_empty());
    assert_eq!(different::<Look>(loot), 1);
    assert!(loot.to_home.len() >= 8, "{:?}", loot.to_home);
}

/// A row that goes on in another page of the database is found twice, once with a broken signature: messages are counted.
fn different<M: Message>(loot: &Loot) -> usize {
    loot.all::<M>().iter().map(Claimed::hash).collect::<HashSet<_>>().len()
}

/// No secret key that signs anything lies on the cloud's disk, in any spelling.
fn holds_no_key(loot: &Loot, stage: &Stage) {
    let keys = ["resident/device.key", "courier/device.key", "provider/device.key", "provider/working.key"];
    let keys = keys.iter().chain(&["home/door.key", "resident/kem.key", "courier/kem.key"]);
    for name in keys {
        let text = std::fs::read_to_string(stage.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
        let secret = protocol::Hash::from_hex(text.trim()).unwrap_or_else(|| panic!("{name} is no key")).0;
        let base64url = URL_SAFE_NO_PAD.encode(secret);
        for spelling in [secret.as_slice(), text.trim().as_bytes(), base64url.as_bytes()] {
            let is_there = loot.disk.windows(spelling.len()).any(|window| window == spelling);
            assert!(!is_there, "the cloud holds {name}");
        }
    }
}
