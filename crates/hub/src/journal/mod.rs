//! The home's durable memory: records that only ever get more.
//!
//! Owns: how records lie in a file (`frame`), that a synced record is there after any crash, that two hubs never
//! share a home, and that nobody goes on over damage. Does not own: what a record means, and when to sync (the event
//! loop: before anything moves).
//!
//! - What [`Journal::open`] returns is durable, and so is everything appended before a [`Journal::sync`] that
//!   succeeded.
//! - After a failed write or sync the journal is dead until the process starts again. A failed fsync is never tried
//!   again: Linux marks the lost pages clean, and the second attempt would succeed over a hole.
//! - A torn tail (written, never synced) is cut off and reported. Anything else missing is damage, and an error.

mod frame;
pub mod lossy_disk;
mod storage;
#[cfg(test)]
mod tests;

pub use storage::{FileError, JournalFile, Storage};

use crate::limits::{JOURNAL_BYTES_MAX, RECORD_BYTES_MAX};
use std::io;

/// One record as it was appended; its place in the list is its sequence number.
pub type Record = Vec<u8>;

/// What opening found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// There was no journal: this home begins.
    Created,
    /// Every byte is accounted for.
    Whole,
    /// The last writes before a crash were never synced, so nothing was done on their strength. They are cut off.
    TornTail {
        /// Where the good records end.
        offset: u64,
        /// Bytes cut off.
        bytes: u64,
    },
}

/// Why a journal does not open, or does not take a record.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be had.
    #[error(transparent)]
    File(#[from] FileError),
    /// A record that was safe has changed or gone.
    #[error(
        "{name} is damaged at byte {offset} (record {sequence}). It may have held a used-up permission, so this hub \
         does not go on. Keep the file; then give this home a new door key and a new roster epoch, with an empty journal"
    )]
    Damaged {
        /// The file.
        name: String,
        /// First byte that is not what was written.
        offset: u64,
        /// Sequence number of the record that should begin there.
        sequence: u64,
    },
    /// Not a journal.
    #[error("{name} is not a journal of this hub. Check the data folder in the hub's settings")]
    Foreign {
        /// The file.
        name: String,
    },
    /// A journal of another format.
    #[error(
        "{name} has journal format {found}, this hub knows {}. Start the hub version that wrote it",
        frame::VERSION
    )]
    Version {
        /// The file.
        name: String,
        /// Format in the file.
        found: u16,
    },
    /// No room on the disk.
    #[error(
        "the disk under {name} is full: free some space and start the hub again. The door stays shut until then"
    )]
    DiskFull {
        /// The file.
        name: String,
    },
    /// The journal reached [`JOURNAL_BYTES_MAX`].
    #[error(
        "{name} has reached {JOURNAL_BYTES_MAX} bytes, more than a home writes in decades: something writes too much"
    )]
    TooLong {
        /// The file.
        name: String,
    },
    /// The operating system said no.
    #[error("cannot {what} {name}: {source}. The door stays shut until the hub is started again")]
    Io {
        /// The file.
        name: String,
        /// "read", "write", "cut" or "sync".
        what: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// An earlier write or sync failed.
    #[error("an earlier write to {name} failed: nothing more is written until the hub is started again")]
    Dead {
        /// The file.
        name: String,
    },
    /// Not a record.
    #[error("a record has 1 to {RECORD_BYTES_MAX} bytes, not {0}")]
    RecordSize(usize),
}

/// An open journal. See the module for what it promises.
#[derive(Debug)]
pub struct Journal<S = JournalFile> {
    storage: S,
    next: u64,
    synced: u64,
    bytes: u64,
    healthy: bool,
}

