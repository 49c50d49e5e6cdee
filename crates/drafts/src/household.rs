//! The next roster: what an owner changes in the household. The first is `letterbox`'s, and so is taking somebody in.
//!
//! Each follows the rules of the specification, section 9: one epoch more, the hash of the one before, and every key that
//! stays keeps the epoch in which it came.

use protocol::bytes::Hash;
use protocol::roster::{Rank, Resident, Roster};
use protocol::{Kid, PublicKey};

/// Without these keys: what they signed ends with them. `hash` is H(present), here and below.
pub fn without(present: &Roster, hash: Hash, kids: &[Kid]) -> Roster {
    let mut next = following(present, hash);
    next.residents.retain(|resident| !kids.contains(&resident.credential.kid()));
    // No more signatures can be asked for than there are owners.
    let owners = next.residents.iter().filter(|resident| resident.role == Rank::Owner).count();
    next.quorum = next.quorum.min(u32::try_from(owners).unwrap_or(u32::MAX));
    next
}

/// The same keys, and an end for every grant that was signed before.
pub fn rekeyed(present: &Roster, hash: Hash) -> Roster {
    let next = following(present, hash);
    Roster { grants_from: next.epoch, ..next }
}

/// With this recovery key in place of the one before.
pub fn with_sheet(present: &Roster, hash: Hash, sheet: PublicKey) -> Roster {
    let mut next = following(present, hash);
    next.residents.retain(|resident| resident.role != Rank::Recovery);
    next.residents.push(Resident::recovery(sheet, next.epoch));
    next.residents.sort_by_key(|resident| resident.credential.kid());
    next
}

/// For whoever moves in: their keys alone, and an end for every grant. A recovery key stays only if it came after they
/// did: an older one lies in a drawer of whoever leaves.
pub fn handed_over(present: &Roster, hash: Hash, to: &[Kid]) -> Roster {
    let mut next = rekeyed(present, hash);
    let theirs = |resident: &Resident| to.contains(&resident.credential.kid());
    let came = present.residents.iter().filter(|resident| theirs(resident)).map(|resident| resident.since);
    let came = came.max().unwrap_or(u64::MAX);
    next.residents.retain(|one| theirs(one) || (one.role == Rank::Recovery && one.since > came));
    next.quorum = 1;
    next
}

/// The roster that brings a person in, as one by which they take the home over with the recovery sheet, after every phone was
/// lost: of the keys of before only sheets stay. To be signed by a sheet's key.
pub fn taken_over(admitted: Roster) -> Roster {
    let epoch = admitted.epoch;
    let stays = |one: &Resident| one.since == epoch || one.role == Rank::Recovery;
    let residents = admitted.residents.into_iter().filter(stays).collect();
    Roster { residents, quorum: 1, grants_from: epoch, ..admitted }
}

