//! What tours show, as far as it changes: every write of it goes through here, and wakes those who wait for their tour.
//!
//! A ring that is missed costs time and nothing else: whoever waits reads again once the wait is over.

use super::{Store, StoreError};
use futures::future::BoxFuture;
use protocol::Kid;
use protocol::bytes::HomeId;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use tokio::sync::watch;

/// What a tour is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum About {
    /// A device: which stops it has.
    Device(Kid),
    /// A home: who may come there, and whether it is connected.
    Home(HomeId),
    /// A provider: whether it is admitted.
    Provider(Kid),
}

impl Store {
    /// Hears of what is stored about this from now on.
    pub(crate) fn listen(&self, about: About) -> watch::Receiver<()> {
        self.tours.listen(about)
    }

    /// Wakes those whose tour this is about.
    pub(crate) fn ring_tours(&self, about: About) {
        self.tours.ring(about);
    }

    /// Writes as [`super::writer::Writer::run`] does, and rings once it is stored.
    pub(super) async fn write_shown<T, F>(&self, about: About, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send + 'static,
    {
        let done = self.main.write.run(job).await?;
        self.ring_tours(about);
        Ok(done)
    }

    /// The same with one statement; answers how many rows it changed.
    pub(super) async fn execute_shown(
        &self,
        about: About,
        statement: Query<'static, Sqlite, SqliteArguments>,
    ) -> Result<u64, StoreError> {
        let changed = self.main.write.execute(statement).await?;
        self.ring_tours(about);
        Ok(changed)
    }
}
