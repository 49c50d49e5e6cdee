//! Models of those who come and of those who live there: what they do when they hear what, and how they err and cheat.

use crate::cast::{Cast, DOOR, TAG, blob, opening};
use crate::chance::Chance;
use crate::fault::{Fault, Stage};
use crate::keys::{Forger, Key};
use crate::lock::Position;
use crate::world::{Event, HubHears, World};
use protocol::answer::{Answer, Word};
use protocol::arrival::Arrival;
use protocol::bytes::{Blob, DoorTag, Hash, Nonce, VisitId};
use protocol::challenge::Challenge;
use protocol::door_event::{Body, Detail};
use protocol::farewell::Farewell;
use protocol::grant::Occupied;
use protocol::head::Head;
use protocol::look::Look;
use protocol::presentation::Presentation;
use protocol::time::Timestamp;
use protocol::uplink::{FromVisitor, LogEntry, Paper, ToHome, ToVisitor};
use protocol::{Claimed, Credential, Signed, Signer};

/// How long a visitor hears nothing before the handset says "here" again, ms.
const SILENCE_MS: u64 = 12_000;

/// What a visitor does by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitorDoes {
    Arrive,
    Scan,
    Push { tries: u8 },
    ComeOut,
    LookAround,
    SayGoodbye,
    GoHome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    OnTheWay,
    AtTheDoor,
    Inside,
    Gone,
}

/// One visitor with a handset.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent intentions, not a state")]
pub(crate) struct Visitor {
    pub(crate) visit: VisitId,
    handset: usize,
    assignment: Option<Hash>,
    place: Place,
    challenge: Option<Hash>,
    answered: Option<Hash>,
    scan_is_due: bool,
    scans: u8,
    may_push: bool,
    parcels: u32,
    heard: u64,
    patience_until: u64,
    sent: Vec<Blob>,
    twice: bool,
    wrong_parcel: bool,
    wrong_door: bool,
    holds_open: bool,
    goes_on: bool,
}

impl Visitor {
    pub(crate) fn new(chance: &mut Chance, handset: usize, cast: &Cast) -> Self {
        Self {
            visit: VisitId(chance.id()),
            handset,
            assignment: cast.assignments.get(handset).map(Signed::hash),
            place: Place::OnTheWay,
            challenge: None,
            answered: None,
            scan_is_due: false,
            scans: 0,
            may_push: false,
            parcels: 0,
            heard: 0,
            patience_until: 0,
            sent: vec![],
            twice: false,
            wrong_parcel: false,
            wrong_door: false,
            holds_open: false,
            goes_on: false,
        }
    }

    pub(crate) const fn is_inside(&self) -> bool {
        matches!(self.place, Place::Inside)
    }

    /// Is there, or will be.
    pub(crate) fn is_expected(&self) -> bool {
        self.place != Place::Gone
    }
}

/// The household's phone.
#[derive(Debug, Default)]
pub(crate) struct Resident {
    answers_late: bool,
    pub(crate) older_list: Option<Blob>,
    lists: u64,
    visit: Option<VisitId>,
    look_wanted: bool,
}

/// A word to a visitor, in short.
pub(crate) fn short(word: &ToVisitor) -> String {
    match word {
        ToVisitor::Challenge(_) => "challenge".to_owned(),
        other => format!("{other:?}"),
    }
}

impl World {
    fn key(&self, who: usize) -> Key {
        self.cast.handsets[self.visitors[who].handset].clone()
    }

    fn send(&mut self, who: usize, word: FromVisitor) {
        let visit = self.visitors[who].visit;
        self.hand_over(visit, word);
    }

    fn hand_over(&mut self, visit: VisitId, word: FromVisitor) {
        let at = self.now + self.chance.between(20, 120);
        self.queue.push(at, Event::FromHandset { visit, word });
    }

    pub(crate) fn visitor_does(&mut self, who: usize, does: VisitorDoes) {
        if self.visitors[who].place == Place::Gone {
            return;
        }
        match does {
            VisitorDoes::Arrive => self.visitor_arrives(who),
            VisitorDoes::Scan => self.visitor_scans(who),
            VisitorDoes::Push { tries } => self.visitor_pushes(who, tries),
            VisitorDoes::ComeOut => self.visitor_comes_out(who),
            VisitorDoes::LookAround => self.visitor_looks_around(who),
            VisitorDoes::SayGoodbye => self.visitor_says_goodbye(who),
            VisitorDoes::GoHome => self.visitor_goes_home(who),
        }
    }

