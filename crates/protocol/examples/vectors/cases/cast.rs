//! The people, keys and papers that all vectors share: one home, one carrier, one courier, two guests.

use protocol::answer::{Answer, Word};
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{
    AssignmentId, Blob, BootId, DoorId, DoorTag, GrantId, HomeId, Nonce, RecordingId, Salt, TourId, VisitId,
};
use protocol::challenge::Challenge;
use protocol::commitment::{Opening, Scan};
use protocol::confirmation::Confirmation;
use protocol::delegation::Delegation;
use protocol::door_event::{Class, DoorEvent};
use protocol::farewell::Farewell;
use protocol::grant::{Camera, Entry, Errand, Grant, Grantee, Occupied, Record, Terms};
use protocol::head::Head;
use protocol::key::Passkey;
use protocol::left::{Left, Reason, Rung};
use protocol::look::Look;
use protocol::passkey::Authenticator;
use protocol::presentation::Presentation;
use protocol::recording_proof::RecordingProof;
use protocol::revocation::Revocation;
use protocol::ring::Ring;
use protocol::roster::{Rank, Resident, Roster};
use protocol::sign_in::{Role, SignIn};
use protocol::time::{Interval, Monotonic, Timestamp, Window};
use protocol::{Credential, DeviceKey, Hash, Kid, Message, Signer, canonical};

/// 2027-01-15T08:00:00Z, when the delivery window opens.
pub(crate) const OPENS: u64 = 1_800_000_000;
/// The door.
pub(crate) const DOOR: DoorId = DoorId([0xd0; 16]);
/// The home.
pub(crate) const HOME: HomeId = HomeId([0x40; 16]);
/// What the sticker says.
pub(crate) const TAG: DoorTag = DoorTag([0x7a; 16]);
/// The visit.
/// H(sealed photo) of a parcel that was left elsewhere.
pub(crate) const PHOTO: Hash = Hash([0x70; 32]);
pub(crate) const VISIT: VisitId = VisitId([0x51; 16]);
/// The hub's start.
pub(crate) const BOOT: BootId = BootId([0xb0; 16]);
/// The recording.
pub(crate) const RECORDING: RecordingId = RecordingId([0x4e; 16]);

/// The secret key is the seed, 32 times.
pub(crate) fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_secret(&[seed; 32]).expect("a repeated small byte is a P-256 scalar")
}

/// An owner's phone, as a plain device key.
pub(crate) fn owner() -> DeviceKey {
    key(1)
}
/// An owner's passkey.
pub(crate) fn owner_passkey() -> Authenticator {
    passkey(2)
}
/// A household member's phone.
pub(crate) fn member() -> DeviceKey {
    key(3)
}
/// The printed recovery key.
pub(crate) fn recovery() -> DeviceKey {
    key(4)
}
/// What an owner's browser holds beside the passkey.
pub(crate) fn companion() -> DeviceKey {
    key(6)
}
/// The door.
pub(crate) fn door() -> DeviceKey {
    key(10)
}
/// The recorder of the one camera.
pub(crate) fn recorder() -> DeviceKey {
    key(11)
}
/// The carrier's root key.
pub(crate) fn root() -> DeviceKey {
    key(20)
}
/// The carrier's working key.
pub(crate) fn working() -> DeviceKey {
    key(21)
}
/// The courier's handset.
pub(crate) fn handset() -> DeviceKey {
    key(30)
}
/// A guest's phone.
pub(crate) fn guest() -> DeviceKey {
    key(31)
}
/// A guest who uses a passkey.
pub(crate) fn guest_passkey() -> Authenticator {
    passkey(32)
}

/// A passkey at `https://home.example`.
pub(crate) fn passkey(seed: u8) -> Authenticator {
    Authenticator {
        key: key(seed),
        binding: Passkey {
            rp_id: "home.example".into(),
            origin: "https://home.example".into(),
            backup_eligible: true,
        },
    }
}

/// H(message).
pub(crate) fn h<M: Message>(message: &M) -> Hash {
    Hash::of(M::TYPE, &[&canonical::encode(message)])
}

/// From `from` seconds after the window opens until `until` seconds after it.
pub(crate) fn window(from: u64, until: u64) -> Window {
    Window { from: Timestamp(OPENS + from), until: Timestamp(OPENS + until) }
}

/// The opening of parcel number `n`.
pub(crate) fn parcel(n: u8) -> Opening {
    let label = format!("RR12345678{n}DE");
    Opening { salt: Salt([n; 16]), scan: Scan::from_label(&label).expect("a normal label") }
}

