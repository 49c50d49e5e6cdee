//! One recording that is being made: part after part, sealed, handed to disk and uplink.

use super::disk::{Disk, Task, Ticket};
use super::now;
use super::outbox::Outbox;
use super::preroll::{Picture, Preroll};
use super::spool::Found;
use super::wire::Progress;
use protocol::bytes::{RecordingId, VisitId};
use protocol::canonical::Malformed;
use protocol::door_event::RecordingHead;
use protocol::recording_proof::RecordingProof;
use protocol::time::Monotonic;
use protocol::{DeviceKey, Hash, Signed};
use recording::chunk::write_record;
use recording::seal::{Beginning, SealError};
use recording::{Gap, GapReason, Init, Manifest, PartEntry, PartId, PartSealer, Recipient, Sealed};
use std::sync::Arc;

/// A stop of more than this between two pictures is stated in the recording, in milliseconds.
const GAP_MS_MIN: u64 = 1_000;
/// What was sealed lies in memory for no longer than this, in milliseconds, even without a keyframe.
const SEGMENT_MS_MAX: u64 = 1_000;

/// Where sealed chunks go.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) disk: Disk,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) key: DeviceKey,
    pub(crate) camera: String,
}

/// Why a picture could not be recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReelError {
    #[error("{0}")]
    Seal(SealError),
    #[error("the machine gives no random numbers: {0}")]
    Entropy(getrandom::Error),
}

impl From<SealError> for ReelError {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

/// A recording in progress.
#[derive(Debug)]
pub(crate) struct Reel {
    pub(crate) recording: RecordingId,
    visit: VisitId,
    pub(crate) grant: Hash,
    recipients: Vec<Recipient>,
    /// Parts that ended.
    entries: Vec<PartEntry>,
    /// Chunks in those.
    base: u64,
    last_head: Hash,
    growing: Option<Growing>,
    /// Capture time of the newest picture on the boot clock.
    last_boot_ms: u64,
    /// Nothing is filmed until the hub starts the recording again.
    is_paused: bool,
}

/// The part that grows.
#[derive(Debug)]
struct Growing {
    sealer: PartSealer,
    /// Wall time minus boot time when the part began: a clock that is set later does not tear the part.
    epoch_ms: u64,
    segment: Segment,
}

/// Sealed chunks that are not yet on their way to disk: one group of pictures, about a second.
#[derive(Debug)]
struct Segment {
    part: PartId,
    records: Vec<u8>,
    upto: u64,
    flushed_boot_ms: u64,
}

impl Reel {
    pub(crate) fn new(
        recording: RecordingId,
        visit: VisitId,
        grant: Hash,
        recipients: Vec<Recipient>,
    ) -> Self {
        Self {
            recording,
            visit,
            grant,
            recipients,
            entries: Vec::new(),
            base: 0,
            last_head: Hash::ZERO,
            growing: None,
            last_boot_ms: 0,
            is_paused: false,
        }
    }

    /// Goes on with what a recorder before this one left.
    pub(crate) fn resume(&mut self, found: &Found) {
        self.last_head = found.head();
        self.entries = found.parts.iter().map(|part| part.entry).collect();
        self.base = self.entries.iter().map(|entry| entry.chunks).sum();
        // Pre-roll must not show again what the last part showed.
        let last_ms = self.entries.last().map_or(0, |entry| entry.last_ms);
        let ago_ms = now::unix_ms().saturating_sub(last_ms);
        self.last_boot_ms = if last_ms == 0 { 0 } else { now::boot_ms().saturating_sub(ago_ms) };
    }

