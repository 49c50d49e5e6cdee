//! One permission, two couriers: a lock that asks a server whether a code is still good, and writes the answer down
//! afterwards, lets in both who ask in the same moment; it is the oldest race there is. Here the service gives one parcel
//! to two handsets. Both stand at the door with a challenge of their own and answer in the same moment: one gets in.
//!
//! Fails without the count of uses in `check_use` of the doorkeeper (`used_up`). The window's own count stands behind it: only without both
//! does the door open twice.

use crate::adversary::at_the_door::AtTheDoor;
use crate::adversary::{has_refused, story, until_logged};
use crate::stage::{LABELS, SOON, Stage};
use protocol::uplink::ToVisitor;

#[test]
fn of_two_handsets_with_one_permission_one_gets_in() {
    let mut stage = Stage::new();
    stage.raise();
    stage.permit(&LABELS[..1]);
    let card = stage.person("courier2", &["card"]);
    std::fs::write(stage.path("courier2.json"), &card.out).expect("a card");
    stage.person("provider", &["handset", &stage.text("courier2.json")]).ok();
    stage.person("provider", &["assign", "--card", &stage.text("courier2.json")]).ok();
    let mut both = ["courier", "courier2"].map(|who| {
        stage.person(who, &["arrive", "--tag", &stage.door_tag()]).ok();
        AtTheDoor::back(&stage, who)
    });

    for one in &mut both {
        one.present(&LABELS[..1]);
    }
    let answers = both.each_mut().map(AtTheDoor::answer);
    let open = answers.iter().filter(|answer| **answer == ToVisitor::Open).count();
    assert_eq!(open, 1, "{answers:?}\n{}", story(&stage.door_log()));
    stage.bring_in(&LABELS[..1]);

    // The door is free again, and the other one is still there.
    let other = answers.iter().position(|answer| *answer != ToVisitor::Open).expect("one waits");
    both[other].present(&LABELS[..1]);
    assert_eq!(both[other].answer(), ToVisitor::NotHereToday, "{}", story(&stage.door_log()));
    until_logged(&stage, "the reason", SOON, |log| has_refused(log, "used_up"));
    assert_eq!(stage.openings(), 1);
    assert_eq!(stage.truth()["bolt"], "locked");
}
