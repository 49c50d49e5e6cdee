//! A cloud in the wrong hands: listens where the real one did, signs any home in, and says whatever might open a door.

use super::forger::{FORGED_FROM, Forger};
use super::loot::{Loot, challenge_in};
use super::wire::{UPLINK, accept};
use futures::{FutureExt, SinkExt, StreamExt};
use protocol::bytes::{Blob, Nonce, VisitId};
use protocol::head::Head;
use protocol::limits::{CHUNK_BYTES_MAX, UPLINK_BYTES_MAX};
use protocol::media::{FromMedia, ToMedia};
use protocol::uplink::{Downlink, FromVisitor, Paper, ToCloud, ToHome};
use protocol::{Claimed, canonical};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// Messages of one flood.
const FLOOD: usize = 5_000;

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Homes that signed in.
    pub(crate) sign_ins: usize,
    /// Messages that were sent.
    pub(crate) sent: usize,
    /// How often every script was begun.
    pub(crate) rounds: usize,
    /// Forged papers that the home said it keeps.
    pub(crate) forged_kept: Vec<u64>,
    /// Challenges that the home let out of the house.
    pub(crate) challenges: usize,
    /// Papers that the home refused.
    pub(crate) refused: usize,
    /// Looks that the home refused.
    pub(crate) looks_refused: usize,
    /// Looks that it did not, and pictures that came of them.
    pub(crate) looks_shown: usize,
}

/// The false cloud. Dropping it frees the address.
pub(crate) struct FalseCloud {
    tally: Arc<Mutex<Tally>>,
    serving: tokio::task::JoinHandle<()>,
}

impl FalseCloud {
    /// Listens at the real cloud's address with everything that it had.
    pub(crate) async fn rise(address: SocketAddr, loot: Loot) -> Self {
        let listener = TcpListener::bind(address).await.expect("the cloud's address is free");
        let tally = Arc::default();
        let serving = tokio::spawn(serve(listener, Arc::new(loot), Arc::clone(&tally)));
        Self { tally, serving }
    }

    pub(crate) fn tally(&self) -> Tally {
        self.tally.lock().expect("nobody panicked").clone()
    }
}