    /// Begins a part with what was seen just before, if a picture can be decoded at all.
    pub(crate) fn begin(&mut self, init: &Init, preroll: &Preroll, shelf: &Shelf) -> Result<(), ReelError> {
        let pictures: Vec<Picture> = preroll.since(self.last_boot_ms).cloned().collect();
        let Some(first) = pictures.first() else { return Ok(()) };
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let part = PartId { recording: self.recording, number };
        let epoch_ms = now::unix_ms().saturating_sub(now::boot_ms());
        let beginning = Beginning {
            part,
            visit: self.visit,
            camera: shelf.camera.clone(),
            prev: self.last_head,
            started_ms: epoch_ms.saturating_add(first.captured_boot_ms),
            recipients: &self.recipients,
        };
        let entropy = now::entropy().map_err(ReelError::Entropy)?;
        let (header, sealer, init) = PartSealer::begin(beginning, init, &entropy, &shelf.key)?;
        shelf.outbox.begin(self.visit, part, header.bytes());
        shelf.disk.hand(Task::Part { part, header: header.bytes().to_vec() });
        let mut segment = Segment { part, records: Vec::new(), upto: 0, flushed_boot_ms: now::boot_ms() };
        segment.keep(&init, shelf);
        self.growing = Some(Growing { sealer, epoch_ms, segment });
        self.last_boot_ms = first.captured_boot_ms;
        for picture in &pictures {
            self.picture(picture, GapReason::NoFrame, shelf)?;
        }
        Ok(())
    }

    /// True if the recording should grow and has no part to grow in.
    pub(crate) const fn wants_part(&self) -> bool {
        self.growing.is_none() && !self.is_paused
    }

    /// Ends the part; [`Reel::unpause`] lets another one begin.
    pub(crate) fn pause(&mut self, reason: GapReason, shelf: &Shelf) -> Result<(), ReelError> {
        self.is_paused = true;
        self.end_part(reason, shelf)
    }

    pub(crate) const fn unpause(&mut self) {
        self.is_paused = false;
    }

    /// Records a picture. States a gap if the one before is long ago.
    pub(crate) fn picture(
        &mut self,
        picture: &Picture,
        reason: GapReason,
        shelf: &Shelf,
    ) -> Result<(), ReelError> {
        let Some(growing) = &mut self.growing else { return Ok(()) };
        let at = picture.captured_boot_ms;
        if at.saturating_sub(self.last_boot_ms) > GAP_MS_MIN {
            growing.gap(self.last_boot_ms, at, reason, shelf)?;
        }
        if picture.is_keyframe {
            growing.segment.flush(shelf);
        }
        let sealed = growing.sealer.frame(growing.wall_ms(at), picture.is_keyframe, picture.unit.to_vec())?;
        growing.segment.keep(&sealed, shelf);
        self.last_boot_ms = at;
        Ok(())
    }

    /// Writes a door event into the recording and syncs it; answered with the ticket. False without a part.
    pub(crate) fn mark(&mut self, event: Hash, shelf: &Shelf) -> Result<bool, ReelError> {
        let Some(growing) = &mut self.growing else { return Ok(false) };
        let sealed = growing.sealer.mark(growing.wall_ms(now::boot_ms()), event)?;
        growing.segment.keep(&sealed, shelf);
        growing.segment.flush(shelf);
        shelf.disk.hand(Task::Report(Ticket::Mark(self.recording, event)));
        Ok(true)
    }

    /// Writes out what has waited long enough.
    pub(crate) fn tick(&mut self, boot_ms: u64, shelf: &Shelf) {
        if let Some(growing) = &mut self.growing
            && boot_ms.saturating_sub(growing.segment.flushed_boot_ms) >= SEGMENT_MS_MAX
        {
            growing.segment.flush(shelf);
        }
    }

    /// Ends the part, as when the camera changes its format or another recorder takes over.
    pub(crate) fn end_part(&mut self, reason: GapReason, shelf: &Shelf) -> Result<(), ReelError> {
        let Some(mut growing) = self.growing.take() else { return Ok(()) };
        let at = now::boot_ms();
        if at.saturating_sub(self.last_boot_ms) > GAP_MS_MIN {
            growing.gap(self.last_boot_ms, at, reason, shelf)?;
        }
        let wall_ms = growing.wall_ms(at);
        let Growing { sealer, mut segment, .. } = growing;
        let (last, entry) = sealer.finish(wall_ms)?;
        segment.keep(&last, shelf);
        segment.flush(shelf);
        self.base = self.base.saturating_add(entry.chunks);
        self.last_head = entry.head;
        self.entries.push(entry);
        Ok(())
    }

