//! The journal on a real file: kill -9 at random moments, and a disk that is full.

use hub::journal::{Journal, JournalError, JournalFile};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

const CHILD: &str = "HUB_JOURNAL_CRASH_CHILD";
/// Who starts a process hands on, until that runs its program, what another test has open and locked.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Not a test by itself: the process that gets killed. Appends numbers, and says each one once it is synced.
#[test]
fn child() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let (mut journal, records, _) = Journal::open(JournalFile::open(Path::new(&path)).unwrap()).unwrap();
    let mut number = records.len() as u64;
    let mut out = std::io::stdout();
    loop {
        for _ in 0..=(number % 3) {
            journal.append(format!("record {number}").as_bytes()).unwrap();
            number += 1;
        }
        journal.sync().unwrap();
        // A leading newline: the test harness has its own words on this line.
        write!(out, "\nsynced {number}\n").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn kill_9_at_random_moments_loses_nothing_that_was_acknowledged() {
    let _alone = ONE_AT_A_TIME.lock();
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("journal");
    let mut acknowledged = 0;
    for round in 0..12_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .filter_map(|l| l.strip_prefix("synced ")?.parse::<u64>().ok())
                .last()
        });
        std::thread::sleep(Duration::from_millis(40 + (round * 7_919) % 61));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = reader.join().unwrap().unwrap_or(acknowledged).max(acknowledged);

        let (_, records, _) = Journal::open(JournalFile::open(&path).unwrap()).unwrap();
        assert!(records.len() as u64 >= acknowledged, "{} of {acknowledged}, round {round}", records.len());
        for (number, record) in records.iter().enumerate() {
            assert_eq!(record, format!("record {number}").as_bytes());
        }
    }
    assert!(acknowledged > 0, "no round acknowledged anything: the test proved nothing");
}

/// A real small disk; needs root. Without it the test says so and proves nothing.
#[test]
fn a_full_disk_is_said_clearly_and_ends_the_journal() {
    let _alone = ONE_AT_A_TIME.lock();
    let disk = tempfile::tempdir().unwrap();
    let mounted = rustix::mount::mount(
        "tmpfs",
        disk.path(),
        "tmpfs",
        rustix::mount::MountFlags::empty(),
        Some(c"size=64k"),
    );
    if let Err(e) = mounted {
        eprintln!("skipped: cannot mount a small tmpfs here ({e})");
        return;
    }
    let (mut journal, ..) = Journal::open(JournalFile::open(&disk.path().join("journal")).unwrap()).unwrap();
    let full = (0..100).find_map(|_| journal.append(&[7; 4096]).and_then(|_| journal.sync()).err());
    let (healthy, sentence) = (journal.healthy(), full.as_ref().map(ToString::to_string));
    drop(journal);
    let reopened = JournalFile::open(&disk.path().join("journal")).map(Journal::open);
    let survived = reopened.ok().and_then(Result::ok).map(|(_, records, _)| records.len());
    rustix::mount::unmount(disk.path(), rustix::mount::UnmountFlags::empty()).unwrap();
    assert!(matches!(full, Some(JournalError::DiskFull { .. })), "{sentence:?}");
    assert!(sentence.unwrap().contains("is full"));
    assert!(!healthy);
    assert!(survived > Some(5), "{survived:?}");
}
