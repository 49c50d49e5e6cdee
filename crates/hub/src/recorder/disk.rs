//! The one thread that writes recordings: cameras and the hub never wait for a disk.

use super::outbox::Outbox;
use super::spool::{self, Spool};
use protocol::Hash;
use protocol::bytes::RecordingId;
use recording::PartId;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc as std_mpsc};
use tokio::sync::mpsc;

/// Bytes that may wait for a slow disk.
const WAITING_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What is to be done, in order.
#[derive(Debug)]
pub(crate) enum Task {
    /// Begin a part.
    Part { part: PartId, header: Vec<u8> },
    /// Append chunks and sync. `upto` chunks of the part are on disk afterwards.
    Append { part: PartId, records: Vec<u8>, upto: u64 },
    /// Write the manifest.
    Manifest { recording: RecordingId, bytes: Vec<u8> },
    /// The cloud holds the recording.
    Trim(RecordingId),
    /// Remove the recording.
    Erase(RecordingId),
    /// Tell when everything before is done.
    Report(Ticket),
}

/// What the recorder waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ticket {
    /// The mark of an intent in this recording.
    Mark(RecordingId, Hash),
    /// The end of a recording.
    Closed(RecordingId),
    /// Nothing is left of a recording.
    Erased(RecordingId),
    /// Everything, before the recorder ends.
    Last,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Done {
    /// Reached the ticket; false if that recording could not be written.
    Reached(Ticket, bool),
    /// From now on nothing of this recording is written.
    Failed(RecordingId, io::Error),
}

/// Hands tasks to the thread. The thread ends when this is dropped and everything is written.
#[derive(Debug)]
pub(crate) struct Disk {
    tasks: std_mpsc::Sender<Task>,
    waiting_bytes: Arc<AtomicU64>,
}

impl Disk {
    pub(crate) fn start(
        spool: Spool,
        outbox: Arc<Outbox>,
        bytes_max: u64,
    ) -> io::Result<(Self, mpsc::UnboundedReceiver<Done>)> {
        let (tasks, queue) = std_mpsc::channel();
        let (done, reports) = mpsc::unbounded_channel();
        let waiting_bytes = Arc::new(AtomicU64::new(0));
        let mut writer = Writer {
            spool,
            outbox,
            done,
            waiting_bytes: Arc::clone(&waiting_bytes),
            bytes_max,
            written_bytes: HashMap::new(),
            open: HashMap::new(),
            failed: HashSet::new(),
        };
        std::thread::Builder::new().name("recorder disk".into()).spawn(move || {
            for task in queue {
                writer.perform(task);
            }
        })?;
        Ok((Self { tasks, waiting_bytes }, reports))
    }

    pub(crate) fn hand(&self, task: Task) {
        if let Task::Append { records, .. } = &task {
            self.waiting_bytes.fetch_add(records.len() as u64, Ordering::Relaxed);
        }
        // The thread ends after this sender only.
        let _cannot_fail = self.tasks.send(task);
    }
}

struct Writer {
    spool: Spool,
    outbox: Arc<Outbox>,
    done: mpsc::UnboundedSender<Done>,
    waiting_bytes: Arc<AtomicU64>,
    bytes_max: u64,
    written_bytes: HashMap<RecordingId, u64>,
    open: HashMap<PartId, File>,
    failed: HashSet<RecordingId>,
}

impl Writer {
    fn perform(&mut self, task: Task) {
        match task {
            Task::Part { part, header } => self.attempt(part.recording, |w| w.begin(part, &header)),
            Task::Append { part, records, upto } => {
                let waiting = self.waiting_bytes.fetch_sub(records.len() as u64, Ordering::Relaxed);
                self.attempt(part.recording, |w| w.append(part, &records, waiting));
                if !self.failed.contains(&part.recording) {
                    self.outbox.on_disk(part, upto);
                }
            }
            Task::Manifest { recording, bytes } => self.attempt(recording, |w| {
                w.open.retain(|part, _| part.recording != recording);
                fs::create_dir_all(w.spool.folder(recording))?;
                spool::write_whole(&w.spool.manifest(recording), &bytes)
            }),
            Task::Trim(recording) => {
                self.written_bytes.remove(&recording);
                self.attempt(recording, |w| w.spool.trim(recording));
            }
            Task::Erase(recording) => {
                self.open.retain(|part, _| part.recording != recording);
                self.failed.remove(&recording);
                self.written_bytes.remove(&recording);
                let _absent = fs::remove_dir_all(self.spool.folder(recording));
            }
            Task::Report(ticket) => {
                let is_written = match &ticket {
                    Ticket::Mark(recording, _) | Ticket::Closed(recording) | Ticket::Erased(recording) => {
                        !self.failed.contains(recording)
                    }
                    Ticket::Last => true,
                };
                let _recorder_ended = self.done.send(Done::Reached(ticket, is_written));
            }
        }
    }

    fn attempt(&mut self, recording: RecordingId, task: impl FnOnce(&mut Self) -> io::Result<()>) {
        if self.failed.contains(&recording) {
            return;
        }
        if let Err(error) = task(self) {
            self.failed.insert(recording);
            let _recorder_ended = self.done.send(Done::Failed(recording, error));
        }
    }

    fn begin(&mut self, part: PartId, header: &[u8]) -> io::Result<()> {
        let folder = self.spool.folder(part.recording);
        if !folder.is_dir() {
            fs::create_dir(&folder)?;
            if let Some(spool) = folder.parent() {
                File::open(spool)?.sync_all()?;
            }
        }
        self.open.retain(|open, _| open.recording != part.recording);
        let chunks =
            OpenOptions::new().create(true).write(true).truncate(true).open(self.spool.chunks(part))?;
        self.open.insert(part, chunks);
        spool::write_whole(&self.spool.header(part), header)
    }

    fn append(&mut self, part: PartId, records: &[u8], waiting_bytes: u64) -> io::Result<()> {
        if waiting_bytes > WAITING_BYTES_MAX {
            return Err(io::Error::other("the disk is too slow"));
        }
        let written = self.written_bytes.entry(part.recording).or_default();
        *written += records.len() as u64;
        if self.written_bytes.values().sum::<u64>() > self.bytes_max {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the spool has reached its limit"));
        }
        let file = self.open.get_mut(&part).ok_or(io::ErrorKind::NotFound)?;
        file.write_all(records)?;
        file.sync_data()
    }
}
