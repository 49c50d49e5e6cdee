//! A camera, a cloud and a hub for tests of the recorder.

#![allow(dead_code, reason = "each test program uses its own part of this")]

#[path = "../../../recording/tests/support/pictures.rs"]
mod pictures;

use futures::{SinkExt, StreamExt};
use hub::recorder::wire::{self, FromRecorder, ToRecorder};
use hub::recorder::{Options, RecorderError};
use protocol::bytes::{Blob, DoorId, Nonce, RecordingId, VisitId};
use protocol::key::Software;
use protocol::media::{FromMedia, ToMedia};
use protocol::{Hash, Kid, PublicKey, canonical};
use recording::chunk::write_record;
use recording::clip::Clip;
use recording::{KemSecret, PartFile, PartOpener, Recipient};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio_tungstenite::tungstenite::Message;

pub(crate) const RECORDING: RecordingId = RecordingId([1; 16]);
pub(crate) const VISIT: VisitId = VisitId([2; 16]);
pub(crate) const RESIDENT: Kid = Kid([3; 32]);
pub(crate) const GRANT: Hash = Hash([4; 32]);
pub(crate) const DOOR: DoorId = DoorId([5; 16]);

pub(crate) fn resident() -> KemSecret {
    KemSecret::from_seed(&[6; 32])
}

pub(crate) fn start(recording: RecordingId) -> ToRecorder {
    let recipients = vec![Recipient { kid: RESIDENT, kem: Blob(resident().public()) }];
    ToRecorder::Start { recording, visit: VISIT, grant: GRANT, recipients }
}

#[expect(clippy::disallowed_methods, reason = "the camera's own clock")]
pub(crate) fn unix_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// What the camera does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// 25 pictures a second.
    Live,
    /// Connected and silent.
    Stalled,
    /// Pictures that are four seconds old.
    Late,
}

/// A camera behind a Unix socket.
pub(crate) struct Camera {
    mood: Arc<Mutex<Mood>>,
    size: Arc<Mutex<(u16, u16)>>,
    hang_up: Arc<tokio::sync::Notify>,
    task: tokio::task::JoinHandle<()>,
}

impl Camera {
    pub(crate) fn serve(socket: &Path) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let mood = Arc::new(Mutex::new(Mood::Live));
        let size = Arc::new(Mutex::new((64, 48)));
        let hang_up = Arc::new(tokio::sync::Notify::new());
        let shared = (Arc::clone(&mood), Arc::clone(&size), Arc::clone(&hang_up));
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (mood, size, hang_up) = shared.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = film(socket, mood, size) => {}
                        () = hang_up.notified() => {}
                    }
                });
            }
        });
        Self { mood, size, hang_up, task }
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The next connection shows pictures of another size.
    pub(crate) fn resize(&self, width: u16, height: u16) {
        *self.size.lock().unwrap() = (width, height);
        self.hang_up.notify_waiters();
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn film(mut socket: UnixStream, mood: Arc<Mutex<Mood>>, size: Arc<Mutex<(u16, u16)>>) {
    let (width, height) = *size.lock().unwrap();
    let (init, pictures) = pictures::encode_sized(50, width, height);
    let mut header = b"VCAM1".to_vec();
    for field in [width, height, 25, u16::try_from(init.avcc.len()).unwrap()] {
        header.extend_from_slice(&field.to_be_bytes());
    }
    header.extend_from_slice(&init.avcc);
    if socket.write_all(&header).await.is_err() {
        return;
    }
    let began = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(40));
    // after a stall the stream goes on with a keyframe
    let mut number = 0;
    loop {
        ticks.tick().await;
        let mood = *mood.lock().unwrap();
        if mood == Mood::Stalled {
            number = 0;
            continue;
        }
        let late_ms = if mood == Mood::Late { 4_000 } else { 0 };
        let picture = &pictures[number % pictures.len()];
        let mut frame = vec![u8::from(picture.is_keyframe)];
        frame.extend_from_slice(&(unix_ms() - late_ms).to_be_bytes());
        let elapsed_ms = u32::try_from(began.elapsed().as_millis()).unwrap();
        frame.extend_from_slice(&elapsed_ms.wrapping_mul(90).to_be_bytes());
        frame.extend_from_slice(&picture.unit);
        let mut record = u32::try_from(frame.len()).unwrap().to_be_bytes().to_vec();
        record.extend_from_slice(&frame);
        if socket.write_all(&record).await.is_err() {
            return;
        }
        number += 1;
    }
}

