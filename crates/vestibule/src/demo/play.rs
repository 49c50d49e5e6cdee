//! The delivery of the demo, from the announcement to the receipt that anyone can check.

use super::stage::{Processes, Stage};
use super::watching::{Sight, watch};
use crate::client::Cloud;
use crate::commands::hub;
use crate::delivery_folder::{self, verify::Proven};
use crate::panes::{DoorPicture, View, Who};
use crate::people::operator;
use crate::people::provider::{self, Announced};
use crate::people::resident::folder::{Holders, collect};
use crate::people::resident::showing::Showing;
use crate::people::resident::{self, MyHome, Wishes};
use crate::people::visitor::{self, Card, Door};
use ::hub::folder::{Folder, hex};
use ::hub::ring_verifier::RingVerifier;
use anyhow::{Context, bail, ensure};
use protocol::time::Window;
use protocol::uplink::ToVisitor;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How fast the play goes, and where it is shown.
pub(crate) struct Direction {
    /// Pause between two things that people do; zero for tests.
    pub(crate) pace: Duration,
    /// People of the virtual home act; false with a real lock, where people do.
    pub(crate) house_acts: bool,
    /// The local page.
    pub(crate) showing: Arc<Showing>,
}

impl Direction {
    /// People take their time.
    pub(crate) async fn pause(&self) {
        sleep(self.pace).await;
    }
}

/// The parcels of the demo: three S10 labels, one opening.
pub(crate) const LABELS: [&str; 3] = ["RR123456785DE", "RR473124829DE", "LX100200304DE"];

/// What a play leaves behind.
pub(crate) struct Played {
    pub(crate) visit: String,
    pub(crate) folder: PathBuf,
    pub(crate) proven: Proven,
    pub(crate) clip_ms: u64,
    pub(crate) seen: Arc<Sight>,
}

/// Everyone gets to know each other: what happens once, before the first delivery.
pub(crate) async fn introduce(
    stage: &Stage,
    processes: &mut Processes,
    view: &View,
    direction: &Direction,
) -> anyhow::Result<MyHome> {
    let folder = Folder::at(stage.home());
    let (roster, recovery) = resident::enrol(&stage.resident, &folder.invitation()?, "phone")?;
    // A home's sheet is paper. That of a practice lies in its folder, for whoever practises losing every phone.
    std::fs::write(stage.resident.path("recovery.txt"), hex(&recovery))?;
    folder.pair(&roster, &RingVerifier)?;
    Cloud::register_home(&stage.cloud, &roster, &folder.key("door.key")?).await?;
    view.say(Who::Resident, "paired with the home; the first roster is signed");
    stage.start_hub(processes).await?;
    view.say(Who::Home, "looked at the door: closed and locked");
    direction.pause().await;
    view.door(DoorPicture::Locked);

    provider::sign_up(&stage.cloud, &stage.provider, "Parcel service").await?;
    operator::admit(&stage.cloud, &stage.operator, &stage.provider.kid()?.to_string()).await?;
    provider::enrol_handset(&stage.cloud, &stage.provider, &card(stage)?).await?;
    view.say(Who::Provider, "enrolled the courier's handset");
    direction.pause().await;
    MyHome::of(&stage.resident)
}

fn card(stage: &Stage) -> anyhow::Result<Card> {
    Card::of(&stage.courier, "handset")
}

/// The papers: announced, allowed, assigned.
pub(crate) async fn prepare(
    stage: &Stage,
    home: &MyHome,
    cloud: &Cloud,
    view: &View,
    direction: &Direction,
) -> anyhow::Result<Announced> {
    let number = resident::new_number(cloud, home, "book shop").await?;
    view.say(Who::Resident, &format!("wrote the delivery number {number} into the address line"));
    direction.pause().await;
    let now = crate::people::now();
    let window = Window { from: protocol::time::Timestamp(now.0 - 60), until: now.plus(4 * 3_600) };
    let labels: Vec<String> = LABELS.iter().map(|label| (*label).into()).collect();
    let announced =
        provider::announce(&stage.cloud, &stage.provider, &number, &labels, window, "three parcels").await?;
    view.say(Who::Provider, "announced three parcels; the salts stay here");

    let awaiting = resident::awaiting(cloud, home).await?;
    let one = awaiting.first().context("the announcement did not reach the resident")?;
    let grant = resident::draft(home, one, Wishes::default())?;
    let hash = resident::approve(cloud, home, &stage.resident, grant).await?;
    view.say(Who::Resident, "allowed: 1 opening, 60 s at most, on camera");
    direction.pause().await;
    hub::ask(&stage.home(), &json!({ "ask": "confirm", "grant": hash.to_string() })).await?;
    view.say(Who::Home, "keeps the permission; a first one is confirmed at its button");

    provider::assign(&stage.cloud, &stage.provider, &announced, &card(stage)?, "third floor, left", None)
        .await?;
    view.say(Who::Provider, "assigned the tour, sealed to the handset");
    direction.pause().await;
    Ok(announced)
}

