//! A guest's permission as their own device reads it. Whether a resident signed it, the home decides: a guest holds no roster.

use crate::handset::Errands;
use crate::key;
use crate::letter::Letter;
use crate::text;
use crate::trouble::Trouble;
use protocol::Claimed;
use protocol::grant::{Grant, Grantee};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// A permission that names this device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct GuestGrant(Claimed<Grant>);

#[wasm_bindgen]
impl GuestGrant {
    /// From the envelope in a reply. `device` is this device's credential; a permission for any other is refused.
    #[wasm_bindgen(constructor)]
    pub fn new(envelope: &str, device: &str) -> Result<Self, Trouble> {
        let claimed = Claimed::<Grant>::parse(&text::decode("grant", envelope)?)?;
        let device = key::read(device)?;
        match &claimed.unproven().to {
            Grantee::Holder { cnf, .. } if *cnf == device => Ok(Self(claimed)),
            Grantee::Holder { .. } | Grantee::Provider { .. } => {
                Err(Trouble::new("other_holder", "the permission names another device than this one"))
            }
        }
    }

    /// H(grant), as the cloud's tour names it.
    #[wasm_bindgen(getter)]
    pub fn hash(&self) -> String {
        self.0.hash().to_string()
    }

    /// When, how often, on which terms.
    pub fn letter(&self) -> Result<Ts<Letter>, Trouble> {
        Ok(Letter::of(self.0.unproven()).into_ts()?)
    }

    /// What is signed at the door.
    pub fn errands(&self) -> Errands {
        Errands::of_guest(self.0.unproven().door, self.0.hash())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drafts::Wish;
    use protocol::bytes::{DoorId, GrantId, Hash, HomeId};
    use protocol::roster::Roster;
    use protocol::time::{Timestamp, Window};
    use protocol::{DeviceKey, Signed, Signer as _};

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_secret(&[n; 32]).unwrap()
    }

    fn credential(n: u8) -> String {
        crate::key::device_credential(&key(n).public().to_sec1()).unwrap()
    }

    #[test]
    fn only_the_device_that_is_named_takes_the_permission() {
        let roster = Roster {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            epoch: 1,
            prev: Hash([0; 32]),
            door_key: key(2).public(),
            recorder_keys: vec![key(3).public()],
            residents: vec![],
            quorum: 1,
            grants_from: 1,
        };
        let window = Window { from: Timestamp(100), until: Timestamp(200) };
        let grant =
            Wish::guest(key(5).credential(), "Ada".into(), vec![window], 1).grant(&roster, GrantId([9; 16]));
        let signed = Signed::sign(grant, &key(7)).unwrap();
        let envelope = text::encode(signed.bytes());
        assert_eq!(GuestGrant::new(&envelope, &credential(5)).unwrap().hash(), signed.hash().to_string());
        assert_eq!(GuestGrant::new(&envelope, &credential(6)).unwrap_err().code, "other_holder");
    }

    #[test]
    fn a_guest_arrives_without_an_assignment_and_scans_nothing() {
        let errands = Errands::of_guest(DoorId([2; 16]), Hash([4; 32]));
        assert_eq!(errands.parcels(), 0);
        let draft = errands.arrival(&"ab".repeat(16), &"cd".repeat(16), &credential(5)).unwrap();
        assert!(draft.sign(&key(5).sign(&draft.to_be_signed())).is_ok());
    }
}
