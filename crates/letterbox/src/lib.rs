//! What two devices that share a link's secret tell each other through the cloud, which sees a box number and ciphertext.
//!
//! One device makes a [`Secret`] and puts it into a link or a QR code. Whoever opens the link makes keys of its own and
//! posts a [`Card`]; the first device reads it, signs to the key on it, and posts a [`Reply`]. So a household device is
//! invited, a courier's handset is enrolled, a guest is let in: the link alone opens nothing, the signature does.
//!
//! A new home has nobody who could sign. There the box makes the link and leaves its [`Invitation`] as the reply at once;
//! whoever opens the link signs the first roster and leaves it as the request, a [`Pairing`].
//!
//! ```text
//! box       first 16 bytes of H("letterbox_number", secret)
//! key       H("letterbox_key", secret || slot)          slot: 0 request, 1 reply
//! letter    nonce (12) || AES-256-GCM(key, nonce, aad = box || slot, canonical CBOR)
//! ```
//!
//! Whoever reads the link first may answer first, so the person who made it compares the fingerprint before signing.
//! Owns no network and draws no random numbers: secret and nonce are inputs.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::wildcard_enum_match_arm
    )
)]

extern crate alloc;

mod founding;
mod sealed;
mod share;

pub use founding::{Invitation, Pairing};
pub use share::{ShareSecret, Shared};

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use minicbor::{Decode, Encode};
use protocol::bytes::{Blob, DoorTag};
use protocol::limits::NAME_BYTES_MAX;
use protocol::roster::{Rank, Resident, Roster};
use protocol::{Credential, Hash};

/// Bytes of one letter at most: a roster with its signatures fits four times.
pub const LETTER_BYTES_MAX: usize = 16_384;
const NONCE_BYTES: usize = 12;

/// What the link carries: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret(pub [u8; 16]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

/// Which of a box's two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// From whoever opened the link.
    Request,
    /// From whoever made it.
    Reply,
}

impl Slot {
    /// As the cloud's paths name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reply => "reply",
        }
    }

    const fn byte(self) -> u8 {
        match self {
            Self::Request => 0,
            Self::Reply => 1,
        }
    }
}

/// Who asks: a device's new keys.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Card {
    /// What people call the device.
    #[n(0)]
    pub name: String,
    /// The plain key of the device.
    #[n(1)]
    pub device: Credential,
    /// The person's passkey, for residents.
    #[n(2)]
    pub passkey: Option<Credential>,
    /// HPKE public key (P-256, uncompressed SEC1, 65 bytes) for what is sealed to the device.
    #[n(3)]
    pub kem: Blob,
}

impl Card {
    /// The roster after `present`, with this card's keys: the passkey, or without one the device key, gets `rank`; a device
    /// key beside a passkey works silently and becomes a companion.
    pub fn admitted(&self, present: &Roster, present_hash: Hash, rank: Rank) -> Roster {
        let epoch = present.epoch.saturating_add(1);
        let mut next = Roster { epoch, prev: present_hash, ..present.clone() };
        let kem = Some(self.kem.clone());
        let resident = |credential: &Credential, role, name, kem| {
            let credential = credential.clone();
            Resident { credential, role, since: epoch, name, kem }
        };
        match &self.passkey {
            Some(passkey) => {
                next.residents.push(resident(passkey, rank, named(&self.name, " (passkey)"), None));
                next.residents.push(resident(&self.device, Rank::Companion, named(&self.name, ""), kem));
            }
            None => next.residents.push(resident(&self.device, rank, named(&self.name, ""), kem)),
        }
        next.residents.sort_by_key(|resident| resident.credential.kid());
        next
    }
}

