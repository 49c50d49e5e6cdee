//! Zigbee2MQTT: one topic per device with its whole state as JSON. Source: zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.
//!
//! The bolt is `lock_state`, never `state`: a lock that failed to lock shows `state: UNLOCK` and
//! `lock_state: not_fully_locked`. That word is `Jammed`: a bolt that is neither out nor in. The device is there if
//! the bridge is and the device's own availability says so or, where that is switched off, once the device spoke; it
//! is asked (`/get`) at each start of either side, since the bridge repeats old states when it starts.

use super::profile::{Action, Message, Outgoing, Presence, Profile, Role, reports};
use crate::lock::{Command, Finding, Report, Why};
use doorkeeper::sensors::{Bolt, Door};
use protocol::time::Timestamp;
use serde_json::Value;

const BASE: &str = "zigbee2mqtt";

/// One device behind the bridge.
#[derive(Debug)]
pub(super) struct Device {
    role: Role,
    topic: String,
    bridge: Option<bool>,
    available: Option<bool>,
    spoke: bool,
    presence: Presence,
}

impl Device {
    /// `name` is a friendly name, or its whole topic.
    pub(super) fn new(role: Role, name: &str) -> Self {
        let topic = if name.contains('/') { name.to_owned() } else { format!("{BASE}/{name}") };
        Self { role, topic, bridge: None, available: None, spoke: false, presence: Presence::new(role) }
    }

    fn bridge_topic(&self) -> String {
        let base = self.topic.split('/').next().unwrap_or(BASE);
        format!("{base}/bridge/state")
    }

