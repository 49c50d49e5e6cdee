//! `./x setup`: what tests and demo need beyond Rust, and how to get it.
//!
//! Looks first and is quick when nothing is missing. Installs only where it may, and says what it does; otherwise it
//! prints the commands to type and the program ends with exit code 2.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, bail};

use crate::steps::command_line;

/// Something outside the Rust toolchain that some tests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// For the video encoder of the virtual home, which is C++. (Rust has found a C compiler, or we would not run.)
    Compiler,
    /// An MQTT broker, and the clients that play the second controller.
    Broker,
    /// A player that judges our clips.
    Ffmpeg,
    /// A camera that is not ours.
    RtspServer,
    /// A wall clock that tests may set.
    WallClock,
    /// Standard libraries of the targets that the cores build for.
    Targets,
    /// The checker for the specification's vectors.
    Cddl,
    /// What the app is put together with.
    Node,
    /// A browser, and what draws labels for its camera.
    Browser,
}

impl Need {
    pub(crate) const ALL: &[Self] = &[
        Self::Compiler,
        Self::Broker,
        Self::Ffmpeg,
        Self::RtspServer,
        Self::WallClock,
        Self::Targets,
        Self::Cddl,
        Self::Node,
        Self::Browser,
    ];

    /// Debian's packages for it, each with how to see that it is there.
    fn packages(self) -> &'static [(&'static str, Probe)] {
        match self {
            Self::Compiler => &[("g++", Probe::Program("c++"))],
            Self::Broker => &[
                ("mosquitto", Probe::Program("mosquitto")),
                ("mosquitto-clients", Probe::Program("mosquitto_pub")),
            ],
            Self::Ffmpeg => &[("ffmpeg", Probe::Program("ffprobe"))],
            Self::RtspServer => &[
                ("python3-gi", Probe::Package),
                ("gir1.2-gst-rtsp-server-1.0", Probe::Package),
                ("gstreamer1.0-plugins-good", Probe::Package),
                ("gstreamer1.0-plugins-bad", Probe::Package),
                ("gstreamer1.0-plugins-ugly", Probe::Package),
            ],
            Self::WallClock => &[("libfaketime", Probe::Package)],
            Self::Browser => &[("chromium", Probe::Program("chromium")), ("zint", Probe::Program("zint"))],
            Self::Targets | Self::Cddl | Self::Node => &[],
        }
    }
}

/// How one sees that a Debian package, or its like on another system, is there.
#[derive(Clone, Copy)]
enum Probe {
    /// The program is on the path, or in `/usr/sbin`, which a user's path often lacks.
    Program(&'static str),
    /// Libraries: only the package manager knows.
    Package,
}

/// The cores build for a microcontroller and for the browser.
pub(crate) const TARGETS: [&str; 2] = [MICROCONTROLLER, BROWSER];
pub(crate) const MICROCONTROLLER: &str = "thumbv7em-none-eabihf";
pub(crate) const BROWSER: &str = "wasm32-unknown-unknown";

const REQUIREMENTS: &str = "crates/xtask/python-requirements.txt";

/// The machine lacks something that this program may not install.
#[derive(Debug)]
pub(crate) struct NotReady {
    pub(crate) lacks: String,
    pub(crate) commands: Vec<String>,
}

impl fmt::Display for NotReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}; run this, then try again:", self.lacks)?;
        self.commands.iter().try_for_each(|command| write!(f, "\n    {command}"))
    }
}

impl std::error::Error for NotReady {}

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    ensure(root, Need::ALL)?;
    println!("    nothing is missing");
    Ok(ExitCode::SUCCESS)
}

/// The Python of the local virtual environment.
pub(crate) fn python(root: &Path) -> PathBuf {
    root.join(".venv/bin/python")
}

