//! What each fact at an arrival leads to.

use super::*;
use protocol::DeviceKey;
use protocol::bytes::{AssignmentId, DoorId, DoorTag, GrantId, Hash, TourId, VisitId};
use protocol::commitment::Commitment;
use protocol::grant::{Entry, Occupied, Record, Terms};
use protocol::key::Credential;
use protocol::time::Window;

const DOOR: DoorId = DoorId([1; 16]);
const PARCEL: Commitment = Commitment(Hash([9; 32]));
const ROOT: Kid = Kid([5; 32]);

fn device(seed: u8) -> Credential {
    Credential::device(DeviceKey::from_secret(&[seed; 32]).unwrap().public())
}

fn window(from: u64, until: u64) -> Window {
    Window { from: Timestamp(from), until: Timestamp(until) }
}

fn grant() -> Grant {
    Grant {
        id: GrantId([2; 16]),
        door: DOOR,
        roster_epoch: 1,
        to: Grantee::Provider { root: ROOT, name: "Carrier".into() },
        errand: Errand::Consignments(vec![PARCEL]),
        windows: vec![window(10_000, 20_000)],
        uses: 1,
        uses_per_window: 1,
        terms: Terms {
            cameras: vec![],
            record: Record::WholeVisit,
            door_open_s: 60,
            entry: Entry::Threshold,
            entries: 1,
            attributes: vec!["employee".into()],
            notice_s: 0,
            occupied: Occupied::Ask,
            revocation_age_s: None,
        },
    }
}

fn assignment() -> Assignment {
    Assignment {
        id: AssignmentId([3; 16]),
        door: DOOR,
        provider: ROOT,
        service: "delivery".into(),
        errands: vec![PARCEL],
        cnf: device(1),
        tour: TourId([4; 16]),
        attributes: vec!["employee".into()],
        window: window(9_000, 21_000),
    }
}

/// Everything that a case may bend.
#[allow(clippy::struct_excessive_bools, reason = "each is one fact that one case bends")]
struct Case {
    now: u64,
    device: Kid,
    arrival: Arrival,
    grant: Option<Grant>,
    grant_refused: bool,
    signer_current: bool,
    spent: u32,
    assignment: Option<Assignment>,
    assignment_refused: bool,
    admitted: bool,
    assigned: u64,
    revocation: Option<Revocation>,
    online: bool,
}

impl Case {
    fn good() -> Self {
        Self {
            now: 15_000,
            device: device(1).kid(),
            arrival: Arrival {
                visit: VisitId([6; 16]),
                door: DOOR,
                door_tag: DoorTag([7; 16]),
                grant: Hash([8; 32]),
                assignment: Some(Hash([8; 32])),
            },
            grant: Some(grant()),
            grant_refused: false,
            signer_current: true,
            spent: 0,
            assignment: Some(assignment()),
            assignment_refused: false,
            admitted: true,
            assigned: 14_500,
            revocation: None,
            online: true,
        }
    }

    fn result(&self) -> Result<(), Mismatch> {
        matches(&Facts {
            now: Timestamp(self.now),
            device: self.device,
            arrival: &self.arrival,
            grant: self.grant.as_ref().map(|grant| GrantFacts {
                grant,
                is_refused: self.grant_refused,
                is_signer_current: self.signer_current,
                uses_spent: self.spent,
            }),
            assignment: self.assignment.as_ref().map(|assignment| AssignmentFacts {
                assignment,
                is_refused: self.assignment_refused,
                is_provider_admitted: self.admitted,
                since: Timestamp(self.assigned),
            }),
            revocation: self.revocation.as_ref(),
            is_home_online: self.online,
        })
    }
}

fn bent(bend: impl FnOnce(&mut Case)) -> Result<(), Mismatch> {
    let mut case = Case::good();
    bend(&mut case);
    case.result()
}

fn list(bend: impl FnOnce(&mut Revocation)) -> Revocation {
    let mut list = Revocation {
        door: DOOR,
        sequence: 1,
        issued: Timestamp(1),
        blocked: false,
        grants: vec![],
        providers: vec![],
        devices: vec![],
    };
    bend(&mut list);
    list
}

#[test]
fn the_right_courier_with_the_right_parcel_at_the_right_time_matches() {
    assert_eq!(Case::good().result(), Ok(()));
}

