//! What the home knows of the time after each reading.

use super::*;
use proptest::prelude::*;

const T: u64 = 1_795_384_706; // 2026-11-22 21:58:26 UTC
const DAY_S: u64 = 86_400;

fn at_s(seconds: u64) -> Monotonic {
    Monotonic(seconds * 1_000)
}

fn says(source: Source, wall: u64) -> Reading {
    Reading { source, wall: Timestamp(wall), uncertainty_s: 1 }
}

fn agreed_at(t: u64) -> Clock {
    let mut clock = Clock::new(Timestamp(t - 10), AtStart::NeedsAgreement);
    assert_eq!(clock.observe(at_s(0), says(Source::Box, t)), None);
    assert_eq!(clock.observe(at_s(0), says(Source::Network(1), t)), None);
    assert!(clock.trusted());
    clock
}

#[test]
fn without_a_clock_the_end_is_open() {
    let clock = Clock::new(Timestamp(T), AtStart::NeedsAgreement);
    assert_eq!(clock.interval(at_s(9)), Interval { lo: Timestamp(T), hi: Timestamp::MAX });
}

#[test]
fn one_source_alone_is_not_believed_after_a_start() {
    let mut clock = Clock::new(Timestamp(T), AtStart::NeedsAgreement);
    for s in 0..100 {
        clock.observe(at_s(s), says(Source::Box, T + 100 + s));
    }
    assert!(!clock.trusted());
    assert_eq!(clock.floor(at_s(100)), Timestamp(T));
}

#[test]
fn a_trusted_box_begins_alone_but_not_below_the_floor() {
    let mut clock = Clock::new(Timestamp(T), AtStart::TrustsTheBox);
    assert_eq!(clock.observe(at_s(0), says(Source::Box, T + 100)), None);
    assert_eq!(clock.interval(at_s(0)), Interval { lo: Timestamp(T + 97), hi: Timestamp(T + 103) });

    let mut clock = Clock::new(Timestamp(T), AtStart::TrustsTheBox);
    assert!(matches!(clock.observe(at_s(0), says(Source::Box, T - 100)), Some(Finding::Behind { .. })));
    clock.observe(at_s(1), says(Source::Box, T + 100));
    assert!(!clock.trusted(), "a box that was wrong once does not begin alone");
}

#[test]
fn drift_over_a_day_widens_by_200_ppm_on_both_sides() {
    let clock = agreed_at(T);
    let day = clock.interval(at_s(DAY_S));
    let true_time = T + DAY_S;
    assert_eq!(true_time - day.lo.0, 3 + 18, "17.28 s of drift, rounded outwards");
    assert_eq!(day.hi.0 - true_time, 3 + 18, "17.28 s of drift, rounded outwards");
}

#[test]
fn a_clock_set_back_below_the_floor_ends_the_trust() {
    let mut clock = agreed_at(T);
    // The only other voice is older than ten minutes by now.
    let now = at_s(3_600);
    let finding = clock.observe(now, says(Source::Box, T - 5 * DAY_S)).unwrap();
    assert!(matches!(finding, Finding::Behind { source: Source::Box, ignored: false, .. }), "{finding}");
    let interval = clock.interval(now);
    assert_eq!(interval.hi, Timestamp::MAX);
    assert!(interval.lo >= Timestamp(T + 3_590), "the floor keeps what was agreed");
    // And two that agree on a time below the floor change nothing.
    clock.observe(now, says(Source::Network(1), T - 5 * DAY_S));
    assert!(!clock.trusted());
    assert_eq!(clock.floor(now), interval.lo);
}

#[test]
fn a_forward_jump_needs_two_sources() {
    let mut clock = agreed_at(T);
    let now = at_s(3_600);
    let finding = clock.observe(now, says(Source::Box, T + 10 * DAY_S)).unwrap();
    assert!(matches!(finding, Finding::Ahead { ignored: false, .. }), "{finding}");
    assert!(!clock.trusted());
    let floor = clock.floor(now);
    assert!(floor < Timestamp(T + DAY_S), "one voice never moves the floor");
    clock.observe(now, says(Source::Network(1), T + 10 * DAY_S));
    assert!(clock.trusted());
    assert_eq!(clock.floor(now), Timestamp(T + 10 * DAY_S - 3));
}

