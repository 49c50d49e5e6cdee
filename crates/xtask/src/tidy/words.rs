//! Words that no tracked file contains. They stand here in two halves, or this file would break its own rules.

use super::Finding;
use super::project::Project;

const MACHINE_PATHS: &[&str] =
    &[concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

const PACKAGE_HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("deb.debian", ".org"),
];

/// Written by the package managers themselves.
const LOCK_FILES: &[&str] = &["Cargo.lock", "package-lock.json"];

const BOASTS: &[&str] = &[
    concat!("military", "-grade"),
    concat!("bank", "-grade"),
    concat!("un", "hackable"),
    concat!("bullet", "proof"),
    concat!("blazing", "ly"),
    concat!("revolution", "ary"),
    concat!("world", "-class"),
    concat!("cutting", "-edge"),
];

pub(super) fn machine_paths(project: &Project) -> Vec<Finding> {
    // Behind a `#` stands a page of the app.
    let begins_a_path =
        |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || "_-./~#".contains(c));
    let mut findings = Vec::new();
    for (path, line, text) in lines(project) {
        for word in MACHINE_PATHS {
            if text.match_indices(word).any(|(at, _)| begins_a_path(&text[..at])) {
                findings.push(Finding::error(path, line, format!("a path under {word}")));
            }
        }
    }
    findings
}

pub(super) fn package_hosts(project: &Project) -> Vec<Finding> {
    let written_by_hand =
        |path: &str| !LOCK_FILES.iter().any(|lock| path == *lock || path.ends_with(&format!("/{lock}")));
    let mut findings = Vec::new();
    for (path, line, text) in lines(project).filter(|(path, ..)| written_by_hand(path)) {
        for host in PACKAGE_HOSTS.iter().filter(|host| text.contains(**host)) {
            findings.push(Finding::error(path, line, format!("names the package host {host}")));
        }
    }
    findings
}

pub(super) fn boasts(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, line, text) in lines(project).filter(|(path, ..)| path.ends_with(".md")) {
        let text = text.to_lowercase();
        for word in BOASTS.iter().filter(|word| text.contains(**word)) {
            findings.push(Finding::error(path, line, format!("\"{word}\"")));
        }
    }
    findings
}

fn lines(project: &Project) -> impl Iterator<Item = (&str, usize, &str)> {
    project.files.iter().flat_map(|(path, text)| {
        text.lines().enumerate().map(move |(index, line)| (path.as_str(), index + 1, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        let good =
            "frame/work/x ~/work/x https://a.example/home/x work/x /homes/x https://a.example/#/home/x";
        for word in MACHINE_PATHS {
            let bad = format!("{good}\nopen(\"{word}me/x\")");
            let found = machine_paths(&Project::of(&[("a.py", &bad)]));
            assert_eq!(found, [Finding::error("a.py", 2, format!("a path under {word}"))]);
        }
    }

    #[test]
    fn a_package_host_is_found_outside_lock_files() {
        for host in PACKAGE_HOSTS {
            let text = format!("from https://{host}/x");
            let project =
                Project::of(&[("a.toml", &text), ("Cargo.lock", &text), ("web/package-lock.json", &text)]);
            assert_eq!(package_hosts(&project).len(), 1, "{host}");
        }
    }

    #[test]
    fn a_boast_is_found_in_docs() {
        for word in BOASTS {
            let text = word.to_uppercase();
            assert_eq!(boasts(&Project::of(&[("a.md", &text), ("a.rs", &text)])).len(), 1, "{word}");
        }
    }
}
