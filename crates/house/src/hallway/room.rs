//! What never moves: walls, floor, frame, mat, furniture, the coat and the boots.

use super::brush::{Brush, Hand, Point, outline};
use super::furniture;
use super::palette::{
    BRASS, BRASS_DARK, BRASS_LIGHT, CALM, OAK_DARK, PAPER, TRIM, TRIM_SHADE, WAINSCOT, WAINSCOT_DARK,
    WAINSCOT_LIGHT, WALL, WALL_STROKE, mix,
};
use super::space::{FLOOR, LEFT, RIGHT, TOP, on_floor};

/// Middle of the wall clock.
pub(super) const CLOCK: Point = (468.0, 168.0);
/// Radius of its face.
pub(super) const CLOCK_RADIUS: f32 = 58.0;
/// Middle of the bell.
pub(super) const BELL: Point = (575.0, 214.0);
/// Middle of the "No" button.
pub(super) const NO_BUTTON: Point = (575.0, 330.0);
/// Middle of the smoke detector.
pub(super) const DETECTOR: Point = (1130.0, 44.0);

/// Height of the rail between wall and wainscot.
const RAIL: f32 = 384.0;

pub(super) fn paint(brush: &mut Brush<'_>) {
    wall(brush);
    floor(brush);
    frame(brush);
    mat(brush);
    furniture::clock_face(brush);
    furniture::fittings(brush);
    furniture::sideboard(brush);
    furniture::rack(brush);
    furniture::coat(brush);
    furniture::scarf(brush);
    furniture::boots(brush);
    furniture::lamp_light(brush);
    window(brush);
    furniture::lamp(brush);
}

fn wall(brush: &mut Brush<'_>) {
    brush.rect((0.0, 0.0), (1280.0, RAIL), WALL);
    let mut hand = Hand::new(7);
    for _ in 0..90 {
        let (x, y) = (hand.between(-60.0, 1280.0), hand.between(0.0, RAIL));
        let (long, lean) = (hand.between(60.0, 220.0), hand.between(-14.0, 14.0));
        let hex = if hand.next() & 1 == 0 { WALL_STROKE } else { 0xF3_EBDB };
        let width = hand.between(8.0, 26.0);
        brush.line(&[(x, y), (x + long, y + lean)], width, hex, 0.22);
    }
    brush.rect((0.0, RAIL), (1280.0, FLOOR - RAIL), WAINSCOT);
    let mut x = -30.0;
    while x < 1280.0 {
        let (y, w, h) = (RAIL + 34.0, 132.0, 112.0);
        brush.rect((x, y), (w, h), WAINSCOT_DARK);
        brush.rect((x + 3.0, y + 4.0), (w - 3.0, h - 4.0), WAINSCOT_LIGHT);
        brush.rect((x + 4.0, y + 4.0), (w - 8.0, h - 8.0), mix(WAINSCOT, WAINSCOT_DARK, 0.25));
        x += 164.0;
    }
    brush.rect((0.0, RAIL - 10.0), (1280.0, 8.0), TRIM);
    brush.rect((0.0, RAIL - 2.0), (1280.0, 8.0), WAINSCOT_LIGHT);
    brush.rect((0.0, RAIL + 6.0), (1280.0, 4.0), WAINSCOT_DARK);
    brush.rect((0.0, FLOOR - 22.0), (1280.0, 22.0), WAINSCOT_LIGHT);
    brush.rect((0.0, FLOOR - 22.0), (1280.0, 3.0), TRIM);
    brush.rect((0.0, FLOOR - 3.0), (1280.0, 3.0), WAINSCOT_DARK);
}

