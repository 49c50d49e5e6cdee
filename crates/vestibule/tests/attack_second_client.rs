//! Locks on a home's own broker obey whoever may publish there: a forgotten test client, a light bulb with a foothold, a
//! guest on the Wi-Fi. No protocol of ours is in that way in. It cannot be kept shut from here, but never without a
//! word: the bolt that nobody asked for is in the log, for residents only, and an alarm is out.

use crate::adversary::insider::Insider;
use crate::adversary::{alarm_at, now_ms, story, until_logged};
use crate::stage::{Broker, SOON, Stage};
use protocol::door_event::{Body, Class, Detail, DoorEvent};
use protocol::sign_in::Role;
use protocol::uplink::LogEntry;
use protocol::{Claimed, canonical};
use serde_json::{Value, json};

/// From the foreign command to the log.
const TOLD_MS_MAX: u64 = 2_000;
const COMMANDS: &str = "front/lock/set";

#[test]
fn an_unlock_by_a_second_client_is_logged_and_an_alarm() {
    let mut stage = Stage::new();
    let broker = Broker::start(&stage);
    let address = format!("mqtt://127.0.0.1:{}", broker.port);
    stage.house_arguments = ["--mqtt", &address].map(String::from).into();
    stage.lock = Some(format!("{address}/home_assistant?lock=front&door=front_door"));
    stage.raise();
    let before = stage.door_log().len();

    let told_from_ms = now_ms();
    broker.say(&stage, COMMANDS, "UNLOCK");
    let log = until_logged(&stage, "the alarm", SOON, |log| alarm_at(log, "unlocked_unasked").is_some());
    let alarm_ms = alarm_at(&log, "unlocked_unasked").expect("waited for");
    println!("told after {} ms", alarm_ms - told_from_ms);
    assert!(alarm_ms - told_from_ms <= TOLD_MS_MAX, "{}", story(&log));
    stage.until_truth("that the broker obeys anyone", SOON, |truth| truth["bolt"] == "unlocked");
    assert_eq!(stage.status()["secured"], false);

    let moved =
        entries(&stage)[before..].iter().find(|(_, detail)| detail.body == Body::BoltMoved(true)).cloned();
    let (event, detail) = moved.unwrap_or_else(|| panic!("the bolt moved by itself:\n{}", story(&log)));
    assert_eq!(event.class, Class::Home, "people's comings and goings are not the cloud's business");
    assert!(detail.monotonic.0 - told_from_ms <= TOLD_MS_MAX);
    let resident = Insider::sign_in(&stage, "resident", Role::Resident);
    let home = stage.invitation()["home"].as_str().expect("a name").to_owned();
    let path = format!("/v1/homes/{home}/door-log?from={}&limit=1", event.counter);
    let seen = stage.until("the event in the cloud", SOON, || {
        let page = resident.get(&stage, &path);
        let is_it = page["events"][0]["counter"] == event.counter;
        if is_it { Ok(page["events"][0].clone()) } else { Err(page.to_string()) }
    });
    assert!(seen["opening"].is_null(), "the cloud may not read it: {seen}");
    assert!(stage.hub.as_mut().is_some_and(crate::stage::Process::is_running));

    broker.say(&stage, COMMANDS, "LOCK");
    until_logged(&stage, "the end of the alarm", SOON, |log| {
        log[before..].iter().any(|detail| detail.body == Body::AlarmOver("unlocked_unasked".into()))
    });
    stage.until_status("the secured door", SOON, |status| status["secured"] == true);
}

/// The home's own log, with the signed events.
fn entries(stage: &Stage) -> Vec<(DoorEvent, Detail)> {
    let answer = stage.ask_hub(&json!({ "ask": "log" })).expect("the hub answers");
    let entry = |entry: &Value| {
        let entry: LogEntry =
            canonical::decode(&unhex(entry.as_str().expect("hex")), 1 << 16).expect("an entry");
        let opening = entry.opening.expect("the home keeps every detail");
        let event = Claimed::<DoorEvent>::parse(&entry.event.0).expect("an event").unproven().clone();
        let detail = Detail::open(&opening.detail.0, opening.salt, event.detail).expect("its detail");
        (event, detail)
    };
    answer["log"].as_array().expect("a log").iter().map(entry).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}
