//! The workspace's chores: everything a person or CI runs goes through `./x <command>`.
//!
//! Owns how the workspace is checked, tested and started. Owns no product code: nothing here is shipped.

mod bench;
mod beside;
mod check;
mod demo;
mod deny;
mod help;
mod mutate;
mod programs;
mod setup;
mod steps;
mod test;
mod tidy;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

/// One word after `./x`.
struct Chore {
    name: &'static str,
    about: &'static str,
    run: fn(root: &Path, arguments: &[String]) -> anyhow::Result<ExitCode>,
}

/// All chores, in the order in which `./x help` shows them.
const CHORES: &[Chore] = &[
    Chore { name: "demo", about: "build Vestibule and run a whole delivery on this machine", run: demo::run },
    Chore { name: "check", about: "the quick loop: formatting, clippy, tidy", run: check::run },
    Chore { name: "test", about: "everything CI runs; installs what is missing first", run: test::run },
    Chore {
        name: "bench",
        about: "what is measured, against what it should reach; takes a quiet machine, or a word to choose by",
        run: bench::run,
    },
    Chore {
        name: "mutate",
        about: "take out one defence at a time and see which test notices; takes an hour, or a word to choose by",
        run: mutate::run,
    },
    Chore { name: "web", about: "build the app that the cloud serves; needs Node", run: web::run },
    Chore {
        name: "browser",
        about: "what people do and see, in Chromium over the real programs",
        run: web::browser,
    },
    Chore {
        name: "pictures",
        about: "every screen of the app as a picture, in German and English, light and dark, small and large",
        run: web::pictures,
    },
    Chore {
        name: "tidy",
        about: "the house rules: docs tell the truth, dependencies point one way",
        run: tidy::run,
    },
    Chore {
        name: "setup",
        about: "say what this machine lacks, and install it where allowed",
        run: setup::run,
    },
    Chore {
        name: "deny",
        about: "licences, bans and sources of all dependencies; `deny advisories` asks the network",
        run: deny::run,
    },
    Chore { name: "help", about: "this list", run: help::run },
];

/// The command line or the machine is not ready for this, as opposed to a check that found something.
const EXIT_NOT_READY: u8 = 2;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = arguments.collect();
    let name = if matches!(name.as_str(), "-h" | "--help") { "help" } else { &name };
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        eprintln!("x: there is no command `{name}`\n\n{}", help::text());
        return ExitCode::from(EXIT_NOT_READY);
    };
    match workspace_root().and_then(|root| (chore.run)(&root, &rest)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("x {name}: {error:#}");
            if is_not_ready(&error) { ExitCode::from(EXIT_NOT_READY) } else { ExitCode::FAILURE }
        }
    }
}

/// Steps wrap their errors, so look at the whole chain.
fn is_not_ready(error: &anyhow::Error) -> bool {
    error.chain().any(<dyn std::error::Error>::is::<setup::NotReady>)
}

/// Taken at run time, since a moved or shared target folder may hold a binary built somewhere else.
fn workspace_root() -> anyhow::Result<PathBuf> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").context("start this through ./x or `cargo xtask`")?;
    let root = Path::new(&own).ancestors().nth(2).context("xtask is not two folders below the workspace")?;
    Ok(root.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_machine_that_is_not_ready_is_told_apart_from_a_check_that_fails() {
        let mut steps = steps::Steps::new(Path::new("."));
        let lacks = setup::NotReady { lacks: "missing: ffmpeg".into(), commands: Vec::new() };
        let error = steps.work("setup", "setup", |_| Err(lacks.into())).unwrap_err();
        assert!(is_not_ready(&error));
        assert!(!is_not_ready(&anyhow::anyhow!("missing: ffmpeg").context("step `setup`")));
    }
}
