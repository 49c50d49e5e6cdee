//! A relay between home and cloud that only looks: it counts, and remembers what the cloud said.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Stands between home and cloud. Ends with the test program.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    bytes_up: usize,
    connections: Vec<Connection>,
}

#[derive(Default)]
struct Connection {
    /// The first line that the home sent.
    path: String,
    down: Vec<u8>,
}

impl Relay {
    pub(crate) fn start(cloud: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Self { address: listener.local_addr().unwrap(), seen: Arc::default() };
        let seen = Arc::clone(&relay.seen);
        std::thread::spawn(move || {
            for home in listener.incoming() {
                // A cloud that is gone hangs up.
                let (Ok(home), Ok(cloud)) = (home, TcpStream::connect(cloud)) else { continue };
                let number = seen.lock().unwrap().connections.len();
                seen.lock().unwrap().connections.push(Connection::default());
                let back = (cloud.try_clone().unwrap(), home.try_clone().unwrap());
                let (up, down) = (Arc::clone(&seen), Arc::clone(&seen));
                std::thread::spawn(move || pass(home, cloud, |bytes| up.lock().unwrap().up(number, bytes)));
                std::thread::spawn(move || {
                    pass(back.0, back.1, |bytes| {
                        down.lock().unwrap().connections[number].down.extend_from_slice(bytes);
                    });
                });
            }
        });
        relay
    }

    /// Bytes that left the home.
    pub(crate) fn bytes_up(&self) -> usize {
        self.seen.lock().unwrap().bytes_up
    }

    /// The first line of each connection.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().connections.iter().map(|connection| connection.path.clone()).collect()
    }

    /// Every WebSocket message that the cloud sent on the connections whose path contains `path`, in order.
    pub(crate) fn messages_down(&self, path: &str) -> Vec<Vec<u8>> {
        let seen = self.seen.lock().unwrap();
        let connections = seen.connections.iter().filter(|connection| connection.path.contains(path));
        connections.flat_map(|connection| messages(&connection.down)).collect()
    }
}

impl Seen {
    fn up(&mut self, number: usize, bytes: &[u8]) {
        self.bytes_up += bytes.len();
        let connection = &mut self.connections[number];
        if connection.path.is_empty() {
            let text = String::from_utf8_lossy(bytes);
            connection.path = text.lines().next().unwrap_or_default().into();
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut look: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        look(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    // Whoever still writes learns of it.
    let _gone = (to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Read));
}

/// The binary messages behind a server's handshake: unmasked frames (RFC 6455, 5.2), none of them fragmented.
fn messages(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Some(handshake) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return vec![] };
    let mut rest = &bytes[handshake + 4..];
    let mut messages = Vec::new();
    while let [kind, length, tail @ ..] = rest {
        let (length, tail) = match (length, tail) {
            (126, [a, b, tail @ ..]) => (usize::from(u16::from_be_bytes([*a, *b])), tail),
            (127, _) => panic!("a message of more than 64 KiB to a home"),
            (length, tail) => (usize::from(*length), tail),
        };
        let Some(payload) = tail.get(..length) else { break };
        if *kind == 0x82 {
            messages.push(payload.to_vec());
        }
        rest = &tail[length..];
    }
    messages
}
