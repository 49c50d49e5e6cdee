//! What the operator sets so that mail can be sent.

use axum::http::Uri;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::Tls;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::limits;

/// The mail server that takes the cloud's mail.
///
/// ```
/// let mail: cloud::MailSettings = toml::from_str(
///     r#"
///     server = "smtps://mail.example"
///     from = "Vestibule <door@cloud.example>"
///     user = "door"
///     password_file = "/etc/vestibule/mail.password"
///     "#,
/// )
/// .unwrap();
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// `smtps://host` for TLS from the first byte, port 465; `smtp+starttls://host` for a start in the clear that must
    /// turn to TLS, port 587; `smtp://127.0.0.1` without TLS, port 25, for a server on this machine alone. Another port
    /// follows the host.
    pub server: String,
    /// Who mail comes from, such as `Vestibule <door@cloud.example>`.
    pub from: String,
    /// The name at the mail server, if it asks for one.
    #[serde(default)]
    pub user: Option<String>,
    /// A file whose first line is the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

/// Why no mail can be sent, as a sentence that names the setting and the mend.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoMail {
    #[error(
        "mail.server: {0:?} names no mail server; write smtps://host, smtp+starttls://host, or smtp://127.0.0.1 for one on this machine"
    )]
    Server(String),
    #[error(
        "mail.server: without TLS only a server on this machine is used, such as smtp://127.0.0.1; {0:?} is not; write smtps:// or smtp+starttls://"
    )]
    Plain(String),
    #[error("mail.from: {0:?} is no address; write it like Vestibule <door@cloud.example>")]
    From(String),
    #[error("mail.user and mail.password_file belong together; set both or neither")]
    Half,
    #[error("mail.password_file: {0} cannot be read: {1}")]
    Password(PathBuf, std::io::Error),
    #[error("mail.password_file: the first line of {0} is empty; write the password there")]
    NoPassword(PathBuf),
}

pub(super) type Server = AsyncSmtpTransport<Tokio1Executor>;

impl MailSettings {
    pub(super) fn open(self) -> Result<(Server, Mailbox), NoMail> {
        let from = self.from.parse().map_err(|_| NoMail::From(self.from.clone()))?;
        let unnamed = || NoMail::Server(self.server.clone());
        let uri: Uri = self.server.parse().map_err(|_| unnamed())?;
        let host = uri.host().filter(|_| matches!(uri.path(), "" | "/")).ok_or_else(unnamed)?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(unnamed());
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let mut server = match uri.scheme_str() {
            Some("smtps") => Server::relay(bare).map_err(|_| unnamed())?,
            Some("smtp+starttls") => Server::starttls_relay(bare).map_err(|_| unnamed())?,
            Some("smtp") if is_here(bare) => Server::builder_dangerous(bare).tls(Tls::None),
            Some("smtp") => return Err(NoMail::Plain(self.server)),
            _ => return Err(unnamed()),
        };
        if let Some(port) = uri.port_u16() {
            server = server.port(port);
        }
        match (self.user, self.password_file) {
            (Some(user), Some(path)) => server = server.credentials(Credentials::new(user, password(path)?)),
            (None, None) => {}
            _ => return Err(NoMail::Half),
        }
        Ok((server.timeout(Some(Duration::from_millis(limits::MAIL_WAIT_MS))).build(), from))
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn password(path: PathBuf) -> Result<String, NoMail> {
    match std::fs::read_to_string(&path) {
        Ok(text) => match text.lines().next().filter(|line| !line.is_empty()) {
            Some(line) => Ok(line.to_owned()),
            None => Err(NoMail::NoPassword(path)),
        },
        Err(error) => Err(NoMail::Password(path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(server: &str) -> MailSettings {
        MailSettings {
            server: server.into(),
            from: "door@cloud.test".into(),
            user: None,
            password_file: None,
        }
    }

    #[test]
    fn mail_leaves_the_machine_by_tls_only() {
        for good in [
            "smtps://mail.test",
            "smtp+starttls://mail.test:2525",
            "smtp://127.0.0.1:1025",
            "smtp://[::1]",
            "smtp://localhost",
        ] {
            assert!(settings(good).open().is_ok(), "{good}");
        }
        for plain in ["smtp://mail.test", "smtp://10.0.0.1", "smtp://127.0.0.1.mail.test"] {
            assert!(matches!(settings(plain).open(), Err(NoMail::Plain(_))), "{plain}");
        }
        for bad in [
            "mail.test",
            "https://mail.test",
            "smtps://",
            "smtps://me:secret@mail.test",
            "smtps://mail.test/x",
            "",
        ] {
            assert!(matches!(settings(bad).open(), Err(NoMail::Server(_))), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let from = MailSettings { from: "nobody".into(), ..settings("smtps://mail.test") };
        assert!(from.open().unwrap_err().to_string().starts_with("mail.from"));
        let half = MailSettings { user: Some("door".into()), ..settings("smtps://mail.test") };
        assert!(matches!(half.open(), Err(NoMail::Half)));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let with = || MailSettings {
            user: Some("door".into()),
            password_file: Some(path.clone()),
            ..settings("smtps://mail.test")
        };
        assert!(matches!(with().open(), Err(NoMail::Password(..))));
        std::fs::write(&path, "\nsecret").unwrap();
        assert!(matches!(with().open(), Err(NoMail::NoPassword(_))));
        std::fs::write(&path, "secret\n").unwrap();
        assert!(with().open().is_ok());
    }
}
