//! The delivery folder: everything that proves one delivery, for anybody, without trusting us.
//!
//! ```text
//! roster.cose        the home's keys           grant.cose         the resident's permission
//! delegation.cose    the provider's keys       assignment.cose    the provider's order
//! challenge.cose     the door's nonce          presentation.cose  the visitor's scan
//! farewell.cose      the visitor's goodbye     door-log.cbor      every event from arrival to the signed end
//! recording/manifest, recording/part-N.header, recording/part-N.chunks   sealed
//! clip.mp4           the recording, opened with a resident's key: for looking at, not part of the proof
//! ```
//!
//! Where no owner in the roster signed it, `roster.cbor` and `roster-kept.cbor` stand in place of `roster.cose`: see
//! [`roster`]. It may come as one zip with exactly these files, as the app makes it.

pub(crate) mod broken;
mod roster;
pub(crate) mod verify;
mod zip;

use anyhow::{Context, bail, ensure};
use hub::ring_verifier::RingVerifier;
use protocol::envelope::Message;
use protocol::uplink::LogEntry;
use protocol::{Claimed, Credential, Signed, canonical};
use std::fs;
use std::path::{Path, PathBuf};
use zip::Zip;

/// Bytes of all files that are read, and they are held in memory together: an hour of a good camera. A zip of the app holds
/// no more, for its addresses have 32 bits.
const READ_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// The signed papers of a delivery beside the roster, by file name.
pub(crate) const PAPERS: [&str; 6] = [
    "grant.cose",
    "delegation.cose",
    "assignment.cose",
    "challenge.cose",
    "presentation.cose",
    "farewell.cose",
];
/// The door log's excerpt.
pub(crate) const DOOR_LOG: &str = "door-log.cbor";
/// The opened clip.
pub(crate) const CLIP: &str = "clip.mp4";
/// Where the sealed recording lies.
const RECORDING: &str = "recording";

/// One sealed part of a recording.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) header: Vec<u8>,
    pub(crate) chunks: Vec<u8>,
}

/// What lies in `recording/`.
#[derive(Debug, Clone)]
pub(crate) struct SealedRecording {
    pub(crate) manifest: Vec<u8>,
    pub(crate) parts: Vec<Part>,
}

/// Writes the door log's excerpt.
pub(crate) fn write_door_log(dir: &Path, entries: &[LogEntry]) -> anyhow::Result<()> {
    let bytes: Vec<u8> = entries.iter().flat_map(canonical::encode).collect();
    write(dir, DOOR_LOG, &bytes)
}

/// Where the files are.
#[derive(Debug)]
pub(crate) enum Folder {
    Dir(PathBuf),
    Zip(Zip),
}

impl Folder {
    /// A folder, or a zip of one.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let folder = if path.is_dir() { Self::Dir(path.into()) } else { Self::Zip(Zip::open(path)?) };
        let read = folder.sizes()?.into_iter().filter(|(name, _)| name != CLIP);
        let bytes = read.fold(0, |sum: u64, (_, size)| sum.saturating_add(size));
        ensure!(bytes <= READ_BYTES_MAX, "{} holds more than {READ_BYTES_MAX} bytes", path.display());
        Ok(folder)
    }

    /// Names of all files, with a slash between folder and file.
    fn names(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.sizes()?.into_iter().map(|(name, _)| name).collect())
    }

    /// The same, each with the bytes that reading it gives.
    fn sizes(&self) -> anyhow::Result<Vec<(String, u64)>> {
        match self {
            Self::Dir(dir) => {
                let mut sizes = listing(dir, "")?;
                if let Some(at) = sizes.iter().position(|(name, _)| name == RECORDING) {
                    sizes.swap_remove(at);
                    sizes.extend(listing(&dir.join(RECORDING), "recording/")?);
                }
                Ok(sizes)
            }
            Self::Zip(zip) => {
                let one = |name: &str| Some((name.to_owned(), zip.size(name)?));
                Ok(zip.names().filter_map(one).collect())
            }
        }
    }

    /// Reads one file. Its size was within the limit, with all others, when the folder was opened.
    fn read(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Dir(dir) => {
                let path = dir.join(name);
                let length =
                    fs::metadata(&path).with_context(|| format!("{} is missing", path.display()))?.len();
                if length > READ_BYTES_MAX {
                    bail!("{} is larger than {READ_BYTES_MAX} bytes", path.display());
                }
                fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
            }
            Self::Zip(zip) => zip.read(name, READ_BYTES_MAX),
        }
    }
}