/// The hub's side of a recorder.
pub(crate) struct Hub<W, R> {
    pub(crate) to: W,
    from: R,
    pub(crate) recorder: Option<PublicKey>,
}

impl<W: tokio::io::AsyncWrite + Unpin, R: tokio::io::AsyncRead + Unpin> Hub<W, R> {
    pub(crate) fn new(to: W, from: R) -> Self {
        Self { to, from, recorder: None }
    }

    pub(crate) async fn say(&mut self, message: ToRecorder) {
        wire::write(&mut self.to, &message).await.unwrap();
    }

    /// The next message that fits; others are dropped.
    pub(crate) async fn hears<T>(
        &mut self,
        what: &str,
        within: Duration,
        mut fits: impl FnMut(FromRecorder) -> Option<T>,
    ) -> T {
        self.hears_or_not(within, &mut fits)
            .await
            .unwrap_or_else(|| panic!("the recorder never said: {what}"))
    }

    pub(crate) async fn hears_or_not<T>(
        &mut self,
        within: Duration,
        mut fits: impl FnMut(FromRecorder) -> Option<T>,
    ) -> Option<T> {
        let until = tokio::time::Instant::now() + within;
        loop {
            let read = tokio::time::timeout_at(until, wire::read::<FromRecorder>(&mut self.from)).await;
            let message = read.ok()?.unwrap()?;
            if let FromRecorder::Ready { recorder } = &message {
                self.recorder = Some(*recorder);
            }
            if let Some(found) = fits(message) {
                return Some(found);
            }
        }
    }

    pub(crate) async fn hears_pictures(&mut self) {
        self.hears("pictures", Duration::from_secs(5), |said| match said {
            FromRecorder::Status { picture_age_ms: Some(_), .. } => Some(()),
            _ => None,
        })
        .await;
    }

    /// Waits until the recording has so many chunks; answers how many.
    pub(crate) async fn hears_progress(&mut self, recording: RecordingId, frames: u64) -> u64 {
        self.hears("progress", Duration::from_secs(20), |said| match said {
            FromRecorder::Status { recordings, .. } => recordings
                .into_iter()
                .find(|r| r.recording == recording && r.frame >= frames)
                .map(|r| r.frame),
            _ => None,
        })
        .await
    }

    pub(crate) async fn stops(&mut self, recording: RecordingId) -> Vec<u8> {
        self.say(ToRecorder::Stop(recording)).await;
        self.hears("closed", Duration::from_secs(5), |said| match said {
            FromRecorder::Closed { recording: closed, manifest, .. } if closed == recording => {
                Some(manifest.0)
            }
            _ => None,
        })
        .await
    }
}

type Pipe = tokio::io::DuplexStream;

/// A recorder in this process.
pub(crate) struct Running {
    pub(crate) hub: Hub<tokio::io::WriteHalf<Pipe>, tokio::io::ReadHalf<Pipe>>,
    pub(crate) task: tokio::task::JoinHandle<Result<(), RecorderError>>,
}

impl Running {
    pub(crate) fn start(options: Options) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (from, to) = tokio::io::split(theirs);
        let task = tokio::spawn(hub::recorder::run_on(options, from, to));
        let (from, to) = tokio::io::split(ours);
        Self { hub: Hub::new(to, from), task }
    }
}

