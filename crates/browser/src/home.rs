//! A home as this device knows it: its roster, and everything that is signed to it or by it.

use crate::draft::Draft;
use crate::key;
use crate::letters::AskedCard;
use crate::text::{self, number};
use crate::trouble::Trouble;
use protocol::answer::{Answer, Word};
use protocol::bytes::{Blob, Hash, Nonce, VisitId};
use protocol::confirmation::Confirmation;
use protocol::head::Head;
use protocol::key::Software;
use protocol::look::Look;
use protocol::roster::{self, Rank, Resident, Roster};
use protocol::sign_in::{Role, SignIn};
use protocol::time::{Interval, Timestamp};
use protocol::{Claimed, Credential};
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// A home's roster, pinned by this device.
#[wasm_bindgen]
pub struct Home {
    roster: Roster,
    hash: Hash,
    envelopes: Vec<Blob>,
    signed_by: Option<String>,
    by_sheet: bool,
}

/// A home in words.
#[derive(Debug, Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct HomeView {
    /// 32 hexadecimal digits.
    pub home: String,
    /// 32 hexadecimal digits.
    pub door: String,
    /// The door's key.
    pub door_fingerprint: String,
    /// Grows by one with every change.
    pub epoch: f64,
    /// Permissions that were signed under an earlier epoch have ended.
    pub grants_from: f64,
    /// H(roster).
    pub hash: String,
    /// Whose signature brought it, by the roster before; none where that one is not known here.
    pub signed_by: Option<String>,
    /// The recovery sheet signed it: the home was taken over.
    pub by_sheet: bool,
    /// Everyone who may sign or watch.
    pub residents: Vec<ResidentView>,
}

/// One key of a home.
#[derive(Debug, Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ResidentView {
    /// 64 hexadecimal digits.
    pub kid: String,
    /// Eight of them.
    pub fingerprint: String,
    /// What people call the device.
    pub name: String,
    /// What it may do.
    #[tsify(type = "'owner' | 'member' | 'companion' | 'recovery'")]
    pub rank: &'static str,
    /// Whether a person must be verified for each signature.
    pub passkey: bool,
    /// Epoch of the roster that first named it: the keys of one device came together.
    pub since: f64,
}

/// The door's own word.
#[derive(Debug, Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct HeadView {
    /// Bolt thrown and door closed, by both sensors; none if unknown.
    pub secured: Option<bool>,
    /// Counter of the newest event of the door log.
    pub counter: f64,
    /// Now at the door, seconds since 1970: not before this second.
    pub from_s: f64,
    /// And not after the end of this one; none if the door has no clock.
    pub until_s: Option<f64>,
    /// What a look must answer, 32 hexadecimal digits; good for one.
    pub look: String,
}

/// Signs in at a cloud. `role` is `resident` or `visitor`; `nonce` and `audience` are the cloud's.
#[wasm_bindgen(js_name = signIn)]
pub fn sign_in(audience: String, nonce: &str, role: &str, signer: &str) -> Result<Draft, Trouble> {
    let nonce = Nonce::from_slice(&text::decode("nonce", nonce)?)
        .ok_or_else(|| Trouble::argument("nonce", "is not 16 bytes"))?;
    let role = match role {
        "resident" => Role::Resident,
        "visitor" => Role::Visitor,
        _ => return Err(Trouble::argument("role", "is resident or visitor")),
    };
    Draft::of(SignIn { audience, nonce, role }, &key::read(signer)?)
}

#[wasm_bindgen]
impl Home {
    /// From the envelopes that this device keeps, or that came in a letter. They are taken as they are: whoever gave
    /// them is trusted by the link's secret or by this device's own storage.
    pub fn pinned(envelopes: Vec<String>) -> Result<Self, Trouble> {
        let envelopes = text::decode_all("roster", &envelopes)?;
        let first = envelopes.first().ok_or_else(|| Trouble::argument("roster", "has no envelope"))?;
        let claimed = Claimed::<Roster>::parse(&first.0)?;
        Ok(Self {
            roster: claimed.unproven().clone(),
            hash: claimed.hash(),
            envelopes,
            signed_by: None,
            by_sheet: false,
        })
    }

    /// The home after the next roster, which the owners of this one must have signed.
    pub fn after(&self, envelopes: Vec<String>) -> Result<Self, Trouble> {
        let envelopes = text::decode_all("roster", &envelopes)?;
        let next = envelopes.iter().map(|one| Claimed::parse(&one.0)).collect::<Result<_, _>>()?;
        let next = roster::succeed(&self.roster, self.hash, next, &Software)?;
        let signed_by = self.roster.owner(next.signer()).map(|owner| owner.name.clone());
        let by_sheet = self.roster.recovery(next.signer()).is_some();
        Ok(Self { roster: next.message().clone(), hash: next.hash(), envelopes, signed_by, by_sheet })
    }

    /// The envelopes, to keep.
    pub fn envelopes(&self) -> Vec<String> {
        self.envelopes.iter().map(|one| text::encode(&one.0)).collect()
    }

