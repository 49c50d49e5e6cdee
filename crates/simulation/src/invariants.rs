//! What must hold whatever happens: each promise as a sentence, and beside it the code that would see it broken.
//!
//! Judges by what really happened in the world, by what honest people really signed, and by what was on the disk. It uses
//! nothing of `doorkeeper`'s decision. What a hub cannot know is named where it is excused: a lock that lies about its
//! bolt, a box whose clock lied at its start.

use crate::cast::{BEGIN_S, Cast, DOOR};
use crate::keys::{Keys, verifier};
use crate::lock::Lock;
use crate::recorder::Recorder;
use doorkeeper::alarm::Alarm;
use doorkeeper::sensors::{Bolt, Door};
use hub::lock::Report;
use protocol::answer::Word;
use protocol::bytes::{Blob, GrantId, Hash, RecordingId, VisitId};
use protocol::challenge::Challenge;
use protocol::door_event::{Body, Class, Detail, Intent};
use protocol::door_log::{Checker, Position};
use protocol::grant::{Grant, Occupied};
use protocol::head::Head;
use protocol::presentation::Presentation;
use protocol::revocation::Revocation;
use protocol::uplink::{FromVisitor, LogEntry, ToHome, ToVisitor};
use protocol::{Claimed, Kid, Signed, Signer, Verifier};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The promises.
pub const PROMISES: &[&str] =
    &[OPENED, BOUND, RELOCKED, NEVER_AT_AN_OPEN_DOOR, RECORDED, ARRIVES, SAID_TRULY, IN_TIME, STARTS_AGAIN];

const OPENED: &str = "the bolt is withdrawn only for a permission that counts, presented by whom it is for over a challenge of this door, with nobody having said no";
const BOUND: &str =
    "each use is bound to one visit, on the disk before the bolt moves, and never used twice, over any crash";
const RELOCKED: &str =
    "after the door shuts, or if it does not, it is locked within its limit, or an alarm is out";
const NEVER_AT_AN_OPEN_DOOR: &str = "LOCK is sent only to a door that has been reported shut for a second";
const RECORDED: &str =
    "every opening is recorded from before it until the door is secured, or an alarm says that it is not";
const ARRIVES: &str =
    "every event that was durable reaches cloud and resident in the end, and the log verifies";
const SAID_TRULY: &str = "\"blocked\" and \"closed and locked\" are never said falsely";
const IN_TIME: &str =
    "nothing unlocks late: no command after its deadline, nothing on a message that was stale";
const STARTS_AGAIN: &str =
    "after any crash the home starts again, and has forgotten nothing that was durable";

/// Seconds by which a home's time may be off: what the clock itself allows for, and a little.
const CLOCK_SLACK_S: u64 = 5;
/// A shut door is locked, or an alarm is out, after this, ms: a second of steadiness, two commands, one retraction between
/// them, and the ways of the reports.
const LOCKED_MS: u64 = 16_000;
/// As above for a door that nobody pushed: half a minute more.
const NEVER_PUSHED_MS: u64 = 48_000;
/// A door that stands open is an alarm after this, ms: the longest terms of the play, and a little.
const LEFT_OPEN_MS: u64 = 66_000;
/// A report may be under way so long, ms, and the hub may be deaf so long.
const REPORT_MS: u64 = 1_500;
/// Whoever presents has so long from the challenge to the bolt, ms: the challenge's life, a picture, the witness.
const CHALLENGE_TO_BOLT_MS: u64 = 34_000;
/// And so much more where a resident is asked, ms.
const ANSWER_MS: u64 = 45_000;
/// A message from the cloud may be so old, ms, with a beat's coarseness.
const FRESH_MS: u64 = 11_200;
/// An unlock command's life, ms, and the way to the lock.
const UNLOCK_MS: u64 = 2_100;
/// A gap in the recording is an alarm after this, ms: three seconds, a proof's wait, and what noticing a still picture takes.
const GAP_MS: u64 = 7_500;

/// A promise that was broken.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The promise.
    pub promise: &'static str,
    /// When, ms of the world.
    pub at: u64,
    /// What happened.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\": {} (at {} ms)", self.promise, self.what, self.at)
    }
}

struct Presented {
    visit: VisitId,
    signer: Kid,
    challenge: Hash,
    is_right: bool,
    /// It reached the home in time, or the cloud said so of it.
    came_fresh: bool,
}

