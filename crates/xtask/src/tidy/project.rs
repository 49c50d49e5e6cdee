//! What the rules look at: the tracked files in memory, and the crates with their dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::steps::cargo;

/// Larger files are data; no rule reads them.
const READ_BYTES_MAX: u64 = 1 << 20;

/// A dependency as written in a Cargo.toml, of any kind: a test that links a crate links it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    /// Only tests and examples have it.
    pub(super) dev: bool,
}

#[derive(Default)]
pub(super) struct Project {
    /// Path from the root, with `/`, to the text; empty for what is not text.
    pub(super) files: BTreeMap<String, String>,
    folders: BTreeSet<String>,
    pub(super) members: BTreeSet<String>,
    pub(super) edges: Vec<Edge>,
    /// Names in Cargo.lock.
    pub(super) locked: BTreeSet<String>,
    pub(super) commands: BTreeSet<String>,
}

impl Project {
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let mut project = Self::with_files(read_files(root)?);
        let metadata = cargo(root)
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .output()
            .context("cannot start cargo")?;
        if !metadata.status.success() {
            bail!("cargo metadata: {}", String::from_utf8_lossy(&metadata.stderr));
        }
        let metadata: Value = serde_json::from_slice(&metadata.stdout)?;
        (project.members, project.edges) =
            parse_metadata(&metadata).context("cargo metadata has another shape")?;
        project.commands = crate::CHORES.iter().map(|chore| chore.name.to_owned()).collect();
        Ok(project)
    }

    fn with_files(files: BTreeMap<String, String>) -> Self {
        let folders = files.keys().flat_map(|path| {
            path.match_indices('/').map(|(end, _)| path[..end].to_owned()).collect::<Vec<_>>()
        });
        let folders = folders.collect();
        let locked = files.get("Cargo.lock").map(|lock| parse_lock(lock)).unwrap_or_default();
        Self { files, folders, locked, ..Self::default() }
    }

    /// A file or a folder at exactly this path from the root.
    pub(super) fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty() || self.files.contains_key(path) || self.folders.contains(path)
    }

    /// A file or folder whose path ends in these whole components.
    pub(super) fn exists_somewhere(&self, tail: &str) -> bool {
        let ending = format!("/{}", tail.trim_end_matches('/'));
        self.exists(tail) || self.files.keys().chain(&self.folders).any(|path| path.ends_with(&ending))
    }

    /// The first component is the name of something in the root.
    pub(super) fn is_root_entry(&self, component: &str) -> bool {
        self.folders.contains(component)
    }

    /// Files with this ending, with their text.
    pub(super) fn with_ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.ends_with(ending))
            .map(|(path, text)| (&**path, &**text))
    }

    /// Made up, for the rules' tests.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self::with_files(files.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect())
    }
}

/// Tracked files and new ones that are not ignored, so that a rule speaks up before the commit.
fn read_files(root: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    if !listing.status.success() {
        bail!("git ls-files: {}", String::from_utf8_lossy(&listing.stderr));
    }
    let mut files = BTreeMap::new();
    for path in String::from_utf8(listing.stdout)?.split_terminator('\0') {
        let full = root.join(path);
        let Ok(about) = full.metadata() else { continue }; // deleted, and not yet so in git
        if !about.is_file() {
            continue;
        }
        let bytes = if about.len() <= READ_BYTES_MAX { std::fs::read(&full)? } else { Vec::new() };
        files.insert(path.to_owned(), String::from_utf8(bytes).unwrap_or_default());
    }
    Ok(files)
}

fn parse_metadata(metadata: &Value) -> Option<(BTreeSet<String>, Vec<Edge>)> {
    let mut members = BTreeSet::new();
    let mut edges = Vec::new();
    for package in metadata.get("packages")?.as_array()? {
        let from = package.get("name")?.as_str()?;
        members.insert(from.to_owned());
        for dependency in package.get("dependencies")?.as_array()? {
            let to = dependency.get("name")?.as_str()?.to_owned();
            let dev = dependency.get("kind")?.as_str() == Some("dev");
            edges.push(Edge { from: from.to_owned(), to, dev });
        }
    }
    Some((members, edges))
}

fn parse_lock(lock: &str) -> BTreeSet<String> {
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_because_files_are_in_them() {
        let project = Project::of(&[("crates/hub/src/lib.rs", "")]);
        assert!(project.exists("crates/hub/") && project.exists("crates/hub/src/lib.rs"));
        assert!(!project.exists("crates/hub/src/li") && !project.exists("hub"));
        assert!(project.exists_somewhere("src/lib.rs") && !project.exists_somewhere("rc/lib.rs"));
    }

    #[test]
    fn reads_members_and_edges_of_every_kind() {
        let metadata: Value = serde_json::from_str(
            r#"{"packages":[{"name":"hub","dependencies":[
                {"name":"doorkeeper","kind":null,"rename":"d"},{"name":"house","kind":"dev"}]}]}"#,
        )
        .unwrap();
        let (members, edges) = parse_metadata(&metadata).unwrap();
        assert!(members.contains("hub"));
        let edge = |to: &str, dev| Edge { from: "hub".into(), to: to.into(), dev };
        assert_eq!(edges, [edge("doorkeeper", false), edge("house", true)]);
    }

    #[test]
    fn reads_a_real_folder_with_new_files_and_without_ignored_ones() {
        let root = std::env::temp_dir().join(format!("xtask-project-{}", std::process::id()));
        std::fs::create_dir_all(root.join("docs")).unwrap();
        assert!(Command::new("git").args(["init", "--quiet"]).arg(&root).status().unwrap().success());
        std::fs::write(root.join(".gitignore"), "/target\n").unwrap();
        std::fs::write(root.join("docs/new.md"), "# New\n").unwrap();
        std::fs::write(root.join("target"), "").unwrap();
        std::fs::write(root.join("picture"), [0xff, 0xfe]).unwrap();
        let files = read_files(&root).unwrap();
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(files.keys().collect::<Vec<_>>(), [".gitignore", "docs/new.md", "picture"]);
        assert_eq!(files["docs/new.md"], "# New\n");
    }
}
