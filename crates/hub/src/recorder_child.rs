//! The hub's side of its recorder: starts the process, passes orders on, hears news, starts it again.
//!
//! The recorder is a process of its own, so that a crashing camera driver takes neither the hub nor the door
//! along. When it dies the hub says so, goes on, and starts another, which goes on with open recordings.

use crate::limits::{RECORDER_QUEUE, RECORDER_RETRY_MS};
use crate::recorder::wire::{self, FromRecorder, Signal, ToRecorder};
use doorkeeper::RecorderOrder;
use protocol::bytes::{Blob, Hash, RecordingId};
use protocol::roster::Roster;
use recording::Recipient;
use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// What the recorder says, as far as the event loop cares.
#[derive(Debug)]
pub(crate) enum RecorderMessage {
    Proof(Blob),
    Witnessed(Hash),
    Frozen(bool),
    /// For the hub's own log.
    Note(String),
}

/// How the recorder is started: a program and its arguments.
#[derive(Debug, Clone)]
pub struct RecorderProgram {
    /// The program, usually this one.
    pub program: OsString,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// The recorder as a handle.
pub(crate) struct RecorderChild {
    orders: mpsc::Sender<ToRecorder>,
    news: mpsc::Receiver<RecorderMessage>,
    /// Started and not stopped: a new process must be told again.
    open: Vec<ToRecorder>,
    restarted: mpsc::Receiver<()>,
}

impl RecorderChild {
    /// Starts the recorder and keeps one running.
    pub(crate) fn start(program: RecorderProgram) -> Self {
        let (orders, order_queue) = mpsc::channel(RECORDER_QUEUE);
        let (news_out, news) = mpsc::channel(RECORDER_QUEUE);
        let (restarts, restarted) = mpsc::channel(1);
        tokio::spawn(keep_running(program, order_queue, news_out, restarts));
        Self { orders, news, open: Vec::new(), restarted }
    }

    /// The next news. Never ends: without a recorder there simply are none.
    pub(crate) async fn next(&mut self) -> RecorderMessage {
        loop {
            tokio::select! {
                message = self.news.recv() => match message {
                    Some(message) => return message,
                    None => std::future::pending().await,
                },
                Some(()) = self.restarted.recv() => {
                    for start in self.open.clone() {
                        self.send(start);
                    }
                }
            }
        }
    }

    /// Passes an order on. A recorder that does not take it gives no proof, and the door stays shut.
    pub(crate) fn order(&mut self, order: &RecorderOrder, roster: &Roster) {
        let message = match *order {
            RecorderOrder::Look { stream, camera, to, ref kem, seconds } => ToRecorder::Look {
                stream,
                camera,
                recipient: Recipient { kid: to, kem: kem.clone() },
                ms: u64::from(seconds) * 1_000,
            },
            RecorderOrder::LookOver(stream) => ToRecorder::LookOver(stream),
            RecorderOrder::Start { recording, visit, grant } => {
                let start = ToRecorder::Start { recording, visit, grant, recipients: recipients(roster) };
                self.forget(recording);
                self.open.push(start.clone());
                start
            }
            RecorderOrder::Prove { answers, grant, .. } => ToRecorder::Prove { answers, grant },
            RecorderOrder::Witness { intent, .. } => ToRecorder::Intent(intent),
            RecorderOrder::Stop(recording) => {
                self.forget(recording);
                ToRecorder::Stop(recording)
            }
        };
        self.send(message);
    }

    fn forget(&mut self, recording: RecordingId) {
        self.open.retain(|start| !matches!(start, ToRecorder::Start { recording: r, .. } if *r == recording));
    }

    fn send(&self, message: ToRecorder) {
        if self.orders.try_send(message).is_err() {
            tracing::warn!("the recorder takes no orders just now");
        }
    }
}

/// Everyone in the roster with a key for recordings, the recovery key included.
fn recipients(roster: &Roster) -> Vec<Recipient> {
    let wrapped_to = |resident: &protocol::roster::Resident| {
        let kem = resident.kem.as_ref()?;
        Some(Recipient { kid: resident.credential.kid(), kem: kem.clone() })
    };
    roster.residents.iter().filter_map(wrapped_to).collect()
}

async fn keep_running(
    program: RecorderProgram,
    mut orders: mpsc::Receiver<ToRecorder>,
    news: mpsc::Sender<RecorderMessage>,
    restarts: mpsc::Sender<()>,
) {
    loop {
        let why = match spawn(&program) {
            Ok(child) => {
                // Before the first order there is nothing to repeat; the receiver ignores it then.
                let _first_start = restarts.try_send(());
                match converse(child, &mut orders, &news).await {
                    Some(why) => why,
                    None => return,
                }
            }
            Err(why) => format!("{} cannot be started: {why}", program.program.display()),
        };
        if news.send(RecorderMessage::Note(why)).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(RECORDER_RETRY_MS)).await;
    }
}

