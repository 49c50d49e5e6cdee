//! `./x demo`: builds the one binary and becomes `vestibule demo`. Needs Rust and a compiler for C++; with Node there is the
//! app for browsers, too.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use anyhow::Context as _;

use crate::setup::{self, Need};
use crate::steps::Steps;
use crate::{programs, tidy, web};

pub(crate) fn run(root: &Path, arguments: &[String]) -> anyhow::Result<ExitCode> {
    setup::ensure(root, &[Need::Compiler])?;
    if !arguments.iter().any(|argument| argument == "--once") {
        build_the_app(root)?;
    }
    let program = programs::vestibule(&mut Steps::new(root))?;
    // Replaces this process, so that Ctrl-C and the exit code are the demo's own.
    let mut run = Command::new(&program);
    let error = run.arg("demo").args(arguments).current_dir(root).exec();
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}

/// The app for the demo's two links, unless it is there already and nothing that it is made of is younger. Without Node the
/// demo does without.
fn build_the_app(root: &Path) -> anyhow::Result<()> {
    if let Err(why) = setup::ensure(root, &[Need::Targets, Need::Node]) {
        println!("    the demo runs without the app for browsers: {why}");
        return Ok(());
    }
    let built = std::fs::metadata(root.join("web/dist/index.html")).and_then(|file| file.modified());
    let sources = [
        "web/src",
        "web/v",
        "web/try",
        "web/index.html",
        "web/package-lock.json",
        "crates/browser/src",
        "crates/breakin/src",
    ];
    let cores = tidy::CORES.iter().map(|core| format!("crates/{core}/src"));
    let newest =
        sources.iter().map(ToString::to_string).chain(cores).filter_map(|path| youngest(&root.join(path)));
    if built.is_ok_and(|built| newest.max().is_some_and(|newest| newest <= built)) {
        return Ok(());
    }
    web::build(&mut Steps::new(root))
}

/// When a file, or anything in a folder, was changed last.
fn youngest(path: &Path) -> Option<SystemTime> {
    // What is generated into the sources is younger than they are.
    if path.ends_with("src/core/wasm") || path.ends_with("src/core/schema.d.ts") {
        return None;
    }
    let changed = std::fs::metadata(path).ok()?.modified().ok();
    let inside = std::fs::read_dir(path).into_iter().flatten().flatten();
    inside.filter_map(|entry| youngest(&entry.path())).chain(changed.filter(|_| path.is_file())).max()
}