fn floor(brush: &mut Brush<'_>) {
    const TINTS: [u32; 5] = [0xC0_9263, 0xB8_895A, 0xC7_9C6D, 0xBC_8E60, 0xB3_8455];
    brush.rect((0.0, FLOOR), (1280.0, 720.0 - FLOOR), TINTS[0]);
    let mut hand = Hand::new(31);
    let mut x = -760.0;
    while x < 1_500.0 {
        let mut z = -hand.between(0.0, 150.0);
        while z < 360.0 {
            let end = z + hand.between(130.0, 260.0);
            let (near, far) = (end.min(360.0), z.max(0.0));
            let hex = TINTS[(hand.next() % 5) as usize];
            let plank =
                [on_floor(x, far), on_floor(x + 62.0, far), on_floor(x + 62.0, near), on_floor(x, near)];
            brush.polygon(&plank, hex, 1.0);
            for _ in 0..3 {
                let at = x + hand.between(6.0, 56.0);
                brush.line(&[on_floor(at, far + 4.0), on_floor(at + 1.0, near - 4.0)], 1.2, OAK_DARK, 0.20);
            }
            brush.line(&[plank[3], plank[2]], 1.4, 0x7E_5730, 0.55);
            z = end;
        }
        brush.line(&[on_floor(x, 0.0), on_floor(x, 360.0)], 1.4, 0x7E_5730, 0.55);
        x += 62.0;
    }
    let shade = [(0.0, FLOOR), (1280.0, FLOOR), (1280.0, FLOOR + 9.0), (0.0, FLOOR + 9.0)];
    brush.polygon(&shade, 0x5E_4327, 0.28);
}

fn window(brush: &mut Brush<'_>) {
    let light = brush.light();
    brush.rect((78.0, 66.0), (182.0, 252.0), TRIM_SHADE);
    brush.rect((78.0, 66.0), (178.0, 248.0), TRIM);
    let (x, y, w, h) = (92.0, 80.0, 150.0, 220.0);
    let outside = {
        let mut pane = brush.in_light(super::palette::Light::PLAIN);
        pane.rect((x, y), (w, h), light.sky());
        let cloud = mix(light.sky(), PAPER, 0.25 + 0.35 * light.day);
        pane.ellipse((132.0, 128.0), (26.0, 9.0), cloud, 0.8 * light.day);
        pane.ellipse((150.0, 122.0), (22.0, 10.0), cloud, 0.8 * light.day);
        if light.day < 0.3 {
            for (sx, sy) in [(110.0, 108.0), (188.0, 96.0), (216.0, 140.0), (150.0, 150.0)] {
                pane.ellipse((sx, sy), (1.6, 1.6), PAPER, 0.9 - light.day * 3.0);
            }
            pane.ellipse((204.0, 112.0), (13.0, 13.0), 0xF0_E6C8, 0.9 - light.day * 3.0);
            pane.ellipse((198.0, 108.0), (12.0, 12.0), light.sky(), 0.95 - light.day * 3.0);
        }
        mix(0x1B_2530, 0x8C_9A8A, light.day)
    };
    let mut roofs = brush.in_light(super::palette::Light::PLAIN);
    let roof = mix(outside, 0xA8_5C48, 0.30 * light.day);
    roofs.polygon(
        &[
            (92.0, 300.0),
            (92.0, 236.0),
            (120.0, 208.0),
            (150.0, 236.0),
            (150.0, 226.0),
            (196.0, 226.0),
            (196.0, 300.0),
        ],
        roof,
        1.0,
    );
    roofs.polygon(
        &[(186.0, 300.0), (186.0, 252.0), (222.0, 218.0), (242.0, 238.0), (242.0, 300.0)],
        outside,
        1.0,
    );
    for (wx, wy) in [(108.0, 250.0), (128.0, 250.0), (164.0, 244.0), (164.0, 268.0), (212.0, 262.0)] {
        let lit = if light.day < 0.5 { 0xF0_C060 } else { mix(outside, PAPER, 0.3) };
        roofs.rect((wx, wy), (8.0, 11.0), lit);
    }
    brush.rect((163.0, y), (8.0, h), TRIM);
    brush.rect((x, 176.0), (w, 8.0), TRIM);
    brush.rect((171.0, y), (2.0, h), TRIM_SHADE);
    brush.rect((x, 184.0), (w, 2.0), TRIM_SHADE);
    brush.rect((66.0, 312.0), (206.0, 12.0), TRIM);
    brush.rect((66.0, 324.0), (206.0, 4.0), TRIM_SHADE);
    plant(brush, (214.0, 312.0));
}

