//! The broker between hub and lock: who else may speak there. **A broker that lets strangers in is an open door.**
//!
//! Owns: trying as a stranger, on a topic beside the command topic, whether messages come through; looking for an
//! unlock that the broker repeats. The command topic itself is only read.

use super::Finding;
use super::broker::{Line, NoLine};
use super::limits::{BROKER_ANSWER, BROKER_RELAY, BROKER_RETAINED};
use hub::lock::mqtt::{Dialect, MqttConfig};
use serde_json::Value;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// How a lock is told to unlock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) topic: String,
    pub(super) unlock: String,
}

/// What was seen at the broker.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    pub(super) command: Option<Command>,
    /// What the lock's description says about its maker, and the lock's name.
    pub(super) maker: String,
}

/// What became of a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stranger {
    Refused,
    Unreachable,
    /// Let in; whether a message from one stranger reached another.
    LetIn {
        delivered: bool,
    },
}

pub(super) async fn check(config: &MqttConfig) -> Seen {
    let mut seen = Seen { maker: config.lock.clone(), ..Seen::default() };
    let own = Line::open(&config.host, config.port, config.login.as_ref()).await;
    let reachable = !matches!(own, Err(NoLine::Unreachable(_)));
    match own {
        Ok(mut line) => {
            if let Some((command, maker)) = described(config, &mut line).await {
                seen.maker = format!("{} {maker}", config.lock);
                seen.findings.push(retained(config, &command, &mut line).await);
                seen.command = Some(command);
            }
        }
        Err(NoLine::Refused(why)) if config.login.is_some() => seen.findings.push(Finding::mend(
            "broker_refuses_hub",
            format!("The broker refuses the hub's user: {why}"),
            "Correct user and password in `lock` of home.toml, or add them to the broker's password file",
        )),
        Err(_) => {}
    }
    let topic = probe_topic(config, seen.command.as_ref());
    let stranger = stranger(config, &topic).await;
    seen.findings.extend(judge_stranger(stranger, config.login.is_some()));
    if reachable {
        seen.findings.push(encryption(config, listens_outside(config).await));
        seen.findings.push(Finding::look(
            "broker_memory_unseen",
            "Whether the broker keeps messages over a restart cannot be seen from here; old ones would lie about the lock",
            "Set `persistence false` in the settings of the lock's broker",
        ));
    }
    seen
}

