//! The defences that `./x mutate` takes out are where its list says.

use super::Finding;
use super::project::Project;
use crate::mutate;

pub(super) fn defences(project: &Project) -> Vec<Finding> {
    // A project of a test has none of these files.
    if !project.files.contains_key(mutate::LIST) {
        return Vec::new();
    }
    let all = match mutate::all() {
        Ok(all) => all,
        Err(why) => return vec![Finding::error(mutate::LIST, 1, format!("{why:#}"))],
    };
    let wrong = |defence: mutate::Defence| {
        let why = match project.files.get(defence.file.as_str()) {
            None => Some(format!("`{}`: there is no file {}", defence.name, defence.file)),
            Some(text) => defence.taken_out(text).err().map(|why| why.to_string()),
        };
        Some(Finding::error(mutate::LIST, line_of(&defence.name), why?))
    };
    all.into_iter().filter_map(wrong).collect()
}

fn line_of(name: &str) -> usize {
    let head = format!("=== {name}");
    mutate::TEXT.lines().position(|line| line == head).map_or(1, |index| index + 1)
}
