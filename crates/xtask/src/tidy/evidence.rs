//! The page of assurance names its evidence, and the evidence is there: a test of that name in that file.
//!
//! Owns how a piece of evidence is written: `path::test` for a test, a path alone for a vector or a model. Whether a test
//! shows what the page says is for its reader.

use super::Finding;
use super::markdown::{Page, Piece};
use super::project::Project;

const PAGE: &str = "docs/reference/assurance.md";
/// The heading of the column that must not be empty.
const COLUMN: &str = "evidence";
/// Lines above a function in which its test attribute may stand.
const ATTRIBUTES_ABOVE: usize = 3;

pub(super) fn evidence(project: &Project) -> Vec<Finding> {
    let Some(text) = project.files.get(PAGE) else { return Vec::new() };
    let page = Page::parse(text);
    let wrong = page.spans.iter().filter_map(|Piece { line, text }| {
        let (path, name) = text.split_once("::")?;
        Some(Finding::error(PAGE, *line, missing(project, path, name)?))
    });
    wrong.chain(empty_rows(text, &page)).collect()
}

/// What is not there of a test.
fn missing(project: &Project, path: &str, name: &str) -> Option<String> {
    let Some(text) = project.files.get(path) else { return Some(format!("there is no file {path}")) };
    let is_there = if path.ends_with(".rs") { has_function(text, name) } else { has_title(text, name) };
    (!is_there).then(|| format!("{path} has no test `{name}`"))
}

fn has_function(text: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let lines: Vec<&str> = text.lines().collect();
    let is_test =
        |at: usize| lines[at.saturating_sub(ATTRIBUTES_ABOVE)..at].iter().any(|line| is_marked(line));
    lines.iter().enumerate().any(|(at, line)| line.contains(&head) && is_test(at))
}

/// `#[test]`, `#[tokio::test]`.
fn is_marked(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("#[") && line.split(['(', ']']).any(|part| part.ends_with("test"))
}

fn has_title(text: &str, name: &str) -> bool {
    ["'", "\"", "`"].iter().any(|quote| text.contains(&format!("test({quote}{name}{quote}")))
}

/// Rows of a table with a column of evidence that name none.
fn empty_rows(text: &str, page: &Page<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut is_claims = false;
    for (index, line) in text.lines().enumerate() {
        if !line.starts_with('|') {
            is_claims = false;
        } else if line.to_lowercase().trim_end_matches(['|', ' ']).ends_with(COLUMN) {
            is_claims = true;
        } else if is_claims && !line.starts_with("|---") {
            let is_evidence =
                |piece: &&Piece<'_>| piece.text.contains("::") || piece.text.starts_with("spec/");
            let named =
                page.spans.iter().filter(|piece| piece.line == index + 1).any(|piece| is_evidence(&piece));
            if !named {
                findings.push(Finding::error(PAGE, index + 1, "a claim without evidence"));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(page: &str) -> Vec<usize> {
        let project = Project::of(&[
            (PAGE, page),
            (
                "crates/a/tests/b.rs",
                "#[test]\nfn it_holds() {}\n#[tokio::test]\nasync fn waits() {}\n\n\n\nfn helps() {}\n",
            ),
            (
                "web/e2e/c.test.mjs",
                "test('the door stays shut', async () => {});\ntest(\"the resident's no\", x);\n",
            ),
        ]);
        evidence(&project).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_test_that_is_there_is_evidence() {
        let page = "`crates/a/tests/b.rs::it_holds` `crates/a/tests/b.rs::waits`\n\
                    `web/e2e/c.test.mjs::the door stays shut` `web/e2e/c.test.mjs::the resident's no`\n";
        assert_eq!(lines(page), Vec::<usize>::new());
    }

    #[test]
    fn a_test_or_file_that_is_gone_and_a_function_that_is_no_test_are_found() {
        let page = "`crates/a/tests/b.rs::it_held`\n`crates/a/tests/gone.rs::it_holds`\n`web/e2e/c.test.mjs::the door`\n\
                    `crates/a/tests/b.rs::helps`\n";
        assert_eq!(lines(page), [1, 2, 3, 4]);
    }

    #[test]
    fn a_claim_without_evidence_is_found() {
        let page = "| claim | evidence |\n|---|---|\n| a | `spec/vectors/bad/x.json` |\n| b | we are sure |\n\n\
                    | who | can open |\n|---|---|\n| c | nothing |\n";
        assert_eq!(lines(page), [4]);
    }
}
