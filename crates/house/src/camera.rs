//! The camera in the hallway: draws, encodes and serves, each in its own pace.
//!
//! One thread draws and encodes, and only while somebody watches. Each client has a bounded queue; who does
//! not keep up is dropped, so that no client slows the world or another client. A new client begins with a
//! key frame. The format on the socket is in [`crate::wire`].

mod encoder;
mod planes;
mod replay;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::HouseError;
use crate::hallway::{Painter, Size};
use crate::physics::{CameraFault, Scene};
use crate::wire::{Frame, Header};
use crate::world::World;
use encoder::Encoder;
use planes::Planes;
use replay::Replay;

/// Frames per second.
const FPS: u16 = 15;
/// Frames a client may be behind: two seconds.
const QUEUE_FRAMES_MAX: usize = 30;
/// Watchers at once; each costs a queue, not an encoder.
const CLIENTS_MAX: usize = 32;

/// A client that takes nothing for so long is let go.
const WRITE_WITHIN: Duration = Duration::from_secs(3);

type Bytes = Arc<Vec<u8>>;

/// Who watches.
#[derive(Default)]
struct Clients {
    all: Mutex<Vec<Client>>,
    arrived: Condvar,
    ended: AtomicBool,
}

struct Client {
    queue: mpsc::Sender<Bytes>,
    waits_for_key: bool,
}

impl Clients {
    fn lock(&self) -> MutexGuard<'_, Vec<Client>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until somebody watches. False when the house is going down.
    fn wait_for_one(&self) -> bool {
        let mut all = self.lock();
        while all.is_empty() && !self.ended.load(Ordering::Relaxed) {
            all = self.arrived.wait(all).unwrap_or_else(PoisonError::into_inner);
        }
        !self.ended.load(Ordering::Relaxed)
    }

    fn somebody_waits_for_a_key(&self) -> bool {
        self.lock().iter().any(|client| client.waits_for_key)
    }

    /// Gives a frame to everybody; drops who is gone or too far behind.
    fn give(&self, frame: &Bytes, random_access: bool) {
        self.lock().retain_mut(|client| {
            client.waits_for_key &= !random_access;
            client.waits_for_key || client.queue.try_send(Arc::clone(frame)).is_ok()
        });
    }

    /// After a break in the stream nobody can go on without a key frame.
    fn all_wait_for_a_key(&self) {
        for client in self.lock().iter_mut() {
            client.waits_for_key = true;
        }
    }

    fn drop_gone(&self) {
        self.lock().retain(|client| !client.queue.is_closed());
    }
}

/// Ends the thread when the house goes down.
struct EndOnDrop(Arc<Clients>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        let _held = self.0.lock();
        self.0.ended.store(true, Ordering::Relaxed);
        self.0.arrived.notify_all();
    }
}

/// Serves the camera's socket; returns only if it breaks.
pub(crate) async fn serve(
    listener: UnixListener,
    world: Arc<World>,
    size: Size,
    utc_offset_minutes: i32,
) -> Result<(), HouseError> {
    let studio = tokio::task::spawn_blocking(move || Studio::new(world, size, utc_offset_minutes));
    let studio = studio.await.map_err(|_| HouseError::CameraThread)??;
    let world = Arc::clone(&studio.world);
    let avcc = studio.encoder.avcc().to_vec();
    let header = Header { width: size.width(), height: size.height(), fps: FPS, avcc };
    let header = Arc::new(header.to_bytes()?);
    let clients = Arc::new(Clients::default());
    let _end = EndOnDrop(Arc::clone(&clients));
    let thread_clients = Arc::clone(&clients);
    std::thread::Builder::new()
        .name("house-camera".into())
        .spawn(move || studio.run(&thread_clients))
        .map_err(|error| HouseError::Socket { what: "camera thread", error })?;
    let mut writers = JoinSet::new();
    loop {
        let (stream, _) =
            listener.accept().await.map_err(|error| HouseError::Socket { what: "camera socket", error })?;
        while writers.try_join_next().is_some() {}
        if world.with(|house| house.camera_fault()) == CameraFault::Drop
            || clients.lock().len() >= CLIENTS_MAX
        {
            continue;
        }
        let (queue, frames) = mpsc::channel(QUEUE_FRAMES_MAX);
        if queue.try_send(Arc::clone(&header)).is_ok() {
            clients.lock().push(Client { queue, waits_for_key: true });
            clients.arrived.notify_all();
            writers.spawn(write(stream, frames));
        }
    }
}