/// What lies in a folder, each name behind this beginning, and how many bytes it has.
fn listing(dir: &Path, before: &str) -> anyhow::Result<Vec<(String, u64)>> {
    let listing = fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?;
    let one = |file: std::io::Result<fs::DirEntry>| {
        let path = file?.path();
        let size = fs::metadata(&path).with_context(|| format!("{} cannot be read", path.display()))?.len();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.with_context(|| format!("{} does not belong here", path.display()))?;
        Ok((format!("{before}{name}"), size))
    };
    listing.map(one).collect()
}

fn claimed<M: Message>(folder: &Folder, name: &'static str) -> anyhow::Result<Claimed<M>> {
    Claimed::parse(&folder.read(name)?).context(name)
}

fn proven<M: Message>(claimed: Claimed<M>, by: &Credential, name: &'static str) -> anyhow::Result<Signed<M>> {
    claimed.verify(by, &RingVerifier).context(name)
}

/// Reads the door log back; every entry canonical, nothing after the last.
pub(crate) fn read_door_log(folder: &Folder) -> anyhow::Result<Vec<LogEntry>> {
    let bytes = folder.read(DOOR_LOG)?;
    let mut rest = bytes.as_slice();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let mut decoder = minicbor::Decoder::new(rest);
        decoder.skip().with_context(|| format!("{DOOR_LOG}: entry {} is cut short", entries.len()))?;
        let (entry, tail) = rest.split_at(decoder.position());
        let entry: LogEntry = canonical::decode(entry, protocol::limits::UPLINK_BYTES_MAX)
            .with_context(|| format!("{DOOR_LOG}: entry {}", entries.len()))?;
        entries.push(entry);
        rest = tail;
    }
    Ok(entries)
}

/// Writes the sealed recording.
pub(crate) fn write_recording(dir: &Path, recording: &SealedRecording) -> anyhow::Result<()> {
    let folder = dir.join(RECORDING);
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    write(&folder, "manifest", &recording.manifest)?;
    for (number, part) in recording.parts.iter().enumerate() {
        write(&folder, &format!("part-{number}.header"), &part.header)?;
        write(&folder, &format!("part-{number}.chunks"), &part.chunks)?;
    }
    Ok(())
}

/// Reads the recording back; no file more and no file less than the parts.
pub(crate) fn read_recording(folder: &Folder) -> anyhow::Result<SealedRecording> {
    let files = folder.names()?.iter().filter(|name| name.starts_with("recording/")).count();
    let manifest = folder.read("recording/manifest")?;
    if files % 2 == 0 {
        bail!(
            "recording/ does not hold a manifest and pairs of part files: a file is missing or does not belong there"
        );
    }
    let part = |number: usize| {
        let header = folder.read(&format!("recording/part-{number}.header"))?;
        let chunks = folder.read(&format!("recording/part-{number}.chunks"))?;
        anyhow::Ok(Part { header, chunks })
    };
    let parts = (0..files / 2).map(part).collect::<Result<_, _>>()?;
    Ok(SealedRecording { manifest, parts })
}

/// Writes one file.
pub(crate) fn write(dir: &Path, name: &str, content: &[u8]) -> anyhow::Result<()> {
    let path = dir.join(name);
    fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_large_together_only_are_refused_before_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(RECORDING)).unwrap();
        let of = |name: &str, bytes| {
            fs::File::create(folder.path().join(name)).unwrap().set_len(bytes).unwrap();
        };
        // Files with nothing in them: they take no room on a disk.
        of(CLIP, READ_BYTES_MAX);
        of("recording/part-0.chunks", READ_BYTES_MAX / 2);
        of("recording/part-1.chunks", READ_BYTES_MAX / 2);
        Folder::open(folder.path()).unwrap();
        of(DOOR_LOG, 1);
        let why = Folder::open(folder.path()).unwrap_err().to_string();
        assert!(why.contains("holds more than"), "{why}");
    }
}
