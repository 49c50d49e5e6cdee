//! The virtual home's lock: JSON lines over a Unix socket. For demos and tests; speaks to the program `house`.
//!
//! To the home: `{"subscribe":true}`, then `{"do":"unlock"}`, `{"do":"lock"}`, `{"act":"chime"}`. From the home, on
//! every change and at least every 5 s:
//! `{"bolt":"locked","door":"closed","battery_percent":88,"online":true,"smoke":false,"no_button":false}`, or
//! `{"error":"..."}`. A field that is missing says nothing.

use super::finding::shown;
use super::{Backoff, Command, Finding, Gone, LockError, Ordered, Report, Why, Wires, lost};
use crate::clock;
use crate::limits::{VIRTUAL_LINE_BYTES_MAX, VIRTUAL_SILENCE_MS_MAX};
use doorkeeper::sensors::{Bolt, Door};
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use url::Url;

/// Where the virtual home listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualConfig {
    /// Its Unix socket.
    pub socket: PathBuf,
}

impl VirtualConfig {
    pub(super) fn from_url(url: &Url) -> Result<Self, LockError> {
        let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
        if path.is_empty() {
            return Err(LockError::Address("virtual: is followed by the path of a Unix socket".to_owned()));
        }
        Ok(Self { socket: PathBuf::from(path.as_ref()) })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    bolt: Option<String>,
    door: Option<String>,
    battery_percent: Option<u8>,
    online: Option<bool>,
    smoke: Option<bool>,
    no_button: Option<bool>,
    error: Option<String>,
}

/// What has to be remembered of a connection to make sense of the next line.
#[derive(Debug, Default)]
struct Ear {
    online: Option<bool>,
    no_button: bool,
}

impl Ear {
    fn hear(&mut self, line: &str) -> Vec<Report> {
        // An array would count as an object without fields.
        let object = line.trim_start().starts_with('{').then(|| serde_json::from_str::<Line>(line));
        let Some(Ok(line)) = object else {
            return vec![
                Report::Bolt(Bolt::Unknown),
                Report::Door(Door::Unknown),
                Report::Finding(Finding::not_understood("the virtual home", line)),
            ];
        };
        let mut reports = Vec::new();
        if let Some(error) = line.error {
            reports.push(Report::Finding(Finding::Device(shown(&error))));
        }
        if let Some(online) = line.online
            && self.online != Some(online)
        {
            self.online = Some(online);
            if online {
                reports.push(Report::Online(true));
            } else {
                reports.extend(lost());
            }
        }
        if self.online == Some(true) {
            if let Some(word) = line.bolt {
                said(&mut reports, bolt(&word), &word, Report::Bolt);
            }
            if let Some(word) = line.door {
                said(&mut reports, door(&word), &word, Report::Door);
            }
            reports.extend(line.battery_percent.map(|percent| Report::Battery(percent.min(100))));
        }
        reports.extend(line.smoke.map(Report::Smoke));
        if let Some(pressed) = line.no_button {
            if pressed && !self.no_button {
                reports.push(Report::LocalNo);
            }
            self.no_button = pressed;
        }
        reports
    }
}

fn said<T: Default>(reports: &mut Vec<Report>, state: Option<T>, word: &str, report: impl Fn(T) -> Report) {
    if state.is_none() {
        reports.push(Report::Finding(Finding::not_understood("the virtual home", word)));
    }
    reports.push(report(state.unwrap_or_default()));
}

fn bolt(word: &str) -> Option<Bolt> {
    Some(match word {
        "locked" => Bolt::Locked,
        "unlocked" => Bolt::Unlocked,
        "locking" => Bolt::Locking,
        "unlocking" => Bolt::Unlocking,
        "unlatched" => Bolt::Unlatched,
        "jammed" => Bolt::Jammed,
        "unknown" => Bolt::Unknown,
        _ => return None,
    })
}

fn door(word: &str) -> Option<Door> {
    Some(match word {
        "open" => Door::Open,
        "closed" => Door::Closed,
        "tampered" => Door::Tampered,
        "unknown" => Door::Unknown,
        _ => return None,
    })
}

fn words(command: Command) -> &'static str {
    match command {
        Command::Unlock => "{\"do\":\"unlock\"}\n",
        Command::Lock => "{\"do\":\"lock\"}\n",
        Command::Chime => "{\"act\":\"chime\"}\n",
    }
}

/// Runs until nobody listens.
pub(super) async fn run(config: VirtualConfig, mut wires: Wires) {
    let _gone = keep_connected(&config, &mut wires).await;
}

