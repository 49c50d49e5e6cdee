//! A resident: makes the home's roster, signs permissions, revokes them, answers, watches, keeps the proof.

pub(crate) mod folder;
pub(crate) mod household;
pub(crate) mod look;
pub(crate) mod proof;
pub(crate) mod showing;
pub(crate) mod watch;

use super::window_of;
use crate::client::{Cloud, base64url, from_base64url};
use crate::keys::{Keys, fresh};
use crate::letters;
use anyhow::{Context, bail, ensure};
use drafts::{Change, Wish};
use hub::folder::Invitation;
use letterbox::Card;
use protocol::answer::{Answer, Word};
use protocol::bytes::{DoorId, GrantId, Hash, Nonce, VisitId};
use protocol::commitment::Commitment;
use protocol::grant::{Errand, Grant, Grantee};
use protocol::head::Head;
use protocol::key::Kid;
use protocol::revocation::Revocation;
use protocol::roster::Roster;
use protocol::sign_in::Role;
use protocol::time::{Timestamp, Window};
use protocol::{Claimed, Credential, DeviceKey, Signed, Signer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a resident's device knows of its home. The roster proves it.
pub(crate) struct MyHome {
    pub(crate) roster: Signed<Roster>,
}

/// A consignment that waits for the resident's word.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Awaiting {
    pub(crate) consignment: String,
    pub(crate) provider: String,
    pub(crate) provider_name: String,
    pub(crate) service: String,
    pub(crate) commitments: Vec<String>,
    pub(crate) description: String,
    pub(crate) window: Value,
}

/// What the resident decides beyond the usual terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wishes {
    /// Seconds that the door may stand open.
    pub(crate) door_open_s: u32,
    /// Visits in all.
    pub(crate) uses: u32,
}

impl Default for Wishes {
    fn default() -> Self {
        Self { door_open_s: 60, uses: 1 }
    }
}

const ROSTER: &str = "roster.cose";

/// Makes the first roster from the hub's invitation: this device as owner, and a recovery key.
/// Returns the roster's envelope and the recovery secret, which is printed and kept nowhere.
pub(crate) fn enrol(keys: &Keys, invitation: &Invitation, name: &str) -> anyhow::Result<(Vec<u8>, [u8; 32])> {
    let device = keys.device()?;
    let recovery = recovery_secret();
    let recovery_key = DeviceKey::from_secret(&recovery).context("the recovery key")?;
    let card =
        Card { name: name.into(), device: device.credential(), passkey: None, kem: keys.kem_public()? };
    let roster = letters::invitation(invitation)?.first_roster(&card, recovery_key.public());
    let signed = Signed::sign(roster, &device)?;
    std::fs::write(keys.path(ROSTER), signed.bytes()).context("the roster cannot be kept")?;
    Ok((signed.bytes().to_vec(), recovery))
}

fn recovery_secret() -> [u8; 32] {
    loop {
        let secret = fresh();
        if DeviceKey::from_secret(&secret).is_some() {
            return secret;
        }
    }
}

impl MyHome {
    /// From the roster that this device signed.
    pub(crate) fn of(keys: &Keys) -> anyhow::Result<Self> {
        let path = keys.path(ROSTER);
        let bytes = std::fs::read(&path).with_context(|| {
            format!("{} does not exist yet. First run `vestibule resident enrol`", path.display())
        })?;
        let claimed = Claimed::<Roster>::parse(&bytes).context(ROSTER)?;
        let roster = claimed
            .verify(&keys.device()?.credential(), &hub::ring_verifier::RingVerifier)
            .context(ROSTER)?;
        Ok(Self { roster })
    }

    pub(crate) fn door(&self) -> DoorId {
        self.roster.message().door
    }

    pub(crate) fn path(&self) -> String {
        format!("/v1/homes/{}", self.roster.message().home)
    }
}

/// Signs in as resident.
pub(crate) async fn sign_in(cloud: &str, keys: &Keys) -> anyhow::Result<Cloud> {
    Cloud::sign_in(cloud, &keys.device()?, Role::Resident).await
}

/// Draws a delivery number to write into the address line.
pub(crate) async fn new_number(cloud: &Cloud, home: &MyHome, label: &str) -> anyhow::Result<String> {
    let answer = cloud.post(&format!("{}/delivery-numbers", home.path()), &json!({ "label": label })).await?;
    answer["number"].as_str().map(Into::into).context("the cloud gave no number")
}

/// Consignments that wait.
pub(crate) async fn awaiting(cloud: &Cloud, home: &MyHome) -> anyhow::Result<Vec<Awaiting>> {
    let answer = cloud.get(&format!("{}/consignments?state=awaiting", home.path())).await?;
    let list = answer["consignments"].as_array().cloned().unwrap_or_default();
    list.into_iter().map(|one| serde_json::from_value(one).context("the cloud's consignments")).collect()
}

/// The permission for one consignment, before it is signed: what the letter shows is read from this.
pub(crate) fn draft(home: &MyHome, awaiting: &Awaiting, wishes: Wishes) -> anyhow::Result<Grant> {
    let commitment =
        |text: &String| Hash::from_hex(text).map(Commitment).context("a commitment is not 64 digits");
    let parcels = awaiting.commitments.iter().map(commitment).collect::<Result<_, _>>()?;
    let root = Kid::from_hex(&awaiting.provider).context("the provider's key is not 64 digits")?;
    let window = window_of(&awaiting.window).context("the consignment has no window")?;
    let wish = Wish {
        door_open_s: wishes.door_open_s,
        uses_per_window: wishes.uses,
        ..Wish::parcels(root, awaiting.provider_name.clone(), parcels, window)
    };
    Ok(wish.grant(home.roster.message(), GrantId(fresh())))
}

