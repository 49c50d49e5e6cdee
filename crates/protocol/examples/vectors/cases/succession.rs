//! From one roster to the next: who must sign, and what may not change.

use super::cast::*;
use super::{Vector, hex, payload, seal};
use protocol::bytes::{DoorId, HomeId};
use protocol::roster::{Rank, Resident, Roster};
use protocol::{Hash, Signer};

/// The present roster and envelopes that propose the next.
fn proposed(
    name: &str,
    sentence: &str,
    expected: &str,
    present: &Roster,
    next: &[(&Roster, &dyn Signer)],
) -> Vector {
    Vector {
        name: format!("roster-next-{name}"),
        sentence: sentence.into(),
        r#type: "roster_next".into(),
        expected: expected.into(),
        hex: hex(&seal("roster", &payload(present), &owner())),
        next: next.iter().map(|(roster, by)| hex(&seal("roster", &payload(*roster), *by))).collect(),
        hash: (expected == "ok").then(|| next.first().map(|(roster, _)| h(*roster).to_string())).flatten(),
        ..Vector::default()
    }
}

/// A home in which both owners' keys must sign.
fn careful() -> Roster {
    Roster { quorum: 2, ..roster() }
}

fn after_careful() -> Roster {
    Roster { prev: h(&careful()), quorum: 2, ..second_roster() }
}

/// The second roster, and a companion key.
fn with_companion() -> Roster {
    let mut next = second_roster();
    next.residents
        .push(Resident { since: 2, ..resident(companion().credential(), Rank::Companion, "browser") });
    next.residents = sorted(next.residents);
    next
}

pub(super) fn good() -> Vec<Vector> {
    let next = second_roster();
    let rekeyed = Roster { grants_from: 2, ..second_roster() };
    vec![
        proposed("by-owner", "One owner signs, one must.", "ok", &roster(), &[(&next, &owner())]),
        proposed("by-passkey", "An owner's passkey signs.", "ok", &roster(), &[(&next, &owner_passkey())]),
        proposed("companion", "A companion key comes.", "ok", &roster(), &[(&with_companion(), &owner())]),
        proposed("re-keyed", "Grants of earlier epochs end.", "ok", &roster(), &[(&rekeyed, &owner())]),
        proposed(
            "by-quorum",
            "Two keys must sign, and two did.",
            "ok",
            &careful(),
            &[(&after_careful(), &owner()), (&after_careful(), &owner_passkey())],
        ),
        proposed(
            "taken-over",
            "Every phone was lost; the recovery key brings in a new one, and grants of earlier epochs end.",
            "ok",
            &roster(),
            &[(&taken_over_roster(), &recovery())],
        ),
        proposed(
            "taken-over-from-two",
            "Two owners must sign, or the recovery key when both are lost.",
            "ok",
            &careful(),
            &[(&Roster { prev: h(&careful()), ..taken_over_roster() }, &recovery())],
        ),
        proposed(
            "stranger-beside",
            "A signature of a stranger beside a sufficient one changes nothing.",
            "ok",
            &roster(),
            &[(&next, &key(40)), (&next, &owner())],
        ),
    ]
}

pub(super) fn bad() -> Vec<Vector> {
    [signatures(), taking_over(), contents()].concat()
}

fn signatures() -> Vec<Vector> {
    let next = second_roster();
    let no = |name: &str, sentence: &str, present: &Roster, next: &[(&Roster, &dyn Signer)]| {
        proposed(name, sentence, "refused:roster_quorum", present, next)
    };
    let other = Roster { grants_from: 2, ..second_roster() };
    let fewer = |before: &Roster| {
        let mut next = Roster { epoch: 2, prev: h(before), ..before.clone() };
        next.residents.retain(|r| r.role != Rank::Member);
        next
    };
    let after_companion = fewer(&companion_roster());
    let careful_with_companion = Roster { quorum: 2, ..companion_roster() };
    let after_careful_with_companion = fewer(&careful_with_companion);
    vec![
        no("by-member", "A member signs no roster.", &roster(), &[(&next, &member())]),
        no(
            "by-companion",
            "A companion key signs no roster, not even one that only takes a phone away.",
            &companion_roster(),
            &[(&after_companion, &companion())],
        ),
        no(
            "by-companion-for-an-owner",
            "Two keys must sign; an owner and a companion did.",
            &careful_with_companion,
            &[(&after_careful_with_companion, &owner()), (&after_careful_with_companion, &companion())],
        ),
        no(
            "by-recovery-key",
            "A recovery key brings in nobody beside the owners.",
            &roster(),
            &[(&next, &recovery())],
        ),
        no("by-new-owner", "The tablet signs the roster that brings it in.", &roster(), &[(&next, &key(5))]),
        no("by-door", "The door does not choose who lives behind it.", &roster(), &[(&next, &door())]),
        no("one-of-two", "Two keys must sign, and one did.", &careful(), &[(&after_careful(), &owner())]),
        no(
            "same-owner-twice",
            "Two keys must sign; one signed twice.",
            &careful(),
            &[(&after_careful(), &owner()), (&after_careful(), &owner())],
        ),
        proposed("unsigned", "There is no envelope.", "refused:roster_mixed", &roster(), &[]),
        proposed(
            "mixed",
            "Two owners signed different rosters.",
            "refused:roster_mixed",
            &roster(),
            &[(&next, &owner()), (&other, &owner_passkey())],
        ),
    ]
}

