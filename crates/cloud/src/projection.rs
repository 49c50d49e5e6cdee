//! How a visit follows from its door events. Pure: the same events give the same visit, so that the projection may be
//! dropped and built again.

use crate::json::Id;
use crate::store::VisitRow;
use protocol::bytes::{HomeId, VisitId};
use protocol::door_event::{Body, Detail, Outcome};
use serde_json::{Value, json};

/// A visit before its first event is applied.
pub(crate) fn begun(home: HomeId, visit: VisitId, counter: u64, detail: &Detail) -> VisitRow {
    VisitRow {
        home,
        visit,
        state: "arrived".into(),
        outcome: None,
        refusal: None,
        grant: None,
        assignment: None,
        device: None,
        passages: 0,
        parcels: 0,
        first: counter,
        last: counter,
        rang_s: None,
        waited_s: None,
        arrived_s: detail.at.lo.0,
        updated_s: detail.at.lo.0,
    }
}

/// What an event makes of its visit.
pub(crate) fn apply(row: &mut VisitRow, counter: u64, detail: &Detail) {
    row.last = row.last.max(counter);
    row.updated_s = row.updated_s.max(detail.at.lo.0);
    if let (Some(rang_s), None, Body::Arrived { .. } | Body::VisitEnded(_)) =
        (row.rang_s, row.waited_s, &detail.body)
    {
        row.waited_s = Some(detail.at.lo.0.saturating_sub(rang_s));
    }
    let state = match &detail.body {
        Body::Rang { assignment, device, .. } => {
            row.rang_s = Some(detail.at.lo.0);
            row.assignment = Some(*assignment);
            row.device = Some(*device);
            row.outcome = None;
            Some("ringing")
        }
        Body::Arrived { grant, assignment, device } => {
            row.grant = Some(*grant);
            row.assignment = *assignment;
            let had_not_begun = row.device.replace(*device).is_none();
            row.outcome = row.outcome.take().filter(|_| !had_not_begun);
            (had_not_begun || row.state == "ringing").then_some("arrived")
        }
        Body::Refused(code) => {
            row.refusal = Some(code.clone());
            // Refused at the arrival: no visit began, and no end will be told.
            if row.device.is_none() {
                row.outcome = Some(outcome_name(Outcome::NotOpened).into());
                Some("ended")
            } else {
                None
            }
        }
        Body::Intent(intent) => {
            row.passages = row.passages.max(intent.passage);
            row.grant = row.grant.or(Some(intent.grant));
            row.assignment = row.assignment.or(intent.assignment);
            Some("opening")
        }
        Body::Opened | Body::DoorOpened => Some("open"),
        Body::DoorClosed | Body::Relocked if is_passage(row) => Some("closing"),
        Body::Secured(_) => Some("secured"),
        Body::Farewell { parcels, .. } => {
            row.parcels = *parcels;
            None
        }
        Body::VisitEnded(end) => {
            row.outcome = Some(outcome_name(end.outcome).into());
            row.parcels = end.parcels;
            Some("ended")
        }
        _ => None,
    };
    if let Some(state) = state {
        row.state = state.into();
    }
}

/// True between the bolt's withdrawal and the door's being secured: silence now is an incident.
pub(crate) fn is_passage(row: &VisitRow) -> bool {
    row.state == "open" || row.state == "closing"
}

/// The notice that an event is worth, with its particulars.
pub(crate) fn notice(body: &Body) -> Option<(&'static str, Value)> {
    match body {
        Body::Arrived { .. } => Some(("arriving", json!({}))),
        Body::Rang { .. } => Some(("rang", json!({}))),
        Body::Looked { by, .. } => Some(("looked", json!({ "by": Id(*by) }))),
        Body::Opened => Some(("opened", json!({}))),
        Body::Secured(_) => Some(("secured", json!({}))),
        Body::Refused(code) => Some(("refused", json!({ "code": code, "by": "home" }))),
        Body::Alarm(code) => Some(("alarm", json!({ "code": code }))),
        Body::LineCrossed => Some(("alarm", json!({ "code": "line_crossed" }))),
        Body::RevocationKept { sequence, .. } => {
            Some(("revocation_confirmed", json!({ "sequence": sequence })))
        }
        Body::VisitEnded(end) if end.outcome == Outcome::Incident => {
            Some(("incident", json!({ "code": "visit_ended_in_incident" })))
        }
        _ => None,
    }
}

/// True if the visit of an order ended without an opening: a parcel did not go in.
pub(crate) fn is_missed(row: &VisitRow, body: &Body) -> bool {
    matches!(body, Body::VisitEnded(end) if end.outcome == Outcome::NotOpened) && row.assignment.is_some()
}

const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Secured => "secured",
        Outcome::NotOpened => "not_opened",
        Outcome::Incident => "incident",
    }
}

