//! A person's side of the cloud: signing in with a key, asking, and the sentences of its errors.

use anyhow::{Context, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::{SinkExt, StreamExt};
use protocol::bytes::Nonce;
use protocol::sign_in::{Role, SignIn};
use protocol::{DeviceKey, Signed, Signer, canonical};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long the cloud may take to answer: a slow mobile network's worst.
const ANSWER_S: u64 = 20;

/// Bytes as they stand in the cloud's JSON.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes out of the cloud's JSON.
pub(crate) fn from_base64url(value: &Value) -> anyhow::Result<Vec<u8>> {
    let text = value.as_str().context("the cloud's answer lacks bytes that it should hold")?;
    URL_SAFE_NO_PAD.decode(text).context("the cloud's answer holds bytes in another form than base64url")
}

/// A signed-in connection to a cloud.
#[derive(Clone)]
pub(crate) struct Cloud {
    base: String,
    http: reqwest::Client,
    token: String,
    /// What the cloud said at signing in.
    pub(crate) session: Value,
}

/// A WebSocket to a cloud.
pub(crate) struct Stream(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Cloud {
    /// Signs in with a key.
    pub(crate) async fn sign_in(base: &str, key: &DeviceKey, role: Role) -> anyhow::Result<Self> {
        let mut cloud = Self::stranger(base)?;
        let sign_in = cloud.prove(key, role).await?;
        let credential = base64url(&canonical::encode(&key.credential()));
        let body = json!({ "sign_in": sign_in, "credential": credential });
        cloud.session = cloud.ask(Method::POST, "/v1/sign-in", Some(&body)).await?;
        cloud.token = cloud.session["token"].as_str().context("the cloud gave no token")?.into();
        Ok(cloud)
    }

    /// A signed `sign_in` over a fresh nonce, as the cloud's JSON wants it.
    async fn prove(&self, key: &DeviceKey, role: Role) -> anyhow::Result<String> {
        let nonce = self.ask(Method::POST, "/v1/sign-in/nonce", Some(&json!({}))).await?;
        let bytes = from_base64url(&nonce["nonce"])?;
        let audience = nonce["audience"].as_str().context("the cloud does not say its name")?.into();
        let nonce = Nonce::from_slice(&bytes).context("the cloud's nonce has another length")?;
        let signed = Signed::sign(SignIn { audience, nonce, role }, key)?;
        Ok(base64url(signed.bytes()))
    }

    /// Registers a home with its first roster and the door's own word.
    pub(crate) async fn register_home(base: &str, roster: &[u8], door_key: &DeviceKey) -> anyhow::Result<()> {
        let cloud = Self::stranger(base)?;
        let door_sign_in = cloud.prove(door_key, Role::Door).await?;
        let body = json!({ "rosters": [[base64url(roster)]], "door_sign_in": door_sign_in });
        cloud.ask(Method::POST, "/v1/homes", Some(&body)).await.map(|_| ())
    }

    /// Signs a provider up with its root key.
    pub(crate) async fn sign_up_provider(base: &str, root: &DeviceKey, name: &str) -> anyhow::Result<Value> {
        let cloud = Self::stranger(base)?;
        let body = json!({
            "name": name,
            "credential": base64url(&canonical::encode(&root.credential())),
            "sign_in": cloud.prove(root, Role::Provider).await?,
        });
        cloud.ask(Method::POST, "/v1/providers", Some(&body)).await
    }

    /// For what needs no sign-in.
    pub(crate) fn stranger(base: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(ANSWER_S)).build()?;
        let base = base.trim_end_matches('/').replacen("ws", "http", usize::from(base.starts_with("ws")));
        Ok(Self { base, http, token: String::new(), session: Value::Null })
    }

    /// Asks and reads the answer.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Method::GET, path, None).await
    }

    /// Says and reads the answer.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Puts something in its place.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(Method::PUT, path, Some(body)).await
    }

    /// Asks for `length` bytes, in steps as large as the cloud answers.
    pub(crate) async fn download_ranges(&self, path: &str, length: u64) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let range = format!("bytes={}-{}", bytes.len(), length - 1);
            let request =
                self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token).header("range", range);
            let answer = request.send().await.map_err(|why| self.unreachable(&why))?;
            let status = answer.status();
            let step = answer.bytes().await?;
            if !status.is_success() {
                bail!("{}", problem(status.as_u16(), &serde_json::from_slice(&step).unwrap_or_default()));
            }
            if step.is_empty() {
                bail!("the cloud sends nothing more of {path}, and {length} bytes were promised");
            }
            bytes.extend_from_slice(&step);
        }
        Ok(bytes)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|why| self.unreachable(&why))?;
        let status = answer.status();
        let text = answer.text().await?;
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() { Ok(value) } else { bail!("{}", problem(status.as_u16(), &value)) }
    }

    fn unreachable(&self, why: &reqwest::Error) -> anyhow::Error {
        anyhow!("the cloud at {} does not answer ({why}). Is it running, and is --cloud right?", self.base)
    }

    /// Opens a WebSocket, signed in.
    pub(crate) async fn stream(&self, path: &str) -> anyhow::Result<Stream> {
        let url = format!("{}{path}", self.base.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        request.headers_mut().insert(AUTHORIZATION, format!("Bearer {}", self.token).parse()?);
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => Ok(Stream(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
                let body = answer.body().as_deref().unwrap_or_default();
                bail!(
                    "{}",
                    problem(answer.status().as_u16(), &serde_json::from_slice(body).unwrap_or_default())
                )
            }
            Err(why) => bail!("the cloud at {} does not open {path}: {why}", self.base),
        }
    }
}

impl Stream {
    /// Sends one canonical CBOR message.
    pub(crate) async fn send<T: minicbor::Encode<()>>(&mut self, message: &T) -> anyhow::Result<()> {
        Ok(self.0.send(Message::binary(canonical::encode(message))).await?)
    }

    /// The next binary message; `None` when the cloud hung up.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Option<Vec<u8>>> {
        while let Some(message) = self.0.next().await {
            match message? {
                Message::Binary(bytes) => return Ok(Some(bytes.to_vec())),
                Message::Text(text) => return Ok(Some(text.as_bytes().to_vec())),
                Message::Close(_) => return Ok(None),
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
        Ok(None)
    }
}

/// The sentence of an error, with its code and field for those who look them up.
fn problem(status: u16, value: &Value) -> String {
    let detail = value["detail"].as_str().unwrap_or("the cloud refused without a reason");
    let code = value["code"].as_str().unwrap_or("unknown");
    match value["field"].as_str() {
        Some(field) => format!("{detail} ({status} {code}, field {field})"),
        None => format!("{detail} ({status} {code})"),
    }
}
