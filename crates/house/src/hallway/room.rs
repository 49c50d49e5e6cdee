//! What never moves: walls, floor, frame, mat, furniture, the coat and the boots.

use super::brush::{Brush, Hand, Point, outline};
use super::palette::{
    BRASS, BRASS_DARK, BRASS_LIGHT, CALM, COAT, COAT_LIGHT, COAT_SHADE, INK, OAK, OAK_DARK, OAK_LIGHT, PAPER,
    TRIM, TRIM_SHADE, WAINSCOT, WAINSCOT_DARK, WAINSCOT_LIGHT, WALL, WALL_STROKE, WALNUT, WALNUT_DARK, mix,
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
    clock_face(brush);
    fittings(brush);
    sideboard(brush);
    rack(brush);
    coat(brush);
    scarf(brush);
    boots(brush);
    lamp_light(brush);
    window(brush);
    lamp(brush);
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
        let mut pane = Brush::new(brush.canvas(), super::palette::Light::PLAIN);
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
    let mut roofs = Brush::new(brush.canvas(), super::palette::Light::PLAIN);
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
    shade.iter_mut().for_each(|point| point.1 += 4.0);
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

fn clock_face(brush: &mut Brush<'_>) {
    let (x, y) = CLOCK;
    brush.ellipse((x + 5.0, y + 7.0), (CLOCK_RADIUS + 8.0, CLOCK_RADIUS + 8.0), 0x8A_7B62, 0.35);
    brush.ellipse(CLOCK, (CLOCK_RADIUS + 8.0, CLOCK_RADIUS + 8.0), CALM, 1.0);
    brush.ellipse(CLOCK, (CLOCK_RADIUS, CLOCK_RADIUS), PAPER, 1.0);
    for mark in 0..12_u8 {
        let at = f32::from(mark) / 12.0 * std::f32::consts::TAU;
        let (sin, cos) = at.sin_cos();
        let (long, width) = if mark % 3 == 0 { (12.0, 4.5) } else { (7.0, 2.5) };
        let outer = CLOCK_RADIUS - 6.0;
        let from = (x + sin * outer, y - cos * outer);
        brush.line(&[from, (x + sin * (outer - long), y - cos * (outer - long))], width, INK, 1.0);
    }
}

fn fittings(brush: &mut Brush<'_>) {
    let (x, y) = BELL;
    brush.rect((x - 15.0, y - 26.0), (30.0, 52.0), mix(PAPER, TRIM_SHADE, 0.5));
    brush.rect((x - 15.0, y - 26.0), (28.0, 50.0), PAPER);
    brush.ellipse((x, y - 6.0), (10.0, 10.0), BRASS, 1.0);
    brush.ellipse((x - 2.0, y - 9.0), (4.0, 3.5), BRASS_LIGHT, 1.0);
    brush.line(&[(x - 7.0, y + 14.0), (x + 7.0, y + 14.0)], 2.0, TRIM_SHADE, 1.0);
    let (x, y) = NO_BUTTON;
    brush.rect((x - 13.0, y - 17.0), (26.0, 36.0), mix(PAPER, TRIM_SHADE, 0.5));
    brush.rect((x - 13.0, y - 17.0), (25.0, 34.0), PAPER);
    let (x, y) = DETECTOR;
    brush.ellipse((x, y + 4.0), (31.0, 13.0), TRIM_SHADE, 1.0);
    brush.ellipse((x, y), (31.0, 12.0), PAPER, 1.0);
    brush.ellipse((x, y + 2.0), (17.0, 5.5), TRIM_SHADE, 1.0);
}

fn sideboard(brush: &mut Brush<'_>) {
    brush.polygon(&[(296.0, 612.0), (560.0, 612.0), (532.0, 586.0), (322.0, 586.0)], 0x4A_3420, 0.30);
    for x in [312.0, 528.0] {
        brush.polygon(
            &[(x, 470.0), (x + 14.0, 470.0), (x + 10.0, 604.0), (x + 3.0, 604.0)],
            WALNUT_DARK,
            1.0,
        );
    }
    brush.rect((304.0, 424.0), (246.0, 62.0), WALNUT);
    brush.rect((304.0, 480.0), (246.0, 6.0), WALNUT_DARK);
    brush.rect((312.0, 434.0), (111.0, 40.0), 0x86_5D40);
    brush.rect((431.0, 434.0), (111.0, 40.0), 0x86_5D40);
    brush.ellipse((367.0, 454.0), (5.0, 5.0), BRASS_LIGHT, 1.0);
    brush.ellipse((486.0, 454.0), (5.0, 5.0), BRASS_LIGHT, 1.0);
    brush.rect((294.0, 412.0), (266.0, 12.0), 0x8F_6546);
    brush.rect((294.0, 421.0), (266.0, 4.0), WALNUT_DARK);
    brush.polygon(&[(470.0, 396.0), (536.0, 396.0), (524.0, 412.0), (482.0, 412.0)], 0x5F_8CA0, 1.0);
    brush.ellipse((503.0, 396.0), (33.0, 6.0), 0x47_6F82, 1.0);
    brush.line(&[(490.0, 396.0), (512.0, 392.0)], 3.0, BRASS_LIGHT, 1.0);
    brush.ring((518.0, 391.0), 5.0, 2.5, BRASS, 1.0);
}

fn lamp(brush: &mut Brush<'_>) {
    let (x, y) = (362.0, 412.0);
    brush.ellipse((x, y - 2.0), (26.0, 6.0), BRASS_DARK, 1.0);
    brush.ellipse((x, y - 5.0), (25.0, 5.0), BRASS, 1.0);
    brush.rect((x - 3.0, y - 90.0), (6.0, 86.0), BRASS);
    brush.rect((x - 3.0, y - 90.0), (2.0, 86.0), BRASS_LIGHT);
    let shade = [(x - 30.0, y - 142.0), (x + 30.0, y - 142.0), (x + 50.0, y - 76.0), (x - 50.0, y - 76.0)];
    let night = 1.0 - brush.light().day;
    brush.polygon(&shade, 0xE6_CFA2, 1.0);
    brush.polygon(&[(x + 8.0, y - 142.0), shade[1], shade[2], (x + 16.0, y - 76.0)], 0xD2_B681, 1.0);
    if night > 0.05 {
        let mut glow = Brush::new(brush.canvas(), super::palette::Light::PLAIN);
        glow.polygon(&shade, 0xFF_E2A0, night);
        glow.polygon(
            &[(x - 14.0, y - 142.0), (x + 14.0, y - 142.0), (x + 24.0, y - 76.0), (x - 24.0, y - 76.0)],
            0xFF_F2CC,
            night,
        );
    }
}

/// What the lamp adds at night: flat pools of warm light.
fn lamp_light(brush: &mut Brush<'_>) {
    let night = 1.0 - brush.light().day;
    if night < 0.05 {
        return;
    }
    let mut pool = Brush::new(brush.canvas(), super::palette::Light::PLAIN).warming();
    for (rx, ry, alpha) in [(560.0, 420.0, 0.34), (340.0, 280.0, 0.36), (190.0, 160.0, 0.40)] {
        pool.ellipse((362.0, 330.0), (rx, ry), 0xFF_D98C, alpha * night);
    }
}

fn rack(brush: &mut Brush<'_>) {
    brush.rect((984.0, 132.0), (236.0, 26.0), OAK_DARK);
    brush.rect((984.0, 128.0), (236.0, 26.0), OAK);
    brush.line(&[(992.0, 137.0), (1212.0, 136.0)], 1.5, OAK_LIGHT, 0.8);
    for x in [1054.0, 1128.0, 1192.0] {
        brush.ellipse((x, 142.0), (7.0, 7.0), BRASS, 1.0);
        brush.curve([(x, 144.0), (x + 1.0, 164.0), (x + 10.0, 158.0)], 5.0, BRASS, 1.0);
    }
}

fn coat(brush: &mut Brush<'_>) {
    let body = outline(
        (1036.0, 168.0),
        &[
            [(1008.0, 176.0), (998.0, 192.0), (990.0, 226.0)],
            [(980.0, 290.0), (974.0, 350.0), (970.0, 438.0)],
            [(1010.0, 456.0), (1090.0, 458.0), (1140.0, 440.0)],
            [(1136.0, 350.0), (1128.0, 290.0), (1118.0, 226.0)],
            [(1110.0, 190.0), (1100.0, 176.0), (1072.0, 168.0)],
        ],
    );
    let shadow = outline(
        (1046.0, 180.0),
        &[
            [(1140.0, 180.0), (1146.0, 330.0), (1158.0, 446.0)],
            [(1100.0, 470.0), (1020.0, 466.0), (984.0, 450.0)],
            [(990.0, 340.0), (1000.0, 200.0), (1046.0, 180.0)],
        ],
    );
    let hood = outline(
        (1030.0, 176.0),
        &[
            [(1032.0, 144.0), (1076.0, 144.0), (1078.0, 176.0)],
            [(1070.0, 204.0), (1040.0, 204.0), (1030.0, 176.0)],
        ],
    );
    let sleeve = outline(
        (994.0, 220.0),
        &[
            [(972.0, 270.0), (962.0, 330.0), (960.0, 376.0)],
            [(970.0, 384.0), (984.0, 384.0), (994.0, 378.0)],
            [(1000.0, 320.0), (1004.0, 280.0), (1008.0, 246.0)],
        ],
    );
    for (path, hex, alpha) in
        [(shadow, 0x8A_7B62, 0.35), (body, COAT, 1.0), (sleeve, COAT_SHADE, 1.0), (hood, COAT_LIGHT, 1.0)]
    {
        if let Some(path) = path {
            brush.fill(&path, hex, alpha);
        }
    }
    brush.ellipse((1054.0, 182.0), (15.0, 12.0), COAT_SHADE, 1.0);
    brush.curve([(1054.0, 200.0), (1060.0, 320.0), (1056.0, 450.0)], 3.0, COAT_SHADE, 1.0);
    for y in [232.0, 282.0, 332.0, 382.0] {
        brush.ellipse((1066.0, y), (4.0, 4.0), INK, 0.8);
    }
    brush.polygon(&[(1084.0, 346.0), (1122.0, 340.0), (1126.0, 354.0), (1086.0, 362.0)], COAT_SHADE, 1.0);
    brush.curve([(1096.0, 236.0), (1106.0, 320.0), (1110.0, 436.0)], 7.0, COAT_SHADE, 0.55);
    brush.curve([(1012.0, 250.0), (1004.0, 340.0), (1000.0, 432.0)], 5.0, COAT_LIGHT, 0.9);
}

fn scarf(brush: &mut Brush<'_>) {
    brush.polygon(&[(1182.0, 158.0), (1206.0, 158.0), (1212.0, 330.0), (1186.0, 334.0)], 0x5F_8CA0, 1.0);
    brush.polygon(&[(1198.0, 160.0), (1210.0, 166.0), (1226.0, 286.0), (1206.0, 290.0)], 0x47_6F82, 1.0);
    for y in [196.0, 238.0, 280.0] {
        brush.line(&[(1186.0, y), (1208.0, y - 2.0)], 6.0, PAPER, 0.8);
    }
}

fn boots(brush: &mut Brush<'_>) {
    for (x, y, hex) in [(1206.0, 604.0, 0x2C_7565), (1162.0, 598.0, CALM)] {
        brush.ellipse((x + 12.0, y + 3.0), (40.0, 7.0), 0x4A_3420, 0.35);
        let boot = outline(
            (x - 20.0, y - 104.0),
            &[
                [(x - 18.0, y - 60.0), (x - 22.0, y - 30.0), (x - 22.0, y)],
                [(x, y + 2.0), (x + 30.0, y + 2.0), (x + 46.0, y)],
                [(x + 48.0, y - 26.0), (x + 26.0, y - 32.0), (x + 16.0, y - 40.0)],
                [(x + 14.0, y - 60.0), (x + 16.0, y - 80.0), (x + 18.0, y - 104.0)],
            ],
        );
        if let Some(boot) = boot {
            brush.fill(&boot, hex, 1.0);
        }
        brush.ellipse((x - 1.0, y - 104.0), (19.0, 5.0), INK, 0.75);
        brush.line(&[(x - 20.0, y - 2.0), (x + 44.0, y - 2.0)], 5.0, INK, 0.8);
        brush.line(&[(x - 12.0, y - 92.0), (x - 14.0, y - 30.0)], 4.0, 0x6F_B09F, 0.6);
    }
}
