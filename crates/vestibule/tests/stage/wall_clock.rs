//! A wall clock that can be set, for the hub of one home: libfaketime stands between it and the system's clock. The
//! monotonic clocks stay what they are, as on a box whose time daemon lies; the recorder asks the system itself.

use super::Stage;
use std::path::PathBuf;

/// Runs as this machine's, so far away from it as was set last.
pub(crate) struct WallClock(PathBuf);

impl WallClock {
    /// Right, to begin with.
    pub(crate) fn hang(stage: &Stage) -> Self {
        let clock = Self(stage.path("wall_clock"));
        clock.set(0);
        clock
    }

    /// Moves it to so many seconds from the true time. Whoever looks, also in a process that runs already, sees it at once.
    pub(crate) fn set(&self, seconds: i64) {
        // In one step: a reader in between would find an empty file.
        let next = self.0.with_extension("next");
        std::fs::write(&next, format!("{seconds:+}\n")).unwrap();
        std::fs::rename(next, &self.0).unwrap();
    }

    /// What makes a process look at it.
    pub(super) fn environment(&self) -> Vec<(String, String)> {
        let library = libraries()
            .find(|library| library.exists())
            .expect("apt install libfaketime: a clock that can be set is not there");
        let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
        vec![
            ("LD_PRELOAD".into(), text(&library)),
            ("FAKETIME_TIMESTAMP_FILE".into(), text(&self.0)),
            ("FAKETIME_NO_CACHE".into(), "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
        ]
    }
}

/// Whoever loses its power leaves behind what libfaketime shares with its children, under its process number.
impl Drop for WallClock {
    fn drop(&mut self) {
        for shared in std::fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
            let name = shared.file_name();
            let of = name.to_str().and_then(|name| {
                name.strip_prefix("faketime_shm_").or_else(|| name.strip_prefix("sem.faketime_sem_"))
            });
            if of.is_some_and(|pid| !PathBuf::from("/proc").join(pid).exists()) {
                // Another stage may have been quicker.
                let _gone = std::fs::remove_file(shared.path());
            }
        }
    }
}

/// Where Debian puts it, for whichever processor.
fn libraries() -> impl Iterator<Item = PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"))
}