struct Meant {
    at: u64,
    visit: VisitId,
    hash: Hash,
    event: Blob,
    intent: Intent,
}

struct Opening {
    at: u64,
    visit: VisitId,
    secured: Option<u64>,
    door_opened: Option<u64>,
}

/// The judge.
pub struct Oracle {
    broken: Option<Broken>,
    verifier: Box<dyn Verifier + Send>,
    checker: Checker,
    full: Vec<LogEntry>,
    newest_event: u64,
    // What honest people signed.
    grant: Grant,
    grant_hash: Hash,
    handsets: BTreeMap<Option<Hash>, Kid>,
    lists: BTreeMap<Hash, Revocation>,
    presented: BTreeMap<Hash, Presented>,
    /// Presentations that opened.
    spent: BTreeSet<Hash>,
    challenges: BTreeMap<Hash, (VisitId, u64)>,
    // What the home knows, as far as it is durable.
    list_in_force: Option<Hash>,
    said_no: Option<u64>,
    allowed: BTreeSet<VisitId>,
    intents: Vec<Meant>,
    uses: BTreeMap<GrantId, BTreeSet<VisitId>>,
    openings: Vec<Opening>,
    // What the hub has heard in this start.
    bolt: Bolt,
    bolt_at: u64,
    locked_heard: u64,
    door: Door,
    shut_heard: Option<u64>,
    open_heard: u64,
    /// When it last had a reason to think that the bolt is not thrown.
    doubted: u64,
    alarms: BTreeSet<Alarm>,
    alarm_times: Vec<(u64, Alarm, bool)>,
    down: Vec<(u64, Option<u64>)>,
    journal_failed: bool,
    box_lied: bool,
    // Since when what should be over is not, and how long the hub had been deaf by then.
    unlocked_since: Option<(u64, u64)>,
    open_since: Option<(u64, u64)>,
    /// The home reads what it had written before.
    pub(crate) is_replay: bool,
    /// How long the hub has been deaf in all, ms: it waited for its disk.
    pub(crate) deaf_ms: u64,
}

impl Oracle {
    pub(crate) fn new(cast: &Cast, keys: Keys) -> Self {
        let handsets = if cast.assignments.is_empty() {
            BTreeMap::from([(None, cast.handsets[0].credential().kid())])
        } else {
            cast.assignments.iter().map(|a| (Some(a.hash()), a.message().cnf.kid())).collect()
        };
        Self {
            broken: None,
            verifier: verifier(keys),
            checker: Checker::new(DOOR, cast.door.public(), Position::START),
            full: vec![],
            newest_event: 0,
            grant: cast.grant.message().clone(),
            grant_hash: cast.grant.hash(),
            handsets,
            lists: BTreeMap::new(),
            presented: BTreeMap::new(),
            spent: BTreeSet::new(),
            challenges: BTreeMap::new(),
            list_in_force: None,
            said_no: None,
            allowed: BTreeSet::new(),
            intents: vec![],
            uses: BTreeMap::new(),
            openings: vec![],
            bolt: Bolt::Unknown,
            bolt_at: 0,
            locked_heard: 0,
            door: Door::Unknown,
            shut_heard: None,
            open_heard: 0,
            doubted: 0,
            alarms: BTreeSet::new(),
            alarm_times: vec![],
            down: vec![],
            journal_failed: false,
            box_lied: false,
            unlocked_since: None,
            open_since: None,
            is_replay: false,
            deaf_ms: 0,
        }
    }

    fn breaks(&mut self, at: u64, promise: &'static str, what: impl Into<String>) {
        self.broken.get_or_insert_with(|| Broken { promise, at, what: what.into() });
    }

    fn holds(&mut self, holds: bool, at: u64, promise: &'static str, what: &str) {
        if !holds {
            self.breaks(at, promise, what);
        }
    }

    // ---- The bolt is withdrawn only for a permission that counts --------------------------------------------------

