//! One home's connection, `GET /v1/uplink`: canonical CBOR of [`protocol::uplink`] in binary frames.
//!
//! Two tasks: one reads and answers, the other only writes, so that a visitor's presentation never waits for the
//! database. Everything to the home goes through the writer and takes the newest beat with it.

use super::homes::Link;
use super::socket::{self, Close, close, frame};
use super::{catch_up, log};
use crate::app::{App, Shared};
use crate::clock::{now_ms, random};
use crate::limits;
use crate::store::{About, DISTRESS, HomeRow, NewIncident, StoreError};
use crate::trust::Ring;
use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use protocol::bytes::Nonce;
use protocol::canonical;
use protocol::head::Head;
use protocol::limits::{MESSAGE_BYTES_MAX, UPLINK_BYTES_MAX};
use protocol::sign_in::{Role, SignIn};
use protocol::uplink::{Downlink, ToCloud, ToHome, ToVisitor};
use protocol::{Claimed, Credential};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Why a connection ends, for the close frame.
#[derive(Debug)]
pub(crate) struct Ended(Close, String);

impl Ended {
    fn new(why: Close, reason: &str) -> Self {
        Self(why, reason.into())
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store, on an uplink");
        Self::new(Close::Internal, "storage_failed: nothing was acknowledged; connect again and resend")
    }
}

impl From<log::NotTaken> for Ended {
    fn from(error: log::NotTaken) -> Self {
        match error {
            log::NotTaken::Store(error) => error.into(),
            other => Self::new(Close::Policy, &other.to_string()),
        }
    }
}

/// Serves one home until either side ends it.
pub(crate) async fn serve(app: Shared, mut socket: WebSocket) {
    let home = match sign_in(&app, &mut socket).await {
        Ok(home) => home,
        Err(Ended(why, reason)) => {
            let _gone = socket.send(close(why, &reason)).await;
            return;
        }
    };
    let (link, queue) = app.homes.connect(home.home, now_ms());
    app.store.ring_tours(About::Home(home.home));
    let (sink, stream) = socket.split();
    let (last_words, last) = mpsc::channel(1);
    let mut writer = tokio::spawn(write(Arc::clone(&link), sink, queue, last));
    let Ended(why, reason) = read(&app, &home, &link, stream).await;
    app.homes.disconnect(home.home, &link);
    app.store.ring_tours(About::Home(home.home));
    let _gone = last_words.send(close(why, &reason)).await;
    // A peer that takes nothing must not hold the task for ever.
    if tokio::time::timeout(Duration::from_millis(limits::LAST_WORDS_MS), &mut writer).await.is_err() {
        writer.abort();
    }
}

async fn sign_in(app: &App, socket: &mut WebSocket) -> Result<HomeRow, Ended> {
    let nonce = Nonce(random());
    let hello = Downlink { beat: 0, message: ToHome::Nonce { nonce, audience: app.audience.clone() } };
    socket.send(frame(&hello)).await.map_err(|_| Ended::new(Close::GoingAway, "gone"))?;
    let wait = Duration::from_millis(limits::SIGN_IN_WAIT_MS);
    let bytes = tokio::time::timeout(wait, socket::next(socket))
        .await
        .ok()
        .flatten()
        .ok_or_else(|| Ended::new(Close::Policy, "sign_in_missing: send SignIn within 10 s"))?;
    let Ok(ToCloud::SignIn(envelope)) = canonical::decode::<ToCloud>(&bytes, UPLINK_BYTES_MAX) else {
        return Err(Ended::new(Close::Policy, "sign_in_missing: the first message must be SignIn"));
    };
    let claimed = Claimed::<SignIn>::parse(&envelope.0)
        .map_err(|_| Ended::new(Close::Unreadable, "message_malformed: SignIn"))?;
    let home = app.store.home_by_door_kid(claimed.kid()).await?.ok_or_else(|| {
        Ended::new(Close::Policy, "door_unknown: register the home with POST /v1/homes, then connect again")
    })?;
    let signed = claimed
        .verify(&Credential::device(home.door_key), &Ring)
        .map_err(|_| Ended::new(Close::Policy, "signature_untrusted: SignIn"))?;
    let message = signed.message();
    if message.role != Role::Door {
        return Err(Ended::new(Close::Policy, "sign_in_other_role: a door signs in here"));
    }
    if message.audience != app.audience {
        return Err(Ended::new(Close::Policy, "sign_in_other_audience"));
    }
    if message.nonce != nonce {
        return Err(Ended::new(Close::Policy, "nonce_unknown: sign the nonce of this connection"));
    }
    Ok(home)
}

/// Puts the newest beat on every message, and so waits for the first; the welcome goes ahead. Ends with the queue, the peer, or
/// the last words.
async fn write(
    link: Arc<Link>,
    mut sink: SplitSink<WebSocket, Message>,
    mut queue: mpsc::Receiver<ToHome>,
    mut last: mpsc::Receiver<Message>,
) {
    let mut is_welcome = true;
    loop {
        // Without a beat it would be stale when it comes, and be lost.
        let next = async {
            if !is_welcome {
                link.beats().await;
            }
            queue.recv().await
        };
        tokio::select! {
            biased;
            message = next => {
                let Some(message) = message else { return };
                is_welcome = false;
                if sink.send(frame(&Downlink { beat: link.beat(), message })).await.is_err() {
                    return;
                }
            }
            message = last.recv() => {
                if let Some(message) = message {
                    let _gone = sink.send(message).await;
                }
                return;
            }
        }
    }
}

