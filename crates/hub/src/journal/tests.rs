//! What a journal gives back after crashes, torn tails and damage.

use super::lossy_disk::LossyDisk;
use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Append(u16),
    Sync,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![2 => (1..200_u16).prop_map(Step::Append), 1 => Just(Step::Sync)]
}

/// Runs `steps` until the disk gives up. `written` and `safe` are what a reader may expect afterwards.
fn run(disk: &mut LossyDisk, steps: &[Step], written: &mut Vec<Record>, safe: &mut usize) {
    let Ok((mut journal, records, _)) = Journal::open(disk) else { return };
    assert!(records.len() >= *safe, "synced records are gone");
    assert!(written.starts_with(&records), "records were invented or changed");
    *written = records;
    *safe = written.len();
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Append(length) => {
                let record = vec![u8::try_from(n % 251).unwrap(); usize::from(*length)];
                // Even a failed write may survive: it is the reader who decides by the checksum.
                written.push(record.clone());
                if journal.append(&record).is_err() {
                    break;
                }
            }
            Step::Sync => match journal.sync() {
                Ok(()) => *safe = written.len(),
                Err(_) => break,
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]
    #[test]
    fn what_was_synced_is_there_after_any_crash_in_order_and_nothing_is_invented(
        seed: u64,
        lives in prop::collection::vec(
            (prop::collection::vec(step(), 0..25), 1..40_u32, prop::option::of(0..5_u32), any::<bool>()), 1..6),
    ) {
        let mut disk = LossyDisk::new(seed);
        let (mut written, mut safe) = (vec![], 0);
        for (steps, steps_left, bad_sync_in, power_cut) in lives {
            (disk.steps_left, disk.bad_sync_in) = (steps_left, bad_sync_in);
            run(&mut disk, &steps, &mut written, &mut safe);
            disk = if power_cut { disk.after_power_cut() } else { disk.after_kill() };
        }
        let (_, records, _) = Journal::open(&mut disk).expect("a crash is never damage");
        prop_assert!(records.len() >= safe);
        prop_assert!(written.starts_with(&records));
    }

    #[test]
    fn one_flipped_bit_in_a_synced_record_is_always_an_error(at: prop::sample::Index, bit in 0..8_u8) {
        let mut disk = LossyDisk::new(1);
        let (mut journal, ..) = Journal::open(&mut disk).unwrap();
        for _ in 0..5 {
            journal.append(b"a use was burned").unwrap();
            journal.sync().unwrap();
        }
        let mut disk = disk.after_kill();
        let (.., opening) = Journal::open(&mut disk).unwrap();
        prop_assert_eq!(opening, Opening::Whole);
        disk.damage(|bytes| {
            let before_last_seal = bytes.len() - frame::FRAME_HEADER_BYTES;
            bytes[at.index(before_last_seal)] ^= 1 << bit;
        });
        prop_assert!(Journal::open(&mut disk).is_err());
    }
}

#[test]
fn a_failed_sync_is_never_tried_again() {
    let mut disk = LossyDisk::new(7);
    disk.bad_sync_in = Some(1);
    let (mut journal, ..) = Journal::open(&mut disk).unwrap();
    journal.append(b"a").unwrap();
    assert!(matches!(journal.sync(), Err(JournalError::Io { what: "sync", .. })));
    assert!(!journal.healthy());
    assert!(matches!(journal.sync(), Err(JournalError::Dead { .. })));
    assert!(matches!(journal.append(b"b"), Err(JournalError::Dead { .. })));
}

#[test]
fn two_hubs_never_share_a_home() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("journal");
    let first = JournalFile::open(&path).unwrap();
    let refused = JournalFile::open(&path).unwrap_err().to_string();
    assert!(refused.contains("another hub"), "{refused}");
    drop(first);
    JournalFile::open(&path).unwrap();
}

#[test]
fn damage_names_the_file_the_place_and_the_mend() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("journal");
    let (mut journal, ..) = Journal::open(JournalFile::open(&path).unwrap()).unwrap();
    journal.append(b"first").unwrap();
    journal.append(b"second").unwrap();
    journal.sync().unwrap();
    drop(journal);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[16 + 24] = b'F';
    std::fs::write(&path, bytes).unwrap();
    let sentence = Journal::open(JournalFile::open(&path).unwrap()).unwrap_err().to_string();
    for part in [path.to_str().unwrap(), "byte 16", "record 0", "new door key"] {
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[test]
fn empty_and_oversized_records_are_refused_without_harm() {
    let mut disk = LossyDisk::new(3);
    let (mut journal, ..) = Journal::open(&mut disk).unwrap();
    assert!(journal.append(b"").is_err());
    assert!(journal.append(&vec![0; RECORD_BYTES_MAX + 1]).is_err());
    assert!(journal.healthy());
    assert_eq!(journal.append(&vec![0; RECORD_BYTES_MAX]).unwrap(), 0);
}

#[test]
fn another_format_is_named() {
    let mut disk = LossyDisk::new(3);
    disk.damage(|bytes| bytes.extend_from_slice(b"vestibule-jrnl\x07\x00"));
    assert!(matches!(Journal::open(&mut disk), Err(JournalError::Version { found: 7, .. })));
}
