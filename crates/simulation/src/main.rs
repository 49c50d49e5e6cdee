//! `simulation replay SEED`, `simulation run FROM..TO`.

use simulation::Keys;
use simulation::matrix::Tally;
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "simulation replay SEED [real]      one visit, line by line
simulation run FROM..TO [real]     the visits of these seeds, and what they met
With `real` everybody signs with P-256 keys, as in production; else with keyed hashes, which is quicker.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (words, keys) = match words.as_slice() {
        [words @ .., "real"] => (words, Keys::Real),
        words => (words, Keys::Hashed),
    };
    match words {
        ["replay", seed] => match seed.parse() {
            Ok(seed) => replay(seed, keys),
            Err(_) => usage(&format!("\"{seed}\" is no seed: a seed is a whole number")),
        },
        ["run", range] => match range.split_once("..").map(|(from, to)| (from.parse(), to.parse())) {
            Some((Ok(from), Ok(to))) if from < to => run(from..to, keys),
            _ => usage(&format!("\"{range}\" is no range of seeds, such as 0..10000")),
        },
        _ => usage("say what to do"),
    }
}

fn usage(what: &str) -> ExitCode {
    eprintln!("{what}\n\n{USAGE}");
    ExitCode::from(2)
}

fn replay(seed: u64, keys: Keys) -> ExitCode {
    println!("visit {seed}; seconds count from when the visitor sets out");
    let outcome = simulation::tell(seed, keys, |line| println!("{line}"));
    let faults: Vec<String> = outcome
        .struck
        .iter()
        .map(|(stage, fault)| format!("{} in \"{}\"", fault.label(), stage.label()))
        .collect();
    println!("\n{} faults: {}", faults.len(), faults.join(", "));
    match outcome.broken {
        None => {
            println!("every promise was kept, in {} steps", outcome.steps);
            ExitCode::SUCCESS
        }
        Some(broken) => {
            println!("BROKEN {broken}");
            ExitCode::FAILURE
        }
    }
}

fn run(seeds: std::ops::Range<u64>, keys: Keys) -> ExitCode {
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let tally = Tally::of(seeds.clone(), keys, threads);
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    println!("{}", tally.table());
    let of = |part: u64| format!("{}.{} %", part * 100 / tally.visits, part * 1_000 / tally.visits % 10);
    println!("visits {}..{}, {keys:?} keys, {threads} threads", seeds.start, seeds.end);
    println!("{} s, {} visits a second", ms / 1_000, tally.visits * 1_000 / ms);
    println!("{} with a fault, median {} faults", of(tally.faulty), tally.median());
    println!("{} in which the home opened the door", of(tally.opened));
    for (stage, fault) in tally.gaps() {
        println!("EMPTY {} in \"{}\"", fault.label(), stage.label());
    }
    for (seed, broken) in tally.broken.iter().take(20) {
        println!("BROKEN seed {seed}: {broken}");
    }
    println!("{} broken promises", tally.broken.len());
    if tally.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
