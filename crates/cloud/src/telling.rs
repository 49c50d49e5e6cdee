//! What residents are told while their app is closed: by push message and, where none arrives, by mail.
//!
//! Owns who is told of what, when it is held back, and what becomes of a place that nobody reads any more. Does not own
//! notices: a message may be lost, the notice waits in the store.

use crate::app::{App, Shared};
use crate::clock::now_ms;
use crate::limits;
use crate::push::Said;
use crate::store::{MailAddressRow, NoticeRow, PushSubscriptionRow, StoreError};
use futures::future::join_all;
use protocol::Kid;
use protocol::bytes::HomeId;
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc;

/// What notices are about, in the order in which an app may list them.
pub(crate) const KINDS: [&str; 13] = [
    "announced",
    "stops_away",
    "rang",
    "arriving",
    "opened",
    "secured",
    "refused",
    "missed",
    "looked",
    "alarm",
    "incident",
    "revocation_confirmed",
    "clip_expires",
];

/// What quiet hours do not hold back: something is wrong at the door.
fn is_urgent(kind: &str) -> bool {
    matches!(kind, "alarm" | "incident")
}

/// What is brought at once: something is wrong, or somebody stands at the door and waits.
pub(crate) fn is_hasty(kind: &str) -> bool {
    is_urgent(kind) || kind == "rang"
}

/// What one device wants to be told.
#[derive(Debug, Clone)]
pub(crate) struct Wishes {
    pub(crate) kinds: Vec<String>,
    /// Minutes of the day in UTC: the first quiet one, and the first after.
    pub(crate) quiet: Option<(u16, u16)>,
}

impl Wishes {
    fn include(&self, notice: &NoticeRow, now_ms: i64) -> bool {
        let is_news = now_ms - notice.at_ms < limits::PUSH_AGE_MS_MAX;
        let is_quiet = self.quiet.is_some_and(|quiet| is_within(quiet, now_ms));
        is_news && self.kinds.contains(&notice.kind) && (is_urgent(&notice.kind) || !is_quiet)
    }
}

/// Whether the minute of the day (UTC) lies in the hours, which may go over midnight.
fn is_within((from, until): (u16, u16), now_ms: i64) -> bool {
    let minute = now_ms.div_euclid(60_000).rem_euclid(24 * 60);
    let (from, until) = (i64::from(from), i64::from(until));
    if from <= until { (from..until).contains(&minute) } else { minute >= from || minute < until }
}

/// Brings homes with news to the workers that tell.
#[derive(Debug)]
pub(crate) struct Telling(Vec<mpsc::Sender<HomeId>>);

/// Homes with news, for one worker.
pub(crate) type Queue = mpsc::Receiver<HomeId>;

impl Telling {
    pub(crate) fn new() -> (Self, Vec<Queue>) {
        let (senders, queues) =
            (0..limits::PUSH_WORKERS).map(|_| mpsc::channel(limits::PUSH_QUEUE_MAX)).unzip();
        (Self(senders), queues)
    }

    /// A home has news. One home is always the same worker's, so that nothing is said twice.
    pub(crate) fn wake(&self, home: HomeId) {
        let worker = usize::from(home.0[0]) % limits::PUSH_WORKERS;
        if let Some(queue) = self.0.get(worker) {
            // If it is full, the home's next news brings these along.
            let _full = queue.try_send(home);
        }
    }
}

/// Tells the devices of one worker's homes, one home after the other.
pub(crate) async fn work(app: Shared, mut queue: Queue) {
    while let Some(home) = app.unless_stopped(queue.recv()).await.flatten() {
        if let Err(error) = tell_home(&app, home).await {
            tracing::warn!(%error, "a home is not told");
        }
    }
}

/// Where one device is told.
#[derive(Default)]
struct Places {
    push: Option<PushSubscriptionRow>,
    mail: Option<MailAddressRow>,
}

async fn tell_home(app: &App, home: HomeId) -> Result<(), StoreError> {
    let mut devices = BTreeMap::<Kid, Places>::new();
    if app.push.is_some() {
        for row in app.store.push_subscriptions(home).await? {
            let place = devices.entry(row.kid).or_default();
            place.push = Some(row);
        }
    }
    if app.mail.is_some() {
        for row in app.store.mail_addresses(home).await?.into_iter().filter(|row| row.is_confirmed) {
            let place = devices.entry(row.kid).or_default();
            place.mail = Some(row);
        }
    }
    let told = devices.into_iter().map(|(kid, places)| tell(app, home, kid, places));
    join_all(told).await.into_iter().collect()
}

