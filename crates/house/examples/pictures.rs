//! Renders the hallway in several states to PNG: `cargo run --release -p house --example pictures -- DIR`.

use house::hallway::{Painter, Size};
use house::physics::{ParcelSeen, Scene, Visitor};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::path::PathBuf::from(std::env::args().nth(1).ok_or("say a directory")?);
    std::fs::create_dir_all(&dir)?;
    // 2023-11-14 10:08:20 UTC, and ten hours later.
    let (day, dusk, night) = (1_699_956_500_000, 1_699_986_000_000, 1_700_000_500_000);
    let parcel = |progress| ParcelSeen { label: "00340434161094042557".into(), progress };
    let quiet = Scene::quiet(day);
    let open = Scene { bolt: 0.0, angle: 1.0, visitor: Visitor::AtDoor, ..quiet.clone() };
    let scenes = [
        ("day-closed", quiet.clone()),
        ("night-closed", Scene::quiet(night)),
        ("dusk-closed", Scene::quiet(dusk)),
        ("ring", Scene { visitor: Visitor::AtDoor, rung_ms: Some(700), ..quiet.clone() }),
        ("unlocked", Scene { bolt: 0.0, visitor: Visitor::AtDoor, chimed_ms: Some(500), ..quiet.clone() }),
        ("ajar", Scene { angle: 0.35, ..open.clone() }),
        ("open", open.clone()),
        ("parcel-half", Scene { parcels: vec![parcel(0.33)], ..open.clone() }),
        ("parcel-in", Scene { parcels: vec![parcel(1.0), parcel(0.85)], ..open.clone() }),
        ("after", Scene { parcels: vec![parcel(1.0), parcel(1.0)], ..quiet.clone() }),
        ("jammed", Scene { bolt: 0.5, jammed: true, parcels: vec![parcel(1.0)], ..quiet.clone() }),
        ("step", Scene { shoe: 0.5, visitor: Visitor::Inside, ..open.clone() }),
        ("inside", Scene { shoe: 1.0, visitor: Visitor::Inside, ..open.clone() }),
        ("wedged", Scene { angle: 0.42, parcels: vec![parcel(0.5)], ..open.clone() }),
        ("blind", Scene { bolt: 1.0, ..open.clone() }),
        ("night-open", Scene { unix_ms: night, parcels: vec![parcel(0.33)], ..open.clone() }),
        ("smoke", Scene { smoke: true, no_button: true, ..quiet.clone() }),
    ];
    let mut painter = Painter::new(Size::Full, 60)?;
    for (name, scene) in scenes {
        painter.paint(&scene).save_png(dir.join(format!("{name}.png")))?;
    }
    let began = std::time::Instant::now();
    for tick in 0_u16..60 {
        painter.paint(&Scene {
            unix_ms: day + u64::from(tick) * 66,
            visitor: Visitor::AtDoor,
            ..quiet.clone()
        });
    }
    println!("still: {:?} per frame", began.elapsed() / 60);
    let began = std::time::Instant::now();
    for tick in 0_u16..60 {
        let angle = f32::from(tick) / 60.0;
        painter.paint(&Scene { angle, parcels: vec![parcel(0.5)], ..open.clone() });
    }
    println!("swinging: {:?} per frame", began.elapsed() / 60);
    Ok(())
}
