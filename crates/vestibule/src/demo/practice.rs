//! The demo goes on in two browsers: one is the resident, one the courier. This plays everyone else: the owner who lets the
//! resident's browser in, the carrier with its parcels, whoever presses the button at the hub, and the courier's arms.

use super::stage::Stage;
use crate::client::Cloud;
use crate::commands::hub;
use crate::letters;
use crate::people::provider::{self, Announced};
use crate::people::resident::{self, MyHome, household};
use crate::people::visitor::{Card, Practice as Drawn};
use ::hub::folder::Folder;
use anyhow::Context;
use letterbox::Secret;
use protocol::roster::Rank;
use protocol::sign_in::Role;
use protocol::time::{Timestamp, Window};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// How often the carrier looks whether its parcel may come, and the arms whether the door is open, ms.
const LOOK_MS: u64 = 200;
/// A person takes this long to push a door, to set a parcel down, to pull it shut, ms.
const HAND_MS: u64 = 1_200;
/// The next parcel is announced this long after the last one is inside, ms.
const NEXT_MS: u64 = 5_000;
/// One parcel a delivery: what is practised is the door, not the scanning.
const LABELS: [&str; 4] = ["RR123456785DE", "RR473124829DE", "LX100200304DE", "RR198765431DE"];
/// Stops before the door when the parcel is on its way, as the carrier says.
const AWAY: u8 = 3;
const NAME: &str = "Parcel service";

/// Two links, for two browsers.
pub(crate) struct Practice {
    resident: Secret,
    courier: Secret,
    origin: String,
}

impl Practice {
    /// New links. `origin` is where the browsers find the app.
    pub(crate) fn at(origin: String) -> Self {
        Self { resident: letters::new_secret(), courier: letters::new_secret(), origin }
    }

    /// Opens the app as a resident of the demo's home.
    pub(crate) fn resident_link(&self) -> String {
        household::link(&self.origin, &self.resident)
    }

    /// Opens the app as the courier.
    pub(crate) fn courier_link(&self) -> String {
        format!("{}/v/#/enrol/{}", self.origin, letters::text(&self.courier))
    }

    /// Plays until the demo ends; whatever fails is told in the log and tried again.
    pub(crate) async fn play(self, stage: Stage, home: MyHome) {
        let (handset, enrolled) = watch::channel(None);
        let admit = async {
            if let Err(why) = self.admit(&stage, home).await {
                tracing::error!("the resident's browser was not let in: {why:#}");
            }
        };
        let enrol = async {
            match provider::enrol_by_link(&stage.cloud, &stage.provider, &self.courier, NAME).await {
                Ok(card) => drop(handset.send_replace(Some(card))),
                Err(why) => tracing::error!("the courier's browser was not enrolled: {why:#}"),
            }
        };
        let deliver = async {
            let number = match number(&stage).await {
                Ok(number) => number,
                Err(why) => return tracing::error!("no delivery number to practise with: {why:#}"),
            };
            for label in LABELS.iter().cycle() {
                if let Err(why) = deliver(&stage, &number, label, enrolled.clone()).await {
                    tracing::error!("practice delivery: {why:#}");
                }
                sleep(Duration::from_millis(NEXT_MS)).await;
            }
        };
        tokio::join!(admit, enrol, deliver);
    }

    async fn admit(&self, stage: &Stage, mut home: MyHome) -> anyhow::Result<()> {
        let card = household::asked(&stage.cloud, &self.resident).await?;
        // In a demo the button is always pressed: someone sits in front of it.
        hub::ask(&stage.home(), &json!({ "ask": "presence" })).await?;
        let cloud = resident::sign_in(&stage.cloud, &stage.resident).await?;
        let keys = &stage.resident;
        household::admit(&cloud, &stage.cloud, &mut home, keys, &self.resident, &card, Rank::Owner).await
    }
}

/// The number that stands in the address line of every practice parcel.
async fn number(stage: &Stage) -> anyhow::Result<String> {
    let home = MyHome::of(&stage.resident)?;
    let cloud = resident::sign_in(&stage.cloud, &stage.resident).await?;
    resident::new_number(&cloud, &home, "practice").await
}

