//! What every lock driver keeps to, against real peers and a scripted lock. A new driver is one more `suite!` line.

mod rigs;

use doorkeeper::sensors::{Bolt, Door};
use hub::clock;
use hub::lock::{Command, Finding, LockHandle, Report, Why, connect};
use protocol::time::Monotonic;
use rigs::Rig;
use rigs::house::House;
use rigs::mosquitto::{HomeAssistant, Mqtt, Zigbee2Mqtt};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// The hub's side: a driver and what it reported.
struct Hub {
    lock: LockHandle,
    reports: mpsc::Receiver<Report>,
}

impl Hub {
    fn start(rig: &impl Rig) -> Self {
        let (sender, reports) = mpsc::channel(64);
        Self { lock: connect(rig.address().parse().unwrap(), sender).unwrap(), reports }
    }

    /// A hub that knows its lock is there and locked.
    async fn at_rest(rig: &mut impl Rig) -> Self {
        rig.online(true).await;
        rig.says("locked").await;
        let mut hub = Self::start(rig);
        hub.hears(&Report::Bolt(Bolt::Locked)).await;
        hub.quiet().await;
        hub
    }

    fn orders(&self, command: Command) {
        self.lock.send(command, in_ms(2_000)).unwrap();
    }

    async fn next(&mut self) -> Report {
        let next = tokio::time::timeout(Duration::from_secs(8), self.reports.recv()).await;
        next.expect("the driver reports nothing").expect("the driver has ended")
    }

    /// Everything up to and including `wanted`.
    async fn hears(&mut self, wanted: &Report) -> Vec<Report> {
        let mut heard = vec![];
        while heard.last() != Some(wanted) {
            let next = tokio::time::timeout(Duration::from_secs(8), self.reports.recv()).await;
            heard.push(next.unwrap_or_else(|_| panic!("no {wanted:?}, only {heard:?}")).unwrap());
        }
        heard
    }

    /// Reports until nothing more comes.
    async fn quiet(&mut self) -> Vec<Report> {
        let mut heard = vec![];
        while let Ok(Some(report)) =
            tokio::time::timeout(Duration::from_millis(150), self.reports.recv()).await
        {
            heard.push(report);
        }
        heard
    }
}

fn in_ms(ms: u64) -> Monotonic {
    clock::now_ms().plus_ms(ms)
}

async fn a_command_is_done_only_when_the_device_says_so<R: Rig>() {
    let mut rig = R::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    hub.orders(Command::Unlock);
    assert_eq!(rig.next_command().await, "unlock");
    assert_eq!(hub.quiet().await, [], "a command is not a state");
    rig.says("unlocked").await;
    hub.hears(&Report::Bolt(Bolt::Unlocked)).await;
    hub.orders(Command::Lock);
    assert_eq!(rig.next_command().await, "lock");
    rig.says("jammed").await;
    hub.hears(&Report::Bolt(Bolt::Jammed)).await;
    rig.says("locked").await;
    hub.hears(&Report::Bolt(Bolt::Locked)).await;
    // The same word again is news to whoever waits for it.
    rig.says("locked").await;
    hub.hears(&Report::Bolt(Bolt::Locked)).await;
    assert_eq!(rig.commands_within(200).await, Vec::<String>::new());
}

async fn offline_is_unknown_and_takes_no_commands<R: Rig>() {
    let mut rig = R::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    rig.online(false).await;
    let heard = hub.hears(&Report::Online(false)).await;
    assert!(heard.contains(&Report::Bolt(Bolt::Unknown)), "{heard:?}");
    hub.orders(Command::Unlock);
    hub.hears(&Report::Undone(Command::Unlock, Why::Offline)).await;
    rig.online(true).await;
    rig.says("unlocked").await;
    hub.hears(&Report::Bolt(Bolt::Unlocked)).await;
    assert_eq!(rig.commands_within(300).await, Vec::<String>::new());
}

