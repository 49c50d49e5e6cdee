//! A delivery typed command by command, each a process of its own, as on the handset of a courier who loses the
//! network between any two steps.

mod stage;

use stage::{LABELS, Stage};

#[test]
fn three_parcels_go_in_through_one_opening() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS);
    stage.arrive();
    assert_eq!(stage.scan(&LABELS).ok()["open"], true);
    stage.bring_in(&LABELS);
    assert_eq!(stage.truth()["parcels_inside"], 3);
    assert_eq!(stage.openings(), 1);
}
