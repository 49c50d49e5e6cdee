//! The terminal view with a delivery that is only told: `cargo run -p vestibule --example panes -- [plain|broken]`.

#[path = "../src/panes/mod.rs"]
mod panes;

use panes::{Cast, DoorPicture, Ending, Mode, View, Who};
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let keys: [&[u8]; 4] = [
        &[0xa1, 0xb2, 0xc3, 0xd4],
        &[0x0f, 0x1e, 0x2d, 0x3c],
        &[0x77, 0x88, 0x99, 0xaa],
        &[0xde, 0xad, 0xbe, 0xef],
    ];
    let mode = if std::env::args().any(|arg| arg == "plain") { Mode::Plain } else { Mode::detect() };
    let view = View::start(Cast::of_a_delivery(keys), mode)?;
    let wait = |tenths: u64| {
        for tenth in 0..tenths {
            view.picture_age(Some(Duration::from_millis(180 + 40 * (tenth % 3))));
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    view.state("the parcel is on its way");
    view.door(DoorPicture::Locked);
    view.say(Who::Resident, "allows 1 opening, 60 s at most, on camera");
    wait(5);
    view.say(Who::Provider, "gives the parcel RR123456785DE to the courier");
    view.say(Who::Provider, "passes sealed messages on, unread");
    wait(5);
    view.state("the courier is at the door");
    view.say(Who::Courier, "rings, and scans the door's sign");
    view.say(Who::Home, "records; fresh challenge sent");
    wait(5);
    view.say(Who::Courier, "scans RR123456785DE and signs the challenge");
    view.say(Who::Home, "13 checks passed");
    view.door(DoorPicture::Unlocked);
    view.say(Who::Home, "bolt withdrawn");
    view.state("the bolt is withdrawn");
    wait(8);
    view.door(DoorPicture::Ajar);
    wait(4);
    view.door(DoorPicture::Open);
    view.state("the courier pushes the parcel inside");
    view.say(Who::Courier, "pushes the parcel across the line");
    view.say(Who::Resident, "watches");
    wait(10);
    view.door(DoorPicture::Unlocked);
    view.say(Who::Courier, "pulls the door shut");
    wait(6);
    view.door(DoorPicture::Locked);
    view.say(Who::Home, "bolt thrown, door closed, both confirmed");
    view.say(Who::Resident, "Parcel inside. Door locked at 10:42.");
    view.say(Who::Provider, "receipt: delivered, signed by the door");
    wait(5);
    view.picture_age(None);
    let (ending, last_line) = match std::env::args().nth(1).as_deref() {
        Some("broken") => (Ending::Broken, "not inside · the door is not known to be locked"),
        Some(_) | None => (Ending::Kept, "inside · closed and locked · 14.2 s · 0 gaps"),
    };
    view.finish(
        ending,
        last_line,
        &[
            ("vestibule play ring", "somebody rings"),
            ("vestibule play forge", "a permission signed by somebody else"),
            ("Ctrl-C", "ends the play and removes its files"),
        ],
    )
}
