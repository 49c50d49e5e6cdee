//! Runs a list of commands one after the other, with the time each took; stops at the first that fails.
//!
//! Plain text, so that a log reads like the terminal; colours only on a terminal and unless NO_COLOR is set.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::beside::{Beside, Ran};

pub(crate) struct Steps {
    root: PathBuf,
    start: Instant,
    done: Vec<(String, Duration)>,
}

impl Steps {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), start: Instant::now(), done: Vec::new() }
    }

    /// The workspace's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Runs cargo, the one that started this program.
    pub(crate) fn cargo(&mut self, title: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = cargo(&self.root);
        command.args(arguments);
        self.command(title, &mut command)
    }

    /// Runs a program at the workspace's root; a status other than 0 is the end.
    pub(crate) fn command(&mut self, title: &str, command: &mut Command) -> anyhow::Result<()> {
        let line = command_line(command);
        self.work(&format!("{title}: {line}"), title, |root| {
            let status =
                command.current_dir(root).status().with_context(|| format!("cannot start `{line}`"))?;
            if !status.success() {
                bail!("`{line}` failed ({status})");
            }
            Ok(())
        })
    }

    /// Runs a step that is code of this program.
    pub(crate) fn work(
        &mut self,
        announcement: &str,
        title: &str,
        work: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let start = Instant::now();
        self.taking(|| start.elapsed(), announcement, title, work)
    }

    /// Runs a step; afterwards `elapsed` says how long it took.
    fn taking(
        &mut self,
        elapsed: impl Fn() -> Duration,
        announcement: &str,
        title: &str,
        work: impl FnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        println!("{}", paint(BOLD, &format!("==> {announcement}")));
        let result = work(&self.root);
        let elapsed = elapsed();
        match result {
            Ok(()) => {
                println!("{}", paint(GREEN, &format!("    {title}: done in {}", seconds(elapsed))));
                self.done.push((title.to_owned(), elapsed));
                Ok(())
            }
            Err(error) => {
                println!("{}", paint(RED, &format!("    {title}: stopped after {}", seconds(elapsed))));
                Err(error.context(format!("step `{title}`")))
            }
        }
    }

    /// Starts a program at the workspace's root and goes on. What it prints is shown by [`Steps::join`], so that two
    /// do not talk at once.
    pub(crate) fn beside(&mut self, title: &str, command: &mut Command) -> anyhow::Result<Beside> {
        println!("{}", paint(BOLD, &format!("==> {title}, beside what follows")));
        Beside::start(&self.root, title, command)
    }

    /// Waits for a program that was started beside others, and shows what it said.
    pub(crate) fn join(&mut self, beside: Beside) -> anyhow::Result<()> {
        self.show(&beside.end()?)
    }

    /// Shows what a program said that ran beside others.
    pub(crate) fn show(&mut self, ran: &Ran) -> anyhow::Result<()> {
        let title = &ran.title;
        self.taking(|| ran.took, &format!("{title}, beside what came before"), title, |_| ran.show())
    }

    /// What went well, and how long it took.
    #[cfg(test)]
    pub(crate) fn done(&self) -> &[(String, Duration)] {
        &self.done
    }

    /// The closing summary.
    pub(crate) fn finish(&self, name: &str) {
        let total = self.start.elapsed();
        println!("\n{}", paint(BOLD, &format!("{name}: {} steps in {}", self.done.len(), seconds(total))));
        for (title, elapsed) in &self.done {
            println!("{:>9}  {title}", seconds(*elapsed));
        }
    }
}

/// Cargo at the workspace's root. What cargo told *this* program about itself is taken out, or build scripts that
/// watch those variables would run again each time.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        if let Some(name) = name.to_str()
            && (name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    command
}

/// The same command, with these arguments, for when nobody else wants the processor.
pub(crate) fn yielding(command: &Command, arguments: &[&str]) -> Command {
    let mut nice = Command::new("nice");
    nice.args(["-n", "19"]).arg(command.get_program()).args(arguments);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    nice
}

/// The command as one would type it.
pub(crate) fn command_line(command: &Command) -> String {
    // Cargo tells its own place in full; nobody types that.
    let cargo = std::env::var_os("CARGO").is_some_and(|cargo| cargo == command.get_program());
    let program = if cargo { "cargo".as_ref() } else { command.get_program() };
    let words = std::iter::once(program).chain(command.get_args()).map(|word| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+".contains(c);
        if !word.is_empty() && word.chars().all(plain) { word.into_owned() } else { format!("'{word}'") }
    });
    words.collect::<Vec<_>>().join(" ")
}

pub(crate) const BOLD: &str = "1";
pub(crate) const RED: &str = "31";
pub(crate) const GREEN: &str = "32";
pub(crate) const YELLOW: &str = "33";

/// `text` in a colour of ECMA-48, or as it is where nobody looks at a terminal.
pub(crate) fn paint(colour: &str, text: &str) -> String {
    let wanted =
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    if wanted { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

/// For people.
pub(crate) fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yielding_command_runs_as_the_last_of_all() {
        let nice = yielding(&Command::new("nice"), &[]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&nice.stdout).trim(), "19");
    }

    #[test]
    fn a_failing_step_names_its_command() {
        let mut steps = Steps::new(Path::new("."));
        let error = steps.command("fails", Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        let text = format!("{error:#}");
        assert!(
            text.contains("step `fails`") && text.contains("sh -c 'exit 3'") && text.contains('3'),
            "{text}"
        );
        assert!(steps.done.is_empty());
    }

    #[test]
    fn a_missing_program_is_named() {
        let mut steps = Steps::new(Path::new("."));
        let error = steps.command("absent", &mut Command::new("no-such-program-here")).unwrap_err();
        assert!(format!("{error:#}").contains("no-such-program-here"));
    }
}
