//! The home and its people: keys, roster, and what makes a doorkeeper.

use doorkeeper::chance::Chance;
use doorkeeper::{Commissioning, Home};
use protocol::bytes::{BootId, DoorId, DoorTag, Hash, HomeId};
use protocol::key::Software;
use protocol::roster::{Rank, Resident, Roster};
use protocol::{Credential, DeviceKey, Signed, Signer};

/// Everybody's keys. Which of them lie on the tray is [`crate::attempt`]'s to say.
pub(crate) struct Keys {
    pub(crate) door: DeviceKey,
    pub(crate) resident: DeviceKey,
    pub(crate) recorder: DeviceKey,
    pub(crate) provider_root: DeviceKey,
    pub(crate) provider_working: DeviceKey,
    pub(crate) handset: DeviceKey,
    /// The cloud's own.
    pub(crate) cloud: DeviceKey,
    /// The phone of whoever tries.
    pub(crate) thief: DeviceKey,
}

impl Keys {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        Self {
            door: key(chance),
            resident: key(chance),
            recorder: key(chance),
            provider_root: key(chance),
            provider_working: key(chance),
            handset: key(chance),
            cloud: key(chance),
            thief: key(chance),
        }
    }
}

/// A few values in 2^256 are no key: then the next ones.
fn key(chance: &mut Chance) -> DeviceKey {
    loop {
        let mut secret = [0; 32];
        secret[..16].copy_from_slice(&chance.draw());
        secret[16..].copy_from_slice(&chance.draw());
        if let Some(key) = DeviceKey::from_secret(&secret) {
            return key;
        }
    }
}

/// What a home is known by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) home: HomeId,
    pub(crate) door: DoorId,
    pub(crate) tag: DoorTag,
}

impl Place {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        Self { home: HomeId(chance.draw()), door: DoorId(chance.draw()), tag: DoorTag(chance.draw()) }
    }
}

/// One resident, one recorder, nothing added since.
pub(crate) fn roster(keys: &Keys, place: Place) -> Roster {
    Roster {
        home: place.home,
        door: place.door,
        epoch: 1,
        prev: Hash::ZERO,
        door_key: keys.door.public(),
        recorder_keys: vec![keys.recorder.public()],
        residents: vec![resident(&keys.resident, 1, "phone")],
        quorum: 1,
        grants_from: 0,
    }
}

pub(crate) fn resident(key: &DeviceKey, since: u64, name: &str) -> Resident {
    Resident { credential: key.credential(), role: Rank::Owner, since, name: name.into(), kem: None }
}

/// What the doorkeeper starts with, each time anew.
pub(crate) fn home(keys: &Keys, place: Place, roster: &Signed<Roster>, chance: &mut Chance) -> Home {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(&chance.draw());
    seed[16..].copy_from_slice(&chance.draw());
    Home {
        roster: roster.clone(),
        door_key: Box::new(keys.door.clone()),
        verifier: Box::new(Software),
        door_tag: place.tag,
        commissioning: Commissioning {
            relocks_without_hub: true,
            opens_from_inside: true,
            no_blind_auto_lock: true,
        },
        answer_s: doorkeeper::limits::ANSWER_S,
        boot: BootId(chance.draw()),
        seed,
    }
}

/// Signs with one key in the name of another: what a forger does.
pub(crate) struct Forger<'a> {
    pub(crate) name: &'a DeviceKey,
    pub(crate) key: &'a DeviceKey,
}

impl Signer for Forger<'_> {
    fn credential(&self) -> Credential {
        self.name.credential()
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.key.sign(to_be_signed)
    }
}
