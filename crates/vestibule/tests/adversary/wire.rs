//! A wire that somebody else holds: relays a home's WebSockets to its cloud, writes them down, and can be cut.

use futures::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async, connect_async};

/// Where a home's door signs in.
pub(crate) const UPLINK: &str = "/v1/uplink";

/// What the wire does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Carries everything.
    Whole,
    /// Carries nothing and closes nothing: a jammed radio, a stalled provider.
    Silent,
    /// Breaks what is there and accepts nothing new.
    Cut,
}

/// Both directions of the uplink, message by message.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    pub(crate) to_home: Vec<Vec<u8>>,
    pub(crate) to_cloud: Vec<Vec<u8>>,
}

/// A held wire. Dropping it breaks every connection and frees the address.
pub(crate) struct Wire {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    heard: Arc<Mutex<Heard>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Wire {
    /// Listens and carries what comes to the cloud at `cloud`, such as `127.0.0.1:8480`.
    pub(crate) async fn lay(cloud: &str) -> Self {
        Self::lay_at("127.0.0.1:0".parse().expect("an address"), cloud).await
    }

    /// The same, at an address where another one may have been a moment ago.
    pub(crate) async fn lay_at(address: SocketAddr, cloud: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("the wire's address is free");
        let address = listener.local_addr().expect("an address");
        let (mode, orders) = watch::channel(Mode::Whole);
        let heard = Arc::default();
        let serving = tokio::spawn(serve(listener, cloud.to_owned(), orders, Arc::clone(&heard)));
        Self { address, mode, heard, serving }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// What went over the uplink so far.
    pub(crate) fn heard(&self) -> Heard {
        self.heard.lock().expect("nobody panicked").clone()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.serving.abort();
        self.mode.send_replace(Mode::Cut);
    }
}

async fn serve(
    listener: TcpListener,
    cloud: String,
    orders: watch::Receiver<Mode>,
    heard: Arc<Mutex<Heard>>,
) {
    while let Ok((home, _)) = listener.accept().await {
        if *orders.borrow() == Mode::Cut {
            continue;
        }
        tokio::spawn(carry(home, cloud.clone(), orders.clone(), Arc::clone(&heard)));
    }
}

/// Takes a WebSocket in; says which path it asks for.
#[expect(clippy::result_large_err, reason = "the library's callback")]
pub(crate) async fn accept(home: TcpStream) -> Option<(WebSocketStream<TcpStream>, String)> {
    let mut path = String::new();
    let note = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        request.uri().path().clone_into(&mut path);
        Ok(response)
    };
    let socket = accept_hdr_async(home, note).await.ok()?;
    Some((socket, path))
}

async fn carry(home: TcpStream, cloud: String, mut orders: watch::Receiver<Mode>, heard: Arc<Mutex<Heard>>) {
    let Some((home, path)) = accept(home).await else { return };
    let Ok((cloud, _)) = connect_async(format!("ws://{cloud}{path}")).await else { return };
    let is_uplink = path == UPLINK;
    let (mut to_home, mut from_home) = home.split();
    let (mut to_cloud, mut from_cloud) = cloud.split();
    loop {
        let mode = *orders.borrow_and_update();
        let carried = tokio::select! {
            changed = orders.changed() => changed.is_ok(),
            message = from_home.next(), if mode == Mode::Whole => {
                note(is_uplink, &message, |bytes| heard.lock().expect("nobody panicked").to_cloud.push(bytes));
                pass(message, &mut to_cloud).await
            }
            message = from_cloud.next(), if mode == Mode::Whole => {
                note(is_uplink, &message, |bytes| heard.lock().expect("nobody panicked").to_home.push(bytes));
                pass(message, &mut to_home).await
            }
        };
        if !carried || *orders.borrow() == Mode::Cut {
            return;
        }
    }
}

type Received = Option<Result<Message, tokio_tungstenite::tungstenite::Error>>;

fn note(is_uplink: bool, message: &Received, keep: impl FnOnce(Vec<u8>)) {
    if let (true, Some(Ok(Message::Binary(bytes)))) = (is_uplink, message) {
        keep(bytes.to_vec());
    }
}

async fn pass(message: Received, to: &mut (impl SinkExt<Message> + Unpin)) -> bool {
    match message {
        Some(Ok(message)) => to.send(message).await.is_ok(),
        Some(Err(_)) | None => false,
    }
}
