//! Who is in the play, and the papers they signed: drawn from the seed, so that a stranger's forgery has true papers to
//! differ from.

use crate::chance::Chance;
use crate::keys::{Forger, Key, Keys};
use protocol::assignment::Assignment;
use protocol::bytes::{AssignmentId, Blob, DoorId, DoorTag, GrantId, Hash, HomeId, Salt, TourId};
use protocol::commitment::{Commitment, Opening, Scan};
use protocol::delegation::Delegation;
use protocol::grant::{Camera, Entry, Errand, Grant, Grantee, Occupied, Record as Filming, Terms};
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::{Timestamp, Window};
use protocol::uplink::Paper;
use protocol::{Message, Signed, Signer};

/// The true calendar at the beginning of the world, seconds.
pub(crate) const BEGIN_S: u64 = 1_800_000_000;
pub(crate) const DOOR: DoorId = DoorId([0xd0; 16]);
pub(crate) const TAG: DoorTag = DoorTag([0x7a; 16]);
/// Seconds on either side of the visit in which it is allowed.
const WINDOW_S: u64 = 7_200;

pub(crate) fn blob<M: Message>(message: M, signer: &dyn Signer) -> Blob {
    Blob(Signed::sign(message, signer).expect("the play's messages keep their rules").bytes().to_vec())
}

/// Everybody's keys, and what the honest ones signed.
pub(crate) struct Cast {
    pub(crate) door: Key,
    pub(crate) owner: Key,
    pub(crate) recorder: Key,
    pub(crate) root: Key,
    pub(crate) working: Key,
    /// Two handsets of the provider, or a guest's and one that nobody knows.
    pub(crate) handsets: [Key; 2],
    pub(crate) stranger: Key,
    pub(crate) roster: Signed<Roster>,
    pub(crate) grant: Signed<Grant>,
    /// One for each handset; none for a guest.
    pub(crate) assignments: Vec<Signed<Assignment>>,
    pub(crate) is_someone_home: bool,
    window: Window,
}

impl Cast {
    pub(crate) fn draw(keys: Keys, chance: &mut Chance) -> Self {
        let key = |part| Key::of(keys, part);
        let (door, owner, recorder) = (key(1), key(2), key(3));
        let (root, working, stranger) = (key(4), key(5), key(9));
        let handsets = [key(6), key(7)];
        let roster = Roster {
            home: HomeId([0x40; 16]),
            door: DOOR,
            epoch: 1,
            prev: Hash::ZERO,
            door_key: door.public(),
            recorder_keys: vec![recorder.public()],
            residents: vec![Resident {
                credential: owner.credential(),
                role: Rank::Owner,
                since: 1,
                name: "phone".into(),
                kem: None,
            }],
            quorum: 1,
            grants_from: 0,
        };
        let is_guest = chance.percent(20);
        let window = window(chance);
        let grant = grant(chance, window, is_guest.then(|| &handsets[0]), &root, &recorder);
        let assignments = if is_guest { &[][..] } else { &handsets[..] };
        let signed = |signer: &dyn Signer, message| Signed::sign(message, signer);
        Self {
            roster: signed_or_die(signed(&owner, roster)),
            grant: signed_or_die(Signed::sign(grant, &owner)),
            assignments: (0..)
                .zip(assignments)
                .map(|(id, handset)| {
                    signed_or_die(Signed::sign(assignment(id, handset, &root, window), &working))
                })
                .collect(),
            is_someone_home: chance.percent(25),
            window,
            door,
            owner,
            recorder,
            root,
            working,
            handsets,
            stranger,
        }
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.grant.message().terms
    }

    /// What the home is given before anybody comes.
    pub(crate) fn papers(&self) -> Vec<Paper> {
        let mut papers = vec![Paper::Grant(Blob(self.grant.bytes().to_vec()))];
        if !self.assignments.is_empty() {
            papers.push(Paper::Delegation(self.delegation(&self.root, &self.working)));
        }
        papers.extend(self.assignments.iter().map(|a| Paper::Assignment(Blob(a.bytes().to_vec()))));
        papers
    }

    fn delegation(&self, root: &Key, working: &Key) -> Blob {
        blob(Delegation { root: root.public(), key: working.public(), window: self.window }, root)
    }

    pub(crate) fn revocation(&self, sequence: u64, at: Timestamp, blocked: bool) -> Signed<Revocation> {
        let grants = if blocked { vec![] } else { vec![self.grant.message().id] };
        let list = Revocation {
            door: DOOR,
            sequence,
            issued: at,
            blocked,
            grants,
            providers: vec![],
            devices: vec![],
        };
        signed_or_die(Signed::sign(list, &self.owner))
    }

