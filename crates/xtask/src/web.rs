//! `./x web`: the app. The cores become WebAssembly, the pages are checked and put together in the folder dist of `web/`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};

use crate::setup::{self, Need};
use crate::steps::{self, Steps};
use crate::{programs, tidy};

/// What every page of the app has, and what only the page has on which people try to break in.
const WASM: [&str; 2] =
    ["target/wasm32-unknown-unknown/web/browser.wasm", "target/wasm32-unknown-unknown/web/breakin.wasm"];
const BINDINGS: &str = "web/src/core/wasm";
/// What cargo passes on to rustc for the target alone, and what stands between two of them.
/// Source: <https://doc.rust-lang.org/cargo/reference/environment-variables.html>
const RUSTFLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
const ENCODED_SPACE: &str = "\u{1f}";

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    setup::ensure(root, &[Need::Targets, Need::Node])?;
    let mut steps = Steps::new(root);
    build(&mut steps)?;
    steps.command("pages: types", &mut types())?;
    steps.command("pages: parts", &mut parts())?;
    steps.finish("web");
    Ok(ExitCode::SUCCESS)
}

/// What holds the sources of the pages to their types.
pub(crate) fn types() -> Command {
    npm(&["run", "--silent", "check"])
}

/// The tests of what pages are made of.
pub(crate) fn parts() -> Command {
    npm(&["run", "--silent", "test"])
}

/// `./x browser`: what people do and see, in Chromium.
pub(crate) fn browser(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    setup::ensure(root, &[Need::Targets, Need::Node, Need::Browser])?;
    let mut steps = Steps::new(root);
    build(&mut steps)?;
    programs::vestibule(&mut steps)?;
    for (title, mut command) in in_chromium(root)? {
        steps.command(&title, &mut command)?;
    }
    steps.finish("browser");
    Ok(ExitCode::SUCCESS)
}

/// What people do in Chromium, a program each: whole deliveries over the real programs, which must be built; then the pages,
/// without a door.
pub(crate) fn in_chromium(root: &Path) -> anyhow::Result<Vec<(String, Command)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(root.join("web/e2e"))? {
        files.extend(entry?.file_name().into_string());
    }
    files.sort();
    let mut programs = Vec::new();
    for (kind, title) in [(".test.mjs", "delivery in browsers"), (".pages.mjs", "pages in Chromium")] {
        let before = programs.len();
        for (name, file) in files.iter().filter_map(|file| Some((file.strip_suffix(kind)?, file))) {
            let mut node = Command::new("node");
            node.args(["--test", "--test-reporter=tap"]).arg(format!("web/e2e/{file}"));
            programs.push((format!("{title} {name}"), node));
        }
        ensure!(programs.len() > before, "no file in web/e2e ends in `{kind}`");
    }
    Ok(programs)
}

/// `./x pictures`: every screen in two languages, light and dark, on a phone and on a desk, with contact sheets. Broken
/// policies, pages that are too wide and what axe finds are errors.
pub(crate) fn pictures(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    setup::ensure(root, &[Need::Targets, Need::Node, Need::Browser])?;
    let mut steps = Steps::new(root);
    build(&mut steps)?;
    let folder = root.join("target/pictures");
    let (resident, visitor) = (folder.join("resident"), folder.join("visitor"));
    steps.command(
        "pictures: the resident",
        npm(&["run", "--silent", "pictures", "--", "--axe", "--out"]).arg(&resident),
    )?;
    steps.command(
        "pictures: the courier",
        npm(&["run", "--silent", "pictures:visitor", "--", "--axe"]).arg(&visitor),
    )?;
    steps.finish("pictures");
    println!(
        "\nThe contact sheets: {0}/sheet-*.png and {1}/sheet-*.png",
        resident.display(),
        visitor.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// What a demo needs: the same pages, without the checks.
pub(crate) fn build(steps: &mut Steps) -> anyhow::Result<()> {
    // What runs there, and every core with it.
    let crates = [&["browser", "breakin"][..], tidy::CORES].concat();
    // The target folder may be elsewhere; the path below is told to cargo, so that both agree.
    let build =
        ["build", "--locked", "--profile", "web", "--target", setup::BROWSER, "--target-dir", "target"];
    let mut cores = steps::cargo(steps.root());
    cores
        .args(build)
        .args(crates.iter().flat_map(|name| ["--package", name]))
        .env(RUSTFLAGS, remapped(steps.root(), &cargo_home()?));
    // In a profile of its own, so that cargo may build what makes the bindings beside it.
    let makes = ["build", "--locked", "--package", "bindings"];
    let makes = steps.beside("what makes the bindings", steps::cargo(steps.root()).args(makes))?;
    let cores = steps.command("cores for the browser", &mut cores);
    steps.join(makes).and(cores)?;
    for wasm in WASM {
        let run = ["run", "--quiet", "--locked", "--package", "bindings", "--", wasm, BINDINGS];
        steps.cargo("bindings", &run)?;
    }
    steps.work("pages: what they are made with", "npm", |root| {
        let wanted = std::fs::read(root.join("web/package-lock.json"))?;
        let stamp = root.join("web/node_modules/.vestibule-lock");
        if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        let mut install = npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        let status = install.current_dir(root).status()?;
        ensure!(status.success(), "`npm ci` in web/ failed ({status})");
        Ok(std::fs::write(stamp, wanted)?)
    })?;
    steps.command("pages", &mut npm(&["run", "--silent", "build"]))?;
    steps.work("pages: the same on every machine", "pages: of no machine", |root| {
        of_no_machine(&root.join("web/dist"), &[root.to_owned(), cargo_home()?])
    })
}

/// Programs name the files that they were made from, for when they fail: here without where those lie on this machine, so
/// that the same sources make the same app anywhere.
fn remapped(root: &Path, cargo_home: &Path) -> String {
    [(cargo_home, "/cargo"), (root, "/vestibule")]
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .join(ENCODED_SPACE)
}

/// Where cargo keeps the sources of dependencies.
/// Source: <https://doc.rust-lang.org/cargo/guide/cargo-home.html>
fn cargo_home() -> anyhow::Result<PathBuf> {
    let own = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    own.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("no CARGO_HOME, and no HOME")
}

/// No file below `folder` names one of these places.
fn of_no_machine(folder: &Path, places: &[PathBuf]) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            of_no_machine(&path, places)?;
            continue;
        }
        let bytes = std::fs::read(&path)?;
        for place in places {
            let place = place.as_os_str().as_encoded_bytes();
            let is_named = bytes.windows(place.len()).any(|part| part == place);
            ensure!(
                !is_named,
                "{} names a folder of this machine: {}",
                path.display(),
                String::from_utf8_lossy(place)
            );
        }
    }
    Ok(())
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(["--prefix", "web"]).args(arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_names_this_machine_is_found() {
        let folder = std::env::temp_dir().join(format!("vestibule-web-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        std::fs::write(folder.join("assets/a.wasm"), b"\0panicked at /builder/.cargo/x.rs\0").unwrap();
        let found = of_no_machine(&folder, &["/builder/.cargo".into()]);
        let other = of_no_machine(&folder, &["/other/.cargo".into()]);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(found.unwrap_err().to_string().contains("a.wasm"));
        other.unwrap();
    }
}
