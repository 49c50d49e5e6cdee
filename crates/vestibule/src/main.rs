//! The one binary. Each command is a file in `commands`, named after it.

mod client;
mod commands;
mod delivery_folder;
mod demo;
mod doctor;
mod keys;
mod letters;
mod live_page;
mod panes;
mod people;
mod say;
mod sealed;

use anyhow::Context as _;
use clap::Parser;
use std::io::IsTerminal;
use std::process::ExitCode;
use tokio::runtime::Builder;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// In-home delivery in which the cloud holds nothing that opens a door.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    /// Answer in JSON, one object a line: for programs.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: commands::Command,
}

const EXAMPLES: &str = "\
Examples:
  vestibule demo                       a whole delivery on this machine, then play on by hand
  vestibule verify demo/delivery       check a delivery without trusting anyone
  vestibule doctor --dir home          what is wrong with this home, and the mend";

/// Logs to standard error what is asked for.
fn log(asked: Option<&str>) -> anyhow::Result<()> {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_filter(wanted(asked)?);
    tracing_subscriber::registry().with(lines).init();
    Ok(())
}

/// Such as `info`, or `hub=debug,warn`: warnings, unless something is asked for.
fn wanted(asked: Option<&str>) -> anyhow::Result<Targets> {
    let asked = asked.filter(|said| !said.is_empty()).unwrap_or("warn");
    // A word alone is taken for a target: a misspelt level would turn everything else off.
    let is_known = |one: &str| one.contains('=') || one.parse::<LevelFilter>().is_ok();
    let parsed = asked.parse().ok().filter(|_| asked.split(',').all(is_known));
    parsed.with_context(|| {
        format!("VESTIBULE_LOG is {asked:?}: say a level such as `info`, or some with their targets, such as `hub=debug,warn`")
    })
}

/// A recorder's work is little and comes one picture after the other: a second thread would cost more than it does.
fn threads(command: &commands::Command) -> Builder {
    if matches!(command, commands::Command::Recorder(_)) {
        return Builder::new_current_thread();
    }
    let mut threads = Builder::new_multi_thread();
    threads.worker_threads(2);
    threads
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let say = say::Say::new(cli.json);
    if let Err(why) = log(std::env::var("VESTIBULE_LOG").ok().as_deref()) {
        say.failed(&why);
        return ExitCode::FAILURE;
    }
    let runtime = match threads(&cli.command).enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => {
            say.failed(&anyhow::anyhow!("the program cannot start its threads: {why}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli.command.run(say)) {
        Ok(code) => code,
        Err(why) => {
            say.failed(&why);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn what_is_logged_is_a_level_or_some_with_targets_and_nothing_else() {
        let logs = |asked, target: &str, level| wanted(asked).unwrap().would_enable(target, &level);
        for nothing in [None, Some("")] {
            assert!(logs(nothing, "hub", Level::WARN) && !logs(nothing, "hub", Level::INFO));
        }
        let asked = Some("hub=debug,warn");
        assert!(logs(asked, "hub", Level::DEBUG) && logs(asked, "cloud", Level::WARN));
        assert!(!logs(asked, "cloud", Level::INFO));
        for wrong in ["wran", "hub=loud", "info,hub"] {
            let said = wanted(Some(wrong)).unwrap_err().to_string();
            assert!(said.contains("VESTIBULE_LOG") && said.contains(&format!("{wrong:?}")), "{said}");
        }
    }
}
