//! The stage: processes and folders of the demo.

use crate::commands::{house, hub};
use crate::keys::{Keys, random};
use ::house::hallway::Size;
use ::hub::config::{Commissioning, Config};
use ::hub::folder::Folder;
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// Longest path of a Unix-domain socket on Linux, bytes.
const SOCKET_PATH_MAX: usize = 107;
/// How long a process of the demo may take to be ready, seconds.
const READY_S: u64 = 20;
/// How long a person of the demo tries to do something, seconds.
const ACT_S: u64 = 5;

/// Where everything lies.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) dir: PathBuf,
    pub(crate) cloud: String,
    pub(crate) resident: Keys,
    pub(crate) courier: Keys,
    pub(crate) provider: Keys,
    pub(crate) operator: Keys,
}

/// Processes that end with the demo.
pub(crate) struct Processes {
    house: Child,
    cloud: Child,
    hub: Option<Child>,
}

/// Parts that the demo does not play itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct RealParts {
    pub(crate) camera: Option<String>,
    pub(crate) lock: Option<String>,
    /// How long residents are asked; none for what a new home says.
    pub(crate) answer_s: Option<u32>,
}

impl Stage {
    /// Makes the folder anew: a demo keeps nothing of the one before.
    pub(crate) fn new(dir: &Path) -> anyhow::Result<Self> {
        let marker = dir.join(".vestibule-demo");
        if dir.exists() {
            ensure!(
                marker.exists(),
                "{} exists and is not a demo's folder. Choose another one with --dir",
                dir.display()
            );
            std::fs::remove_dir_all(dir).with_context(|| format!("{} cannot be cleared", dir.display()))?;
        }
        std::fs::create_dir_all(dir.join("logs"))
            .with_context(|| format!("{} cannot be made", dir.display()))?;
        File::create(&marker)?;
        let dir = dir.canonicalize()?;
        let longest = house::camera_socket(&dir.join("house"));
        ensure!(
            longest.as_os_str().len() <= SOCKET_PATH_MAX,
            "the path {} is too long for a socket. Choose a shorter folder with --dir",
            longest.display()
        );
        let keys = |name: &str| Keys::open_or_create(&dir.join(name));
        Ok(Self {
            resident: keys("resident")?,
            courier: keys("courier")?,
            provider: keys("provider")?,
            operator: keys("operator")?,
            cloud: format!("http://127.0.0.1:{}", free_port()?),
            dir,
        })
    }

    /// Starts cloud, house and, once the resident has paired, the hub.
    pub(crate) async fn raise(&self, real: &RealParts, picture: Size) -> anyhow::Result<Processes> {
        let operator = self.operator.kid()?.to_string();
        let address = self.cloud.trim_start_matches("http://");
        let data = self.dir.join("cloud");
        let cloud =
            self.spawn("cloud", &["--listen", address, "--data", &text(&data)?, "--operator", &operator])?;
        let picture = picture.to_string();
        let house = self.spawn("house", &["--dir", &text(&self.house())?, "--picture", &picture])?;
        let mut processes = Processes { house, cloud, hub: None };
        processes.wait("the virtual home", || house::camera_socket(&self.house()).exists()).await?;
        let address: std::net::SocketAddr = address.parse()?;
        processes.wait("the cloud", || std::net::TcpStream::connect(address).is_ok()).await?;
        self.make_home(real)?;
        Ok(processes)
    }

    fn make_home(&self, real: &RealParts) -> anyhow::Result<()> {
        let lock = format!("virtual:{}", text(&house::control_socket(&self.house()))?);
        let camera = format!("virtual:{}", text(&house::camera_socket(&self.house()))?);
        let lock = real.lock.as_deref().unwrap_or(&lock);
        let camera = real.camera.as_deref().unwrap_or(&camera);
        let mut config = Config::new(lock, camera, Some(&self.cloud));
        config.clock_survives_power_loss = true;
        config.answer_s = real.answer_s.unwrap_or(config.answer_s);
        // The virtual lock was tested by its makers; whoever plugs in a real one has read what --lock says.
        config.commissioning =
            Commissioning { relocks_without_hub: true, opens_from_inside: true, no_blind_auto_lock: true };
        Folder::create(self.home(), &config, random)?;
        Ok(())
    }

