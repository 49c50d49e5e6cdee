//! Somebody with an account: what the cloud shows to a person, as that person's own app would read it.

use crate::stage::Stage;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::bytes::Nonce;
use protocol::sign_in::{Role, SignIn};
use protocol::{DeviceKey, Hash, Signed, Signer, canonical};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Signed in.
pub(crate) struct Insider {
    runtime: Runtime,
    token: String,
}

impl Insider {
    /// Signs in with the keys of one of the stage's people.
    pub(crate) fn sign_in(stage: &Stage, who: &str, role: Role) -> Self {
        let key = key_of(stage, who, "device.key");
        let runtime = super::runtime();
        let base = stage.cloud_url();
        let token = runtime.block_on(async {
            let asked = post(&format!("{base}/v1/sign-in/nonce"), &json!({})).await;
            let bytes = URL_SAFE_NO_PAD.decode(asked["nonce"].as_str().expect("a nonce")).expect("base64url");
            let nonce = Nonce::from_slice(&bytes).expect("16 bytes");
            let audience = asked["audience"].as_str().expect("a name").into();
            let signed = Signed::sign(SignIn { audience, nonce, role }, &key).expect("a message");
            let body = json!({
                "sign_in": URL_SAFE_NO_PAD.encode(signed.bytes()),
                "credential": URL_SAFE_NO_PAD.encode(canonical::encode(&key.credential())),
            });
            let session = post(&format!("{base}/v1/sign-in"), &body).await;
            session["token"].as_str().unwrap_or_else(|| panic!("no token: {session}")).to_owned()
        });
        Self { runtime, token }
    }

    /// What the cloud answers to a message, whatever its status.
    pub(crate) fn post(&self, stage: &Stage, path: &str, body: &Value) -> Value {
        let request = reqwest::Client::new().post(format!("{}{path}", stage.cloud_url()));
        let body = serde_json::to_vec(body).expect("JSON");
        let request = request.header("content-type", "application/json").bearer_auth(&self.token).body(body);
        let asking = async {
            let answer = request.send().await.expect("the cloud answers");
            answer.bytes().await.expect("an answer")
        };
        serde_json::from_slice(&self.wait(asking)).expect("JSON")
    }

    /// A WebSocket of the API.
    pub(crate) fn stream(&self, stage: &Stage, path: &str) -> Stream {
        let url = format!("{}{path}", stage.cloud_url().replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("an address");
        let token = format!("Bearer {}", self.token).parse().expect("a header");
        request.headers_mut().insert("authorization", token);
        self.wait(tokio_tungstenite::connect_async(request)).expect("the cloud opens it").0
    }

    pub(crate) fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    /// What the cloud shows.
    pub(crate) fn get(&self, stage: &Stage, path: &str) -> Value {
        let request = reqwest::Client::new().get(format!("{}{path}", stage.cloud_url()));
        let asking = async {
            let answer = request.bearer_auth(&self.token).send().await.expect("the cloud answers");
            answer.bytes().await.expect("an answer")
        };
        serde_json::from_slice(&self.runtime.block_on(asking)).expect("JSON")
    }
}

/// A secret key of one of the stage's people, as whoever stole their device has it.
pub(crate) fn key_of(stage: &Stage, who: &str, file: &str) -> DeviceKey {
    let secret = std::fs::read_to_string(stage.path(who).join(file)).expect("a key");
    let secret = Hash::from_hex(secret.trim()).expect("64 digits");
    DeviceKey::from_secret(&secret.0).expect("a key")
}

async fn post(url: &str, body: &Value) -> Value {
    let body = serde_json::to_vec(body).expect("JSON");
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
    let answer = request.send().await.expect("the cloud answers").bytes().await.expect("an answer");
    serde_json::from_slice(&answer).expect("JSON")
}
