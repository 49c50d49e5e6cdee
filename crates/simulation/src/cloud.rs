//! A model of the cloud and of the ways to it. It relays, stores the door log, and fails or cheats in every way that its
//! place allows. The home's side of the connection is the real one ([`hub::uplink::Line`]).

use crate::fault::Fault;
use crate::hub_box::Effect;
use crate::world::{Event, World};
use hub::uplink::Taken;
use protocol::bytes::VisitId;
use protocol::uplink::{Downlink, FromVisitor, LogEntry, Paper, ToCloud, ToHome};
use std::collections::BTreeMap;

/// The cloud, and its one connection to this home.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent moods, not a state")]
pub(crate) struct Cloud {
    /// The door log as far as it came.
    pub(crate) stored: Vec<LogEntry>,
    /// Names the connection, or the try to make one.
    pub(crate) line: u32,
    connected: Option<u32>,
    is_down: bool,
    beat: u64,
    /// Papers that the home has not answered.
    papers: BTreeMap<u64, Paper>,
    newest_paper: u64,
    /// Whatever was relayed, and the beat it carried.
    said: Vec<ToHome>,
    withheld: Vec<ToHome>,
    arrives: u64,
    leaves: u64,
    pub(crate) delays: bool,
    drops: bool,
    doubles: bool,
    reorders: bool,
    pub(crate) withholds: bool,
    turn: u64,
}

impl Cloud {
    pub(crate) const fn new() -> Self {
        Self {
            stored: vec![],
            line: 1,
            connected: None,
            is_down: false,
            beat: 0,
            papers: BTreeMap::new(),
            newest_paper: 100,
            said: vec![],
            withheld: vec![],
            arrives: 0,
            leaves: 0,
            delays: false,
            drops: false,
            doubles: false,
            reorders: false,
            withholds: false,
            turn: 0,
        }
    }
}

impl World {
    // ---- The connection -----------------------------------------------------------------------------------------

    pub(crate) fn connect(&mut self, line: u32) {
        if line != self.cloud.line || self.cloud.connected == Some(line) || !self.hub.is_running() {
            return;
        }
        if self.cloud.is_down || self.hub.busy_until() > self.now {
            return self.queue.push(self.now.max(self.hub.busy_until()) + 700, Event::Connect { line });
        }
        let stored = self.cloud.stored.len() as u64;
        if stored > self.oracle.entries() as u64 {
            // A home that was set back takes nothing from its cloud; here no home is.
            return self.oracle.log_is_lost(self.now, stored);
        }
        self.tell("uplink", || format!("connected; the cloud has {stored} events"));
        (self.cloud.connected, self.cloud.beat) = (Some(line), 0);
        let effects = self.hub.connected(self.now, stored);
        self.take(effects);
        self.queue.push(self.now + 10, Event::Beat { line });
        for (id, paper) in self.cloud.papers.clone() {
            self.say(ToHome::Keep { id, paper });
        }
    }

    pub(crate) fn disconnect(&mut self) {
        self.cloud.line += 1;
        self.cloud.connected = None;
        self.hub.disconnected();
        let again = self.now + self.chance.between(250, 1_000);
        self.queue.push(again, Event::Connect { line: self.cloud.line });
    }

    fn is_connected(&self, line: u32) -> bool {
        self.cloud.connected == Some(line) && self.cloud.line == line
    }

    pub(crate) fn beat(&mut self, line: u32) {
        if !self.is_connected(line) {
            return;
        }
        self.queue.push(self.now + 1_000, Event::Beat { line });
        let now = self.hub.monotonic_at(self.now.max(self.hub.busy_until()));
        if let Some((bookkeeping, _)) = self.hub.line() {
            let number = bookkeeping.beat(now);
            self.goes_up(line, ToCloud::Beat(number));
        }
    }

    /// Events that are durable go to the cloud, one batch at a time.
    pub(crate) fn send_log(&mut self) {
        let Some(line) = self.cloud.connected.filter(|line| *line == self.cloud.line) else { return };
        if let Some((bookkeeping, log)) = self.hub.line()
            && let Some(batch) = bookkeeping.batch(log)
        {
            self.goes_up(line, ToCloud::Log(batch));
        }
    }

    pub(crate) fn tell_cloud(&mut self, message: ToCloud) {
        if let Some(line) = self.cloud.connected.filter(|line| *line == self.cloud.line) {
            self.goes_up(line, message);
        }
    }