#[test]
fn every_reason_of_the_grant_has_its_case() {
    use Mismatch as M;
    assert_eq!(bent(|c| c.grant = None), Err(M::GrantUnknown));
    assert_eq!(bent(|c| c.arrival.door = DoorId([0; 16])), Err(M::GrantUnknown));
    assert_eq!(bent(|c| c.grant_refused = true), Err(M::GrantRefused));
    assert_eq!(bent(|c| c.signer_current = false), Err(M::GrantSignerGone));
    assert_eq!(bent(|c| c.now = 9_500), Err(M::TooEarly));
    assert_eq!(bent(|c| c.now = 9_000), Err(M::OutsideWindow));
    assert_eq!(bent(|c| c.now = 20_000), Err(M::OutsideWindow));
    assert_eq!(bent(|c| c.spent = 1), Err(M::UsesSpent));
    assert_eq!(bent(|c| c.online = false), Err(M::HomeOffline));
}

#[test]
fn every_kind_of_revocation_has_its_case() {
    assert_eq!(bent(|c| c.revocation = Some(list(|_| ()))), Ok(()));
    let revoked = Err(Mismatch::Revoked);
    assert_eq!(bent(|c| c.revocation = Some(list(|l| l.blocked = true))), revoked);
    assert_eq!(bent(|c| c.revocation = Some(list(|l| l.grants = vec![GrantId([2; 16])]))), revoked);
    assert_eq!(bent(|c| c.revocation = Some(list(|l| l.providers = vec![ROOT]))), revoked);
    assert_eq!(bent(|c| c.revocation = Some(list(|l| l.devices = vec![device(1).kid()]))), revoked);
}

#[test]
fn every_reason_of_the_assignment_has_its_case() {
    use Mismatch as M;
    let with = |bend: fn(&mut Assignment)| bent(|c| bend(c.assignment.as_mut().unwrap()));
    assert_eq!(bent(|c| c.arrival.assignment = None), Err(M::AssignmentMissing));
    assert_eq!(bent(|c| c.assignment = None), Err(M::AssignmentUnknown));
    assert_eq!(with(|a| a.door = DoorId([0; 16])), Err(M::AssignmentUnknown));
    assert_eq!(bent(|c| c.assignment_refused = true), Err(M::AssignmentRefused));
    assert_eq!(bent(|c| c.device = device(2).kid()), Err(M::OtherDevice));
    assert_eq!(with(|a| a.provider = Kid([6; 32])), Err(M::OtherProvider));
    assert_eq!(bent(|c| c.admitted = false), Err(M::ProviderNotAdmitted));
    assert_eq!(with(|a| a.window = window(1, 2)), Err(M::AssignmentOutsideWindow));
    assert_eq!(with(|a| a.errands = vec![Commitment(Hash([1; 32]))]), Err(M::OtherErrand));
    assert_eq!(with(|a| a.attributes = vec![]), Err(M::AttributeMissing));
}

#[test]
fn a_guest_needs_no_assignment_but_the_right_device() {
    let guest = |seed| {
        bent(|c| {
            c.arrival.assignment = None;
            c.assignment = None;
            if let Some(grant) = c.grant.as_mut() {
                grant.to = Grantee::Holder { cnf: device(seed), name: "Ada".into() };
            }
        })
    };
    assert_eq!(guest(1), Ok(()));
    assert_eq!(guest(2), Err(Mismatch::OtherHolder));
}

#[test]
fn a_grant_for_a_service_takes_any_parcel_of_it() {
    let service = |name: &str| {
        bent(|c| {
            if let Some(grant) = c.grant.as_mut() {
                grant.errand = Errand::Service(name.into());
            }
        })
    };
    assert_eq!(service("delivery"), Ok(()));
    assert_eq!(service("cleaning"), Err(Mismatch::OtherErrand));
}

#[test]
fn who_needs_notice_waits_until_it_has_passed() {
    let standing = || Grant {
        errand: Errand::Service("delivery".into()),
        terms: Terms { notice_s: 900, ..grant().terms },
        ..grant()
    };
    let at = |now| Case { now, grant: Some(standing()), ..Case::good() }.result();
    assert_eq!(at(15_399), Err(Mismatch::NoticeTooShort));
    assert_eq!(at(15_400), Ok(()));
}

