//! The home's keys in a delivery folder, and who says that they count.
//!
//! ```text
//! roster.cose                      signed by an owner in it
//! roster.cbor, roster-kept.cbor    the bare roster, and the door's own event that it counts
//! ```
//!
//! Whoever takes a home over with the recovery sheet, or hands it over, signs a roster in which they are no owner. Then the
//! signature proves nothing without the roster before, and that one nothing without those before it. The door checked
//! them all when it kept the roster, and says so in its log with the roster's hash. So the second form has no
//! signature by a resident: every byte of it is what the door's event names.

use super::{Folder, claimed, proven};
use anyhow::{Context, bail, ensure};
use hub::ring_verifier::RingVerifier;
use protocol::door_event::Body;
use protocol::door_log::Checker;
use protocol::envelope::Message as _;
use protocol::roster::Roster;
use protocol::uplink::LogEntry;
use protocol::{Hash, canonical};

/// The roster, signed by an owner in it.
const SIGNED: &str = "roster.cose";
/// The roster without an envelope.
const BARE: &str = "roster.cbor";
/// The door's event that the bare one counts, as an entry of its log.
const KEPT: &str = "roster-kept.cbor";
/// Every name that a roster may have.
pub(super) const NAMES: [&str; 3] = [SIGNED, BARE, KEPT];

/// A roster that somebody vouches for.
pub(super) struct Vouched {
    pub(super) roster: Roster,
    /// The counter of the door's event, if it is the door that vouches.
    kept: Option<u64>,
}

impl Vouched {
    pub(super) fn read(folder: &Folder) -> anyhow::Result<Self> {
        let names = folder.names()?;
        let has = |name: &str| names.iter().any(|other| other == name);
        match (has(SIGNED), has(BARE) || has(KEPT)) {
            (true, true) => bail!("{SIGNED} stands beside {BARE} and {KEPT}: a folder has one or the others"),
            (_, false) => by_owner(folder),
            (false, true) => by_door(folder),
        }
    }

    /// The door went by it: it did not begin to count after the log's excerpt.
    pub(super) fn counted_before(&self, last: u64) -> anyhow::Result<()> {
        ensure!(
            self.kept.is_none_or(|counter| counter <= last),
            "{KEPT}: this roster began to count after the visit"
        );
        Ok(())
    }
}

fn by_owner(folder: &Folder) -> anyhow::Result<Vouched> {
    let roster = claimed::<Roster>(folder, SIGNED)?;
    let signer = roster.unproven().owner(roster.kid()).cloned();
    let signer = signer.context("roster.cose: not signed by an owner in it")?;
    let roster = proven(roster, &signer.credential, SIGNED)?;
    Ok(Vouched { roster: roster.message().clone(), kept: None })
}

fn by_door(folder: &Folder) -> anyhow::Result<Vouched> {
    let bytes = folder.read(BARE)?;
    let roster: Roster = canonical::decode(&bytes, protocol::limits::MESSAGE_BYTES_MAX).context(BARE)?;
    roster.check().context(BARE)?;
    let entry = folder.read(KEPT)?;
    let entry: LogEntry = canonical::decode(&entry, protocol::limits::UPLINK_BYTES_MAX).context(KEPT)?;
    let mut checker = Checker::from_excerpt(roster.door, roster.door_key, &entry).context(KEPT)?;
    let (event, detail) = checker.entry(&entry, &RingVerifier).context(KEPT)?;
    let says = Body::RosterKept { epoch: roster.epoch, roster: Hash::of(Roster::TYPE, &[&bytes]) };
    ensure!(
        detail.is_some_and(|detail| detail.body == says),
        "{KEPT}: the door does not say that {BARE} counts"
    );
    Ok(Vouched { roster, kept: Some(event.message().counter) })
}
