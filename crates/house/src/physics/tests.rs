//! Behaviour of the door, told by what happens to it.

use super::{
    Act, Bolt, CameraFault, Command, Door, DoorFault, House, LockFault, Misbehave, Moment, Outcome, Switch,
    TrueBolt, Visitor,
};

struct Play {
    house: House,
    now_ms: u64,
}

impl Play {
    fn begin() -> Self {
        Self { house: House::new(Moment { now_ms: 0, unix_ms: 1_700_000_000_000 }), now_ms: 0 }
    }

    fn wait(&mut self, ms: u64) -> &mut Self {
        self.now_ms += ms;
        self.house.advance(Moment { now_ms: self.now_ms, unix_ms: 1_700_000_000_000 + self.now_ms });
        self
    }

    fn command(&mut self, command: Command, wait_ms: u64) -> Outcome {
        let outcome = self.house.command(command);
        self.wait(wait_ms);
        outcome
    }

    fn act(&mut self, act: &Act, wait_ms: u64) -> Outcome {
        let outcome = self.house.act(act);
        self.wait(wait_ms);
        outcome
    }

    fn lock_fault(&mut self, fault: LockFault) {
        self.house.misbehave(&Misbehave { lock: Some(fault), ..Misbehave::default() });
    }

    fn door_fault(&mut self, fault: DoorFault) {
        self.house.misbehave(&Misbehave { door: Some(fault), ..Misbehave::default() });
    }

    fn bolts(&self) -> (Bolt, TrueBolt) {
        (self.house.report().bolt, self.house.truth().bolt)
    }

    fn doors(&self) -> (Door, Door) {
        (self.house.report().door, self.house.truth().door)
    }

    fn opened() -> Self {
        let mut play = Self::begin();
        play.command(Command::Unlock, 500);
        play.act(&Act::Push, 1_000);
        assert_eq!(play.doors(), (Door::Open, Door::Open));
        play
    }
}

#[test]
fn door_stays_shut_while_bolted() {
    let mut play = Play::begin();
    assert!(matches!(play.act(&Act::Push, 2_000), Outcome::Not(_)));
    assert_eq!(play.doors(), (Door::Closed, Door::Closed));
}

#[test]
fn bolt_takes_400_ms_and_says_so_meanwhile() {
    let mut play = Play::begin();
    play.command(Command::Unlock, 390);
    assert_eq!(play.bolts(), (Bolt::Unlocking, TrueBolt::Between));
    play.wait(20);
    assert_eq!(play.bolts(), (Bolt::Unlocked, TrueBolt::Unlocked));
}

#[test]
fn an_unlocked_door_stays_unlocked_and_opens_on_a_push() {
    let mut play = Play::begin();
    play.command(Command::Unlock, 60_000);
    assert_eq!(play.bolts(), (Bolt::Unlocked, TrueBolt::Unlocked));
    assert_eq!(play.doors(), (Door::Closed, Door::Closed));
    assert_eq!(play.act(&Act::Push, 790), Outcome::Done);
    assert!(play.house.scene().angle < 1.0);
    play.wait(20);
    assert!((play.house.scene().angle - 1.0).abs() < f32::EPSILON);
}

#[test]
fn a_whole_delivery_leaves_one_parcel_and_a_locked_door() {
    let mut play = Play::begin();
    play.act(&Act::Ring, 300);
    assert_eq!(play.house.truth().visitor, Visitor::AtDoor);
    play.command(Command::Unlock, 500);
    play.act(&Act::Push, 1_000);
    play.act(&Act::Parcel { label: Some("00340434161094042557".into()) }, 2_000);
    play.act(&Act::Close, 1_000);
    play.command(Command::Lock, 500);
    play.act(&Act::Leave, 0);
    let truth = play.house.truth();
    assert_eq!((truth.bolt, truth.door, truth.parcels_inside), (TrueBolt::Locked, Door::Closed, 1));
    assert!(!truth.line_crossed, "sleeves are not a shoe");
    assert_eq!(play.bolts().0, Bolt::Locked);
}

