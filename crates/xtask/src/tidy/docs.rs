//! The docs tell the truth: every path, link, crate, command and decision record they name is there.

use std::collections::BTreeSet;

use super::Finding;
use super::adr;
use super::markdown::{Page, Piece, slug};
use super::project::Project;

/// Endings under which a path without a known first folder is still a claim about this repository.
const SOURCE_ENDINGS: &[&str] = &[".rs", ".md", ".cddl", ".py", ".sh", ".sql"];

/// Folders of the root: a path that begins with one is a claim even where the folder is missing.
const ROOT_FOLDERS: &[&str] = &["crates", "docs", "spec", "tests", "web", "deploy", "bench"];

/// In pages, and in comments of the code those paths that begin at the root.
pub(super) fn paths(project: &Project) -> Vec<Finding> {
    let ignored: Vec<&str> = project.files.get(".gitignore").map_or_else(Vec::new, |text| {
        text.lines().map(|line| line.trim().trim_matches('/')).filter(|line| !line.is_empty()).collect()
    });
    let mut findings = Vec::new();
    for (path, text) in project.with_ending(".md") {
        for span in Page::parse(current_part(path, text)).spans {
            let first = span.text.trim_start_matches("./").split('/').next().unwrap_or_default();
            if !ignored.contains(&first) && !path_is_there(project, path, span.text) {
                findings.push(Finding::error(path, span.line, format!("`{}` does not exist", span.text)));
            }
        }
    }
    for (path, text) in project.with_ending(".rs") {
        let comments = text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"));
        for (index, comment) in comments {
            let from_root =
                |span: &str| ROOT_FOLDERS.iter().any(|folder| span.starts_with(&format!("{folder}/")));
            for span in Page::parse(comment).spans.iter().filter(|span| from_root(span.text)) {
                if !path_is_there(project, path, span.text) && !is_in_its_crate(project, path, span.text) {
                    findings.push(Finding::error(path, index + 1, format!("`{}` does not exist", span.text)));
                }
            }
        }
    }
    findings
}

/// False only for what is surely meant as a path of this repository.
fn path_is_there(project: &Project, page: &str, span: &str) -> bool {
    let span = span.split_once(':').map_or(span, |(path, line)| if is_number(line) { path } else { span });
    let span = span.trim_start_matches("./");
    let plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    if span.is_empty() || span.starts_with('/') || !span.chars().all(plain) || span.contains("NNNN") {
        return true;
    }
    let first = span.split('/').next().unwrap_or_default();
    let is_source = SOURCE_ENDINGS.iter().any(|ending| span.ends_with(ending) && span != *ending);
    let in_root = span.contains('/') && (ROOT_FOLDERS.contains(&first) || project.is_root_entry(first));
    if in_root {
        return project.exists(span) || project.exists(&join(page, span));
    }
    if first == ".." {
        return project.exists(&join(page, span));
    }
    !is_source || project.exists_somewhere(span)
}

/// A path below `tests` in the code of a crate is that crate's own, as cargo and its readers take it.
fn is_in_its_crate(project: &Project, file: &str, span: &str) -> bool {
    let name = file.strip_prefix("crates/").and_then(|rest| rest.split('/').next());
    name.is_some_and(|name| project.exists(&format!("crates/{name}/{span}")))
}

pub(super) fn links(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in project.with_ending(".md") {
        for link in Page::parse(text).links {
            if let Some(what) = broken(project, path, link.text) {
                findings.push(Finding::error(path, link.line, what));
            }
        }
    }
    findings
}

fn broken(project: &Project, page: &str, link: &str) -> Option<String> {
    if is_elsewhere(link) {
        return None;
    }
    let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = if target.is_empty() { page.to_owned() } else { join(page, target) };
    if !project.exists(&target) {
        return Some(format!("the link to {link} leads nowhere"));
    }
    let text = project.files.get(&target).filter(|_| target.ends_with(".md") && !fragment.is_empty())?;
    let has = Page::parse(text).headings.iter().any(|heading| slug(heading.text) == fragment);
    (!has).then(|| format!("{target} has no heading #{fragment}"))
}

