//! Home Assistant's conventions: entities that describe themselves in a retained discovery record.
//! Source: home-assistant.io/integrations/lock.mqtt and binary_sensor.mqtt.
//!
//! The bolt is a `lock`, the contact a `binary_sensor` of its own (ON = open), perhaps of another maker. An entity
//! without an availability topic is there once it speaks; what the broker remembers of it never counts.

use super::discovery::{Discovery, value};
use super::profile::{Action, Message, Outgoing, Presence, Profile, Role, reports};
use crate::lock::{Command, Finding, Report, Why};
use doorkeeper::sensors::{Bolt, Door};

/// One entity.
#[derive(Debug)]
pub(super) struct Entity {
    role: Role,
    config_topic: String,
    discovery: Option<Discovery>,
    /// What each availability topic said last.
    available: Vec<Option<bool>>,
    presence: Presence,
}

impl Entity {
    /// `name` is an object id, `node/object`, or the whole topic of a discovery record.
    pub(super) fn new(role: Role, name: &str) -> Self {
        let component = match role {
            Role::Lock { .. } => "lock",
            Role::Door | Role::Smoke | Role::LocalNo => "binary_sensor",
            Role::Battery => "sensor",
        };
        let config_topic = if name.ends_with("/config") {
            name.to_owned()
        } else {
            format!("homeassistant/{component}/{name}/config")
        };
        Self { role, config_topic, discovery: None, available: vec![], presence: Presence::new(role) }
    }

    fn discovered(&mut self, payload: &str) -> Vec<Action> {
        let mut actions = reports(self.presence.set(false));
        (self.discovery, self.available) = (None, vec![]);
        let refuse = |reason: String| {
            Action::Report(Report::Finding(Finding::Refused { topic: self.config_topic.clone(), reason }))
        };
        let checked = Discovery::parse(payload).and_then(|discovery| match self.role {
            Role::Lock { .. } => commandable(&discovery).map(|()| discovery),
            Role::Door | Role::Smoke | Role::LocalNo | Role::Battery => Ok(discovery),
        });
        let discovery = match checked {
            Ok(discovery) => discovery,
            Err(reason) => {
                actions.push(refuse(reason));
                return actions;
            }
        };
        if discovery.text("retain").as_deref() == Some("true") {
            let topic = self.config_topic.clone();
            actions.push(Action::Report(Report::Finding(Finding::RetainedCommands { topic })));
        }
        actions.extend(discovery.availability.iter().map(|a| Action::Subscribe(a.topic.clone())));
        actions.push(Action::Subscribe(discovery.state_topic.clone()));
        self.available = vec![None; discovery.availability.len()];
        self.discovery = Some(discovery);
        actions
    }

    fn heard(&mut self, message: &Message<'_>) -> Vec<Action> {
        let Some(discovery) = &self.discovery else { return vec![] };
        let mut actions = vec![];
        let mut availability_heard = false;
        for (known, availability) in self.available.iter_mut().zip(&discovery.availability) {
            if availability.topic == message.topic {
                // Words it does not know are no proof of presence.
                *known = availability.read(message.text).or(Some(false));
                availability_heard = true;
            }
        }
        if availability_heard {
            let online = if discovery.any_is_enough {
                self.available.contains(&Some(true))
            } else {
                self.available.iter().all(|known| *known == Some(true))
            };
            actions.extend(reports(self.presence.set(online)));
        }
        if discovery.state_topic == message.topic {
            let said = state(self.role, discovery, message);
            let proves_presence = discovery.availability.is_empty() && !message.retained;
            // First the words, then the presence: live words replace remembered ones that wait for it.
            actions.extend(reports(self.presence.said(message.retained, said)));
            if proves_presence {
                actions.extend(reports(self.presence.set(true)));
            }
        }
        actions
    }
}

impl Profile for Entity {
    fn connected(&mut self) -> Vec<Action> {
        (self.discovery, self.available) = (None, vec![]);
        self.presence.forget();
        vec![Action::Subscribe(self.config_topic.clone())]
    }

    fn message(&mut self, message: &Message<'_>) -> Vec<Action> {
        if message.topic == self.config_topic { self.discovered(message.text) } else { self.heard(message) }
    }

    fn command(&mut self, command: Command) -> Result<Outgoing, Why> {
        if !self.presence.online() {
            return Err(Why::Offline);
        }
        let discovery = self.discovery.as_ref().ok_or(Why::Offline)?;
        let payload = match command {
            Command::Unlock => discovery.text_or("payload_unlock", "UNLOCK"),
            Command::Lock => discovery.text_or("payload_lock", "LOCK"),
            Command::Chime => return Err(Why::Unsupported),
        };
        let topic = discovery.topic("command_topic").ok().flatten().ok_or(Why::Unsupported)?;
        self.presence.commanded();
        Ok(Outgoing { topic, payload })
    }
}

