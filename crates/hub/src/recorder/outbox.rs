//! What the cloud does not hold yet. The newest chunks lie in memory, older ones are read back from the spool.

use super::spool::Found;
use protocol::bytes::{RecordingId, VisitId};
use protocol::media::ToMedia;
use recording::{PartId, Sealed};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Bytes of chunks kept in memory although they are on disk: the live tail.
const TAIL_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of chunks kept in memory when the disk takes none.
const MEMORY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of looks that wait for the network: some 8 s of 1080p. What is later than that is no look.
const SHOWN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Shared between recorder, disk and uplink.
#[derive(Debug)]
pub(crate) struct Outbox {
    enabled: bool,
    owed: Mutex<Vec<Owed>>,
    shown: Mutex<Shown>,
    changed: Notify,
}

/// What goes out of looks: once, or never.
#[derive(Debug, Default)]
struct Shown {
    messages: VecDeque<ToMedia>,
    bytes: usize,
}

/// One recording that the cloud does not hold completely.
#[derive(Debug)]
pub(crate) struct Owed {
    pub(crate) recording: RecordingId,
    pub(crate) visit: VisitId,
    pub(crate) parts: Vec<OwedPart>,
    pub(crate) manifest: Option<Vec<u8>>,
}

/// One part of it.
#[derive(Debug)]
pub(crate) struct OwedPart {
    pub(crate) id: PartId,
    pub(crate) header: Vec<u8>,
    /// Chunks that exist.
    pub(crate) made: u64,
    /// Chunks on disk.
    on_disk: u64,
    /// Chunks that the cloud holds.
    pub(crate) stored: u64,
    tail: VecDeque<(u64, Outgoing)>,
    tail_bytes: usize,
}

/// A chunk as it goes out.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) joinable: bool,
    pub(crate) bytes: Arc<[u8]>,
}

