//! Checking a recording without its keys: nothing changed, nothing missing, nothing in another order.
//!
//! What the chain cannot show by itself is a change to the very last chunk of a part: its hash stands only in the
//! manifest. So [`verify_recording`] is the answer to "is this the whole truth?", and [`verify_part`] a step of it.

use crate::chunk::{Chunk, Kind, LENGTH_BYTES, Records};
use crate::header::{PartHeader, PartId};
use crate::manifest::{Manifest, PartEntry};
use alloc::vec::Vec;
use core::fmt;
use protocol::canonical::Malformed;
use protocol::envelope::Untrusted;
use protocol::{Claimed, Credential, Hash, Message, PublicKey, Signed, Verifier};

/// Why a recording is not what its recorder left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Header or manifest is no valid message.
    Message(Malformed),
    /// Header or manifest is not signed by a recorder of the home.
    Untrusted(Untrusted),
    /// The header names another recorder than the one that signed it.
    OtherRecorder,
    /// The part file ends within a record.
    Torn,
    /// The bytes are no chunk.
    Shape,
    /// A chunk is missing, repeated or out of order.
    Order,
    /// A chunk names another predecessor than the one before it.
    Link,
    /// Chunk 0 is not the decoder configuration, or a later one is.
    Init,
    /// Capture time goes back.
    Time,
    /// Something follows the final chunk.
    AfterFinal,
    /// The part is said to be closed and has no final chunk, or the other way round.
    NotClosed,
    /// More or fewer chunks than the manifest says.
    Count,
    /// The last chunk is another one than the manifest says.
    Head,
    /// Times or number of gaps differ from the manifest.
    Entry,
    /// A part is missing or too many, or is another one than the manifest says.
    Parts,
    /// Header and manifest speak of different recordings or visits, or the parts do not follow each other.
    OtherRecording,
    /// The key is not the one that the header promises.
    OtherKey,
    /// The chunk was not sealed with the part's key in this place.
    Seal,
    /// The opened chunk does not hold what its kind says.
    Content,
}

impl Broken {
    /// Stable name for vectors, logs and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Message(why) => why.code(),
            Self::Untrusted(why) => why.code(),
            Self::OtherRecorder => "other_recorder",
            Self::Torn => "torn",
            Self::Shape => "chunk_shape",
            Self::Order => "chunk_order",
            Self::Link => "chunk_link",
            Self::Init => "chunk_init",
            Self::Time => "chunk_time",
            Self::AfterFinal => "after_final",
            Self::NotClosed => "not_closed",
            Self::Count => "chunk_count",
            Self::Head => "chain_head",
            Self::Entry => "manifest_entry",
            Self::Parts => "parts",
            Self::OtherRecording => "other_recording",
            Self::OtherKey => "other_part_key",
            Self::Seal => "seal",
            Self::Content => "content",
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for Broken {}

/// The rules of a chain, chunk by chunk. The same state serves writer, verifier and live watcher.
#[derive(Debug, Clone)]
pub struct Chain {
    part: PartId,
    header: Hash,
    next: u64,
    head: Hash,
    first_ms: u64,
    last_ms: u64,
    gaps: u32,
    closed: bool,
}

impl Chain {
    /// The empty chain of a part.
    pub fn of(header: &Signed<PartHeader>) -> Self {
        let hash = header.hash();
        Self {
            part: header.message().id(),
            header: hash,
            next: 0,
            head: hash,
            first_ms: 0,
            last_ms: 0,
            gaps: 0,
            closed: false,
        }
    }

    /// Jumps over chunks that a live watcher has not seen, to just before `chunk`. What was skipped is proven
    /// later, by the whole recording.
    pub const fn skip_to(&mut self, chunk: &Chunk<'_>) {
        self.next = chunk.sequence;
        self.head = chunk.prev;
    }

    /// Takes the next chunk; answers its hash.
    pub fn push(&mut self, chunk: &Chunk<'_>) -> Result<Hash, Broken> {
        if self.closed {
            return Err(Broken::AfterFinal);
        }
        if chunk.sequence != self.next {
            return Err(Broken::Order);
        }
        if chunk.prev != self.head {
            return Err(Broken::Link);
        }
        if (chunk.kind == Kind::Init) != (self.next == 0) {
            return Err(Broken::Init);
        }
        if chunk.captured_ms < self.last_ms {
            return Err(Broken::Time);
        }
        if self.next == 0 {
            self.first_ms = chunk.captured_ms;
        }
        self.next = self.next.saturating_add(1);
        self.head = chunk.hash(self.part);
        self.last_ms = chunk.captured_ms;
        self.gaps = self.gaps.saturating_add(u32::from(chunk.kind == Kind::Gap));
        self.closed = chunk.kind == Kind::Final;
        Ok(self.head)
    }

    /// Which part.
    pub const fn part(&self) -> PartId {
        self.part
    }

    /// Number and hash of the newest chunk. Before the first: zero and H(part header).
    pub const fn head(&self) -> (u64, Hash) {
        (self.next.saturating_sub(1), self.head)
    }

    /// True after the final chunk.
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) const fn next(&self) -> (u64, Hash) {
        (self.next, self.head)
    }

    pub(crate) const fn last_ms(&self) -> u64 {
        self.last_ms
    }

    /// What a manifest says of this chain.
    pub const fn entry(&self) -> PartEntry {
        PartEntry {
            header: self.header,
            chunks: self.next,
            head: self.head,
            first_ms: self.first_ms,
            last_ms: self.last_ms,
            gaps: self.gaps,
            closed: self.closed,
        }
    }
}

