//! `vestibule verify PATH`: is this what happened? Papers, door log and recording, and that they fit together.
//!
//! Needs no key and no network. What it cannot know is whose home this is: it prints the fingerprints, and
//! `--door` pins one.

use super::broken::explained;
use super::roster::{self, Vouched};
use super::{CLIP, DOOR_LOG, Folder, PAPERS, Part, claimed, proven, read_door_log, read_recording};
use anyhow::{Context, bail, ensure};
use hub::ring_verifier::RingVerifier;
use protocol::assignment::Assignment;
use protocol::bytes::DoorId;
use protocol::challenge::Challenge;
use protocol::commitment::Commitment;
use protocol::delegation::Delegation;
use protocol::door_event::{Body, Detail, Intent, RecordingHead, VisitEnd};
use protocol::door_log::{Checker, check_receipt};
use protocol::farewell::Farewell;
use protocol::grant::{Errand, Grant, Grantee};
use protocol::key::Kid;
use protocol::presentation::Presentation;
use protocol::roster::Roster;
use protocol::uplink::LogEntry;
use protocol::{Credential, Hash, Signed};
use recording::verify::Chain;
use recording::{PartFile, verify_recording};
use std::path::Path;

/// What was proven.
#[derive(Debug, Clone)]
pub(crate) struct Proven {
    pub(crate) door: Kid,
    pub(crate) resident: Kid,
    pub(crate) provider: Kid,
    pub(crate) handset: Kid,
    pub(crate) recorder: Kid,
    pub(crate) events: usize,
    pub(crate) end: VisitEnd,
    pub(crate) parcels: u32,
    pub(crate) chunks: u64,
    pub(crate) gaps: u32,
    pub(crate) recorded_ms: u64,
    /// Milliseconds from the arrival to *secured*, on the home's monotonic clock.
    pub(crate) visit_ms: u64,
}

/// Checks a delivery folder, or the zip of one. The error says what does not fit.
pub(crate) fn verify(path: &Path) -> anyhow::Result<Proven> {
    let folder = &Folder::open(path)?;
    check_names(folder)?;
    let vouched = Vouched::read(folder)?;
    let roster = &vouched.roster;
    let papers = Papers::read(folder, roster)?;
    let entries = read_door_log(folder)?;
    let end = check_receipt(roster.door, roster.door_key, &entries, &RingVerifier).context(DOOR_LOG)?;
    vouched.counted_before(end.last)?;
    let story = Story::read(roster, &papers, &entries)?;
    let recording = read_recording(folder)?;
    let files: Vec<PartFile<'_>> =
        recording.parts.iter().map(|p| PartFile { header: &p.header, chunks: &p.chunks }).collect();
    let verified = verify_recording(&recording.manifest, &files, &roster.recorder_keys, &RingVerifier)
        .map_err(explained)?;
    ensure!(
        verified.manifest.message().visit == papers.challenge.message().visit,
        "the recording belongs to another visit"
    );
    for head in story.intent.recordings.iter().chain(&story.heads) {
        find_head(head, &recording.parts, &verified.parts)?;
    }
    ensure!(!story.heads.is_empty(), "the door log does not say where the recording ended");
    Ok(Proven {
        door: roster.door_key.kid(),
        resident: papers.grant.signer(),
        provider: papers.delegation.signer(),
        handset: papers.presentation.signer(),
        recorder: verified.manifest.signer(),
        events: entries.len(),
        end,
        parcels: story.intent.parcels,
        chunks: verified.parts.iter().map(|part| part.entry.chunks).sum(),
        gaps: verified.parts.iter().map(|part| part.entry.gaps).sum(),
        recorded_ms: verified.parts.iter().map(|part| part.entry.last_ms - part.entry.first_ms).sum(),
        visit_ms: story.visit_ms,
    })
}

/// Exactly the files of a delivery folder, and a clip perhaps.
fn check_names(folder: &Folder) -> anyhow::Result<()> {
    for name in folder.names()? {
        let known = PAPERS.contains(&name.as_str())
            || roster::NAMES.contains(&name.as_str())
            || [DOOR_LOG, CLIP].contains(&name.as_str())
            || name.strip_prefix("recording/").is_some_and(|file| !file.contains(['/', '\\']));
        ensure!(known, "{name} does not belong into a delivery folder");
    }
    Ok(())
}

/// Every other paper, proven by the one that names its signer.
struct Papers {
    grant: Signed<Grant>,
    delegation: Signed<Delegation>,
    assignment: Signed<Assignment>,
    challenge: Signed<Challenge>,
    presentation: Signed<Presentation>,
    farewell: Signed<Farewell>,
}

