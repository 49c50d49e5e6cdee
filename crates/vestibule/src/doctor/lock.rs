//! The lock: is it there, does it say how bolt and door stand? Asked through the hub's own driver.

use super::broker::{Line, NoLine};
use super::limits::{BATTERY_PERCENT_MIN, BOLT_MOVES, LOCK_SETTLE, LOCK_WATCH};
use super::lock_broker::{self, Command};
use super::{Finding, maker};
use doorkeeper::sensors::{Bolt, Door};
use hub::config::Config;
use hub::limits::LOCK_REPORTS;
use hub::lock::mqtt::MqttConfig;
use hub::lock::{self, LockConfig, Report};
use std::time::Duration;
use tokio::sync::mpsc;

pub(super) async fn check(config: Config, really_unlock: bool) -> Vec<Finding> {
    let address: LockConfig = match config.lock.parse() {
        Ok(address) => address,
        Err(why) => {
            let mend = "Correct `lock` in home.toml; `vestibule hub init --help` shows how one looks";
            return vec![Finding::mend("lock_address_refused", format!("{why}"), mend)];
        }
    };
    let (sender, mut reports) = mpsc::channel(LOCK_REPORTS);
    // Commands nothing; but dropping it would end the driver.
    let driver = match lock::connect(address.clone(), sender) {
        Ok(driver) => driver,
        Err(why) => return vec![Finding::mend("lock_unreachable", why.to_string(), "Report it")],
    };
    let mut heard = Heard::default();
    let mut findings = match &address {
        LockConfig::Virtual(_) => {
            heard.watch(&mut reports).await;
            judge(&heard, &address)
        }
        LockConfig::Mqtt(mqtt) => {
            let ((), broker) = tokio::join!(heard.watch(&mut reports), lock_broker::check(mqtt));
            let mut findings = judge(&heard, &address);
            findings.extend(broker.findings);
            findings.extend(maker::cloud(&broker.maker));
            if really_unlock {
                findings.push(unlock_as_a_stranger(mqtt, broker.command, &mut heard, &mut reports).await);
            }
            findings
        }
    };
    drop(driver);
    findings.extend(maker::auto_lock(config.commissioning.no_blind_auto_lock));
    findings
}

/// What the lock said.
#[derive(Debug, Default)]
struct Heard {
    online: bool,
    bolt: Bolt,
    door: Door,
    battery: Option<u8>,
    smoke: bool,
    findings: Vec<lock::Finding>,
}

impl Heard {
    fn take(&mut self, report: Report) {
        match report {
            Report::Bolt(bolt) => self.bolt = bolt,
            Report::Door(door) => self.door = door,
            Report::Online(online) => self.online = online,
            Report::Battery(percent) => self.battery = Some(percent),
            Report::Smoke(smoke) => self.smoke = smoke,
            Report::Finding(finding) if !self.findings.contains(&finding) => self.findings.push(finding),
            Report::Finding(_) | Report::LocalNo | Report::LastSeen(_) | Report::Undone(..) => {}
        }
    }

    fn complete(&self) -> bool {
        self.online && self.bolt != Bolt::Unknown && self.door != Door::Unknown
    }

    async fn watch(&mut self, reports: &mut mpsc::Receiver<Report>) {
        self.until(reports, LOCK_WATCH, Self::complete).await;
        self.until(reports, LOCK_SETTLE, |_| false).await;
    }

    async fn until(
        &mut self,
        reports: &mut mpsc::Receiver<Report>,
        limit: Duration,
        is: impl Fn(&Self) -> bool,
    ) {
        let listen = async {
            while !is(self) {
                match reports.recv().await {
                    Some(report) => self.take(report),
                    None => return,
                }
            }
        };
        // In time or not: what was heard is judged.
        let _timed_out = tokio::time::timeout(limit, listen).await;
    }
}