impl<S: Storage> Journal<S> {
    /// Replays a journal, or begins one. What it returns is durable.
    pub fn open(mut storage: S) -> Result<(Self, Vec<Record>, Opening), JournalError> {
        let name = storage.name();
        let bytes = storage.read_all().map_err(|e| failed(&name, "read", e))?;
        match frame::start(&bytes) {
            frame::Start::Ours => {}
            frame::Start::Foreign => return Err(JournalError::Foreign { name }),
            frame::Start::Version(found) => return Err(JournalError::Version { name, found }),
            frame::Start::Unborn => {
                storage.truncate(0).map_err(|e| failed(&name, "cut", e))?;
                storage.append(&frame::file_header()).map_err(|e| failed(&name, "write", e))?;
                storage.sync().map_err(|e| failed(&name, "sync", e))?;
                return Ok((Self::at(storage, 0, frame::FILE_HEADER_BYTES as u64), vec![], Opening::Created));
            }
        }
        let contents = frame::replay(&bytes).map_err(|damaged| JournalError::Damaged {
            name: name.clone(),
            offset: damaged.offset as u64,
            sequence: damaged.sequence,
        })?;
        let end = contents.end as u64;
        let opening = match bytes.len() as u64 - end {
            0 => Opening::Whole,
            torn => {
                storage.truncate(end).map_err(|e| failed(&name, "cut", e))?;
                Opening::TornTail { offset: end, bytes: torn }
            }
        };
        // After kill -9 the records just read may exist only in the page cache. The hub is about to act on them.
        storage.sync().map_err(|e| failed(&name, "sync", e))?;
        Ok((Self::at(storage, contents.records.len() as u64, end), contents.records, opening))
    }

    fn at(storage: S, next: u64, bytes: u64) -> Self {
        Self { storage, next, synced: next, bytes, healthy: true }
    }

    /// Adds a record and returns its sequence number. Not durable before [`Journal::sync`].
    pub fn append(&mut self, record: &[u8]) -> Result<u64, JournalError> {
        if record.is_empty() || record.len() > RECORD_BYTES_MAX {
            return Err(JournalError::RecordSize(record.len()));
        }
        let sequence = self.next;
        self.write(&frame::encode(sequence, self.synced, record))?;
        self.next += 1;
        Ok(sequence)
    }

    /// When this returns, every record appended so far survives kill -9 and a power cut.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.check()?;
        if self.synced == self.next {
            return Ok(());
        }
        if let Err(e) = self.storage.sync() {
            self.healthy = false;
            return Err(failed(&self.storage.name(), "sync", e));
        }
        self.synced = self.next;
        // The seal becomes durable some time later or never: it is a witness against bit rot, not a promise.
        // The records themselves are safe, so its failure must not look like theirs; it only ends the journal.
        if let Err(e) = self.write(&frame::encode(self.next, self.synced, &[])) {
            tracing::error!("{e}");
        }
        Ok(())
    }

    /// False once a write or sync has failed: no door may open any more.
    pub fn healthy(&self) -> bool {
        self.healthy
    }

    /// Records in the journal, synced or not.
    pub fn len(&self) -> u64 {
        self.next
    }

    /// True before the first record.
    pub fn is_empty(&self) -> bool {
        self.next == 0
    }

    fn check(&self) -> Result<(), JournalError> {
        if self.healthy { Ok(()) } else { Err(JournalError::Dead { name: self.storage.name() }) }
    }

    fn write(&mut self, frame: &[u8]) -> Result<(), JournalError> {
        self.check()?;
        let bytes = self.bytes.saturating_add(frame.len() as u64);
        if bytes > JOURNAL_BYTES_MAX {
            self.healthy = false;
            return Err(JournalError::TooLong { name: self.storage.name() });
        }
        if let Err(e) = self.storage.append(frame) {
            self.healthy = false;
            return Err(failed(&self.storage.name(), "write", e));
        }
        self.bytes = bytes;
        Ok(())
    }
}

fn failed(name: &str, what: &'static str, source: io::Error) -> JournalError {
    let name = name.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => JournalError::DiskFull { name },
        _ => JournalError::Io { name, what, source },
    }
}
