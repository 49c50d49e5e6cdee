//! The recorder's one loop: hub, camera, disk, cloud and time come in; pictures and answers go out.

mod looks;
mod orders;
mod pictures;

use crate::camera::{Camera, Inspector};
use crate::recorder::disk::{Disk, Done, Task, Ticket};
use crate::recorder::freshness::{Change, Freshness};
use crate::recorder::outbox::Outbox;
use crate::recorder::preroll::Preroll;
use crate::recorder::reel::{Finished, Reel, ReelError, Shelf};
use crate::recorder::showing::Showing;
use crate::recorder::spool::{Found, Lock, Spool};
use crate::recorder::wire::{self, FromRecorder, ToRecorder};
use crate::recorder::{Options, RecorderError, key, now, uplink};
use protocol::Hash;
use protocol::bytes::RecordingId;
use recording::{GapReason, Init};
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
/// Looks at once at most: four devices, and one that changes from a look to the next.
const SHOWING_MAX: usize = 5;
/// How long a recording that a crash left unfinished waits for the hub to go on with it, in milliseconds.
const UNFINISHED_MS_MAX: u64 = 30_000;
/// Messages to a hub that does not read; later ones are dropped, since a recorder never waits for its hub.
const UNREAD_MAX: usize = 1_024;
/// Status messages are dropped earlier, so that there is room for the others.
const UNREAD_STATUS_MAX: usize = 64;
/// The same failure is told again after this, in milliseconds.
const FAILURE_AGAIN_MS: u64 = 10_000;

/// Reads what the hub says until it stops. The channel's end is the hub's end.
pub(in crate::recorder) async fn listen(mut from: impl AsyncRead + Unpin, hub: mpsc::Sender<ToRecorder>) {
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
pub(in crate::recorder) async fn run(
    options: Options,
    mut hub: mpsc::Receiver<ToRecorder>,
    to_hub: impl AsyncWrite + Unpin + Send + 'static,
    terminated: impl Future<Output = ()>,
) -> Result<(), RecorderError> {
    let mut terminated = std::pin::pin!(terminated);
    let key = key::load_or_create_key(&options.key_file)?;
    // The camera first: a recorder that films without a hub is not asked to stop before this one can film.
    let mut camera = Camera::start(options.source.clone());
    let spool = Spool::new(&options.spool);
    let lock = spool.lock(|| camera.has_pictures()).await?;
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

    let (said, mut cloud) = mpsc::unbounded_channel();
    let uplink = options.cloud.clone().map(|url| tokio::spawn(uplink::run(url, key, outbox, spool, said)));
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
            Some(said) = cloud.recv() => desk.cloud(&said),
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
    showing: Vec<Showing>,
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
            showing: Vec::new(),
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

    fn report(&mut self, failures: Vec<ReelError>) {
        for error in failures {
            self.fail(format!("A picture could not be recorded: {error}."));
        }
    }

    fn cloud(&mut self, said: &uplink::Said) {
        match *said {
            uplink::Said::Complete(recording) => self.shelf.disk.hand(Task::Trim(recording)),
            uplink::Said::Unwatched(look) => self.end_looks(|showing| showing.stream == look),
            uplink::Said::Lost => self.showing.clear(),
        }
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

    /// Time passes. True if the camera should be connected anew.
    fn tick(&mut self) -> bool {
        let boot_ms = now::boot_ms();
        let changes = self.freshness.tick(boot_ms);
        self.signal(changes);
        self.preroll.expire(boot_ms);
        for reel in &mut self.reels {
            reel.tick(boot_ms, &self.shelf);
        }
        // Without a hub nobody could end it before its time.
        let alone = self.orphaned_since.is_some();
        self.end_looks(|showing| alone || showing.is_over(boot_ms));
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
