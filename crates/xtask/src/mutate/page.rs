//! The page of all defences, with the tests that noticed each.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use super::{Defence, Outcome, shortly};

/// Where the page lies, from the workspace's root.
pub(crate) const PAGE: &str = "docs/reference/defences.md";
/// The heading of the first column.
const COLUMN: &str = "defence";
/// Stands in the row of a defence that nobody noticed.
pub(crate) const NOTHING: &str = "**nothing**";

const HEAD: &str = "# Defences

Each line is one check, one order of steps or one timer. `./x mutate` takes it out of a copy of the source, and nothing else, and runs
the tests of its crate: here is which fail. Models, random worlds and whole homes run only where no quicker test fails. With words, as
in `./x mutate bolt`, it runs those with *bolt* in their name or file. What is taken out stands in
[the list](../../crates/xtask/src/mutate/defences.txt).

`./x mutate --write` writes this page. It takes an hour or more and may be stopped: what was run is not run again while the entry, the
crates that its tests are built of, the vectors and the tests that noticed are as they were. `--anew` runs everything.
";

pub(super) fn write(root: &Path, defences: &[&Defence], outcomes: &[Outcome]) -> anyhow::Result<()> {
    std::fs::write(root.join(PAGE), text(defences, outcomes)?).with_context(|| format!("cannot write {PAGE}"))
}

/// The name in a row of the page.
pub(crate) fn named_in(row: &str) -> Option<&str> {
    let name = row.strip_prefix("| ")?.split_once(" |")?.0;
    (name != COLUMN).then_some(name)
}

fn text(defences: &[&Defence], outcomes: &[Outcome]) -> anyhow::Result<String> {
    let mut text = HEAD.to_owned();
    let unnoticed =
        outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unnoticed | Outcome::Broken)).count();
    let noticed =
        if unnoticed == 0 { "Each is noticed.".into() } else { format!("{unnoticed} are not noticed.") };
    writeln!(text, "\n{} stand here. {noticed}", defences.len())?;
    let mut file = "";
    for (defence, outcome) in defences.iter().zip(outcomes) {
        if defence.file != file {
            file = &defence.file;
            write!(text, "\n## `{file}`\n| {COLUMN} | without it, these fail |\n|---|---|\n")?;
        }
        let noticed = match outcome {
            Outcome::Noticed(tests) => {
                shortly(&tests.iter().map(|test| format!("`{test}`")).collect::<Vec<_>>())
            }
            Outcome::Hung => "the tests do not end".into(),
            Outcome::Unnoticed | Outcome::Broken => NOTHING.into(),
        };
        writeln!(text, "| {} | {noticed} |", defence.name)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_the_defence_and_what_noticed() {
        let named = |name: &str, file: &str| Defence {
            name: name.into(),
            file: file.into(),
            from: "a".into(),
            to: String::new(),
        };
        let defences = [named("no bolt", "door.rs"), named("no key", "door.rs"), named("late", "time.rs")];
        let tests = ["a::b", "c", "d"].map(Into::into).into();
        let outcomes = [Outcome::Noticed(tests), Outcome::Unnoticed, Outcome::Hung];
        let page = text(&defences.iter().collect::<Vec<_>>(), &outcomes).unwrap();
        let rows: Vec<&str> = page.lines().filter(|line| named_in(line).is_some()).collect();
        assert_eq!(
            rows,
            [
                "| no bolt | `a::b`, `c` and 1 more |",
                "| no key | **nothing** |",
                "| late | the tests do not end |"
            ]
        );
        assert_eq!(
            rows.iter().filter_map(|row| named_in(row)).collect::<Vec<_>>(),
            ["no bolt", "no key", "late"]
        );
        assert!(page.contains("\n3 stand here. 1 are not noticed.\n"));
        assert_eq!(page.matches("## `").count(), 2);
    }
}
