//! A copy of the workspace below `target`, from which a defence is taken out and put back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::Defence;

pub(super) struct Tree {
    folder: PathBuf,
    names: Vec<String>,
}

/// Puts a file's text back.
#[must_use]
pub(super) struct Back {
    path: PathBuf,
    text: String,
}

impl Drop for Back {
    fn drop(&mut self) {
        // What cannot be put back is copied anew by the next run.
        let _gone = std::fs::write(&self.path, &self.text);
    }
}

impl Tree {
    /// Copies what git knows or would know. Files that are the same are left alone, so that cargo builds little.
    pub(super) fn copied(root: &Path) -> anyhow::Result<Self> {
        let mut tree = Self { folder: root.join("target/mutate"), names: Vec::new() };
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("cannot start git")?;
        ensure!(listed.status.success(), "git cannot list this folder's files ({})", listed.status);
        let listed = String::from_utf8(listed.stdout).context("a file's name is not UTF-8")?;
        let listed: BTreeSet<&str> = listed.split('\0').filter(|name| root.join(name).is_file()).collect();
        for name in &listed {
            copy(&root.join(name), &tree.path(name)).with_context(|| format!("cannot copy {name}"))?;
        }
        let there = tree.path("");
        // A test that is gone would still be run.
        remove_others(&there, &there, &listed).context("cannot remove what is gone")?;
        tree.names = listed.into_iter().map(Into::into).collect();
        Ok(tree)
    }

    /// Its files, from its root.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join("tree").join(name)
    }

    /// Where cargo builds.
    pub(super) fn build(&self) -> PathBuf {
        self.folder.join("build")
    }

    /// Where results are kept.
    pub(super) fn results(&self) -> PathBuf {
        self.folder.join("results")
    }

    /// Takes a defence out until the answer is dropped.
    pub(super) fn change(&self, defence: &Defence) -> anyhow::Result<Back> {
        let path = self.path(&defence.file);
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", defence.file))?;
        let changed = defence.taken_out(&text)?;
        let back = Back { path, text };
        std::fs::write(&back.path, changed)?;
        Ok(back)
    }
}

fn remove_others(folder: &Path, root: &Path, listed: &BTreeSet<&str>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, root, listed)?;
        } else if !path.strip_prefix(root)?.to_str().is_some_and(|name| listed.contains(name)) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let bytes = std::fs::read(from)?;
    if std::fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    std::fs::create_dir_all(to.parent().context("a file without a folder")?)?;
    std::fs::copy(from, to)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_removed_and_what_is_there_stays() {
        let folder = std::env::temp_dir().join(format!("vestibule-mutate-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("a")).unwrap();
        for name in ["a/gone.rs", "a/there.rs"] {
            std::fs::write(folder.join(name), name).unwrap();
        }
        remove_others(&folder, &folder, &BTreeSet::from(["a/there.rs"])).unwrap();
        let left = (folder.join("a/gone.rs").exists(), folder.join("a/there.rs").exists());
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left, (false, true));
    }
}
