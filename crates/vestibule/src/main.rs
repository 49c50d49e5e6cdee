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

use clap::Parser;
use std::io::IsTerminal;
use std::process::ExitCode;

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

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("VESTIBULE_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let say = say::Say::new(cli.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
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