    fn goes_up(&mut self, line: u32, message: ToCloud) {
        let at = (self.now + self.chance.between(5, 60)).max(self.cloud.arrives);
        self.cloud.arrives = at;
        self.queue.push(at, Event::Up { line, message });
    }

    pub(crate) fn comes_down(&mut self, line: u32, downlink: Downlink, is_redated: bool, said: u64) {
        if !self.is_connected(line) {
            return;
        }
        if self.hub.busy_until() > self.now {
            let event = Event::Down { line, downlink, is_redated, said };
            return self.queue.push(self.hub.busy_until(), event);
        }
        let now = self.hub.monotonic_at(self.now);
        let Some((bookkeeping, _)) = self.hub.line() else { return };
        match bookkeeping.take(now, downlink) {
            Taken::Stored => self.send_log(),
            Taken::Message(message) => {
                if matches!(&message, ToHome::FromVisitor { word: FromVisitor::Presentation(_), .. }) {
                    self.dies_now_perhaps();
                }
                self.oracle.home_hears(self.now, &message, said, is_redated);
                let effects = self.hub.cloud_says(self.now, message);
                self.take(effects);
            }
            Taken::Stale(message) => {
                self.tell("hub", || format!("drops what is stale: {}", kind(&message)));
            }
            Taken::Unexpected => self.disconnect(),
        }
    }

    /// Whoever is to die while it commits begins to count its steps now: write, sync, seal.
    fn dies_now_perhaps(&mut self) {
        match self.dies_in_commit {
            Some(Fault::SyncFails) => self.hub.fail_sync(),
            Some(_) => {
                let step = self.chance.between(2, 3);
                self.hub.die_at_step(u32::try_from(step).unwrap_or(2));
            }
            None => {}
        }
    }

    // ---- The cloud's work ---------------------------------------------------------------------------------------

    pub(crate) fn cloud_hears(&mut self, line: u32, message: ToCloud) {
        if !self.is_connected(line) {
            return;
        }
        match message {
            ToCloud::Beat(number) => self.cloud.beat = self.cloud.beat.max(number),
            ToCloud::Log(batch) => self.store(batch),
            ToCloud::Kept { id, refused } => {
                self.tell("cloud", || {
                    format!("hears of paper {id}: {}", refused.as_deref().unwrap_or("kept"))
                });
                self.cloud.papers.remove(&id);
            }
            ToCloud::ToVisitor { visit, word } => {
                let at = self.now + self.chance.between(20, 120);
                self.queue.push(at, Event::ToHandset { visit, word });
            }
            ToCloud::Head(bytes) => self.resident_hears_head(&bytes),
            ToCloud::SignIn(_) | ToCloud::Preflight { .. } | ToCloud::Distress(_) | ToCloud::Look { .. } => {}
        }
    }

    fn store(&mut self, batch: Vec<LogEntry>) {
        for entry in batch {
            self.resident_reads(&entry);
            self.cloud.stored.push(entry);
        }
        let stored = self.cloud.stored.len() as u64;
        self.say(ToHome::LogStored(stored));
    }

    /// From a handset to the home.
    pub(crate) fn relay(&mut self, visit: VisitId, word: FromVisitor) {
        self.say_or_cheat(ToHome::FromVisitor { visit, word });
    }

    /// A paper that a resident or a provider wants the home to keep.
    pub(crate) fn post(&mut self, paper: Paper) {
        self.cloud.newest_paper += 1;
        let id = self.cloud.newest_paper;
        self.cloud.papers.insert(id, paper.clone());
        self.say_or_cheat(ToHome::Keep { id, paper });
    }

    pub(crate) fn say_or_cheat(&mut self, message: ToHome) {
        self.cloud.said.push(message.clone());
        let withholdable = matches!(&message, ToHome::Answer(_) | ToHome::Keep { .. });
        if self.cloud.withholds && withholdable {
            return self.cloud.withheld.push(message);
        }
        self.cloud.turn += 1;
        if self.cloud.drops && self.cloud.turn.is_multiple_of(2) {
            return self.tell("cloud", || "loses a message to the home".to_owned());
        }
        if self.cloud.doubles {
            self.say(message.clone());
        }
        self.say(message);
    }

    fn say(&mut self, message: ToHome) {
        self.say_dated(message, false);
    }

    fn say_dated(&mut self, message: ToHome, is_redated: bool) {
        let Some(line) = self.cloud.connected else { return };
        let bookkeeping = matches!(message, ToHome::LogStored(_));
        let mut at = (self.now + self.chance.between(5, 60)).max(self.cloud.leaves);
        if self.cloud.delays && !bookkeeping {
            at += self.chance.between(500, 16_000);
        } else if self.cloud.reorders && !bookkeeping {
            at += self.chance.between(0, 3_000);
        } else {
            self.cloud.leaves = at;
        }
        let downlink = Downlink { beat: self.cloud.beat, message };
        self.queue.push(at, Event::Down { line, downlink, is_redated, said: self.now });
    }