/// A part that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartSummary {
    /// Its header.
    pub header: Signed<PartHeader>,
    /// What a manifest must say of it.
    pub entry: PartEntry,
    /// Bytes of the chunk file that belong to the part; see [`verify_recording`].
    pub covered_bytes: usize,
}

/// A part as it is kept: the signed header and the file of chunks.
#[derive(Debug, Clone, Copy)]
pub struct PartFile<'b> {
    /// The signed header.
    pub header: &'b [u8],
    /// Length-prefixed chunks.
    pub chunks: &'b [u8],
}

/// Checks a header against the recorders of the home.
pub fn verify_header(
    bytes: &[u8],
    recorders: &[PublicKey],
    verifier: &dyn Verifier,
) -> Result<Signed<PartHeader>, Broken> {
    let header: Signed<PartHeader> = by_recorder(bytes, recorders, verifier)?;
    if header.message().recorder != header.signer() {
        return Err(Broken::OtherRecorder);
    }
    Ok(header)
}

/// Checks one part: header, every chunk and link. Whether it is complete, only the manifest says.
pub fn verify_part(
    part: PartFile<'_>,
    recorders: &[PublicKey],
    verifier: &dyn Verifier,
) -> Result<PartSummary, Broken> {
    let header = verify_header(part.header, recorders, verifier)?;
    let mut chain = Chain::of(&header);
    for chunk in Records::new(part.chunks) {
        chain.push(&chunk?)?;
    }
    Ok(PartSummary { entry: chain.entry(), covered_bytes: part.chunks.len(), header })
}

/// A recording that is what its recorder left: complete, unchanged, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The manifest.
    pub manifest: Signed<Manifest>,
    /// Its parts in order.
    pub parts: Vec<PartSummary>,
}

/// Checks a whole recording without any key. `recorders` are the recorder keys of the home's roster.
///
/// A cloud may hold more of a part that a crash ended than the recorder itself found again: chunks go out before they
/// are synced. What lies behind the count of such a part, and of no other, is not part of the recording and ignored;
/// [`PartSummary::covered_bytes`] says how much counts.
pub fn verify_recording(
    manifest: &[u8],
    parts: &[PartFile<'_>],
    recorders: &[PublicKey],
    verifier: &dyn Verifier,
) -> Result<Verified, Broken> {
    let manifest: Signed<Manifest> = by_recorder(manifest, recorders, verifier)?;
    let said = manifest.message();
    if said.parts.len() != parts.len() {
        return Err(Broken::Parts);
    }
    let mut checked: Vec<PartSummary> = Vec::new();
    for (number, (entry, file)) in (0..).zip(said.parts.iter().zip(parts)) {
        let chunks = if entry.closed { file.chunks } else { first(file.chunks, entry.chunks)? };
        let part = verify_part(PartFile { chunks, ..*file }, recorders, verifier)?;
        let header = part.header.message();
        if part.entry.header != entry.header {
            return Err(Broken::Parts);
        }
        let prev = checked.last().map_or(Hash::ZERO, |before| before.entry.head);
        if header.recording != said.recording
            || header.visit != said.visit
            || header.part != number
            || header.prev != prev
        {
            return Err(Broken::OtherRecording);
        }
        compare(entry, &part.entry)?;
        checked.push(part);
    }
    Ok(Verified { manifest, parts: checked })
}

/// The bytes of the first `count` chunks.
fn first(file: &[u8], count: u64) -> Result<&[u8], Broken> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let mut bytes = 0_usize;
    for chunk in Records::new(file).take(count) {
        bytes = bytes.saturating_add(LENGTH_BYTES).saturating_add(chunk?.bytes.len());
    }
    file.get(..bytes).ok_or(Broken::Torn)
}

fn compare(said: &PartEntry, found: &PartEntry) -> Result<(), Broken> {
    if said.chunks != found.chunks {
        return Err(Broken::Count);
    }
    if said.head != found.head {
        return Err(Broken::Head);
    }
    if said.closed != found.closed {
        return Err(Broken::NotClosed);
    }
    if said == found { Ok(()) } else { Err(Broken::Entry) }
}

/// What of a part survived a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// Bytes of the part file up to the end of the last good chunk. Cut the rest off.
    pub good_bytes: usize,
    /// What a manifest can say of the good prefix. `closed` if the final chunk was written.
    pub entry: PartEntry,
}

/// The good prefix of a part file that a crash may have torn. The only reader that tolerates a damaged end.
pub fn recover(header: &Signed<PartHeader>, file: &[u8]) -> Recovered {
    let mut chain = Chain::of(header);
    let mut good_bytes = 0_usize;
    for chunk in Records::new(file) {
        let Ok(chunk) = chunk else { break };
        if chain.push(&chunk).is_err() {
            break;
        }
        good_bytes = good_bytes.saturating_add(LENGTH_BYTES).saturating_add(chunk.bytes.len());
    }
    Recovered { good_bytes, entry: chain.entry() }
}

fn by_recorder<M: Message>(
    bytes: &[u8],
    recorders: &[PublicKey],
    verifier: &dyn Verifier,
) -> Result<Signed<M>, Broken> {
    let claimed = Claimed::<M>::parse(bytes).map_err(Broken::Message)?;
    let key = recorders.iter().find(|key| key.kid() == claimed.kid());
    let key = key.ok_or(Broken::Untrusted(Untrusted::OtherKey))?;
    claimed.verify(&Credential::device(*key), verifier).map_err(Broken::Untrusted)
}
