//! The oak door, its frosted pane, its lock and its bolt.

use super::brush::{Brush, Hand, polygon};
use super::palette::{
    ALARM, BRASS, BRASS_DARK, BRASS_LIGHT, INK, OAK, OAK_DARK, OAK_LIGHT, PAPER, WALNUT_DARK, mix,
};
use super::space::{FLOOR, Hinge, LEAF, RIGHT, TOP};
use crate::physics::{Scene, Visitor};

/// The pane of the door, in the leaf's own measures: left top and right bottom.
const PANE: [(f32, f32); 2] = [(56.0, 92.0), (214.0, 262.0)];
/// The lock's case.
const CASE: [(f32, f32); 2] = [(190.0, 296.0), (252.0, 354.0)];
/// Height of the bolt's upper and lower edge.
const BOLT: (f32, f32) = (315.0, 335.0);
/// How far a thrown bolt reaches out of the case.
const THROW: f32 = 46.0;

/// The leaf without bolt and thumb-turn.
pub(super) fn paint(brush: &mut Brush<'_>, hinge: Hinge) {
    let shade = hinge.turned() * 0.22;
    let tone = |hex| mix(hex, WALNUT_DARK, shade);
    if hinge.turned() > 0.01 {
        let bottom = [hinge.seen(0.0, FLOOR, 0.0), hinge.seen(LEAF, FLOOR, 0.0)];
        let far = [hinge.seen(LEAF, FLOOR + 7.0, -22.0), hinge.seen(0.0, FLOOR + 7.0, -22.0)];
        brush.polygon(&[bottom[0], bottom[1], far[0], far[1]], 0x3A_2A1A, 0.45);
        let edge = [
            hinge.seen(LEAF, TOP, 0.0),
            hinge.seen(LEAF, TOP, -22.0),
            hinge.seen(LEAF, FLOOR, -22.0),
            hinge.seen(LEAF, FLOOR, 0.0),
        ];
        brush.polygon(&edge, OAK_LIGHT, 1.0);
    }
    brush.polygon(&hinge.quad((0.0, TOP), (LEAF, FLOOR), 0.0), tone(OAK), 1.0);
    grain(brush, hinge);
    for [from, to] in [[(44.0, 396.0), (226.0, 536.0)], [(44.0, 80.0), (226.0, 274.0)]] {
        brush.polygon(&hinge.quad(from, to, 0.0), tone(OAK_DARK), 1.0);
        let inner = hinge.quad((from.0 + 5.0, from.1 + 6.0), (to.0, to.1), 0.0);
        brush.polygon(&inner, tone(OAK_LIGHT), 1.0);
        let panel = hinge.quad((from.0 + 5.0, from.1 + 6.0), (to.0 - 5.0, to.1 - 5.0), 0.0);
        brush.polygon(&panel, tone(mix(OAK, OAK_DARK, 0.35)), 1.0);
    }
    let raised = hinge.quad((66.0, 420.0), (204.0, 514.0), 0.0);
    brush.polygon(&raised, tone(mix(OAK, OAK_LIGHT, 0.35)), 1.0);
    brush.line(&[raised[3], raised[0], raised[1]], 2.0, OAK_LIGHT, 0.9);
    brush.line(&[raised[1], raised[2], raised[3]], 2.0, OAK_DARK, 0.9);
    for y in [120.0, 470.0] {
        brush.polygon(&hinge.quad((-5.0, y), (5.0, y + 44.0), 2.0), BRASS, 1.0);
    }
    lock_case(brush, hinge);
}

fn grain(brush: &mut Brush<'_>, hinge: Hinge) {
    let mut hand = Hand::new(99);
    for _ in 0..46 {
        let u = hand.between(6.0, LEAF - 6.0);
        let (from, to) = (hand.between(TOP + 4.0, 420.0), hand.between(60.0, 190.0));
        let end = (from + to).min(FLOOR - 4.0);
        let (a, b) = (hinge.seen(u, from, 0.0), hinge.seen(u + hand.between(-3.0, 3.0), end, 0.0));
        let hex = if hand.next() & 1 == 0 { OAK_DARK } else { OAK_LIGHT };
        brush.line(&[a, b], hand.between(0.8, 2.2), hex, 0.35);
    }
}

