//! Reads a zip of a delivery folder, as much of the format as that takes: files stored or deflated, one after the other.
//!
//! Nothing is unpacked to a disk, so no name can lead anywhere. What a file says of its size is a limit on what is read:
//! one that unfolds into more is refused, and so is a zip whose files overlap, which is how small zips become large.

use anyhow::{Context, bail, ensure};
use flate2::read::DeflateDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Files in a zip: papers, log and clip, and two for each of 64 parts, with room for folders.
const FILES_MAX: usize = 160;
/// Bytes of its directory: each file has a name of some 30.
const DIRECTORY_BYTES_MAX: u64 = 64 * 1024;
/// Bytes of the record at its end, without a comment: ours has none, and one would hide what stands before it.
const END_BYTES: usize = 22;
/// Bytes of a file's own header, before its name.
const LOCAL_BYTES: usize = 30;
const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// The lowest bit of the flags: encrypted.
const ENCRYPTED: u16 = 1;

/// A zip that was opened: its directory is read, its files are not.
#[derive(Debug)]
pub(crate) struct Zip {
    file: File,
    entries: BTreeMap<String, Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    method: u16,
    crc: u32,
    packed: u64,
    bytes: u64,
    /// Where its own header begins.
    at: u64,
    /// Where its content does, by what that header says.
    content: u64,
}

impl Zip {
    /// Reads the directory.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let what = || format!("{} is neither a delivery folder nor a zip of one", path.display());
        let mut file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let length = file.metadata()?.len();
        let end_at = length.checked_sub(END_BYTES as u64).with_context(what)?;
        let end = bytes_at(&mut file, end_at, END_BYTES)?;
        ensure!(end.starts_with(END), what());
        let (count, size, at) = (u16_at(&end, 10)?, u32_at(&end, 12)?.into(), u32_at(&end, 16)?.into());
        ensure!(
            usize::from(count) <= FILES_MAX
                && size <= DIRECTORY_BYTES_MAX
                && u64::checked_add(at, size) == Some(end_at),
            "the zip's directory is not one of a delivery folder: more than {FILES_MAX} files, or in another place"
        );
        let directory = bytes_at(&mut file, at, usize::try_from(size)?)?;
        let mut entries = BTreeMap::new();
        let mut rest = directory.as_slice();
        for _ in 0..count {
            let (name, entry, after) = entry(rest)?;
            rest = after;
            // A folder of its own is a name with a slash at its end, and nothing in it.
            if name.ends_with('/') && entry.bytes == 0 {
                continue;
            }
            ensure!(entries.insert(name.clone(), entry).is_none(), "{name} is in the zip twice");
        }
        ensure!(rest.is_empty(), "something follows the last entry of the zip's directory");
        find_contents(&mut file, &mut entries, at)?;
        Ok(Self { file, entries })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// How many bytes a file says to unfold into: with more it is refused.
    pub(crate) fn size(&self, name: &str) -> Option<u64> {
        self.entries.get(name).map(|entry| entry.bytes)
    }

    /// Unpacks one file.
    pub(crate) fn read(&self, name: &str, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
        let entry = self.entries.get(name).with_context(|| format!("{name} is missing"))?;
        ensure!(entry.bytes <= bytes_max, "{name} is larger than {bytes_max} bytes");
        let mut file = &self.file;
        file.seek(SeekFrom::Start(entry.content))?;
        let packed = file.take(entry.packed);
        let mut out = Vec::new();
        // One byte more than promised, to see that there is none.
        let most = entry.bytes.saturating_add(1);
        match entry.method {
            STORED => packed.take(most).read_to_end(&mut out)?,
            DEFLATED => DeflateDecoder::new(packed)
                .take(most)
                .read_to_end(&mut out)
                .with_context(|| format!("{name} is damaged"))?,
            method => bail!("{name} is packed by method {method}; only stored and deflated files are read"),
        };
        let mut crc = flate2::Crc::new();
        crc.update(&out);
        ensure!(out.len() as u64 == entry.bytes && crc.sum() == entry.crc, "{name} is damaged in the zip");
        Ok(out)
    }
}

