//! A handset at the door that keeps its connection: it has the door's challenge, and its holder chooses when to answer.

use super::insider::{Insider, Stream, key_of};
use crate::stage::{SOON, Stage, read};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{SinkExt, StreamExt};
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, DoorId, DoorTag, Hash, Salt, VisitId};
use protocol::challenge::Challenge;
use protocol::commitment::{Opening, Scan};
use protocol::limits::UPLINK_BYTES_MAX;
use protocol::presentation::Presentation;
use protocol::sign_in::Role;
use protocol::uplink::{FromVisitor, ToVisitor};
use protocol::{Claimed, DeviceKey, Signed, canonical};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

/// Whoever holds it.
pub(crate) struct AtTheDoor {
    insider: Insider,
    socket: Stream,
    key: DeviceKey,
    /// What the command `arrive` remembered: the papers and the salts.
    visit: Value,
    challenge: Option<Hash>,
}

impl AtTheDoor {
    /// Takes up the visit that `arrive` began with these keys, and waits for the door's challenge.
    #[track_caller]
    pub(crate) fn back(stage: &Stage, who: &str) -> Self {
        let insider = Insider::sign_in(stage, who, Role::Visitor);
        let visit = serde_json::from_str(&read(&stage.path(who).join("visit.json"))).expect("a visit");
        let socket = insider.stream(stage, "/v1/visitor/door");
        let key = key_of(stage, who, "device.key");
        let mut there = Self { insider, socket, key, visit, challenge: None };
        let arrival = Arrival {
            visit: VisitId::from_hex(there.text(&["id"])).expect("a visit"),
            door: DoorId::from_hex(there.text(&["stop", "door"])).expect("a door"),
            door_tag: DoorTag::from_hex(there.text(&["tag"])).expect("a tag"),
            grant: there.grant(),
            assignment: Some(there.assignment().hash()),
        };
        let signed = Signed::sign(arrival, &there.key).expect("an arrival");
        there.say(&FromVisitor::Arrival(Blob(signed.bytes().to_vec())));
        there.until_challenged();
        there
    }

    /// Answers the newest challenge with these labels; does not wait.
    #[track_caller]
    pub(crate) fn present(&mut self, labels: &[&str]) {
        self.until_challenged();
        let presentation = Presentation {
            challenge: self.challenge.take().expect("waited for"),
            grant: self.grant(),
            assignment: Some(self.assignment().hash()),
            opens: labels.iter().map(|label| self.opening(label)).collect(),
        };
        let signed = Signed::sign(presentation, &self.key).expect("a presentation");
        self.say(&FromVisitor::Presentation(Blob(signed.bytes().to_vec())));
    }

    /// The door's next word that is no challenge.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> ToVisitor {
        loop {
            match self.word() {
                ToVisitor::Challenge(challenge) => self.keep(&challenge),
                word => return word,
            }
        }
    }

    fn until_challenged(&mut self) {
        while self.challenge.is_none() {
            if let ToVisitor::Challenge(challenge) = self.word() {
                self.keep(&challenge);
            }
        }
    }

    fn keep(&mut self, challenge: &Blob) {
        let challenge = Claimed::<Challenge>::parse(&challenge.0).expect("a challenge");
        self.challenge = Some(challenge.hash());
    }

    fn word(&mut self) -> ToVisitor {
        let next = async {
            loop {
                match self.socket.next().await.expect("the door hung up").expect("the connection holds") {
                    // Empty ones come for those who cannot see that a connection died.
                    Message::Binary(bytes) if !bytes.is_empty() => return bytes,
                    Message::Close(why) => panic!("the door hung up: {why:?}"),
                    _ => {}
                }
            }
        };
        let bytes = self.insider.wait(async { tokio::time::timeout(SOON, next).await });
        canonical::decode(&bytes.expect("the door says something"), UPLINK_BYTES_MAX).expect("a word")
    }

    fn say(&mut self, word: &FromVisitor) {
        let message = Message::binary(canonical::encode(word));
        self.insider.wait(self.socket.send(message)).expect("the connection holds");
    }

    fn opening(&self, label: &str) -> Opening {
        let scan = Scan::from_label(label).expect("a label");
        let salts = self.visit["stop"]["tour"]["salts"].as_array().expect("salts").iter();
        let openings: Vec<Opening> = salts
            .filter_map(|salt| Some(Opening { salt: Salt::from_hex(salt.as_str()?)?, scan: scan.clone() }))
            .collect();
        let errands = self.assignment().unproven().errands.clone();
        let fitting = openings.iter().find(|opening| errands.contains(&opening.commitment()));
        fitting.or(openings.first()).cloned().expect("the tour holds salts")
    }

    fn grant(&self) -> Hash {
        Hash::from_hex(self.text(&["stop", "grant"])).expect("a grant")
    }

    fn assignment(&self) -> Claimed<Assignment> {
        let text = self.text(&["stop", "tour", "assignment"]);
        Claimed::parse(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("an assignment")
    }

    fn text(&self, path: &[&str]) -> &str {
        let value = path.iter().fold(&self.visit, |value, name| &value[*name]);
        value.as_str().unwrap_or_else(|| panic!("no {path:?} in {}", self.visit))
    }
}
