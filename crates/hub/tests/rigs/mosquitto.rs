//! The system's mosquitto with a scripted lock behind it, in two dialects.

use super::Rig;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A broker of our own, killed with its handle.
pub(crate) struct Broker {
    folder: tempfile::TempDir,
    pub(crate) port: u16,
    child: Child,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Free now; nobody else asks for it before the broker does.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!("listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n");
        std::fs::write(folder.path().join("mosquitto.conf"), config).unwrap();
        let child = Self::spawn(&folder);
        let mut broker = Self { folder, port, child };
        broker.wait().await;
        broker
    }

    fn spawn(folder: &tempfile::TempDir) -> Child {
        Command::new("/usr/sbin/mosquitto")
            .arg("-c")
            .arg(folder.path().join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("these tests need mosquitto: apt-get install mosquitto")
    }

    async fn wait(&mut self) {
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            assert!(self.child.try_wait().unwrap().is_none(), "mosquitto ended");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("mosquitto does not listen");
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) async fn restart(&mut self) {
        self.child = Self::spawn(&self.folder);
        self.wait().await;
    }

    /// Stops it where it is, or lets it go on.
    pub(crate) fn freeze(&self, frozen: bool) {
        let signal = if frozen { "-STOP" } else { "-CONT" };
        Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _dead = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// How a lock speaks.
pub(crate) trait Tongue: Send + 'static {
    const PROFILE: &str;
    const COMMANDS: &str;
    const STATE: &str;
    const AVAILABILITY: &str;
    /// Retained messages that describe it.
    fn introductions() -> Vec<(&'static str, &'static str)>;
    fn availability(online: bool) -> &'static str;
    fn state(bolt: &str) -> String;
    fn command(payload: &str) -> Option<&'static str>;
    fn unlock() -> &'static str;
}

pub(crate) struct HomeAssistant;

impl Tongue for HomeAssistant {
    const PROFILE: &str = "home_assistant?lock=front";
    const COMMANDS: &str = "front/set";
    const STATE: &str = "front/state";
    const AVAILABILITY: &str = "front/online";

    fn introductions() -> Vec<(&'static str, &'static str)> {
        vec![(
            "homeassistant/lock/front/config",
            r#"{"~":"front","cmd_t":"~/set","stat_t":"~/state","avty_t":"~/online","val_tpl":"{{ value_json.s }}"}"#,
        )]
    }

    fn availability(online: bool) -> &'static str {
        if online { "online" } else { "offline" }
    }

    fn state(bolt: &str) -> String {
        format!(r#"{{"s":"{}"}}"#, bolt.to_uppercase())
    }

    fn command(payload: &str) -> Option<&'static str> {
        match payload {
            "UNLOCK" => Some("unlock"),
            "LOCK" => Some("lock"),
            _ => None,
        }
    }

    fn unlock() -> &'static str {
        "UNLOCK"
    }
}

pub(crate) struct Zigbee2Mqtt;

impl Tongue for Zigbee2Mqtt {
    const PROFILE: &str = "zigbee2mqtt?lock=front";
    const COMMANDS: &str = "zigbee2mqtt/front/set";
    const STATE: &str = "zigbee2mqtt/front";
    const AVAILABILITY: &str = "zigbee2mqtt/front/availability";

    fn introductions() -> Vec<(&'static str, &'static str)> {
        vec![("zigbee2mqtt/bridge/state", r#"{"state":"online"}"#)]
    }

    fn availability(online: bool) -> &'static str {
        if online { r#"{"state":"online"}"# } else { r#"{"state":"offline"}"# }
    }

    fn state(bolt: &str) -> String {
        let bolt = if bolt == "jammed" { "not_fully_locked" } else { bolt };
        format!(r#"{{"state":"LOCK","lock_state":"{bolt}","door_state":"closed","battery":71}}"#)
    }

    fn command(payload: &str) -> Option<&'static str> {
        match payload {
            r#"{"state":"UNLOCK"}"# => Some("unlock"),
            r#"{"state":"LOCK"}"# => Some("lock"),
            _ => None,
        }
    }

    fn unlock() -> &'static str {
        r#"{"state":"UNLOCK"}"#
    }
}

/// A lock with a session that outlives its connections: the worst case for late commands.
pub(crate) struct Mqtt<T> {
    pub(crate) broker: Broker,
    pub(crate) client: AsyncClient,
    received: mpsc::Receiver<String>,
    poller: JoinHandle<()>,
    tongue: std::marker::PhantomData<T>,
}

impl<T> Drop for Mqtt<T> {
    fn drop(&mut self) {
        self.poller.abort();
    }
}

impl<T: Tongue> Mqtt<T> {
    pub(crate) async fn publish(&self, topic: &str, retained: bool, payload: impl Into<Vec<u8>>) {
        self.client.publish(topic, QoS::AtLeastOnce, retained, payload).await.unwrap();
    }

