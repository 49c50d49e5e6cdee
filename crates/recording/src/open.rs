//! Reading a part with its key.

use crate::chunk::{self, Chunk, Content, Records};
use crate::header::{PartHeader, PartId};
use crate::key::PartKey;
use crate::verify::{Broken, Chain};
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Payload};
use alloc::vec::Vec;
use core::fmt;
use protocol::Signed;

/// A chunk that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its number in the part.
    pub sequence: u64,
    /// When it was captured, milliseconds since 1970 on the home's clock.
    pub captured_ms: u64,
    /// What it says.
    pub content: Content,
}

/// Opens the chunks of one part, in any order: order is the business of [`Chain`].
pub struct PartOpener {
    cipher: Aes256Gcm,
    part: PartId,
}

impl PartOpener {
    /// With the key that the header promises; no other is taken.
    pub fn new(header: &PartHeader, key: &PartKey) -> Result<Self, Broken> {
        if key.check() != header.key_check {
            return Err(Broken::OtherKey);
        }
        Ok(Self { cipher: key.cipher(), part: header.id() })
    }

    /// Opens one chunk. Proves that a holder of the key made it for this place in this part.
    pub fn open(&self, chunk: &Chunk<'_>) -> Result<Opened, Broken> {
        let payload = Payload { msg: chunk.sealed, aad: &chunk::aad(self.part, &chunk.header()) };
        let plain =
            self.cipher.decrypt(&chunk::nonce(chunk.sequence).into(), payload).map_err(|_| Broken::Seal)?;
        let content = Content::read(chunk.kind, plain).ok_or(Broken::Content)?;
        Ok(Opened { sequence: chunk.sequence, captured_ms: chunk.captured_ms, content })
    }

    /// Opens a whole part file and checks its chain on the way. The caller compares the count and head with
    /// the manifest, as [`crate::verify_recording`] does.
    pub fn open_part(&self, header: &Signed<PartHeader>, file: &[u8]) -> Result<Vec<Opened>, Broken> {
        let mut chain = Chain::of(header);
        Records::new(file)
            .map(|chunk| {
                let chunk = chunk?;
                chain.push(&chunk)?;
                self.open(&chunk)
            })
            .collect()
    }
}

impl fmt::Debug for PartOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartOpener({:?}, key not shown)", self.part)
    }
}
