//! From the handset's presentation to the lock's command: over a real cloud, a real hub with its recorder and a real broker,
//! against the floor of the same work, in turns: two WebSocket hops, the syncs, the verifications without any memory of
//! earlier ones, one signature, one publication over the same broker. The floor is one process, which makes it lower.
//!
//!   ./x bench to_the_lock

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

#[path = "../tests/adversary/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "of the adversary's tools only the handset that stays is needed"
)]
mod adversary;
#[path = "to_the_lock/floor.rs"]
mod floor;
#[path = "../tests/stage/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the stage of the deliveries has more than this needs")]
mod stage;

use adversary::at_the_door::AtTheDoor;
use floor::Floor;
use protocol::uplink::ToVisitor;
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use stage::{Broker, LABELS, Stage};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const VISITS: u32 = 40;
/// So often the floor is measured before each visit.
const FLOORS: usize = 5;
/// Where the virtual lock takes its commands.
const COMMANDS: &str = "front/set";
/// Longer than any answer takes.
const WITHIN: Duration = Duration::from_secs(10);
const MEDIAN_REACH: f64 = 1.3;
const P99_REACH: f64 = 2.0;

fn main() {
    let mut stage = Stage::new();
    let broker = Broker::between(&mut stage);
    stage.raise();
    stage.permit_visits(&LABELS[..1], VISITS);
    let mut lock = Lock::listen(broker.port);
    let mut floor = Floor::raise(&stage.path("floor"), broker.port);
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..VISITS {
        for _ in 0..FLOORS {
            let since = floor.ask();
            floors.push(lock.told(floor::COMMANDS) - since);
        }
        stage.arrive();
        let mut handset = AtTheDoor::back(&stage, "courier");
        let since = Instant::now();
        handset.present(&LABELS[..1]);
        ours.push(lock.told(COMMANDS) - since);
        assert_eq!(handset.answer(), ToVisitor::Open);
        stage.open_door();
        stage.close_door();
        stage.until_locked(stage::SOON);
        drop(handset);
        stage.depart(0);
    }
    let [ours, floors] = [ours, floors].map(|mut all| {
        all.sort();
        [all[all.len() / 2], all[(all.len() * 99).div_ceil(100) - 1]].map(|time| time.as_secs_f64() * 1e3)
    });
    let [median, p99] = [0, 1].map(|at| ours[at] / floors[at]);
    let ok = median <= MEDIAN_REACH && p99 <= P99_REACH;
    println!(
        "{{\"what\":\"presentation sent to command at the lock, of the floor: median\",\"value\":{median:.2},\"reach\":{MEDIAN_REACH},\
         \"p99\":{p99:.2},\"p99_reach\":{P99_REACH},\"ms\":{ours:.1?},\"floor_ms\":{floors:.1?},\"visits\":{VISITS},\"ok\":{ok}}}"
    );
    drop((floor, stage));
    std::process::exit(i32::from(!ok));
}

/// The moments at which the broker passes commands on, as any device behind it sees them.
struct Lock(Receiver<(String, Instant)>);

impl Lock {
    fn listen(port: u16) -> Self {
        let (client, mut connection) = Client::new(MqttOptions::new("bench-lock", "127.0.0.1", port), 16);
        for topic in [COMMANDS, floor::COMMANDS] {
            client.subscribe(topic, QoS::AtLeastOnce).expect("room for two");
        }
        let ((told, hear), (ready, is_ready)) = (channel(), channel());
        std::thread::spawn(move || {
            let mut subscribed = 0;
            for event in connection.iter() {
                match event.expect("the broker is there") {
                    Event::Incoming(Packet::SubAck(_)) => subscribed += 1,
                    Event::Incoming(Packet::Publish(said))
                        if said.payload.as_ref() == b"UNLOCK"
                            && told.send((said.topic.clone(), Instant::now())).is_err() =>
                    {
                        return;
                    }
                    _ => {}
                }
                if subscribed == 2 {
                    subscribed = 3;
                    ready.send(client.clone()).expect("somebody waits");
                }
            }
        });
        // The client lives as long as its connection is read.
        is_ready.recv_timeout(WITHIN).expect("the broker subscribes");
        Self(hear)
    }

    /// When the next command came, which is for this topic.
    fn told(&mut self, topic: &str) -> Instant {
        let (on, at) = self.0.recv_timeout(WITHIN).expect("a command");
        assert_eq!(on, topic);
        at
    }
}
