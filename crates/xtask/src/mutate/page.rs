//! The page of all defences, with the tests that noticed each.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use super::{Defence, Outcome, shortly};

const PAGE: &str = "docs/reference/defences.md";
const HEAD: &str = "# Defences

Each line is one check, one order of steps or one timer. `./x mutate` takes it out of a copy of the source, and nothing else, and runs
the tests of its crate: here is which of them fail. `./x mutate bolt` does so for those with *bolt* in their name. What is taken out
stands in [the list](../../crates/xtask/src/mutate/defences.txt); this page is written by `./x mutate --write`.
";

pub(super) fn write(root: &Path, defences: &[&Defence], outcomes: &[Outcome]) -> anyhow::Result<()> {
    let mut text = HEAD.to_owned();
    let mut file = "";
    for (defence, outcome) in defences.iter().zip(outcomes) {
        if defence.file != file {
            file = &defence.file;
            write!(text, "\n## `{file}`\n| defence | without it, these fail |\n|---|---|\n")?;
        }
        let noticed = match outcome {
            Outcome::Noticed(tests) => {
                shortly(&tests.iter().map(|test| format!("`{test}`")).collect::<Vec<_>>())
            }
            Outcome::Hung => "the tests do not end".into(),
            Outcome::Unnoticed | Outcome::Broken => "**nothing**".into(),
        };
        writeln!(text, "| {} | {noticed} |", defence.name)?;
    }
    std::fs::write(root.join(PAGE), text).with_context(|| format!("cannot write {PAGE}"))
}
