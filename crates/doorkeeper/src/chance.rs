//! Random bytes from one seed that the hub draws at its start: chance is an input, so runs can be replayed.

use protocol::bytes::Hash;

/// SHA-256 in counter mode over a 32-byte seed.
#[derive(Clone)]
pub struct Chance {
    seed: [u8; 32],
    counter: u64,
}

impl Chance {
    /// From 32 bytes of the operating system's randomness.
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0 }
    }

    /// 16 fresh bytes.
    pub fn draw(&mut self) -> [u8; 16] {
        self.counter = self.counter.saturating_add(1);
        let Hash(block) = Hash::of("chance", &[&self.seed, &self.counter.to_be_bytes()]);
        let mut out = [0; 16];
        for (slot, byte) in out.iter_mut().zip(block) {
            *slot = byte;
        }
        out
    }
}

impl core::fmt::Debug for Chance {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Chance({} drawn, seed not shown)", self.counter)
    }
}
