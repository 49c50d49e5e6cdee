//! The spool: recordings on disk until the cloud holds them.
//!
//! ```text
//! <spool>/lock                           held (flock) by the one recorder that writes here
//! <spool>/takeover                       written by a newcomer that wants the lock
//! <spool>/<recording hex>/part-N.header  signed part header
//! <spool>/<recording hex>/part-N.chunks  length-prefixed chunks
//! <spool>/<recording hex>/manifest       signed manifest; a recording without one is unfinished
//! ```
//!
//! No key is ever written: after a crash a part can be closed, but not continued or read.

use super::RecorderError;
use protocol::bytes::{RecordingId, VisitId};
use protocol::key::Software;
use protocol::{Claimed, Credential, Hash, PublicKey, Signed};
use recording::chunk::LENGTH_BYTES;
use recording::verify::{Chain, verify_header};
use recording::{Chunk, Manifest, PartEntry, PartHeader, PartId};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a newcomer waits for the recorder before it to let go.
const TAKEOVER: Duration = Duration::from_secs(10);

/// How long it waits for its own camera before it asks.
const PICTURES: Duration = Duration::from_secs(4);
/// How long a manifest stays after the cloud holds the recording.
const KEPT: Duration = Duration::from_hours(24);

/// Where things lie.
#[derive(Debug, Clone)]
pub(crate) struct Spool(PathBuf);

impl Spool {
    pub(crate) fn new(folder: &Path) -> Self {
        Self(folder.into())
    }

    pub(crate) fn folder(&self, recording: RecordingId) -> PathBuf {
        self.0.join(recording.to_string())
    }

    pub(crate) fn header(&self, part: PartId) -> PathBuf {
        self.folder(part.recording).join(format!("part-{}.header", part.number))
    }

    pub(crate) fn chunks(&self, part: PartId) -> PathBuf {
        self.folder(part.recording).join(format!("part-{}.chunks", part.number))
    }

    pub(crate) fn manifest(&self, recording: RecordingId) -> PathBuf {
        self.folder(recording).join("manifest")
    }

    /// The manifest of a recording that was closed, as long as it lies here.
    pub(crate) fn closed_manifest(
        &self,
        recording: RecordingId,
        recorder: PublicKey,
    ) -> Option<Signed<Manifest>> {
        own_manifest(&fs::read(self.manifest(recording)).ok()?, recorder).ok()
    }

