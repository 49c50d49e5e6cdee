//! The hub's box: the real doorkeeper, the real journal, clock and uplink bookkeeping, on a disk that loses what was not
//! synced. It runs as the production's event loop runs it, on a clock that only the world moves.

use crate::cast::{Cast, TAG};
use crate::chance::Chance;
use crate::keys::{Keys, verifier};
use doorkeeper::alarm::Alarm;
use doorkeeper::{Commissioning, Home, RecorderOrder};
use hub::clock::{AtStart, Reading, Source};
use hub::conduct::{Conduct, ConductError, Outside, Past};
use hub::journal::Storage;
use hub::journal::lossy_disk::LossyDisk;
use hub::lock::Command;
use hub::uplink::Line;
use protocol::Signed;
use protocol::bytes::BootId;
use protocol::roster::Roster;
use protocol::time::{Monotonic, Timestamp};
use protocol::uplink::ToCloud;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

/// Something that the hub does to the world.
#[derive(Debug)]
pub(crate) enum Effect {
    Command { command: Command, deadline: Monotonic },
    Recorder(RecorderOrder),
    Cloud(ToCloud),
    Sound(bool),
    Alarm(Alarm, bool),
}

/// What the hub's process and its disk share with the world: how late it is at the hub.
#[derive(Debug, Clone)]
struct Time {
    /// World time at the hub, ms. A sync takes its time while the world goes on.
    at: Rc<Cell<u64>>,
    sync_ms: Rc<Cell<u64>>,
    /// How long it waited for the disk in all, ms.
    deaf_ms: Rc<Cell<u64>>,
}

/// The hub's view of the world, and everything it did to it, each with its time.
struct Reach {
    time: Time,
    powered: u64,
    wall_offset_s: i64,
    disk: Rc<RefCell<LossyDisk>>,
    effects: Vec<(u64, Effect)>,
}

impl Reach {
    fn push(&mut self, effect: Effect) {
        // A box without power does nothing any more.
        if !self.disk.borrow().is_dead() {
            self.effects.push((self.time.at.get(), effect));
        }
    }
}

impl Outside for Reach {
    fn monotonic(&self) -> Monotonic {
        Monotonic(self.time.at.get() - self.powered)
    }

    fn read_box(&self) -> Reading {
        reading(self.time.at.get(), self.wall_offset_s)
    }

    fn command(&mut self, command: Command, deadline: Monotonic) {
        self.push(Effect::Command { command, deadline });
    }

    fn recorder(&mut self, order: &RecorderOrder, _: &Roster) {
        self.push(Effect::Recorder(order.clone()));
    }

    fn tell_cloud(&mut self, message: ToCloud) {
        self.push(Effect::Cloud(message));
    }

    fn sound(&mut self, on: bool) {
        self.push(Effect::Sound(on));
    }

    fn alarm(&mut self, alarm: Alarm, on: bool) {
        self.push(Effect::Alarm(alarm, on));
    }
}

fn reading(at: u64, offset_s: i64) -> Reading {
    let wall = Timestamp((crate::cast::BEGIN_S + at / 1_000).saturating_add_signed(offset_s));
    Reading { source: Source::Box, wall, uncertainty_s: 0 }
}

/// The disk under the journal, as slow as the world says.
struct Disk {
    lossy: Rc<RefCell<LossyDisk>>,
    time: Time,
}

impl Storage for Disk {
    fn name(&self) -> String {
        "simulated disk".to_owned()
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        (&mut *self.lossy.borrow_mut()).read_all()
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        (&mut *self.lossy.borrow_mut()).append(bytes)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        (&mut *self.lossy.borrow_mut()).truncate(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.time.at.set(self.time.at.get() + self.time.sync_ms.get());
        self.time.deaf_ms.set(self.time.deaf_ms.get() + self.time.sync_ms.get());
        (&mut *self.lossy.borrow_mut()).sync()
    }
}

/// A hub's process.
struct Process {
    conduct: Conduct<Disk>,
    /// The connection to the cloud, if there is one.
    line: Option<Line>,
}

/// The box.
pub(crate) struct HubBox {
    keys: Keys,
    process: Option<Process>,
    disk: Rc<RefCell<LossyDisk>>,
    time: Time,
    /// When it has an ear again: after everything that it did has reached the world.
    free_at: u64,
    /// When the box last got power, world time.
    pub(crate) powered: u64,
    /// How far the wall clock is off, seconds.
    pub(crate) wall_offset_s: i64,
    /// Counts starts.
    pub(crate) boots: u8,
    chance: Chance,
}

impl HubBox {
    pub(crate) fn new(keys: Keys, seed: u64) -> Self {
        Self {
            keys,
            process: None,
            disk: Rc::new(RefCell::new(LossyDisk::new(seed))),
            time: Time { at: Rc::new(Cell::new(0)), sync_ms: Rc::new(Cell::new(3)), deaf_ms: Rc::default() },
            free_at: 0,
            powered: 0,
            wall_offset_s: 0,
            boots: 0,
            chance: Chance::new(seed ^ 0xb00),
        }
    }

