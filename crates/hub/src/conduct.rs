//! What a hub does with what its doorkeeper says, in which order, without sockets, devices and threads.
//!
//! Owns: that an output is carried out before the next one is looked at; that a sync is a sync before anything after
//! it, and only then counts as one; that the cloud hears of an event once it is durable; deadlines of commands; the
//! persisted floor of the clock; what a lock's report means to the doorkeeper. Decides nothing.
//!
//! The world around it is [`Outside`]: in production the `eventloop`, in the simulator (crate `simulation`) a world that
//! loses, lies and dies. Both run this code.

use crate::clock::{AtStart, Clock, Reading};
use crate::journal::{Journal, JournalError, Opening, Storage};
use crate::limits::{CHIME_LIFE_MS, CLOCK_FLOOR_S};
use crate::lock::{self, Command};
use crate::uplink::DurableLog;
use doorkeeper::alarm::Alarm;
use doorkeeper::record::Record;
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Doorkeeper, Home, Input, Now, Output, RecorderOrder};
use protocol::bytes::Hash;
use protocol::roster::Roster;
use protocol::time::{Monotonic, Timestamp};
use protocol::uplink::{LogEntry, ToCloud, ToHome};

/// The world around a hub. Nothing here answers: what comes of it comes back as an input.
pub trait Outside {
    /// The one clock that only runs forward.
    fn monotonic(&self) -> Monotonic;
    /// One look at this box's wall clock.
    fn read_box(&self) -> Reading;
    /// For the lock, which drops it at its deadline.
    fn command(&mut self, command: Command, deadline: Monotonic);
    /// For the recorder.
    fn recorder(&mut self, order: &RecorderOrder, roster: &Roster);
    /// For the cloud, if it is there. Whatever matters later is in the log.
    fn tell_cloud(&mut self, message: ToCloud);
    /// Sound in the flat.
    fn sound(&mut self, on: bool);
    /// The hub's own voice; the log and the uplink tell others.
    fn alarm(&mut self, alarm: Alarm, on: bool);
}

/// Why what the journal holds is no home's past.
#[derive(Debug, thiserror::Error)]
pub enum ConductError {
    /// The journal itself.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A journal that another version wrote, or that was tampered with.
    #[error(
        "the journal holds record {record} in a form that this hub does not know: {why}. A hub never guesses what it had promised: use the version that wrote it, or set the home up anew with a new door key"
    )]
    Record {
        /// Which record, from 0.
        record: usize,
        /// What is wrong.
        why: protocol::canonical::Malformed,
    },
    /// A journal that is not this home's.
    #[error(
        "{0}. A hub never resumes from a backup or another home's journal: set the home up anew with a new door key"
    )]
    Unreadable(#[from] doorkeeper::Unreadable),
}

/// A journal that was read, before its home starts.
#[derive(Debug)]
pub struct Past<S> {
    journal: Journal<S>,
    records: Vec<Record>,
    opening: Opening,
}

impl<S: Storage> Past<S> {
    /// Reads a journal, or begins one.
    pub fn read(storage: S) -> Result<Self, ConductError> {
        let (journal, raw, opening) = Journal::open(storage)?;
        let decode = |(record, bytes): (usize, &crate::journal::Record)| {
            Record::decode(bytes).map_err(|why| ConductError::Record { record, why })
        };
        let records = raw.iter().enumerate().map(decode).collect::<Result<_, _>>()?;
        Ok(Self { journal, records, opening })
    }

    /// True if nothing was ever written.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// What opening the journal found.
    pub const fn opening(&self) -> Opening {
        self.opening
    }

