//! `./x mutate`: takes out one defence at a time and shows which test notices. One that nobody notices is no defence: the
//! next change may lose it.
//!
//! Owns the list of defences, a copy of the tree to take them out of, what each run showed, and the page of it. Your own files are
//! not touched.

mod defences;
mod page;
mod results;
mod tree;

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

pub(crate) use defences::{Defence, LIST, TEXT, all};
pub(crate) use page::{NOTHING, PAGE, named_in};

use crate::steps::{self, GREEN, RED, paint, seconds};
use results::Results;
use tree::Tree;

/// Writes the page of all defences.
const WRITE: &str = "--write";
/// Runs what has a result that holds, too.
const ANEW: &str = "--anew";
const OPTIONS: [&str; 2] = [WRITE, ANEW];

/// A test that ends no more has noticed, too.
const LIMIT: Duration = Duration::from_mins(5);
/// Parts of the names of tests that take seconds each. They run only where no other notices: an entry is then through in a
/// third of the time.
const LONG: [&str; 4] = ["properties::", "reference::", "models::", "is_one_that_the_generator_writes"];
const POLL: Duration = Duration::from_millis(50);

/// What became of one defence.
pub(crate) enum Outcome {
    /// These tests failed.
    Noticed(Vec<String>),
    /// The tests did not end.
    Hung,
    Unnoticed,
    /// What the list puts there does not compile, so nothing was tried.
    Broken,
}

pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let says = |option: &str| arguments.iter().any(|argument| argument == option);
    let words: Vec<&String> = arguments.iter().filter(|word| !OPTIONS.contains(&word.as_str())).collect();
    if let Some(unknown) = words.iter().find(|word| word.starts_with('-')) {
        bail!(
            "`./x mutate` does not know {unknown}; it takes {} and words that a name or a file has in it",
            OPTIONS.join(", ")
        );
    }
    ensure!(
        !says(WRITE) || words.is_empty(),
        "`--write` writes the page of all defences: leave out {words:?}"
    );
    let defences = all()?;
    let is_wanted =
        |one: &&Defence| words.iter().all(|word| one.name.contains(&***word) || one.file.contains(&***word));
    let wanted: Vec<&Defence> = defences.iter().filter(is_wanted).collect();
    ensure!(!wanted.is_empty(), "no defence has {words:?} in its name or file; all are in {LIST}");

    let tree = Tree::copied(root)?;
    let mut results = Results::read(&tree)?;
    let outcomes = taken_out(&tree, &mut results, &wanted, says(ANEW))?;
    if says(WRITE) {
        page::write(root, &wanted, &outcomes)?;
    }
    let noticed =
        outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Noticed(_) | Outcome::Hung)).count();
    println!("\n{} taken out one at a time, {noticed} noticed", counted(wanted.len()));
    Ok(if noticed == wanted.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What became of each. A result that holds is not run again, unless everything is to be.
fn taken_out(
    tree: &Tree,
    results: &mut Results,
    wanted: &[&Defence],
    anew: bool,
) -> anyhow::Result<Vec<Outcome>> {
    let before = |results: &Results, defence: &Defence| results.of(defence).filter(|_| !anew);
    let due: Vec<&Defence> =
        wanted.iter().filter(|defence| before(results, defence).is_none()).copied().collect();
    whole(tree, results, &due)?;
    let mut outcomes = Vec::new();
    for (index, defence) in wanted.iter().enumerate() {
        let start = Instant::now();
        let (outcome, took) = if let Some(outcome) = before(results, defence) {
            (outcome, "before".to_owned())
        } else {
            let outcome = without(tree, defence).with_context(|| format!("without `{}`", defence.name))?;
            results.keep(defence, &outcome)?;
            (outcome, seconds(start.elapsed()))
        };
        let (number, of, name) = (index + 1, wanted.len(), &defence.name);
        println!("{number:>4}/{of} {took}  {name}  {}", told(&outcome));
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn counted(count: usize) -> String {
    if count == 1 { "1 defence".into() } else { format!("{count} defences") }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Noticed(tests) => paint(GREEN, &format!("noticed by {}", shortly(tests))),
        Outcome::Hung => paint(GREEN, &format!("noticed: the tests did not end in {}", seconds(LIMIT))),
        Outcome::Unnoticed => paint(RED, "NOT NOTICED"),
        Outcome::Broken => paint(RED, "does not compile: mend the list"),
    }
}

/// The first two by name, and how many more.
fn shortly(tests: &[String]) -> String {
    let named = tests.iter().take(2).cloned().collect::<Vec<_>>().join(", ");
    match tests.len().saturating_sub(2) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Nothing can be said of tests that fail anyway.
fn whole(tree: &Tree, results: &mut Results, due: &[&Defence]) -> anyhow::Result<()> {
    let mut packages: Vec<&str> = due.iter().flat_map(|defence| defence.tested_by()).copied().collect();
    packages.sort_unstable();
    packages.dedup();
    packages.retain(|package| !results.is_whole(package));
    for package in packages {
        println!("tests of {package}, with all defences: the first time, this builds them");
        match tested(tree, &[package], &[Vec::new()])? {
            Outcome::Unnoticed => results.keep_whole(package)?,
            Outcome::Noticed(tests) => bail!("tests fail with all defences in place: {}", tests.join(", ")),
            Outcome::Hung => bail!("tests of {package} do not end with all defences in place"),
            Outcome::Broken => bail!("{package} does not compile with all defences in place"),
        }
    }
    Ok(())
}

fn without(tree: &Tree, defence: &Defence) -> anyhow::Result<Outcome> {
    let _back = tree.change(defence)?;
    let quick = LONG.iter().flat_map(|words| ["--skip", words]).collect();
    tested(tree, defence.tested_by(), &[quick, LONG.to_vec()])
}

/// Builds and runs the tests of these packages, one after the other until one notices; each in rounds
/// that choose among them by these arguments.
fn tested(tree: &Tree, packages: &[&str], rounds: &[Vec<&str>]) -> anyhow::Result<Outcome> {
    let log = tree.path("mutate.log");
    for package in packages {
        let built =
            cargo_test(tree, package, &log)?.arg("--no-run").status().context("cannot start cargo")?;
        if !built.success() {
            return Ok(Outcome::Broken);
        }
        for chosen in rounds {
            let mut run = cargo_test(tree, package, &log)?;
            let child = run.arg("--").args(chosen).process_group(0).spawn().context("cannot start cargo")?;
            let Some(status) = ended(child)? else { return Ok(Outcome::Hung) };
            let failed = failed(&std::fs::read_to_string(&log)?);
            match (status.success(), failed.is_empty()) {
                (true, _) => {}
                (false, false) => return Ok(Outcome::Noticed(failed)),
                (false, true) => bail!("no test failed, and cargo did ({status}): see {}", log.display()),
            }
        }
    }
    Ok(Outcome::Unnoticed)
}

/// What it prints is in `log`.
fn cargo_test(tree: &Tree, package: &str, log: &Path) -> anyhow::Result<Command> {
    let output = File::create(log)?;
    let mut command = steps::cargo(&tree.path(""));
    command
        .args(["test", "--locked", "--no-fail-fast", "--lib", "--bins", "--tests", "-p", package])
        .env("CARGO_TARGET_DIR", tree.build())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    Ok(command)
}

/// None if it had to be ended, with all that it started.
fn ended(mut child: Child) -> anyhow::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < LIMIT {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(POLL);
    }
    let group = format!("-{}", child.id());
    Command::new("kill").args(["-KILL", "--", &group]).status().context("cannot end the tests")?;
    child.wait()?;
    Ok(None)
}

/// The tests that libtest says failed. One program's name is as good as another's: two are one.
fn failed(said: &str) -> Vec<String> {
    let name = |line: &str| Some(line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?.to_owned());
    let mut failed: Vec<String> = said.lines().filter_map(name).collect();
    failed.sort();
    failed.dedup();
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_named_once() {
        let said = "running 2 tests\ntest b::c ... FAILED\ntest a ... ok\ntest b::c ... FAILED\n";
        assert_eq!(failed(said), ["b::c"]);
    }

    #[test]
    fn many_are_told_shortly() {
        let tests: Vec<String> = ["a", "b", "c", "d"].map(Into::into).into();
        assert_eq!(shortly(&tests[..1]), "a");
        assert_eq!(shortly(&tests), "a, b and 2 more");
    }

    #[test]
    fn whatever_is_asked_for_must_be_there() {
        let refused = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            run(Path::new("/nowhere"), &words).unwrap_err().to_string()
        };
        assert!(refused(&["--all"]).contains("does not know"));
        assert!(refused(&["no such defence"]).contains("no defence"));
        assert!(refused(&["--write", "bolt"]).contains("leave out"));
    }
}