fn judge(heard: &Heard, address: &LockConfig) -> Vec<Finding> {
    let mut findings = Vec::new();
    if heard.online {
        findings.push(bolt(heard.bolt));
        findings.push(door(heard.door, address));
    } else {
        findings.push(absent(heard, address));
    }
    if let Some(percent) = heard.battery {
        findings.push(if percent < BATTERY_PERCENT_MIN {
            let says = format!("The lock's battery has {percent} percent left");
            Finding::look(
                "lock_battery_low",
                says,
                "Change it before the next visit; the mechanical key always works",
            )
        } else {
            Finding::fine("lock_battery_fine", format!("The lock's battery has {percent} percent left"))
        });
    }
    if heard.smoke {
        let mend =
            "Look after the fire. If there is none, test the detector: while it says so nobody is let in";
        findings.push(Finding::mend("smoke", "The smoke input says that there is smoke", mend));
    }
    findings.extend(heard.findings.iter().filter_map(said));
    findings
}

fn absent(heard: &Heard, address: &LockConfig) -> Finding {
    let lost = heard.findings.iter().find(|finding| matches!(finding, lock::Finding::Disconnected { .. }));
    let mend = match address {
        LockConfig::Virtual(_) => {
            "Start the virtual home: `vestibule house --dir HOUSE`, with its socket in home.toml"
        }
        LockConfig::Mqtt(_) => {
            "See that broker, bridge and lock have power, and that `lock` in home.toml names them"
        }
    };
    match lost {
        Some(why) => Finding::mend("lock_unreachable", why.to_string(), mend),
        None => {
            Finding::mend("lock_offline", "There is a connection, but the lock itself is not there", mend)
        }
    }
}

fn bolt(bolt: Bolt) -> Finding {
    match bolt {
        Bolt::Locked => Finding::fine("lock_fine", "The lock is online, the bolt is locked"),
        Bolt::Jammed => Finding::mend(
            "bolt_jammed",
            "The lock says that its bolt is jammed",
            "Move it by hand with the key; see whether the door sits right in its frame",
        ),
        Bolt::Unknown => Finding::mend(
            "bolt_unknown",
            "The lock is online, but does not say how its bolt stands",
            "Calibrate the lock in its maker's app, and work it once by hand",
        ),
        Bolt::Unlocked | Bolt::Locking | Bolt::Unlocking | Bolt::Unlatched => Finding::look(
            "bolt_not_locked",
            format!("The lock is online, the bolt is {}", format!("{bolt:?}").to_lowercase()),
            "If nobody is at the door, lock it",
        ),
    }
}

fn door(door: Door, address: &LockConfig) -> Finding {
    let named = match address {
        LockConfig::Mqtt(mqtt) => mqtt.door.is_some(),
        LockConfig::Virtual(_) => true,
    };
    match door {
        Door::Closed => Finding::fine("door_sensor_fine", "The door contact says that the door is closed"),
        Door::Open => {
            Finding::look("door_open", "The door contact says that the door is open", "If so, close it")
        }
        Door::Tampered => Finding::mend(
            "door_sensor_tampered",
            "The door contact says that someone meddles with it",
            "Look at the contact and its magnet",
        ),
        Door::Unknown if named => Finding::mend(
            "door_sensor_silent",
            "The door contact says nothing: whether the door is closed is not known, and nobody is let in",
            "See its battery and its name in home.toml; open and close the door once, so that it speaks",
        ),
        Door::Unknown => Finding::mend(
            "door_sensor_missing",
            "No door contact says whether the door is closed: nobody is let in unattended",
            "Put a contact on the door and name it in home.toml: ...&door=NAME",
        ),
    }
}

fn said(finding: &lock::Finding) -> Option<Finding> {
    let text = finding.to_string();
    match finding {
        lock::Finding::Disconnected { .. } => None,
        lock::Finding::RetainedCommands { .. } => {
            let (says, mend) = text.split_once(". ").unwrap_or((&text, "Take \"retain\" out of it"));
            Some(Finding::mend("lock_retains_commands", says, mend))
        }
        lock::Finding::Refused { .. } => {
            let mend = "Correct the description at the device or bridge that publishes it";
            Some(Finding::mend("lock_description_refused", text, mend))
        }
        _ => Some(Finding::look("lock_says", text, "See the settings of the device or its bridge")),
    }
}

