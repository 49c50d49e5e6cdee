//! Changes of the household that an owner signs, and the recovery sheet on its way to the paper and back.

use crate::draft::Draft;
use crate::home::Home;
use crate::key;
use crate::text;
use crate::trouble::Trouble;
use drafts::household;
use letterbox::Card;
use protocol::bytes::Blob;
use protocol::roster::Rank;
use protocol::{Credential, DeviceKey, Kid, PublicKey};
use wasm_bindgen::prelude::wasm_bindgen;

/// The key on a recovery sheet, by its public side.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its key, to which parts of recordings are wrapped: 64 hexadecimal digits.
    pub kid: String,
    /// Uncompressed, 65 bytes: what WebCrypto wants beside the secret.
    pub point: Vec<u8>,
}

#[wasm_bindgen]
impl Home {
    /// The next roster, without these keys.
    pub fn remove(&self, kids: Vec<String>, signer: &str) -> Result<Draft, Trouble> {
        let next = household::without(self.roster(), self.hash(), &named(&kids)?);
        Draft::of(next, &key::read(signer)?)
    }

    /// The next roster: the same keys, and an end for every permission that was signed before.
    pub fn rekey(&self, signer: &str) -> Result<Draft, Trouble> {
        Draft::of(household::rekeyed(self.roster(), self.hash()), &key::read(signer)?)
    }

    /// The next roster, with a new recovery sheet; `secret` are the 32 random bytes on it.
    #[wasm_bindgen(js_name = replaceSheet)]
    pub fn replace_sheet(&self, secret: &[u8], signer: &str) -> Result<Draft, Trouble> {
        let next = household::with_sheet(self.roster(), self.hash(), public(secret)?);
        Draft::of(next, &key::read(signer)?)
    }

    /// The next roster, with the keys of whoever moves in and nobody else's.
    #[wasm_bindgen(js_name = handOver)]
    pub fn hand_over(&self, to: Vec<String>, signer: &str) -> Result<Draft, Trouble> {
        let next = household::handed_over(self.roster(), self.hash(), &named(&to)?);
        Draft::of(next, &key::read(signer)?)
    }

    /// The next roster, by which this device takes the home over with a recovery sheet; `secret` are the bytes on it.
    #[wasm_bindgen(js_name = takeOver)]
    pub fn take_over(
        &self,
        device: &str,
        passkey: &str,
        kem: Vec<u8>,
        name: String,
        secret: &[u8],
    ) -> Result<Draft, Trouble> {
        let sheet = Credential::device(public(secret)?);
        self.read_sheet(secret)?;
        let card =
            Card { name, device: key::read(device)?, passkey: Some(key::read(passkey)?), kem: Blob(kem) };
        let admitted = card.admitted(self.roster(), self.hash(), Rank::Owner);
        Draft::of(household::taken_over(admitted), &sheet)
    }

    /// Whether what stands on a sheet is the recovery key of this roster.
    #[wasm_bindgen(js_name = readSheet)]
    pub fn read_sheet(&self, secret: &[u8]) -> Result<Sheet, Trouble> {
        let other =
            || Trouble::new("sheet_other", "the key on the sheet is not the one that the roster names");
        self.roster().recovery(public(secret)?.kid()).ok_or_else(other)?;
        sheet_of(secret)
    }
}

/// The key on a sheet, whatever home it is of.
#[wasm_bindgen(js_name = sheetOf)]
pub fn sheet_of(secret: &[u8]) -> Result<Sheet, Trouble> {
    let key = public(secret)?;
    Ok(Sheet { kid: key.kid().to_string(), point: key.to_sec1().to_vec() })
}

/// The public side of what stands on a sheet.
pub(crate) fn public(secret: &[u8]) -> Result<PublicKey, Trouble> {
    let none = || Trouble::argument("recovery", "is one of the few values that are no key; draw again");
    Ok(DeviceKey::from_secret(&text::random("recovery", secret)?).ok_or_else(none)?.public())
}