/// Signs a permission and sends it home. Answers with H(grant) once the home keeps it.
pub(crate) async fn approve(cloud: &Cloud, home: &MyHome, keys: &Keys, grant: Grant) -> anyhow::Result<Hash> {
    let signed = Signed::sign(grant, &keys.device()?)?;
    std::fs::write(keys.path("grant.cose"), signed.bytes()).context("the permission cannot be kept")?;
    let body = json!({ "grant": base64url(signed.bytes()) });
    let answer = cloud.post(&format!("{}/grants", home.path()), &body).await?;
    match answer["kept_by_home"]["state"].as_str() {
        Some("kept" | "pending") => Ok(signed.hash()),
        Some(_) | None => bail!(
            "the home refused the permission: {}",
            answer["kept_by_home"]["code"].as_str().unwrap_or("no reason")
        ),
    }
}

/// What a block or revocation became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The home has confirmed.
    Confirmed,
    /// Not confirmed; the door could open until then.
    NotConfirmed(Option<u64>),
}

/// Sends the next revocation list: what was stopped stays stopped.
pub(crate) async fn stop(
    cloud: &Cloud,
    home: &MyHome,
    keys: &Keys,
    change: Change,
) -> anyhow::Result<Stopped> {
    let path = format!("{}/revocations", home.path());
    let list = drafts::stop(home.door(), newest_list(cloud, home, &path).await?, super::now(), change);
    let signed = Signed::sign(list, &keys.device()?)?;
    let answer = cloud.post(&path, &json!({ "revocation": base64url(signed.bytes()) })).await?;
    if answer["state"] == "refused" {
        bail!("the home refused: {}", answer["kept_by_home"]["code"].as_str().unwrap_or("no reason"));
    }
    // The cloud's word is a reason to look, and no confirmation.
    let is_said = answer["state"] == "confirmed" || answer["kept_by_home"]["state"] == "kept";
    Ok(if is_said && proof::door_keeps(cloud, home, signed.hash()).await? {
        Stopped::Confirmed
    } else {
        Stopped::NotConfirmed(answer["could_open_until"].as_u64())
    })
}

async fn newest_list(cloud: &Cloud, home: &MyHome, path: &str) -> anyhow::Result<Option<Revocation>> {
    let answer = cloud.get(path).await?;
    let Some(newest) = answer["revocations"].as_array().and_then(|list| list.first()).cloned() else {
        return Ok(None);
    };
    let claimed =
        Claimed::<Revocation>::parse(&from_base64url(&newest["revocation"])?).context("the newest list")?;
    // A list that nobody at home signed would make the next one lift what a resident stopped. The one that the door keeps
    // counts all the same: whoever signed it may have been removed since.
    let Some(signer) = home.roster.message().revoker(claimed.kid()) else {
        ensure!(
            proof::door_keeps(cloud, home, claimed.hash()).await?,
            "the cloud's newest revocation list is not signed by a resident of this home"
        );
        return Ok(Some(claimed.unproven().clone()));
    };
    let list =
        claimed.verify(&signer.credential, &hub::ring_verifier::RingVerifier).context("the newest list")?;
    Ok(Some(list.message().clone()))
}

/// A signed word during a visit.
pub(crate) async fn say(
    cloud: &Cloud,
    home: &MyHome,
    keys: &Keys,
    visit: VisitId,
    word: Word,
) -> anyhow::Result<()> {
    let answer = Answer { door: home.door(), visit, word };
    let signed = Signed::sign(answer, &keys.device()?)?;
    cloud.post(&format!("{}/answers", home.path()), &json!({ "answer": base64url(signed.bytes()) })).await?;
    Ok(())
}

/// Asks the door itself, over a nonce of this device: no answer means "not known", never "all quiet".
pub(crate) async fn ask_the_door(cloud: &Cloud, home: &MyHome) -> anyhow::Result<Head> {
    let nonce = Nonce(fresh());
    let body = json!({ "nonce": base64url(&nonce.0) });
    let answer = cloud.post(&format!("{}/head", home.path()), &body).await?;
    let claimed = Claimed::<Head>::parse(&from_base64url(&answer["head"])?).context("the door's answer")?;
    let door = Credential::device(home.roster.message().door_key);
    let head = claimed.verify(&door, &hub::ring_verifier::RingVerifier).context("the door's answer")?;
    ensure!(head.message().nonce == nonce, "the door's answer is an old one");
    ensure!(head.message().door == home.door(), "the answer is of another door");
    Ok(head.message().clone())
}

/// The letter: what a permission says, in words, read from the very grant that is signed.
pub(crate) fn letter(grant: &Grant) -> Vec<String> {
    let name = match &grant.to {
        Grantee::Provider { root, name } => format!("{name} (key {})", root.fingerprint()),
        Grantee::Holder { cnf, name } => format!("{name} (key {})", cnf.kid().fingerprint()),
    };
    let what = match &grant.errand {
        Errand::Consignments(list) => format!("these {} parcels and no others", list.len()),
        Errand::Service(service) => format!("any {service}"),
    };
    let Window { from, until } =
        grant.windows.first().copied().unwrap_or(Window { from: Timestamp(0), until: Timestamp(0) });
    let minutes = until.since(from) / 60;
    vec![
        format!("{name} may bring {what}, {} time(s), within {minutes} minutes.", grant.uses),
        format!(
            "You allow: {} opening, {} s at most, {}on camera.",
            grant.terms.entries,
            grant.terms.door_open_s,
            if grant.terms.cameras.is_empty() { "not " } else { "" }
        ),
        "With this, the cloud alone opens nothing. The cloud and this service's key together could open once, in this time, on camera.".into(),
    ]
}
