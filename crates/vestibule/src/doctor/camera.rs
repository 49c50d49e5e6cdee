//! The camera: do pictures come, and are they fit for recording? Asked through the recorder's own driver.

use super::Finding;
use super::limits::{CAMERA_LOOK, CAMERA_WATCH};
use hub::camera::{self, Camera, CameraError, Inspector, Report, Source};
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn check(address: String) -> Vec<Finding> {
    let source: Source = match address.parse() {
        Ok(source) => source,
        Err(why) => {
            let says = format!("`camera` in home.toml is no camera: {why}");
            return vec![Finding::mend("camera_address_refused", says, "Correct `camera` in home.toml")];
        }
    };
    let mut findings = judge(&watch(source.clone()).await, &source);
    if let Source::Rtsp(url) = &source
        && url.username().is_empty()
    {
        findings.push(Finding::look(
            "camera_without_password",
            "home.toml names no password for the camera: if it wants none, anyone on this network can watch",
            "Set a password in the camera and write it into home.toml: rtsp://USER:PASSWORD@...",
        ));
    }
    findings
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    pictures: u32,
    keyframes: u32,
    /// Between the first picture and the last.
    span: Duration,
    size: Option<(u16, u16)>,
    findings: Vec<camera::Finding>,
    connected: bool,
    lost: Option<CameraError>,
}

async fn watch(source: Source) -> Seen {
    let mut camera = Camera::start(source);
    let (mut seen, mut inspector) = (Seen::default(), Inspector::default());
    let began = Instant::now();
    let mut first = None;
    while let Ok(report) = tokio::time::timeout_at(began + CAMERA_WATCH, camera.next()).await {
        match report {
            Report::Connected => seen.connected = true,
            Report::Lost(why) => seen.lost = Some(why),
            Report::Unit(unit) => {
                seen.findings.extend(inspector.unit(&unit));
                seen.pictures += 1;
                seen.keyframes += u32::from(unit.is_random_access_point);
                seen.span = first.get_or_insert_with(Instant::now).elapsed();
                seen.size = unit.init.map(|init| (init.width, init.height)).or(seen.size);
            }
        }
        if matches!(seen.lost, Some(CameraError::NotH264(_)))
            || (seen.keyframes > 1 && seen.span > CAMERA_LOOK)
        {
            break;
        }
    }
    seen
}

fn judge(seen: &Seen, source: &Source) -> Vec<Finding> {
    if seen.pictures == 0 {
        return vec![dark(seen, source)];
    }
    let mut findings = vec![pictures(seen)];
    for finding in &seen.findings {
        // Each holds its mend in a sentence of its own.
        let text = finding.to_string();
        let (says, mend) = text.split_once(". ").unwrap_or((&text, "See the camera's settings"));
        findings.push(Finding::look(finding.code(), says, mend));
    }
    if seen.keyframes < 2 && seen.span > CAMERA_LOOK {
        findings.push(Finding::look(
            "camera_gop_too_long",
            format!("The camera sent no second keyframe within {} s", seen.span.as_secs()),
            "Set its keyframe (I-frame) interval to one second",
        ));
    }
    findings
}

fn pictures(seen: &Seen) -> Finding {
    let (width, height) = seen.size.unwrap_or_default();
    let tenths = u128::from(seen.pictures.saturating_sub(1)) * 10_000 / seen.span.as_millis().max(1);
    let says = format!("Pictures of {width} × {height} come, about {} a second", (tenths + 5) / 10);
    if tenths < 50 {
        let mend = "Set the camera to 10 pictures a second or more: during a visit none may be older than a second or so";
        return Finding::look("camera_slow", says, mend);
    }
    Finding::fine("camera_fine", says)
}

fn dark(seen: &Seen, source: &Source) -> Finding {
    let mend = match source {
        Source::Virtual(_) => {
            "Start the virtual home: `vestibule house --dir HOUSE`, with its socket in home.toml"
        }
        Source::Rtsp(_) => {
            "See that the camera has power, and that user, password and path in home.toml are its own"
        }
    };
    match &seen.lost {
        Some(why @ CameraError::NotH264(_)) => {
            let text = why.to_string();
            let (says, mend) = text.split_once("; ").unwrap_or((&text, mend));
            Finding::mend("camera_not_h264", says, mend)
        }
        Some(why) => Finding::mend("camera_unreachable", why.to_string(), mend),
        None if seen.connected => Finding::mend(
            "camera_dark",
            "The camera is connected and sends no pictures",
            "Restart the camera",
        ),
        None => Finding::mend("camera_unreachable", "The camera does not answer", mend),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(seen: &Seen) -> Vec<&'static str> {
        let source = "rtsp://u:p@cam/main".parse().unwrap();
        judge(seen, &source).iter().map(|finding| finding.code).collect()
    }

    fn well() -> Seen {
        let span = Duration::from_secs(3);
        Seen { pictures: 46, keyframes: 3, span, size: Some((640, 480)), ..Seen::default() }
    }

    #[test]
    fn pictures_are_counted() {
        let finding = pictures(&well());
        assert_eq!(finding, Finding::fine("camera_fine", "Pictures of 640 × 480 come, about 15 a second."));
        assert_eq!(codes(&Seen { pictures: 7, ..well() }), ["camera_slow"]);
    }

    #[test]
    fn what_the_inspector_finds_is_repeated_with_its_mend() {
        let seen =
            Seen { findings: vec![camera::Finding::GopTooLong(4_000), camera::Finding::BFrames], ..well() };
        assert_eq!(codes(&seen), ["camera_fine", "camera_gop_too_long", "camera_b_frames"]);
        assert_eq!(codes(&Seen { keyframes: 1, ..well() }), ["camera_fine", "camera_gop_too_long"]);
    }

    #[test]
    fn a_camera_without_pictures_says_why() {
        let lost = |why| codes(&Seen { lost: Some(why), ..Seen::default() })[0];
        assert_eq!(lost(CameraError::NotH264("h265".into())), "camera_not_h264");
        assert_eq!(lost(CameraError::Silent), "camera_unreachable");
        assert_eq!(codes(&Seen { connected: true, ..Seen::default() }), ["camera_dark"]);
        assert_eq!(codes(&Seen::default()), ["camera_unreachable"]);
    }

    #[tokio::test]
    async fn an_address_that_means_nothing_is_refused() {
        assert_eq!(check("/dev/video0".into()).await[0].code, "camera_address_refused");
    }
}
