//! What each rank may sign, as one table.

use protocol::answer::Word;
use protocol::bytes::{DoorId, Hash, HomeId};
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::Timestamp;
use protocol::{DeviceKey, Kid, Signer as _};

fn key(rank: Rank) -> DeviceKey {
    DeviceKey::from_secret(&[rank as u8 + 1; 32]).unwrap()
}

fn roster() -> Roster {
    let ranks = [Rank::Owner, Rank::Member, Rank::Recovery, Rank::Companion];
    let resident =
        |role| Resident { credential: key(role).credential(), role, since: 1, name: "key".into(), kem: None };
    Roster {
        home: HomeId([1; 16]),
        door: DoorId([1; 16]),
        epoch: 1,
        prev: Hash::ZERO,
        door_key: DeviceKey::from_secret(&[9; 32]).unwrap().public(),
        recorder_keys: vec![],
        residents: ranks.map(resident).to_vec(),
        quorum: 1,
        grants_from: 0,
    }
}

/// Whether owner, member, companion and recovery key may.
fn who(may: impl Fn(&Roster, Kid) -> bool) -> [bool; 4] {
    let roster = roster();
    [Rank::Owner, Rank::Member, Rank::Companion, Rank::Recovery].map(|rank| may(&roster, key(rank).kid()))
}

#[test]
fn each_rank_signs_what_the_specification_says() {
    let answers = |word| who(|roster, kid| roster.answerer(kid, word).is_some());
    assert_eq!(who(|roster, kid| roster.owner(kid).is_some()), [true, false, false, false]);
    assert_eq!(who(|roster, kid| roster.grantor(kid).is_some()), [true, true, false, false]);
    assert_eq!(who(|roster, kid| roster.revoker(kid).is_some()), [true, true, true, false]);
    assert_eq!(answers(Word::Allow), [true, true, false, false]);
    assert_eq!(answers(Word::Stop), [true, true, true, false]);
    assert_eq!(answers(Word::Coming), [true, true, true, false]);
}

#[test]
fn each_rank_replaces_the_list_as_the_specification_says() {
    let list = |sequence, blocked| Revocation {
        door: DoorId([1; 16]),
        sequence,
        issued: Timestamp(1),
        blocked,
        grants: vec![],
        providers: vec![],
        devices: vec![],
    };
    let present = list(7, true);
    let ranks = [Rank::Owner, Rank::Member, Rank::Companion, Rank::Recovery];
    let may = |next: Revocation| ranks.map(|rank| next.may_follow(Some(&present), rank));
    assert_eq!(may(list(7, true)), [false; 4], "not newer");
    assert_eq!(may(list(8, true)), [true, true, true, false], "adds");
    assert_eq!(may(list(8, false)), [true, false, false, false], "lifts");
    assert_eq!(may(list(7 + (1 << 32), true)), [true, true, true, false], "as far as a companion leaps");
    assert_eq!(may(list(8 + (1 << 32), true)), [true, true, false, false], "farther");
    let first = |sequence| ranks.map(|rank| list(sequence, false).may_follow(None, rank));
    assert_eq!(first(1), [true, true, true, false]);
    assert_eq!(first(u64::MAX), [true, true, false, false]);
}
