//! The file under a journal: append, read, cut, sync. Knows bytes, not records.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What a journal needs from the thing that remembers for it. Two implementations: [`JournalFile`], and in tests a
/// disk that loses, tears and reorders whatever was not synced.
pub trait Storage {
    /// What a person would look for, for sentences.
    fn name(&self) -> String;
    /// Everything there is.
    fn read_all(&mut self) -> io::Result<Vec<u8>>;
    /// Adds `bytes` at the end. Not durable before [`Storage::sync`]. After an error some of them may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Cuts everything from byte `len` on.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
    /// When this returns, all that was appended survives a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file that one process at a time may hold.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    file: File,
}

/// Why a journal's file cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Another process holds it.
    #[error("{} is held by another hub: one home has one hub. Stop the other one first", .0.display())]
    Held(PathBuf),
    /// The operating system said no.
    #[error("cannot open {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl JournalFile {
    /// Opens or creates the file, readable by its owner only, and holds it until dropped or until the process dies.
    /// The name itself is durable when this returns.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let io = |source| FileError::Io { path: path.to_owned(), source };
        let file =
            OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FileError::Held(path.to_owned())),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        // A file whose directory entry is lost is a lost file, however well it was synced itself.
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(parent).and_then(|directory| directory.sync_all()).map_err(io)?;
        Ok(Self { path: path.to_owned(), file })
    }
}

impl Storage for JournalFile {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}