/// An event for people: a word for what happened, and its particulars.
pub(crate) fn told(body: &Body) -> (&'static str, Value) {
    match body {
        Body::Booted(clean) => ("booted", json!({ "stopped_in_good_order": clean })),
        Body::RosterKept { epoch, roster } => {
            ("roster_kept", json!({ "epoch": epoch, "roster": Id(*roster) }))
        }
        Body::GrantKept { grant, id } => ("grant_kept", json!({ "grant": Id(*grant), "id": Id(*id) })),
        Body::AssignmentKept(hash) => ("assignment_kept", json!({ "assignment": Id(*hash) })),
        Body::RevocationKept { sequence, .. } => ("revocation_kept", json!({ "sequence": sequence })),
        Body::Arrived { grant, device, .. } => {
            ("arrived", json!({ "grant": Id(*grant), "device": Id(*device) }))
        }
        Body::Refused(code) => ("refused", json!({ "code": code })),
        Body::Intent(intent) => (
            "intent",
            json!({ "passage": intent.passage, "parcels": intent.parcels, "grant": Id(intent.grant) }),
        ),
        Body::Opened => ("opened", json!({})),
        Body::DoorOpened => ("door_opened", json!({})),
        Body::DoorClosed => ("door_closed", json!({})),
        Body::Relocked => ("relocked", json!({})),
        Body::Secured(heads) => ("secured", json!({ "recordings": heads.len() })),
        Body::Alarm(code) => ("alarm", json!({ "code": code })),
        Body::AlarmOver(code) => ("alarm_over", json!({ "code": code })),
        Body::LineCrossed => ("line_crossed", json!({})),
        Body::BoltMoved(withdrawn) => ("bolt_moved", json!({ "withdrawn": withdrawn })),
        Body::VisitEnded(end) => (
            "visit_ended",
            json!({ "first": end.first, "last": end.last, "outcome": outcome_name(end.outcome), "parcels": end.parcels }),
        ),
        Body::SaidNoAtHub => ("said_no_at_hub", json!({})),
        Body::Rang { assignment, device, .. } => {
            ("rang", json!({ "assignment": Id(*assignment), "device": Id(*device) }))
        }
        Body::Looked { by, seconds, .. } => ("looked", json!({ "by": Id(*by), "seconds": seconds })),
        Body::RefusalsCounted(n) => ("refusals_counted", json!({ "count": n })),
        Body::Farewell { parcels, .. } => ("farewell", json!({ "parcels": parcels })),
        Body::Answered { word, .. } => ("answered", json!({ "word": answer_name(*word) })),
    }
}

const fn answer_name(word: protocol::answer::Word) -> &'static str {
    match word {
        protocol::answer::Word::Allow => "allow",
        protocol::answer::Word::Stop => "stop",
        protocol::answer::Word::Coming => "coming",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::door_event::VisitEnd;
    use protocol::time::{Interval, Monotonic, Timestamp};

    fn detail(body: Body) -> Detail {
        Detail {
            at: Interval::exactly(Timestamp(1_000)),
            monotonic: Monotonic(0),
            visit: Some(VisitId([1; 16])),
            body,
        }
    }

    fn after(bodies: &[Body]) -> VisitRow {
        let first = detail(Body::Opened);
        let mut row = begun(HomeId([2; 16]), VisitId([1; 16]), 5, &first);
        for (counter, body) in (5..).zip(bodies) {
            apply(&mut row, counter, &detail(body.clone()));
        }
        row
    }

    #[test]
    fn a_passage_lasts_from_opened_to_secured() {
        assert!(!is_passage(&after(&[])));
        assert!(is_passage(&after(&[Body::Opened])));
        assert!(is_passage(&after(&[Body::Opened, Body::DoorOpened, Body::DoorClosed, Body::Relocked])));
        assert!(!is_passage(&after(&[Body::Opened, Body::DoorClosed, Body::Secured(vec![])])));
    }

    #[test]
    fn who_was_refused_at_the_arrival_is_not_there_and_may_arrive_again() {
        let arrived = || Body::Arrived {
            grant: protocol::Hash([3; 32]),
            assignment: None,
            device: protocol::Kid([4; 32]),
        };
        let shown = |row: &VisitRow| (row.state.clone(), row.outcome.clone());
        let refused = || Body::Refused("window_used_up".into());
        let over = ("ended".to_owned(), Some("not_opened".to_owned()));
        assert_eq!(shown(&after(&[refused()])), over);
        assert_eq!(shown(&after(&[refused(), arrived()])), ("arrived".into(), None));
        // Refused later, a visit goes on.
        assert_eq!(shown(&after(&[arrived(), refused()])), ("arrived".into(), None));
    }

    #[test]
    fn a_visit_that_began_with_a_ring_says_how_long_somebody_waited() {
        let device = protocol::Kid([4; 32]);
        let rang = Body::Rang { assignment: protocol::Hash([5; 32]), device, asked_s: 45 };
        let row = after(core::slice::from_ref(&rang));
        assert_eq!((row.state.as_str(), row.rang_s, row.waited_s), ("ringing", Some(1_000), None));
        let arrived = Body::Arrived {
            grant: protocol::Hash([3; 32]),
            assignment: Some(protocol::Hash([5; 32])),
            device,
        };
        let row = after(&[rang.clone(), arrived]);
        assert_eq!((row.state.as_str(), row.waited_s), ("arrived", Some(0)));
        let mut row = after(&[rang, Body::Refused("nobody_answered".into())]);
        assert_eq!(row.state, "ringing");
        let end = VisitEnd { first: 5, last: 7, outcome: Outcome::NotOpened, parcels: 0 };
        let mut ended = detail(Body::VisitEnded(end));
        ended.at = Interval::exactly(Timestamp(1_045));
        apply(&mut row, 7, &ended);
        assert_eq!((row.state.as_str(), row.outcome.as_deref()), ("ended", Some("not_opened")));
        assert_eq!(row.waited_s, Some(45));
    }

    #[test]
    fn a_visit_ends_with_its_outcome() {
        let end = VisitEnd { first: 5, last: 6, outcome: Outcome::NotOpened, parcels: 0 };
        let row = after(&[Body::Refused("use_spent".into()), Body::VisitEnded(end)]);
        assert_eq!((row.state.as_str(), row.outcome.as_deref()), ("ended", Some("not_opened")));
        assert_eq!(row.refusal.as_deref(), Some("use_spent"));
        assert_eq!((row.first, row.last), (5, 6));
    }
}
