//! Which faults a visit is to have, and when: drawn before it begins.

use crate::chance::Chance;
use crate::fault::{Fault, Stage};

/// A fault that strikes so long after its stage began, if the visit comes that far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned {
    pub(crate) stage: Stage,
    pub(crate) fault: Fault,
    pub(crate) after_ms: u64,
}

/// How long a fault waits in its stage at most, ms: within what the stage usually lasts.
const fn within_ms(stage: Stage) -> u64 {
    match stage {
        Stage::Before | Stage::Arrived => 900,
        Stage::Presented => 60,
        Stage::Committing => 150,
        Stage::Witnessing => 2,
        Stage::Pulsing | Stage::Locking => 500,
        Stage::Opened => 250,
        Stage::DoorOpen => 2_500,
        Stage::DoorClosed => 800,
        Stage::Unsecured => 3_000,
        Stage::Secured => 300,
        Stage::Over => 1_500,
    }
}

/// Draws a plan: none for one visit in twenty, else three to seven faults.
pub(crate) fn draw(chance: &mut Chance) -> Vec<Planned> {
    if chance.percent(5) {
        return vec![];
    }
    let mut plan: Vec<Planned> = (0..chance.between(3, 7)).map(|_| one(chance)).collect();
    if plan.iter().any(|planned| planned.stage == Stage::Unsecured) {
        // Nothing is unsecured by itself.
        let fault = chance.pick(&[Fault::LockJams, Fault::LockDead, Fault::LockSilent]);
        plan.push(Planned { stage: Stage::DoorOpen, fault, after_ms: 0 });
    }
    plan
}

fn one(chance: &mut Chance) -> Planned {
    let (stage, fault) = (chance.pick(Stage::ALL), chance.pick(Fault::ALL));
    Planned { stage, fault, after_ms: chance.below(within_ms(stage) + 1) }
}
