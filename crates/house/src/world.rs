//! The one house of this process, its clock, and who wants to hear of changes.
//!
//! The only place that reads the machine's clocks.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::broadcast;

use crate::physics::{House, Moment, Report};

/// How often the world moves on by itself.
const TICK: Duration = Duration::from_millis(20);
/// Reports a slow listener may be behind before it only hears the newest.
const REPORTS_WAITING_MAX: usize = 64;

pub(crate) struct World {
    began: Instant,
    inner: Mutex<Inner>,
    reports: broadcast::Sender<Report>,
}

struct Inner {
    house: House,
    told: Report,
}

impl World {
    pub(crate) fn new() -> Self {
        let began = Instant::now();
        let house = House::new(moment(began));
        let told = house.report();
        Self {
            began,
            inner: Mutex::new(Inner { house, told }),
            reports: broadcast::channel(REPORTS_WAITING_MAX).0,
        }
    }

    /// Does something with the house as it is now, and tells the listeners if that changed a report.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut House) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.house.advance(moment(self.began));
        self.tell(&mut inner);
        let result = work(&mut inner.house);
        self.tell(&mut inner);
        result
    }

    fn tell(&self, inner: &mut Inner) {
        let report = inner.house.report();
        if report != inner.told {
            inner.told = report;
            // Nobody listening is not an error.
            let _ = self.reports.send(report);
        }
    }

    pub(crate) fn report(&self) -> Report {
        self.with(|house| house.report())
    }

    /// Every change from now on.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Report> {
        self.reports.subscribe()
    }

    /// Keeps the world moving; never returns.
    pub(crate) async fn turn(&self) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            self.with(|_| ());
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the virtual home's one clock: its wall clock and its daylight"
)]
fn moment(began: Instant) -> Moment {
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    Moment {
        now_ms: millis(began.elapsed()),
        unix_ms: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis),
    }
}
