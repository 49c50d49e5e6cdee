//! What nobody can leave out: the same messages, the same syncs, the same verifications, and nothing around them.

use futures::{SinkExt, StreamExt};
use hub::ring_verifier::RingVerifier;
use protocol::{DeviceKey, PublicKey, Signer as _, Verifier as _};
use rumqttc::{AsyncClient, MqttOptions, QoS};
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, accept_async, connect_async};

pub(crate) const COMMANDS: &str = "floor/set";
/// Signatures that one decision asks for: see `decision`.
const VERIFICATIONS: usize = 8;
/// The intent in the journal, and the same by the recorder.
const SYNCS: usize = 2;
/// About a presentation of one parcel; about an intent in the journal.
const PRESENTATION_BYTES: usize = 420;
const RECORD_BYTES: usize = 300;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Two servers, as cloud and home, and a handset.
pub(crate) struct Floor {
    runtime: Runtime,
    handset: Socket,
}

impl Floor {
    pub(crate) fn raise(file: &Path, broker: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("threads");
        let file = File::create(file).expect("a file beside the journal");
        let handset = runtime.block_on(async {
            let (client, mut line) =
                AsyncClient::new(MqttOptions::new("bench-floor", "127.0.0.1", broker), 16);
            tokio::spawn(async move { while line.poll().await.is_ok() {} });
            let home = listen().await;
            let to_home = format!("ws://{}", home.local_addr().expect("bound"));
            tokio::spawn(serve_home(home, file, client));
            let cloud = listen().await;
            let to_cloud = format!("ws://{}", cloud.local_addr().expect("bound"));
            tokio::spawn(serve_cloud(cloud, to_home));
            connect_async(to_cloud).await.expect("a cloud").0
        });
        Self { runtime, handset }
    }

    /// Sends a presentation; gives when.
    pub(crate) fn ask(&mut self) -> Instant {
        let since = Instant::now();
        let sent = self.handset.send(Message::binary(vec![7; PRESENTATION_BYTES]));
        self.runtime.block_on(sent).expect("the connection holds");
        since
    }
}

async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a port")
}

async fn serve_cloud(listener: TcpListener, home: String) {
    let (mut home, _) = connect_async(home).await.expect("a home");
    let (stream, _) = listener.accept().await.expect("a handset");
    stream.set_nodelay(true).expect("a socket");
    let mut handset = accept_async(stream).await.expect("a handset");
    while let Some(Ok(message)) = handset.next().await {
        home.send(message).await.expect("the home is there");
    }
}

async fn serve_home(listener: TcpListener, mut file: File, lock: AsyncClient) {
    let key = DeviceKey::from_secret(&[9; 32]).expect("a key");
    let papers: Vec<(PublicKey, Vec<u8>, [u8; 64])> = (0..VERIFICATIONS)
        .map(|n| {
            let message = vec![u8::try_from(n).expect("few"); RECORD_BYTES];
            let signature = key.sign(&message).try_into().expect("64 bytes");
            (key.public(), message, signature)
        })
        .collect();
    let (stream, _) = listener.accept().await.expect("a cloud");
    stream.set_nodelay(true).expect("a socket");
    let mut cloud = accept_async(stream).await.expect("a cloud");
    while let Some(Ok(message)) = cloud.next().await {
        if !message.is_binary() {
            continue;
        }
        let good = papers.iter().all(|(key, message, by)| RingVerifier.verify_p256(key, message, by));
        assert!(good && !key.sign(&[1; RECORD_BYTES]).is_empty());
        for _ in 0..SYNCS {
            file.write_all(&[3; RECORD_BYTES]).expect("room on the disk");
            file.sync_data().expect("a disk");
        }
        lock.publish(COMMANDS, QoS::AtMostOnce, false, "UNLOCK").await.expect("the broker is there");
    }
}