pub(crate) fn options(home: &Path) -> Options {
    let source = format!("virtual:{}", home.join("camera").display()).parse().unwrap();
    Options::new(DOOR, "hall".into(), source, home.join("spool"), home.join("recorder.key"))
}

/// Every file below a folder with its size.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            out.extend(files(&entry.path()));
        } else {
            out.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    out
}

/// A recording as bytes: manifest, and header and chunks of each part.
#[derive(Debug, Clone, Default)]
pub(crate) struct Film {
    pub(crate) manifest: Vec<u8>,
    pub(crate) parts: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Film {
    pub(crate) fn from_spool(spool: &Path, recording: RecordingId) -> Self {
        let folder = spool.join(recording.to_string());
        let parts = (0..)
            .map_while(|n| {
                let header = std::fs::read(folder.join(format!("part-{n}.header"))).ok()?;
                Some((header, std::fs::read(folder.join(format!("part-{n}.chunks"))).unwrap()))
            })
            .collect();
        Self { manifest: std::fs::read(folder.join("manifest")).unwrap_or_default(), parts }
    }

    pub(crate) fn verify(&self, recorder: PublicKey) -> recording::verify::Verified {
        let files: Vec<PartFile<'_>> =
            self.parts.iter().map(|(header, chunks)| PartFile { header, chunks }).collect();
        recording::verify_recording(&self.manifest, &files, &[recorder], &Software).unwrap()
    }

    /// Everything that was recorded, opened with the resident's key.
    pub(crate) fn open(&self, recorder: PublicKey) -> Vec<Vec<recording::open::Opened>> {
        let verified = self.verify(recorder);
        let opened = verified.parts.iter().zip(&self.parts).map(|(summary, (_, chunks))| {
            let header = summary.header.message();
            let key = resident().unwrap(RESIDENT, header).unwrap();
            PartOpener::new(header, &key).unwrap().open_part(&summary.header, chunks).unwrap()
        });
        opened.collect()
    }

    /// Writes the clip; answers milliseconds by our own count and by ffprobe's.
    pub(crate) fn probe(&self, recorder: PublicKey, path: &Path) -> (u64, u64) {
        let mut clip = Clip::new();
        for part in self.open(recorder) {
            clip.add_part(part);
        }
        let ours_ms = clip.duration_ms();
        std::fs::write(path, clip.into_mp4().unwrap()).unwrap();
        let out = std::process::Command::new("ffprobe")
            .args(["-v", "error", "-count_frames", "-show_entries", "format=duration"])
            .args(["-of", "default=nokey=1:noprint_wrappers=1"])
            .arg(path)
            .output()
            .expect("ffprobe is needed: apt install ffmpeg");
        assert!(out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
        let seconds: f64 = String::from_utf8(out.stdout).unwrap().trim().parse().unwrap();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let theirs_ms = (seconds * 1_000.0).round() as u64;
        (ours_ms, theirs_ms)
    }
}

/// What a cloud holds of one part: its header, and its chunks in order.
type Shelf = BTreeMap<u32, (Vec<u8>, Vec<Vec<u8>>)>;

/// Of every recording the parts, and the manifest once it came.
type Held = BTreeMap<RecordingId, (Shelf, Option<Vec<u8>>)>;

/// A cloud that stores ciphertext.
#[derive(Clone, Default)]
pub(crate) struct Cloud {
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) held: Arc<Mutex<Held>>,
    /// Says so to every chunk of a look.
    pub(crate) nobody_watches: Arc<AtomicBool>,
    /// What came of looks.
    pub(crate) shown: Arc<Mutex<Vec<ToMedia>>>,
    /// Hang up after so many further chunks.
    pub(crate) patience: Arc<Mutex<Option<usize>>>,
    /// Chunks that came although they were held already.
    pub(crate) duplicates: Arc<AtomicUsize>,
}

impl Cloud {
    pub(crate) async fn listen() -> (Self, String) {
        let (listener, url) = Self::silent().await;
        (Self::answering(listener), url)
    }

