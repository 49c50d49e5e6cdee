//! The space of the hallway and how it falls on the picture. x to the right, y down, both in pixels of the
//! wall with the door; z from that wall towards the eye, negative on the landing.

use super::brush::Point;

/// The eye stands this far from the wall.
const DISTANCE: f32 = 900.0;
/// Where the eye is: right before the door, so that a gap at the lock's side is seen.
const EYE: Point = (880.0, 300.0);

/// Height of the floor.
pub(super) const FLOOR: f32 = 570.0;
/// The opening in the wall: left, top, right; its bottom is the floor.
pub(super) const LEFT: f32 = 640.0;
pub(super) const TOP: f32 = 46.0;
pub(super) const RIGHT: f32 = 910.0;
/// Width of the opening and of the leaf in it.
pub(super) const LEAF: f32 = RIGHT - LEFT;
/// The leaf's widest angle. Further, and the eye would see its outer face.
const ANGLE_MAX: f32 = 68.0 * std::f32::consts::PI / 180.0;

/// Where a point of the space is seen.
pub(super) fn seen(x: f32, y: f32, z: f32) -> Point {
    let scale = DISTANCE / (DISTANCE - z.min(DISTANCE - 100.0));
    (EYE.0 + (x - EYE.0) * scale, EYE.1 + (y - EYE.1) * scale)
}

/// A point of the floor.
pub(super) fn on_floor(x: f32, z: f32) -> Point {
    seen(x, FLOOR, z)
}

/// The leaf at some angle: hinged on the left, opening towards the eye.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hinge {
    cos: f32,
    sin: f32,
}

impl Hinge {
    /// `share` 0 shut, 1 wide open.
    pub(super) fn at(share: f32) -> Self {
        let angle = share.clamp(0.0, 1.0) * ANGLE_MAX;
        Self { cos: angle.cos(), sin: angle.sin() }
    }

    /// How far the leaf turned its face away, 0..1.
    pub(super) fn turned(self) -> f32 {
        self.sin
    }

    /// Where a point of the leaf is seen: `u` from the hinge, `y` down, `out` from its inner face.
    pub(super) fn seen(self, u: f32, y: f32, out: f32) -> Point {
        seen(LEFT + u * self.cos - out * self.sin, y, u * self.sin + out * self.cos)
    }

    /// A rectangle of the leaf.
    pub(super) fn quad(self, (u0, y0): Point, (u1, y1): Point, out: f32) -> [Point; 4] {
        [self.seen(u0, y0, out), self.seen(u1, y0, out), self.seen(u1, y1, out), self.seen(u0, y1, out)]
    }

    /// An ellipse of the leaf, turned by `turn` radians, as a polygon.
    pub(super) fn oval(self, (u, y): Point, (ru, ry): Point, turn: f32, out: f32) -> Vec<Point> {
        (0..24_u8)
            .map(|step| {
                let at = f32::from(step) / 24.0 * std::f32::consts::TAU;
                let (a, b) = (at.cos() * ru, at.sin() * ry);
                let (sin, cos) = turn.sin_cos();
                self.seen(u + a * cos - b * sin, y + a * sin + b * cos, out)
            })
            .collect()
    }
}

/// Between two points of space.
pub(super) fn between(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}