pub(super) fn reachable(project: &Project) -> Vec<Finding> {
    if !project.files.contains_key("README.md") {
        return Vec::new();
    }
    let mut seen = BTreeSet::from(["README.md".to_owned()]);
    let mut open = vec!["README.md".to_owned()];
    while let Some(page) = open.pop() {
        let text = project.files.get(&page).map_or("", String::as_str);
        for link in Page::parse(text).links.iter().filter(|link| !is_elsewhere(link.text)) {
            let target = join(&page, link.text.split('#').next().unwrap_or_default());
            let inside =
                if target.is_empty() { "README.md".to_owned() } else { format!("{target}/README.md") };
            for target in [target, inside] {
                if target.ends_with(".md")
                    && project.files.contains_key(&target)
                    && seen.insert(target.clone())
                {
                    open.push(target);
                }
            }
        }
    }
    let unseen =
        project.with_ending(".md").filter(|(path, _)| !seen.contains(*path) && !path.starts_with('.'));
    unseen.map(|(path, _)| Finding::error(path, 0, "no chain of links leads here from README.md")).collect()
}

pub(super) fn crates(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known = |name: &str| project.members.contains(name) || project.locked.contains(name);
    for (path, text) in project.with_ending(".md").filter(|(path, _)| !path.starts_with(adr::FOLDER)) {
        for (index, line) in current_part(path, text).lines().enumerate() {
            for name in crates_named(line).filter(|name| !known(name)) {
                findings.push(Finding::error(path, index + 1, format!("there is no crate `{name}`")));
            }
        }
        for span in Page::parse(text).spans {
            let ends: Vec<&str> = span.text.split("->").map(str::trim).collect();
            if ends.len() > 1 && ends.iter().any(|end| project.members.contains(*end)) {
                let unknown = ends.iter().filter(|end| !known(end) && **end != "all");
                findings.extend(
                    unknown.map(|end| {
                        Finding::error(path, span.line, format!("`{}`: no crate {end}", span.text))
                    }),
                );
            }
        }
    }
    findings
}

/// Names in "crate `x`" and "`x` crate".
fn crates_named(line: &str) -> impl Iterator<Item = &str> {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let pieces: Vec<&str> = line.split('`').collect();
    let spans = (1..pieces.len().saturating_sub(1)).step_by(2);
    let named = spans.filter(move |&index| {
        let before = pieces[index - 1].trim_end().ends_with("crate");
        let after = pieces[index + 1].strip_prefix(" crate").is_some_and(|rest| !rest.starts_with('s'));
        is_name(pieces[index]) && (before || after)
    });
    let pieces: Vec<&str> = line.split('`').collect();
    named.map(move |index| pieces[index])
}

pub(super) fn commands(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in project.with_ending(".md") {
        let page = Page::parse(current_part(path, text));
        for Piece { line, text } in page.spans.iter().chain(&page.fenced) {
            for after in text.split("./x ").skip(1) {
                let name =
                    after.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
                if !name.is_empty() && !project.commands.contains(name) {
                    findings.push(Finding::error(path, *line, format!("`./x {name}` is not a command")));
                }
            }
        }
    }
    findings
}

/// A changelog tells of the past: only what is not yet released must be true today.
fn current_part<'a>(path: &str, text: &'a str) -> &'a str {
    if path != "CHANGELOG.md" {
        return text;
    }
    let second = text.match_indices("\n## ").nth(1).map_or(text.len(), |(at, _)| at);
    &text[..second]
}

fn is_elsewhere(link: &str) -> bool {
    link.contains("://") || link.starts_with("mailto:") || link.starts_with("data:")
}

