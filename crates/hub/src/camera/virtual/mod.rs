//! A virtual camera: a client of a Unix socket. Big-endian throughout.
//!
//! ```text
//! header = "VCAM1" || width (u16) || height (u16) || fps (u16) || avcC length (u16) || avcC
//! frame  = length of the rest (u32) || flags (u8, bit 0: random access point) || capture time (u64, unix ms)
//!          || timestamp (u32, 90 kHz) || AVCC access unit
//! ```

use super::{AccessUnit, CameraError, Report, SILENCE, Sink};
use crate::recorder::now;
use recording::Init;
use std::path::Path;
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio::net::UnixStream;

const MAGIC: &[u8; 5] = b"VCAM1";
/// Flags, capture time and timestamp.
const FRAME_HEADER_BYTES: usize = 13;
const FRAME_BYTES_MAX: usize = recording::limits::CHUNK_BYTES_MAX;

/// Streams until something fails.
pub(super) async fn stream(path: &Path, sink: &Sink) -> CameraError {
    match UnixStream::connect(path).await {
        Ok(socket) => match read(BufReader::new(socket), sink).await {
            Ok(never) => match never {},
            Err(error) => error,
        },
        Err(error) => CameraError::Unreachable(error.to_string()),
    }
}

async fn read(
    mut from: impl AsyncRead + Unpin,
    sink: &Sink,
) -> Result<std::convert::Infallible, CameraError> {
    let header = tokio::time::timeout(SILENCE, read_header(&mut from)).await;
    let mut init = Some(header.map_err(|_| CameraError::Silent)??);
    sink.report(Report::Connected).await?;
    let mut ticks = Unwrapped::default();
    loop {
        let frame =
            tokio::time::timeout(SILENCE, read_frame(&mut from)).await.map_err(|_| CameraError::Silent)??;
        let unit = AccessUnit {
            unit: frame.unit,
            is_random_access_point: frame.is_random_access_point,
            captured_ms: frame.captured_ms,
            arrived_boot_ms: now::boot_ms(),
            rtp_ticks: ticks.next(frame.timestamp),
            init: init.take(),
        };
        sink.report(Report::Unit(unit)).await?;
    }
}

async fn read_header(from: &mut (impl AsyncRead + Unpin)) -> Result<Init, CameraError> {
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic).await.map_err(broke)?;
    if &magic != MAGIC {
        return Err(CameraError::Protocol("not a virtual camera".into()));
    }
    let width = from.read_u16().await.map_err(broke)?;
    let height = from.read_u16().await.map_err(broke)?;
    let _fps = from.read_u16().await.map_err(broke)?;
    let mut avcc = vec![0; usize::from(from.read_u16().await.map_err(broke)?)];
    from.read_exact(&mut avcc).await.map_err(broke)?;
    Ok(Init { width, height, timescale: 90_000, avcc })
}

struct Frame {
    is_random_access_point: bool,
    captured_ms: u64,
    timestamp: u32,
    unit: Vec<u8>,
}

async fn read_frame(from: &mut (impl AsyncRead + Unpin)) -> Result<Frame, CameraError> {
    let length = from.read_u32().await.map_err(broke)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if !(FRAME_HEADER_BYTES..=FRAME_BYTES_MAX).contains(&length) {
        return Err(CameraError::Protocol(format!("a frame of {length} bytes")));
    }
    let flags = from.read_u8().await.map_err(broke)?;
    let captured_ms = from.read_u64().await.map_err(broke)?;
    let timestamp = from.read_u32().await.map_err(broke)?;
    let mut unit = vec![0; length - FRAME_HEADER_BYTES];
    from.read_exact(&mut unit).await.map_err(broke)?;
    Ok(Frame { is_random_access_point: flags & 1 == 1, captured_ms, timestamp, unit })
}

#[allow(clippy::needless_pass_by_value, reason = "shape of map_err")]
fn broke(error: std::io::Error) -> CameraError {
    CameraError::Unreachable(error.to_string())
}

/// A 32-bit timestamp that wraps every 13 hours, made one that does not.
#[derive(Debug, Default)]
struct Unwrapped {
    last: Option<(u32, i64)>,
}

impl Unwrapped {
    fn next(&mut self, timestamp: u32) -> i64 {
        let ticks = match self.last {
            None => 0,
            Some((last, ticks)) => {
                let step = timestamp.wrapping_sub(last).cast_signed();
                ticks.saturating_add(i64::from(step))
            }
        };
        self.last = Some((timestamp, ticks));
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_that_wraps_goes_on() {
        let mut ticks = Unwrapped::default();
        let steps = [u32::MAX - 10, 3_589, 7_189, 3_589].map(|at| ticks.next(at));
        assert_eq!(steps, [0, 3_600, 7_200, 3_600]);
    }

    #[tokio::test]
    async fn frames_beyond_the_limit_are_refused() {
        let mut from: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0];
        assert!(matches!(read_frame(&mut from).await, Err(CameraError::Protocol(_))));
        let mut from: &[u8] = &[0, 0, 0, 12, 0];
        assert!(matches!(read_frame(&mut from).await, Err(CameraError::Protocol(_))));
        let mut from: &[u8] = b"HTTP/1.1 200";
        assert!(matches!(read_header(&mut from).await, Err(CameraError::Protocol(_))));
    }
}