    fn visitor_arrives(&mut self, who: usize) {
        let patience = self.chance.between(60_000, 150_000);
        let v = &mut self.visitors[who];
        if v.place == Place::OnTheWay {
            v.place = Place::AtTheDoor;
            v.patience_until = self.now + patience;
            self.queue.push(self.now + 3_000, Event::Visitor { who, does: VisitorDoes::LookAround });
        }
        self.tell("visitor", || "says: here".to_owned());
        let v = &mut self.visitors[who];
        v.heard = self.now;
        let tag = if std::mem::take(&mut v.wrong_door) { DoorTag([9; 16]) } else { TAG };
        let arrival = Arrival {
            visit: v.visit,
            door: DOOR,
            door_tag: tag,
            grant: self.cast.grant.hash(),
            assignment: v.assignment,
        };
        let bytes = blob(arrival, &self.key(who));
        self.send(who, FromVisitor::Arrival(bytes));
    }

    fn visitor_scans(&mut self, who: usize) {
        let is_guest = self.cast.assignments.is_empty();
        let count = u8::try_from(self.chance.between(1, 3)).unwrap_or(1);
        let v = &mut self.visitors[who];
        v.scan_is_due = false;
        let Some(challenge) = v.challenge.filter(|newest| v.answered != Some(*newest)) else { return };
        if v.place != Place::AtTheDoor || v.may_push || v.scans >= 7 {
            return;
        }
        v.scans += 1;
        v.answered = Some(challenge);
        let mut parcels: Vec<u8> = if is_guest { vec![] } else { (1..=count).collect() };
        if std::mem::take(&mut v.wrong_parcel) {
            parcels.push(8);
        }
        v.parcels = u32::try_from(parcels.len()).unwrap_or(0);
        let presentation = Presentation {
            challenge,
            grant: self.cast.grant.hash(),
            assignment: v.assignment,
            opens: parcels.iter().map(|parcel| opening(*parcel)).collect(),
        };
        let (visit, twice) = (v.visit, std::mem::take(&mut v.twice));
        let signed = Signed::sign(presentation, &self.key(who)).expect("a presentation keeps its rules");
        self.tell("visitor", || format!("scans {} parcels", parcels.len()));
        self.oracle.presents(visit, &signed, !parcels.contains(&8));
        let bytes = Blob(signed.bytes().to_vec());
        self.visitors[who].sent.push(bytes.clone());
        if matches!(self.stage, Stage::Before | Stage::Arrived | Stage::Secured) {
            self.enter(Stage::Presented);
        }
        if twice {
            self.send(who, FromVisitor::Presentation(bytes.clone()));
        }
        self.send(who, FromVisitor::Presentation(bytes));
    }

    fn visitor_pushes(&mut self, who: usize, tries: u8) {
        if self.visitors[who].place != Place::AtTheDoor {
            return;
        }
        if self.lock.is_open {
            self.visitors[who].place = Place::Inside;
        } else if self.lock.bolt == Position::Withdrawn {
            self.visitors[who].place = Place::Inside;
            self.door_moves(true);
        } else if tries > 0 {
            let does = VisitorDoes::Push { tries: tries - 1 };
            return self.queue.push(self.now + 900, Event::Visitor { who, does });
        } else {
            self.visitors[who].may_push = false;
            return;
        }
        let v = &mut self.visitors[who];
        (v.may_push, v.heard) = (false, self.now);
        let stays = if std::mem::take(&mut v.holds_open) {
            self.chance.between(40_000, 110_000)
        } else {
            self.chance.between(1_500, 9_000)
        };
        self.queue.push(self.now + stays, Event::Visitor { who, does: VisitorDoes::ComeOut });
    }

    fn visitor_comes_out(&mut self, who: usize) {
        if self.visitors[who].place != Place::Inside {
            return;
        }
        let v = &mut self.visitors[who];
        (v.place, v.heard) = (Place::AtTheDoor, self.now);
        let nobody_else = self.visitors.iter().all(|visitor| !visitor.is_inside());
        if self.lock.is_open && nobody_else {
            self.door_moves(false);
        }
    }

