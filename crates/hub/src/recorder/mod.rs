//! The recorder: films a visit, seals it, proves it, and gets it to the cloud. A process of its own, so that a camera
//! driver that crashes takes neither the hub nor the door along.
//!
//! Owns: camera connections, the pre-roll in memory, sealed chunks on disk, the media uplink, the recorder's key.
//! Does not own: when to record (the hub says), how a chunk is sealed (crate `recording`).
//!
//! **Outside a visit nothing is stored or sent.** Pictures are kept in memory for at most [`PREROLL_MS_MAX`], and
//! forgotten unless [`wire::ToRecorder::Start`] comes. While a resident looks ([`wire::ToRecorder::Look`]) they are sent,
//! sealed for that device, and still stored nowhere.
//!
//! ```text
//! camera driver -> freshness, pre-roll -> reel (seals) -> disk thread -> spool
//!                                            |                             |
//!                                            +-> outbox (live tail) --> uplink -> cloud
//! ```
//!
//! If the hub dies, its end of the pipe closes: the recorder films on until a newcomer asks for the spool or
//! [`Options::orphan_ms_max`] passes. If the recorder itself dies, the next one cuts torn ends off and goes on with
//! a new part. Keys are never written, so a crash loses the last second and no more, and opens nothing.

mod desk;
mod disk;
mod freshness;
mod key;
pub(crate) mod now;
mod outbox;
mod preroll;
mod reel;
mod showing;
mod spool;
mod uplink;
pub mod wire;

pub use key::load_or_create_key;

use crate::camera::Source;
use protocol::bytes::DoorId;
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

/// Longest pre-roll, in milliseconds: outside a visit no picture becomes older than this.
pub const PREROLL_MS_MAX: u64 = 10_000;

/// What a recorder must know.
#[derive(Debug, Clone)]
pub struct Options {
    /// The door that it films; goes into its proofs.
    pub door: DoorId,
    /// What people call the camera.
    pub camera: String,
    /// Where the camera is found.
    pub source: Source,
    /// Folder for recordings that the cloud does not hold yet.
    pub spool: PathBuf,
    /// Bytes that this recorder may add to the spool.
    pub spool_bytes_max: u64,
    /// File with the recorder's secret key; made if it does not exist.
    pub key_file: PathBuf,
    /// Media address of the cloud, `ws://` or `wss://`; none keeps recordings at home.
    pub cloud: Option<String>,
    /// How much of what was seen before a visit belongs to it, in milliseconds; at most [`PREROLL_MS_MAX`].
    pub preroll_ms: u64,
    /// How long to film on after the hub died, in milliseconds.
    pub orphan_ms_max: u64,
}

impl Options {
    /// With 5 s of pre-roll, 8 GiB of spool, 10 minutes without a hub, and no cloud.
    pub fn new(door: DoorId, camera: String, source: Source, spool: PathBuf, key_file: PathBuf) -> Self {
        Self {
            door,
            camera,
            source,
            spool,
            spool_bytes_max: 8 << 30,
            key_file,
            cloud: None,
            preroll_ms: 5_000,
            orphan_ms_max: 600_000,
        }
    }
}

/// Why a recorder cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RecorderError {
    /// The key file cannot be read or made.
    #[error("the recorder's key {path} cannot be read or made: {source}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key file holds something else.
    #[error("{0} is not a recorder's key: it must hold 32 bytes that are a P-256 secret")]
    BadKey(PathBuf),
    /// The spool cannot be used.
    #[error("the spool {path} cannot be used: {source}")]
    Spool {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another recorder holds the spool and does not let go.
    #[error("another recorder is using the spool {0} and its hub is alive; end that one first")]
    SpoolInUse(PathBuf),
    /// The standard streams cannot be used.
    #[error("the hub cannot be talked to: {0}")]
    Pipe(std::io::Error),
}

/// Runs as a child of the hub, on standard input and output, until the hub closes them and nothing is being filmed.
///
/// The hub starts it in a process group of its own and without kill-on-drop, so that what ends the hub does not end
/// the recording. The caller ends the process with `std::process::exit` afterwards: reading standard input cannot be
/// cancelled.
pub async fn run(options: Options) -> Result<(), RecorderError> {
    let (hub, heard) = mpsc::channel(64);
    // A thread of its own that nobody waits for: a blocking read of standard input cannot be cancelled, and must not
    // keep a recorder alive that has nothing more to do.
    std::thread::Builder::new()
        .name("recorder stdin".into())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(desk::listen(Blocking(std::io::stdin()), hub));
            }
        })
        .map_err(RecorderError::Pipe)?;
    let terminated = terminated().map_err(RecorderError::Pipe)?;
    desk::run(options, heard, tokio::io::stdout(), terminated).await
}

/// Resolves when the system or a terminal tells this process to end.
fn terminated() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}

/// Runs over any pair of streams.
pub async fn run_on(
    options: Options,
    from_hub: impl AsyncRead + Unpin + Send + 'static,
    to_hub: impl AsyncWrite + Unpin + Send + 'static,
) -> Result<(), RecorderError> {
    let (hub, heard) = mpsc::channel(64);
    let listening = tokio::spawn(desk::listen(from_hub, hub));
    let ended = desk::run(options, heard, to_hub, std::future::pending()).await;
    listening.abort();
    ended
}

/// A blocking stream on a thread where nothing else runs.
struct Blocking<R>(R);

impl<R: std::io::Read + Unpin> AsyncRead for Blocking<R> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
        into: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        let count = match self.0.read(into.initialize_unfilled()) {
            Ok(count) => count,
            Err(error) => return std::task::Poll::Ready(Err(error)),
        };
        into.advance(count);
        std::task::Poll::Ready(Ok(()))
    }
}