fn spawn(program: &RecorderProgram) -> std::io::Result<Child> {
    // Not killed with the hub: it finishes what it records, and the next hub's recorder takes over.
    Command::new(&program.program)
        .args(&program.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Until the recorder ends (says why) or the hub does (`None`).
async fn converse(
    mut child: Child,
    orders: &mut mpsc::Receiver<ToRecorder>,
    news: &mpsc::Sender<RecorderMessage>,
) -> Option<String> {
    let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Some("the recorder has no pipes".into());
    };
    let mut reading = tokio::spawn({
        let news = news.clone();
        async move {
            while let Ok(Some(message)) = wire::read::<FromRecorder>(&mut stdout).await {
                if let Some(message) = for_the_loop(message)
                    && news.send(message).await.is_err()
                {
                    return;
                }
            }
        }
    });
    loop {
        tokio::select! {
            _ = &mut reading => break,
            order = orders.recv() => match order {
                Some(order) if wire::write(&mut stdin, &order).await.is_ok() => {}
                Some(_) => break,
                None => return None,
            },
        }
    }
    reading.abort();
    let ended = child.wait().await.map_or_else(|why| why.to_string(), |status| status.to_string());
    Some(format!("the recorder ended ({ended}); another is started"))
}

fn for_the_loop(message: FromRecorder) -> Option<RecorderMessage> {
    match message {
        FromRecorder::Proof(bytes) => Some(RecorderMessage::Proof(bytes)),
        FromRecorder::Acknowledged(hash) => Some(RecorderMessage::Witnessed(hash)),
        FromRecorder::CameraAlarm(Signal::PictureFrozen) => Some(RecorderMessage::Frozen(true)),
        FromRecorder::CameraBack(Signal::PictureFrozen) => Some(RecorderMessage::Frozen(false)),
        FromRecorder::CameraAlarm(signal) => Some(RecorderMessage::Note(format!("camera: {signal:?}"))),
        FromRecorder::CameraBack(signal) => {
            Some(RecorderMessage::Note(format!("camera: {signal:?} is over")))
        }
        FromRecorder::Finding { code, sentence } => {
            Some(RecorderMessage::Note(format!("{code}: {sentence}")))
        }
        FromRecorder::Failed(sentence) => Some(RecorderMessage::Note(sentence)),
        FromRecorder::Ready { .. }
        | FromRecorder::Status { .. }
        | FromRecorder::Closed { .. }
        | FromRecorder::Erased(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::bytes::{Blob, DoorId, Hash, HomeId};
    use protocol::roster::{Rank, Resident};
    use protocol::{DeviceKey, Signer as _};

    #[test]
    fn whoever_has_a_key_for_recordings_watches_whatever_their_rank() {
        let key = |seed: u8| DeviceKey::from_secret(&[seed; 32]).unwrap();
        let resident = |seed, role, kem: Option<u8>| Resident {
            credential: key(seed).credential(),
            role,
            since: 1,
            name: "key".into(),
            kem: kem.map(|byte| Blob(vec![byte; 65])),
        };
        let roster = Roster {
            home: HomeId([1; 16]),
            door: DoorId([1; 16]),
            epoch: 1,
            prev: Hash::ZERO,
            door_key: key(1).public(),
            recorder_keys: vec![],
            residents: vec![
                resident(2, Rank::Owner, Some(2)),
                resident(3, Rank::Owner, None),
                resident(4, Rank::Member, Some(4)),
                resident(5, Rank::Companion, Some(5)),
                resident(6, Rank::Recovery, Some(6)),
            ],
            quorum: 1,
            grants_from: 0,
        };
        let wrapped_to: Vec<_> = recipients(&roster).into_iter().map(|r| (r.kid, r.kem.0[0])).collect();
        assert_eq!(wrapped_to, [2, 4, 5, 6].map(|seed| (key(seed).kid(), seed)));
    }
}