impl Drop for FalseCloud {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What is done on one connection.
#[derive(Debug, Clone)]
enum Script {
    /// Messages, each with the home's newest beat so that it counts as fresh.
    Say(Vec<ToHome>),
    /// Bytes in binary frames.
    Bytes(Vec<Vec<u8>>),
    /// Any frames.
    Frames(Vec<Message>),
}

/// One script per connection, and all over again: a home comes back after each.
async fn serve(listener: TcpListener, loot: Arc<Loot>, tally: Arc<Mutex<Tally>>) {
    let scripts = scripts(&loot);
    // Connections end with the server.
    let mut connections = tokio::task::JoinSet::new();
    let mut next = 0;
    while let Ok((home, _)) = listener.accept().await {
        let Some((socket, path)) = accept(home).await else { continue };
        if path != UPLINK {
            connections.spawn(mislead_the_recorder(socket, Arc::clone(&tally)));
            continue;
        }
        let (loot, tally) = (Arc::clone(&loot), Arc::clone(&tally));
        let script = scripts[next % scripts.len()].clone();
        tally.lock().expect("nobody panicked").rounds = next / scripts.len();
        next += 1;
        connections.spawn(async move {
            // `None`: the home hung up, as it should on nonsense.
            let _heard = play(socket, script, loot, tally).await;
        });
    }
}

fn scripts(loot: &Loot) -> Vec<Script> {
    let forger = Forger::new(loot.clone());
    // A greeting in the middle ends the connection; it has a script of its own.
    let is_greeting = |message: &&ToHome| matches!(message, ToHome::Nonce { .. } | ToHome::Welcome(_));
    let greetings: Vec<ToHome> = loot.to_home.iter().filter(is_greeting).cloned().collect();
    let recorded: &Vec<ToHome> =
        &loot.to_home.iter().filter(|message| !is_greeting(message)).cloned().collect();
    let forged = forger.everything();
    let visits: Vec<VisitId> = loot.visits().into_iter().chain([Forger::VISIT]).collect();
    let mut mixed = [recorded.clone(), forged.clone(), in_other_visits(recorded, Forger::VISIT)].concat();
    shuffle(&mut mixed);
    let flood: Vec<ToHome> = mixed.iter().cycle().take(FLOOD).cloned().collect();
    vec![
        Script::Say(recorded.clone()),
        Script::Say(recorded.iter().rev().cloned().collect()),
        Script::Say(in_other_visits(recorded, Forger::VISIT)),
        Script::Say(forged),
        Script::Say(loot.in_every_slot(&visits)),
        Script::Say(mixed),
        Script::Say(flood),
        Script::Say(vec![ToHome::LogStored(u64::MAX), ToHome::LogStored(0), ToHome::Welcome(u64::MAX)]),
        Script::Say(greetings),
        Script::Bytes(truncated(recorded)),
        Script::Bytes(vec![vec![0xff; UPLINK_BYTES_MAX + 1]]),
        Script::Bytes(vec![vec![0x81; UPLINK_BYTES_MAX]]),
        Script::Bytes(vec![promising_too_much(0x9b)]),
        Script::Bytes(vec![promising_too_much(0x5b)]),
        Script::Bytes(vec![noise(4_096)]),
        Script::Frames(vec![Message::text("{\"unlock\":true}")]),
        Script::Frames(std::iter::repeat_n(Message::Ping(vec![0; 125].into()), 2_000).collect()),
        Script::Frames(vec![Message::binary(vec![0; 2 << 20])]),
    ]
}

async fn play(
    mut socket: WebSocketStream<TcpStream>,
    script: Script,
    loot: Arc<Loot>,
    tally: Arc<Mutex<Tally>>,
) -> Option<()> {
    let nonce = ToHome::Nonce { nonce: Nonce([9; 16]), audience: "localhost".into() };
    say(&mut socket, 0, nonce).await?;
    next(&mut socket).await?;
    // A number beyond what the home wrote would end it here: a home that was set back says no more.
    say(&mut socket, 0, ToHome::Welcome(0)).await?;
    tally.lock().expect("nobody panicked").sign_ins += 1;
    // Nothing counts as fresh before the first beat.
    let mut beat = first_beat(&mut socket).await?;
    let forger = Forger::new(Loot::clone(&loot));
    let frames: Vec<Message> = match script {
        Script::Say(messages) => {
            for message in messages {
                say(&mut socket, beat, message).await?;
                tally.lock().expect("nobody panicked").sent += 1;
                listen(&mut socket, &forger, &tally, &mut beat).await?;
            }
            vec![]
        }
        Script::Bytes(all) => all.into_iter().map(Message::binary).collect(),
        Script::Frames(all) => all,
    };
    for frame in frames {
        socket.send(frame).await.ok()?;
        tally.lock().expect("nobody panicked").sent += 1;
    }
    // A home that heard everything answers, if not at once then at a later beat; one that hung up has heard enough.
    loop {
        let message = next(&mut socket).await?;
        if matches!(message, ToCloud::Beat(_)) {
            say(&mut socket, beat, ToHome::HeadWanted(Nonce([3; 16]))).await?;
        }
        if matches!(message, ToCloud::Head(_)) {
            return Some(());
        }
        hear(&mut socket, message, &forger, &tally, &mut beat).await?;
    }
}

/// Takes what the home has said so far, without waiting.
async fn listen(
    socket: &mut WebSocketStream<TcpStream>,
    forger: &Forger,
    tally: &Mutex<Tally>,
    beat: &mut u64,
) -> Option<()> {
    while let Some(message) = next(socket).now_or_never() {
        hear(socket, message?, forger, tally, beat).await?;
    }
    Some(())
}

/// Beats, answers to papers, and challenges, which are answered.
async fn hear(
    socket: &mut WebSocketStream<TcpStream>,
    message: ToCloud,
    forger: &Forger,
    tally: &Mutex<Tally>,
    beat: &mut u64,
) -> Option<()> {
    match &message {
        ToCloud::Beat(newest) => *beat = *newest,
        ToCloud::Kept { id, refused } => {
            let mut tally = tally.lock().expect("nobody panicked");
            match refused {
                Some(_) => tally.refused += 1,
                None if *id >= FORGED_FROM => tally.forged_kept.push(*id),
                None => {}
            }
        }
        ToCloud::Look { refused, .. } => {
            let mut tally = tally.lock().expect("nobody panicked");
            *if refused.is_some() { &mut tally.looks_refused } else { &mut tally.looks_shown } += 1;
        }
        ToCloud::Head(bytes) => {
            if let Ok(head) = Claimed::<Head>::parse(&bytes.0) {
                for forged in forger.looks(head.unproven().look) {
                    say(socket, *beat, forged).await?;
                }
            }
        }
        _ => {}
    }
    if let Some((visit, challenge)) = challenge_in(&message) {
        tally.lock().expect("nobody panicked").challenges += 1;
        for forged in forger.presentation(visit, &challenge) {
            say(socket, *beat, forged).await?;
        }
    }
    Some(())
}

async fn first_beat(socket: &mut WebSocketStream<TcpStream>) -> Option<u64> {
    loop {
        if let ToCloud::Beat(beat) = next(socket).await? {
            return Some(beat);
        }
    }
}

async fn say(socket: &mut WebSocketStream<TcpStream>, beat: u64, message: ToHome) -> Option<()> {
    socket.send(Message::binary(canonical::encode(&Downlink { beat, message }))).await.ok()
}

async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<ToCloud> {
    loop {
        if let Message::Binary(bytes) = socket.next().await?.ok()? {
            return canonical::decode(&bytes, UPLINK_BYTES_MAX).ok();
        }
    }
}

/// Takes what the recorder sends, claims to have stored all of it, and talks nonsense.
async fn mislead_the_recorder(mut socket: WebSocketStream<TcpStream>, tally: Arc<Mutex<Tally>>) {
    let nonce = FromMedia::Nonce { nonce: Nonce([9; 16]), audience: "localhost".into() };
    for message in [nonce, FromMedia::Welcome, FromMedia::Refused("no".into())] {
        if socket.send(Message::binary(canonical::encode(&message))).await.is_err() {
            return;
        }
    }
    let _gone = socket.send(Message::binary(noise(64))).await;
    while let Some(Ok(message)) = socket.next().await {
        let sent = canonical::decode::<ToMedia>(&message.into_data(), CHUNK_BYTES_MAX);
        if matches!(sent, Ok(ToMedia::Look { .. } | ToMedia::LookChunk { .. })) {
            tally.lock().expect("nobody panicked").looks_shown += 1;
        }
    }
}

fn in_other_visits(messages: &[ToHome], other: VisitId) -> Vec<ToHome> {
    let moved = |message: &ToHome| match message {
        ToHome::FromVisitor { word, .. } => ToHome::FromVisitor { visit: other, word: word.clone() },
        message => message.clone(),
    };
    messages.iter().map(moved).collect()
}

/// Every recorded envelope, one byte short, well wrapped.
fn truncated(messages: &[ToHome]) -> Vec<Vec<u8>> {
    let short = |blob: &Blob| Blob(blob.0[..blob.0.len() - 1].to_vec());
    let mut all = Vec::new();
    for message in messages {
        let cut = match message {
            ToHome::FromVisitor { visit, word } => {
                let word = match word {
                    FromVisitor::Arrival(bytes) => FromVisitor::Arrival(short(bytes)),
                    FromVisitor::Presentation(bytes) => FromVisitor::Presentation(short(bytes)),
                    FromVisitor::Farewell(bytes) => FromVisitor::Farewell(short(bytes)),
                    FromVisitor::Ring(bytes) => FromVisitor::Ring(short(bytes)),
                };
                ToHome::FromVisitor { visit: *visit, word }
            }
            ToHome::Keep { paper: Paper::Grant(bytes), .. } => {
                ToHome::Keep { id: FORGED_FROM - 1, paper: Paper::Grant(short(bytes)) }
            }
            other => other.clone(),
        };
        all.push(canonical::encode(&Downlink { beat: 1, message: cut }));
    }
    let last = canonical::encode(&Downlink { beat: 1, message: ToHome::LogStored(1) });
    all.push(last[..last.len() - 1].to_vec());
    all
}

/// A roster of 2^60 envelopes, or one of 2^60 bytes.
fn promising_too_much(head: u8) -> Vec<u8> {
    let mut bytes = vec![0x82, 0x01, 0x83, 0x04, 0x01, 0x82, 0x00, head];
    bytes.extend([0x10, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// Bytes without meaning, the same every time.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let byte = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..count).map(byte).collect()
}

/// The same disorder every time.
fn shuffle<T>(all: &mut [T]) {
    let order = noise(all.len() * 2);
    for at in (1..all.len()).rev() {
        let drawn = usize::from(order[at * 2]) * 256 + usize::from(order[at * 2 + 1]);
        all.swap(at, drawn % (at + 1));
    }
}
