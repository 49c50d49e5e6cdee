//! Locks behind an MQTT broker.
//!
//! Owns: the connection, and that no command outlives it. Does not own: what payloads mean (`profile`).
//!
//! **An unlock is never late.** Each connection has its own client, session and queue, and all of it dies with the
//! connection: nothing is sent again on the next. Commands are QoS 0, so that neither this side nor the broker
//! repeats or keeps them, and never retained. A command for a broker that has been silent for
//! [`MQTT_SILENCE_MS_MAX`] is dropped. What remains, and no client of MQTT 3.1.1 can prevent: a broker that freezes
//! within that time with the command already in its socket delivers it when it thaws.
//!
//! **What a broker remembers may be wrong.** After a power cut it may come back with states, and an "online", from
//! before. So remembered state never answers a command (see `Presence`). Brokers for locks should not persist.

mod config;
mod discovery;
mod home_assistant;
mod profile;
mod template;
#[cfg(test)]
mod tests;
mod zigbee2mqtt;

pub use config::{Dialect, MqttConfig};

use super::{Backoff, Finding, Gone, Ordered, Report, Why, Wires, lost};
use crate::clock;
use crate::limits::{
    MQTT_KEEP_ALIVE_S, MQTT_PACKET_BYTES_MAX, MQTT_PAYLOAD_BYTES_MAX, MQTT_QUEUE_MAX, MQTT_SILENCE_MS_MAX,
    MQTT_TIMEOUT_S,
};
use profile::{Action, Message, Profile};
use rumqttc::{
    AsyncClient, Event, EventLoop, MqttOptions, NetworkOptions, Packet, Publish, QoS, SubscribeReasonCode,
};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Runs until nobody listens.
pub(super) async fn run(config: MqttConfig, mut wires: Wires) {
    let _gone = keep_connected(&config, &mut wires).await;
}

async fn keep_connected(config: &MqttConfig, wires: &mut Wires) -> Result<(), Gone> {
    let mut devices = config.devices();
    let mut backoff = Backoff::new();
    let peer = format!("{}:{}", config.host, config.port);
    let mut told = None;
    loop {
        let mut line = Line::open(config);
        let reason = talk(&mut line, &mut devices, wires).await?;
        // Queue, session and socket go before anything else happens.
        let was_up = line.heard_at.is_some();
        drop(line);
        if was_up {
            (backoff, told) = (Backoff::new(), None);
        }
        // Said once, not at every attempt.
        if told.as_ref() != Some(&reason) {
            if told.is_none() {
                wires.reports.send_all(lost()).await?;
            }
            let finding = Finding::Disconnected { peer: peer.clone(), reason: reason.clone() };
            wires.reports.send(Report::Finding(finding)).await?;
            told = Some(reason);
        }
        wires.wait(backoff.next()).await?;
    }
}

/// One connection and everything that belongs to it.
struct Line {
    client: AsyncClient,
    incoming: mpsc::Receiver<Result<Packet, String>>,
    poller: tokio::task::JoinHandle<()>,
    /// When the broker said something last; `None` before it accepted us.
    heard_at: Option<Instant>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.poller.abort();
    }
}

impl Line {
    fn open(config: &MqttConfig) -> Self {
        // Two hubs never share a home; the number keeps a restarted hub from fighting with its own dead session.
        let id = format!("vestibule-{}-{}", std::process::id(), clock::now_ms().0);
        let mut options = MqttOptions::new(id, &config.host, config.port);
        options.set_clean_session(true);
        options.set_keep_alive(Duration::from_secs(MQTT_KEEP_ALIVE_S));
        options.set_max_packet_size(MQTT_PACKET_BYTES_MAX, MQTT_PAYLOAD_BYTES_MAX);
        if let Some((user, password)) = &config.login {
            options.set_credentials(user, password);
        }
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        network.set_connection_timeout(MQTT_TIMEOUT_S);
        let (client, mut eventloop) = AsyncClient::new(options, MQTT_QUEUE_MAX);
        eventloop.set_network_options(network);
        let (sender, incoming) = mpsc::channel(MQTT_QUEUE_MAX);
        Self { client, incoming, poller: tokio::spawn(poll(eventloop, sender)), heard_at: None }
    }

    fn silent(&self) -> bool {
        let limit = Duration::from_millis(MQTT_SILENCE_MS_MAX);
        self.heard_at.is_none_or(|at| at.elapsed() > limit)
    }

