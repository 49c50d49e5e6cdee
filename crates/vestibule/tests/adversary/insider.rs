//! Somebody with an account: what the cloud shows to a person, as that person's own app would read it.

use crate::stage::Stage;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::bytes::Nonce;
use protocol::sign_in::{Role, SignIn};
use protocol::{DeviceKey, Hash, Signed, Signer, canonical};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Signed in.
pub(crate) struct Insider {
    runtime: Runtime,
    token: String,
}

impl Insider {
    /// Signs in with the keys of one of the stage's people.
    pub(crate) fn sign_in(stage: &Stage, who: &str, role: Role) -> Self {
        let secret = std::fs::read_to_string(stage.path(who).join("device.key")).expect("a key");
        let secret = Hash::from_hex(secret.trim()).expect("64 digits");
        let key = DeviceKey::from_secret(&secret.0).expect("a key");
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

async fn post(url: &str, body: &Value) -> Value {
    let body = serde_json::to_vec(body).expect("JSON");
    let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
    let answer = request.send().await.expect("the cloud answers").bytes().await.expect("an answer");
    serde_json::from_slice(&answer).expect("JSON")
}