    fn ask(&self) -> Option<Action> {
        let Role::Lock { .. } = self.role else { return None };
        let topic = format!("{}/get", self.topic);
        Some(Action::Publish(Outgoing { topic, payload: r#"{"state":""}"#.to_owned() }))
    }

    fn settle(&mut self) -> Vec<Action> {
        let there = self.available.unwrap_or(self.spoke);
        reports(self.presence.set(self.bridge == Some(true) && there))
    }
}

impl Profile for Device {
    fn connected(&mut self) -> Vec<Action> {
        (self.bridge, self.available, self.spoke) = (None, None, false);
        self.presence.forget();
        let topics = [self.bridge_topic(), format!("{}/availability", self.topic), self.topic.clone()];
        topics.into_iter().map(Action::Subscribe).chain(self.ask()).collect()
    }

    fn message(&mut self, message: &Message<'_>) -> Vec<Action> {
        if message.topic == self.bridge_topic() {
            self.bridge = Some(online(message.text));
            let mut actions = self.settle();
            if self.bridge == Some(true) {
                actions.extend(self.ask());
            }
            return actions;
        }
        if message.topic.strip_prefix(self.topic.as_str()) == Some("/availability") {
            self.available = Some(online(message.text));
            return self.settle();
        }
        if message.topic != self.topic {
            return vec![];
        }
        let said = state(self.role, message);
        self.spoke |= !message.retained;
        // First the words, then the presence: live words replace remembered ones that wait for it.
        let mut actions = reports(self.presence.said(message.retained, said));
        actions.extend(self.settle());
        actions
    }

    fn command(&mut self, command: Command) -> Result<Outgoing, Why> {
        if !self.presence.online() {
            return Err(Why::Offline);
        }
        let state = match command {
            Command::Unlock => "UNLOCK",
            Command::Lock => "LOCK",
            Command::Chime => return Err(Why::Unsupported),
        };
        self.presence.commanded();
        Ok(Outgoing { topic: format!("{}/set", self.topic), payload: format!("{{\"state\":\"{state}\"}}") })
    }
}

/// `online`, plain (old bridges) or as JSON. Anything else is absence.
fn online(payload: &str) -> bool {
    let json = serde_json::from_str::<Value>(payload).ok();
    json.as_ref().and_then(|json| json.get("state")?.as_str()).unwrap_or(payload) == "online"
}

/// Payload to reports. Pure.
fn state(role: Role, message: &Message<'_>) -> Vec<Report> {
    let not_understood = || Report::Finding(Finding::not_understood(message.topic, message.text));
    let Ok(json @ Value::Object(_)) = serde_json::from_str::<Value>(message.text) else {
        return [unknown(role), vec![not_understood()]].concat();
    };
    let seen =
        json.get("last_seen").and_then(Value::as_u64).map(|ms| Report::LastSeen(Timestamp(ms / 1_000)));
    let mut reports: Vec<Report> = seen.into_iter().collect();
    match role {
        Role::Lock { door_too } => {
            match json.get("lock_state").map(bolt) {
                Some(Some(bolt)) => reports.push(Report::Bolt(bolt)),
                // A lock that names only what it was told has said nothing about its bolt.
                Some(None) | None => reports.extend([Report::Bolt(Bolt::Unknown), not_understood()]),
            }
            if door_too {
                reports.extend(json.get("door_state").map(|word| Report::Door(door(word))));
            }
            reports.extend(battery(&json));
        }
        Role::Door => match (json.get("tamper"), json.get("contact"), json.get("door_state")) {
            (Some(Value::Bool(true)), _, _) => reports.push(Report::Door(Door::Tampered)),
            (_, Some(Value::Bool(true)), _) => reports.push(Report::Door(Door::Closed)),
            (_, Some(Value::Bool(false)), _) => reports.push(Report::Door(Door::Open)),
            (_, None, Some(word)) => reports.push(Report::Door(door(word))),
            _ => reports.extend([Report::Door(Door::Unknown), not_understood()]),
        },
        Role::Smoke => reports.extend(json.get("smoke").and_then(Value::as_bool).map(Report::Smoke)),
        Role::LocalNo => {
            let pressed = json.get("action").and_then(Value::as_str) == Some("single");
            reports.extend((pressed && !message.retained).then_some(Report::LocalNo));
        }
        Role::Battery => reports.extend(battery(&json)),
    }
    reports
}

fn unknown(role: Role) -> Vec<Report> {
    match role {
        Role::Lock { door_too: true } => vec![Report::Bolt(Bolt::Unknown), Report::Door(Door::Unknown)],
        Role::Lock { door_too: false } => vec![Report::Bolt(Bolt::Unknown)],
        Role::Door => vec![Report::Door(Door::Unknown)],
        Role::Smoke | Role::LocalNo | Role::Battery => vec![],
    }
}

fn bolt(word: &Value) -> Option<Bolt> {
    match word.as_str()? {
        "locked" => Some(Bolt::Locked),
        "unlocked" => Some(Bolt::Unlocked),
        "not_fully_locked" => Some(Bolt::Jammed),
        _ => None,
    }
}

fn door(word: &Value) -> Door {
    match word.as_str() {
        Some("open") => Door::Open,
        Some("closed") => Door::Closed,
        Some("error_forced_open") => Door::Tampered,
        _ => Door::Unknown,
    }
}

fn battery(json: &Value) -> Option<Report> {
    let percent = json.get("battery")?.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
    Some(Report::Battery(super::percent(percent as f32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(topic: &'static str, text: &'static str, retained: bool) -> Message<'static> {
        Message { topic, text, retained }
    }

    fn said(role: Role, text: &'static str) -> Vec<Report> {
        let mut reports = state(role, &message("zigbee2mqtt/front", text, false));
        reports.retain(|report| !matches!(report, Report::Finding(_)));
        reports
    }

    #[test]
    fn the_bolt_is_the_lock_state_and_never_the_commanded_state() {
        let lock = Role::Lock { door_too: false };
        for (payload, bolt) in [
            (r#"{"state":"LOCK","lock_state":"locked"}"#, Bolt::Locked),
            (r#"{"state":"UNLOCK","lock_state":"unlocked"}"#, Bolt::Unlocked),
            (r#"{"state":"UNLOCK","lock_state":"not_fully_locked"}"#, Bolt::Jammed),
            (r#"{"state":"LOCK","lock_state":"not_fully_locked"}"#, Bolt::Jammed),
            (r#"{"state":"LOCK"}"#, Bolt::Unknown),
            (r#"{"state":"LOCK","lock_state":null}"#, Bolt::Unknown),
            (r#"{"lock_state":"LOCKED"}"#, Bolt::Unknown),
            (r#"{"battery":90}"#, Bolt::Unknown),
            ("locked", Bolt::Unknown),
            ("{", Bolt::Unknown),
            ("", Bolt::Unknown),
        ] {
            assert_eq!(said(lock, payload).first(), Some(&Report::Bolt(bolt)), "{payload}");
        }
    }

    #[test]
    fn contacts_and_doors() {
        for (payload, door) in [
            (r#"{"contact":true}"#, Door::Closed),
            (r#"{"contact":false}"#, Door::Open),
            (r#"{"contact":true,"tamper":true}"#, Door::Tampered),
            (r#"{"contact":true,"tamper":false}"#, Door::Closed),
            (r#"{"contact":"closed"}"#, Door::Unknown),
            (r#"{"door_state":"closed"}"#, Door::Closed),
            (r#"{"door_state":"open"}"#, Door::Open),
            (r#"{"door_state":"error_jammed"}"#, Door::Unknown),
            (r#"{"door_state":"error_forced_open"}"#, Door::Tampered),
            (r#"{"door_state":"error_unspecified"}"#, Door::Unknown),
            ("{}", Door::Unknown),
            ("garbage", Door::Unknown),
        ] {
            assert_eq!(said(Role::Door, payload), [Report::Door(door)], "{payload}");
        }
        let both = r#"{"lock_state":"locked","door_state":"open","battery":55.4,"last_seen":1795384706000}"#;
        let seen = Report::LastSeen(Timestamp(1_795_384_706));
        let bolt = Report::Bolt(Bolt::Locked);
        let battery = Report::Battery(55);
        assert_eq!(
            said(Role::Lock { door_too: true }, both),
            [seen.clone(), bolt.clone(), Report::Door(Door::Open), battery.clone()]
        );
        assert_eq!(said(Role::Lock { door_too: false }, both), [seen, bolt, battery]);
    }

    #[test]
    fn remembered_state_needs_the_bridge_and_the_device() {
        let mut lock = Device::new(Role::Lock { door_too: false }, "front");
        let asked = Action::Publish(Outgoing {
            topic: "zigbee2mqtt/front/get".to_owned(),
            payload: r#"{"state":""}"#.to_owned(),
        });
        assert_eq!(lock.connected().last(), Some(&asked));
        assert_eq!(lock.message(&message("zigbee2mqtt/front", r#"{"lock_state":"locked"}"#, true)), []);
        assert_eq!(
            lock.message(&message("zigbee2mqtt/bridge/state", r#"{"state":"online"}"#, true)),
            [asked]
        );
        assert_eq!(lock.command(Command::Unlock), Err(Why::Offline));
        let there = lock.message(&message("zigbee2mqtt/front/availability", r#"{"state":"online"}"#, true));
        assert_eq!(there, reports(vec![Report::Online(true), Report::Bolt(Bolt::Locked)]));
        let unlock = lock.command(Command::Unlock).unwrap();
        assert_eq!(
            (unlock.topic.as_str(), unlock.payload.as_str()),
            ("zigbee2mqtt/front/set", r#"{"state":"UNLOCK"}"#)
        );
        let gone = lock.message(&message("zigbee2mqtt/bridge/state", "offline", false));
        assert_eq!(gone, reports(vec![Report::Bolt(Bolt::Unknown), Report::Online(false)]));
    }

    #[test]
    fn where_availability_is_switched_off_the_device_is_there_once_it_speaks() {
        let mut lock = Device::new(Role::Lock { door_too: false }, "home/front");
        lock.connected();
        lock.message(&message("home/bridge/state", "online", true));
        assert_eq!(lock.message(&message("home/front", r#"{"lock_state":"locked"}"#, true)), []);
        let said = lock.message(&message("home/front", r#"{"lock_state":"unlocked"}"#, false));
        assert_eq!(said, reports(vec![Report::Online(true), Report::Bolt(Bolt::Unlocked)]));
    }
}