#[test]
fn bolt_does_not_move_when_jammed() {
    let mut play = Play::opened();
    play.act(&Act::Close, 1_000);
    play.lock_fault(LockFault::Jam);
    play.command(Command::Lock, 2_000);
    assert_eq!(play.bolts(), (Bolt::Jammed, TrueBolt::Between));
    play.command(Command::Lock, 2_000);
    assert_eq!(play.bolts(), (Bolt::Jammed, TrueBolt::Between));
    assert!(play.house.scene().jammed);
    play.lock_fault(LockFault::None);
    play.command(Command::Lock, 500);
    assert_eq!(play.bolts(), (Bolt::Locked, TrueBolt::Locked));
}

#[test]
fn a_lying_lock_reports_locked_with_the_bolt_withdrawn() {
    let mut play = Play::opened();
    play.act(&Act::Close, 1_000);
    play.lock_fault(LockFault::Lie);
    play.command(Command::Lock, 1_000);
    assert_eq!(play.bolts(), (Bolt::Locked, TrueBolt::Unlocked));
    assert_eq!(play.act(&Act::Push, 1_000), Outcome::Done, "and so the door opens");
    play.lock_fault(LockFault::None);
    assert_eq!(play.bolts(), (Bolt::Unlocked, TrueBolt::Unlocked));
}

#[test]
fn a_silent_lock_neither_answers_nor_moves() {
    let mut play = Play::begin();
    play.lock_fault(LockFault::Silent);
    assert_eq!(play.command(Command::Unlock, 5_000), Outcome::NoAnswer);
    assert_eq!(play.bolts(), (Bolt::Locked, TrueBolt::Locked));
    play.act(&Act::Handle, 500);
    assert_eq!(play.bolts(), (Bolt::Locked, TrueBolt::Unlocked), "nor does it tell of a hand");
}

#[test]
fn a_late_lock_moves_when_nobody_waits_for_it_any_more() {
    let mut play = Play::begin();
    play.lock_fault(LockFault::Late(7_000));
    play.command(Command::Unlock, 6_900);
    assert_eq!(play.bolts(), (Bolt::Locked, TrueBolt::Locked));
    play.wait(600);
    assert_eq!(play.bolts(), (Bolt::Unlocked, TrueBolt::Unlocked));
}

#[test]
fn a_stalled_lock_accepts_and_never_finishes() {
    let mut play = Play::begin();
    play.lock_fault(LockFault::Stall);
    assert_eq!(play.command(Command::Unlock, 30_000), Outcome::Done);
    assert_eq!(play.bolts(), (Bolt::Unlocking, TrueBolt::Locked));
}

#[test]
fn a_lock_without_power_is_offline_and_stops_where_it_is() {
    let mut play = Play::begin();
    play.command(Command::Unlock, 200);
    play.lock_fault(LockFault::PowerLoss);
    play.wait(2_000);
    assert!(!play.house.report().online);
    assert_eq!(play.bolts(), (Bolt::Unknown, TrueBolt::Between));
    assert!(matches!(play.command(Command::Lock, 0), Outcome::Not(_)));
}

#[test]
fn a_blind_lock_throws_its_bolt_at_an_open_door_which_then_does_not_shut() {
    let mut play = Play::opened();
    play.lock_fault(LockFault::BlindAutoLock);
    play.wait(4_900);
    assert_eq!(play.bolts().1, TrueBolt::Unlocked);
    play.wait(600);
    assert_eq!(play.bolts(), (Bolt::Locked, TrueBolt::Locked));
    play.act(&Act::Close, 2_000);
    assert_eq!(play.doors(), (Door::Open, Door::Open), "the bolt hits the frame");
}

#[test]
fn the_door_reopens_under_the_bolt_once() {
    let mut play = Play::opened();
    play.act(&Act::Close, 1_000);
    play.door_fault(DoorFault::Reopen);
    play.command(Command::Lock, 60);
    assert_eq!((play.bolts().0, play.doors().0), (Bolt::Locking, Door::Open));
    play.command(Command::Unlock, 1_500);
    play.act(&Act::Close, 1_000);
    play.command(Command::Lock, 1_000);
    assert_eq!((play.bolts().1, play.doors().1), (TrueBolt::Locked, Door::Closed));
}

#[test]
fn a_wedged_door_does_not_close_until_the_parcel_is_out_of_the_way() {
    let mut play = Play::opened();
    play.door_fault(DoorFault::Wedge);
    play.act(&Act::Parcel { label: None }, 3_000);
    assert_eq!(play.house.truth().parcels_inside, 0, "it lies on the strip");
    play.act(&Act::Close, 3_000);
    assert_eq!(play.doors(), (Door::Open, Door::Open));
    play.door_fault(DoorFault::None);
    play.act(&Act::Close, 3_000);
    assert_eq!(play.doors(), (Door::Closed, Door::Closed));
    assert_eq!(play.house.truth().parcels_inside, 1);
}

