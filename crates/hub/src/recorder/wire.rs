//! What a hub and its recorder say to each other over the recorder's standard input and output.
//!
//! ```text
//! message = length (u32, big-endian) || canonical CBOR
//! ```

use minicbor::{Decode, Encode};
use protocol::bytes::{Blob, RecordingId, VisitId};
use protocol::canonical;
use protocol::door_event::RecordingHead;
use protocol::{Hash, Kid, PublicKey};
use recording::Recipient;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes of one message at most.
pub const MESSAGE_BYTES_MAX: usize = 65_536;

/// Hub to recorder.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum ToRecorder {
    /// Record, beginning with what was seen in the last seconds. The same recording again goes on with it.
    #[n(0)]
    Start {
        /// The recording.
        #[n(0)]
        recording: RecordingId,
        /// The visit that it shows.
        #[n(1)]
        visit: VisitId,
        /// H(grant) under which the visit happens; [`ToRecorder::Prove`] names it again.
        #[n(2)]
        grant: Hash,
        /// Who may watch: residents' devices and the recovery key, from the roster.
        #[n(3)]
        recipients: Vec<Recipient>,
    },
    /// Sign that a picture newer than this message has been recorded.
    #[n(1)]
    Prove {
        /// H(challenge) or H(intent event).
        #[n(0)]
        answers: Hash,
        /// H(grant), as in [`ToRecorder::Start`].
        #[n(1)]
        grant: Hash,
    },
    /// The hub is about to move the bolt: H(intent event) goes into every recording, synced.
    #[n(2)]
    Intent(#[n(0)] Hash),
    /// Film nothing until [`ToRecorder::Start`] names the recording again: for visits of which passages only are filmed.
    #[n(5)]
    Pause(#[n(0)] RecordingId),
    /// End the recording.
    #[n(3)]
    Stop(#[n(0)] RecordingId),
    /// Show what the camera sees, sealed for one device: sent and not kept. Ends by itself.
    #[n(6)]
    Look {
        /// Names the look.
        #[n(0)]
        stream: RecordingId,
        /// The recorder that is meant.
        #[n(1)]
        camera: Kid,
        /// Who looks, and the key that was made for it.
        #[n(2)]
        recipient: Recipient,
        /// For so long, in milliseconds.
        #[n(3)]
        ms: u64,
    },
    /// End the look.
    #[n(7)]
    LookOver(#[n(0)] RecordingId),
    /// Destroy what is left of the recording here.
    #[n(4)]
    Erase(#[n(0)] RecordingId),
}

/// Recorder to hub.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum FromRecorder {
    /// First message.
    #[n(0)]
    Ready {
        /// Signs proofs and recordings; belongs into the roster.
        #[n(0)]
        recorder: PublicKey,
    },
    /// Every 250 ms.
    #[n(1)]
    Status {
        /// Milliseconds since the newest picture was captured; none before the first.
        #[n(0)]
        picture_age_ms: Option<u64>,
        /// Recordings that grow.
        #[n(1)]
        recordings: Vec<Progress>,
        /// What is wrong with the picture just now.
        #[n(2)]
        signals: Vec<Signal>,
    },
    /// A signed [`protocol::recording_proof::RecordingProof`].
    #[n(2)]
    Proof(#[n(0)] Blob),
    /// The intent stands on disk.
    #[n(3)]
    Acknowledged(#[n(0)] Hash),
    /// The recording is complete.
    #[n(4)]
    Closed {
        /// The recording.
        #[n(0)]
        recording: RecordingId,
        /// Its signed [`recording::Manifest`].
        #[n(1)]
        manifest: Blob,
        /// Where each part ended; `frame` counts over all parts.
        #[n(2)]
        heads: Vec<RecordingHead>,
    },
    /// Something is wrong with the picture.
    #[n(5)]
    CameraAlarm(#[n(0)] Signal),
    /// It no longer is.
    #[n(6)]
    CameraBack(#[n(0)] Signal),
    /// The camera should be set up differently. Recording goes on.
    #[n(7)]
    Finding {
        /// Stable name.
        #[n(0)]
        code: String,
        /// What to do.
        #[n(1)]
        sentence: String,
    },
    /// Something could not be done; says what and what follows.
    #[n(8)]
    Failed(#[n(0)] String),
    /// The recording is destroyed here.
    #[n(9)]
    Erased(#[n(0)] RecordingId),
}

/// A recording that grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Progress {
    /// The recording.
    #[n(0)]
    pub recording: RecordingId,
    /// The part that grows.
    #[n(1)]
    pub part: u32,
    /// Number of the newest chunk, counted over all parts.
    #[n(2)]
    pub frame: u64,
    /// Its hash.
    #[n(3)]
    pub head: Hash,
}

/// Something is wrong with the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Signal {
    /// No picture for 2 s.
    #[n(0)]
    NoFrame,
    /// Pictures arrive that are older than they should be, or the camera's clock runs differently.
    #[n(1)]
    ClockMismatch,
    /// Nothing moves in the picture. A mark only: an empty hallway looks the same.
    #[n(2)]
    PictureFrozen,
}

/// Reads one message; `None` at the end of the stream.
pub async fn read<T>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<T>>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let length = match from.read_u32().await {
        Ok(length) => usize::try_from(length).unwrap_or(usize::MAX),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    if length > MESSAGE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a message is longer than 64 KiB"));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).await?;
    canonical::decode(&bytes, MESSAGE_BYTES_MAX)
        .map(Some)
        .map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))
}

/// Writes one message and flushes.
pub async fn write<T: Encode<()>>(to: &mut (impl AsyncWrite + Unpin), message: &T) -> io::Result<()> {
    let bytes = canonical::encode(message);
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend_from_slice(&bytes);
    to.write_all(&frame).await?;
    to.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn messages_survive_the_pipe_and_its_end_is_told() {
        let sent = ToRecorder::Prove { answers: Hash([1; 32]), grant: Hash([2; 32]) };
        let mut pipe = Vec::new();
        write(&mut pipe, &sent).await.unwrap();
        let mut from = pipe.as_slice();
        assert_eq!(read::<ToRecorder>(&mut from).await.unwrap(), Some(sent));
        assert_eq!(read::<ToRecorder>(&mut from).await.unwrap(), None);
        let mut long: &[u8] = &[0xff; 8];
        assert!(read::<ToRecorder>(&mut long).await.is_err());
    }
}
