//! The attack of 2017 had a second half: with the camera off the air the app went on showing its last picture, a closed
//! door, while somebody went in. Here the picture freezes, stalls or breaks off as soon as the bolt is withdrawn, or its
//! recorder stops dead. Somebody is told within seconds, and the bolt keeps to the door, not to the picture.

use crate::adversary::{arrive_with, at, now_ms, story, until_logged};
use crate::stage::{LABELS, SOON, Stage};
use protocol::door_event::{Body, Detail};
use rustix::process::Signal;
use serde_json::json;

/// From the open door to the alarm, if the stream runs on with a picture that stands still.
const FROZEN_MS_MAX: u64 = 5_000;
/// From the last picture to the alarm, if none comes any more.
const STALLED_MS_MAX: u64 = 4_000;
/// From the closed door to the thrown bolt: a second of steadiness, the bolt's travel, and room.
const RELOCK_MS_MAX: u64 = 4_000;

#[test]
fn a_frozen_picture_is_an_alarm_each_time() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS);
    stage.permit(&[LATER]);
    arrive_with(&stage, 3);
    assert_eq!(stage.scan(&LABELS).ok()["open"], true);
    let freeze = |stage: &Stage| stage.misbehave(&json!({ "camera": "freeze" }));
    let first = go_through_the_door(&stage, 0, freeze);

    // Still frozen when the next parcel comes.
    arrive_with(&stage, 1);
    let before = stage.door_log().len();
    assert_eq!(stage.scan(&[LATER]).ok()["open"], true);
    let second = go_through_the_door(&stage, before, |_| {});
    for raised in [first, second] {
        assert_eq!(raised.code, "picture_frozen");
        assert!(raised.after_opening_ms <= FROZEN_MS_MAX, "{raised:?}");
    }
}

#[test]
fn a_stalled_stream_is_an_alarm() {
    let alarm = the_picture_goes(|stage| stage.misbehave(&json!({ "camera": "stall" })));
    assert_eq!(alarm.code, "recording_lost");
    assert!(alarm.after_fault_ms <= STALLED_MS_MAX, "{alarm:?}");
}

#[test]
fn a_broken_camera_is_an_alarm() {
    let alarm = the_picture_goes(|stage| stage.misbehave(&json!({ "camera": "drop" })));
    assert_eq!(alarm.code, "recording_lost");
    assert!(alarm.after_fault_ms <= STALLED_MS_MAX, "{alarm:?}");
}

#[test]
fn old_pictures_in_a_burst_are_an_alarm() {
    let alarm = the_picture_goes(|stage| stage.misbehave(&json!({ "camera": "old" })));
    assert!(alarm.after_opening_ms <= FROZEN_MS_MAX, "{alarm:?}");
}

#[test]
fn a_stopped_recorder_is_an_alarm() {
    let alarm = the_picture_goes(|stage| {
        let recorders = stage.recorders();
        assert_eq!(recorders.len(), 1);
        rustix::process::kill_process(recorders[0], Signal::STOP).expect("the recorder runs");
    });
    assert_eq!(alarm.code, "recording_lost");
    assert!(alarm.after_fault_ms <= STALLED_MS_MAX, "{alarm:?}");
}

/// Carried in the second delivery.
const LATER: &str = "RR987654315DE";

#[derive(Debug)]
struct Raised {
    code: String,
    after_fault_ms: u64,
    after_opening_ms: u64,
}

/// A visit whose picture goes as soon as the bolt is withdrawn; answers with its first alarm.
fn the_picture_goes(how: impl FnOnce(&Stage)) -> Raised {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS);
    stage.arrive();
    assert_eq!(stage.scan(&LABELS).ok()["open"], true);
    go_through_the_door(&stage, 0, how)
}

/// From the withdrawn bolt to the secured door. `before`: events that were logged earlier.
fn go_through_the_door(stage: &Stage, before: usize, how: impl FnOnce(&Stage)) -> Raised {
    let fault_ms = now_ms();
    how(stage);
    stage.open_door();
    let log = until_logged(stage, "an alarm", SOON, |log| first_alarm(&log[before..]).is_some());
    let (alarm_ms, code) = first_alarm(&log[before..]).expect("waited for");
    let opened_ms = at(&log[before..], |body| *body == Body::DoorOpened).expect("the door is open");
    let raised = Raised {
        code,
        after_fault_ms: alarm_ms.saturating_sub(fault_ms),
        after_opening_ms: alarm_ms.saturating_sub(opened_ms),
    };
    println!("{raised:?}");

    // A person stands in the door: the bolt stays where it is, and goes home when the door has.
    assert_eq!((&stage.truth()["door"], &stage.truth()["bolt"]), (&json!("open"), &json!("unlocked")));
    stage.close_door();
    stage.until_locked(SOON);
    let secured = |log: &[Detail]| at(&log[before..], |body| matches!(body, Body::Secured(_))).is_some();
    let log = until_logged(stage, "the secured door", SOON, secured);
    let closed = at(&log[before..], |body| *body == Body::DoorClosed).expect("closed");
    let relocked = at(&log[before..], |body| *body == Body::Relocked).expect("relocked");
    assert!((1_000..=RELOCK_MS_MAX).contains(&(relocked - closed)), "{}", story(&log));
    raised
}

fn first_alarm(log: &[Detail]) -> Option<(u64, String)> {
    log.iter().find_map(|detail| match &detail.body {
        Body::Alarm(code) => Some((detail.monotonic.0, code.clone())),
        _ => None,
    })
}