/// The visit: from the bell to the last word of the door.
pub(crate) async fn deliver(
    stage: &Stage,
    home: Arc<MyHome>,
    cloud: &Cloud,
    view: &Arc<View>,
    direction: &Direction,
) -> anyhow::Result<Played> {
    let stops = visitor::tour(&stage.cloud, &stage.courier).await?;
    let stop = stops.first().context("the tour is empty")?;
    ensure!(stop.possible_now, "the tour says: not possible here today");
    if direction.house_acts {
        stage.act(&json!("ring")).await?;
        direction.pause().await;
    }
    let tag = Folder::at(stage.home()).door_tag()?.to_string();
    let mut door = visitor::arrive(&stage.cloud, &stage.courier, stop, &tag).await?;
    view.say(Who::Courier, "is here; is told: you are being filmed now, no sound");
    view.state("at the door: the recording runs, a challenge is out");
    let visit = door.visit().to_owned();
    let page = Arc::clone(&direction.showing);
    let (sight, watching) =
        watch(cloud.clone(), Arc::clone(&home), stage.resident.clone(), visit.clone(), move |seen| {
            page.picture(seen);
        });
    show_timeline(Arc::clone(&direction.showing), cloud.clone(), Arc::clone(&home), visit.clone());
    let ages = show_age(Arc::clone(view), Arc::clone(&sight));

    direction.pause().await;
    let labels: Vec<String> = LABELS.iter().map(|label| (*label).into()).collect();
    let scanned = Instant::now();
    match door.scan(&labels).await? {
        ToVisitor::Open => {}
        word => bail!("the door says: {}", visitor::sentence(&word)),
    }
    view.say(Who::Courier, &format!("scanned 3 labels; open after {} ms", scanned.elapsed().as_millis()));
    view.say(Who::Home, "burned the use, moved the bolt");
    view.door(DoorPicture::Unlocked);
    view.state("open: push it in, please stay outside");
    if direction.house_acts {
        push_in(stage, view, direction).await?;
    }
    door.wait_for(&ToVisitor::Secured).await?;
    view.door(DoorPicture::Locked);
    view.say(Who::Home, "door closed for a second, bolt thrown, both sensors agree");
    view.say(Who::Courier, "says: 3 inside; done, next stop");
    if direction.house_acts {
        stage.act(&json!("leave")).await?;
    }
    goodbye(&mut door).await?;
    view.state("the visit is over; the proof is being put together");

    let folder = stage.dir.join("delivery");
    let holders = Holders { resident: &stage.resident, provider: &stage.provider, courier: &stage.courier };
    let clip_ms = collect(holders, &home, cloud, &visit, &folder).await?;
    watching.await??;
    ages.abort();
    let proven = delivery_folder::verify::verify(&folder)?;
    Ok(Played { visit, folder, proven, clip_ms, seen: sight })
}

async fn push_in(stage: &Stage, view: &View, direction: &Direction) -> anyhow::Result<()> {
    stage.act(&json!("push")).await?;
    stage.until("the open door", |truth| truth["door"] == "open").await?;
    view.door(DoorPicture::Ajar);
    for (number, label) in LABELS.iter().enumerate() {
        stage.act(&json!({ "parcel": { "label": label } })).await?;
        view.door(DoorPicture::Open);
        stage.until("the parcel", |truth| truth["parcels_inside"] == number + 1).await?;
        view.say(Who::Courier, &format!("parcel {} of {} is inside", number + 1, LABELS.len()));
    }
    direction.pause().await;
    stage.act(&json!("close")).await?;
    view.door(DoorPicture::Ajar);
    stage.until("the closed door", |truth| truth["door"] == "closed").await?;
    view.door(DoorPicture::Unlocked);
    Ok(())
}

async fn goodbye(door: &mut Door) -> anyhow::Result<()> {
    door.farewell(u32::try_from(LABELS.len())?).await?;
    door.wait_for(&ToVisitor::Ended).await
}

/// The page's timeline, from the door's events as the cloud projects them.
fn show_timeline(showing: Arc<Showing>, cloud: Cloud, home: Arc<MyHome>, visit: String) {
    tokio::spawn(async move {
        loop {
            // Not there yet, or not there for a moment: the page says by itself how old its news is.
            let _no_news = showing.refresh(&cloud, &home, &visit).await;
            sleep(Duration::from_millis(500)).await;
        }
    });
}

fn show_age(view: Arc<View>, sight: Arc<Sight>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            view.picture_age(sight.age(crate::people::now_unix_ms()));
            sleep(Duration::from_millis(100)).await;
        }
    })
}