fn plant(brush: &mut Brush<'_>, (x, y): Point) {
    for (dx, dy, bend) in [
        (-26.0, -52.0, -20.0),
        (-8.0, -74.0, -8.0),
        (14.0, -66.0, 12.0),
        (30.0, -44.0, 24.0),
        (2.0, -50.0, 2.0),
    ] {
        let tip = (x + dx, y - 24.0 + dy);
        let leaf = outline(
            (x, y - 24.0),
            &[
                [(x + bend - 9.0, y - 40.0), (tip.0 - 9.0, tip.1 + 22.0), tip],
                [(tip.0 + 9.0, tip.1 + 22.0), (x + bend + 9.0, y - 40.0), (x, y - 24.0)],
            ],
        );
        if let Some(leaf) = leaf {
            brush.fill(&leaf, if dx < 0.0 { CALM } else { 0x2C_7565 }, 1.0);
        }
    }
    brush.polygon(
        &[(x - 18.0, y - 28.0), (x + 18.0, y - 28.0), (x + 13.0, y), (x - 13.0, y)],
        0xB9_6A4A,
        1.0,
    );
    brush.rect((x - 20.0, y - 32.0), (40.0, 8.0), 0xC9_7B58);
}

fn frame(brush: &mut Brush<'_>) {
    brush.rect((LEFT - 34.0, TOP - 34.0), (RIGHT - LEFT + 72.0, FLOOR - TOP + 34.0), TRIM_SHADE);
    brush.rect((LEFT - 34.0, TOP - 34.0), (RIGHT - LEFT + 66.0, FLOOR - TOP + 34.0), TRIM);
    brush.rect(
        (LEFT - 22.0, TOP - 22.0),
        (RIGHT - LEFT + 44.0, FLOOR - TOP + 22.0),
        mix(TRIM, TRIM_SHADE, 0.45),
    );
    brush.rect((LEFT - 18.0, TOP - 18.0), (RIGHT - LEFT + 37.0, FLOOR - TOP + 18.0), TRIM);
    brush.rect((LEFT - 4.0, TOP - 4.0), (RIGHT - LEFT + 8.0, FLOOR - TOP + 4.0), 0x8E_8069);
    let strip = [on_floor(LEFT, 0.0), on_floor(RIGHT, 0.0), on_floor(RIGHT, 34.0), on_floor(LEFT, 34.0)];
    brush.polygon(&strip, BRASS, 1.0);
    brush.line(&[on_floor(LEFT, 8.0), on_floor(RIGHT, 8.0)], 2.5, BRASS_LIGHT, 1.0);
    brush.line(&[on_floor(LEFT, 34.0), on_floor(RIGHT, 34.0)], 2.0, BRASS_DARK, 1.0);
}

fn mat(brush: &mut Brush<'_>) {
    let quad = |inset: f32| {
        [
            on_floor(668.0 + inset, 62.0 + inset),
            on_floor(884.0 - inset, 62.0 + inset),
            on_floor(884.0 - inset, 224.0 - inset),
            on_floor(668.0 + inset, 224.0 - inset),
        ]
    };
    let mut shade = quad(-4.0);
    for point in &mut shade {
        point.1 += 4.0;
    }
    brush.polygon(&shade, 0x4A_3420, 0.35);
    brush.polygon(&quad(0.0), 0x3D_4C50, 1.0);
    brush.polygon(&quad(10.0), 0xC9_BDA4, 1.0);
    brush.polygon(&quad(14.0), 0x4A_5B5E, 1.0);
    let mut hand = Hand::new(5);
    for _ in 0..170 {
        let (x, z) = (hand.between(686.0, 864.0), hand.between(80.0, 206.0));
        let (from, to) = (on_floor(x, z), on_floor(x + hand.between(-3.0, 3.0), z + 7.0));
        brush.line(&[from, to], 1.3, if hand.next() & 1 == 0 { 0x3D_4C50 } else { 0x5D_6F71 }, 0.8);
    }
}
