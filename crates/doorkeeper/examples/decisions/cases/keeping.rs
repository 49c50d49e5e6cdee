//! Papers that come: which a home keeps, and what it tells the sender of the others.

use super::cast::*;
use super::file::Decision;
use super::scene::{OTHER_DOOR, Scene, delivery};
use protocol::assignment::Assignment;
use protocol::bytes::GrantId;
use protocol::grant::Grant;
use protocol::revocation::Revocation;
use protocol::roster::{Rank, Roster};
use protocol::{Message, Signer};

const NEXT: GrantId = GrantId([0x65; 16]);

fn blocked() -> Scene {
    Scene { revocation: Some(Revocation { blocked: true, ..revocation() }), ..delivery() }
}

/// The list after the one in force.
fn next_list() -> Revocation {
    Revocation { sequence: 4, blocked: true, ..revocation() }
}

fn with_companion() -> Scene {
    Scene { roster: companion_roster(), ..delivery() }
}

/// The roster after the first, in which nothing changes but that a companion key comes.
fn companion_comes() -> Roster {
    let mut next = Roster { epoch: 2, prev: h(&roster()), ..companion_roster() };
    next.residents.iter_mut().filter(|r| r.role == Rank::Companion).for_each(|r| r.since = 2);
    next
}

pub(super) fn good() -> Vec<Decision> {
    fn yes<M: Message>(
        name: &str,
        sentence: &str,
        scene: Scene,
        at_hub: bool,
        paper: (M, &dyn Signer),
    ) -> Decision {
        scene.keeping(name, sentence, "kept", at_hub, paper)
    }
    let another = Grant { id: NEXT, ..delivery_grant() };
    let fewer = Roster {
        residents: roster().residents.into_iter().filter(|r| r.role != Rank::Member).collect(),
        epoch: 2,
        prev: h(&roster()),
        ..roster()
    };
    let longer = Revocation { grants: vec![GrantId([1; 16]), GrantId([2; 16]), NEXT], ..next_list() };
    let lifted = Revocation { blocked: false, ..next_list() };
    vec![
        yes("grant", "A second grant, with an id of its own.", delivery(), false, (another, &owner())),
        yes("the-same-grant", "The home holds it already.", delivery(), false, (delivery_grant(), &owner())),
        yes(
            "roster-with-presence",
            "A tablet comes, and someone is at the hub.",
            delivery(),
            true,
            (second_roster(), &owner()),
        ),
        yes(
            "roster-with-fewer",
            "Taking away needs nobody at the hub.",
            delivery(),
            false,
            (fewer, &owner()),
        ),
        yes(
            "taken-over-with-presence",
            "Every phone was lost; the recovery key brings in a new one, and someone is at the hub.",
            delivery(),
            true,
            (taken_over_roster(), &recovery()),
        ),
        yes("list-by-member", "A member adds to the list.", blocked(), false, (longer, &member())),
        yes(
            "companion-with-presence",
            "A browser's companion key comes, and someone is at the hub.",
            delivery(),
            true,
            (companion_comes(), &owner()),
        ),
        yes(
            "block-by-companion",
            "A companion key blocks the door.",
            Scene { revocation: Some(revocation()), ..with_companion() },
            false,
            (next_list(), &companion()),
        ),
        yes(
            "first-list-by-companion",
            "The first list is a companion key's.",
            with_companion(),
            false,
            (Revocation { sequence: 1 << 32, ..next_list() }, &companion()),
        ),
        yes("block-lifted-by-owner", "An owner lifts the block.", blocked(), false, (lifted, &owner())),
    ]
}

pub(super) fn bad() -> Vec<Decision> {
    [grants_and_assignments(), rosters_and_lists(), by_companion()].concat()
}

fn no<M: Message>(name: &str, sentence: &str, code: &str, scene: Scene, paper: (M, &dyn Signer)) -> Decision {
    scene.keeping(name, sentence, &format!("refused:{code}"), false, paper)
}

