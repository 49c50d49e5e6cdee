//! Which crate may use which, and what the three cores do without.

use std::collections::BTreeSet;

use super::Finding;
use super::project::Project;
use super::rust_text::{line_of, mask, words};

/// The crates that decide: no IO, no clock, no randomness, no operating system.
pub(crate) const CORES: &[&str] = &["protocol", "doorkeeper", "recording", "letterbox", "drafts"];

/// Every crate of the workspace, and which others it may name in its Cargo.toml, tests included.
const ALLOWED: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("doorkeeper", &["protocol"]),
    ("recording", &["protocol"]),
    ("house", &[]),
    ("hub", &["doorkeeper", "recording", "protocol", "house"]),
    ("cloud", &["protocol", "recording"]),
    ("letterbox", &["protocol"]),
    ("drafts", &["protocol"]),
    ("browser", &["protocol", "recording", "letterbox", "drafts"]),
    ("breakin", &["protocol", "doorkeeper", "drafts"]),
    ("vestibule", &["protocol", "doorkeeper", "recording", "letterbox", "drafts", "house", "hub", "cloud"]),
    ("fuzz", &["protocol", "doorkeeper", "recording", "letterbox", "house", "hub"]),
    ("simulation", &["protocol", "doorkeeper", "hub"]),
    ("bindings", &[]),
    ("xtask", &[]),
];

/// What no core may depend on, outside its tests.
const BANNED_IN_CORES: &[(&str, &str)] = &[
    ("coset", "a second CBOR implementation, and one that accepts non-canonical input"),
    ("ciborium", "a second CBOR implementation"),
    ("serde_cbor", "a second CBOR implementation"),
    ("getrandom", "randomness is an input"),
    ("rand", "randomness is an input"),
    ("chrono", "time is an input, in seconds or milliseconds"),
    ("time", "time is an input, in seconds or milliseconds"),
    ("tokio", "IO is outside"),
];

const BANNED: &[&str] = &["openssl", "openssl-sys", "native-tls"];

/// Lints that each core sets to `deny` or `forbid` in its lib.rs.
const CORE_LINTS: &[&str] = &[
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::arithmetic_side_effects",
    "clippy::wildcard_enum_match_arm",
];

/// These crates, and what [`ALLOWED`] says that they may use, each and all.
pub(crate) fn with_all_that_they_use(crates: &[&str]) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut due: Vec<&str> = crates.to_vec();
    while let Some(name) = due.pop() {
        if let Some((name, uses)) = ALLOWED.iter().find(|(from, _)| *from == name)
            && found.insert(*name)
        {
            due.extend_from_slice(uses);
        }
    }
    found
}

pub(super) fn direction(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    let allowed = |name: &str| ALLOWED.iter().find(|(from, _)| *from == name).map(|(_, to)| *to);
    for member in &project.members {
        if allowed(member).is_none() {
            let what = "has no row in ALLOWED of crates/xtask/src/tidy/crates.rs: say what it may use";
            findings.push(Finding::error(&manifest(member), 0, what));
        }
    }
    for edge in project.edges.iter().filter(|edge| project.members.contains(&edge.to)) {
        if allowed(&edge.from).is_some_and(|to| !to.contains(&edge.to.as_str())) {
            findings.push(Finding::error(
                &manifest(&edge.from),
                0,
                format!("may not depend on `{}`", edge.to),
            ));
        }
    }
    findings
}

pub(super) fn house_wire_only(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in project.with_ending(".rs").filter(|(path, _)| path.starts_with("crates/hub/")) {
        let masked = mask(text);
        for (at, _) in words(&masked).filter(|&(_, word)| word == "house") {
            let after = masked[at + "house".len()..].trim_start();
            let local = masked[..at].ends_with("::");
            if !local && after.starts_with("::") && !is_word(after[2..].trim_start(), "wire") {
                findings.push(Finding::error(
                    path,
                    line_of(&masked, at),
                    "uses more of `house` than `house::wire`",
                ));
            }
        }
    }
    findings
}

fn is_word(text: &str, word: &str) -> bool {
    words(text).next() == Some((0, word))
}

pub(super) fn core_no_std(project: &Project) -> Vec<Finding> {
    let has = |text: &str| text.contains("#![no_std]") || text.contains("#![cfg_attr(not(test), no_std)]");
    cores(project)
        .filter(|(_, text)| !has(text))
        .map(|(path, _)| Finding::error(&path, 0, "is not no_std"))
        .collect()
}

