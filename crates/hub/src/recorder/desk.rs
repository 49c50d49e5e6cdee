//! The recorder's one loop: hub, camera, disk, cloud and time come in; pictures and answers go out.

use super::disk::{Disk, Done, Task, Ticket};
use super::freshness::{Change, Freshness};
use super::outbox::Outbox;
use super::preroll::{Picture, Preroll};
use super::reel::{self, Finished, Reel, ReelError, Shelf};
use super::spool::{Found, Lock, Spool};
use super::wire::{self, FromRecorder, ToRecorder};
use super::{Options, RecorderError, key, now, uplink};
use crate::camera::{AccessUnit, Camera, CameraError, Inspector, Report};
use protocol::Hash;
use protocol::bytes::{Blob, RecordingId, VisitId};
use recording::{GapReason, Init, Recipient};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

/// How often time is looked at.
const TICK: Duration = Duration::from_millis(50);
/// Between two status messages, in milliseconds.
const STATUS_MS: u64 = 250;
/// A proof that could not be given for so long is no longer asked for, in milliseconds.
const PROOF_MS_MAX: u64 = 10_000;
/// Proofs asked for at once at most: four visits with an open challenge and a passage each.
const PROOFS_MAX: usize = 8;
/// Recordings at once at most: four visits.
const REELS_MAX: usize = 4;
/// How long a recording that a crash left unfinished waits for the hub to go on with it, in milliseconds.
const UNFINISHED_MS_MAX: u64 = 30_000;
/// Messages to a hub that does not read; later ones are dropped, since a recorder never waits for its hub.
const UNREAD_MAX: usize = 1_024;
/// Status messages are dropped earlier, so that there is room for the others.
const UNREAD_STATUS_MAX: usize = 64;
/// The same failure is told again after this, in milliseconds.
const FAILURE_AGAIN_MS: u64 = 10_000;

/// Reads what the hub says until it stops. The channel's end is the hub's end.
pub(super) async fn listen(mut from: impl AsyncRead + Unpin, hub: mpsc::Sender<ToRecorder>) {
    loop {
        match wire::read(&mut from).await {
            Ok(Some(message)) => {
                if hub.send(message).await.is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "the hub's messages cannot be read");
                return;
            }
        }
    }
}

async fn speak(mut to: impl AsyncWrite + Unpin, mut messages: mpsc::Receiver<FromRecorder>) {
    while let Some(message) = messages.recv().await {
        if wire::write(&mut to, &message).await.is_err() {
            return; // the hub is gone; its closed input says so as well
        }
    }
}

/// Runs until the hub is gone and nothing is being filmed.
pub(super) async fn run(
    options: Options,
    mut hub: mpsc::Receiver<ToRecorder>,
    to_hub: impl AsyncWrite + Unpin + Send + 'static,
    terminated: impl Future<Output = ()>,
) -> Result<(), RecorderError> {
    let mut terminated = std::pin::pin!(terminated);
    let key = key::load_or_create_key(&options.key_file)?;
    // The camera first: while the spool is being taken over, pictures already gather in memory.
    let mut camera = Camera::start(options.source.clone());
    let spool = Spool::new(&options.spool);
    let lock = spool.lock().await?;
    let outbox = Arc::new(Outbox::new(options.cloud.is_some()));
    let failed = |source| RecorderError::Spool { path: options.spool.clone(), source };
    let (disk, mut done) =
        Disk::start(spool.clone(), Arc::clone(&outbox), options.spool_bytes_max).map_err(failed)?;
    let (out, messages) = mpsc::channel(UNREAD_MAX);
    let mut speaking = tokio::spawn(speak(to_hub, messages));
    let shelf = Shelf { disk, outbox: Arc::clone(&outbox), key: key.clone(), camera: options.camera.clone() };
    let mut desk = Desk::new(&options, spool.clone(), shelf, out);
    desk.tell(FromRecorder::Ready { recorder: key.public() });
    desk.recover().map_err(failed)?;

    let (complete, mut completed) = mpsc::unbounded_channel();
    let uplink =
        options.cloud.clone().map(|url| tokio::spawn(uplink::run(url, key, outbox, spool, complete)));
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            said = hub.recv(), if desk.orphaned_since.is_none() => match said {
                Some(message) => desk.hub(message),
                None => desk.orphaned_since = Some(now::boot_ms()),
            },
            report = camera.next() => desk.camera(report),
            Some(done) = done.recv() => desk.done(done),
            Some(recording) = completed.recv() => desk.shelf.disk.hand(Task::Trim(recording)),
            () = &mut terminated, if !desk.is_terminated => desk.is_terminated = true,
            _ = ticks.tick() => {
                if desk.tick() {
                    camera = Camera::start(options.source.clone());
                }
            }
        }
        if desk.is_over() {
            break;
        }
    }
    desk.leave(&mut done).await;
    if let Some(uplink) = uplink {
        uplink.abort();
    }
    drop(desk);
    // The last words reach a hub that still reads.
    let _too_slow = tokio::time::timeout(Duration::from_secs(1), &mut speaking).await;
    speaking.abort();
    drop::<Lock>(lock);
    Ok(())
}