/// A lock that this hub can command, or why not.
fn commandable(discovery: &Discovery) -> Result<(), String> {
    if discovery.topic("command_topic")?.is_none() {
        return Err("it has no command_topic".to_owned());
    }
    if discovery.has("command_template") {
        return Err("it has a command_template, and this hub runs no programs of others".to_owned());
    }
    if discovery.has("code_format") {
        return Err("the lock wants a code with each command, and this hub has none".to_owned());
    }
    Ok(())
}

/// Payload to reports. Pure.
fn state(role: Role, discovery: &Discovery, message: &Message<'_>) -> Vec<Report> {
    let word = value(discovery.value_template.as_ref(), message.text);
    let word = word.as_deref();
    let finding = || Report::Finding(Finding::not_understood(message.topic, message.text));
    match role {
        Role::Lock { .. } => match word.and_then(|word| bolt(discovery, word)) {
            Some(bolt) => vec![Report::Bolt(bolt)],
            None => vec![Report::Bolt(Bolt::Unknown), finding()],
        },
        Role::Door => match word.and_then(|word| on(discovery, word)) {
            Some(true) => vec![Report::Door(Door::Open)],
            Some(false) => vec![Report::Door(Door::Closed)],
            None => vec![Report::Door(Door::Unknown), finding()],
        },
        Role::Smoke => word
            .and_then(|word| on(discovery, word))
            .map_or_else(|| vec![finding()], |on| vec![Report::Smoke(on)]),
        Role::LocalNo => match word.and_then(|word| on(discovery, word)) {
            // A press that the broker remembers was meant for somebody else.
            Some(true) if !message.retained => vec![Report::LocalNo],
            Some(_) => vec![],
            None => vec![finding()],
        },
        Role::Battery => match word.and_then(|word| word.parse::<f32>().ok()) {
            Some(percent) => vec![Report::Battery(super::percent(percent))],
            None => vec![finding()],
        },
    }
}

fn bolt(discovery: &Discovery, word: &str) -> Option<Bolt> {
    let is = |option: &str, default: &str| word == discovery.text_or(option, default);
    Some(match word {
        _ if is("state_locked", "LOCKED") => Bolt::Locked,
        _ if is("state_unlocked", "UNLOCKED") => Bolt::Unlocked,
        _ if is("state_locking", "LOCKING") => Bolt::Locking,
        _ if is("state_unlocking", "UNLOCKING") => Bolt::Unlocking,
        _ if is("state_jammed", "JAMMED") => Bolt::Jammed,
        _ if is("state_open", "OPEN") => Bolt::Unlatched,
        _ if is("state_opening", "OPENING") => Bolt::Unlocking,
        // Home Assistant's word for "not known".
        "None" => Bolt::Unknown,
        _ => return None,
    })
}