    /// The hub told the bolt to withdraw. True if that opens a door for somebody; false if it frees a bolt that is stuck.
    pub(crate) fn unlocks(
        &mut self,
        now: u64,
        is_on_platter: bool,
        is_unbound: bool,
        has_long_life: bool,
        recorder: &Recorder,
        cast: &Cast,
    ) -> bool {
        self.holds(!has_long_life, now, IN_TIME, "an unlock command lives longer than two seconds");
        self.doubted = now;
        let at_rest = self.bolt == Bolt::Locked && self.door == Door::Closed;
        self.holds(!(is_unbound && at_rest), now, BOUND, "the bolt moves, and its use is not durable");
        self.intents.retain(|meant| now <= meant.at + 6_000);
        let meant = self.meant(recorder).map(|index| self.intents.remove(index));
        let Some(meant) = meant.filter(|_| at_rest) else {
            let stuck = self.bolt == Bolt::Jammed
                || self.door == Door::Open && matches!(self.bolt, Bolt::Locked | Bolt::Locking);
            self.holds(stuck, now, OPENED, "an unlock command without an intent, and the bolt is not stuck");
            return false;
        };
        self.holds(is_on_platter, now, BOUND, "the bolt moves, and a power cut now would forget the use");
        self.is_permitted(now, &meant);
        self.is_presented(now, &meant, cast);
        self.is_filmed(now, &meant, recorder);
        self.is_not_used_up(now, &meant);
        let Meant { visit, .. } = meant;
        self.openings.push(Opening { at: now, visit, secured: None, door_opened: None });
        true
    }

    fn is_permitted(&mut self, now: u64, meant: &Meant) {
        let known = meant.intent.grant == self.grant_hash && meant.intent.grant_id == self.grant.id;
        self.holds(known, now, OPENED, "no resident signed this permission");
        let assigned = self.handsets.contains_key(&meant.intent.assignment);
        self.holds(assigned, now, OPENED, "no provider signed this assignment");
        let at_s = BEGIN_S + now / 1_000;
        let in_time = self
            .grant
            .windows
            .iter()
            .any(|window| at_s + CLOCK_SLACK_S >= window.from.0 && at_s < window.until.0 + CLOCK_SLACK_S);
        self.holds(in_time || self.box_lied, now, OPENED, "it is not the time of this permission");
        let list = self.list_in_force.and_then(|hash| self.lists.get(&hash));
        let blocked = list.is_some_and(|list| list.blocked);
        let revoked = list.is_some_and(|list| list.grants.contains(&meant.intent.grant_id));
        self.holds(!blocked, now, SAID_TRULY, "the home had confirmed that the door is blocked");
        self.holds(!revoked, now, SAID_TRULY, "the home had confirmed that the permission is revoked");
        self.holds(self.said_no.is_none(), now, OPENED, "somebody had said no, and the log says so");
    }

    fn is_presented(&mut self, now: u64, meant: &Meant, cast: &Cast) {
        let Some(presented) = self.presented.get(&meant.intent.presentation) else {
            return self.breaks(now, OPENED, "no handset of the play made this presentation");
        };
        let first = self.spent.insert(meant.intent.presentation);
        let device = self.handsets.get(&meant.intent.assignment);
        let (visit, is_right) = (presented.visit, presented.is_right);
        let (by_device, fresh) = (device == Some(&presented.signer), presented.came_fresh);
        let challenge = self.challenges.get(&presented.challenge).copied();
        self.holds(
            by_device && visit == meant.visit,
            now,
            OPENED,
            "another device or another visit presented",
        );
        self.holds(first, now, OPENED, "one presentation opened twice");
        self.holds(is_right, now, OPENED, "a parcel for somebody else was scanned");
        self.holds(fresh, now, IN_TIME, "the presentation was stale when it came");
        let asks = cast.is_someone_home && self.grant.terms.occupied == Occupied::Ask;
        let waits = CHALLENGE_TO_BOLT_MS + if asks { ANSWER_MS } else { 0 } + 3_000;
        match challenge {
            None => self.breaks(now, OPENED, "this start of the door made no such challenge"),
            Some((of, at)) => {
                self.holds(of == meant.visit, now, OPENED, "the challenge was another visit's");
                self.holds(now <= at + waits, now, IN_TIME, "the challenge was too old");
            }
        }
        let refuses = cast.is_someone_home && self.grant.terms.occupied == Occupied::Refuse;
        self.holds(!refuses, now, OPENED, "somebody is home, and the terms then refuse");
        let unasked = asks && !self.allowed.contains(&meant.visit);
        self.holds(!unasked, now, OPENED, "somebody is home, and nobody allowed it");
    }

