//! What a check says: one sentence, the mend, a stable code. Decides nothing.

use crate::say::Tone;
use serde_json::{Value, json};

/// How bad it is. Ordered: the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// As it should be.
    Fine,
    /// Works, but a person should know.
    Look,
    /// Until this is mended the home is not safe, or does not work.
    Mend,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Stable name.
    pub(crate) code: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What is so, for people.
    pub(crate) sentence: String,
    /// What to do; none if it is fine.
    pub(crate) mend: Option<String>,
}

/// Findings about one thing.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The thing.
    pub(crate) name: &'static str,
    /// Which one, for the heading.
    pub(crate) subject: String,
    /// What was found.
    pub(crate) findings: Vec<Finding>,
}

impl Severity {
    /// The word beside the mark.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Look => "worth a look",
            Self::Mend => "must be mended",
        }
    }

    /// The shape that repeats the word.
    pub(super) const fn mark(self) -> char {
        match self {
            Self::Fine => '✓',
            Self::Look => '!',
            Self::Mend => '✗',
        }
    }

    /// The colour that repeats it too.
    pub(crate) const fn tone(self) -> Tone {
        match self {
            Self::Fine => Tone::Calm,
            Self::Look => Tone::Waiting,
            Self::Mend => Tone::Alarm,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Look => "look",
            Self::Mend => "mend",
        }
    }
}

impl Finding {
    /// It is as it should be.
    pub(super) fn fine(code: &'static str, says: impl AsRef<str>) -> Self {
        Self { code, severity: Severity::Fine, sentence: sentence(says.as_ref()), mend: None }
    }

    /// It is worth a look.
    pub(super) fn look(code: &'static str, says: impl AsRef<str>, mend: impl AsRef<str>) -> Self {
        let (sentence, mend) = (sentence(says.as_ref()), Some(sentence(mend.as_ref())));
        Self { code, severity: Severity::Look, sentence, mend }
    }

    /// It must be mended.
    pub(super) fn mend(code: &'static str, says: impl AsRef<str>, mend: impl AsRef<str>) -> Self {
        Self { severity: Severity::Mend, ..Self::look(code, says, mend) }
    }

    /// For programs.
    pub(crate) fn json(&self, part: &str) -> Value {
        json!({
            "part": part, "code": self.code, "severity": self.severity.code(),
            "sentence": self.sentence, "mend": self.mend,
        })
    }
}

/// Sentences of other crates begin small and end open, as errors do.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let first_word = text.split_whitespace().next().unwrap_or_default();
    let mut out = text.to_owned();
    // A file's name stays as it is.
    if first_word.chars().all(char::is_alphabetic)
        && let Some(first) = out.get_mut(..1)
    {
        first.make_ascii_uppercase();
    }
    if !out.is_empty() && !out.ends_with(['.', '?', ':', '`']) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_reads_as_a_sentence() {
        let finding = Finding::look("c", "the camera cannot be reached: no route", "`chmod 600 x`");
        assert_eq!(finding.sentence, "The camera cannot be reached: no route.");
        assert_eq!(finding.mend.as_deref(), Some("`chmod 600 x`"));
        assert_eq!(Finding::fine("c", "home.toml is there").sentence, "home.toml is there.");
        assert_eq!(finding.json("camera")["severity"], "look");
    }
}
