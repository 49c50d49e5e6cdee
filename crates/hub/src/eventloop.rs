//! The hub's one loop: everything that happens comes in here, goes through the doorkeeper, and is carried out.
//!
//! Owns the order of things: an output is carried out before the next one is looked at, and a sync is a sync
//! before anything after it. Decides nothing.
//!
//! Kill it at any instruction: the journal holds what was promised, the lock keeps what it was told, the recorder
//! goes on by itself, and the next start looks at the door first.

use crate::clock::{self, Clock, now_ms};
use crate::control::{self, Ask, Request};
use crate::journal::Journal;
use crate::limits::CHIME_LIFE_MS;
use crate::limits::CLOCK_FLOOR_S;
use crate::lock::{self, Command, LockHandle};
use crate::recorder_child::{RecorderChild, RecorderMessage};
use crate::uplink::{DurableLog, News, Uplink};
use doorkeeper::record::Record;
use doorkeeper::sensors::{Bolt, Door, Report};
use doorkeeper::{Doorkeeper, Input, Now, Output, RecorderNews};
use protocol::bytes::Hash;
use protocol::door_log::Position;
use protocol::time::{Monotonic, Timestamp};
use protocol::uplink::{LogEntry, ToCloud, ToHome};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep_until};

/// Everything that the loop holds.
pub(crate) struct EventLoop {
    pub(crate) doorkeeper: Doorkeeper,
    pub(crate) journal: Journal,
    pub(crate) clock: Clock,
    pub(crate) floor: Timestamp,
    pub(crate) log: DurableLog,
    /// Events that are appended and not yet synced.
    pub(crate) unsynced: Vec<LogEntry>,
    pub(crate) lock: LockHandle,
    pub(crate) reports: mpsc::Receiver<lock::Report>,
    pub(crate) recorder: RecorderChild,
    pub(crate) uplink: Option<Uplink>,
    pub(crate) uplink_is_up: bool,
    /// The cloud holds more of the door's log than this hub does.
    pub(crate) is_set_back: bool,
    pub(crate) asks: mpsc::Receiver<Ask>,
    /// SIGTERM or SIGINT.
    pub(crate) stop: mpsc::Receiver<()>,
}

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Asked to stop; the journal says so.
    Stopped,
    /// The lock driver is gone: a hub without a lock is no hub.
    LockDriverGone,
}

enum Event {
    Tick,
    ReadClock,
    Lock(Option<lock::Report>),
    Recorder(RecorderMessage),
    Uplink(Option<News>),
    Ask(Option<Ask>),
    Stop,
}

impl EventLoop {
    /// Runs until asked to stop.
    pub(crate) async fn run(mut self) -> Ended {
        self.drain();
        let mut clock_ticks = interval(Duration::from_secs(1));
        loop {
            let event = self.next(&mut clock_ticks).await;
            match event {
                Event::Tick => self.give(Input::Tick),
                Event::ReadClock => self.read_clock(),
                Event::Lock(Some(report)) => self.lock_reports(report),
                Event::Lock(None) => return Ended::LockDriverGone,
                Event::Recorder(message) => self.recorder_says(message),
                Event::Uplink(Some(news)) => self.cloud_says(news),
                Event::Uplink(None) => self.uplink = None,
                Event::Ask(Some(ask)) => self.answer(ask),
                Event::Ask(None) | Event::Stop => {
                    self.give(Input::Stopping);
                    return Ended::Stopped;
                }
            }
        }
    }

    async fn next(&mut self, clock_ticks: &mut tokio::time::Interval) -> Event {
        // A timeout in the past means "as soon as there is time", not a busy loop.
        const STEP_MS_MIN: u64 = 10;
        let wait_ms = self.doorkeeper.timeout().ms_since(now_ms()).clamp(STEP_MS_MIN, 60_000);
        let due = Instant::now() + Duration::from_millis(wait_ms);
        tokio::select! {
            // The lock first: what the door does matters more than what anyone says.
            biased;
            report = self.reports.recv() => Event::Lock(report),
            message = self.recorder.next() => Event::Recorder(message),
            ask = self.asks.recv() => Event::Ask(ask),
            news = next_news(&mut self.uplink) => Event::Uplink(news),
            _ = clock_ticks.tick() => Event::ReadClock,
            () = sleep_until(due) => Event::Tick,
            _ = self.stop.recv() => Event::Stop,
        }
    }

