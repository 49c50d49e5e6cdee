//! `./x test`: everything CI runs, on a new machine too.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::setup::{self, Need};
use crate::steps::{self, Steps};
use crate::{check, programs, tidy, web};

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    let mut steps = Steps::new(root);
    steps.work("setup: what the tests need", "setup", |root| setup::ensure(root, Need::ALL))?;
    check::quick(&mut steps)?;
    let vectors =
        steps.beside("vectors against CDDL", Command::new(setup::python(root)).arg("spec/check.py"))?;
    let cores = steps.cargo(&format!("cores for {}", setup::TARGETS.join(" and ")), &core_build());
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
    // and its limits are real milliseconds. The pages beside them, too, were more than two cores draw in time.
    let in_browsers = steps.beside("deliveries in browsers", &mut web::deliveries())?;
    let delivered = steps.work("deliveries", "deliveries", |_| programs::deliver(&programs));
    let pages = steps.command("pages in Chromium", &mut web::pages());
    let [lints, in_browsers] = [lints, in_browsers].map(|beside| steps.join(beside));
    lints.and(pages).and(in_browsers).and(tested).and(delivered)?;
    steps.finish("test");
    Ok(ExitCode::SUCCESS)
}

/// The cores run in a browser and on a microcontroller; a dependency that needs an operating system shows here.
fn core_build() -> Vec<&'static str> {
    let mut arguments = vec!["build", "--locked", "--lib", "--no-default-features"];
    arguments.extend(setup::TARGETS.iter().flat_map(|target| ["--target", target]));
    arguments.extend(tidy::CORES.iter().flat_map(|core| ["-p", core]));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_all_cores() {
        let line = core_build().join(" ");
        assert!(line.contains("--target wasm32-unknown-unknown "), "{line}");
        assert!(line.ends_with("-p protocol -p doorkeeper -p recording -p letterbox -p drafts"), "{line}");
    }
}
