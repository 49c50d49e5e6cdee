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
use crate::people::resident::{self, MyHome, Wishes};
use crate::people::visitor::{self, Card, Door};
use ::hub::folder::Folder;
use ::hub::ring_verifier::RingVerifier;
use anyhow::{Context, bail, ensure};
use protocol::time::Window;
use protocol::uplink::ToVisitor;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

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
) -> anyhow::Result<MyHome> {
    let folder = Folder::at(stage.home());
    let (roster, _recovery) = resident::enrol(&stage.resident, &folder.invitation()?, "phone")?;
    folder.pair(&roster, &RingVerifier)?;
    Cloud::register_home(&stage.cloud, &roster, &folder.key("door.key")?).await?;
    view.say(Who::Resident, "paired with the home; the first roster is signed");
    stage.start_hub(processes).await?;
    view.say(Who::Home, "looked at the door: closed and locked");
    view.door(DoorPicture::Locked);

    provider::sign_up(&stage.cloud, &stage.provider, "Parcel service").await?;
    operator::admit(&stage.cloud, &stage.operator, &stage.provider.kid()?.to_string()).await?;
    provider::enrol_handset(&stage.cloud, &stage.provider, &card(stage)?).await?;
    view.say(Who::Provider, "enrolled the courier's handset");
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
) -> anyhow::Result<Announced> {
    let number = resident::new_number(cloud, home, "book shop").await?;
    view.say(Who::Resident, &format!("wrote the delivery number {number} into the address line"));
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
    hub::ask(&stage.home(), &json!({ "ask": "confirm", "grant": hash.to_string() })).await?;
    view.say(Who::Home, "keeps the permission; a first one is confirmed at its button");

    provider::assign(&stage.cloud, &stage.provider, &announced, &card(stage)?, "third floor, left").await?;
    view.say(Who::Provider, "assigned the tour, sealed to the handset");
    Ok(announced)
}

/// The visit: from the bell to the last word of the door.
pub(crate) async fn deliver(
    stage: &Stage,
    home: Arc<MyHome>,
    cloud: &Cloud,
    view: &Arc<View>,
    house_acts: bool,
    on_seen: impl Fn(&resident::watch::Seen) + Send + 'static,
) -> anyhow::Result<Played> {
    let stops = visitor::tour(&stage.cloud, &stage.courier).await?;
    let stop = stops.first().context("the tour is empty")?;
    ensure!(stop.possible_now, "the tour says: not possible here today");
    if house_acts {
        stage.act(&json!("ring")).await?;
    }
    let tag = Folder::at(stage.home()).door_tag()?.to_string();
    let mut door = visitor::arrive(&stage.cloud, &stage.courier, stop, &tag).await?;
    view.say(Who::Courier, "is here; is told: you are being filmed now, no sound");
    view.state("at the door: the recording runs, a challenge is out");
    let visit = door.visit().to_owned();
    let (sight, watching) =
        watch(cloud.clone(), Arc::clone(&home), stage.resident.clone(), visit.clone(), on_seen);
    let ages = show_age(Arc::clone(view), Arc::clone(&sight));

    let labels: Vec<String> = LABELS.iter().map(|label| (*label).into()).collect();
    let scanned = Instant::now();
    match door.scan(&labels).await? {
        ToVisitor::Open => {}
        word => bail!("the door says: {}", visitor::sentence(&word)),
    }
    view.say(Who::Courier, &format!("scanned 3 labels; open after {} ms", scanned.elapsed().as_millis()));
    view.say(Who::Home, "checked 16 steps, burned the use, moved the bolt");
    view.door(DoorPicture::Unlocked);
    view.state("open: push it in, please stay outside");
    if house_acts {
        push_in(stage, view).await?;
    }
    door.wait_for(&ToVisitor::Secured).await?;
    view.door(DoorPicture::Locked);
    view.say(Who::Home, "door closed for a second, bolt thrown, both sensors agree");
    view.say(Who::Courier, "says: 3 inside; done, next stop");
    if house_acts {
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

async fn push_in(stage: &Stage, view: &View) -> anyhow::Result<()> {
    stage.act(&json!("push")).await?;
    stage.until("the open door", |truth| truth["door"] == "open").await?;
    view.door(DoorPicture::Open);
    for (number, label) in LABELS.iter().enumerate() {
        stage.act(&json!({ "parcel": { "label": label } })).await?;
        stage.until("the parcel", |truth| truth["parcels_inside"] == number + 1).await?;
        view.say(Who::Courier, &format!("parcel {} of {} is inside", number + 1, LABELS.len()));
    }
    stage.act(&json!("close")).await?;
    stage.until("the closed door", |truth| truth["door"] == "closed").await?;
    view.door(DoorPicture::Unlocked);
    Ok(())
}

async fn goodbye(door: &mut Door) -> anyhow::Result<()> {
    door.farewell(u32::try_from(LABELS.len())?).await?;
    door.wait_for(&ToVisitor::Ended).await
}

fn show_age(view: Arc<View>, sight: Arc<Sight>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            view.picture_age(sight.age(unix_ms()));
            sleep(Duration::from_millis(100)).await;
        }
    })
}

fn unix_ms() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000 + u64::try_from(now.tv_nsec).unwrap_or(0) / 1_000_000
}
