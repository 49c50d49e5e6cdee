//! `./x test`: everything CI runs, on a new machine too.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::beside::Queue;
use crate::setup::{self, Need};
use crate::steps::{self, Steps};
use crate::{check, programs, tidy, web};

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    let mut steps = Steps::new(root);
    steps.work("setup: what the tests need", "setup", |root| setup::ensure(root, Need::ALL))?;
    check::quick(&mut steps)?;
    let vectors =
        steps.beside("vectors against CDDL", Command::new(setup::python(root)).arg("spec/check.py"))?;
    let cores = steps.cargo(&format!("cores for {}", setup::MICROCONTROLLER), &core_build());
    steps.join(vectors).and(cores)?;
    web::build(&mut steps)?;
    let types = steps.beside("pages: types", &mut web::types())?;
    let parts = steps.beside("pages: parts", &mut web::parts())?;
    let programs = programs::tests(&mut steps);
    let sound = steps.join(types);
    steps.join(parts).and(sound)?;
    let programs = programs?;
    programs::examples(&mut steps)?;
    // All of it runs, whatever failed before: a day's work may have broken two things. The lints take what time the others
    // leave; `./x check` has them sooner.
    let lints = steps.beside("clippy", &mut steps::yielding(&steps::cargo(root), check::CLIPPY))?;
    let others = programs.iter().filter(|program| !program.delivers());
    let tested = steps.work("tests: all but the deliveries", "tests", |_| programs::run(others));
    // Deliveries mostly wait for a door. One at a time here and in the browsers: a delivery is five processes and drawn video,
    // and its limits are real milliseconds. Then the pages, two at a time.
    let in_chromium = Queue::new(root, web::in_chromium(root)?);
    let (delivered, seen) = in_chromium.run_beside(&mut steps, |steps| {
        steps.work("deliveries", "deliveries", |_| programs::deliver(&programs))
    });
    steps.join(lints).and(seen).and(tested).and(delivered)?;
    steps.finish("test");
    Ok(ExitCode::SUCCESS)
}

/// The cores run on a microcontroller, too; a dependency that needs an operating system shows here. The browser's are
/// built with what runs there ([`web::build`]).
fn core_build() -> Vec<&'static str> {
    let mut arguments = vec!["build", "--locked", "--lib", "--no-default-features"];
    arguments.extend(["--target", setup::MICROCONTROLLER]);
    arguments.extend(tidy::CORES.iter().flat_map(|core| ["-p", core]));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_all_cores() {
        let line = core_build().join(" ");
        assert!(
            line.ends_with(
                "thumbv7em-none-eabihf -p protocol -p doorkeeper -p recording -p letterbox -p drafts"
            ),
            "{line}"
        );
    }
}
