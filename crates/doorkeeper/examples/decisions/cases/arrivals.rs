//! Arrivals: what must hold before a recording starts and a challenge goes out.

use super::cast::*;
use super::file::Decision;
use super::scene::{OTHER_DOOR, Scene, delivery, visit_of_guest};
use protocol::Hash;
use protocol::bytes::{DoorTag, VisitId};

pub(super) fn good() -> Vec<Decision> {
    let yes = |name: &str, sentence: &str, scene: Scene| scene.arriving(name, sentence, "received");
    vec![
        yes("courier", "The courier is here, with papers that hold.", delivery()),
        yes("guest", "A guest is here.", Scene { arrival_by: Box::new(guest()), ..visit_of_guest() }),
        yes(
            "after-another-ended",
            "Another visit under this grant ended unused.",
            Scene { ended: vec![VisitId([0x52; 16])], ..delivery() },
        ),
    ]
}

pub(super) fn bad() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| {
        scene.arriving(name, sentence, &format!("refused:{code}"))
    };
    vec![
        no(
            "wrong-tag",
            "The sticker is that of another flat.",
            "wrong_tag",
            Scene { edit_arrival: |a| a.door_tag = DoorTag([0x7b; 16]), ..delivery() },
        ),
        no(
            "other-door",
            "The arrival is for another door.",
            "wrong_tag",
            Scene { edit_arrival: |a| a.door = OTHER_DOOR, ..delivery() },
        ),
        no(
            "other-device",
            "Another phone signed it.",
            "arrival_signature",
            Scene { arrival_by: Box::new(guest()), ..delivery() },
        ),
        no(
            "grant-unknown",
            "The home holds no such grant.",
            "grant_unknown",
            Scene { edit_arrival: |a| a.grant = Hash([7; 32]), ..delivery() },
        ),
        no(
            "assignment-unknown",
            "The home holds no such assignment.",
            "assignment_unknown",
            Scene { edit_arrival: |a| a.assignment = Some(Hash([7; 32])), ..delivery() },
        ),
        no(
            "assignment-missing",
            "The grant is to a provider, and no assignment is named.",
            "assignment_missing",
            Scene { edit_arrival: |a| a.assignment = None, ..delivery() },
        ),
        no(
            "outside-window",
            "The window has not come.",
            "outside_window",
            Scene { lo: OPENS - 60, hi: Some(OPENS - 58), ..delivery() },
        ),
        no("over", "The visit ended.", "visit_over", Scene { ended: vec![VISIT], ..delivery() }),
        no(
            "over-with-its-use",
            "The visit has its use and is not open any more.",
            "visit_over",
            Scene { uses: vec![(VISIT, OPENS + 60)], ..delivery() },
        ),
        no(
            "stopped",
            "A resident stopped another visit under this grant.",
            "resident_said_no",
            Scene { noes: vec![(false, OPENS + 540)], ..delivery() },
        ),
        no(
            "local-no",
            "Someone pressed No at the hub during another visit under this grant.",
            "local_no",
            Scene { noes: vec![(true, OPENS + 540)], ..delivery() },
        ),
    ]
}
