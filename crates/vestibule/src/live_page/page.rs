//! The page as one file, and a policy under which nothing but its own script and style runs.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use super::guard;

const FRAME: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) struct Page {
    pub(super) html: String,
    pub(super) policy: String,
}

impl Page {
    pub(super) fn new(address: SocketAddr) -> Self {
        let html = FRAME.replacen("/*style*/", STYLE, 1).replacen("/*script*/", SCRIPT, 1);
        // Safari does not take a WebSocket of the same origin for 'self'.
        let sockets = guard::hosts(address).map(|host| format!("ws://{host}")).join(" ");
        let policy = format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; img-src data:; media-src blob:; \
             connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'",
            hash(SCRIPT),
            hash(STYLE),
        );
        Self { html, policy }
    }
}

/// As a content security policy names inline text.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_nothing_from_anywhere() {
        let page = Page::new(SocketAddr::from(([127, 0, 0, 1], 4_000)));
        for outside in ["src=\"", "href=\"http", "url(", "@import", "fetch(", "innerHTML", "style=\""] {
            assert!(!page.html.contains(outside), "{outside}");
        }
        assert!(page.html.contains(STYLE) && page.html.contains(SCRIPT));
    }

    #[test]
    fn the_policy_allows_one_script_one_style_and_one_server() {
        let policy = Page::new(SocketAddr::from(([127, 0, 0, 1], 4_000))).policy;
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:4000 ws://localhost:4000;"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