    fn is_filmed(&mut self, now: u64, meant: &Meant, recorder: &Recorder) {
        if self.grant.terms.cameras.is_empty() {
            return;
        }
        let witnessed = recorder.witnessed.contains(&meant.hash);
        self.holds(witnessed, now, RECORDED, "the recording does not hold the intent");
        let film = RecordingId(meant.visit.0);
        let from_before = recorder.films.iter().any(|(id, from, _)| *id == film && *from + 300 <= now);
        self.holds(from_before, now, RECORDED, "the recording did not begin before the opening");
        let blind = recorder.blind.iter().any(|b| !b.is_frozen && b.until.is_none() && b.from + 3_500 < now);
        self.holds(!blind, now, RECORDED, "the camera had been blind for seconds");
    }

    // ---- Each use is bound to one visit ---------------------------------------------------------------------------

    fn is_not_used_up(&mut self, now: u64, meant: &Meant) {
        let visits = self.uses.entry(meant.intent.grant_id).or_default();
        visits.insert(meant.visit);
        let (visits, uses) = (visits.len(), usize::try_from(self.grant.uses).unwrap_or(usize::MAX));
        self.holds(visits <= uses, now, BOUND, "more visits than uses");
        let entered =
            self.openings.iter().filter(|o| o.visit == meant.visit && o.door_opened.is_some()).count();
        let entries = usize::try_from(self.grant.terms.entries).unwrap_or(usize::MAX);
        self.holds(entered < entries, now, BOUND, "one entry more than the terms allow");
    }

    /// Which intent the next opening rests on: two visits may mean to open at once, and the newest that the recorder holds
    /// is the one that may.
    fn meant(&self, recorder: &Recorder) -> Option<usize> {
        let witnessed = self.intents.iter().rposition(|meant| recorder.witnessed.contains(&meant.hash));
        witnessed.or(self.intents.len().checked_sub(1))
    }

    /// The event that the next opening rests on.
    pub(crate) fn intent_bytes(&self, recorder: &Recorder) -> Option<Vec<u8>> {
        self.meant(recorder).map(|index| self.intents[index].event.0.clone())
    }

    pub(crate) fn has_intent(entries: &[LogEntry]) -> bool {
        entries.iter().any(|entry| matches!(body(entry), Some((_, Body::Intent(_)))))
    }

    // ---- Nothing unlocks late -------------------------------------------------------------------------------------

    /// A motor withdraws the bolt by a command that the hub sent at `sent`.
    pub(crate) fn bolt_withdraws(&mut self, now: u64, sent: u64) {
        self.holds(now <= sent + UNLOCK_MS, now, IN_TIME, "the bolt moves on a command that was too old");
    }

    /// The home took a message that its cloud sent at `said`.
    pub(crate) fn home_hears(&mut self, now: u64, message: &ToHome, said: u64, is_redated: bool) {
        if let ToHome::FromVisitor { word: FromVisitor::Presentation(bytes), .. } = message
            && let Ok(claimed) = Claimed::<Presentation>::parse(&bytes.0)
            && let Some(presented) = self.presented.get_mut(&claimed.hash())
        {
            presented.came_fresh |= is_redated || now <= said + FRESH_MS;
        }
    }

    // ---- LOCK only to a shut door ---------------------------------------------------------------------------------

    pub(crate) fn locks(&mut self, now: u64) {
        let steady = self.shut_heard.is_some_and(|since| now >= since + 1_000);
        self.holds(
            steady,
            now,
            NEVER_AT_AN_OPEN_DOOR,
            "LOCK, and the door was not reported shut for a second",
        );
    }

    // ---- Locked within its limit, or an alarm ---------------------------------------------------------------------

    /// After every step of the world.
    pub(crate) fn watch(&mut self, now: u64, lock: &Lock, hub_runs: bool) {
        let deaf = self.deaf_ms;
        let told = !self.alarms.is_empty();
        // A lock that says that it is locked, and is not, is beyond a hub whose door is shut.
        let lies = self.bolt == Bolt::Locked && self.door == Door::Closed;
        // What people do with their own door while the lock's link is gone, nobody can know.
        let own = self.openings.last().is_none_or(|opening| opening.secured.is_some());
        let hidden = lies || lock.flickers || own && (!lock.is_online || self.bolt == Bolt::Unknown);
        let unlocked = hub_runs && !told && !lock.is_open && !lock.is_secure() && !hidden;
        if !unlocked {
            self.unlocked_since = None;
        } else if let Some((since, before)) = self.unlocked_since {
            let opened = self.openings.last().map_or(0, |opening| opening.at);
            let pushed = self.open_heard > self.locked_heard.max(opened);
            let limit = if pushed { LOCKED_MS } else { NEVER_PUSHED_MS };
            let late = now > since + limit + deaf - before;
            self.holds(!late, now, RELOCKED, "the door is shut and not locked, and nobody is told");
        } else {
            self.unlocked_since = Some((now, deaf));
        }
        let open = hub_runs && !told && lock.is_open && lock.is_online && !lock.flickers;
        if !open {
            self.open_since = None;
        } else if let Some((since, before)) = self.open_since {
            let late = now > since + LEFT_OPEN_MS + deaf - before;
            self.holds(!late, now, RELOCKED, "the door stands open, and nobody is told");
        } else {
            self.open_since = Some((now, deaf));
        }
    }

