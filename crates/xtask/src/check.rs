//! `./x check`: what one runs after every few edits. Needs nothing but the Rust toolchain.

use std::path::Path;
use std::process::ExitCode;

use crate::steps::Steps;
use crate::tidy;

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    let mut steps = Steps::new(root);
    quick(&mut steps)?;
    steps.cargo("clippy", CLIPPY)?;
    steps.finish("check");
    Ok(ExitCode::SUCCESS)
}

/// Every lint, of all there is, as an error.
pub(crate) const CLIPPY: &[&str] =
    &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];

/// The steps that `./x test` begins with too. Tidy first: it takes a tenth of a second.
pub(crate) fn quick(steps: &mut Steps) -> anyhow::Result<()> {
    steps.work("tidy: the house rules", "tidy", tidy::check)?;
    steps.cargo("format", &["fmt", "--all", "--check"])
}