impl Papers {
    fn read(dir: &Folder, roster: &Roster) -> anyhow::Result<Self> {
        let grant = claimed::<Grant>(dir, "grant.cose")?;
        let resident = roster.grantor(grant.kid()).cloned();
        let resident = resident.context("grant.cose: its signer is not an owner or member in the roster")?;
        let grant = proven(grant, &resident.credential, "grant.cose")?;

        let delegation = claimed::<Delegation>(dir, "delegation.cose")?;
        let root = Credential::device(delegation.unproven().root);
        let delegation = proven(delegation, &root, "delegation.cose")?;
        let working = Credential::device(delegation.message().key);
        let assignment = proven(claimed::<Assignment>(dir, "assignment.cose")?, &working, "assignment.cose")?;

        let door = Credential::device(roster.door_key);
        let challenge = proven(claimed::<Challenge>(dir, "challenge.cose")?, &door, "challenge.cose")?;
        let device = assignment.message().cnf.clone();
        let presentation =
            proven(claimed::<Presentation>(dir, "presentation.cose")?, &device, "presentation.cose")?;
        let farewell = proven(claimed::<Farewell>(dir, "farewell.cose")?, &device, "farewell.cose")?;
        let papers = Self { grant, delegation, assignment, challenge, presentation, farewell };
        papers.check_links(roster.door)?;
        Ok(papers)
    }

    /// Each paper is for this door, this provider, this errand, this visit.
    fn check_links(&self, door: DoorId) -> anyhow::Result<()> {
        let (grant, assignment) = (self.grant.message(), self.assignment.message());
        let doors =
            [grant.door, assignment.door, self.challenge.message().door, self.farewell.message().door];
        ensure!(doors.iter().all(|d| *d == door), "a paper is for another door");
        let Grantee::Provider { root, .. } = &grant.to else { bail!("grant.cose: not for a provider") };
        ensure!(
            *root == self.delegation.signer() && *root == assignment.provider,
            "the provider is another one"
        );
        let granted = match &grant.errand {
            Errand::Consignments(list) => assignment.errands.iter().all(|errand| list.contains(errand)),
            Errand::Service(service) => *service == assignment.service,
        };
        ensure!(granted, "an assigned errand is not in the grant");
        let presentation = self.presentation.message();
        ensure!(
            presentation.challenge == self.challenge.hash(),
            "the presentation answers another challenge"
        );
        ensure!(presentation.grant == self.grant.hash(), "the presentation names another grant");
        ensure!(
            presentation.assignment == Some(self.assignment.hash()),
            "the presentation names another assignment"
        );
        let opened: Vec<Commitment> =
            presentation.opens.iter().map(protocol::commitment::Opening::commitment).collect();
        ensure!(opened.iter().all(|one| assignment.errands.contains(one)), "a scan opens no assigned errand");
        ensure!(
            self.farewell.message().visit == self.challenge.message().visit,
            "the farewell is of another visit"
        );
        Ok(())
    }
}

/// What the door log says of this delivery.
struct Story {
    intent: Intent,
    heads: Vec<RecordingHead>,
    visit_ms: u64,
}

impl Story {
    fn read(roster: &Roster, papers: &Papers, entries: &[LogEntry]) -> anyhow::Result<Self> {
        let visit = papers.challenge.message().visit;
        let first = entries.first().context("the door log is empty")?;
        let mut checker = Checker::from_excerpt(roster.door, roster.door_key, first)?;
        let mut details: Vec<Detail> = Vec::new();
        for entry in entries {
            let (_, detail) = checker.entry(entry, &RingVerifier)?;
            details.extend(detail.filter(|d| d.visit == Some(visit)));
        }
        let first = details.first().context("the door log does not tell of this visit")?;
        let begins = matches!(first.body, Body::Arrived { .. } | Body::Rang { .. });
        ensure!(begins, "the door log begins with neither ring nor arrival");
        let arrived = details.iter().find(|d| matches!(d.body, Body::Arrived { .. }));
        let started = arrived.context("the door log does not tell of the arrival")?.monotonic;
        let intent = details.iter().rev().find_map(|d| match &d.body {
            Body::Intent(intent) => Some(intent.clone()),
            _ => None,
        });
        let intent = intent.context("the door was never opened in this visit")?;
        let ours = intent.grant == papers.grant.hash()
            && intent.assignment == Some(papers.assignment.hash())
            && intent.presentation == papers.presentation.hash();
        ensure!(ours, "the door opened for other papers than these");
        let farewell = |d: &Detail| matches!(d.body, Body::Farewell { farewell, .. } if farewell == papers.farewell.hash());
        ensure!(details.iter().any(farewell), "the door log does not know this farewell");
        let secured = details.iter().rev().find_map(|d| match &d.body {
            Body::Secured(heads) => Some((d.monotonic, heads.clone())),
            _ => None,
        });
        let (at, heads) = secured.context("the door was never secured in this visit")?;
        Ok(Self { intent, heads, visit_ms: at.ms_since(started) })
    }
}

/// The recording contains the very chunk that the door log named.
fn find_head(
    head: &RecordingHead,
    parts: &[Part],
    summaries: &[recording::PartSummary],
) -> anyhow::Result<()> {
    for (part, summary) in parts.iter().zip(summaries) {
        let mut chain = Chain::of(&summary.header);
        for chunk in recording::chunk::Records::new(&part.chunks) {
            let hash: Hash = chain.push(&chunk.map_err(explained)?).map_err(explained)?;
            if hash == head.chain_head {
                return Ok(());
            }
        }
    }
    bail!("the recording lacks the picture that the door log names (frame {})", head.frame)
}