async fn tell(app: &App, home: HomeId, kid: Kid, places: Places) -> Result<(), StoreError> {
    let member = app.store.membership(home, kid).await?;
    if !member.is_some_and(|place| matches!(place.rank.as_str(), "owner" | "member" | "companion")) {
        app.store.delete_push_subscription(home, kid).await?;
        return app.store.delete_mail_address(home, kid).await;
    }
    let reached = match places.push {
        Some(row) => by_push(app, row).await?,
        None => BTreeSet::new(),
    };
    match places.mail {
        Some(row) => by_mail(app, row, &reached).await,
        None => Ok(()),
    }
}

/// Tells a browser; answers which notices its push service took.
async fn by_push(app: &App, mut to: PushSubscriptionRow) -> Result<BTreeSet<u64>, StoreError> {
    let mut reached = BTreeSet::new();
    let Some(push) = &app.push else { return Ok(reached) };
    loop {
        let notices = app.store.notices(to.home, to.told, limits::PAGE_ROWS).await?;
        let Some(last) = notices.last().map(|notice| notice.seq) else { return Ok(reached) };
        for notice in notices.iter().filter(|notice| to.wishes.include(notice, now_ms())) {
            match push.say(&to, notice).await {
                Said::Taken => {
                    reached.insert(notice.seq);
                }
                Said::InVain => {}
                Said::Gone => {
                    app.store.delete_push_subscription(to.home, to.kid).await?;
                    return Ok(reached);
                }
            }
        }
        to.told = last;
        app.store.push_told(to.clone(), last).await?;
    }
}

/// Writes of what did not reach the device's browser.
async fn by_mail(app: &App, mut to: MailAddressRow, reached: &BTreeSet<u64>) -> Result<(), StoreError> {
    let Some(mail) = &app.mail else { return Ok(()) };
    loop {
        let notices = app.store.notices(to.home, to.told, limits::PAGE_ROWS).await?;
        let Some(last) = notices.last().map(|notice| notice.seq) else { return Ok(()) };
        let missing = notices.iter().filter(|notice| !reached.contains(&notice.seq));
        for notice in missing.filter(|notice| to.wishes.include(notice, now_ms())) {
            mail.tell(&to, notice);
        }
        to.told = last;
        app.store.mail_told(to.clone(), last).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MINUTE_MS: i64 = 60_000;

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        let at = |hour: i64, minute: i64| (hour * 60 + minute) * MINUTE_MS + 86_400_000 * 20_000;
        let night = (22 * 60, 7 * 60);
        for (hour, minute, is_quiet) in
            [(21, 59, false), (22, 0, true), (23, 59, true), (0, 0, true), (6, 59, true), (7, 0, false)]
        {
            assert_eq!(is_within(night, at(hour, minute)), is_quiet, "{hour}:{minute}");
        }
        assert!(is_within((60, 120), at(1, 30)) && !is_within((60, 120), at(2, 0)));
        assert!(!is_within((60, 60), at(1, 0)));
    }

    #[test]
    fn alarms_are_told_at_night_and_old_news_never() {
        let to = |kinds: &[&str], quiet| Wishes {
            kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
            quiet,
        };
        let notice =
            |kind: &str| NoticeRow { seq: 1, kind: kind.into(), visit: None, about: json!({}), at_ms: 0 };
        let all_day = Some((0, 24 * 60));
        assert!(to(&["opened", "alarm"], None).include(&notice("opened"), MINUTE_MS));
        assert!(!to(&["alarm"], None).include(&notice("opened"), MINUTE_MS));
        assert!(!to(&["opened", "alarm"], all_day).include(&notice("opened"), MINUTE_MS));
        assert!(to(&["opened", "alarm"], all_day).include(&notice("alarm"), MINUTE_MS));
        assert!(!to(&["opened"], all_day).include(&notice("alarm"), MINUTE_MS));
        assert!(!to(&["alarm"], None).include(&notice("alarm"), limits::PUSH_AGE_MS_MAX));
    }
}
