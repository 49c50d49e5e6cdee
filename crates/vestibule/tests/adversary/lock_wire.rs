//! Between the hub and its lock: carries every line, and writes each command down with what was really so just then.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A command of the hub, and the truth when it came.
#[derive(Debug, Clone)]
pub(crate) struct Ordered {
    pub(crate) command: String,
    pub(crate) truth: Value,
}

/// The wire. Its threads end with the sockets.
pub(crate) struct LockWire {
    ordered: Arc<Mutex<Vec<Ordered>>>,
    swallows: Arc<AtomicBool>,
}

impl LockWire {
    /// Listens at `at` for the hub, and carries to the virtual home at `house`.
    pub(crate) fn lay(at: &Path, house: PathBuf) -> Self {
        let listener = UnixListener::bind(at).expect("the wire's socket");
        let ordered: Arc<Mutex<Vec<Ordered>>> = Arc::default();
        let swallows: Arc<AtomicBool> = Arc::default();
        let (kept, swallowing) = (Arc::clone(&ordered), Arc::clone(&swallows));
        thread::spawn(move || {
            for hub in listener.incoming().flatten() {
                let Ok(lock) = UnixStream::connect(&house) else { continue };
                let (to_hub, from_lock) =
                    (hub.try_clone().expect("a socket"), lock.try_clone().expect("a socket"));
                thread::spawn(move || carry(&from_lock, to_hub, |_| true));
                let (house, kept, swallowing) = (house.clone(), Arc::clone(&kept), Arc::clone(&swallowing));
                let may_pass = move |line: &str| {
                    let is_command = note(line, &house, &kept);
                    !(is_command && swallowing.load(Ordering::Relaxed))
                };
                thread::spawn(move || carry(&hub, lock, may_pass));
            }
        });
        Self { ordered, swallows }
    }

    /// From now on commands get no further than here, or further again.
    pub(crate) fn swallow(&self, swallows: bool) {
        self.swallows.store(swallows, Ordering::Relaxed);
    }

    pub(crate) fn ordered(&self) -> Vec<Ordered> {
        self.ordered.lock().expect("nobody panicked").clone()
    }
}

fn carry(from: &UnixStream, mut to: UnixStream, may_pass: impl Fn(&str) -> bool) {
    for line in BufReader::new(from).lines() {
        let Ok(line) = line else { break };
        if may_pass(&line) && writeln!(to, "{line}").is_err() {
            break;
        }
    }
    // The other side may have gone first.
    let _gone = to.shutdown(std::net::Shutdown::Both);
}

/// Whether the line is a command; then it is written down.
fn note(line: &str, house: &Path, into: &Mutex<Vec<Ordered>>) -> bool {
    let said: Value = serde_json::from_str(line).unwrap_or_default();
    let Some(command) = said["do"].as_str() else { return false };
    let truth = crate::stage::line_to(house, &json!({ "get": "state" })).expect("the virtual home answers");
    let ordered = Ordered { command: command.into(), truth: truth["truth"].clone() };
    into.lock().expect("nobody panicked").push(ordered);
    true
}
