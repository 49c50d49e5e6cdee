//! Signs whatever would help, with keys that nobody enrolled; and claims, unsigned, the keys that somebody did.

use super::loot::Loot;
use protocol::answer::{Answer, Word};
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, DoorTag, Hash, Nonce, Salt, VisitId};
use protocol::challenge::Challenge;
use protocol::commitment::{Opening, Scan};
use protocol::confirmation::Confirmation;
use protocol::delegation::Delegation;
use protocol::envelope::Message;
use protocol::farewell::Farewell;
use protocol::grant::{Errand, Grant, Grantee, Occupied};
use protocol::look::Look;
use protocol::presentation::Presentation;
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Resident, Roster};
use protocol::time::Timestamp;
use protocol::uplink::{FromVisitor, Paper, ToHome};
use protocol::{Claimed, Credential, DeviceKey, PublicKey, Signed, Signer};

/// H(grant), H(assignment).
type Pair = (Hash, Option<Hash>);

/// Numbers of forged papers begin here, so that the home's answers to them are known.
pub(crate) const FORGED_FROM: u64 = 1_000_000;

/// A stranger with keys of his own.
pub(crate) struct Forger {
    key: DeviceKey,
    handset: DeviceKey,
    loot: Loot,
}

impl Forger {
    pub(crate) fn new(loot: Loot) -> Self {
        let key = |seed: u8| DeviceKey::from_secret(&[seed; 32]).expect("a secret");
        Self { key: key(7), handset: key(8), loot }
    }

    /// A visit that only the stranger knows.
    pub(crate) const VISIT: VisitId = VisitId([0x66; 16]);

    /// Every paper and word that would open the door if a home took it.
    pub(crate) fn everything(&self) -> Vec<ToHome> {
        // The door's answer brings the nonce that a look needs.
        let mut all = vec![ToHome::HeadWanted(Nonce([6; 16]))];
        all.extend(self.papers());
        all.extend(self.own_provider());
        for pair in self.pairs() {
            all.extend(self.visit(pair));
        }
        for visit in self.loot.visits().into_iter().chain([Self::VISIT]) {
            for word in [Word::Allow, Word::Coming] {
                let answer = Answer { door: self.door(), visit, word };
                all.extend(self.both(&answer, self.owner()).map(ToHome::Answer));
            }
            let farewell = Farewell { door: self.door(), visit, parcels: 0 };
            let word = |bytes| ToHome::FromVisitor { visit, word: FromVisitor::Farewell(bytes) };
            all.extend(self.both(&farewell, self.courier()).map(word));
        }
        all
    }

    /// Looks under a nonce that the door has just given out.
    pub(crate) fn looks(&self, nonce: Nonce) -> Vec<ToHome> {
        let mut all = Vec::new();
        for camera in self.loot.all::<Roster>().iter().flat_map(|roster| &roster.unproven().recorder_keys) {
            let kem = Blob(self.key.public().to_sec1().to_vec());
            let look = Look { door: self.door(), camera: camera.kid(), nonce, kem };
            all.extend(self.both(&look, self.owner()).map(ToHome::Look));
        }
        // A real one, with the nonce that it lacks.
        for look in self.loot.all::<Look>() {
            let again = Look { nonce, ..look.unproven().clone() };
            all.extend(self.both(&again, self.owner()).map(ToHome::Look));
        }
        all
    }

    /// The stranger's answer to a challenge that he was never meant to get.
    pub(crate) fn presentation(&self, visit: VisitId, challenge: &[u8]) -> Vec<ToHome> {
        let Ok(challenge) = Claimed::<Challenge>::parse(challenge) else { return vec![] };
        let opens = self.loot.all::<Presentation>().into_iter().flat_map(|p| p.unproven().opens.clone());
        let opens: Vec<_> = opens.take(32).collect();
        let pairs = self.pairs();
        let own = |pair: &&Pair| fresh_visit(pair) == visit;
        let fitting: Vec<&Pair> = pairs.iter().filter(own).collect();
        let tried = if fitting.is_empty() { pairs.iter().collect() } else { fitting };
        let mut all = Vec::new();
        for (grant, assignment) in tried {
            for opens in [vec![own_parcel()], opens.clone(), vec![]] {
                let (grant, assignment) = (*grant, *assignment);
                let presentation = Presentation { challenge: challenge.hash(), grant, assignment, opens };
                let word = |bytes| ToHome::FromVisitor { visit, word: FromVisitor::Presentation(bytes) };
                all.extend(self.both(&presentation, self.courier()).map(word));
            }
        }
        all
    }

