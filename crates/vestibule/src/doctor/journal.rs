//! The journal: there if it ever was, whole, of this door, and not too long. Read into memory; the file is not touched.

use super::Finding;
use doorkeeper::record::Record;
use doorkeeper::{Doorkeeper, Home, Now};
use hub::folder::Folder;
use hub::journal::{Journal, JournalError, Opening, Storage};
use hub::limits::JOURNAL_BYTES_MAX;
use hub::ring_verifier::RingVerifier;
use protocol::bytes::BootId;
use protocol::time::{Interval, Monotonic, Timestamp};
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

const ANEW: &str =
    "Restore it only if no visit happened since; else set the home up anew with a new door key";

/// The findings, and the earliest time that it can be as far as the journal knows.
pub(super) fn check(folder: &Folder) -> (Vec<Finding>, Timestamp) {
    let path = folder.path("journal");
    let nothing = Timestamp(0);
    if held(&path) {
        // A file that is being written is no picture of anything; the hub itself is asked.
        return (Vec::new(), nothing);
    }
    let bytes = match std::fs::metadata(&path) {
        Ok(meta) if meta.len() > JOURNAL_BYTES_MAX => return (vec![too_long(meta.len())], nothing),
        Ok(_) => std::fs::read(&path),
        Err(why) => Err(why),
    };
    match bytes {
        Ok(bytes) => read(folder, bytes),
        Err(why) if why.kind() == io::ErrorKind::NotFound => (vec![absent(folder)], nothing),
        Err(why) => {
            let mend = "Run this as the user who runs the hub";
            (
                vec![Finding::mend("journal_unreadable", format!("The journal cannot be read: {why}"), mend)],
                nothing,
            )
        }
    }
}

/// True if a hub holds the journal. Our own hold is dropped at once, so that a hub may start at any time.
pub(super) fn held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn absent(folder: &Folder) -> Finding {
    if folder.had_journal() {
        return Finding::mend(
            "journal_gone",
            "The journal is gone, and with it the knowledge of what is used up and blocked: the hub will not start",
            ANEW,
        );
    }
    Finding::fine("journal_new", "There is no journal yet: the hub makes it when it first starts")
}

fn too_long(bytes: u64) -> Finding {
    Finding::mend(
        "journal_too_long",
        format!("The journal has {bytes} bytes, more than a home writes in decades: the hub will not use it"),
        "Something writes too much. Keep the file, report it, and set the home up anew",
    )
}

fn read(folder: &Folder, bytes: Vec<u8>) -> (Vec<Finding>, Timestamp) {
    let size = bytes.len() as u64;
    let copy = Copy { name: "the journal".into(), bytes };
    let (raw, opening) = match Journal::open(copy) {
        Ok((_, raw, opening)) => (raw, opening),
        Err(why) => return (vec![unopened(&why)], Timestamp(0)),
    };
    if opening == Opening::Created && folder.had_journal() {
        let says = "The journal is empty, but this home had one: the hub will not start";
        return (vec![Finding::mend("journal_gone", says, ANEW)], Timestamp(0));
    }
    let mut findings = Vec::new();
    if let Opening::TornTail { bytes, .. } = opening {
        findings.push(Finding::look(
            "journal_torn",
            format!("A power cut tore the journal's last {bytes} bytes; nothing that was promised is in them"),
            "Nothing to do: the hub cuts them off when it starts. If it happens often, give the box a steadier supply",
        ));
    }
    if !folder.had_journal() {
        findings.push(Finding::look(
            "journal_unmarked",
            "There is a journal, but no mark that it began: a journal that vanishes would not be noticed",
            format!("`touch {}`", folder.path("journal.began").display()),
        ));
    }
    if size > JOURNAL_BYTES_MAX / 2 {
        findings.push(Finding::look(
            "journal_long",
            format!(
                "The journal has {size} of at most {JOURNAL_BYTES_MAX} bytes; at the limit the hub stops"
            ),
            "Something writes too much: see which events fill the door log",
        ));
    }
    let (content, floor) = content(folder, &raw);
    findings.push(content);
    (findings, floor)
}

fn unopened(why: &JournalError) -> Finding {
    let code = match why {
        JournalError::Damaged { .. } => "journal_damaged",
        JournalError::Foreign { .. } => "journal_foreign",
        JournalError::Version { .. } => "journal_version",
        _ => "journal_unreadable",
    };
    // These sentences of the journal hold their mend; the first sentence is the finding.
    let text = why.to_string();
    let (says, mend) = text.split_once(". ").unwrap_or((text.as_str(), ANEW));
    Finding::mend(code, says, mend)
}