    /// Starts the hub and waits until it knows the door and the cloud.
    pub(crate) async fn start_hub(&self, processes: &mut Processes) -> anyhow::Result<()> {
        processes.hub = Some(self.spawn("hub", &["run", "--dir", &text(&self.home())?])?);
        let deadline = Instant::now() + Duration::from_secs(READY_S);
        loop {
            processes.check()?;
            if let Ok(answer) = hub::ask(&self.home(), &json!({ "ask": "status" })).await
                && answer["status"]["uplink"] == true
                && answer["status"]["secured"] == true
            {
                return Ok(());
            }
            if Instant::now() >= deadline {
                bail!(
                    "the hub is not ready after {READY_S} s; see {}",
                    self.dir.join("logs/hub.log").display()
                );
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Where browsers of this machine find the app: by name, since passkeys refuse bare addresses.
    pub(crate) fn origin(&self) -> String {
        self.cloud.replacen("127.0.0.1", "localhost", 1)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.dir.join("home")
    }

    pub(crate) fn house(&self) -> PathBuf {
        self.dir.join("house")
    }

    /// Someone does something in the virtual home, as soon as it can be done: a door takes its time to swing.
    pub(crate) async fn act(&self, act: &Value) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(ACT_S);
        loop {
            let answer = house::say(&self.house(), &json!({ "act": act }).to_string()).await?;
            let answer: Value = serde_json::from_str(&answer).context("the virtual home's answer")?;
            match (answer["error"].as_str(), answer["because"].as_str()) {
                (None, None) => return Ok(()),
                (None, Some(_)) if Instant::now() < deadline => sleep(Duration::from_millis(40)).await,
                (Some(why), _) | (None, Some(why)) => bail!("in the virtual home: {why}"),
            }
        }
    }

    /// What is really so in the virtual home, waited for.
    pub(crate) async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(READY_S);
        loop {
            let answer = house::say(&self.house(), r#"{"get":"state"}"#).await?;
            let state: Value = serde_json::from_str(&answer).context("the virtual home's answer")?;
            if is(&state["truth"]) {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "in the virtual home: waited in vain for {what}; it is {state}"
            );
            sleep(Duration::from_millis(40)).await;
        }
    }

    /// The same, for what a person decides: without an end.
    pub(crate) async fn wait_for(&self, is: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        loop {
            let answer = house::say(&self.house(), r#"{"get":"state"}"#).await?;
            let state: Value = serde_json::from_str(&answer).context("the virtual home's answer")?;
            if is(&state["truth"]) {
                return Ok(());
            }
            sleep(Duration::from_millis(40)).await;
        }
    }

    fn spawn(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Child> {
        let program = std::env::current_exe().context("the program does not know where it lies")?;
        let log = File::create(self.dir.join("logs").join(format!("{name}.log")))?;
        Command::new(program)
            .arg(name)
            .args(arguments)
            .env("VESTIBULE_LOG", "info")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))
    }
}

impl Processes {
    async fn wait(&mut self, what: &str, is_ready: impl Fn() -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(READY_S);
        while !is_ready() {
            self.check()?;
            ensure!(Instant::now() < deadline, "{what} is not ready after {READY_S} s; see the demo's logs");
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// A process that ended says so in its log.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        let named =
            [("house", Some(&mut self.house)), ("cloud", Some(&mut self.cloud)), ("hub", self.hub.as_mut())];
        for (name, child) in named {
            if let Some(status) = child.and_then(|child| child.try_wait().ok().flatten()) {
                bail!(
                    "the demo's {name} ended ({status}); its log, logs/{name}.log in the demo's folder, says why"
                );
            }
        }
        Ok(())
    }

    /// Ends in good order: the hub first, so that its journal says so.
    pub(crate) async fn end(mut self) {
        for child in self.hub.iter_mut().chain([&mut self.cloud, &mut self.house]) {
            terminate(child);
            let ended = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
            if ended.is_err() {
                // It is killed when it is dropped.
                tracing::warn!("a process of the demo did not end in time");
            }
        }
    }
}

/// Asks a child of ours to end.
fn terminate(child: &Child) {
    if let Some(pid) =
        child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(rustix::process::Pid::from_raw)
    {
        // It may have ended by itself just now.
        let _gone = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
}

/// The usual port if it is free, any free one else.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:8480").or_else(|_| TcpListener::bind("127.0.0.1:0"))?;
    Ok(listener.local_addr()?.port())
}

fn text(path: &Path) -> anyhow::Result<String> {
    path.to_str().map(Into::into).with_context(|| format!("{} is not plain text", path.display()))
}
