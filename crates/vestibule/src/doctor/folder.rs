//! The home's files: there, readable by the hub alone, whole, and of one home.

use super::Finding;
use hub::folder::Folder;
use hub::ring_verifier::RingVerifier;
use protocol::roster::Rank;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const SECRETS: [&str; 2] = ["door.key", "recorder.key"];

pub(super) fn check(folder: &Folder) -> Vec<Finding> {
    if let Some(finding) = gone(folder) {
        return vec![finding];
    }
    let mut findings = missing(folder);
    let all_there = findings.is_empty();
    findings.extend(modes(folder));
    if all_there {
        // Only now: reading an invitation would make a recorder's key where there is none.
        findings.extend(keys(folder));
        // The home's own reading wants whole keys that nobody else can use.
        let usable = !findings
            .iter()
            .any(|finding| finding.code != "keys_fine" && finding.code != "settings_readable");
        findings.push(roster(folder, usable));
    }
    findings
}

fn gone(folder: &Folder) -> Option<Finding> {
    let Err(why) = fs::read_dir(folder.as_ref()) else { return None };
    let path = folder.as_ref().display();
    Some(Finding::mend(
        "folder_unreadable",
        format!("The folder {path} cannot be read: {why}"),
        "Name the home's folder with --dir, or run this as the user who runs the hub; `vestibule hub init` makes a new home",
    ))
}

fn missing(folder: &Folder) -> Vec<Finding> {
    let mend = |name: &str| match name {
        "home.toml" => "Write it anew: `vestibule hub init --dir another` shows how one looks",
        "identity.json" => {
            "Restore it. Without it the home has no name: set it up anew with `vestibule hub init`"
        }
        "recorder.key" => "Restore it. The roster names its public half: with a new one, pair the home anew",
        _ => "Restore it. Without it the door cannot sign: set the home up anew with `vestibule hub init`",
    };
    ["home.toml", "identity.json", "door.key", "recorder.key"]
        .into_iter()
        .filter(|name| !folder.path(name).is_file())
        .map(|name| Finding::mend("file_missing", format!("{name} is missing"), mend(name)))
        .collect()
}

fn modes(folder: &Folder) -> Vec<Finding> {
    let mode = |path: &std::path::Path| fs::metadata(path).ok().map(|meta| meta.permissions().mode() & 0o777);
    let mut findings = Vec::new();
    for name in SECRETS {
        let path = folder.path(name);
        if let Some(mode) = mode(&path).filter(|mode| mode & 0o077 != 0) {
            findings.push(Finding::mend(
                "secret_readable",
                format!(
                    "Others on this box can use {name} (mode {mode:o}): who has it can sign as this home"
                ),
                format!("`chmod 600 {}`", path.display()),
            ));
        }
    }
    let dir = folder.as_ref();
    let dir_mode = mode(dir).unwrap_or_default();
    if dir_mode & 0o022 != 0 {
        findings.push(Finding::mend(
            "folder_writable",
            format!("Others on this box can replace the home's files (mode {dir_mode:o} of the folder)"),
            format!("`chmod go-w {}`", dir.display()),
        ));
    }
    let path = folder.path("home.toml");
    let reachable = dir_mode & 0o011 != 0 && mode(&path).is_some_and(|mode| mode & 0o044 != 0);
    if reachable && holds_a_password(&fs::read_to_string(&path).unwrap_or_default()) {
        findings.push(Finding::mend(
            "settings_readable",
            "home.toml holds the password of the lock or the camera, and others on this box can read it",
            format!("`chmod 600 {}`", path.display()),
        ));
    }
    findings
}

/// An address with `user:password@`. Looks at the text, since broken settings may hold passwords too.
fn holds_a_password(settings: &str) -> bool {
    settings.lines().filter_map(|line| line.split_once("://")).any(|(_, rest)| {
        let authority = rest.split(['/', '?', '"', '\'']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(login, _)| login.contains(':'))
    })
}

