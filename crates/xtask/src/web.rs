//! `./x web`: the app. The cores become WebAssembly, the pages are checked and put together in the folder dist of `web/`.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::setup::{self, Need};
use crate::steps::Steps;

const TARGET: &str = "wasm32-unknown-unknown";
/// What every page of the app has, and what only the page has on which people try to break in.
const WASM: [&str; 2] =
    ["target/wasm32-unknown-unknown/web/browser.wasm", "target/wasm32-unknown-unknown/web/breakin.wasm"];
const BINDINGS: &str = "web/src/core/wasm";

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    setup::ensure(root, &[Need::Targets, Need::Node])?;
    let mut steps = Steps::new(root);
    all(&mut steps)?;
    steps.finish("web");
    Ok(ExitCode::SUCCESS)
}

/// The steps, which `./x test` takes too.
pub(crate) fn all(steps: &mut Steps) -> anyhow::Result<()> {
    build(steps)?;
    steps.command("pages: types", &mut npm(&["run", "--silent", "check"]))?;
    steps.command("pages: parts", &mut npm(&["run", "--silent", "test"]))
}

/// `./x browser`: what people do and see, in Chromium.
pub(crate) fn browser(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    setup::ensure(root, &[Need::Targets, Need::Node, Need::Browser])?;
    let mut steps = Steps::new(root);
    build(&mut steps)?;
    steps.cargo("programs", &["build", "--locked", "--package", "vestibule"])?;
    pages(&mut steps)?;
    steps.command("deliveries in browsers", &mut deliveries())?;
    steps.finish("browser");
    Ok(ExitCode::SUCCESS)
}

/// The pages in Chromium, without a door.
pub(crate) fn pages(steps: &mut Steps) -> anyhow::Result<()> {
    steps.command("pages: every screen pressed", &mut npm(&["run", "--silent", "test:screens"]))?;
    steps.command("pages: labels before a camera", &mut npm(&["run", "--silent", "test:scan"]))?;
    steps.command("pages: as the cloud serves them", &mut npm(&["run", "--silent", "test:pages"]))
}

/// Whole deliveries in browsers, over the real programs, which must be built.
pub(crate) fn deliveries() -> Command {
    npm(&["run", "--silent", "test:deliveries"])
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
    // The target folder may be elsewhere; the path below is told to cargo, so that both agree.
    let crates = ["--package", "browser", "--package", "breakin"];
    let build = ["build", "--locked", "--profile", "web", "--target", TARGET, "--target-dir", "target"];
    steps.cargo("cores for the browser", &[&build[..], &crates].concat())?;
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
        anyhow::ensure!(status.success(), "`npm ci` in web/ failed ({status})");
        Ok(std::fs::write(stamp, wanted)?)
    })?;
    steps.command("pages", &mut npm(&["run", "--silent", "build"]))
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(["--prefix", "web"]).args(arguments);
    command
}
