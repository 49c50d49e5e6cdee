//! What cargo builds to be run: the product's one program, and the test programs, which then run in the order and the
//! company that suits them.
//!
//! `cargo test --package a` and then `cargo build --package b` would build what both depend on twice, since each choice
//! of packages has features of its own; so the same are chosen always, and cargo says where each program is.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::steps::{self, Steps};

/// All packages but `bindings`, which has no tests, and whose dependencies are built once, for the browser.
const ALL: [&str; 4] = ["--workspace", "--exclude", "bindings", "--locked"];

/// The program of whole deliveries, and what it is run with: one at a time.
const DELIVERIES: &str = "vestibule deliveries";
const ONE_AT_A_TIME: [&str; 2] = ["--test-threads", "1"];
/// Those that mostly wait: their limits are minutes and their processes few, so that they disturb nobody.
const WAITING: [&str; 4] =
    ["a_look_leaves_nothing::", "bad_input::", "doctor::", "no_picture_outside_a_visit::"];

/// The programs of the hub's real brokers and streams, and what they are run with: their tests wait more than they work.
/// Not one program, and not the journal among them: who starts a process hands on, for a moment, what another test locks.
const PATIENT: [&str; 3] = ["hub camera_rtsp", "hub lock_conformance", "hub recorder"];
const MANY_AT_A_TIME: [&str; 2] = ["--test-threads", "8"];

/// What `cargo test` would run, and where.
pub(crate) struct Program {
    /// The folder of its package.
    folder: PathBuf,
    /// `hub lib`, `vestibule bad_input`.
    name: String,
    path: PathBuf,
}

/// Builds the product, and says where it lies.
pub(crate) fn vestibule(steps: &mut Steps) -> anyhow::Result<PathBuf> {
    let mut program = None;
    built(steps, "vestibule", &["build", "--bin", "vestibule"], |messages| {
        for message in parsed(messages) {
            let message = message?;
            if message["target"]["name"] == "vestibule" {
                program = message["executable"].as_str().map(PathBuf::from).or(program.take());
            }
        }
        Ok(())
    })?;
    program.context("cargo did not say where `vestibule` is")
}

/// Builds every test program, and the programs that they start.
pub(crate) fn tests(steps: &mut Steps) -> anyhow::Result<Vec<Program>> {
    let mut programs = Vec::new();
    let all = ["test", "--no-run", "--lib", "--bins", "--tests"];
    built(steps, "test programs", &all, |messages| {
        programs = listed(messages)?;
        for name in [&[DELIVERIES][..], &PATIENT].concat() {
            ensure!(programs.iter().any(|program| program.name == name), "cargo built no `{name}`");
        }
        Ok(())
    })?;
    Ok(programs)
}

/// Has cargo build, with its progress in sight, and passes on its messages.
fn built(
    steps: &mut Steps,
    title: &str,
    choice: &[&str],
    take: impl FnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut command = steps::cargo(steps.root());
    command.args(choice).args(ALL).args(["--message-format", "json-render-diagnostics"]);
    let announcement = format!("{title}: {}", steps::command_line(&command));
    steps.work(&announcement, title, |_| {
        let output = command.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
        ensure!(output.status.success(), "what was to be built does not compile ({})", output.status);
        take(&String::from_utf8_lossy(&output.stdout))
    })
}

/// Cargo's messages: one JSON object a line.
/// Source: <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
fn parsed(messages: &str) -> impl Iterator<Item = anyhow::Result<Value>> {
    messages.lines().map(|line| serde_json::from_str(line).context("cargo's messages are not JSON"))
}