    fn papers(&self) -> Vec<ToHome> {
        let mut papers = Vec::new();
        papers.extend(self.own_grants().into_iter().map(|(bytes, _)| Paper::Grant(bytes)));
        papers.extend(self.rosters());
        for delegation in self.loot.all::<Delegation>() {
            let real = delegation.unproven();
            let stolen = Delegation { key: self.key.public(), ..real.clone() };
            papers.extend(self.both(&stolen, Credential::device(real.root)).map(Paper::Delegation));
        }
        for redirected in self.redirected() {
            for working in self.working_keys() {
                papers.extend(self.both(&redirected, Credential::device(working)).map(Paper::Assignment));
            }
        }
        let lifted = Revocation {
            door: self.door(),
            sequence: 1_000,
            issued: Timestamp(u64::from(u32::MAX)),
            blocked: false,
            grants: vec![],
            providers: vec![],
            devices: vec![],
        };
        papers.extend(self.both(&lifted, self.owner()).map(Paper::Revocation));
        let real = self.loot.all::<Grant>().into_iter().map(|grant| grant.hash());
        for grant in real.chain(self.own_grants().into_iter().map(|(_, hash)| hash)) {
            let confirmation = Confirmation { door: self.door(), grant };
            papers.extend(self.both(&confirmation, self.owner()).map(Paper::Confirmation));
        }
        let numbered = (FORGED_FROM..).zip(papers);
        numbered.map(|(id, paper)| ToHome::Keep { id, paper }).collect()
    }

    /// Other people's assignments, to his own handset, of what they carried and of a parcel of his own.
    fn redirected(&self) -> Vec<Assignment> {
        let mut all = Vec::new();
        for assignment in self.loot.all::<Assignment>() {
            let cnf = Credential::device(self.handset.public());
            let same = Assignment { cnf, ..assignment.unproven().clone() };
            let mut own = Assignment { errands: vec![own_parcel().commitment()], ..same.clone() };
            own.id.0[0] ^= 0xff;
            all.extend([same, own]);
        }
        all
    }

    /// A provider of his own. A home keeps papers of providers that it does not know yet, since a resident may sign
    /// last; they are worth nothing without a grant.
    fn own_provider(&self) -> Vec<ToHome> {
        let mut all = Vec::new();
        if let Some(real) = self.loot.all::<Delegation>().first() {
            let (root, key) = (self.key.public(), self.key.public());
            let delegation = Delegation { root, key, ..real.unproven().clone() };
            all.push(Paper::Delegation(sealed(&delegation, &self.key)));
        }
        for assignment in self.loot.all::<Assignment>() {
            let cnf = Credential::device(self.handset.public());
            let own = Assignment { cnf, provider: self.key.kid(), ..assignment.unproven().clone() };
            all.push(Paper::Assignment(sealed(&own, &self.key)));
        }
        all.into_iter().map(|paper| ToHome::Keep { id: 2, paper }).collect()
    }

    /// Grants to himself, without cameras, for anyone's errand; signed by himself, or claiming the owner.
    fn own_grants(&self) -> Vec<(Blob, Hash)> {
        let mut all = Vec::new();
        for grant in self.loot.all::<Grant>() {
            let mut easy = grant.unproven().clone();
            easy.id.0[0] ^= 0xff;
            easy.terms.cameras.clear();
            easy.terms.attributes.clear();
            easy.terms.occupied = Occupied::Allow;
            easy.errand = Errand::Service("delivery".into());
            let mut guest = easy.clone();
            guest.id.0[1] ^= 0xff;
            let cnf = Credential::device(self.handset.public());
            guest.to = Grantee::Holder { cnf, name: "a friend".into() };
            for forged in [easy, guest] {
                let hash = hash_of(&forged, &self.key);
                all.extend(self.both(&forged, self.owner()).map(|bytes| (bytes, hash)));
            }
        }
        all
    }

    /// The next roster with himself in it, and the first one again with himself as its only owner.
    fn rosters(&self) -> Vec<Paper> {
        let present = self.roster();
        let mut next = present.unproven().clone();
        next.epoch += 1;
        next.prev = present.hash();
        next.residents.push(Resident {
            credential: Credential::device(self.key.public()),
            role: Rank::Owner,
            since: next.epoch,
            name: "phone 2".into(),
            kem: None,
        });
        next.residents.sort_by_key(|resident| resident.credential.kid());
        let mut first = present.unproven().clone();
        first.residents = vec![Resident {
            credential: Credential::device(self.key.public()),
            role: Rank::Owner,
            since: 1,
            name: "phone".into(),
            kem: None,
        }];
        let rosters = [next, first];
        rosters
            .iter()
            .flat_map(|roster| self.both(roster, self.owner()).map(|bytes| Paper::Roster(vec![bytes])))
            .collect()
    }

