//! People and the bolt, one passage at a time. The table of every sentence stands in `people_at_the_door.rs`.

use doorkeeper::alarm::Alarm;
use doorkeeper::passage::{Effect, End, Passage};
use doorkeeper::sensors::{Bolt, Door, Report, Sensors};
use protocol::time::Monotonic;
use protocol::uplink::ToVisitor;

struct Scene {
    passage: Passage,
    sensors: Sensors,
    ms: u64,
    effects: Vec<(u64, Effect)>,
    end: Option<End>,
}

impl Scene {
    /// A visitor was admitted, the bolt is withdrawn, the door still closed.
    fn unlocked() -> Self {
        let mut scene = Self {
            passage: Passage::admitted(Monotonic(0), 60),
            sensors: Sensors::default(),
            ms: 0,
            effects: Vec::new(),
            end: None,
        };
        scene.see(Report::Door(Door::Closed));
        scene.see(Report::Bolt(Bolt::Locked));
        scene.see(Report::Bolt(Bolt::Unlocked));
        scene
    }

    fn see(&mut self, report: Report) {
        self.sensors.take(Monotonic(self.ms), report);
        self.step();
    }

    fn wait(&mut self, ms: u64) {
        let until = self.ms + ms;
        while self.ms < until {
            self.ms = self.passage.timeout().0.clamp(self.ms + 1, until);
            self.step();
        }
    }

    fn step(&mut self) {
        if self.end.is_none() {
            let mut out = Vec::new();
            self.end = self.passage.step(Monotonic(self.ms), &self.sensors, &mut out);
            self.effects.extend(out.into_iter().map(|effect| (self.ms, effect)));
        }
    }

    fn times(&self, wanted: &Effect) -> Vec<u64> {
        self.effects.iter().filter(|(_, effect)| effect == wanted).map(|(at, _)| *at).collect()
    }

    fn alarmed(&self, alarm: Alarm) -> bool {
        !self.times(&Effect::Alarm(alarm)).is_empty()
    }
}

#[test]
fn lock_is_sent_only_after_the_door_was_closed_for_a_second() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.wait(5_000);
    scene.see(Report::Door(Door::Closed));
    scene.wait(900);
    scene.see(Report::Door(Door::Open));
    scene.wait(500);
    scene.see(Report::Door(Door::Closed));
    let closed = scene.ms;
    scene.wait(3_000);
    assert_eq!(scene.times(&Effect::Lock), [closed + 1_000]);
}

#[test]
fn lock_is_never_sent_when_the_door_is_open_or_unknown() {
    for door in [Door::Open, Door::Unknown, Door::Tampered] {
        let mut scene = Scene::unlocked();
        scene.see(Report::Door(Door::Open));
        scene.see(Report::Door(door));
        scene.wait(600_000);
        assert!(scene.times(&Effect::Lock).is_empty(), "{door:?}");
        assert!(scene.passage.alarms().next().is_some(), "{door:?} for ten minutes told nobody");
    }
}

#[test]
fn a_door_that_opens_under_the_bolt_gets_one_retract_while_the_sensor_says_open() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Door(Door::Closed));
    scene.wait(1_000);
    scene.see(Report::Bolt(Bolt::Locking));
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Bolt(Bolt::Jammed));
    scene.wait(10_000);
    assert_eq!(scene.times(&Effect::Unlock).len(), 1);
    scene.see(Report::Bolt(Bolt::Unlocked));
    scene.see(Report::Door(Door::Closed));
    scene.wait(1_000);
    scene.see(Report::Bolt(Bolt::Locked));
    assert!(matches!(scene.end, Some(End::Secured { was_open: true, .. })));
}

/// Only a door that is said to be open is open: a retract at a guess would unlock a closed one.
#[test]
fn nothing_is_retracted_for_a_door_that_only_may_be_open() {
    for door in [Door::Unknown, Door::Tampered] {
        let mut scene = Scene::unlocked();
        scene.see(Report::Door(Door::Open));
        scene.see(Report::Door(Door::Closed));
        scene.wait(1_000);
        scene.see(Report::Bolt(Bolt::Locking));
        scene.see(Report::Door(door));
        scene.see(Report::Bolt(Bolt::Locked));
        scene.wait(10_000);
        assert!(scene.times(&Effect::Unlock).is_empty(), "{door:?}");
        let mut scene = Scene::unlocked();
        scene.see(Report::Door(Door::Open));
        scene.see(Report::Door(door));
        scene.see(Report::Bolt(Bolt::Locked));
        scene.wait(10_000);
        assert!(scene.times(&Effect::Unlock).is_empty(), "was open, is {door:?}");
    }
}

#[test]
fn secured_needs_bolt_and_door() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Bolt(Bolt::Locked));
    scene.wait(1_000);
    assert_eq!(scene.end, None);
    assert!(scene.alarmed(Alarm::LockedButOpen));
}

#[test]
fn a_report_from_before_the_command_secures_nothing() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Door(Door::Closed));
    scene.wait(1_000);
    assert_eq!(scene.times(&Effect::Lock).len(), 1);
    scene.wait(3_000);
    assert_eq!(scene.end, None);
}

