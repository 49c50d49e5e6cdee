//! A visitor's handset: its tour, arriving, scanning, leaving.
//!
//! Each step is a connection of its own, so that a bad network, a closed app or another command in between cost
//! nothing: the same arrival again takes the visit up where it was.

use crate::client::{Cloud, Stream, base64url, from_base64url};
use crate::keys::{Keys, fresh};
use crate::sealed;
use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, DoorId, DoorTag, Hash, Salt, VisitId};
use protocol::challenge::Challenge;
use protocol::commitment::{Opening, Scan};
use protocol::farewell::Farewell;
use protocol::limits::UPLINK_BYTES_MAX;
use protocol::presentation::Presentation;
use protocol::sign_in::Role;
use protocol::uplink::{FromVisitor, ToVisitor};
use protocol::{Claimed, Credential, Signed, Signer, canonical};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a provider needs to enrol a handset: the QR code on its screen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) name: String,
    /// base64url of the canonical `credential`.
    pub(crate) credential: String,
    /// base64url of the HPKE public key.
    pub(crate) kem: String,
}

/// What a provider seals to the handset.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tour {
    /// Where it is, for the person.
    pub(crate) place: String,
    /// base64url of the signed assignment.
    pub(crate) assignment: String,
    /// One per parcel, hexadecimal.
    pub(crate) salts: Vec<String>,
    /// For a practice delivery only: what would be on sticker and parcels, to tap instead of scanning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) practice: Option<Practice>,
}

/// Sticker and labels of a practice delivery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Practice {
    /// What the sticker says, 32 hexadecimal digits.
    pub(crate) tag: String,
    /// What the labels say.
    pub(crate) labels: Vec<String>,
}

/// A stop of today's tour.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stop {
    pub(crate) door: String,
    pub(crate) grant: String,
    pub(crate) tour: Tour,
    pub(crate) possible_now: bool,
}

/// A visit under way, as the handset remembers it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Visit {
    pub(crate) id: String,
    pub(crate) tag: String,
    pub(crate) stop: Stop,
}

const VISIT: &str = "visit.json";

impl Card {
    /// The card of these keys.
    pub(crate) fn of(keys: &Keys, name: &str) -> anyhow::Result<Self> {
        Ok(Self {
            name: name.into(),
            credential: base64url(&canonical::encode(&keys.device()?.credential())),
            kem: base64url(&keys.kem_public()?.0),
        })
    }

    pub(crate) fn credential(&self) -> anyhow::Result<Credential> {
        let bytes =
            URL_SAFE_NO_PAD.decode(&self.credential).context("the card's credential is not base64url")?;
        canonical::decode(&bytes, 1_024).context("the card's credential")
    }

    pub(crate) fn kem(&self) -> anyhow::Result<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(&self.kem).context("the card's kem is not base64url")
    }
}

/// Today's tour: stops for which a resident has signed.
pub(crate) async fn tour(cloud: &str, keys: &Keys) -> anyhow::Result<Vec<Stop>> {
    let cloud = Cloud::sign_in(cloud, &keys.device()?, Role::Visitor).await?;
    let answer = cloud.get("/v1/visitor/tour").await?;
    let mut stops = Vec::new();
    for stop in answer["stops"].as_array().into_iter().flatten() {
        let (Some(door), Some(grant)) = (stop["door"].as_str(), stop["grant"].as_str()) else { continue };
        let sealed = from_base64url(&stop["tour_sealed"])?;
        let tour = sealed::open(&keys.kem_scalar()?, sealed::TOUR, &sealed).context("the tour")?;
        stops.push(Stop {
            door: door.into(),
            grant: grant.into(),
            tour: serde_json::from_slice(&tour)
                .context("the tour is in a form that this version does not know")?,
            possible_now: stop["possible_now"].as_bool().unwrap_or_default(),
        });
    }
    Ok(stops)
}

/// "Here": begins a visit and waits for the door's challenge.
pub(crate) async fn arrive(cloud: &str, keys: &Keys, stop: &Stop, tag: &str) -> anyhow::Result<Door> {
    let visit = Visit { id: VisitId(fresh()).to_string(), tag: tag.into(), stop: stop.clone() };
    keys.remember(VISIT, &visit)?;
    let mut door = Door::connect(cloud, keys, visit).await?;
    door.wait_for_challenge().await?;
    Ok(door)
}

