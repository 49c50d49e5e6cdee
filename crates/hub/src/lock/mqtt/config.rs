//! Which broker, which profile, which devices: `mqtt://user:pass@host:port/<profile>?lock=...&door=...`.

use super::home_assistant::Entity;
use super::is_plain_topic;
use super::profile::{Profile, Role};
use super::zigbee2mqtt::Device;
use crate::lock::LockError;
use std::fmt;
use url::Url;

/// The port that brokers listen on without TLS.
const PORT: u16 = 1883;

/// A dialect of MQTT devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Home Assistant's discovery records.
    HomeAssistant,
    /// Zigbee2MQTT's device topics.
    Zigbee2Mqtt,
}

/// Where to find a lock on a broker. Names are object ids or topics, as the profile says.
#[derive(Clone, PartialEq, Eq)]
pub struct MqttConfig {
    /// The broker.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User and password.
    pub login: Option<(String, String)>,
    /// How the devices speak.
    pub dialect: Dialect,
    /// `lock=`: the bolt.
    pub lock: String,
    /// `door=`: the contact, if it is a device of its own.
    pub door: Option<String>,
    /// `smoke=`: a smoke detector.
    pub smoke: Option<String>,
    /// `no=`: the button with which somebody at home says no.
    pub no: Option<String>,
    /// `battery=`: the lock's battery, if it is an entity of its own.
    pub battery: Option<String>,
}

impl fmt::Debug for MqttConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MqttConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.login.as_ref().map(|(user, _)| user))
            .field("dialect", &self.dialect)
            .field("lock", &self.lock)
            .field("door", &self.door)
            .finish_non_exhaustive()
    }
}

impl MqttConfig {
    pub(in crate::lock) fn from_url(url: &Url) -> Result<Self, LockError> {
        let address = |sentence: &str| LockError::Address(sentence.to_owned());
        let dialect = match url.path().trim_matches('/') {
            "home_assistant" => Dialect::HomeAssistant,
            "zigbee2mqtt" => Dialect::Zigbee2Mqtt,
            other => return Err(LockError::Profile(other.to_owned())),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| address("the broker's host is missing"))?;
        let decoded =
            |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = (!url.username().is_empty())
            .then(|| (decoded(url.username()), decoded(url.password().unwrap_or_default())));
        let mut config = Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(PORT),
            login,
            dialect,
            lock: String::new(),
            door: None,
            smoke: None,
            no: None,
            battery: None,
        };
        for (name, value) in url.query_pairs() {
            let value = value.into_owned();
            if !is_plain_topic(&value) {
                return Err(LockError::Address(format!("{name}= names one device, without wildcards")));
            }
            match name.as_ref() {
                "lock" => config.lock = value,
                "door" => config.door = Some(value),
                "smoke" => config.smoke = Some(value),
                "no" => config.no = Some(value),
                "battery" => config.battery = Some(value),
                other => return Err(LockError::Address(format!("\"{other}\" means nothing here"))),
            }
        }
        if config.lock.is_empty() { Err(address("lock= is missing")) } else { Ok(config) }
    }

    /// The bolt first, then the others.
    pub(super) fn devices(&self) -> Vec<Box<dyn Profile>> {
        let bolt = Role::Lock { door_too: self.door.is_none() };
        let others = [
            (Role::Door, &self.door),
            (Role::Smoke, &self.smoke),
            (Role::LocalNo, &self.no),
            (Role::Battery, &self.battery),
        ];
        let others = others.into_iter().filter_map(|(role, name)| Some((role, name.as_deref()?)));
        std::iter::once((bolt, self.lock.as_str()))
            .chain(others)
            .map(|(role, name)| self.device(role, name))
            .collect()
    }

    fn device(&self, role: Role, name: &str) -> Box<dyn Profile> {
        match self.dialect {
            Dialect::HomeAssistant => Box::new(Entity::new(role, name)),
            Dialect::Zigbee2Mqtt => Box::new(Device::new(role, name)),
        }
    }
}