#[test]
fn a_bolt_that_does_not_lock_is_an_alarm_within_ten_seconds_of_the_command() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Door(Door::Closed));
    scene.wait(12_000);
    let first = scene.times(&Effect::Lock)[0];
    let alarm = scene.times(&Effect::Alarm(Alarm::NotLocked));
    assert!(alarm[0] - first < 10_000, "{alarm:?}");
    scene.see(Report::Bolt(Bolt::Locked));
    assert!(scene.end.is_some());
    assert_eq!(scene.times(&Effect::AlarmOver(Alarm::NotLocked)).len(), 1);
}

#[test]
fn a_jam_gets_two_tries_and_then_a_person() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Door(Door::Closed));
    scene.wait(1_000);
    scene.see(Report::Bolt(Bolt::Jammed));
    scene.see(Report::Bolt(Bolt::Unlocked));
    scene.see(Report::Bolt(Bolt::Jammed));
    assert_eq!(scene.times(&Effect::Lock).len(), 2);
    assert!(scene.alarmed(Alarm::BoltJammed));
}

#[test]
fn left_open_sounds_in_the_flat_then_tells_someone_outside_then_lets_the_visitor_go() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.wait(200_000);
    assert_eq!(scene.times(&Effect::Sound(true)), [20_000]);
    assert_eq!(scene.times(&Effect::Alarm(Alarm::LeftOpen)), [60_000]);
    assert_eq!(scene.times(&Effect::Tell(ToVisitor::MayGo)), [150_000]);
    assert!(scene.times(&Effect::Lock).is_empty());
    scene.see(Report::Door(Door::Closed));
    assert_eq!(scene.times(&Effect::Sound(false)).len(), 1);
    assert_eq!(scene.times(&Effect::AlarmOver(Alarm::LeftOpen)).len(), 1);
}

#[test]
fn relocks_when_the_door_never_opened() {
    let mut scene = Scene::unlocked();
    scene.wait(31_500);
    assert_eq!(scene.times(&Effect::Lock), [31_000]);
    scene.see(Report::Bolt(Bolt::Locked));
    assert_eq!(scene.end, Some(End::Secured { was_open: false, was_unlocked: true }));
}

#[test]
fn a_late_answer_to_a_pulse_that_was_given_up_is_locked_again() {
    let mut scene = Scene {
        passage: Passage::admitted(Monotonic(0), 60),
        sensors: Sensors::default(),
        ms: 0,
        effects: Vec::new(),
        end: None,
    };
    scene.see(Report::Door(Door::Closed));
    scene.see(Report::Bolt(Bolt::Locked));
    scene.wait(9_000);
    assert_eq!(scene.times(&Effect::Lock).len(), 1);
    scene.see(Report::Bolt(Bolt::Unlocked));
    scene.wait(5_000);
    assert_eq!(scene.times(&Effect::Lock).len(), 2);
    assert_eq!(scene.end, None);
    scene.see(Report::Bolt(Bolt::Locked));
    assert_eq!(scene.end, Some(End::Secured { was_open: false, was_unlocked: true }));
}

#[test]
fn a_lock_that_goes_offline_with_the_door_open_is_an_alarm() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Bolt(Bolt::Unknown));
    scene.wait(6_000);
    assert!(scene.alarmed(Alarm::LockOffline));
    assert_eq!(scene.end, None);
}

/// The contact's link flickers while the bolt is being tried: each time the second starts over.
#[test]
fn no_lock_is_sent_within_a_second_of_an_uncertain_door() {
    let flicker = |scene: &mut Scene| {
        scene.see(Report::Door(Door::Unknown));
        scene.wait(50);
        scene.see(Report::Door(Door::Closed));
        scene.ms
    };
    let mut scene = Scene {
        passage: Passage::admitted(Monotonic(0), 60),
        sensors: Sensors::default(),
        ms: 0,
        effects: Vec::new(),
        end: None,
    };
    scene.see(Report::Door(Door::Closed));
    scene.see(Report::Bolt(Bolt::Locked));
    scene.wait(7_800);
    let closed = flicker(&mut scene);
    scene.wait(3_000);
    assert_eq!(scene.times(&Effect::Lock), [closed + 1_000], "after a pulse that was given up");
    scene.see(Report::Bolt(Bolt::Unlocked));
    scene.wait(2_300);
    let closed = flicker(&mut scene);
    scene.wait(2_000);
    assert_eq!(scene.times(&Effect::Lock)[1..], [closed + 1_000], "the second try");
    scene.see(Report::Bolt(Bolt::Jammed));
    scene.wait(59_900);
    let closed = flicker(&mut scene);
    scene.wait(2_000);
    assert_eq!(scene.times(&Effect::Lock)[2..], [closed + 1_000], "a try after the alarm");
}

#[test]
fn no_lock_follows_a_retract_within_a_second_of_an_uncertain_door() {
    let mut scene = Scene::unlocked();
    scene.see(Report::Door(Door::Open));
    scene.see(Report::Door(Door::Closed));
    scene.wait(1_000);
    scene.see(Report::Bolt(Bolt::Jammed));
    scene.see(Report::Door(Door::Unknown));
    scene.see(Report::Door(Door::Closed));
    scene.see(Report::Bolt(Bolt::Unlocked));
    let closed = scene.ms;
    scene.wait(2_000);
    assert_eq!(scene.times(&Effect::Lock)[1..], [closed + 1_000]);
}
