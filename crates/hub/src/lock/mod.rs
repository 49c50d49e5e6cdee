//! The bolt and the door contact, as their devices report them. **A driver reports, it never decides.**
//!
//! Owns: speaking to locks, and turning what they say into [`Report`]s. Does not own: when to unlock or relock, how
//! long to wait for a device, and what counts as secured (crate `doorkeeper`).
//!
//! What every driver keeps to, and `crates/hub/tests/lock_conformance.rs` checks:
//! - An accepted command is not a moved bolt: only what the device says afterwards is reported.
//! - A command has a deadline. Expired, or given while the device cannot be reached, it is dropped and reported as
//!   [`Report::Undone`]; it is never kept for later, never retained, never repeated.
//! - Offline or unrecognised is `Unknown`, reported at once; remembered state counts only once the peer is online.
//! - Every statement of a device is reported, also when it repeats itself: "locked" after a command is news.
//! - No payload ends the hub. What is not understood becomes `Unknown` and a [`Finding`].
//!
//! | driver | reports | door contact | relocks alone | maker's cloud can open | how tested |
//! |---|---|---|---|---|---|
//! | `virtual:` | bolt, door, battery, smoke, "No", online | yes | as the virtual home is set | no maker | scripted socket |
//! | `mqtt:` home_assistant | bolt, online; door, smoke, battery, "No" from entities of their own | separate entity | depends on the lock | depends on the lock | mosquitto and a scripted device |
//! | `mqtt:` zigbee2mqtt | bolt, door, battery, last seen, online | some locks; else a separate contact | some, see the lock's settings | no (Zigbee is local) | mosquitto and a scripted device |
//!
//! A new driver is one folder, one arm in [`LockConfig::from_str`] and [`connect`], one row here, and the suite.

mod finding;
pub mod mqtt;
pub mod virtual_lock;

pub use finding::{Finding, Why};

use crate::clock;
use crate::limits::{LOCK_COMMANDS_MAX, RECONNECT_MS_MAX, RECONNECT_MS_MIN};
use doorkeeper::sensors::{Bolt, Door};
use protocol::time::{Monotonic, Timestamp};
use std::str::FromStr;
use std::time::Duration;
use tokio::sync::mpsc;
use url::Url;

/// What a device said, or what became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The bolt's device about the bolt.
    Bolt(Bolt),
    /// The contact's device about the door.
    Door(Door),
    /// The lock's device can be reached, or cannot. On `false`, `Unknown` for bolt and door precede it.
    Online(bool),
    /// Percent left in the lock's battery.
    Battery(u8),
    /// The smoke input.
    Smoke(bool),
    /// Somebody at home pressed "No".
    LocalNo,
    /// The device's own clock when it last spoke; precedes the other reports of that message. For people: it is
    /// not an input to any decision.
    LastSeen(Timestamp),
    /// A command that was not handed to the device, and never will be.
    Undone(Command, Why),
    /// Something to mend.
    Finding(Finding),
}

/// What a lock can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Withdraw the bolt (and the latch, where a door opens only so).
    Unlock,
    /// Throw the bolt.
    Lock,
    /// Sound the chime in the flat.
    Chime,
}

/// Which driver, and how it finds its lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockConfig {
    /// `mqtt://user:pass@host:port/<profile>?lock=...&door=...`, see [`mqtt::MqttConfig`].
    Mqtt(mqtt::MqttConfig),
    /// `virtual:<unix socket>`.
    Virtual(virtual_lock::VirtualConfig),
}

/// Why there is no driver.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LockError {
    /// The setting is not an address.
    #[error("the lock's address is not a URL: {0}")]
    NotAUrl(#[from] url::ParseError),
    /// No such driver.
    #[error("no driver for \"{0}\": there are mqtt and virtual")]
    Driver(String),
    /// No such profile.
    #[error("no MQTT profile \"{0}\": there are home_assistant and zigbee2mqtt")]
    Profile(String),
    /// Something in the address is missing or wrong.
    #[error("the lock's address: {0}")]
    Address(String),
    /// Called outside of a tokio runtime.
    #[error("a lock driver needs a running tokio runtime")]
    NoRuntime,
    /// More commands are waiting than a bolt can take.
    #[error("the lock's driver takes no more commands: {LOCK_COMMANDS_MAX} are waiting")]
    Busy,
    /// The driver ended because nobody took its reports.
    #[error("the lock's driver has ended")]
    Ended,
}

impl FromStr for LockConfig {
    type Err = LockError;

    fn from_str(address: &str) -> Result<Self, LockError> {
        let url = Url::parse(address)?;
        match url.scheme() {
            "mqtt" => mqtt::MqttConfig::from_url(&url).map(Self::Mqtt),
            "virtual" => virtual_lock::VirtualConfig::from_url(&url).map(Self::Virtual),
            other => Err(LockError::Driver(other.to_owned())),
        }
    }
}

