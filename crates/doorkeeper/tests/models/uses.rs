//! Use, passage, crash and race: two handsets, a permission for one visit of one entry, and a hub that may die between any
//! two steps, with any part of what it had written but not synced on the disk.

use super::broken;
use stateright::{Model, Property};

const USES: usize = 1;
const ENTRIES: u8 = 1;
const PULSES: u8 = 3;

/// What the design demands. All of them hold; each can be taken away.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent rules, not a state")]
struct Rules {
    /// The intent is appended before the bolt moves, not after.
    burn_before_bolt: bool,
    /// And durable.
    sync_before_bolt: bool,
    /// A use counts from the moment in which it is decided, not only when it is durable.
    burn_at_once: bool,
    /// A start reads what was used.
    replay_uses: bool,
    /// A use belongs to its visit, which may try again with it.
    bind_to_visit: bool,
    /// No pulse while a passage lasts.
    one_passage: bool,
    /// The door that opened is written down, too.
    note_entry: bool,
    /// At most three pulses until the door opens.
    bound_pulses: bool,
}

const ALL: Rules = Rules {
    burn_before_bolt: true,
    sync_before_bolt: true,
    burn_at_once: true,
    replay_uses: true,
    bind_to_visit: true,
    one_passage: true,
    note_entry: true,
    bound_pulses: true,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Record {
    Intent(usize),
    Entered(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    Waiting,
    Committing,
    Ready,
    Open,
}

/// What a hub forgets when it dies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Memory {
    burned: [bool; 2],
    pulses: [u8; 2],
    entries: [u8; 2],
    stage: [Stage; 2],
    passage: Option<usize>,
    unsynced: Vec<Record>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, not a state")]
struct State {
    hub: Option<Memory>,
    disk: Vec<Record>,
    unlocked: bool,
    open: bool,
    /// Whom the newest pulse was for.
    pulse_for: usize,
    /// How often each went in, and how often the bolt was withdrawn for them since.
    went_in: [u8; 2],
    pulses: [u8; 2],
    /// Whether somebody came in by the newest pulse.
    is_in: bool,
    crashes: u8,
    /// Notes of entries that a crash destroyed, or prevented.
    lost: u8,
    /// The bolt moved for a use that was not durable.
    naked: bool,
    /// The bolt was withdrawn while the door was somebody else's.
    crossed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Present(usize),
    Sync,
    Pulse(usize),
    Push,
    Shut,
    Relock,
    /// The lock sulks: nothing moved after all.
    Stuck,
    /// So many records of what was not synced are on the disk all the same.
    Crash(usize),
    Start,
}

#[derive(Debug, Clone)]
struct Uses {
    rules: Rules,
}

impl Memory {
    fn replayed(disk: &[Record], rules: Rules, unsecured_for: Option<usize>) -> Self {
        let (mut burned, mut pulses, mut entries) = ([false; 2], [0_u8; 2], [0_u8; 2]);
        for record in disk {
            match *record {
                Record::Intent(visit) => {
                    burned[visit] = rules.replay_uses;
                    pulses[visit] += 1;
                }
                Record::Entered(visit) => {
                    entries[visit] += 1;
                    pulses[visit] = 0;
                }
            }
        }
        let stage = [Stage::Waiting; 2];
        Self { burned, pulses, entries, stage, passage: unsecured_for, unsynced: vec![] }
    }
}

impl State {
    fn withdraw(&mut self, visit: usize, hub: &mut Memory) {
        self.naked |= !self.disk.contains(&Record::Intent(visit));
        self.crossed |= self.unlocked || self.open;
        self.unlocked = true;
        self.pulse_for = visit;
        self.pulses[visit] += 1;
        self.is_in = false;
        hub.passage = Some(visit);
        hub.stage[visit] = Stage::Open;
    }
}

impl Uses {
    fn may_present(&self, state: &State, hub: &Memory, visit: usize) -> bool {
        let burned = hub.burned.iter().filter(|burned| **burned).count();
        let has_use = self.rules.bind_to_visit && hub.burned[visit];
        let at_rest = !self.rules.one_passage || (hub.passage.is_none() && !state.unlocked && !state.open);
        hub.stage[visit] == Stage::Waiting
            && at_rest
            && (has_use || burned < USES)
            && hub.entries[visit] < ENTRIES
            && (!self.rules.bound_pulses || hub.pulses[visit] < PULSES)
    }
}

impl Model for Uses {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            hub: Some(Memory::replayed(&[], self.rules, None)),
            disk: vec![],
            unlocked: false,
            open: false,
            pulse_for: 0,
            went_in: [0; 2],
            pulses: [0; 2],
            is_in: false,
            crashes: 0,
            lost: 0,
            naked: false,
            crossed: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        match &state.hub {
            None => actions.push(Action::Start),
            Some(hub) => {
                for visit in 0..2 {
                    if self.may_present(state, hub, visit) {
                        actions.push(Action::Present(visit));
                    }
                    let free = !self.rules.one_passage || hub.passage.is_none();
                    if hub.stage[visit] == Stage::Ready && free {
                        actions.push(Action::Pulse(visit));
                    }
                }
                if !hub.unsynced.is_empty() {
                    actions.push(Action::Sync);
                }
                if hub.passage.is_some() && state.unlocked && !state.open {
                    actions.extend([Action::Relock, Action::Stuck]);
                }
                if state.crashes < 2 {
                    actions.extend((0..=hub.unsynced.len()).map(Action::Crash));
                }
            }
        }
        if state.unlocked && !state.open {
            actions.push(Action::Push);
        }
        if state.open {
            actions.push(Action::Shut);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let mut hub = next.hub.take();
        match (action, &mut hub) {
            (Action::Present(visit), Some(hub)) => {
                if !self.rules.burn_before_bolt {
                    next.withdraw(visit, hub);
                }
                hub.unsynced.push(Record::Intent(visit));
                hub.pulses[visit] += 1;
                if self.rules.burn_at_once {
                    hub.burned[visit] = true;
                }
                if self.rules.burn_before_bolt {
                    hub.stage[visit] =
                        if self.rules.sync_before_bolt { Stage::Committing } else { Stage::Ready };
                }
            }
            (Action::Sync, Some(hub)) => {
                for record in std::mem::take(&mut hub.unsynced) {
                    next.disk.push(record);
                    if let Record::Intent(visit) = record {
                        hub.burned[visit] = true;
                        if hub.stage[visit] == Stage::Committing {
                            hub.stage[visit] = Stage::Ready;
                        }
                    }
                }
            }
            (Action::Pulse(visit), Some(hub)) => next.withdraw(visit, hub),
            (Action::Push, hub) => {
                next.open = true;
                let visit = next.pulse_for;
                // Once for each pulse: whoever holds the door open goes in and out as often as they like.
                if !std::mem::replace(&mut next.is_in, true) {
                    next.went_in[visit] += 1;
                    next.pulses[visit] = 0;
                    match hub {
                        Some(hub) => {
                            hub.entries[visit] += 1;
                            hub.pulses[visit] = 0;
                            hub.unsynced.extend(self.rules.note_entry.then_some(Record::Entered(visit)));
                        }
                        None => next.lost += 1,
                    }
                }
            }
            (Action::Shut, _) => next.open = false,
            (Action::Relock | Action::Stuck, Some(hub)) => {
                next.unlocked = false;
                if let Some(visit) = hub.passage.take() {
                    hub.stage[visit] = Stage::Waiting;
                }
            }
            (Action::Crash(kept), Some(hub)) => {
                next.disk.extend(hub.unsynced.iter().take(kept));
                let gone =
                    hub.unsynced.iter().skip(kept).filter(|record| matches!(record, Record::Entered(_)));
                next.lost += u8::try_from(gone.count()).expect("few");
                next.crashes += 1;
                next.hub = None;
                return Some(next);
            }
            (Action::Start, None) => {
                let unsecured = (next.unlocked || next.open).then_some(next.pulse_for);
                hub = Some(Memory::replayed(&next.disk, self.rules, unsecured));
            }
            _ => return None,
        }
        next.hub = hub;
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no more visitors come in than the permission says", |_, state: &State| {
                state.went_in.iter().filter(|times| **times > 0).count() <= USES
            }),
            Property::always("the bolt moves for a durable use only", |_, state: &State| !state.naked),
            Property::always("nobody is let in through somebody else's passage", |_, state: &State| {
                !state.crossed
            }),
            Property::always("an entry too many takes a note that a crash destroyed", |_, state: &State| {
                state.went_in.iter().all(|times| *times <= ENTRIES + state.lost)
            }),
            Property::always("three pulses at most until the door opens", |_, state: &State| {
                state.pulses.iter().all(|pulses| *pulses <= PULSES)
            }),
            Property::sometimes("somebody comes in", |_, state: &State| state.went_in[0] > 0),
            Property::sometimes(
                "a crash between burn and bolt costs nobody the delivery",
                |_, state: &State| {
                    let burned = state.disk.iter().filter(|record| **record == Record::Intent(1)).count();
                    state.crashes > 0 && burned == 2 && state.went_in == [0, 1]
                },
            ),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.went_in.iter().all(|times| *times <= 4)
            && state.disk.len() <= 8
            && state.pulses.iter().all(|p| *p <= 5)
    }
}

