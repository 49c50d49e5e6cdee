//! `./x bench`: the figures of docs/reference/bench.md, each as a line of JSON with what it should reach.
//!
//! Figures belong on a quiet machine and on what people run, so this is no part of `./x test` and builds for release.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{bail, ensure};

use crate::steps::{self, Steps};

/// A benchmark: its package and its name.
const RUST: &[(&str, &str)] =
    &[("hub", "decision"), ("cloud", "door_log"), ("vestibule", "recording"), ("vestibule", "watcher")];

pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    if let Some(unknown) = arguments.iter().find(|word| !RUST.iter().any(|(_, name)| name == word)) {
        let names: Vec<&str> = RUST.iter().map(|(_, name)| *name).collect();
        bail!("there is no benchmark {unknown}; there are {}", names.join(", "));
    }
    let mut steps = Steps::new(root);
    let mut missed = Vec::new();
    for (package, name) in RUST {
        if !arguments.is_empty() && !arguments.iter().any(|word| word == name) {
            continue;
        }
        let choice = ["bench", "--locked", "--quiet", "-p", package, "--bench", name];
        // All of them are measured, whichever misses.
        steps.work(&format!("{name}: cargo {}", choice.join(" ")), name, |root| {
            if !steps::cargo(root).args(choice).status()?.success() {
                missed.push(*name);
            }
            Ok(())
        })?;
    }
    steps.finish("bench");
    ensure!(missed.is_empty(), "not reached, or not measured: {}", missed.join(", "));
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_that_is_not_there_is_named() {
        let error = run(Path::new("/nowhere"), &["speed".into()]).unwrap_err().to_string();
        assert!(error.contains("speed") && error.contains("decision"), "{error}");
    }
}