    /// Starts the hub's process on whatever the disk holds.
    pub(crate) fn start(&mut self, at: u64, cast: &Cast) -> Result<Vec<(u64, Effect)>, ConductError> {
        self.time.at.set(at);
        self.boots += 1;
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&self.chance.id());
        let home = Home {
            roster: Signed::clone(&cast.roster),
            door_key: Box::new(cast.door.clone()),
            verifier: verifier(self.keys),
            door_tag: TAG,
            commissioning: Commissioning {
                relocks_without_hub: true,
                opens_from_inside: true,
                no_blind_auto_lock: true,
            },
            answer_s: doorkeeper::limits::ANSWER_S,
            boot: BootId(self.chance.id()),
            seed,
        };
        let past = Past::read(Disk { lossy: self.disk.clone(), time: self.time.clone() })?;
        let reading = reading(at, self.wall_offset_s);
        let conduct = past.start(home, AtStart::TrustsTheBox, self.monotonic(), reading)?;
        self.process = Some(Process { conduct, line: None });
        Ok(self.run(at, Conduct::carry_on))
    }

    /// Gives the running hub something to do, and says what it did. Nothing, if it is not running.
    fn run(&mut self, at: u64, work: impl FnOnce(&mut Conduct<Disk>, &mut Reach)) -> Vec<(u64, Effect)> {
        let Some(process) = &mut self.process else { return vec![] };
        self.time.at.set(self.time.at.get().max(at));
        let mut reach = Reach {
            time: self.time.clone(),
            powered: self.powered,
            wall_offset_s: self.wall_offset_s,
            disk: self.disk.clone(),
            effects: vec![],
        };
        work(&mut process.conduct, &mut reach);
        let is_later = self.time.at.get() > at;
        self.free_at = self.time.at.get() + u64::from(is_later);
        reach.effects
    }

    pub(crate) fn give(&mut self, at: u64, input: doorkeeper::Input) -> Vec<(u64, Effect)> {
        self.run(at, |conduct, reach| conduct.give(reach, input))
    }

    pub(crate) fn lock_reports(&mut self, at: u64, report: hub::lock::Report) -> Vec<(u64, Effect)> {
        self.run(at, |conduct, reach| conduct.lock_reports(reach, report))
    }

    pub(crate) fn cloud_says(&mut self, at: u64, message: protocol::uplink::ToHome) -> Vec<(u64, Effect)> {
        self.run(at, |conduct, reach| conduct.cloud_says(reach, message))
    }

    pub(crate) fn read_clock(&mut self, at: u64) -> Vec<(u64, Effect)> {
        self.run(at, Conduct::read_clock)
    }

    pub(crate) fn connected(&mut self, at: u64, stored: u64) -> Vec<(u64, Effect)> {
        if let Some(process) = &mut self.process {
            process.line = Some(Line::new(stored));
        }
        self.run(at, |conduct, reach| conduct.send_preflights(reach))
    }

    /// The connection to the cloud broke.
    pub(crate) fn disconnected(&mut self) {
        if let Some(process) = &mut self.process {
            process.line = None;
        }
    }

    /// The bookkeeping of the connection, and the log behind it.
    pub(crate) fn line(&mut self) -> Option<(&mut Line, &hub::uplink::DurableLog)> {
        let Process { conduct, line } = self.process.as_mut()?;
        Some((line.as_mut()?, conduct.log()))
    }

    pub(crate) fn conduct(&self) -> Option<&Conduct<impl Storage>> {
        self.process.as_ref().map(|process| &process.conduct)
    }

    /// The process dies, and perhaps the power with it.
    pub(crate) fn die(&mut self, at: u64, power: bool) {
        self.process = None;
        let after = |disk: LossyDisk| if power { disk.after_power_cut() } else { disk.after_kill() };
        self.disk.replace_with(|disk| after(disk.clone()));
        if power {
            self.powered = at;
        }
    }

    pub(crate) const fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Until when it has no ear for anything: a sync takes its time.
    pub(crate) const fn busy_until(&self) -> u64 {
        self.free_at
    }

    pub(crate) fn deaf_ms(&self) -> u64 {
        self.time.deaf_ms.get()
    }

    /// The hub's monotonic clock.
    pub(crate) fn monotonic(&self) -> Monotonic {
        self.monotonic_at(self.time.at.get())
    }

    /// The hub's monotonic clock at a moment of the world.
    pub(crate) fn monotonic_at(&self, at: u64) -> Monotonic {
        Monotonic(at.saturating_sub(self.powered))
    }

    pub(crate) fn set_sync_ms(&self, ms: u64) {
        self.time.sync_ms.set(ms);
    }

    /// What it does with the disk fails from the step with this number on, as if the process or the power had gone.
    pub(crate) fn die_at_step(&self, steps: u32) {
        self.disk.borrow_mut().steps_left = steps;
    }

    pub(crate) fn fail_sync(&self) {
        self.disk.borrow_mut().bad_sync_in = Some(0);
    }

    /// The disk was asked for something that it had no power for.
    pub(crate) fn is_dead(&self) -> bool {
        self.disk.borrow().is_dead()
    }

    /// Whether these bytes would survive a power cut now.
    pub(crate) fn is_on_platter(&self, bytes: &[u8]) -> bool {
        let disk = self.disk.borrow();
        disk.platter().windows(bytes.len()).rev().any(|window| window == bytes)
    }
}