fn without(take: fn(&mut Rules)) -> Vec<&'static str> {
    let mut rules = ALL;
    take(&mut rules);
    broken(Uses { rules })
}

const MORE_VISITORS: &str = "no more visitors come in than the permission says";
const NAKED: &str = "the bolt moves for a durable use only";

#[test]
fn a_permission_is_never_used_more_often_than_it_says() {
    assert_eq!(broken(Uses { rules: ALL }), [] as [&str; 0]);
}

#[test]
fn without_burn_before_the_bolt_the_model_finds_a_second_use() {
    let found = without(|rules| rules.burn_before_bolt = false);
    assert!(found.contains(&MORE_VISITORS) && found.contains(&NAKED), "{found:?}");
}

#[test]
fn without_the_sync_before_the_bolt_the_model_finds_a_second_use() {
    let found = without(|rules| rules.sync_before_bolt = false);
    assert!(found.contains(&MORE_VISITORS) && found.contains(&NAKED), "{found:?}");
}

#[test]
fn without_burning_at_once_two_handsets_race_for_one_use() {
    assert!(without(|rules| rules.burn_at_once = false).contains(&MORE_VISITORS));
}

#[test]
fn without_replaying_uses_a_crash_gives_them_back() {
    assert!(without(|rules| rules.replay_uses = false).contains(&MORE_VISITORS));
}

#[test]
fn without_binding_the_use_to_its_visit_a_crash_costs_the_delivery() {
    let found = without(|rules| rules.bind_to_visit = false);
    assert_eq!(found, ["a crash between burn and bolt costs nobody the delivery"]);
}

#[test]
fn without_one_passage_at_a_time_somebody_comes_in_behind_another() {
    let found = without(|rules| rules.one_passage = false);
    assert!(found.contains(&"nobody is let in through somebody else's passage"), "{found:?}");
}

#[test]
fn without_noting_the_entry_a_crash_gives_another() {
    let found = without(|rules| rules.note_entry = false);
    assert!(found.contains(&"an entry too many takes a note that a crash destroyed"), "{found:?}");
}

#[test]
fn without_a_bound_on_pulses_a_sulking_lock_is_tried_without_end() {
    let found = without(|rules| rules.bound_pulses = false);
    assert!(found.contains(&"three pulses at most until the door opens"), "{found:?}");
}
