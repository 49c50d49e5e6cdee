//! Relock and alarm: a door that people move at any moment, a lock that obeys, sulks or sticks, sensors whose link goes.
//! Time goes in seconds; the limits are those of the doorkeeper, rounded down.

use super::broken;
use stateright::{Model, Property};

/// Seconds for the lock to say that it did: 4.5 in the doorkeeper.
const REPORT_S: u8 = 4;
/// Seconds without a certain word of a sensor before somebody is told.
const UNSURE_S: u8 = 5;
/// Within this many seconds of a door that closed, it is locked or somebody knows.
const LIMIT_S: u8 = 10;

#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent rules, not a state")]
struct Rules {
    /// LOCK only for a door that is said to be closed.
    closed: bool,
    /// For a second already.
    steady: bool,
    /// After two tries somebody is told.
    alarm_after_tries: bool,
    /// A lock that says nothing is told again, and does not keep the door waiting for ever.
    wait_ends: bool,
    /// Silence of a sensor is an alarm.
    alarm_when_unsure: bool,
    /// *Secured* needs a report from after the command.
    report_after_command: bool,
    /// And the contact's word.
    two_sensors: bool,
}

const ALL: Rules = Rules {
    closed: true,
    steady: true,
    alarm_after_tries: true,
    wait_ends: true,
    alarm_when_unsure: true,
    report_after_command: true,
    two_sensors: true,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Seen {
    Yes,
    No,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    /// The bolt is withdrawn, somebody may push.
    Watching,
    /// LOCK went out so often; so many seconds ago.
    Locking {
        tries: u8,
        ago: u8,
    },
    /// Somebody was told.
    GivenUp,
    Secured,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not a state")]
struct State {
    phase: Phase,
    /// What is.
    open: bool,
    thrown: bool,
    /// What is said of it.
    says_closed: Seen,
    says_thrown: Seen,
    /// The lock spoke since the last command.
    spoke: bool,
    /// Seconds since the contact last changed, and since a sensor was last unsure; no further than matters.
    still_for: u8,
    unsure_for: u8,
    alarm: bool,
    /// Seconds since the contact said closed: not locked, and nobody told.
    unguarded_for: u8,
    /// LOCK went to a door that was not known to be closed, or not for a second.
    struck: bool,
    /// *Secured* was said of a door that was not.
    lied: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Second,
    Opens,
    Shuts,
    /// The contact's link.
    ContactGone,
    ContactBack,
    /// The bolt does as told, and says so.
    Obeys,
    /// It says what it said before.
    Repeats,
    LockGone,
}

#[derive(Debug, Clone)]
struct Relock {
    rules: Rules,
}

impl Relock {
    /// What the door does whenever something changed.
    fn step(&self, s: &mut State) {
        let closed = s.says_closed == Seen::Yes;
        let may = (closed || !self.rules.closed) && (s.still_for >= 1 || !self.rules.steady);
        match s.phase {
            Phase::Watching if may => Self::lock(s, 1),
            Phase::Locking { .. } | Phase::GivenUp if s.says_closed == Seen::No && self.rules.closed => {
                s.phase = Phase::Watching;
            }
            Phase::Locking { .. } | Phase::GivenUp
                if s.says_thrown == Seen::Yes
                    && (s.spoke || !self.rules.report_after_command)
                    && (closed || !self.rules.two_sensors) =>
            {
                s.phase = Phase::Secured;
                s.lied |= !s.spoke || !closed;
            }
            Phase::Locking { tries: 1, ago } if ago >= REPORT_S && self.rules.wait_ends && may => {
                Self::lock(s, 2);
            }
            Phase::Locking { tries, ago }
                if ago >= REPORT_S && self.rules.wait_ends && (tries > 1 || !closed) =>
            {
                s.phase = Phase::GivenUp;
                s.alarm |= self.rules.alarm_after_tries;
            }
            Phase::Watching | Phase::Locking { .. } | Phase::GivenUp | Phase::Secured => {}
        }
        if s.unsure_for >= UNSURE_S && self.rules.alarm_when_unsure {
            s.alarm = true;
        }
        if s.phase == Phase::Secured {
            s.alarm = false;
        }
    }

    fn lock(s: &mut State, tries: u8) {
        s.struck |= s.says_closed != Seen::Yes || s.still_for < 1;
        s.phase = Phase::Locking { tries, ago: 0 };
        s.spoke = false;
    }
}

impl Model for Relock {
    type State = State;
    type Action = Action;

    /// Somebody was let in; the door stands open. Of the bolt, the lock may still say what it said before.
    fn init_states(&self) -> Vec<State> {
        [Seen::No, Seen::Yes]
            .map(|says_thrown| State {
                phase: Phase::Watching,
                open: true,
                thrown: false,
                says_closed: Seen::No,
                says_thrown,
                spoke: false,
                still_for: 0,
                unsure_for: 0,
                alarm: false,
                unguarded_for: 0,
                struck: false,
                lied: false,
            })
            .to_vec()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.phase == Phase::Secured {
            return;
        }
        let commanded = matches!(state.phase, Phase::Locking { .. } | Phase::GivenUp);
        let all = [
            (true, Action::Second),
            (!state.open && !state.thrown, Action::Opens),
            (state.open, Action::Shuts),
            (state.says_closed != Seen::Unknown, Action::ContactGone),
            (state.says_closed == Seen::Unknown, Action::ContactBack),
            (commanded, Action::Obeys),
            (true, Action::Repeats),
            (state.says_thrown != Seen::Unknown, Action::LockGone),
        ];
        actions.extend(all.into_iter().filter(|(can, _)| *can).map(|(_, action)| action));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut s = state.clone();
        let contact = |s: &mut State| {
            s.says_closed = if s.open { Seen::No } else { Seen::Yes };
            s.still_for = 0;
        };
        match action {
            Action::Second => {
                let unsure = s.says_closed == Seen::Unknown || s.says_thrown == Seen::Unknown;
                s.unsure_for = if unsure { (s.unsure_for + 1).min(UNSURE_S) } else { 0 };
                s.still_for = 1;
                if let Phase::Locking { ago, .. } = &mut s.phase {
                    *ago = (*ago + 1).min(REPORT_S);
                }
            }
            Action::Opens | Action::Shuts => {
                s.open = action == Action::Opens;
                if s.says_closed != Seen::Unknown {
                    contact(&mut s);
                }
            }
            Action::ContactGone => {
                s.says_closed = Seen::Unknown;
                s.still_for = 0;
            }
            Action::ContactBack => contact(&mut s),
            Action::Obeys => {
                s.thrown = true;
                s.says_thrown = Seen::Yes;
                s.spoke = true;
            }
            Action::Repeats => {
                s.says_thrown = if s.thrown { Seen::Yes } else { Seen::No };
                s.spoke = true;
            }
            Action::LockGone => s.says_thrown = Seen::Unknown,
        }
        self.step(&mut s);
        let guarded = s.says_closed != Seen::Yes || s.phase == Phase::Secured || s.alarm;
        s.unguarded_for = match action {
            _ if guarded => 0,
            Action::Second => (s.unguarded_for + 1).min(LIMIT_S + 1),
            _ => s.unguarded_for,
        };
        Some(s)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(STRUCK, |_, state: &State| !state.struck),
            Property::always(LIED, |_, state: &State| !state.lied),
            Property::always(UNGUARDED, |_, state: &State| state.unguarded_for <= LIMIT_S),
            Property::always(UNSURE, |_, state: &State| {
                state.unsure_for < UNSURE_S || state.alarm || state.phase == Phase::Secured
            }),
            Property::sometimes("it is locked at the end", |_, state: &State| {
                state.phase == Phase::Secured && state.thrown
            }),
            Property::sometimes("somebody is told", |_, state: &State| state.alarm),
        ]
    }
}

const STRUCK: &str = "LOCK goes only to a door that was closed for a second";
const LIED: &str = "secured is said after the command, by two sensors";
const UNSURE: &str = "five seconds without a certain word of a sensor, and somebody knows";
const UNGUARDED: &str = "ten seconds after the door closed it is locked, or somebody knows";

fn without(take: fn(&mut Rules)) -> Vec<&'static str> {
    let mut rules = ALL;
    take(&mut rules);
    broken(Relock { rules })
}

