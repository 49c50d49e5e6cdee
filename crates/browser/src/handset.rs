//! A visitor's handset: what it signs at a door, and what the door answers.

use crate::draft::Draft;
use crate::key;
use crate::text;
use crate::trouble::Trouble;
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, DoorId, DoorTag, Hash, Salt, VisitId};
use protocol::challenge::Challenge;
use protocol::commitment::{Commitment, Opening, Scan};
use protocol::farewell::Farewell;
use protocol::limits::UPLINK_BYTES_MAX;
use protocol::presentation::Presentation;
use protocol::ring::Ring;
use protocol::uplink::{FromVisitor, ToVisitor};
use protocol::{Claimed, canonical};
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// What a provider sealed to the handset, as JSON.
#[derive(Debug, Clone, Deserialize, Tsify)]
pub struct Sealed {
    /// Where it is, for the person.
    pub place: String,
    /// The signed assignment.
    pub assignment: String,
    /// One per parcel, hexadecimal.
    pub salts: Vec<String>,
}

/// A stop of the tour, or a guest's visit.
#[wasm_bindgen]
pub struct Errands {
    door: DoorId,
    /// None while no resident has signed one.
    grant: Option<Hash>,
    /// None for a guest.
    assignment: Option<Claimed<Assignment>>,
    salts: Vec<Salt>,
}

/// The door's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
pub struct DoorWord {
    /// What the door says.
    #[tsify(
        type = "'challenge' | 'try_again' | 'wrong_parcel' | 'not_here_today' | 'wait' | 'open' | 'close_door' | 'locking' | 'secured' | 'may_go' | 'ended' | 'asked' | 'coming' | 'permitted'"
    )]
    pub word: &'static str,
    /// Of a challenge: base64url.
    pub challenge: Option<String>,
    /// Of `asked` and `coming`: how long the wait lasts.
    pub seconds: Option<u32>,
    /// Of `permitted`: H(grant), hexadecimal.
    pub grant: Option<String>,
}

impl Errands {
    /// A guest's: no assignment and no parcels.
    pub(crate) const fn of_guest(door: DoorId, grant: Hash) -> Self {
        Self { door, grant: Some(grant), assignment: None, salts: Vec::new() }
    }

    pub(crate) const fn door(&self) -> DoorId {
        self.door
    }

    pub(crate) const fn assignment(&self) -> Option<&Claimed<Assignment>> {
        self.assignment.as_ref()
    }

    fn commitments(&self) -> &[Commitment] {
        self.assignment.as_ref().map_or(&[], |assignment| &assignment.unproven().errands)
    }
}

#[wasm_bindgen]
impl Errands {
    /// `door` and `grant` as the cloud's tour names them, in hexadecimal; no grant while no resident has signed one.
    #[wasm_bindgen(constructor)]
    pub fn new(door: &str, grant: Option<String>, sealed: Ts<Sealed>) -> Result<Self, Trouble> {
        let sealed = sealed.to_rust()?;
        let assignment = Claimed::parse(&text::decode("assignment", &sealed.assignment)?)?;
        let salts = sealed.salts.iter().map(|salt| text::hex("salts", Salt::from_hex, salt));
        Ok(Self {
            door: text::hex("door", DoorId::from_hex, door)?,
            grant: grant.map(|grant| text::hex("grant", Hash::from_hex, &grant)).transpose()?,
            assignment: Some(assignment),
            salts: salts.collect::<Result<_, _>>()?,
        })
    }

    /// How many parcels are for this door.
    #[wasm_bindgen(getter)]
    pub fn parcels(&self) -> usize {
        self.commitments().len()
    }

    /// "Here", with the sticker's text in hexadecimal. `visit` are 16 random bytes in hexadecimal; the same again takes
    /// the visit up where it was.
    pub fn arrival(&self, visit: &str, tag: &str, signer: &str) -> Result<Draft, Trouble> {
        let arrival = Arrival {
            visit: text::hex("visit", VisitId::from_hex, visit)?,
            door: self.door,
            door_tag: text::hex("tag", DoorTag::from_hex, tag)?,
            grant: self.permission()?,
            assignment: self.assignment.as_ref().map(Claimed::hash),
        };
        Draft::of(arrival, &key::read(signer)?)
    }

    /// "Here, and nothing is allowed yet: please ask." The arrival of the same visit follows, once something is.
    pub fn ring(&self, visit: &str, tag: &str, signer: &str) -> Result<Draft, Trouble> {
        let assignment =
            self.assignment.as_ref().ok_or_else(|| Trouble::new("tour_damaged", "guests do not ring"))?;
        let ring = Ring {
            visit: text::hex("visit", VisitId::from_hex, visit)?,
            door: self.door,
            door_tag: text::hex("tag", DoorTag::from_hex, tag)?,
            assignment: assignment.hash(),
        };
        Draft::of(ring, &key::read(signer)?)
    }

