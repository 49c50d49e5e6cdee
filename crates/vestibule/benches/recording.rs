//! What recording costs: the recorder's processor time for a minute of 1080p25 from an RTSP camera, against ffmpeg, which
//! copies the same stream into fragments in the same minute; and the memory of all processes of a hub that records.
//!
//!   ./x bench recording

#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

#[path = "../tests/stage/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the stage of the deliveries has more than this needs")]
mod stage;

use rustix::process::Pid;
use stage::{LABELS, Process, RtspCamera, SOON, Stage};
use std::thread::sleep;
use std::time::Duration;

const WINDOW: Duration = Duration::from_mins(1);
/// From here on buffers have their size, on both sides.
const WARM: Duration = Duration::from_secs(10);
/// Of ffmpeg's processor time.
const COST_REACH: f64 = 0.6;
const MEMORY_REACH_MIB: f64 = 24.0;

fn main() {
    let mut stage = Stage::new();
    let camera = RtspCamera::start_with(&stage, &["full"]);
    stage.camera = Some(camera.url.clone());
    stage.raise();
    stage.permit(&LABELS[..1]);
    // From the arrival on, everything is recorded and sent.
    stage.arrive();
    let copy = copy(&stage, &camera.url);
    let recorder = stage.recorders()[0];
    let hub = stage.hub.as_ref().expect("it runs").pid();
    sleep(WARM);

    let before = [recorder, copy.pid()].map(busy_s);
    sleep(WINDOW);
    let after = [recorder, copy.pid()].map(busy_s);
    let [ours, theirs] = [0, 1].map(|at| after[at] - before[at]);
    let memory = [hub, recorder].map(resident_mib);

    let copied = stage.path("copy.mp4").metadata().expect("a copy").len();
    let recorded: u64 = stage::files(&stage.path("cloud")).iter().map(|(_, bytes)| bytes).sum();
    // Both had the whole stream, or the comparison would say nothing.
    assert!(recorded.abs_diff(copied) < copied / 3, "recorded {recorded} bytes, copied {copied}");
    let cost = ours / theirs;
    println!(
        "{{\"what\":\"processor time of recording 1080p25, of ffmpeg's copy\",\"value\":{cost:.2},\"reach\":{COST_REACH},\
         \"ours_s_per_min\":{ours:.2},\"ffmpeg_s_per_min\":{theirs:.2},\"ok\":{}}}",
        cost <= COST_REACH
    );
    let sum: f64 = memory.iter().sum();
    println!(
        "{{\"what\":\"memory of a hub that records, all processes, MiB\",\"value\":{sum:.1},\"reach\":{MEMORY_REACH_MIB},\
         \"hub\":{:.1},\"recorder\":{:.1},\"ok\":{}}}",
        memory[0],
        memory[1],
        sum <= MEMORY_REACH_MIB
    );
    // To exit drops nothing.
    drop((copy, stage, camera));
    std::process::exit(i32::from(cost > COST_REACH || sum > MEMORY_REACH_MIB));
}

/// Another reader of the same camera, which does no more than it must.
fn copy(stage: &Stage, url: &str) -> Process {
    let into = stage.text("copy.mp4");
    let fragments = ["-c", "copy", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-y"];
    let from = ["-v", "error", "-rtsp_transport", "tcp", "-i", url];
    let arguments = [&from[..], &fragments, &[&into]].concat();
    let process = Process::spawn("ffmpeg", &stage.path("logs"), "ffmpeg", &arguments);
    stage.until("ffmpeg's first fragment", SOON, || {
        let size = stage.path("copy.mp4").metadata().map_or(0, |file| file.len());
        if size > 0 { Ok(()) } else { Err(process.log()) }
    });
    process
}

/// Processor time of a process so far, s.
fn busy_s(pid: Pid) -> f64 {
    // In ticks of 10 ms, the 14th and 15th field: those after the name, which may hold anything.
    let stat = stage::read(format!("/proc/{}/stat", pid.as_raw_nonzero()).as_ref());
    let fields: Vec<&str> = stat.rsplit(')').next().expect("a stat").split_whitespace().collect();
    [11, 12].iter().map(|at| fields[*at].parse::<f64>().expect("ticks") / 100.0).sum()
}

/// Memory of a process now, MiB.
fn resident_mib(pid: Pid) -> f64 {
    let status = stage::read(format!("/proc/{}/status", pid.as_raw_nonzero()).as_ref());
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a living process");
    line.split_whitespace().nth(1).expect("kB").parse::<f64>().expect("a number") / 1024.0
}
