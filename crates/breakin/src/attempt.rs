//! What can be tried, and what comes of it: the shapes that the page and the home exchange.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// Everything that somebody chooses before the door is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The courier's handset lies on the tray: its key, and the salts of its parcels.
    pub has_handset: bool,
    /// The provider's working key lies on the tray, and the provider's list of parcels with their salts.
    pub has_provider: bool,
    /// What the cloud sends to the home first.
    pub first: First,
    /// The grant.
    pub permission: Permission,
    /// The assignment.
    pub order: Order,
    /// Who says "here", and how.
    pub arrival: Arrival,
    /// Whose key signs at the door.
    pub device: Device,
    /// What answers the door's challenge.
    pub answer: Answer,
    /// What is scanned.
    pub parcel: Parcel,
    /// What becomes of the camera.
    pub camera: Camera,
    /// What becomes of the home's radio and network.
    pub radio: Radio,
    /// When.
    pub time: Time,
}

/// A paper that the cloud sends ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// Nothing.
    Nothing,
    /// A roster that names the cloud's key as a resident, signed with it.
    Roster,
}

/// A grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Yesterday's, for which a courier was here.
    Used,
    /// Tomorrow's: not used.
    Tomorrow,
    /// Tomorrow's, with its id and its window changed, under the signature that it had.
    Altered,
    /// The resident's for another door of theirs, for now.
    OtherDoor,
    /// Made by the cloud, signed with its key.
    Own,
    /// Made by the cloud in the resident's name, signed with the cloud's key.
    Forged,
}

/// An assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// What the provider signed: it names the courier's handset.
    Relayed,
    /// For the thief's phone, signed with the cloud's key.
    Own,
    /// For the thief's phone, of a provider that the cloud made up.
    MadeUp,
    /// For the thief's phone, signed with the provider's working key. Needs it.
    Provider,
    /// None.
    Nothing,
}

/// How an arrival comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// Signed now.
    Fresh,
    /// Yesterday's, word for word.
    Replayed,
    /// The courier's own, tomorrow's papers in hand; whoever tries answers in the courier's place.
    Courier,
}

/// A key to sign with at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    /// The thief's phone.
    Thief,
    /// The thief's phone, in the name of the courier's handset.
    Forged,
    /// The courier's handset. Needs it.
    Handset,
}

/// A presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Signed now, for the newest challenge.
    Fresh,
    /// Yesterday's, word for word.
    Replayed,
    /// Signed now, and cut off in the middle.
    Torn,
}

/// A scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Parcel {
    /// The announced label, with a guessed salt: the cloud has no other.
    Guessed,
    /// The announced label and its salt. Needs the handset or the provider.
    Announced,
    /// Some other parcel.
    Other,
}

/// The camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Camera {
    /// It films.
    Films,
    /// Its picture stands still: no newer frame to prove.
    Frozen,
    /// No picture; the cloud signs the proofs in the recorder's place.
    Forged,
    /// It films until the door has decided, and is cut off then.
    CutLate,
}

/// Radio and network of the home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Radio {
    /// Nobody disturbs it.
    Quiet,
    /// The door's contact is jammed.
    Contact,
    /// The home started anew, and no time server answers.
    Clock,
}

/// When it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// Now.
    Now,
    /// Tomorrow, an hour into the window of tomorrow's grant.
    Tomorrow,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Every no of the home, in the order in which they came. Papers first.
    pub stops: Vec<Stop>,
    /// Set if the bolt was withdrawn.
    #[tsify(optional)]
    pub opened: Option<Opened>,
    /// When, seconds since 1970.
    pub at_s: u64,
}

/// One no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
pub struct Stop {
    /// At what.
    pub at: At,
    /// The doorkeeper's code.
    pub code: &'static str,
    /// The check of the specification, 1 to 16.
    #[tsify(optional)]
    pub check: Option<u8>,
}

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// The roster was not kept.
    Roster,
    /// The grant was not kept.
    Permission,
    /// The delegation or the assignment was not kept.
    Order,
    /// The arrival.
    Arrival,
    /// The presentation.
    Answer,
}

/// Whose keys made the bolt move, read from the papers that the home admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// Whose key signed at the door.
    pub device: Device,
    /// A camera's proof was demanded and given.
    pub filmed: bool,
}

/// What is tried needs something that does not lie on the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOnTheTray;

impl Attempt {
    /// Nobody signs with a key they do not hold.
    pub fn check(&self) -> Result<(), NotOnTheTray> {
        let handset = self.device != Device::Handset || self.has_handset;
        let provider = self.order != Order::Provider || self.has_provider;
        let salt = self.parcel != Parcel::Announced || self.has_handset || self.has_provider;
        if handset && provider && salt { Ok(()) } else { Err(NotOnTheTray) }
    }
}
