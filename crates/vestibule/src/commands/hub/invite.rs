//! `vestibule hub invite`: a new home and its first resident find each other through a link.
//!
//! Until the person at the box has said that both show the same codes, nothing is written: whoever read the link first
//! could have answered first, and the first roster is pinned only once in a home's life.

use crate::client::Cloud;
use crate::letters;
use crate::say::{Say, Tone};
use anyhow::{Context, bail};
use clap::Args;
use hub::folder::{Folder, FolderError};
use hub::ring_verifier::RingVerifier;
use letterbox::{Pairing, Reply, Secret, Slot};
use protocol::bytes::Blob;
use protocol::roster::{Rank, Resident, Roster};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

/// Letters lie in the cloud for a day, seconds.
const LINK_LIFE_S: u64 = 86_400;

/// The first resident.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vestibule hub invite --dir home --origin https://vestibule.example")]
pub(crate) struct Invite {
    /// The home's folder.
    #[arg(long)]
    dir: PathBuf,
    /// Where the phone finds the app; the cloud's address, if absent. Passkeys need HTTPS, or `localhost`.
    #[arg(long)]
    origin: Option<String>,
}

impl Invite {
    pub(super) async fn run(self, say: Say) -> anyhow::Result<()> {
        let folder = Folder::at(&self.dir);
        match folder.roster(&RingVerifier) {
            Err(FolderError::NotPaired(_)) => {}
            Err(why) => return Err(why.into()),
            Ok(pinned) => bail!(
                "this home is paired already: its first owner has the key {}. An owner invites further devices in the \
                 app, under Household",
                owners(pinned.message()).join(", ")
            ),
        }
        let cloud = folder.config()?.cloud.context(
            "this home has no cloud, and without one the phone and the box do not meet. Name one in home.toml, or pair \
             by file: vestibule hub invitation, vestibule resident enrol, vestibule hub pair",
        )?;
        let secret = letters::new_secret();
        let invitation = letters::invitation(&folder.invitation()?)?;
        letters::post(&cloud, &secret, Slot::Reply, &Reply::Invitation(invitation)).await?;
        show(say, &link(self.origin.as_deref().unwrap_or(&cloud), &secret))?;

        let letter = letters::wait::<Pairing>(&cloud, &secret, Slot::Request);
        let Ok(letter) = tokio::time::timeout(Duration::from_secs(LINK_LIFE_S), letter).await else {
            bail!("nobody opened the link within a day, and it has run out. Nothing changed; run this again");
        };
        let envelopes = letter.context("nothing was paired; run this again for a new link")?.roster;
        let [Blob(roster)] = envelopes.as_slice() else {
            bail!(
                "nothing was paired: a first roster has one owner's signature, and {} came",
                envelopes.len()
            );
        };
        let door = folder.key("door.key")?.kid().fingerprint();
        let signed = folder.check_first_roster(roster, &RingVerifier)?;
        compare(say, signed.message(), &door).await?;
        folder.pair(roster, &RingVerifier)?;
        register(&folder, &cloud, roster).await?;
        say.result(
            Tone::Calm,
            "Paired. The home belongs to these keys now, and the phone goes on by itself.\n\
             Next: vestibule hub run",
            &json!({ "paired": keys(signed.message()), "door": door }),
        );
        Ok(())
    }
}

/// Tells the cloud of a home that was paired.
pub(super) async fn register(folder: &Folder, cloud: &str, roster: &[u8]) -> anyhow::Result<()> {
    Cloud::register_home(cloud, roster, &folder.key("door.key")?).await.with_context(|| {
        format!(
            "paired here, but the cloud does not know the home yet. When it answers: vestibule hub pair --dir {} --roster {}",
            folder.as_ref().display(),
            folder.path("roster.cose").display()
        )
    })
}

/// Where the app takes whoever opens the link. The secret stands behind the `#`, which no server ever sees.
fn link(origin: &str, secret: &Secret) -> String {
    let origin = origin.trim_end_matches('/').replacen("ws", "http", usize::from(origin.starts_with("ws")));
    format!("{origin}/#/home/{}", letters::text(secret))
}

fn show(say: Say, link: &str) -> anyhow::Result<()> {
    say.note(Tone::Plain, &letters::code(link)?);
    say.result(
        Tone::Waiting,
        &format!(
            "{link}\nOpen this on the phone that is to own the home; it counts once and for a day. Show it to nobody else.\n\
             Waiting for the phone. Ctrl-C ends this, and nothing has changed."
        ),
        &json!({ "link": link }),
    );
    Ok(())
}

/// The person at the box compares what it shows with what the phone shows.
async fn compare(say: Say, roster: &Roster, door: &str) -> anyhow::Result<()> {
    // Names come from whoever opened the link, and may hold anything.
    let line =
        |one: &Resident| format!("  {}  {}", one.credential.kid().fingerprint(), one.name.escape_debug());
    let lines: Vec<String> = roster.residents.iter().map(line).collect();
    say.result(
        Tone::Waiting,
        &format!(
            "The link was opened, and these keys want to own the home:\n{}\nThe door's own code:\n  {door}\n\
             Does the phone show the same codes? Only then type yes:",
            lines.join("\n")
        ),
        &json!({ "asks": keys(roster), "door": door }),
    );
    let mut answer = String::new();
    BufReader::new(stdin()).read_line(&mut answer).await.context("the answer cannot be read")?;
    if !matches!(answer.trim().to_lowercase().as_str(), "yes" | "y" | "ja" | "j") {
        bail!(
            "not paired, and nothing changed. If the phone shows other codes, somebody else has read the link: run this \
             again for a new one, and show it to nobody"
        );
    }
    Ok(())
}

fn owners(roster: &Roster) -> Vec<String> {
    let owners = roster.residents.iter().filter(|one| one.role == Rank::Owner);
    owners.map(|one| one.credential.kid().fingerprint()).collect()
}

fn keys(roster: &Roster) -> Value {
    let key = |one: &Resident| json!({ "fingerprint": one.credential.kid().fingerprint(), "name": one.name });
    roster.residents.iter().map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_leads_to_the_app_and_keeps_its_secret_from_servers() {
        let secret = Secret([0; 16]);
        let expected = "http://box.example:8480/#/home/AAAAAAAAAAAAAAAAAAAAAA";
        for origin in ["http://box.example:8480", "http://box.example:8480/", "ws://box.example:8480"] {
            assert_eq!(link(origin, &secret), expected);
        }
    }
}
