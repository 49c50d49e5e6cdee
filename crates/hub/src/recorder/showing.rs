//! A look that goes on: what the camera sees is sealed for one device, sent, and written nowhere.

use super::now;
use super::outbox::Outbox;
use super::preroll::{Picture, Preroll};
use protocol::bytes::{Blob, RecordingId, VisitId};
use protocol::media::ToMedia;
use protocol::{DeviceKey, Hash};
use recording::seal::{Beginning, SealError};
use recording::{Init, PartId, PartSealer, Recipient, Sealed};

/// One look.
#[derive(Debug)]
pub(crate) struct Showing {
    pub(crate) stream: RecordingId,
    recipient: Recipient,
    /// When it is over by itself, whatever becomes of the hub; boot clock.
    until_boot_ms: u64,
    sealer: Option<PartSealer>,
    /// Wall time minus boot time when it began.
    epoch_ms: u64,
}

/// Why a look ends before its time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotShown {
    #[error("{0}")]
    Seal(SealError),
    #[error("the machine gives no random numbers: {0}")]
    Entropy(getrandom::Error),
    #[error("the network does not take it fast enough")]
    TooSlow,
}

impl From<SealError> for NotShown {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl Showing {
    pub(crate) fn new(stream: RecordingId, recipient: Recipient, ms: u64) -> Self {
        let until_boot_ms = now::boot_ms().saturating_add(ms);
        Self { stream, recipient, until_boot_ms, sealer: None, epoch_ms: 0 }
    }

    pub(crate) const fn is_over(&self, boot_ms: u64) -> bool {
        boot_ms >= self.until_boot_ms
    }

    pub(crate) const fn waits(&self) -> bool {
        self.sealer.is_none()
    }

    /// Begins with the newest keyframe: nothing of what was before.
    pub(crate) fn begin(
        &mut self,
        init: &Init,
        preroll: &Preroll,
        (outbox, key, camera): (&Outbox, &DeviceKey, &str),
    ) -> Result<(), NotShown> {
        let pictures: Vec<Picture> = preroll.newest_group().cloned().collect();
        let Some(first) = pictures.first() else { return Ok(()) };
        self.epoch_ms = now::unix_ms().saturating_sub(now::boot_ms());
        let beginning = Beginning {
            part: PartId { recording: self.stream, number: 0 },
            visit: VisitId(self.stream.0),
            camera: camera.into(),
            prev: Hash::ZERO,
            started_ms: self.epoch_ms.saturating_add(first.captured_boot_ms),
            recipients: std::slice::from_ref(&self.recipient),
        };
        let entropy = now::entropy().map_err(NotShown::Entropy)?;
        let (header, sealer, init) = PartSealer::begin(beginning, init, &entropy, key)?;
        let header = Blob(header.bytes().to_vec());
        send(outbox, ToMedia::Look { look: self.stream, header })?;
        self.send(&init, outbox)?;
        self.sealer = Some(sealer);
        pictures.iter().try_for_each(|picture| self.picture(picture, outbox))
    }

    pub(crate) fn picture(&mut self, picture: &Picture, outbox: &Outbox) -> Result<(), NotShown> {
        let Some(sealer) = &mut self.sealer else { return Ok(()) };
        let at = self.epoch_ms.saturating_add(picture.captured_boot_ms);
        let sealed = sealer.frame(at, picture.is_keyframe, picture.unit.to_vec())?;
        self.send(&sealed, outbox)
    }

    /// The last word. Drops the key.
    pub(crate) fn end(self, outbox: &Outbox) {
        let last = self.sealer.and_then(|sealer| {
            sealer.finish(self.epoch_ms.saturating_add(now::boot_ms())).ok().map(|(last, _)| last)
        });
        if let Some(last) = last {
            outbox.show(chunk(self.stream, &last));
        }
        outbox.show(ToMedia::LookOver(self.stream));
    }

    fn send(&self, sealed: &Sealed, outbox: &Outbox) -> Result<(), NotShown> {
        send(outbox, chunk(self.stream, sealed))
    }
}

fn send(outbox: &Outbox, message: ToMedia) -> Result<(), NotShown> {
    if outbox.show(message) { Ok(()) } else { Err(NotShown::TooSlow) }
}

fn chunk(look: RecordingId, sealed: &Sealed) -> ToMedia {
    let Sealed { sequence, joinable, ref bytes, .. } = *sealed;
    ToMedia::LookChunk { look, sequence, joinable, chunk: Blob(bytes.clone()) }
}
