//! The drawn hallway: a [`Scene`] becomes a picture of 1280x720 in flat gouache. The bolt that is drawn is
//! the true one; nobody has a face.
//!
//! What stands still is drawn once and kept; [`Painter::paint`] then adds hands, ripples and the clock in the
//! corner. Not here: encoding, and the noise of the sensor, which belongs to the camera.

mod brush;
mod furniture;
mod glyphs;
mod landing;
mod leaf;
mod moving;
mod palette;
mod parcel;
mod room;
mod space;
mod timestamp;

use brush::{Brush, Hand};
use palette::Light;
use space::{FLOOR, Hinge, LEFT, RIGHT, TOP};
use tiny_skia::{Color, Pixmap, PixmapPaint, Transform};

use crate::HouseError;
use crate::physics::Scene;

pub use timestamp::read_clock;

/// Width of the picture, in pixels.
pub const WIDTH: u32 = 1280;
/// Height of the picture, in pixels.
pub const HEIGHT: u32 = 720;

/// Draws scenes. Keeps what did not change since the last one.
pub struct Painter {
    utc_offset_minutes: i32,
    grain: Vec<i8>,
    room: Pixmap,
    room_light: Option<Light>,
    opening: Pixmap,
    still: Pixmap,
    still_scene: Option<Scene>,
    canvas: Pixmap,
}

impl Painter {
    /// A painter whose wall clock and daylight are this far east of UTC.
    pub fn new(utc_offset_minutes: i32) -> Result<Self, HouseError> {
        let sheet = |width, height| Pixmap::new(width, height).ok_or(HouseError::Canvas);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small positive constants"
        )]
        let opening = ((RIGHT - LEFT) as u32, (FLOOR - TOP) as u32);
        Ok(Self {
            utc_offset_minutes,
            grain: paper_grain(),
            room: sheet(WIDTH, HEIGHT)?,
            room_light: None,
            opening: sheet(opening.0, opening.1)?,
            still: sheet(WIDTH, HEIGHT)?,
            still_scene: None,
            canvas: sheet(WIDTH, HEIGHT)?,
        })
    }

    /// Draws what is seen.
    pub fn paint(&mut self, scene: &Scene) -> &Pixmap {
        let offset_ms = i64::from(self.utc_offset_minutes) * 60_000;
        let local_ms = scene.unix_ms.saturating_add_signed(offset_ms);
        let light = Light::at(local_ms / 60_000 * 60_000);
        let hinge = Hinge::at(scene.angle);
        self.paint_still(scene, light);
        self.canvas.data_mut().copy_from_slice(self.still.data());
        let mut brush = Brush::new(&mut self.canvas, light);
        leaf::paint_pane(&mut brush, hinge, scene);
        leaf::paint_bolt(&mut Brush::new(brush.canvas(), light.lifted()), hinge, scene);
        moving::hands(&mut brush, local_ms);
        moving::button(&mut brush, scene);
        moving::ripples(&mut brush, hinge, scene);
        moving::smoke(&mut brush, scene);
        timestamp::write(self.canvas.data_mut(), WIDTH as usize, scene.unix_ms);
        &self.canvas
    }

    fn paint_still(&mut self, scene: &Scene, light: Light) {
        if self.room_light != Some(light) {
            let mut brush = Brush::new(&mut self.room, light);
            room::paint(&mut brush);
            leaf::paint_keep(&mut brush);
            self.room_light = Some(light);
            self.still_scene = None;
        }
        let wanted = without_motion(scene);
        if self.still_scene.as_ref() == Some(&wanted) {
            return;
        }
        self.still.data_mut().copy_from_slice(self.room.data());
        if scene.angle > 0.0 {
            self.opening.fill(Color::BLACK);
            let mut brush = Brush::new(&mut self.opening, Light::PLAIN).beginning_at((LEFT, TOP));
            landing::stairwell(&mut brush);
            if scene.shoe <= 0.0 {
                landing::visitor(&mut brush, scene);
            }
            #[allow(clippy::cast_possible_truncation, reason = "whole pixels")]
            let (x, y) = (LEFT as i32, TOP as i32);
            let opening = self.opening.as_ref();
            self.still.draw_pixmap(x, y, opening, &PixmapPaint::default(), Transform::identity(), None);
        }
        let mut brush = Brush::new(&mut self.still, light);
        landing::falling_light(&mut brush, scene.angle);
        if scene.shoe > 0.0 {
            landing::visitor(&mut brush, scene);
        }
        parcel::paint(&mut brush, scene);
        leaf::paint(&mut brush, Hinge::at(scene.angle));
        lay_grain(self.still.data_mut(), &self.grain);
        self.still_scene = Some(wanted);
    }
}

