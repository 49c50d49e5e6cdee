//! The same lock and door behind a real broker, in the conventions of Home Assistant's MQTT discovery.
//!
//! Two devices with a connection and a last will of their own, since bolt and contact seldom come from one
//! maker: a lock `<prefix>/lock` and a door contact `<prefix>/door`. Each publishes, all retained, its discovery
//! record (`homeassistant/lock/<object>/config`, `homeassistant/binary_sensor/<object>_door/config`), `state`,
//! and `availability`; the lock listens on `set` and ignores what the broker had retained there. A state that is
//! not known is `None`, as Home Assistant resets it. A lock without power is `offline`; a silent one stays
//! `online` and simply says nothing new.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, LastWill, MqttOptions, NetworkOptions, Packet, Publish, QoS};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::HouseError;
use crate::physics::{Bolt, Command, Door, Report};
use crate::world::World;

/// After a lost connection the next attempt waits so long.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// A broker may believe a dead house for one and a half times this long.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Where the broker is and what this house is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    host: String,
    port: u16,
    prefix: String,
    object: String,
}

impl Place {
    /// From `mqtt://host:port` and a topic prefix such as `vestibule/house`.
    pub(crate) fn parse(url: &str, prefix: &str) -> Result<Self, HouseError> {
        let wrong = || HouseError::MqttUrl(url.to_owned());
        let rest = url.strip_prefix("mqtt://").ok_or_else(wrong)?;
        let (host, port) = match rest.trim_end_matches('/').rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (rest.trim_end_matches('/'), 1883),
        };
        if host.is_empty() || host.contains(['/', '@', '?']) {
            return Err(wrong());
        }
        if prefix.is_empty()
            || prefix.starts_with('/')
            || prefix.ends_with('/')
            || prefix.contains(['+', '#', '\0'])
        {
            return Err(HouseError::MqttPrefix(prefix.to_owned()));
        }
        let object = prefix.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        Ok(Self { host: host.to_owned(), port, prefix: prefix.to_owned(), object })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    Lock,
    Contact,
}

/// Keeps both devices at the broker; returns only when the house goes down.
pub(crate) async fn serve(place: Place, world: Arc<World>) {
    tokio::join!(keep(Device::Lock, &place, &world), keep(Device::Contact, &place, &world));
}

impl Device {
    fn base(self, place: &Place) -> String {
        match self {
            Self::Lock => format!("{}/lock", place.prefix),
            Self::Contact => format!("{}/door", place.prefix),
        }
    }

    fn discovery(self, place: &Place) -> (String, Value) {
        let (object, base) = (&place.object, self.base(place));
        match self {
            Self::Lock => (
                format!("homeassistant/lock/{object}/config"),
                json!({
                    "~": base, "name": null, "uniq_id": format!("{object}_lock"),
                    "cmd_t": "~/set", "stat_t": "~/state", "avty_t": "~/availability",
                    "pl_avail": "online", "pl_not_avail": "offline",
                    "pl_lock": "LOCK", "pl_unlk": "UNLOCK",
                    "stat_locked": "LOCKED", "stat_unlocked": "UNLOCKED", "stat_locking": "LOCKING",
                    "stat_unlocking": "UNLOCKING", "stat_jam": "JAMMED", "opt": false, "qos": 1,
                    "dev": {"ids": [format!("{object}_lock")], "name": "Virtual lock", "mf": "Vestibule"},
                }),
            ),
            Self::Contact => (
                format!("homeassistant/binary_sensor/{object}_door/config"),
                json!({
                    "~": base, "name": null, "uniq_id": format!("{object}_door"),
                    "stat_t": "~/state", "avty_t": "~/availability",
                    "pl_avail": "online", "pl_not_avail": "offline",
                    "dev_cla": "door", "pl_on": "ON", "pl_off": "OFF", "qos": 1,
                    "dev": {"ids": [format!("{object}_door")], "name": "Virtual door contact", "mf": "Vestibule"},
                }),
            ),
        }
    }

    fn state(self, report: Report) -> &'static str {
        match self {
            Self::Lock => match report.bolt {
                Bolt::Locked => "LOCKED",
                Bolt::Unlocked => "UNLOCKED",
                Bolt::Locking => "LOCKING",
                Bolt::Unlocking => "UNLOCKING",
                Bolt::Unlatched => "OPEN",
                Bolt::Jammed => "JAMMED",
                Bolt::Unknown => "None",
            },
            Self::Contact => match report.door {
                Door::Open => "ON",
                Door::Closed => "OFF",
                Door::Tampered | Door::Unknown => "None",
            },
        }
    }

    fn availability(self, report: Report) -> &'static str {
        if self == Self::Contact || report.online { "online" } else { "offline" }
    }
}

