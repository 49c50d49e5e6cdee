//! A home's first roster, made by the first device of the first resident.

use crate::draft::Draft;
use crate::household;
use crate::key;
use crate::trouble::Trouble;
use letterbox::Card;
use protocol::bytes::Blob;
use wasm_bindgen::prelude::wasm_bindgen;

/// What the box of a new home says of itself.
#[wasm_bindgen]
pub struct Invitation(pub(crate) letterbox::Invitation);

#[wasm_bindgen]
impl Invitation {
    /// Of the door's key, to compare with what the box shows.
    #[wasm_bindgen(getter, js_name = doorFingerprint)]
    pub fn door_fingerprint(&self) -> String {
        self.0.door_key.kid().fingerprint()
    }

    /// What the sticker at the door says, 32 hexadecimal digits.
    #[wasm_bindgen(getter, js_name = doorTag)]
    pub fn door_tag(&self) -> String {
        self.0.door_tag.to_string()
    }
}

/// The first roster, for the passkey to sign: it owns the home, the device key is its companion. `kem` is the device's
/// HPKE public key, 65 bytes; `recovery` are 32 random bytes, which go on paper and nowhere else.
#[wasm_bindgen(js_name = firstRoster)]
pub fn first_roster(
    invitation: &Invitation,
    passkey: &str,
    device: &str,
    kem: Vec<u8>,
    name: String,
    recovery: &[u8],
) -> Result<Draft, Trouble> {
    let recovery = household::public(recovery)?;
    let passkey = key::read(passkey)?;
    if passkey.passkey.is_none() {
        return Err(Trouble::argument("passkey", "is a plain key"));
    }
    let card = Card { name, device: key::read(device)?, passkey: Some(passkey.clone()), kem: Blob(kem) };
    Draft::of(invitation.0.first_roster(&card, recovery), &passkey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letters::Letterbox;
    use crate::text;
    use letterbox::{Reply, Secret, Slot};
    use protocol::bytes::{DoorId, DoorTag, HomeId};
    use protocol::roster::{Rank, Roster};
    use protocol::{Credential, DeviceKey, PublicKey, canonical};
    use recording::KemSecret;

    const SECRET: Secret = Secret([7; 16]);

    fn public(byte: u8) -> PublicKey {
        DeviceKey::from_secret(&[byte; 32]).unwrap().public()
    }

    fn invitation() -> letterbox::Invitation {
        letterbox::Invitation {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            door_tag: DoorTag([3; 16]),
            door_key: public(4),
            recorder_keys: vec![public(5)],
        }
    }

    fn passkey() -> String {
        let origin = "https://home.example".into();
        key::passkey_credential(&public(6).to_sec1(), "home.example".into(), origin, true).unwrap()
    }

    fn device() -> String {
        key::device_credential(&public(7).to_sec1()).unwrap()
    }

    /// The roster inside what is to be signed (RFC 9052 section 4.4).
    fn roster_in(draft: &Draft) -> Roster {
        let bytes = draft.to_be_signed();
        let mut decoder = minicbor::Decoder::new(&bytes);
        decoder.array().unwrap();
        decoder.str().unwrap();
        decoder.bytes().unwrap();
        decoder.bytes().unwrap();
        canonical::decode(decoder.bytes().unwrap(), 16_384).unwrap()
    }

    #[test]
    fn the_first_roster_says_what_the_box_said_and_whose_the_home_is() {
        let (box_, link) = (SECRET, text::encode(&SECRET.0));
        let letter = text::encode(&box_.seal(Slot::Reply, [1; 12], &Reply::Invitation(invitation())));
        let read = Letterbox::new(&link).unwrap().read_invitation(&letter).unwrap();
        assert_eq!(read.door_fingerprint(), public(4).kid().fingerprint());
        assert_eq!(read.door_tag(), "03".repeat(16));

        let kem = public(8).to_sec1().to_vec();
        let draft =
            first_roster(&read, &passkey(), &device(), kem.clone(), "phone".into(), &[9; 32]).unwrap();
        assert!(draft.is_passkey());
        let roster = roster_in(&draft);
        assert_eq!((roster.home, roster.door), (HomeId([1; 16]), DoorId([2; 16])));
        assert_eq!((roster.door_key, roster.recorder_keys.as_slice()), (public(4), &[public(5)][..]));
        let of = |role| roster.residents.iter().find(|resident| resident.role == role).unwrap();
        assert_eq!(of(Rank::Owner).credential, key::read(&passkey()).unwrap());
        assert_eq!(of(Rank::Companion).credential, Credential::device(public(7)));
        assert_eq!(of(Rank::Companion).kem, Some(Blob(kem)));
        // What is on the paper opens what is sealed to the roster's recovery key.
        let paper = KemSecret::from_scalar(&[9; 32]).unwrap();
        assert_eq!(of(Rank::Recovery).kem, Some(Blob(paper.public())));
        assert_eq!(roster.residents.len(), 3);
    }

    #[test]
    fn a_plain_key_founds_nothing_and_a_short_secret_is_told() {
        let read = Invitation(invitation());
        let made = |passkey: &str, recovery: &[u8]| {
            let kem = public(8).to_sec1().to_vec();
            first_roster(&read, passkey, &device(), kem, "phone".into(), recovery).map(|_| ())
        };
        assert!(made(&passkey(), &[9; 32]).is_ok());
        for (passkey, recovery) in [(device(), &[9; 32][..]), (passkey(), &[9; 31]), (passkey(), &[0xff; 32])]
        {
            assert_eq!(made(&passkey, recovery).unwrap_err().code, "argument");
        }
    }

    #[test]
    fn a_link_for_something_else_is_told() {
        let letterbox = Letterbox::new(&text::encode(&SECRET.0)).unwrap();
        let other = text::encode(&SECRET.seal(Slot::Reply, [1; 12], &Reply::Refused));
        assert_eq!(letterbox.read_invitation(&other).map(|_| ()).unwrap_err().code, "link_other");
        let stranger = Secret([8; 16]).seal(Slot::Reply, [1; 12], &Reply::Invitation(invitation()));
        let unreadable = letterbox.read_invitation(&text::encode(&stranger)).map(|_| ());
        assert_eq!(unreadable.unwrap_err().code, "letter_unreadable");
    }
}
