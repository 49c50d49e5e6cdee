//! The door log, checked event by event and told in words.

use crate::home::Home;
use crate::text::{self, number};
use crate::trouble::Trouble;
use protocol::answer::Word;
use protocol::bytes::{Blob, Salt};
use protocol::canonical;
use protocol::door_event::{Body, Detail, Outcome};
use protocol::door_log::{Checker, Position};
use protocol::key::Software;
use protocol::time::Timestamp;
use protocol::uplink::{DetailOpening, LogEntry};
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// One entry as the cloud's JSON has it.
#[derive(Debug, Clone, Deserialize, Tsify)]
pub struct Entry {
    /// The signed event.
    pub event: String,
    /// What opens its detail, as far as the cloud may read it.
    pub opening: Option<EntryOpening>,
}

/// What opens a detail.
#[derive(Debug, Clone, Deserialize, Tsify)]
pub struct EntryOpening {
    /// 16 bytes.
    pub salt: String,
    /// The encoded detail.
    pub detail: String,
}

/// A checked event in words.
#[derive(Debug, Clone, PartialEq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Its place in the log.
    pub counter: f64,
    /// H(event), as marks in a recording name it.
    pub hash: String,
    /// What happened; `private` for what only the home may read.
    pub what: &'static str,
    /// Of a refusal or an alarm, or a resident's word, or a visit's outcome; of a paper that is kept,
    /// or a permission that is used, its hash; of a look, whose key.
    pub code: Option<String>,
    /// Parcels scanned or inside.
    pub parcels: Option<u32>,
    /// Of a ring: how long somebody is asked; of a look: how long it lasts at most.
    pub seconds: Option<u32>,
    /// The visit it belongs to.
    pub visit: Option<String>,
    /// The home's time at its earliest, ms since 1970.
    pub at_ms: f64,
    /// The same at its latest; none without a clock.
    pub at_latest_ms: Option<f64>,
    /// Milliseconds on the hub's own clock.
    pub monotonic_ms: f64,
}

/// An entry as a delivery folder holds it, one behind the other.
#[wasm_bindgen(js_name = logEntry)]
pub fn log_entry(one: Ts<Entry>) -> Result<Vec<u8>, Trouble> {
    Ok(canonical::encode(&entry(&one.to_rust()?)?))
}

/// Checks a log from somewhere on.
#[wasm_bindgen]
pub struct LogCheck(Checker);

#[wasm_bindgen]
impl LogCheck {
    /// The whole log, from its first event.
    pub fn whole(home: &Home) -> Self {
        let roster = home.roster();
        Self(Checker::new(roster.door, roster.door_key, Position::START))
    }

    /// An excerpt: its first event is taken as given, the rest must follow it.
    pub fn excerpt(home: &Home, first: Ts<Entry>) -> Result<Self, Trouble> {
        let roster = home.roster();
        Ok(Self(Checker::from_excerpt(roster.door, roster.door_key, &entry(&first.to_rust()?)?)?))
    }

    /// Checks the next event.
    pub fn next(&mut self, next: Ts<Entry>) -> Result<Ts<Told>, Trouble> {
        Ok(self.check(&next.to_rust()?)?.into_ts()?)
    }

    /// Counter of the newest event that was checked.
    #[wasm_bindgen(getter)]
    pub fn counter(&self) -> f64 {
        number(self.0.position.counter)
    }
}

impl LogCheck {
    fn check(&mut self, next: &Entry) -> Result<Told, Trouble> {
        let (event, detail) = self.0.entry(&entry(next)?, &Software)?;
        let mut told = match detail {
            Some(detail) => tell(&detail),
            None => Told {
                counter: 0.0,
                hash: String::new(),
                what: "private",
                code: None,
                parcels: None,
                seconds: None,
                visit: None,
                at_ms: 0.0,
                at_latest_ms: None,
                monotonic_ms: 0.0,
            },
        };
        told.counter = number(event.message().counter);
        told.hash = event.hash().to_string();
        Ok(told)
    }
}

fn entry(entry: &Entry) -> Result<LogEntry, Trouble> {
    let opening = entry.opening.as_ref().map(|opening| {
        let salt = Salt::from_slice(&text::decode("salt", &opening.salt)?)
            .ok_or_else(|| Trouble::argument("salt", "is not 16 bytes"))?;
        Ok::<_, Trouble>(DetailOpening { salt, detail: Blob(text::decode("detail", &opening.detail)?) })
    });
    Ok(LogEntry { event: Blob(text::decode("event", &entry.event)?), opening: opening.transpose()? })
}

fn tell(detail: &Detail) -> Told {
    let (what, code, parcels) = words(&detail.body);
    let ms = |time: Timestamp| number(time.0.saturating_mul(1_000));
    Told {
        counter: 0.0,
        hash: String::new(),
        what,
        code,
        parcels,
        seconds: match detail.body {
            Body::Rang { asked_s, .. } => Some(asked_s),
            Body::Looked { seconds, .. } => Some(seconds),
            _ => None,
        },
        visit: detail.visit.map(|visit| visit.to_string()),
        at_ms: ms(detail.at.lo),
        at_latest_ms: (detail.at.hi != Timestamp::MAX).then(|| ms(detail.at.hi)),
        monotonic_ms: number(detail.monotonic.0),
    }
}

fn words(body: &Body) -> (&'static str, Option<String>, Option<u32>) {
    match body {
        Body::Booted(_) => ("booted", None, None),
        Body::RosterKept { roster, .. } => ("roster_kept", Some(roster.to_string()), None),
        Body::GrantKept { grant, .. } => ("grant_kept", Some(grant.to_string()), None),
        Body::AssignmentKept(_) => ("assignment_kept", None, None),
        Body::RevocationKept { revocation, .. } => ("revocation_kept", Some(revocation.to_string()), None),
        Body::Arrived { .. } => ("arrived", None, None),
        Body::Refused(code) => ("refused", Some(code.clone()), None),
        Body::Intent(intent) => ("intent", Some(intent.grant.to_string()), Some(intent.parcels)),
        Body::Opened => ("opened", None, None),
        Body::DoorOpened => ("door_opened", None, None),
        Body::DoorClosed => ("door_closed", None, None),
        Body::Relocked => ("relocked", None, None),
        Body::Secured(_) => ("secured", None, None),
        Body::Alarm(code) => ("alarm", Some(code.clone()), None),
        Body::AlarmOver(code) => ("alarm_over", Some(code.clone()), None),
        Body::LineCrossed => ("line_crossed", None, None),
        Body::BoltMoved(_) => ("bolt_moved", None, None),
        Body::VisitEnded(end) => {
            let outcome = match end.outcome {
                Outcome::Secured => "secured",
                Outcome::NotOpened => "not_opened",
                Outcome::Incident => "incident",
            };
            ("visit_ended", Some(outcome.into()), Some(end.parcels))
        }
        Body::RefusalsCounted(count) => ("refusals_counted", None, Some(*count)),
        Body::Farewell { parcels, .. } => ("farewell", None, Some(*parcels)),
        Body::Answered { word, .. } => {
            let word = match word {
                Word::Allow => "allow",
                Word::Stop => "stop",
                Word::Coming => "coming",
            };
            ("answered", Some(word.into()), None)
        }
        Body::SaidNoAtHub => ("said_no_at_hub", None, None),
        Body::Rang { .. } => ("rang", None, None),
        Body::Looked { by, .. } => ("looked", Some(by.to_string()), None),
    }
}
