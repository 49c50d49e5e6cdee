//! `vestibule verify`: is this delivery what it says?

use crate::delivery_folder::verify::{Proven, verify};
use crate::say::{Say, Tone};
use anyhow::bail;
use clap::Args;
use protocol::door_event::Outcome;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Check a delivery folder, or the zip of one that the app makes. Needs no key and no network; exits 0 only if everything fits.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  vestibule verify demo/delivery --door \"a1b2 c3d4\"")]
pub(crate) struct Verify {
    /// The delivery folder, or its zip.
    dir: PathBuf,
    /// Fingerprint of the door that it must be, as its hub shows it.
    #[arg(long)]
    door: Option<String>,
}

impl Verify {
    pub(crate) fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        let proven = verify(&self.dir)?;
        if let Some(door) = self.door.filter(|door| *door != proven.door.fingerprint()) {
            bail!("this is the door {}, not {door}", proven.door.fingerprint());
        }
        let value = json!({
            "door": proven.door.to_string(), "resident": proven.resident.to_string(),
            "provider": proven.provider.to_string(), "handset": proven.handset.to_string(),
            "recorder": proven.recorder.to_string(), "events": proven.events, "parcels": proven.parcels,
            "parcels_inside": proven.end.parcels, "secured": proven.end.outcome == Outcome::Secured,
            "chunks": proven.chunks, "gaps": proven.gaps, "recorded_ms": proven.recorded_ms,
            "visit_ms": proven.visit_ms,
        });
        say.result(Tone::Calm, &sentences(&proven), &value);
        Ok(ExitCode::SUCCESS)
    }
}

fn sentences(proven: &Proven) -> String {
    let outcome = match proven.end.outcome {
        Outcome::Secured => "closed and locked",
        Outcome::NotOpened => "never opened",
        Outcome::Incident => "ended with an alarm",
    };
    let recorded_s = std::time::Duration::from_millis(proven.recorded_ms).as_secs_f64();
    format!(
        "This delivery is what it says.\n  \
         door      {}  signed {} events, none missing, from the arrival to its end: {outcome}\n  \
         resident  {}  signed the permission\n  \
         provider  {}  named the working key that assigned the courier's device\n  \
         courier   {}  scanned {} of the assigned parcels at this door, said {} inside\n  \
         recorder  {}  sealed {} pictures in {recorded_s:.1} s without a change, {} gaps",
        proven.door.fingerprint(),
        proven.events,
        proven.resident.fingerprint(),
        proven.provider.fingerprint(),
        proven.handset.fingerprint(),
        proven.parcels,
        proven.end.parcels,
        proven.recorder.fingerprint(),
        proven.chunks,
        proven.gaps,
    )
}
