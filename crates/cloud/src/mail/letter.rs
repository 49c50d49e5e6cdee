//! What a mail says: subject and text, in the words of the app. No name, no place, no picture.

use super::Language;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The digits that show that somebody reads this address.
pub(super) fn code(language: Language, code: &str) -> (String, String) {
    match language {
        Language::De => (
            format!("{code} ist deine Zahl"),
            format!(
                "Tippe diese Zahl in der App ein: {code}\n\nSie gilt 15 Minuten. Wenn du sie nicht angefordert hast, \
                 musst du nichts tun: An diese Adresse kommt nichts weiter.\n"
            ),
        ),
        Language::En => (
            format!("{code} is your number"),
            format!(
                "Type this number into the app: {code}\n\nIt counts for 15 minutes. If you did not ask for it, there \
                 is nothing to do: nothing more comes to this address.\n"
            ),
        ),
    }
}

/// What happened at a door. When, stands in the mail's head.
pub(super) fn notice(language: Language, kind: &str, app: Option<&str>) -> (String, String) {
    let what = said(language, kind);
    let place = app.map_or_else(|| ".".to_owned(), |app| format!(":\n{app}"));
    let text = match language {
        Language::De => format!(
            "{what}\n\nMehr steht in der App{place}\n\nDiese Mail kommt, weil keine Nachricht auf dein Telefon ging. \
             Du stellst sie in der App ab.\n"
        ),
        Language::En => format!(
            "{what}\n\nThe app tells more{place}\n\nThis mail comes because no message went to your phone. You turn \
             it off in the app.\n"
        ),
    };
    (what.to_owned(), text)
}

/// The sentences of the app's notices.
static SENTENCES: LazyLock<Sentences> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../web/src/words/notices.json")).unwrap_or_default()
});

#[derive(Default, Deserialize)]
struct Sentences {
    kinds: HashMap<String, Sentence>,
    other: Sentence,
}

#[derive(Default, Deserialize)]
struct Sentence {
    de: String,
    en: String,
}

fn said(language: Language, kind: &str) -> &'static str {
    let sentence = SENTENCES.kinds.get(kind).unwrap_or(&SENTENCES.other);
    match language {
        Language::De => &sentence.de,
        Language::En => &sentence.en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telling::KINDS;

    #[test]
    fn every_kind_has_its_sentence_in_both_languages() {
        for language in [Language::De, Language::En] {
            let other = said(language, "");
            for kind in KINDS {
                assert_ne!(said(language, kind), other, "{kind}");
            }
        }
    }

    #[test]
    fn a_mail_says_what_happened() {
        let (subject, text) = notice(Language::En, "arriving", Some("https://cloud.test"));
        assert_eq!(subject, "Someone is at your door.");
        assert!(text.contains("The app tells more:\nhttps://cloud.test\n"), "{text}");
    }
}
