//! The way of sealed chunks to the cloud: live and backlog over one connection that exists only while needed.
//! Nothing that happens here disturbs a recording.

use super::outbox::{Outbox, Outgoing, Owed};
use super::spool::{self, Reader, Spool};
use futures::{SinkExt, StreamExt};
use protocol::bytes::{Blob, RecordingId};
use protocol::media::{FromMedia, ToMedia};
use protocol::sign_in::{Role, SignIn};
use protocol::{DeviceKey, Signed, canonical};
use recording::PartId;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};

/// Shortest and longest wait before the cloud is tried again.
const BACKOFF_MS: std::ops::RangeInclusive<u64> = 500..=30_000;
/// How long each step of signing in may take, and a backlog's start waits for the cloud to say where to resume.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a connection with nothing to send is kept: the next visit may follow at once.
const IDLE: Duration = Duration::from_secs(5);
/// So long without a word from the cloud, while it owes a confirmation, means that the connection is dead.
const SILENCE: Duration = Duration::from_secs(15);
/// Messages from the cloud are short.
const FROM_CLOUD_BYTES_MAX: usize = 4_096;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("{0}")]
    Broken(#[from] Box<tungstenite::Error>),
    #[error("the cloud does not answer")]
    NoAnswer,
    #[error("the cloud closed the connection")]
    Closed,
    #[error("the cloud speaks in an unexpected way")]
    Unexpected,
    #[error("the cloud refuses: {0}")]
    Refused(String),
    #[error("the spool cannot be read: {0}")]
    Spool(#[from] std::io::Error),
    #[error("nothing to send")]
    Idle,
}

impl From<tungstenite::Error> for Ended {
    fn from(error: tungstenite::Error) -> Self {
        Self::Broken(Box::new(error))
    }
}

/// What the desk must know.
#[derive(Debug)]
pub(crate) enum Said {
    /// The cloud holds this recording completely.
    Complete(RecordingId),
    /// Nobody watches this look.
    Unwatched(RecordingId),
    /// The connection broke, and with it every look: what was under way is gone.
    Lost,
}

/// Sends whatever is owed or shown, for ever.
pub(crate) async fn run(
    url: String,
    key: DeviceKey,
    outbox: Arc<Outbox>,
    spool: Spool,
    said: mpsc::UnboundedSender<Said>,
) {
    let mut wait_ms = *BACKOFF_MS.start();
    loop {
        while outbox.is_empty() {
            outbox.changed().await;
        }
        let mut connection = Connection {
            outbox: &outbox,
            spool: &spool,
            said: &said,
            sent: Mutex::new(HashMap::new()),
            manifests_sent: Mutex::new(HashSet::new()),
            heard_at: Mutex::new(tokio::time::Instant::now()),
        };
        let began = tokio::time::Instant::now();
        match connection.serve(&url, &key).await {
            Err(Ended::Idle) => wait_ms = *BACKOFF_MS.start(),
            Err(ended) => {
                tracing::warn!(error = %ended, "media uplink ended");
                outbox.forget_shown();
                let _recorder_ended = said.send(Said::Lost);
                if began.elapsed() > Duration::from_mins(1) {
                    wait_ms = *BACKOFF_MS.start();
                }
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                wait_ms = wait_ms.saturating_mul(2).min(*BACKOFF_MS.end());
            }
            Ok(never) => match never {},
        }
    }
}

/// What was sent over one connection.
struct Connection<'a> {
    outbox: &'a Outbox,
    spool: &'a Spool,
    said: &'a mpsc::UnboundedSender<Said>,
    sent: Mutex<HashMap<PartId, Cursor>>,
    manifests_sent: Mutex<HashSet<RecordingId>>,
    heard_at: Mutex<tokio::time::Instant>,
}

/// How far one part was sent.
#[derive(Debug)]
struct Cursor {
    next: u64,
    /// Until then the cloud may say where to resume.
    waits_until: Option<tokio::time::Instant>,
    reader: Option<Reader>,
}

/// What to send next.
enum Next {
    Message(ToMedia),
    /// A chunk that has to be read from disk.
    Read(PartId, u64),
    /// The cloud is to say first where to resume.
    WaitUntil(tokio::time::Instant),
    /// Everything that exists was sent.
    Nothing,
}

