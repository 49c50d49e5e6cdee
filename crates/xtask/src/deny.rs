//! `./x deny`: licences, bans and sources of all dependencies, by the rules in `deny.toml`.
//!
//! Not part of `./x test`: building cargo-deny takes about three minutes the first time. Run it when dependencies change.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::bail;

use crate::setup;
use crate::steps::{Steps, cargo};

/// The release that `deny.toml` is written for.
const VERSION: &str = "^0.20";
/// Below the target folder: `cargo clean` takes it away, and nobody's own tools are touched.
const INSTALLED_IN: &str = "target/tools";

pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let checks: &[&str] = match arguments {
        [] => &["licenses", "bans", "sources"],
        // Fetches the advisory database over the network, so it is asked for by name.
        [word] if word == "advisories" => &["advisories"],
        _ => bail!("usage: ./x deny [advisories]"),
    };
    let mut steps = Steps::new(root);
    let own = root.join(INSTALLED_IN).join("bin/cargo-deny");
    let program = if setup::on_path("cargo-deny") {
        PathBuf::from("cargo-deny")
    } else {
        if !own.exists() {
            let install = ["install", "cargo-deny", "--locked", "--version", VERSION, "--root", INSTALLED_IN];
            steps.command("build cargo-deny, once, about 3 minutes", cargo(root).args(install))?;
        }
        own
    };
    steps.command("deny", Command::new(program).args(["--locked", "check"]).args(checks))?;
    steps.finish("deny");
    Ok(ExitCode::SUCCESS)
}
