//! The box's clock: possible at all, and what a power loss does to it.

use super::Finding;
use super::limits::{USED_S_MAX, WRITTEN_S};
use hub::clock::{self, AtStart, Clock, Reading};
use hub::config::Config;
use protocol::time::Timestamp;
use std::path::Path;

/// `floor`: it cannot be earlier, says the journal.
pub(super) fn check(config: &Config, floor: Timestamp) -> Vec<Finding> {
    let has_rtc = Path::new("/sys/class/rtc").read_dir().is_ok_and(|mut clocks| clocks.next().is_some());
    vec![plausible(clock::read_box(), floor), after_power_loss(config.clock_survives_power_loss, has_rtc)]
}

/// The hub's own clock judges the reading.
fn plausible(reading: Reading, floor: Timestamp) -> Finding {
    let floor = floor.max(Timestamp(WRITTEN_S));
    let ceiling = Timestamp(WRITTEN_S + USED_S_MAX);
    let behind = Clock::new(floor, AtStart::TrustsTheBox).observe(clock::now_ms(), reading);
    let (source, shows) = (reading.source, reading.wall);
    let wrong = behind.or_else(|| {
        (shows > ceiling).then_some(clock::Finding::Ahead { source, shows, ceiling, ignored: false })
    });
    match wrong {
        Some(wrong) => Finding::mend(
            "clock_wrong",
            wrong.to_string(),
            "Set the clock (`timedatectl set-time`) and let a time daemon such as chrony keep it",
        ),
        None => Finding::fine(
            "clock_fine",
            "This box's clock shows a possible time: later than this version, and than what the journal remembers",
        ),
    }
}

fn after_power_loss(survives: bool, has_rtc: bool) -> Finding {
    match (survives, has_rtc) {
        (true, true) => Finding::fine("clock_survives", "The clock goes on through a power loss, by battery"),
        (true, false) => Finding::look(
            "clock_battery_unseen",
            "home.toml says that the clock survives a power loss, but no battery-backed clock is seen on this box",
            "If no time daemon sets the clock before the hub starts, set clock_survives_power_loss = false",
        ),
        (false, _) => Finding::look(
            "clock_needs_agreement",
            "After a power loss every permission that ends is refused until two sources agree on the time",
            "Give the box a battery-backed clock, or a time daemon that the hub starts after; then set clock_survives_power_loss = true",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub::clock::Source;

    fn at(wall: u64) -> Reading {
        Reading { source: Source::Box, wall: Timestamp(wall), uncertainty_s: 0 }
    }

    #[test]
    fn a_year_that_cannot_be_is_told() {
        let none = Timestamp(0);
        assert_eq!(plausible(at(WRITTEN_S + 86_400), none).code, "clock_fine");
        assert_eq!(plausible(at(0), none).code, "clock_wrong");
        assert_eq!(plausible(at(WRITTEN_S + 2 * USED_S_MAX), none).code, "clock_wrong");
        let remembered = Timestamp(WRITTEN_S + 3 * 86_400);
        assert_eq!(plausible(at(WRITTEN_S + 86_400), remembered).code, "clock_wrong");
    }

    #[test]
    fn a_clock_that_does_not_survive_is_told_with_what_follows() {
        let finding = after_power_loss(false, true);
        assert!(finding.sentence.contains("until two sources agree"), "{}", finding.sentence);
        assert_eq!(after_power_loss(true, false).code, "clock_battery_unseen");
        assert_eq!(after_power_loss(true, true).code, "clock_survives");
    }
}