/// The lock's command topic, and what it says of its maker.
async fn described(config: &MqttConfig, line: &mut Line) -> Option<(Command, String)> {
    let name = &config.lock;
    match config.dialect {
        Dialect::Zigbee2Mqtt => {
            let base = if name.contains('/') { name.clone() } else { format!("zigbee2mqtt/{name}") };
            let command = Command { topic: format!("{base}/set"), unlock: r#"{"state":"UNLOCK"}"#.into() };
            Some((command, String::new()))
        }
        Dialect::HomeAssistant => {
            let record = name.ends_with("/config").then(|| name.clone());
            let record = record.unwrap_or_else(|| format!("homeassistant/lock/{name}/config"));
            line.subscribe(&record).await;
            let message = line.heard(&record, BROKER_ANSWER).await?;
            read_record(&message.payload)
        }
    }
}

/// Home Assistant's discovery record, its short names and its base topic `~` expanded.
fn read_record(payload: &[u8]) -> Option<(Command, String)> {
    let record: Value = serde_json::from_slice(payload).ok()?;
    let text = |long: &str, short: &str| record.get(long).or_else(|| record.get(short))?.as_str();
    let base = text("~", "~").unwrap_or_default();
    let topic = text("command_topic", "cmd_t")?;
    let topic = match (topic.strip_prefix('~'), topic.strip_suffix('~')) {
        (Some(rest), _) => format!("{base}{rest}"),
        (None, Some(rest)) => format!("{rest}{base}"),
        (None, None) => topic.into(),
    };
    let unlock = text("payload_unlock", "pl_unlk").unwrap_or("UNLOCK").into();
    let device = record.get("device").or_else(|| record.get("dev"));
    let maker = ["manufacturer", "mf", "model", "mdl", "name"]
        .into_iter()
        .filter_map(|field| device?.get(field)?.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    Some((Command { topic, unlock }, maker))
}

/// An unlock that the broker repeats to a lock whenever it comes back opens the door after a power cut.
async fn retained(config: &MqttConfig, command: &Command, line: &mut Line) -> Finding {
    let topic = &command.topic;
    if !line.subscribe(topic).await {
        return Finding::look(
            "broker_commands_unread",
            format!(
                "Whether an unlock is retained on {topic} is not known: the hub's user may not read there"
            ),
            format!("Look once as a user who may: `mosquitto_sub -W 2 -v -t {topic}` must print nothing"),
        );
    }
    let message = line.heard(topic, BROKER_RETAINED).await;
    let clear = format!(
        "`mosquitto_pub -h {} -p {} -t {topic} -r -n`, with user and password",
        config.host, config.port
    );
    match message.filter(|message| message.retain && !message.payload.is_empty()) {
        None => Finding::fine("broker_retains_nothing", "The broker holds no old command for the lock"),
        Some(message) if unlocks(&message.payload, command) => Finding::mend(
            "broker_retains_unlock",
            format!(
                "The broker holds an unlock on {topic}: after every restart of the lock it may open the door"
            ),
            clear,
        ),
        Some(_) => Finding::look(
            "broker_retains_command",
            format!("The broker holds an old command on {topic}"),
            clear,
        ),
    }
}

fn unlocks(payload: &[u8], command: &Command) -> bool {
    let text = String::from_utf8_lossy(payload).to_uppercase();
    payload == command.unlock.as_bytes() || text.contains("UNLOCK") || text.contains("OPEN")
}

/// Beside the command topic, so that rules for the lock's topics are likely to be the same; nothing listens there.
fn probe_topic(config: &MqttConfig, command: Option<&Command>) -> String {
    let topic = command.map_or(config.lock.as_str(), |command| command.topic.as_str());
    let beside = topic.rsplit_once('/').map_or(topic, |(beside, _)| beside);
    format!("{beside}/vestibule_doctor_probe")
}

async fn stranger(config: &MqttConfig, topic: &str) -> Stranger {
    let (host, port) = (&config.host, config.port);
    let (mut speaker, mut listener) =
        match (Line::open(host, port, None).await, Line::open(host, port, None).await) {
            (Ok(speaker), Ok(listener)) => (speaker, listener),
            (Err(NoLine::Refused(_)), _) | (_, Err(NoLine::Refused(_))) => return Stranger::Refused,
            _ => return Stranger::Unreachable,
        };
    let listens = listener.subscribe(topic).await;
    let spoke = speaker.publish(topic, "Somebody without a password wrote this.").await;
    let delivered = listens && spoke && listener.heard(topic, BROKER_RELAY).await.is_some();
    Stranger::LetIn { delivered }
}

fn judge_stranger(stranger: Stranger, has_login: bool) -> Option<Finding> {
    let give = "In the broker's settings set `allow_anonymous false` and a `password_file`; then write the hub's user into home.toml: mqtt://USER:PASSWORD@...";
    let open = |says: &str, code| Some(Finding::mend(code, says, give));
    match (stranger, has_login) {
        (Stranger::Refused, true) => Some(Finding::fine(
            "broker_refuses_strangers",
            "A stranger without a password is refused by the broker",
        )),
        (Stranger::Refused, false) => Some(Finding::mend(
            "broker_wants_password",
            "The broker wants a password, and home.toml names none: the hub cannot speak to the lock",
            "Write the hub's user into home.toml: mqtt://USER:PASSWORD@...",
        )),
        (Stranger::LetIn { delivered: true }, _) => open(
            "Anyone on this network can open this door: a stranger without a password was let in at the broker, and a message beside the lock's commands came through",
            "broker_open_to_strangers",
        ),
        (_, false) => open(
            "Anyone on this network can open this door: give the broker passwords. home.toml names none",
            "broker_without_password",
        ),
        (Stranger::LetIn { delivered: false }, true) => Some(Finding::look(
            "broker_lets_strangers_in",
            "The broker lets strangers in without a password; a message beside the lock's commands did not come through",
            "Set `allow_anonymous false`. `vestibule doctor --dir HOME --really-unlock` tries the door itself",
        )),
        (Stranger::Unreachable, true) => None,
    }
}

/// Another address of this box at which the broker's port answers, if the settings name only the loopback.
async fn listens_outside(config: &MqttConfig) -> Option<SocketAddr> {
    // Sends nothing: choosing a route tells the address that others see.
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let outside = SocketAddr::new(socket.local_addr().ok()?.ip(), config.port);
    let connected = tokio::time::timeout(BROKER_RETAINED, tokio::net::TcpStream::connect(outside)).await;
    matches!(connected, Ok(Ok(_))).then_some(outside)
}

fn encryption(config: &MqttConfig, outside: Option<SocketAddr>) -> Finding {
    let mend =
        "Let the broker listen on 127.0.0.1 of this box only, or lead the way to it through TLS or a tunnel";
    let local = config.host == "localhost" || config.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match (local, outside) {
        (true, None) => {
            Finding::fine("broker_local", "The broker is on this box, and listens to this box alone")
        }
        (true, Some(outside)) => Finding::look(
            "broker_unencrypted",
            format!(
                "The broker also listens at {outside}, unencrypted: passwords can be read on that network"
            ),
            mend,
        ),
        (false, _) => Finding::look(
            "broker_unencrypted",
            "The way to the broker is not encrypted: whoever listens on this network reads the password",
            mend,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub::lock::LockConfig;

    fn config(address: &str) -> MqttConfig {
        match address.parse() {
            Ok(LockConfig::Mqtt(config)) => config,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_record_names_the_command_topic_and_the_maker() {
        let record =
            br#"{"~":"nuki/1A","cmd_t":"~/lockAction","pl_unlk":"1","dev":{"mf":"Nuki","mdl":"4.0"}}"#;
        let (command, maker) = read_record(record).unwrap();
        assert_eq!(command, Command { topic: "nuki/1A/lockAction".into(), unlock: "1".into() });
        assert_eq!(maker, "Nuki 4.0");
        assert_eq!(read_record(br#"{"command_topic":"a/set"}"#).unwrap().0.unlock, "UNLOCK");
        assert_eq!(read_record(b"{}"), None);
        assert_eq!(
            probe_topic(&config("mqtt://b/zigbee2mqtt?lock=a"), Some(&command)),
            "nuki/1A/vestibule_doctor_probe"
        );
    }

    #[test]
    fn an_unlock_is_known_in_every_dialect() {
        let command = Command { topic: "t".into(), unlock: "1".into() };
        for payload in ["1", "UNLOCK", r#"{"state":"unlock"}"#, "OPEN"] {
            assert!(unlocks(payload.as_bytes(), &command), "{payload}");
        }
        assert!(!unlocks(b"LOCK", &command));
    }

    #[test]
    fn a_broker_open_to_strangers_must_be_mended() {
        let code = |stranger, has_login| judge_stranger(stranger, has_login).map(|finding| finding.code);
        let let_in = |delivered| Stranger::LetIn { delivered };
        assert_eq!(code(let_in(true), true), Some("broker_open_to_strangers"));
        assert_eq!(code(let_in(true), false), Some("broker_open_to_strangers"));
        assert_eq!(code(let_in(false), false), Some("broker_without_password"));
        assert_eq!(code(let_in(false), true), Some("broker_lets_strangers_in"));
        assert_eq!(code(Stranger::Refused, true), Some("broker_refuses_strangers"));
        assert_eq!(code(Stranger::Refused, false), Some("broker_wants_password"));
        assert_eq!(code(Stranger::Unreachable, false), Some("broker_without_password"));
        assert_eq!(code(Stranger::Unreachable, true), None);
    }

    #[test]
    fn an_unencrypted_way_through_the_network_is_told() {
        let outside = "10.0.0.7:1883".parse().ok();
        let code = |address: &str, outside| encryption(&config(address), outside).code;
        assert_eq!(code("mqtt://127.0.0.1/zigbee2mqtt?lock=a", None), "broker_local");
        assert_eq!(code("mqtt://localhost/zigbee2mqtt?lock=a", outside), "broker_unencrypted");
        assert_eq!(code("mqtt://10.0.0.7/zigbee2mqtt?lock=a", None), "broker_unencrypted");
    }
}
