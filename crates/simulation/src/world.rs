//! The world: one clock, one queue of what is going to happen, and everybody in it. Runs one visit from its seed.

use crate::cast::Cast;
use crate::chance::Chance;
use crate::cloud::Cloud;
use crate::fault::{Fault, Stage};
use crate::hub_box::{Effect, HubBox};
use crate::invariants::{Broken, Oracle};
use crate::keys::Keys;
use crate::lock::Lock;
use crate::people::{Resident, Visitor, VisitorDoes};
use crate::plan::Planned;
use crate::queue::Queue;
use crate::recorder::Recorder;
use doorkeeper::{Input, RecorderNews};
use hub::lock::{Command, Report};
use protocol::bytes::VisitId;
use protocol::time::Monotonic;
use protocol::uplink::{Downlink, FromVisitor, Paper, ToCloud, ToVisitor};

/// The home has held its papers for so long when the visit begins, ms: longer than a first permission waits.
pub(crate) const VISIT_MS: u64 = 700_000;
/// No visit is watched for longer, ms.
const VISIT_MS_MAX: u64 = 300_000;
/// A start may fail on a bad disk, and be tried again by whoever watches over the process; so often.
const STARTS_MAX: u8 = 2;
/// After everybody behaves again, at least and at most so long is watched, ms: a bolt is tried again every minute.
const CALM_MS: std::ops::RangeInclusive<u64> = 25_000..=200_000;

/// Takes a line for people.
type Story = Box<dyn FnMut(&str)>;

/// What is going to happen.
#[derive(Debug)]
pub(crate) enum Event {
    Tick,
    Clock { boot: u8 },
    Boot,
    Effect(Effect),
    Hub(HubHears),
    Connect { line: u32 },
    Beat { line: u32 },
    Up { line: u32, message: ToCloud },
    Down { line: u32, downlink: Downlink, is_redated: bool, said: u64 },
    FromHandset { visit: VisitId, word: FromVisitor },
    ToHandset { visit: VisitId, word: ToVisitor },
    Visitor { who: usize, does: VisitorDoes },
    Answer { stop: bool },
    LockGets { command: Command, deadline: Monotonic, sent: u64, boot: u8 },
    Motor { run: u32 },
    KeyTurns { locks: bool },
    KeyDoor { open: bool },
    Neighbour,
    Strike(Fault),
    Heal(Fault),
    RecorderBack { run: u32 },
    Paper(Paper),
}

/// What reaches the hub by itself.
#[derive(Debug, Clone)]
pub(crate) enum HubHears {
    Lock(Report),
    Recorder(RecorderNews),
    NoAtHub,
}

/// Everything.
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) queue: Queue<Event>,
    pub(crate) chance: Chance,
    pub(crate) cast: Cast,
    pub(crate) hub: HubBox,
    pub(crate) lock: Lock,
    pub(crate) recorder: Recorder,
    pub(crate) cloud: Cloud,
    pub(crate) visitors: Vec<Visitor>,
    pub(crate) resident: Resident,
    pub(crate) oracle: Oracle,
    pub(crate) stage: Stage,
    pub(crate) plan: Vec<Planned>,
    /// What struck, and in which stage.
    pub(crate) struck: Vec<(Stage, Fault)>,
    /// A process or a box that dies in the middle of a step on the disk, as soon as the presentation is there.
    pub(crate) dies_in_commit: Option<Fault>,
    pub(crate) calm_since: Option<u64>,
    tick_at: u64,
    failed_starts: u8,
    story: Option<Story>,
}

/// What became of one visit.
#[derive(Debug)]
pub struct Outcome {
    /// What struck, and in which stage of the visit.
    pub struck: Vec<(Stage, Fault)>,
    /// How far it came.
    pub reached: Stage,
    /// The door was opened by the home.
    pub opened: bool,
    /// Events that were handled.
    pub steps: u64,
    /// The promise that was broken, if one was.
    pub broken: Option<Broken>,
}

/// Plays the visit that follows from a seed.
pub fn play(seed: u64, keys: Keys) -> Outcome {
    World::new(seed, keys, None).run()
}

/// Plays it, and tells it line by line.
pub fn tell(seed: u64, keys: Keys, line: impl FnMut(&str) + 'static) -> Outcome {
    World::new(seed, keys, Some(Box::new(line))).run()
}

