//! What stands and hangs in the hallway: clock, fittings, sideboard, lamp, coat, scarf, boots.

use super::brush::{Brush, outline};
use super::palette::{
    BRASS, BRASS_DARK, BRASS_LIGHT, CALM, COAT, COAT_LIGHT, COAT_SHADE, INK, OAK, OAK_DARK, OAK_LIGHT, PAPER,
    TRIM_SHADE, WALNUT, WALNUT_DARK, mix,
};
use super::room::{BELL, CLOCK, CLOCK_RADIUS, DETECTOR, NO_BUTTON};

pub(super) fn clock_face(brush: &mut Brush<'_>) {
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

pub(super) fn fittings(brush: &mut Brush<'_>) {
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

pub(super) fn sideboard(brush: &mut Brush<'_>) {
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

pub(super) fn lamp(brush: &mut Brush<'_>) {
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
        let mut glow = brush.in_light(super::palette::Light::PLAIN);
        glow.polygon(&shade, 0xFF_E2A0, night);
        glow.polygon(
            &[(x - 14.0, y - 142.0), (x + 14.0, y - 142.0), (x + 24.0, y - 76.0), (x - 24.0, y - 76.0)],
            0xFF_F2CC,
            night,
        );
    }
}

/// What the lamp adds at night: flat pools of warm light.
pub(super) fn lamp_light(brush: &mut Brush<'_>) {
    let night = 1.0 - brush.light().day;
    if night < 0.05 {
        return;
    }
    let mut pool = brush.in_light(super::palette::Light::PLAIN).warming();
    for (rx, ry, alpha) in [(560.0, 420.0, 0.34), (340.0, 280.0, 0.36), (190.0, 160.0, 0.40)] {
        pool.ellipse((362.0, 330.0), (rx, ry), 0xFF_C27A, alpha * night);
    }
}

pub(super) fn rack(brush: &mut Brush<'_>) {
    brush.rect((984.0, 132.0), (236.0, 26.0), OAK_DARK);
    brush.rect((984.0, 128.0), (236.0, 26.0), OAK);
    brush.line(&[(992.0, 137.0), (1212.0, 136.0)], 1.5, OAK_LIGHT, 0.8);
    for x in [1054.0, 1128.0, 1192.0] {
        brush.ellipse((x, 142.0), (7.0, 7.0), BRASS, 1.0);
        brush.curve([(x, 144.0), (x + 1.0, 164.0), (x + 10.0, 158.0)], 5.0, BRASS, 1.0);
    }
}

pub(super) fn coat(brush: &mut Brush<'_>) {
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

pub(super) fn scarf(brush: &mut Brush<'_>) {
    brush.polygon(&[(1182.0, 158.0), (1206.0, 158.0), (1212.0, 330.0), (1186.0, 334.0)], 0x5F_8CA0, 1.0);
    brush.polygon(&[(1198.0, 160.0), (1210.0, 166.0), (1226.0, 286.0), (1206.0, 290.0)], 0x47_6F82, 1.0);
    for y in [196.0, 238.0, 280.0] {
        brush.line(&[(1186.0, y), (1208.0, y - 2.0)], 6.0, PAPER, 0.8);
    }
}

pub(super) fn boots(brush: &mut Brush<'_>) {
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
