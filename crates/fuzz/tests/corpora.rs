//! What was found stays mended: every input that stands in a corpus, and every vector, into its target.

use fuzz::{TARGETS, corpus, seeds};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_corpus_is_borne() {
    for target in TARGETS {
        let seeds = seeds(target);
        let taken = seeds.iter().filter(|(_, bytes)| (target.run)(bytes)).count();
        println!("{}: {} inputs, {taken} taken", target.name, seeds.len());
        assert!(taken > 0, "{}: nothing in its corpus is what it reads", target.name);
    }
}

#[test]
fn every_corpus_has_its_target() {
    let folder = corpus(&TARGETS[0]).parent().map(Path::to_path_buf).expect("a folder of corpora");
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    for entry in std::fs::read_dir(folder).expect("the corpora") {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name), "corpus/{name} belongs to no target");
    }
}

/// Nothing at all, one byte, and the longest there is.
#[test]
fn every_target_bears_nothing_and_much() {
    for target in TARGETS {
        for bytes in [vec![], vec![0], vec![0xff; 3], vec![0; 70_000], vec![0xff; 70_000], vec![0x9f; 70_000]]
        {
            (target.run)(&bytes);
        }
    }
}
