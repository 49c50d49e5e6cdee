//! `./x check`: what one runs after every few edits. Needs nothing but the Rust toolchain.

use std::path::Path;
use std::process::ExitCode;

use crate::steps::Steps;
use crate::tidy;

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    let mut steps = Steps::new(root);
    all(&mut steps)?;
    steps.finish("check");
    Ok(ExitCode::SUCCESS)
}

/// The steps that `./x test` begins with too. Tidy first: it takes a tenth of a second.
pub(crate) fn all(steps: &mut Steps) -> anyhow::Result<()> {
    steps.work("tidy: the house rules", "tidy", tidy::check)?;
    steps.cargo("format", &["fmt", "--all", "--check"])?;
    steps.cargo("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}