/// One parcel: announced, assigned, allowed beforehand or at the door, brought in, secured. Or not: then it is over, too.
async fn deliver(
    stage: &Stage,
    number: &str,
    label: &str,
    mut enrolled: watch::Receiver<Option<Card>>,
) -> anyhow::Result<()> {
    let now = crate::people::now();
    let window = Window { from: Timestamp(now.0 - 60), until: now.plus(4 * 3_600) };
    let labels = [label.to_owned()];
    let announced =
        provider::announce(&stage.cloud, &stage.provider, number, &labels, window, "a parcel").await?;
    let allowed = async {
        until(stage, &announced, |status| status["consignment"]["state"] != "awaiting").await?;
        confirm(stage).await
    };
    tokio::select! {
        brought = bring(stage, &announced, label, &mut enrolled) => brought,
        // Confirmed; the parcel goes on.
        Err(why) = allowed => Err(why),
    }
}

/// The courier's part, from the tour to the door that is shut again.
async fn bring(
    stage: &Stage,
    announced: &Announced,
    label: &str,
    enrolled: &mut watch::Receiver<Option<Card>>,
) -> anyhow::Result<()> {
    let card = enrolled.wait_for(Option::is_some).await?.clone().context("no handset")?;
    let drawn =
        Drawn { tag: Folder::at(stage.home()).door_tag()?.to_string(), labels: vec![label.to_owned()] };
    provider::assign(&stage.cloud, &stage.provider, announced, &card, "third floor, left", Some(drawn))
        .await?;
    provider::stops_away(&stage.cloud, &stage.provider, &announced.consignment, AWAY).await?;
    let is_at_door = |status: &Value| {
        status["visits"].as_array().into_iter().flatten().any(|visit| visit["state"] != "ended")
    };
    until(stage, announced, is_at_door).await?;
    let over = until(stage, announced, |status| !is_at_door(status));
    tokio::pin!(over);
    tokio::select! {
        // Rings and arms: what they do may come too late or be impossible, as in life. The home does not depend on it.
        carried = carry_in(stage, label) => {
            if let Err(why) = carried {
                tracing::info!("in the virtual home: {why:#}");
            }
            over.await?;
        }
        // The door stayed shut, and the courier is gone.
        over = &mut over => over?,
    }
    let _gone_already = stage.act(&json!("leave")).await;
    Ok(())
}

/// First permissions to a service wait for a second word: here the button at the hub.
async fn confirm(stage: &Stage) -> anyhow::Result<()> {
    let status = hub::ask(&stage.home(), &json!({ "ask": "status" })).await?;
    for grant in status["status"]["grants_pending"].as_array().into_iter().flatten() {
        hub::ask(&stage.home(), &json!({ "ask": "confirm", "grant": grant })).await?;
    }
    Ok(())
}

async fn until(stage: &Stage, announced: &Announced, is: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
    let root = provider::root(&stage.provider)?;
    loop {
        // A token lives for an hour, and a person may think longer: whatever fails, the carrier signs in again.
        let cloud = Cloud::sign_in(&stage.cloud, &root, Role::Provider).await?;
        while let Ok(status) = provider::status_of(&cloud, &announced.consignment).await {
            if is(&status) {
                return Ok(());
            }
            sleep(Duration::from_millis(LOOK_MS)).await;
        }
        sleep(Duration::from_millis(LOOK_MS)).await;
    }
}

async fn carry_in(stage: &Stage, label: &str) -> anyhow::Result<()> {
    let hand = || sleep(Duration::from_millis(HAND_MS));
    stage.act(&json!("ring")).await?;
    stage.wait_for(|truth| truth["bolt"] == "unlocked").await?;
    hand().await;
    stage.act(&json!("push")).await?;
    stage.until("the open door", |truth| truth["door"] == "open").await?;
    hand().await;
    stage.act(&json!({ "parcel": { "label": label } })).await?;
    hand().await;
    stage.act(&json!("close")).await?;
    stage.wait_for(|truth| truth["bolt"] == "locked").await
}