/// The test programs among cargo's messages.
fn listed(messages: &str) -> anyhow::Result<Vec<Program>> {
    let mut programs = Vec::new();
    for message in parsed(messages) {
        let message = message?;
        let test = message["reason"] == "compiler-artifact" && message["profile"]["test"] == true;
        let (Some(path), true) = (message["executable"].as_str(), test) else { continue };
        let manifest =
            Path::new(message["manifest_path"].as_str().context("an artifact without a manifest")?);
        let folder = manifest.parent().context("a manifest without a folder")?.to_owned();
        let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = match message["target"]["kind"][0].as_str() {
            Some("test") => message["target"]["name"].as_str().unwrap_or_default(),
            Some(kind) => kind,
            None => "",
        };
        programs.push(Program { name: format!("{package} {target}"), folder, path: path.into() });
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

impl Program {
    /// Whether it is the one of whole deliveries.
    pub(crate) fn delivers(&self) -> bool {
        self.name == DELIVERIES
    }

    /// Runs it as cargo would: in its package's folder.
    fn run(&self, arguments: &[&str]) -> anyhow::Result<()> {
        println!("     Running {}", self.name);
        let status = self.command(arguments).status().with_context(|| self.unstarted())?;
        ensure!(status.success(), "`{}` failed ({status})", self.name);
        Ok(())
    }

    /// Runs it, and shows what it said when it has ended.
    fn run_beside(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let output = self.command(arguments).output().with_context(|| self.unstarted())?;
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        println!("     Ran {} beside the others\n{}", self.name, said.concat());
        ensure!(output.status.success(), "`{}` failed ({})", self.name, output.status);
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command
    }

    fn unstarted(&self) -> String {
        format!("cannot start {}", self.path.display())
    }
}

/// Runs programs one after the other; stops at the first that fails.
pub(crate) fn run<'a>(wanted: impl Iterator<Item = &'a Program>) -> anyhow::Result<()> {
    wanted.into_iter().try_for_each(|program| {
        let waits = PATIENT.contains(&program.name.as_str());
        program.run(if waits { &MANY_AT_A_TIME } else { &[] })
    })
}

/// Runs all deliveries: those that wait beside the others.
pub(crate) fn deliver(programs: &[Program]) -> anyhow::Result<()> {
    let program = programs.iter().find(|program| program.delivers()).context("no program delivers")?;
    let listed = program.command(&["--list"]).output().with_context(|| program.unstarted())?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    for name in WAITING {
        let is_there = listed.lines().any(|line| line.starts_with(name));
        ensure!(is_there, "no delivery is called {name}; mend `WAITING`");
    }
    let waiting = [&WAITING[..], &ONE_AT_A_TIME].concat();
    let skipped = WAITING.iter().flat_map(|name| ["--skip", name]);
    let others: Vec<&str> = skipped.chain(ONE_AT_A_TIME).collect();
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| program.run_beside(&waiting));
        let result = program.run(&others);
        let beside = beside.join().unwrap_or_else(|_| bail!("the deliveries that wait panicked"));
        result.and(beside)
    })
}

/// The examples in the documentation, over what [`tests`] has built.
pub(crate) fn examples(steps: &mut Steps) -> anyhow::Result<()> {
    steps.cargo("examples in the docs", &[&["test"], &ALL[..], &["--quiet", "--doc"]].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_programs_are_listed_each_with_its_package() {
        let messages = r#"{"reason":"compiler-artifact","manifest_path":"/w/crates/hub/Cargo.toml","target":{"kind":["lib"],"name":"hub"},"profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","manifest_path":"/w/crates/vestibule/Cargo.toml","target":{"kind":["bin"],"name":"vestibule"},"profile":{"test":false},"executable":"/t/vestibule"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/vestibule/Cargo.toml","target":{"kind":["test"],"name":"doctor"},"profile":{"test":true},"executable":"/t/doctor-1"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/hub/Cargo.toml","target":{"kind":["lib"],"name":"hub"},"profile":{"test":true},"executable":"/t/hub-1"}
{"reason":"build-finished","success":true}"#;
        let programs = listed(messages).unwrap();
        let names: Vec<_> = programs.iter().map(|program| program.name.as_str()).collect();
        assert_eq!(names, ["hub lib", "vestibule doctor"]);
        assert!(programs.iter().all(|program| !program.delivers()));
        assert!(listed("warning: not JSON").is_err());
    }

    #[test]
    fn a_failing_program_is_named() {
        let program = Program { folder: "/".into(), name: "hub lib".into(), path: "/bin/false".into() };
        let error = run([&program].into_iter()).unwrap_err().to_string();
        assert!(error.contains("hub lib"), "{error}");
        let error = deliver(std::slice::from_ref(&program)).unwrap_err().to_string();
        assert!(error.contains("no program delivers"), "{error}");
        let delivers = Program { name: DELIVERIES.into(), ..program };
        let error = deliver(&[delivers]).unwrap_err().to_string();
        assert!(error.contains("mend `WAITING`"), "{error}");
    }
}
