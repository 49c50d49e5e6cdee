//! The doctor as people run it: the real program, real folders, a real virtual home, a real broker.

use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_vestibule");
/// Nothing here may take longer to be ready.
const WITHIN: Duration = Duration::from_secs(10);

/// A child that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

fn start(command: &mut Command) -> Running {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    Running(child.expect("a program that starts"))
}

fn until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !is() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn vestibule(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).env("NO_COLOR", "1").output().expect("the program runs")
}

/// What the doctor says, and whether it exits well.
struct Said {
    findings: Vec<Value>,
    well: bool,
}

impl Said {
    fn by(arguments: &[&str]) -> Self {
        let output = vestibule(&[&["--json", "doctor"], arguments].concat());
        let text = String::from_utf8(output.stdout).expect("text");
        let findings = text.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        Self { findings, well: output.status.success() }
    }

    fn codes(&self, severity: &str) -> Vec<&str> {
        let of = |finding: &&Value| finding["severity"] == severity;
        self.findings.iter().filter(of).filter_map(|finding| finding["code"].as_str()).collect()
    }

    fn sentence(&self, code: &str) -> &str {
        let finding = self.findings.iter().find(|finding| finding["code"] == code);
        finding.and_then(|finding| finding["sentence"].as_str()).unwrap_or_else(|| panic!("{code}: {self}"))
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

/// A folder for one test, its home and its virtual house.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Set up by the program itself, commissioned, and paired with a resident.
    fn home(&self, lock: Option<&str>) {
        let virtual_lock = format!("virtual:{}", self.text("house/house.sock"));
        let camera = format!("virtual:{}", self.text("house/camera.sock"));
        let home = self.text("home");
        let lock = lock.unwrap_or(&virtual_lock);
        let mut init = vec!["hub", "init", "--dir", &home, "--lock", lock, "--camera", &camera];
        init.extend(["--commissioned", "--clock-survives-power-loss"]);
        assert!(vestibule(&init).status.success());
        self.set_mode("home", 0o700);
    }

    fn house(&self, broker: Option<&str>) -> Running {
        let mut command = Command::new(PROGRAM);
        command.args(["house", "--dir", &self.text("house")]);
        command.args(broker.iter().flat_map(|broker| ["--mqtt", broker]));
        let house = start(&mut command);
        until("the virtual house", || self.path("house/camera.sock").exists());
        house
    }

    /// A resident enrols and pairs, beside the hub.
    fn pair(&self) {
        let (home, invitation) = (self.text("home"), self.text("invitation"));
        fs::write(&invitation, vestibule(&["hub", "invitation", "--dir", &home]).stdout)
            .expect("an invitation");
        let enrol = ["resident", "--keys", &self.text("resident"), "enrol", "--invitation", &invitation];
        assert!(vestibule(&enrol).status.success());
        let roster = self.text("resident/roster.cose");
        assert!(vestibule(&["hub", "pair", "--dir", &home, "--roster", &roster]).status.success());
    }

    /// How the bolt really stands.
    fn bolt(&self) -> String {
        let output = vestibule(&["house", "--dir", &self.text("house"), "say", r#"{"get":"state"}"#]).stdout;
        let state: Value = serde_json::from_slice(&output).expect("JSON");
        state["truth"]["bolt"].as_str().expect("a bolt").into()
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("a mode");
    }

    fn doctor(&self) -> Said {
        Said::by(&["--dir", &self.text("home")])
    }
}

/// The user `hub` with the password `secret`, as `mosquitto_passwd` writes it.
const PASSWORDS: &str = "hub:$7$101$ENGjmI+nIH8wUMN3$3d8dC1iyzzBV/u9lzofKwUJw3gm5LlOuGu/TzEHX+KijqRpvdXIq12zjiWkOQUrZQjOREYn3Uaem89bO9bHpZA==\n";

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

fn listener(port: u16) -> String {
    format!("listener {port} 127.0.0.1\nset_tcp_nodelay true")
}

/// A mosquitto of our own on the loopback; `None` where there is none.
fn broker(dir: &Path, settings: impl FnOnce(u16) -> String) -> Option<(Running, u16)> {
    let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"]
        .into_iter()
        .find(|path| Path::new(path).exists())?;
    let port = free_port();
    let config = dir.join("mosquitto.conf");
    // A broker that root starts becomes another user, who cannot look into a folder of ours.
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::write(&config, settings(port)).expect("the broker's settings");
    let running = start(Command::new(program).arg("-c").arg(&config));
    until("mosquitto", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    Some((running, port))
}

/// Leaves a message at the broker for whoever comes.
fn retain(port: u16, topic: &str, payload: &str) {
    let (client, mut connection) = Client::new(MqttOptions::new("left", "127.0.0.1", port), 8);
    client.publish(topic, QoS::AtLeastOnce, true, payload).expect("room");
    let taken = |event| matches!(event, Ok(Event::Incoming(Packet::PubAck(_))));
    assert!(connection.iter().any(taken), "the broker takes it");
}

#[test]
fn a_broken_home_is_told_with_every_mend() {
    let place = Place::new();
    place.home(None);
    place.set_mode("home/door.key", 0o644);
    fs::write(place.path("home/journal.began"), "").expect("a mark");
    let said = place.doctor();
    assert!(!said.well);
    let must = said.codes("mend");
    for code in
        ["secret_readable", "journal_gone", "roster_missing", "lock_unreachable", "camera_unreachable"]
    {
        assert!(must.contains(&code), "{code} lacks:\n{said}");
    }
    assert!(!place.path("home/journal").exists(), "the doctor writes nothing");

    let mut settings = fs::read_to_string(place.path("home/home.toml")).expect("settings");
    settings.insert_str(0, "colour = 'red'\n");
    fs::write(place.path("home/home.toml"), settings).expect("settings");
    let said = place.doctor();
    assert!(said.sentence("settings_broken").starts_with("Line 1: unknown field `colour`"), "{said}");

    let page = String::from_utf8(vestibule(&["doctor", "--dir", &place.text("home")]).stdout).expect("text");
    assert!(page.contains("✗ must be mended"), "{page}");
    assert!(page.trim_end().lines().last().is_some_and(|last| last.contains("must be mended")), "{page}");
}

#[test]
fn a_healthy_virtual_home_needs_no_mending() {
    let place = Place::new();
    place.home(None);
    place.pair();
    let _house = place.house(None);
    let said = place.doctor();
    assert!(said.well && said.codes("mend").is_empty(), "{said}");
    let fine = said.codes("fine");
    for code in ["keys_fine", "roster_fine", "journal_new", "lock_fine", "door_sensor_fine"] {
        assert!(fine.contains(&code), "{code} lacks:\n{said}");
    }
    assert!(said.sentence("camera_fine").contains("1280"), "{said}");

    let hub = start(Command::new(PROGRAM).args(["hub", "run", "--dir", &place.text("home")]));
    until("the hub", || vestibule(&["hub", "status", "--dir", &place.text("home")]).status.success());
    let said = place.doctor();
    assert!(said.well, "{said}");
    assert!(said.sentence("hub_running").contains("asked it instead"), "{said}");
    drop(hub);
    let said = place.doctor();
    assert!(said.well && said.codes("fine").contains(&"journal_fine"), "{said}");
}

#[test]
fn a_broker_that_lets_anyone_in_is_an_open_door() {
    let place = Place::new();
    let Some((_broker, port)) =
        broker(place.dir.path(), |port| format!("{}\nallow_anonymous true", listener(port)))
    else {
        eprintln!("skipped: mosquitto is not installed");
        return;
    };
    let address = format!("mqtt://127.0.0.1:{port}");
    place.home(Some(&format!("{address}/home_assistant?lock=front&door=front_door")));
    let _house = place.house(Some(&address));
    let said = place.doctor();
    assert!(!said.well);
    assert!(said.codes("mend").contains(&"broker_open_to_strangers"), "{said}");
    assert!(
        said.sentence("broker_open_to_strangers").starts_with("Anyone on this network can open this door")
    );
    for code in ["lock_fine", "door_sensor_fine", "broker_retains_nothing", "broker_local"] {
        assert!(said.codes("fine").contains(&code), "{code} lacks:\n{said}");
    }
    assert_eq!(place.bolt(), "locked", "looking moves no bolt");

    let said = Said::by(&["--dir", &place.text("home"), "--really-unlock"]);
    assert!(said.codes("mend").contains(&"unlock_opened"), "{said}");
    assert_eq!(place.bolt(), "unlocked");

    retain(port, "front/lock/set", "UNLOCK");
    let said = place.doctor();
    assert!(said.codes("mend").contains(&"broker_retains_unlock"), "{said}");
    assert!(said.codes("look").contains(&"bolt_not_locked"), "{said}");
}

#[test]
fn a_broker_with_passwords_is_fine() {
    let place = Place::new();
    let passwords = place.path("passwords");
    // The virtual house knows no passwords: its devices have a listener of their own, as a bridge on the box would.
    let house_port = free_port();
    let Some((_broker, port)) = broker(place.dir.path(), |port| {
        fs::write(&passwords, PASSWORDS).expect("the broker's passwords");
        fs::set_permissions(&passwords, fs::Permissions::from_mode(0o644)).expect("a mode");
        format!(
            "per_listener_settings true\n{}\nallow_anonymous true\n{}\nallow_anonymous false\npassword_file {}",
            listener(house_port),
            listener(port),
            passwords.display()
        )
    }) else {
        eprintln!("skipped: mosquitto is not installed");
        return;
    };
    place
        .home(Some(&format!("mqtt://hub:secret@127.0.0.1:{port}/home_assistant?lock=front&door=front_door")));
    place.pair();
    let _house = place.house(Some(&format!("mqtt://127.0.0.1:{house_port}")));
    let said = place.doctor();
    assert!(said.well, "{said}");
    for code in ["lock_fine", "broker_refuses_strangers", "broker_retains_nothing"] {
        assert!(said.codes("fine").contains(&code), "{code} lacks:\n{said}");
    }
    assert!(!said.to_string().contains("secret"), "a password is never shown:\n{said}");
    let said = Said::by(&["--dir", &place.text("home"), "--really-unlock"]);
    assert!(said.codes("fine").contains(&"unlock_refused"), "{said}");
    assert_eq!(place.bolt(), "locked");
}
