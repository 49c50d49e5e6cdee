//! The app that a cloud serves: is it the one that this program knows?
//!
//! The cloud names its build itself, and one in wrong hands can name one and send another. So this finds an old app, and
//! a person who compares the eight digits with those on their phone finds a false one.

use super::Finding;
use super::limits::CLOUD_ANSWER;
use protocol::Hash;
use serde_json::Value;

/// Compares the build that the cloud at `address` names with the one in this program. Nothing if the cloud does not
/// answer: that is another check's finding.
pub(super) async fn check(address: &str) -> Option<Finding> {
    let url = format!("{}/v1/app", address.trim_end_matches('/'));
    let client = reqwest::Client::builder().no_proxy().timeout(CLOUD_ANSWER).build().ok()?;
    let answer: Value = client.get(url).send().await.ok()?.json().await.ok()?;
    Some(judge(answer.get("build").and_then(Value::as_str), ::cloud::app_build()))
}

fn judge(served: Option<&str>, known: Option<Hash>) -> Finding {
    let served_digits = served.map(digits);
    let known_digits = known.map(|build| digits(&build.to_string()));
    match (served_digits, known_digits) {
        (None, _) => Finding::look(
            "app_not_served",
            "The cloud serves no app: people reach their door by the command line only",
            "Run `./x web`, build the program again, and start the cloud with it",
        ),
        (Some(served), None) => Finding::look(
            "app_unknown",
            format!("The cloud serves the app {served}; this program holds none to compare it with"),
            "Run `./x web` and build this program again, of the version that the cloud runs",
        ),
        (Some(served), Some(known)) if served == known => Finding::fine(
            "app_fine",
            format!(
                "The cloud serves the app of this version: {served}. Phones show the same under Household"
            ),
        ),
        (Some(served), Some(known)) => Finding::look(
            "app_other",
            format!("The cloud serves the app {served}, and this program holds {known}"),
            "Bring both to one version; if they are, somebody changed the app: do not sign anything with it",
        ),
    }
}

/// As people compare it: eight digits in two groups.
pub(crate) fn digits(build: &str) -> String {
    match (build.get(..4), build.get(4..8)) {
        (Some(first), Some(second)) => format!("{first} {second}"),
        (_, _) => "that has no name".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_compared_with_the_one_that_is_known() {
        let known = Hash([0xab; 32]);
        let of = |served: Option<&str>, known| judge(served, known).code;
        assert_eq!(of(None, Some(known)), "app_not_served");
        assert_eq!(of(Some(&known.to_string()), None), "app_unknown");
        assert_eq!(of(Some(&known.to_string()), Some(known)), "app_fine");
        assert_eq!(of(Some(&Hash([0xcd; 32]).to_string()), Some(known)), "app_other");
        assert_eq!(of(Some("short"), Some(known)), "app_other");
        assert!(judge(Some(&known.to_string()), Some(known)).sentence.contains("abab abab"));
    }
}