    pub(crate) fn alarm(&mut self, now: u64, alarm: Alarm, on: bool) {
        if on {
            self.alarms.insert(alarm);
        } else {
            self.alarms.remove(&alarm);
        }
        self.journal_failed |= alarm == Alarm::JournalFailed;
        self.alarm_times.push((now, alarm, on));
    }

    /// Somebody moved bolt or door by hand: their own time begins.
    pub(crate) const fn key(&mut self) {
        self.unlocked_since = None;
        self.open_since = None;
    }

    pub(crate) const fn door_moves(&mut self) {
        self.unlocked_since = None;
    }

    /// Bolt and door agree, or somebody is told, or the lock says what is not true.
    pub(crate) fn is_at_rest(&self, lock: &Lock) -> bool {
        lock.is_secure() || !self.alarms.is_empty() || self.bolt == Bolt::Locked && self.door == Door::Closed
    }

    // ---- What the hub hears, and what it says of it -----------------------------------------------------------------

    pub(crate) fn hub_hears_lock(&mut self, now: u64, report: &Report) {
        match report {
            Report::Bolt(bolt) => {
                (self.bolt, self.bolt_at) = (*bolt, now);
                if *bolt == Bolt::Locked {
                    self.locked_heard = now;
                } else {
                    self.doubted = now;
                }
            }
            Report::Door(door) => self.hears_door(now, *door),
            Report::Online(false) => {
                (self.bolt, self.bolt_at) = (Bolt::Unknown, now);
                self.hears_door(now, Door::Unknown);
            }
            _ => {}
        }
    }

    fn hears_door(&mut self, now: u64, door: Door) {
        self.door = door;
        if door == Door::Closed {
            self.shut_heard.get_or_insert(now);
        } else {
            self.shut_heard = None;
        }
        if door == Door::Open {
            (self.doubted, self.open_heard) = (now, now);
        }
    }

    fn says_secured(&mut self, now: u64, lock: &Lock) {
        let heard = self.bolt == Bolt::Locked && self.door == Door::Closed;
        self.holds(heard, now, SAID_TRULY, "closed and locked, and the newest reports say otherwise");
        let under_way = now <= lock.moved + REPORT_MS;
        let lied = lock.claims.is_some();
        let newer = self.bolt_at >= self.doubted;
        let true_or_told = lock.is_secure() || under_way || lied || newer;
        self.holds(
            true_or_told,
            now,
            SAID_TRULY,
            "closed and locked, by a report from before the bolt was withdrawn",
        );
    }

    pub(crate) fn says(&mut self, now: u64, visit: VisitId, word: &ToVisitor, lock: &Lock) {
        match word {
            ToVisitor::Challenge(bytes) => {
                if let Ok(challenge) = Claimed::<Challenge>::parse(&bytes.0) {
                    self.challenges.insert(challenge.hash(), (visit, now));
                }
            }
            ToVisitor::Secured => self.says_secured(now, lock),
            _ => {}
        }
    }

    /// The door signs how it stands.
    pub(crate) fn signs_head(&mut self, now: u64, bytes: &Blob) {
        let Ok(head) = Claimed::<Head>::parse(&bytes.0) else {
            return self.breaks(now, ARRIVES, "a head that nobody can read");
        };
        let head = head.unproven();
        let heard = self.bolt == Bolt::Locked && self.door == Door::Closed;
        self.holds(
            head.secured != Some(true) || heard,
            now,
            SAID_TRULY,
            "a head says secured against the reports",
        );
        let reaches = head.counter == self.full.len() as u64;
        self.holds(reaches, now, ARRIVES, "a head promises events that a power cut could take back");
    }

