//! Room: recordings that wait, and what is free on the disk.

use super::Finding;
use super::limits::{DISK_FREE_BYTES_LOW, DISK_FREE_BYTES_MIN, SPOOL_BYTES_MANY, SPOOL_FILES_MAX};
use std::path::Path;

/// Recordings that the cloud does not have yet.
pub(super) fn spool(path: &Path) -> Option<Finding> {
    let recordings =
        std::fs::read_dir(path).ok()?.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let files =
        recordings.filter_map(|dir| std::fs::read_dir(dir.path()).ok()).flatten().filter_map(Result::ok);
    let bytes =
        files.take(SPOOL_FILES_MAX).filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum();
    Some(judge_spool(bytes))
}

fn judge_spool(bytes: u64) -> Finding {
    if bytes == 0 {
        return Finding::fine("spool_fine", "No recordings lie in the spool");
    }
    if bytes < SPOOL_BYTES_MANY {
        return Finding::fine("spool_fine", format!("{} of recordings lie in the spool", size(bytes)));
    }
    Finding::look(
        "spool_large",
        format!("{} of recordings lie in the spool; at 8 GiB new ones are not kept", size(bytes)),
        "See whether the cloud can be reached and has room: recordings leave the spool when it holds them",
    )
}

/// What is free under a folder.
pub(super) fn free(path: &Path) -> Option<Finding> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(judge_free(stat.f_bavail.saturating_mul(stat.f_frsize)))
}

fn judge_free(bytes: u64) -> Finding {
    let free = size(bytes);
    if bytes < DISK_FREE_BYTES_MIN {
        let says = format!("Only {free} are free on the disk: when it is full the door stays shut");
        Finding::mend("disk_full", says, "Free some space; 2 GiB or more leave room for recordings")
    } else if bytes < DISK_FREE_BYTES_LOW {
        let says = format!("{free} are free on the disk: little room for recordings");
        Finding::look("disk_low", says, "Free some space; 2 GiB or more leave room for recordings")
    } else {
        Finding::fine("disk_fine", format!("{free} are free on the disk"))
    }
}

/// Like `1.5 GiB`.
fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..0x400 => return format!("{bytes} bytes"),
        0x400..0x10_0000 => (1 << 10, "KiB"),
        0x10_0000..0x4000_0000 => (1 << 20, "MiB"),
        _ => (1_u64 << 30, "GiB"),
    };
    let tenths = bytes.saturating_mul(10) / unit;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_judged_by_what_a_visit_needs() {
        assert_eq!(judge_free(10 << 20).code, "disk_full");
        assert_eq!(judge_free(1 << 30).code, "disk_low");
        assert_eq!(judge_free(3 << 30), Finding::fine("disk_fine", "3.0 GiB are free on the disk."));
        assert_eq!(judge_spool(5 << 30).code, "spool_large");
    }

    #[test]
    fn the_spool_is_counted_and_may_be_missing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(spool(&dir.path().join("spool")), None);
        std::fs::create_dir(dir.path().join("recording")).unwrap();
        std::fs::write(dir.path().join("recording/part-0.chunks"), [0; 1536]).unwrap();
        assert_eq!(spool(dir.path()).unwrap().sentence, "1.5 KiB of recordings lie in the spool.");
        assert!(free(dir.path()).is_some());
    }
}
