//! What moves all the time or shines: the hands of the clock, ripples, the button, smoke.

use super::brush::{Brush, Point};
use super::palette::{ALARM, BRASS, CALM, INK, Light, WAITING};
use super::room::{BELL, CLOCK, CLOCK_RADIUS, DETECTOR, NO_BUTTON};
use super::space::Hinge;
use crate::physics::Scene;

/// The hands, by local time. The second hand sweeps, so that even half a second without a picture shows.
pub(super) fn hands(brush: &mut Brush<'_>, local_ms: u64) {
    let hours = super::local_hours(local_ms);
    #[allow(clippy::cast_precision_loss, reason = "less than a minute")]
    let seconds = (local_ms % 60_000) as f32 / 1_000.0;
    let (x, y) = CLOCK;
    let tip = |turns: f32, long: f32| -> Point {
        let (sin, cos) = (turns * std::f32::consts::TAU).sin_cos();
        (x + sin * long, y - cos * long)
    };
    let hour = hours / 12.0;
    brush.line(&[tip(hour + 0.5, 8.0), tip(hour, CLOCK_RADIUS * 0.50)], 6.5, INK, 1.0);
    let minute = hours.fract();
    brush.line(&[tip(minute + 0.5, 10.0), tip(minute, CLOCK_RADIUS * 0.74)], 4.5, INK, 1.0);
    let second = seconds / 60.0;
    brush.line(&[tip(second + 0.5, 14.0), tip(second, CLOCK_RADIUS * 0.84)], 2.4, WAITING, 1.0);
    brush.ellipse(tip(second + 0.5, 12.0), (4.5, 4.5), WAITING, 1.0);
    brush.ellipse(CLOCK, (4.0, 4.0), WAITING, 1.0);
}

/// Rings around the bell for a ring (brass) and for the hub's chime (green), strokes at a pushed door.
pub(super) fn ripples(brush: &mut Brush<'_>, hinge: Hinge, scene: &Scene) {
    let middle = (BELL.0, BELL.1 - 6.0);
    for (age_ms, hex) in [(scene.rung_ms, BRASS), (scene.chimed_ms, CALM)] {
        let Some(age_ms) = age_ms else { continue };
        for delay_ms in [0, 260, 520] {
            #[allow(clippy::cast_precision_loss, reason = "a few seconds")]
            let share = age_ms.saturating_sub(delay_ms) as f32 / 1_000.0;
            if age_ms > delay_ms && share < 1.0 {
                brush.ring(middle, 16.0 + 58.0 * share, 5.0 * (1.0 - share) + 1.5, hex, 1.0 - share);
            }
        }
    }
    let rattles = scene.pushed_ms.is_some_and(|age_ms| age_ms < 500) && scene.angle <= 0.0;
    if rattles {
        for y in [210.0, 250.0, 290.0] {
            let (from, to) = (hinge.seen(238.0, y, 4.0), hinge.seen(252.0, y - 5.0, 4.0));
            brush.line(&[from, to], 4.0, INK, 0.75);
        }
    }
}

/// The "No" button, lit while it is felt as pressed.
pub(super) fn button(brush: &mut Brush<'_>, scene: &Scene) {
    if scene.no_button {
        let mut glow = brush.in_light(Light::PLAIN);
        glow.ellipse(NO_BUTTON, (20.0, 20.0), ALARM, 0.22);
        glow.ellipse(NO_BUTTON, (9.0, 9.0), ALARM, 1.0);
    } else {
        brush.ellipse(NO_BUTTON, (9.0, 9.0), 0x55_616A, 1.0);
        brush.ellipse((NO_BUTTON.0 - 2.0, NO_BUTTON.1 - 2.0), (3.5, 3.0), 0x7A_868E, 1.0);
    }
}

/// Flat grey layers under the ceiling, and the detector's red light.
pub(super) fn smoke(brush: &mut Brush<'_>, scene: &Scene) {
    let mut shine = brush.in_light(Light::PLAIN);
    if !scene.smoke {
        shine.ellipse((DETECTOR.0 + 14.0, DETECTOR.1 + 3.0), (2.2, 2.2), 0x5F_C3A8, 1.0);
        return;
    }
    #[allow(clippy::cast_precision_loss, reason = "a phase of some seconds")]
    let phase = (scene.unix_ms % 12_000) as f32 / 12_000.0 * std::f32::consts::TAU;
    for layer in 0..7_u8 {
        let n = f32::from(layer);
        let x = 120.0 + n * 190.0 + (phase + n * 1.3).sin() * 46.0;
        let y = 40.0 + (phase * 2.0 + n).cos() * 10.0 + (n % 3.0) * 22.0;
        shine.ellipse((x, y), (230.0, 62.0), 0x7D_8386, 0.34);
    }
    if scene.unix_ms % 800 < 400 {
        shine.ellipse(DETECTOR, (26.0, 13.0), ALARM, 0.35);
        shine.ellipse((DETECTOR.0 + 14.0, DETECTOR.1 + 3.0), (5.0, 4.0), ALARM, 1.0);
    }
}