/// Everything that the loop remembers.
struct Desk {
    door: protocol::bytes::DoorId,
    orphan_ms_max: u64,
    spool: Spool,
    shelf: Shelf,
    out: mpsc::Sender<FromRecorder>,
    freshness: Freshness,
    inspector: Inspector,
    preroll: Preroll,
    init: Option<Init>,
    awaits_keyframe: bool,
    gap_reason: GapReason,
    reels: Vec<Reel>,
    unfinished: Vec<Found>,
    unfinished_until: u64,
    finished: HashMap<RecordingId, Finished>,
    proofs: VecDeque<Wanted>,
    /// Intents, and in how many recordings each is still to be synced.
    intents: HashMap<Hash, usize>,
    last_failure: (String, u64),
    status_at: u64,
    orphaned_since: Option<u64>,
    /// Told to end by the system: a next start, with or without a reboot, goes on.
    is_terminated: bool,
}

/// A proof that the hub asked for.
struct Wanted {
    answers: Hash,
    grant: Hash,
    asked_boot_ms: u64,
}

impl Desk {
    fn new(options: &Options, spool: Spool, shelf: Shelf, out: mpsc::Sender<FromRecorder>) -> Self {
        let boot_ms = now::boot_ms();
        Self {
            door: options.door,
            orphan_ms_max: options.orphan_ms_max,
            spool,
            shelf,
            out,
            freshness: Freshness::new(boot_ms),
            inspector: Inspector::default(),
            preroll: Preroll::new(options.preroll_ms),
            init: None,
            awaits_keyframe: true,
            gap_reason: GapReason::NoFrame,
            reels: Vec::new(),
            unfinished: Vec::new(),
            unfinished_until: boot_ms.saturating_add(UNFINISHED_MS_MAX),
            finished: HashMap::new(),
            proofs: VecDeque::new(),
            intents: HashMap::new(),
            last_failure: (String::new(), 0),
            status_at: boot_ms,
            orphaned_since: None,
            is_terminated: false,
        }
    }

    fn tell(&self, message: FromRecorder) {
        let _hub_is_gone = self.out.try_send(message);
    }

    fn fail(&mut self, sentence: String) {
        let boot_ms = now::boot_ms();
        let (said, at) = &self.last_failure;
        if *said == sentence && boot_ms.saturating_sub(*at) < FAILURE_AGAIN_MS {
            return;
        }
        self.last_failure = (sentence.clone(), boot_ms);
        tracing::error!("{sentence}");
        self.tell(FromRecorder::Failed(sentence));
    }

    /// Takes stock of what a recorder before this one left.
    fn recover(&mut self) -> std::io::Result<()> {
        let (found, unreadable) = self.spool.recover(self.shelf.key.public())?;
        for sentence in unreadable {
            self.fail(sentence);
        }
        for one in found.into_iter().filter(|one| !one.is_trimmed()) {
            self.shelf.outbox.found(&one);
            if one.manifest.is_none() {
                self.unfinished.push(one);
            }
        }
        Ok(())
    }

