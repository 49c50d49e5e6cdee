//! Programs that run beside the steps: what they print goes to a file in the target folder and is shown when they have
//! ended, so that two do not talk at once.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};

use crate::steps::{self, Steps};

/// A program that runs beside the steps; wait for it with [`Steps::join`].
#[must_use]
pub(crate) struct Beside(JoinHandle<std::io::Result<Ran>>);

/// A program that ran beside the steps.
pub(crate) struct Ran {
    pub(crate) title: String,
    /// How long it ran: it may have ended long before anybody asks.
    pub(crate) took: Duration,
    status: ExitStatus,
    /// What it printed.
    log: PathBuf,
}

impl Beside {
    /// Starts a program at the workspace's root.
    pub(crate) fn start(root: &Path, title: &str, command: &mut Command) -> anyhow::Result<Self> {
        let line = steps::command_line(command);
        let title = title.to_owned();
        let log = root.join("target").join(format!("{}.log", title.replace(' ', "-")));
        std::fs::create_dir_all(root.join("target"))?;
        let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let start = Instant::now();
        let mut child = command
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("cannot start `{line}`"))?;
        Ok(Self(thread::spawn(move || {
            let status = child.wait()?;
            Ok(Ran { title, took: start.elapsed(), status, log })
        })))
    }

    /// Waits until it has ended.
    pub(crate) fn end(self) -> anyhow::Result<Ran> {
        Ok(self.0.join().map_err(|_| anyhow!("waiting for a program panicked"))??)
    }
}

impl Ran {
    /// Prints what it said; a status other than 0 is an error.
    pub(crate) fn show(&self) -> anyhow::Result<()> {
        let log = std::fs::read_to_string(&self.log)?;
        print!("{log}");
        let Self { status, log: path, .. } = self;
        ensure!(status.success(), "it failed ({status}); the log is {}{}", path.display(), failures(&log));
        Ok(())
    }
}

/// Programs, each with its title, that two take: one from the front, one from the back, until they meet. All of them run,
/// whatever fails.
pub(crate) struct Queue {
    root: PathBuf,
    waiting: Mutex<VecDeque<(String, Command)>>,
    ran: Mutex<Vec<anyhow::Result<Ran>>>,
}

impl Queue {
    pub(crate) fn new(root: &Path, programs: Vec<(String, Command)>) -> Self {
        Self { root: root.to_owned(), waiting: Mutex::new(programs.into()), ran: Mutex::default() }
    }

    /// Runs `steps_before` while programs are run from the front, and then those from the back.
    pub(crate) fn run_beside<T>(
        self,
        steps: &mut Steps,
        steps_before: impl FnOnce(&mut Steps) -> T,
    ) -> (T, anyhow::Result<()>) {
        let result = thread::scope(|scope| {
            scope.spawn(|| self.run_all(VecDeque::pop_front));
            let result = steps_before(steps);
            self.run_all(VecDeque::pop_back);
            result
        });
        let ran = self.ran.into_inner().unwrap_or_else(PoisonError::into_inner);
        let shown: Vec<_> = ran.into_iter().map(|ran| steps.show(&ran?)).collect();
        (result, shown.into_iter().collect())
    }

    fn run_all(&self, take: impl Fn(&mut VecDeque<(String, Command)>) -> Option<(String, Command)>) {
        let next = || take(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        while let Some((title, mut command)) = next() {
            // On a line of its own: what runs in the front may have begun one.
            println!("\n{}", steps::paint(steps::BOLD, &format!("==> {title}, beside the others")));
            let ran = Beside::start(&self.root, &title, &mut command).and_then(Beside::end);
            self.ran.lock().unwrap_or_else(PoisonError::into_inner).push(ran);
        }
    }
}

/// The tests that a log in the Test Anything Protocol says failed, each with the reasons that follow: thousands of
/// lines may stand between them and the end.
fn failures(log: &str) -> String {
    let mut told = String::new();
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("not ok ") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let _ = write!(told, "\n{line}");
        let of_it = |next: &&str| next.len() - next.trim_start().len() > indent && next.trim() != "...";
        for reason in std::iter::from_fn(|| lines.next_if(of_it)).take(REASON_LINES) {
            let _ = write!(told, "\n{reason}");
        }
    }
    told
}

/// What one test's reason may take in the closing words.
const REASON_LINES: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("vestibule-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_ran_beside_is_waited_for_and_may_fail() {
        let folder = folder("beside");
        let mut steps = Steps::new(&folder);
        let well = steps.beside("goes well", &mut Command::new("true")).unwrap();
        let waited = Duration::from_secs(1);
        thread::sleep(waited);
        let says =
            "echo 'ok 1 - so'; echo 'not ok 2 - this'; echo '  error: why'; echo 'ok 3 - that'; exit 3";
        let ill = steps.beside("goes ill", &mut sh(says)).unwrap();
        steps.join(well).unwrap();
        let error = format!("{:#}", steps.join(ill).unwrap_err());
        assert!(error.contains("goes ill") && error.contains("exit status: 3"), "{error}");
        assert!(error.ends_with("goes-ill.log\nnot ok 2 - this\n  error: why"), "{error}");
        assert!(
            std::fs::read_to_string(folder.join("target/goes-ill.log")).unwrap().starts_with("ok 1 - so\n")
        );
        assert_eq!(steps.done().len(), 1);
        assert!(
            steps.done()[0].1 < waited,
            "it counts how long it ran, not until somebody waited: {:?}",
            steps.done()
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn two_take_from_both_ends_until_they_meet_and_nothing_is_left_out() {
        let folder = folder("queue");
        let seen = folder.join("seen");
        // The first waits until the third has run: so the third is taken from the back, and beside it.
        let script = |number: u32| match number {
            1 => "until grep -q 3 seen; do sleep 0.01; done; echo 1 >> seen".to_owned(),
            2 => "echo 2 >> seen; exit 2".to_owned(),
            _ => "echo 3 >> seen".to_owned(),
        };
        let programs = (1..=3).map(|number| (format!("program {number}"), sh(&script(number)))).collect();
        std::fs::write(&seen, "").unwrap();
        let mut steps = Steps::new(&folder);
        let (before, ran) = Queue::new(&folder, programs).run_beside(&mut steps, |_| "before");
        assert_eq!(before, "before");
        assert!(format!("{:#}", ran.unwrap_err()).contains("program 2"));
        let order = std::fs::read_to_string(&seen).unwrap();
        let mut all: Vec<_> = order.lines().collect();
        assert_eq!(all.first(), Some(&"3"), "{order}");
        all.sort_unstable();
        assert_eq!(all, ["1", "2", "3"]);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
