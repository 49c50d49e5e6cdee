//! What a range of seeds has met: stage by fault, and how many faults a visit had.

use crate::fault::{Fault, Stage};
use crate::invariants::Broken;
use crate::keys::Keys;
use crate::world::{Outcome, play};
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// What came of many visits.
#[derive(Debug, Default)]
pub struct Tally {
    /// Visits.
    pub visits: u64,
    /// Visits with a fault.
    pub faulty: u64,
    /// Visits in which the home opened the door.
    pub opened: u64,
    /// Steps of the world in all.
    pub steps: u64,
    /// How many visits had so many faults; the last counts all with more.
    counts: [u64; 16],
    met: Vec<u64>,
    reached: Vec<u64>,
    /// Seeds whose visit broke a promise.
    pub broken: Vec<(u64, Broken)>,
}

impl Tally {
    /// Plays a range of seeds on so many threads.
    pub fn of(seeds: Range<u64>, keys: Keys, threads: usize) -> Self {
        let next = AtomicU64::new(seeds.start);
        let all = Mutex::new(Self::default());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let mut own = Self::default();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds.end {
                            break;
                        }
                        own.add(seed, play(seed, keys));
                    }
                    all.lock().unwrap_or_else(PoisonError::into_inner).join(own);
                });
            }
        });
        let mut all = all.into_inner().unwrap_or_else(PoisonError::into_inner);
        all.broken.sort_by_key(|(seed, _)| *seed);
        all
    }

    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.met.resize(Stage::ALL.len() * Fault::ALL.len(), 0);
        self.reached.resize(Stage::ALL.len(), 0);
        self.visits += 1;
        self.faulty += u64::from(!outcome.struck.is_empty());
        self.opened += u64::from(outcome.opened);
        self.steps += outcome.steps;
        self.counts[outcome.struck.len().min(self.counts.len() - 1)] += 1;
        self.reached[outcome.reached as usize] += 1;
        for (stage, fault) in outcome.struck {
            self.met[cell(stage, fault)] += 1;
        }
        if let Some(broken) = outcome.broken {
            self.broken.push((seed, broken));
        }
    }

    fn join(&mut self, other: Self) {
        self.met.resize(Stage::ALL.len() * Fault::ALL.len(), 0);
        self.reached.resize(Stage::ALL.len(), 0);
        self.visits += other.visits;
        self.faulty += other.faulty;
        self.opened += other.opened;
        self.steps += other.steps;
        self.counts.iter_mut().zip(other.counts).for_each(|(to, from)| *to += from);
        self.met.iter_mut().zip(other.met).for_each(|(to, from)| *to += from);
        self.reached.iter_mut().zip(other.reached).for_each(|(to, from)| *to += from);
        self.broken.extend(other.broken);
    }

    /// How many faults half of the visits had at least.
    pub fn median(&self) -> usize {
        let mut seen = 0;
        for (faults, visits) in self.counts.iter().enumerate() {
            seen += visits;
            if seen * 2 >= self.visits {
                return faults;
            }
        }
        0
    }

    /// How often a fault struck in a stage.
    pub fn met(&self, stage: Stage, fault: Fault) -> u64 {
        self.met.get(cell(stage, fault)).copied().unwrap_or(0)
    }

    /// Cells that were never met.
    pub fn gaps(&self) -> Vec<(Stage, Fault)> {
        let cells = Stage::ALL.iter().flat_map(|stage| Fault::ALL.iter().map(move |fault| (*stage, *fault)));
        cells.filter(|(stage, fault)| self.met(*stage, *fault) == 0).collect()
    }

    /// The matrix.
    pub fn table(&self) -> String {
        let mut out = format!("{:<17}", "");
        for stage in Stage::ALL {
            let _ = write!(out, "{:>12}", stage.label());
        }
        for fault in Fault::ALL {
            let _ = write!(out, "\n{:<17}", fault.label());
            for stage in Stage::ALL {
                let _ = write!(out, "{:>12}", self.met(*stage, *fault));
            }
        }
        out.push('\n');
        out
    }
}

const fn cell(stage: Stage, fault: Fault) -> usize {
    stage as usize * Fault::ALL.len() + fault as usize
}