/// After `Ok`, everything needed is there.
pub(crate) fn ensure(root: &Path, needs: &[Need]) -> anyhow::Result<()> {
    if needs.contains(&Need::Node) {
        node_is_new_enough()?;
    }
    let mut packages = missing_packages(needs)?;
    let environment_stale = needs.contains(&Need::Cddl) && environment_is_stale(root)?;
    if environment_stale && !succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        packages.push("python3-venv");
    }
    let targets = if needs.contains(&Need::Targets) { missing_targets()? } else { Vec::new() };
    if packages.is_empty() && targets.is_empty() && !environment_stale {
        return Ok(());
    }
    if !packages.is_empty() {
        install_packages(&packages)?;
        let still = missing_packages(needs)?;
        if !still.is_empty() {
            bail!("installed, yet not found: {}", still.join(" "));
        }
    }
    if !targets.is_empty() {
        add_targets(&targets)?;
    }
    if environment_stale {
        make_environment(root)?;
    }
    Ok(())
}

/// Debian's own Node may be too old, and other sources are the person's choice: so this is only looked at.
fn node_is_new_enough() -> anyhow::Result<()> {
    let answer = Command::new("node").arg("--version").output().ok();
    let version = answer.map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned());
    let mut numbers = version.as_deref().unwrap_or_default().trim_start_matches('v').split('.');
    let mut number = || numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0);
    if (number(), number()) >= NODE_MIN && on_path("npm") {
        return Ok(());
    }
    let (major, minor) = NODE_MIN;
    Err(NotReady {
        lacks: format!(
            "the app is built with Node {major}.{minor} or later and npm; here is {}",
            version.as_deref().filter(|version| !version.is_empty()).unwrap_or("none")
        ),
        commands: vec!["see https://nodejs.org/en/download for how to install Node 20 or later".to_owned()],
    }
    .into())
}

/// Oldest Node that Vite 8 runs on.
const NODE_MIN: (u32, u32) = (20, 19);

fn missing_packages(needs: &[Need]) -> anyhow::Result<Vec<&'static str>> {
    let wanted: Vec<_> = needs.iter().flat_map(|need| need.packages()).copied().collect();
    let libraries: Vec<&str> = wanted
        .iter()
        .filter(|(_, probe)| matches!(probe, Probe::Package))
        .map(|&(package, _)| package)
        .collect();
    let installed = installed_packages(&libraries)?;
    if installed.is_none() && !libraries.is_empty() {
        println!("    no dpkg here, so not looked for: the like of Debian's {}", libraries.join(", "));
    }
    let is_missing = |package: &str, probe| match probe {
        Probe::Program(program) => !on_path(program),
        Probe::Package => {
            installed.as_ref().is_some_and(|installed| !installed.iter().any(|name| name == package))
        }
    };
    Ok(wanted
        .into_iter()
        .filter(|&(package, probe)| is_missing(package, probe))
        .map(|(package, _)| package)
        .collect())
}

/// Which of these Debian packages are installed; `None` where there is no dpkg.
fn installed_packages(packages: &[&str]) -> anyhow::Result<Option<Vec<String>>> {
    if packages.is_empty() || !on_path("dpkg-query") {
        return Ok(None);
    }
    // Its exit code only says that some name was unknown.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(packages)
        .output()
        .context("cannot start dpkg-query")?;
    Ok(Some(parse_installed(&String::from_utf8_lossy(&output.stdout))))
}

fn parse_installed(listing: &str) -> Vec<String> {
    listing.lines().filter_map(|line| line.strip_suffix(" installed")).map(str::to_owned).collect()
}

fn missing_targets() -> anyhow::Result<Vec<&'static str>> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().context("cannot start rustc")?;
    let libraries = Path::new(String::from_utf8(output.stdout)?.trim()).join("lib/rustlib");
    Ok(TARGETS.iter().copied().filter(|target| !libraries.join(target).join("lib").is_dir()).collect())
}