    /// The door named a permission, in hexadecimal: arrivals and scans name it from now on.
    pub fn permit(&mut self, grant: &str) -> Result<(), Trouble> {
        self.grant = Some(text::hex("grant", Hash::from_hex, grant)?);
        Ok(())
    }

    /// Which parcel of this stop a label names, from 0; none: it is not for this door. Said at once, without the home.
    pub fn which(&self, label: &str) -> Option<usize> {
        let opening = self.fitting(&Scan::from_label(label)?)?;
        self.commitments().iter().position(|errand| *errand == opening.commitment())
    }

    /// The scans under the door's challenge: one message. A guest scans nothing.
    pub fn presentation(&self, challenge: &str, labels: Vec<String>, signer: &str) -> Result<Draft, Trouble> {
        let challenge = Claimed::<Challenge>::parse(&text::decode("challenge", challenge)?)?;
        let opens = labels.iter().map(|label| self.opening(label)).collect::<Result<_, _>>()?;
        let presentation = Presentation {
            challenge: challenge.hash(),
            grant: self.permission()?,
            assignment: self.assignment.as_ref().map(Claimed::hash),
            opens,
        };
        Draft::of(presentation, &key::read(signer)?)
    }

    /// "Done": how many parcels are inside.
    pub fn farewell(&self, visit: &str, parcels: u32, signer: &str) -> Result<Draft, Trouble> {
        let visit = text::hex("visit", VisitId::from_hex, visit)?;
        Draft::of(Farewell { door: self.door, visit, parcels }, &key::read(signer)?)
    }

    fn permission(&self) -> Result<Hash, Trouble> {
        self.grant.ok_or_else(|| Trouble::new("tour_damaged", "nobody allowed this stop yet"))
    }

    fn fitting(&self, scan: &Scan) -> Option<Opening> {
        let errands = self.commitments();
        self.salts
            .iter()
            .map(|salt| Opening { salt: *salt, scan: scan.clone() })
            .find(|opening| errands.contains(&opening.commitment()))
    }

    /// A wrong label goes out with any salt, so that the home refuses it and the resident learns of it.
    fn opening(&self, label: &str) -> Result<Opening, Trouble> {
        let unreadable = || Trouble::new("label_unreadable", "a label has 1 to 96 letters, digits and signs");
        let scan = Scan::from_label(label).ok_or_else(unreadable)?;
        let any = self.salts.first().map(|salt| Opening { salt: *salt, scan: scan.clone() });
        let none = || Trouble::new("tour_damaged", "the tour holds no salts");
        self.fitting(&scan).or(any).ok_or_else(none)
    }
}

/// A signed envelope as a frame for the door's connection. `kind` is `arrival`, `ring`, `presentation` or
/// `farewell`.
#[wasm_bindgen(js_name = doorFrame)]
pub fn door_frame(kind: &str, envelope: &str) -> Result<Vec<u8>, Trouble> {
    let blob = Blob(text::decode("envelope", envelope)?);
    let frame = match kind {
        "arrival" => FromVisitor::Arrival(blob),
        "ring" => FromVisitor::Ring(blob),
        "presentation" => FromVisitor::Presentation(blob),
        "farewell" => FromVisitor::Farewell(blob),
        _ => return Err(Trouble::argument("kind", "is arrival, ring, presentation or farewell")),
    };
    Ok(canonical::encode(&frame))
}

/// A frame of the door's connection.
#[wasm_bindgen(js_name = doorWord)]
pub fn door_word(frame: &[u8]) -> Result<Ts<DoorWord>, Trouble> {
    let word: ToVisitor = canonical::decode(frame, UPLINK_BYTES_MAX)?;
    let challenge = match &word {
        ToVisitor::Challenge(challenge) => Some(text::encode(&challenge.0)),
        _ => None,
    };
    let seconds = match word {
        ToVisitor::Asked(seconds) | ToVisitor::Coming(seconds) => Some(seconds),
        _ => None,
    };
    let grant = match word {
        ToVisitor::Permitted(grant) => Some(grant.to_string()),
        _ => None,
    };
    let word = match word {
        ToVisitor::Challenge(_) => "challenge",
        ToVisitor::TryAgain => "try_again",
        ToVisitor::WrongParcel => "wrong_parcel",
        ToVisitor::NotHereToday => "not_here_today",
        ToVisitor::Wait => "wait",
        ToVisitor::Open => "open",
        ToVisitor::CloseDoor => "close_door",
        ToVisitor::Locking => "locking",
        ToVisitor::Secured => "secured",
        ToVisitor::MayGo => "may_go",
        ToVisitor::Ended => "ended",
        ToVisitor::Asked(_) => "asked",
        ToVisitor::Coming(_) => "coming",
        ToVisitor::Permitted(_) => "permitted",
    };
    Ok(DoorWord { word, challenge, seconds, grant }.into_ts()?)
}