async fn keep_connected(config: &VirtualConfig, wires: &mut Wires) -> Result<(), Gone> {
    let mut backoff = Backoff::new();
    let peer = || config.socket.display().to_string();
    let mut told = None;
    loop {
        let reason = match wires.wait_for(UnixStream::connect(&config.socket)).await? {
            Ok(stream) => {
                (backoff, told) = (Backoff::new(), None);
                talk(stream, wires).await?
            }
            Err(e) => e.to_string(),
        };
        // Said once, not at every attempt.
        if told.as_ref() != Some(&reason) {
            if told.is_none() {
                wires.reports.send_all(lost()).await?;
            }
            let finding = Finding::Disconnected { peer: peer(), reason: reason.clone() };
            wires.reports.send(Report::Finding(finding)).await?;
            told = Some(reason);
        }
        wires.wait(backoff.next()).await?;
    }
}

/// One connection, until it ends; returns why it did.
async fn talk(stream: UnixStream, wires: &mut Wires) -> Result<String, Gone> {
    let (from_home, mut to_home) = stream.into_split();
    if let Err(e) = to_home.write_all(b"{\"subscribe\":true}\n").await {
        return Ok(e.to_string());
    }
    let (mut lines, mut ear) = (Lines::new(from_home), Ear::default());
    loop {
        let silence = tokio::time::sleep(Duration::from_millis(VIRTUAL_SILENCE_MS_MAX));
        tokio::select! {
            line = lines.next() => match line {
                Ok(Some(line)) => wires.reports.send_all(ear.hear(&line)).await?,
                Ok(None) => return Ok("it closed the connection".to_owned()),
                Err(finding) => {
                    wires.reports.send(Report::Finding(finding)).await?;
                    return Ok("its words cannot be read".to_owned());
                }
            },
            ordered = wires.commands.recv() => {
                let ordered = ordered.ok_or(Gone)?;
                if let Err(why) = pass_on(&mut to_home, &ordered, ear.online).await {
                    wires.undone(ordered.command, why).await?;
                    if why == Why::Offline && ear.online == Some(true) {
                        return Ok("it takes no commands".to_owned());
                    }
                }
            }
            () = silence => return Ok("it has fallen silent".to_owned()),
        }
    }
}

async fn pass_on(home: &mut OwnedWriteHalf, ordered: &Ordered, online: Option<bool>) -> Result<(), Why> {
    if ordered.expired() {
        return Err(Why::Expired);
    }
    if online != Some(true) {
        return Err(Why::Offline);
    }
    let left = Duration::from_millis(ordered.deadline.ms_since(clock::now_ms()));
    match tokio::time::timeout(left, home.write_all(words(ordered.command).as_bytes())).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Why::Offline),
    }
}

/// Lines of bounded length. Keeps what it has read when a call is cancelled.
struct Lines {
    reader: BufReader<OwnedReadHalf>,
    begun: Vec<u8>,
}

impl Lines {
    fn new(reader: OwnedReadHalf) -> Self {
        Self { reader: BufReader::new(reader), begun: Vec::new() }
    }

    async fn next(&mut self) -> Result<Option<String>, Finding> {
        let room = (VIRTUAL_LINE_BYTES_MAX + 1).saturating_sub(self.begun.len());
        let mut limited = (&mut self.reader).take(room as u64);
        let read = limited.read_until(b'\n', &mut self.begun).await;
        match read {
            Ok(_) if self.begun.ends_with(b"\n") => {
                let line = std::mem::take(&mut self.begun);
                Ok(Some(String::from_utf8_lossy(&line).into_owned()))
            }
            Ok(_) if self.begun.len() > VIRTUAL_LINE_BYTES_MAX => Err(Finding::LineTooLong),
            Ok(_) | Err(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_believed_before_the_lock_is_online() {
        let mut ear = Ear::default();
        assert_eq!(ear.hear(r#"{"bolt":"locked","door":"closed"}"#), []);
        assert_eq!(
            ear.hear(r#"{"online":true,"bolt":"locked","door":"closed","battery_percent":200}"#),
            [
                Report::Online(true),
                Report::Bolt(Bolt::Locked),
                Report::Door(Door::Closed),
                Report::Battery(100)
            ]
        );
        assert_eq!(ear.hear(r#"{"online":false,"bolt":"locked"}"#), lost());
    }

    #[test]
    fn a_held_no_button_counts_once() {
        let mut ear = Ear::default();
        let held = r#"{"no_button":true}"#;
        assert_eq!(ear.hear(held), [Report::LocalNo]);
        assert_eq!(ear.hear(held), []);
        assert_eq!(ear.hear(r#"{"no_button":false}"#), []);
        assert_eq!(ear.hear(held), [Report::LocalNo]);
    }

    #[test]
    fn words_it_does_not_know_are_unknown() {
        let mut ear = Ear { online: Some(true), no_button: false };
        for garbage in [r#"{"bolt":"Locked"}"#, r#"{"bolt":3}"#, "locked", "{", "[]", "\u{0}"] {
            let reports = ear.hear(garbage);
            assert!(reports.contains(&Report::Bolt(Bolt::Unknown)), "{garbage}: {reports:?}");
            assert!(reports.iter().any(|r| matches!(r, Report::Finding(_))), "{garbage}");
        }
    }
}
