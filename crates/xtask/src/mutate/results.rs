//! What earlier runs showed, so that one that was cut short goes on where it was, and a change is paid for where it counts.
//!
//! A result holds while all that it was run with is as it was: the entry of the list, the crates that its tests are built
//! of, and the vectors. Other tests are not among it: one that was added takes nothing away. Neither are crates of others.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::tree::Tree;
use super::{Defence, Outcome};
use crate::tidy;

pub(super) struct Results {
    /// One line of JSON for each result; the last one of a name counts.
    path: PathBuf,
    sources: BTreeMap<String, Source>,
    kept: BTreeMap<String, Kept>,
}

/// One of our files.
struct Source {
    fingerprint: u64,
    /// The text of a file with tests; of others the fingerprint is all that is asked for.
    tests: Option<String>,
}

struct Kept {
    fingerprint: String,
    /// Empty: they did not end.
    noticed_by: Vec<String>,
}

impl Results {
    pub(super) fn read(tree: &Tree) -> anyhow::Result<Self> {
        let mut sources = BTreeMap::new();
        for name in
            tree.names().iter().filter(|name| name.starts_with("crates/") || name.starts_with("spec/"))
        {
            let bytes = std::fs::read(tree.path(name)).with_context(|| format!("cannot read {name}"))?;
            sources.insert(name.clone(), Source::of(&bytes));
        }
        let path = tree.results();
        let lines = std::fs::read_to_string(&path).unwrap_or_default();
        Ok(Self { path, sources, kept: lines.lines().filter_map(kept).collect() })
    }

    /// What became of this defence, if that still holds.
    pub(super) fn of(&self, defence: &Defence) -> Option<Outcome> {
        let kept = self.kept.get(&defence.name)?;
        let now = self.fingerprint(defence, &kept.noticed_by);
        (kept.fingerprint == now).then(|| match kept.noticed_by.as_slice() {
            [] => Outcome::Hung,
            tests => Outcome::Noticed(tests.to_vec()),
        })
    }

    /// One that nobody noticed is run each time: it is what somebody works on.
    pub(super) fn keep(&mut self, defence: &Defence, outcome: &Outcome) -> anyhow::Result<()> {
        let noticed_by = match outcome {
            Outcome::Noticed(tests) => tests.clone(),
            Outcome::Hung => Vec::new(),
            Outcome::Unnoticed | Outcome::Broken => {
                return self.write(&defence.name, String::new(), Vec::new());
            }
        };
        let fingerprint = self.fingerprint(defence, &noticed_by);
        self.write(&defence.name, fingerprint, noticed_by)
    }

    /// All tests of this package passed with all defences in place, and everything is as it was then.
    pub(super) fn is_whole(&self, package: &str) -> bool {
        let kept = self.kept.get(&whole(package));
        kept.is_some_and(|kept| kept.fingerprint == self.all_of(&[package]))
    }

    pub(super) fn keep_whole(&mut self, package: &str) -> anyhow::Result<()> {
        self.write(&whole(package), self.all_of(&[package]), Vec::new())
    }

    fn fingerprint(&self, defence: &Defence, noticed_by: &[String]) -> String {
        let packages = defence.tested_by();
        let mut hasher = DefaultHasher::new();
        (&defence.file, &defence.from, &defence.to).hash(&mut hasher);
        self.built_of(packages, noticed_by).for_each(|source| source.hash(&mut hasher));
        format!("{:016x}", hasher.finish())
    }

    fn all_of(&self, packages: &[&str]) -> String {
        let mut hasher = DefaultHasher::new();
        self.built_of(packages, &[]).for_each(|source| source.hash(&mut hasher));
        format!("{:016x}", hasher.finish())
    }

