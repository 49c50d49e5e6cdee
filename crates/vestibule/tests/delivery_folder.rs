//! A delivery folder that anything was done to is refused; the one that was made is accepted.
//!
//! Bytes are changed by the thousand, so that is done in this process, on the program's own source; whatever is removed,
//! swapped, cut or added goes through `vestibule verify`.

#[allow(dead_code, reason = "this test reads folders and writes none")]
#[path = "../src/delivery_folder/mod.rs"]
mod source;

mod successors;

use crate::stage::{LABELS, Stage, files};
use source::verify::verify;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use successors::Successors;

const LOG: &str = "door-log.cbor";
const CHUNKS: &str = "recording/part-0.chunks";
/// Every so manieth byte of the chunks is changed, and all at the beginning of every eighth chunk.
const CHUNK_STEP: usize = 1_999;
/// Bytes at the beginning of a chunk's record: its length, and what is authenticated but not encrypted.
const CHUNK_HEAD: usize = 8;

#[test]
fn nothing_can_be_changed_removed_swapped_or_added() {
    let mut stage = Stage::new();
    stage.raise();
    let visit = stage.deliver(&LABELS[..1]);
    let folder = stage.collect(&visit, "delivery");
    let proven = stage.run(&["verify", folder.to_str().unwrap()]).ok();
    assert_eq!((&proven["parcels"], &proven["secured"]), (&1.into(), &true.into()), "{proven}");
    verify(&folder).unwrap();
    stage.end();

    every_changed_byte_is_refused(&stage, &folder);
    let mut bench = Bench { stage: &stage, folder: &folder, tried: 0 };
    bench.files();
    bench.chunks();
    bench.events();
    assert!(bench.tried > 80, "{}", bench.tried);
    // The copies were refused for what was done to them, not for being copies.
    let copy = copy_of(&stage, &folder, "copy");
    stage.run(&["verify", copy.to_str().unwrap()]).ok();
    let refusal = stage.run(&["verify", copy.to_str().unwrap(), "--door", "0000 0000"]).failure();
    assert!(refusal.contains("not 0000 0000"), "{refusal}");
}

#[test]
fn papers_of_another_delivery_by_the_same_people_to_the_same_door_do_not_fit() {
    let mut stage = Stage::new();
    stage.raise();
    let [folder, other] = [(&LABELS[..1], "delivery"), (&LABELS[1..2], "other")].map(|(labels, name)| {
        let visit = stage.deliver(labels);
        let folder = stage.collect(&visit, name);
        stage.run(&["verify", folder.to_str().unwrap()]).ok();
        folder
    });
    stage.end();
    Bench { stage: &stage, folder: &folder, tried: 0 }.papers_of(&other);
}

#[test]
fn a_roster_that_nobody_in_it_signed_counts_by_the_doors_word_and_by_nothing_else() {
    let mut stage = Stage::new();
    stage.raise();
    let visit = stage.deliver(&LABELS[..1]);
    let folder = stage.collect(&visit, "delivery");
    stage.end();
    Successors::new(&stage, &folder).are_accepted_by_the_doors_word_and_by_nothing_else();
}

fn every_changed_byte_is_refused(stage: &Stage, folder: &Path) {
    let mut places: Vec<(String, usize)> = Vec::new();
    for (path, size) in files(folder) {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        let size = usize::try_from(size).unwrap();
        match name.as_str() {
            "clip.mp4" => {}
            CHUNKS => places.extend(chunk_places(&fs::read(&path).unwrap()).map(|at| (name.clone(), at))),
            _ => places.extend((0..size).map(|at| (name.clone(), at))),
        }
    }
    assert!(places.len() > 5_000, "{}", places.len());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let copy = copy_of(stage, folder, &format!("changed-{worker}"));
            let (next, places) = (&next, &places);
            scope.spawn(move || {
                while let Some((name, at)) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let whole = fs::read(folder.join(name)).unwrap();
                    let mut changed = whole.clone();
                    changed[*at] ^= 1 << (at % 8);
                    fs::write(copy.join(name), changed).unwrap();
                    assert!(verify(&copy).is_err(), "{name}: byte {at} was changed, and it was accepted");
                    fs::write(copy.join(name), whole).unwrap();
                }
            });
        }
    });
}

/// Tries things on copies of a folder, with the program.
struct Bench<'a> {
    stage: &'a Stage,
    folder: &'a Path,
    tried: usize,
}

