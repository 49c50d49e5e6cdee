//! A home's first roster: what the box tells the first device, and what that device hands back.
//!
//! Owns the shape of the roster, whoever makes it. Does not own keys: the signature and the recovery secret are the
//! founder's.

use crate::Card;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use protocol::bytes::{Blob, DoorId, DoorTag, HomeId};
use protocol::roster::{Rank, Resident, Roster};
use protocol::{Hash, PublicKey};

/// What the first device must know of a home: the hub's words, as [`crate::Reply::Invitation`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Invitation {
    /// The home.
    #[n(0)]
    pub home: HomeId,
    /// Its door.
    #[n(1)]
    pub door: DoorId,
    /// What the sticker at the door says.
    #[n(2)]
    pub door_tag: DoorTag,
    /// Signs challenges and the door log.
    #[n(3)]
    pub door_key: PublicKey,
    /// Sign recordings.
    #[n(4)]
    pub recorder_keys: Vec<PublicKey>,
}

/// The first device's answer: a request that asks for nothing, since nobody else is there to sign.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pairing {
    /// Envelopes of the first roster, one per owner who signed.
    #[n(0)]
    pub roster: Vec<Blob>,
}

impl Invitation {
    /// The home's first roster: the founder's card as owner, and the key on the recovery sheet, which opens recordings
    /// and takes the home over when every phone is lost. To be signed by the card's passkey, or without one by its
    /// device key.
    pub fn first_roster(&self, founder: &Card, recovery: PublicKey) -> Roster {
        let nobody = Roster {
            home: self.home,
            door: self.door,
            epoch: 0,
            prev: Hash::ZERO,
            door_key: self.door_key,
            recorder_keys: self.recorder_keys.clone(),
            residents: [Resident::recovery(recovery, 1)].into(),
            quorum: 1,
            grants_from: 0,
        };
        founder.admitted(&nobody, Hash::ZERO, Rank::Owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reply, Secret, Slot, Unreadable};
    use alloc::vec;
    use protocol::key::Passkey;
    use protocol::{Credential, DeviceKey, canonical};

    fn public(byte: u8) -> PublicKey {
        DeviceKey::from_secret(&[byte; 32]).unwrap().public()
    }

    fn invitation() -> Invitation {
        Invitation {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            door_tag: DoorTag([3; 16]),
            door_key: public(4),
            recorder_keys: vec![public(5)],
        }
    }

    fn card(passkey: Option<Credential>) -> Card {
        let device = Credential::device(public(6));
        Card { name: "phone".into(), device, passkey, kem: Blob(vec![4; 65]) }
    }

    #[test]
    fn both_letters_come_as_they_were_sent_and_neither_is_taken_for_another() {
        let secret = Secret([1; 16]);
        let reply = Reply::Invitation(invitation());
        let letter = secret.seal(Slot::Reply, [2; 12], &reply);
        assert_eq!(secret.open::<Reply>(Slot::Reply, &letter), Ok(reply));

        let pairing = Pairing { roster: vec![Blob(vec![7; 900])] };
        let letter = secret.seal(Slot::Request, [3; 12], &pairing);
        assert_eq!(secret.open::<Pairing>(Slot::Request, &letter), Ok(pairing));
        assert_eq!(secret.open::<Card>(Slot::Request, &letter), Err(Unreadable));
        let letter = secret.seal(Slot::Request, [3; 12], &card(None));
        assert_eq!(secret.open::<Pairing>(Slot::Request, &letter), Err(Unreadable));
    }

    #[test]
    fn the_founder_owns_the_home_and_the_sheet_signs_nothing() {
        let passkey = Passkey {
            rp_id: "home.example".into(),
            origin: "https://home.example".into(),
            backup_eligible: true,
        };
        let passkey = Credential { key: public(8), passkey: Some(passkey) };
        for founder in [card(None), card(Some(passkey))] {
            let roster = invitation().first_roster(&founder, public(9));
            assert_eq!((roster.epoch, roster.prev, roster.quorum), (1, Hash::ZERO, 1));
            assert!(roster.residents.iter().all(|resident| resident.since == 1));
            assert!(roster.residents.is_sorted_by_key(|resident| resident.credential.kid()));
            let signer = founder.passkey.as_ref().unwrap_or(&founder.device);
            assert!(roster.owner(signer.kid()).is_some());
            assert!(roster.revoker(founder.device.kid()).is_some());
            let sheet = public(9).kid();
            assert!(roster.grantor(sheet).is_none() && roster.revoker(sheet).is_none());
            let sheet = roster.residents.iter().find(|one| one.credential.kid() == sheet).unwrap();
            assert_eq!((sheet.role, sheet.name.as_str()), (Rank::Recovery, "recovery sheet"));
            assert_eq!(sheet.kem, Some(Blob(public(9).to_sec1().to_vec())));
            assert!(canonical::decode::<Roster>(&canonical::encode(&roster), 16_384).is_ok());
        }
    }
}