fn keys(folder: &Folder) -> Vec<Finding> {
    let mut findings = Vec::new();
    let identity = folder.door().and(folder.door_tag());
    if let Err(why) = &identity {
        findings.push(Finding::mend(
            "identity_broken",
            why.to_string(),
            "Restore it from a copy of this folder",
        ));
    }
    let mut whole = identity.is_ok();
    // A mode that is too wide is told already, and the key is read without its judgement.
    let door = fs::read_to_string(folder.path("door.key")).unwrap_or_default();
    let door =
        protocol::bytes::Hash::from_hex(door.trim()).and_then(|s| protocol::DeviceKey::from_secret(&s.0));
    let recorder = hub::recorder::load_or_create_key(&folder.path("recorder.key")).ok();
    for (name, key) in SECRETS.into_iter().zip([door.is_some(), recorder.is_some()]) {
        if !key {
            whole = false;
            let says = format!("{name} does not hold a key");
            findings.push(Finding::mend("secret_broken", says, "Restore it from a copy of this folder"));
        }
    }
    if whole {
        let says = "The home's name and both its keys are there and whole";
        findings.push(Finding::fine("keys_fine", says));
    }
    findings
}

fn roster(folder: &Folder, keys_usable: bool) -> Finding {
    use hub::folder::FolderError;
    if !keys_usable && folder.path("roster.cose").exists() {
        let says = "Whether the roster is this home's cannot be seen yet";
        return Finding::look("roster_unjudged", says, "Mend what is said above, and look again");
    }
    match folder.roster(&RingVerifier) {
        Ok(signed) => {
            let devices = signed.message().residents.iter().filter(|who| who.role != Rank::Recovery).count();
            let whose = if devices == 1 {
                "one resident's device".into()
            } else {
                format!("{devices} residents' devices")
            };
            Finding::fine(
                "roster_fine",
                format!("The roster is pinned and signed: this home began with {whose}"),
            )
        }
        Err(FolderError::NotPaired(_)) => Finding::mend(
            "roster_missing",
            "No resident has paired with this home yet: nobody can allow anything",
            "Run `vestibule hub invite`, and open its link on the phone of the first resident",
        ),
        Err(why) => Finding::mend(
            "roster_refused",
            why.to_string(),
            "Restore roster.cose as it was when the resident paired. A home does not take a second first roster",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Severity;
    use super::*;
    use hub::config::Config;

    fn home(dir: &std::path::Path) -> Folder {
        let random = |bytes: &mut [u8]| bytes.fill(7);
        Folder::create(dir.join("home"), &Config::new("virtual:/l", "virtual:/c", None), random).unwrap()
    }

    fn codes(folder: &Folder) -> Vec<&'static str> {
        check(folder).iter().filter(|f| f.severity == Severity::Mend).map(|f| f.code).collect()
    }

    #[test]
    fn a_new_home_lacks_only_its_resident() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(codes(&home(dir.path())), ["roster_missing"]);
        assert_eq!(codes(&Folder::at(dir.path().join("nowhere"))), ["folder_unreadable"]);
    }

    #[test]
    fn a_missing_recorder_key_is_told_and_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let folder = home(dir.path());
        fs::remove_file(folder.path("recorder.key")).unwrap();
        assert_eq!(codes(&folder), ["file_missing"]);
        assert!(!folder.path("recorder.key").exists(), "the doctor writes nothing");
    }

    #[test]
    fn secrets_that_others_can_read_are_told_each() {
        let dir = tempfile::tempdir().unwrap();
        let folder = home(dir.path());
        for name in SECRETS {
            fs::set_permissions(folder.path(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(folder.as_ref(), fs::Permissions::from_mode(0o777)).unwrap();
        let codes = codes(&folder);
        assert_eq!(codes[..3], ["secret_readable", "secret_readable", "folder_writable"]);
    }

    #[test]
    fn broken_keys_and_names_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let folder = home(dir.path());
        fs::write(folder.path("recorder.key"), "short").unwrap();
        fs::write(folder.path("identity.json"), "{}").unwrap();
        assert_eq!(codes(&folder), ["identity_broken", "secret_broken", "roster_missing"]);
    }

    #[test]
    fn settings_with_a_password_are_a_secret_too() {
        assert!(holds_a_password("lock = \"mqtt://hub:secret@broker/home_assistant?lock=a\""));
        assert!(!holds_a_password("lock = \"mqtt://broker/home_assistant?lock=a@b:c\""));
        let dir = tempfile::tempdir().unwrap();
        let folder = home(dir.path());
        fs::set_permissions(folder.as_ref(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(folder.path("home.toml"), "camera = 'rtsp://a:b@c/d'").unwrap();
        fs::set_permissions(folder.path("home.toml"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(codes(&folder).contains(&"settings_readable"));
        fs::set_permissions(folder.path("home.toml"), fs::Permissions::from_mode(0o600)).unwrap();
        assert!(!codes(&folder).contains(&"settings_readable"));
    }
}