/// What the recovery key may not sign.
fn taking_over() -> Vec<Vector> {
    let no = |name: &str, sentence: &str, next: &Roster, by: &dyn Signer| {
        proposed(&format!("taken-over-{name}"), sentence, "refused:roster_quorum", &roster(), &[(next, by)])
    };
    let good = taken_over_roster();
    let beside = |rank: Rank| {
        let mut next = taken_over_roster();
        next.residents.extend(roster().residents.into_iter().filter(|r| r.role == rank));
        next.residents = sorted(next.residents);
        next
    };
    let mut opens = taken_over_roster();
    opens.residents.iter_mut().filter(|r| r.role == Rank::Recovery).for_each(|r| r.role = Rank::Owner);
    let mut other_kem = taken_over_roster();
    other_kem.residents.iter_mut().filter(|r| r.role == Rank::Recovery).for_each(|r| r.kem = None);
    vec![
        no(
            "grants-live-on",
            "Grants of before would still count.",
            &Roster { grants_from: roster().grants_from, ..good.clone() },
            &recovery(),
        ),
        no("owners-stay", "The owners of before stay.", &beside(Rank::Owner), &recovery()),
        no("a-member-stays", "A member of before stays.", &beside(Rank::Member), &recovery()),
        no("paper-as-owner", "The paper itself would let people in.", &opens, &recovery()),
        no("paper-changed", "The paper would open no more recordings.", &other_kem, &recovery()),
        no("by-member", "A member takes the home over.", &good, &member()),
        no("by-new-owner", "The new phone signs itself in.", &good, &key(5)),
    ]
}

fn contents() -> Vec<Vector> {
    let no = |name: &str, sentence: &str, code: &str, next: &Roster| {
        proposed(name, sentence, &format!("refused:{code}"), &roster(), &[(next, &owner())])
    };
    let went_back = Roster { grants_from: 0, ..second_roster() };
    let mut backdated = second_roster();
    backdated.residents.iter_mut().for_each(|r| r.since = 1);
    let mut renewed = second_roster();
    renewed.residents.iter_mut().filter(|r| r.role == Rank::Owner).for_each(|r| r.since = 2);
    vec![
        no(
            "other-predecessor",
            "It follows a roster that this home never had.",
            "roster_not_successor",
            &Roster { prev: Hash([7; 32]), ..second_roster() },
        ),
        no(
            "epoch-skipped",
            "The epoch jumps by two.",
            "roster_not_successor",
            &Roster { epoch: 3, ..second_roster() },
        ),
        no(
            "the-same-again",
            "The present roster is proposed as the next.",
            "roster_not_successor",
            &roster(),
        ),
        no(
            "other-home",
            "The home changes.",
            "roster_other_home",
            &Roster { home: HomeId([0x41; 16]), ..second_roster() },
        ),
        no(
            "other-door",
            "The door changes.",
            "roster_other_home",
            &Roster { door: DoorId([0xd1; 16]), ..second_roster() },
        ),
        no(
            "other-door-key",
            "A new door key is a new home.",
            "roster_other_home",
            &Roster { door_key: key(13).public(), ..second_roster() },
        ),
        no("grants-from-back", "Ended grants would count again.", "roster_grants_from", &went_back),
        no(
            "since-backdated",
            "The tablet claims to have been there from the start.",
            "roster_since",
            &backdated,
        ),
        no("since-renewed", "A key that stayed claims to be new.", "roster_since", &renewed),
    ]
}
