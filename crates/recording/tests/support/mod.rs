//! Small recordings for tests.

#![allow(dead_code, reason = "each test program uses its own part of this")]

use protocol::bytes::{Blob, RecordingId, VisitId};
use protocol::{DeviceKey, Hash, Kid, Signed};
use recording::chunk::write_record;
use recording::seal::Beginning;
use recording::{
    Gap, GapReason, Init, KemSecret, Manifest, PartEntry, PartFile, PartId, PartSealer, Recipient, Sealed,
};

pub(crate) const RECORDING: RecordingId = RecordingId([1; 16]);
pub(crate) const VISIT: VisitId = VisitId([2; 16]);
pub(crate) const RESIDENT: Kid = Kid([3; 32]);
pub(crate) const START_MS: u64 = 1_750_000_000_000;

pub(crate) fn recorder() -> DeviceKey {
    DeviceKey::from_secret(&[4; 32]).unwrap()
}

pub(crate) fn resident() -> KemSecret {
    KemSecret::from_seed(&[5; 32])
}

pub(crate) fn init() -> Init {
    Init { width: 64, height: 48, timescale: 90_000, avcc: vec![1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0] }
}

/// A part as owned bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) header: Vec<u8>,
    pub(crate) chunks: Vec<Vec<u8>>,
    pub(crate) entry: PartEntry,
}

impl Part {
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for chunk in &self.chunks {
            write_record(chunk, &mut out);
        }
        out
    }
}

pub(crate) fn begin(
    number: u32,
    prev: Hash,
    init: &Init,
) -> (Signed<recording::PartHeader>, PartSealer, Sealed) {
    let recipients = [Recipient { kid: RESIDENT, kem: Blob(resident().public()) }];
    let beginning = Beginning {
        part: PartId { recording: RECORDING, number },
        visit: VISIT,
        camera: "hall".into(),
        prev,
        started_ms: START_MS + u64::from(number) * 60_000,
        recipients: &recipients,
    };
    PartSealer::begin(beginning, init, &[u8::try_from(number).unwrap() + 6; 32], &recorder()).unwrap()
}

/// A part of `frames` tiny frames with a gap and a mark in it.
pub(crate) fn part(number: u32, prev: Hash, frames: u8) -> Part {
    let (header, mut sealer, first) = begin(number, prev, &init());
    let mut chunks = vec![first.bytes];
    let start = START_MS + u64::from(number) * 60_000;
    for frame in 0..frames {
        let at = start + u64::from(frame) * 40;
        chunks.push(sealer.frame(at, frame % 5 == 0, vec![frame; 12]).unwrap().bytes);
    }
    let end = start + u64::from(frames) * 40;
    chunks.push(sealer.mark(end, Hash([8; 32])).unwrap().bytes);
    let gap = Gap { from_ms: end, to_ms: end + 700, reason: GapReason::NoFrame };
    chunks.push(sealer.gap(gap).unwrap().bytes);
    let (last, entry) = sealer.finish(end + 700).unwrap();
    chunks.push(last.bytes);
    Part { header: header.bytes().to_vec(), chunks, entry }
}

pub(crate) fn manifest(parts: &[Part]) -> Vec<u8> {
    let parts = parts.iter().map(|part| part.entry).collect();
    let manifest = Manifest { recording: RECORDING, visit: VISIT, parts };
    Signed::sign(manifest, &recorder()).unwrap().bytes().to_vec()
}

/// Checks headers, files and manifest as they are.
pub(crate) fn check(
    manifest: &[u8],
    parts: &[(Vec<u8>, Vec<u8>)],
) -> Result<recording::verify::Verified, recording::Broken> {
    let files: Vec<PartFile<'_>> = parts.iter().map(|(header, chunks)| PartFile { header, chunks }).collect();
    recording::verify_recording(manifest, &files, &[recorder().public()], &protocol::key::Software)
}

pub(crate) fn files(parts: &[Part]) -> Vec<(Vec<u8>, Vec<u8>)> {
    parts.iter().map(|part| (part.header.clone(), part.file())).collect()
}
