//! The decision vectors, as values. What is expected is written by hand, never taken from the code under test.

#![allow(clippy::wildcard_imports, reason = "every file speaks of the whole cast")]
#![allow(clippy::struct_excessive_bools, reason = "a home answers many questions with yes or no")]
#![allow(clippy::struct_field_names, reason = "a visit's id is called visit everywhere")]
#![allow(dead_code, reason = "the cast is shared with the message vectors")]

mod answers;
mod arrivals;
#[path = "../../../../protocol/examples/vectors/cases/cast.rs"]
mod cast;
pub(crate) mod file;
mod good;
mod home_and_form;
mod keeping;
mod looks;
mod papers;
mod rings;
mod scans_and_cameras;
mod scene;

use file::Decision;
use scene::Scene;

/// By folder.
pub(crate) fn all() -> [(&'static str, Vec<Decision>); 2] {
    let good =
        [good::all(), arrivals::good(), rings::good(), keeping::good(), answers::good(), looks::good()]
            .concat();
    let decisions = [home_and_form::all(), papers::all(), scans_and_cameras::all()].concat();
    let bad =
        [decisions, arrivals::bad(), rings::bad(), keeping::bad(), answers::bad(), looks::bad()].concat();
    [("good", good), ("bad", bad)]
}

/// A refusal at a step.
fn refused(name: &str, sentence: &str, step: u8, code: &str, scene: Scene) -> Decision {
    scene.told(name, sentence, &format!("refused:{code}"), Some(step))
}
