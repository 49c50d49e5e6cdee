//! The household: someone opens a link, makes keys, and an owner signs to them.

use super::{MyHome, ROSTER};
use crate::client::{Cloud, base64url};
use crate::keys::Keys;
use crate::letters;
use anyhow::{Context, bail};
use letterbox::{Card, Reply, Secret, Slot};
use protocol::Signed;
use protocol::bytes::Blob;
use protocol::roster::Rank;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the door log may take to tell of a new roster, seconds.
const IN_FORCE_S: u64 = 10;

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
    in_force(cloud, home, signed.message().epoch).await?;
    std::fs::write(keys.path(ROSTER), signed.bytes()).context("the roster cannot be kept")?;
    let envelope = Blob(signed.bytes().to_vec());
    home.roster = signed;
    letters::post(base, secret, Slot::Reply, &Reply::Home(vec![envelope])).await
}

/// Waits until the home's own log says that a roster counts: it comes right behind the home's "kept".
async fn in_force(cloud: &Cloud, home: &MyHome, epoch: u64) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(IN_FORCE_S);
    loop {
        let answer = cloud.get(&format!("{}/rosters", home.path())).await?;
        if answer["epoch"].as_u64() >= Some(epoch) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("the home keeps the new key, and its log does not say yet that it counts; ask again later");
        }
        sleep(Duration::from_millis(100)).await;
    }
}