    pub(crate) fn head_is_false(&mut self, now: u64) {
        self.breaks(now, ARRIVES, "a head that the door did not sign");
    }

    /// The home said of a revocation list that it is kept.
    pub(crate) fn confirms_list(&mut self, now: u64, is_on_platter: bool) {
        self.holds(
            is_on_platter,
            now,
            SAID_TRULY,
            "a list is confirmed, and a power cut now would forget it",
        );
    }

    // ---- The log ----------------------------------------------------------------------------------------------------

    /// An event is durable, in this order.
    pub(crate) fn becomes_durable(&mut self, now: u64, entry: LogEntry, lock: &Lock) -> Option<Body> {
        self.newest_event = now;
        let checked = self.checker.entry(&entry, self.verifier.as_ref());
        let event = match checked {
            Ok((event, _)) => event.hash(),
            Err(flaw) => {
                self.breaks(now, ARRIVES, format!("the log does not verify: {flaw}"));
                return None;
            }
        };
        let (visit, body) = body(&entry)?;
        match (&body, visit) {
            (Body::Intent(_) | Body::Secured(_), _) if self.is_replay => {}
            (Body::Intent(intent), Some(visit)) => {
                let event =
                    Meant { at: now, visit, hash: event, event: entry.event.clone(), intent: intent.clone() };
                self.intents.push(event);
            }
            (Body::RevocationKept { revocation, .. }, _) => {
                self.list_in_force = Some(*revocation);
                let known = self.lists.contains_key(revocation);
                self.holds(known, now, OPENED, "the home keeps a list that no resident signed");
            }
            (Body::Answered { word: Word::Stop, .. } | Body::SaidNoAtHub, Some(_)) => {
                self.said_no = Some(now);
            }
            (Body::Answered { word: Word::Allow, .. }, Some(visit)) => {
                self.allowed.insert(visit);
            }
            (Body::DoorOpened, Some(visit)) => {
                let opening = self.openings.iter_mut().rev().find(|opening| opening.visit == visit);
                if let Some(opening) = opening.filter(|opening| opening.secured.is_none()) {
                    opening.door_opened.get_or_insert(now);
                }
            }
            (Body::Secured(_), visit) => {
                for opening in self.openings.iter_mut().filter(|o| Some(o.visit) == visit) {
                    opening.secured.get_or_insert(now);
                }
                self.says_secured(now, lock);
            }
            _ => {}
        }
        self.full.push(entry);
        Some(body)
    }

    pub(crate) const fn entries(&self) -> usize {
        self.full.len()
    }

    pub(crate) const fn newest_event(&self) -> u64 {
        self.newest_event
    }

    pub(crate) fn log_is_lost(&mut self, now: u64, known: u64) {
        let what = format!("{known} events were durable, and the home does not know the newest any more");
        self.breaks(now, STARTS_AGAIN, what);
    }

    // ---- Starts and crashes -------------------------------------------------------------------------------------------

    pub(crate) fn boots(&mut self, now: u64, wall_offset_s: i64) {
        if let Some((_, until)) = self.down.last_mut() {
            until.get_or_insert(now);
        }
        self.box_lied = wall_offset_s != 0;
        self.journal_failed = false;
        self.forget_reports();
    }

    pub(crate) fn dies(&mut self, now: u64) {
        self.down.push((now, None));
        self.forget_reports();
    }

    fn forget_reports(&mut self) {
        (self.bolt, self.door, self.shut_heard) = (Bolt::Unknown, Door::Unknown, None);
        self.alarms.clear();
        self.intents.clear();
        self.challenges.clear();
        (self.unlocked_since, self.open_since) = (None, None);
    }

    pub(crate) fn cannot_start(&mut self, now: u64, why: &str) {
        self.breaks(now, STARTS_AGAIN, format!("the hub does not start: {why}"));
    }

    pub(crate) const fn journal_has_failed(&self) -> bool {
        self.journal_failed
    }

    // ---- What honest people signed --------------------------------------------------------------------------------------

    pub(crate) fn presents(&mut self, visit: VisitId, signed: &Signed<Presentation>, is_right: bool) {
        let challenge = signed.message().challenge;
        let signer = signed.signer();
        let presented = Presented { visit, signer, challenge, is_right, came_fresh: false };
        self.presented.entry(signed.hash()).or_insert(presented);
    }

