//! A small cast and its papers: what the door is told, as facts for the reference door and as signed bytes for the real
//! one. Keys are keyed hashes: as good as signatures for whoever keeps no secret from itself, and a thousand times faster.

use protocol::assignment::Assignment;
use protocol::bytes::{AssignmentId, Blob, DoorId, DoorTag, GrantId, Hash, HomeId, Salt, TourId};
use protocol::commitment::{Commitment, Opening, Scan};
use protocol::delegation::Delegation;
use protocol::grant::{Camera, Entry, Errand, Grant, Grantee, Occupied, Record, Terms};
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::{Timestamp, Window};
use protocol::{Credential, Message, PublicKey, Signed, Signer, Verifier, canonical};

pub(crate) const DOOR: DoorId = DoorId([0xd0; 16]);
pub(crate) const TAG: DoorTag = DoorTag([0x7a; 16]);
/// Midnight, so to speak: windows and clocks count seconds from here.
pub(crate) const START: u64 = 1_800_000_000;
pub(crate) const DAY: u64 = 86_400;

/// Named by one letter: **d**oor, **o**wner, **m**ember, **c**ompanion, **f**ilm (the recorder), **p**rovider's root,
/// **w**orking key, **h**andset, **i** another handset, **g**uest, **k** a guest who was never here, **x** a stranger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) char);

impl Key {
    pub(crate) fn public(self) -> PublicKey {
        let byte = u8::try_from(self.0).expect("a letter");
        PublicKey { x: [byte; 32], y: [byte; 32] }
    }

    fn resident(self, role: Rank) -> Resident {
        Resident { credential: self.credential(), role, since: 1, name: self.0.to_string(), kem: None }
    }
}

fn seal(key: &PublicKey, message: &[u8]) -> [u8; 64] {
    let Hash(half) = Hash::of("keyed hash of a test", &[&key.x, message]);
    let mut whole = [0; 64];
    whole[..32].copy_from_slice(&half);
    whole[32..].copy_from_slice(&half);
    whole
}

impl Signer for Key {
    fn credential(&self) -> Credential {
        Credential::device(self.public())
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        seal(&self.public(), to_be_signed).to_vec()
    }
}

pub(crate) struct KeyedHash;

impl Verifier for KeyedHash {
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        seal(key, message) == *signature
    }
}

pub(crate) fn blob<M: Message>(message: M, signer: Key) -> Blob {
    Blob(Signed::sign(message, &signer).expect("well-formed").bytes().to_vec())
}

pub(crate) fn hash<M: Message>(message: &M) -> Hash {
    Hash::of(M::TYPE, &[&canonical::encode(message)])
}

/// What a grant says, as far as the door's behaviour hangs on it.
#[derive(Debug)]
pub(crate) struct GrantFacts {
    pub(crate) signer: Key,
    /// None: to the provider.
    pub(crate) guest: Option<Key>,
    pub(crate) uses: usize,
    pub(crate) per_window: usize,
    pub(crate) entries: u32,
    pub(crate) films: bool,
    pub(crate) inside: bool,
    pub(crate) occupied: Occupied,
    pub(crate) open_s: u32,
    pub(crate) list_age_s: Option<u64>,
    /// Days on which it counts, from one hour before the first second to one after.
    pub(crate) days: &'static [u64],
    /// The first to its key, and just come.
    pub(crate) is_new: bool,
}

const USUAL: GrantFacts = GrantFacts {
    signer: Key('o'),
    guest: None,
    uses: 2,
    per_window: 2,
    entries: 2,
    films: true,
    inside: false,
    occupied: Occupied::Ask,
    open_s: 60,
    list_age_s: None,
    days: &[0, 1],
    is_new: false,
};

pub(crate) const GRANTS: [GrantFacts; 4] = [
    GrantFacts { per_window: 1, ..USUAL },
    GrantFacts {
        guest: Some(Key('g')),
        films: false,
        inside: true,
        occupied: Occupied::Allow,
        open_s: 10,
        days: &[0],
        ..USUAL
    },
    GrantFacts {
        signer: Key('m'),
        uses: 1,
        per_window: 1,
        entries: 1,
        occupied: Occupied::Refuse,
        list_age_s: Some(DAY),
        ..USUAL
    },
    GrantFacts { guest: Some(Key('k')), films: false, is_new: true, ..USUAL },
];

