//! Letters through the cloud's letterboxes: how two devices that share a link's secret meet.

use crate::client::{Cloud, base64url, from_base64url};
use crate::keys::fresh;
use anyhow::Context;
use letterbox::{Secret, Slot};
use minicbor::{Decode, Encode};
use protocol::bytes::{DoorId, DoorTag, HomeId};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

/// How long the cloud holds a question open, seconds: less than its answers may take.
const WAIT_S: u32 = 15;
/// How long a cloud that stopped answering is left alone before it is asked again, seconds.
const AGAIN_S: u64 = 2;

/// A fresh secret for a link.
pub(crate) fn new_secret() -> Secret {
    Secret(fresh())
}

/// A link as a QR code for a terminal.
pub(crate) fn code(link: &str) -> anyhow::Result<String> {
    // As on most terminals, light on dark: what is light in the code is drawn, quiet zone included.
    let code = QrCode::new(link).context("the link is too long for a QR code")?;
    Ok(code.render().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

/// The secret as links carry it.
pub(crate) fn text(secret: &Secret) -> String {
    base64url(&secret.0)
}

/// What the hub says of itself, as a letter holds it.
pub(crate) fn invitation(text: &hub::folder::Invitation) -> anyhow::Result<letterbox::Invitation> {
    let (door_key, recorder_keys) =
        text.keys().context("the invitation's keys are not uncompressed P-256 points in hexadecimal")?;
    let digits = |field| format!("the invitation's `{field}` is not 32 hexadecimal digits");
    Ok(letterbox::Invitation {
        home: HomeId::from_hex(&text.home).with_context(|| digits("home"))?,
        door: DoorId::from_hex(&text.door).with_context(|| digits("door"))?,
        door_tag: DoorTag::from_hex(&text.door_tag).with_context(|| digits("door_tag"))?,
        door_key,
        recorder_keys,
    })
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

/// Waits for the other side's letter and opens it. A cloud that answered once may be silent for a while: people take
/// their time, and clouds are restarted.
pub(crate) async fn wait<T>(cloud: &str, secret: &Secret, slot: Slot) -> anyhow::Result<T>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    let cloud = Cloud::stranger(cloud)?;
    let mut heard = false;
    loop {
        match cloud.get(&format!("{}?wait_s={WAIT_S}", path(secret, slot))).await {
            Ok(nothing) if nothing.is_null() => heard = true,
            Ok(answer) => return Ok(secret.open(slot, &from_base64url(&answer["letter"])?)?),
            Err(why) if !heard => return Err(why),
            Err(why) => {
                tracing::warn!("asking again in {AGAIN_S} s: {why:#}");
                sleep(Duration::from_secs(AGAIN_S)).await;
            }
        }
    }
}

fn path(secret: &Secret, slot: Slot) -> String {
    format!("/v1/letterboxes/{}/{}", secret.number(), slot.name())
}
