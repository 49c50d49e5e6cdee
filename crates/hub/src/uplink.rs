//! The home's one connection out: signed hello, door log upwards, papers and visitors downwards.
//!
//! Owns the WebSocket, reconnecting, beats, and the resuming of the log from what the cloud has stored. Decides
//! nothing: whatever comes down goes to the event loop unchanged, unless it is stale.
//!
//! When the connection breaks at any point: door events wait on disk and in memory and are sent again from the
//! last stored counter; words for visitors are dropped, because they would be stale; the door needs none of it.

mod line;

pub use line::{Line, Taken};

use crate::clock::now_ms;
use crate::limits::{
    UPLINK_BEAT_MS, UPLINK_CONNECT_MS, UPLINK_PING_BEATS, UPLINK_QUEUE, UPLINK_RETRY_MS_MAX,
    UPLINK_RETRY_MS_MIN, UPLINK_SILENCE_MS,
};
use futures::{SinkExt, StreamExt};
use protocol::bytes::Blob;
use protocol::door_event::{Class, DoorEvent};
use protocol::limits::UPLINK_BYTES_MAX;
use protocol::sign_in::{Role, SignIn};
use protocol::uplink::{DetailOpening, Downlink, LogEntry, ToCloud, ToHome};
use protocol::{Claimed, DeviceKey, Signed, canonical};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The durable door log, shared between the event loop, which appends, and the uplink, which sends.
#[derive(Debug, Clone, Default)]
pub struct DurableLog {
    entries: Arc<Mutex<Vec<LogEntry>>>,
    grown: Arc<Notify>,
}

impl DurableLog {
    /// With what the journal held at the start.
    pub fn new(entries: Vec<LogEntry>) -> Self {
        Self { entries: Arc::new(Mutex::new(entries)), grown: Arc::default() }
    }

    /// Adds events that were synced.
    pub fn extend(&self, entries: impl IntoIterator<Item = LogEntry>) {
        self.lock().extend(entries);
        self.grown.notify_one();
    }

    /// Up to `count` entries after the event with this counter, without what the cloud must not read.
    fn after(&self, counter: u64, count: usize) -> Vec<LogEntry> {
        let start = usize::try_from(counter).unwrap_or(usize::MAX);
        self.lock().iter().skip(start).take(count).map(for_the_cloud).collect()
    }

    /// Entries after the event with this counter, with all that residents may read.
    pub fn since(&self, counter: u64) -> Vec<LogEntry> {
        self.lock().iter().skip(usize::try_from(counter).unwrap_or(usize::MAX)).cloned().collect()
    }

    /// True before the first event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        u64::try_from(self.lock().len()).unwrap_or(u64::MAX)
    }

    /// Every entry, for residents at the hub.
    pub fn all(&self) -> Vec<LogEntry> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<LogEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Residents' own comings and goings leave the home as commitments only.
fn for_the_cloud(entry: &LogEntry) -> LogEntry {
    let class = Claimed::<DoorEvent>::parse(&entry.event.0).map(|event| event.unproven().class);
    let opening: Option<DetailOpening> = match class {
        Ok(Class::Visit | Class::System) => entry.opening.clone(),
        Ok(Class::Home) | Err(_) => None,
    };
    LogEntry { event: entry.event.clone(), opening }
}

/// What a home that was set back tells its cloud instead of an alarm: its log has no place there any more.
pub const SET_BACK: &str = "set_back";

/// What the uplink tells the event loop.
#[derive(Debug)]
pub enum News {
    /// The cloud holds more of the door's log than this hub wrote. Nothing is taken from it, and it was told.
    SetBack,
    /// Signed in, or no longer.
    Connected(bool),
    /// A message that is not stale.
    Message(ToHome),
}

/// Both ends of the uplink, for the event loop.
#[derive(Debug)]
pub struct Uplink {
    /// For the cloud; full or unconnected means dropped.
    pub to_cloud: mpsc::Sender<ToCloud>,
    /// From the cloud.
    pub news: mpsc::Receiver<News>,
}

