//! The recorder over a virtual camera: what is filmed, what is proven, what is kept, and what is not.

mod recorder_support;

use hub::recorder::wire::{FromRecorder, Signal, ToRecorder};
use protocol::bytes::{Blob, RecordingId};
use protocol::key::Software;
use protocol::media::ToMedia;
use protocol::recording_proof::RecordingProof;
use protocol::{Claimed, Credential, Hash, Kid, PublicKey};
use recorder_support::{
    Camera, Cloud, DOOR, Film, GRANT, Mood, RECORDING, RESIDENT, Running, files, options, resident, start,
};
use recording::chunk::Chunk;
use recording::verify::{Chain, verify_header};
use recording::{Content, GapReason, PartOpener, Recipient};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(3);

fn home() -> (TempDir, Camera) {
    home_in(TempDir::new().unwrap())
}

/// In memory, whose syncs take no time: for limits in milliseconds that are about us, and not about what else the disk of
/// this machine does.
fn home_in_memory() -> (TempDir, Camera) {
    home_in(TempDir::new_in("/dev/shm").unwrap())
}

fn home_in(home: TempDir) -> (TempDir, Camera) {
    let camera = Camera::serve(&home.path().join("camera"));
    (home, camera)
}

/// A recorder with a cloud that listens; pictures come.
async fn filming(home: &Path) -> (Cloud, Running) {
    let (cloud, url) = Cloud::listen().await;
    let mut options = options(home);
    options.cloud = Some(url);
    let mut running = Running::start(options);
    running.hub.hears_pictures().await;
    (cloud, running)
}

fn proof(said: FromRecorder) -> Option<Vec<u8>> {
    match said {
        FromRecorder::Proof(bytes) => Some(bytes.0),
        _ => None,
    }
}