/// Each file ends before the next begins. How long name and extra are, a file's own header says once more: by that its
/// content is found, so by that it is checked.
fn find_contents(
    file: &mut (impl Read + Seek),
    entries: &mut BTreeMap<String, Entry>,
    directory_at: u64,
) -> anyhow::Result<()> {
    let mut places: Vec<_> = entries.iter_mut().collect();
    places.sort_by_key(|(_, entry)| entry.at);
    let mut end = directory_at;
    for (name, entry) in places.into_iter().rev() {
        let local = bytes_at(file, entry.at, LOCAL_BYTES)?;
        ensure!(local.starts_with(LOCAL), "{name} is not where the zip's directory says");
        let after = u64::from(u16_at(&local, 26)?) + u64::from(u16_at(&local, 28)?);
        entry.content = entry.at + LOCAL_BYTES as u64 + after;
        ensure!(entry.content + entry.packed <= end, "files of the zip overlap: {name} and what follows it");
        end = entry.at;
    }
    Ok(())
}

/// The first entry of a directory, and what follows it.
fn entry(from: &[u8]) -> anyhow::Result<(String, Entry, &[u8])> {
    ensure!(from.starts_with(ENTRY), "the zip's directory is damaged");
    let tail = usize::from(u16_at(from, 30)?) + usize::from(u16_at(from, 32)?);
    let name_end = 46 + usize::from(u16_at(from, 28)?);
    let name = from.get(46..name_end).context("the zip's directory is cut short")?;
    let name = std::str::from_utf8(name).context("a name in the zip is not UTF-8")?.to_owned();
    let rest = from.get(name_end + tail..).context("the zip's directory is cut short")?;
    ensure!(u16_at(from, 8)? & ENCRYPTED == 0, "{name} is encrypted by the zip");
    let entry = Entry {
        method: u16_at(from, 10)?,
        crc: u32_at(from, 16)?,
        packed: u32_at(from, 20)?.into(),
        bytes: u32_at(from, 24)?.into(),
        at: u32_at(from, 42)?.into(),
        content: 0,
    };
    Ok((name, entry, rest))
}

