//! Cameras: where pictures come from. A driver yields access units and errors, and decides nothing.
//!
//! | driver | source | for |
//! |---|---|---|
//! | `rtsp` | `rtsp://user:password@host:port/path` | ordinary IP cameras, H.264 over TCP |
//! | `virtual` | `virtual:/path/to/socket` | the virtual house, tests |
//!
//! A new driver is one folder, one variant of [`Source`] and one arm in `watch`.

mod inspector;
pub mod rtsp;
pub mod r#virtual;

pub use inspector::{Finding, Inspector};

use crate::recorder::now;
use recording::Init;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// Shortest and longest wait before a lost camera is tried again.
const BACKOFF_MS: std::ops::RangeInclusive<u64> = 250..=5_000;
/// A camera that is connected and silent for so long is connected anew: some stop without closing the connection.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// Where a camera is found.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// An IP camera.
    Rtsp(url::Url),
    /// A virtual camera behind a Unix socket.
    Virtual(PathBuf),
}

/// The text is no camera source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a camera is `rtsp://user:password@host:port/path` or `virtual:/path/to/socket`")]
pub struct NotASource;

impl FromStr for Source {
    type Err = NotASource;

    fn from_str(text: &str) -> Result<Self, NotASource> {
        if let Some(path) = text.strip_prefix("virtual:") {
            return if path.is_empty() { Err(NotASource) } else { Ok(Self::Virtual(path.into())) };
        }
        let url = url::Url::parse(text).map_err(|_| NotASource)?;
        if url.scheme() == "rtsp" && url.host_str().is_some() { Ok(Self::Rtsp(url)) } else { Err(NotASource) }
    }
}

/// Without the password.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rtsp(url) => {
                write!(f, "rtsp://{}:{}", url.host_str().unwrap_or(""), url.port().unwrap_or(554))
            }
            Self::Virtual(path) => write!(f, "virtual:{}", path.display()),
        }
    }
}

/// One picture as the camera sent it.
#[derive(Debug, Clone)]
pub struct AccessUnit {
    /// NAL units with 4-byte lengths, without parameter sets.
    pub unit: Vec<u8>,
    /// Decodes on its own.
    pub is_random_access_point: bool,
    /// When the camera says it was captured, milliseconds since 1970; arrival if it does not say.
    pub captured_ms: u64,
    /// When it arrived, milliseconds of CLOCK_BOOTTIME.
    pub arrived_boot_ms: u64,
    /// The camera's own clock, 90,000 ticks a second, from any start; does not wrap.
    pub rtp_ticks: i64,
    /// Decoder configuration: with the first picture of a connection, and whenever it changes.
    pub init: Option<Init>,
}

/// What a driver reports.
#[derive(Debug)]
pub enum Report {
    /// A connection was made; pictures follow.
    Connected,
    /// A picture.
    Unit(AccessUnit),
    /// The connection was lost or could not be made; it is tried again. Says why.
    Lost(CameraError),
}

/// Why a camera delivers nothing.
#[derive(Debug, thiserror::Error)]
pub enum CameraError {
    /// No connection, or it broke.
    #[error("the camera cannot be reached: {0}")]
    Unreachable(String),
    /// It answers in a way that this driver does not understand.
    #[error("the camera speaks in an unexpected way: {0}")]
    Protocol(String),
    /// It has no H.264 stream.
    #[error("the camera offers {0} and no H.264; set its main stream to H.264")]
    NotH264(String),
    /// It is connected and sends nothing.
    #[error("the camera is connected and sends no pictures")]
    Silent,
    /// Nobody wants its pictures any more.
    #[error("the recorder ended")]
    Unwanted,
}

/// Hands reports to the recorder.
#[derive(Debug, Clone)]
pub struct Sink {
    reports: mpsc::Sender<Report>,
    has_pictures: Arc<AtomicBool>,
}

impl Sink {
    async fn report(&self, report: Report) -> Result<(), CameraError> {
        if matches!(report, Report::Unit(_)) {
            self.has_pictures.store(true, Ordering::Relaxed);
        }
        self.reports.send(report).await.map_err(|_| CameraError::Unwanted)
    }
}

/// A camera that is being watched; stops when dropped.
#[derive(Debug)]
pub struct Camera {
    reports: mpsc::Receiver<Report>,
    has_pictures: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Camera {
    /// Connects, and connects again whenever the connection is lost.
    pub fn start(source: Source) -> Self {
        let (sender, reports) = mpsc::channel(256);
        let has_pictures = Arc::new(AtomicBool::new(false));
        let sink = Sink { reports: sender, has_pictures: Arc::clone(&has_pictures) };
        Self { reports, has_pictures, task: tokio::spawn(watch(source, sink)) }
    }

    /// True once it has delivered a picture, whether or not anyone took it.
    pub fn has_pictures(&self) -> bool {
        self.has_pictures.load(Ordering::Relaxed)
    }

    /// The next report. Never ends while the camera is watched.
    pub async fn next(&mut self) -> Report {
        match self.reports.recv().await {
            Some(report) => report,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(source: Source, sink: Sink) {
    let mut wait_ms = *BACKOFF_MS.start();
    loop {
        let began = now::boot_ms();
        let lost = match &source {
            Source::Rtsp(url) => rtsp::stream(url, &sink).await,
            Source::Virtual(path) => r#virtual::stream(path, &sink).await,
        };
        if now::boot_ms().saturating_sub(began) > 10_000 {
            wait_ms = *BACKOFF_MS.start();
        }
        tracing::info!(camera = ?source, error = %lost, "camera lost");
        if sink.report(Report::Lost(lost)).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        wait_ms = wait_ms.saturating_mul(2).min(*BACKOFF_MS.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_and_never_shows_its_password() {
        let source: Source = "rtsp://viewer:secret@10.0.0.7:8554/main".parse().unwrap();
        assert_eq!(format!("{source:?}"), "rtsp://10.0.0.7:8554");
        assert_eq!("virtual:/run/cam".parse(), Ok(Source::Virtual("/run/cam".into())));
        for bad in ["", "virtual:", "http://10.0.0.7/", "rtsp:", "/dev/video0"] {
            assert_eq!(bad.parse::<Source>(), Err(NotASource), "{bad}");
        }
    }
}
