//! Decisions that must be an admission.

use super::cast::*;
use super::file::Decision;
use super::scene::*;
use protocol::Signer;
use protocol::grant::{Camera, Grant, Occupied, Terms};
use protocol::revocation::Revocation;

pub(super) fn all() -> Vec<Decision> {
    [visits(), papers_and_time(), people_and_cameras()].concat()
}

fn yes(name: &str, sentence: &str, scene: Scene) -> Decision {
    scene.told(name, sentence, "admitted", None)
}

fn visits() -> Vec<Decision> {
    vec![
        yes("delivery", "Both parcels, the right courier, in time, on camera.", delivery()),
        yes(
            "some-parcels",
            "One of the two parcels is on board today.",
            Scene { opens: vec![parcel(2)], ..delivery() },
        ),
        yes("guest", "A guest needs no assignment and scans nothing.", visit_of_guest()),
        yes(
            "guest-passkey",
            "A guest presents with a passkey.",
            Scene {
                grant: guest_grant(guest_passkey().credential()),
                presentation_by: Box::new(guest_passkey()),
                ..visit_of_guest()
            },
        ),
        yes(
            "grant-by-passkey",
            "The grant is signed with a passkey.",
            Scene { grant_by: Box::new(owner_passkey()), ..delivery() },
        ),
        yes("grant-by-member", "A member may grant.", Scene { grant_by: Box::new(member()), ..delivery() }),
        yes("cleaning", "The cleaner's second week: one use is burned, in another window.", cleaning()),
        yes(
            "cleaning-second-entry",
            "The cleaner comes back from the bins: the visit has its use, one entry of four is used.",
            Scene { uses: vec![(VISIT, OPENS + 7 * 86_400 + 60)], entries: 1, ..cleaning() },
        ),
        yes(
            "retry-after-stuck-lock",
            "The bolt did not move: the same visit tries again with the use it has.",
            Scene { uses: vec![(VISIT, OPENS + 500)], pulses: 2, tries: 4, ..delivery() },
        ),
    ]
}

fn papers_and_time() -> Vec<Decision> {
    let seconds = |lo, hi| Scene { lo: OPENS + lo, hi: Some(OPENS + hi), ..delivery() };
    vec![
        yes(
            "tablet-added",
            "A tablet joined the roster after the grant was signed: that kills nothing.",
            Scene { roster: second_roster(), ..delivery() },
        ),
        yes(
            "first-grant-waited",
            "The first grant to this provider has waited ten minutes.",
            Scene { grant_held_ms: 600_000, ..delivery() },
        ),
        yes(
            "first-grant-confirmed",
            "The first grant came a minute ago, and a second device confirmed it.",
            Scene { grant_held_ms: 60_000, grant_is_confirmed: true, ..delivery() },
        ),
        yes(
            "notice-kept",
            "The assignment was held for exactly the demanded 15 minutes.",
            Scene { assignment_held_ms: 900_000, ..delivery() },
        ),
        yes("first-second", "The clock's interval begins with the window.", seconds(0, 30)),
        yes(
            "last-second",
            "The clock's interval ends just before the window does.",
            seconds(4 * 3_600 - 30, 4 * 3_600 - 1),
        ),
        yes(
            "older-challenge",
            "A newer challenge is out already; the older still counts.",
            Scene { newer_challenge_is_out: true, challenge_age_ms: 30_000, ..delivery() },
        ),
        yes(
            "other-things-revoked",
            "The revocation list names others.",
            Scene { revocation: Some(revocation()), ..delivery() },
        ),
        yes(
            "list-by-companion",
            "A companion key revoked something else just now; an owner's newest list is an hour old.",
            Scene {
                roster: companion_roster(),
                revocation_by: Box::new(companion()),
                renewed: Some(OPENS + 7 * 86_400 - 3_600),
                ..cleaning()
            },
        ),
        yes(
            "list-a-day-old",
            "The list is exactly as old as the terms allow.",
            Scene {
                revocation: Some(Revocation {
                    issued: protocol::time::Timestamp(OPENS + 7 * 86_400 + 602 - 86_400),
                    ..revocation()
                }),
                ..cleaning()
            },
        ),
    ]
}

fn people_and_cameras() -> Vec<Decision> {
    let asking = Grant { terms: Terms { occupied: Occupied::Ask, ..terms() }, ..delivery_grant() };
    let two_cameras = Terms {
        cameras: vec![
            Camera { recorder: recorder().kid(), age_ms: 2_000 },
            Camera { recorder: key(12).kid(), age_ms: 2_000 },
        ],
        ..terms()
    };
    let mut two_recorders = roster();
    two_recorders.recorder_keys.push(key(12).public());
    vec![
        yes(
            "occupied-and-allowed",
            "Someone is home, and a resident said that it is fine.",
            Scene { grant: asking.clone(), occupied: Some(true), answer: Some("allow"), ..delivery() },
        ),
        yes(
            "nobody-known-home",
            "Whether someone is home is not known; the terms ask only if someone is.",
            Scene { grant: asking, occupied: None, ..delivery() },
        ),
        yes(
            "picture-as-old-as-allowed",
            "The newest picture is exactly 2 s old.",
            Scene { proof_age_ms: 2_000, ..delivery() },
        ),
        yes(
            "two-cameras",
            "Both demanded cameras gave a proof.",
            Scene {
                roster: two_recorders,
                grant: Grant { terms: two_cameras, ..delivery_grant() },
                proof_by: vec![recorder(), key(12)],
                ..delivery()
            },
        ),
        yes(
            "no-camera-demanded",
            "The terms name no camera.",
            Scene {
                grant: Grant { terms: Terms { cameras: vec![], ..terms() }, ..delivery_grant() },
                proof_by: vec![],
                ..delivery()
            },
        ),
        yes(
            "mains-powered-lock",
            "A lock without a battery reports none.",
            Scene { battery_percent: None, ..delivery() },
        ),
        yes(
            "battery-15",
            "15 per cent is enough to open and to relock.",
            Scene { battery_percent: Some(15), ..delivery() },
        ),
        yes(
            "list-dated-now-at-the-latest",
            "The list is dated exactly as late as it may be now.",
            Scene {
                revocation: Some(protocol::revocation::Revocation {
                    issued: protocol::time::Timestamp(OPENS + 7 * 86_400 + 602),
                    ..revocation()
                }),
                ..cleaning()
            },
        ),
        yes(
            "stopped-last-week",
            "A resident stopped the visit of last week: that was another window.",
            Scene { noes: vec![(false, OPENS + 900), (true, OPENS + 900)], ..cleaning() },
        ),
        yes("presentation-by-passkey", "A courier's device may hold a passkey.", courier_passkey()),
    ]
}

fn courier_passkey() -> Scene {
    let mut assigned = assignment();
    assigned.cnf = guest_passkey().credential();
    Scene { assignment: Some(assigned), presentation_by: Box::new(guest_passkey()), ..delivery() }
}