    /// Starts the home. Its first outputs wait for [`Conduct::carry_on`].
    pub fn start(
        self,
        home: Home,
        at_start: AtStart,
        monotonic: Monotonic,
        reading: Reading,
    ) -> Result<Conduct<S>, ConductError> {
        let Self { mut journal, records, .. } = self;
        let floor = newest_floor(&records);
        let mut clock = Clock::new(floor, at_start);
        if let Some(finding) = clock.observe(monotonic, reading) {
            tracing::warn!(%finding, "clock");
        }
        let now = Now { monotonic, interval: clock.interval(monotonic) };
        let doorkeeper = Doorkeeper::start(home, &records, now)?;
        // What the last start appended and never synced is on disk or not; from here on it is.
        journal.sync()?;
        let log = DurableLog::new(records.iter().filter_map(Record::log_entry).collect());
        Ok(Conduct { doorkeeper, journal, clock, floor, log, unsynced: Vec::new() })
    }
}

fn newest_floor(records: &[Record]) -> Timestamp {
    let floor = |record: &Record| if let Record::ClockFloor(floor) = record { Some(*floor) } else { None };
    records.iter().filter_map(floor).max().unwrap_or(Timestamp(0))
}

/// A home at work: its doorkeeper, its journal, its clock. See the module.
pub struct Conduct<S> {
    doorkeeper: Doorkeeper,
    journal: Journal<S>,
    clock: Clock,
    floor: Timestamp,
    log: DurableLog,
    /// Events that are appended and not yet synced.
    unsynced: Vec<LogEntry>,
}

impl<S: Storage> Conduct<S> {
    /// Gives the doorkeeper an input, and carries out what it says.
    pub fn give(&mut self, outside: &mut impl Outside, input: Input) {
        self.doorkeeper.handle(self.now(outside), input);
        self.carry_on(outside);
    }

    /// Carries out what is still to be done.
    pub fn carry_on(&mut self, outside: &mut impl Outside) {
        while let Some(output) = self.doorkeeper.poll() {
            self.carry_out(outside, output);
        }
    }

    fn carry_out(&mut self, outside: &mut impl Outside, output: Output) {
        match output {
            Output::Append(record) => self.append(outside, &record),
            Output::Sync(ticket) => {
                let result = if self.sync() { Input::Synced(ticket) } else { Input::JournalFailed };
                self.doorkeeper.handle(self.now(outside), result);
            }
            Output::Unlock { deadline } => outside.command(Command::Unlock, deadline),
            Output::Lock => {
                let deadline = outside.monotonic().plus_ms(doorkeeper::limits::LOCK_REPORT_MS);
                outside.command(Command::Lock, deadline);
            }
            Output::Chime => {
                let deadline = outside.monotonic().plus_ms(CHIME_LIFE_MS);
                outside.command(Command::Chime, deadline);
            }
            Output::Sound(on) => outside.sound(on),
            Output::Alarm { alarm, on } => outside.alarm(alarm, on),
            Output::Recorder(order) => outside.recorder(&order, &self.doorkeeper.papers().roster),
            Output::ToVisitor { visit, word } => outside.tell_cloud(ToCloud::ToVisitor { visit, word }),
            Output::Kept { id, refused } => {
                outside.tell_cloud(ToCloud::Kept { id, refused: refused.map(|r| r.code().into()) });
            }
            Output::LookAhead(grant) => self.send_preflight(outside, grant),
            Output::Head(bytes) => outside.tell_cloud(ToCloud::Head(bytes)),
            Output::Look { look, refused } => {
                outside.tell_cloud(ToCloud::Look { look, refused: refused.map(|r| r.code().into()) });
            }
            Output::Distress(alarm) => outside.tell_cloud(ToCloud::Distress(alarm.code().into())),
        }
    }

    fn append(&mut self, outside: &impl Outside, record: &Record) {
        if let Err(why) = self.journal.append(&record.encode()) {
            tracing::error!(%why, "journal");
            self.doorkeeper.handle(self.now(outside), Input::JournalFailed);
            return;
        }
        self.unsynced.extend(record.log_entry());
    }

    fn sync(&mut self) -> bool {
        match self.journal.sync() {
            Ok(()) => {
                self.log.extend(std::mem::take(&mut self.unsynced));
                true
            }
            Err(why) => {
                tracing::error!(%why, "journal");
                false
            }
        }
    }