    /// What a cloud that is in wrong hands can write by itself: well-formed, and signed by keys that nobody trusts.
    pub(crate) fn forgeries(&self) -> Vec<Paper> {
        let mut grant = self.grant.message().clone();
        grant.id = GrantId([0xff; 16]);
        grant.terms.cameras.clear();
        grant.terms.occupied = Occupied::Allow;
        let of_strangers = Grantee::Provider { root: self.stranger.credential().kid(), name: "x".into() };
        let to_strangers = Grant { to: of_strangers, ..grant.clone() };
        let forged = assignment(7, &self.stranger, &self.root, self.window);
        let strangers = Assignment { provider: self.stranger.credential().kid(), ..forged.clone() };
        let list = Revocation {
            door: DOOR,
            sequence: 1 << 40,
            issued: Timestamp(BEGIN_S),
            blocked: false,
            grants: vec![],
            providers: vec![],
            devices: vec![],
        };
        let as_ = |name| Forger { name, hand: &self.stranger };
        vec![
            Paper::Grant(blob(grant.clone(), &self.stranger)),
            Paper::Grant(blob(grant, &as_(&self.owner))),
            Paper::Grant(blob(to_strangers, &self.stranger)),
            Paper::Delegation(self.delegation(&self.stranger, &self.stranger)),
            Paper::Assignment(blob(strangers, &self.stranger)),
            Paper::Assignment(blob(forged.clone(), &self.stranger)),
            Paper::Assignment(blob(forged, &as_(&self.working))),
            Paper::Revocation(blob(list.clone(), &self.stranger)),
            Paper::Revocation(blob(list, &as_(&self.owner))),
            Paper::Roster(vec![Blob(self.roster.bytes().to_vec()), Blob(vec![1, 2, 3])]),
            Paper::Grant(Blob(vec![0x84; 40])),
        ]
    }
}

fn signed_or_die<M>(signed: Result<Signed<M>, protocol::canonical::Malformed>) -> Signed<M> {
    signed.unwrap_or_else(|why| panic!("the play's papers keep their rules: {why}"))
}

/// Most permissions count for hours around the visit; some begin or end while somebody is at the door.
fn window(chance: &mut Chance) -> Window {
    let visit_s = BEGIN_S + crate::world::VISIT_MS / 1_000;
    let from = if chance.percent(4) { visit_s + chance.between(2, 40) } else { BEGIN_S - WINDOW_S };
    let until = if chance.percent(6) { visit_s + chance.between(41, 90) } else { BEGIN_S + WINDOW_S };
    Window { from: Timestamp(from), until: Timestamp(until) }
}

/// Parcels 1 to 3 are for this door; whoever scans another one has the wrong one.
pub(crate) fn opening(parcel: u8) -> Opening {
    let scan = Scan::from_label(&format!("RR00000000{parcel}DE")).expect("a label");
    Opening { salt: Salt([parcel; 16]), scan }
}

fn commitments() -> Vec<Commitment> {
    let mut list: Vec<_> = (1..=3).map(|parcel| opening(parcel).commitment()).collect();
    list.sort();
    list
}

fn grant(chance: &mut Chance, window: Window, guest: Option<&Key>, root: &Key, recorder: &Key) -> Grant {
    let to = match guest {
        Some(guest) => Grantee::Holder { cnf: guest.credential(), name: "guest".into() },
        None => Grantee::Provider { root: root.credential().kid(), name: "parcel service".into() },
    };
    let errand = match guest {
        Some(_) => Errand::Service("guest".into()),
        None if chance.percent(30) => Errand::Service("delivery".into()),
        None => Errand::Consignments(commitments()),
    };
    let films = chance.percent(85);
    let uses = u32::from(chance.percent(25)) + 1;
    Grant {
        id: GrantId([0x61; 16]),
        door: DOOR,
        roster_epoch: 1,
        to,
        errand,
        windows: vec![window],
        uses,
        uses_per_window: uses,
        terms: Terms {
            cameras: if films {
                vec![Camera { recorder: recorder.credential().kid(), age_ms: 1_000 }]
            } else {
                vec![]
            },
            record: Filming::WholeVisit,
            door_open_s: chance.pick(&[25, 40, 60]),
            entry: chance.pick(&[Entry::Threshold, Entry::Inside]),
            entries: u32::from(chance.percent(25)) + 1,
            attributes: vec![],
            notice_s: 0,
            occupied: chance.pick(&[Occupied::Ask, Occupied::Allow, Occupied::Ask, Occupied::Refuse]),
            revocation_age_s: None,
        },
    }
}

fn assignment(id: u8, handset: &Key, root: &Key, window: Window) -> Assignment {
    Assignment {
        id: AssignmentId([0xa0 + id; 16]),
        door: DOOR,
        provider: root.credential().kid(),
        service: "delivery".into(),
        errands: commitments(),
        cnf: handset.credential(),
        tour: TourId([0x70; 16]),
        attributes: vec![],
        window,
    }
}