/// For real: an unlock without a password. Only with `--really-unlock`.
async fn unlock_as_a_stranger(
    mqtt: &MqttConfig,
    command: Option<Command>,
    heard: &mut Heard,
    reports: &mut mpsc::Receiver<Report>,
) -> Finding {
    let untried =
        |says: &str| Finding::look("unlock_untried", says, "Mend what is said above, and try again");
    let Some(command) = command else {
        return untried("No unlock was tried: the lock's command topic is not known");
    };
    if !heard.online || heard.bolt != Bolt::Locked {
        return untried("No unlock was tried: the bolt is not locked now");
    }
    let mut line = match Line::open(&mqtt.host, mqtt.port, None).await {
        Ok(line) => line,
        Err(NoLine::Refused(_)) => {
            return Finding::fine(
                "unlock_refused",
                "A stranger's unlock did not reach the broker: it wants a password",
            );
        }
        Err(NoLine::Unreachable(why)) => return untried(&format!("No unlock was tried: {why}")),
    };
    line.publish(&command.topic, &command.unlock).await;
    let moved = |heard: &Heard| matches!(heard.bolt, Bolt::Unlocking | Bolt::Unlocked | Bolt::Unlatched);
    heard.until(reports, BOLT_MOVES, moved).await;
    if moved(heard) {
        return Finding::mend(
            "unlock_opened",
            "A stranger's unlock, sent without a password, moved the bolt: the door is open now",
            "Lock the door. Then set `allow_anonymous false` and a `password_file` in the broker's settings, and restart it",
        );
    }
    Finding::fine(
        "unlock_without_effect",
        "A stranger's unlock was sent without a password, and the bolt did not move",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(heard: &Heard, address: &str) -> Vec<&'static str> {
        judge(heard, &address.parse().unwrap()).iter().map(|finding| finding.code).collect()
    }

    fn well() -> Heard {
        Heard { online: true, bolt: Bolt::Locked, door: Door::Closed, ..Heard::default() }
    }

    #[test]
    fn a_lock_that_says_everything_is_fine() {
        assert_eq!(codes(&well(), "virtual:/run/house"), ["lock_fine", "door_sensor_fine"]);
    }

    #[test]
    fn a_door_without_a_contact_must_be_mended() {
        let heard = Heard { door: Door::Unknown, ..well() };
        assert_eq!(codes(&heard, "mqtt://b/home_assistant?lock=a")[1], "door_sensor_missing");
        assert_eq!(codes(&heard, "mqtt://b/home_assistant?lock=a&door=d")[1], "door_sensor_silent");
    }

    #[test]
    fn what_a_lock_says_is_judged() {
        let mut heard = Heard { bolt: Bolt::Jammed, battery: Some(9), smoke: true, ..well() };
        let retained = lock::Finding::RetainedCommands { topic: "t".into() };
        heard.take(Report::Finding(retained.clone()));
        heard.take(Report::Finding(retained));
        let expected =
            ["bolt_jammed", "door_sensor_fine", "lock_battery_low", "smoke", "lock_retains_commands"];
        assert_eq!(codes(&heard, "virtual:/run/house"), expected);
    }

    #[tokio::test]
    async fn a_virtual_home_that_does_not_run_is_unreachable() {
        let dir = tempfile::tempdir().unwrap();
        let address = format!("virtual:{}", dir.path().join("house.sock").display());
        let (sender, mut reports) = mpsc::channel(8);
        let _driver = lock::connect(address.parse().unwrap(), sender).unwrap();
        let mut heard = Heard::default();
        heard.until(&mut reports, Duration::from_secs(2), |heard| !heard.findings.is_empty()).await;
        assert_eq!(codes(&heard, &address), ["lock_unreachable"]);
    }

    #[tokio::test]
    async fn an_address_that_means_nothing_is_refused() {
        let config = Config::new("zwave://x", "virtual:/c", None);
        assert_eq!(check(config, false).await[0].code, "lock_address_refused");
    }
}
