//! Lines for people.

use protocol::door_event::Body;

/// A door event, as short as it is clear.
pub(crate) fn event(body: &Body) -> String {
    match body {
        Body::Booted(clean) => format!("booted, stopped cleanly before: {clean}"),
        Body::Arrived { .. } => "arrived".to_owned(),
        Body::Intent(intent) => format!("intent to open, passage {}: the use is bound", intent.passage),
        Body::Refused(code) => format!("refused: {code}"),
        Body::Alarm(code) => format!("alarm {code}"),
        Body::AlarmOver(code) => format!("alarm {code} is over"),
        Body::Secured(_) => "secured".to_owned(),
        Body::VisitEnded(end) => format!("visit ended: {:?}", end.outcome),
        Body::Answered { word, .. } => format!("a resident answered {word:?}"),
        Body::GrantKept { .. } => "grant kept".to_owned(),
        Body::AssignmentKept(_) => "assignment kept".to_owned(),
        Body::RevocationKept { sequence, .. } => format!("revocation list {sequence} kept"),
        Body::Farewell { parcels, .. } => format!("farewell, {parcels} parcels"),
        other => format!("{other:?}").chars().take(60).collect(),
    }
}
