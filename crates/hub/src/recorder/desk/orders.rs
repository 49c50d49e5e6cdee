//! What the hub orders, and what became of it on disk.

use super::{Desk, PROOFS_MAX, REELS_MAX, Wanted};
use crate::recorder::disk::{Done, Task, Ticket};
use crate::recorder::now;
use crate::recorder::reel::{self, Reel};
use crate::recorder::spool::Found;
use crate::recorder::wire::{FromRecorder, ToRecorder};
use protocol::Hash;
use protocol::bytes::{Blob, RecordingId, VisitId};
use recording::Recipient;

impl Desk {
    pub(super) fn hub(&mut self, message: ToRecorder) {
        match message {
            ToRecorder::Start { recording, visit, grant, recipients } => {
                self.start(recording, visit, grant, recipients);
            }
            ToRecorder::Prove { answers, grant } => {
                if self.proofs.len() >= PROOFS_MAX {
                    self.proofs.pop_front();
                }
                self.proofs.push_back(Wanted { answers, grant, asked_boot_ms: now::boot_ms() });
            }
            ToRecorder::Intent(event) => self.intent(event),
            ToRecorder::Pause(recording) => self.pause(recording),
            ToRecorder::Stop(recording) => self.stop(recording),
            ToRecorder::Look { stream, camera, recipient, ms } => self.look(stream, camera, recipient, ms),
            ToRecorder::LookOver(look) => self.end_looks(|showing| showing.stream == look),
            ToRecorder::Erase(recording) => {
                self.reels.retain(|reel| reel.recording != recording);
                self.unfinished.retain(|found| found.recording != recording);
                self.shelf.outbox.forget(recording);
                self.shelf.disk.hand(Task::Erase(recording));
                self.shelf.disk.hand(Task::Report(Ticket::Erased(recording)));
            }
        }
    }

    fn start(&mut self, recording: RecordingId, visit: VisitId, grant: Hash, recipients: Vec<Recipient>) {
        self.preroll.expire(now::boot_ms());
        if let Some(reel) = self.reels.iter_mut().find(|reel| reel.recording == recording) {
            reel.unpause();
            return self.begin_parts();
        }
        if self.reels.len() >= REELS_MAX {
            return self.fail("Four visits are being recorded already; a fifth cannot be.".into());
        }
        if self.spool.manifest(recording).exists() {
            return self.fail(format!("The recording {recording} is complete and cannot be continued."));
        }
        let mut reel = Reel::new(recording, visit, grant, recipients);
        if let Some(at) = self.unfinished.iter().position(|found| found.recording == recording) {
            reel.resume(&self.unfinished.remove(at));
        }
        self.reels.push(reel);
        self.begin_parts();
    }

    /// Begins a part wherever a recording has none and there are pictures.
    pub(super) fn begin_parts(&mut self) {
        if !self.reels.iter().any(Reel::wants_part) {
            return;
        }
        let Some(init) = self.init.clone() else { return };
        let mut failures = Vec::new();
        for reel in self.reels.iter_mut().filter(|reel| reel.wants_part()) {
            if let Err(error) = reel.begin(&init, &self.preroll, &self.shelf) {
                failures.push(error);
            }
        }
        self.report(failures);
    }

    fn pause(&mut self, recording: RecordingId) {
        let reel = self.reels.iter_mut().find(|reel| reel.recording == recording);
        if let Some(Err(error)) = reel.map(|reel| reel.pause(self.gap_reason, &self.shelf)) {
            self.report(vec![error]);
        }
    }

    fn intent(&mut self, event: Hash) {
        let mut failures = Vec::new();
        let mut marked = 0;
        for reel in &mut self.reels {
            match reel.mark(event, &self.shelf) {
                Ok(true) => marked += 1,
                Ok(false) => {}
                Err(error) => failures.push(error),
            }
        }
        self.report(failures);
        if marked == 0 {
            return self.fail("An opening was announced while nothing is being recorded.".into());
        }
        self.intents.insert(event, marked);
    }

    fn stop(&mut self, recording: RecordingId) {
        if let Some(at) = self.reels.iter().position(|reel| reel.recording == recording) {
            let reel = self.reels.remove(at);
            self.finish(recording, reel);
        } else if let Some(at) = self.unfinished.iter().position(|found| found.recording == recording) {
            let found = self.unfinished.remove(at);
            self.finish_found(&found);
        } else {
            self.close_again(recording);
        }
    }

    pub(super) fn finish(&mut self, recording: RecordingId, reel: Reel) {
        match reel.finish(self.gap_reason, &self.shelf) {
            Ok(finished) => drop(self.finished.insert(recording, finished)),
            Err(error) => self.fail(format!("The recording {recording} could not be closed: {error}.")),
        }
    }

    /// Closes what a crash left.
    pub(super) fn finish_found(&mut self, found: &Found) {
        let mut reel = Reel::new(found.recording, found.visit, Hash::ZERO, Vec::new());
        reel.resume(found);
        self.finish(found.recording, reel);
    }

    /// The hub may ask again after it was restarted.
    fn close_again(&mut self, recording: RecordingId) {
        let manifest = self.spool.closed_manifest(recording, self.shelf.key.public());
        match manifest {
            Some(manifest) => self.tell(FromRecorder::Closed {
                recording,
                heads: reel::heads(&manifest),
                manifest: Blob(manifest.bytes().to_vec()),
            }),
            None => self.fail(format!("There is no recording {recording} to close.")),
        }
    }

    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Reached(Ticket::Mark(_, event), true) => {
                if let Some(left) = self.intents.get_mut(&event) {
                    *left -= 1;
                    if *left == 0 {
                        self.intents.remove(&event);
                        self.tell(FromRecorder::Acknowledged(event));
                    }
                }
            }
            // Not on disk, so not acknowledged: the door stays shut.
            Done::Reached(Ticket::Mark(_, event), false) => drop(self.intents.remove(&event)),
            Done::Reached(Ticket::Closed(recording), _) => {
                if let Some(finished) = self.finished.remove(&recording) {
                    self.tell(FromRecorder::Closed {
                        recording,
                        manifest: Blob(finished.manifest),
                        heads: finished.heads,
                    });
                }
            }
            Done::Reached(Ticket::Erased(recording), _) => self.tell(FromRecorder::Erased(recording)),
            Done::Reached(Ticket::Last, _) => {}
            Done::Failed(recording, error) => self.fail(format!(
                "The recording {recording} can no longer be stored here ({error}). It goes on live only; free space on \
                 the hub's disk."
            )),
        }
    }
}
