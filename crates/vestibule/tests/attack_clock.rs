//! A permission is for some hours, so whoever sets the clock chooses the hours: time servers answer without proof, and a
//! box without a battery wakes up in 1970. Here the clock of the home's box is moved under it. Forward, back or gone, nobody
//! gets in by it; what was over stays over; and a door that stands open is locked whatever time it is.
//!
//! Fails without the contradiction in the hub's clock, and without the floor that it reads from the journal at its start.

use crate::adversary::at_the_door::AtTheDoor;
use crate::adversary::story;
use crate::stage::{LABELS, SOON, Stage, WallClock};
use protocol::door_event::Body;
use protocol::uplink::ToVisitor;

const DAY_S: i64 = 86_400;
/// To before 1970, from any day until 2080.
const BEFORE_ALL_S: i64 = -3_500_000_000;

#[test]
fn a_clock_that_jumps_while_the_courier_waits_lets_nobody_in() {
    let mut stage = stage_with_a_clock();
    stage.permit(&LABELS);
    for jump_s in [365 * DAY_S, -2 * DAY_S, BEFORE_ALL_S] {
        stage.arrive();
        let mut courier = AtTheDoor::back(&stage, "courier");
        let refused = |stage: &Stage| {
            let log = stage.door_log();
            log.iter().filter(|one| matches!(&one.body, Body::Refused(why) if why == "clock_unknown")).count()
        };
        let before = refused(&stage);
        set(&stage, jump_s);
        stage.until_status("the clock to be doubted", SOON, |status| status["clock"] == false);
        courier.present(&LABELS);
        assert_eq!(courier.answer(), ToVisitor::NotHereToday, "{jump_s} s: {}", story(&stage.door_log()));
        stage.until("the refusal", SOON, || {
            if refused(&stage) > before { Ok(()) } else { Err(story(&stage.door_log())) }
        });

        // Put right, it is one voice still, which has lied.
        set(&stage, 0);
        assert_refused(&stage, false);
        assert_eq!(stage.openings(), 0, "{jump_s} s: {}", story(&stage.door_log()));
        assert_eq!(stage.truth()["bolt"], "locked");
        // Whoever starts the box again, with a clock that is right, has the home back.
        restart(&mut stage);
        stage.until_status("the time", SOON, |status| status["clock"] == true && status["uplink"] == true);
    }
    stage.visit(&LABELS);
    assert_eq!(stage.openings(), 1);
}

#[test]
fn what_is_over_stays_over_when_the_clock_is_set_back() {
    let mut stage = stage_with_a_clock();
    stage.permit(&LABELS);
    // The window passes.
    stage.kill_hub();
    stage.kill_recorders();
    set(&stage, 3 * DAY_S);
    stage.start_hub();
    assert_refused(&stage, true);

    // Back into the window, while the hub runs and over a start.
    set(&stage, 0);
    stage.until_status("the clock to be doubted", SOON, |status| status["clock"] == false);
    assert_refused(&stage, false);
    for back_s in [0, BEFORE_ALL_S] {
        set(&stage, back_s);
        restart(&mut stage);
        stage.until_status("the hub", SOON, |status| status["uplink"] == true && status["secured"] == true);
        assert_refused(&stage, false);
    }
    assert_eq!(stage.openings(), 0, "{}", story(&stage.door_log()));
    assert_eq!(stage.truth()["bolt"], "locked");
}

#[test]
fn an_open_door_is_locked_whatever_time_it_is() {
    let mut stage = stage_with_a_clock();
    stage.permit(&LABELS);
    stage.arrive();
    let mut handset = stage.scan_and_stay(&LABELS);
    stage.open_door();
    stage.kill_hub();
    stage.kill_recorders();
    set(&stage, BEFORE_ALL_S);
    stage.spawn_hub();
    stage.until_status("the hub", SOON, |status| status["uplink"] == true && status["door"] == "open");
    assert_eq!(stage.status()["clock"], false);
    stage.close_door();
    stage.until_locked(SOON);
    stage.until_status("the secured door", SOON, |status| status["secured"] == true);
    handset.0.kill();
    assert_eq!(stage.openings(), 1);
}

/// A home whose box looks at a clock that can be set.
fn stage_with_a_clock() -> Stage {
    let mut stage = Stage::new();
    stage.wall_clock = Some(WallClock::hang(&stage));
    stage.raise();
    stage
}

fn set(stage: &Stage, seconds: i64) {
    stage.wall_clock.as_ref().expect("hangs").set(seconds);
}

fn restart(stage: &mut Stage) {
    stage.kill_hub();
    stage.kill_recorders();
    stage.spawn_hub();
}

/// The courier comes, and is told no more than that it is not possible here today, whether or not the home knows the time.
#[track_caller]
fn assert_refused(stage: &Stage, knows_the_time: bool) {
    let tried = stage.arrive_at(1, &stage.door_tag());
    assert!(tried.failure().contains("Not here today"), "{tried:?}");
    assert_eq!(stage.status()["clock"], knows_the_time);
}
