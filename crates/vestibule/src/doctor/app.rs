//! The app that a cloud serves: is it the one that this program knows?
//!
//! The cloud names its build itself, and one in wrong hands can name one and send another. So this finds an old app, and
//! a person who compares the eight digits with those on their phone finds a false one.

use super::{Finding, cloud};
use protocol::Hash;
use serde_json::Value;

/// Compares the build that the cloud at `address` names with the one in this program. Nothing if the cloud does not
/// answer: that is another check's finding.
pub(super) async fn check(address: &str) -> Option<Finding> {
    let answer = cloud::get(cloud::at(address, "v1/app")?).await.ok()?.error_for_status().ok()?;
    let answer: Value = answer.json().await.ok()?;
    let served = answer.get("build").and_then(Value::as_str).and_then(Hash::from_hex);
    Some(judge(served, ::cloud::app_build()))
}

fn judge(served: Option<Hash>, known: Option<Hash>) -> Finding {
    match (served, known) {
        (None, _) => Finding::look(
            "app_not_served",
            "The cloud serves no app: people reach their door by the command line only",
            "Run `./x web`, build the program again, and start the cloud with it",
        ),
        (Some(served), None) => Finding::look(
            "app_unknown",
            format!(
                "The cloud serves the app {}; this program holds none to compare it with",
                digits(served)
            ),
            "Run `./x web` and build this program again, of the version that the cloud runs",
        ),
        (Some(served), Some(known)) if served == known => Finding::fine(
            "app_fine",
            format!(
                "The cloud serves the app of this version: {}. Phones show the same under Household",
                digits(served)
            ),
        ),
        (Some(served), Some(known)) => Finding::look(
            "app_other",
            format!("The cloud serves the app {}, and this program holds {}", digits(served), digits(known)),
            "Bring both to one version; if they are, somebody changed the app: do not sign anything with it",
        ),
    }
}

/// As people compare it: eight digits in two groups.
pub(crate) fn digits(build: Hash) -> String {
    let [a, b, c, d, ..] = build.0;
    format!("{a:02x}{b:02x} {c:02x}{d:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_compared_with_the_one_that_is_known_and_by_all_of_its_name() {
        let known = Hash([0xab; 32]);
        // The eight digits that people compare are the same.
        let mut alike = known;
        alike.0[31] = 0;
        let of = |served, known| judge(served, known).code;
        assert_eq!(of(None, Some(known)), "app_not_served");
        assert_eq!(of(Some(known), None), "app_unknown");
        assert_eq!(of(Some(known), Some(known)), "app_fine");
        assert_eq!(of(Some(alike), Some(known)), "app_other");
        assert!(judge(Some(known), Some(known)).sentence.contains("abab abab"));
    }
}