async fn read(app: &Shared, home: &HomeRow, link: &Link, mut stream: SplitStream<WebSocket>) -> Ended {
    let mut session = Session { app, home, link, sent: HashMap::new() };
    if let Err(ended) = session.welcome().await {
        return ended;
    }
    let mut look = tokio::time::interval(Duration::from_millis(limits::PAPER_LOOK_MS));
    let mut heard = Instant::now();
    loop {
        let step = tokio::select! {
            message = stream.next() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    heard = Instant::now();
                    session.take(&bytes).await
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                Some(Ok(Message::Text(_))) => Err(Ended::new(Close::Unreadable, "message_malformed: text")),
                Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Ended::new(Close::GoingAway, "gone")),
            },
            () = link.papers.notified() => session.send_papers().await,
            _ = look.tick() => {
                if heard.elapsed() > Duration::from_millis(limits::UPLINK_IDLE_MS) {
                    Err(Ended::new(Close::Policy, "idle: a home sends a beat every second"))
                } else {
                    session.send_papers().await
                }
            }
            () = link.replaced.notified() => Err(Ended::new(Close::GoingAway, "replaced: a newer connection took over")),
            () = app.stopped() => Err(Ended::new(Close::GoingAway, "stopping: the cloud restarts")),
        };
        if let Err(ended) = step {
            return ended;
        }
    }
}

struct Session<'a> {
    app: &'a App,
    home: &'a HomeRow,
    link: &'a Link,
    /// When each unanswered paper was last sent, milliseconds.
    sent: HashMap<u64, i64>,
}

impl Session<'_> {
    async fn welcome(&self) -> Result<(), Ended> {
        let head = self.app.store.log_head(self.home.home).await?;
        catch_up(self.app, self.home.home, head).await?;
        self.say(ToHome::Welcome(head))
    }

    fn say(&self, message: ToHome) -> Result<(), Ended> {
        if self.link.send(message) {
            Ok(())
        } else {
            Err(Ended::new(Close::TryLater, "slow: the home does not take its messages"))
        }
    }

    async fn take(&mut self, bytes: &Bytes) -> Result<(), Ended> {
        let home = self.home.home;
        let is_back = !self.link.is_alive(now_ms());
        self.link.heard(now_ms());
        if is_back {
            self.app.store.ring_tours(About::Home(home));
        }
        self.app.silence.heard(home, Instant::now());
        let message = canonical::decode::<ToCloud>(bytes, UPLINK_BYTES_MAX)
            .map_err(|why| Ended::new(Close::Unreadable, &format!("message_malformed: {}", why.code())))?;
        match message {
            ToCloud::Beat(beat) => {
                let is_first = self.link.beat() == 0;
                self.link.set_beat(beat);
                // Papers before the first beat could be dropped as stale.
                if is_first { self.send_papers().await } else { Ok(()) }
            }
            ToCloud::Log(entries) => {
                let stored = log::take_in(self.app, self.home, entries).await?;
                self.say(ToHome::LogStored(stored))
            }
            ToCloud::Kept { id, refused } => {
                self.sent.remove(&id);
                self.app.store.paper_answered(home, id, refused.clone()).await?;
                self.app.homes.answered(home, id, refused);
                Ok(())
            }
            ToCloud::ToVisitor { visit, word } => {
                if let ToVisitor::Challenge(envelope) = &word
                    && envelope.0.len() <= MESSAGE_BYTES_MAX
                {
                    self.app.passing.hold(home, visit, &envelope.0);
                }
                self.app.visitors.tell(home, visit, word);
                Ok(())
            }
            ToCloud::Preflight { grant, findings } => {
                Ok(self.app.store.put_preflight(home, grant, findings).await?)
            }
            ToCloud::Head(envelope) => {
                if let Ok(claimed) = Claimed::<Head>::parse(&envelope.0) {
                    self.app.homes.head_came(claimed.unproven().nonce, envelope.0);
                }
                Ok(())
            }
            ToCloud::Distress(code) => {
                // Unsigned, and worth a look all the same: the home cannot log what is wrong with it.
                let code: String = code.chars().take(limits::DISTRESS_CHARS_MAX).collect();
                let about = serde_json::json!({ "distress": code });
                let incident = NewIncident { kind: DISTRESS, home: Some(home), provider: None, about };
                Ok(self.app.report(incident).await?)
            }
            ToCloud::Look { look, refused } => {
                self.app.homes.look_answered(home, look, refused);
                Ok(())
            }
            ToCloud::SignIn(_) => Err(Ended::new(Close::Policy, "sign_in_twice")),
        }
    }

    /// Sends papers that were never sent on this connection, or so long ago that the home must have dropped them.
    async fn send_papers(&mut self) -> Result<(), Ended> {
        if self.link.beat() == 0 {
            return Ok(());
        }
        let now = now_ms();
        let rows = self.app.store.papers_pending(self.home.home, limits::PAPERS_IN_FLIGHT_MAX).await?;
        for row in rows {
            let is_due = self.sent.get(&row.seq).is_none_or(|at| now - at >= limits::PAPER_RESEND_MS);
            if is_due {
                self.sent.insert(row.seq, now);
                self.say(ToHome::Keep { id: row.seq, paper: row.paper })?;
            }
        }
        Ok(())
    }
}
