//! Looking: what a camera sees now, outside a visit, for a minute. The key is made for it, and forgotten with it.

use super::{MyHome, ask_the_door};
use crate::client::{Cloud, base64url};
use crate::keys::{Keys, fresh};
use crate::people::resident::watch::Live;
use anyhow::{Context, bail};
use protocol::bytes::Blob;
use protocol::look::Look;
use protocol::{DeviceKey, PublicKey, Signed};
use recording::KemSecret;
use serde_json::{Value, json};

/// Signs a look, and joins what the home shows.
pub(crate) async fn look(cloud: &Cloud, home: &MyHome, keys: &Keys) -> anyhow::Result<Live> {
    let kem = KemSecret::from_seed(&fresh());
    let camera = *home.roster.message().recorder_keys.first().context("this home has no camera")?;
    let signed = sign(cloud, home, &keys.device()?, camera, &kem).await?;
    let answer: Value =
        cloud.post(&format!("{}/looks", home.path()), &json!({ "look": base64url(signed.bytes()) })).await?;
    if answer["state"] != "shown" {
        bail!("the home shows nothing now: {}", answer["code"].as_str().unwrap_or("it does not say why"));
    }
    Live::join_look(cloud, home, &signed, kem).await
}

async fn sign(
    cloud: &Cloud,
    home: &MyHome,
    device: &DeviceKey,
    camera: PublicKey,
    kem: &KemSecret,
) -> anyhow::Result<Signed<Look>> {
    let nonce = ask_the_door(cloud, home).await?.look;
    let look = Look { door: home.door(), camera: camera.kid(), nonce, kem: Blob(kem.public()) };
    Ok(Signed::sign(look, device)?)
}