    fn now(&self) -> Now {
        let monotonic = now_ms();
        Now { monotonic, interval: self.clock.interval(monotonic) }
    }

    fn give(&mut self, input: Input) {
        self.doorkeeper.handle(self.now(), input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.doorkeeper.poll() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Append(record) => self.append(&record),
            Output::Sync(ticket) => {
                let result = if self.sync() { Input::Synced(ticket) } else { Input::JournalFailed };
                self.doorkeeper.handle(self.now(), result);
            }
            Output::Unlock { deadline } => self.command(Command::Unlock, deadline),
            Output::Lock => self.command(Command::Lock, now_ms().plus_ms(doorkeeper::limits::LOCK_REPORT_MS)),
            Output::Chime => self.command(Command::Chime, now_ms().plus_ms(CHIME_LIFE_MS)),
            Output::Sound(on) => tracing::warn!(on, "sound in the flat"),
            Output::Alarm { alarm, on } => tracing::error!(alarm = alarm.code(), on, "alarm"),
            Output::Recorder(order) => self.recorder.order(&order, &self.doorkeeper.papers().roster),
            Output::ToVisitor { visit, word } => self.tell_cloud(ToCloud::ToVisitor { visit, word }),
            Output::Kept { id, refused } => {
                self.tell_cloud(ToCloud::Kept { id, refused: refused.map(|r| r.code().into()) });
            }
            Output::LookAhead(grant) => self.send_preflight(grant),
            Output::Head(bytes) => self.tell_cloud(ToCloud::Head(bytes)),
            Output::Look { look, refused } => {
                self.tell_cloud(ToCloud::Look { look, refused: refused.map(|r| r.code().into()) });
            }
            Output::Distress(alarm) => self.tell_cloud(ToCloud::Distress(alarm.code().into())),
        }
    }

