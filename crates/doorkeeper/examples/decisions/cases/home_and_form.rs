//! Refusals of steps 1 to 3 and 11: the home itself, the form, the challenge, the people.

use super::cast::*;
use super::file::Decision;
use super::refused;
use super::scene::*;
use doorkeeper::sensors::{Bolt, Door};
use protocol::Hash;
use protocol::grant::{Grant, Occupied, Terms};

pub(super) fn all() -> Vec<Decision> {
    [home(), form_and_challenge(), people()].concat()
}

fn home() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 1, code, scene);
    vec![
        no(
            "journal-unhealthy",
            "The journal failed.",
            "journal_unhealthy",
            Scene { journal_is_healthy: false, ..delivery() },
        ),
        no(
            "not-commissioned",
            "The installer has not proved relocking.",
            "not_commissioned",
            Scene { is_commissioned: false, ..delivery() },
        ),
        no("smoke", "There is smoke.", "smoke", Scene { smoke: true, ..delivery() }),
        no(
            "tampered",
            "The contact was tampered with.",
            "tampered",
            Scene { door: Door::Tampered, ..delivery() },
        ),
        no(
            "door-busy",
            "Another passage is under way.",
            "door_busy",
            Scene { door_is_busy: true, ..delivery() },
        ),
        no("door-open", "The door stands open.", "door_not_shut", Scene { door: Door::Open, ..delivery() }),
        no(
            "door-unknown",
            "The contact says nothing: that is not closed.",
            "door_not_shut",
            Scene { door: Door::Unknown, ..delivery() },
        ),
        no(
            "bolt-unlocked",
            "The bolt is withdrawn already.",
            "bolt_not_locked",
            Scene { bolt: Bolt::Unlocked, ..delivery() },
        ),
        no(
            "bolt-jammed",
            "The bolt is stuck.",
            "bolt_not_locked",
            Scene { bolt: Bolt::Jammed, ..delivery() },
        ),
        no(
            "bolt-unknown",
            "The lock says nothing: that is not locked.",
            "bolt_not_locked",
            Scene { bolt: Bolt::Unknown, ..delivery() },
        ),
        no(
            "battery-low",
            "14 per cent might open but not relock.",
            "battery_low",
            Scene { battery_percent: Some(14), ..delivery() },
        ),
    ]
}

fn form_and_challenge() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 3, code, scene);
    vec![
        refused(
            "trailing-byte",
            "A byte follows the presentation.",
            2,
            "malformed",
            Scene { trailing_byte: true, ..delivery() },
        ),
        no(
            "challenge-consumed",
            "The challenge was consumed by a presentation before.",
            "challenge_unknown",
            Scene { challenge_is_outstanding: false, ..delivery() },
        ),
        no(
            "challenge-replayed",
            "An old presentation comes again under a new challenge.",
            "challenge_unknown",
            Scene { challenge_is_outstanding: false, newer_challenge_is_out: true, ..delivery() },
        ),
        no(
            "challenge-made-up",
            "The challenge is none of this door's.",
            "challenge_unknown",
            Scene { edit_presentation: |p| p.challenge = Hash([7; 32]), ..delivery() },
        ),
        no(
            "challenge-expired",
            "The challenge is 30.001 s old.",
            "challenge_expired",
            Scene { challenge_age_ms: 30_001, ..delivery() },
        ),
        no(
            "too-many-tries",
            "Five presentations were wrong.",
            "too_many_tries",
            Scene { tries: 5, ..delivery() },
        ),
    ]
}

fn people() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 11, code, scene);
    let when_home = |occupied, answer| Scene {
        grant: Grant { terms: Terms { occupied, ..terms() }, ..delivery_grant() },
        occupied: Some(true),
        answer,
        ..delivery()
    };
    vec![
        no("local-no", "Someone pressed No at the hub.", "local_no", Scene { local_no: true, ..delivery() }),
        no(
            "resident-said-no",
            "A resident stopped this visit.",
            "resident_said_no",
            Scene { answer: Some("stop"), ..delivery() },
        ),
        no(
            "stopped-before",
            "A resident stopped another visit under this grant, a minute ago.",
            "resident_said_no",
            Scene { noes: vec![(false, OPENS + 540)], ..delivery() },
        ),
        no(
            "stopped-before-despite-allow",
            "A resident stopped another visit under this grant; that is final for the window.",
            "resident_said_no",
            Scene { noes: vec![(false, OPENS + 540)], answer: Some("allow"), ..delivery() },
        ),
        no(
            "stopped-perhaps-in-this-window",
            "The clock was unsure when a resident stopped another visit: it may have been in this window.",
            "resident_said_no",
            Scene { noes: vec![(false, OPENS - 1)], ..delivery() },
        ),
        no(
            "local-no-before",
            "Someone pressed No at the hub during another visit under this grant.",
            "local_no",
            Scene { noes: vec![(true, OPENS + 540)], ..delivery() },
        ),
        no(
            "occupied-unanswered",
            "Someone is home, the terms ask, and nobody answered.",
            "occupied",
            when_home(Occupied::Ask, None),
        ),
        no(
            "occupied-coming",
            "A resident is on the way: the visitor waits.",
            "occupied",
            when_home(Occupied::Ask, Some("coming")),
        ),
        no(
            "occupied-refused",
            "Someone is home, and the terms then refuse.",
            "occupied_refused",
            when_home(Occupied::Refuse, None),
        ),
        no(
            "occupied-refused-despite-allow",
            "An answer does not widen signed terms.",
            "occupied_refused",
            when_home(Occupied::Refuse, Some("allow")),
        ),
    ]
}