fn lock_case(brush: &mut Brush<'_>, hinge: Hinge) {
    let [(u0, y0), (u1, y1)] = CASE;
    let drop = hinge.quad((u0 + 3.0, y0 + 5.0), (u1 + 4.0, y1 + 5.0), 0.0);
    brush.polygon(&drop, WALNUT_DARK, 0.45);
    if hinge.turned() > 0.01 {
        let side = [
            hinge.seen(u1, y0, 0.0),
            hinge.seen(u1, y0, 16.0),
            hinge.seen(u1, y1, 16.0),
            hinge.seen(u1, y1, 0.0),
        ];
        brush.polygon(&side, BRASS_DARK, 1.0);
    }
    brush.polygon(&hinge.quad((u0, y0), (u1, y1), 16.0), BRASS_DARK, 1.0);
    brush.polygon(&hinge.quad((u0 + 2.0, y0 + 2.0), (u1 - 2.0, y1 - 3.0), 16.0), BRASS, 1.0);
    brush.line(
        &[hinge.seen(u0 + 4.0, y0 + 4.0, 16.0), hinge.seen(u1 - 4.0, y0 + 4.0, 16.0)],
        2.0,
        BRASS_LIGHT,
        1.0,
    );
    brush.polygon(&hinge.oval((226.0, 412.0), (13.0, 13.0), 0.0, 4.0), BRASS_DARK, 1.0);
    brush.polygon(&hinge.oval((226.0, 411.0), (11.0, 11.0), 0.0, 6.0), BRASS, 1.0);
    let lever =
        [hinge.seen(228.0, 411.0, 20.0), hinge.seen(172.0, 412.0, 20.0), hinge.seen(166.0, 416.0, 20.0)];
    brush.line(&lever, 10.0, BRASS_DARK, 1.0);
    brush.line(&[lever[0], lever[1]], 6.0, BRASS, 1.0);
    brush.line(&[lever[0], lever[1]], 1.8, BRASS_LIGHT, 1.0);
}

/// The keep on the frame, into which the bolt goes. Drawn with the room, under the leaf.
pub(super) fn paint_keep(brush: &mut Brush<'_>) {
    let (x, y) = (RIGHT + 5.0, BOLT.0 - 14.0);
    brush.rect((x + 2.0, y + 4.0), (31.0, 48.0), 0x8A_7B62);
    brush.rect((x, y), (31.0, 48.0), BRASS_DARK);
    brush.rect((x + 2.0, y + 2.0), (27.0, 43.0), BRASS);
    brush.rect((x - 2.0, y + 10.0), (26.0, 28.0), INK);
}

/// The bolt where it truly is, the thumb-turn, and the lock's small light.
pub(super) fn paint_bolt(brush: &mut Brush<'_>, hinge: Hinge, scene: &Scene) {
    let (top, bottom) = BOLT;
    let from = CASE[1].0;
    let slip = if scene.jammed { 4.0 } else { 0.0 };
    let tip = from + THROW * scene.bolt;
    if scene.bolt > 0.01 {
        brush.polygon(&hinge.quad((from, top - 2.0), (tip + 1.5, bottom + 2.0 + slip), 8.0), INK, 1.0);
        let face = [
            hinge.seen(from, top, 8.0),
            hinge.seen(tip, top + slip, 8.0),
            hinge.seen(tip, bottom + slip, 8.0),
            hinge.seen(from, bottom, 8.0),
        ];
        brush.polygon(&face, BRASS_LIGHT, 1.0);
        let low = [
            hinge.seen(from, bottom - 6.0, 8.0),
            hinge.seen(tip, bottom - 6.0 + slip, 8.0),
            face[2],
            face[3],
        ];
        brush.polygon(&low, BRASS, 1.0);
    }
    let middle = (221.0, 327.0);
    let turn = std::f32::consts::FRAC_PI_2 * (1.0 - scene.bolt);
    brush.polygon(&hinge.oval(middle, (15.0, 15.0), 0.0, 17.0), BRASS_DARK, 1.0);
    brush.polygon(&hinge.oval((middle.0 + 1.0, middle.1 + 2.0), (23.0, 8.0), turn, 22.0), INK, 0.55);
    brush.polygon(&hinge.oval(middle, (22.0, 7.5), turn, 26.0), BRASS_LIGHT, 1.0);
    brush.polygon(&hinge.oval(middle, (20.0, 3.0), turn, 27.0), PAPER, 0.45);
    let (light, glow) = if scene.jammed {
        (ALARM, 1.0)
    } else if scene.powered {
        (0x5F_C3A8, 1.0)
    } else {
        (INK, 0.8)
    };
    brush.polygon(&hinge.oval((200.0, 305.0), (3.2, 3.2), 0.0, 17.0), light, glow);
    if scene.jammed {
        let (x, y) = hinge.seen(tip, f32::midpoint(top, bottom), 8.0);
        for (dx, dy) in
            [(13.0, -34.0), (26.0, -22.0), (-4.0, -38.0), (13.0, 36.0), (26.0, 26.0), (-4.0, 40.0)]
        {
            brush.line(&[(x + dx * 0.62, y + dy * 0.72), (x + dx * 1.15, y + dy * 1.15)], 3.5, ALARM, 1.0);
        }
    }
}

