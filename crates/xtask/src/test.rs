//! `./x test`: everything CI runs, on a new machine too.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::setup::{self, Need};
use crate::steps::Steps;
use crate::{check, tidy, web};

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    let mut steps = Steps::new(root);
    steps.work("setup: what the tests need", "setup", |root| setup::ensure(root, Need::ALL))?;
    check::all(&mut steps)?;
    for target in setup::TARGETS {
        steps.cargo(&format!("cores for {target}"), &core_build(target))?;
    }
    if root.join("spec/check.py").exists() {
        steps.command("vectors against CDDL", Command::new(setup::python(root)).arg("spec/check.py"))?;
    } else {
        println!("    there is no spec/check.py yet: the vectors are not compared with the CDDL");
    }
    web::all(&mut steps)?;
    let tests = ["test", "--workspace", "--locked", "--exclude", "vestibule", "--exclude", "bindings"];
    steps.cargo("tests", &tests)?;
    // One delivery at a time: each runs five processes and draws video, and their limits are real milliseconds.
    steps
        .cargo("deliveries", &["test", "--package", "vestibule", "--locked", "--", "--test-threads", "1"])?;
    web::in_the_browser(&mut steps)?;
    steps.finish("test");
    Ok(ExitCode::SUCCESS)
}

/// The cores run in a browser and on a microcontroller; a dependency that needs an operating system shows here.
fn core_build(target: &str) -> Vec<&str> {
    let mut arguments = vec!["build", "--locked", "--lib", "--no-default-features", "--target", target];
    arguments.extend(tidy::CORES.iter().flat_map(|core| ["-p", core]));
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_all_cores() {
        let line = core_build("wasm32-unknown-unknown").join(" ");
        assert!(line.ends_with("-p protocol -p doorkeeper -p recording -p letterbox"), "{line}");
    }
}
