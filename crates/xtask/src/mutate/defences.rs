//! The list of defences: what stands in a file, and what would stand there without.

use anyhow::{Context as _, ensure};

/// Where the list lies, from the workspace's root.
pub(crate) const LIST: &str = "crates/xtask/src/mutate/defences.txt";
/// The list as it was built in.
pub(crate) const TEXT: &str = include_str!("defences.txt");

/// One defence, and how to take it out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Defence {
    /// What it defends, as a claim.
    pub(crate) name: String,
    /// Path from the workspace's root.
    pub(crate) file: String,
    /// What stands there, once.
    pub(crate) from: String,
    /// What stands there without it.
    pub(crate) to: String,
}

impl Defence {
    /// Packages whose tests must notice, in this order. The doorkeeper's vectors are the specification's, and so the
    /// protocol's.
    pub(crate) fn tested_by(&self) -> &'static [&'static str] {
        match self.file.split('/').nth(1) {
            Some("protocol") => &["protocol", "doorkeeper"],
            Some("recording") => &["recording"],
            // What follows from what a hub does shows only where a whole home is played.
            Some("hub") => &["hub", "simulation"],
            Some(_) | None => &["doorkeeper"],
        }
    }

    /// The file's text without this defence.
    pub(crate) fn taken_out(&self, text: &str) -> anyhow::Result<String> {
        let found = text.matches(&self.from).count();
        ensure!(found == 1, "`{}`: what stands there is found {found} times in {}", self.name, self.file);
        Ok(text.replace(&self.from, &self.to))
    }
}

/// All of the list, in its order.
pub(crate) fn all() -> anyhow::Result<Vec<Defence>> {
    parsed(TEXT).with_context(|| format!("{LIST} cannot be read"))
}

fn parsed(text: &str) -> anyhow::Result<Vec<Defence>> {
    let text = text.trim_end_matches('\n');
    text.split("\n=== ").skip(1).map(one).collect()
}

fn one(entry: &str) -> anyhow::Result<Defence> {
    let shape =
        || format!("an entry is `=== name`, `--- file`, what stands there, `>>>`, what would; not\n{entry}");
    let (name, rest) = entry.split_once("\n--- ").with_context(shape)?;
    let (file, rest) = rest.split_once('\n').with_context(shape)?;
    let (from, to) = rest.split_once("\n>>>").with_context(shape)?;
    ensure!(!from.is_empty(), shape());
    let to = to.strip_prefix('\n').unwrap_or(to);
    Ok(Defence { name: name.into(), file: file.into(), from: from.into(), to: to.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_a_name_a_file_and_two_texts() {
        let text = "About it.\n\n=== the bolt waits\n--- crates/hub/src/a.rs\n  wait();\n  go();\n>>>\n  go();\n=== b\n--- c\nd\n>>>\n";
        let read = parsed(text).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].tested_by(), ["hub", "simulation"]);
        assert_eq!(read[0].taken_out("x\n  wait();\n  go();\ny").unwrap(), "x\n  go();\ny");
        assert_eq!((read[1].name.as_str(), read[1].to.as_str()), ("b", ""));
        assert!(read[1].taken_out("d d").unwrap_err().to_string().contains("2 times"));
        assert!(parsed("\n=== a\n--- b\nc").unwrap_err().to_string().contains("an entry is"));
    }

    #[test]
    fn each_name_stands_once() {
        let mut names: Vec<String> = all().unwrap().into_iter().map(|defence| defence.name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
