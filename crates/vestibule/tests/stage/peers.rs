//! Parts that are not ours: an RTSP server as the camera, the system's broker between lock and hub.

use super::process::Process;
use super::process::run;
use super::{SOON, Stage};
use std::net::{TcpListener, TcpStream};

/// A camera that speaks RTSP with digest authentication and sends H.264.
pub(crate) struct RtspCamera {
    /// Ends with it.
    _process: Process,
    pub(crate) url: String,
}

impl RtspCamera {
    #[track_caller]
    pub(crate) fn start(stage: &Stage) -> Self {
        Self::start_with(stage, &[])
    }

    /// With further arguments of the script: see its head.
    #[track_caller]
    pub(crate) fn start_with(stage: &Stage, further: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../hub/tests/recorder_support/rtsp_camera.py");
        let (pictures_per_group, b_frames) = ("25", "0");
        let arguments = [&[script, pictures_per_group, b_frames], further].concat();
        let mut process = Process::spawn("rtsp_camera", &stage.path("logs"), "/usr/bin/python3", &arguments);
        let port: u16 = stage.until("the camera's port", SOON, || {
            let log = process.log();
            assert!(
                process.is_running(),
                "apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
                 gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly: {log}"
            );
            log.lines().find_map(|line| line.parse().ok()).ok_or(log)
        });
        Self { _process: process, url: format!("rtsp://viewer:se%3Acret@127.0.0.1:{port}/main") }
    }
}

/// The system's mosquitto.
pub(crate) struct Broker {
    /// Ends with it.
    _process: Process,
    pub(crate) port: u16,
}

impl Broker {
    /// Puts a broker between the hub and the lock of this stage, before it is raised.
    pub(crate) fn between(stage: &mut Stage) -> Self {
        let broker = Self::start(stage);
        let address = format!("mqtt://127.0.0.1:{}", broker.port);
        stage.house_arguments = ["--mqtt", &address].map(String::from).into();
        stage.lock = Some(format!("{address}/home_assistant?lock=front&door=front_door"));
        broker
    }

    /// Says something as anyone may who reaches it; not kept.
    #[track_caller]
    pub(crate) fn say(&self, stage: &Stage, topic: &str, payload: &str) {
        let port = self.port.to_string();
        let arguments = ["-h", "127.0.0.1", "-p", &port, "-t", topic, "-m", payload];
        let (status, _, err) = run(&stage.path("."), "mosquitto_pub", &arguments, SOON);
        assert!(status.is_some_and(|status| status.success()), "apt install mosquitto-clients: {err}");
    }

    #[track_caller]
    pub(crate) fn start(stage: &Stage) -> Self {
        // Free now; nobody else asks for it before the broker does.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!("listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n");
        std::fs::write(stage.path("mosquitto.conf"), config).unwrap();
        let arguments = ["-c", &stage.text("mosquitto.conf")];
        let mut process = Process::spawn("mosquitto", &stage.path("logs"), "/usr/sbin/mosquitto", &arguments);
        stage.until("the broker", SOON, || {
            assert!(process.is_running(), "apt install mosquitto: {}", process.log());
            TcpStream::connect(("127.0.0.1", port)).map(|_| ()).map_err(|why| why.to_string())
        });
        Self { _process: process, port }
    }
}