    /// Removes what the cloud holds. The manifest stays a while for a hub that asks again.
    pub(crate) fn trim(&self, recording: RecordingId) -> io::Result<()> {
        for entry in fs::read_dir(self.folder(recording))? {
            let path = entry?.path();
            if path != self.manifest(recording) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// True if only the manifest is left, and long enough ago.
    fn is_outdated(&self, recording: RecordingId) -> bool {
        let part = PartId { recording, number: 0 };
        let age = fs::metadata(self.manifest(recording)).and_then(|m| m.modified()).map(|at| at.elapsed());
        !self.header(part).exists() && age.is_ok_and(|age| age.is_ok_and(|age| age > KEPT))
    }

    fn takeover(&self) -> PathBuf {
        self.0.join("takeover")
    }

    /// Becomes the one recorder that writes here. One that was left over by a dead hub is asked to let go, as soon as
    /// this one has pictures itself.
    pub(crate) async fn lock(&self, has_pictures: impl Fn() -> bool) -> Result<Lock, RecorderError> {
        let failed = |source| RecorderError::Spool { path: self.0.clone(), source };
        fs::create_dir_all(&self.0).map_err(failed)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.0.join("lock"));
        let file = file.map_err(failed)?;
        let began = tokio::time::Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
                Err(fs::TryLockError::WouldBlock) if began.elapsed() > TAKEOVER => {
                    let _left_over = fs::remove_file(self.takeover());
                    return Err(RecorderError::SpoolInUse(self.0.clone()));
                }
                Err(fs::TryLockError::WouldBlock) => {
                    if has_pictures() || began.elapsed() > PICTURES {
                        fs::write(self.takeover(), b"").map_err(failed)?;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        let _absent = fs::remove_file(self.takeover());
        Ok(Lock(file))
    }

    /// True if a newcomer wants to write here.
    pub(crate) fn is_wanted(&self) -> bool {
        self.takeover().exists()
    }

    /// Everything that lies here, torn ends cut off. What cannot be read is left alone and named.
    pub(crate) fn recover(&self, recorder: PublicKey) -> io::Result<(Vec<Found>, Vec<String>)> {
        let (mut found, mut unreadable) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.0)? {
            let name = entry?.file_name();
            let Some(recording) = name.to_str().and_then(RecordingId::from_hex) else { continue };
            match self.recover_one(recording, recorder) {
                Ok(Some(one)) => found.push(one),
                Ok(None) => drop(fs::remove_dir_all(self.folder(recording))),
                Err(error) => unreadable.push(format!("The recording {recording} cannot be read: {error}.")),
            }
        }
        found.sort_by_key(|one| one.parts.first().map(|part| part.entry.first_ms));
        Ok((found, unreadable))
    }

    fn recover_one(&self, recording: RecordingId, recorder: PublicKey) -> io::Result<Option<Found>> {
        let manifest = match read_if_there(&self.manifest(recording))? {
            Some(bytes) => Some(own_manifest(&bytes, recorder).map_err(io::Error::other)?),
            None => None,
        };
        if manifest.is_some() && self.is_outdated(recording) {
            return Ok(None);
        }
        let mut parts: Vec<FoundPart> = Vec::new();
        for number in 0_u32.. {
            let id = PartId { recording, number };
            let Some(header) = read_if_there(&self.header(id))? else { break };
            let header = verify_header(&header, &[recorder], &Software).map_err(io::Error::other)?;
            // What a manifest says was synced before the manifest was.
            let said = manifest.as_ref().and_then(|m| m.message().parts.get(parts.len()).copied());
            let entry = match said {
                Some(entry) => entry,
                None => self.cut(id, &header)?,
            };
            if entry.chunks == 0 {
                // begun and nothing written: as if it had not been
                fs::remove_file(self.header(id))?;
                break;
            }
            parts.push(FoundPart { header, entry });
        }
        let visit = manifest.as_ref().map(|m| m.message().visit);
        let visit = visit.or_else(|| parts.first().map(|part| part.header.message().visit));
        Ok(visit.map(|visit| Found { recording, visit, parts, manifest }))
    }

    /// Cuts a part behind its last good chunk. Reads chunk by chunk: a part may be larger than memory.
    fn cut(&self, part: PartId, header: &Signed<PartHeader>) -> io::Result<PartEntry> {
        let mut chain = Chain::of(header);
        let mut good_bytes = 0_u64;
        let mut reader = match Reader::open(self, part) {
            Ok(reader) => reader,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(chain.entry()),
            Err(error) => return Err(error),
        };
        while let Ok(bytes) = reader.read(reader.next_sequence()) {
            if Chunk::parse(&bytes).and_then(|chunk| chain.push(&chunk)).is_err() {
                break;
            }
            good_bytes += (LENGTH_BYTES + bytes.len()) as u64;
        }
        let file = OpenOptions::new().write(true).open(self.chunks(part))?;
        if file.metadata()?.len() > good_bytes {
            file.set_len(good_bytes)?;
            file.sync_all()?;
        }
        Ok(chain.entry())
    }
}

/// Held as long as the recorder may write.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock goes with the file")] File);

/// A recording on disk.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) recording: RecordingId,
    pub(crate) visit: VisitId,
    pub(crate) parts: Vec<FoundPart>,
    pub(crate) manifest: Option<Signed<Manifest>>,
}

/// A part on disk.
#[derive(Debug)]
pub(crate) struct FoundPart {
    pub(crate) header: Signed<PartHeader>,
    pub(crate) entry: PartEntry,
}

impl Found {
    /// True if the cloud holds everything and only the manifest is left.
    pub(crate) fn is_trimmed(&self) -> bool {
        self.manifest.as_ref().is_some_and(|m| m.message().parts.len() != self.parts.len())
    }

    /// Hash of the last chunk; zero without parts.
    pub(crate) fn head(&self) -> Hash {
        self.parts.last().map_or(Hash::ZERO, |part| part.entry.head)
    }
}

fn own_manifest(bytes: &[u8], recorder: PublicKey) -> Result<Signed<Manifest>, String> {
    let claimed = Claimed::<Manifest>::parse(bytes).map_err(|why| why.to_string())?;
    claimed.verify(&Credential::device(recorder), &Software).map_err(|why| why.to_string())
}

fn read_if_there(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a whole file so that it is there completely or not at all, also after a power cut.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(folder)?.sync_all()
}

/// Chunks of a part from disk, one after the other, from any number on.
#[derive(Debug)]
pub(crate) struct Reader {
    file: io::BufReader<File>,
    next: u64,
}

impl Reader {
    pub(crate) fn open(spool: &Spool, part: PartId) -> io::Result<Self> {
        Ok(Self { file: io::BufReader::new(File::open(spool.chunks(part))?), next: 0 })
    }

    pub(crate) const fn next_sequence(&self) -> u64 {
        self.next
    }

    /// The chunk with this number, which must not lie before the last one read.
    pub(crate) fn read(&mut self, sequence: u64) -> io::Result<Vec<u8>> {
        use std::io::Read as _;
        loop {
            let mut length = [0; 4];
            self.file.read_exact(&mut length)?;
            let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
            if length > recording::limits::CHUNK_BYTES_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut record = vec![0; length];
            self.file.read_exact(&mut record)?;
            let number = self.next;
            self.next += 1;
            if number == sequence {
                return Ok(record);
            }
        }
    }
}

/// True if a live watcher can join at this chunk.
pub(crate) fn is_joinable(chunk: &[u8]) -> bool {
    recording::Chunk::parse(chunk).is_ok_and(|chunk| chunk.kind == recording::Kind::Keyframe)
}
