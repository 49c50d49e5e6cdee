//! `home.toml`: readable, nothing unknown in it, and the three proofs of the installer.

use super::Finding;
use hub::config::{Commissioning, Config};
use hub::folder::Folder;

/// The settings, if they can be read, and what is to say about them.
pub(super) fn check(folder: &Folder) -> (Option<Config>, Vec<Finding>) {
    let text = match std::fs::read_to_string(folder.path("home.toml")) {
        Ok(text) => text,
        Err(why) => {
            let says = format!("home.toml cannot be read: {why}. Lock, camera and cloud are not looked at");
            return (None, vec![Finding::mend("settings_unreadable", says, "See the folder above")]);
        }
    };
    match parse(&text) {
        Ok(config) => {
            let mut findings = vec![Finding::fine("settings_fine", "Every field is known")];
            findings.extend(commissioning(config.commissioning));
            (Some(config), findings)
        }
        Err(says) => {
            let says = format!("{says}. Lock, camera and cloud are not looked at");
            let mend = "Correct that line: the hub does not start with settings that it does not understand";
            (None, vec![Finding::mend("settings_broken", says, mend)])
        }
    }
}

/// Or which line is wrong, and how.
fn parse(text: &str) -> Result<Config, String> {
    toml::from_str(text).map_err(|why: toml::de::Error| {
        let message = why.message().trim_end_matches('.').replace('\n', " ");
        let line =
            why.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
        line.map_or_else(|| message.clone(), |line| format!("Line {line}: {message}"))
    })
}

fn commissioning(proved: Commissioning) -> Vec<Finding> {
    let proofs = [
        (
            proved.relocks_without_hub,
            "relocks_unproven",
            "Nobody has proved that the door locks again although the hub is dead: no permission counts",
            "Open the door by the app of the lock, unplug the box, pull the door shut: it must lock by itself. Then set commissioning.relocks_without_hub = true",
        ),
        (
            proved.opens_from_inside,
            "inside_exit_unproven",
            "Nobody has proved that the thrown bolt opens from inside without a key: no permission counts",
            "Lock the door, stand inside without key and phone, and open it by handle or button. Then set commissioning.opens_from_inside = true",
        ),
        (
            proved.no_blind_auto_lock,
            "auto_lock_unproven",
            "Nobody has proved that the lock's blind auto-lock is off: a bolt thrown at an open door breaks it",
            "Switch it off in the lock's app, unlock, and hold the door open for five minutes: the bolt must stay in. Then set commissioning.no_blind_auto_lock = true",
        ),
    ];
    let findings: Vec<_> = proofs
        .into_iter()
        .filter(|(proved, ..)| !proved)
        .map(|(_, code, says, mend)| Finding::mend(code, says, mend))
        .collect();
    if findings.is_empty() {
        let says = "The installer proved: relocks without the hub, opens from inside, no blind auto-lock";
        return vec![Finding::fine("commissioning_fine", says)];
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_is_named_with_its_line() {
        let settings = Config::new("x", "y", None).to_toml();
        let says = parse(&settings.replacen("clock_survives", "lok = 'z'\nclock_survives", 1)).unwrap_err();
        assert!(says.starts_with("Line 3: unknown field `lok`"), "{says}");
        let says = parse("camera = 'y'\n").unwrap_err();
        assert!(says.contains("missing field `lock`"), "{says}");
    }

    #[test]
    fn each_proof_that_lacks_is_told_with_its_test() {
        assert_eq!(commissioning(Commissioning::default()).len(), 3);
        let all =
            Commissioning { relocks_without_hub: true, opens_from_inside: true, no_blind_auto_lock: true };
        assert_eq!(commissioning(all)[0].code, "commissioning_fine");
        let lacking = commissioning(Commissioning { opens_from_inside: false, ..all });
        assert_eq!(lacking.iter().map(|f| f.code).collect::<Vec<_>>(), ["inside_exit_unproven"]);
    }
}
