//! What every handler shares.

use crate::clock::Clock;
use crate::gateway::{Homes, Silence, Visitors};
use crate::identity::Nonces;
use crate::json::LetterboxId;
use crate::limits;
use crate::mail::Mail;
use crate::media::Media;
use crate::pages::Files;
use crate::push::Push;
use crate::rate::Rate;
use crate::store::{NewIncident, NewNotice, Slot, Store, StoreError};
use crate::telling::Telling;
use crate::visit_papers::Passing;
use crate::waiting::{Bells, Waits};
use protocol::Kid;
use protocol::bytes::{HomeId, VisitId};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// The running cloud.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) audience: String,
    pub(crate) operators: Vec<Kid>,
    pub(crate) store: Store,
    pub(crate) nonces: Nonces,
    pub(crate) homes: Homes,
    pub(crate) visitors: Visitors,
    /// What may have to be kept of visits under way.
    pub(crate) passing: Passing,
    pub(crate) silence: Silence,
    /// Rung when a home has a new notice.
    pub(crate) bells: Bells<HomeId>,
    /// Rung when a letter comes.
    pub(crate) letter_bells: Bells<(LetterboxId, Slot)>,
    /// One permit for each question that waits for a letter.
    pub(crate) letter_waits: Semaphore,
    /// Questions that wait for a tour to change.
    pub(crate) tour_waits: Waits<Kid>,
    pub(crate) media: Media,
    pub(crate) clock: Clock,
    pub(crate) rates: Rates,
    /// The web app.
    pub(crate) pages: Files,
    /// None without an https origin.
    pub(crate) push: Option<Push>,
    /// None without a mail server.
    pub(crate) mail: Option<Mail>,
    pub(crate) telling: Telling,
    /// Browsers reach this cloud by https.
    pub(crate) is_https: bool,
    /// True once the cloud is asked to stop: connections end.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Shared by all handlers.
pub(crate) type Shared = Arc<App>;

/// What is limited by the hour.
#[derive(Debug)]
pub(crate) struct Rates {
    pub(crate) homes: Rate<IpAddr>,
    pub(crate) sign_ups: Rate<IpAddr>,
    pub(crate) letters: Rate<IpAddr>,
    pub(crate) guesses: Rate<Kid>,
    pub(crate) mail_codes: Rate<Kid>,
    pub(crate) shares: Rate<IpAddr>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            homes: Rate::new(limits::HOMES_PER_HOUR_MAX),
            sign_ups: Rate::new(limits::SIGN_UPS_PER_HOUR_MAX),
            letters: Rate::new(limits::LETTERS_PER_HOUR_MAX),
            guesses: Rate::new(limits::GUESSES_PER_HOUR_MAX),
            mail_codes: Rate::new(limits::MAIL_CODES_PER_HOUR_MAX),
            shares: Rate::new(limits::SHARES_OPENED_PER_HOUR_MAX),
        }
    }
}

impl App {
    /// Stores a notice and wakes those who wait for it.
    pub(crate) async fn notify(&self, notice: NewNotice) -> Result<(), StoreError> {
        let home = notice.home;
        self.store.put_notice(notice).await?;
        self.ring(home);
        Ok(())
    }

    /// Wakes everyone who wants to hear of a home's new notices.
    pub(crate) fn ring(&self, home: HomeId) {
        self.bells.ring(home);
        self.telling.wake(home);
    }

    /// Reports an incident to the operator and, if it is about a home, to its residents; once.
    pub(crate) async fn report(&self, incident: NewIncident) -> Result<(), StoreError> {
        tracing::warn!(kind = incident.kind, "incident");
        let (kind, home, about) = (incident.kind, incident.home, incident.about.clone());
        let is_new = self.store.put_incident(incident).await?;
        if let (Some(home), true) = (home, is_new) {
            let mut about = about;
            let visit = about["visit"].as_str().and_then(VisitId::from_hex);
            if let Some(object) = about.as_object_mut() {
                object.insert("code".into(), kind.into());
                // A visit to a household before is named to nobody of the one after.
                if let Some(visit) = visit
                    && self.store.present_visit(home, visit).await?.is_none()
                {
                    object.remove("visit");
                }
            }
            self.notify(NewNotice { home, kind: "incident", visit: None, about }).await?;
        }
        Ok(())
    }

    /// Resolves when the cloud is asked to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the sender is gone, which is a stop as well.
        let _stop = stopping.wait_for(|stop| *stop).await;
    }

    /// What comes first: the end of `what`, or none because the cloud is asked to stop.
    pub(crate) async fn unless_stopped<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            it = what => Some(it),
            () = self.stopped() => None,
        }
    }
}
