//! `./x help`: one line for each command.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use crate::CHORES;

#[expect(clippy::unnecessary_wraps, reason = "the shape of every chore")]
pub(crate) fn run(_root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    println!("{}", text());
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn text() -> String {
    let mut text = "usage: ./x <command>\n".to_owned();
    for chore in CHORES {
        let _ = write!(text, "\n  {:<10}{}", chore.name, chore.about);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_command_once() {
        for chore in CHORES {
            assert_eq!(text().matches(&format!("\n  {:<10}", chore.name)).count(), 1, "{}", chore.name);
        }
    }
}
