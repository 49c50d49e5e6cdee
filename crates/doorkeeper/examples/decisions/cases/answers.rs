//! Residents' words: which key may say which.

use super::cast::*;
use super::file::Decision;
use super::scene::{Forger, OTHER_DOOR, Scene, delivery};
use protocol::Signer;
use protocol::answer::{Answer, Word};

fn with_companion() -> Scene {
    Scene { roster: companion_roster(), ..delivery() }
}

fn says(word: Word) -> Answer {
    Answer { word, ..answer() }
}

pub(super) fn good() -> Vec<Decision> {
    let yes = |name: &str, sentence: &str, word, by: &dyn Signer| {
        with_companion().answering(name, sentence, "heard", (says(word), by))
    };
    vec![
        yes("allow-by-owner", "An owner's passkey lets the visitor in.", Word::Allow, &owner_passkey()),
        yes("allow-by-member", "A member lets the visitor in.", Word::Allow, &member()),
        yes("stop-by-companion", "A browser's companion key says stop.", Word::Stop, &companion()),
        yes("coming-by-companion", "A browser's companion key says coming.", Word::Coming, &companion()),
    ]
}

pub(super) fn bad() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, answer, by: &dyn Signer| {
        with_companion().answering(name, sentence, &format!("refused:{code}"), (answer, by))
    };
    let forger = Forger { name: owner().credential(), key: companion() };
    vec![
        no(
            "allow-by-companion",
            "A companion key never says yes.",
            "signer_unknown",
            says(Word::Allow),
            &companion(),
        ),
        no(
            "stop-by-recovery-key",
            "A recovery key answers nothing.",
            "signer_unknown",
            says(Word::Stop),
            &recovery(),
        ),
        no("stop-by-stranger", "A stranger says stop.", "signer_unknown", says(Word::Stop), &key(40)),
        no(
            "allow-forged-by-companion",
            "A companion key signs under an owner's key identifier.",
            "grant_signature",
            says(Word::Allow),
            &forger,
        ),
        no(
            "for-another-door",
            "The word is for another door.",
            "wrong_door",
            Answer { door: OTHER_DOOR, ..says(Word::Stop) },
            &owner(),
        ),
    ]
}