/// Starts the uplink to a cloud such as `ws://localhost:8480`. It reconnects for as long as the hub lives.
pub fn start(cloud: &str, key: DeviceKey, log: DurableLog) -> Uplink {
    let (to_cloud, outgoing) = mpsc::channel(UPLINK_QUEUE);
    let (news_out, news) = mpsc::channel(UPLINK_QUEUE);
    tokio::spawn(run(format!("{}/v1/uplink", cloud.trim_end_matches('/')), key, log, outgoing, news_out));
    Uplink { to_cloud, news }
}

async fn run(
    url: String,
    key: DeviceKey,
    log: DurableLog,
    mut outgoing: mpsc::Receiver<ToCloud>,
    news: mpsc::Sender<News>,
) {
    let mut retry_ms = UPLINK_RETRY_MS_MIN;
    // Before the first sign-in of this start nothing of this start can be known elsewhere.
    let mut written = log.len();
    while !news.is_closed() {
        let connecting = timeout(Duration::from_millis(UPLINK_CONNECT_MS), connect(&url, &key));
        match connecting.await {
            Ok(Ok((socket, stored))) if stored > written => {
                tracing::error!(
                    stored,
                    written,
                    "the cloud holds more of this door's log than this hub wrote: the home's folder was set back, such as \
                     from a backup, and has forgotten what is used up and revoked. Nobody is let in through this cloud. \
                     Put the newest folder back, or set the home up anew with a new door key"
                );
                if news.send(News::SetBack).await.is_err() {
                    return;
                }
                if let Err(why) = tell_and_leave(socket, SET_BACK).await {
                    tracing::warn!(%why, "the cloud was not told");
                }
            }
            Ok(Ok((socket, stored))) => {
                retry_ms = UPLINK_RETRY_MS_MIN;
                tracing::info!(stored, "uplink signed in");
                // Whatever waited for a visitor while there was no connection is stale now.
                while outgoing.try_recv().is_ok() {}
                if news.send(News::Connected(true)).await.is_err() {
                    return;
                }
                let ended = Session { socket, line: Line::new(stored) };
                let why = ended.serve(&log, &mut outgoing, &news).await;
                tracing::warn!(%why, "uplink lost");
                written = log.len();
                if news.send(News::Connected(false)).await.is_err() {
                    return;
                }
            }
            Ok(Err(why)) => tracing::debug!(%why, "uplink not connected"),
            Err(_) => tracing::debug!("uplink not connected: no answer in time"),
        }
        sleep(Duration::from_millis(retry_ms)).await;
        retry_ms = (retry_ms * 2).min(UPLINK_RETRY_MS_MAX);
    }
}

/// Why a connection ended. For the log only: every end is followed by another try.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("the connection failed: {0}")]
    Socket(#[from] tokio_tungstenite::tungstenite::Error),
    #[error("the cloud closed the connection")]
    Closed,
    #[error("the cloud was silent for too long")]
    Silent,
    #[error("the cloud said something that is no uplink message: {0}")]
    Malformed(#[from] protocol::canonical::Malformed),
    #[error("the cloud did not start with its nonce and a welcome")]
    Unexpected,
    #[error("the hub is stopping")]
    Stopping,
}

async fn connect(url: &str, key: &DeviceKey) -> Result<(Socket, u64), Lost> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(UPLINK_BYTES_MAX))
        .max_frame_size(Some(UPLINK_BYTES_MAX));
    let (mut socket, _) = connect_async_with_config(url, Some(config), true).await?;
    let ToHome::Nonce { nonce, audience } = first_message(&mut socket).await? else {
        return Err(Lost::Unexpected);
    };
    let hello = Signed::sign(SignIn { audience, nonce, role: Role::Door }, key)?;
    send(&mut socket, &ToCloud::SignIn(Blob(hello.bytes().to_vec()))).await?;
    let ToHome::Welcome(stored) = first_message(&mut socket).await? else { return Err(Lost::Unexpected) };
    Ok((socket, stored))
}

async fn send(socket: &mut Socket, message: &ToCloud) -> Result<(), Lost> {
    Ok(socket.send(Message::binary(canonical::encode(message))).await?)
}

