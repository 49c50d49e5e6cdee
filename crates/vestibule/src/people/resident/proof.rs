//! What remains of a visit: the door log's excerpt, the sealed recording, the clip.

use super::MyHome;
use crate::client::{Cloud, from_base64url};
use crate::delivery_folder::broken::explained;
use crate::delivery_folder::{Part, SealedRecording};
use crate::keys::Keys;
use anyhow::{Context, bail, ensure};
use hub::ring_verifier::RingVerifier;
use protocol::bytes::{Blob, Hash, Salt};
use protocol::door_event::{Body, Detail};
use protocol::door_log::{Checker, check_receipt};
use protocol::uplink::{DetailOpening, LogEntry};
use recording::chunk::write_record;
use recording::clip::Clip;
use recording::verify::verify_header;
use recording::{PartFile, PartOpener, verify_recording};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long the door log may take to tell of a list that the home keeps, seconds.
const KEPT_S: u64 = 5;

/// Every door event of a visit, from its arrival to its signed end, checked.
pub(crate) async fn door_log(cloud: &Cloud, home: &MyHome, visit: &str) -> anyhow::Result<Vec<LogEntry>> {
    let answer = cloud.get(&format!("{}/visits/{visit}", home.path())).await?;
    let number = |field: &str| answer["visit"][field].as_u64().context("the cloud's visit is incomplete");
    let (first, last) = (number("first")?, number("last")?);
    ensure!(
        answer["visit"]["state"] == "ended",
        "the visit has not ended yet; wait for the door's last word"
    );
    let entries = events(cloud, home, first, last).await?;
    let roster = home.roster.message();
    check_receipt(roster.door, roster.door_key, &entries, &RingVerifier).context("the door log")?;
    Ok(entries)
}

/// The whole door log, checked from its first event.
pub(crate) async fn whole_log(cloud: &Cloud, home: &MyHome) -> anyhow::Result<Vec<LogEntry>> {
    let entries = events(cloud, home, 1, u64::MAX).await?;
    let roster = home.roster.message();
    let mut checker = Checker::new(roster.door, roster.door_key, protocol::door_log::Position::START);
    for entry in &entries {
        checker.entry(entry, &RingVerifier).context("the door log")?;
    }
    Ok(entries)
}

/// Whether the door's own log says that it keeps this revocation list: its events, not the cloud's word. They come right
/// behind the home's "kept", so this waits for a moment.
pub(crate) async fn door_keeps(cloud: &Cloud, home: &MyHome, list: Hash) -> anyhow::Result<bool> {
    let deadline = Instant::now() + Duration::from_secs(KEPT_S);
    loop {
        let entries = whole_log(cloud, home).await?;
        let details = entries.iter().filter_map(|entry| entry.opening.as_ref());
        let mut bodies = details.filter_map(|opening| Some(Detail::read(&opening.detail.0).ok()?.body));
        if bodies.any(|body| matches!(body, Body::RevocationKept { revocation, .. } if revocation == list)) {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn events(cloud: &Cloud, home: &MyHome, first: u64, last: u64) -> anyhow::Result<Vec<LogEntry>> {
    let mut entries = Vec::new();
    let mut from = Some(first);
    while let Some(at) = from.filter(|at| *at <= last) {
        let page = cloud.get(&format!("{}/door-log?from={at}&limit=200", home.path())).await?;
        for event in page["events"].as_array().into_iter().flatten() {
            if event["counter"].as_u64().is_some_and(|counter| counter <= last) {
                entries.push(entry(event)?);
            }
        }
        from = page["next"].as_u64();
    }
    Ok(entries)
}

fn entry(event: &Value) -> anyhow::Result<LogEntry> {
    let opening = match &event["opening"] {
        Value::Null => None,
        opening => Some(DetailOpening {
            salt: Salt::from_slice(&from_base64url(&opening["salt"])?)
                .context("a salt has another length")?,
            detail: Blob(from_base64url(&opening["detail"])?),
        }),
    };
    Ok(LogEntry { event: Blob(from_base64url(&event["event"])?), opening })
}

/// The sealed recording of a visit, checked. One recording per visit, with the visit's name.
pub(crate) async fn recording(cloud: &Cloud, home: &MyHome, visit: &str) -> anyhow::Result<SealedRecording> {
    let path = format!("{}/recordings/{visit}", home.path());
    let answer = cloud.get(&path).await?;
    if answer["manifest"].is_null() {
        bail!("the recording is not complete yet; the home is still sending it");
    }
    let mut parts = Vec::new();
    for (number, part) in answer["parts"].as_array().into_iter().flatten().enumerate() {
        let header = from_base64url(&part["header"])?;
        let index = cloud.get(&format!("{path}/parts/{number}/index")).await?;
        let bytes = index["bytes"].as_u64().context("the recording's index is incomplete")?;
        let sealed = cloud.download_ranges(&format!("{path}/parts/{number}/chunks"), bytes).await?;
        parts.push(Part { header, chunks: part_file(&index, &sealed)? });
    }
    let sealed = SealedRecording { manifest: from_base64url(&answer["manifest"])?, parts };
    verify_recording(&sealed.manifest, &files(&sealed), &home.roster.message().recorder_keys, &RingVerifier)
        .map_err(explained)?;
    Ok(sealed)
}

/// A part file as homes write it: the cloud keeps the chunks end to end, and their places in an index.
fn part_file(index: &Value, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut file = Vec::with_capacity(sealed.len());
    for place in index["chunks"].as_array().into_iter().flatten() {
        let number = |field: &str| place[field].as_u64().and_then(|n| usize::try_from(n).ok());
        let (Some(offset), Some(length)) = (number("offset"), number("length")) else {
            bail!("the recording's index is incomplete");
        };
        let chunk = sealed.get(offset..offset.saturating_add(length));
        write_record(chunk.context("the recording's index names bytes that are not there")?, &mut file);
    }
    Ok(file)
}

fn files(sealed: &SealedRecording) -> Vec<PartFile<'_>> {
    sealed.parts.iter().map(|part| PartFile { header: &part.header, chunks: &part.chunks }).collect()
}

/// Opens a sealed recording with the resident's key: an MP4, and its length in milliseconds.
pub(crate) fn clip(home: &MyHome, keys: &Keys, sealed: &SealedRecording) -> anyhow::Result<(Vec<u8>, u64)> {
    let (kem, kid) = (keys.kem()?, keys.kid()?);
    let mut clip = Clip::new();
    for part in &sealed.parts {
        let header = verify_header(&part.header, &home.roster.message().recorder_keys, &RingVerifier)
            .map_err(explained)?;
        let key = kem.unwrap(kid, header.message()).context("the recording is not for this key")?;
        clip.add_part(PartOpener::new(header.message(), &key)?.open_part(&header, &part.chunks)?);
    }
    let duration_ms = clip.duration_ms();
    Ok((clip.into_mp4().context("the recording holds no picture")?, duration_ms))
}