    /// The home in words.
    pub fn describe(&self) -> Result<Ts<HomeView>, Trouble> {
        let view = HomeView {
            home: self.roster.home.to_string(),
            door: self.roster.door.to_string(),
            door_fingerprint: self.roster.door_key.kid().fingerprint(),
            epoch: number(self.roster.epoch),
            grants_from: number(self.roster.grants_from),
            hash: self.hash.to_string(),
            signed_by: self.signed_by.clone(),
            by_sheet: self.by_sheet,
            residents: self.roster.residents.iter().map(view).collect(),
        };
        Ok(view.into_ts()?)
    }

    /// A second device's word that a first permission is meant. `grant` is H(grant).
    pub fn confirmation(&self, grant: &str, signer: &str) -> Result<Draft, Trouble> {
        let grant = text::hex("grant", Hash::from_hex, grant)?;
        Draft::of(Confirmation { door: self.roster.door, grant }, &key::read(signer)?)
    }

    /// A word during a visit: `allow`, `stop` or `coming`.
    pub fn answer(&self, visit: &str, word: &str, signer: &str) -> Result<Draft, Trouble> {
        let word = match word {
            "allow" => Word::Allow,
            "stop" => Word::Stop,
            "coming" => Word::Coming,
            _ => return Err(Trouble::argument("word", "is allow, stop or coming")),
        };
        let visit = text::hex("visit", VisitId::from_hex, visit)?;
        Draft::of(Answer { door: self.roster.door, visit, word }, &key::read(signer)?)
    }

    /// To see what the camera sees, outside a visit. `nonce` is what the door's head says, `kem` the public side of a key
    /// that was made for this look.
    pub fn look(&self, nonce: &str, kem: &[u8], signer: &str) -> Result<Draft, Trouble> {
        let none = || Trouble::new("camera_unknown", "the household's list names no camera");
        let camera = self.roster.recorder_keys.first().ok_or_else(none)?.kid();
        let nonce = text::hex("nonce", Nonce::from_hex, nonce)?;
        let look = Look { door: self.roster.door, camera, nonce, kem: Blob(kem.into()) };
        Draft::of(look, &key::read(signer)?)
    }

    /// The door's answer to this device's nonce: signed by the door, for this very question.
    #[wasm_bindgen(js_name = checkHead)]
    pub fn check_head(&self, envelope: &str, nonce: &[u8]) -> Result<Ts<HeadView>, Trouble> {
        let claimed = Claimed::<Head>::parse(&text::decode("head", envelope)?)?;
        let head = claimed.verify(&Credential::device(self.roster.door_key), &Software)?;
        let head = head.message();
        if head.nonce.0 != nonce {
            return Err(Trouble::new("answer_old", "the door's answer is to another question"));
        }
        if head.door != self.roster.door {
            return Err(Trouble::new("other_door", "the answer is of another door"));
        }
        let Interval { lo, hi } = head.at;
        Ok(HeadView {
            secured: head.secured,
            counter: number(head.counter),
            from_s: number(lo.0),
            until_s: (hi != Timestamp::MAX).then(|| number(hi.0)),
            look: head.look.to_string(),
        }
        .into_ts()?)
    }

    /// The next roster, with the keys of a card. `rank` is what its passkey, or without one its device key, becomes.
    pub fn admit(&self, card: &AskedCard, rank: &str, signer: &str) -> Result<Draft, Trouble> {
        let next = card.card().admitted(&self.roster, self.hash, rank_named(rank)?);
        Draft::of(next, &key::read(signer)?)
    }
}

impl Home {
    pub(crate) const fn roster(&self) -> &Roster {
        &self.roster
    }

    #[cfg(test)]
    pub(crate) fn signed_by(&self) -> Option<&str> {
        self.signed_by.as_deref()
    }

    #[cfg(test)]
    pub(crate) const fn is_by_sheet(&self) -> bool {
        self.by_sheet
    }

    pub(crate) fn kept_envelopes(&self) -> &[Blob] {
        &self.envelopes
    }

    pub(crate) const fn hash(&self) -> Hash {
        self.hash
    }
}

pub(crate) fn signer_unknown() -> Trouble {
    Trouble::new("signer_unknown", "nobody of this home who may sign this has the key that signed")
}

fn view(resident: &Resident) -> ResidentView {
    let kid = resident.credential.kid();
    ResidentView {
        kid: kid.to_string(),
        fingerprint: kid.fingerprint(),
        name: resident.name.clone(),
        rank: match resident.role {
            Rank::Owner => "owner",
            Rank::Member => "member",
            Rank::Recovery => "recovery",
            Rank::Companion => "companion",
        },
        passkey: resident.credential.passkey.is_some(),
        since: number(resident.since),
    }
}

fn rank_named(rank: &str) -> Result<Rank, Trouble> {
    match rank {
        "owner" => Ok(Rank::Owner),
        "member" => Ok(Rank::Member),
        _ => Err(Trouble::argument("rank", "is owner or member")),
    }
}