    fn hub(&mut self, message: ToRecorder) {
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
            ToRecorder::Stop(recording) => self.stop(recording),
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
        if self.reels.iter().any(|reel| reel.recording == recording) {
            return; // told twice
        }
        if self.reels.len() >= REELS_MAX {
            return self.fail("Four visits are being recorded already; a fifth cannot be.".into());
        }
        if self.spool.manifest(recording).exists() {
            return self.fail(format!("The recording {recording} is complete and cannot be continued."));
        }
        self.preroll.expire(now::boot_ms());
        let mut reel = Reel::new(recording, visit, grant, recipients);
        if let Some(at) = self.unfinished.iter().position(|found| found.recording == recording) {
            reel.resume(&self.unfinished.remove(at));
        }
        self.reels.push(reel);
        self.begin_parts();
    }

    /// Begins a part wherever a recording has none and there are pictures.
    fn begin_parts(&mut self) {
        if self.reels.iter().all(Reel::has_part) {
            return;
        }
        let Some(init) = self.init.clone() else { return };
        let mut failures = Vec::new();
        for reel in self.reels.iter_mut().filter(|reel| !reel.has_part()) {
            if let Err(error) = reel.begin(&init, &self.preroll, &self.shelf) {
                failures.push(error);
            }
        }
        self.report(failures);
    }

