//! A recorder's connection, `GET /v1/media/uplink`: canonical CBOR of [`protocol::media`] in binary frames.
//!
//! Chunks go to watchers at once, then to disk in groups; `Stored` follows the sync, so that the home may trim its spool.

use super::{PartKey, StoreError};
use crate::app::{App, Shared};
use crate::clock::random;
use crate::gateway::socket::{self, Close, close, frame};
use crate::limits;
use crate::trust::Ring;
use axum::extract::ws::WebSocket;
use bytes::Bytes;
use futures::FutureExt as _;
use protocol::bytes::{HomeId, Nonce, RecordingId, VisitId};
use protocol::canonical;
use protocol::limits::CHUNK_BYTES_MAX;
use protocol::media::{FromMedia, ToMedia};
use protocol::sign_in::{Role, SignIn};
use protocol::{Claimed, Kid};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Why the connection ends or a message is refused.
#[derive(Debug)]
enum Trouble {
    /// The recorder keeps its spool and may try again.
    Refused(String),
    /// The connection is over.
    Gone,
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store, on a media uplink");
        Self::Refused(match error {
            StoreError::Full => {
                "storage_full: the cloud's disk is full; keep the spool and try again later".into()
            }
            _ => "storage_failed: nothing more was stored; keep the spool and try again".into(),
        })
    }
}

/// Serves one recorder until either side ends it.
pub(crate) async fn serve(app: Shared, mut socket: WebSocket) {
    let Some((home, recorder)) = sign_in(&app, &mut socket).await else { return };
    if socket.send(frame(&FromMedia::Welcome)).await.is_err() {
        return;
    }
    let mut session =
        Session { app: &app, home, recorder, socket, waiting: Vec::new(), shown: HashSet::new() };
    session.run().await;
    // Looks do not outlive the connection on which they come.
    for look in session.shown {
        app.media.looks.forget(home, look);
    }
}

async fn sign_in(app: &App, socket: &mut WebSocket) -> Option<(HomeId, Kid)> {
    let nonce = Nonce(random());
    let hello = FromMedia::Nonce { nonce, audience: app.audience.clone() };
    socket.send(frame(&hello)).await.ok()?;
    let wait = Duration::from_millis(limits::SIGN_IN_WAIT_MS);
    let bytes = tokio::time::timeout(wait, socket::next(socket)).await.ok()??;
    match proven(app, nonce, &bytes).await {
        Ok(found) => Some(found),
        Err(why) => {
            let _gone = socket.send(frame(&FromMedia::Refused(why.into()))).await;
            let _gone = socket.send(close(Close::Policy, why)).await;
            None
        }
    }
}

async fn proven(app: &App, nonce: Nonce, bytes: &[u8]) -> Result<(HomeId, Kid), &'static str> {
    let limit = limits::VISITOR_FRAME_BYTES_MAX;
    let Ok(ToMedia::SignIn(envelope)) = canonical::decode::<ToMedia>(bytes, limit) else {
        return Err("sign_in_missing: the first message must be SignIn");
    };
    let claimed = Claimed::<SignIn>::parse(&envelope.0).map_err(|_| "message_malformed: SignIn")?;
    let places = app.store.memberships(claimed.kid()).await.map_err(|_| "storage_failed: try again")?;
    let place = places.into_iter().find(|p| p.rank == "recorder");
    let place = place.ok_or("key_unknown: no home's roster in force names this recorder")?;
    let signed = claimed.verify(&place.credential, &Ring).map_err(|_| "signature_untrusted: SignIn")?;
    let message = signed.message();
    if message.role != Role::Recorder {
        return Err("sign_in_other_role: a recorder signs in here");
    }
    if message.audience != app.audience {
        return Err("sign_in_other_audience");
    }
    if message.nonce != nonce {
        return Err("nonce_unknown: sign the nonce of this connection");
    }
    Ok((place.home, signed.signer()))
}

/// A chunk that waits to be written with its neighbours.
struct Waiting {
    key: PartKey,
    sequence: u64,
    joinable: bool,
    chunk: Vec<u8>,
}

