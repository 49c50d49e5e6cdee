//! Home Assistant's MQTT discovery record of one entity: parsed, its abbreviations and base topic expanded.
//! Source: home-assistant.io/integrations/mqtt, "MQTT discovery", "Supported abbreviations".

use super::template::{self, Template};
use serde_json::{Map, Value};

/// Abbreviations of the options that are read here.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("avty", "availability"),
    ("avty_mode", "availability_mode"),
    ("avty_t", "availability_topic"),
    ("avty_tpl", "availability_template"),
    ("cmd_t", "command_topic"),
    ("cmd_tpl", "command_template"),
    ("cod_form", "code_format"),
    ("pl_avail", "payload_available"),
    ("pl_lock", "payload_lock"),
    ("pl_not_avail", "payload_not_available"),
    ("pl_off", "payload_off"),
    ("pl_on", "payload_on"),
    ("pl_unlk", "payload_unlock"),
    ("ret", "retain"),
    ("stat_jam", "state_jammed"),
    ("stat_locked", "state_locked"),
    ("stat_locking", "state_locking"),
    ("stat_t", "state_topic"),
    ("stat_unlocked", "state_unlocked"),
    ("stat_unlocking", "state_unlocking"),
    ("t", "topic"),
    ("val_tpl", "value_template"),
];

/// Availability topics of one entity at most: bridge, device, and room.
const AVAILABILITIES_MAX: usize = 4;

/// One topic that says whether a device is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Availability {
    pub(super) topic: String,
    template: Option<Template>,
    online: String,
    offline: String,
}

impl Availability {
    /// `None` for words it does not know.
    pub(super) fn read(&self, payload: &str) -> Option<bool> {
        let word = value(self.template.as_ref(), payload)?;
        if word == self.online {
            Some(true)
        } else if word == self.offline {
            Some(false)
        } else {
            None
        }
    }
}

/// `payload` through `template`, if there is one.
pub(super) fn value(template: Option<&Template>, payload: &str) -> Option<String> {
    match template {
        Some(template) => template.apply(payload),
        None => Some(payload.to_owned()),
    }
}

/// A discovery record. All topics are complete.
#[derive(Debug, Clone)]
pub(super) struct Discovery {
    options: Map<String, Value>,
    base: String,
    pub(super) state_topic: String,
    pub(super) value_template: Option<Template>,
    pub(super) availability: Vec<Availability>,
    /// One of them being there is enough (`availability_mode: any`). Otherwise all: `latest` would let the bridge
    /// speak for the lock.
    pub(super) any_is_enough: bool,
}

impl Discovery {
    /// Or why not, as the end of a sentence.
    pub(super) fn parse(payload: &str) -> Result<Self, String> {
        let Ok(Value::Object(options)) = serde_json::from_str(payload) else {
            return Err("it is not a JSON object".to_owned());
        };
        let options = expanded(options);
        let base = options.get("~").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut discovery = Self {
            options,
            base,
            state_topic: String::new(),
            value_template: None,
            availability: vec![],
            any_is_enough: false,
        };
        discovery.state_topic = discovery.topic("state_topic")?.ok_or("it has no state_topic")?;
        discovery.value_template = template(&discovery.options, "value_template")?;
        discovery.any_is_enough = discovery.text("availability_mode").as_deref() == Some("any");
        discovery.availability = discovery.availabilities()?;
        Ok(discovery)
    }

    /// An option as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.options.get(name).and_then(template::text)
    }

    /// An option as text, or what it is by default.
    pub(super) fn text_or(&self, name: &str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.options.get(name).is_some_and(|value| !value.is_null())
    }

    /// A topic with `~` replaced; refuses wildcards, so that a record cannot listen to or command more than its own.
    pub(super) fn topic(&self, name: &str) -> Result<Option<String>, String> {
        self.text(name).map(|topic| complete(&topic, &self.base)).transpose()
    }

    fn availabilities(&self) -> Result<Vec<Availability>, String> {
        let one = |options: &Map<String, Value>, name: &str| -> Result<Availability, String> {
            let word = |name: &str, default: &str| {
                options.get(name).and_then(template::text).unwrap_or_else(|| default.to_owned())
            };
            Ok(Availability {
                topic: complete(&word(name, ""), &self.base)?,
                template: template(
                    options,
                    if name == "topic" { "value_template" } else { "availability_template" },
                )?,
                online: word("payload_available", "online"),
                offline: word("payload_not_available", "offline"),
            })
        };
        match self.options.get("availability") {
            Some(Value::Array(list)) if list.len() <= AVAILABILITIES_MAX => list
                .iter()
                .map(|item| match item {
                    Value::Object(options) => one(&expanded(options.clone()), "topic"),
                    _ => Err("its availability is not understood".to_owned()),
                })
                .collect(),
            Some(_) => Err("its availability is not understood".to_owned()),
            None if self.has("availability_topic") => Ok(vec![one(&self.options, "availability_topic")?]),
            None => Ok(vec![]),
        }
    }
}

fn expanded(options: Map<String, Value>) -> Map<String, Value> {
    let long = |name: String| match ABBREVIATIONS.iter().find(|(short, _)| *short == name) {
        Some((_, long)) => (*long).to_owned(),
        None => name,
    };
    options.into_iter().map(|(name, value)| (long(name), value)).collect()
}

fn template(options: &Map<String, Value>, name: &str) -> Result<Option<Template>, String> {
    let Some(text) = options.get(name).and_then(Value::as_str) else { return Ok(None) };
    match Template::parse(text) {
        Some(template) => Ok(Some(template)),
        None => Err(format!("its {name} is a program; only {{{{ value_json.x }}}} is followed")),
    }
}

fn complete(topic: &str, base: &str) -> Result<String, String> {
    let topic = match (topic.strip_prefix('~'), topic.strip_suffix('~')) {
        (Some(end), _) => format!("{base}{end}"),
        (None, Some(begin)) => format!("{begin}{base}"),
        (None, None) => topic.to_owned(),
    };
    if super::is_plain_topic(&topic) {
        Ok(topic)
    } else {
        Err("one of its topics is empty or has wildcards".to_owned())
    }
}
