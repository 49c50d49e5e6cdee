//! Letters through the cloud's letterboxes: how two devices that share a link's secret meet.

use crate::client::{Cloud, base64url, from_base64url};
use crate::keys::fresh;
use letterbox::{Secret, Slot};
use minicbor::{Decode, Encode};
use serde_json::json;

/// How long the cloud holds a question open, seconds: less than its answers may take.
const WAIT_S: u32 = 15;

/// A fresh secret for a link.
pub(crate) fn new_secret() -> Secret {
    Secret(fresh())
}

/// The secret as links carry it.
pub(crate) fn text(secret: &Secret) -> String {
    base64url(&secret.0)
}

/// Seals and posts.
pub(crate) async fn post<T: Encode<()>>(
    cloud: &str,
    secret: &Secret,
    slot: Slot,
    content: &T,
) -> anyhow::Result<()> {
    let letter = base64url(&secret.seal(slot, fresh(), content));
    Cloud::stranger(cloud)?.put(&path(secret, slot), &json!({ "letter": letter })).await.map(|_| ())
}

/// Waits for the other side's letter and opens it.
pub(crate) async fn wait<T>(cloud: &str, secret: &Secret, slot: Slot) -> anyhow::Result<T>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let cloud = Cloud::stranger(cloud)?;
    loop {
        let answer = cloud.get(&format!("{}?wait_s={WAIT_S}", path(secret, slot))).await?;
        if !answer.is_null() {
            return Ok(secret.open(slot, &from_base64url(&answer["letter"])?)?);
        }
    }
}

fn path(secret: &Secret, slot: Slot) -> String {
    format!("/v1/letterboxes/{}/{}", secret.number(), slot.name())
}