/// Does the journal hold what this door wrote? The hub's own replay says so.
fn content(folder: &Folder, raw: &[Vec<u8>]) -> (Finding, Timestamp) {
    let records: Vec<Record> = match raw.iter().map(|bytes| Record::decode(bytes)).collect() {
        Ok(records) => records,
        Err(why) => {
            let says = format!("The journal holds a record in a form that this version does not know: {why}");
            let mend = "Use the version that wrote it";
            return (Finding::mend("journal_version", says, mend), Timestamp(0));
        }
    };
    let floor =
        records.iter().filter_map(|r| if let Record::ClockFloor(at) = r { Some(*at) } else { None }).max();
    let floor = floor.unwrap_or(Timestamp(0));
    let events = events(records.iter().filter(|record| record.log_entry().is_some()).count() as u64);
    let finding = match replayed(folder, &records, floor) {
        // Keys or roster are broken, and told; the log cannot be judged without them.
        None => Finding::look(
            "journal_unjudged",
            format!("The journal is whole ({events}), but whether it is this door's cannot be seen"),
            "Mend the keys and the roster first",
        ),
        Some(Ok(())) => {
            Finding::fine("journal_fine", format!("The journal is whole and this door's: {events}"))
        }
        Some(Err(why)) => Finding::mend(
            "journal_not_ours",
            format!("{why}: the hub will not start from a backup or another home's journal"),
            "Set the home up anew with a new door key",
        ),
    };
    (finding, floor)
}

/// Like `1 door event`.
pub(super) fn events(count: u64) -> String {
    if count == 1 { "1 door event".into() } else { format!("{count} door events") }
}

fn replayed(
    folder: &Folder,
    records: &[Record],
    floor: Timestamp,
) -> Option<Result<(), doorkeeper::Unreadable>> {
    // Without it, reading the roster would make one.
    if !folder.path("recorder.key").exists() {
        return None;
    }
    let home = Home {
        roster: folder.roster(&RingVerifier).ok()?,
        door_key: Box::new(folder.key("door.key").ok()?),
        verifier: Box::new(RingVerifier),
        door_tag: folder.door_tag().ok()?,
        commissioning: hub::config::Commissioning::default().into(),
        answer_s: doorkeeper::limits::ANSWER_S,
        boot: BootId([0; 16]),
        seed: [0; 32],
    };
    let now = Now { monotonic: Monotonic(0), interval: Interval { lo: floor, hi: Timestamp::MAX } };
    Some(Doorkeeper::start(home, records, now).map(|_| ()))
}

/// A journal's bytes in memory: what opening cuts or writes stays here.
struct Copy {
    name: String,
    bytes: Vec<u8>,
}

impl Storage for Copy {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.bytes.truncate(usize::try_from(len).unwrap_or(usize::MAX));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub::journal::JournalFile;

    /// A folder with a journal of two floors, and its bytes.
    fn home(dir: &Path) -> Folder {
        let folder = Folder::at(dir);
        let (mut journal, ..) = Journal::open(JournalFile::open(&folder.path("journal")).unwrap()).unwrap();
        for floor in [5, 9] {
            journal.append(&Record::ClockFloor(Timestamp(floor)).encode()).unwrap();
            journal.sync().unwrap();
        }
        folder.note_journal().unwrap();
        folder
    }

    fn codes(folder: &Folder) -> Vec<&'static str> {
        check(folder).0.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_journal_is_read_with_its_floor_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let folder = home(dir.path());
        let path = folder.path("journal");
        let mut torn = std::fs::read(&path).unwrap();
        torn.truncate(torn.len() - 3);
        std::fs::write(&path, &torn).unwrap();
        let (findings, floor) = check(&folder);
        assert_eq!(floor, Timestamp(9));
        assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), ["journal_torn", "journal_unjudged"]);
        assert_eq!(std::fs::read(&path).unwrap(), torn);
    }

    #[test]
    fn a_vanished_an_emptied_and_a_damaged_journal_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let folder = home(dir.path());
        let path = folder.path("journal");
        let mut damaged = std::fs::read(&path).unwrap();
        damaged[45] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        assert_eq!(codes(&folder), ["journal_damaged"]);
        std::fs::write(&path, "SQLite format 3, or something").unwrap();
        assert_eq!(codes(&folder), ["journal_foreign"]);
        std::fs::write(&path, "").unwrap();
        assert_eq!(codes(&folder), ["journal_gone"]);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(codes(&folder), ["journal_gone"]);
        std::fs::remove_file(folder.path("journal.began")).unwrap();
        assert_eq!(codes(&folder), ["journal_new"]);
        assert!(!path.exists());
    }

    #[test]
    fn a_journal_that_a_hub_holds_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let folder = home(dir.path());
        let path = folder.path("journal");
        let hub = JournalFile::open(&path).unwrap();
        assert!(held(&path) && check(&folder).0.is_empty());
        drop(hub);
        assert!(!held(&path));
    }
}
