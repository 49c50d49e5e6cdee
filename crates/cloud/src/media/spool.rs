//! One open part on disk: a file of chunks and a file that says where each lies. A chunk counts once its index row is
//! synced; whatever lies beyond after a crash is cut off.

use crate::store::StoreError;
use bytes::Bytes;
use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

/// Where one chunk lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) offset: u64,
    pub(crate) length: u32,
    /// A watcher can join here.
    pub(crate) joinable: bool,
}

/// Bytes of an index row: offset (8), length (4), flags (4), big-endian.
const ROW_BYTES: usize = 16;
const FLAG_JOINABLE: u32 = 1;

/// A part that still grows.
#[derive(Debug)]
pub(crate) struct Spool {
    data: File,
    data_path: PathBuf,
    index: File,
    entries: Vec<Entry>,
}

impl Spool {
    /// Opens or creates; keeps exactly the chunks whose index rows are whole and whose bytes are there.
    pub(crate) async fn open(folder: &Path, part: u32) -> Result<Self, StoreError> {
        tokio::fs::create_dir_all(folder).await?;
        let data_path = folder.join(format!("{part:04}.chunks"));
        let data = open_for_append(&data_path).await?;
        let mut index = open_for_append(&folder.join(format!("{part:04}.index"))).await?;
        let mut rows = Vec::new();
        index.read_to_end(&mut rows).await?;
        let length = data.metadata().await?.len();
        let mut entries = decode_index(&rows);
        let mut end = 0;
        let whole = entries.iter().take_while(|entry| {
            let is_next = entry.offset == end;
            end = entry.offset.saturating_add(entry.length.into());
            is_next && end <= length
        });
        let whole = whole.count();
        entries.truncate(whole);
        let mut spool = Self { data, data_path, index, entries };
        spool.cut().await?;
        Ok(spool)
    }

    /// Number of the first chunk that is not stored yet.
    pub(crate) fn next(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.offset.saturating_add(entry.length.into()))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn data_path(&self) -> &Path {
        &self.data_path
    }

    /// Writes chunks and syncs them, first the bytes, then the rows. After an error nothing of them counts.
    pub(crate) async fn append(&mut self, chunks: &[(Vec<u8>, bool)]) -> Result<(), StoreError> {
        let mut end = self.bytes();
        let mut added = Vec::with_capacity(chunks.len());
        for (chunk, joinable) in chunks {
            let length = u32::try_from(chunk.len()).map_err(|_| StoreError::Corrupt("chunk length"))?;
            added.push(Entry { offset: end, length, joinable: *joinable });
            end = end.saturating_add(length.into());
        }
        if let Err(error) = self.write(chunks, &added).await {
            // Back to what counted before, so that the next try does not append behind half a chunk.
            let _still_broken = self.cut().await;
            return Err(error.into());
        }
        self.entries.extend(added);
        Ok(())
    }

    async fn write(&mut self, chunks: &[(Vec<u8>, bool)], added: &[Entry]) -> std::io::Result<()> {
        for (chunk, _) in chunks {
            self.data.write_all(chunk).await?;
        }
        self.data.flush().await?;
        self.data.sync_data().await?;
        self.index.write_all(&encode_index(added)).await?;
        self.index.flush().await?;
        self.index.sync_data().await
    }

    async fn cut(&mut self) -> std::io::Result<()> {
        self.data.set_len(self.bytes()).await?;
        self.data.seek(SeekFrom::End(0)).await?;
        self.index.set_len((self.entries.len() * ROW_BYTES) as u64).await?;
        self.index.seek(SeekFrom::End(0)).await?;
        Ok(())
    }
}

async fn open_for_append(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).await
}

pub(super) async fn read_range(path: &Path, from: u64, until: u64) -> Result<Bytes, StoreError> {
    let mut file = File::open(path).await?;
    file.seek(SeekFrom::Start(from)).await?;
    let mut out = Vec::new();
    file.take(until.saturating_sub(from)).read_to_end(&mut out).await?;
    Ok(out.into())
}

pub(super) fn encode_index(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * ROW_BYTES);
    for entry in entries {
        out.extend_from_slice(&entry.offset.to_be_bytes());
        out.extend_from_slice(&entry.length.to_be_bytes());
        out.extend_from_slice(&if entry.joinable { FLAG_JOINABLE } else { 0 }.to_be_bytes());
    }
    out
}

pub(super) fn decode_index(bytes: &[u8]) -> Vec<Entry> {
    bytes
        .chunks_exact(ROW_BYTES)
        .filter_map(|row| {
            let (offset, rest) = row.split_first_chunk::<8>()?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (flags, _) = rest.split_first_chunk::<4>()?;
            Some(Entry {
                offset: u64::from_be_bytes(*offset),
                length: u32::from_be_bytes(*length),
                joinable: u32::from_be_bytes(*flags) & FLAG_JOINABLE != 0,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_torn_write_is_cut_off_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(folder.path(), 0).await.unwrap();
        spool.append(&[(vec![1; 10], true), (vec![2; 20], false)]).await.unwrap();
        drop(spool);
        for (name, torn) in [("0000.chunks", vec![9; 7]), ("0000.index", vec![0; 5])] {
            let path = folder.path().join(name);
            let mut bytes = std::fs::read(&path).unwrap();
            bytes.extend(torn);
            std::fs::write(&path, bytes).unwrap();
        }
        let mut spool = Spool::open(folder.path(), 0).await.unwrap();
        assert_eq!((spool.next(), spool.bytes()), (2, 30));
        spool.append(&[(vec![3; 5], false)]).await.unwrap();
        let bytes = read_range(spool.data_path(), 0, spool.bytes()).await.unwrap();
        assert_eq!(bytes, [vec![1; 10], vec![2; 20], vec![3; 5]].concat());
        assert_eq!(spool.entries()[2], Entry { offset: 30, length: 5, joinable: false });
    }
}