impl World {
    fn new(seed: u64, keys: Keys, story: Option<Story>) -> Self {
        let mut chance = Chance::new(seed);
        let cast = Cast::draw(keys, &mut chance);
        let plan = crate::plan::draw(&mut chance);
        let visitor = Visitor::new(&mut chance, 0, &cast);
        let oracle = Oracle::new(&cast, keys);
        let lock = Lock::new(&mut chance);
        Self {
            now: 0,
            queue: Queue::new(),
            hub: HubBox::new(keys, seed),
            lock,
            recorder: Recorder::new(),
            cloud: Cloud::new(),
            visitors: vec![visitor],
            resident: Resident::default(),
            oracle,
            stage: Stage::Before,
            plan,
            struck: vec![],
            dies_in_commit: None,
            calm_since: None,
            tick_at: 0,
            failed_starts: 0,
            story,
            chance,
            cast,
        }
    }

    fn run(mut self) -> Outcome {
        self.tell("home", || "a home is paired, and given its papers".to_owned());
        self.begin();
        let (mut steps, mut reached) = (0, Stage::Before);
        let mut opened = false;
        while let Some((at, event)) = self.queue.pop() {
            self.now = self.now.max(at);
            steps += 1;
            self.happen(event);
            self.oracle.deaf_ms = self.hub.deaf_ms();
            self.oracle.watch(self.now, &self.lock, self.hub.is_running());
            reached = reached.max(self.stage);
            opened |= self.oracle.has_opened();
            if self.oracle.is_broken() || self.is_over() {
                break;
            }
        }
        self.finish();
        if let Some(broken) = self.oracle.broken() {
            let line = broken.to_string();
            self.tell("BROKEN", || line);
        }
        Outcome { struck: self.struck, reached, opened, steps, broken: self.oracle.broken().cloned() }
    }

    /// Half an hour before: papers, without a cloud. Then the visitor is on the way.
    fn begin(&mut self) {
        self.boot();
        for report in
            [Report::Online(true), Report::Bolt(self.lock.says()), Report::Door(self.lock.contact())]
        {
            self.hub_hears(HubHears::Lock(report));
        }
        for (id, paper) in (0..).zip(self.cast.papers()) {
            let effects = self.hub.cloud_says(self.now, protocol::uplink::ToHome::Keep { id, paper });
            self.take(effects);
        }
        self.now = VISIT_MS;
        self.queue.push(self.now, Event::Clock { boot: self.hub.boots });
        self.tick_at = 0;
        self.queue.push(self.now, Event::Connect { line: self.cloud.line });
        let arrives = self.now + self.chance.between(1_500, 4_000);
        self.queue.push(arrives, Event::Visitor { who: 0, does: VisitorDoes::Arrive });
        self.enter(Stage::Before);
    }

    pub(crate) fn tell(&mut self, who: &str, what: impl FnOnce() -> String) {
        if let Some(line) = &mut self.story {
            let ms = self.now.saturating_sub(VISIT_MS);
            line(&format!(
                "{:>4}.{:03} s  {:<11} {:<9} {}",
                ms / 1_000,
                ms % 1_000,
                self.stage.label(),
                who,
                what()
            ));
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Tick if self.now >= self.tick_at => self.hub_ticks(),
            Event::Tick => {}
            Event::Clock { boot } => self.hub_reads_clock(boot),
            Event::Boot => self.boot(),
            Event::Effect(effect) => self.effect(effect),
            Event::Hub(hears) => self.when_hub_is_free(hears),
            Event::Connect { line } => self.connect(line),
            Event::Beat { line } => self.beat(line),
            Event::Up { line, message } => self.cloud_hears(line, message),
            Event::Down { line, downlink, is_redated, said } => {
                self.comes_down(line, downlink, is_redated, said);
            }
            Event::FromHandset { visit, word } => self.relay(visit, word),
            Event::ToHandset { visit, word } => self.handset_hears(visit, word),
            Event::Visitor { who, does } => self.visitor_does(who, does),
            Event::Answer { stop } => self.resident_answers(stop),
            Event::LockGets { command, deadline, sent, boot } => {
                self.lock_gets(command, deadline, sent, boot);
            }
            Event::Motor { run } => self.motor_stops(run),
            Event::KeyTurns { locks } => self.key_turns(locks),
            Event::KeyDoor { open } => self.key_door(open),
            Event::Neighbour => self.neighbour_shuts_the_door(),
            Event::Strike(fault) => self.strike(fault),
            Event::Heal(fault) => self.heal(fault),
            Event::RecorderBack { run } => self.recorder_is_back(run),
            Event::Paper(paper) => self.post(paper),
        }
    }

    // ---- The hub ------------------------------------------------------------------------------------------------