    /// What a lock's driver reported.
    pub fn lock_reports(&mut self, outside: &mut impl Outside, report: lock::Report) {
        match report {
            lock::Report::Bolt(bolt) => self.give(outside, Input::Sensor(Report::Bolt(bolt))),
            lock::Report::Door(door) => self.give(outside, Input::Sensor(Report::Door(door))),
            lock::Report::Battery(percent) => self.give(outside, Input::Sensor(Report::Battery(percent))),
            lock::Report::Smoke(smoke) => self.give(outside, Input::Sensor(Report::Smoke(smoke))),
            lock::Report::Online(false) => {
                self.give(outside, Input::Sensor(Report::Bolt(Bolt::Unknown)));
                self.give(outside, Input::Sensor(Report::Door(Door::Unknown)));
            }
            lock::Report::LocalNo => self.give(outside, Input::LocalNo),
            // Bolt and door are reported for themselves; the device's own clock is for people.
            lock::Report::Online(true) | lock::Report::LastSeen(_) => {}
            lock::Report::Undone(command, why) => {
                tracing::error!(?command, ?why, "lock command not carried out");
            }
            lock::Report::Finding(finding) => tracing::warn!(%finding, "lock"),
        }
    }

    /// What came from the cloud and is not stale.
    pub fn cloud_says(&mut self, outside: &mut impl Outside, message: ToHome) {
        match message {
            ToHome::Keep { id, paper } => self.give(outside, Input::Paper { id, paper }),
            ToHome::FromVisitor { visit, word } => self.give(outside, Input::FromVisitor { visit, word }),
            ToHome::Answer(bytes) => self.give(outside, Input::Answer(bytes)),
            ToHome::HeadWanted(nonce) => self.give(outside, Input::HeadWanted(nonce)),
            ToHome::Look(bytes) => self.give(outside, Input::Look(bytes)),
            ToHome::Nonce { .. } | ToHome::Welcome(_) | ToHome::LogStored(_) => {}
        }
    }

    /// Hours before a visit, for every grant: what would fail if the visitor came now.
    pub fn send_preflights(&self, outside: &mut impl Outside) {
        for kept in &self.doorkeeper.papers().grants {
            self.send_preflight(outside, kept.claimed.hash());
        }
    }

    fn send_preflight(&self, outside: &mut impl Outside, grant: Hash) {
        let findings = self.doorkeeper.preflight(self.now(outside), grant);
        let findings = findings.into_iter().map(|refusal| refusal.code().into()).collect();
        outside.tell_cloud(ToCloud::Preflight { grant, findings });
    }

    /// Looks at the box's clock, once a second; the floor is written down now and then.
    pub fn read_clock(&mut self, outside: &mut impl Outside) {
        let now = outside.monotonic();
        if let Some(finding) = self.clock.observe(now, outside.read_box()) {
            tracing::warn!(%finding, "clock");
        }
        let floor = self.clock.floor(now);
        if floor.since(self.floor) >= CLOCK_FLOOR_S {
            self.floor = floor;
            self.append(outside, &Record::ClockFloor(floor));
            self.sync();
        }
        self.give(outside, Input::Tick);
    }

    /// When [`Input::Tick`] is due at the latest.
    pub fn timeout(&self) -> Monotonic {
        self.doorkeeper.timeout()
    }

    /// Now, as this home knows it.
    pub fn now(&self, outside: &impl Outside) -> Now {
        let monotonic = outside.monotonic();
        Now { monotonic, interval: self.clock.interval(monotonic) }
    }

    /// The doorkeeper, to look at.
    pub const fn doorkeeper(&self) -> &Doorkeeper {
        &self.doorkeeper
    }

    /// The clock, to look at.
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Events that are written and not yet durable.
    pub fn unsynced(&self) -> &[LogEntry] {
        &self.unsynced
    }

    /// The durable door log.
    pub const fn log(&self) -> &DurableLog {
        &self.log
    }
}