/// What an assignment says.
#[derive(Debug)]
pub(crate) struct AssignmentFacts {
    pub(crate) device: Key,
    pub(crate) errand_is_granted: bool,
    pub(crate) attested: bool,
    pub(crate) day: u64,
}

const RIGHT: AssignmentFacts =
    AssignmentFacts { device: Key('h'), errand_is_granted: true, attested: true, day: 0 };

pub(crate) const ASSIGNMENTS: [AssignmentFacts; 4] = [
    RIGHT,
    AssignmentFacts { device: Key('i'), errand_is_granted: false, ..RIGHT },
    AssignmentFacts { attested: false, ..RIGHT },
    AssignmentFacts { day: 1, ..RIGHT },
];

pub(crate) fn opening(parcel: u8) -> Opening {
    Opening { salt: Salt([parcel; 16]), scan: Scan::from_label(&format!("RR00{parcel}DE")).expect("a label") }
}

fn errands(parcels: &[u8]) -> Vec<Commitment> {
    let mut list: Vec<_> = parcels.iter().map(|parcel| opening(*parcel).commitment()).collect();
    list.sort();
    list
}

pub(crate) const fn window_of(day: u64) -> (u64, u64) {
    let noon = START + day * DAY;
    (noon - 3_600, noon + 3_600)
}

fn window(day: u64) -> Window {
    let (from, until) = window_of(day);
    Window { from: Timestamp(from), until: Timestamp(until) }
}

pub(crate) fn grant(number: usize) -> Grant {
    let facts = &GRANTS[number];
    let name = String::from("somebody");
    Grant {
        id: GrantId([u8::try_from(number).expect("few"); 16]),
        door: DOOR,
        roster_epoch: 1,
        to: match facts.guest {
            Some(guest) => Grantee::Holder { cnf: guest.credential(), name },
            None => Grantee::Provider { root: Key('p').public().kid(), name },
        },
        errand: Errand::Consignments(errands(&[1, 2])),
        windows: facts.days.iter().map(|day| window(*day)).collect(),
        uses: u32::try_from(facts.uses).expect("few"),
        uses_per_window: u32::try_from(facts.per_window).expect("few"),
        terms: Terms {
            cameras: facts
                .films
                .then(|| Camera { recorder: Key('f').public().kid(), age_ms: 1_000 })
                .into_iter()
                .collect(),
            record: Record::WholeVisit,
            door_open_s: facts.open_s,
            entry: if facts.inside { Entry::Inside } else { Entry::Threshold },
            entries: facts.entries,
            attributes: if facts.guest.is_some() { vec![] } else { vec!["employee".into()] },
            notice_s: 0,
            occupied: facts.occupied,
            revocation_age_s: facts.list_age_s,
        },
    }
}

pub(crate) fn assignment(number: usize) -> Assignment {
    let facts = &ASSIGNMENTS[number];
    Assignment {
        id: AssignmentId([u8::try_from(number).expect("few"); 16]),
        door: DOOR,
        provider: Key('p').public().kid(),
        service: "delivery".into(),
        errands: errands(if facts.errand_is_granted { &[1, 2] } else { &[1, 3] }),
        cnf: facts.device.credential(),
        tour: TourId([7; 16]),
        attributes: if facts.attested { vec!["employee".into()] } else { vec![] },
        window: window(facts.day),
    }
}

pub(crate) fn delegation() -> Delegation {
    let (from, until) = (window(0).from, window(1).until);
    Delegation { root: Key('p').public(), key: Key('w').public(), window: Window { from, until } }
}

/// The first roster; the next has no member any more.
pub(crate) fn roster(epoch: u64) -> Roster {
    let mut residents = vec![
        Key('o').resident(Rank::Owner),
        Key('m').resident(Rank::Member),
        Key('c').resident(Rank::Companion),
    ];
    let mut prev = Hash::ZERO;
    if epoch > 1 {
        residents.retain(|resident| resident.role != Rank::Member);
        prev = hash(&roster(1));
    }
    residents.sort_by_key(|resident| resident.credential.kid());
    Roster {
        home: HomeId([0x40; 16]),
        door: DOOR,
        epoch,
        prev,
        door_key: Key('d').public(),
        recorder_keys: vec![Key('f').public()],
        residents,
        quorum: 1,
        grants_from: 0,
    }
}