    /// Ends the recording: signed manifest, and a ticket for when it is on disk.
    pub(crate) fn finish(mut self, reason: GapReason, shelf: &Shelf) -> Result<Finished, ReelError> {
        self.end_part(reason, shelf)?;
        let manifest = Manifest { recording: self.recording, visit: self.visit, parts: self.entries };
        let manifest = Signed::sign(manifest, &shelf.key).map_err(|why: Malformed| SealError::Header(why))?;
        let bytes = manifest.bytes().to_vec();
        shelf.disk.hand(Task::Manifest { recording: self.recording, bytes: bytes.clone() });
        shelf.disk.hand(Task::Report(Ticket::Closed(self.recording)));
        shelf.outbox.finish(self.recording, &bytes);
        Ok(Finished { heads: heads(&manifest), manifest: bytes })
    }

    /// The statement that a picture newer than the question is the newest on the chain.
    pub(crate) fn proof(
        &self,
        door: protocol::bytes::DoorId,
        answers: Hash,
        asked_boot_ms: u64,
        key: &DeviceKey,
    ) -> Option<Vec<u8>> {
        let progress = self.progress().filter(|_| self.last_boot_ms > asked_boot_ms)?;
        let proof = RecordingProof {
            door,
            answers,
            grant: self.grant,
            recording: self.recording,
            chain_head: progress.head,
            frame: progress.frame,
            captured: Monotonic(self.last_boot_ms),
        };
        Signed::sign(proof, key).ok().map(|proof| proof.bytes().to_vec())
    }

    /// Where the recording stands.
    pub(crate) fn progress(&self) -> Option<Progress> {
        let growing = self.growing.as_ref()?;
        let (sequence, head) = growing.sealer.head();
        Some(Progress {
            recording: self.recording,
            part: growing.sealer.part().number,
            frame: self.base.saturating_add(sequence),
            head,
        })
    }
}

/// A recording that ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) manifest: Vec<u8>,
    pub(crate) heads: Vec<RecordingHead>,
}

/// Where each part of a recording ended; frames are counted over all parts.
pub(crate) fn heads(manifest: &Signed<Manifest>) -> Vec<RecordingHead> {
    let said = manifest.message();
    let mut chunks = 0_u64;
    let head = |entry: &PartEntry| {
        chunks = chunks.saturating_add(entry.chunks);
        RecordingHead {
            recorder: manifest.signer(),
            recording: said.recording,
            frame: chunks.saturating_sub(1),
            chain_head: entry.head,
        }
    };
    said.parts.iter().map(head).collect()
}

impl Growing {
    fn wall_ms(&self, boot_ms: u64) -> u64 {
        self.epoch_ms.saturating_add(boot_ms)
    }

    fn gap(&mut self, from: u64, to: u64, reason: GapReason, shelf: &Shelf) -> Result<(), SealError> {
        let gap = Gap { from_ms: self.wall_ms(from), to_ms: self.wall_ms(to), reason };
        let sealed = self.sealer.gap(gap)?;
        self.segment.keep(&sealed, shelf);
        Ok(())
    }
}

impl Segment {
    /// Out at once to whoever watches, and to disk with the segment.
    fn keep(&mut self, sealed: &Sealed, shelf: &Shelf) {
        shelf.outbox.push(self.part, sealed);
        write_record(&sealed.bytes, &mut self.records);
        self.upto = sealed.sequence.saturating_add(1);
    }

    /// One write and one sync for all chunks since the last one.
    fn flush(&mut self, shelf: &Shelf) {
        self.flushed_boot_ms = now::boot_ms();
        if !self.records.is_empty() {
            let records = std::mem::take(&mut self.records);
            shelf.disk.hand(Task::Append { part: self.part, records, upto: self.upto });
        }
    }
}