/// Takes the visit up again.
pub(crate) async fn return_to(cloud: &str, keys: &Keys) -> anyhow::Result<Door> {
    let visit: Visit = keys.recall(VISIT, "vestibule visitor arrive")?;
    Door::connect(cloud, keys, visit).await
}

/// The handset at the door, connected.
pub(crate) struct Door {
    keys: Keys,
    visit: Visit,
    stream: Stream,
    challenge: Option<Vec<u8>>,
}

/// How long the handset waits for a word of the door, seconds.
const WORD_S: u64 = 30;

impl Door {
    async fn connect(cloud: &str, keys: &Keys, visit: Visit) -> anyhow::Result<Self> {
        let cloud = Cloud::sign_in(cloud, &keys.device()?, Role::Visitor).await?;
        let stream = cloud.stream("/v1/visitor/door").await?;
        let mut door = Self { keys: keys.clone(), visit, stream, challenge: None };
        let arrival = door.arrival()?;
        door.stream.send(&FromVisitor::Arrival(Blob(arrival.bytes().to_vec()))).await?;
        Ok(door)
    }

    fn arrival(&self) -> anyhow::Result<Signed<Arrival>> {
        let arrival = Arrival {
            visit: self.visit_id()?,
            door: self.door_id()?,
            door_tag: DoorTag::from_hex(&self.visit.tag)
                .context("the sticker's tag is not 32 hexadecimal digits")?,
            grant: self.grant()?,
            assignment: Some(self.assignment()?.hash()),
        };
        Ok(Signed::sign(arrival, &self.keys.device()?)?)
    }

    /// The visit's name, hexadecimal.
    pub(crate) fn visit(&self) -> &str {
        &self.visit.id
    }

    fn visit_id(&self) -> anyhow::Result<VisitId> {
        VisitId::from_hex(&self.visit.id).context("visit.json is damaged; arrive again")
    }

    fn door_id(&self) -> anyhow::Result<DoorId> {
        DoorId::from_hex(&self.visit.stop.door).context("the door's name is not 32 hexadecimal digits")
    }

    fn grant(&self) -> anyhow::Result<Hash> {
        Hash::from_hex(&self.visit.stop.grant).context("the permission's name is not 64 hexadecimal digits")
    }

    fn assignment(&self) -> anyhow::Result<Claimed<Assignment>> {
        let bytes =
            URL_SAFE_NO_PAD.decode(&self.visit.stop.tour.assignment).context("the tour's assignment")?;
        Claimed::parse(&bytes).context("the tour's assignment")
    }

    /// The door's next word. A challenge is kept for the next scan.
    pub(crate) async fn word(&mut self) -> anyhow::Result<ToVisitor> {
        let next = tokio::time::timeout(Duration::from_secs(WORD_S), self.frame());
        let bytes = next.await.context("the door says nothing; wait, or go on with Plan B")??;
        let word: ToVisitor = canonical::decode(&bytes, UPLINK_BYTES_MAX).context("the door's word")?;
        if let ToVisitor::Challenge(challenge) = &word {
            self.challenge = Some(challenge.0.clone());
        }
        Ok(word)
    }

    /// The next frame that says something: empty ones come for those who cannot see that a connection died.
    async fn frame(&mut self) -> anyhow::Result<Vec<u8>> {
        loop {
            let frame = self.stream.next().await?;
            let frame =
                frame.context("the connection to the door was lost; arrive again, nothing is forgotten")?;
            if !frame.is_empty() {
                return Ok(frame);
            }
        }
    }

    pub(crate) async fn wait_for_challenge(&mut self) -> anyhow::Result<()> {
        while self.challenge.is_none() {
            match self.word().await? {
                ToVisitor::Challenge(_) | ToVisitor::Wait => {}
                other => bail!("{}", sentence(&other)),
            }
        }
        Ok(())
    }

