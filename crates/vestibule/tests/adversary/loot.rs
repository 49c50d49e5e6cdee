//! What is taken with a cloud: every file on its disk, and every message that went over its wires.

use super::wire::Heard;
use protocol::bytes::{Blob, DoorTag, VisitId};
use protocol::envelope::Message;
use protocol::limits::{MESSAGE_BYTES_MAX, UPLINK_BYTES_MAX};
use protocol::uplink::{Downlink, FromVisitor, Paper, ToCloud, ToHome, ToVisitor};
use protocol::{Claimed, canonical};
use std::collections::BTreeSet;
use std::path::Path;

/// Everything that a stolen cloud knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Loot {
    /// What the cloud ever said to the home, in order.
    pub(crate) to_home: Vec<ToHome>,
    /// Every signed envelope on the cloud's disk and wires, each once.
    pub(crate) envelopes: Vec<Vec<u8>>,
    /// The cloud's files, byte for byte.
    pub(crate) disk: Vec<u8>,
}

impl Loot {
    /// Takes a cloud's folder and what was heard on its uplink.
    pub(crate) fn take(folder: &Path, heard: &Heard) -> Self {
        let mut disk = Vec::new();
        read_all(folder, &mut disk);
        let mut found = BTreeSet::new();
        carve(&disk, &mut found);
        for message in heard.to_home.iter().chain(&heard.to_cloud) {
            carve(message, &mut found);
        }
        let downlinks = heard
            .to_home
            .iter()
            .filter_map(|bytes| canonical::decode::<Downlink>(bytes, UPLINK_BYTES_MAX).ok());
        Self {
            to_home: downlinks.map(|downlink| downlink.message).collect(),
            envelopes: found.into_iter().collect(),
            disk,
        }
    }

    /// Envelopes that hold this type. Nobody checked who signed them.
    pub(crate) fn all<M: Message>(&self) -> Vec<Claimed<M>> {
        self.envelopes.iter().filter_map(|bytes| Claimed::parse(bytes).ok()).collect()
    }

    /// Visits that the wire named.
    pub(crate) fn visits(&self) -> BTreeSet<VisitId> {
        let named = self.to_home.iter().filter_map(|message| match message {
            ToHome::FromVisitor { visit, .. } => Some(*visit),
            _ => None,
        });
        named.collect()
    }

    /// The door's sticker, which every arrival names.
    pub(crate) fn door_tag(&self) -> Option<DoorTag> {
        self.all::<protocol::arrival::Arrival>().first().map(|arrival| arrival.unproven().door_tag)
    }

    /// Every envelope in every place where the home would take one.
    pub(crate) fn in_every_slot(&self, visits: &[VisitId]) -> Vec<ToHome> {
        let mut all = Vec::new();
        for bytes in &self.envelopes {
            let blob = || Blob(bytes.clone());
            let papers = [
                Paper::Roster(vec![blob()]),
                Paper::Grant(blob()),
                Paper::Delegation(blob()),
                Paper::Assignment(blob()),
                Paper::Revocation(blob()),
                Paper::Confirmation(blob()),
            ];
            all.extend(papers.into_iter().map(|paper| ToHome::Keep { id: 1, paper }));
            all.push(ToHome::Answer(blob()));
            all.push(ToHome::Look(blob()));
            for visit in visits {
                let words = [
                    FromVisitor::Arrival,
                    FromVisitor::Presentation,
                    FromVisitor::Farewell,
                    FromVisitor::Ring,
                ];
                all.extend(words.map(|word| ToHome::FromVisitor { visit: *visit, word: word(blob()) }));
            }
        }
        all
    }
}

/// The challenge in a home's word to its visitor.
pub(crate) fn challenge_in(message: &ToCloud) -> Option<(VisitId, Vec<u8>)> {
    match message {
        ToCloud::ToVisitor { visit, word: ToVisitor::Challenge(bytes) } => Some((*visit, bytes.0.clone())),
        _ => None,
    }
}

fn read_all(path: &Path, into: &mut Vec<u8>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("the cloud's folder") {
            read_all(&entry.expect("the cloud's folder").path(), into);
        }
    } else {
        into.extend(std::fs::read(path).unwrap_or_default());
    }
}

/// Finds envelopes wherever they lie: an array of four that begins with a byte string of the header's length.
fn carve(bytes: &[u8], into: &mut BTreeSet<Vec<u8>>) {
    for (at, pair) in bytes.windows(2).enumerate() {
        if pair != [0x84, 0x58] {
            continue;
        }
        let rest = &bytes[at..bytes.len().min(at + MESSAGE_BYTES_MAX)];
        let mut decoder = minicbor::Decoder::new(rest);
        if decoder.skip().is_ok() {
            let envelope = &rest[..decoder.position()];
            if is_envelope(envelope) {
                into.insert(envelope.to_vec());
            }
        }
    }
}

fn is_envelope(bytes: &[u8]) -> bool {
    let mut d = minicbor::Decoder::new(bytes);
    d.array().is_ok()
        && d.bytes().is_ok()
        && d.map().is_ok_and(|members| members == Some(0))
        && d.bytes().is_ok()
        && d.bytes().is_ok()
}