    /// One that can be reached and says nothing yet.
    pub(crate) async fn silent() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        (listener, url)
    }

    pub(crate) fn answering(listener: TcpListener) -> Self {
        let cloud = Self::default();
        let serving = cloud.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                serving.connections.fetch_add(1, Ordering::Relaxed);
                let cloud = serving.clone();
                tokio::spawn(async move { cloud.serve(socket).await });
            }
        });
        cloud
    }

    async fn serve(&self, socket: tokio::net::TcpStream) -> Option<()> {
        let mut socket = tokio_tungstenite::accept_async(socket).await.ok()?;
        let say = |said: FromMedia| Message::Binary(canonical::encode(&said).into());
        let nonce = FromMedia::Nonce { nonce: Nonce([7; 16]), audience: "cloud.example".into() };
        socket.send(say(nonce)).await.ok()?;
        loop {
            let Message::Binary(bytes) = socket.next().await?.ok()? else { continue };
            let answer = match canonical::decode::<ToMedia>(&bytes, 8 << 20).unwrap() {
                ToMedia::SignIn(_) => FromMedia::Welcome,
                ToMedia::Part { recording, part, header, visit } => {
                    assert_eq!(visit, VISIT);
                    let mut held = self.held.lock().unwrap();
                    let shelf = &mut held.entry(recording).or_default().0;
                    let entry = shelf.entry(part).or_insert((header.0, Vec::new()));
                    FromMedia::Stored { recording, part, next: entry.1.len() as u64 }
                }
                ToMedia::Chunk { recording, part, sequence, chunk, .. } => {
                    let mut patience = self.patience.lock().unwrap();
                    if let Some(left) = patience.as_mut() {
                        *left = left.checked_sub(1)?;
                    }
                    let mut held = self.held.lock().unwrap();
                    let chunks = &mut held.get_mut(&recording)?.0.get_mut(&part)?.1;
                    if sequence == chunks.len() as u64 {
                        chunks.push(chunk.0);
                    } else {
                        self.duplicates.fetch_add(1, Ordering::Relaxed);
                    }
                    FromMedia::Stored { recording, part, next: chunks.len() as u64 }
                }
                shown @ (ToMedia::Look { .. } | ToMedia::LookChunk { .. } | ToMedia::LookOver(_)) => {
                    let look = if let ToMedia::LookChunk { look, .. } = &shown { Some(*look) } else { None };
                    self.shown.lock().unwrap().push(shown);
                    match look.filter(|_| self.nobody_watches.load(Ordering::Relaxed)) {
                        Some(look) => FromMedia::Unwatched(look),
                        None => continue,
                    }
                }
                ToMedia::Manifest { recording, manifest } => {
                    self.held.lock().unwrap().get_mut(&recording)?.1 = Some(manifest.0);
                    FromMedia::Complete(recording)
                }
            };
            socket.send(say(answer)).await.ok()?;
        }
    }

    pub(crate) fn chunks(&self, recording: RecordingId) -> usize {
        let held = self.held.lock().unwrap();
        held.get(&recording).map_or(0, |(shelf, _)| shelf.values().map(|(_, chunks)| chunks.len()).sum())
    }

    pub(crate) fn film(&self, recording: RecordingId) -> Film {
        let held = self.held.lock().unwrap();
        let (shelf, manifest) = &held[&recording];
        let file = |chunks: &Vec<Vec<u8>>| {
            let mut out = Vec::new();
            for chunk in chunks {
                write_record(chunk, &mut out);
            }
            out
        };
        Film {
            manifest: manifest.clone().unwrap_or_default(),
            parts: shelf.values().map(|(header, chunks)| (header.clone(), file(chunks))).collect(),
        }
    }

    pub(crate) async fn is_complete(&self, recording: RecordingId) {
        for _ in 0..200 {
            if self.held.lock().unwrap().get(&recording).is_some_and(|(_, manifest)| manifest.is_some()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the cloud never got the manifest");
    }
}
