//! Everything that reads bytes from outside, as functions of bytes. What they must never do is panic, hang, or take a
//! message for what it is not; what they found once stands in `corpus/`, one folder for each, and is replayed by
//! `tests/corpora.rs`, after the vectors of the specification. `src/main.rs` says how to look for more.
//!
//! Not here: files and answers that serde reads into a type of ours (configuration, the cloud's JSON, the house's socket),
//! and RTSP, SDP and RTP, which the crate retina reads.

mod door;
#[cfg(not(fuzzing))]
mod home;
mod messages;
mod recordings;
#[path = "../../recording/tests/support/mod.rs"]
mod support;
// Its tests live where it does.
#[cfg(not(test))]
mod zips;

use std::path::{Path, PathBuf};

/// One reader of bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, and that of its corpus.
    pub name: &'static str,
    /// Reads; true if it took them for something.
    pub run: fn(&[u8]) -> bool,
    /// Where the vectors of the specification are of use: by message type, what stands before their bytes.
    pub vectors: fn(&str) -> Option<Vec<u8>>,
    /// Where not: what is as it should be.
    pub examples: fn() -> Vec<Vec<u8>>,
}

const fn with_vectors(name: &'static str, run: fn(&[u8]) -> bool, of: fn(&str) -> Option<Vec<u8>>) -> Target {
    Target { name, run, vectors: of, examples: Vec::new }
}

const fn with_examples(name: &'static str, run: fn(&[u8]) -> bool, examples: fn() -> Vec<Vec<u8>>) -> Target {
    Target { name, run, vectors: |_| None, examples }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    with_vectors("message", messages::signed, messages::kind_of),
    with_vectors("wire", messages::wire, messages::wire_of),
    with_vectors("detail", messages::detail, |kind| (kind == "detail").then(Vec::new)),
    with_vectors("door_log", messages::door_log, |kind| (kind == "receipt").then(Vec::new)),
    with_vectors("opening", messages::opening, |kind| (kind == "opening").then(Vec::new)),
    with_examples("label", messages::label, || vec![b"rr 123 de".to_vec()]),
    with_examples("passkey", messages::passkey, messages::assertion),
    with_examples("letter", messages::letter, messages::letters),
    with_examples("journal_record", door::record, door::records),
    with_examples("door", door::story, door::stories),
    with_vectors("door_bytes", door::bytes, door::kind_of),
    with_examples("chunk", recordings::chunk, recordings::chunks),
    with_examples("part", recordings::part, recordings::part_files),
    with_examples("manifest", recordings::manifest, recordings::manifests),
    with_examples("photo", recordings::photo, recordings::photos),
    with_examples("jpeg", recordings::jpeg, recordings::pictures),
    #[cfg(not(test))]
    with_examples("zip", zips::zip, zips::zips),
    #[cfg(not(fuzzing))]
    with_examples("journal", home::journal, home::journals),
    #[cfg(not(fuzzing))]
    with_examples("camera_wire", home::camera_wire, home::camera_streams),
    #[cfg(not(fuzzing))]
    with_examples("address", home::address, home::addresses),
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}

/// Where its corpus lies.
pub fn corpus(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

/// What a target begins with: vectors of the specification or examples, then what was found.
///
/// # Panics
/// If a vector cannot be read.
pub fn seeds(target: &Target) -> Vec<(String, Vec<u8>)> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors");
    let mut seeds = Vec::new();
    for half in ["good", "bad"] {
        for path in files(&vectors.join(half)) {
            let text = std::fs::read_to_string(&path).expect("readable");
            let json: serde_json::Value = serde_json::from_str(&text).expect("a vector");
            let (Some(kind), Some(hex)) = (json["type"].as_str(), json["hex"].as_str()) else { continue };
            if let Some(mut bytes) = (target.vectors)(kind) {
                bytes.extend(unhex(hex));
                seeds.push((path.file_stem().expect("a name").to_string_lossy().into_owned(), bytes));
            }
        }
    }
    for (number, example) in (target.examples)().into_iter().enumerate() {
        seeds.push((format!("example-{number}"), example));
    }
    for path in files(&corpus(target)) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        seeds.push((name, std::fs::read(&path).expect("readable")));
    }
    seeds
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).filter_map(byte).collect()
}
