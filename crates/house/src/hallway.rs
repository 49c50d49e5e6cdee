//! The drawn hallway: a [`Scene`] becomes a picture in flat gouache, of 1280x720 or half of that each way. The bolt that
//! is drawn is the true one; nobody has a face.
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
mod size;
mod space;
mod timestamp;

use brush::{Brush, Hand};
use palette::Light;
use space::{FLOOR, Hinge, LEFT, RIGHT, TOP};
use tiny_skia::{Color, Pixmap, PixmapPaint, Transform};

use crate::HouseError;
use crate::physics::Scene;

pub use size::{Size, UnknownSize};
pub use timestamp::read_clock;

/// Draws scenes. Keeps what did not change since the last one.
pub struct Painter {
    size: Size,
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
    /// A painter of pictures of this size, whose wall clock and daylight are this far east of UTC.
    pub fn new(size: Size, utc_offset_minutes: i32) -> Result<Self, HouseError> {
        let sheet = |width, height| Pixmap::new(width, height).ok_or(HouseError::Canvas);
        let whole = || sheet(size.width().into(), size.height().into());
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small positive constants"
        )]
        let opening = |span: f32| (span * size.scale()) as u32;
        Ok(Self {
            size,
            utc_offset_minutes,
            grain: paper_grain(size),
            room: whole()?,
            room_light: None,
            opening: sheet(opening(RIGHT - LEFT), opening(FLOOR - TOP))?,
            still: whole()?,
            still_scene: None,
            canvas: whole()?,
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
        let mut brush = Brush::new(&mut self.canvas, self.size.scale(), light);
        leaf::paint_pane(&mut brush, hinge, scene);
        leaf::paint_bolt(&mut brush.in_light(light.lifted()), hinge, scene);
        moving::hands(&mut brush, local_ms);
        moving::button(&mut brush, scene);
        moving::ripples(&mut brush, hinge, scene);
        moving::smoke(&mut brush, scene);
        timestamp::write(self.canvas.data_mut(), self.size.width().into(), scene.unix_ms);
        &self.canvas
    }

    fn paint_still(&mut self, scene: &Scene, light: Light) {
        let scale = self.size.scale();
        if self.room_light != Some(light) {
            let mut brush = Brush::new(&mut self.room, scale, light);
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
            let mut brush = Brush::new(&mut self.opening, scale, Light::PLAIN).beginning_at((LEFT, TOP));
            landing::stairwell(&mut brush);
            if scene.shoe <= 0.0 {
                landing::visitor(&mut brush, scene);
            }
            #[allow(clippy::cast_possible_truncation, reason = "whole pixels")]
            let (x, y) = ((LEFT * scale) as i32, (TOP * scale) as i32);
            let opening = self.opening.as_ref();
            self.still.draw_pixmap(x, y, opening, &PixmapPaint::default(), Transform::identity(), None);
        }
        let mut brush = Brush::new(&mut self.still, scale, light);
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
fn paper_grain(size: Size) -> Vec<i8> {
    let mut hand = Hand::new(2_024);
    let mut grain = Vec::with_capacity(usize::from(size.width()) * usize::from(size.height()));
    let mut drag: Vec<f32> = (0..size.width()).map(|_| hand.between(-3.0, 3.0)).collect();
    for _ in 0..size.height() {
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
    use super::{Painter, Size, read_clock};
    use crate::physics::{ParcelSeen, Scene, Visitor};
    use tiny_skia::Pixmap;

    fn painter(size: Size) -> Painter {
        Painter::new(size, 0).expect("canvas")
    }

    fn painted(scene: &Scene) -> Vec<u8> {
        painter(Size::Full).paint(scene).data().to_vec()
    }

    #[test]
    fn the_corner_tells_the_time_of_the_scene() {
        for size in Size::ALL {
            let picture = painter(size).paint(&Scene::quiet(1_700_000_000_123)).clone();
            let luma: Vec<u8> = picture.data().chunks_exact(4).map(|pixel| pixel[1]).collect();
            let read = read_clock(&luma, size.width().into(), size.height().into());
            assert_eq!(read, Some(1_700_000_000_123), "{size}");
        }
    }

    /// Below the corner, where the clock's cells are as large in each size: the mean of each square of the larger picture.
    #[test]
    fn a_smaller_picture_shows_the_same() {
        let parcel = ParcelSeen { label: "00340434161094042557".into(), progress: 0.5 };
        let open = Scene {
            bolt: 0.0,
            angle: 0.7,
            parcels: vec![parcel],
            smoke: true,
            ..Scene::quiet(1_700_000_000_000)
        };
        let at_door =
            Scene { visitor: Visitor::AtDoor, angle: 0.0, parcels: vec![], smoke: false, ..open.clone() };
        for scene in [open, at_door] {
            let (full, half) =
                (painter(Size::Full).paint(&scene).clone(), painter(Size::Half).paint(&scene).clone());
            let green = |picture: &Pixmap, x, y| i32::from(picture.pixel(x, y).expect("a pixel").green());
            let mut far = 0;
            for (x, y) in (24..half.height()).flat_map(|y| (0..half.width()).map(move |x| (x, y))) {
                let square =
                    [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| green(&full, 2 * x + dx, 2 * y + dy));
                far += u32::from((square.iter().sum::<i32>() / 4 - green(&half, x, y)).abs() > 32);
            }
            // Edges fall elsewhere, at 8 pixels of these; without its button the smaller picture differs at 72.
            assert!(far < 40, "{far} pixels differ");
        }
    }

    #[test]
    fn the_second_hand_moves_between_two_frames() {
        let below_the_corner = usize::from(Size::Full.width()) * 24 * 4;
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
        let mut painter = painter(Size::Full);
        painter.paint(&Scene { angle: 0.7, smoke: true, ..quiet.clone() });
        assert!(painter.paint(&quiet).data() == painted(&quiet), "a shut door looks as if never opened");
    }
}