#[test]
fn a_door_that_closed_is_locked_or_somebody_knows() {
    assert_eq!(broken(Relock { rules: ALL }), [] as [&str; 0]);
}

#[test]
fn without_the_contact_lock_strikes_an_open_door() {
    assert!(without(|rules| rules.closed = false).contains(&STRUCK));
}

#[test]
fn without_the_second_lock_strikes_a_moving_door() {
    assert!(without(|rules| rules.steady = false).contains(&STRUCK));
}

#[test]
fn without_the_alarm_after_two_tries_nobody_knows_of_a_lock_that_sulks() {
    assert!(without(|rules| rules.alarm_after_tries = false).contains(&UNGUARDED));
}

#[test]
fn without_an_end_of_waiting_nobody_knows_of_a_lock_that_says_nothing() {
    assert!(without(|rules| rules.wait_ends = false).contains(&UNGUARDED));
}

#[test]
fn without_an_alarm_for_silence_nobody_knows_of_a_contact_that_is_gone() {
    assert!(without(|rules| rules.alarm_when_unsure = false).contains(&UNSURE));
}

#[test]
fn without_a_report_after_the_command_an_old_word_says_secured() {
    assert!(without(|rules| rules.report_after_command = false).contains(&LIED));
}

#[test]
fn without_the_contacts_word_secured_is_said_of_a_door_that_may_stand_open() {
    assert!(without(|rules| rules.two_sensors = false).contains(&LIED));
}