/// Starts a driver. It reconnects for as long as the handle lives.
pub fn connect(config: LockConfig, reports: mpsc::Sender<Report>) -> Result<LockHandle, LockError> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|_| LockError::NoRuntime)?;
    let (sender, receiver) = mpsc::channel(LOCK_COMMANDS_MAX);
    let wires = Wires { commands: receiver, reports: Reports(reports) };
    match config {
        LockConfig::Mqtt(config) => runtime.spawn(mqtt::run(config, wires)),
        LockConfig::Virtual(config) => runtime.spawn(virtual_lock::run(config, wires)),
    };
    Ok(LockHandle { commands: sender })
}

/// The one way to command a lock. Dropping it ends the driver.
#[derive(Debug)]
pub struct LockHandle {
    commands: mpsc::Sender<Ordered>,
}

impl LockHandle {
    /// Hands a command to the driver, which drops it if it cannot pass it on before `deadline`.
    pub fn send(&self, command: Command, deadline: Monotonic) -> Result<(), LockError> {
        self.commands.try_send(Ordered { command, deadline }).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => LockError::Busy,
            mpsc::error::TrySendError::Closed(_) => LockError::Ended,
        })
    }
}

/// A command and the moment from which it must not be carried out any more.
#[derive(Debug, Clone, Copy)]
struct Ordered {
    command: Command,
    deadline: Monotonic,
}

impl Ordered {
    fn expired(&self) -> bool {
        clock::now_ms() >= self.deadline
    }
}

/// A driver's side of its handle.
struct Wires {
    commands: mpsc::Receiver<Ordered>,
    reports: Reports,
}

/// Nobody listens any more: the driver ends.
struct Gone;

struct Reports(mpsc::Sender<Report>);

impl Reports {
    async fn send(&self, report: Report) -> Result<(), Gone> {
        self.0.send(report).await.map_err(|_| Gone)
    }

    async fn send_all(&self, reports: impl IntoIterator<Item = Report>) -> Result<(), Gone> {
        for report in reports {
            self.send(report).await?;
        }
        Ok(())
    }
}

impl Wires {
    /// Sits out the time until the next attempt to connect. Commands are dropped, not kept.
    async fn wait(&mut self, pause: Duration) -> Result<(), Gone> {
        let until = tokio::time::Instant::now() + pause;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return Ok(()),
                ordered = self.commands.recv() => self.undone(ordered.ok_or(Gone)?.command, Why::Offline).await?,
            }
        }
    }

    /// Like [`Wires::wait`], until `work` is done.
    async fn wait_for<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Gone> {
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(done),
                ordered = self.commands.recv() => self.undone(ordered.ok_or(Gone)?.command, Why::Offline).await?,
            }
        }
    }

    async fn undone(&self, command: Command, why: Why) -> Result<(), Gone> {
        self.reports.send(Report::Undone(command, why)).await
    }
}

/// Pauses between attempts: short at first, since a door waits.
struct Backoff(u64);

impl Backoff {
    fn new() -> Self {
        Self(RECONNECT_MS_MIN)
    }

    fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(RECONNECT_MS_MAX);
        Duration::from_millis(pause)
    }
}

/// What a driver reports when its peer is lost.
fn lost() -> [Report; 3] {
    [Report::Bolt(Bolt::Unknown), Report::Door(Door::Unknown), Report::Online(false)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str) -> String {
        address.parse::<LockConfig>().unwrap_err().to_string()
    }

    #[test]
    fn addresses_that_mean_nothing_say_so() {
        assert!(refused("front door").contains("not a URL"));
        assert!(refused("zwave://x").contains("no driver for \"zwave\""));
        assert!(refused("virtual:").contains("socket"));
        assert!(refused("mqtt://broker/shelly?lock=a").contains("no MQTT profile \"shelly\""));
        assert!(refused("mqtt://broker/home_assistant").contains("lock="));
        assert!(refused("mqtt:///home_assistant?lock=a").contains("host"));
        assert!(refused("mqtt://b/home_assistant?lock=a&dor=b").contains("\"dor\""));
        assert!(refused("mqtt://b/home_assistant?lock=a/%23").contains("lock="));
    }

    #[test]
    fn a_printed_setting_hides_the_password() {
        let config: LockConfig = "mqtt://hub:s%C3%BC%C3%9F@b:1884/zigbee2mqtt?lock=front".parse().unwrap();
        let printed = format!("{config:?}");
        assert!(
            printed.contains("1884") && !printed.contains("süß") && !printed.contains("s%C3"),
            "{printed}"
        );
    }
}