    fn report(&mut self, failures: Vec<ReelError>) {
        for error in failures {
            self.fail(format!("A picture could not be recorded: {error}."));
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

    fn finish(&mut self, recording: RecordingId, reel: Reel) {
        match reel.finish(self.gap_reason, &self.shelf) {
            Ok(finished) => drop(self.finished.insert(recording, finished)),
            Err(error) => self.fail(format!("The recording {recording} could not be closed: {error}.")),
        }
    }

    /// Closes what a crash left.
    fn finish_found(&mut self, found: &Found) {
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

    fn done(&mut self, done: Done) {
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

    fn camera(&mut self, report: Report) {
        match report {
            Report::Connected => {
                self.freshness.reconnected();
                self.inspector = Inspector::default();
                self.awaits_keyframe = true;
            }
            Report::Unit(unit) => self.unit(unit),
            Report::Lost(CameraError::Unwanted) => {}
            Report::Lost(error) => {
                self.awaits_keyframe = true;
                self.gap_reason = match error {
                    CameraError::Silent | CameraError::Unwanted => GapReason::NoFrame,
                    CameraError::Unreachable(_) => GapReason::Disconnected,
                    CameraError::Protocol(_) | CameraError::NotH264(_) => GapReason::Unusable,
                };
                if let CameraError::NotH264(_) = &error {
                    let (code, sentence) = ("camera_not_h264".into(), error.to_string());
                    self.tell(FromRecorder::Finding { code, sentence });
                }
            }
        }
    }

    fn unit(&mut self, mut unit: AccessUnit) {
        if let Some(finding) = self.inspector.unit(&unit) {
            let (code, sentence) = (finding.code().into(), finding.to_string());
            self.tell(FromRecorder::Finding { code, sentence });
        }
        let said_lag_ms = now::unix_ms().saturating_sub(unit.captured_ms);
        let (captured_boot_ms, changes) =
            self.freshness.picture(unit.arrived_boot_ms, unit.rtp_ticks, said_lag_ms);
        self.signal(changes);
        if !unit.is_random_access_point {
            let changes = self.freshness.delta(unit.arrived_boot_ms, unit.unit.len());
            self.signal(changes);
        }
        if let Some(init) = unit.init.take() {
            self.format(init);
        }
        if self.awaits_keyframe && !unit.is_random_access_point {
            return;
        }
        self.awaits_keyframe = false;
        let picture = Picture {
            captured_boot_ms,
            is_keyframe: unit.is_random_access_point,
            unit: Arc::from(unit.unit),
        };
        let mut failures = Vec::new();
        for reel in &mut self.reels {
            if let Err(error) = reel.picture(&picture, self.gap_reason, &self.shelf) {
                failures.push(error);
            }
        }
        self.report(failures);
        self.gap_reason = GapReason::NoFrame;
        self.preroll.push(picture);
        self.begin_parts();
        self.prove();
    }

    /// The camera's decoder configuration. Another one than before needs a new part.
    fn format(&mut self, init: Init) {
        if self.init.as_ref() == Some(&init) {
            return;
        }
        self.init = Some(init);
        self.preroll.clear();
        self.awaits_keyframe = true;
        let mut failures = Vec::new();
        for reel in &mut self.reels {
            if let Err(error) = reel.end_part(self.gap_reason, &self.shelf) {
                failures.push(error);
            }
        }
        self.report(failures);
    }

    fn signal(&self, changes: Vec<Change>) {
        for (signal, is_on) in changes {
            self.tell(if is_on {
                FromRecorder::CameraAlarm(signal)
            } else {
                FromRecorder::CameraBack(signal)
            });
        }
    }

    /// Answers every request that is older than the picture that was just sealed.
    fn prove(&mut self) {
        let mut waiting = std::mem::take(&mut self.proofs);
        waiting.retain(|wanted| {
            let reel = self.reels.iter().rev().find(|reel| reel.grant == wanted.grant);
            match reel
                .and_then(|reel| reel.proof(self.door, wanted.answers, wanted.asked_boot_ms, &self.shelf.key))
            {
                Some(proof) => {
                    self.tell(FromRecorder::Proof(Blob(proof)));
                    false
                }
                None => true,
            }
        });
        self.proofs = waiting;
    }

    /// Time passes. True if the camera should be connected anew.
    fn tick(&mut self) -> bool {
        let boot_ms = now::boot_ms();
        let changes = self.freshness.tick(boot_ms);
        self.signal(changes);
        self.preroll.expire(boot_ms);
        for reel in &mut self.reels {
            reel.tick(boot_ms, &self.shelf);
        }
        self.proofs.retain(|wanted| boot_ms.saturating_sub(wanted.asked_boot_ms) < PROOF_MS_MAX);
        if boot_ms >= self.unfinished_until {
            for found in std::mem::take(&mut self.unfinished) {
                self.finish_found(&found);
            }
        }
        if boot_ms >= self.status_at {
            self.status_at = boot_ms.saturating_add(STATUS_MS);
            if self.out.max_capacity() - self.out.capacity() < UNREAD_STATUS_MAX {
                self.status(boot_ms);
            }
        }
        let reconnect = self.freshness.wants_reconnect(boot_ms);
        if reconnect {
            tracing::warn!("the camera's clock stays wrong; connecting anew");
            self.freshness.reconnected();
            self.awaits_keyframe = true;
        }
        reconnect
    }

    fn status(&self, boot_ms: u64) {
        self.tell(FromRecorder::Status {
            picture_age_ms: self.freshness.picture_age_ms(boot_ms),
            recordings: self.reels.iter().filter_map(Reel::progress).collect(),
            signals: self.freshness.signals(),
        });
    }

    /// When told so. Without a hub: when nothing is filmed, a newcomer wants the spool, or enough time has passed.
    fn is_over(&self) -> bool {
        self.is_terminated
            || self.orphaned_since.is_some_and(|since| {
                self.reels.is_empty()
                    || self.spool.is_wanted()
                    || now::boot_ms().saturating_sub(since) >= self.orphan_ms_max
            })
    }

    /// Ends in good order: for a successor the parts only, which it goes on with; otherwise the recordings.
    async fn leave(&mut self, done: &mut mpsc::UnboundedReceiver<Done>) {
        let is_handed_over = self.spool.is_wanted() || self.is_terminated;
        for mut reel in std::mem::take(&mut self.reels) {
            if is_handed_over {
                if let Err(error) = reel.end_part(self.gap_reason, &self.shelf) {
                    self.report(vec![error]);
                }
            } else {
                self.finish(reel.recording, reel);
            }
        }
        self.shelf.disk.hand(Task::Report(Ticket::Last));
        while let Some(what) = done.recv().await {
            if matches!(what, Done::Reached(Ticket::Last, _)) {
                return;
            }
            self.done(what);
        }
    }
}
