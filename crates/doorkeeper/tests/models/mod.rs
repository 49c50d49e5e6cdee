//! Two small models, searched through whole by stateright: every order of events, with crashes in between. Beside each
//! stands what happens when one of its rules is taken away: a rule that nothing breaks without is no rule.
//!
//! They are models of the design, not of the code. The code is held to the same by `reference`, `properties` and the
//! tests named after sentences.

mod relock;
mod uses;

use stateright::{Checker, Model};
use std::hash::Hash;

/// The properties that some course of events breaks, and the `sometimes` that none reaches.
fn broken<M>(model: M) -> Vec<&'static str>
where
    M: Model + Clone + Send + Sync + 'static,
    M::State: Clone + std::fmt::Debug + Hash + Send + Sync + PartialEq,
    M::Action: Clone + std::fmt::Debug + PartialEq + Send + Sync,
{
    let properties = model.properties();
    let checker = model.checker().spawn_bfs().join();
    assert!(checker.is_done(), "searched through");
    let broken = |property: &stateright::Property<M>| {
        let found = checker.discovery(property.name).is_some();
        match property.expectation {
            stateright::Expectation::Always => found,
            stateright::Expectation::Sometimes => !found,
            stateright::Expectation::Eventually => unreachable!("not used here"),
        }
    };
    properties.iter().filter(|property| broken(property)).map(|property| property.name).collect()
}
