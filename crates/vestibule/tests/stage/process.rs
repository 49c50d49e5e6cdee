//! A process of the stage: started with a log file, ended by its id, never left behind.

use rustix::process::{Pid, Signal};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a process may take to end in good order.
const END_WITHIN: Duration = Duration::from_secs(8);
/// Lines of a log that a failure shows.
const TAIL_LINES: usize = 25;

/// A running process. Dropped, it is killed.
pub(crate) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    /// Where in its log this start begins.
    log_from: usize,
}

impl Process {
    /// Starts a program; what it says is appended to `<logs>/<name>.log`.
    pub(crate) fn spawn(name: &str, logs: &Path, program: &str, arguments: &[&str]) -> Self {
        Self::spawn_with(name, logs, program, arguments, &[])
    }

    /// The same, with further variables in its environment.
    pub(crate) fn spawn_with(
        name: &str,
        logs: &Path,
        program: &str,
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> Self {
        let log = logs.join(format!("{name}.log"));
        let log_from = read(&log).len();
        let file = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let child = command(program, arguments)
            .envs(environment.iter().cloned())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|why| panic!("{program} cannot be started: {why}"));
        Self { name: name.into(), child, log, log_from }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Everything it has said since this start.
    pub(crate) fn log(&self) -> String {
        read(&self.log).split_off(self.log_from)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal)
            .unwrap_or_else(|why| panic!("{} takes no signal: {why}", self.name));
    }

    /// Asks it to end, as systemd would, and waits.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        if self.is_running() {
            self.signal(Signal::TERM);
        }
        let deadline = Instant::now() + END_WITHIN;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "{} does not end in {END_WITHIN:?}", self.name);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Takes its power away.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself just now.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A program as the stage starts them all: no input, sentences without colour, news in the log.
fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env("VESTIBULE_LOG", "info").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs a program to its end. Answers with how it ended, and what it said on both outputs.
pub(crate) fn run(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    within: Duration,
) -> (Option<ExitStatus>, String, String) {
    let outputs = tempfile::tempdir_in(folder).unwrap();
    let (out, err) = (outputs.path().join("out"), outputs.path().join("err"));
    let mut child = command(program, arguments)
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap())
        .spawn()
        .unwrap_or_else(|why| panic!("{program} cannot be started: {why}"));
    let deadline = Instant::now() + within;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if Instant::now() >= deadline => {
                let _ended = child.kill();
                let _reaped = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    (status, read(&out), read(&err))
}

/// Processes whose command line is exactly this. A recorder outlives its hub and is then nobody's child of ours, but
/// its command line names the stage's own folder.
pub(crate) fn with_command_line(arguments: &[&str]) -> Vec<Pid> {
    let wanted: Vec<u8> = arguments.iter().flat_map(|one| one.bytes().chain([0])).collect();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let ours = |pid: &i32| std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line == wanted);
    pids.filter(ours).filter_map(Pid::from_raw).collect()
}

/// The last lines of every log in a folder.
pub(crate) fn tails(logs: &Path) -> String {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(logs).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    let tail = |path: &PathBuf| {
        let text = read(path);
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n  ");
        format!("--- {}\n  {tail}\n", path.display())
    };
    files.iter().map(tail).collect()
}

pub(crate) fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}
