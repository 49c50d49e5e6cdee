//! The camera's socket, as a recorder sees it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::standing::Standing;
use house::wire::Header;

#[expect(clippy::disallowed_methods, reason = "compares with the clock in the picture")]
fn unix_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(now.as_millis()).expect("fits")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_watcher_begins_with_a_header_and_a_key_frame() {
    let house = Standing::new(None).await;
    let mut first = house.watch().await;
    let Header { width, height, fps, avcc } = first.header().await.expect("header");
    assert_eq!((width, height, fps, avcc[1]), (1280, 720, 15, 66));
    assert!(first.frame().await.expect("frame").random_access);
    for _ in 0..3 {
        first.frame().await.expect("frame");
    }
    let mut second = house.watch().await;
    second.header().await.expect("header");
    let frame = second.frame().await.expect("frame");
    assert!(frame.random_access);
    assert!(frame.capture_unix_ms.abs_diff(unix_ms()) < 1_500, "and it is fresh");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_camera_keeps_the_connection_and_sends_nothing() {
    let house = Standing::new(None).await;
    let mut watch = house.watch().await;
    watch.header().await.expect("header");
    watch.frame().await.expect("frame");
    let mut talk = house.talk().await;
    talk.ask(r#"{"misbehave":{"camera":"stall"}}"#).await;
    while tokio::time::timeout(Duration::from_millis(600), watch.frame()).await.is_ok() {}
    talk.ask(r#"{"misbehave":{"camera":"none"}}"#).await;
    assert!(watch.frame().await.expect("the connection stayed").random_access);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_camera_that_drops_closes_now_and_on_the_next_attempt() {
    let house = Standing::new(None).await;
    let mut watch = house.watch().await;
    watch.header().await.expect("header");
    let mut talk = house.talk().await;
    talk.ask(r#"{"misbehave":{"camera":"drop"}}"#).await;
    while watch.frame().await.is_some() {}
    assert_eq!(house.watch().await.header().await, None);
    talk.ask(r#"{"misbehave":{"camera":"none"}}"#).await;
    assert!(house.watch().await.header().await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_burst_carries_its_old_times() {
    let house = Standing::new(None).await;
    let mut watch = house.watch().await;
    watch.header().await.expect("header");
    let known = watch.frame().await.expect("frame");
    for _ in 0..4 {
        watch.frame().await.expect("frame");
    }
    let mut talk = house.talk().await;
    talk.ask(r#"{"misbehave":{"camera":"old"}}"#).await;
    let set_unix_ms = unix_ms();
    let mut again = 0;
    while again < 2 {
        let frame = watch.frame().await.expect("frame");
        assert!(frame.capture_unix_ms <= set_unix_ms + 200, "nothing new any more");
        again += usize::from(frame.capture_unix_ms == known.capture_unix_ms);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_picture_shrinks_while_its_capture_times_go_on() {
    let house = Standing::new(None).await;
    let mut watch = house.watch().await;
    watch.header().await.expect("header");
    let live = watch.frame().await.expect("frame");
    house.talk().await.ask(r#"{"misbehave":{"camera":"freeze"}}"#).await;
    let (mut still, mut last) = (0, live.capture_unix_ms);
    while still < 3 {
        let frame = watch.frame().await.expect("frame");
        assert!(frame.capture_unix_ms >= last);
        last = frame.capture_unix_ms;
        still = if frame.nal_units.len() < 200 { still + 1 } else { 0 };
        assert!(last < live.capture_unix_ms + 4_000, "P-frames of a frozen picture are tiny");
    }
}