    /// Never retained, never repeated.
    fn publish(&self, message: profile::Outgoing) -> Result<(), Why> {
        let sent = self.client.try_publish(message.topic, QoS::AtMostOnce, false, message.payload);
        sent.map_err(|_| Why::Offline)
    }
}

/// In a task of its own, so that a panic in the MQTT library is a lost connection and nothing more. Ends with the
/// connection: the library would keep unsent messages for the next.
async fn poll(mut eventloop: EventLoop, incoming: mpsc::Sender<Result<Packet, String>>) {
    loop {
        let heard = match eventloop.poll().await {
            Ok(Event::Incoming(packet)) => Ok(packet),
            Ok(Event::Outgoing(_)) => continue,
            Err(e) => Err(e.to_string()),
        };
        let ended = heard.is_err();
        if incoming.send(heard).await.is_err() || ended {
            return;
        }
    }
}

/// One connection, until it ends; returns why it did.
async fn talk(line: &mut Line, devices: &mut [Box<dyn Profile>], wires: &mut Wires) -> Result<String, Gone> {
    loop {
        tokio::select! {
            heard = line.incoming.recv() => {
                let packet = match heard {
                    Some(Ok(packet)) => packet,
                    Some(Err(reason)) => return Ok(reason),
                    None => return Ok("the MQTT library failed".to_owned()),
                };
                line.heard_at = Some(Instant::now());
                for action in react(devices, &packet) {
                    if !act(line, action, wires).await? {
                        return Ok("the broker takes no messages".to_owned());
                    }
                }
            }
            ordered = wires.commands.recv() => {
                let ordered = ordered.ok_or(Gone)?;
                if let Err(why) = pass_on(line, devices, ordered) {
                    wires.undone(ordered.command, why).await?;
                }
            }
        }
    }
}

/// False if the queue to the broker is full.
async fn act(line: &Line, action: Action, wires: &Wires) -> Result<bool, Gone> {
    match action {
        Action::Subscribe(topic) => Ok(line.client.try_subscribe(topic, QoS::AtLeastOnce).is_ok()),
        Action::Publish(message) => Ok(line.publish(message).is_ok()),
        Action::Report(report) => wires.reports.send(report).await.map(|()| true),
    }
}

fn pass_on(line: &Line, devices: &mut [Box<dyn Profile>], ordered: Ordered) -> Result<(), Why> {
    if ordered.expired() {
        return Err(Why::Expired);
    }
    if line.silent() {
        return Err(Why::Offline);
    }
    let lock = devices.first_mut().ok_or(Why::Unsupported)?;
    line.publish(lock.command(ordered.command)?)
}

/// What a packet means to the devices.
fn react(devices: &mut [Box<dyn Profile>], packet: &Packet) -> Vec<Action> {
    match packet {
        Packet::ConnAck(_) => devices.iter_mut().flat_map(|device| device.connected()).collect(),
        Packet::SubAck(ack) if ack.return_codes.contains(&SubscribeReasonCode::Failure) => {
            let sentence =
                "the broker refuses a subscription: allow this hub's user to read the lock's topics";
            vec![Action::Report(Report::Finding(Finding::Device(sentence.to_owned())))]
        }
        Packet::Publish(publish) => {
            let (message, finding) = read(publish);
            let actions = devices.iter_mut().flat_map(|device| device.message(&message));
            finding
                .map(|finding| Action::Report(Report::Finding(finding)))
                .into_iter()
                .chain(actions)
                .collect()
        }
        _ => vec![],
    }
}

/// What cannot be read counts as empty: no profile takes that for a state, and the last one is not left standing.
fn read(publish: &Publish) -> (Message<'_>, Option<Finding>) {
    let (topic, bytes) = (publish.topic.as_str(), publish.payload.len());
    let message = Message { topic, text: "", retained: publish.retain };
    if bytes > MQTT_PAYLOAD_BYTES_MAX {
        return (message, Some(Finding::TooLarge { topic: topic.to_owned(), bytes }));
    }
    match std::str::from_utf8(&publish.payload) {
        Ok(text) => (Message { text, ..message }, None),
        Err(_) => (message, Some(Finding::NotText { topic: topic.to_owned() })),
    }
}

/// A topic to publish on or read alone.
fn is_plain_topic(topic: &str) -> bool {
    !topic.is_empty() && topic.len() <= 512 && !topic.contains(['+', '#', '\0'])
}

/// A percentage as devices write it.
fn percent(value: f32) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; NaN becomes 0")]
    {
        value.clamp(0.0, 100.0) as u8
    }
}