async fn keep(device: Device, place: &Place, world: &World) {
    let base = device.base(place);
    let mut options = MqttOptions::new(base.replace('/', "-"), &place.host, place.port);
    options.set_keep_alive(KEEP_ALIVE).set_clean_session(true);
    options.set_last_will(LastWill::new(format!("{base}/availability"), "offline", QoS::AtLeastOnce, true));
    let (client, mut connection) = AsyncClient::new(options, 64);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    connection.set_network_options(network);
    tokio::join!(
        listen(device, &base, place, &client, &mut connection, world),
        publish(device, &base, &client, world)
    );
}

/// Hears the broker: greets it on each connect, and takes commands.
async fn listen(
    device: Device,
    base: &str,
    place: &Place,
    client: &AsyncClient,
    connection: &mut EventLoop,
    world: &World,
) {
    loop {
        match connection.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => {
                // Into the queue of `connection`, which has room for it: this task must not wait here.
                if let Err(error) = greet(device, base, place, client, world.report()) {
                    tracing::warn!(%error, base, "could not greet the broker");
                }
            }
            Ok(Event::Incoming(Packet::Publish(message))) => take_command(&message, world),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, base, "no connection to the broker");
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
    }
}

fn greet(
    device: Device,
    base: &str,
    place: &Place,
    client: &AsyncClient,
    report: Report,
) -> Result<(), rumqttc::ClientError> {
    let (topic, record) = device.discovery(place);
    client.try_publish(topic, QoS::AtLeastOnce, true, record.to_string())?;
    if device == Device::Lock {
        client.try_subscribe(format!("{base}/set"), QoS::AtLeastOnce)?;
    }
    client.try_publish(format!("{base}/state"), QoS::AtLeastOnce, true, device.state(report))?;
    client.try_publish(format!("{base}/availability"), QoS::AtLeastOnce, true, device.availability(report))
}

fn take_command(message: &Publish, world: &World) {
    let command = match message.payload.as_ref() {
        _ if message.retain => None,
        b"LOCK" => Some(Command::Lock),
        b"UNLOCK" => Some(Command::Unlock),
        _ => None,
    };
    if let Some(command) = command {
        world.with(|house| house.command(command));
    } else {
        tracing::warn!(topic = message.topic, retain = message.retain, "a command was ignored");
    }
}

/// Tells the broker of changes, each once.
async fn publish(device: Device, base: &str, client: &AsyncClient, world: &World) {
    let mut changes = world.changes();
    let mut told = world.report();
    loop {
        let report = match changes.recv().await {
            Ok(report) => report,
            Err(RecvError::Lagged(_)) => world.report(),
            Err(RecvError::Closed) => return,
        };
        let parts = [
            ("state", device.state(told), device.state(report)),
            ("availability", device.availability(told), device.availability(report)),
        ];
        told = report;
        for (part, before, now) in parts {
            // Full only while the broker is away; on connect it is told everything anyway.
            if before != now
                && client.try_publish(format!("{base}/{part}"), QoS::AtLeastOnce, true, now).is_err()
            {
                tracing::debug!(base, part, "the broker is away; it will be told on connect");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Device, Place};
    use crate::HouseError;

    #[test]
    fn a_place_needs_an_mqtt_url_and_a_plain_prefix() {
        let place = Place::parse("mqtt://127.0.0.1:1883", "vestibule/house").expect("place");
        assert_eq!((place.port, place.object.as_str()), (1883, "vestibule_house"));
        for url in ["127.0.0.1:1883", "mqtts://a", "mqtt://", "mqtt://a:b", "mqtt://me:secret@host:1883"] {
            assert!(matches!(Place::parse(url, "a"), Err(HouseError::MqttUrl(_))), "{url}");
        }
        for prefix in ["", "/a", "a/", "a/#", "+"] {
            assert!(matches!(Place::parse("mqtt://a", prefix), Err(HouseError::MqttPrefix(_))), "{prefix}");
        }
    }

    #[test]
    fn lock_and_contact_are_two_devices() {
        let place = Place::parse("mqtt://a", "home/1").expect("place");
        let (lock_topic, lock) = Device::Lock.discovery(&place);
        let (door_topic, door) = Device::Contact.discovery(&place);
        assert_eq!(lock_topic, "homeassistant/lock/home_1/config");
        assert_eq!(door_topic, "homeassistant/binary_sensor/home_1_door/config");
        assert_ne!(lock["dev"]["ids"], door["dev"]["ids"]);
        assert_eq!(lock["~"], "home/1/lock");
        assert_eq!(door["dev_cla"], "door");
    }
}
