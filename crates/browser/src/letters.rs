//! The letterbox of a link, for both ends of it.

use crate::founding::Invitation;
use crate::key;
use crate::text;
use crate::trouble::Trouble;
use letterbox::{Card, Pairing, Reply, Secret, Slot};
use protocol::bytes::{Blob, DoorTag};
use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// One link's box.
#[wasm_bindgen]
pub struct Letterbox(Secret);

/// A card that came in.
#[wasm_bindgen]
pub struct AskedCard(Card);

/// What became of a card.
#[derive(Debug, Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase", tag = "what")]
pub enum Answered {
    /// A home's roster names the keys now.
    Home {
        /// Its envelopes.
        envelopes: Vec<String>,
    },
    /// A provider enrolled the handset.
    Handset {
        /// The provider's name.
        provider: String,
    },
    /// A resident lets a guest in.
    #[serde(rename_all = "camelCase")]
    Guest {
        /// The signed grant.
        grant: String,
        /// The sticker's text, hexadecimal; none: it is to be read at the door.
        #[tsify(optional)]
        door_tag: Option<String>,
        /// Where the door is, in the resident's words.
        place: String,
    },
    /// No.
    Refused,
}

#[wasm_bindgen]
impl Letterbox {
    /// From the link's secret: 16 bytes as base64url.
    #[wasm_bindgen(constructor)]
    pub fn new(secret: &str) -> Result<Self, Trouble> {
        let link = |_| Trouble::new("link_damaged", "the link is not complete; copy all of it");
        let bytes = text::decode("secret", secret).map_err(link)?;
        Ok(Self(Secret(text::random("secret", &bytes).map_err(link)?)))
    }

    /// The box's number in the cloud's paths.
    #[wasm_bindgen(getter)]
    pub fn number(&self) -> String {
        self.0.number()
    }

    /// This device's keys, to post as `request`. `nonce` are 12 random bytes.
    pub fn card(
        &self,
        nonce: &[u8],
        name: String,
        device: &str,
        passkey: Option<String>,
        kem: Vec<u8>,
    ) -> Result<String, Trouble> {
        let passkey = passkey.map(|passkey| key::read(&passkey)).transpose()?;
        let card = Card { name, device: key::read(device)?, passkey, kem: Blob(kem) };
        Ok(text::encode(&self.0.seal(Slot::Request, text::random("nonce", nonce)?, &card)))
    }

    /// The card that someone posted.
    #[wasm_bindgen(js_name = readCard)]
    pub fn read_card(&self, letter: &str) -> Result<AskedCard, Trouble> {
        Ok(AskedCard(self.0.open(Slot::Request, &text::decode("letter", letter)?)?))
    }

    /// "The roster names your keys now", to post as `reply`.
    #[wasm_bindgen(js_name = replyHome)]
    pub fn reply_home(&self, nonce: &[u8], envelopes: Vec<String>) -> Result<String, Trouble> {
        self.reply(nonce, &Reply::Home(text::decode_all("roster", &envelopes)?))
    }

    /// A guest's grant and where the door is, to post as `reply`. `door_tag` is the sticker's text in hexadecimal.
    #[wasm_bindgen(js_name = replyGuest)]
    pub fn reply_guest(
        &self,
        nonce: &[u8],
        grant: &str,
        door_tag: Option<String>,
        place: String,
    ) -> Result<String, Trouble> {
        let door_tag = door_tag.map(|tag| text::hex("door_tag", DoorTag::from_hex, &tag)).transpose()?;
        let grant = Blob(text::decode("grant", grant)?);
        self.reply(nonce, &Reply::Guest { grant, door_tag, place })
    }

    /// "No", to post as `reply`.
    #[wasm_bindgen(js_name = replyNo)]
    pub fn reply_no(&self, nonce: &[u8]) -> Result<String, Trouble> {
        self.reply(nonce, &Reply::Refused)
    }

    /// What became of this device's card.
    #[wasm_bindgen(js_name = readReply)]
    pub fn read_reply(&self, letter: &str) -> Result<Ts<Answered>, Trouble> {
        let texts = |blobs: Vec<Blob>| blobs.iter().map(|blob| text::encode(&blob.0)).collect();
        let answered = match self.0.open(Slot::Reply, &text::decode("letter", letter)?)? {
            Reply::Home(envelopes) => Answered::Home { envelopes: texts(envelopes) },
            Reply::Handset(provider) => Answered::Handset { provider },
            Reply::Guest { grant, door_tag, place } => Answered::Guest {
                grant: text::encode(&grant.0),
                door_tag: door_tag.map(|tag| tag.to_string()),
                place,
            },
            Reply::Refused => Answered::Refused,
            Reply::Invitation(_) => return Err(link_other()),
        };
        Ok(answered.into_ts()?)
    }

    /// What the box of a new home says of itself.
    #[wasm_bindgen(js_name = readInvitation)]
    pub fn read_invitation(&self, letter: &str) -> Result<Invitation, Trouble> {
        match self.0.open(Slot::Reply, &text::decode("letter", letter)?)? {
            Reply::Invitation(invitation) => Ok(Invitation(invitation)),
            Reply::Home(_) | Reply::Handset(_) | Reply::Guest { .. } | Reply::Refused => Err(link_other()),
        }
    }

    /// The signed first roster, to post as `request`.
    pub fn pairing(&self, nonce: &[u8], envelopes: Vec<String>) -> Result<String, Trouble> {
        let pairing = Pairing { roster: text::decode_all("roster", &envelopes)? };
        Ok(text::encode(&self.0.seal(Slot::Request, text::random("nonce", nonce)?, &pairing)))
    }

    fn reply(&self, nonce: &[u8], reply: &Reply) -> Result<String, Trouble> {
        Ok(text::encode(&self.0.seal(Slot::Reply, text::random("nonce", nonce)?, reply)))
    }
}

fn link_other() -> Trouble {
    Trouble::new("link_other", "the link is for something else than this page")
}

#[wasm_bindgen]
impl AskedCard {
    /// What the device calls itself.
    #[wasm_bindgen(getter)]
    pub fn name(&self) -> String {
        self.0.name.clone()
    }

    /// To compare with what the other screen shows.
    #[wasm_bindgen(getter)]
    pub fn fingerprint(&self) -> String {
        self.0.device.kid().fingerprint()
    }

    /// The device key's name.
    #[wasm_bindgen(getter)]
    pub fn kid(&self) -> String {
        self.0.device.kid().to_string()
    }
}

impl AskedCard {
    pub(crate) const fn card(&self) -> &Card {
        &self.0
    }
}