    pub(crate) fn boot(&mut self) {
        if self.hub.is_running() {
            return;
        }
        self.hub.set_sync_ms(3);
        match self.hub.start(self.now, &self.cast) {
            Ok(effects) => {
                self.tell("hub", || "starts".to_owned());
                self.oracle.boots(self.now, self.hub.wall_offset_s);
                self.oracle.is_replay = true;
                self.take(effects);
                self.oracle.is_replay = false;
                let report = doorkeeper::sensors::Report::Occupied(Some(self.cast.is_someone_home));
                let effects = self.hub.give(self.now, Input::Sensor(report));
                self.take(effects);
            }
            Err(why) => {
                self.tell("hub", || format!("does not start: {why}"));
                self.hub.die(self.now, false);
                self.failed_starts += 1;
                if self.failed_starts > STARTS_MAX {
                    self.oracle.cannot_start(self.now, &why.to_string());
                }
                return self.queue.push(self.now + 2_000, Event::Boot);
            }
        }
        self.failed_starts = 0;
        if self.now >= VISIT_MS {
            self.queue.push(self.now, Event::Clock { boot: self.hub.boots });
            let at = self.now + self.chance.between(100, 800);
            self.lock_speaks_up(at);
            let at = self.now + self.chance.between(100, 1_500);
            self.queue.push(at, Event::Connect { line: self.cloud.line });
            self.recorder_looks_again();
            if !self.recorder.is_alive {
                let at = self.now + self.chance.between(200, 1_200);
                self.queue.push(at, Event::RecorderBack { run: self.recorder.run });
            }
        }
    }

    /// The hub's process dies, and perhaps the box with it.
    pub(crate) fn hub_dies(&mut self, power: bool) {
        self.tell("hub", || if power { "has no power" } else { "is killed" }.to_owned());
        let at = self.now.max(self.hub.busy_until());
        self.hub.die(at, power);
        self.oracle.dies(self.now);
        self.cloud.line += 1;
        if power {
            self.recorder_dies();
        }
        let back = at + self.chance.between(800, 7_000);
        self.queue.push(back, Event::Boot);
    }

    fn when_hub_is_free(&mut self, hears: HubHears) {
        if self.hub.busy_until() > self.now && self.hub.is_running() {
            self.queue.push(self.hub.busy_until(), Event::Hub(hears));
        } else {
            self.hub_hears(hears);
        }
    }

    fn hub_hears(&mut self, hears: HubHears) {
        if !self.hub.is_running() {
            return;
        }
        let effects = match hears {
            HubHears::Lock(report) => {
                self.tell("lock", || format!("says {report:?}"));
                self.oracle.hub_hears_lock(self.now, &report);
                self.hub.lock_reports(self.now, report)
            }
            // What it was about to say of a picture that is another by now.
            HubHears::Recorder(RecorderNews::Frozen(frozen)) if frozen != self.recorder.is_frozen => return,
            HubHears::Recorder(news) => self.hub.give(self.now, Input::Recorder(news)),
            HubHears::NoAtHub => self.hub.give(self.now, Input::LocalNo),
        };
        self.take(effects);
    }

    fn hub_ticks(&mut self) {
        if self.hub.busy_until() > self.now {
            self.queue.push(self.hub.busy_until(), Event::Tick);
            return;
        }
        let effects = self.hub.give(self.now, Input::Tick);
        self.take(effects);
    }

    fn hub_reads_clock(&mut self, boot: u8) {
        if boot != self.hub.boots || !self.hub.is_running() {
            return;
        }
        let at = self.now.max(self.hub.busy_until());
        self.queue.push(at.max(self.now + 1_000), Event::Clock { boot });
        if at == self.now {
            let effects = self.hub.read_clock(self.now);
            self.take(effects);
        }
    }

    /// What the hub did comes into the world, each at its time; what it made durable is looked at; and it says when it
    /// wants to be woken.
    pub(crate) fn take(&mut self, effects: Vec<(u64, Effect)>) {
        self.read_log();
        for (at, effect) in effects {
            if at <= self.now {
                self.effect(effect);
            } else {
                self.queue.push(at, Event::Effect(effect));
            }
        }
        if self.hub.is_dead() {
            return self.dies_in_a_step();
        }
        self.sync_failed_perhaps();
        let Some(conduct) = self.hub.conduct() else { return };
        let timeout = conduct.timeout().0.saturating_add(self.hub.powered);
        // As the production's loop waits: 10 ms to a minute.
        let due = timeout.clamp(self.now + 10, self.now + 60_000).max(self.hub.busy_until());
        if due != self.tick_at {
            self.tick_at = due;
            self.queue.push(due, Event::Tick);
        }
        self.send_log();
    }

