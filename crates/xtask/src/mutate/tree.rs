//! A copy of the workspace below `target`, from which a defence is taken out and put back.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::Defence;

pub(super) struct Tree {
    folder: PathBuf,
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
        let tree = Self { folder: root.join("target/mutate") };
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("cannot start git")?;
        ensure!(listed.status.success(), "git cannot list this folder's files ({})", listed.status);
        let listed = String::from_utf8(listed.stdout).context("a file's name is not UTF-8")?;
        for name in listed.split('\0').filter(|name| !name.is_empty()) {
            copy(&root.join(name), &tree.path(name)).with_context(|| format!("cannot copy {name}"))?;
        }
        Ok(tree)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join("tree").join(name)
    }

    /// Where cargo builds.
    pub(super) fn build(&self) -> PathBuf {
        self.folder.join("build")
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

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    // One that was deleted and is still listed.
    if !from.is_file() {
        return Ok(());
    }
    let bytes = std::fs::read(from)?;
    if std::fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    std::fs::create_dir_all(to.parent().context("a file without a folder")?)?;
    std::fs::copy(from, to)?;
    // Newer than what was built from the one before.
    std::fs::write(to, bytes)?;
    Ok(())
}