fn bytes_at(file: &mut (impl Read + Seek), at: u64, length: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes).context("the zip is cut short")?;
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> anyhow::Result<u16> {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk()).context("the zip is cut short")?;
    Ok(u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], at: usize) -> anyhow::Result<u32> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk()).context("the zip is cut short")?;
    Ok(u32::from_le_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    /// What a zip says of a file, and what it holds.
    struct Held {
        name: &'static str,
        method: u16,
        packed: Vec<u8>,
        bytes: usize,
        crc: u32,
    }

    fn crc(content: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        crc.sum()
    }

    fn stored(name: &'static str, content: &[u8]) -> Held {
        Held { name, method: STORED, packed: content.into(), bytes: content.len(), crc: crc(content) }
    }

    fn deflated(name: &'static str, content: &[u8]) -> Held {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(content).unwrap();
        let packed = packer.finish().unwrap();
        Held { name, method: DEFLATED, packed, bytes: content.len(), crc: crc(content) }
    }

    fn fields(of: &Held) -> Vec<u8> {
        let mut out = Vec::new();
        for short in [20, 0, of.method, 0, 0] {
            out.extend(short.to_le_bytes());
        }
        let [packed, bytes, name] =
            [of.packed.len(), of.bytes, of.name.len()].map(|n| u32::try_from(n).unwrap());
        for long in [of.crc, packed, bytes, name] {
            out.extend(long.to_le_bytes());
        }
        out
    }

    /// A zip; `at` may lie about where each file begins.
    fn zipped(files: &[Held], at: impl Fn(usize, u32) -> u32) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (number, one) in files.iter().enumerate() {
            let begins = at(number, u32::try_from(out.len()).unwrap());
            directory.extend(
                [ENTRY, &[20, 0], &fields(one), &[0; 10], &begins.to_le_bytes(), one.name.as_bytes()]
                    .concat(),
            );
            out.extend([LOCAL, &fields(one), one.name.as_bytes(), &one.packed].concat());
        }
        let count = u16::try_from(files.len()).unwrap().to_le_bytes();
        let [size, begins] = [directory.len(), out.len()].map(|n| u32::try_from(n).unwrap().to_le_bytes());
        [out, directory, END.into(), vec![0; 4], [count, count].concat(), [size, begins].concat(), vec![0; 2]]
            .concat()
    }

    fn open(bytes: &[u8]) -> anyhow::Result<Zip> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        std::fs::write(&path, bytes).unwrap();
        Zip::open(&path)
    }

    fn why(of: anyhow::Result<impl Sized>) -> String {
        of.err().expect("refused").to_string()
    }

    const MANY: u64 = 1 << 20;

    #[test]
    fn stored_and_deflated_files_are_read_and_folders_are_none() {
        let files = [stored("a", b"one"), deflated("recording/b", &[7; 5_000]), stored("recording/", b"")];
        let zip = open(&zipped(&files, |_, at| at)).unwrap();
        assert_eq!(zip.names().collect::<Vec<_>>(), ["a", "recording/b"]);
        assert_eq!(zip.read("a", MANY).unwrap(), b"one");
        assert_eq!(zip.read("recording/b", MANY).unwrap(), [7; 5_000]);
        assert!(why(zip.read("c", MANY)).contains("c is missing"));
    }

    #[test]
    fn a_file_that_unfolds_into_more_than_it_says_is_refused_before_it_fills_the_memory() {
        let mut bomb = deflated("a", &vec![0; 64 << 20]);
        assert!(bomb.packed.len() < 100_000, "a bomb");
        assert!(
            why(open(&zipped(&[Held { packed: bomb.packed.clone(), ..bomb }], |_, at| at))
                .unwrap()
                .read("a", MANY))
            .contains("larger than")
        );
        bomb = deflated("a", &vec![0; 64 << 20]);
        bomb.bytes = 1_000;
        assert!(why(open(&zipped(&[bomb], |_, at| at)).unwrap().read("a", MANY)).contains("damaged"));
    }

    #[test]
    fn files_that_overlap_or_come_twice_are_refused() {
        let files = || [stored("a", &[1; 100]), stored("b", &[1; 100])];
        assert!(why(open(&zipped(&files(), |_, _| 0))).contains("overlap"));
        assert!(why(open(&zipped(&[stored("a", b"x"), stored("a", b"y")], |_, at| at))).contains("twice"));
        assert!(
            why(open(&zipped(&files(), |_, at| at + 1)).and_then(|zip| zip.read("a", MANY)))
                .contains("not where")
        );
        let many: Vec<_> = (0..=FILES_MAX).map(|_| stored("a", b"")).collect();
        assert!(why(open(&zipped(&many, |_, at| at))).contains("more than"));
    }

    #[test]
    fn a_file_whose_own_header_puts_its_content_into_the_next_is_refused() {
        // What is unfolded there is what both promise: only the place gives it away.
        let mut bytes = zipped(&[stored("a", &[1; 100]), stored("b", &[1; 100])], |_, at| at);
        let next = LOCAL_BYTES + 1 + 100;
        assert!(bytes[next..].starts_with(LOCAL));
        bytes[28..30].copy_from_slice(&u16::try_from(next).unwrap().to_le_bytes());
        assert!(why(open(&bytes)).contains("overlap"));
        // One byte is too much, too: into what the next says of itself, and into the directory.
        for only in [vec![stored("a", b"one"), stored("b", b"two")], vec![stored("a", b"one")]] {
            let mut bytes = zipped(&only, |_, at| at);
            bytes[28] = 1;
            assert!(why(open(&bytes)).contains("overlap"));
        }
    }

    #[test]
    fn files_that_say_to_unfold_into_more_than_is_read_in_all_are_refused_before_they_are() {
        let says = |name, bytes| Held { bytes, ..stored(name, b"") };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let opened = |files: &[Held]| {
            std::fs::write(&path, zipped(files, |_, at| at)).unwrap();
            super::super::Folder::open(&path)
        };
        let half = 1 << 31;
        opened(&[says("a", half), says("b", half), says("clip.mp4", half)]).unwrap();
        assert!(why(opened(&[says("a", half), says("b", half), says("c", 1)])).contains("holds more than"));
    }

    #[test]
    fn a_changed_byte_and_a_cut_end_are_refused() {
        let good = zipped(&[stored("a", b"content")], |_, at| at);
        let place = good.windows(7).position(|w| w == b"content").unwrap();
        let mut changed = good.clone();
        changed[place] ^= 1;
        assert!(why(open(&changed).unwrap().read("a", MANY)).contains("damaged"));
        for length in 0..good.len() {
            assert!(open(&good[..length]).is_err(), "{length}");
        }
        assert!(open(&[&good[..], b"x"].concat()).is_err());
    }
}