/// Writes what is queued until the client goes, or is dropped by the thread.
async fn write(mut stream: UnixStream, mut frames: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = frames.recv().await {
        match tokio::time::timeout(WRITE_WITHIN, stream.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

/// What the thread owns.
struct Studio {
    world: Arc<World>,
    painter: Painter,
    planes: Planes,
    encoder: Encoder,
    replay: Replay,
    frozen: Option<Scene>,
    last_fault: CameraFault,
    began: Instant,
}

impl Studio {
    fn new(world: Arc<World>, size: Size, utc_offset_minutes: i32) -> Result<Self, HouseError> {
        let planes = Planes::new(size.width().into(), size.height().into());
        let encoder = Encoder::new(&planes, FPS)?;
        Ok(Self {
            world,
            painter: Painter::new(size, utc_offset_minutes)?,
            planes,
            encoder,
            replay: Replay::default(),
            frozen: None,
            last_fault: CameraFault::None,
            began: Instant::now(),
        })
    }

    fn run(mut self, clients: &Clients) {
        let period = Duration::from_secs(1) / u32::from(FPS);
        let mut due = Instant::now();
        while clients.wait_for_one() {
            let now = Instant::now();
            if due > now {
                std::thread::sleep(due - now);
            } else if now - due > period * 4 {
                due = now;
            }
            due += period;
            if let Err(error) = self.frame(clients) {
                tracing::error!(%error, "the camera could not encode a frame");
            }
        }
    }

    /// One period of the stream.
    fn frame(&mut self, clients: &Clients) -> Result<(), HouseError> {
        let (scene, fault) = self.world.with(|house| (house.scene(), house.camera_fault()));
        if fault != self.last_fault {
            if matches!(self.last_fault, CameraFault::Stall | CameraFault::Old) {
                clients.all_wait_for_a_key();
            }
            self.last_fault = fault;
            self.replay.rewind();
        }
        match fault {
            CameraFault::Drop => clients.lock().clear(),
            CameraFault::Stall => clients.drop_gone(),
            CameraFault::Old => {
                clients.drop_gone();
                for (bytes, random_access) in self.replay.burst(Instant::now()) {
                    clients.give(bytes, *random_access);
                }
            }
            CameraFault::Freeze => {
                let capture_unix_ms = scene.unix_ms;
                if self.frozen.is_none() {
                    self.draw(&scene);
                    self.frozen = Some(scene);
                }
                self.send(clients, capture_unix_ms)?;
            }
            CameraFault::None => {
                self.frozen = None;
                self.draw(&scene);
                self.send(clients, scene.unix_ms)?;
            }
        }
        Ok(())
    }

    fn draw(&mut self, scene: &Scene) {
        self.planes.take(self.painter.paint(scene).data());
    }

    fn send(&mut self, clients: &Clients, capture_unix_ms: u64) -> Result<(), HouseError> {
        let elapsed = self.began.elapsed();
        let (nal_units, random_access) =
            self.encoder.encode(&self.planes, elapsed, clients.somebody_waits_for_a_key())?;
        if nal_units.is_empty() {
            return Ok(());
        }
        // 90 kHz, wrapping at 2^32 as RTP time does.
        let rtp_90khz = u32::try_from(elapsed.as_micros() * 9 / 100 % (1 << 32)).unwrap_or_default();
        let frame = Frame { random_access, capture_unix_ms, rtp_90khz, nal_units };
        let bytes = Arc::new(frame.to_bytes()?);
        self.replay.keep(&bytes, random_access);
        clients.give(&bytes, random_access);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Clients};
    use std::sync::Arc;
    use tokio::sync::mpsc;

    fn watcher(clients: &Clients, room: usize) -> mpsc::Receiver<Arc<Vec<u8>>> {
        let (queue, frames) = mpsc::channel(room);
        clients.lock().push(Client { queue, waits_for_key: true });
        frames
    }

    #[test]
    fn a_slow_client_is_dropped_and_the_others_are_not() {
        let clients = Clients::default();
        let (slow, mut fast) = (watcher(&clients, 2), watcher(&clients, 8));
        for number in 0..5 {
            clients.give(&Arc::new(vec![number]), number == 0);
        }
        assert_eq!((clients.lock().len(), slow.len(), fast.len()), (1, 2, 5));
        assert_eq!(fast.try_recv().map(|frame| frame[0]), Ok(0));
    }

    #[test]
    fn nothing_is_given_before_a_key_frame() {
        let clients = Clients::default();
        let mut frames = watcher(&clients, 8);
        for (number, key) in [(1, false), (2, true), (3, false)] {
            clients.give(&Arc::new(vec![number]), key);
        }
        assert_eq!(frames.try_recv().map(|frame| frame[0]), Ok(2));
        clients.all_wait_for_a_key();
        assert!(clients.somebody_waits_for_a_key());
    }

    #[test]
    fn who_is_gone_is_forgotten() {
        let clients = Clients::default();
        drop(watcher(&clients, 8));
        clients.drop_gone();
        assert!(clients.lock().is_empty());
    }
}
