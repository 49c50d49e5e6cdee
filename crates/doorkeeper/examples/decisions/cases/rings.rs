//! Rings: what must hold before somebody is asked.

use super::cast::*;
use super::file::Decision;
use super::scene::{OTHER_DOOR, Scene, delivery};
use protocol::Hash;
use protocol::bytes::DoorTag;
use protocol::revocation::Revocation;
use protocol::time::Window;

/// The courier is here, and nobody has allowed anything.
fn unannounced() -> Scene {
    Scene { grant_is_held: false, ..delivery() }
}

fn revoking(edit: fn(&mut Revocation)) -> Scene {
    let mut list = Revocation { grants: vec![], providers: vec![], devices: vec![], ..revocation() };
    edit(&mut list);
    Scene { revocation: Some(list), ..unannounced() }
}

pub(super) fn good() -> Vec<Decision> {
    let yes = |name: &str, sentence: &str, scene: Scene| scene.ringing(name, sentence, "asked");
    vec![
        yes("courier", "The courier rings with an assignment that holds.", unannounced()),
        yes(
            "permission-pending",
            "The first permission to this service waits: someone at the hub may confirm it.",
            Scene { grant_held_ms: 60_000, ..delivery() },
        ),
    ]
}

pub(super) fn bad() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| {
        scene.ringing(name, sentence, &format!("refused:{code}"))
    };
    vec![
        no(
            "wrong-tag",
            "The sticker is that of another flat.",
            "wrong_tag",
            Scene { edit_ring: |r| r.door_tag = DoorTag([0x7b; 16]), ..unannounced() },
        ),
        no(
            "other-door",
            "The ring is for another door.",
            "wrong_tag",
            Scene { edit_ring: |r| r.door = OTHER_DOOR, ..unannounced() },
        ),
        no(
            "other-device",
            "Another phone signed it.",
            "arrival_signature",
            Scene { arrival_by: Box::new(guest()), ..unannounced() },
        ),
        no(
            "assignment-unknown",
            "The home holds no such assignment.",
            "assignment_unknown",
            Scene { edit_ring: |r| r.assignment = Hash([7; 32]), ..unannounced() },
        ),
        no(
            "assignment-over",
            "The assignment's window is over.",
            "assignment_outside_window",
            Scene {
                assignment: Some(protocol::assignment::Assignment {
                    window: Window { until: protocol::time::Timestamp(OPENS + 60), ..window(0, 60) },
                    ..assignment()
                }),
                ..unannounced()
            },
        ),
        no(
            "delegation-missing",
            "Nobody says that the working key is the provider's.",
            "delegation_missing",
            Scene { delegation: None, ..unannounced() },
        ),
        no("blocked", "The door is blocked.", "blocked", revoking(|list| list.blocked = true)),
        no(
            "revoked-device",
            "The handset is revoked.",
            "revoked",
            revoking(|list| {
                list.devices = vec![protocol::Signer::credential(&handset()).kid()];
            }),
        ),
        no(
            "revoked-provider",
            "The provider is revoked.",
            "revoked",
            revoking(|list| {
                list.providers = vec![protocol::Signer::credential(&root()).kid()];
            }),
        ),
        no(
            "clock-unknown",
            "The home does not know the time.",
            "clock_unknown",
            Scene { hi: None, ..unannounced() },
        ),
        no("over", "The visit ended.", "visit_over", Scene { ended: vec![VISIT], ..unannounced() }),
        no(
            "journal",
            "The ring could not be proved afterwards.",
            "journal_unhealthy",
            Scene { journal_is_healthy: false, ..unannounced() },
        ),
        no(
            "stopped",
            "A resident stopped a visit under the permission that carries the errand.",
            "resident_said_no",
            Scene { noes: vec![(false, OPENS + 540)], ..delivery() },
        ),
    ]
}