/// `target`, as seen from `page`, from the root.
fn join(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return "outside the repository".to_owned();
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(findings: &[Finding]) -> Vec<(&str, usize)> {
        findings.iter().map(|finding| (finding.path.as_str(), finding.line)).collect()
    }

    #[test]
    fn a_path_in_backticks_that_is_not_there_is_found() {
        let project = Project::of(&[
            (".gitignore", "/target\n"),
            ("crates/hub/src/lock/mqtt.rs", ""),
            (
                "docs/a.md",
                "`crates/hub/` `lock/mqtt.rs:12` `mqtt.rs` `a.md` `target/x.rs` `nuki/state` `a/<b>.rs` `/x.md`",
            ),
            ("docs/b.md", "\n`crates/gone/`\n`gone.rs`\n`web/src`\n`../gone`"),
            (
                "crates/hub/src/lib.rs",
                "//! `docs/gone.md`, `docs/a.md`\nlet x = \"`docs/gone.md`\"; // `gone.rs`\n",
            ),
        ]);
        let found = paths(&project);
        let page = [2, 3, 4, 5].map(|line| ("docs/b.md", line));
        assert_eq!(whats(&found), [&page[..], &[("crates/hub/src/lib.rs", 1)]].concat());
    }

    #[test]
    fn a_path_in_code_may_begin_at_its_own_crate_but_not_at_another() {
        let files = |of: &str| {
            Project::of(&[
                ("crates/hub/src/lock/mod.rs", "//! `tests/locks.rs` checks it\n"),
                (&format!("crates/{of}/tests/locks.rs"), ""),
            ])
        };
        assert!(paths(&files("hub")).is_empty());
        assert_eq!(whats(&paths(&files("cloud"))), [("crates/hub/src/lock/mod.rs", 1)]);
    }

    #[test]
    fn a_released_change_may_name_what_is_gone() {
        let text = "# Changelog\n## [Unreleased]\n`gone.rs`\n## [0.1.0]\n`older.rs`\n";
        assert_eq!(whats(&paths(&Project::of(&[("CHANGELOG.md", text)]))), [("CHANGELOG.md", 3)]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let project = Project::of(&[
            (
                "docs/a.md",
                "# Top\n[b](b.md) [up](../LICENSE) [docs](.) [top](#top) [net](https://a.example/x)",
            ),
            ("docs/b.md", "[gone](gone.md)\n[gone](a.md#bottom)\n[out](../../x)"),
            ("LICENSE", ""),
        ]);
        assert_eq!(whats(&links(&project)), [("docs/b.md", 1), ("docs/b.md", 2), ("docs/b.md", 3)]);
    }

    #[test]
    fn a_page_without_a_way_from_the_readme_is_found() {
        let project = Project::of(&[
            ("README.md", "[docs](docs/)"),
            ("docs/README.md", "[a](a.md)"),
            ("docs/a.md", "[home](../README.md)"),
            ("docs/lost.md", "[a](a.md)"),
        ]);
        assert_eq!(whats(&reachable(&project)), [("docs/lost.md", 0)]);
    }

    #[test]
    fn a_crate_that_is_not_there_is_found() {
        let mut project = Project::of(&[
            ("Cargo.lock", "name = \"minicbor\"\n"),
            (
                "a.md",
                "the `hub` crate, crate `minicbor`, the `gone` crate\n`hub -> gone`\n`hub -> minicbor`\n",
            ),
            ("docs/design/adr/0001-a.md", "the `rejected` crate"),
        ]);
        project.members.insert("hub".into());
        assert_eq!(whats(&crates(&project)), [("a.md", 1), ("a.md", 2)]);
    }

    #[test]
    fn a_command_that_is_not_there_is_found() {
        let mut project = Project::of(&[(
            "a.md",
            "`./x demo`, ./x is a script\n```sh\n./x demo --door\n./x gone # gone\n```\n",
        )]);
        project.commands.insert("demo".into());
        assert_eq!(whats(&commands(&project)), [("a.md", 4)]);
    }
}