fn on(discovery: &Discovery, word: &str) -> Option<bool> {
    if word == discovery.text_or("payload_on", "ON") {
        Some(true)
    } else if word == discovery.text_or("payload_off", "OFF") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "homeassistant/lock/front/config";
    const PLAIN: &str = r#"{"~":"front","cmd_t":"~/set","stat_t":"~/state","avty_t":"~/online"}"#;

    fn message(topic: &'static str, text: &'static str, retained: bool) -> Message<'static> {
        Message { topic, text, retained }
    }

    fn lock(config: &'static str) -> (Entity, Vec<Action>) {
        let mut lock = Entity::new(Role::Lock { door_too: false }, "front");
        assert_eq!(lock.connected(), [Action::Subscribe(CONFIG.to_owned())]);
        let actions = lock.message(&message(CONFIG, config, true));
        (lock, actions)
    }

    #[test]
    fn follows_a_record_with_abbreviations_and_base() {
        let (mut lock, actions) = lock(PLAIN);
        let topics = ["front/online", "front/state"].map(|t| Action::Subscribe(t.to_owned()));
        assert_eq!(actions, topics);
        assert_eq!(lock.command(Command::Unlock), Err(Why::Offline), "not before it is known to be there");
        assert_eq!(lock.message(&message("front/state", "LOCKED", true)), []);
        let there = lock.message(&message("front/online", "online", true));
        assert_eq!(there, reports(vec![Report::Online(true), Report::Bolt(Bolt::Locked)]));
        let unlock = lock.command(Command::Unlock).unwrap();
        assert_eq!(unlock, Outgoing { topic: "front/set".to_owned(), payload: "UNLOCK".to_owned() });
        let gone = lock.message(&message("front/online", "offline", false));
        assert_eq!(gone, reports(vec![Report::Bolt(Bolt::Unknown), Report::Online(false)]));
    }

    #[test]
    fn every_state_has_one_meaning() {
        let (mut lock, _) = lock(PLAIN);
        lock.message(&message("front/online", "online", false));
        for (word, bolt) in [
            ("LOCKED", Bolt::Locked),
            ("UNLOCKED", Bolt::Unlocked),
            ("LOCKING", Bolt::Locking),
            ("UNLOCKING", Bolt::Unlocking),
            ("JAMMED", Bolt::Jammed),
            ("OPEN", Bolt::Unlatched),
            ("OPENING", Bolt::Unlocking),
            ("None", Bolt::Unknown),
            ("locked", Bolt::Unknown),
            ("", Bolt::Unknown),
            ("LOCKED\0", Bolt::Unknown),
        ] {
            let actions = lock.message(&message("front/state", word, false));
            assert_eq!(actions.first(), Some(&Action::Report(Report::Bolt(bolt))), "{word}");
        }
    }

    #[test]
    fn records_that_it_will_not_follow_are_refused_with_a_sentence() {
        for (config, part) in [
            ("LOCKED", "not a JSON object"),
            ("", "not a JSON object"),
            ("{}", "no state_topic"),
            (r#"{"stat_t":"a"}"#, "no command_topic"),
            (r#"{"stat_t":"a","cmd_t":"b","val_tpl":"{{ value | upper }}"}"#, "is a program"),
            (r#"{"stat_t":"a","cmd_t":"b","command_template":"{{ value }}"}"#, "command_template"),
            (r#"{"stat_t":"a","cmd_t":"b","code_format":"^\\d{4}$"}"#, "wants a code"),
            (r#"{"stat_t":"a/#","cmd_t":"b"}"#, "wildcards"),
            (r#"{"stat_t":"a","cmd_t":"+/set"}"#, "wildcards"),
            (r#"{"stat_t":"a","cmd_t":"b","avty":"online"}"#, "availability"),
        ] {
            let (mut lock, actions) = lock(config);
            let [Action::Report(Report::Finding(finding))] = actions.as_slice() else {
                panic!("{config}: {actions:?}")
            };
            assert!(finding.to_string().contains(part), "{finding}");
            assert_eq!(lock.command(Command::Unlock), Err(Why::Offline));
        }
        let (_, actions) = lock(r#"{"stat_t":"a","cmd_t":"b","ret":true}"#);
        assert!(matches!(&actions[0], Action::Report(Report::Finding(Finding::RetainedCommands { .. }))));
    }

    #[test]
    fn all_of_several_availabilities_must_hold_unless_any_is_enough() {
        const ALL: &str = r#"{"cmd_t":"c","stat_t":"s","avty":[{"t":"bridge","val_tpl":"{{ value_json.state }}"},{"t":"lock"}]}"#;
        const ANY: &str =
            r#"{"cmd_t":"c","stat_t":"s","avty_mode":"any","avty":[{"t":"bridge"},{"t":"lock"}]}"#;
        let (mut all, _) = lock(ALL);
        assert_eq!(all.message(&message("bridge", r#"{"state":"online"}"#, true)), []);
        assert_eq!(all.message(&message("lock", "online", true)), reports(vec![Report::Online(true)]));
        assert_eq!(all.message(&message("lock", "???", true)).len(), 2, "unknown words are absence");
        let (mut any, _) = lock(ANY);
        assert_eq!(any.message(&message("bridge", "online", true)), reports(vec![Report::Online(true)]));
    }

    #[test]
    fn without_availability_only_live_words_count() {
        let (mut lock, _) = lock(r#"{"cmd_t":"c","stat_t":"s"}"#);
        assert_eq!(lock.message(&message("s", "LOCKED", true)), []);
        let live = lock.message(&message("s", "UNLOCKED", false));
        assert_eq!(live, reports(vec![Report::Online(true), Report::Bolt(Bolt::Unlocked)]));
    }

    #[test]
    fn the_contact_is_an_entity_of_its_own() {
        let mut door = Entity::new(Role::Door, "hall/contact");
        let config = "homeassistant/binary_sensor/hall/contact/config";
        assert_eq!(door.connected(), [Action::Subscribe(config.to_owned())]);
        let record =
            r#"{"stat_t":"z/contact","val_tpl":"{{ value_json.contact }}","pl_on":false,"pl_off":true}"#;
        door.message(&message(config, record, true));
        for (payload, state) in [
            (r#"{"contact":true}"#, Door::Closed),
            (r#"{"contact":false}"#, Door::Open),
            (r#"{"contact":"ajar"}"#, Door::Unknown),
            ("true", Door::Unknown),
        ] {
            let actions = door.message(&message("z/contact", payload, false));
            assert_eq!(actions.first(), Some(&Action::Report(Report::Door(state))), "{payload}");
        }
    }

    #[test]
    fn a_withdrawn_record_takes_the_lock_away() {
        let (mut lock, _) = lock(PLAIN);
        lock.message(&message("front/online", "online", false));
        let actions = lock.message(&message(CONFIG, "", false));
        assert_eq!(actions[..2], reports(vec![Report::Bolt(Bolt::Unknown), Report::Online(false)]));
        assert_eq!(lock.command(Command::Lock), Err(Why::Offline));
    }
}