    pub(crate) fn signs_list(&mut self, list: &Signed<Revocation>) {
        self.lists.insert(list.hash(), list.message().clone());
    }

    pub(crate) fn verifier(&self) -> &dyn Verifier {
        self.verifier.as_ref()
    }

    // ---- In the end -------------------------------------------------------------------------------------------------------

    pub(crate) fn at_the_end(&mut self, now: u64, stored: &[LogEntry], lock: &Lock, recorder: &Recorder) {
        self.has_arrived(now, stored);
        self.holds(self.is_at_rest(lock), now, RELOCKED, "it ended neither locked nor with an alarm");
        if !self.grant.terms.cameras.is_empty() {
            self.was_filmed(now, recorder);
        }
    }

    fn has_arrived(&mut self, now: u64, stored: &[LogEntry]) {
        if stored.len() != self.full.len() {
            let what = format!("{} of {} events reached the cloud", stored.len(), self.full.len());
            return self.breaks(now, ARRIVES, what);
        }
        let mut checker = Checker::new(DOOR, self.door_key(), Position::START);
        for (entry, full) in stored.iter().zip(&self.full) {
            let private = checker
                .entry(entry, self.verifier.as_ref())
                .map(|(event, _)| event.message().class == Class::Home);
            let what = match private {
                Err(flaw) => format!("the cloud's log does not verify: {flaw}"),
                Ok(private) if private == entry.opening.is_some() => {
                    "the cloud may read what only residents may, or not what it may".to_owned()
                }
                Ok(_) if entry.event != full.event => "the cloud has another event".to_owned(),
                Ok(_) => continue,
            };
            return self.breaks(now, ARRIVES, what);
        }
    }

    fn door_key(&self) -> protocol::PublicKey {
        self.checker.key()
    }

    /// Each stretch without a picture, from an opening until the door was secured, had its alarm. Where the hub was down
    /// itself, its start is what says so.
    fn was_filmed(&mut self, now: u64, recorder: &Recorder) {
        let mut missing = None;
        for opening in &self.openings {
            let until = opening.secured.unwrap_or(now);
            for blind in &recorder.blind {
                let sees = |at: u64| at + 2_000;
                let begins = if blind.is_frozen { opening.door_opened.map(sees) } else { Some(opening.at) };
                let Some(begins) = begins else { continue };
                let (from, to) = (blind.from.max(begins), blind.until.unwrap_or(now).min(until));
                if to < from + GAP_MS + self.deaf_ms || self.was_down(from, to) {
                    continue;
                }
                if !self.was_told(from, from + GAP_MS + self.deaf_ms) {
                    missing = Some(from);
                }
            }
            let film = RecordingId(opening.visit.0);
            let mut films = recorder.films.iter().filter(|(id, _, _)| *id == film);
            let reaches = films.any(|(_, from, to)| *from < until && to.is_none_or(|to| to >= until));
            if !reaches && opening.secured.is_some() && !recorder.is_blind_at(until) {
                missing = Some(until);
            }
        }
        if let Some(at) = missing {
            self.breaks(at, RECORDED, "no picture during an opening, and no alarm");
        }
    }

    fn was_down(&self, from: u64, to: u64) -> bool {
        self.down.iter().any(|(a, b)| *a <= to && b.is_none_or(|b| b + 1_000 >= from))
    }

    fn was_told(&self, from: u64, to: u64) -> bool {
        let mut on = BTreeSet::new();
        for (at, alarm, is_on) in &self.alarm_times {
            let films = matches!(alarm, Alarm::RecordingLost | Alarm::PictureFrozen | Alarm::JournalFailed);
            if !films || *at > to {
                continue;
            }
            if *is_on {
                on.insert(*alarm);
            } else if *at < from {
                on.remove(alarm);
            }
        }
        !on.is_empty()
    }

    pub(crate) fn has_opened(&self) -> bool {
        !self.openings.is_empty()
    }

    pub(crate) const fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    pub(crate) const fn broken(&self) -> Option<&Broken> {
        self.broken.as_ref()
    }
}

/// What an entry says, if it is opened.
fn body(entry: &LogEntry) -> Option<(Option<VisitId>, Body)> {
    let detail = Detail::read(&entry.opening.as_ref()?.detail.0).ok()?;
    Some((detail.visit, detail.body))
}
