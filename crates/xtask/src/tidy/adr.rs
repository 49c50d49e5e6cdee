//! Decision records: numbered without gaps, on one page, in one shape, and cited by numbers that exist.

use std::collections::BTreeMap;

use super::Finding;
use super::markdown::Page;
use super::project::Project;

pub(super) const FOLDER: &str = "docs/design/adr/";
const SECTIONS: &[&str] = &["Status", "Context", "Decision", "Alternatives", "Consequences"];
/// One printed page.
const LINES_MAX: usize = 80;

pub(super) fn records(project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut numbers: BTreeMap<usize, &str> = BTreeMap::new();
    for (path, text) in project.with_ending(".md") {
        let Some(name) = path.strip_prefix(FOLDER).filter(|name| *name != "README.md") else { continue };
        let Some(number) = name.split('-').next().filter(|n| n.len() == 4).and_then(|n| n.parse().ok())
        else {
            findings.push(Finding::error(path, 0, "is not named NNNN-what-was-decided.md"));
            continue;
        };
        if let Some(other) = numbers.insert(number, path) {
            findings.push(Finding::error(path, 0, format!("has the number of {other}")));
        }
        findings.extend(misshapen(path, text));
    }
    for (expected, (&number, path)) in (1..).zip(&numbers) {
        if number != expected {
            findings.push(Finding::error(
                path,
                0,
                format!("the number before it, {expected:04}, is missing"),
            ));
            break;
        }
    }
    for (path, text) in project.with_ending(".md").chain(project.with_ending(".rs")) {
        for (index, line) in text.lines().enumerate() {
            for cited in cited_in(line).filter(|cited| !numbers.contains_key(cited)) {
                findings.push(Finding::error(
                    path,
                    index + 1,
                    format!("decision record {cited:04} does not exist"),
                ));
            }
        }
    }
    findings
}

fn misshapen(path: &str, text: &str) -> Option<Finding> {
    let headings = Page::parse(text).headings;
    let sections: Vec<&str> = headings.iter().skip(1).map(|heading| heading.text).collect();
    if sections != SECTIONS {
        return Some(Finding::error(path, 0, format!("its sections are not {}", SECTIONS.join(", "))));
    }
    let lines = text.lines().count();
    (lines > LINES_MAX).then(|| Finding::error(path, 0, format!("{lines} lines are more than one page")))
}

/// The number in each citation: the three letters, an optional space or hyphen, four digits.
fn cited_in(line: &str) -> impl Iterator<Item = usize> {
    line.split("ADR").skip(1).filter_map(|after| {
        let digits = after.strip_prefix([' ', '-']).unwrap_or(after).get(..4)?;
        digits.chars().all(|c| c.is_ascii_digit()).then(|| digits.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whats(findings: &[Finding]) -> Vec<(&str, usize)> {
        findings.iter().map(|finding| (finding.path.as_str(), finding.line)).collect()
    }

    #[test]
    fn decision_records_are_numbered_and_shaped_and_cited_by_numbers_that_exist() {
        let good = "# A\n## Status\n## Context\n## Decision\n## Alternatives\n## Consequences\n";
        let adr = |name: &str| format!("{FOLDER}{name}.md");
        let (first, second, third) = (adr("0001-a"), adr("0002-b"), adr("0004-d"));
        let cited = format!("see {0} 0001, {0}-0002, {0} 0009", "ADR");
        let project = Project::of(&[
            (&first, good),
            (&second, "# B\n## Status\n"),
            (&third, good),
            (&adr("five"), good),
            ("crates/hub/src/lib.rs", &cited),
        ]);
        let found = records(&project);
        let five = adr("five");
        assert_eq!(
            whats(&found),
            [(second.as_str(), 0), (five.as_str(), 0), (third.as_str(), 0), ("crates/hub/src/lib.rs", 1)]
        );
    }

    #[test]
    fn a_decision_record_of_two_pages_is_found() {
        let sections = "# A\n## Status\n## Context\n## Decision\n## Alternatives\n## Consequences\n";
        assert!(misshapen("a", &format!("{sections}{}", "text\n".repeat(70))).is_none());
        assert!(misshapen("a", &format!("{sections}{}", "text\n".repeat(80))).is_some());
    }
}
