//! The recorder as a process of its own: what is left after it, or its hub, is killed. Runs itself as the recorder.

mod recorder_support;

use hub::recorder::wire::FromRecorder;
use recorder_support::{Camera, Film, Hub, RECORDING, options, start, unix_ms};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, home, orphan_ms] = arguments.as_slice()
        && word == "recorder"
    {
        let mut options = options(Path::new(home));
        options.orphan_ms_max = orphan_ms.parse().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        if let Err(error) = runtime.unwrap().block_on(hub::recorder::run(options)) {
            eprintln!("{error}");
            std::process::exit(1);
        }
        return;
    }
    if arguments.iter().any(|argument| argument == "--list") {
        return; // asked by test runners that want names; there is one program here
    }
    // Together, for each mostly waits.
    macro_rules! told {
        ($($story:ident),* $(,)?) => {
            async { tokio::join!($(told(stringify!($story), $story())),*) }
        };
    }
    tokio::runtime::Runtime::new().unwrap().block_on(told!(
        a_killed_recorder_loses_at_most_a_second_and_the_next_one_goes_on,
        a_recorder_without_a_hub_films_on_until_the_next_one_takes_over,
        a_recorder_without_a_hub_closes_the_recording_in_the_end,
        a_recorder_that_is_told_to_end_closes_its_part_and_the_next_one_goes_on,
        two_recorders_with_living_hubs_do_not_share_a_spool,
    ));
}

/// Says that a story ended well.
async fn told(name: &str, story: impl Future<Output = ()>) {
    story.await;
    println!("{name} ... ok");
}

struct Process {
    hub: Hub<ChildStdin, ChildStdout>,
    child: Child,
}

fn spawn(home: &Path, orphan_ms: u64) -> Process {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["recorder", home.to_str().unwrap(), &orphan_ms.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let hub = Hub::new(child.stdin.take().unwrap(), child.stdout.take().unwrap());
    Process { hub, child }
}

fn home() -> (TempDir, Camera) {
    let home = TempDir::new().unwrap();
    let camera = Camera::serve(&home.path().join("camera"));
    (home, camera)
}

async fn a_killed_recorder_loses_at_most_a_second_and_the_next_one_goes_on() {
    let (home, _camera) = home();
    let mut first = spawn(home.path(), 60_000);
    first.hub.hears_pictures().await;
    first.hub.say(start(RECORDING)).await;
    first.hub.hears_progress(RECORDING, 90).await;
    let killed_ms = unix_ms();
    first.child.kill().await.unwrap();
    // A power cut may also leave half a record.
    let chunks = home.path().join("spool").join(RECORDING.to_string()).join("part-0.chunks");
    let mut torn = std::fs::read(&chunks).unwrap();
    torn.extend_from_slice(&[0, 0, 1, 0, 1, 2, 3]);
    std::fs::write(&chunks, torn).unwrap();

    let mut second = spawn(home.path(), 60_000);
    second.hub.hears_pictures().await;
    second.hub.say(start(RECORDING)).await;
    let part = |said| match said {
        FromRecorder::Status { recordings, .. } => recordings.into_iter().find(|r| r.part == 1),
        _ => None,
    };
    let progress = second.hub.hears("part 1", Duration::from_secs(5), part).await;
    second.hub.hears_progress(RECORDING, progress.frame + 50).await;
    second.hub.stops(RECORDING).await;
    let recorder = second.hub.recorder.unwrap();
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    let verified = film.verify(recorder);
    let [torn, whole] = verified.parts.as_slice() else { panic!("{} parts", verified.parts.len()) };
    assert!(!torn.entry.closed && whole.entry.closed);
    let lost_ms = killed_ms.saturating_sub(torn.entry.last_ms);
    println!(
        "lost by kill -9: {lost_ms} ms; dark until the next part: {} ms",
        whole.entry.first_ms - torn.entry.last_ms
    );
    assert!(lost_ms <= 1_100, "{lost_ms} ms");
    let (ours_ms, theirs_ms) = film.probe(recorder, &home.path().join("clip.mp4"));
    assert!(ours_ms.abs_diff(theirs_ms) <= 1);
}

async fn a_recorder_without_a_hub_films_on_until_the_next_one_takes_over() {
    let (home, _camera) = home();
    let mut first = spawn(home.path(), 60_000);
    first.hub.hears_pictures().await;
    first.hub.say(start(RECORDING)).await;
    first.hub.hears_progress(RECORDING, 30).await;
    drop(first.hub);
    let orphaned_ms = unix_ms();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(first.child.try_wait().unwrap().is_none(), "it ended with its hub");

    let mut second = spawn(home.path(), 60_000);
    second.hub.hears_pictures().await;
    assert!(first.child.wait().await.unwrap().success());
    second.hub.say(start(RECORDING)).await;
    let part = |said| match said {
        FromRecorder::Status { recordings, .. } => recordings.into_iter().find(|r| r.part == 1),
        _ => None,
    };
    let progress = second.hub.hears("part 1", Duration::from_secs(5), part).await;
    second.hub.hears_progress(RECORDING, progress.frame + 30).await;
    second.hub.stops(RECORDING).await;
    let recorder = second.hub.recorder.unwrap();
    let verified = Film::from_spool(&home.path().join("spool"), RECORDING).verify(recorder);
    let [old, new] = verified.parts.as_slice() else { panic!("{} parts", verified.parts.len()) };
    assert!(old.entry.closed && new.entry.closed);
    assert!(old.entry.last_ms >= orphaned_ms + 1_500);
    println!("dark while taking over: {} ms", new.entry.first_ms.saturating_sub(old.entry.last_ms));
}

async fn a_recorder_without_a_hub_closes_the_recording_in_the_end() {
    let (home, _camera) = home();
    let mut process = spawn(home.path(), 1_000);
    process.hub.hears_pictures().await;
    process.hub.say(start(RECORDING)).await;
    process.hub.hears_progress(RECORDING, 10).await;
    let recorder = process.hub.recorder.unwrap();
    drop(process.hub);
    let ended = tokio::time::timeout(Duration::from_secs(5), process.child.wait()).await;
    assert!(ended.unwrap().unwrap().success());
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    assert!(film.verify(recorder).parts[0].entry.closed);
}

async fn a_recorder_that_is_told_to_end_closes_its_part_and_the_next_one_goes_on() {
    let (home, _camera) = home();
    let mut first = spawn(home.path(), 60_000);
    first.hub.hears_pictures().await;
    first.hub.say(start(RECORDING)).await;
    first.hub.hears_progress(RECORDING, 10).await;
    let pid = first.child.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(first.child.wait().await.unwrap().success());
    // The machine was restarted without the visit going on: the hub asks for the end.
    let mut second = spawn(home.path(), 60_000);
    second.hub.hears_pictures().await;
    second.hub.stops(RECORDING).await;
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    let verified = film.verify(second.hub.recorder.unwrap());
    assert_eq!(verified.parts.len(), 1);
    assert!(verified.parts[0].entry.closed);
}

async fn two_recorders_with_living_hubs_do_not_share_a_spool() {
    let (home, _camera) = home();
    let mut first = spawn(home.path(), 60_000);
    first.hub.hears_pictures().await;
    let mut second = spawn(home.path(), 60_000);
    let ended = tokio::time::timeout(Duration::from_secs(15), second.child.wait()).await;
    assert!(!ended.unwrap().unwrap().success());
    first.hub.hears_pictures().await;
}
