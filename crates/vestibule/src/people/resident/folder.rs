//! Puts a delivery folder together from what resident, provider and courier each hold, and what the cloud stores.

use super::{MyHome, proof};
use crate::client::Cloud;
use crate::delivery_folder::{CLIP, write, write_door_log, write_recording};
use crate::keys::Keys;
use anyhow::Context;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the door log's end and the recording's last part may take to reach the cloud, seconds.
const COMPLETE_S: u64 = 20;

/// Whoever holds papers of a delivery.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holders<'a> {
    pub(crate) resident: &'a Keys,
    pub(crate) provider: &'a Keys,
    pub(crate) courier: &'a Keys,
}

/// Collects the proof of a visit into `folder`; answers with the clip's length in milliseconds.
pub(crate) async fn collect(
    holders: Holders<'_>,
    home: &MyHome,
    cloud: &Cloud,
    visit: &str,
    folder: &Path,
) -> anyhow::Result<u64> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let copies = [
        (holders.resident, "roster.cose"),
        (holders.resident, "grant.cose"),
        (holders.provider, "delegation.cose"),
        (holders.provider, "assignment.cose"),
        (holders.courier, "challenge.cose"),
        (holders.courier, "presentation.cose"),
        (holders.courier, "farewell.cose"),
    ];
    for (keys, name) in copies {
        std::fs::copy(keys.path(name), folder.join(name)).with_context(|| format!("{name} is missing"))?;
    }
    let deadline = Instant::now() + Duration::from_secs(COMPLETE_S);
    let (entries, sealed) = loop {
        match (proof::door_log(cloud, home, visit).await, proof::recording(cloud, home, visit).await) {
            (Ok(entries), Ok(sealed)) => break (entries, sealed),
            (Err(why), _) | (_, Err(why)) if Instant::now() >= deadline => return Err(why),
            (_, _) => sleep(Duration::from_millis(100)).await,
        }
    };
    write_door_log(folder, &entries)?;
    write_recording(folder, &sealed)?;
    let (mp4, duration_ms) = proof::clip(home, holders.resident, &sealed)?;
    write(folder, CLIP, &mp4)?;
    Ok(duration_ms)
}