/// Whether this grant answers an announcement of [`PARCEL`] from 18000 to 22000.
fn answers(grant: &Grant, revocation: Option<&Revocation>) -> bool {
    let announced = Announced {
        provider: ROOT,
        service: "delivery",
        commitments: &[PARCEL],
        window: window(18_000, 22_000),
    };
    is_answered(&announced, core::iter::once(grant), revocation)
}

#[test]
fn a_ring_needs_all_but_the_permission() {
    type Bend = fn(&mut Case);
    let ring = |bend: Bend| {
        let mut case = Case::good();
        bend(&mut case);
        let assignment = case.assignment.as_ref().map(|assignment| AssignmentFacts {
            assignment,
            is_refused: case.assignment_refused,
            is_provider_admitted: case.admitted,
            since: Timestamp(case.assigned),
        });
        matches_ring(&RingFacts {
            now: Timestamp(case.now),
            device: case.device,
            door: case.arrival.door,
            assignment,
            revocation: case.revocation.as_ref(),
            is_home_online: case.online,
        })
        .err()
    };
    let list = |edit: fn(&mut Revocation)| {
        let mut list = Revocation {
            door: DOOR,
            sequence: 1,
            issued: Timestamp(1),
            blocked: false,
            grants: vec![],
            providers: vec![],
            devices: vec![],
        };
        edit(&mut list);
        Some(list)
    };
    assert_eq!(ring(|case| case.grant = None), None);
    assert_eq!(ring(|case| case.assignment = None), Some(Mismatch::AssignmentUnknown));
    assert_eq!(ring(|case| case.arrival.door = DoorId([9; 16])), Some(Mismatch::AssignmentUnknown));
    assert_eq!(ring(|case| case.assignment_refused = true), Some(Mismatch::AssignmentRefused));
    assert_eq!(ring(|case| case.device = Kid([9; 32])), Some(Mismatch::OtherDevice));
    assert_eq!(ring(|case| case.admitted = false), Some(Mismatch::ProviderNotAdmitted));
    assert_eq!(ring(|case| case.now = 1), Some(Mismatch::AssignmentOutsideWindow));
    assert_eq!(ring(|case| case.online = false), Some(Mismatch::HomeOffline));
    let lists: [Option<Revocation>; 3] = [
        list(|list| list.blocked = true),
        list(|list| list.devices = vec![device(1).kid()]),
        list(|list| list.providers = vec![assignment().provider]),
    ];
    for list in lists {
        let case = Case { revocation: list, ..Case::good() };
        let assignment = AssignmentFacts {
            assignment: case.assignment.as_ref().unwrap(),
            is_refused: false,
            is_provider_admitted: true,
            since: Timestamp(0),
        };
        let facts = RingFacts {
            now: Timestamp(case.now),
            device: case.device,
            door: DOOR,
            assignment: Some(assignment),
            revocation: case.revocation.as_ref(),
            is_home_online: true,
        };
        assert_eq!(matches_ring(&facts), Err(Mismatch::Revoked));
    }
}

#[test]
fn a_standing_grant_answers_what_comes_in_its_time() {
    let standing = |windows| Grant { errand: Errand::Service("delivery".into()), windows, ..grant() };
    let here = standing(vec![window(1_000, 2_000), window(21_999, 30_000)]);
    assert!(answers(&here, None));
    assert!(!answers(&standing(vec![window(1_000, 18_000), window(22_000, 30_000)]), None));
    assert!(!answers(&Grant { errand: Errand::Service("cleaning".into()), ..here.clone() }, None));
    let other = Grantee::Provider { root: Kid([6; 32]), name: "Other".into() };
    assert!(!answers(&Grant { to: other, ..here.clone() }, None));
    let mut list = Revocation {
        door: DOOR,
        sequence: 1,
        issued: Timestamp(1),
        blocked: false,
        grants: vec![],
        providers: vec![],
        devices: vec![],
    };
    assert!(answers(&here, Some(&list)));
    list.grants.push(here.id);
    assert!(!answers(&here, Some(&list)));
    // What was answered once by name is not asked again because it was taken back.
    assert!(answers(&grant(), Some(&list)));
}

#[test]
fn a_grant_for_parcels_answers_only_if_it_names_them_all() {
    assert!(answers(&grant(), None));
    let other = Commitment(Hash([8; 32]));
    assert!(!answers(&Grant { errand: Errand::Consignments(vec![other]), ..grant() }, None));
}
