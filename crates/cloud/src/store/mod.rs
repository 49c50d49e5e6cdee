//! What the cloud remembers: two SQLite files (everything, and the door logs) and the recordings.
//!
//! Owns: every SQL statement, one file per group of tables. Reading goes through pools; writing through one
//! [`writer::Writer`] per file, which commits in groups and answers after the commit.
//! Does not own: what may be stored. Callers check first; nothing here verifies a signature.

mod consignments;
mod door_log;
mod grants;
mod hand_over;
mod homes;
mod incidents;
mod left;
mod left_photos;
mod letters;
mod mail_addresses;
mod migrations;
mod numbers;
mod papers;
mod plans_b;
mod providers;
mod push_subscriptions;
mod recordings;
mod retention;
mod sessions;
mod shares;
mod stops_away;
mod tours;
mod visit_papers;
mod visits;
mod writer;

pub(crate) use consignments::{Announced, ConsignmentRow, NewConsignment};
pub(crate) use door_log::{EventRow, NewEvent};
pub(crate) use grants::{AssignmentRow, GrantRow, NewAssignment, NewGrant, RevocationRow};
pub(crate) use homes::{HomeRow, NewRoster};
pub(crate) use incidents::{DISTRESS, IncidentRow, NewIncident, NewNotice, NoticeRow};
pub(crate) use left::{LeftRow, Reported};
pub(crate) use letters::{Left, Slot};
pub(crate) use mail_addresses::{CodeVerdict, MailAddressRow};
pub(crate) use numbers::NumberRow;
pub(crate) use papers::PaperKind;
pub(crate) use plans_b::PlansB;
pub(crate) use providers::{HandsetRow, ProviderRow};
pub(crate) use push_subscriptions::PushSubscriptionRow;
pub(crate) use recordings::{Claim, RecordingRow};
pub(crate) use retention::Named;
pub(crate) use sessions::SessionRow;
pub(crate) use shares::ShareRow;
pub(crate) use stops_away::StopsAwayRow;
pub(crate) use tours::About;
pub(crate) use visits::{ArrivalRow, NewArrival, PreflightRow, Projected, VisitRow};

use crate::limits;
use crate::waiting::Bells;
use sqlx::ConnectOptions as _;
use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::Mutex;
use writer::Writer;

/// One customer of this cloud. Part of every unique key; a self-hosted cloud has only the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tenant(pub(crate) [u8; 16]);

impl Tenant {
    /// The tenant of a cloud that has one.
    pub(crate) const FIRST: Self = Self([0; 16]);

    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Why something was not stored or read.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the disk is full")]
    Full,
    #[error("too many writes are waiting")]
    Busy,
    #[error("database: {0}")]
    Database(String),
    #[error("a stored row cannot be read: {0}")]
    Corrupt(&'static str),
    #[error("object store: {0}")]
    Objects(String),
    #[error("recording file: {0}")]
    File(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let full = error.as_database_error().is_some_and(|e| {
            // SQLITE_FULL is 13; extended codes keep the primary one in the low byte.
            e.code().and_then(|c| c.parse::<i64>().ok()).is_some_and(|c| c & 0xff == 13)
        });
        if full { Self::Full } else { Self::Database(error.to_string()) }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            Self::Full
        } else {
            Self::File(error.to_string())
        }
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        let text = error.to_string();
        if text.contains("No space left") { Self::Full } else { Self::Objects(text) }
    }
}

/// Why the databases cannot be opened; the sentence names the file and the mend.
#[derive(Debug, thiserror::Error)]
#[error(
    "the database {path} cannot be opened: {source}. Check that the file belongs to the user who runs the cloud, \
     that the disk has room, and that no newer version of Vestibule wrote it"
)]
pub struct Unreadable {
    path: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// One SQLite file.
#[derive(Debug)]
struct Database {
    read: SqlitePool,
    write: Writer,
}

/// Everything stored, for one tenant.
#[derive(Debug)]
pub(crate) struct Store {
    tenant: Tenant,
    main: Database,
    door_log: Database,
    /// Rung once something is stored that a tour may show.
    tours: Bells<About>,
    /// Empties the write-ahead log of `main`. Open all the while: whoever waits for it may be stopped, and one that nobody
    /// holds any more would close the file at some time after [`Store::close`].
    sweeper: Mutex<Option<SqliteConnection>>,
}

impl Store {
    /// Opens or creates both files below `data` and brings their tables up to date.
    pub(crate) async fn open(data: &Path, tenant: Tenant) -> Result<Self, Unreadable> {
        let path = data.join("cloud.sqlite");
        let main = Database::open(&path, &migrations::main()).await?;
        let door_log = Database::open(&data.join("door_log.sqlite"), &migrations::door_log()).await?;
        let sweeper =
            options(&path).connect().await.map_err(|why| Unreadable { path, source: why.into() })?;
        Ok(Self { tenant, main, door_log, sweeper: Mutex::new(Some(sweeper)), tours: Bells::default() })
    }

    /// Lets waiting writes finish, then closes the files.
    pub(crate) async fn close(&self) {
        if let Some(sweeper) = self.sweeper.lock().await.take() {
            // A log that stays is read at the next start.
            let _closed = sqlx::Connection::close(sweeper).await;
        }
        for database in [&self.main, &self.door_log] {
            // The writer last: a reader cannot clear the write-ahead log away.
            database.read.close().await;
            database.write.close().await;
        }
    }

    /// Empties the write-ahead log, where what was deleted would lie until it is overwritten. Busy, if somebody read all
    /// the while: then it lies there still.
    pub(crate) async fn forget_deleted(&self) -> Result<(), StoreError> {
        let mut sweeper = self.sweeper.lock().await;
        let Some(connection) = sweeper.as_mut() else { return Err(StoreError::Busy) };
        let (is_busy, _, _): (i64, i64, i64) =
            sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(connection).await?;
        if is_busy == 0 { Ok(()) } else { Err(StoreError::Busy) }
    }

    fn tenant(&self) -> &[u8] {
        self.tenant.bytes()
    }

    fn read(&self) -> &SqlitePool {
        &self.main.read
    }
}

impl Database {
    async fn open(path: &Path, migrator: &Migrator) -> Result<Self, Unreadable> {
        Self::try_open(path, migrator).await.map_err(|source| Unreadable { path: path.into(), source })
    }

    async fn try_open(
        path: &Path,
        migrator: &Migrator,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let options = options(path);
        let mut connection: SqliteConnection = options.connect().await?;
        migrator.run(&mut connection).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(limits::READERS_MAX)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { read, write: Writer::start(connection) })
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A home trims its journal when the cloud says "stored": that must survive a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_millis(limits::DATABASE_BUSY_MS))
        .foreign_keys(false)
        // What is deleted is overwritten: the wrapped keys of a recording must not lie on in free pages.
        .pragma("secure_delete", "ON")
        .disable_statement_logging()
}

/// Takes exactly the bytes of a fixed-length identifier out of a row.
fn fixed<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt(what))
}

/// The same where the column may be empty.
fn fixed_or_none<const N: usize>(
    bytes: Option<&[u8]>,
    what: &'static str,
) -> Result<Option<[u8; N]>, StoreError> {
    bytes.map(|b| fixed(b, what)).transpose()
}
