//! A disk that keeps its promises about synced bytes, and none about the others: for the journal's own tests and for
//! the simulator. No hub runs on it.

use super::Storage;
use std::io;

/// Bytes that reach the platter together. Small, so that most frames are torn somewhere.
const SECTOR_BYTES: usize = 8;

/// Bytes on a platter, and bytes that are only on their way there.
#[derive(Debug, Clone)]
pub struct LossyDisk {
    platter: Vec<u8>,
    cache: Vec<u8>,
    /// Operations until the power fails; the one that reaches zero fails, and all after it.
    pub steps_left: u32,
    /// Operations that a sync must still wait for before it fails without a power cut, if ever.
    pub bad_sync_in: Option<u32>,
    random: u64,
}

impl LossyDisk {
    /// Empty. The seed says what becomes of what was not synced.
    pub fn new(seed: u64) -> Self {
        let random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self { platter: vec![], cache: vec![], steps_left: u32::MAX, bad_sync_in: None, random }
    }

    fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn random_below(&mut self, end: usize) -> usize {
        usize::try_from(self.next_random() % end as u64).unwrap_or(0)
    }

    fn step(&mut self) -> io::Result<()> {
        self.steps_left = self.steps_left.saturating_sub(1);
        if self.steps_left == 0 { Err(io::Error::other("power cut")) } else { Ok(()) }
    }

    /// The power comes back: each sector that was not synced is new, zero, noise, or was never reached.
    #[must_use]
    pub fn after_power_cut(mut self) -> Self {
        let shortest = self.cache.len().min(self.platter.len());
        let same = self.cache.iter().zip(&self.platter).take_while(|(a, b)| a == b).count();
        let mut disk = self.platter.clone();
        if self.cache.len() < self.platter.len() && self.next_random().is_multiple_of(2) {
            disk.truncate(self.cache.len());
        }
        if self.cache.len() > same && disk.len() <= self.cache.len() {
            let grown = self.random_below(self.cache.len() - shortest + 1);
            disk.resize(disk.len().max(shortest + grown), 0);
            let mut at = same;
            while at < disk.len() {
                let to = (at / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES).min(disk.len());
                match self.next_random() % 4 {
                    0 | 1 => disk[at..to].copy_from_slice(&self.cache[at..to]),
                    2 => disk[at..to].fill(0),
                    // A real sector has 512 bytes: the file header is there or not, never mixed.
                    _ if at < 16 => {}
                    _ => {
                        disk[at..to].iter_mut().for_each(|byte| *byte ^= self.next_random().to_le_bytes()[0]);
                    }
                }
                at = to;
            }
        }
        let random = self.next_random();
        Self { cache: disk.clone(), platter: disk, steps_left: u32::MAX, bad_sync_in: None, random }
    }

    /// The process dies, the computer does not.
    #[must_use]
    pub fn after_kill(self) -> Self {
        Self { steps_left: u32::MAX, bad_sync_in: None, ..self }
    }

    /// What is safe from a power cut.
    pub fn platter(&self) -> &[u8] {
        &self.platter
    }

    /// True once the power has failed: whatever is asked of it fails.
    pub fn is_dead(&self) -> bool {
        self.steps_left == 0
    }

    /// Changes what was safe: bit rot, or somebody's editor.
    pub fn damage(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        change(&mut self.platter);
        self.cache.clone_from(&self.platter);
    }
}

impl Storage for &mut LossyDisk {
    fn name(&self) -> String {
        "lossy disk".to_owned()
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.cache.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let cut = self.step();
        let part = if cut.is_ok() { bytes.len() } else { self.random_below(bytes.len() + 1) };
        self.cache.extend_from_slice(&bytes[..part]);
        cut
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.step()?;
        self.cache.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.step()?;
        match self.bad_sync_in.as_mut() {
            // As Linux does it: the pages are lost and marked clean.
            Some(0) => {
                self.bad_sync_in = None;
                return Err(io::Error::other("medium error"));
            }
            Some(left) => *left -= 1,
            None => {}
        }
        self.platter.clone_from(&self.cache);
        Ok(())
    }
}