#[test]
fn a_lying_source_is_outvoted() {
    let mut clock = agreed_at(T);
    for liar in [T - 400 * DAY_S, T + 40 * DAY_S] {
        clock.observe(at_s(60), says(Source::Box, T + 60));
        let finding = clock.observe(at_s(61), says(Source::Network(2), liar)).unwrap();
        assert!(finding.to_string().contains("ignored"), "{finding}");
        assert!(clock.trusted());
    }
    let interval = clock.interval(at_s(61));
    assert!(interval.lo.0 <= T + 61 && T + 61 <= interval.hi.0);
}

#[test]
fn one_source_alone_cannot_walk_the_clock() {
    let mut clock = agreed_at(T);
    for hour in 1..=240 {
        let latest = clock.interval(at_s(hour * 3_600)).hi;
        clock.observe(at_s(hour * 3_600), says(Source::Network(9), latest.0));
    }
    let (truth, interval) = (T + 10 * DAY_S, clock.interval(at_s(10 * DAY_S)));
    assert!(interval.lo.0 <= truth && truth <= interval.hi.0, "{truth} not in {interval:?}");
}

#[test]
fn a_wrong_year_is_named() {
    let mut clock = agreed_at(T);
    let finding = clock.observe(at_s(60), says(Source::Network(2), T - 365 * DAY_S)).unwrap();
    assert!(matches!(finding, Finding::YearOff { .. }));
    let sentence = finding.to_string();
    assert!(sentence.contains("a whole year") && sentence.contains("2025-11-22"), "{sentence}");
}

#[test]
fn a_resident_counts_alone_but_not_below_the_floor() {
    let mut clock = Clock::new(Timestamp(T), AtStart::NeedsAgreement);
    assert!(clock.observe(at_s(0), says(Source::Resident, T - DAY_S)).is_some());
    assert!(!clock.trusted());
    assert_eq!(clock.observe(at_s(0), says(Source::Resident, T + DAY_S)), None);
    assert!(clock.trusted());
}

#[test]
fn a_quorum_may_reset_the_floor() {
    let mut clock = Clock::new(Timestamp(T + 3_650 * DAY_S), AtStart::TrustsTheBox);
    clock.reset_floor(Timestamp(T));
    clock.observe(at_s(0), says(Source::Box, T + 1));
    clock.observe(at_s(0), says(Source::Network(1), T + 1));
    assert_eq!(clock.interval(at_s(0)).hi, Timestamp(T + 4));
}

#[test]
fn a_source_that_hardly_knows_is_not_used() {
    let mut clock = Clock::new(Timestamp(0), AtStart::TrustsTheBox);
    let vague = Reading { uncertainty_s: CLOCK_UNCERTAINTY_S_MAX + 1, ..says(Source::Box, T) };
    assert_eq!(clock.observe(at_s(0), vague), Some(Finding::Vague(Source::Box)));
    assert!(!clock.trusted());
}

#[test]
fn the_boot_clock_moves_forward() {
    let first = now_ms();
    std::thread::sleep(std::time::Duration::from_millis(3));
    assert!((3..2_000).contains(&now_ms().ms_since(first)));
    assert!(read_box().wall > Timestamp(1_700_000_000));
}

proptest! {
    /// One liar among two honest sources, whatever it says and whenever: the truth stays inside, the floor never falls.
    #[test]
    fn one_liar_among_three_never_moves_the_truth_out(
        script in prop::collection::vec((0..4_u8, 1..4_000_u64, prop_oneof![-60..60_i64, -100_000_000..100_000_000_i64]), 1..60)
    ) {
        let mut clock = Clock::new(Timestamp(T - 1), AtStart::NeedsAgreement);
        let (mut s, mut floor) = (0, Timestamp(0));
        for (who, passed, lie) in script {
            s += passed;
            let truth = T + s;
            match who {
                0 => clock.observe(at_s(s), says(Source::Box, truth)),
                1 => clock.observe(at_s(s), says(Source::Network(1), truth + 1)),
                _ => clock.observe(at_s(s), says(Source::Network(9), truth.saturating_add_signed(lie))),
            };
            let interval = clock.interval(at_s(s));
            prop_assert!(interval.lo.0 <= truth && truth <= interval.hi.0, "{truth} not in {interval:?}");
            prop_assert!(interval.lo >= floor);
            floor = interval.lo;
        }
    }
}