impl Connection<'_> {
    async fn serve(&mut self, url: &str, key: &DeviceKey) -> Result<std::convert::Infallible, Ended> {
        // What is read is short; a buffer of the usual size is cleared for every word.
        let config = WebSocketConfig::default()
            .read_buffer_size(FROM_CLOUD_BYTES_MAX)
            .max_message_size(Some(FROM_CLOUD_BYTES_MAX));
        let connecting = tokio_tungstenite::connect_async_with_config(url, Some(config), true);
        let (socket, _) = tokio::time::timeout(ANSWER, connecting).await.map_err(|_| Ended::NoAnswer)??;
        let (mut to, mut from) = socket.split();

        let FromMedia::Nonce { nonce, audience } = receive_soon(&mut from).await? else {
            return Err(Ended::Unexpected);
        };
        let sign_in = Signed::sign(SignIn { audience, nonce, role: Role::Recorder }, key);
        let sign_in = sign_in.map_err(|_| Ended::Unexpected)?;
        to.send(message(&ToMedia::SignIn(Blob(sign_in.bytes().to_vec())))).await?;
        match receive_soon(&mut from).await? {
            FromMedia::Welcome => {}
            FromMedia::Refused(why) => return Err(Ended::Refused(why)),
            FromMedia::Nonce { .. }
            | FromMedia::Stored { .. }
            | FromMedia::Complete(_)
            | FromMedia::Unwatched(_) => {
                return Err(Ended::Unexpected);
            }
        }
        // Both halves live in one task and neither is ever cancelled half-way through a message.
        let listening = async {
            loop {
                self.heard(receive(&mut from).await?)?;
            }
        };
        let sending = async {
            loop {
                match self.next() {
                    Next::Message(out) => to.send(message(&out)).await?,
                    Next::Read(part, sequence) => {
                        let out = self.read(part, sequence).await?;
                        to.send(message(&out)).await?;
                    }
                    Next::WaitUntil(until) => {
                        let _either = tokio::time::timeout_at(until, self.outbox.changed()).await;
                    }
                    Next::Nothing => {
                        let changed = tokio::time::timeout(IDLE, self.outbox.changed()).await;
                        if changed.is_err() && self.outbox.is_empty() {
                            let _closed = to.close().await;
                            return Err(Ended::Idle);
                        }
                    }
                }
            }
        };
        let watching = async {
            loop {
                let heard = *self.heard_at.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::time::sleep(SILENCE).await;
                let is_silent = heard == *self.heard_at.lock().unwrap_or_else(PoisonError::into_inner);
                if is_silent && self.is_owed_an_answer() {
                    return Err(Ended::NoAnswer);
                }
            }
        };
        tokio::select! {
            ended = listening => ended,
            ended = sending => ended,
            ended = watching => ended,
        }
    }

    /// True if something was sent that the cloud has not confirmed.
    fn is_owed_an_answer(&self) -> bool {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let manifests = self.manifests_sent.lock().unwrap_or_else(PoisonError::into_inner);
        self.outbox.look(|owed| {
            owed.iter().any(|owed| {
                manifests.contains(&owed.recording)
                    || owed.parts.iter().any(|part| sent.get(&part.id).is_some_and(|c| c.next > part.stored))
            })
        })
    }

    fn next(&self) -> Next {
        // Somebody looks now.
        if let Some(shown) = self.outbox.next_shown() {
            return Next::Message(shown);
        }
        self.outbox.look(|owed| {
            // What grows is watched live and goes first; a backlog follows.
            let (live, backlog): (Vec<&Owed>, Vec<&Owed>) = owed.iter().partition(|o| o.manifest.is_none());
            let mut later: Option<tokio::time::Instant> = None;
            for owed in live.into_iter().chain(backlog) {
                match self.next_of(owed) {
                    Next::Nothing => {}
                    Next::WaitUntil(until) => later = Some(later.map_or(until, |l| l.min(until))),
                    found @ (Next::Message(_) | Next::Read(..)) => return found,
                }
            }
            later.map_or(Next::Nothing, Next::WaitUntil)
        })
    }

    fn next_of(&self, owed: &Owed) -> Next {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        for part in &owed.parts {
            let Some(cursor) = sent.get_mut(&part.id) else {
                let is_new = part.stored == 0 && part.in_memory(0).is_some();
                let waits_until = (!is_new).then(|| tokio::time::Instant::now() + ANSWER);
                sent.insert(part.id, Cursor { next: part.stored, waits_until, reader: None });
                return Next::Message(ToMedia::Part {
                    recording: owed.recording,
                    visit: owed.visit,
                    part: part.id.number,
                    header: Blob(part.header.clone()),
                });
            };
            if cursor.next >= part.made {
                continue;
            }
            match cursor.waits_until {
                Some(until) if tokio::time::Instant::now() < until => return Next::WaitUntil(until),
                Some(_) | None => cursor.waits_until = None,
            }
            let sequence = cursor.next;
            cursor.next += 1;
            return match part.in_memory(sequence) {
                Some(out) => Next::Message(chunk(part.id, sequence, &out)),
                None => Next::Read(part.id, sequence),
            };
        }
        match &owed.manifest {
            Some(manifest) => {
                let mut manifests = self.manifests_sent.lock().unwrap_or_else(PoisonError::into_inner);
                if manifests.insert(owed.recording) {
                    Next::Message(ToMedia::Manifest {
                        recording: owed.recording,
                        manifest: Blob(manifest.clone()),
                    })
                } else {
                    Next::Nothing
                }
            }
            None => Next::Nothing,
        }
    }

    /// On a thread that may wait for the disk: cameras are heard on this one.
    async fn read(&self, part: PartId, sequence: u64) -> std::io::Result<ToMedia> {
        let sent = || self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = sent().get_mut(&part).and_then(|cursor| cursor.reader.take());
        let spool = self.spool.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let mut reader = match reader.filter(|reader| reader.next_sequence() <= sequence) {
                Some(reader) => reader,
                None => Reader::open(&spool, part)?,
            };
            let bytes = reader.read(sequence)?;
            Ok::<_, std::io::Error>((reader, bytes))
        });
        let (reader, bytes) = reading.await.map_err(std::io::Error::other)??;
        if let Some(cursor) = sent().get_mut(&part) {
            cursor.reader = Some(reader);
        }
        Ok(chunk(part, sequence, &Outgoing { joinable: spool::is_joinable(&bytes), bytes: bytes.into() }))
    }

    fn heard(&self, said: FromMedia) -> Result<(), Ended> {
        *self.heard_at.lock().unwrap_or_else(PoisonError::into_inner) = tokio::time::Instant::now();
        match said {
            FromMedia::Stored { recording, part, next } => {
                let id = PartId { recording, number: part };
                let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(cursor) = sent.get_mut(&id) {
                    // The first word after a part was announced says where to resume; later ones only confirm.
                    if cursor.waits_until.take().is_some() || next > cursor.next {
                        cursor.next = next;
                    }
                }
                drop(sent);
                self.outbox.stored(id, next);
            }
            FromMedia::Complete(recording) => {
                self.outbox.forget(recording);
                let _recorder_ended = self.said.send(Said::Complete(recording));
            }
            FromMedia::Unwatched(look) => {
                let _recorder_ended = self.said.send(Said::Unwatched(look));
            }
            FromMedia::Refused(why) => return Err(Ended::Refused(why)),
            FromMedia::Nonce { .. } | FromMedia::Welcome => return Err(Ended::Unexpected),
        }
        Ok(())
    }
}

fn chunk(part: PartId, sequence: u64, out: &Outgoing) -> ToMedia {
    ToMedia::Chunk {
        recording: part.recording,
        part: part.number,
        sequence,
        joinable: out.joinable,
        chunk: Blob(out.bytes.to_vec()),
    }
}

fn message(out: &ToMedia) -> Message {
    Message::Binary(canonical::encode(out).into())
}

async fn receive_soon<S>(from: &mut S) -> Result<FromMedia, Ended>
where
    S: futures::Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    tokio::time::timeout(ANSWER, receive(from)).await.map_err(|_| Ended::NoAnswer)?
}

async fn receive<S>(from: &mut S) -> Result<FromMedia, Ended>
where
    S: futures::Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
{
    loop {
        match from.next().await.ok_or(Ended::Closed)?? {
            Message::Binary(bytes) => {
                return canonical::decode(&bytes, FROM_CLOUD_BYTES_MAX).map_err(|_| Ended::Unexpected);
            }
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => return Err(Ended::Closed),
            Message::Text(_) | Message::Frame(_) => return Err(Ended::Unexpected),
        }
    }
}