pub(super) fn core_panics(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in cores(project) {
        let missing: Vec<_> = CORE_LINTS.iter().copied().filter(|lint| !text.contains(lint)).collect();
        if !missing.is_empty() {
            findings.push(Finding::error(&path, 0, format!("does not deny {}", missing.join(", "))));
        }
    }
    findings
}

/// Each core's lib.rs without comments; empty where the file is missing, which then breaks every rule.
fn cores(project: &Project) -> impl Iterator<Item = (String, String)> {
    CORES.iter().map(|core| {
        let path = format!("crates/{core}/src/lib.rs");
        let text = project.files.get(&path).map(|text| mask(text)).unwrap_or_default();
        (path, text)
    })
}

pub(super) fn core_dependencies(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for edge in project.edges.iter().filter(|edge| !edge.dev && CORES.contains(&edge.from.as_str())) {
        if let Some((name, reason)) = BANNED_IN_CORES.iter().find(|(name, _)| *name == edge.to) {
            findings.push(Finding::error(&manifest(&edge.from), 0, format!("depends on `{name}`: {reason}")));
        }
    }
    findings
}

pub(super) fn banned(project: &Project) -> Vec<Finding> {
    let found = BANNED.iter().filter(|name| project.locked.contains(**name));
    found
        .map(|name| Finding::error("Cargo.lock", 0, format!("contains `{name}`; `cargo tree -i {name}`")))
        .collect()
}

fn manifest(member: &str) -> String {
    format!("crates/{member}/Cargo.toml")
}

#[cfg(test)]
mod tests {
    use super::super::project::Edge;
    use super::*;

    fn with_edges(edges: &[(&str, &str, bool)]) -> Project {
        let mut project = Project::of(&[]);
        project.members = ALLOWED.iter().map(|(name, _)| (*name).to_owned()).collect();
        let edge = |&(from, to, dev): &(&str, &str, bool)| Edge { from: from.into(), to: to.into(), dev };
        project.edges = edges.iter().map(edge).collect();
        project
    }

    #[test]
    fn the_cloud_may_not_use_the_doorkeeper_not_even_in_tests() {
        assert!(
            direction(&with_edges(&[("hub", "doorkeeper", false), ("cloud", "anyhow", false)])).is_empty()
        );
        for dev in [false, true] {
            let found = direction(&with_edges(&[("cloud", "doorkeeper", dev)]));
            assert_eq!(
                found,
                [Finding::error("crates/cloud/Cargo.toml", 0, "may not depend on `doorkeeper`")]
            );
        }
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        let mut project = with_edges(&[]);
        project.members.insert("cellar".into());
        assert_eq!(direction(&project).len(), 1);
    }

    #[test]
    fn the_hub_may_use_the_wire_of_the_house_and_nothing_else() {
        let good = "use house::wire::Bolt; // house::Door\nfn f(house: u8) { crate::house::x(); }";
        assert!(house_wire_only(&Project::of(&[("crates/hub/src/a.rs", good)])).is_empty());
        for bad in ["use house::Camera;", "use house::{wire, lock};", "let x = house::wired();"] {
            assert_eq!(house_wire_only(&Project::of(&[("crates/hub/src/a.rs", bad)])).len(), 1, "{bad}");
        }
    }

    fn core(text: &str) -> Project {
        let paths: Vec<_> = CORES.iter().map(|core| format!("crates/{core}/src/lib.rs")).collect();
        Project::of(&paths.iter().map(|path| (path.as_str(), text)).collect::<Vec<_>>())
    }

    #[test]
    fn a_core_with_std_is_found() {
        assert!(core_no_std(&core("//! Core.\n#![no_std]\n")).is_empty());
        assert_eq!(core_no_std(&core("// #![no_std]\n")).len(), CORES.len());
    }

    #[test]
    fn a_core_that_may_panic_is_found() {
        let all = format!("#![deny({})]", CORE_LINTS.join(", "));
        assert!(core_panics(&core(&all)).is_empty());
        assert_eq!(core_panics(&core(&all.replace("clippy::panic,", ""))).len(), CORES.len());
    }

    #[test]
    fn a_core_with_randomness_is_found_outside_its_tests() {
        let found = core_dependencies(&with_edges(&[
            ("protocol", "rand", false),
            ("protocol", "getrandom", true),
            ("hub", "getrandom", false),
        ]));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn openssl_in_the_lock_file_is_found() {
        assert!(banned(&Project::of(&[("Cargo.lock", "name = \"openssl-probe\"\n")])).is_empty());
        assert_eq!(banned(&Project::of(&[("Cargo.lock", "name = \"openssl-sys\"\n")])).len(), 1);
    }
}