    /// What the tests of these packages are built of. Files of tests count if one of `noticed_by` stands in them; if one
    /// of those stands nowhere, or there are none, all count.
    fn built_of<'a>(
        &'a self,
        packages: &'a [&str],
        noticed_by: &'a [String],
    ) -> impl Iterator<Item = (&'a String, u64)> + 'a {
        let crates = tidy::with_all_that_they_use(packages);
        let has = |source: &Source, test: &String| {
            let test = test.rsplit("::").next().unwrap_or(test);
            source.tests.as_ref().is_some_and(|text| text.contains(&format!("fn {test}(")))
        };
        let all = noticed_by.is_empty()
            || !noticed_by.iter().all(|test| self.sources.values().any(|source| has(source, test)));
        self.sources.iter().filter_map(move |(name, source)| {
            let counts = match name.strip_prefix("crates/").and_then(|rest| rest.split_once('/')) {
                Some((own, _)) if !crates.contains(&own) => false,
                Some((own, rest)) if rest.starts_with("tests/") => {
                    let others = source.tests.is_some() && !noticed_by.iter().any(|test| has(source, test));
                    packages.contains(&own) && (all || !others)
                }
                // The vectors, and what is no test.
                None | Some(_) => true,
            };
            counts.then_some((name, source.fingerprint))
        })
    }

    fn write(&mut self, name: &str, fingerprint: String, noticed_by: Vec<String>) -> anyhow::Result<()> {
        let line = json!({ "name": name, "fingerprint": fingerprint, "noticed_by": noticed_by });
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        writeln!(file, "{line}").with_context(|| format!("cannot write {}", self.path.display()))?;
        self.kept.insert(name.to_owned(), Kept { fingerprint, noticed_by });
        Ok(())
    }
}

impl Source {
    fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let text = str::from_utf8(bytes).ok().filter(|text| text.contains("#[test]"));
        Self { fingerprint: hasher.finish(), tests: text.map(Into::into) }
    }
}

fn whole(package: &str) -> String {
    format!("with all defences, {package}")
}

/// A line that was cut off is none.
fn kept(line: &str) -> Option<(String, Kept)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let tests = line["noticed_by"].as_array()?.iter().filter_map(|test| Some(test.as_str()?.to_owned()));
    let kept = Kept { fingerprint: line["fingerprint"].as_str()?.to_owned(), noticed_by: tests.collect() };
    Some((line["name"].as_str()?.to_owned(), kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOOR: &str = "crates/doorkeeper/src/door.rs";
    const SEES: &str = "crates/doorkeeper/tests/sees.rs";
    const OTHER: &str = "crates/doorkeeper/tests/other.rs";
    const WORLD: &str = "crates/doorkeeper/tests/world/mod.rs";
    const HUB: &str = "crates/hub/src/lib.rs";

    fn results(path: PathBuf, files: &[(&str, &str)]) -> Results {
        let read = std::fs::read_to_string(&path).unwrap_or_default();
        let sources =
            files.iter().map(|(name, text)| ((*name).to_owned(), Source::of(text.as_bytes()))).collect();
        Results { path, sources, kept: read.lines().filter_map(kept).collect() }
    }

    #[test]
    fn a_result_holds_until_something_changes_that_it_was_run_with() {
        let path = std::env::temp_dir().join(format!("vestibule-results-{}", std::process::id()));
        let files = [
            (DOOR, "shut"),
            (SEES, "#[test] fn sees() {}"),
            (OTHER, "#[test] fn other() {}"),
            (WORLD, "flat"),
            (HUB, "hub"),
        ];
        let holds = |defence: &Defence, changed: &str, text: &str| {
            let files = files.map(|(name, was)| (name, if name == changed { text } else { was }));
            results(path.clone(), &files).of(defence).is_some()
        };
        let mut defence =
            Defence { name: "a".into(), file: DOOR.into(), from: "shut".into(), to: String::new() };
        let mut first = results(path.clone(), &files);
        assert!(first.of(&defence).is_none());
        first.keep(&defence, &Outcome::Noticed(vec!["sees::sees".into()])).unwrap();
        first.keep_whole("doorkeeper").unwrap();

        assert!(holds(&defence, "nothing", ""));
        assert!(holds(&defence, OTHER, "#[test] fn other() {} #[test] fn third() {}"));
        assert!(holds(&defence, HUB, "another hub"));
        assert!(!holds(&defence, SEES, "#[test] fn sees() { less }"));
        assert!(!holds(&defence, SEES, "#[test] fn renamed() {}"));
        assert!(!holds(&defence, DOOR, "shut."));
        assert!(!holds(&defence, WORLD, "house"));

        let again = results(path.clone(), &files);
        assert!(again.is_whole("doorkeeper") && !again.is_whole("hub"));
        let mut files_now = files;
        files_now[2].1 = "#[test] fn other() { fails }";
        assert!(!results(path.clone(), &files_now).is_whole("doorkeeper"));

        defence.to = "ajar".into();
        assert!(!holds(&defence, "nothing", ""));
        first.keep(&defence, &Outcome::Unnoticed).unwrap();
        assert!(!holds(&defence, "nothing", ""));
        std::fs::remove_file(path).unwrap();
    }
}
