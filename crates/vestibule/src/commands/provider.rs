//! `vestibule provider`: a carrier on the command line.

use crate::keys::Keys;
use crate::people::provider::{self, Announced};
use crate::people::visitor::Card;
use crate::say::{Say, Tone};
use anyhow::Context;
use clap::{Args, Subcommand};
use protocol::time::Window;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// A provider: a carrier, a cleaning firm, a shop.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule provider --keys provider sign-up --name \"Parcel service\"
  vestibule provider --keys provider handset card.json
  vestibule provider --keys provider announce --number V7KQ-4M2X --label RR123456785DE
  vestibule provider --keys provider assign --card card.json --place \"third floor\"
  vestibule provider --keys provider stops-away 3")]
pub(crate) struct Provider {
    /// Folder with the provider's keys.
    #[arg(long, default_value = "provider")]
    keys: PathBuf,
    /// The cloud.
    #[arg(long, default_value = "http://127.0.0.1:8480", env = "VESTIBULE_CLOUD")]
    cloud: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Sign up with a root key. The operator admits you.
    SignUp {
        /// What residents read.
        #[arg(long)]
        name: String,
    },
    /// Enrol a handset from its card.
    Handset {
        /// The card's file.
        card: PathBuf,
    },
    /// Announce parcels to whoever gave this delivery number.
    Announce {
        /// The delivery number from the address line.
        #[arg(long)]
        number: String,
        /// A label; once per parcel.
        #[arg(long = "label", required = true)]
        labels: Vec<String>,
        /// Hours from now in which it is planned.
        #[arg(long, default_value_t = 4)]
        hours: u64,
        /// What the resident reads.
        #[arg(long, default_value = "a parcel")]
        description: String,
    },
    /// Assign the newest consignment, or the one named, to a handset.
    Assign {
        /// The handset's card.
        #[arg(long)]
        card: PathBuf,
        /// Where it is, for the courier.
        #[arg(long, default_value = "front door")]
        place: String,
        /// Which consignment.
        #[arg(long)]
        consignment: Option<String>,
    },
    /// Say how many stops are before the door of the newest consignment, or of the one named. No position is told.
    StopsAway {
        /// 0 to 99; residents are told once at 3.
        #[arg(value_parser = clap::value_parser!(u8).range(0..=99))]
        stops: u8,
        /// Which consignment.
        #[arg(long)]
        consignment: Option<String>,
    },
    /// What became of the newest consignment, or the one named.
    Status {
        /// Which consignment.
        #[arg(long)]
        consignment: Option<String>,
    },
}

impl Provider {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        let cloud = &self.cloud;
        let keys = match &self.what {
            What::SignUp { .. } => Keys::open_or_create(&self.keys)?,
            _ => Keys::open(&self.keys)?,
        };
        match self.what {
            What::SignUp { name } => {
                let account = provider::sign_up(cloud, &keys, &name).await?;
                let kid = keys.kid()?;
                let sentence = format!(
                    "Signed up. Residents will see the fingerprint {}.\nNow the operator: vestibule operator admit {kid}",
                    kid.fingerprint()
                );
                say.result(Tone::Waiting, &sentence, &account);
            }
            What::Handset { card } => {
                let handset = provider::enrol_handset(cloud, &keys, &read_card(&card)?).await?;
                say.result(Tone::Calm, "The handset may sign in now.", &handset);
            }
            What::Announce { number, labels, hours, description } => {
                let now = crate::people::now();
                let from = protocol::time::Timestamp(now.0.saturating_sub(60));
                let window = Window { from, until: now.plus(hours * 3_600) };
                let announced =
                    provider::announce(cloud, &keys, &number, &labels, window, &description).await?;
                say.result(
                    Tone::Calm,
                    &format!("Announced as {}. Residents are asked.", announced.consignment),
                    &json!({ "consignment": announced.consignment, "door": announced.door }),
                );
            }
            What::Assign { card, place, consignment } => {
                let announced = recall(&keys, consignment.as_deref())?;
                let assignment =
                    provider::assign(cloud, &keys, &announced, &read_card(&card)?, &place, None).await?;
                say.result(
                    Tone::Calm,
                    "Assigned. The home has it, and so has the handset.",
                    &json!({ "assignment": assignment.hash().to_string() }),
                );
            }
            What::StopsAway { stops, consignment } => {
                let announced = recall(&keys, consignment.as_deref())?;
                provider::stops_away(cloud, &keys, &announced.consignment, stops).await?;
                say.result(
                    Tone::Calm,
                    "Said. The residents see it for half an hour.",
                    &json!({ "consignment": announced.consignment, "stops_away": stops }),
                );
            }
            What::Status { consignment } => {
                let announced = recall(&keys, consignment.as_deref())?;
                let status = provider::status(cloud, &keys, &announced.consignment).await?;
                let state = status["consignment"]["state"].as_str().unwrap_or("unknown");
                let visit = status["visits"].as_array().and_then(|visits| visits.first());
                let visit = visit.map_or_else(|| "no visit yet".into(), ToString::to_string);
                let went = went(&status);
                say.result(Tone::Plain, &format!("{state}; {visit}{went}"), &status);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Where it went that did not go in, by its handset's newest report.
fn went(status: &serde_json::Value) -> String {
    let Some(left) = status["left"].as_array().and_then(|left| left.first()) else { return String::new() };
    let text = |field: &str| left[field].as_str().unwrap_or("unknown").to_owned();
    format!("; left elsewhere: {} ({})", text("rung"), text("reason"))
}

fn recall(keys: &Keys, consignment: Option<&str>) -> anyhow::Result<Announced> {
    let name = consignment.unwrap_or("newest");
    keys.recall(&format!("consignment-{name}.json"), "vestibule provider announce")
}

fn read_card(path: &std::path::Path) -> anyhow::Result<Card> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no handset's card", path.display()))
}
