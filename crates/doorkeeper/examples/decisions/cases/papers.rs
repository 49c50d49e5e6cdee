//! Refusals of steps 4 to 7: the grant, its uses, the time, the assignment.

use super::cast::*;
use super::file::Decision;
use super::refused;
use super::scene::*;
use protocol::Signer;
use protocol::assignment::Assignment;
use protocol::bytes::VisitId;
use protocol::delegation::Delegation;
use protocol::grant::{Errand, Grant, Grantee, Terms};
use protocol::revocation::Revocation;
use protocol::roster::{Resident, Roster};

/// Length of the delivery window.
const HOURS_S: u64 = 4 * 3_600;

pub(super) fn all() -> Vec<Decision> {
    [grants(), epochs(), uses(), revoked(), time(), assignments(), provider_keys()].concat()
}

fn grants() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 4, code, scene);
    let granting = |grant| Scene { grant, ..delivery() };
    let forger = Forger { name: owner().credential(), key: key(40) };
    vec![
        no(
            "grant-unknown",
            "The home does not hold the grant.",
            "grant_unknown",
            Scene { grant_is_held: false, ..delivery() },
        ),
        no(
            "signer-unknown",
            "A stranger signed the grant.",
            "signer_unknown",
            Scene { grant_by: Box::new(key(40)), ..delivery() },
        ),
        no(
            "signer-removed",
            "The member who signed has left the roster.",
            "signer_unknown",
            Scene { grant_by: Box::new(member()), roster: second_roster(), ..delivery() },
        ),
        no(
            "signer-companion",
            "A companion key signed: what a home holds from before, it does not honour.",
            "signer_unknown",
            Scene { grant_by: Box::new(companion()), roster: companion_roster(), ..delivery() },
        ),
        no(
            "signer-recovery-key",
            "A recovery key signs no grant.",
            "signer_unknown",
            Scene { grant_by: Box::new(recovery()), ..delivery() },
        ),
        no(
            "grant-forged",
            "A stranger signed under an owner's key identifier.",
            "grant_signature",
            Scene { grant_by: Box::new(forger), ..delivery() },
        ),
        no(
            "grant-touch-only",
            "The passkey did not verify the person.",
            "grant_signature",
            Scene { grant_by: Box::new(TouchOnly(owner_passkey())), ..delivery() },
        ),
        no(
            "grant-passkey-as-device",
            "The passkey's key signed like a device key.",
            "grant_signature",
            Scene { grant_by: Box::new(owner_passkey().key), ..delivery() },
        ),
        no(
            "wrong-door",
            "The grant is for another door.",
            "wrong_door",
            granting(Grant { door: OTHER_DOOR, ..delivery_grant() }),
        ),
        no(
            "first-grant-pending",
            "The first grant to this provider came less than ten minutes ago.",
            "grant_pending",
            Scene { grant_held_ms: 599_000, ..delivery() },
        ),
    ]
}

fn epochs() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, scene: Scene| refused(name, sentence, 4, "epoch_superseded", scene);
    let rekeyed = Roster { grants_from: 2, ..second_roster() };
    let mut back_again = second_roster();
    back_again.residents.push(Resident {
        since: 2,
        ..resident(member().credential(), protocol::roster::Rank::Member, "Jonas' phone")
    });
    back_again.residents = sorted(back_again.residents);
    vec![
        no(
            "epoch-before-re-key",
            "The home was re-keyed after the grant was signed.",
            Scene { roster: rekeyed, ..delivery() },
        ),
        no(
            "epoch-before-signer",
            "The signer was removed and enrolled again: old grants stay dead.",
            Scene { roster: back_again, grant_by: Box::new(member()), ..delivery() },
        ),
        no(
            "epoch-ahead",
            "The grant names a roster that does not exist yet.",
            Scene { grant: Grant { roster_epoch: 2, ..delivery_grant() }, ..delivery() },
        ),
    ]
}

fn uses() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 5, code, scene);
    let earlier = VisitId([0x41; 16]);
    vec![
        no(
            "used-up",
            "Another visit burned the only use.",
            "used_up",
            Scene { uses: vec![(earlier, OPENS + 60)], ..delivery() },
        ),
        no(
            "second-entry",
            "The visit has its use, and its only entry is used.",
            "entries_used_up",
            Scene { uses: vec![(VISIT, OPENS + 60)], entries: 1, ..delivery() },
        ),
        no(
            "pulses-used-up",
            "Three pulses moved no bolt.",
            "pulses_used_up",
            Scene { uses: vec![(VISIT, OPENS + 60)], pulses: 3, ..delivery() },
        ),
        refused(
            "window-used-up",
            "Another visit of the cleaner came in this window.",
            6,
            "window_used_up",
            Scene { uses: vec![(earlier, OPENS + 7 * 86_400 + 60)], ..cleaning() },
        ),
        refused(
            "window-used-up-perhaps",
            "A visit may have been in this window: its interval touches it.",
            6,
            "window_used_up",
            Scene { uses: vec![(earlier, OPENS + 7 * 86_400 - 2)], ..cleaning() },
        ),
    ]
}

