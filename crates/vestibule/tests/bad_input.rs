//! What is wrong with a folder, a device or the world is said in one sentence, and nothing panics. No door opens for it.
//!
//! That no log tells of a panic is checked whenever a stage is dropped.

use crate::stage::{LABELS, SOON, Said, Stage};
use protocol::door_event::Body;
use serde_json::json;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A paired home whose hub does not run yet.
fn paired() -> Stage {
    let mut stage = Stage::new();
    stage.start_cloud();
    stage.make_home();
    stage.pair();
    stage
}

/// A home in which the hub has run, and was stopped in good order.
fn lived_in() -> Stage {
    let mut stage = Stage::new();
    stage.raise();
    stage.hub.take().unwrap().stop();
    stage
}

/// Runs something that cannot run; answers with its one sentence.
#[track_caller]
fn sentence(said: &Said, words: &[&str]) {
    let sentence = said.failure();
    for word in words {
        assert!(sentence.contains(word), "`{}` lacks {word:?}: {sentence}", said.command);
    }
    assert!(sentence.split_whitespace().count() >= 6, "{sentence}");
    assert!(!said.err.contains("panicked"), "{}", said.err);
}

#[test]
fn a_taken_port() {
    let stage = Stage::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = stage.run(&["cloud", "--listen", &address, "--data", &stage.text("cloud")]);
    sentence(&said, &["cannot listen on", &address, "set `listen`"]);
}

#[test]
fn a_database_that_is_none() {
    let mut stage = Stage::new();
    stage.start_cloud();
    stage.cloud.take().unwrap().stop();
    for name in ["cloud.sqlite", "door_log.sqlite"] {
        let [database, newest] =
            [name.to_owned(), format!("{name}-wal")].map(|file| stage.path("cloud").join(file));
        let whole = [&database, &newest].map(|file| fs::read(file).ok());
        fs::write(&database, b"this is no database, this is a shopping list".repeat(200)).unwrap();
        // What was written last stands in a file of its own, and would mend the other.
        let _none = fs::remove_file(&newest);
        let said = stage.run(&["cloud", "--listen", "127.0.0.1:0", "--data", &stage.text("cloud")]);
        sentence(&said, &[name]);
        for (file, whole) in [&database, &newest].into_iter().zip(whole) {
            let _none = whole.map(|whole| fs::write(file, whole).unwrap());
        }
    }
}

#[test]
fn a_wrong_key_file() {
    let stage = paired();
    for (file, said) in [
        ("home/door.key", &(|stage: &Stage| stage.at_hub("run")) as &dyn Fn(&Stage) -> Said),
        ("resident/device.key", &|stage| stage.person("resident", &["visits"])),
    ] {
        let key = stage.path(file);
        let whole = fs::read(&key).unwrap();
        fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
        sentence(&said(&stage), &[file, "mode 644", "chmod 600"]);
        fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        for wrong in ["hello", "", &"0".repeat(64), &"f".repeat(64)] {
            fs::write(&key, wrong).unwrap();
            sentence(&said(&stage), &[file, "64 hexadecimal digits"]);
        }
        fs::remove_file(&key).unwrap();
        sentence(&said(&stage), &[Path::new(file).parent().unwrap().to_str().unwrap()]);
        fs::write(&key, whole).unwrap();
        fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn settings_with_a_field_that_nobody_knows() {
    let stage = paired();
    let file = stage.path("home/home.toml");
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("lok = \"mqtt://elsewhere\"\n{whole}")).unwrap();
    sentence(&stage.at_hub("run"), &["home.toml", "lok", "unknown field"]);
    fs::write(&file, whole.replace("virtual:", "magic:")).unwrap();
    sentence(&stage.at_hub("run"), &["home.toml", "lock", "magic"]);
}

#[test]
fn a_journal_that_vanished() {
    let stage = lived_in();
    let journal = stage.path("home/journal");
    fs::remove_file(&journal).unwrap();
    // A supervisor starts the hub again and again.
    for _ in 0..3 {
        sentence(&stage.at_hub("run"), &["journal is gone", "never starts over"]);
        assert!(!journal.exists(), "the hub made a new one");
    }
    fs::write(&journal, []).unwrap();
    for _ in 0..2 {
        sentence(&stage.at_hub("run"), &["journal is gone", "never starts over"]);
    }
}

#[test]
fn a_damaged_journal() {
    let stage = lived_in();
    let journal = stage.path("home/journal");
    let whole = fs::read(&journal).unwrap();
    for at in [0, whole.len() / 3, whole.len() / 2] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&journal, &damaged).unwrap();
        sentence(&stage.at_hub("run"), &["journal"]);
        assert_eq!(fs::read(&journal).unwrap(), damaged, "evidence was changed");
    }
}