    /// Scans labels and presents them: one message. Answers with the door's word: open, or why not.
    pub(crate) async fn scan(&mut self, labels: &[String]) -> anyhow::Result<ToVisitor> {
        self.wait_for_challenge().await?;
        let challenge = self.challenge.take().context("no challenge")?;
        let claimed = Claimed::<Challenge>::parse(&challenge).context("the door's challenge")?;
        let presentation = Presentation {
            challenge: claimed.hash(),
            grant: self.grant()?,
            assignment: Some(self.assignment()?.hash()),
            opens: labels.iter().map(|label| self.opening(label)).collect::<anyhow::Result<_>>()?,
        };
        let signed = Signed::sign(presentation, &self.keys.device()?)?;
        self.stream.send(&FromVisitor::Presentation(Blob(signed.bytes().to_vec()))).await?;
        // The handset's own copy of the proof.
        self.keep("challenge.cose", &challenge)?;
        self.keep("presentation.cose", signed.bytes())?;
        loop {
            match self.word().await? {
                ToVisitor::Challenge(_) => {}
                word => return Ok(word),
            }
        }
    }

    /// Finds the salt that makes this label one of the errands; a wrong label goes out with any salt, so that the
    /// home refuses it and the resident learns of it.
    fn opening(&self, label: &str) -> anyhow::Result<Opening> {
        let scan = Scan::from_label(label).with_context(|| {
            format!("{label:?} is no label: 1 to 96 letters, digits and signs, no umlauts")
        })?;
        let assignment = self.assignment()?;
        let openings: Vec<Opening> = self
            .visit
            .stop
            .tour
            .salts
            .iter()
            .filter_map(|salt| Some(Opening { salt: Salt::from_hex(salt)?, scan: scan.clone() }))
            .collect();
        let fitting = openings.iter().find(|o| assignment.unproven().errands.contains(&o.commitment()));
        fitting.or(openings.first()).cloned().context("the tour holds no salts")
    }

    /// "Done": says how many parcels are inside.
    pub(crate) async fn farewell(&mut self, parcels: u32) -> anyhow::Result<()> {
        let farewell = Farewell { door: self.door_id()?, visit: self.visit_id()?, parcels };
        let signed = Signed::sign(farewell, &self.keys.device()?)?;
        self.keep("farewell.cose", signed.bytes())?;
        self.stream.send(&FromVisitor::Farewell(Blob(signed.bytes().to_vec()))).await
    }

    /// Waits for a word; anything worse than waiting is an error with its sentence.
    pub(crate) async fn wait_for(&mut self, wanted: &ToVisitor) -> anyhow::Result<()> {
        loop {
            match self.word().await? {
                word if word == *wanted => return Ok(()),
                ToVisitor::Challenge(_)
                | ToVisitor::Wait
                | ToVisitor::Open
                | ToVisitor::CloseDoor
                | ToVisitor::Locking
                | ToVisitor::Secured => {}
                other => bail!("{}", sentence(&other)),
            }
        }
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        std::fs::write(self.keys.path(name), bytes).with_context(|| format!("{name} cannot be kept"))
    }
}

/// A word of the door as a sentence.
pub(crate) const fn sentence(word: &ToVisitor) -> &'static str {
    match word {
        ToVisitor::Challenge(_) => "Scan the parcel.",
        ToVisitor::TryAgain => "That did not work. Please try again.",
        ToVisitor::WrongParcel => "This parcel is not for this door.",
        ToVisitor::NotHereToday => "Not here today. Please go on with Plan B.",
        ToVisitor::Wait => "Please wait.",
        ToVisitor::Open => "Open. Push it in, please stay outside.",
        ToVisitor::CloseDoor => "Please pull the door shut.",
        ToVisitor::Locking => "The door is shut and locks.",
        ToVisitor::Secured => "Closed and locked.",
        ToVisitor::MayGo => "You did everything right. You may go.",
        ToVisitor::Ended => "Done. Next stop.",
        ToVisitor::Asked(_) => "Someone was asked. Please wait.",
        ToVisitor::Coming(_) => "Someone is coming to the door. Please wait.",
        ToVisitor::Permitted(_) => "It is allowed now.",
    }
}