async fn sleep_ms(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

#[tokio::test]
async fn outside_a_visit_nothing_is_stored_or_sent() {
    let (home, _camera) = home();
    let (cloud, running) = filming(home.path()).await;
    sleep_ms(3_000).await;
    let stored: Vec<_> = files(&home.path().join("spool"));
    assert_eq!(stored, [(home.path().join("spool/lock"), 0)]);
    assert_eq!(cloud.connections.load(Ordering::Relaxed), 0);
    drop(running.hub);
    // Without a hub and without a recording it ends by itself.
    tokio::time::timeout(SOON, running.task).await.unwrap().unwrap().unwrap();
}

const LOOK: RecordingId = RecordingId([9; 16]);

fn look(camera: Kid, ms: u64) -> ToRecorder {
    let recipient = Recipient { kid: RESIDENT, kem: Blob(resident().public()) };
    ToRecorder::Look { stream: LOOK, camera, recipient, ms }
}

/// Waits until the cloud was told that the look is over.
async fn over(cloud: &Cloud) -> Vec<ToMedia> {
    for _ in 0..100 {
        let shown = cloud.shown.lock().unwrap().clone();
        if shown.last() == Some(&ToMedia::LookOver(LOOK)) {
            return shown;
        }
        sleep_ms(50).await;
    }
    panic!("the look does not end: {} messages", cloud.shown.lock().unwrap().len());
}

/// The pictures of a look, opened by the one who may, with the time of each.
fn pictures(shown: &[ToMedia], recorder: PublicKey) -> Vec<(u64, Content)> {
    let Some(ToMedia::Look { look: LOOK, header }) = shown.first() else { panic!("no header") };
    let header = verify_header(&header.0, &[recorder], &Software).unwrap();
    assert_eq!((header.message().recording, header.message().visit.0), (LOOK, LOOK.0));
    assert_eq!(header.message().keys.iter().map(|copy| copy.kid).collect::<Vec<_>>(), [RESIDENT]);
    let key = resident().unwrap(RESIDENT, header.message()).unwrap();
    let (mut chain, opener) = (Chain::of(&header), PartOpener::new(header.message(), &key).unwrap());
    let chunk = |message: &ToMedia| match message {
        ToMedia::LookChunk { look: LOOK, chunk, .. } => Some(chunk.0.clone()),
        _ => None,
    };
    let opened = shown.iter().filter_map(chunk).map(|bytes| {
        let chunk = Chunk::parse(&bytes).unwrap();
        chain.push(&chunk).unwrap();
        let opened = opener.open(&chunk).unwrap();
        (opened.captured_ms, opened.content)
    });
    opened.collect()
}

#[tokio::test]
async fn a_look_shows_what_is_now_and_nothing_of_it_is_stored_or_sent_afterwards() {
    let (home, _camera) = home();
    let (cloud, mut running) = filming(home.path()).await;
    let recorder = running.hub.recorder.unwrap();
    sleep_ms(2_500).await;
    // Another camera's look shows nothing here.
    running.hub.say(look(Kid([1; 32]), 1_500)).await;
    let began = recorder_support::unix_ms();
    running.hub.say(look(recorder.kid(), 1_500)).await;
    let shown = over(&cloud).await;
    let took_ms = recorder_support::unix_ms() - began;
    assert!((1_400..2_500).contains(&took_ms), "{took_ms} ms");
    let seen = pictures(&shown, recorder);
    assert!(matches!(seen[0].1, Content::Init(_)) && matches!(seen[1].1, Content::Keyframe(_)));
    assert!(matches!(seen.last().unwrap().1, Content::Final));
    // Two seconds between keyframes, and 25 pictures a second: nothing from before the newest of them.
    assert!(seen[1].0 + 2_100 > began, "it shows what was {} ms before", began - seen[1].0);
    assert!((30..100).contains(&seen.len()), "{} pictures", seen.len());

    assert_eq!(files(&home.path().join("spool")), [(home.path().join("spool/lock"), 0)]);
    sleep_ms(1_000).await;
    assert_eq!(cloud.shown.lock().unwrap().len(), shown.len(), "something was sent afterwards");
    assert!(cloud.held.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_look_ends_when_the_hub_says_so_when_nobody_watches_and_when_the_hub_is_gone() {
    let (home, _camera) = home();
    let (cloud, mut running) = filming(home.path()).await;
    let recorder = running.hub.recorder.unwrap().kid();
    running.hub.say(look(recorder, 60_000)).await;
    sleep_ms(500).await;
    running.hub.say(ToRecorder::LookOver(LOOK)).await;
    over(&cloud).await;
    cloud.shown.lock().unwrap().clear();
    cloud.nobody_watches.store(true, Ordering::Relaxed);
    running.hub.say(look(recorder, 60_000)).await;
    over(&cloud).await;
    cloud.nobody_watches.store(false, Ordering::Relaxed);
    let before = cloud.shown.lock().unwrap().len();
    running.hub.say(look(recorder, 60_000)).await;
    sleep_ms(500).await;
    assert!(cloud.shown.lock().unwrap().len() > before);
    drop(running.hub);
    tokio::time::timeout(SOON, running.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_recording_begins_before_the_visit_verifies_and_plays() {
    let (home, _camera) = home();
    let mut running = Running::start(options(home.path()));
    running.hub.hears_pictures().await;
    sleep_ms(2_500).await;
    running.hub.say(start(RECORDING)).await;
    let at_start = recorder_support::unix_ms();
    sleep_ms(2_000).await;
    let manifest = running.hub.stops(RECORDING).await;
    let recorder = running.hub.recorder.unwrap();

    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    assert_eq!(film.manifest, manifest);
    let verified = film.verify(recorder);
    let entry = verified.parts[0].entry;
    assert!(entry.closed && entry.gaps == 0);
    let before_ms = at_start - entry.first_ms;
    assert!((1_500..5_100).contains(&before_ms), "{before_ms} ms of pre-roll");
    let (ours_ms, theirs_ms) = film.probe(recorder, &home.path().join("clip.mp4"));
    assert!(ours_ms.abs_diff(theirs_ms) <= 1, "{ours_ms} and {theirs_ms}");
    assert!(ours_ms.abs_diff(before_ms + 2_000) < 200, "{ours_ms} ms");
    // It can be stopped twice: a hub that was restarted asks again.
    assert_eq!(running.hub.stops(RECORDING).await, manifest);
    running.hub.say(ToRecorder::Erase(RECORDING)).await;
    let erased = |said| (said == FromRecorder::Erased(RECORDING)).then_some(());
    running.hub.hears("erased", SOON, erased).await;
    assert_eq!(files(&home.path().join("spool")), [(home.path().join("spool/lock"), 0)]);
}

#[tokio::test]
async fn a_proof_names_a_picture_newer_than_the_question() {
    let (home, _camera) = home();
    let mut running = Running::start(options(home.path()));
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    let before = running.hub.hears_progress(RECORDING, 5).await;
    let asked = Instant::now();
    let answers = Hash([9; 32]);
    running.hub.say(ToRecorder::Prove { answers, grant: GRANT }).await;
    let bytes = running.hub.hears("a proof", SOON, proof).await;
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    let credential = Credential::device(running.hub.recorder.unwrap());
    let proof = Claimed::<RecordingProof>::parse(&bytes).unwrap().verify(&credential, &Software).unwrap();
    let proof = proof.message();
    assert_eq!((proof.door, proof.answers, proof.grant), (DOOR, answers, GRANT));
    assert_eq!(proof.recording, RECORDING);
    assert!(proof.frame > before);
    // The head that was proven is on the chain of what was recorded.
    sleep_ms(500).await;
    running.hub.stops(RECORDING).await;
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    film.verify(credential.key);
    let next =
        recording::chunk::Records::new(&film.parts[0].1).nth(usize::try_from(proof.frame).unwrap() + 1);
    assert_eq!(next.unwrap().unwrap().prev, proof.chain_head);
}

#[tokio::test]
async fn a_stalled_camera_gives_an_alarm_and_no_proof_and_a_stated_gap() {
    let (home, camera) = home();
    let mut running = Running::start(options(home.path()));
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 5).await;
    camera.set(Mood::Stalled);
    let stalled = Instant::now();
    sleep_ms(200).await;
    running.hub.say(ToRecorder::Prove { answers: Hash([9; 32]), grant: GRANT }).await;
    let mut proven = false;
    let alarm = |said: FromRecorder| {
        proven |= matches!(said, FromRecorder::Proof(_));
        (said == FromRecorder::CameraAlarm(Signal::NoFrame)).then_some(())
    };
    running.hub.hears("no frame", Duration::from_millis(2_300), alarm).await;
    assert!(stalled.elapsed() < Duration::from_millis(2_500), "{:?}", stalled.elapsed());
    assert!(!proven, "a proof without a picture");
    assert_eq!(running.hub.hears_or_not(Duration::from_millis(500), proof).await, None);
    camera.set(Mood::Live);
    let back = |said| (said == FromRecorder::CameraBack(Signal::NoFrame)).then_some(());
    running.hub.hears("camera back", SOON, back).await;
    running.hub.hears("the proof", SOON, proof).await;
    running.hub.stops(RECORDING).await;
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    let opened = film.open(running.hub.recorder.unwrap());
    let gap = opened[0].iter().find_map(|chunk| match &chunk.content {
        Content::Gap(gap) => Some(*gap),
        _ => None,
    });
    let gap = gap.unwrap();
    assert_eq!(gap.reason, GapReason::NoFrame);
    assert!((2_000..4_500).contains(&(gap.to_ms - gap.from_ms)), "{gap:?}");
    let (ours_ms, theirs_ms) = film.probe(running.hub.recorder.unwrap(), &home.path().join("clip.mp4"));
    assert!(ours_ms.abs_diff(theirs_ms) <= 1);
}

#[tokio::test]
async fn old_pictures_are_an_alarm_and_prove_nothing() {
    let (home, camera) = home();
    let mut running = Running::start(options(home.path()));
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 5).await;
    camera.set(Mood::Late);
    let alarm = |said| (said == FromRecorder::CameraAlarm(Signal::ClockMismatch)).then_some(());
    running.hub.hears("clock mismatch", SOON, alarm).await;
    running.hub.say(ToRecorder::Prove { answers: Hash([9; 32]), grant: GRANT }).await;
    assert_eq!(running.hub.hears_or_not(Duration::from_millis(1_500), proof).await, None);
    camera.set(Mood::Live);
    running.hub.hears("the proof", SOON, proof).await;
}

#[tokio::test]
async fn an_intent_stands_in_the_recording_before_it_is_acknowledged() {
    let (home, _camera) = home_in_memory();
    let mut running = Running::start(options(home.path()));
    running.hub.hears_pictures().await;
    // With nothing to write it into, it is not acknowledged.
    running.hub.say(ToRecorder::Intent(Hash([8; 32]))).await;
    let failed = |said| matches!(said, FromRecorder::Failed(_)).then_some(());
    running.hub.hears("failed", SOON, failed).await;

    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 5).await;
    let mut worst = Duration::ZERO;
    for number in 10..20 {
        let event = Hash([number; 32]);
        let asked = Instant::now();
        running.hub.say(ToRecorder::Intent(event)).await;
        let acknowledged = |said| (said == FromRecorder::Acknowledged(event)).then_some(());
        running.hub.hears("acknowledged", SOON, acknowledged).await;
        worst = worst.max(asked.elapsed());
        // It is on disk now, not only in memory.
        let chunks = Film::from_spool(&home.path().join("spool"), RECORDING).parts[0].1.clone();
        let marks = recording::chunk::Records::new(&chunks)
            .filter(|chunk| chunk.is_ok_and(|chunk| chunk.kind == recording::Kind::Mark));
        assert_eq!(marks.count(), usize::from(number) - 9);
        sleep_ms(70).await;
    }
    println!("intent acknowledged within {worst:?}");
    assert!(worst < Duration::from_millis(200), "{worst:?}");
    running.hub.stops(RECORDING).await;
    let opened = Film::from_spool(&home.path().join("spool"), RECORDING).open(running.hub.recorder.unwrap());
    assert!(opened[0].iter().any(|chunk| chunk.content == Content::Mark(Hash([10; 32]))));
}

#[tokio::test]
async fn another_picture_size_begins_another_part() {
    let (home, camera) = home();
    let mut running = Running::start(options(home.path()));
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 10).await;
    camera.resize(96, 64);
    let second = |said| match said {
        FromRecorder::Status { recordings, .. } => recordings.into_iter().find(|r| r.part == 1),
        _ => None,
    };
    let progress = running.hub.hears("part 1", Duration::from_secs(5), second).await;
    running.hub.hears_progress(RECORDING, progress.frame + 30).await;
    running.hub.stops(RECORDING).await;
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    let verified = film.verify(running.hub.recorder.unwrap());
    assert_eq!(verified.parts.len(), 2);
    // The proven number grows over all parts.
    assert!(progress.frame >= verified.parts[0].entry.chunks);
    film.probe(running.hub.recorder.unwrap(), &home.path().join("clip.mp4"));
}

#[tokio::test]
async fn between_passages_nothing_is_filmed() {
    let (home, _camera) = home_in_memory();
    let mut options = options(home.path());
    options.preroll_ms = 1_000;
    let mut running = Running::start(options);
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 25).await;
    running.hub.say(ToRecorder::Pause(RECORDING)).await;
    sleep_ms(200).await;
    let size = |home: &TempDir| files(home.path()).iter().map(|(_, bytes)| bytes).sum::<u64>();
    let paused = size(&home);
    sleep_ms(2_500).await;
    assert_eq!(size(&home), paused);
    running.hub.say(start(RECORDING)).await;
    let second = |said| match said {
        FromRecorder::Status { recordings, .. } => recordings.into_iter().find(|r| r.part == 1),
        _ => None,
    };
    running.hub.hears("part 1", SOON, second).await;
    sleep_ms(1_000).await;
    running.hub.stops(RECORDING).await;
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    let verified = film.verify(running.hub.recorder.unwrap());
    let [first, second] = verified.parts.as_slice() else { panic!("{} parts", verified.parts.len()) };
    assert!(first.entry.closed && second.entry.closed);
    assert!(second.entry.first_ms - first.entry.last_ms > 1_400);
}