async fn first_message(socket: &mut Socket) -> Result<ToHome, Lost> {
    loop {
        if let Some(downlink) = receive(socket).await? {
            return Ok(downlink.message);
        }
    }
}

/// Whatever the cloud says meanwhile is not heard.
async fn tell_and_leave(mut socket: Socket, distress: &str) -> Result<(), Lost> {
    send(&mut socket, &ToCloud::Distress(distress.to_owned())).await?;
    socket.close(None).await?;
    let closed = async { while let Some(Ok(_)) = socket.next().await {} };
    timeout(Duration::from_millis(UPLINK_SILENCE_MS), closed).await.map_err(|_| Lost::Silent)
}

/// The next message; `None` for a sign of life without one.
async fn receive(socket: &mut Socket) -> Result<Option<Downlink>, Lost> {
    match socket.next().await.ok_or(Lost::Closed)?? {
        Message::Binary(bytes) => Ok(Some(canonical::decode(&bytes, UPLINK_BYTES_MAX)?)),
        Message::Close(_) => Err(Lost::Closed),
        Message::Text(_) => Err(Lost::Unexpected),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(None),
    }
}

/// One connection, signed in.
struct Session {
    socket: Socket,
    line: Line,
}

impl Session {
    async fn serve(
        mut self,
        log: &DurableLog,
        outgoing: &mut mpsc::Receiver<ToCloud>,
        news: &mpsc::Sender<News>,
    ) -> Lost {
        let mut beat = interval(Duration::from_millis(UPLINK_BEAT_MS));
        let mut heard = Instant::now();
        loop {
            if let Some(batch) = self.line.batch(log)
                && let Err(lost) = send(&mut self.socket, &ToCloud::Log(batch)).await
            {
                return lost;
            }
            let silence = heard + Duration::from_millis(UPLINK_SILENCE_MS);
            let step = tokio::select! {
                received = receive(&mut self.socket) => {
                    heard = Instant::now();
                    match received {
                        Ok(Some(downlink)) => self.deliver(downlink, news).await,
                        Ok(None) => Ok(()),
                        Err(lost) => Err(lost),
                    }
                }
                message = outgoing.recv() => match message {
                    Some(message) => send(&mut self.socket, &message).await,
                    None => Err(Lost::Stopping),
                },
                _ = beat.tick() => self.beat().await,
                () = log.grown.notified() => Ok(()),
                () = tokio::time::sleep_until(silence) => Err(Lost::Silent),
            };
            if let Err(lost) = step {
                return lost;
            }
        }
    }

    async fn beat(&mut self) -> Result<(), Lost> {
        let number = self.line.beat(now_ms());
        if number.is_multiple_of(UPLINK_PING_BEATS) {
            // A quiet cloud has nothing to say; its answer to this shows that it is there.
            self.socket.send(Message::Ping(Vec::new().into())).await?;
        }
        send(&mut self.socket, &ToCloud::Beat(number)).await
    }

    async fn deliver(&mut self, downlink: Downlink, news: &mpsc::Sender<News>) -> Result<(), Lost> {
        match self.line.take(now_ms(), downlink) {
            Taken::Stored => Ok(()),
            Taken::Unexpected => Err(Lost::Unexpected),
            Taken::Message(message) => news.send(News::Message(message)).await.map_err(|_| Lost::Stopping),
            Taken::Stale(stale) => {
                tracing::warn!(message = kind(&stale), "stale message from the cloud dropped");
                Ok(())
            }
        }
    }
}

const fn kind(message: &ToHome) -> &'static str {
    match message {
        ToHome::Nonce { .. } => "nonce",
        ToHome::Welcome(_) => "welcome",
        ToHome::LogStored(_) => "log stored",
        ToHome::Keep { .. } => "paper",
        ToHome::FromVisitor { .. } => "from visitor",
        ToHome::Answer(_) => "answer",
        ToHome::HeadWanted(_) => "head wanted",
        ToHome::Look(_) => "look",
    }
}