    /// "Here" for somebody else's errand, in his own visit and in everybody else's.
    fn visit(&self, pair: Pair) -> Vec<ToHome> {
        let (grant, assignment) = pair;
        let mut all = Vec::new();
        for visit in self.loot.visits().into_iter().chain([Self::VISIT, fresh_visit(&pair)]) {
            let arrival = Arrival {
                visit,
                door: self.door(),
                door_tag: self.loot.door_tag().unwrap_or(DoorTag([0; 16])),
                grant,
                assignment,
            };
            let word = |bytes| ToHome::FromVisitor { visit, word: FromVisitor::Arrival(bytes) };
            all.extend(self.both(&arrival, self.courier()).map(word));
            for challenge in self.loot.all::<Challenge>() {
                let presentation =
                    Presentation { challenge: challenge.hash(), grant, assignment, opens: vec![] };
                let word = |bytes| ToHome::FromVisitor { visit, word: FromVisitor::Presentation(bytes) };
                all.extend(self.both(&presentation, self.courier()).map(word));
            }
        }
        all
    }

    /// What could be used together: his own grants with what he redirected or alone, and the real papers.
    fn pairs(&self) -> Vec<Pair> {
        let redirected =
            self.redirected().into_iter().map(|assignment| Some(hash_of(&assignment, &self.key)));
        let carried: Vec<Option<Hash>> = redirected.chain([None]).collect();
        let mut own: Vec<Hash> = self.own_grants().into_iter().map(|(_, hash)| hash).collect();
        own.dedup();
        let own =
            own.into_iter().flat_map(|grant| carried.iter().map(move |assignment| (grant, *assignment)));
        let (grants, assignments) = (self.loot.all::<Grant>(), self.loot.all::<Assignment>());
        let real = grants.iter().flat_map(|g| assignments.iter().map(move |a| (g.hash(), Some(a.hash()))));
        own.chain(real).collect()
    }

    /// Signed by the stranger in his own name, and in that of `real`.
    fn both<M: Message>(&self, message: &M, real: Credential) -> [Blob; 2] {
        let of_a_handset = [Arrival::TYPE, Presentation::TYPE, Farewell::TYPE].contains(&M::TYPE);
        let key = if of_a_handset { &self.handset } else { &self.key };
        [sealed(message, key), sealed(message, &Impostor { claims: real, key })]
    }

    fn roster(&self) -> Claimed<Roster> {
        self.loot.all::<Roster>().into_iter().next().expect("the cloud keeps the roster")
    }

    fn door(&self) -> protocol::bytes::DoorId {
        self.roster().unproven().door
    }

    fn owner(&self) -> Credential {
        let roster = self.roster();
        let owner = roster.unproven().residents.iter().find(|resident| resident.role == Rank::Owner);
        owner.expect("a roster has an owner").credential.clone()
    }

    fn courier(&self) -> Credential {
        self.loot.all::<Assignment>().first().expect("an assignment").unproven().cnf.clone()
    }

    fn working_keys(&self) -> Vec<PublicKey> {
        self.loot.all::<Delegation>().iter().map(|delegation| delegation.unproven().key).collect()
    }
}

/// Writes somebody's name on what he signs himself.
struct Impostor<'a> {
    claims: Credential,
    key: &'a DeviceKey,
}

impl Signer for Impostor<'_> {
    fn credential(&self) -> Credential {
        self.claims.clone()
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.key.sign(to_be_signed)
    }
}

fn sealed<M: Message>(message: &M, signer: &dyn Signer) -> Blob {
    Blob(Signed::sign(message.clone(), signer).expect("a message that keeps its own rules").bytes().to_vec())
}

fn hash_of<M: Message>(message: &M, signer: &DeviceKey) -> Hash {
    Signed::sign(message.clone(), signer).expect("a message that keeps its own rules").hash()
}

/// A visit of its own for each pair, so that none stands in another's way.
fn fresh_visit((grant, assignment): &Pair) -> VisitId {
    let hash = Hash::of("visit", &[&grant.0, &assignment.unwrap_or(Hash::ZERO).0]);
    VisitId(hash.0[..16].try_into().expect("a hash has 32 bytes"))
}

/// What nobody sent.
fn own_parcel() -> Opening {
    Opening { salt: Salt([5; 16]), scan: Scan::from_label("RR000000005DE").expect("a label") }
}
