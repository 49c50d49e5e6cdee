//! What weakens a home outside Vestibule: the maker's own cloud, and a lock that throws its bolt blindly.

use super::Finding;

/// Makers whose cloud can open their locks: words in a lock's description, the service, and where to switch it off.
const CLOUDS: &[(&[&str], &str, &str)] = &[
    (&["nuki"], "Nuki Web", "In the Nuki app: Settings, Features & Configuration, Nuki Web: switch it off"),
    (
        &["august", "yale"],
        "August's or Yale's cloud",
        "In the maker's app remove the Wi-Fi bridge and linked services; keep Bluetooth",
    ),
    (&["schlage"], "Schlage's cloud", "In the Schlage Home app take the lock off Wi-Fi"),
    (&["tedee"], "tedee's cloud", "In the tedee app remove the bridge, or use its local API only"),
];

/// `described`: what the lock says of itself.
pub(super) fn cloud(described: &str) -> Option<Finding> {
    let described = described.to_lowercase();
    let known = |words: &[&str]| words.iter().any(|word| described.contains(word));
    let (_, service, mend) = CLOUDS.iter().find(|(words, ..)| known(words))?;
    let says = format!("{service} can open this lock past Vestibule, and no door log of ours shows it");
    Some(Finding::look("lock_maker_cloud", says, mend))
}

/// A setting that updates of a lock like to switch on again.
pub(super) fn auto_lock(proved_off: bool) -> Option<Finding> {
    let says = "Reminder: the lock's blind auto-lock was proved off; after each update of the lock hold the door open for five minutes and see that the bolt stays in";
    // If it was not proved, the settings say so.
    proved_off.then(|| Finding::fine("auto_lock_reminder", says))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_whose_cloud_can_open_are_named() {
        assert!(cloud("front Nuki 4.0 Pro").unwrap().sentence.starts_with("Nuki Web can open"));
        assert_eq!(cloud("front_door Yale Assure").unwrap().code, "lock_maker_cloud");
        assert_eq!(cloud("front Danalock V3"), None);
        assert_eq!(auto_lock(false), None);
    }
}