/// The scene without what is drawn anew in every picture anyway.
fn without_motion(scene: &Scene) -> Scene {
    Scene {
        angle: scene.angle,
        visitor: scene.visitor,
        shoe: scene.shoe,
        parcels: scene.parcels.clone(),
        ..Scene::quiet(0)
    }
}

/// Hours since local midnight.
fn local_hours(local_ms: u64) -> f32 {
    #[allow(clippy::cast_precision_loss, reason = "less than a day in seconds")]
    let seconds = (local_ms / 1_000 % 86_400) as f32;
    seconds / 3_600.0
}

/// The tooth of the paper and the drag of a wide brush: what each pixel is lighter or darker by.
fn paper_grain() -> Vec<i8> {
    let mut hand = Hand::new(2_024);
    let mut grain = Vec::with_capacity(WIDTH as usize * HEIGHT as usize);
    let mut drag: Vec<f32> = (0..WIDTH).map(|_| hand.between(-3.0, 3.0)).collect();
    for _ in 0..HEIGHT {
        let mut last = 0.0;
        for column in &mut drag {
            *column = *column * 0.96 + hand.between(-0.9, 0.9);
            last = last * 0.82 + *column * 0.18;
            let tooth = hand.between(-2.4, 2.4);
            #[allow(clippy::cast_possible_truncation, reason = "a few units")]
            grain.push((last * 1.8 + tooth).clamp(-12.0, 12.0) as i8);
        }
    }
    grain
}

fn lay_grain(rgba: &mut [u8], grain: &[i8]) {
    for (pixel, by) in rgba.chunks_exact_mut(4).zip(grain) {
        pixel[0] = pixel[0].saturating_add_signed(*by);
        pixel[1] = pixel[1].saturating_add_signed(*by);
        pixel[2] = pixel[2].saturating_add_signed(*by);
    }
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, Painter, WIDTH, read_clock};
    use crate::physics::Scene;

    fn painted(scene: &Scene) -> Vec<u8> {
        let mut painter = Painter::new(0).expect("canvas");
        painter.paint(scene).data().to_vec()
    }

    #[test]
    fn the_corner_tells_the_time_of_the_scene() {
        let luma: Vec<u8> =
            painted(&Scene::quiet(1_700_000_000_123)).chunks_exact(4).map(|pixel| pixel[1]).collect();
        assert_eq!(read_clock(&luma, WIDTH as usize, HEIGHT as usize), Some(1_700_000_000_123));
    }

    #[test]
    fn the_second_hand_moves_between_two_frames() {
        let below_the_corner = WIDTH as usize * 24 * 4;
        let (a, b) = (painted(&Scene::quiet(1_700_000_000_000)), painted(&Scene::quiet(1_700_000_000_500)));
        assert_ne!(a[below_the_corner..], b[below_the_corner..]);
    }

    #[test]
    fn the_true_bolt_is_drawn() {
        let thrown = Scene::quiet(1_700_000_000_000);
        let withdrawn = Scene { bolt: 0.0, ..thrown.clone() };
        assert_ne!(painted(&thrown), painted(&withdrawn));
    }

    #[test]
    fn what_was_kept_does_not_show_in_the_next_picture() {
        let quiet = Scene::quiet(1_700_000_000_000);
        let mut painter = Painter::new(0).expect("canvas");
        painter.paint(&Scene { angle: 0.7, smoke: true, ..quiet.clone() });
        assert!(painter.paint(&quiet).data() == painted(&quiet), "a shut door looks as if never opened");
    }
}