#[test]
fn a_stuck_contact_says_what_it_is_stuck_at() {
    for stuck in [Door::Open, Door::Unknown, Door::Tampered] {
        let mut play = Play::begin();
        play.door_fault(DoorFault::ContactStuck(stuck));
        assert_eq!(play.doors(), (stuck, Door::Closed));
    }
    let mut play = Play::opened();
    play.door_fault(DoorFault::ContactStuck(Door::Closed));
    assert_eq!(play.doors(), (Door::Closed, Door::Open));
}

#[test]
fn the_handle_opens_from_inside_even_when_the_bolt_is_jammed() {
    let mut play = Play::begin();
    play.lock_fault(LockFault::Jam);
    play.command(Command::Unlock, 1_000);
    assert_eq!(play.bolts(), (Bolt::Jammed, TrueBolt::Between));
    assert!(matches!(play.act(&Act::Push, 500), Outcome::Not(_)), "from outside it holds");
    play.act(&Act::Handle, 1_500);
    assert_eq!((play.bolts().1, play.doors().1), (TrueBolt::Unlocked, Door::Open));
}

#[test]
fn a_key_lets_a_resident_in_and_locks_behind_them() {
    let mut play = Play::begin();
    play.act(&Act::Key, 1_400);
    assert_eq!((play.bolts().0, play.doors().0), (Bolt::Unlocked, Door::Open));
    play.wait(2_600);
    assert_eq!((play.bolts().0, play.doors().0), (Bolt::Locked, Door::Closed));
    assert_eq!(play.bolts().1, TrueBolt::Locked);
}

#[test]
fn stepping_in_crosses_the_line_and_needs_an_open_door() {
    let mut play = Play::begin();
    assert!(matches!(play.act(&Act::StepIn, 1_000), Outcome::Not(_)));
    assert!(!play.house.truth().line_crossed);
    let mut play = Play::opened();
    play.act(&Act::StepIn, 100);
    assert!(!play.house.truth().line_crossed, "the shoe is still in the air");
    play.wait(400);
    assert!(play.house.truth().line_crossed);
    play.act(&Act::Leave, 1_000);
    assert!(play.house.truth().line_crossed, "what happened stays true");
    play.act(&Act::Ring, 0);
    assert!(!play.house.truth().line_crossed, "until the next ring");
}

#[test]
fn nobody_leaves_through_a_shut_door() {
    let mut play = Play::opened();
    play.act(&Act::StepIn, 1_000);
    play.act(&Act::Close, 1_000);
    assert!(matches!(play.act(&Act::Leave, 0), Outcome::Not(_)));
    assert_eq!(play.house.truth().visitor, Visitor::Inside);
}

#[test]
fn smoke_no_button_and_battery_are_reported() {
    let mut play = Play::begin();
    play.act(&Act::Smoke(Switch::On), 0);
    play.act(&Act::PressNo, 100);
    play.house.misbehave(&Misbehave { battery_percent: Some(7), ..Misbehave::default() });
    let report = play.house.report();
    assert_eq!((report.smoke, report.no_button, report.battery_percent), (true, true, 7));
    play.act(&Act::Smoke(Switch::Off), 3_000);
    assert!(!play.house.report().smoke && !play.house.report().no_button);
}

#[test]
fn clearing_everything_mends_every_part() {
    let mut play = Play::begin();
    play.lock_fault(LockFault::PowerLoss);
    play.door_fault(DoorFault::ContactStuck(Door::Open));
    play.house.misbehave(&Misbehave { camera: Some(CameraFault::Freeze), ..Misbehave::default() });
    play.house.misbehave(&Misbehave::NOTHING);
    assert_eq!(play.bolts().0, Bolt::Locked);
    assert_eq!(play.doors().0, Door::Closed);
    assert_eq!(play.house.camera_fault(), CameraFault::None);
}

#[test]
fn a_suspended_machine_does_not_compute_the_night_it_slept() {
    let mut play = Play::begin();
    play.command(Command::Unlock, 0);
    play.wait(1_000_000_000_000);
    assert_eq!(play.bolts().0, Bolt::Unlocked);
}
