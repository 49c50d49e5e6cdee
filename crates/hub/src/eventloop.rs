//! The hub's one loop: everything that happens comes in here, goes through the doorkeeper, and is carried out.
//!
//! Owns what waits for what: the lock before anyone's words. What follows from it stands in [`crate::conduct`], which
//! is the same in the simulator. Decides nothing.
//!
//! Kill it at any instruction: the journal holds what was promised, the lock keeps what it was told, the recorder
//! goes on by itself, and the next start looks at the door first.

use crate::clock::{self, Reading, now_ms};
use crate::conduct::{Conduct, Outside};
use crate::control::{self, Ask, Request};
use crate::journal::JournalFile;
use crate::lock::{self, Command, LockHandle};
use crate::recorder_child::{RecorderChild, RecorderMessage};
use crate::uplink::{News, Uplink};
use doorkeeper::alarm::Alarm;
use doorkeeper::{Input, RecorderNews, RecorderOrder};
use protocol::door_log::Position;
use protocol::roster::Roster;
use protocol::time::Monotonic;
use protocol::uplink::ToCloud;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep_until};

/// Everything that the loop holds.
pub(crate) struct EventLoop {
    pub(crate) conduct: Conduct<JournalFile>,
    pub(crate) devices: Devices,
    pub(crate) reports: mpsc::Receiver<lock::Report>,
    /// The cloud holds more of the door's log than this hub does.
    pub(crate) is_set_back: bool,
    pub(crate) asks: mpsc::Receiver<Ask>,
    /// SIGTERM or SIGINT.
    pub(crate) stop: mpsc::Receiver<()>,
}

/// Whatever the hub speaks to.
pub(crate) struct Devices {
    pub(crate) lock: LockHandle,
    pub(crate) recorder: RecorderChild,
    pub(crate) uplink: Option<Uplink>,
    pub(crate) uplink_is_up: bool,
}

impl Outside for Devices {
    fn monotonic(&self) -> Monotonic {
        now_ms()
    }

    fn read_box(&self) -> Reading {
        clock::read_box()
    }

    fn command(&mut self, command: Command, deadline: Monotonic) {
        if let Err(why) = self.lock.send(command, deadline) {
            // The passage waits for the device's report and raises the alarm by itself.
            tracing::error!(%why, "lock command not sent");
        }
    }

    fn recorder(&mut self, order: &RecorderOrder, roster: &Roster) {
        self.recorder.order(order, roster);
    }

    /// Full or unconnected: dropped. Whatever matters later is in the log.
    fn tell_cloud(&mut self, message: ToCloud) {
        if let Some(uplink) = self.uplink.as_ref().filter(|_| self.uplink_is_up)
            && uplink.to_cloud.try_send(message).is_err()
        {
            tracing::warn!("the uplink is congested; a word for the cloud was dropped");
        }
    }

    fn sound(&mut self, on: bool) {
        tracing::warn!(on, "sound in the flat");
    }

    fn alarm(&mut self, alarm: Alarm, on: bool) {
        tracing::error!(alarm = alarm.code(), on, "alarm");
    }
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
        self.conduct.carry_on(&mut self.devices);
        let mut clock_ticks = interval(Duration::from_secs(1));
        loop {
            let event = self.next(&mut clock_ticks).await;
            match event {
                Event::Tick => self.give(Input::Tick),
                Event::ReadClock => self.conduct.read_clock(&mut self.devices),
                Event::Lock(Some(report)) => self.conduct.lock_reports(&mut self.devices, report),
                Event::Lock(None) => return Ended::LockDriverGone,
                Event::Recorder(message) => self.recorder_says(message),
                Event::Uplink(Some(news)) => self.cloud_says(news),
                Event::Uplink(None) => self.devices.uplink = None,
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
        let wait_ms = self.conduct.timeout().ms_since(now_ms()).clamp(STEP_MS_MIN, 60_000);
        let due = Instant::now() + Duration::from_millis(wait_ms);
        tokio::select! {
            // The lock first: what the door does matters more than what anyone says.
            biased;
            report = self.reports.recv() => Event::Lock(report),
            message = self.devices.recorder.next() => Event::Recorder(message),
            ask = self.asks.recv() => Event::Ask(ask),
            news = next_news(&mut self.devices.uplink) => Event::Uplink(news),
            _ = clock_ticks.tick() => Event::ReadClock,
            () = sleep_until(due) => Event::Tick,
            _ = self.stop.recv() => Event::Stop,
        }
    }

    fn give(&mut self, input: Input) {
        self.conduct.give(&mut self.devices, input);
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
                self.devices.uplink_is_up = up;
                self.is_set_back &= !up;
                if up {
                    self.conduct.send_preflights(&mut self.devices);
                }
            }
            News::Message(message) => self.conduct.cloud_says(&mut self.devices, message),
        }
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
            Request::Log => control::Reply::Log(self.conduct.log().all()),
        };
        // The asker may have hung up; that changes nothing here.
        let _hung_up = ask.reply.send(reply);
    }

    fn status(&self) -> control::Reply {
        let sensors = self.conduct.doorkeeper().sensors();
        let Position { counter, .. } = self.conduct.doorkeeper().position();
        control::Reply::Status(control::Status {
            bolt: format!("{:?}", sensors.bolt).to_lowercase(),
            door: format!("{:?}", sensors.door).to_lowercase(),
            secured: sensors.is_secured(),
            visits: self.conduct.doorkeeper().open_visits().count(),
            uplink: self.devices.uplink_is_up,
            set_back: self.is_set_back,
            clock: self.conduct.clock().trusted(),
            events: counter,
            grants_pending: self.pending(),
        })
    }

    fn pending(&self) -> Vec<String> {
        let papers = self.conduct.doorkeeper().papers();
        let now = self.conduct.now(&self.devices);
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
