//! Mail to residents whose phone no push message reaches, through the operator's own mail server.
//!
//! Owns the way to that server and the letter. A mail says what happened, and nothing of whose door it is, or where.
//! Does not own to whom and when: that is `telling`.

mod letter;
mod settings;

pub use settings::MailSettings;
pub(crate) use settings::NoMail;

use crate::app::Shared;
use crate::clock::now_ms;
use crate::config::Origin;
use crate::limits;
use crate::rate::{Rate, Verdict};
use crate::store::{MailAddressRow, NoticeRow};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{Address, AsyncTransport as _, Message};
use protocol::Kid;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::mpsc;
use utoipa::ToSchema;

/// The language of a mail, as the app was set when the address was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    /// German.
    De,
    /// English.
    En,
}

impl Language {
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    pub(crate) fn of(tag: &str) -> Option<Self> {
        [Self::De, Self::En].into_iter().find(|language| language.tag() == tag)
    }
}

/// The way to the operator's mail server.
#[derive(Debug)]
pub(crate) struct Mail {
    server: settings::Server,
    from: Mailbox,
    /// Where the app is, if the operator said so.
    app: Option<String>,
    /// Mails to one device.
    told: Rate<Kid>,
    queues: Vec<mpsc::Sender<Letter>>,
}

/// What is to be written to whom.
type Letter = (MailAddressRow, NoticeRow);
/// Letters for one worker.
pub(crate) type Queue = mpsc::Receiver<Letter>;

/// The mail server did not take it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsent {
    /// It says that it will not, now or ever: mostly that there is no such address.
    #[error("the mail server refuses mail to this address")]
    Refused,
    /// It cannot be reached, or is not able to.
    #[error("the mail server takes no mail at the moment")]
    Silent,
}

impl Mail {
    pub(crate) fn open(
        settings: MailSettings,
        origin: Option<&Origin>,
    ) -> Result<(Self, Vec<Queue>), NoMail> {
        let (server, from) = settings.open()?;
        let app = origin.map(|origin| origin.as_str().to_owned());
        let (queues, workers) =
            (0..limits::MAIL_WORKERS).map(|_| mpsc::channel(limits::MAIL_QUEUE_MAX)).unzip();
        Ok((Self { server, from, app, told: Rate::new(limits::MAILS_PER_HOUR_MAX), queues }, workers))
    }

    /// Brings the digits that show that somebody reads this address.
    pub(crate) async fn ask(&self, to: &Address, language: Language, code: &str) -> Result<(), Unsent> {
        self.send(to.clone(), letter::code(language, code)).await
    }

    /// A letter about one notice is to be sent. Nobody waits for it: a mail server may be slow, and somebody else's push
    /// message is not to be late for that.
    pub(crate) fn tell(&self, to: &MailAddressRow, notice: &NoticeRow) {
        if self.told.count(to.kid, now_ms()) != Verdict::Within {
            tracing::warn!("a device gets no more mail in this hour");
            return;
        }
        let worker = usize::from(to.kid.0[0]) % limits::MAIL_WORKERS;
        let letter = (to.clone(), notice.clone());
        if self.queues.get(worker).is_none_or(|queue| queue.try_send(letter).is_err()) {
            tracing::warn!("the mail server is too slow: a mail was not sent");
        }
    }

    /// What cannot be sent is not tried again: the notice stands in the app.
    async fn write(&self, (to, notice): Letter) {
        if now_ms() - notice.at_ms >= limits::PUSH_AGE_MS_MAX {
            return;
        }
        let Ok(address) = to.address.parse() else { return };
        let letter = letter::notice(to.language, &notice.kind, self.app.as_deref());
        // Not the server's words: they may name the address.
        if let Err(error) = self.send(address, letter).await {
            tracing::warn!(%error, "a mail was not sent");
        }
    }

    async fn send(&self, to: Address, (subject, text): (String, String)) -> Result<(), Unsent> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|_| Unsent::Refused)?;
        let sending =
            tokio::time::timeout(Duration::from_millis(limits::MAIL_WAIT_MS), self.server.send(message));
        match sending.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(Unsent::Refused),
            Ok(Err(_)) | Err(_) => Err(Unsent::Silent),
        }
    }
}

/// Sends the letters of one worker, one after the other.
pub(crate) async fn work(app: Shared, mut queue: Queue) {
    while let Some(letter) = app.unless_stopped(queue.recv()).await.flatten() {
        let Some(mail) = &app.mail else { return };
        mail.write(letter).await;
    }
}
