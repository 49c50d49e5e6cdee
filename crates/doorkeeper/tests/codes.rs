//! The page of codes names every refusal with its word, and every alarm, and nothing that does not exist.

use doorkeeper::alarm::Alarm;
use doorkeeper::refusal::Refusal;
use protocol::uplink::ToVisitor;
use std::collections::BTreeMap;

const PAGE: &str = include_str!("../../../docs/reference/codes.md");

/// Cells of the table rows between two headings, by the code in the first.
fn rows<'a>(page: &'a str, from: &str, to: &str) -> BTreeMap<&'a str, Vec<&'a str>> {
    let section = page.split_once(from).map_or("", |(_, after)| after);
    let section = section.split_once(to).map_or(section, |(before, _)| before);
    let cells = section.lines().map(|line| line.trim_matches('|').split('|').map(str::trim).collect());
    cells
        .filter_map(|cells: Vec<&str>| {
            Some((cells.first()?.strip_prefix('`')?.strip_suffix('`')?, cells[1..].to_vec()))
        })
        .collect()
}

const fn word(word: &ToVisitor) -> &'static str {
    match word {
        ToVisitor::TryAgain => "try again",
        ToVisitor::WrongParcel => "wrong parcel",
        ToVisitor::NotHereToday => "not here today",
        ToVisitor::Wait => "wait",
        _ => "no word for a refusal",
    }
}

#[test]
fn the_page_names_every_refusal_with_its_word() {
    let page = rows(PAGE, "\n## Refusals", "\n## Alarms");
    for refusal in Refusal::ALL {
        let cells = page.get(refusal.code()).unwrap_or_else(|| panic!("no row for {}", refusal.code()));
        assert_eq!(cells.len(), 3, "{}", refusal.code());
        assert_eq!(cells[1], word(&refusal.word()), "{}", refusal.code());
    }
    assert_eq!(page.len(), Refusal::ALL.len(), "a row for a refusal that does not exist");
}

#[test]
fn the_page_names_every_alarm() {
    let page = rows(PAGE, "\n## Alarms", "\n## The cloud's match");
    for alarm in Alarm::ALL {
        let cells = page.get(alarm.code()).unwrap_or_else(|| panic!("no row for {}", alarm.code()));
        assert_eq!(cells.len(), 2, "{}", alarm.code());
    }
    assert_eq!(page.len(), Alarm::ALL.len(), "a row for an alarm that does not exist");
}
