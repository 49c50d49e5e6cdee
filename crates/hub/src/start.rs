//! Starting a hub: everything is checked before anything runs, and what is wrong is said in a sentence.

use crate::clock::{AtStart, now_ms};
use crate::conduct::{ConductError, Past};
use crate::control;
use crate::eventloop::{Devices, Ended, EventLoop};
use crate::folder::{Folder, FolderError};
use crate::journal::{JournalError, JournalFile, Opening};
use crate::limits::LOCK_REPORTS;
use crate::lock::{self, LockConfig, LockError};
use crate::recorder_child::{RecorderChild, RecorderProgram};
use crate::ring_verifier::RingVerifier;
use crate::uplink;
use doorkeeper::Home;
use protocol::bytes::BootId;
use tokio::sync::mpsc;

/// Why a hub does not start or run.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The home's folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The journal, or what it holds.
    #[error(transparent)]
    Conduct(#[from] ConductError),
    /// The journal of a home that had one is not there any more.
    #[error(
        "the home's journal is gone, and with it the knowledge of what is used up and revoked. A hub never starts over: restore the folder from before the loss only if no visit happened since, else set the home up anew with a new door key"
    )]
    JournalGone,
    /// The lock's address.
    #[error("home.toml, `lock`: {0}")]
    Lock(#[from] LockError),
    /// The socket of the buttons, or signals.
    #[error(
        "the hub's socket {path}: {source}. Check that the folder belongs to this user and its path is short"
    )]
    Control {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The driver ended.
    #[error("the lock's driver ended; the hub stops rather than run without a lock")]
    LockDriverGone,
}

/// Runs the hub of this folder until it is asked to stop. `random` fills a slice from the operating system.
pub async fn run(
    folder: &Folder,
    recorder: RecorderProgram,
    random: impl Fn(&mut [u8]),
) -> Result<(), HubError> {
    let config = folder.config()?;
    let door_key = folder.key("door.key")?;
    let roster = folder.roster(&RingVerifier)?;
    let lock_config: LockConfig = config.lock.parse()?;

    let past = read_journal(folder)?;
    let at_start =
        if config.clock_survives_power_loss { AtStart::TrustsTheBox } else { AtStart::NeedsAgreement };

    let (mut boot, mut seed) = ([0; 16], [0; 32]);
    random(&mut boot);
    random(&mut seed);
    let home = Home {
        roster,
        door_key: Box::new(door_key.clone()),
        verifier: Box::new(RingVerifier),
        door_tag: folder.door_tag()?,
        commissioning: config.commissioning.into(),
        answer_s: config.answer_s,
        boot: BootId(boot),
        seed,
    };
    let conduct = past.start(home, at_start, now_ms(), crate::clock::read_box())?;

    let log = conduct.log().clone();
    let (report_out, reports) = mpsc::channel(LOCK_REPORTS);
    let socket = folder.path("hub.sock");
    let control_error = |source| HubError::Control { path: socket.clone(), source };
    let asks = control::serve(&socket).map_err(control_error)?;
    let stop = control::stop_signals().map_err(control_error)?;
    let event_loop = EventLoop {
        conduct,
        devices: Devices {
            lock: lock::connect(lock_config, report_out)?,
            recorder: RecorderChild::start(recorder),
            uplink: config.cloud.map(|cloud| uplink::start(&websocket_address(&cloud), door_key, log)),
            uplink_is_up: false,
        },
        reports,
        is_set_back: false,
        asks,
        stop,
    };
    match event_loop.run().await {
        Ended::Stopped => Ok(()),
        Ended::LockDriverGone => Err(HubError::LockDriverGone),
    }
}

fn read_journal(folder: &Folder) -> Result<Past<JournalFile>, HubError> {
    let path = folder.path("journal");
    // Looked at before it is opened, for that makes one: a home that starts over must not look as if it had begun.
    if folder.had_journal() && !std::fs::metadata(&path).is_ok_and(|file| file.len() > 0) {
        return Err(HubError::JournalGone);
    }
    let file = JournalFile::open(&path).map_err(JournalError::from).map_err(ConductError::from)?;
    let past = Past::read(file)?;
    match (past.is_empty(), folder.had_journal()) {
        // A journal that began holds at least its first start.
        (true, true) => return Err(HubError::JournalGone),
        (true, false) => folder.note_journal()?,
        (false, _) => {}
    }
    if let opening @ Opening::TornTail { .. } = past.opening() {
        tracing::warn!(
            ?opening,
            "the journal's tail was torn by a power cut and is cut off; nothing that was promised is lost"
        );
    }
    Ok(past)
}

/// The uplink's address from the cloud's.
fn websocket_address(cloud: &str) -> String {
    cloud.replacen("http", "ws", usize::from(cloud.starts_with("http")))
}