    /// What a lock does when it finds its broker again.
    pub(crate) async fn restate(&mut self, bolt: &str) {
        self.introduce().await;
        self.online(true).await;
        self.says(bolt).await;
    }

    async fn introduce(&self) {
        for (topic, payload) in T::introductions() {
            self.publish(topic, true, payload).await;
        }
    }
}

impl<T: Tongue> Rig for Mqtt<T> {
    async fn start() -> Self {
        let broker = Broker::start().await;
        let mut options = MqttOptions::new("front-door-lock", "127.0.0.1", broker.port);
        options.set_clean_session(false);
        options.set_keep_alive(Duration::from_secs(2));
        options.set_max_packet_size(200_000, 200_000);
        let (client, mut eventloop) = AsyncClient::new(options, 64);
        let (sender, received) = mpsc::channel(64);
        let (ready_sender, mut ready) = mpsc::channel(8);
        let subscriber = client.clone();
        let poller = tokio::spawn(async move {
            loop {
                match eventloop.poll().await {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        subscriber.try_subscribe(T::COMMANDS, QoS::AtLeastOnce).unwrap();
                    }
                    Ok(Event::Incoming(Packet::SubAck(_))) => drop(ready_sender.try_send(())),
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        assert!(!publish.retain, "a retained command");
                        let payload = String::from_utf8_lossy(&publish.payload).into_owned();
                        sender.send(T::command(&payload).map_or(payload, str::to_owned)).await.unwrap();
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        let rig = Self { broker, client, received, poller, tongue: std::marker::PhantomData };
        ready.recv().await.unwrap();
        rig.introduce().await;
        rig
    }

    fn address(&self) -> String {
        format!("mqtt://127.0.0.1:{}/{}", self.broker.port, T::PROFILE)
    }

    async fn online(&mut self, online: bool) {
        self.publish(T::AVAILABILITY, true, T::availability(online)).await;
    }

    async fn says(&mut self, bolt: &str) {
        self.publish(T::STATE, true, T::state(bolt)).await;
    }

    async fn says_garbage(&mut self) {
        let long = vec![b'L'; 100_000];
        for payload in [&b"\xff\xfe\x00LOCKED"[..], b"", b"{\"s\":{", b"LOCKED", &long] {
            self.publish(T::STATE, false, payload).await;
            self.publish(T::AVAILABILITY, false, T::availability(true)).await;
        }
    }

    async fn unlocked_by_another(&mut self) {
        let status = Command::new("mosquitto_pub")
            .args(["-p", &self.broker.port.to_string(), "-t", T::COMMANDS, "-m", T::unlock()])
            .status()
            .unwrap();
        assert!(status.success());
        assert_eq!(self.next_command().await, "unlock");
        self.says("unlocked").await;
    }

    async fn next_command(&mut self) -> String {
        tokio::time::timeout(Duration::from_secs(3), self.received.recv()).await.unwrap().unwrap()
    }

    async fn commands_within(&mut self, ms: u64) -> Vec<String> {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        std::iter::from_fn(|| self.received.try_recv().ok()).collect()
    }

    async fn kill_peer(&mut self) {
        self.broker.kill();
    }

    async fn restart_peer(&mut self) {
        self.broker.restart().await;
        self.restate("locked").await;
    }
}