/// Terms of a delivery: threshold only, one minute, on camera.
pub(crate) fn terms() -> Terms {
    Terms {
        cameras: vec![Camera { recorder: recorder().kid(), age_ms: 2_000 }],
        record: Record::WholeVisit,
        door_open_s: 60,
        entry: Entry::Threshold,
        entries: 1,
        attributes: vec!["employee".into()],
        notice_s: 900,
        occupied: Occupied::Allow,
        revocation_age_s: None,
    }
}

/// The carrier may bring two parcels, once, in four hours.
pub(crate) fn delivery_grant() -> Grant {
    let mut errands = vec![parcel(1).commitment(), parcel(2).commitment()];
    errands.sort_unstable();
    Grant {
        id: GrantId([0x61; 16]),
        door: DOOR,
        roster_epoch: 1,
        to: Grantee::Provider { root: root().kid(), name: "Blue Carrier".into() },
        errand: Errand::Consignments(errands),
        windows: vec![window(0, 4 * 3_600)],
        uses: 1,
        uses_per_window: 1,
        terms: terms(),
    }
}

/// A cleaning firm may come every Monday for four weeks and go in and out.
pub(crate) fn cleaning_grant() -> Grant {
    const WEEK_S: u64 = 7 * 86_400;
    Grant {
        id: GrantId([0x62; 16]),
        errand: Errand::Service("cleaning".into()),
        windows: (0..4).map(|week| window(week * WEEK_S, week * WEEK_S + 3 * 3_600)).collect(),
        uses: 4,
        terms: Terms {
            record: Record::Passages,
            door_open_s: 120,
            entry: Entry::Inside,
            entries: 4,
            attributes: vec!["employee".into(), "vetted".into()],
            occupied: Occupied::Ask,
            revocation_age_s: Some(86_400),
            ..terms()
        },
        ..delivery_grant()
    }
}

/// One person may come once, without a provider.
pub(crate) fn guest_grant(cnf: Credential) -> Grant {
    Grant {
        id: GrantId([0x63; 16]),
        to: Grantee::Holder { cnf, name: "Aunt Jo".into() },
        errand: Errand::Service("guest".into()),
        terms: Terms { attributes: vec![], notice_s: 0, entry: Entry::Inside, ..terms() },
        ..delivery_grant()
    }
}

/// The root names the working key for a month.
pub(crate) fn delegation() -> Delegation {
    Delegation { root: root().public(), key: working().public(), window: window(0, 30 * 86_400) }
}

/// The courier's handset carries both parcels this morning.
pub(crate) fn assignment() -> Assignment {
    let mut errands = vec![parcel(1).commitment(), parcel(2).commitment()];
    errands.sort_unstable();
    Assignment {
        id: AssignmentId([0xa5; 16]),
        door: DOOR,
        provider: root().kid(),
        service: "delivery".into(),
        errands,
        cnf: handset().credential(),
        tour: TourId([0x70; 16]),
        attributes: vec!["employee".into(), "trained".into()],
        window: window(0, 8 * 3_600),
    }
}

/// The courier is here.
pub(crate) fn arrival() -> Arrival {
    Arrival {
        visit: VISIT,
        door: DOOR,
        door_tag: TAG,
        grant: h(&delivery_grant()),
        assignment: Some(h(&assignment())),
    }
}

/// The courier is here, and nothing is allowed yet.
pub(crate) fn ring() -> Ring {
    Ring { visit: VISIT, door: DOOR, door_tag: TAG, assignment: h(&assignment()) }
}

/// The door answers.
pub(crate) fn challenge() -> Challenge {
    Challenge {
        door: DOOR,
        nonce: Nonce([0xc4; 16]),
        boot: BOOT,
        counter: 7,
        visit: VISIT,
        door_log_head: h(&second_event()),
    }
}

/// The courier scanned both parcels.
pub(crate) fn presentation() -> Presentation {
    Presentation {
        challenge: h(&challenge()),
        grant: h(&delivery_grant()),
        assignment: Some(h(&assignment())),
        opens: vec![parcel(1), parcel(2)],
    }
}

/// The recorder vouches for frame 250.
pub(crate) fn recording_proof() -> RecordingProof {
    RecordingProof {
        door: DOOR,
        answers: h(&challenge()),
        grant: h(&delivery_grant()),
        recording: RECORDING,
        chain_head: Hash([0xcc; 32]),
        frame: 250,
        captured: Monotonic(812_345),
    }
}

/// The first event of the log.
pub(crate) fn first_event() -> DoorEvent {
    DoorEvent {
        door: DOOR,
        boot: BOOT,
        counter: 1,
        prev: Hash::ZERO,
        class: Class::System,
        detail: Hash([0xde; 32]),
    }
}

/// The event after it.
pub(crate) fn second_event() -> DoorEvent {
    DoorEvent { counter: 2, prev: h(&first_event()), class: Class::Home, ..first_event() }
}

