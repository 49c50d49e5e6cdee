//! One visitor at one door, `GET /v1/visitor/door`: up canonical CBOR of `FromVisitor`, down of `ToVisitor`.
//!
//! The arrival, or the ring, is matched; afterwards everything is passed on at once. A presentation touches neither database nor
//! clock on its way: handset, this task, the home's writer.

use super::{Match, match_now, match_ring_now};
use crate::app::{App, Shared};
use crate::extract::{Upgrade, Visitor};
use crate::gateway::socket::{Close, close, frame};
use crate::limits;
use crate::matching::Mismatch;
use crate::problem::ApiError;
use crate::store::NewArrival;
use crate::trust::Ring;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket};
use axum::response::Response;
use bytes::Bytes;
use protocol::arrival::Arrival;
use protocol::bytes::{Blob, Hash, HomeId, VisitId};
use protocol::envelope::Signed;
use protocol::grant::Grantee;
use protocol::limits::MESSAGE_BYTES_MAX;
use protocol::uplink::{FromVisitor, ToHome, ToVisitor};
use protocol::{Claimed, Credential, Kid, canonical};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

/// WebSocket of a visitor at the door. Binary frames, canonical CBOR: up `FromVisitor` (an arrival or a ring first), down
/// `ToVisitor`. The same arrival again on a new connection takes the visit up where it was. Every two seconds an empty
/// frame comes down and means nothing but that the connection lives.
#[utoipa::path(get, path = "/v1/visitor/door", tag = "visitor",
    responses((status = 101, description = "WebSocket"), ApiError))]
pub(crate) async fn open(
    State(app): State<Shared>,
    visitor: Visitor,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, ApiError> {
    let credentials = credentials(&app, visitor.kid).await?;
    let upgrade = upgrade
        .max_message_size(limits::VISITOR_FRAME_BYTES_MAX)
        .max_frame_size(limits::VISITOR_FRAME_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| serve(app, visitor.kid, credentials, socket)))
}

/// What this device may sign with: as enrolled by a provider, or as named by a resident.
async fn credentials(app: &App, kid: Kid) -> Result<Vec<Credential>, ApiError> {
    let mut found: Vec<Credential> =
        app.store.handsets(kid).await?.into_iter().map(|handset| handset.credential).collect();
    for row in app.store.grants_to_holder(kid, crate::clock::now_s()).await? {
        if let Grantee::Holder { cnf, .. } = row.grant.to {
            found.push(cnf);
        }
    }
    if found.is_empty() {
        return Err(ApiError::forbidden("key_unknown", "this device is no longer enrolled anywhere"));
    }
    Ok(found)
}

/// A visit under way on this connection.
struct UnderWay {
    visit: VisitId,
    home: HomeId,
    words: mpsc::Receiver<ToVisitor>,
}

struct Session {
    app: Shared,
    device: Kid,
    credentials: Vec<Credential>,
    visit: Option<UnderWay>,
    frames: u32,
    refused: u32,
}

/// What to send after a frame, if anything; an error is the last.
type Step = Result<Option<ToVisitor>, Message>;

async fn serve(app: Shared, device: Kid, credentials: Vec<Credential>, mut socket: WebSocket) {
    let mut session = Session { app: app.clone(), device, credentials, visit: None, frames: 0, refused: 0 };
    let mut beat = tokio::time::interval(Duration::from_millis(limits::VISITOR_BEAT_MS));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let step: Step = tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Binary(bytes))) => session.take(&bytes).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
                Some(Ok(Message::Text(_))) => Err(close(Close::Unreadable, "message_malformed: text")),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            word = next_word(&mut session.visit) => word.map_or_else(
                || Err(close(Close::GoingAway, "ended: the visit is over, or another connection took it up")),
                |word| Ok(Some(word)),
            ),
            () = app.stopped() => Err(close(Close::GoingAway, "stopping: the cloud restarts; connect again")),
            _ = beat.tick() => {
                if socket.send(Message::Binary(Bytes::new())).await.is_err() {
                    return;
                }
                Ok(None)
            }
        };
        match step {
            Ok(None) => {}
            Ok(Some(word)) => {
                if socket.send(frame(&word)).await.is_err() {
                    return;
                }
            }
            Err(last) => {
                let _gone = socket.send(last).await;
                return;
            }
        }
    }
}

/// The home's next word; waits for ever while no visit is under way.
async fn next_word(visit: &mut Option<UnderWay>) -> Option<ToVisitor> {
    match visit {
        Some(visit) => visit.words.recv().await,
        None => std::future::pending().await,
    }
}

