//! What the operator sets.

use crate::mail::MailSettings;
use crate::push::PushService;
use axum::http::Uri;
use protocol::Kid;
use serde::{Deserialize, Deserializer, de};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The cloud's settings, as in its TOML file. An unknown key is an error.
///
/// ```
/// let config: cloud::Config = toml::from_str(
///     r#"
///     listen = "127.0.0.1:8080"
///     data = "/var/lib/vestibule"
///     audience = "cloud.example"
///     operators = ["2f1d0c9b8a7968574635241302f1e0d0cfbeadac9b8a79685746352413021100"]
///     "#,
/// )
/// .unwrap();
/// assert_eq!(config.operators.len(), 1);
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on. Port 0 takes any free one.
    pub listen: SocketAddr,
    /// Folder for databases and recordings; made if missing.
    pub data: PathBuf,
    /// The cloud's name, 1 to 64 bytes. Everyone who signs in signs it, so that one cloud cannot sign in at another.
    pub audience: String,
    /// Key identifiers of the operators, 64 hexadecimal digits each. They admit providers and read incidents.
    #[serde(default, deserialize_with = "kids")]
    pub operators: Vec<Kid>,
    /// Where browsers reach this cloud, such as `https://cloud.example`. With https, every answer tells them to come
    /// by https only, for a year. Nothing, if it is left out.
    ///
    /// Push messages to browsers need it, too: push services are told to turn to it.
    #[serde(default)]
    pub origin: Option<Origin>,
    /// The push services that may be called for residents' browsers, such as `https://push.example`; a host may begin
    /// with `*.`. Those of the makers of browsers, if it is left out. Nothing else is ever called.
    #[serde(default = "PushService::of_browsers")]
    pub push_services: Vec<PushService>,
    /// The mail server that takes mail for residents whose phone no push message reaches. No mail, if it is left out.
    #[serde(default)]
    pub mail: Option<MailSettings>,
    /// For developers: a folder with a built web app, read when the cloud starts, instead of the app in this program.
    #[serde(default)]
    pub app: Option<PathBuf>,
}

/// Scheme, host and port of an address, as a browser shows them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin {
    text: String,
    is_https: bool,
}

impl Origin {
    /// Whether browsers come by https.
    pub const fn is_https(&self) -> bool {
        self.is_https
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The text is no origin.
#[derive(Debug, thiserror::Error)]
#[error("origin: {0:?} is none; write scheme, host and port alone, such as https://cloud.example")]
pub struct NoOrigin(String);

impl TryFrom<String> for Origin {
    type Error = NoOrigin;

    fn try_from(text: String) -> Result<Self, NoOrigin> {
        let uri: Option<Uri> = text.parse().ok();
        let is_bare = |uri: &Uri| {
            let host = uri.authority().is_some_and(|host| !host.as_str().contains('@'));
            host && uri.path() == "/" && uri.query().is_none() && !text.ends_with('/')
        };
        match uri.as_ref().filter(|uri| is_bare(uri)).and_then(Uri::scheme_str) {
            Some("https") => Ok(Self { text, is_https: true }),
            Some("http") => Ok(Self { text, is_https: false }),
            _ => Err(NoOrigin(text)),
        }
    }
}

fn kids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Kid>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| {
            Kid::from_hex(text).ok_or_else(|| {
                de::Error::custom(format!(
                    "operators: {text:?} is no key identifier; write its 64 hexadecimal digits, as the key's owner sees them"
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_and_a_bad_operator_are_named() {
        let base = "listen = \"127.0.0.1:0\"\ndata = \"x\"\naudience = \"a\"\n";
        let unknown = toml::from_str::<Config>(&format!("{base}colour = 1")).unwrap_err().to_string();
        assert!(unknown.contains("colour"), "{unknown}");
        let operator =
            toml::from_str::<Config>(&format!("{base}operators = [\"ab\"]")).unwrap_err().to_string();
        assert!(operator.contains("64 hexadecimal digits"), "{operator}");
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_alone() {
        let origin = |text: &str| Origin::try_from(text.to_owned()).map(|origin| origin.is_https()).ok();
        assert_eq!(origin("https://cloud.example"), Some(true));
        assert_eq!(origin("http://[::1]:8480"), Some(false));
        for bad in [
            "cloud.example",
            "https://",
            "https://a.example/",
            "https://a.example/x",
            "https://a.example?x",
            "https://me@a.example",
            "wss://a.example",
            "",
        ] {
            assert_eq!(origin(bad), None, "{bad}");
        }
        let base = "listen = \"127.0.0.1:0\"\ndata = \"x\"\naudience = \"a\"\n";
        let said = toml::from_str::<Config>(&format!("{base}origin = \"x\"")).unwrap_err().to_string();
        assert!(said.contains("https://cloud.example"), "{said}");
    }
}
