//! A stage for whole deliveries over the real program: cloud, hub, recorder and virtual home, each a process of its
//! own, and people who type commands. Nothing of the program is linked: what a test sees is what a user sees.
//!
//! Owns: folders, ports, starting and ending processes, running commands, waiting with a deadline. The steps of a
//! delivery are in [`delivery`]. Does not own: what must be true; that is for the tests.
//!
//! ```text
//! let mut stage = Stage::new();
//! stage.raise();                          // cloud, house, home, hub; everyone enrolled
//! stage.permit(&LABELS);                  // announced, approved, confirmed at the hub, assigned
//! let visit = stage.arrive();             // or the next four at once: `stage.visit(&LABELS)`
//! let mut handset = stage.scan_and_stay(&LABELS);
//! stage.bring_in(&LABELS);                // push, parcels, close, as soon as the world lets each happen
//! stage.until_ended(&mut handset);
//! stage.collect(&visit, "delivery");      // what `vestibule verify` checks
//! ```
//!
//! To put something between home and cloud (a proxy, a cloud that cheats), set [`Stage::home_cloud`] before
//! [`Stage::raise`]; to do the parts one by one, call what `raise` calls. Every process ends with the stage, also when
//! a test panics, and then the tails of all logs are printed. No process may have panicked: dropping the stage checks.

mod delivery;
mod peers;
mod process;
mod relay;
mod wall_clock;

pub(crate) use delivery::{LABELS, unhex};
pub(crate) use peers::{Broker, RtspCamera};
pub(crate) use process::{Process, read, run};
pub(crate) use relay::Relay;
pub(crate) use wall_clock::WallClock;

use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The program under test.
pub(crate) const VESTIBULE: &str = env!("CARGO_BIN_EXE_vestibule");
/// How long a process may take to be ready, and a state to come about, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);
/// Longer than any command waits by itself.
const COMMAND_WITHIN: Duration = Duration::from_secs(50);
/// How long the virtual home may take to answer; a silent lock gives no answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How often a state is looked at while waiting for it.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Where everything is, and what runs.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub(crate) cloud: Option<Process>,
    pub(crate) house: Option<Process>,
    pub(crate) hub: Option<Process>,
    /// Where people reach the cloud; known after its first start, and kept over restarts.
    pub(crate) cloud_address: Option<SocketAddr>,
    /// Where the home reaches it, as in `home.toml`; the cloud's own address if not set.
    pub(crate) home_cloud: Option<String>,
    /// The lock and the camera, as in `home.toml`; those of the virtual home if not set.
    pub(crate) lock: Option<String>,
    pub(crate) camera: Option<String>,
    /// How large the drawn picture is.
    pub(crate) picture: &'static str,
    /// Further arguments of the virtual home.
    pub(crate) house_arguments: Vec<String>,
    /// The clock on the wall of the home's box, if it is not this machine's.
    pub(crate) wall_clock: Option<WallClock>,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) command: String,
    /// `None` if it had to be killed.
    pub(crate) code: Option<i32>,
    /// The JSON lines.
    pub(crate) lines: Vec<Value>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn is_ok(&self) -> bool {
        self.code == Some(0)
    }

    /// Its last JSON line, `null` without one. Panics if the command failed.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.is_ok(), "`{}` ended with {:?}\n{}{}", self.command, self.code, self.out, self.err);
        self.lines.last().cloned().unwrap_or(Value::Null)
    }

    /// The sentence with which it failed. Panics if it did not, or said something else than one sentence.
    #[track_caller]
    pub(crate) fn failure(&self) -> String {
        assert_eq!(self.code, Some(1), "`{}`\n{}{}", self.command, self.out, self.err);
        let lines: Vec<Value> = self.err.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let [line] = lines.as_slice() else { panic!("`{}` gave no one reason:\n{}", self.command, self.err) };
        line["error"].as_str().unwrap_or_else(|| panic!("no sentence: {line}")).into()
    }
}