fn named(kids: &[String]) -> Result<Vec<Kid>, Trouble> {
    kids.iter().map(|kid| text::hex("kid", Kid::from_hex, kid)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use letterbox::Invitation;
    use protocol::bytes::{DoorId, DoorTag, HomeId};
    use protocol::{Signed, Signer as _};

    fn device(n: u8) -> DeviceKey {
        DeviceKey::from_secret(&[n; 32]).unwrap()
    }

    /// A home of its first device, with the sheet `[9; 32]`.
    fn home() -> Home {
        let invitation = Invitation {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            door_tag: DoorTag([3; 16]),
            door_key: device(4).public(),
            recorder_keys: vec![],
        };
        let kem = Blob(device(8).public().to_sec1().to_vec());
        let card =
            Card { name: "phone".into(), device: Credential::device(device(7).public()), passkey: None, kem };
        let first = invitation.first_roster(&card, device(9).public());
        let signed = Signed::sign(first, &device(7)).unwrap();
        Home::pinned(vec![text::encode(signed.bytes())]).unwrap()
    }

    /// The home after what the first device signs.
    fn after(home: &Home, draft: &Draft) -> Home {
        let signed = draft.sign(&device(7).sign(&draft.to_be_signed())).unwrap();
        home.after(vec![signed.bytes]).unwrap()
    }

    #[test]
    fn a_sheet_is_known_by_its_key_and_one_that_was_replaced_by_the_home_of_then() {
        let (home, owner) = (home(), key::write(&device(7).credential()));
        let sheet = home.read_sheet(&[9; 32]).unwrap();
        assert_eq!(sheet.kid, device(9).public().kid().to_string());
        assert_eq!(sheet.point, device(9).public().to_sec1());
        let wrong = |home: &Home, secret: &[u8]| home.read_sheet(secret).unwrap_err().code;
        // The key of a device is no sheet, whoever typed it.
        assert_eq!(wrong(&home, &[8; 32]), "sheet_other");
        assert_eq!((wrong(&home, &[9; 31]), wrong(&home, &[0xff; 32])), ("argument", "argument"));

        let later = after(&home, &home.replace_sheet(&[10; 32], &owner).unwrap());
        assert!(later.read_sheet(&[10; 32]).is_ok());
        assert_eq!(wrong(&later, &[9; 32]), "sheet_other");
        assert!(home.read_sheet(&[9; 32]).is_ok());
    }

    #[test]
    fn who_signed_a_change_is_known_where_the_roster_before_is() {
        let (home, owner) = (home(), key::write(&device(7).credential()));
        assert_eq!(home.signed_by(), None);
        assert_eq!(after(&home, &home.rekey(&owner).unwrap()).signed_by(), Some("phone"));
        let stranger = key::write(&device(6).credential());
        let draft = home.rekey(&stranger).unwrap();
        let signed = draft.sign(&device(6).sign(&draft.to_be_signed())).unwrap();
        assert_eq!(home.after(vec![signed.bytes]).map(|_| ()).unwrap_err().code, "roster_quorum");
    }

    #[test]
    fn the_sheet_signs_a_new_phone_in_and_the_lost_one_out() {
        let home = home();
        let (device_of, passkey) = (key::write(&device(5).credential()), key::write(&device(6).credential()));
        let kem = device(8).public().to_sec1().to_vec();
        let take = |secret: &[u8]| {
            home.take_over(&device_of, &passkey, kem.clone(), "new".into(), secret).map_err(|t| t.code)
        };
        assert_eq!(take(&[10; 32]).map(|_| ()).unwrap_err(), "sheet_other");
        let draft = take(&[9; 32]).unwrap();
        let signed = draft.sign(&device(9).sign(&draft.to_be_signed())).unwrap();
        let later = home.after(vec![signed.bytes]).unwrap();
        assert_eq!(later.signed_by(), None);
        assert!(later.is_by_sheet());
        // No owner in it signed: the door's word is what proves it.
        assert!(home.owner_signed().is_some() && later.owner_signed().is_none());
        assert_eq!(protocol::Hash::of("roster", &[&later.message()]), later.hash());
        let names: Vec<_> = later.roster().residents.iter().map(|one| one.name.as_str()).collect();
        assert!(!names.contains(&"phone") && names.contains(&"new"), "{names:?}");
    }

    #[test]
    fn a_home_without_an_owner_cannot_be_signed() {
        let (home, owner) = (home(), key::write(&device(7).credential()));
        let kid = device(7).public().kid().to_string();
        assert!(home.remove(vec![kid.clone()], &owner).is_err());
        assert!(home.hand_over(vec![], &owner).is_err());
        assert!(home.hand_over(vec![kid], &owner).is_ok());
    }
}
