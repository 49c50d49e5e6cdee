//! The household: someone opens a link, makes keys, and an owner signs to them.

use super::{MyHome, ROSTER};
use crate::client::{Cloud, base64url};
use crate::keys::Keys;
use crate::letters;
use anyhow::{Context, bail, ensure};
use letterbox::{Card, Reply, Secret, Slot};
use protocol::Signed;
use protocol::bytes::Blob;
use protocol::roster::Rank;
use serde_json::json;

/// Where the app takes whoever opens the link. The secret stands behind the `#`, which no server ever sees.
pub(crate) fn link(origin: &str, secret: &Secret) -> String {
    format!("{}/#/join/{}", origin.trim_end_matches('/'), letters::text(secret))
}

/// Waits for whoever opens the link.
pub(crate) async fn asked(cloud: &str, secret: &Secret) -> anyhow::Result<Card> {
    letters::wait(cloud, secret, Slot::Request).await
}

/// Signs the next roster with the card's keys, sends it home, and tells the device. The home keeps it only while someone
/// is at its hub.
pub(crate) async fn admit(
    cloud: &Cloud,
    base: &str,
    home: &mut MyHome,
    keys: &Keys,
    secret: &Secret,
    card: &Card,
    rank: Rank,
) -> anyhow::Result<()> {
    let next = card.admitted(home.roster.message(), home.roster.hash(), rank);
    let signed = Signed::sign(next, &keys.device()?)?;
    let body = json!({ "roster": [base64url(signed.bytes())] });
    let answer = cloud.post(&format!("{}/rosters", home.path()), &body).await?;
    match answer["kept_by_home"]["state"].as_str() {
        Some("kept") => {}
        Some("refused") if answer["kept_by_home"]["code"] == "presence_needed" => {
            bail!(
                "the home adds a key only while someone is there: press the button at the hub (`vestibule hub presence`) and try again"
            )
        }
        Some("refused") => bail!(
            "the home refused the new key: {}",
            answer["kept_by_home"]["code"].as_str().unwrap_or("no reason")
        ),
        Some(_) | None => bail!("the home does not answer; the new key does not count yet"),
    }
    ensure!(answer["in_force"] == true, "the home keeps the new key and does not count it yet");
    std::fs::write(keys.path(ROSTER), signed.bytes()).context("the roster cannot be kept")?;
    let envelope = Blob(signed.bytes().to_vec());
    home.roster = signed;
    letters::post(base, secret, Slot::Reply, &Reply::Home(vec![envelope])).await
}
