//! The buttons at the hub: a Unix-domain socket in the home's folder, for whoever is in the flat.
//!
//! Owns what can be done at the hub without a signature, because being there is the proof: presence, "No",
//! confirming a grant. None of it opens the door. One JSON line each way; the socket's mode is 0600.
//!
//! Requests: `{"ask":"status"}` `{"ask":"presence"}` `{"ask":"no"}` `{"ask":"confirm","grant":"<64 hex>"}` `{"ask":"log"}`

use crate::folder::hex;
use protocol::bytes::Hash;
use protocol::canonical;
use protocol::uplink::LogEntry;
use serde::{Deserialize, Serialize};
use std::path::Path;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

/// Bytes of one request line at most.
const LINE_BYTES_MAX: u64 = 1_024;

/// What can be asked at the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    Status,
    Presence,
    No,
    Confirm(Hash),
    Log,
}

/// A request and where its answer goes.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) request: Request,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// How the home stands.
#[allow(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The bolt's newest report.
    pub bolt: String,
    /// The door's newest report.
    pub door: String,
    /// Both agree that nobody can come in.
    pub secured: bool,
    /// Visits that are open.
    pub visits: usize,
    /// Signed in at the cloud.
    pub uplink: bool,
    /// The cloud holds more of the door's log than this hub: the folder was put back from a backup. Nobody is let in.
    #[serde(default)]
    pub set_back: bool,
    /// The time is known well enough for windows.
    pub clock: bool,
    /// Counter of the newest door event.
    pub events: u64,
    /// Grants that wait for a confirmation, H(grant) in hexadecimal.
    pub grants_pending: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum Reply {
    Status(Status),
    Done,
    Log(Vec<LogEntry>),
}

#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    Status,
    Presence,
    No,
    Confirm { grant: String },
    Log,
}

/// Opens the socket and serves it for as long as the returned receiver lives.
pub(crate) fn serve(path: &Path) -> std::io::Result<mpsc::Receiver<Ask>> {
    // A socket that a killed hub left behind; the journal's lock has already shown that no other hub runs.
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let (asks, receiver) = mpsc::channel(8);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, asks.clone()));
        }
    });
    Ok(receiver)
}

async fn converse(stream: UnixStream, asks: mpsc::Sender<Ask>) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = String::new();
        match (&mut reader).take(LINE_BYTES_MAX).read_line(&mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let mut answer = answer(&line, &asks).await.to_string();
        answer.push('\n');
        if writer.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn answer(line: &str, asks: &mpsc::Sender<Ask>) -> serde_json::Value {
    let wrong = |sentence: &str| serde_json::json!({ "error": sentence });
    let request = match serde_json::from_str::<Line>(line) {
        Err(why) => return wrong(&format!("{why}. Ask for status, presence, no, confirm or log")),
        Ok(Line::Status) => Request::Status,
        Ok(Line::Presence) => Request::Presence,
        Ok(Line::No) => Request::No,
        Ok(Line::Log) => Request::Log,
        Ok(Line::Confirm { grant }) => match Hash::from_hex(&grant) {
            Some(hash) => Request::Confirm(hash),
            None => return wrong("`grant` is not 64 hexadecimal digits"),
        },
    };
    let (reply, answered) = oneshot::channel();
    if asks.send(Ask { request, reply }).await.is_err() {
        return wrong("the hub is stopping");
    }
    match answered.await {
        Err(_) => wrong("the hub is stopping"),
        Ok(Reply::Done) => serde_json::json!({ "done": true }),
        Ok(Reply::Status(status)) => serde_json::json!({ "status": status }),
        Ok(Reply::Log(entries)) => {
            let entries: Vec<String> = entries.iter().map(|entry| hex(&canonical::encode(entry))).collect();
            serde_json::json!({ "log": entries })
        }
    }
}

/// Says so when the hub is asked to stop: SIGTERM or SIGINT.
pub fn stop_signals() -> std::io::Result<mpsc::Receiver<()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stop, stopped) = mpsc::channel(1);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        // Nobody listens: the hub has stopped already.
        let _stopped = stop.send(()).await;
    });
    Ok(stopped)
}