fn grants_and_assignments() -> Vec<Decision> {
    let more = Grant { uses: 9, ..delivery_grant() };
    let next = Grant { id: NEXT, ..delivery_grant() };
    let elsewhere = Grant { door: OTHER_DOOR, ..next.clone() };
    let spent = Grant { windows: vec![window(0, 600)], ..next.clone() };
    let carried = Assignment { window: window(0, 600), ..assignment() };
    let other_door = Assignment { door: OTHER_DOOR, ..assignment() };
    let mut unassigned = delivery();
    unassigned.delegation = None;
    unassigned.assignment_is_held = false;
    vec![
        no("id-taken", "Another grant has this id.", "id_taken", delivery(), (more, &owner())),
        no("signer-unknown", "A stranger signed it.", "signer_unknown", delivery(), (next.clone(), &key(40))),
        no(
            "by-recovery-key",
            "A recovery key signs no grant.",
            "signer_unknown",
            delivery(),
            (next, &recovery()),
        ),
        no("wrong-door", "It is for another door.", "wrong_door", delivery(), (elsewhere, &owner())),
        no("spent", "Its last window certainly ended.", "outside_window", delivery(), (spent, &owner())),
        no(
            "assignment-spent",
            "Its window certainly ended.",
            "assignment_outside_window",
            delivery(),
            (carried, &working()),
        ),
        no(
            "assignment-for-another-door",
            "It is for another door.",
            "assignment_wrong_door",
            delivery(),
            (other_door, &working()),
        ),
        no(
            "assignment-without-delegation",
            "Nobody named the working key.",
            "delegation_missing",
            unassigned,
            (assignment(), &working()),
        ),
    ]
}

fn rosters_and_lists() -> Vec<Decision> {
    let lifted = Revocation { blocked: false, ..next_list() };
    let shorter = Revocation { grants: vec![GrantId([1; 16])], ..next_list() };
    let older = Revocation { sequence: 3, blocked: true, devices: vec![], ..revocation() };
    let stray = Roster { epoch: 3, ..second_roster() };
    vec![
        no(
            "presence-needed",
            "A tablet comes, and nobody is at the hub.",
            "presence_needed",
            delivery(),
            (second_roster(), &owner()),
        ),
        no(
            "taken-over-from-afar",
            "The recovery key brings in a new phone, and nobody is at the hub.",
            "presence_needed",
            delivery(),
            (taken_over_roster(), &recovery()),
        ),
        no("roster-refused", "The epoch jumps by two.", "roster_refused", delivery(), (stray, &owner())),
        no(
            "block-lifted-by-member",
            "A member lifts a block.",
            "revocation_refused",
            blocked(),
            (lifted, &member()),
        ),
        no(
            "list-shortened-by-member",
            "A member leaves out a grant that was revoked.",
            "revocation_refused",
            blocked(),
            (shorter, &member()),
        ),
        no(
            "list-not-newer",
            "An owner's list has the sequence of the list in force.",
            "revocation_refused",
            blocked(),
            (older, &owner()),
        ),
        no(
            "confirmed-by-its-signer",
            "The key that signed the grant confirms it.",
            "presence_needed",
            delivery(),
            (confirmation(), &owner()),
        ),
    ]
}

/// What would let somebody in, or take back a no.
fn by_companion() -> Vec<Decision> {
    let blocked = || Scene { roster: companion_roster(), ..blocked() };
    let lifted = Revocation { blocked: false, ..next_list() };
    let shorter = Revocation { grants: vec![GrantId([1; 16])], ..next_list() };
    let leap = |sequence| Revocation { sequence, ..next_list() };
    let fewer = Roster {
        residents: companion_roster().residents.into_iter().filter(|r| r.role != Rank::Member).collect(),
        epoch: 2,
        prev: h(&companion_roster()),
        ..companion_roster()
    };
    let grant = Grant { id: NEXT, ..delivery_grant() };
    let refused = "revocation_refused";
    vec![
        no(
            "grant-by-companion",
            "A companion key never says yes.",
            "signer_unknown",
            with_companion(),
            (grant, &companion()),
        ),
        no(
            "confirmed-by-companion",
            "A companion key confirms a pending grant.",
            "signer_unknown",
            with_companion(),
            (confirmation(), &companion()),
        ),
        no(
            "block-lifted-by-companion",
            "A companion key lifts a block.",
            refused,
            blocked(),
            (lifted, &companion()),
        ),
        no(
            "list-shortened-by-companion",
            "A companion key leaves out a grant that was revoked.",
            refused,
            blocked(),
            (shorter, &companion()),
        ),
        no(
            "sequence-used-up-by-companion",
            "After this list of a companion key no other could come.",
            refused,
            blocked(),
            (leap(u64::MAX), &companion()),
        ),
        no(
            "sequence-leap-by-companion",
            "The sequence is one more than 2^32 above that in force.",
            refused,
            blocked(),
            (leap(3 + (1 << 32) + 1), &companion()),
        ),
        no(
            "roster-by-companion",
            "A companion key signs a roster without the member.",
            "roster_refused",
            with_companion(),
            (fewer, &companion()),
        ),
        no(
            "companion-without-presence",
            "A companion key comes, and nobody is at the hub.",
            "presence_needed",
            delivery(),
            (companion_comes(), &owner()),
        ),
    ]
}
