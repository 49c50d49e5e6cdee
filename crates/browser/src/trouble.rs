//! What the page is told when something is wrong: a code with a row in its table of words, and a sentence for experts.

use std::fmt;
use wasm_bindgen::JsValue;

/// Why something cannot be done. In JavaScript an `Error` whose message is `code: detail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// Stable name.
    pub code: &'static str,
    /// What exactly, in English.
    pub detail: String,
}

impl Trouble {
    /// A code and whatever explains it.
    pub fn new(code: &'static str, detail: impl fmt::Display) -> Self {
        Self { code, detail: detail.to_string() }
    }

    /// An argument of the page is not what it must be.
    pub fn argument(name: &'static str, must: &str) -> Self {
        Self::new("argument", format_args!("{name} {must}"))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for JsValue {
    fn from(trouble: Trouble) -> Self {
        wasm_bindgen::JsError::new(&trouble.to_string()).into()
    }
}

/// For the `map_err` of everything that has a code of its own.
macro_rules! has_code {
    ($($type:ty),+ $(,)?) => {
        $(impl From<$type> for Trouble {
            fn from(why: $type) -> Self {
                Self::new(why.code(), why)
            }
        })+
    };
}

has_code!(
    protocol::canonical::Malformed,
    protocol::envelope::Untrusted,
    protocol::door_log::Flaw,
    recording::key::KeyError,
    recording::Broken,
    recording::PhotoError,
);

impl From<protocol::roster::NotNext> for Trouble {
    fn from(why: protocol::roster::NotNext) -> Self {
        Self::new(why.code(), "the next roster does not follow the one that this device knows")
    }
}

impl From<tsify::Error> for Trouble {
    fn from(why: tsify::Error) -> Self {
        Self::new("argument", why)
    }
}

impl From<letterbox::Unreadable> for Trouble {
    fn from(why: letterbox::Unreadable) -> Self {
        Self::new("letter_unreadable", why)
    }
}
