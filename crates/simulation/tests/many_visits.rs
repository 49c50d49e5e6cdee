//! Ten thousand visits with faults, and a thousand in which everybody signs with real keys.

use simulation::Keys;
use simulation::matrix::Tally;
use std::ops::Range;

fn play(seeds: Range<u64>, keys: Keys) -> Tally {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let tally = Tally::of(seeds, keys, threads);
    if let Some((seed, broken)) = tally.broken.first() {
        panic!(
            "{} of {} visits broke a promise, the first with seed {seed}: {broken}\n\
             see it with: cargo run -p simulation -- replay {seed}",
            tally.broken.len(),
            tally.visits
        );
    }
    tally
}

#[test]
fn ten_thousand_visits_keep_every_promise() {
    let tally = play(0..10_000, Keys::Hashed);
    println!("{}", tally.table());
    println!("{} of {} visits with a fault, median {}", tally.faulty, tally.visits, tally.median());
    assert!(tally.faulty * 10 >= tally.visits * 9, "fewer than nine in ten visits had a fault");
    assert!(tally.median() >= 3, "half of the visits had fewer than three faults");
    assert!(tally.opened * 2 >= tally.visits, "the door hardly ever opened: nothing was shown");
    assert_eq!(tally.gaps(), [], "these cells of the matrix are empty");
}

#[test]
fn a_thousand_visits_with_real_keys_keep_every_promise() {
    let tally = play(1_000_000..1_001_000, Keys::Real);
    assert_eq!(tally.visits, 1_000);
}

#[test]
fn a_seed_is_one_visit_whatever_signs() {
    for seed in 0..40 {
        let told = |keys| {
            let lines = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
            let into = lines.clone();
            simulation::tell(seed, keys, move |line| into.borrow_mut().push(line.to_owned()));
            lines.take()
        };
        let first = told(Keys::Hashed);
        assert_eq!(first, told(Keys::Hashed), "seed {seed} was two visits");
        assert_eq!(first, told(Keys::Real), "seed {seed} went otherwise with real keys");
    }
}
