//! How an attempt is carried out: papers first, then an arrival, then an answer. The doorkeeper says how it ends.

use crate::attempt::{
    Answer, Arrival as Coming, At, Attempt, Camera, Device, First, NotOnTheTray, Opened, Outcome, Parcel,
    Radio, Stop, Time,
};
use crate::check;
use crate::chosen::{Chosen, roster_of_the_cloud};
use crate::home::{Forger, Keys, Place, roster};
use crate::tray::{Days, Transcript, Tray, blob, hash, opening};
use crate::world::{Setting, World, envelope};
use doorkeeper::chance::Chance;
use doorkeeper::record::Record;
use doorkeeper::refusal::Refusal;
use doorkeeper::sensors::{Door, Report};
use protocol::arrival::Arrival;
use protocol::bytes::{Blob, Hash, Salt, VisitId};
use protocol::commitment::Opening;
use protocol::door_event::{Body, Detail};
use protocol::limits::DETAIL_BYTES_MAX;
use protocol::presentation::Presentation;
use protocol::roster::Roster;
use protocol::uplink::{FromVisitor, Paper};
use protocol::{Signed, Signer, canonical};

/// Longer than the home waits for a picture, ms.
const DECIDE_MS: u64 = 3_000;
/// From the first papers of a provider to its first visit: a home waits for ten minutes, ms.
const WAIT_MS: u64 = 2 * 3_600_000;
/// A courier pushes the door, puts a parcel down and pulls it shut, ms each.
const PUSH_MS: u64 = 1_000;
const INSIDE_MS: u64 = 4_000;
/// Then the bolt is thrown, and the visit is over, ms.
const LEAVE_MS: u64 = 120_000;

/// A home, a stolen cloud, and what was tried so far.
pub struct Game {
    keys: Keys,
    place: Place,
    roster: Signed<Roster>,
    chance: Chance,
    days: Days,
    tray: Tray,
    yesterday: Transcript,
    /// The journal before anybody tried.
    before: Vec<Record>,
    /// The journal now: an opening stays in it.
    records: Vec<Record>,
    /// When the door was last opened by whoever tries, seconds since 1970: time does not run backward.
    latest_s: u64,
}

impl Game {
    /// A home in which a courier was yesterday and another is expected tomorrow. `now_s`: seconds since 1970.
    ///
    /// # Panics
    /// If the courier of yesterday was not let in: then the doorkeeper is broken, and there is nothing to break into.
    pub fn new(random: [u8; 32], now_s: u64) -> Self {
        let mut chance = Chance::new(random);
        let days = Days::of(now_s);
        let keys = Keys::draw(&mut chance);
        let place = Place::draw(&mut chance);
        let roster = roster(&keys, place);
        let tray = Tray::make(&keys, &roster, days, &mut chance);
        let roster = Signed::sign(roster, &keys.resident).expect("a roster that keeps its rules");
        let setting = Setting {
            keys: &keys,
            place,
            roster: &roster,
            start_s: days.founded(),
            clock_is_known: true,
            camera: Camera::Films,
        };
        let mut world = World::start(setting, &[], &mut chance).expect("a new home has nothing to read");
        let yesterday = deliver(&mut world, &keys, place, &tray, VisitId(chance.draw()));
        assert!(world.was_unlocked, "yesterday's courier was refused: {:?}", world.refusal());
        world.keep(Paper::Grant(blob(&tray.tomorrow.grant_bytes)));
        world.keep(Paper::Assignment(blob(&tray.tomorrow.assignment_bytes)));
        let before = std::mem::take(&mut world.records);
        let records = before.clone();
        Self { keys, place, roster, chance, days, tray, yesterday, before, records, latest_s: days.now }
    }

    /// When tomorrow's grant counts, seconds since 1970: the first inside, the first after.
    pub const fn window_s(&self) -> (u64, u64) {
        let window = self.days.tomorrows_window();
        (window.from.0, window.until.0)
    }

    /// Everything as before the first attempt.
    pub fn reset(&mut self) {
        self.records = self.before.clone();
        self.latest_s = self.days.now;
    }

