//! The RTSP driver against a real server (GStreamer's) with digest authentication.

mod recorder_support;

use hub::camera::{AccessUnit, Camera, CameraError, Finding, Inspector, Report};
use recorder_support::{Film, RECORDING, Running, options, start};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(gop: u32, b_frames: u32) -> Self {
        let mut child = Command::new("/usr/bin/python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorder_support/rtsp_camera.py"))
            .args([gop.to_string(), b_frames.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is needed");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect(
            "apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
             gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly",
        );
        Self { child, port }
    }

    fn url(&self, credentials: &str) -> String {
        format!("rtsp://{credentials}@127.0.0.1:{}/main", self.port)
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

async fn report(camera: &mut Camera) -> Report {
    tokio::time::timeout(Duration::from_secs(10), camera.next()).await.expect("a report within 10 s")
}

async fn unit(camera: &mut Camera) -> AccessUnit {
    loop {
        match report(camera).await {
            Report::Unit(unit) => return unit,
            Report::Connected => {}
            Report::Lost(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn pictures_come_with_digest_authentication() {
    let server = Server::start(25, 0);
    let mut camera = Camera::start(server.url("viewer:se%3Acret").parse().unwrap());
    let first = unit(&mut camera).await;
    let init = first.init.expect("the decoder configuration comes with the first picture");
    assert_eq!((init.width, init.height, init.avcc[0]), (320, 240, 1));
    let mut inspector = Inspector::default();
    let mut last_ticks = first.rtp_ticks;
    let mut keyframes = 0;
    for _ in 0..75 {
        let unit = unit(&mut camera).await;
        assert_eq!(inspector.unit(&unit), None);
        assert!((1_800..7_200).contains(&(unit.rtp_ticks - last_ticks)), "{}", unit.rtp_ticks - last_ticks);
        last_ticks = unit.rtp_ticks;
        keyframes += u32::from(unit.is_random_access_point);
        let length = u32::from_be_bytes(unit.unit[..4].try_into().unwrap());
        assert!(length as usize <= unit.unit.len() - 4, "4-byte lengths");
    }
    assert!((2..=4).contains(&keyframes), "{keyframes} keyframes in 3 s");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_tried_again() {
    let server = Server::start(25, 0);
    let mut camera = Camera::start(server.url("viewer:wrong").parse().unwrap());
    for _ in 0..2 {
        let Report::Lost(CameraError::Unreachable(why)) = report(&mut camera).await else { panic!() };
        assert!(why.contains("401") || why.to_lowercase().contains("unauthorized"), "{why}");
        assert!(!why.contains("wrong"), "the password stays secret: {why}");
    }
}

#[tokio::test]
async fn rare_keyframes_and_b_frames_are_found() {
    for (gop, b_frames, expected) in [(75, 0, "camera_gop_too_long"), (25, 2, "camera_b_frames")] {
        let server = Server::start(gop, b_frames);
        let mut camera = Camera::start(server.url("viewer:se%3Acret").parse().unwrap());
        let mut inspector = Inspector::default();
        let mut findings: Vec<Finding> = Vec::new();
        for _ in 0..200 {
            findings.extend(inspector.unit(&unit(&mut camera).await));
            if !findings.is_empty() {
                break;
            }
        }
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code()).collect();
        assert_eq!(codes, [expected]);
    }
}

#[tokio::test]
async fn a_frozen_camera_process_is_noticed_although_its_connection_stays_open() {
    let server = Server::start(25, 0);
    let mut camera = Camera::start(server.url("viewer:se%3Acret").parse().unwrap());
    unit(&mut camera).await;
    server.signal("-STOP");
    loop {
        match report(&mut camera).await {
            Report::Unit(_) | Report::Connected => {}
            Report::Lost(error) => {
                assert!(matches!(error, CameraError::Silent), "{error}");
                break;
            }
        }
    }
    server.signal("-CONT");
    while !matches!(report(&mut camera).await, Report::Unit(_)) {}
}

#[tokio::test]
async fn a_recording_of_an_ip_camera_verifies_and_plays() {
    let server = Server::start(25, 0);
    let home = tempfile::TempDir::new().unwrap();
    let mut options = options(home.path());
    options.source = server.url("viewer:se%3Acret").parse().unwrap();
    let mut running = Running::start(options);
    running.hub.hears_pictures().await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 75).await;
    running.hub.stops(RECORDING).await;
    let recorder = running.hub.recorder.unwrap();
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    assert_eq!(film.verify(recorder).parts.len(), 1);
    let (ours_ms, theirs_ms) = film.probe(recorder, &home.path().join("clip.mp4"));
    assert!(ours_ms >= 2_900 && ours_ms.abs_diff(theirs_ms) <= 1, "{ours_ms} {theirs_ms}");
}
