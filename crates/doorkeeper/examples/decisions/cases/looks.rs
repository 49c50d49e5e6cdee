//! Looks: which key may start a camera outside a visit, and when.

use super::cast::*;
use super::file::{self, Decision};
use super::scene::{Forger, NOW_MS, OTHER_DOOR, Scene, delivery};
use doorkeeper::limits::{LOOK_NO_MS, LOOKS_MAX};
use protocol::Signer;
use protocol::bytes::Nonce;
use protocol::look::Look;

const SECOND_MS: u64 = 1_000;

fn home() -> Scene {
    Scene { roster: companion_roster(), ..delivery() }
}

const fn as_it_is(_: &mut file::Look) {}

pub(super) fn good() -> Vec<Decision> {
    let yes = |name: &str, sentence: &str, by: &dyn Signer, edit| {
        home().looking(name, sentence, "shown", (look(), by), edit)
    };
    vec![
        yes("by-owner", "An owner's passkey looks.", &owner_passkey(), as_it_is),
        yes("by-member", "A flatmate looks.", &member(), as_it_is),
        yes("longer", "A minute is over, and the same phone looks again.", &member(), |look| {
            look.begun_ms = vec![NOW_MS - 60 * SECOND_MS];
        }),
        yes("after-no", "Someone at the hub said no, an hour ago.", &member(), |look| {
            look.no_at_hub_ms = Some(NOW_MS - LOOK_NO_MS);
        }),
    ]
}

pub(super) fn bad() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, look: Look, by: &dyn Signer, edit| {
        home().looking(name, sentence, &format!("refused:{code}"), (look, by), edit)
    };
    let at_home = |name: &str, sentence: &str, code: &str, edit| {
        home().looking(name, sentence, &format!("refused:{code}"), (look(), &member()), edit)
    };
    let forger = Forger { name: owner().credential(), key: companion() };
    let journal = Scene { journal_is_healthy: false, ..home() };
    vec![
        no(
            "by-companion",
            "A companion key signs without asking anybody: it starts no camera.",
            "signer_unknown",
            look(),
            &companion(),
            as_it_is,
        ),
        no(
            "by-recovery-key",
            "A recovery key signs nothing.",
            "signer_unknown",
            look(),
            &recovery(),
            as_it_is,
        ),
        no("by-stranger", "Nobody's key, such as the cloud's.", "signer_unknown", look(), &key(40), as_it_is),
        no(
            "forged-by-companion",
            "A companion key signs under an owner's key identifier.",
            "look_signature",
            look(),
            &forger,
            as_it_is,
        ),
        Scene { roster: second_roster(), ..home() }.looking(
            "by-removed-device",
            "The phone was taken out of the household.",
            "refused:signer_unknown",
            (look(), &member()),
            as_it_is,
        ),
        no(
            "for-another-door",
            "The look is for another door.",
            "wrong_door",
            Look { door: OTHER_DOOR, ..look() },
            &member(),
            as_it_is,
        ),
        no(
            "other-camera",
            "The look names a camera of another home.",
            "camera_unknown",
            Look { camera: key(41).kid(), ..look() },
            &member(),
            as_it_is,
        ),
        no(
            "other-nonce",
            "The look answers what this home never gave out.",
            "look_stale",
            Look { nonce: Nonce([7; 16]), ..look() },
            &member(),
            as_it_is,
        ),
        at_home("old", "The nonce was given out a minute ago.", "look_stale", |look| {
            look.nonces.iter_mut().for_each(|given| given.made_ms = NOW_MS - 60 * SECOND_MS);
        }),
        at_home("replayed", "The nonce was used by this very look.", "look_stale", |look| {
            look.nonces.clear();
            look.begun_ms = vec![NOW_MS - 3 * SECOND_MS];
        }),
        at_home(
            "in-visit",
            "Somebody is at the door, and was told what films them.",
            "look_in_visit",
            |look| {
                look.somebody_is_at_the_door = true;
            },
        ),
        at_home("after-no", "Someone at the hub said no.", "look_no", |look| {
            look.no_at_hub_ms = Some(NOW_MS - 60 * SECOND_MS);
        }),
        at_home("too-many", "The twenty-first look in an hour.", "too_many_looks", |look| {
            look.begun_ms = (1..=LOOKS_MAX as u64).map(|n| NOW_MS - n * 61 * SECOND_MS).collect();
        }),
        journal.looking(
            "journal",
            "The look could not be proved afterwards.",
            "refused:journal_unhealthy",
            (look(), &member()),
            as_it_is,
        ),
    ]
}