/// What no longer counts.
pub(crate) fn revocation() -> Revocation {
    Revocation {
        door: DOOR,
        sequence: 3,
        issued: Timestamp(OPENS - 3_600),
        blocked: false,
        grants: vec![GrantId([0x01; 16]), GrantId([0x02; 16])],
        providers: vec![key(22).kid()],
        devices: vec![key(33).kid()],
    }
}

/// A resident of the roster, plain device key, since epoch 1.
pub(crate) fn resident(credential: Credential, role: Rank, name: &str) -> Resident {
    Resident { credential, role, since: 1, name: name.into(), kem: None }
}

/// Sorts residents as a roster wants them.
pub(crate) fn sorted(mut residents: Vec<Resident>) -> Vec<Resident> {
    residents.sort_by_key(|resident| resident.credential.kid());
    residents
}

/// The first roster: an owner's phone and passkey, a member, a recovery key.
pub(crate) fn roster() -> Roster {
    let recovery_resident = Resident {
        kem: Some(Blob(recovery().public().to_sec1().to_vec())),
        ..resident(recovery().credential(), Rank::Recovery, "Paper in the drawer")
    };
    Roster {
        home: HOME,
        door: DOOR,
        epoch: 1,
        prev: Hash::ZERO,
        door_key: door().public(),
        recorder_keys: vec![recorder().public()],
        residents: sorted(vec![
            resident(owner().credential(), Rank::Owner, "Mira's phone"),
            resident(owner_passkey().credential(), Rank::Owner, "Mira's passkey"),
            resident(member().credential(), Rank::Member, "Jonas' phone"),
            recovery_resident,
        ]),
        quorum: 1,
        grants_from: 1,
    }
}

/// The second roster: the member's phone is gone, a tablet came.
pub(crate) fn second_roster() -> Roster {
    let mut next = Roster { epoch: 2, prev: h(&roster()), ..roster() };
    next.residents.retain(|r| r.role != Rank::Member);
    next.residents.push(Resident { since: 2, ..resident(key(5).credential(), Rank::Owner, "Küchentablet") });
    next.residents = sorted(next.residents);
    next
}

/// After every phone of the first roster was lost: the paper brings in a new one and nothing stays but the paper.
pub(crate) fn taken_over_roster() -> Roster {
    let mut next = Roster { epoch: 2, prev: h(&roster()), grants_from: 2, ..roster() };
    next.residents.retain(|r| r.role == Rank::Recovery);
    next.residents.push(Resident { since: 2, ..resident(key(5).credential(), Rank::Owner, "Neues Telefon") });
    next.residents = sorted(next.residents);
    next
}

/// As the first roster, and a companion key that watches, there from the start.
pub(crate) fn companion_roster() -> Roster {
    let mut with = roster();
    with.residents.push(Resident {
        kem: Some(Blob(key(7).public().to_sec1().to_vec())),
        ..resident(companion().credential(), Rank::Companion, "Mira's browser")
    });
    with.residents = sorted(with.residents);
    with
}

/// Where the log stands.
pub(crate) fn head() -> Head {
    Head {
        door: DOOR,
        nonce: Nonce([0x99; 16]),
        counter: 2,
        event: h(&second_event()),
        at: Interval { lo: Timestamp(OPENS), hi: Timestamp(OPENS + 3) },
        secured: Some(true),
        look: Nonce([0x10; 16]),
    }
}

/// A resident wants to know what the noise was.
pub(crate) fn look() -> Look {
    // Any point will do: who wraps to it finds out whether it is one.
    let kem = Blob(key(51).public().to_sec1().to_vec());
    Look { door: DOOR, camera: recorder().kid(), nonce: head().look, kem }
}

/// The resident's word.
pub(crate) fn answer() -> Answer {
    Answer { door: DOOR, visit: VISIT, word: Word::Coming }
}

/// A second device stands by the delivery grant.
pub(crate) fn confirmation() -> Confirmation {
    Confirmation { door: DOOR, grant: h(&delivery_grant()) }
}

/// Both parcels are inside.
pub(crate) fn farewell() -> Farewell {
    Farewell { door: DOOR, visit: VISIT, parcels: 2 }
}

/// The door said no, and a neighbour has both parcels.
pub(crate) fn left() -> Left {
    Left {
        door: DOOR,
        assignment: h(&assignment()),
        visit: Some(VISIT),
        rung: Rung::Neighbour,
        reason: Reason::NotPossible,
        at: Timestamp(OPENS + 700),
        photo: None,
    }
}

/// The door signs in.
pub(crate) fn sign_in() -> SignIn {
    SignIn { audience: "cloud.example".into(), nonce: Nonce([0x15; 16]), role: Role::Door }
}

/// The key identifier of number `n` for lists that need many.
pub(crate) fn numbered_kid(n: u8) -> Kid {
    Kid([n; 32])
}
