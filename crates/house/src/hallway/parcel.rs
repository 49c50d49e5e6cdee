//! Parcels: labelled boxes on their way across the strip and in their places.

use super::brush::{Brush, Hand};
use super::palette::{INK, KRAFT, KRAFT_SIDE, KRAFT_TOP, Light, PAPER, mix, smooth};
use super::space::{FLOOR, between, seen};
use super::{glyphs, landing};
use crate::physics::{ParcelSeen, Scene};

/// Half width, height and half depth of a box.
const SIZE: [f32; 3] = [60.0, 84.0, 42.0];
/// Places out of the door's way; further parcels are stacked on them.
const PLACES: [[f32; 2]; 3] = [[1004.0, 116.0], [1128.0, 172.0], [1000.0, 236.0]];

/// Where parcel number `index` is.
fn place(index: usize, progress: f32) -> [f32; 3] {
    let [x, z] = PLACES[index % PLACES.len()];
    let stack = u8::try_from(index / PLACES.len()).unwrap_or(u8::MAX);
    let end = [x, FLOOR - f32::from(stack) * (SIZE[1] + 1.0), z];
    let strip = [884.0, FLOOR, 52.0];
    if progress <= 0.5 {
        between([796.0, FLOOR, -64.0], strip, smooth(progress * 2.0))
    } else {
        between(strip, end, smooth(progress * 2.0 - 1.0))
    }
}

/// All parcels, farthest first, and the sleeves that push the last one.
pub(super) fn paint(brush: &mut Brush<'_>, scene: &Scene) {
    let mut order: Vec<(usize, &ParcelSeen, [f32; 3])> = scene
        .parcels
        .iter()
        .enumerate()
        .map(|(index, parcel)| (index, parcel, place(index, parcel.progress)))
        .collect();
    order.sort_by(|a, b| a.2[2].total_cmp(&b.2[2]).then(b.2[1].total_cmp(&a.2[1])));
    for (index, parcel, at) in order {
        if parcel.progress < 1.0 && scene.angle > 0.5 {
            landing::sleeves(brush, scene, [at[0], at[1], at[2] - SIZE[2]]);
            let mut lit = brush.in_light(Light::PLAIN);
            carton(&mut lit, at, index, &parcel.label);
        } else {
            carton(brush, at, index, &parcel.label);
        }
    }
}

fn carton(brush: &mut Brush<'_>, [x, y, z]: [f32; 3], index: usize, label: &str) {
    let [half, height, deep] = SIZE;
    let (near, far, top) = (z + deep, z - deep, y - height);
    let hue = if index.is_multiple_of(2) { 0.0 } else { 0.12 };
    let tone = |hex| mix(hex, PAPER, hue);
    let shadow = [
        seen(x - half - 10.0, y, far),
        seen(x + half + 14.0, y, far),
        seen(x + half + 18.0, y, near + 8.0),
        seen(x - half - 14.0, y, near + 8.0),
    ];
    brush.polygon(&shadow, 0x3A_2A1A, 0.32);
    let side = if x > 880.0 { x - half } else { x + half };
    let flank = [seen(side, top, near), seen(side, top, far), seen(side, y, far), seen(side, y, near)];
    brush.polygon(&flank, tone(KRAFT_SIDE), 1.0);
    let lid = [
        seen(x - half, top, far),
        seen(x + half, top, far),
        seen(x + half, top, near),
        seen(x - half, top, near),
    ];
    brush.polygon(&lid, tone(KRAFT_TOP), 1.0);
    let front = [
        seen(x - half, top, near),
        seen(x + half, top, near),
        seen(x + half, y, near),
        seen(x - half, y, near),
    ];
    brush.polygon(&front, tone(KRAFT), 1.0);
    let tape = [
        seen(x - 9.0, top, far),
        seen(x + 9.0, top, far),
        seen(x + 9.0, top, near),
        seen(x - 9.0, top, near),
    ];
    brush.polygon(&tape, 0xEB_D9B2, 0.9);
    let fold = [
        seen(x - 9.0, top, near),
        seen(x + 9.0, top, near),
        seen(x + 9.0, top + 20.0, near),
        seen(x - 9.0, top + 20.0, near),
    ];
    brush.polygon(&fold, 0xDE_C799, 0.9);
    brush.line(&[front[0], front[1]], 1.5, 0xEB_D1A4, 0.9);
    print_label(brush, [x, top, near], label);
}

/// A paper label with bars made of its text, and the text's last characters.
fn print_label(brush: &mut Brush<'_>, [x, top, z]: [f32; 3], label: &str) {
    let quad = |l: f32, t: f32, r: f32, b: f32| {
        [seen(x + l, top + t, z), seen(x + r, top + t, z), seen(x + r, top + b, z), seen(x + l, top + b, z)]
    };
    brush.polygon(&quad(-52.0, 26.0, 52.0, 78.0), PAPER, 1.0);
    let seed = label.bytes().fold(17_u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
    let mut hand = Hand::new(seed);
    let mut at = -46.0;
    while at < 44.0 {
        let width = 1.4 * f32::from(u8::try_from(hand.next() % 3).unwrap_or(0) + 1);
        brush.polygon(&quad(at, 30.0, (at + width).min(46.0), 55.0), INK, 1.0);
        at += width + 1.4 * f32::from(u8::try_from(hand.next() % 2).unwrap_or(0) + 1);
    }
    let tail: String = {
        let count = label.chars().count();
        label.chars().skip(count.saturating_sub(8)).collect()
    };
    let (left, upper) = seen(x - 46.0, top + 60.0, z);
    glyphs::write(brush, (left, upper), 1.9, INK, if tail.is_empty() { "PAKET" } else { &tail });
}