impl Session {
    async fn take(&mut self, bytes: &[u8]) -> Step {
        self.frames += 1;
        if self.frames > limits::VISITOR_FRAMES_MAX {
            return Err(close(Close::TryLater, "frames_limit: too many messages on one connection"));
        }
        let word = canonical::decode::<FromVisitor>(bytes, limits::VISITOR_FRAME_BYTES_MAX)
            .map_err(|why| close(Close::Unreadable, &format!("message_malformed: {}", why.code())))?;
        match word {
            FromVisitor::Arrival(envelope) => self.arrive(envelope).await,
            FromVisitor::Ring(envelope) => self.ring(envelope).await,
            FromVisitor::Presentation(_) | FromVisitor::Farewell(_) => self.pass_on(word),
        }
    }

    /// Waits for nothing.
    fn pass_on(&self, word: FromVisitor) -> Step {
        let (FromVisitor::Arrival(blob)
        | FromVisitor::Presentation(blob)
        | FromVisitor::Farewell(blob)
        | FromVisitor::Ring(blob)) = &word;
        if blob.0.len() > MESSAGE_BYTES_MAX {
            return Err(close(Close::Unreadable, "message_malformed: oversized"));
        }
        let Some(visit) = &self.visit else {
            return Err(close(Close::Policy, "arrival_missing: send a matching Arrival or Ring first"));
        };
        self.app.passing.hold(visit.home, visit.visit, &blob.0);
        let is_sent = self.app.homes.send(visit.home, ToHome::FromVisitor { visit: visit.visit, word });
        Ok((!is_sent).then_some(ToVisitor::TryAgain))
    }

    async fn arrive(&mut self, envelope: Blob) -> Step {
        let arrival = self.proven::<Arrival>(&envelope)?;
        let message = arrival.message();
        let found = match_now(&self.app, self.device, message).await;
        let papers = (Some(message.grant), message.assignment);
        self.begin(message.visit, found, papers, FromVisitor::Arrival(envelope)).await
    }

    /// Asks the home to ask its people: nothing is allowed yet.
    async fn ring(&mut self, envelope: Blob) -> Step {
        let ring = self.proven::<protocol::ring::Ring>(&envelope)?;
        let message = ring.message();
        let found = match_ring_now(&self.app, self.device, message.door, message.assignment).await;
        let papers = (None, Some(message.assignment));
        self.begin(message.visit, found, papers, FromVisitor::Ring(envelope)).await
    }

    /// Passes on what begins a visit, or goes on with it, if it matches; and keeps what the match said.
    async fn begin(
        &mut self,
        visit: VisitId,
        found: Result<Match, ApiError>,
        (grant, assignment): (Option<Hash>, Option<Hash>),
        word: FromVisitor,
    ) -> Step {
        let found = found.map_err(|error| {
            tracing::error!(?error, "match");
            close(Close::Internal, "storage_failed: connect again")
        })?;
        let Some(home) = found.home else {
            return self.refuse(found.result.err().unwrap_or(Mismatch::GrantUnknown));
        };
        let mut result = found.result;
        if result.is_ok() {
            let words = self.app.visitors.attach(visit, home.home, self.device);
            let words = words.ok_or_else(|| close(Close::Policy, "visit_taken: draw another visit id"))?;
            if self.app.homes.send(home.home, ToHome::FromVisitor { visit, word }) {
                self.visit = Some(UnderWay { visit, home: home.home, words });
            } else {
                result = Err(Mismatch::HomeOffline);
            }
        }
        let new = NewArrival {
            home: home.home,
            visit,
            device: self.device,
            provider: found.provider,
            grant,
            assignment,
            reason: result.err().map(Mismatch::code),
        };
        if let Err(error) = self.app.store.put_arrival(new).await {
            // The visitor is at the door: the record is lost, the delivery is not.
            tracing::error!(%error, "arrival not recorded");
        }
        match result {
            Ok(()) => Ok(None),
            Err(mismatch) => {
                self.app.ring(home.home);
                self.refuse(mismatch)
            }
        }
    }

    fn proven<M: protocol::Message + Clone>(&self, envelope: &Blob) -> Result<Signed<M>, Message> {
        let claimed = Claimed::<M>::parse(&envelope.0)
            .map_err(|why| close(Close::Unreadable, &format!("message_malformed: {}", why.code())))?;
        self.credentials
            .iter()
            .find_map(|credential| claimed.clone().verify(credential, &Ring).ok())
            .ok_or_else(|| close(Close::Policy, "signature_untrusted: sign with this device's key"))
    }

    fn refuse(&mut self, mismatch: Mismatch) -> Step {
        self.refused += 1;
        if self.refused > limits::ARRIVALS_REFUSED_MAX {
            return Err(close(Close::TryLater, "arrivals_limit: too many arrivals that do not match"));
        }
        Ok(Some(mismatch.word()))
    }
}