fn following(present: &Roster, hash: Hash) -> Roster {
    let (home, door, residents) = (present.home, present.door, present.residents.clone());
    let recorder_keys = present.recorder_keys.clone();
    Roster {
        epoch: present.epoch.saturating_add(1),
        prev: hash,
        home,
        door,
        residents,
        recorder_keys,
        ..*present
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;
    use alloc::vec::Vec;
    use protocol::bytes::{DoorId, HomeId};
    use protocol::envelope::Message as _;
    use protocol::key::Software;
    use protocol::roster::{hands_over, succeed};
    use protocol::{Claimed, DeviceKey, Signed};

    const PRESENT: Hash = Hash([7; 32]);

    fn key(n: u8) -> DeviceKey {
        DeviceKey::from_secret(&[n; 32]).unwrap()
    }

    fn kid(n: u8) -> Kid {
        key(n).public().kid()
    }

    fn resident(n: u8, role: Rank, since: u64) -> Resident {
        let credential = protocol::Credential::device(key(n).public());
        Resident { credential, role, since, name: String::from("phone"), kem: None }
    }

    /// Owners 10 and 12 with companions 11 and 13, a member 14, and the sheet 15 from the beginning.
    fn present() -> Roster {
        let mut residents = vec![
            resident(10, Rank::Owner, 1),
            resident(11, Rank::Companion, 1),
            resident(12, Rank::Owner, 4),
            resident(13, Rank::Companion, 4),
            resident(14, Rank::Member, 3),
            Resident::recovery(key(15).public(), 1),
        ];
        residents.sort_by_key(|resident| resident.credential.kid());
        Roster {
            home: HomeId([1; 16]),
            door: DoorId([2; 16]),
            epoch: 6,
            prev: Hash([6; 32]),
            door_key: key(2).public(),
            recorder_keys: vec![key(3).public()],
            residents,
            quorum: 1,
            grants_from: 2,
        }
    }

    /// Whether it follows the present one by the rules of the protocol, signed by owner 10.
    fn follows(next: &Roster) {
        let signed = Signed::sign(next.clone(), &key(10)).unwrap();
        succeed(&present(), PRESENT, vec![Claimed::parse(signed.bytes()).unwrap()], &Software).unwrap();
    }

    fn kids(roster: &Roster) -> Vec<Kid> {
        roster.residents.iter().map(|resident| resident.credential.kid()).collect()
    }

    /// Whether what this key signed under this epoch counts under this roster.
    fn counts(roster: &Roster, signer: u8, epoch: u64) -> bool {
        roster.grantor(kid(signer)).is_some_and(|signer| roster.epochs_of(signer).contains(&epoch))
    }

    #[test]
    fn a_lost_phone_goes_with_every_key_and_with_what_it_signed() {
        let next = without(&present(), PRESENT, &[kid(12), kid(13)]);
        follows(&next);
        assert_eq!(next.residents.len(), 4);
        assert!(!kids(&next).contains(&kid(12)) && !kids(&next).contains(&kid(13)));
        assert!(counts(&present(), 12, 5) && !counts(&next, 12, 5));
        assert!(counts(&next, 14, 5), "what others signed stays");
        assert_eq!(next.grants_from, 2, "taking away is no re-key: it needs nobody at the hub");
    }

    #[test]
    fn the_last_owner_cannot_go_and_the_quorum_follows_the_owners() {
        let two = Roster { quorum: 2, ..present() };
        let next = without(&two, PRESENT, &[kid(12)]);
        next.check().unwrap();
        assert_eq!(next.quorum, 1);
        assert!(without(&present(), PRESENT, &[kid(10), kid(12)]).check().is_err());
    }

    #[test]
    fn a_re_key_ends_what_was_signed_before_and_nothing_after() {
        let next = rekeyed(&present(), PRESENT);
        follows(&next);
        assert_eq!(next.residents, present().residents);
        for signer in [10, 12, 14] {
            assert!(counts(&present(), signer, 6) && !counts(&next, signer, 6));
            assert!(counts(&next, signer, 7));
        }
    }

    #[test]
    fn a_new_sheet_takes_the_place_of_the_old_one() {
        let next = with_sheet(&present(), PRESENT, key(16).public());
        follows(&next);
        let sheets: Vec<_> = next.residents.iter().filter(|one| one.role == Rank::Recovery).collect();
        assert_eq!(sheets.len(), 1);
        assert_eq!((sheets[0].credential.kid(), sheets[0].since), (kid(16), 7));
        assert_eq!(sheets[0].kem.as_ref().unwrap().0, key(16).public().to_sec1());
        assert!(next.grantor(kid(16)).is_none() && next.revoker(kid(16)).is_none());
        assert!(counts(&next, 10, 5), "no permission ends");
    }

    #[test]
    fn the_sheet_brings_in_one_person_and_leaves_nobody_else() {
        let mut admitted = following(&present(), PRESENT);
        admitted.residents.extend([resident(20, Rank::Owner, 7), resident(21, Rank::Companion, 7)]);
        admitted.residents.sort_by_key(|resident| resident.credential.kid());
        let sign = |next: &Roster, by: u8| {
            let signed = Signed::sign(next.clone(), &key(by)).unwrap();
            succeed(&present(), PRESENT, vec![Claimed::parse(signed.bytes()).unwrap()], &Software).is_ok()
        };
        assert!(!sign(&admitted, 15), "not beside those who are there");
        let next = taken_over(admitted);
        let mut expected = vec![kid(15), kid(20), kid(21)];
        expected.sort();
        assert_eq!(kids(&next), expected);
        assert!(sign(&next, 15) && sign(&next, 10) && !sign(&next, 20) && !sign(&next, 14));
        for signer in [10, 12, 14] {
            assert!(!counts(&next, signer, 6));
        }
        assert!(next.grantor(kid(15)).is_none(), "the paper itself lets nobody in");
    }

    #[test]
    fn who_moves_in_is_alone_with_a_sheet_of_their_own() {
        let theirs = [kid(12), kid(13)];
        // The sheet from before they came is of whoever leaves.
        let next = handed_over(&present(), PRESENT, &theirs);
        follows(&next);
        assert_eq!(next.residents.len(), 2);
        assert!(!counts(&next, 12, 6) && counts(&next, 12, 7));

        let mut later = with_sheet(&present(), PRESENT, key(16).public());
        later.quorum = 2;
        let next = handed_over(&later, Hash([8; 32]), &theirs);
        next.check().unwrap();
        let mut expected = vec![kid(12), kid(13), kid(16)];
        expected.sort();
        assert_eq!(kids(&next), expected);
        assert_eq!((next.quorum, next.grants_from, next.epoch), (1, 8, 8));
        // To nobody, or to somebody who owns nothing, is no hand-over.
        assert!(handed_over(&present(), PRESENT, &[]).check().is_err());
        assert!(handed_over(&present(), PRESENT, &[kid(14)]).check().is_err());
    }

    /// Whether this list hands the home over, with these signatures.
    fn hands(present: &Roster, next: &Roster, signers: &[u8]) -> bool {
        let sign = |by: &u8| Claimed::parse(Signed::sign(next.clone(), &key(*by)).unwrap().bytes()).unwrap();
        hands_over(present, &signers.iter().map(sign).collect::<Vec<_>>(), &Software)
    }

    #[test]
    fn only_owners_who_leave_hand_a_home_over_and_nothing_of_before_may_count() {
        let present = present();
        let next = handed_over(&present, PRESENT, &[kid(12), kid(13)]);
        assert!(hands(&present, &next, &[10]));
        assert!(hands(&present, &next, &[10, 12]), "whoever moves in cannot undo it by signing, too");
        assert!(!hands(&present, &next, &[12]), "who stays and removes the others is the same household");
        assert!(
            !hands(&present, &next, &[14]) && !hands(&present, &next, &[15]) && !hands(&present, &next, &[])
        );
        let forged = Signed::sign(next.clone(), &key(20)).unwrap();
        let forged = Claimed::<Roster>::parse(forged.bytes()).unwrap();
        assert!(!hands_over(&present, &[forged], &Software));

        let two = Roster { quorum: 2, ..present.clone() };
        assert!(!hands(&two, &next, &[10]) && !hands(&two, &next, &[10, 12]), "one who leaves is no quorum");
        assert!(!hands(&present, &without(&present, PRESENT, &[kid(10), kid(11)]), &[10]), "grants go on");
        assert!(!hands(&present, &rekeyed(&present, PRESENT), &[10]), "nobody leaves");

        // The sheet brings the same people back; an owner who signs the very same list gives the home away.
        let mut admitted = following(&present, PRESENT);
        admitted.residents.push(resident(20, Rank::Owner, 7));
        admitted.residents.sort_by_key(|resident| resident.credential.kid());
        let next = taken_over(admitted);
        assert!(!hands(&present, &next, &[15]) && hands(&present, &next, &[10]));
    }
}
