//! What a home's recorder and its cloud say to each other about recordings. The cloud sees ciphertext, sizes and times.
//!
//! The recorder connects while there is something to send and hangs up afterwards. The cloud sends
//! [`FromMedia::Nonce`], the recorder answers [`ToMedia::SignIn`], the cloud says [`FromMedia::Welcome`].
//! The spool may be trimmed only up to what [`FromMedia::Stored`] named.

use crate::bytes::{Blob, Nonce, RecordingId, VisitId};
use alloc::string::String;
use minicbor::{Decode, Encode};

/// Recorder to cloud.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum ToMedia {
    /// A signed [`crate::sign_in::SignIn`], role `Recorder`.
    #[n(0)]
    SignIn(#[n(0)] Blob),
    /// A part of a recording begins.
    #[n(1)]
    Part {
        /// The recording.
        #[n(0)]
        recording: RecordingId,
        /// The visit that it shows.
        #[n(1)]
        visit: VisitId,
        /// Number of the part, from 0.
        #[n(2)]
        part: u32,
        /// The signed part header of crate `recording`, with the wrapped keys.
        #[n(3)]
        header: Blob,
    },
    /// One sealed chunk.
    #[n(2)]
    Chunk {
        /// The recording.
        #[n(0)]
        recording: RecordingId,
        /// The part.
        #[n(1)]
        part: u32,
        /// Number of the chunk in its part, from 0.
        #[n(2)]
        sequence: u64,
        /// Whether a watcher can join here.
        #[n(3)]
        joinable: bool,
        /// The chunk as crate `recording` writes it.
        #[n(4)]
        chunk: Blob,
    },
    /// The recording is complete: its signed manifest.
    #[n(3)]
    Manifest {
        /// The recording.
        #[n(0)]
        recording: RecordingId,
        /// The signed manifest of crate `recording`.
        #[n(1)]
        manifest: Blob,
    },
    /// A look begins. The cloud passes it and what follows on to whoever watches, and stores nothing of it.
    #[n(4)]
    Look {
        /// Names the look: [`crate::look::stream`].
        #[n(0)]
        look: RecordingId,
        /// The signed part header, with the key wrapped to the one device.
        #[n(1)]
        header: Blob,
    },
    /// One sealed chunk of a look.
    #[n(5)]
    LookChunk {
        /// The look.
        #[n(0)]
        look: RecordingId,
        /// Number of the chunk, from 0.
        #[n(1)]
        sequence: u64,
        /// Whether a watcher can join here.
        #[n(2)]
        joinable: bool,
        /// The chunk as crate `recording` writes it.
        #[n(3)]
        chunk: Blob,
    },
    /// The look is over.
    #[n(6)]
    LookOver(#[n(0)] RecordingId),
}

/// Cloud to recorder.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum FromMedia {
    /// First message: prove your key over this.
    #[n(0)]
    Nonce {
        /// Fresh random bytes.
        #[n(0)]
        nonce: Nonce,
        /// The cloud's name.
        #[n(1)]
        audience: String,
    },
    /// Signed in.
    #[n(1)]
    Welcome,
    /// Stored durably: every chunk of the part below this number.
    #[n(2)]
    Stored {
        /// The recording.
        #[n(0)]
        recording: RecordingId,
        /// The part.
        #[n(1)]
        part: u32,
        /// First number not stored yet.
        #[n(2)]
        next: u64,
    },
    /// The manifest is stored: nothing of the recording is owed any more.
    #[n(3)]
    Complete(#[n(0)] RecordingId),
    /// Refused; says why. The recorder keeps its spool.
    #[n(4)]
    Refused(#[n(0)] String),
    /// Nobody watches this look: it ends. A cloud can only ever end one.
    #[n(5)]
    Unwatched(#[n(0)] RecordingId),
}
