//! IP cameras: H.264 over RTSP with interleaved TCP, digest or basic authentication (crate `retina`).

use super::{AccessUnit, CameraError, Report, SILENCE, Sink};
use crate::recorder::now;
use futures::StreamExt;
use recording::Init;
use retina::client::{
    Credentials, Demuxed, Described, InitialTimestampPolicy, PlayOptions, Session, SessionOptions,
    SetupOptions, TcpTransportOptions, TeardownPolicy, Transport,
};
use retina::codec::{CodecItem, FrameFormat, ParametersRef, VideoFrame};
use std::convert::Infallible;
use std::time::Duration;
use url::Url;

/// How long a camera may take for each answer while a stream is set up.
const SETUP: Duration = Duration::from_secs(5);

/// Streams until something fails.
pub(super) async fn stream(url: &Url, sink: &Sink) -> CameraError {
    match read(url, sink).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

async fn read(url: &Url, sink: &Sink) -> Result<Infallible, CameraError> {
    let mut session = play(url).await?;
    sink.report(Report::Connected).await?;
    let mut is_configured = false;
    loop {
        let item = tokio::time::timeout(SILENCE, session.next()).await.map_err(|_| CameraError::Silent)?;
        let item = item.ok_or_else(|| CameraError::Unreachable("the camera ended the stream".into()))?;
        let CodecItem::VideoFrame(frame) = item.map_err(unreachable)? else { continue };
        let init = if frame.has_new_parameters() || !is_configured {
            let init = init(&session, frame.stream_id());
            is_configured |= init.is_some();
            init
        } else {
            None
        };
        if is_configured {
            sink.report(Report::Unit(unit(&frame, init))).await?;
        }
    }
}

fn unit(frame: &VideoFrame, init: Option<Init>) -> AccessUnit {
    let timestamp = frame.timestamp();
    let rate = i64::from(timestamp.clock_rate().get());
    let rtp_ticks = if rate == 90_000 {
        timestamp.elapsed()
    } else {
        timestamp.elapsed().saturating_mul(90_000).checked_div(rate).unwrap_or(0)
    };
    let is_random_access_point = frame.is_random_access_point();
    AccessUnit {
        unit: frame.data().to_vec(),
        is_random_access_point,
        captured_ms: now::unix_ms(),
        arrived_boot_ms: now::boot_ms(),
        rtp_ticks,
        init,
    }
}

async fn play(url: &Url) -> Result<Demuxed, CameraError> {
    let (url, credentials) = without_credentials(url)?;
    // Without a teardown task of its own: an unfinished one would outlive the recorder.
    let options = SessionOptions::default().creds(credentials).teardown(TeardownPolicy::Never);
    let mut session = answered(Session::describe(url, options)).await?;
    let stream = h264_stream(&session)?;
    let options = SetupOptions::default()
        .transport(Transport::Tcp(TcpTransportOptions::default()))
        .frame_format(FrameFormat::MP4);
    answered(session.setup(stream, options)).await?;
    let options = PlayOptions::default().initial_timestamp(InitialTimestampPolicy::Ignore);
    answered(session.play(options)).await?.demuxed().map_err(unreachable)
}

fn h264_stream(session: &Session<Described>) -> Result<usize, CameraError> {
    let video = || session.streams().iter().enumerate().filter(|(_, stream)| stream.media() == "video");
    if let Some((index, _)) = video().find(|(_, stream)| stream.encoding_name() == "h264") {
        return Ok(index);
    }
    let offered: Vec<&str> = video().map(|(_, stream)| stream.encoding_name()).collect();
    Err(CameraError::NotH264(if offered.is_empty() { "no video".into() } else { offered.join(", ") }))
}

fn init(session: &Demuxed, stream: usize) -> Option<Init> {
    match session.streams().get(stream)?.parameters()? {
        ParametersRef::Video(video) => {
            let (width, height) = video.pixel_dimensions();
            Some(Init {
                width: u16::try_from(width).ok()?,
                height: u16::try_from(height).ok()?,
                timescale: 90_000,
                avcc: video.extra_data().to_vec(),
            })
        }
        _ => None,
    }
}

fn without_credentials(url: &Url) -> Result<(Url, Option<Credentials>), CameraError> {
    let not_plain = |()| CameraError::Protocol("the camera's address holds no usable user name".into());
    let mut bare = url.clone();
    bare.set_username("").map_err(not_plain)?;
    bare.set_password(None).map_err(not_plain)?;
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let credentials = (!url.username().is_empty()).then(|| Credentials {
        username: decoded(url.username()),
        password: decoded(url.password().unwrap_or("")),
    });
    Ok((bare, credentials))
}

async fn answered<T>(request: impl Future<Output = Result<T, retina::Error>>) -> Result<T, CameraError> {
    tokio::time::timeout(SETUP, request)
        .await
        .map_err(|_| CameraError::Unreachable("no answer within 5 s".into()))?
        .map_err(unreachable)
}

#[allow(clippy::needless_pass_by_value, reason = "shape of map_err")]
fn unreachable(error: retina::Error) -> CameraError {
    CameraError::Unreachable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_leave_the_address_and_are_decoded() {
        let url = Url::parse("rtsp://view%40er:p%3Ass@cam:8554/main").unwrap();
        let (bare, credentials) = without_credentials(&url).unwrap();
        assert_eq!(bare.as_str(), "rtsp://cam:8554/main");
        let expected = Credentials { username: "view@er".into(), password: "p:ss".into() };
        assert_eq!(credentials, Some(expected));
    }
}
