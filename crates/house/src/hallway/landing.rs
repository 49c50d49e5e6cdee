//! What is seen through the open door: the stairwell, its light, and the visitor, who has no face.

use super::brush::{Brush, outline};
use super::palette::{JACKET, JACKET_DARK, Light, SKIN, WALNUT, WALNUT_DARK, smooth};
use super::space::{FLOOR, LEFT, RIGHT, TOP, between, on_floor, seen};
use crate::physics::{Scene, Visitor};

const WALL: u32 = 0xEF_E3BF;
const WALL_SHADE: u32 = 0xDC_CDA3;
const STONE: u32 = 0xC2_BBAB;
const STONE_LIGHT: u32 = 0xD8_D2C4;
const STONE_DARK: u32 = 0x9C_9586;
/// Depth of the landing.
const BACK: f32 = -300.0;

/// The stairwell, into a canvas that is the opening.
pub(super) fn stairwell(brush: &mut Brush<'_>) {
    brush.rect((LEFT, TOP), (RIGHT - LEFT, FLOOR - TOP), WALL);
    let corner = seen(560.0, TOP - 200.0, BACK).0;
    brush.rect((LEFT, TOP), ((corner - LEFT).max(1.0), FLOOR - TOP), WALL_SHADE);
    let back = on_floor(0.0, BACK).1;
    brush.rect((LEFT, back), (RIGHT - LEFT, FLOOR - back), STONE);
    for x in [520.0, 640.0, 760.0, 880.0, 1000.0] {
        brush.line(&[on_floor(x, 0.0), on_floor(x, BACK)], 1.5, STONE_DARK, 0.5);
    }
    brush.line(&[on_floor(500.0, -140.0), on_floor(1100.0, -140.0)], 1.5, STONE_DARK, 0.5);
    brush.rect((LEFT, back - 16.0), (RIGHT - LEFT, 16.0), 0x7F_9A8C);
    stairs(brush);
    let lamp = seen(820.0, 84.0, BACK + 20.0);
    brush.ellipse(lamp, (64.0, 50.0), 0xFF_F3CF, 0.35);
    brush.ellipse(lamp, (42.0, 32.0), 0xFF_F3CF, 0.55);
    brush.ellipse(lamp, (22.0, 17.0), 0xFF_FBEA, 1.0);
}

fn stairs(brush: &mut Brush<'_>) {
    for step in (0..9_u8).rev() {
        let n = f32::from(step);
        let (x, y, z) = (842.0 + n * 30.0, FLOOR - (n + 1.0) * 27.0, BACK + 60.0);
        let riser =
            [seen(x, y, z), seen(x + 400.0, y, z), seen(x + 400.0, y + 27.0, z), seen(x, y + 27.0, z)];
        brush.polygon(&riser, if step % 2 == 0 { STONE } else { STONE_LIGHT }, 1.0);
        brush.line(&[riser[0], riser[1]], 3.0, STONE_DARK, 0.7);
        let post = seen(x + 8.0, y - 130.0, z);
        brush.line(&[post, seen(x + 8.0, y, z)], 3.0, WALNUT_DARK, 1.0);
    }
    let rail = [seen(826.0, FLOOR - 150.0, BACK + 60.0), seen(1120.0, FLOOR - 415.0, BACK + 60.0)];
    brush.line(&rail, 9.0, WALNUT, 1.0);
    let post = [seen(826.0, FLOOR - 160.0, BACK + 60.0), seen(826.0, FLOOR, BACK + 60.0)];
    brush.line(&post, 10.0, WALNUT_DARK, 1.0);
}

/// The light that falls through the gap onto floor and mat.
pub(super) fn falling_light(brush: &mut Brush<'_>, angle: f32) {
    if angle <= 0.0 {
        return;
    }
    let open = smooth(angle);
    let night = 1.0 - brush.light().day;
    let left = RIGHT - (RIGHT - LEFT - 30.0) * open;
    let mut light = brush.in_light(Light::PLAIN).shining();
    for (spread, reach, alpha) in [(0.0, 250.0, 0.16), (34.0, 300.0, 0.12)] {
        let pool = [
            on_floor(left, 4.0),
            on_floor(RIGHT, 4.0),
            on_floor(RIGHT + 40.0 + spread, reach),
            on_floor(left - 40.0 * open - spread, reach),
        ];
        light.polygon(&pool, 0xFF_E9B8, alpha + 0.12 * night);
    }
    let jamb = [(RIGHT, TOP), (RIGHT + 9.0, TOP), (RIGHT + 9.0, FLOOR), (RIGHT, FLOOR)];
    light.polygon(&jamb, 0xFF_E9B8, 0.35 * open);
}

/// Where the visitor stands, by how far the shoe is across.
fn stand(shoe: f32) -> [f32; 3] {
    between([800.0, FLOOR, -86.0], [985.0, FLOOR, 92.0], smooth(shoe))
}

/// How much shorter somebody is who bends over a box.
const STOOP: f32 = 0.26;

/// How far the visitor bends over a box now, 0..1.
fn stoop(scene: &Scene) -> f32 {
    scene
        .parcels
        .iter()
        .filter(|parcel| parcel.progress < 1.0)
        .map(|parcel| smooth(parcel.progress / 0.15) * (1.0 - smooth((parcel.progress - 0.6) / 0.3)))
        .fold(0.0, f32::max)
}