impl Outbox {
    pub(crate) fn new(enabled: bool) -> Self {
        Self { enabled, owed: Mutex::new(Vec::new()), shown: Mutex::default(), changed: Notify::new() }
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Owed>)) {
        if self.enabled {
            change(&mut self.owed.lock().unwrap_or_else(PoisonError::into_inner));
            self.changed.notify_one();
        }
    }

    fn change_part(&self, id: PartId, change: impl FnOnce(&mut OwedPart)) {
        self.change(|owed| {
            let recording = owed.iter_mut().find(|owed| owed.recording == id.recording);
            if let Some(part) = recording.and_then(|r| r.parts.iter_mut().find(|part| part.id == id)) {
                change(part);
            }
        });
    }

    /// Something that the recorder found on disk when it started.
    pub(crate) fn found(&self, found: &Found) {
        if found.parts.is_empty() {
            return;
        }
        self.change(|owed| {
            let part = |part: &super::spool::FoundPart| OwedPart {
                id: part.header.message().id(),
                header: part.header.bytes().to_vec(),
                made: part.entry.chunks,
                on_disk: part.entry.chunks,
                stored: 0,
                tail: VecDeque::new(),
                tail_bytes: 0,
            };
            owed.push(Owed {
                recording: found.recording,
                visit: found.visit,
                parts: found.parts.iter().map(part).collect(),
                manifest: found.manifest.as_ref().map(|m| m.bytes().to_vec()),
            });
        });
    }

    /// A part begins.
    pub(crate) fn begin(&self, visit: VisitId, id: PartId, header: &[u8]) {
        self.change(|owed| {
            let part = OwedPart {
                id,
                header: header.to_vec(),
                made: 0,
                on_disk: 0,
                stored: 0,
                tail: VecDeque::new(),
                tail_bytes: 0,
            };
            match owed.iter_mut().find(|owed| owed.recording == id.recording) {
                Some(recording) => recording.parts.push(part),
                None => owed.push(Owed { recording: id.recording, visit, parts: vec![part], manifest: None }),
            }
        });
    }

    /// A chunk was sealed.
    pub(crate) fn push(&self, id: PartId, sealed: &Sealed) {
        self.change_part(id, |part| {
            let out = Outgoing { joinable: sealed.joinable, bytes: Arc::from(sealed.bytes.as_slice()) };
            part.made = sealed.sequence + 1;
            part.tail_bytes += out.bytes.len();
            part.tail.push_back((sealed.sequence, out));
            part.shorten();
        });
    }

    /// The first `upto` chunks are on disk.
    pub(crate) fn on_disk(&self, id: PartId, upto: u64) {
        self.change_part(id, |part| {
            part.on_disk = part.on_disk.max(upto);
            part.shorten();
        });
    }

    /// The recording has its manifest. One without a single part is not owed: there is nothing to show.
    pub(crate) fn finish(&self, recording: RecordingId, manifest: &[u8]) {
        self.change(|owed| {
            if let Some(owed) = owed.iter_mut().find(|owed| owed.recording == recording) {
                owed.manifest = Some(manifest.to_vec());
            }
        });
    }

    /// The cloud holds the first `next` chunks of a part.
    pub(crate) fn stored(&self, id: PartId, next: u64) {
        self.change_part(id, |part| {
            part.stored = next.min(part.made);
            part.shorten();
        });
    }

    /// Nothing of the recording is owed any more.
    pub(crate) fn forget(&self, recording: RecordingId) {
        self.change(|owed| owed.retain(|owed| owed.recording != recording));
    }

    pub(crate) fn is_empty(&self) -> bool {
        let owes = !self.owed.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        !owes && self.shown().messages.is_empty()
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something of a look goes out next. False if the network has not taken enough of what came before.
    pub(crate) fn show(&self, message: ToMedia) -> bool {
        if !self.enabled {
            return false;
        }
        let mut shown = self.shown();
        let bytes = shown.bytes.saturating_add(size(&message));
        // The last word has none, and always goes out.
        let fits = bytes <= SHOWN_BYTES_MAX;
        if fits {
            shown.bytes = bytes;
            shown.messages.push_back(message);
        }
        drop(shown);
        self.changed.notify_one();
        fits
    }

    /// The next of it. Nothing is sent twice, and nothing waits for a better connection.
    pub(crate) fn next_shown(&self) -> Option<ToMedia> {
        let mut shown = self.shown();
        let message = shown.messages.pop_front()?;
        shown.bytes = shown.bytes.saturating_sub(size(&message));
        Some(message)
    }

    pub(crate) fn forget_shown(&self) {
        *self.shown() = Shown::default();
    }

    /// Waits until something changes.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Looks at what is owed.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&[Owed]) -> T) -> T {
        look(&self.owed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn size(message: &ToMedia) -> usize {
    match message {
        ToMedia::LookChunk { chunk, .. } => chunk.0.len(),
        ToMedia::Look { header, .. } => header.0.len(),
        ToMedia::SignIn(_)
        | ToMedia::Part { .. }
        | ToMedia::Chunk { .. }
        | ToMedia::Manifest { .. }
        | ToMedia::LookOver(_) => 0,
    }
}

impl OwedPart {
    /// The chunk, if it lies in memory. A later look finds it on disk.
    pub(crate) fn in_memory(&self, sequence: u64) -> Option<Outgoing> {
        let (first, _) = self.tail.front()?;
        let at = usize::try_from(sequence.checked_sub(*first)?).ok()?;
        self.tail.get(at).map(|(_, out)| out.clone())
    }

    fn shorten(&mut self) {
        while let Some((sequence, out)) = self.tail.front() {
            let is_stored = *sequence < self.stored;
            let is_spare = *sequence < self.on_disk && self.tail_bytes > TAIL_BYTES;
            if !is_stored && !is_spare && self.tail_bytes <= MEMORY_BYTES_MAX {
                return;
            }
            self.tail_bytes -= out.bytes.len();
            self.tail.pop_front();
        }
    }
}