#[test]
fn a_camera_that_is_not_there() {
    let mut stage = Stage::new();
    stage.camera = Some(format!("virtual:{}", stage.text("nowhere.sock")));
    stage.raise();
    stage.permit(&LABELS);
    refuses(&stage, "recording_missing");
}

#[test]
fn a_lock_that_never_answers() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS);
    stage.arrive();
    stage.misbehave(&json!({ "lock": "silent" }));
    let said = stage.scan(&LABELS);
    assert!(!said.is_ok(), "{said:?}");
    assert!(said.out.contains("word") || !said.failure().is_empty(), "{said:?}");
    let truth = stage.truth();
    assert_eq!((&truth["bolt"], &truth["door"]), (&"locked".into(), &"closed".into()), "{truth}");
}

#[test]
fn a_box_that_does_not_know_the_time() {
    let mut stage = Stage::new();
    stage.start_cloud();
    stage.start_house();
    stage.make_home();
    let file = stage.path("home/home.toml");
    let settings = fs::read_to_string(&file).unwrap();
    let sure = "clock_survives_power_loss = true";
    assert!(settings.contains(sure), "{settings}");
    fs::write(&file, settings.replace(sure, "clock_survives_power_loss = false")).unwrap();
    stage.pair();
    stage.spawn_hub();
    stage.until_status("the hub", SOON, |status| status["uplink"] == true && status["secured"] == true);
    assert_eq!(stage.status()["clock"], false);
    stage.enrol_provider("provider", "courier");
    stage.permit(&LABELS);
    refuses(&stage, "clock_unknown");
}

#[test]
fn a_full_disk() {
    let mut stage = Stage::new();
    // Only root can make a small disk; anyone else learns nothing here.
    let Some(_disk) = SmallDisk::mount(&stage.path("home")) else {
        eprintln!("not root: a full disk was not tried");
        return;
    };
    stage.raise();
    stage.permit(&LABELS);
    let full = fs::write(stage.path("home/ballast"), vec![0; SmallDisk::BYTES]);
    assert!(full.is_err(), "the disk is not full");
    let said = stage.arrive_at(1, &stage.door_tag());
    let said = if said.is_ok() { stage.scan(&LABELS) } else { said };
    assert!(!said.is_ok(), "{said:?}");
    let hub = stage.hub.as_mut().unwrap();
    assert!(hub.is_running() && hub.log().contains("No space left on device"), "{}", hub.log());
    // With room again, a hub that starts anew knows what was: a use may be burned, and no bolt moved.
    stage.hub.take().unwrap().stop();
    fs::remove_file(stage.path("home/ballast")).unwrap();
    stage.start_hub();
    let log = stage.door_log();
    assert!(!log.iter().any(|detail| matches!(detail.body, Body::Opened | Body::DoorOpened)), "{log:#?}");
    stage.end();
}

/// A disk of its own for a folder, as long as this lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    const BYTES: usize = 4 * 1024 * 1024;

    fn mount(at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={}", Self::BYTES);
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at);
        mount.output().is_ok_and(|done| done.status.success()).then(|| Self(at.into()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: after a panic the stage's processes end a moment later than this.
        let _gone = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// The courier is not let in, the door log says why, and the door is shut.
#[track_caller]
fn refuses(stage: &Stage, code: &str) {
    let arrived = stage.arrive_at(1, &stage.door_tag());
    let said = if arrived.is_ok() { stage.scan(&LABELS) } else { arrived };
    assert!(!said.is_ok(), "{said:?}");
    let log = stage.door_log();
    let refused =
        |detail: &protocol::door_event::Detail| matches!(&detail.body, Body::Refused(why) if why == code);
    assert!(log.iter().any(refused), "no {code} in {log:#?}");
    let truth = stage.truth();
    assert_eq!((&truth["bolt"], &truth["door"]), (&"locked".into(), &"closed".into()), "{truth}");
    assert_eq!(stage.openings(), 0);
}