/// The visitor, if seen at all through the opening or in the hallway.
pub(super) fn visitor(brush: &mut Brush<'_>, scene: &Scene) {
    if scene.visitor == Visitor::Away && scene.shoe <= 0.0 {
        return;
    }
    let [x, y, z] = stand(scene.shoe);
    let short = 1.0 - STOOP * stoop(scene);
    let at = |dx: f32, up: f32| seen(x + dx, y - up * short, z);
    let stride = (scene.shoe * std::f32::consts::PI).sin();
    brush.ellipse(at(0.0, 0.0), (62.0, 9.0), 0x3A_2A1A, 0.30);
    for (dx, ahead, lift) in [(-20.0, -20.0 * stride, 0.0), (20.0, 90.0 * stride, 16.0 * stride)] {
        let hip = at(dx * 0.8, 208.0);
        let foot = seen(x + dx, y - 10.0 - lift, z + ahead);
        brush.line(&[hip, foot], 36.0, 0x3B_3F45, 1.0);
        let toe = seen(x + dx + 3.0, y - 6.0 - lift, z + ahead + 18.0);
        brush.line(&[foot, toe], 24.0, 0x26_292C, 1.0);
        brush.line(&[(foot.0 - 9.0, toe.1 + 10.0), (toe.0 + 9.0, toe.1 + 10.0)], 4.0, 0xE8_E2D4, 1.0);
    }
    let coat = outline(
        at(-30.0, 376.0),
        &[
            [at(-62.0, 366.0), at(-66.0, 320.0), at(-58.0, 190.0)],
            [at(-30.0, 180.0), at(30.0, 180.0), at(58.0, 190.0)],
            [at(66.0, 320.0), at(62.0, 366.0), at(30.0, 376.0)],
            [at(10.0, 384.0), at(-10.0, 384.0), at(-30.0, 376.0)],
        ],
    );
    if let Some(coat) = coat {
        brush.fill(&coat, JACKET, 1.0);
    }
    brush.polygon(&[at(-59.0, 268.0), at(59.0, 268.0), at(59.0, 250.0), at(-59.0, 250.0)], 0xFF_D84D, 1.0);
    brush.line(&[at(0.0, 376.0), at(0.0, 190.0)], 2.5, JACKET_DARK, 1.0);
    brush.polygon(&[at(-14.0, 392.0), at(14.0, 392.0), at(16.0, 370.0), at(-16.0, 370.0)], SKIN, 1.0);
    brush.ellipse(at(0.0, 414.0), (27.0, 33.0), SKIN, 1.0);
    let cap = outline(
        at(-31.0, 418.0),
        &[
            [at(-34.0, 470.0), at(34.0, 470.0), at(31.0, 418.0)],
            [at(40.0, 410.0), at(22.0, 402.0), at(0.0, 402.0)],
            [at(-22.0, 402.0), at(-40.0, 410.0), at(-31.0, 418.0)],
        ],
    );
    if let Some(cap) = cap {
        brush.fill(&cap, JACKET_DARK, 1.0);
    }
    if !scene.parcels.iter().any(|parcel| parcel.progress < 1.0) {
        for side in [-1.0, 1.0] {
            let arm = [at(side * 52.0, 352.0), at(side * 70.0, 280.0), at(side * 62.0, 212.0)];
            brush.line(&arm, 30.0, JACKET_DARK, 1.0);
            brush.ellipse(at(side * 60.0, 196.0), (13.0, 15.0), SKIN, 1.0);
        }
    }
}

/// Two sleeves that push a box whose back is at this point.
pub(super) fn sleeves(brush: &mut Brush<'_>, scene: &Scene, box_back: [f32; 3]) {
    let [x, y, z] = stand(scene.shoe);
    let reach = stoop(scene);
    let short = 1.0 - STOOP * reach;
    let mut brush = brush.in_light(Light::PLAIN);
    for side in [-1.0, 1.0] {
        let shoulder_at = [x + side * 50.0, y - 345.0 * short, z + 6.0];
        let shoulder = seen(shoulder_at[0], shoulder_at[1], shoulder_at[2]);
        let rest = [x + side * 60.0, y - 200.0 * short, z];
        let palm = between(rest, [box_back[0] + side * 46.0, box_back[1] - 66.0, box_back[2]], reach);
        let hand = seen(palm[0], palm[1], palm[2]);
        let cuff = between(shoulder_at, palm, 0.88);
        let cuff = seen(cuff[0], cuff[1], cuff[2]);
        let bend = (side * 22.0, 10.0);
        let elbow = (f32::midpoint(shoulder.0, hand.0) + bend.0, f32::midpoint(shoulder.1, hand.1) + bend.1);
        brush.ellipse(hand, (15.0, 17.0), SKIN, 1.0);
        brush.line(&[cuff, hand], 22.0, 0xFF_D84D, 1.0);
        brush.curve([shoulder, elbow, cuff], 34.0, JACKET_DARK, 1.0);
        brush.curve([shoulder, elbow, cuff], 27.0, 0x38_5868, 1.0);
    }
}