    /// What a fault of the cloud or the way to it begins with; true if it was one.
    pub(crate) fn cloud_fault(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::LinkDown => {
                self.cloud.is_down = true;
                self.disconnect();
                self.heals_in(fault, 500, 25_000);
            }
            Fault::CloudDelays => self.cloud.delays = true,
            Fault::CloudDrops => self.cloud.drops = true,
            Fault::CloudDoubles => self.cloud.doubles = true,
            Fault::CloudReorders => self.cloud.reorders = true,
            Fault::CloudReplays => {
                for message in self.cloud.said.clone() {
                    self.say_dated(message, true);
                }
            }
            Fault::CloudForgets => {
                let kept = self.chance.below(self.cloud.stored.len() as u64 + 1);
                self.cloud.stored.truncate(usize::try_from(kept).unwrap_or(0));
                self.disconnect();
            }
            Fault::CloudForges => {
                for paper in self.cast.forgeries() {
                    self.cloud.newest_paper += 1;
                    let id = self.cloud.newest_paper;
                    self.say_dated(ToHome::Keep { id, paper }, true);
                }
                if let Some(old) = self.resident.older_list.clone() {
                    self.say_dated(ToHome::Keep { id: 99, paper: Paper::Revocation(old) }, true);
                }
            }
            Fault::CloudWithholds => self.cloud.withholds = true,
            _ => return false,
        }
        if !matches!(fault, Fault::LinkDown | Fault::CloudReplays | Fault::CloudForgets | Fault::CloudForges)
        {
            self.heals_in(fault, 2_000, 30_000);
        }
        true
    }

    pub(crate) fn cloud_heals(&mut self, fault: Fault) {
        match fault {
            Fault::LinkDown => self.cloud.is_down = false,
            Fault::CloudDelays => self.cloud.delays = false,
            Fault::CloudDrops => self.cloud.drops = false,
            Fault::CloudDoubles => self.cloud.doubles = false,
            Fault::CloudReorders => self.cloud.reorders = false,
            Fault::CloudWithholds => {
                self.cloud.withholds = false;
                for message in std::mem::take(&mut self.cloud.withheld) {
                    self.say(message);
                }
            }
            _ => {}
        }
    }

    // ---- What the hub did ---------------------------------------------------------------------------------------

    pub(crate) fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Command { command, deadline } => self.commanded(command, deadline),
            Effect::Recorder(order) => {
                if matches!(order, doorkeeper::RecorderOrder::Witness { .. }) {
                    self.enter(crate::fault::Stage::Witnessing);
                }
                self.recorder_hears(&order);
            }
            Effect::Cloud(message) => {
                if let ToCloud::ToVisitor { visit, word } = &message {
                    self.tell("hub", || format!("says {}", crate::people::short(word)));
                    self.oracle.says(self.now, *visit, word, &self.lock);
                    self.word_changes_stage(word);
                }
                if let ToCloud::Head(bytes) = &message {
                    self.oracle.signs_head(self.now, bytes);
                }
                if let ToCloud::Kept { id, refused: None } = &message
                    && let Some(Paper::Revocation(bytes)) = self.cloud.papers.get(id)
                {
                    let is_on_platter = self.hub.is_on_platter(&bytes.0);
                    self.oracle.confirms_list(self.now, is_on_platter);
                }
                self.tell_cloud(message);
            }
            Effect::Sound(on) => self.tell("hub", || format!("sound {}", if on { "on" } else { "off" })),
            Effect::Alarm(alarm, on) => {
                self.tell("hub", || {
                    format!("alarm {} {}", alarm.code(), if on { "is out" } else { "is over" })
                });
                self.oracle.alarm(self.now, alarm, on);
                self.alarm_changes_stage(alarm, on);
            }
        }
    }
}

const fn kind(message: &ToHome) -> &'static str {
    match message {
        ToHome::FromVisitor { word: FromVisitor::Presentation(_), .. } => "a presentation",
        ToHome::FromVisitor { word: FromVisitor::Arrival(_), .. } => "an arrival",
        ToHome::FromVisitor { .. } => "a visitor's word",
        ToHome::Answer(_) => "a resident's answer",
        _ => "a message",
    }
}
