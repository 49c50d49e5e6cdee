//! What the program says: sentences with a little colour where a person watches, JSON lines where a program does.

use serde_json::{Value, json};
use std::io::{IsTerminal, Write};

/// How to say things.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Say {
    json: bool,
    colour: bool,
}

/// Meaning of a line; colour only repeats what the words say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tone {
    /// As it should be.
    Calm,
    /// Waiting, or worth a look.
    Waiting,
    /// Something is wrong.
    Alarm,
    /// Just information.
    Plain,
}

impl Say {
    /// JSON on request; colour on a terminal unless NO_COLOR is set.
    pub(crate) fn new(json: bool) -> Self {
        let colour = !json && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { json, colour }
    }

    /// Whether a program listens.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// A result: `value` for programs, `sentence` for people.
    pub(crate) fn result(self, tone: Tone, sentence: &str, value: &Value) {
        if self.json {
            line(&value.to_string());
        } else {
            line(&self.paint(tone, sentence));
        }
    }

    /// For people only.
    pub(crate) fn note(self, tone: Tone, sentence: &str) {
        if !self.json {
            line(&self.paint(tone, sentence));
        }
    }

    /// The program failed: the whole chain of reasons in one sentence, on standard error.
    pub(crate) fn failed(self, why: &anyhow::Error) {
        let sentence = format!("{why:#}");
        if self.json {
            eprintln!("{}", json!({ "error": sentence }));
        } else {
            eprintln!("vestibule: {sentence}");
        }
    }

    /// The words in the colour of their tone, if colours are seen.
    pub(crate) fn paint(self, tone: Tone, sentence: &str) -> String {
        let code = match tone {
            Tone::Calm => "32",
            Tone::Waiting => "33",
            Tone::Alarm => "31",
            Tone::Plain => return sentence.into(),
        };
        if self.colour { format!("\x1b[{code}m{sentence}\x1b[0m") } else { sentence.into() }
    }
}

/// A closed pipe is the reader's way of saying that it has seen enough.
fn line(text: &str) {
    let _closed_pipe = writeln!(std::io::stdout(), "{text}");
}
