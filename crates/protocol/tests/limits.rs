//! What the limits promise together: how much fits into one signed message.

use protocol::bytes::{Blob, DoorId, Hash, HomeId, Salt};
use protocol::canonical::Malformed;
use protocol::commitment::{Opening, Scan};
use protocol::key::Passkey;
use protocol::passkey::Authenticator;
use protocol::presentation::Presentation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::{Credential, DeviceKey, Signed, Signer, limits};

fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_secret(&[seed; 32]).unwrap()
}

fn passkey(seed: u8) -> Authenticator {
    let binding = Passkey {
        rp_id: "home.example".into(),
        origin: "https://home.example".into(),
        backup_eligible: true,
    };
    Authenticator { key: key(seed), binding }
}

fn roster(credentials: impl Iterator<Item = Credential>, name_bytes: usize, kem: bool) -> Roster {
    let resident = |credential| Resident {
        credential,
        role: Rank::Owner,
        since: 1,
        name: "n".repeat(name_bytes),
        kem: kem.then(|| Blob(vec![4; 65])),
    };
    let mut residents: Vec<_> = credentials.map(resident).collect();
    residents.sort_by_key(|resident| resident.credential.kid());
    Roster {
        home: HomeId([1; 16]),
        door: DoorId([2; 16]),
        epoch: 1,
        prev: Hash::ZERO,
        door_key: key(100).public(),
        recorder_keys: (101..105).map(|seed| key(seed).public()).collect(),
        residents,
        quorum: 1,
        grants_from: 0,
    }
}

fn fits<M: protocol::Message>(message: M, signer: &dyn Signer) -> bool {
    match Signed::sign(message, signer) {
        Ok(_) => true,
        Err(why) => {
            assert_eq!(why, Malformed::Oversized);
            false
        }
    }
}

#[test]
fn sixteen_residents_fit_with_short_names_or_device_keys_without_the_longest() {
    let devices = || (1..=16).map(|seed| key(seed).credential());
    let passkeys = || (1..=16).map(|seed| passkey(seed).credential());
    assert_eq!(devices().count(), limits::RESIDENTS_MAX);
    assert!(fits(roster(devices(), 48, true), &key(1)));
    assert!(fits(roster(devices(), limits::NAME_BYTES_MAX, false), &key(1)));
    assert!(!fits(roster(devices(), limits::NAME_BYTES_MAX, true), &passkey(1)));
    assert!(fits(roster(passkeys(), 16, true), &key(1)));
    assert!(!fits(roster(passkeys(), limits::NAME_BYTES_MAX, true), &key(1)));
}

#[test]
fn thirty_two_of_the_longest_scans_fit_under_a_device_key_only() {
    let presentation = |scan_bytes: usize| Presentation {
        challenge: Hash([1; 32]),
        grant: Hash([2; 32]),
        assignment: Some(Hash([3; 32])),
        opens: (0..32)
            .map(|n| Opening {
                salt: Salt([n; 16]),
                scan: Scan::from_label(&"9".repeat(scan_bytes)).unwrap(),
            })
            .collect(),
    };
    assert!(fits(presentation(limits::SCAN_BYTES_MAX), &key(1)));
    assert!(!fits(presentation(limits::SCAN_BYTES_MAX), &passkey(1)));
    assert!(fits(presentation(80), &passkey(1)));
}