    /// A handset that hears nothing says "here" again; a visitor who waits too long goes.
    fn visitor_looks_around(&mut self, who: usize) {
        self.queue.push(self.now + 3_000, Event::Visitor { who, does: VisitorDoes::LookAround });
        let says_goodbye = self.chance.percent(60);
        let v = &self.visitors[who];
        if v.place != Place::AtTheDoor {
            return;
        }
        if self.now >= v.patience_until {
            let does = if says_goodbye { VisitorDoes::SayGoodbye } else { VisitorDoes::GoHome };
            self.visitor_does(who, does);
        } else if self.now >= v.heard + SILENCE_MS && !v.may_push {
            self.visitor_arrives(who);
        }
    }

    fn visitor_says_goodbye(&mut self, who: usize) {
        let v = &self.visitors[who];
        let farewell = Farewell { door: DOOR, visit: v.visit, parcels: v.parcels.min(32) };
        let bytes = blob(farewell, &self.key(who));
        self.send(who, FromVisitor::Farewell(bytes));
        self.visitor_goes_home(who);
    }

    fn visitor_goes_home(&mut self, who: usize) {
        if self.visitors[who].place == Place::Inside && self.chance.percent(60) {
            self.visitor_comes_out(who);
        }
        self.visitors[who].place = Place::Gone;
        self.tell("visitor", || "goes".to_owned());
        if self.lock.is_open {
            let at = self.now + self.chance.between(5_000, 20_000);
            self.queue.push(at, Event::Neighbour);
        }
    }

    pub(crate) fn handset_hears(&mut self, visit: VisitId, word: ToVisitor) {
        let Some(who) = self.visitors.iter().position(|v| v.visit == visit) else { return };
        let soon = self.now + self.chance.between(800, 4_000);
        let v = &mut self.visitors[who];
        if v.place == Place::Gone {
            return;
        }
        v.heard = self.now;
        let later = |does| Event::Visitor { who, does };
        match word {
            ToVisitor::Challenge(bytes) => {
                let Ok(challenge) = Claimed::<Challenge>::parse(&bytes.0) else { return };
                v.challenge = Some(challenge.hash());
                if !v.scan_is_due && (v.parcels == 0 || v.goes_on || v.scans < 7) {
                    v.scan_is_due = true;
                    self.queue.push(soon, later(VisitorDoes::Scan));
                }
            }
            ToVisitor::Open => {
                v.may_push = true;
                self.queue.push(soon - 500, later(VisitorDoes::Push { tries: 12 }));
            }
            ToVisitor::CloseDoor if v.place == Place::Inside && !v.holds_open => {
                self.queue.push(soon, later(VisitorDoes::ComeOut));
            }
            ToVisitor::Secured => {
                v.may_push = false;
                let more = self.cast.terms().entries > 1;
                let goes_on = more && self.chance.percent(50);
                self.visitors[who].goes_on = goes_on;
                if !goes_on {
                    self.queue.push(soon, later(VisitorDoes::SayGoodbye));
                }
            }
            ToVisitor::NotHereToday | ToVisitor::MayGo | ToVisitor::Ended => {
                self.queue.push(soon, later(VisitorDoes::GoHome));
            }
            ToVisitor::TryAgain
            | ToVisitor::WrongParcel
            | ToVisitor::Wait
            | ToVisitor::CloseDoor
            | ToVisitor::Locking
            | ToVisitor::Asked(_)
            | ToVisitor::Coming(_)
            | ToVisitor::Permitted(_) => {}
        }
    }

