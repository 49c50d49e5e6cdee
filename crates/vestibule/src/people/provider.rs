//! A provider: signs up, announces consignments, names handsets, assigns tours.

use super::{window_json, window_of};
use crate::client::{Cloud, base64url};
use crate::keys::{Keys, fresh};
use crate::letters;
use crate::people::visitor::{Card, Practice, Tour};
use crate::sealed;
use anyhow::{Context, ensure};
use letterbox::{Reply, Secret, Slot};
use protocol::assignment::Assignment;
use protocol::bytes::{AssignmentId, DoorId, Salt, TourId};
use protocol::commitment::{Commitment, Opening, Scan};
use protocol::delegation::Delegation;
use protocol::sign_in::Role;
use protocol::time::Window;
use protocol::{DeviceKey, Signed, canonical};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A working key is delegated for this long, seconds: a quarter of a year, then it rotates.
const DELEGATION_S: u64 = 92 * 86_400;

/// What the provider knows of a consignment and the cloud does not: labels and salts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Announced {
    pub(crate) consignment: String,
    pub(crate) door: String,
    pub(crate) parcels: Vec<Parcel>,
    pub(crate) from: u64,
    pub(crate) until: u64,
}

/// One parcel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Parcel {
    pub(crate) label: String,
    pub(crate) salt: String,
}

/// The provider's root key: signs delegations, and in.
pub(crate) fn root(keys: &Keys) -> anyhow::Result<DeviceKey> {
    keys.device()
}

/// Signs up. The answer holds the thumbprint that residents see as a fingerprint.
pub(crate) async fn sign_up(cloud: &str, keys: &Keys, name: &str) -> anyhow::Result<Value> {
    Cloud::sign_up_provider(cloud, &root(keys)?, name).await
}

/// Enrols a handset from its card.
pub(crate) async fn enrol_handset(cloud: &str, keys: &Keys, card: &Card) -> anyhow::Result<Value> {
    let cloud = Cloud::sign_in(cloud, &root(keys)?, Role::Provider).await?;
    let body = json!({ "credential": card.credential, "name": card.name, "kem": card.kem });
    cloud.post("/v1/provider/handsets", &body).await
}

/// Waits for whoever opens a link of this secret, enrols the handset, and says so to it. The one who asks is the one who
/// was given the link: so it goes to a person, not to a wall.
pub(crate) async fn enrol_by_link(
    cloud: &str,
    keys: &Keys,
    secret: &Secret,
    name: &str,
) -> anyhow::Result<Card> {
    let asked: letterbox::Card = letters::wait(cloud, secret, Slot::Request).await?;
    let card = Card {
        name: asked.name,
        credential: base64url(&canonical::encode(&asked.device)),
        kem: base64url(&asked.kem.0),
    };
    enrol_handset(cloud, keys, &card).await?;
    letters::post(cloud, secret, Slot::Reply, &Reply::Handset(name.into())).await?;
    Ok(card)
}

/// Announces parcels to whoever gave this delivery number.
pub(crate) async fn announce(
    cloud: &str,
    keys: &Keys,
    number: &str,
    labels: &[String],
    window: Window,
    description: &str,
) -> anyhow::Result<Announced> {
    let parcels: Vec<(Parcel, Commitment)> =
        labels.iter().map(|label| parcel(label)).collect::<Result<_, _>>()?;
    let mut commitments: Vec<Commitment> = parcels.iter().map(|(_, commitment)| *commitment).collect();
    commitments.sort();
    let signed_in = Cloud::sign_in(cloud, &root(keys)?, Role::Provider).await?;
    let body = json!({
        "delivery_number": number,
        "commitments": commitments.iter().map(|c| c.0.to_string()).collect::<Vec<_>>(),
        "service": "delivery",
        "window": window_json(window),
        "description": description,
        "idempotency_key": AssignmentId(fresh()).to_string(),
    });
    let answer = signed_in.post("/v1/provider/consignments", &body).await?;
    let text =
        |field: &str| answer[field].as_str().map(String::from).context("the cloud's answer is incomplete");
    let announced = Announced {
        consignment: text("consignment")?,
        door: text("door")?,
        parcels: parcels.into_iter().map(|(parcel, _)| parcel).collect(),
        from: window.from.0,
        until: window.until.0,
    };
    // The salts exist nowhere else: without them no label opens its commitment.
    keys.remember(&format!("consignment-{}.json", announced.consignment), &announced)?;
    keys.remember("consignment-newest.json", &announced)?;
    Ok(announced)
}