/// The name with its suffix, cut to what a roster takes.
fn named(name: &str, suffix: &str) -> String {
    let room = NAME_BYTES_MAX.saturating_sub(suffix.len());
    let cut = (0..=name.len().min(room)).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    [name.get(..cut).unwrap_or_default(), suffix].concat()
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Reply {
    /// The home's roster now names the keys: its envelopes, one per owner who signed.
    #[n(0)]
    Home(#[n(0)] Vec<Blob>),
    /// The provider enrolled the handset; its name.
    #[n(1)]
    Handset(#[n(0)] String),
    /// A guest's grant, and how they find the door.
    #[n(2)]
    Guest {
        /// The signed grant.
        #[n(0)]
        grant: Blob,
        /// What the sticker at the door says; none if the resident's device was never told: then the guest reads it there.
        #[n(1)]
        door_tag: Option<DoorTag>,
        /// Where the door is, in the resident's words.
        #[n(2)]
        place: String,
    },
    /// No.
    #[n(3)]
    Refused,
    /// A home without residents, which waits for its first roster.
    #[n(4)]
    Invitation(#[n(0)] Invitation),
}

/// Why a letter cannot be read: sealed with another secret, for another slot, or changed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the letter was not sealed with this link's secret, or it was changed")
    }
}

impl core::error::Error for Unreadable {}

impl Secret {
    /// The box's number, 32 hexadecimal digits: all that the cloud learns of the secret.
    pub fn number(&self) -> String {
        let mut number = Hash::of("letterbox_number", &[&self.0]).to_string();
        number.truncate(32);
        number
    }

    fn key(&self, slot: Slot) -> Hash {
        Hash::of("letterbox_key", &[&self.0, &[slot.byte()]])
    }

    fn aad(&self, slot: Slot) -> Vec<u8> {
        let mut aad = self.number().into_bytes();
        aad.push(slot.byte());
        aad
    }

    /// Seals a [`Card`], a [`Pairing`] or a [`Reply`]. `nonce` must be random: a slot's key may seal again after a failed send.
    pub fn seal<T: Encode<()>>(&self, slot: Slot, nonce: [u8; NONCE_BYTES], content: &T) -> Vec<u8> {
        sealed::seal(self.key(slot), nonce, &self.aad(slot), content)
    }

    /// Opens what the other side sealed for this slot.
    pub fn open<T>(&self, slot: Slot, letter: &[u8]) -> Result<T, Unreadable>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        sealed::open(self.key(slot), &self.aad(slot), letter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::DeviceKey;

    fn card() -> Card {
        let device = Credential::device(DeviceKey::from_secret(&[7; 32]).unwrap().public());
        Card { name: "tablet".into(), device, passkey: None, kem: Blob(alloc::vec![4; 65]) }
    }

    #[test]
    fn only_whoever_has_the_link_reads_the_letter_and_only_in_its_slot() {
        let secret = Secret([1; 16]);
        let letter = secret.seal(Slot::Request, [2; 12], &card());
        assert_eq!(secret.open::<Card>(Slot::Request, &letter), Ok(card()));
        assert_eq!(secret.open::<Card>(Slot::Reply, &letter), Err(Unreadable));
        assert_eq!(Secret([3; 16]).open::<Card>(Slot::Request, &letter), Err(Unreadable));
        for place in 0..letter.len() {
            let mut changed = letter.clone();
            changed[place] ^= 1;
            assert_eq!(secret.open::<Card>(Slot::Request, &changed), Err(Unreadable), "{place}");
        }
        assert_eq!(secret.open::<Card>(Slot::Request, &[]), Err(Unreadable));
    }

    #[test]
    fn beside_a_passkey_the_device_key_says_no_and_never_yes() {
        use protocol::bytes::{DoorId, HomeId};
        let owner = DeviceKey::from_secret(&[9; 32]).unwrap();
        let first = Card { device: Credential::device(owner.public()), ..card() };
        let none = Roster {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            epoch: 0,
            prev: Hash::ZERO,
            door_key: owner.public(),
            recorder_keys: alloc::vec![],
            residents: alloc::vec![],
            quorum: 1,
            grants_from: 0,
        };
        let roster = first.admitted(&none, Hash::ZERO, Rank::Owner);
        assert!(roster.grantor(owner.kid()).is_some());

        let key = DeviceKey::from_secret(&[8; 32]).unwrap().public();
        let passkey = protocol::key::Passkey {
            rp_id: "home.example".into(),
            origin: "https://home.example".into(),
            backup_eligible: true,
        };
        let passkey = Credential { key, passkey: Some(passkey) };
        let long = "\u{e4}".repeat(40);
        let second = Card { passkey: Some(passkey.clone()), name: long, ..card() };
        let next = second.admitted(&roster, Hash([3; 32]), Rank::Member);
        assert_eq!((next.epoch, next.prev), (2, Hash([3; 32])));
        assert!(next.grantor(passkey.kid()).is_some() && next.owner(passkey.kid()).is_none());
        assert!(next.grantor(second.device.kid()).is_none());
        let companion = next.revoker(second.device.kid()).unwrap();
        assert_eq!(companion.kem.as_ref(), Some(&second.kem));
        assert!(next.residents.iter().all(|resident| resident.name.len() <= NAME_BYTES_MAX));
    }

    #[test]
    fn the_number_tells_one_box_from_another_and_not_the_secret() {
        assert_ne!(Secret([1; 16]).number(), Secret([2; 16]).number());
        assert_eq!(Secret([1; 16]).number().len(), 32);
        assert!(!Secret([1; 16]).number().contains("0101010101010101"));
    }
}
