//! A mutation loop without coverage, for machines and targets without an engine.

use anyhow::{Context, bail};
use fuzz::{Target, corpus, seeds, target};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest input, bytes: a message has 4096 at most.
const INPUT_BYTES_MAX: usize = 16_384;

/// xorshift64*: a seed gives the same run everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

pub(crate) fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let named = |name: &str| target(name).with_context(|| format!("no target is called {name}"));
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["seeds", name, folder] => write_seeds(&named(name)?, Path::new(folder)),
        [name, seconds] => look(&named(name)?, seconds.parse()?, 1),
        [name, seconds, seed] => look(&named(name)?, seconds.parse()?, seed.parse()?),
        _ => {
            let all: Vec<_> = fuzz::TARGETS.iter().map(|target| target.name).collect();
            bail!("fuzz TARGET SECONDS [SEED], or fuzz seeds TARGET FOLDER. Targets: {}", all.join(" "))
        }
    }
}

fn write_seeds(target: &Target, folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for (name, bytes) in seeds(target) {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

fn look(target: &Target, seconds: u64, seed: u64) -> anyhow::Result<()> {
    let mut pool: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, bytes)| bytes).collect();
    pool.push(Vec::new());
    let mut dice = Dice(seed.max(1));
    let (mut runs, mut taken) = (0_u64, 0_u64);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        for _ in 0..64 {
            let bytes = mutated(&pool, &mut dice);
            let outcome = std::panic::catch_unwind(|| (target.run)(&bytes));
            runs += 1;
            match outcome {
                Ok(false) => {}
                // What is still understood is a good place to go on from.
                Ok(true) => {
                    taken += 1;
                    if pool.len() < 4_096 && dice.below(16) == 0 {
                        pool.push(bytes);
                    }
                }
                Err(_) => {
                    let folder = corpus(target);
                    std::fs::create_dir_all(&folder)?;
                    let path = folder.join(format!("found-{seed}-{runs}"));
                    std::fs::write(&path, &bytes)?;
                    bail!("{} cannot bear {}: seed {seed}, run {runs}", target.name, path.display());
                }
            }
        }
    }
    println!("{}: {runs} runs in {seconds} s, {taken} taken, seed {seed}: nothing found", target.name);
    Ok(())
}

fn mutated(pool: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    const TELLING: [u8; 12] = [0, 1, 0x17, 0x18, 0x1b, 0x40, 0x5f, 0x7f, 0x80, 0x9f, 0xa0, 0xff];
    let mut bytes = pool[dice.below(pool.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(8) {
            0 | 1 if !bytes.is_empty() => bytes[at] ^= 1 << dice.below(8),
            2 if !bytes.is_empty() => bytes[at] = TELLING[dice.below(TELLING.len())],
            3 if !bytes.is_empty() => {
                bytes.remove(at);
            }
            4 => bytes.insert(at, TELLING[dice.below(TELLING.len())]),
            5 => bytes.truncate(at),
            6 => {
                let other = &pool[dice.below(pool.len())];
                let from = dice.below(other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            _ => bytes.extend((0..=dice.below(6)).map(|_| dice.next().to_le_bytes()[0])),
        }
    }
    bytes.truncate(INPUT_BYTES_MAX);
    bytes
}
