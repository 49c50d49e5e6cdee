//! The house rules as code. Each rule has a name, a reason and a check; a new rule is a function and a row in [`RULES`].
//!
//! Owns what STYLE.md and ARCHITECTURE.md promise and a compiler does not see. What clippy can see is clippy's.

#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "git's paths; we write endings in lower case"
)]

mod adr;
mod code;
mod crates;
mod defences;
mod docs;
mod evidence;
mod markdown;
mod project;
mod rust_text;
mod words;

use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

pub(crate) use crates::{CORES, with_all_that_they_use};
use project::Project;

use crate::steps::{RED, YELLOW, paint};

struct Rule {
    name: &'static str,
    /// Printed below what the rule found: a rule without its reason is obeyed until it is in the way.
    why: &'static str,
    check: fn(&Project) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "docs-paths",
        why: "a path in backticks is a promise; the reader who follows it and finds nothing trusts no other page",
        check: docs::paths,
    },
    Rule {
        name: "docs-links",
        why: "a link leads to a file, and its #fragment to a heading",
        check: docs::links,
    },
    Rule {
        name: "docs-reachable",
        why: "a page that no link leads to from README.md is not read, and rots first",
        check: docs::reachable,
    },
    Rule {
        name: "docs-crates",
        why: "a crate named in the docs is in the workspace or in Cargo.lock; decision records may name what was rejected",
        check: docs::crates,
    },
    Rule {
        name: "docs-commands",
        why: "a command in the docs is typed as it stands; `./x help` must know it",
        check: docs::commands,
    },
    Rule {
        name: "docs-evidence",
        why: "a claim about a door rests on something that a reader can run; a test that was renamed or dropped takes it away",
        check: evidence::evidence,
    },
    Rule {
        name: "defences",
        why: "a defence that cannot be taken out is not looked at; whoever moved it moves it in the list, too",
        check: defences::defences,
    },
    Rule {
        name: "adr",
        why: "decisions are numbered without gaps, on one page, in one shape, so that `ADR 0003` can be cited anywhere",
        check: adr::records,
    },
    Rule {
        name: "crate-direction",
        why: "dependencies point one way; above all the cloud never links the code that decides about a door",
        check: crates::direction,
    },
    Rule {
        name: "house-wire-only",
        why: "the production hub contains no pretend hardware: it knows the virtual home's wire and nothing else of it",
        check: crates::house_wire_only,
    },
    Rule {
        name: "core-no-std",
        why: "time, chance and IO are inputs to the cores, which also run in a browser and on a microcontroller",
        check: crates::core_no_std,
    },
    Rule {
        name: "core-dependencies",
        why: "the cores have one CBOR implementation, and neither a clock nor a source of randomness of their own",
        check: crates::core_dependencies,
    },
    Rule {
        name: "core-panics",
        why: "a panic in a core is a door in an unknown state: the lints that forbid it are set in each core's lib.rs",
        check: crates::core_panics,
    },
    Rule {
        name: "banned-dependencies",
        why: "one TLS implementation, in Rust; a second one is a second set of advisories and a C toolchain",
        check: crates::banned,
    },
    Rule {
        name: "names",
        why: "`common` and `utils` say where code was dropped, not what it owns",
        check: code::names,
    },
    Rule {
        name: "module-docs",
        why: "the first lines of a module say what it owns and what it does not",
        check: code::module_docs,
    },
    Rule {
        name: "file-size",
        why: "a file is read in one sitting: most under 300 lines, none over 800",
        check: code::file_size,
    },
    Rule {
        name: "function-size",
        why: "a function fits a screen (70 lines); above 100 nobody holds it in the head",
        check: code::function_size,
    },
    Rule {
        name: "unfinished",
        why: "what is on main works: a gap is an issue, and a test that does not run proves nothing",
        check: code::unfinished,
    },
    Rule {
        name: "machine-paths",
        why: "somebody's home folder in a tracked file works on one machine",
        check: words::machine_paths,
    },
    Rule {
        name: "package-hosts",
        why: "where packages come from is the machine's configuration (a mirror, a cache, no network), not the project's",
        check: words::package_hosts,
    },
    Rule {
        name: "boasts",
        why: "we say what was checked and how; a boast is what the reader cannot check",
        check: words::boasts,
    },
];

/// Something a rule found at a place.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    what: String,
    /// Otherwise it is shown and does not fail.
    fatal: bool,
}

impl Finding {
    fn error(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), fatal: true }
    }
}

pub(crate) fn run(root: &Path, _arguments: &[String]) -> anyhow::Result<ExitCode> {
    check(root)?;
    Ok(ExitCode::SUCCESS)
}

/// All rules over the files that git tracks or would track.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let project = Project::read(root)?;
    let (mut errors, mut warnings) = (0, 0);
    for rule in RULES {
        let findings = (rule.check)(&project);
        for finding in &findings {
            let label = if finding.fatal { paint(RED, "error") } else { paint(YELLOW, "warning") };
            let line = if finding.line == 0 { String::new() } else { format!(":{}", finding.line) };
            println!("{label}: {}{line}: {} [{}]", finding.path, finding.what, rule.name);
        }
        if !findings.is_empty() {
            println!("    why: {}", rule.why);
        }
        errors += findings.iter().filter(|finding| finding.fatal).count();
        warnings += findings.iter().filter(|finding| !finding.fatal).count();
    }
    if errors > 0 {
        bail!("tidy: {errors} to mend, {warnings} to think about");
    }
    println!("    tidy: {} rules, nothing to mend, {warnings} to think about", RULES.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_reason() {
        for (index, rule) in RULES.iter().enumerate() {
            assert!(!rule.why.is_empty(), "{}", rule.name);
            assert!(RULES[..index].iter().all(|other| other.name != rule.name), "{} twice", rule.name);
        }
    }

    #[test]
    fn an_empty_project_breaks_no_rule_but_lacks_its_cores() {
        let project = Project::of(&[]);
        for rule in RULES.iter().filter(|rule| !rule.name.starts_with("core-")) {
            assert_eq!((rule.check)(&project), [], "{}", rule.name);
        }
    }
}