async fn nothing_counts_until_the_lock_is_online<R: Rig>() {
    let mut rig = R::start().await;
    rig.online(false).await;
    rig.says("locked").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut hub = Hub::start(&rig);
    let heard = hub.quiet().await;
    assert!(!heard.contains(&Report::Bolt(Bolt::Locked)), "{heard:?}");
    rig.online(true).await;
    rig.says("locked").await;
    let heard = hub.hears(&Report::Bolt(Bolt::Locked)).await;
    assert!(heard.contains(&Report::Online(true)), "{heard:?}");
}

async fn an_expired_command_is_dropped_and_reported<R: Rig>() {
    let mut rig = R::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    hub.lock.send(Command::Unlock, clock::now_ms()).unwrap();
    assert_eq!(hub.next().await, Report::Undone(Command::Unlock, Why::Expired));
    assert_eq!(rig.commands_within(200).await, Vec::<String>::new());
}

async fn no_late_unlock_when_the_peer_dies_during_it<R: Rig>() {
    let mut rig = R::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    hub.orders(Command::Unlock);
    assert_eq!(rig.next_command().await, "unlock");
    rig.kill_peer().await;
    let killed = Instant::now();
    let heard = hub.hears(&Report::Online(false)).await;
    assert!(heard.contains(&Report::Bolt(Bolt::Unknown)) && heard.contains(&Report::Door(Door::Unknown)));
    assert!(killed.elapsed() < Duration::from_secs(1), "{:?}", killed.elapsed());
    // And one that is given while it is down.
    hub.orders(Command::Unlock);
    hub.hears(&Report::Undone(Command::Unlock, Why::Offline)).await;
    rig.restart_peer().await;
    hub.hears(&Report::Online(true)).await;
    // Live: what the peer remembers does not answer the command that went out before.
    rig.says("locked").await;
    hub.hears(&Report::Bolt(Bolt::Locked)).await;
    assert_eq!(rig.commands_within(1_500).await, Vec::<String>::new());
    // But the driver is alive.
    hub.orders(Command::Unlock);
    assert_eq!(rig.next_command().await, "unlock");
}

async fn an_unlock_by_somebody_else_is_reported_within_a_second<R: Rig>() {
    let mut rig = R::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    let begun = Instant::now();
    rig.unlocked_by_another().await;
    hub.hears(&Report::Bolt(Bolt::Unlocked)).await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

async fn garbage_is_unknown_and_named_and_never_the_end<R: Rig>() {
    let mut rig = R::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    rig.says_garbage().await;
    hub.hears(&Report::Bolt(Bolt::Unknown)).await;
    let heard = hub.quiet().await;
    assert!(heard.iter().any(|report| matches!(report, Report::Finding(_))), "{heard:?}");
    assert!(!heard.contains(&Report::Bolt(Bolt::Locked)), "{heard:?}");
    rig.says("unlocked").await;
    hub.hears(&Report::Bolt(Bolt::Unlocked)).await;
}

async fn a_dropped_handle_ends_the_driver<R: Rig>() {
    let mut rig = R::start().await;
    let Hub { lock, mut reports } = Hub::at_rest(&mut rig).await;
    drop(lock);
    let ended =
        tokio::time::timeout(Duration::from_secs(2), async { while reports.recv().await.is_some() {} });
    ended.await.expect("the driver lives on");
}

macro_rules! suite {
    ($driver:ident, $rig:ty, [$($test:ident),* $(,)?]) => {
        mod $driver {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<$rig>().await; })*
        }
    };
    ($($driver:ident: $rig:ty),* $(,)?) => {
        $(suite!($driver, $rig, [
            a_command_is_done_only_when_the_device_says_so,
            offline_is_unknown_and_takes_no_commands,
            nothing_counts_until_the_lock_is_online,
            an_expired_command_is_dropped_and_reported,
            no_late_unlock_when_the_peer_dies_during_it,
            an_unlock_by_somebody_else_is_reported_within_a_second,
            garbage_is_unknown_and_named_and_never_the_end,
            a_dropped_handle_ends_the_driver,
        ]);)*
    };
}