    fn append(&mut self, record: &Record) {
        if let Err(why) = self.journal.append(&record.encode()) {
            tracing::error!(%why, "journal");
            self.doorkeeper.handle(self.now(), Input::JournalFailed);
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

    fn command(&self, command: Command, deadline: Monotonic) {
        if let Err(why) = self.lock.send(command, deadline) {
            // The passage waits for the device's report and raises the alarm by itself.
            tracing::error!(%why, "lock command not sent");
        }
    }

    /// Full or unconnected: dropped. Whatever matters later is in the log.
    fn tell_cloud(&self, message: ToCloud) {
        if let Some(uplink) = self.uplink.as_ref().filter(|_| self.uplink_is_up)
            && uplink.to_cloud.try_send(message).is_err()
        {
            tracing::warn!("the uplink is congested; a word for the cloud was dropped");
        }
    }

    fn lock_reports(&mut self, report: lock::Report) {
        match report {
            lock::Report::Bolt(bolt) => self.give(Input::Sensor(Report::Bolt(bolt))),
            lock::Report::Door(door) => self.give(Input::Sensor(Report::Door(door))),
            lock::Report::Battery(percent) => self.give(Input::Sensor(Report::Battery(percent))),
            lock::Report::Smoke(smoke) => self.give(Input::Sensor(Report::Smoke(smoke))),
            lock::Report::Online(false) => {
                self.give(Input::Sensor(Report::Bolt(Bolt::Unknown)));
                self.give(Input::Sensor(Report::Door(Door::Unknown)));
            }
            lock::Report::LocalNo => self.give(Input::LocalNo),
            // Bolt and door are reported for themselves; the device's own clock is for people.
            lock::Report::Online(true) | lock::Report::LastSeen(_) => {}
            lock::Report::Undone(command, why) => {
                tracing::error!(?command, ?why, "lock command not carried out");
            }
            lock::Report::Finding(finding) => tracing::warn!(%finding, "lock"),
        }
    }

    fn recorder_says(&mut self, message: RecorderMessage) {
        match message {
            RecorderMessage::Proof(bytes) => self.give(Input::Recorder(RecorderNews::Proof(bytes))),
            RecorderMessage::Witnessed(hash) => self.give(Input::Recorder(RecorderNews::Witnessed(hash))),
            RecorderMessage::Frozen(frozen) => self.give(Input::Recorder(RecorderNews::Frozen(frozen))),
            RecorderMessage::Note(sentence) => tracing::warn!(%sentence, "recorder"),
        }
    }

    fn cloud_says(&mut self, news: News) {
        match news {
            News::SetBack => self.is_set_back = true,
            News::Connected(up) => {
                self.uplink_is_up = up;
                self.is_set_back &= !up;
                if up {
                    self.send_preflights();
                }
            }
            News::Message(message) => match message {
                ToHome::Keep { id, paper } => self.give(Input::Paper { id, paper }),
                ToHome::FromVisitor { visit, word } => self.give(Input::FromVisitor { visit, word }),
                ToHome::Answer(bytes) => self.give(Input::Answer(bytes)),
                ToHome::HeadWanted(nonce) => self.give(Input::HeadWanted(nonce)),
                ToHome::Look(bytes) => self.give(Input::Look(bytes)),
                ToHome::Nonce { .. } | ToHome::Welcome(_) | ToHome::LogStored(_) => {}
            },
        }
    }

    /// Hours before a visit, for every grant: what would fail if the visitor came now.
    fn send_preflights(&self) {
        for kept in &self.doorkeeper.papers().grants {
            self.send_preflight(kept.claimed.hash());
        }
    }

    fn send_preflight(&self, grant: Hash) {
        let findings = self.doorkeeper.preflight(self.now(), grant);
        let findings = findings.into_iter().map(|refusal| refusal.code().into()).collect();
        self.tell_cloud(ToCloud::Preflight { grant, findings });
    }

    fn read_clock(&mut self) {
        let now = now_ms();
        if let Some(finding) = self.clock.observe(now, clock::read_box()) {
            tracing::warn!(%finding, "clock");
        }
        let floor = self.clock.floor(now);
        if floor.since(self.floor) >= CLOCK_FLOOR_S {
            self.floor = floor;
            self.append(&Record::ClockFloor(floor));
            self.sync();
        }
        self.give(Input::Tick);
    }

    fn answer(&mut self, ask: Ask) {
        let reply = match ask.request {
            Request::Status => self.status(),
            Request::Presence => {
                self.give(Input::Presence);
                control::Reply::Done
            }
            Request::No => {
                self.give(Input::LocalNo);
                control::Reply::Done
            }
            Request::Confirm(grant) => {
                self.give(Input::PresenceConfirms(grant));
                control::Reply::Done
            }
            Request::Log => control::Reply::Log(self.log.all()),
        };
        // The asker may have hung up; that changes nothing here.
        let _hung_up = ask.reply.send(reply);
    }

    fn status(&self) -> control::Reply {
        let sensors = self.doorkeeper.sensors();
        let Position { counter, .. } = self.doorkeeper.position();
        control::Reply::Status(control::Status {
            bolt: format!("{:?}", sensors.bolt).to_lowercase(),
            door: format!("{:?}", sensors.door).to_lowercase(),
            secured: sensors.is_secured(),
            visits: self.doorkeeper.open_visits().count(),
            uplink: self.uplink_is_up,
            set_back: self.is_set_back,
            clock: self.clock.trusted(),
            events: counter,
            grants_pending: self.pending(),
        })
    }

    fn pending(&self) -> Vec<String> {
        let papers = self.doorkeeper.papers();
        let now = self.now();
        papers
            .grants
            .iter()
            .filter(|kept| papers.is_pending(kept, now))
            .map(|kept| kept.claimed.hash().to_string())
            .collect()
    }
}

async fn next_news(uplink: &mut Option<Uplink>) -> Option<News> {
    match uplink {
        Some(uplink) => uplink.news.recv().await,
        None => std::future::pending().await,
    }
}
