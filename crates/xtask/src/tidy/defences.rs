//! The defences that `./x mutate` takes out are where its list says, and its page is of this list.

use std::collections::BTreeSet;

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
    let page = project.files.get(mutate::PAGE).map_or("", String::as_str);
    let mut findings = on_the_page(&all, page);
    let wrong = |defence: mutate::Defence| {
        let why = match project.files.get(defence.file.as_str()) {
            None => Some(format!("`{}`: there is no file {}", defence.name, defence.file)),
            Some(text) => defence.taken_out(text).err().map(|why| why.to_string()),
        };
        Some(Finding::error(mutate::LIST, line_of(&defence.name), why?))
    };
    findings.extend(all.into_iter().filter_map(wrong));
    findings
}

/// The page is written from runs. One that is behind is noted, since a run takes long; a defence that nobody notices is
/// to be mended.
fn on_the_page(all: &[mutate::Defence], page: &str) -> Vec<Finding> {
    let rows =
        || page.lines().enumerate().filter_map(|(at, row)| Some((at + 1, row, mutate::named_in(row)?)));
    let unnoticed = rows().filter(|(_, row, _)| row.contains(mutate::NOTHING));
    let mut findings: Vec<Finding> = unnoticed
        .map(|(line, _, name)| Finding::error(mutate::PAGE, line, format!("no test notices `{name}`")))
        .collect();
    let listed: BTreeSet<&str> = all.iter().map(|defence| defence.name.as_str()).collect();
    let shown: BTreeSet<&str> = rows().map(|(_, _, name)| name).collect();
    let behind = listed.symmetric_difference(&shown).count();
    if behind > 0 {
        let what = format!("{behind} stand only here or only in the list: `./x mutate --write`");
        findings.push(Finding { fatal: false, ..Finding::error(mutate::PAGE, 0, what) });
    }
    findings
}

fn line_of(name: &str) -> usize {
    let head = format!("=== {name}");
    mutate::TEXT.lines().position(|line| line == head).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_behind_is_noted_and_a_defence_that_nobody_notices_fails() {
        let name = |name: &str| mutate::Defence {
            name: name.into(),
            file: "a.rs".into(),
            from: "a".into(),
            to: String::new(),
        };
        let all = [name("the bolt waits"), name("a key ends")];
        let fatal = |page: &str| on_the_page(&all, page).iter().map(|one| one.fatal).collect::<Vec<_>>();
        let head = "| defence | without it, these fail |\n|---|---|\n| the bolt waits | `a` |\n";
        assert!(fatal(&format!("{head}| a key ends | `b::c` |\n")).is_empty());
        assert_eq!(fatal(&format!("{head}| a key ends | **nothing** |\n")), [true]);
        assert_eq!(fatal(head), [false]);
        assert_eq!(fatal(&format!("{head}| a key ends | `b` |\n| another | `c` |\n")), [false]);
    }
}