impl Stage {
    /// An empty stage in a folder of its own. The path is short: sockets have at most 107 bytes.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("vst").tempdir_in("/tmp").unwrap();
        std::fs::create_dir(folder.path().join("logs")).unwrap();
        Self {
            folder,
            cloud: None,
            house: None,
            hub: None,
            cloud_address: None,
            home_cloud: None,
            lock: None,
            camera: None,
            // What is tested is not how it looks, and several homes stand at once.
            picture: "640x360",
            house_arguments: Vec::new(),
            wall_clock: None,
        }
    }

    /// A file or folder of the stage: `home`, `house`, `cloud`, `logs`, `resident`, `courier`, `provider`, `operator`.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The same as text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().into()
    }

    /// Where people reach the cloud.
    pub(crate) fn cloud_url(&self) -> String {
        format!("http://{}", self.cloud_address.expect("the cloud has not been started"))
    }

    /// Starts the program in the background as `vestibule --json <arguments>`.
    pub(crate) fn spawn(&self, name: &str, arguments: &[&str]) -> Process {
        let arguments: Vec<&str> = ["--json"].iter().chain(arguments).copied().collect();
        Process::spawn(name, &self.path("logs"), VESTIBULE, &arguments)
    }

    /// Runs `vestibule --json <arguments>` to its end. Its words are kept in `logs/commands.log` too.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let arguments: Vec<&str> = ["--json"].iter().chain(arguments).copied().collect();
        let (status, out, err) = run(self.folder.path(), VESTIBULE, &arguments, COMMAND_WITHIN);
        let command = format!("vestibule {}", arguments.join(" "));
        let code = status.and_then(|status| status.code());
        let mut log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("logs/commands.log"))
            .unwrap();
        writeln!(log, "$ {command}\n{out}{err}[{code:?}]").unwrap();
        let lines = out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Said { command, code, lines, out, err }
    }

    /// A command of a person with keys and a cloud: `resident`, `courier`, `provider` or `operator`.
    pub(crate) fn person(&self, who: &str, arguments: &[&str]) -> Said {
        let role = if who.starts_with("courier") { "visitor" } else { who };
        self.person_in(role, &self.text(who), arguments)
    }

    /// The same with any folder of keys.
    pub(crate) fn person_in(&self, role: &str, keys: &str, arguments: &[&str]) -> Said {
        let cloud = self.cloud_url();
        let person = [role, "--keys", keys, "--cloud", &cloud];
        self.run(&person.iter().chain(arguments).copied().collect::<Vec<_>>())
    }

    /// A command at the hub.
    pub(crate) fn at_hub(&self, what: &str) -> Said {
        self.run(&["hub", what, "--dir", &self.text("home")])
    }

    /// Asks the running hub over its socket; `None` if it does not listen.
    pub(crate) fn ask_hub(&self, question: &Value) -> Option<Value> {
        line_to(&self.path("home/hub.sock"), question)
    }

    /// How the hub sees its door; `null` if it does not answer.
    pub(crate) fn status(&self) -> Value {
        self.ask_hub(&json!({ "ask": "status" })).map_or(Value::Null, |answer| answer["status"].clone())
    }

    /// One line to the virtual home; `None` without an answer, as from a silent lock.
    pub(crate) fn house_say(&self, line: &Value) -> Option<Value> {
        line_to(&self.path("house/house.sock"), line)
    }

    /// Someone does something, as soon as the world lets it happen: a door takes its time to swing.
    #[track_caller]
    pub(crate) fn act(&self, act: &Value) {
        let line = json!({ "act": act });
        self.until(&format!("{line}"), Duration::from_secs(5), || {
            let answer = self.house_say(&line).unwrap_or(Value::Null);
            if answer["done"] == true { Ok(()) } else { Err(answer.to_string()) }
        });
    }

    /// Parts of the home misbehave: `{"lock":"jam"}`, or `"none"`.
    #[track_caller]
    pub(crate) fn misbehave(&self, how: &Value) {
        let answer = self.house_say(&json!({ "misbehave": how }));
        assert_eq!(answer, Some(json!({ "done": true })), "{how}");
    }

    /// What is really so in the virtual home: `bolt`, `door`, `visitor`, `parcels_inside`, `line_crossed`.
    #[track_caller]
    pub(crate) fn truth(&self) -> Value {
        let answer = self.house_say(&json!({ "get": "state" })).expect("the virtual home does not answer");
        answer["truth"].clone()
    }

    /// Waits until something is really so.
    #[track_caller]
    pub(crate) fn until_truth(&self, what: &str, within: Duration, is: impl Fn(&Value) -> bool) -> Value {
        self.until(what, within, || {
            let truth = self.truth();
            if is(&truth) { Ok(truth) } else { Err(truth.to_string()) }
        })
    }

    /// Waits until the hub says so of itself.
    #[track_caller]
    pub(crate) fn until_status(&self, what: &str, within: Duration, is: impl Fn(&Value) -> bool) -> Value {
        self.until(what, within, || {
            let status = self.status();
            if is(&status) { Ok(status) } else { Err(status.to_string()) }
        })
    }

    /// Looks until it is so; a failure says how it was at last.
    #[expect(clippy::unused_self, reason = "called like the other `until`s")]
    #[track_caller]
    pub(crate) fn until<T>(
        &self,
        what: &str,
        within: Duration,
        mut look: impl FnMut() -> Result<T, String>,
    ) -> T {
        let deadline = Instant::now() + within;
        loop {
            match look() {
                Ok(value) => return value,
                Err(seen) => {
                    assert!(Instant::now() < deadline, "waited {within:?} in vain for {what}; seen: {seen}");
                    std::thread::sleep(LOOK_EVERY);
                }
            }
        }
    }

    /// Starts a cloud on a free port, or again on the port that it had.
    #[track_caller]
    pub(crate) fn start_cloud(&mut self) {
        let operator = self.run(&["operator", "--keys", &self.text("operator"), "key"]).ok();
        let listen = self.cloud_address.map_or_else(|| "127.0.0.1:0".into(), |address| address.to_string());
        let (data, operator) = (self.text("cloud"), operator["kid"].as_str().unwrap().to_owned());
        let arguments = ["cloud", "--listen", &listen, "--data", &data, "--operator", &operator];
        let mut cloud = self.spawn("cloud", &arguments);
        let deadline = Instant::now() + SOON;
        let mut port = self.cloud_address;
        while port.is_none_or(|port| TcpStream::connect(port).is_err()) {
            assert!(cloud.is_running(), "the cloud ended: {}", cloud.log());
            assert!(Instant::now() < deadline, "the cloud does not listen: {}", cloud.log());
            port = port.or_else(|| {
                let log = cloud.log();
                let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
                lines.find_map(|line| line["listening"].as_str()?.parse().ok())
            });
            std::thread::sleep(LOOK_EVERY);
        }
        self.cloud_address = port;
        self.cloud = Some(cloud);
    }

    /// Starts the virtual home.
    #[track_caller]
    pub(crate) fn start_house(&mut self) {
        let dir = self.text("house");
        let mut arguments = vec!["house", "--dir", &dir, "--picture", self.picture];
        arguments.extend(self.house_arguments.iter().map(String::as_str));
        self.house = Some(self.spawn("house", &arguments));
        self.until("the virtual home", SOON, || {
            self.house_say(&json!({ "get": "state" })).map(|_| ()).ok_or_else(|| "no answer".into())
        });
    }

    /// Makes the home's folder, as an installer would who has tested everything.
    #[track_caller]
    pub(crate) fn make_home(&self) {
        let lock = self.lock.clone().unwrap_or_else(|| format!("virtual:{}", self.text("house/house.sock")));
        let camera =
            self.camera.clone().unwrap_or_else(|| format!("virtual:{}", self.text("house/camera.sock")));
        let cloud = self.home_cloud.clone().unwrap_or_else(|| self.cloud_url());
        let home = self.text("home");
        self.run(&[
            "hub",
            "init",
            "--dir",
            &home,
            "--lock",
            &lock,
            "--camera",
            &camera,
            "--cloud",
            &cloud,
            "--commissioned",
            "--clock-survives-power-loss",
        ])
        .ok();
    }

    /// Starts the hub and does not wait.
    pub(crate) fn spawn_hub(&mut self) {
        let environment = self.wall_clock.as_ref().map_or_else(Vec::new, WallClock::environment);
        let arguments = ["--json", "hub", "run", "--dir", &self.text("home")];
        self.hub = Some(Process::spawn_with("hub", &self.path("logs"), VESTIBULE, &arguments, &environment));
    }

    /// Starts the hub and waits until it knows its door, its cloud and the time.
    #[track_caller]
    pub(crate) fn start_hub(&mut self) {
        self.spawn_hub();
        self.until_status("the hub", SOON, |status| {
            status["uplink"] == true && status["secured"] == true && status["clock"] == true
        });
    }

    /// Cuts the hub's power; its recorder goes on, as it would not in a power cut: see [`Stage::kill_recorders`].
    pub(crate) fn kill_hub(&mut self) {
        self.hub.take().expect("no hub runs").kill();
    }

    /// The recorders of this home, also those whose hub is gone.
    pub(crate) fn recorders(&self) -> Vec<Pid> {
        process::with_command_line(&[VESTIBULE, "recorder", "--dir", &self.text("home")])
    }

    /// Kills the recorders of this home.
    pub(crate) fn kill_recorders(&self) {
        for pid in self.recorders() {
            // It may have ended by itself just now.
            let _gone = rustix::process::kill_process(pid, Signal::KILL);
        }
    }

    /// Ends every process, without asking; the files stay. Drawing and encoding pictures costs a core.
    pub(crate) fn end(&mut self) {
        // The hub first, so that it starts no further recorder.
        drop(self.hub.take());
        self.kill_recorders();
        drop((self.cloud.take(), self.house.take()));
    }

    /// The last lines of every log.
    pub(crate) fn tails(&self) -> String {
        process::tails(&self.path("logs"))
    }

    /// The lines of all logs that tell of a panic.
    pub(crate) fn panics(&self) -> Vec<String> {
        let logs = std::fs::read_dir(self.path("logs")).unwrap().flatten();
        let texts = logs.map(|entry| read(&entry.path()));
        let panics = |text: String| {
            text.lines().filter(|line| line.contains("panicked at")).map(String::from).collect::<Vec<_>>()
        };
        texts.flat_map(panics).collect()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            eprintln!("{}", self.tails());
        } else {
            assert_eq!(self.panics(), Vec::<String>::new(), "{}", self.tails());
        }
    }
}

/// One JSON line to a socket, and one back.
pub(crate) fn line_to(socket: &Path, line: &Value) -> Option<Value> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(ANSWER_WITHIN)).unwrap();
    stream.write_all(format!("{line}\n").as_bytes()).ok()?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).ok()?;
    serde_json::from_str(&answer).ok()
}

/// A folder's files with their sizes, those of its folders too.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(data) if data.is_dir() => out.extend(files(&entry.path())),
            Ok(data) => out.push((entry.path(), data.len())),
            // Gone between the two looks.
            Err(_) => {}
        }
    }
    out.sort();
    out
}