#[tokio::test]
async fn a_recording_without_a_single_picture_is_closed_and_says_so() {
    let home = TempDir::new().unwrap();
    let (cloud, url) = Cloud::listen().await;
    let mut options = options(home.path());
    options.cloud = Some(url);
    let mut running = Running::start(options);
    let alarm = |said| (said == FromRecorder::CameraAlarm(Signal::NoFrame)).then_some(());
    running.hub.hears("no frame", SOON, alarm).await;
    running.hub.say(start(RECORDING)).await;
    sleep_ms(300).await;
    running.hub.stops(RECORDING).await;
    let film = Film::from_spool(&home.path().join("spool"), RECORDING);
    assert_eq!(film.verify(running.hub.recorder.unwrap()).parts.len(), 0);
    assert_eq!(cloud.connections.load(Ordering::Relaxed), 0, "there is nothing to send");
}

#[tokio::test]
async fn two_visits_at_once_are_two_recordings() {
    let (home, _camera) = home();
    let mut running = Running::start(options(home.path()));
    running.hub.hears_pictures().await;
    let other = protocol::bytes::RecordingId([11; 16]);
    running.hub.say(start(RECORDING)).await;
    running.hub.say(start(other)).await;
    running.hub.hears_progress(other, 20).await;
    running.hub.stops(RECORDING).await;
    running.hub.hears_progress(other, 40).await;
    running.hub.stops(other).await;
    let recorder = running.hub.recorder.unwrap();
    for recording in [RECORDING, other] {
        let film = Film::from_spool(&home.path().join("spool"), recording);
        assert!(film.verify(recorder).parts[0].entry.closed);
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_recording_goes_on_live() {
    let (home, _camera) = home();
    let (cloud, url) = Cloud::listen().await;
    let mut options = options(home.path());
    options.cloud = Some(url);
    options.spool_bytes_max = 2_000;
    let mut running = Running::start(options);
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    let failed = |said| match said {
        FromRecorder::Failed(sentence) => Some(sentence),
        _ => None,
    };
    let sentence = running.hub.hears("failed", SOON, failed).await;
    assert!(sentence.contains("can no longer be stored"), "{sentence}");
    // Still filmed, still proven, but an opening is not acknowledged.
    running.hub.say(ToRecorder::Intent(Hash([8; 32]))).await;
    running.hub.say(ToRecorder::Prove { answers: Hash([9; 32]), grant: GRANT }).await;
    let mut acknowledged = false;
    let proof = |said: FromRecorder| {
        acknowledged |= matches!(said, FromRecorder::Acknowledged(_));
        proof(said)
    };
    running.hub.hears("a proof", SOON, proof).await;
    sleep_ms(1_500).await;
    running.hub.stops(RECORDING).await;
    assert!(!acknowledged);
    cloud.is_complete(RECORDING).await;
    cloud.film(RECORDING).verify(running.hub.recorder.unwrap());
}

#[tokio::test]
async fn the_cloud_gets_every_chunk_live_and_then_the_spool_is_trimmed() {
    let (home, _camera) = home();
    let (cloud, mut running) = filming(home.path()).await;
    running.hub.say(start(RECORDING)).await;
    let frame = running.hub.hears_progress(RECORDING, 40).await;
    // Live: what was sealed 100 ms ago is there, although its segment may not be on disk yet.
    sleep_ms(100).await;
    assert!(cloud.chunks(RECORDING) as u64 >= frame, "{} of {frame}", cloud.chunks(RECORDING));
    running.hub.stops(RECORDING).await;
    cloud.is_complete(RECORDING).await;
    cloud.film(RECORDING).verify(running.hub.recorder.unwrap());
    sleep_ms(300).await;
    let left: Vec<_> = files(&home.path().join("spool")).into_iter().map(|(path, _)| path).collect();
    let names: Vec<_> = left.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert!(!names.iter().any(|name| name.starts_with("part-")), "{names:?}");
    assert_eq!(cloud.connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_uplink_that_breaks_resumes_and_loses_nothing() {
    let (home, _camera) = home();
    let (cloud, url) = Cloud::listen().await;
    *cloud.patience.lock().unwrap() = Some(20);
    let mut options = options(home.path());
    options.cloud = Some(url);
    let mut running = Running::start(options);
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 60).await;
    // The cloud hung up after 20 chunks and at every try since; now it is well again.
    assert_eq!(cloud.chunks(RECORDING), 20);
    *cloud.patience.lock().unwrap() = None;
    running.hub.stops(RECORDING).await;
    cloud.is_complete(RECORDING).await;
    assert!(cloud.connections.load(Ordering::Relaxed) >= 2);
    cloud.film(RECORDING).verify(running.hub.recorder.unwrap());
}

#[tokio::test]
async fn a_dead_cloud_does_not_disturb_and_gets_the_recording_from_the_spool_later() {
    let (home, _camera) = home();
    let mut dead = options(home.path());
    dead.cloud = Some("ws://127.0.0.1:1".into());
    let mut running = Running::start(dead);
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 50).await;
    running.hub.stops(RECORDING).await;
    let recorder = running.hub.recorder.unwrap();
    drop(running.hub);
    running.task.await.unwrap().unwrap();

    let (cloud, url) = Cloud::listen().await;
    let mut options = options(home.path());
    options.cloud = Some(url);
    let running = Running::start(options);
    cloud.is_complete(RECORDING).await;
    cloud.film(RECORDING).verify(recorder);
    drop(running);
}

#[tokio::test]
async fn a_restarted_recorder_sends_only_what_the_cloud_does_not_hold() {
    let (home, _camera) = home();
    let (cloud, url) = Cloud::listen().await;
    *cloud.patience.lock().unwrap() = Some(30);
    let mut options = options(home.path());
    options.cloud = Some(url);
    let mut running = Running::start(options.clone());
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 60).await;
    running.hub.stops(RECORDING).await;
    let recorder = running.hub.recorder.unwrap();
    drop(running.hub);
    running.task.await.unwrap().unwrap();
    assert_eq!(cloud.chunks(RECORDING), 30);

    *cloud.patience.lock().unwrap() = None;
    let running = Running::start(options);
    cloud.is_complete(RECORDING).await;
    cloud.film(RECORDING).verify(recorder);
    assert_eq!(cloud.duplicates.load(Ordering::Relaxed), 0);
    drop(running);
}

#[tokio::test]
async fn a_disk_that_does_not_answer_keeps_no_picture_from_being_proven() {
    let (home, _camera) = home();
    let mut options = options(home.path());
    options.cloud = Some("ws://127.0.0.1:1".into());
    let mut running = Running::start(options.clone());
    running.hub.hears_pictures().await;
    running.hub.say(start(RECORDING)).await;
    running.hub.hears_progress(RECORDING, 20).await;
    running.hub.stops(RECORDING).await;
    drop(running.hub);
    running.task.await.unwrap().unwrap();

    // The next recorder owes it, and has it on the disk only, which answers no more.
    let (listener, url) = Cloud::silent().await;
    options.cloud = Some(url);
    let mut running = Running::start(options);
    running.hub.hears_pictures().await;
    let other = protocol::bytes::RecordingId([11; 16]);
    running.hub.say(start(other)).await;
    running.hub.hears_progress(other, 5).await;
    let owed = format!("{RECORDING}/part-0.chunks");
    let owed = files(&home.path().join("spool")).into_iter().find(|(path, _)| path.ends_with(&owed));
    let (owed, _) = owed.expect("what is owed");
    std::fs::remove_file(&owed).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&owed).status().unwrap().success());
    // Whoever reads it waits as long as this is open; or this test would never end.
    let silent = std::fs::OpenOptions::new().read(true).write(true).open(&owed).unwrap();
    let answers = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(4));
        let _folder_gone = std::fs::remove_file(&owed);
        drop(silent);
    });
    let cloud = Cloud::answering(listener);
    let (began, mut worst) = (Instant::now(), Duration::ZERO);
    while began.elapsed() < Duration::from_secs(3) {
        let asked = Instant::now();
        running.hub.say(ToRecorder::Prove { answers: Hash([9; 32]), grant: GRANT }).await;
        running.hub.hears("a proof", Duration::from_secs(8), proof).await;
        worst = worst.max(asked.elapsed());
    }
    assert!(worst < Duration::from_millis(500), "{worst:?}");
    assert!(cloud.held.lock().unwrap().contains_key(&RECORDING), "it was to be sent");
    assert_eq!(cloud.chunks(RECORDING), 0);
    answers.join().unwrap();
}