    /// The sync of a commit was the one that failed.
    fn sync_failed_perhaps(&mut self) {
        let meant = self.hub.conduct().is_some_and(|c| Oracle::has_intent(c.unsynced()));
        if self.dies_in_commit == Some(Fault::SyncFails) && meant {
            self.dies_in_commit = None;
            self.struck.push((Stage::Committing, Fault::SyncFails));
        }
    }

    fn dies_in_a_step(&mut self) {
        let fault = self.dies_in_commit.take().unwrap_or(Fault::PowerCut);
        let commits = self.hub.conduct().is_some_and(|c| Oracle::has_intent(c.unsynced()))
            || self.stage == Stage::Committing;
        let stage = if commits { Stage::Committing } else { self.stage };
        self.struck.push((stage, fault));
        self.hub_dies(fault == Fault::PowerCut);
    }

    // ---- Stages and faults --------------------------------------------------------------------------------------

    pub(crate) fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        if self.calm_since.is_some() {
            return;
        }
        let (due, rest): (Vec<_>, Vec<_>) = self.plan.drain(..).partition(|planned| planned.stage == stage);
        self.plan = rest;
        for planned in due {
            self.queue.push(self.now + planned.after_ms, Event::Strike(planned.fault));
        }
        if stage == Stage::Presented && self.plan.iter().any(|planned| planned.stage == Stage::Committing) {
            self.prepare_commit();
        }
    }

    /// Whoever wants to be in the middle of a sync needs a slow one, or must be the disk.
    fn prepare_commit(&mut self) {
        let disk = |fault: &Fault| matches!(fault, Fault::PowerCut | Fault::HubKilled | Fault::SyncFails);
        let at = self.plan.iter().position(|p| p.stage == Stage::Committing && disk(&p.fault));
        if let Some(at) = at {
            self.dies_in_commit = Some(self.plan.remove(at).fault);
        }
        let ms = self.chance.between(250, 700);
        self.hub.set_sync_ms(ms);
    }

    fn strike(&mut self, fault: Fault) {
        if self.calm_since.is_some() {
            return;
        }
        // A process does not die between two of its own steps: that is what a disk that dies at a step is for.
        let kills = matches!(fault, Fault::HubKilled | Fault::PowerCut | Fault::SyncFails);
        if kills && self.hub.busy_until() > self.now {
            return self.queue.push(self.hub.busy_until(), Event::Strike(fault));
        }
        self.struck.push((self.stage, fault));
        self.tell("FAULT", || fault.label().to_owned());
        self.begin_fault(fault);
    }

    fn is_over(&mut self) -> bool {
        let Some(since) = self.calm_since else {
            let gone = self.visitors.iter().all(|visitor| !visitor.is_expected());
            let pending = self.struck_pending();
            let long = self.now >= VISIT_MS + VISIT_MS_MAX;
            if self.now > VISIT_MS + 5_000 && ((gone && !pending) || long) {
                self.calm();
            }
            return false;
        };
        let calm_ms = self.now - since;
        let told = self.cloud.stored.len() == self.oracle.entries() && self.oracle.is_at_rest(&self.lock);
        calm_ms >= *CALM_MS.end() || (calm_ms >= *CALM_MS.start() && told && self.hub.is_running())
    }

    /// A fault that is planned for a stage that may still come is waited for a little.
    fn struck_pending(&self) -> bool {
        let waits = |planned: &Planned| planned.stage > self.stage;
        self.stage == Stage::Over && self.now < self.oracle.newest_event() + 3_000
            || self.stage == Stage::Unsecured && self.now < self.oracle.newest_event() + 5_000
            || self.plan.iter().any(waits) && self.now < self.oracle.newest_event() + 8_000
    }

    /// From here on everybody behaves, and everything works again: what must come in the end has to come now.
    fn calm(&mut self) {
        self.calm_since = Some(self.now);
        self.tell("CALM", || "everybody behaves again".to_owned());
        for fault in Fault::ALL {
            self.heal(*fault);
        }
        for who in 0..self.visitors.len() {
            self.visitor_does(who, VisitorDoes::GoHome);
        }
        let restart = self.oracle.journal_has_failed() && self.hub.is_running();
        if restart {
            self.tell("people", || "somebody starts the hub again, as it asks for".to_owned());
            self.hub_dies(false);
        }
    }

    fn finish(&mut self) {
        if self.oracle.is_broken() {
            return;
        }
        let stored = std::mem::take(&mut self.cloud.stored);
        self.oracle.at_the_end(self.now, &stored, &self.lock, &self.recorder);
    }
}