/// The environment is right if it was made from today's list of packages.
fn environment_is_stale(root: &Path) -> anyhow::Result<bool> {
    let wanted = std::fs::read_to_string(root.join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let made_from = std::fs::read_to_string(root.join(".venv/made-from.txt")).unwrap_or_default();
    Ok(made_from != wanted || !python(root).exists())
}

fn install_packages(packages: &[&str]) -> anyhow::Result<()> {
    let install = [&["apt-get", "install", "--yes", "--no-install-recommends"], packages].concat();
    let lacks = format!("missing: {}", packages.join(", "));
    if !on_path("apt-get") {
        return Err(
            NotReady { lacks, commands: vec!["install these, or their like on your system".into()] }.into()
        );
    }
    let prefix: &[&str] = if is_root() {
        &[]
    } else if succeeds(Command::new("sudo").args(["--non-interactive", "true"])) {
        &["sudo", "--non-interactive"]
    } else {
        let commands = vec!["sudo apt-get update".into(), format!("sudo {}", install.join(" "))];
        return Err(NotReady { lacks, commands }.into());
    };
    println!("    {lacks}");
    for words in [&["apt-get", "update"], install.as_slice()] {
        let words = [prefix, words].concat();
        announce(Command::new(words[0]).args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    Ok(())
}

fn add_targets(targets: &[&str]) -> anyhow::Result<()> {
    if !on_path("rustup") {
        let lacks = format!("missing: the Rust standard library for {}", targets.join(" and "));
        return Err(NotReady { lacks, commands: vec!["install rustup from https://rustup.rs".into()] }.into());
    }
    announce(Command::new("rustup").args(["target", "add"]).args(targets))
}

fn make_environment(root: &Path) -> anyhow::Result<()> {
    announce(Command::new("python3").args(["-m", "venv", "--clear", ".venv"]).current_dir(root))?;
    let pip =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS];
    announce(Command::new(python(root)).args(pip).current_dir(root))?;
    std::fs::copy(root.join(REQUIREMENTS), root.join(".venv/made-from.txt"))?;
    Ok(())
}

/// Says what it runs, runs it, and wants it to succeed.
fn announce(command: &mut Command) -> anyhow::Result<()> {
    let line = command_line(command);
    println!("    running: {line}");
    if !command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{line}`"))?.success() {
        bail!("`{line}` failed");
    }
    Ok(())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.into_iter().any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_is_not_installed() {
        assert_eq!(
            parse_installed("ffmpeg installed\nmosquitto config-files\nzint not-installed\n"),
            ["ffmpeg"]
        );
    }

    #[test]
    fn finds_programs_by_name_only() {
        assert!(on_path("sh"));
        assert!(!on_path("no-such-program-here"));
    }

    #[test]
    fn what_may_not_be_installed_is_said_as_commands() {
        let commands = vec!["sudo apt-get install ffmpeg".to_owned()];
        let text = NotReady { lacks: "missing: ffmpeg".into(), commands }.to_string();
        assert!(
            text.contains("missing: ffmpeg") && text.contains("\n    sudo apt-get install ffmpeg"),
            "{text}"
        );
    }

    #[test]
    fn the_environment_is_stale_until_made_from_the_list_of_today() {
        let root = std::env::temp_dir().join(format!("xtask-setup-{}", std::process::id()));
        std::fs::create_dir_all(root.join("crates/xtask")).unwrap();
        std::fs::create_dir_all(root.join(".venv/bin")).unwrap();
        std::fs::write(root.join(REQUIREMENTS), "zcbor==1\n").unwrap();
        std::fs::write(python(&root), "").unwrap();
        assert!(environment_is_stale(&root).unwrap());
        std::fs::write(root.join(".venv/made-from.txt"), "zcbor==1\n").unwrap();
        assert!(!environment_is_stale(&root).unwrap());
        std::fs::write(root.join(REQUIREMENTS), "zcbor==2\n").unwrap();
        assert!(environment_is_stale(&root).unwrap());
        std::fs::remove_dir_all(&root).unwrap();
    }
}
