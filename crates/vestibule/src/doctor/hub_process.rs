//! The hub, if it runs: what it says itself.

use super::limits::HUB_ANSWER;
use super::{Finding, journal};
use crate::commands::hub::ask;
use hub::control::Status;
use hub::folder::Folder;
use serde_json::json;

pub(super) async fn check(folder: &Folder, has_cloud: bool) -> Vec<Finding> {
    if !journal::held(&folder.path("journal")) {
        return Vec::new();
    }
    let question = json!({ "ask": "status" });
    let answer = tokio::time::timeout(HUB_ANSWER, ask(folder.as_ref(), &question)).await;
    let status = match answer {
        Ok(Ok(mut answer)) => serde_json::from_value::<Status>(answer["status"].take()).ok(),
        Ok(Err(_)) | Err(_) => None,
    };
    match status {
        Some(status) => judge(&status, has_cloud),
        None => vec![Finding::mend(
            "hub_silent",
            "A hub holds the journal, but does not answer at its socket hub.sock",
            "Run this as the user who runs the hub. If it is, stop the hub and start it again",
        )],
    }
}

fn judge(status: &Status, has_cloud: bool) -> Vec<Finding> {
    let stands = if status.secured {
        "closed and locked".into()
    } else {
        format!("bolt {}, door {}", status.bolt, status.door)
    };
    let says = format!(
        "The hub is running: asked it instead of the journal. {}; {stands}",
        journal::events(status.events)
    );
    let mut findings = vec![Finding::fine("hub_running", says)];
    if !status.clock {
        findings.push(Finding::mend(
            "hub_clock_unknown",
            "The hub does not know the time well enough: it refuses every permission that ends",
            "See the clock below",
        ));
    }
    if status.set_back {
        findings.push(Finding::mend(
            "hub_set_back",
            "The cloud holds more of the door's log than this hub: its folder was put back from a backup, and it has forgotten \
             what is used up and revoked. It lets nobody in",
            "Put the newest folder back, or set the home up anew with a new door key",
        ));
    } else if has_cloud && !status.uplink {
        findings.push(Finding::look(
            "hub_uplink_down",
            "The hub is not signed in at its cloud; it keeps trying",
            "See the cloud below",
        ));
    }
    if !status.grants_pending.is_empty() {
        findings.push(Finding::look(
            "hub_permission_waits",
            format!(
                "First permissions that wait to be confirmed at the hub: {}",
                status.grants_pending.len()
            ),
            "`vestibule hub confirm --dir HOME`",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_hub_says_of_itself_is_passed_on() {
        let mut status = Status {
            bolt: "locked".into(),
            door: "closed".into(),
            secured: true,
            visits: 0,
            uplink: false,
            set_back: false,
            clock: true,
            events: 3,
            grants_pending: vec![],
        };
        let codes = |status: &Status, cloud| judge(status, cloud).iter().map(|f| f.code).collect::<Vec<_>>();
        assert_eq!(codes(&status, false), ["hub_running"]);
        assert_eq!(codes(&status, true), ["hub_running", "hub_uplink_down"]);
        status.set_back = true;
        assert_eq!(codes(&status, true), ["hub_running", "hub_set_back"]);
        status.set_back = false;
        status.clock = false;
        assert_eq!(codes(&status, false), ["hub_running", "hub_clock_unknown"]);
    }

    #[tokio::test]
    async fn a_hub_that_holds_the_journal_and_says_nothing_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::at(dir.path());
        assert!(check(&folder, true).await.is_empty());
        let _held = hub::journal::JournalFile::open(&folder.path("journal")).unwrap();
        assert_eq!(check(&folder, true).await[0].code, "hub_silent");
    }
}
