//! Showing a visit on the local page: pictures as they are opened, and the timeline in words.

use super::MyHome;
use super::watch::Seen;
use crate::client::Cloud;
use crate::keys::fresh;
use crate::live_page::{Door, Gap, LivePage, LivePageError, Moment, PageState, Words};
use crate::people::now_unix_ms;
use hub::folder::hex;
use recording::fmp4::{Fragments, init_segment};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

/// How often the door itself is asked, ms.
const CHECK_MS: u64 = 5_000;

/// A local page that shows one visit.
pub(crate) struct Showing {
    page: LivePage,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    fragments: Option<Fragments>,
    began_ms: Option<u64>,
    newest_ms: Option<u64>,
    checked_ms: Option<u64>,
    ended: bool,
    gaps: Vec<Gap>,
}

impl Showing {
    /// Begins to serve on this machine only, for whoever has the link.
    pub(crate) async fn start(listen: SocketAddr) -> Result<Self, LivePageError> {
        let page = LivePage::serve(listen, hex(&fresh::<16>())).await?;
        Ok(Self { page, inner: Mutex::default() })
    }

    /// What to open in a browser.
    pub(crate) fn link(&self) -> &str {
        self.page.link()
    }

    /// Shows what was just seen.
    pub(crate) fn picture(&self, seen: &Seen) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match seen {
            Seen::Init(init) => {
                inner.fragments = Some(Fragments::new(init));
                self.page.init(&init_segment(init));
            }
            Seen::Frame { captured_ms, is_keyframe, unit } => {
                inner.began_ms.get_or_insert(*captured_ms);
                inner.newest_ms = Some(*captured_ms);
                if let Some(fragments) = &mut inner.fragments {
                    let fragment = fragments.frame(*captured_ms, *is_keyframe, unit);
                    self.page.fragment(&fragment, *captured_ms, *is_keyframe);
                }
            }
            Seen::Gap(gap) => inner.gaps.push(Gap { from_unix_ms: gap.from_ms, to_unix_ms: gap.to_ms }),
            Seen::End => inner.ended = true,
        }
    }

    /// Asks the door itself now and then, over a nonce of this device, and the cloud for its projection of the
    /// door's events.
    pub(crate) async fn refresh(&self, cloud: &Cloud, home: &MyHome, visit: &str) -> anyhow::Result<()> {
        let now = now_unix_ms();
        let checked = self.inner.lock().unwrap_or_else(PoisonError::into_inner).checked_ms;
        if checked.is_none_or(|at| now.saturating_sub(at) >= CHECK_MS) {
            super::ask_the_door(cloud, home).await?;
            self.inner.lock().unwrap_or_else(PoisonError::into_inner).checked_ms = Some(now);
        }
        self.timeline(&cloud.get(&format!("{}/visits/{visit}", home.path())).await?);
        Ok(())
    }

    /// Shows the visit as the cloud projects it.
    fn timeline(&self, visit: &Value) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let steps: Vec<&Value> = visit["timeline"].as_array().into_iter().flatten().collect();
        let clock = Clock::of(&steps);
        let newest = steps.iter().filter_map(|step| words(step)).next_back();
        let last = steps.last().and_then(|step| clock.unix_ms(step));
        self.page.state(&PageState {
            door: steps.iter().fold(Door::Unknown, |door, step| after(door, step)),
            checked_unix_ms: inner.checked_ms.max(last),
            began_unix_ms: inner.began_ms,
            ended_unix_ms: inner.newest_ms.filter(|_| inner.ended),
            words: newest,
            moments: steps.iter().filter_map(|step| moment(step, &clock)).collect(),
            gaps: inner.gaps.clone(),
        });
    }
}

fn what(step: &Value) -> &str {
    step["what"].as_str().unwrap_or_default()
}

/// The door after a step, by the home's own signed words.
fn after(door: Door, step: &Value) -> Door {
    match what(step) {
        "arrived" | "secured" | "relocked" => Door::Locked,
        "opened" | "door_closed" => Door::Unlocked,
        "door_opened" => Door::Open,
        _ => door,
    }
}

/// The home says when something happened twice: in whole seconds of the calendar, between which it is sure, and in
/// milliseconds of its own clock. The middle of the first event's seconds and the other clock from there give order
/// within a second.
struct Clock {
    first_unix_ms: u64,
    first_monotonic_ms: u64,
}

impl Clock {
    fn of(steps: &[&Value]) -> Self {
        let number = |field: &str| steps.first().and_then(|step| step[field].as_u64());
        let earliest = number("at").unwrap_or(0);
        let latest = number("at_latest").unwrap_or(earliest);
        Self {
            first_unix_ms: earliest.midpoint(latest) * 1_000,
            first_monotonic_ms: number("monotonic_ms").unwrap_or(0),
        }
    }

    fn unix_ms(&self, step: &Value) -> Option<u64> {
        Some(self.first_unix_ms + step["monotonic_ms"].as_u64()?.checked_sub(self.first_monotonic_ms)?)
    }
}

fn moment(step: &Value, clock: &Clock) -> Option<Moment> {
    Some(Moment { at_unix_ms: clock.unix_ms(step)?, words: words(step)?, is_incident: what(step) == "alarm" })
}

fn words(step: &Value) -> Option<Words> {
    let (de, en) = match what(step) {
        "arrived" => ("Jemand steht vor deiner Tür.", "Someone is at your door."),
        "intent" => ("Geprüft. Die Erlaubnis ist verbraucht.", "Checked. The permission is used."),
        "opened" => ("Der Riegel ist zurückgezogen.", "The bolt is withdrawn."),
        "door_opened" => ("Die Tür ist offen.", "The door is open."),
        "door_closed" => ("Die Tür ist zu.", "The door is shut."),
        "relocked" => ("Der Riegel ist vorgeschoben.", "The bolt is thrown."),
        "secured" => ("Zu und verriegelt.", "Closed and locked."),
        "farewell" => ("Der Kurier sagt: erledigt.", "The courier says: done."),
        "visit_ended" => ("Das Paket ist drin. Die Tür ist zu.", "Parcel in. Door shut."),
        "refused" => return Some(refused(step)),
        "alarm" => ("Etwas stimmt nicht. Alarm ausgelöst.", "Something is wrong. Alarm raised."),
        "alarm_over" => ("Der Alarm ist vorbei.", "The alarm is over."),
        _ => return None,
    };
    Some(Words { de: de.into(), en: en.into() })
}

fn refused(step: &Value) -> Words {
    let code = step["about"]["code"].as_str().unwrap_or("unknown");
    Words { de: format!("Nicht geöffnet ({code})."), en: format!("Not opened ({code}).") }
}