struct Session<'a> {
    app: &'a App,
    home: HomeId,
    recorder: Kid,
    socket: WebSocket,
    waiting: Vec<Waiting>,
    /// Looks that come on this connection and that somebody watches, as far as the recorder was told.
    shown: HashSet<RecordingId>,
}

impl Session<'_> {
    async fn run(&mut self) {
        loop {
            let bytes = tokio::select! {
                bytes = socket::next(&mut self.socket) => bytes,
                () = self.app.stopped() => {
                    let _gone = self.socket.send(close(Close::GoingAway, "stopping: the cloud restarts")).await;
                    return;
                }
            };
            let Some(bytes) = bytes else { return };
            if let Err(trouble) = self.take_group(bytes).await {
                if let Trouble::Refused(why) = trouble {
                    let _gone = self.socket.send(frame(&FromMedia::Refused(why.clone()))).await;
                    let _gone = self.socket.send(close(Close::Policy, &why)).await;
                }
                return;
            }
        }
    }

    /// Takes one frame and all that are here already, then writes them together.
    async fn take_group(&mut self, first: Bytes) -> Result<(), Trouble> {
        self.take(first).await?;
        while self.waiting.len() < limits::MEDIA_GROUP_MAX {
            match socket::next(&mut self.socket).now_or_never() {
                Some(Some(bytes)) => self.take(bytes).await?,
                Some(None) => {
                    self.write_waiting().await?;
                    return Err(Trouble::Gone);
                }
                None => break,
            }
        }
        self.write_waiting().await
    }

    async fn take(&mut self, bytes: Bytes) -> Result<(), Trouble> {
        let message = canonical::decode::<ToMedia>(&bytes, limits::MEDIA_FRAME_BYTES_MAX)
            .map_err(|why| Trouble::Refused(format!("message_malformed: {}", why.code())))?;
        match message {
            ToMedia::SignIn(_) => Err(Trouble::Refused("sign_in_twice".into())),
            ToMedia::Part { recording, visit, part, header } => {
                self.write_waiting().await?;
                self.begin(recording, visit, part, header.0, bytes).await
            }
            ToMedia::Chunk { recording, part, sequence, joinable, chunk } => {
                if chunk.0.len() > CHUNK_BYTES_MAX {
                    return Err(Trouble::Refused("chunk_oversized: at most 4 MiB".into()));
                }
                self.app.media.live.chunk(self.home, recording, part, (sequence, joinable), &bytes);
                let key = PartKey { home: self.home, recording, part };
                self.waiting.push(Waiting { key, sequence, joinable, chunk: chunk.0 });
                Ok(())
            }
            ToMedia::Manifest { recording, manifest } => {
                self.write_waiting().await?;
                self.complete(recording, manifest.0, &bytes).await
            }
            ToMedia::Look { look, header } => {
                if header.0.len() > limits::MEDIA_PAPER_BYTES_MAX {
                    return Err(Trouble::Refused("look_oversized: at most 256 KiB of header".into()));
                }
                self.shown.insert(look);
                self.app.media.looks.begin(self.home, look, &bytes);
                Ok(())
            }
            ToMedia::LookChunk { look, sequence, joinable, chunk } => {
                if chunk.0.len() > CHUNK_BYTES_MAX {
                    return Err(Trouble::Refused("chunk_oversized: at most 4 MiB".into()));
                }
                self.show(look, (sequence, joinable), &bytes).await
            }
            ToMedia::LookOver(look) => {
                self.shown.remove(&look);
                self.app.media.looks.finish(self.home, look, &bytes);
                Ok(())
            }
        }
    }

    /// Passed on, and dropped. Where nobody watches, the camera need not be shown.
    async fn show(&mut self, look: RecordingId, numbered: (u64, bool), bytes: &Bytes) -> Result<(), Trouble> {
        let looks = &self.app.media.looks;
        if looks.chunk(self.home, look, numbered, bytes, Instant::now()) || !self.shown.remove(&look) {
            return Ok(());
        }
        looks.forget(self.home, look);
        self.say(&FromMedia::Unwatched(look)).await
    }

    async fn say(&mut self, message: &FromMedia) -> Result<(), Trouble> {
        self.socket.send(frame(message)).await.map_err(|_| Trouble::Gone)
    }

    async fn begin(
        &mut self,
        recording: RecordingId,
        visit: VisitId,
        part: u32,
        header: Vec<u8>,
        bytes: Bytes,
    ) -> Result<(), Trouble> {
        if header.len() > limits::MEDIA_PAPER_BYTES_MAX || part >= limits::PARTS_MAX {
            return Err(Trouble::Refused("part_oversized: at most 64 parts, 256 KiB of header".into()));
        }
        if self.is_closed(recording).await? {
            return self.say(&FromMedia::Complete(recording)).await;
        }
        let is_same =
            self.app.store.put_part(self.home, recording, visit, part, header, self.recorder).await?;
        if !is_same {
            return Err(Trouble::Refused(
                "part_taken: another header is stored for this part, or the recording was deleted".into(),
            ));
        }
        let key = PartKey { home: self.home, recording, part };
        let next = self.app.media.spool(key).await?.lock().await.next();
        self.app.media.live.part(self.home, recording, part, &bytes);
        self.say(&FromMedia::Stored { recording, part, next }).await
    }

    async fn is_closed(&mut self, recording: RecordingId) -> Result<bool, Trouble> {
        let row = self.app.store.recording(self.home, recording).await?;
        // A deleted one is complete as well: the home may let go of its own copy.
        Ok(row.is_some_and(|row| row.manifest.is_some() || row.deleted.is_some()))
    }

    async fn write_waiting(&mut self) -> Result<(), Trouble> {
        let mut waiting = std::mem::take(&mut self.waiting);
        while let Some(key) = waiting.first().map(|w| w.key) {
            let (now, later) = waiting.into_iter().partition(|w| w.key == key);
            waiting = later;
            let next = self.write_part(key, now).await?;
            self.say(&FromMedia::Stored { recording: key.recording, part: key.part, next }).await?;
        }
        Ok(())
    }

    async fn write_part(&mut self, key: PartKey, waiting: Vec<Waiting>) -> Result<u64, Trouble> {
        let parts = self.app.store.parts(key.home, key.recording).await?;
        if !parts.iter().any(|(part, _)| *part == key.part) || self.is_closed(key.recording).await? {
            return Err(Trouble::Refused("part_unknown: send Part before its chunks".into()));
        }
        let spool = self.app.media.spool(key).await?;
        let mut spool = spool.lock().await;
        let mut chunks = Vec::with_capacity(waiting.len());
        let mut bytes = spool.bytes();
        for item in waiting {
            let next = spool.next() + chunks.len() as u64;
            if item.sequence > next {
                return Err(Trouble::Refused(format!("chunk_missing: chunk {next} has not come")));
            }
            // An older number is a repetition after a reconnect.
            if item.sequence == next {
                bytes += item.chunk.len() as u64;
                chunks.push((item.chunk, item.joinable));
            }
        }
        if bytes > limits::PART_BYTES_MAX {
            return Err(Trouble::Refused("part_oversized: at most 48 GiB".into()));
        }
        spool.append(&chunks).await?;
        Ok(spool.next())
    }

    async fn complete(
        &mut self,
        recording: RecordingId,
        manifest: Vec<u8>,
        bytes: &Bytes,
    ) -> Result<(), Trouble> {
        if manifest.len() > limits::MEDIA_PAPER_BYTES_MAX {
            return Err(Trouble::Refused("manifest_oversized: at most 256 KiB".into()));
        }
        if !self.is_closed(recording).await? {
            let parts = self.app.store.parts(self.home, recording).await?;
            if parts.is_empty() {
                return Err(Trouble::Refused("part_unknown: no part of this recording is stored".into()));
            }
            for (part, _) in parts {
                self.app.media.archive(PartKey { home: self.home, recording, part }).await?;
            }
            self.app.store.close_recording(self.home, recording, manifest).await?;
            let row = self.app.store.recording(self.home, recording).await?;
            if row.is_some_and(|row| row.deleted.is_some()) {
                // While it was copied.
                self.app.media.delete(self.home, recording).await?;
            }
        }
        self.app.media.live.finish(self.home, recording, bytes);
        self.app.media.drop_spool(self.home, recording).await?;
        self.say(&FromMedia::Complete(recording)).await
    }
}