    /// Tries the door. What was refused leaves no trace, so that no attempt spoils the next; what opened it, does.
    pub fn attempt(&mut self, attempt: &Attempt) -> Result<Outcome, NotOnTheTray> {
        attempt.check()?;
        let mut chance = self.chance.clone();
        // Every attempt has its own ids.
        self.chance.draw();
        let chosen = match attempt.arrival {
            Coming::Courier => Chosen::of_the_courier(&self.tray),
            Coming::Fresh | Coming::Replayed => {
                Chosen::of(attempt, &self.tray, &self.keys, self.days, &mut chance)
            }
        };
        let (outcome, records, now_s) = {
            let mut world = self.world(attempt, &mut chance);
            let roster =
                (attempt.first == First::Roster).then(|| roster_of_the_cloud(&self.roster, &self.keys));
            let mut stops = send_papers(&mut world, &chosen, roster);
            stops.extend(self.try_the_door(&mut world, attempt, &chosen, &mut chance));
            let at_s = world.now_s();
            let opened = world.was_unlocked.then(|| self.opened(&world.records));
            if world.was_unlocked {
                pass_through(&mut world);
            }
            (Outcome { stops, opened, at_s }, std::mem::take(&mut world.records), world.now_s())
        };
        if outcome.opened.is_some() {
            self.records = records;
            self.latest_s = now_s;
        }
        Ok(outcome)
    }

    fn world<'a>(&'a self, attempt: &Attempt, chance: &mut Chance) -> World<'a> {
        let wanted_s = match attempt.time {
            Time::Now => self.days.now,
            Time::Tomorrow => self.days.tomorrow(),
        };
        let setting = Setting {
            keys: &self.keys,
            place: self.place,
            roster: &self.roster,
            start_s: wanted_s.max(self.latest_s),
            clock_is_known: attempt.radio != Radio::Clock,
            camera: attempt.camera,
        };
        let mut world = World::start(setting, &self.records, chance).expect("the home's own journal");
        if attempt.radio == Radio::Contact {
            world.report(Report::Door(Door::Unknown));
        }
        world
    }

    /// Arrives, and answers the challenge if there is one to answer, or if the answer is an old one anyway.
    fn try_the_door(
        &self,
        world: &mut World<'_>,
        attempt: &Attempt,
        chosen: &Chosen,
        chance: &mut Chance,
    ) -> Vec<Stop> {
        let (visit, bytes) = match attempt.arrival {
            Coming::Replayed => (self.yesterday.visit, self.yesterday.arrival.clone()),
            Coming::Fresh => self.arrival(chosen, self.device(attempt.device).as_ref(), chance),
            Coming::Courier => self.arrival(chosen, &self.keys.handset, chance),
        };
        world.say(visit, FromVisitor::Arrival(Blob(bytes)));
        let mut stops = Vec::new();
        if world.challenge.is_none() {
            stops.extend(world.refusal().map(|refusal| stop(At::Arrival, refusal)));
        }
        let answer = match (attempt.answer, world.challenge) {
            (Answer::Replayed, _) => self.yesterday.presentation.clone(),
            (Answer::Fresh | Answer::Torn, None) => return stops,
            (Answer::Fresh, Some(challenge)) => self.presentation(attempt, chosen, challenge, chance),
            (Answer::Torn, Some(challenge)) => {
                let mut bytes = self.presentation(attempt, chosen, challenge, chance);
                bytes.truncate(bytes.len() / 2);
                bytes
            }
        };
        world.say(visit, FromVisitor::Presentation(Blob(answer)));
        world.pass(DECIDE_MS);
        if !world.was_unlocked {
            stops.extend(world.refusal().map(|refusal| stop(At::Answer, refusal)));
        }
        stops
    }

    fn device(&self, device: Device) -> Box<dyn Signer + '_> {
        let Keys { thief, handset, .. } = &self.keys;
        match device {
            Device::Thief => Box::new(thief.clone()),
            Device::Forged => Box::new(Forger { name: handset, key: thief }),
            Device::Handset => Box::new(handset.clone()),
        }
    }

    fn arrival(&self, chosen: &Chosen, device: &dyn Signer, chance: &mut Chance) -> (VisitId, Vec<u8>) {
        let visit = VisitId(chance.draw());
        (visit, envelope(arrival(self.place, visit, chosen), device))
    }

    fn presentation(
        &self,
        attempt: &Attempt,
        chosen: &Chosen,
        challenge: Hash,
        chance: &mut Chance,
    ) -> Vec<u8> {
        let parcel = match attempt.parcel {
            Parcel::Announced => chosen.parcel.clone(),
            Parcel::Guessed => Opening { salt: Salt(chance.draw()), scan: chosen.parcel.scan.clone() },
            Parcel::Other => opening("RR 999 999 994 DE", chance),
        };
        envelope(presentation(chosen, challenge, parcel), self.device(attempt.device).as_ref())
    }

    /// What the home's own log says of the newest intent.
    fn opened(&self, records: &[Record]) -> Opened {
        let mut opened = Opened { device: Device::Thief, filmed: false };
        for body in records.iter().filter_map(body_of) {
            match body {
                Body::Arrived { device, .. } => {
                    let is_handset = device == self.keys.handset.kid();
                    opened.device = if is_handset { Device::Handset } else { Device::Thief };
                }
                Body::Intent(intent) => opened.filmed = !intent.recordings.is_empty(),
                _ => {}
            }
        }
        opened
    }
}

