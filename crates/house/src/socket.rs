//! The house's control socket: a Unix-domain socket, JSON lines both ways, one object per line, at most
//! 4 KiB each.
//!
//! | line in | meaning |
//! |---|---|
//! | `{"do":"unlock"}` · `{"do":"lock"}` | the hub's command to the lock |
//! | `{"act":"ring"}` · `push` · `step_in` · `close` · `handle` · `key` · `leave` · `press_no` · `chime` | people |
//! | `{"act":"parcel"}` · `{"act":{"parcel":{"label":"0034…"}}}` | a parcel across the strip |
//! | `{"act":{"smoke":"on"}}` · `{"act":{"smoke":"off"}}` | the smoke detector |
//! | `{"misbehave":{"lock":F}}` | F: `none` `jam` `lie` `silent` `stall` `power_loss` `blind_auto_lock` `{"late":MS}` |
//! | `{"misbehave":{"door":F}}` | F: `none` `reopen` `wedge` `{"contact_stuck":"open"}` (`closed`, `unknown`, `tampered`) |
//! | `{"misbehave":{"camera":F}}` | F: `none` `freeze` `stall` `drop` `old` |
//! | `{"misbehave":{"battery_percent":7}}` | what the battery claims |
//! | `{"misbehave":"none"}` | every part works again |
//! | `{"get":"state"}` | report and truth, once |
//! | `{"subscribe":true}` | a report now, at every change, and every 5 s |
//!
//! Lines out: a command, an act or a misbehaviour is answered by `{"done":true}`, or by `{"done":false,
//! "because":"…"}` if the world does not let it happen. `done` says that it was *begun*: a bolt takes 0.4 s
//! and a door 0.8 s. A silent lock gives no answer at all. `get` is answered by a report with a `truth` in it:
//!
//! ```json
//! {"bolt":"locked","door":"closed","battery_percent":88,"online":true,"smoke":false,"no_button":false,
//!  "truth":{"bolt":"locked","door":"closed","visitor":"away","parcels_inside":0,"line_crossed":false}}
//! ```
//!
//! A subscription sends the same without `truth`. A bad line is answered by `{"error":"…"}`, which names the
//! field and the mend, and the connection stays; only a line that is too long ends it.

mod request;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::physics::{Outcome, Report, Truth};
use crate::world::World;

pub use request::{BadLine, Request};

/// Longest line, with its end, in bytes.
const LINE_BYTES_MAX: usize = 4_096;
/// Connections at once; a test that needs more has forgotten to close some.
const CONNECTIONS_MAX: usize = 64;
/// A subscriber hears at least this often.
const BEAT: Duration = Duration::from_secs(5);
/// A client that does not read for so long is let go.
const WRITE_WITHIN: Duration = Duration::from_secs(5);

#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Done { done: bool },
    Not { done: bool, because: &'static str },
    Report(Report),
    State(State),
    Error { error: String },
}

#[derive(Serialize)]
struct State {
    #[serde(flatten)]
    report: Report,
    truth: Truth,
}

/// Serves the socket; returns only if it breaks.
pub(crate) async fn serve(listener: UnixListener, world: Arc<World>) -> std::io::Result<()> {
    let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&free).try_acquire_owned() else {
            tracing::warn!("{CONNECTIONS_MAX} control connections are open; one more was closed");
            continue;
        };
        let world = Arc::clone(&world);
        connections.spawn(async move {
            if let Err(error) = talk(stream, &world).await {
                tracing::debug!(%error, "a control connection ended");
            }
            drop(place);
        });
    }
}

async fn talk(stream: UnixStream, world: &World) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let (lines_in, mut lines) = mpsc::channel(16);
    let mut reader = JoinSet::new();
    reader.spawn(read_lines(read, lines_in));
    let mut changes = world.changes();
    let mut beat = tokio::time::interval(BEAT);
    let mut subscribed = false;
    loop {
        tokio::select! {
            line = lines.recv() => match line {
                None => return Ok(()),
                Some(None) => {
                    let error = format!("the line is longer than {LINE_BYTES_MAX} bytes; send shorter lines");
                    return send(&mut write, &Line::Error { error }).await;
                }
                Some(Some(line)) => {
                    let request = request::parse(&line);
                    if matches!(request, Ok(Request::Subscribe)) {
                        subscribed = true;
                        changes = world.changes();
                        beat.reset();
                    }
                    if let Some(answer) = answer(request, world) {
                        send(&mut write, &answer).await?;
                    }
                }
            },
            change = changes.recv() => match change {
                Ok(report) if subscribed => send(&mut write, &Line::Report(report)).await?,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => send_if(subscribed, &mut write, world).await?,
                Err(RecvError::Closed) => return Ok(()),
            },
            _ = beat.tick() => send_if(subscribed, &mut write, world).await?,
        }
    }
}

fn answer(request: Result<Request, BadLine>, world: &World) -> Option<Line> {
    let outcome = match request {
        Err(BadLine(error)) => return Some(Line::Error { error }),
        Ok(Request::Subscribe) => return Some(Line::Report(world.report())),
        Ok(Request::GetState) => {
            let state = world.with(|house| State { report: house.report(), truth: house.truth() });
            return Some(Line::State(state));
        }
        Ok(Request::Do(command)) => world.with(|house| house.command(command)),
        Ok(Request::Act(act)) => world.with(|house| house.act(&act)),
        Ok(Request::Misbehave(change)) => {
            world.with(|house| house.misbehave(&change));
            Outcome::Done
        }
    };
    match outcome {
        Outcome::Done => Some(Line::Done { done: true }),
        Outcome::Not(because) => Some(Line::Not { done: false, because }),
        Outcome::NoAnswer => None,
    }
}

/// Sends each line on, and `None` for one that is too long, after which it stops.
async fn read_lines(read: OwnedReadHalf, lines: mpsc::Sender<Option<Vec<u8>>>) {
    let mut read = BufReader::new(read);
    loop {
        let mut line = Vec::new();
        let limit = LINE_BYTES_MAX as u64 + 1;
        match (&mut read).take(limit).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let too_long = line.len() > LINE_BYTES_MAX;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if lines.send((!too_long).then_some(line)).await.is_err() || too_long {
            return;
        }
    }
}

async fn send_if(subscribed: bool, write: &mut OwnedWriteHalf, world: &World) -> std::io::Result<()> {
    if subscribed {
        send(write, &Line::Report(world.report())).await?;
    }
    Ok(())
}

async fn send(write: &mut OwnedWriteHalf, line: &Line) -> std::io::Result<()> {
    let mut bytes = serde_json::to_vec(line)?;
    bytes.push(b'\n');
    tokio::time::timeout(WRITE_WITHIN, write.write_all(&bytes)).await?
}
