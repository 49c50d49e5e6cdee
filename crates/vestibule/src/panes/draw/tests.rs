//! What the panes look like, as text, and that no size of terminal breaks them.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;
use crate::panes::cast::Cast;
use crate::panes::door::DoorPicture;

fn scene() -> Scene {
    let mut scene = Scene::new(Cast::of_a_delivery([
        &[0xa1, 0xb2, 0xc3, 0xd4],
        &[0x0f, 0x1e, 0x2d, 0x3c],
        &[0x77, 0x88, 0x99, 0xaa],
        &[0xde, 0xad, 0xbe, 0xef],
    ]));
    let ms = Duration::from_millis;
    scene.push(Who::Resident, ms(400), "signed a permission: 1 opening, 60 s at most, on camera".into());
    scene.push(Who::Provider, ms(900), "gave the parcel to the courier".into());
    scene.push(Who::Courier, ms(12_300), "scanned RR123456785DE".into());
    scene.push(Who::Home, ms(12_420), "13 checks passed".into());
    scene.push(Who::Home, ms(12_900), "bolt withdrawn".into());
    scene.door = DoorPicture::Unlocked;
    scene.picture = Picture::of(Some(ms(310)));
    scene.state = "the courier pushes the parcel inside".into();
    scene
}

fn text(scene: &Scene, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("terminal");
    terminal.draw(|frame| draw(frame, scene, Colours::None)).expect("drawn");
    terminal.backend().to_string()
}

#[test]
fn four_panes_fit_80_columns_and_23_lines() {
    let drawn = text(&scene(), 80, 23);
    assert_eq!(drawn, include_str!("../panes_80x23.txt"), "\n{drawn}");
}

#[test]
fn the_newest_events_stay_in_sight() {
    let mut scene = scene();
    for number in 0..40 {
        scene.push(Who::Courier, Duration::from_secs(number), format!("event {number}"));
    }
    let drawn = text(&scene, 80, 23);
    assert!(
        drawn.contains("event 39") && drawn.contains("event 35") && !drawn.contains("event 20"),
        "{drawn}"
    );
}

#[test]
fn no_size_of_terminal_breaks_the_drawing() {
    let scene = scene();
    for (width, height) in (1..100).step_by(3).flat_map(|w| (1..40).map(move |h| (w, h))) {
        text(&scene, width, height);
    }
}

#[test]
fn a_narrow_terminal_shows_one_column_with_every_name() {
    let drawn = text(&scene(), 48, 33);
    for name in ["RESIDENT", "COURIER", "PROVIDER", "HOME"] {
        assert!(drawn.contains(name), "{drawn}");
    }
}

#[test]
fn where_the_door_has_no_room_its_word_stays() {
    let drawn = text(&scene(), 80, 18);
    assert!(drawn.contains("door unlocked") && !drawn.contains('┏'), "{drawn}");
}

#[test]
fn words_wrap_at_spaces_and_long_ones_break() {
    assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    assert_eq!(wrap("a 0123456789 b", 4), ["a", "0123", "4567", "89 b"]);
    assert_eq!(wrap("", 4), [""]);
}