fn parcel(label: &str) -> anyhow::Result<(Parcel, Commitment)> {
    let salt = Salt(fresh());
    let scan = Scan::from_label(label).with_context(|| {
        format!("the label {label:?} is no label: 1 to 96 letters, digits and signs, no umlauts")
    })?;
    let commitment = Opening { salt, scan }.commitment();
    Ok((Parcel { label: label.into(), salt: salt.to_string() }, commitment))
}

/// Assigns a consignment to a handset: signed by the working key, which the root key delegates.
pub(crate) async fn assign(
    cloud: &str,
    keys: &Keys,
    announced: &Announced,
    card: &Card,
    place: &str,
    practice: Option<Practice>,
) -> anyhow::Result<Signed<Assignment>> {
    let working = keys.signing_or_new("working.key")?;
    let window =
        window_of(&json!({ "from": announced.from, "until": announced.until })).context("no window")?;
    let now = super::now();
    let delegation = Delegation {
        root: root(keys)?.public(),
        key: working.public(),
        window: Window { from: protocol::time::Timestamp(now.0 - 3_600), until: now.plus(DELEGATION_S) },
    };
    let delegation = Signed::sign(delegation, &root(keys)?)?;
    let mut errands: Vec<Commitment> = openings(announced)?.iter().map(Opening::commitment).collect();
    errands.sort();
    let assignment = Assignment {
        id: AssignmentId(fresh()),
        door: DoorId::from_hex(&announced.door).context("the door's name is not 32 hexadecimal digits")?,
        provider: root(keys)?.kid(),
        service: "delivery".into(),
        errands,
        cnf: card.credential()?,
        tour: TourId(fresh()),
        attributes: vec!["employee".into()],
        window,
    };
    let assignment = Signed::sign(assignment, &working)?;
    let tour = Tour {
        place: place.into(),
        assignment: base64url(assignment.bytes()),
        salts: announced.parcels.iter().map(|parcel| parcel.salt.clone()).collect(),
        practice,
    };
    let tour_sealed = sealed::seal(&card.kem()?, sealed::TOUR, &serde_json::to_vec(&tour)?)?;
    let signed_in = Cloud::sign_in(cloud, &root(keys)?, Role::Provider).await?;
    let body = json!({
        "assignment": base64url(assignment.bytes()),
        "delegation": base64url(delegation.bytes()),
        "tour_sealed": base64url(&tour_sealed),
    });
    let answer = signed_in.post("/v1/provider/assignments", &body).await?;
    ensure!(
        answer["kept_by_home"]["state"] != "refused",
        "the home refused the assignment: {}",
        answer["kept_by_home"]["code"].as_str().unwrap_or("no reason")
    );
    std::fs::write(keys.path("assignment.cose"), assignment.bytes())?;
    std::fs::write(keys.path("delegation.cose"), delegation.bytes())?;
    keys.remember(&order_file(&announced.consignment), &assignment.hash().to_string())?;
    Ok(assignment)
}

/// Where the name of a consignment's newest assignment is kept.
fn order_file(consignment: &str) -> String {
    format!("assignment-of-{consignment}.json")
}

/// Says how many stops are before the door of a consignment's newest assignment.
pub(crate) async fn stops_away(cloud: &str, keys: &Keys, consignment: &str, stops: u8) -> anyhow::Result<()> {
    let assignment: String = keys.recall(&order_file(consignment), "vestibule provider assign")?;
    let signed_in = Cloud::sign_in(cloud, &root(keys)?, Role::Provider).await?;
    let path = format!("/v1/provider/assignments/{assignment}/stops-away");
    signed_in.put(&path, &json!({ "stops_away": stops })).await?;
    Ok(())
}

fn openings(announced: &Announced) -> anyhow::Result<Vec<Opening>> {
    let opening = |parcel: &Parcel| {
        let salt = Salt::from_hex(&parcel.salt).context("a salt is not 32 hexadecimal digits")?;
        let scan = Scan::from_label(&parcel.label).context("a label is no label")?;
        anyhow::Ok(Opening { salt, scan })
    };
    announced.parcels.iter().map(opening).collect()
}

/// What became of a consignment, coarse.
pub(crate) async fn status(cloud: &str, keys: &Keys, consignment: &str) -> anyhow::Result<Value> {
    let cloud = Cloud::sign_in(cloud, &root(keys)?, Role::Provider).await?;
    status_of(&cloud, consignment).await
}

/// The same, signed in already.
pub(crate) async fn status_of(cloud: &Cloud, consignment: &str) -> anyhow::Result<Value> {
    cloud.get(&format!("/v1/provider/consignments/{consignment}")).await
}