impl Bench<'_> {
    #[track_caller]
    fn refuses(&mut self, what: &str, change: impl FnOnce(&Path)) {
        self.tried += 1;
        let copy = copy_of(self.stage, self.folder, &format!("tried-{}", self.tried));
        change(&copy);
        let said = self.stage.run(&["verify", copy.to_str().unwrap()]);
        assert!(!said.is_ok(), "{what}, and it was accepted");
        let sentence = said.failure();
        assert!(sentence.len() > 20 && sentence.contains(' '), "{what}: {sentence}");
        fs::remove_dir_all(copy).unwrap();
    }

    fn files(&mut self) {
        for (path, _) in files(self.folder) {
            let name = path.strip_prefix(self.folder).unwrap().to_owned();
            if name != Path::new("clip.mp4") {
                self.refuses(&format!("{} was removed", name.display()), |copy| {
                    fs::remove_file(copy.join(&name)).unwrap();
                });
                self.refuses(&format!("{} was emptied", name.display()), |copy| {
                    fs::write(copy.join(&name), []).unwrap();
                });
                self.refuses(&format!("{} got a byte more", name.display()), |copy| {
                    let bytes = [fs::read(copy.join(&name)).unwrap(), vec![0]].concat();
                    fs::write(copy.join(&name), bytes).unwrap();
                });
            }
        }
        for name in ["more.cose", "recording/more", "recording/part-1.chunks"] {
            self.refuses(&format!("{name} was added"), |copy| {
                fs::write(copy.join(name), b"more").unwrap();
            });
        }
        self.refuses("a part was added", |copy| {
            for kind in ["header", "chunks"] {
                let part = |number: u8| copy.join(format!("recording/part-{number}.{kind}"));
                fs::copy(part(0), part(1)).unwrap();
            }
        });
        self.refuses("the only part was removed", |copy| {
            for kind in ["header", "chunks"] {
                fs::remove_file(copy.join(format!("recording/part-0.{kind}"))).unwrap();
            }
        });
    }

    fn chunks(&mut self) {
        let whole = fs::read(self.folder.join(CHUNKS)).unwrap();
        let all = pieces(&whole, &records(&whole));
        let last = all.len() - 1;
        assert!(last > 20, "{last}");
        for at in [0, 1, last / 2, last - 1, last] {
            let mut some = all.clone();
            some.remove(at);
            self.writes(CHUNKS, &format!("chunk {at} was removed"), &some);
            let mut some = all.clone();
            some.insert(at, all[at]);
            self.writes(CHUNKS, &format!("chunk {at} came twice"), &some);
        }
        for (a, b) in [(0, 1), (1, 2), (last / 2, last / 2 + 1), (last - 1, last), (1, last)] {
            let mut some = all.clone();
            some.swap(a, b);
            self.writes(CHUNKS, &format!("chunks {a} and {b} were swapped"), &some);
        }
        self.writes(CHUNKS, "the chunks' second half was cut", &all[..all.len() / 2]);
        self.writes(CHUNKS, "half a chunk was cut", &[&whole[..whole.len() - all[last].len() / 2]]);
    }

    fn events(&mut self) {
        let whole = fs::read(self.folder.join(LOG)).unwrap();
        let all = pieces(&whole, &items(&whole));
        assert!(all.len() >= 9, "{}", all.len());
        for at in 0..all.len() {
            let mut some = all.clone();
            some.remove(at);
            self.writes(LOG, &format!("event {at} was removed"), &some);
            self.writes(LOG, &format!("the log was cut before event {at}"), &all[..at]);
            if at > 0 {
                self.writes(LOG, &format!("the log begins with event {at}"), &all[at..]);
                let mut some = all.clone();
                some.swap(at - 1, at);
                self.writes(LOG, &format!("events {} and {at} were swapped", at - 1), &some);
            }
        }
    }

    #[track_caller]
    fn writes(&mut self, name: &str, what: &str, pieces: &[&[u8]]) {
        self.refuses(what, |copy| fs::write(copy.join(name), pieces.concat()).unwrap());
    }

    /// Genuine papers of another delivery to the same door, by the same people.
    fn papers_of(&mut self, other: &Path) {
        for (path, _) in files(other) {
            let name = path.strip_prefix(other).unwrap().to_owned();
            // The roster is the same; a delegation says the same of the same working key; a clip proves nothing.
            if !["roster.cose", "delegation.cose", "clip.mp4"].map(Path::new).contains(&name.as_path()) {
                self.refuses(&format!("{} is of another delivery", name.display()), |copy| {
                    fs::copy(&path, copy.join(&name)).unwrap();
                });
            }
        }
        self.refuses("the whole recording is of another delivery", |copy| {
            for name in ["manifest", "part-0.header", "part-0.chunks"] {
                let name = Path::new("recording").join(name);
                fs::copy(other.join(&name), copy.join(&name)).unwrap();
            }
        });
    }
}

fn pieces<'b>(file: &'b [u8], ranges: &[Range<usize>]) -> Vec<&'b [u8]> {
    ranges.iter().map(|range| &file[range.clone()]).collect()
}

/// The beginning of every chunk, and a sample of the rest.
fn chunk_places(file: &[u8]) -> impl Iterator<Item = usize> {
    let starts: Vec<usize> = records(file).iter().map(|record| record.start).collect();
    (0..file.len()).filter(move |at| {
        let chunk = starts.partition_point(|start| start <= at) - 1;
        chunk % 8 == 0 && at - starts[chunk] < CHUNK_HEAD || at % CHUNK_STEP == 0
    })
}

/// Where each chunk's record lies in a part file: four bytes of length, big-endian, then the chunk.
fn records(file: &[u8]) -> Vec<Range<usize>> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < file.len() {
        let length = u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
        let end = at + 4 + usize::try_from(length).unwrap();
        records.push(at..end);
        at = end;
    }
    records
}

/// Where each item of a CBOR sequence lies.
fn items(file: &[u8]) -> Vec<Range<usize>> {
    let mut decoder = minicbor::Decoder::new(file);
    let mut items = Vec::new();
    while decoder.position() < file.len() {
        let start = decoder.position();
        decoder.skip().unwrap();
        items.push(start..decoder.position());
    }
    items
}

fn copy_of(stage: &Stage, folder: &Path, name: &str) -> PathBuf {
    let copy = stage.path(name);
    fs::create_dir_all(copy.join("recording")).unwrap();
    for (path, _) in files(folder) {
        fs::copy(&path, copy.join(path.strip_prefix(folder).unwrap())).unwrap();
    }
    copy
}
