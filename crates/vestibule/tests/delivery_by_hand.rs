//! A delivery typed command by command over the real program, each command a process of its own.

use crate::stage::{LABELS, Stage};

#[test]
fn three_parcels_go_in_through_one_opening_and_anyone_can_check_it() {
    let mut stage = Stage::new();
    stage.raise();
    let visit = stage.deliver(&LABELS);
    assert_eq!(stage.truth()["parcels_inside"], 3);
    assert_eq!(stage.openings(), 1);
    let folder = stage.collect(&visit, "delivery");
    let proven = stage.run(&["verify", folder.to_str().unwrap()]).ok();
    assert_eq!(proven["parcels_inside"], 3);
    assert_eq!(proven["secured"], true);
}
