//! `vestibule visitor`: a courier's handset on the command line.

use crate::keys::Keys;
use crate::people::visitor::{self, Card, Door, Stop, sentence};
use crate::say::{Say, Tone};
use anyhow::Context;
use clap::{Args, Subcommand};
use protocol::uplink::ToVisitor;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// A visitor's handset.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule visitor --keys courier card > card.json        what a provider needs to enrol this handset
  vestibule visitor --keys courier tour
  vestibule visitor --keys courier arrive --tag 0011...    the tag stands on the door's sticker
  vestibule visitor --keys courier scan RR123456785DE --stay
  vestibule visitor --keys courier done --parcels 1")]
pub(crate) struct Visitor {
    /// Folder with this handset's keys.
    #[arg(long, default_value = "courier")]
    keys: PathBuf,
    /// The cloud.
    #[arg(long, default_value = "http://127.0.0.1:8480", env = "VESTIBULE_CLOUD")]
    cloud: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print what a provider needs to enrol this handset.
    Card {
        /// What to call the device.
        #[arg(long, default_value = "handset")]
        name: String,
    },
    /// Today's stops.
    Tour,
    /// "Here": at the door of a stop.
    Arrive {
        /// Which stop, from 1.
        #[arg(long, default_value_t = 1)]
        stop: usize,
        /// What the door's sticker says, 32 hexadecimal digits.
        #[arg(long)]
        tag: String,
    },
    /// Scan the parcels. Exits 0 only if the door opens.
    Scan {
        /// What the labels say.
        #[arg(required = true)]
        labels: Vec<String>,
        /// Stay at the door until it is locked again, then say that all of them are inside.
        #[arg(long)]
        stay: bool,
    },
    /// The parcels are inside, the door is pulled shut. Exits 0 once the visit is over.
    Done {
        /// How many are inside.
        #[arg(long)]
        parcels: u32,
    },
}

impl Visitor {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        if let What::Card { name } = &self.what {
            let keys = Keys::open_or_create(&self.keys)?;
            println!("{}", serde_json::to_string_pretty(&Card::of(&keys, name)?)?);
            return Ok(ExitCode::SUCCESS);
        }
        let keys = Keys::open(&self.keys)?;
        match self.what {
            What::Card { .. } => {}
            What::Tour => show(say, &visitor::tour(&self.cloud, &keys).await?),
            What::Arrive { stop, tag } => {
                let stops = visitor::tour(&self.cloud, &keys).await?;
                let number = stop.checked_sub(1).context("stops count from 1")?;
                let stop =
                    stops.get(number).context("there is no such stop with a permission on today's tour")?;
                let door = visitor::arrive(&self.cloud, &keys, stop, &tag).await?;
                say.result(
                    Tone::Waiting,
                    "You are being filmed now. No sound.\nScan the parcel.",
                    &json!({ "visit": door.visit() }),
                );
            }
            What::Scan { labels, stay } => {
                let mut door = visitor::return_to(&self.cloud, &keys).await?;
                let word = door.scan(&labels).await?;
                let open = word == ToVisitor::Open;
                let tone = if open { Tone::Waiting } else { Tone::Alarm };
                say.result(tone, sentence(&word), &json!({ "open": open, "word": sentence(&word) }));
                if !open {
                    return Ok(ExitCode::FAILURE);
                }
                if stay {
                    see_it_through(say, &mut door, u32::try_from(labels.len())?).await?;
                }
            }
            What::Done { parcels } => {
                let mut door = visitor::return_to(&self.cloud, &keys).await?;
                door.farewell(parcels).await?;
                door.wait_for(&ToVisitor::Ended).await?;
                say.result(Tone::Calm, sentence(&ToVisitor::Ended), &json!({ "ended": true }));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Waits until the door is locked, says goodbye, and waits for the door's last word.
async fn see_it_through(say: Say, door: &mut Door, parcels: u32) -> anyhow::Result<()> {
    door.wait_for(&ToVisitor::Secured).await?;
    say.result(Tone::Calm, sentence(&ToVisitor::Secured), &json!({ "secured": true }));
    door.farewell(parcels).await?;
    door.wait_for(&ToVisitor::Ended).await?;
    say.result(Tone::Calm, sentence(&ToVisitor::Ended), &json!({ "ended": true }));
    Ok(())
}

fn show(say: Say, stops: &[Stop]) {
    if stops.is_empty() {
        say.note(Tone::Plain, "No stops with a permission today.");
    }
    for (number, stop) in stops.iter().enumerate() {
        let possible = if stop.possible_now { "possible now" } else { "not possible here today: Plan B" };
        let sentence =
            format!("{}  {}  {} parcels  {possible}", number + 1, stop.tour.place, stop.tour.salts.len());
        let value = json!({
            "stop": number + 1, "place": stop.tour.place, "parcels": stop.tour.salts.len(),
            "possible_now": stop.possible_now, "door": stop.door,
        });
        say.result(Tone::Plain, &sentence, &value);
    }
}
