//! The MQTT face against a real mosquitto, if one is installed (`apt install mosquitto`).

use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::standing::{Standing, WITHIN};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};
use serde_json::Value;

struct Broker {
    child: Child,
    port: u16,
    dir: std::path::PathBuf,
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn broker() -> Option<Broker> {
    let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"]
        .into_iter()
        .find(|path| std::path::Path::new(path).exists())?;
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).ok()?.port();
    let dir = std::env::temp_dir().join(format!("house-broker-{}-{port}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("directory");
    let config = dir.join("mosquitto.conf");
    let text =
        format!("listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n");
    std::fs::write(&config, text).expect("config");
    let child =
        Command::new(program).arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let broker = Broker { child: child.expect("mosquitto"), port, dir };
    let deadline = Instant::now() + WITHIN;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "mosquitto does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(broker)
}

struct Ear {
    connection: EventLoop,
    heard: HashMap<String, String>,
}

impl Ear {
    async fn new(broker: &Broker) -> (AsyncClient, Self) {
        let (client, connection) = AsyncClient::new(MqttOptions::new("ear", "127.0.0.1", broker.port), 16);
        client.subscribe("#", QoS::AtLeastOnce).await.expect("subscribe");
        (client, Self { connection, heard: HashMap::new() })
    }

    async fn until(&mut self, ending: &str, text: &str) -> String {
        let listen = async {
            loop {
                let found = self.heard.iter().find(|(topic, said)| {
                    let is_so = if ending == "/config" { said.contains(text) } else { *said == text };
                    topic.ends_with(ending) && is_so
                });
                if let Some((topic, _)) = found {
                    return topic.clone();
                }
                if let Ok(Event::Incoming(Packet::Publish(message))) = self.connection.poll().await {
                    let said = String::from_utf8_lossy(&message.payload).into_owned();
                    self.heard.insert(message.topic, said);
                }
            }
        };
        let found = tokio::time::timeout(WITHIN, listen).await;
        found.unwrap_or_else(|_| panic!("{ending} never said {text}: {:?}", self.heard))
    }

    fn said(&self, topic: &str) -> Value {
        serde_json::from_str(&self.heard[topic]).expect("JSON")
    }
}

#[tokio::test]
async fn the_lock_moves_and_both_devices_tell_it() {
    let Some(broker) = broker() else {
        eprintln!("skipped: mosquitto is not installed");
        return;
    };
    let house = Standing::new(Some(format!("mqtt://127.0.0.1:{}", broker.port))).await;
    let (client, mut ear) = Ear::new(&broker).await;
    let topic = ear.until("/config", "stat_jam").await;
    let record = ear.said(&topic);
    let base = record["~"].as_str().expect("~").to_owned();
    ear.until("/config", "dev_cla").await;
    ear.until("lock/availability", "online").await;
    ear.until("lock/state", "LOCKED").await;
    client.publish(format!("{base}/set"), QoS::AtLeastOnce, false, "UNLOCK").await.expect("publish");
    ear.until("lock/state", "UNLOCKED").await;
    let mut talk = house.talk().await;
    assert_eq!(talk.ask(r#"{"get":"state"}"#).await["truth"]["bolt"], "unlocked");
    ear.until("door/state", "OFF").await;
    talk.ask(r#"{"act":"push"}"#).await;
    ear.until("door/state", "ON").await;
    talk.ask(r#"{"misbehave":{"lock":"power_loss"}}"#).await;
    ear.until("lock/availability", "offline").await;
    ear.until("door/availability", "online").await;
    drop(house);
}

#[tokio::test]
async fn a_retained_command_is_ignored_and_a_dead_house_is_offline() {
    let Some(broker) = broker() else {
        eprintln!("skipped: mosquitto is not installed");
        return;
    };
    let (client, mut ear) = Ear::new(&broker).await;
    let (dir, options) = Standing::options(Some(format!("mqtt://127.0.0.1:{}", broker.port)));
    let set = format!("{}/lock/set", options.mqtt_prefix);
    client.publish(&set, QoS::AtLeastOnce, true, "UNLOCK").await.expect("publish");
    ear.until("/set", "UNLOCK").await;
    let house = Standing::with((dir, options)).await;
    ear.until("lock/availability", "online").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(house.talk().await.ask(r#"{"get":"state"}"#).await["bolt"], "locked");
    drop(house);
    ear.until("lock/availability", "offline").await;
    ear.until("door/availability", "offline").await;
}