suite! {
    virtual_lock: House,
    home_assistant: Mqtt<HomeAssistant>,
    zigbee2mqtt: Mqtt<Zigbee2Mqtt>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_broker_gets_no_unlock_that_it_could_deliver_when_it_thaws() {
    let mut rig = Mqtt::<HomeAssistant>::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    rig.broker.freeze(true);
    tokio::time::sleep(Duration::from_millis(hub::limits::MQTT_SILENCE_MS_MAX + 100)).await;
    hub.orders(Command::Unlock);
    hub.hears(&Report::Undone(Command::Unlock, Why::Offline)).await;
    rig.broker.freeze(false);
    assert_eq!(rig.commands_within(1_500).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unlock_on_its_way_dies_with_the_broker() {
    let mut rig = Mqtt::<HomeAssistant>::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    rig.broker.freeze(true);
    hub.orders(Command::Unlock);
    tokio::time::sleep(Duration::from_millis(200)).await;
    rig.broker.kill();
    hub.hears(&Report::Online(false)).await;
    rig.broker.restart().await;
    rig.restate("locked").await;
    hub.hears(&Report::Online(true)).await;
    assert_eq!(rig.commands_within(1_500).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bolt_and_contact_may_be_two_devices() {
    let mut rig = Mqtt::<HomeAssistant>::start().await;
    let record = r#"{"stat_t":"hall/contact","avty_t":"hall/online","dev_cla":"door"}"#;
    rig.publish("homeassistant/binary_sensor/hall/config", true, record).await;
    rig.publish("hall/online", true, "online").await;
    rig.publish("hall/contact", true, "OFF").await;
    rig.online(true).await;
    rig.says("locked").await;
    let (sender, reports) = mpsc::channel(64);
    let address = format!("{}&door=hall", rig.address());
    let mut hub = Hub { lock: connect(address.parse().unwrap(), sender).unwrap(), reports };
    let heard = hub.quiet().await;
    assert!(
        heard.contains(&Report::Bolt(Bolt::Locked)) && heard.contains(&Report::Door(Door::Closed)),
        "{heard:?}"
    );
    rig.publish("hall/contact", true, "ON").await;
    assert_eq!(hub.hears(&Report::Door(Door::Open)).await.len(), 1);
    rig.publish("hall/online", true, "offline").await;
    assert_eq!(hub.hears(&Report::Door(Door::Unknown)).await.len(), 1, "the lock itself is still there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreadable_payloads_are_named() {
    let mut rig = Mqtt::<HomeAssistant>::start().await;
    let mut hub = Hub::at_rest(&mut rig).await;
    rig.publish("front/state", false, &b"\xff\xff"[..]).await;
    hub.hears(&Report::Finding(Finding::NotText { topic: "front/state".to_owned() })).await;
    rig.publish("front/state", false, vec![b' '; 100_000]).await;
    hub.hears(&Report::Finding(Finding::TooLarge { topic: "front/state".to_owned(), bytes: 100_000 })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_stays_on_the_broker() {
    let mut rig = Mqtt::<Zigbee2Mqtt>::start().await;
    let hub = Hub::at_rest(&mut rig).await;
    hub.orders(Command::Unlock);
    assert_eq!(rig.next_command().await, "unlock");
    let port = rig.broker.port.to_string();
    let read = std::process::Command::new("mosquitto_sub")
        .args(["-p", &port, "-t", "zigbee2mqtt/front/set", "-W", "1", "--retained-only"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&read.stdout), "");
}

#[tokio::test]
async fn a_home_without_its_lock_says_so_once() {
    let (sender, reports) = mpsc::channel(64);
    let mut hub = Hub {
        lock: connect("mqtt://127.0.0.1:1/zigbee2mqtt?lock=a".parse().unwrap(), sender).unwrap(),
        reports,
    };
    tokio::time::sleep(Duration::from_millis(700)).await;
    let heard = hub.quiet().await;
    let findings = heard.iter().filter(|report| matches!(report, Report::Finding(_))).count();
    assert_eq!((findings, heard.contains(&Report::Online(false))), (1, true), "{heard:?}");
}