fn revoked() -> Vec<Decision> {
    let with = |name: &str, sentence: &str, code: &str, list: Revocation| {
        refused(name, sentence, 5, code, Scene { revocation: Some(list), ..delivery() })
    };
    let none = Revocation { grants: vec![], providers: vec![], devices: vec![], ..revocation() };
    let guest_device = Revocation { devices: vec![guest().kid()], ..none.clone() };
    vec![
        with(
            "revoked-grant",
            "The grant is revoked.",
            "revoked",
            Revocation { grants: vec![delivery_grant().id], ..none.clone() },
        ),
        with(
            "revoked-provider",
            "The provider's root is revoked.",
            "revoked",
            Revocation { providers: vec![root().kid()], ..none.clone() },
        ),
        with(
            "revoked-working-key",
            "The working key that signed the assignment is revoked.",
            "revoked",
            Revocation { providers: vec![working().kid()], ..none.clone() },
        ),
        with(
            "revoked-device",
            "The courier's handset is revoked.",
            "revoked",
            Revocation { devices: vec![handset().kid()], ..none.clone() },
        ),
        with("blocked", "A resident blocks every visit.", "blocked", Revocation { blocked: true, ..none }),
        refused(
            "revoked-guest",
            "The guest's phone is revoked.",
            5,
            "revoked",
            Scene { revocation: Some(guest_device), ..visit_of_guest() },
        ),
    ]
}

fn time() -> Vec<Decision> {
    let at = |name: &str, sentence: &str, code: &str, lo: u64, hi: Option<u64>| {
        refused(name, sentence, 6, code, Scene { lo, hi, ..delivery() })
    };
    let outside = "outside_window";
    vec![
        at("too-early", "The window opens in an hour.", outside, OPENS - 3_600, Some(OPENS - 3_598)),
        at(
            "too-late",
            "The window closed an hour ago.",
            outside,
            OPENS + HOURS_S + 3_600,
            Some(OPENS + HOURS_S + 3_602),
        ),
        at(
            "interval-before-window",
            "The clock's interval begins one second before the window.",
            outside,
            OPENS - 1,
            Some(OPENS + 30),
        ),
        at(
            "interval-past-window",
            "The clock's interval reaches the window's end, which is outside.",
            outside,
            OPENS + HOURS_S - 30,
            Some(OPENS + HOURS_S),
        ),
        at("clock-unknown", "Nothing says that it is not later.", "clock_unknown", OPENS + 600, None),
    ]
}

fn assignments() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 7, code, scene);
    let assigned = |assignment| Scene { assignment: Some(assignment), ..delivery() };
    let three = [1, 2, 3].map(|n| parcel(n).commitment());
    let mut three = three.to_vec();
    three.sort_unstable();
    let vetted = Terms { attributes: vec!["employee".into(), "vetted".into()], ..terms() };
    let other_service = Grant { errand: Errand::Service("pickup".into()), ..delivery_grant() };
    vec![
        no(
            "assignment-missing",
            "The arrival names no assignment.",
            "assignment_missing",
            Scene { assignment_is_named: false, ..delivery() },
        ),
        no(
            "assignment-unknown",
            "The home does not hold the assignment.",
            "assignment_unknown",
            Scene { assignment_is_held: false, ..delivery() },
        ),
        no(
            "assignment-other-door",
            "The assignment is for another door.",
            "assignment_wrong_door",
            assigned(Assignment { door: OTHER_DOOR, ..assignment() }),
        ),
        no(
            "wrong-errand",
            "One of three assigned parcels is not in the grant.",
            "wrong_errand",
            assigned(Assignment { errands: three, ..assignment() }),
        ),
        no(
            "wrong-service",
            "The grant is for picking up, the assignment for delivering.",
            "wrong_errand",
            Scene { grant: other_service, ..delivery() },
        ),
        no(
            "assignment-too-late",
            "The assignment's window is over.",
            "assignment_outside_window",
            assigned(Assignment { window: window(0, 600), ..assignment() }),
        ),
        no(
            "notice-too-short",
            "The home has held the assignment for 899 s of 900 s.",
            "notice_too_short",
            Scene { assignment_held_ms: 899_999, ..delivery() },
        ),
        no(
            "attribute-missing",
            "The terms want a vetted person.",
            "attribute_missing",
            Scene { grant: Grant { terms: vetted, ..delivery_grant() }, ..delivery() },
        ),
    ]
}

fn provider_keys() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 7, code, scene);
    let other_root = Grant {
        to: Grantee::Provider { root: key(25).kid(), name: "Green Carrier".into() },
        ..delivery_grant()
    };
    let past = Delegation { window: window(0, 300), ..delegation() };
    let forger = Forger { name: root().credential(), key: key(40) };
    let forged_working = Forger { name: working().credential(), key: key(40) };
    vec![
        no(
            "wrong-provider",
            "The grant names another provider.",
            "wrong_provider",
            Scene { grant: other_root, ..delivery() },
        ),
        no(
            "delegation-missing",
            "No delegation names the working key.",
            "delegation_missing",
            Scene { delegation: None, ..delivery() },
        ),
        no(
            "delegation-other-key",
            "The delegation names another working key.",
            "delegation_missing",
            Scene { delegation: Some(Delegation { key: key(23).public(), ..delegation() }), ..delivery() },
        ),
        no(
            "delegation-other-root",
            "The cloud made a root and a delegation of its own.",
            "delegation_missing",
            Scene {
                delegation: Some(Delegation { root: key(40).public(), ..delegation() }),
                delegation_by: Box::new(key(40)),
                ..delivery()
            },
        ),
        no(
            "delegation-forged",
            "The root did not sign the delegation.",
            "assignment_signature",
            Scene { delegation_by: Box::new(forger), ..delivery() },
        ),
        no(
            "delegation-expired",
            "The working key's time is over.",
            "delegation_expired",
            Scene { delegation: Some(past), ..delivery() },
        ),
        no(
            "assignment-forged",
            "The working key did not sign the assignment.",
            "assignment_signature",
            Scene { assignment_by: Box::new(forged_working), ..delivery() },
        ),
        no(
            "assignment-by-root",
            "The root signed the assignment itself, without delegating to itself.",
            "delegation_missing",
            Scene { assignment_by: Box::new(root()), ..delivery() },
        ),
    ]
}
