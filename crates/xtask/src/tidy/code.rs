//! Names and sizes of files, modules and functions, and nothing left unfinished.

use super::Finding;
use super::project::Project;
use super::rust_text::{functions, line_of, mask, words};

const EMPTY_NAMES: &[&str] =
    &["common", "types", "util", "utils", "helper", "helpers", "misc", "manager", "managers"];
const SOURCE_ENDINGS: &[&str] = &[".rs", ".ts", ".svelte", ".py"];

/// One sitting.
const FILE_LINES_WARN: usize = 300;
const FILE_LINES_MAX: usize = 800;
/// One screen.
const FUNCTION_LINES_WARN: usize = 70;
const FUNCTION_LINES_MAX: usize = 100;

pub(super) fn names(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in project.members.iter().filter(|member| EMPTY_NAMES.contains(&member.as_str())) {
        findings.push(Finding::error(
            "Cargo.toml",
            0,
            format!("the crate `{member}` has a name that says nothing"),
        ));
    }
    for (path, text) in &project.files {
        let Some(stem) = SOURCE_ENDINGS.iter().find_map(|ending| path.strip_suffix(ending)) else { continue };
        if let Some(part) = stem.split('/').find(|part| EMPTY_NAMES.contains(part)) {
            findings.push(Finding::error(path, 0, format!("`{part}` says nothing")));
        }
        if path.ends_with(".rs") {
            let masked = mask(text);
            let mut before = "";
            for (at, word) in words(&masked) {
                let inline = before == "mod" && masked[at + word.len()..].trim_start().starts_with('{');
                if inline && EMPTY_NAMES.contains(&word) {
                    findings.push(Finding::error(
                        path,
                        line_of(&masked, at),
                        format!("module `{word}` says nothing"),
                    ));
                }
                before = word;
            }
        }
    }
    findings
}

pub(super) fn module_docs(project: &Project) -> Vec<Finding> {
    let in_src =
        project.with_ending(".rs").filter(|(path, _)| path.starts_with("crates/") && path.contains("/src/"));
    let without = in_src.filter(|(_, text)| !text.starts_with("//!"));
    without.map(|(path, _)| Finding::error(path, 1, "does not begin with `//!`")).collect()
}

pub(super) fn file_size(project: &Project) -> Vec<Finding> {
    let sized = project.with_ending(".rs").map(|(path, text)| (path, text.lines().count()));
    let long = sized.filter(|&(_, lines)| lines > FILE_LINES_WARN);
    let finding = |(path, lines)| Finding {
        fatal: lines > FILE_LINES_MAX,
        ..Finding::error(path, 0, format!("{lines} lines"))
    };
    long.map(finding).collect()
}

pub(super) fn function_size(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in project.with_ending(".rs") {
        for function in functions(&mask(text)).iter().filter(|function| function.lines > FUNCTION_LINES_WARN)
        {
            let fatal = function.lines > FUNCTION_LINES_MAX;
            let what = format!("`{}` has {} lines", function.name, function.lines);
            findings.push(Finding { fatal, ..Finding::error(path, function.line, what) });
        }
    }
    findings
}

pub(super) fn unfinished(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in project.with_ending(".rs") {
        let masked = mask(text);
        for (at, word) in words(&masked) {
            let is_macro = matches!(word, "todo" | "unimplemented" | "dbg")
                && masked[at + word.len()..].starts_with('!');
            let is_ignored_test = word == "ignore" && masked[..at].trim_end().ends_with("#[");
            if is_macro || is_ignored_test {
                findings.push(Finding::error(path, line_of(&masked, at), format!("`{word}`")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(findings: &[Finding]) -> Vec<(&str, usize, bool)> {
        findings.iter().map(|f| (f.path.as_str(), f.line, f.fatal)).collect()
    }

    #[test]
    fn a_name_that_says_nothing_is_found() {
        let mut project = Project::of(&[
            ("crates/hub/src/limits.rs", "mod types;\nmod common_sense {}\nmod utils {\n}\n"),
            ("crates/hub/src/types.rs", ""),
            ("tests/common/mod.rs", ""),
            ("web/src/helpers.ts", ""),
        ]);
        project.members.insert("util".into());
        assert_eq!(
            places(&names(&project)),
            [
                ("Cargo.toml", 0, true),
                ("crates/hub/src/limits.rs", 3, true),
                ("crates/hub/src/types.rs", 0, true),
                ("tests/common/mod.rs", 0, true),
                ("web/src/helpers.ts", 0, true),
            ]
        );
    }

    #[test]
    fn a_module_without_its_first_lines_is_found() {
        let project = Project::of(&[("crates/a/src/a.rs", "//! A.\n"), ("crates/a/src/b.rs", "use a;\n")]);
        assert_eq!(places(&module_docs(&project)), [("crates/a/src/b.rs", 1, true)]);
    }

    #[test]
    fn long_files_are_noted_and_very_long_ones_fail() {
        let lines = |n| "\n".repeat(n);
        let (good, long, too_long) = (lines(300), lines(800), lines(801));
        let project =
            Project::of(&[("a.rs", &good), ("b.rs", &long), ("c.rs", &too_long), ("d.md", &too_long)]);
        assert_eq!(places(&file_size(&project)), [("b.rs", 0, false), ("c.rs", 0, true)]);
    }

    #[test]
    fn long_functions_are_noted_and_very_long_ones_fail() {
        let function = |lines: usize| format!("fn f() {{{}}}\n", "\n".repeat(lines - 1));
        let text = [function(70), function(71), function(101)].concat();
        let found = function_size(&Project::of(&[("a.rs", &text)]));
        assert_eq!(places(&found), [("a.rs", 71, false), ("a.rs", 142, true)]);
    }

    #[test]
    fn what_is_unfinished_is_found_but_not_in_text() {
        let text = "// todo!()\nlet s = \"todo!()\";\ntodo!();\n#[ignore = \"slow\"]\nignore();\ntodo();\n";
        assert_eq!(
            places(&unfinished(&Project::of(&[("a.rs", text)]))),
            [("a.rs", 3, true), ("a.rs", 4, true)]
        );
    }
}
