//! A home without its cloud: nothing comes in that is not fresh, and what is open gets locked.

use crate::stage::{LABELS, Relay, SOON, Stage};
use protocol::door_event::Body;
use serde_json::{Value, json};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{Message, accept};

/// How long somebody tries.
const TRIES_FOR: Duration = Duration::from_secs(31);
/// From the closed door to the thrown bolt: a second of rest, the motor, and room.
const LOCKED_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn everything_that_the_cloud_ever_said_said_again_opens_nothing() {
    let mut stage = Stage::new();
    stage.start_cloud();
    let relay = Relay::start(stage.cloud_address.unwrap());
    stage.home_cloud = Some(format!("http://{}", relay.address));
    stage.raise();
    // One visit that was, of two that are permitted, and one that was not yet: nothing is used up.
    stage.permit_visits(&LABELS[..1], 2);
    stage.visit(&LABELS[..1]);
    stage.permit(&LABELS[1..]);
    let said = relay.messages_down("uplink");
    assert!(said.len() >= 8, "{} messages", said.len());
    let log_before = stage.door_log();
    assert_eq!(stage.openings(), 1);

    // Whoever has the cloud's place has its address too.
    let cloud = stage.cloud_address.unwrap();
    stage.cloud.take().unwrap().kill();
    let liar = TcpListener::bind(cloud).unwrap();
    liar.set_nonblocking(true).unwrap();
    let (began, mut rounds) = (Instant::now(), 0);
    while began.elapsed() < TRIES_FOR {
        if let Ok((home, _)) = liar.accept() {
            rounds += usize::from(say_again(home, &said));
        }
        let truth = stage.truth();
        assert_eq!((&truth["bolt"], &truth["door"]), (&"locked".into(), &"closed".into()), "{truth}");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(rounds >= 2, "the home listened to {rounds} rounds");
    assert_eq!(stage.openings(), 1);
    assert_eq!(stage.status()["secured"], true);
    let arrivals = |log: &[protocol::door_event::Detail]| {
        log.iter().filter(|detail| matches!(detail.body, Body::Arrived { .. })).count()
    };
    assert_eq!(arrivals(&stage.door_log()), arrivals(&log_before), "an old arrival began a visit");
    let pushed = stage.house_say(&json!({ "act": "push" })).unwrap();
    assert_eq!(pushed["done"], false, "{pushed}");
}

/// Speaks to the home as its cloud did. True if the home heard everything.
fn say_again(home: TcpStream, said: &[Vec<u8>]) -> bool {
    home.set_nonblocking(false).unwrap();
    home.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let Ok(mut home) = accept(home) else { return false };
    for (number, message) in said.iter().enumerate() {
        if home.send(Message::binary(message.clone())).is_err() {
            return false;
        }
        // After the nonce the home signs in, and its beats date the rest.
        if number == 0 && home.read().is_err() {
            return false;
        }
    }
    // The home beats while it listens.
    home.read().is_ok() && home.read().is_ok()
}

#[test]
fn an_open_door_is_locked_without_the_cloud_and_the_proof_follows() {
    let mut stage = Stage::new();
    stage.raise();
    // Two visits, so that the cloud lets the courier return to the first one after it has lost it.
    stage.permit_visits(&LABELS[..1], 2);
    let visit = stage.arrive();
    let mut handset = stage.scan_and_stay(&LABELS[..1]);
    stage.open_door();

    stage.cloud.take().unwrap().kill();
    stage.act(&json!({ "parcel": { "label": LABELS[0] } }));
    stage.until_truth("the parcel inside", SOON, |truth| truth["parcels_inside"] == 1);
    stage.close_door();
    stage.until_locked(LOCKED_WITHIN);
    stage.until_status("the hub that knows it", SOON, |status| status["secured"] == true);
    assert_eq!(stage.status()["uplink"], false);
    stage.until("the handset to notice", SOON, || {
        if handset.0.is_running() { Err(handset.0.log()) } else { Ok(()) }
    });

    stage.start_cloud();
    stage.until_status("the home at its cloud", SOON, |status| status["uplink"] == true);
    stage.until("the log at the cloud", SOON, || {
        let there = stage.person("resident", &["log"]).ok();
        let here = stage.status()["events"].clone();
        if there["events"] == here { Ok(()) } else { Err(format!("{there}, and the home has {here}")) }
    });
    let seen = stage.person("resident", &["visits"]);
    assert_eq!(seen.lines.len(), 1, "{seen:?}");
    stage.depart(1);
    let folder = stage.collect(&visit, "delivery");
    let proven = stage.run(&["verify", folder.to_str().unwrap()]).ok();
    assert_eq!((&proven["secured"], &proven["parcels_inside"]), (&Value::Bool(true), &1.into()), "{proven}");
    assert_eq!(stage.openings(), 1);
}
