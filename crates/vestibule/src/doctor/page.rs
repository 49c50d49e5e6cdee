//! Findings as lines for a terminal of 80 columns. The words carry the meaning; mark and colour repeat it.

use super::finding::{Part, Severity};
use crate::say::Tone;

/// Columns of a page.
const COLUMNS: usize = 80;
/// Columns before the sentences: indent, mark, word.
const INDENT: usize = 20;

/// A part: heading, findings, an empty line.
pub(crate) fn lines(part: &Part, paint: impl Fn(Tone, &str) -> String) -> Vec<String> {
    let mut name: String = part.name.into();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let heading = if part.subject.is_empty() { name } else { format!("{name} · {}", part.subject) };
    let mut lines = vec![heading];
    for finding in &part.findings {
        let severity = finding.severity;
        let says = match severity {
            Severity::Fine => finding.sentence.clone(),
            Severity::Look | Severity::Mend => format!("{} [{}]", finding.sentence, finding.code),
        };
        let label = format!("{} {:<width$}", severity.mark(), severity.word(), width = INDENT - 4);
        let mut sentence = wrapped(&says, COLUMNS - INDENT).into_iter();
        let first = sentence.next().unwrap_or_default();
        lines.push(format!("  {}{first}", paint(severity.tone(), &label)));
        let mend = finding.mend.iter().flat_map(|mend| wrapped(&format!("→ {mend}"), COLUMNS - INDENT - 2));
        lines.extend(sentence.map(|line| format!("{:INDENT$}{line}", "")));
        lines.extend(mend.map(|line| {
            let hang = if line.starts_with('→') { INDENT } else { INDENT + 2 };
            format!("{:hang$}{line}", "")
        }));
    }
    lines.push(String::new());
    lines
}

/// Like `2 must be mended, 1 worth a look.`
pub(crate) fn summary(severities: &[Severity]) -> String {
    let count = |which: Severity| severities.iter().filter(|severity| **severity == which).count();
    match (count(Severity::Mend), count(Severity::Look)) {
        (0, 0) => format!("All {} findings are fine.", severities.len()),
        (0, look) => format!("Nothing must be mended, {look} worth a look."),
        (mend, 0) => format!("{mend} must be mended."),
        (mend, look) => format!("{mend} must be mended, {look} worth a look."),
    }
}

/// Broken between words; a word that is longer than a line stays whole, for it may be a path to copy.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::Finding;
    use super::*;

    #[test]
    fn a_page_keeps_its_columns_and_says_everything_without_colour() {
        let long = "A sentence about a lock that has much to say. ".repeat(5);
        let findings = vec![
            Finding::fine("a", "The keys are whole."),
            Finding::look("b", &long, &long),
            Finding::mend("c", "Others can read door.key", "Run `chmod 600 door.key`"),
        ];
        let part = Part { name: "folder", subject: "home".into(), findings };
        let lines = lines(&part, |_, words| words.into());
        assert_eq!(lines[0], "Folder · home");
        assert_eq!(lines[1], "  ✓ fine            The keys are whole.");
        assert!(lines.iter().all(|line| line.chars().count() <= COLUMNS), "{lines:#?}");
        assert!(lines.iter().any(|line| line == "  ✗ must be mended  Others can read door.key. [c]"));
        assert_eq!(lines[lines.len() - 2], "                    → Run `chmod 600 door.key`");
    }

    #[test]
    fn the_summary_counts() {
        use Severity::{Fine, Look, Mend};
        assert_eq!(summary(&[Fine, Fine]), "All 2 findings are fine.");
        assert_eq!(summary(&[Fine, Look]), "Nothing must be mended, 1 worth a look.");
        assert_eq!(summary(&[Mend, Look, Mend]), "2 must be mended, 1 worth a look.");
    }
}