/// What the cloud relays before anybody stands at the door; what the home does not keep of it.
fn send_papers(world: &mut World<'_>, chosen: &Chosen, roster: Option<Vec<u8>>) -> Vec<Stop> {
    let papers = [
        (At::Roster, roster.map(|bytes| Paper::Roster(vec![Blob(bytes)]))),
        (At::Permission, Some(Paper::Grant(blob(&chosen.grant_bytes)))),
        (At::Order, chosen.delegation_bytes.as_deref().map(|bytes| Paper::Delegation(blob(bytes)))),
        (At::Order, chosen.assignment_bytes.as_deref().map(|bytes| Paper::Assignment(blob(bytes)))),
    ];
    let sent = papers.into_iter().filter_map(|(at, paper)| Some((at, paper?)));
    sent.filter_map(|(at, paper)| world.keep(paper).map(|refusal| stop(at, refusal))).collect()
}

/// Yesterday's visit, by the book.
fn deliver(world: &mut World<'_>, keys: &Keys, place: Place, tray: &Tray, visit: VisitId) -> Transcript {
    let chosen = Chosen {
        grant: hash(&tray.used.grant),
        grant_bytes: tray.used.grant_bytes.clone(),
        assignment: Some(hash(&tray.used.assignment)),
        assignment_bytes: Some(tray.used.assignment_bytes.clone()),
        delegation_bytes: Some(tray.delegation.clone()),
        parcel: tray.used_parcel.clone(),
    };
    send_papers(world, &chosen, None);
    world.pass(WAIT_MS);
    let arrival = envelope(arrival(place, visit, &chosen), &keys.handset);
    world.say(visit, FromVisitor::Arrival(blob(&arrival)));
    let challenge = world.challenge.unwrap_or(Hash::ZERO);
    let presentation = presentation(&chosen, challenge, tray.used_parcel.clone());
    let presentation = envelope(presentation, &keys.handset);
    world.say(visit, FromVisitor::Presentation(blob(&presentation)));
    pass_through(world);
    Transcript { visit, arrival, presentation }
}

/// The door is pushed and pulled shut; the home locks it, and the visit ends.
fn pass_through(world: &mut World<'_>) {
    world.pass(PUSH_MS);
    world.report(Report::Door(Door::Open));
    world.pass(INSIDE_MS);
    world.report(Report::Door(Door::Closed));
    world.pass(LEAVE_MS);
}

const fn arrival(place: Place, visit: VisitId, chosen: &Chosen) -> Arrival {
    let Chosen { grant, assignment, .. } = *chosen;
    Arrival { visit, door: place.door, door_tag: place.tag, grant, assignment }
}

fn presentation(chosen: &Chosen, challenge: Hash, parcel: Opening) -> Presentation {
    let Chosen { grant, assignment, .. } = *chosen;
    Presentation { challenge, grant, assignment, opens: vec![parcel] }
}

const fn stop(at: At, refusal: Refusal) -> Stop {
    Stop { at, code: refusal.code(), check: check::number(refusal) }
}

fn body_of(record: &Record) -> Option<Body> {
    let detail = record.log_entry()?.opening?.detail;
    canonical::decode::<Detail>(&detail.0, DETAIL_BYTES_MAX).ok().map(|detail| detail.body)
}
