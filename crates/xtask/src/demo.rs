//! `./x demo`: builds the one binary and becomes `vestibule demo`. Needs Rust and a compiler for C++, and nothing else.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::setup::{self, Need};
use crate::steps::{cargo, command_line};

pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    setup::ensure(root, &[Need::Compiler])?;
    // In two steps: a first build takes minutes and must show its progress, a run should show only the demo.
    let mut build = cargo(root);
    build.args(["build", "--locked", "--package", "vestibule"]);
    if !build.status().context("cannot start cargo")?.success() {
        bail!("`{}` failed", command_line(&build));
    }
    // Replaces this process, so that Ctrl-C and the exit code are the demo's own.
    let mut run = cargo(root);
    run.args(["run", "--quiet", "--locked", "--package", "vestibule", "--", "demo"]).args(arguments);
    let error = run.exec();
    Err(error).with_context(|| format!("cannot start `{}`", command_line(&run)))
}