    /// What a fault of a visitor begins with; true if it was one.
    pub(crate) fn visitor_fault(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::HeldOpen => self.visitors.iter_mut().for_each(|v| v.holds_open = true),
            Fault::GivesUp => {
                for who in 0..self.visitors.len() {
                    self.visitor_does(who, VisitorDoes::GoHome);
                }
            }
            Fault::PresentsTwice => {
                self.visitors[0].twice = true;
                // Whoever has sent one already sends it again now.
                if let Some(bytes) = self.visitors[0].sent.last().cloned() {
                    self.send(0, FromVisitor::Presentation(bytes));
                }
            }
            Fault::ReplaysScan => self.replay_scans(),
            Fault::WrongParcel => {
                self.visitors[0].wrong_parcel = true;
                if self.stage > Stage::Arrived {
                    self.send_odd_scan(self.visitors[0].challenge, 8);
                }
            }
            Fault::WrongDoor => {
                self.visitors[0].wrong_door = true;
                if self.stage != Stage::Before && self.visitors[0].place != Place::Gone {
                    self.visitor_arrives(0);
                }
            }
            Fault::StrangersKey => self.stranger_tries(),
            Fault::SecondHandset => self.second_handset(),
            _ => return false,
        }
        true
    }

    /// Everything that was ever sent, and one for a challenge that no door made.
    fn replay_scans(&mut self) {
        for bytes in self.visitors[0].sent.clone() {
            self.send(0, FromVisitor::Presentation(bytes));
        }
        self.send_odd_scan(Some(Hash([0x77; 32])), 1);
    }

    fn send_odd_scan(&mut self, challenge: Option<Hash>, parcel: u8) {
        let Some(challenge) = challenge else { return };
        let v = &self.visitors[0];
        let presentation = Presentation {
            challenge,
            grant: self.cast.grant.hash(),
            assignment: v.assignment,
            opens: vec![opening(parcel)],
        };
        let visit = v.visit;
        let signed = Signed::sign(presentation, &self.key(0)).expect("a presentation keeps its rules");
        self.oracle.presents(visit, &signed, parcel != 8);
        self.send(0, FromVisitor::Presentation(Blob(signed.bytes().to_vec())));
    }

    /// Somebody with a key of their own says what an honest visitor would, also in the visit that is open, and also under
    /// the name of the handset.
    fn stranger_tries(&mut self) {
        let strangers = VisitId(self.chance.id());
        let v = &self.visitors[0];
        let (assignment, challenge) = (v.assignment, v.challenge.unwrap_or(Hash([0x78; 32])));
        let own = self.cast.stranger.clone();
        let name = self.key(0);
        let hands: [&dyn Signer; 2] = [&own, &Forger { name: &name, hand: &own }];
        let mut words = vec![];
        for (visit, hand) in
            [strangers, v.visit].into_iter().flat_map(|visit| hands.map(|hand| (visit, hand)))
        {
            let grant = self.cast.grant.hash();
            let arrival = Arrival { visit, door: DOOR, door_tag: TAG, grant, assignment };
            let presentation = Presentation { challenge, grant, assignment, opens: vec![opening(2)] };
            words.push((visit, FromVisitor::Arrival(blob(arrival, hand))));
            words.push((visit, FromVisitor::Presentation(blob(presentation, hand))));
        }
        for (visit, word) in words {
            self.hand_over(visit, word);
        }
    }

    fn second_handset(&mut self) {
        if self.visitors.len() > 1 {
            return;
        }
        // A guest has one key: a second arrival of it under another id.
        let handset = usize::from(!self.cast.assignments.is_empty());
        let second = Visitor::new(&mut self.chance, handset, &self.cast);
        self.visitors.push(second);
        self.queue.push(self.now, Event::Visitor { who: 1, does: VisitorDoes::Arrive });
    }

    // ---- Residents ----------------------------------------------------------------------------------------------

    /// What a fault of a resident begins with; true if it was one.
    pub(crate) fn resident_fault(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::Stop => self.resident_answers(true),
            Fault::NoAtHub => self.queue.push(self.now, Event::Hub(HubHears::NoAtHub)),
            Fault::Block => self.revoke(true),
            Fault::Revoke => self.revoke(false),
            Fault::AnswersLate => self.resident.answers_late = true,
            Fault::Looks => {
                self.resident.look_wanted = true;
                self.want_head();
            }
            _ => return false,
        }
        true
    }

    fn revoke(&mut self, blocked: bool) {
        self.resident.lists += 1;
        let at = Timestamp(crate::cast::BEGIN_S + self.now / 1_000);
        let list = self.cast.revocation(self.resident.lists, at, blocked);
        let bytes = Blob(list.bytes().to_vec());
        self.resident.older_list.get_or_insert_with(|| bytes.clone());
        self.oracle.signs_list(&list);
        let at = self.now + self.chance.between(20, 150);
        self.queue.push(at, Event::Paper(Paper::Revocation(bytes)));
    }

    /// What the resident's phone sees of the log: somebody who is home answers for their door.
    pub(crate) fn resident_reads(&mut self, entry: &LogEntry) {
        let Some(opening) = &entry.opening else { return };
        let Ok(detail) = Detail::read(&opening.detail.0) else { return };
        if let Body::Arrived { .. } = detail.body {
            self.resident.visit = detail.visit;
            let asks = self.cast.is_someone_home && self.cast.terms().occupied == Occupied::Ask;
            if asks && self.calm_since.is_none() {
                let late = self.resident.answers_late;
                let ms = if late {
                    self.chance.between(30_000, 80_000)
                } else {
                    self.chance.between(1_000, 9_000)
                };
                self.queue.push(self.now + ms, Event::Answer { stop: false });
            }
        }
    }

    pub(crate) fn resident_answers(&mut self, stop: bool) {
        let visit = self.resident.visit.unwrap_or(self.visitors[0].visit);
        let word = if stop { Word::Stop } else { Word::Allow };
        self.tell("resident", || format!("answers {word:?}"));
        let bytes = blob(Answer { door: DOOR, visit, word }, &self.cast.owner);
        self.say_or_cheat(ToHome::Answer(bytes));
    }

    pub(crate) fn want_head(&mut self) {
        let nonce = Nonce(self.chance.id());
        self.say_or_cheat(ToHome::HeadWanted(nonce));
    }

    pub(crate) fn resident_hears_head(&mut self, bytes: &Blob) {
        let door = Credential::device(self.cast.door.public());
        let Ok(claimed) = Claimed::<Head>::parse(&bytes.0) else { return };
        let Ok(head) = claimed.verify(&door, self.oracle.verifier()) else {
            return self.oracle.head_is_false(self.now);
        };
        let secured = head.message().secured;
        self.tell("resident", || format!("reads a head: secured {secured:?}"));
        if std::mem::take(&mut self.resident.look_wanted) {
            let look = Look {
                door: DOOR,
                camera: self.cast.recorder.credential().kid(),
                nonce: head.message().look,
                kem: Blob(vec![4; protocol::limits::KEM_BYTES]),
            };
            let bytes = blob(look, &self.cast.owner);
            self.say_or_cheat(ToHome::Look(bytes));
        }
    }

    // ---- Faults, all of them ------------------------------------------------------------------------------------

    pub(crate) fn heals_in(&mut self, fault: Fault, from_ms: u64, to_ms: u64) {
        let at = self.now + self.chance.between(from_ms, to_ms);
        self.queue.push(at, Event::Heal(fault));
    }

    pub(crate) fn begin_fault(&mut self, fault: Fault) {
        let _known = self.lock_fault(fault)
            || self.recorder_fault(fault)
            || self.cloud_fault(fault)
            || self.visitor_fault(fault)
            || self.resident_fault(fault)
            || self.box_fault(fault);
    }

    pub(crate) fn heal(&mut self, fault: Fault) {
        self.lock_heals(fault);
        self.recorder_heals(fault);
        self.cloud_heals(fault);
        match fault {
            Fault::DiskSlow => self.hub.set_sync_ms(3),
            Fault::ClockBack | Fault::ClockAhead => self.hub.wall_offset_s = 0,
            Fault::AnswersLate => self.resident.answers_late = false,
            _ => {}
        }
    }

    fn box_fault(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::HubKilled => self.hub_dies(false),
            Fault::PowerCut => self.hub_dies(true),
            Fault::SyncFails => self.hub.fail_sync(),
            Fault::DiskSlow => {
                let ms = self.chance.between(100, 900);
                self.hub.set_sync_ms(ms);
                self.heals_in(fault, 3_000, 20_000);
            }
            Fault::ClockBack => {
                self.hub.wall_offset_s = -self.chance.pick(&[30, 3_600, 86_400, 400_000_000]);
                self.heals_in(fault, 1_000, 30_000);
            }
            Fault::ClockAhead => {
                self.hub.wall_offset_s = self.chance.pick(&[30, 3_600, 86_400, 31_536_000]);
                self.heals_in(fault, 1_000, 30_000);
            }
            _ => return false,
        }
        true
    }
}