/// The frosted pane, lit from the landing, and whoever stands behind it.
pub(super) fn paint_pane(brush: &mut Brush<'_>, hinge: Hinge, scene: &Scene) {
    let quad = hinge.quad(PANE[0], PANE[1], 0.0);
    let light = brush.light();
    let glass = mix(0x9F_B0A4, 0xC6_DAD8, light.day);
    let mut mask = None;
    if scene.visitor == Visitor::AtDoor && scene.angle < 0.5 {
        mask = polygon(&quad, true).and_then(|path| brush.mask(&path));
    }
    let mut plain = brush.in_light(super::palette::Light::PLAIN);
    plain.polygon(&quad, glass, 1.0);
    if let Some(mask) = &mask {
        silhouette(&mut plain.in_light(super::palette::Light::PLAIN).within(mask), hinge, scene);
    }
    let mut hand = Hand::new(3);
    for _ in 0..64 {
        let (u, y) =
            (hand.between(PANE[0].0 + 3.0, PANE[1].0 - 3.0), hand.between(PANE[0].1, PANE[1].1 - 14.0));
        let (a, b) = (hinge.seen(u, y, 0.0), hinge.seen(u, y + hand.between(5.0, 13.0), 0.0));
        plain.line(&[a, b], 2.2, PAPER, 0.16);
    }
    for u in [84.0, 150.0] {
        let sheen = [
            hinge.seen(u + 26.0, PANE[0].1, 0.0),
            hinge.seen(u + 40.0, PANE[0].1, 0.0),
            hinge.seen(u + 8.0, PANE[1].1, 0.0),
            hinge.seen(u - 6.0, PANE[1].1, 0.0),
        ];
        plain.polygon(&sheen, PAPER, 0.20);
    }
    let mullion = f32::midpoint(PANE[0].0, PANE[1].0);
    brush.polygon(&hinge.quad((mullion - 4.0, PANE[0].1), (mullion + 4.0, PANE[1].1), 1.0), OAK, 1.0);
    brush.polygon(&hinge.quad((PANE[0].0, 173.0), (PANE[1].0, 181.0), 1.0), OAK, 1.0);
    brush.line(&[quad[3], quad[0], quad[1]], 2.0, WALNUT_DARK, 0.6);
    brush.line(&[quad[1], quad[2], quad[3]], 2.0, OAK_LIGHT, 0.8);
}

#[allow(clippy::cast_precision_loss, reason = "ages and phases of a few seconds")]
fn silhouette(brush: &mut Brush<'_>, hinge: Hinge, scene: &Scene) {
    let sway = ((scene.unix_ms % 5_000) as f32 / 5_000.0 * std::f32::consts::TAU).sin() * 2.5;
    let step = 1.0 - (scene.rung_ms.unwrap_or(1_000) as f32 / 450.0).min(1.0);
    let middle = 136.0 + sway + step * 110.0;
    for (grow, alpha) in [(13.0, 0.22), (8.0, 0.28), (3.0, 0.34), (-2.0, 0.45)] {
        let body = hinge.oval((middle, 276.0), (62.0 + grow, 66.0 + grow), 0.0, 0.0);
        let head = hinge.oval((middle, 166.0), (27.0 + grow, 34.0 + grow), 0.0, 0.0);
        let peak = hinge.oval((middle + 6.0, 146.0), (33.0 + grow, 10.0 + grow * 0.6), -0.08, 0.0);
        for shape in [body, head, peak] {
            brush.polygon(&shape, 0x4A_5F66, alpha);
        }
    }
}
