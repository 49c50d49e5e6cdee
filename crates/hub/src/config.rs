//! The home's settings: one struct, one file, nothing unknown accepted.

use serde::{Deserialize, Serialize};

/// `home.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the cloud is, such as `wss://cloud.example`; none for a home that stands alone.
    pub cloud: Option<String>,
    /// The lock: `virtual:<socket>` or `mqtt://user:password@host:port/<profile>?lock=...&door=...`.
    pub lock: String,
    /// The camera at the door: `virtual:<socket>` or `rtsp://user:password@host:port/path`.
    pub camera: String,
    /// Whether the box's own clock may begin alone: true with a battery-backed clock or a time daemon.
    #[serde(default)]
    pub clock_survives_power_loss: bool,
    /// How long residents are asked when someone rings, or comes while someone is home: seconds, 3 to 300.
    #[serde(default = "answer_s", deserialize_with = "bounded_answer_s")]
    pub answer_s: u32,
    /// What the installer proved.
    pub commissioning: Commissioning,
}

const fn answer_s() -> u32 {
    doorkeeper::limits::ANSWER_S
}

fn bounded_answer_s<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<u32, D::Error> {
    let seconds = u32::deserialize(reader)?;
    let range = doorkeeper::limits::ANSWER_S_RANGE;
    let too_far = || serde::de::Error::custom(format!("answer_s is {seconds}; write 3 to 300 seconds"));
    range.contains(&seconds).then_some(seconds).ok_or_else(too_far)
}

/// What the installer proved; see the guide to commissioning. Without all three no grant is honoured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Commissioning {
    /// The door locks again although the hub is dead.
    pub relocks_without_hub: bool,
    /// A thrown bolt opens from inside without a key.
    pub opens_from_inside: bool,
    /// The lock's own blind auto-lock is off.
    pub no_blind_auto_lock: bool,
}

impl Config {
    /// Settings for a new home, not commissioned.
    pub fn new(lock: &str, camera: &str, cloud: Option<&str>) -> Self {
        Self {
            cloud: cloud.map(Into::into),
            lock: lock.into(),
            camera: camera.into(),
            clock_survives_power_loss: false,
            answer_s: answer_s(),
            commissioning: Commissioning::default(),
        }
    }

    /// Reads `home.toml`; the error names the field.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|why| why.to_string())
    }

    /// As it stands in `home.toml`.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).unwrap_or_default()
    }
}

impl From<Commissioning> for doorkeeper::Commissioning {
    fn from(proved: Commissioning) -> Self {
        Self {
            relocks_without_hub: proved.relocks_without_hub,
            opens_from_inside: proved.opens_from_inside,
            no_blind_auto_lock: proved.no_blind_auto_lock,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_or_missing_field_is_named() {
        let unknown =
            Config::from_toml("lock = 'x'\ncamera = 'y'\nlok = 'z'\n[commissioning]\n").unwrap_err();
        assert!(unknown.contains("lok"), "{unknown}");
        let missing = Config::from_toml("camera = 'y'\n").unwrap_err();
        assert!(missing.contains("lock"), "{missing}");
        let with = |answer_s: &str| format!("lock = 'x'\ncamera = 'y'\n{answer_s}\n[commissioning]\n");
        assert_eq!(Config::from_toml(&with("")).map(|config| config.answer_s), Ok(45));
        let far = Config::from_toml(&with("answer_s = 301")).unwrap_err();
        assert!(far.contains("answer_s") && far.contains("300"), "{far}");
    }
}
