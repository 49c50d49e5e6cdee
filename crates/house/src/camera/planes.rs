//! From the painter's RGBA to what an encoder takes (I420, BT.709, limited range), with the noise of a sensor.

use openh264::formats::YUVSource;

/// Noise repeats after this many pixels; rows begin at changing places, so that it is not seen to.
const NOISE_LENGTH: usize = 1 << 16;

/// One picture in three planes.
pub(super) struct Planes {
    width: usize,
    height: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
    noise: Vec<i8>,
    seed: u32,
}

impl Planes {
    /// A black picture. Width and height must be even.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let mut seed = 0x9E37_79B9_u32;
        let noise = (0..NOISE_LENGTH + width).map(|_| noise(next(&mut seed))).collect();
        let chroma = vec![128; width / 2 * (height / 2)];
        Self { width, height, y: vec![16; width * height], u: chroma.clone(), v: chroma, noise, seed }
    }

    /// Takes over a picture of the same size.
    pub(super) fn take(&mut self, rgba: &[u8]) {
        let pairs = rgba.chunks_exact(self.width * 8).zip(self.y.chunks_exact_mut(self.width * 2));
        let chroma = self.u.chunks_exact_mut(self.width / 2).zip(self.v.chunks_exact_mut(self.width / 2));
        for ((two_rows, luma), (u, v)) in pairs.zip(chroma) {
            for (row, luma) in two_rows.chunks_exact(self.width * 4).zip(luma.chunks_exact_mut(self.width)) {
                let from = next(&mut self.seed) as usize % NOISE_LENGTH;
                let noise = self.noise.get(from..).unwrap_or_default();
                for ((pixel, luma), noise) in row.chunks_exact(4).zip(luma).zip(noise) {
                    *luma = luma_of(pixel).saturating_add_signed(*noise);
                }
            }
            for ((two, u), v) in two_rows.chunks_exact(8).zip(u).zip(v) {
                (*u, *v) = chroma_of(two);
            }
        }
    }
}

impl YUVSource for Planes {
    fn dimensions(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn strides(&self) -> (usize, usize, usize) {
        (self.width, self.width / 2, self.width / 2)
    }

    fn y(&self) -> &[u8] {
        &self.y
    }

    fn u(&self) -> &[u8] {
        &self.u
    }

    fn v(&self) -> &[u8] {
        &self.v
    }
}

/// BT.709 with 8 bits of fraction.
#[allow(clippy::cast_possible_truncation, reason = "16..=235")]
fn luma_of(pixel: &[u8]) -> u8 {
    let [r, g, b] = [u32::from(pixel[0]), u32::from(pixel[1]), u32::from(pixel[2])];
    (16 + ((47 * r + 157 * g + 16 * b + 128) >> 8)) as u8
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "16..=240")]
fn chroma_of(two: &[u8]) -> (u8, u8) {
    let mean = |channel: usize| i32::midpoint(i32::from(two[channel]), i32::from(two[channel + 4]));
    let [red, green, blue] = [mean(0), mean(1), mean(2)];
    let u = 128 + ((-26 * red - 87 * green + 112 * blue + 128) >> 8);
    let v = 128 + ((112 * red - 102 * green - 10 * blue + 128) >> 8);
    (u as u8, v as u8)
}

fn next(seed: &mut u32) -> u32 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    *seed
}

/// Mostly nothing, seldom two.
fn noise(random: u32) -> i8 {
    match random >> 24 {
        0..=11 => -2,
        12..=59 => -1,
        196..=243 => 1,
        244..=255 => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{Planes, chroma_of, luma_of};
    use openh264::formats::YUVSource;

    #[test]
    fn white_black_and_grey_are_where_bt_709_puts_them() {
        assert_eq!((luma_of(&[0; 4]), luma_of(&[255; 4])), (16, 235));
        assert_eq!(chroma_of(&[128; 8]), (128, 128));
        let red = [255, 0, 0, 255, 255, 0, 0, 255];
        assert_eq!((luma_of(&red), chroma_of(&red)), (63, (102, 240)));
    }

    #[test]
    fn two_pictures_of_the_same_differ_by_the_sensors_noise_only() {
        let rgba = vec![200; 64 * 64 * 4];
        let mut planes = Planes::new(64, 64);
        planes.take(&rgba);
        let first = planes.y().to_vec();
        planes.take(&rgba);
        assert_ne!(first, planes.y());
        assert!(first.iter().zip(planes.y()).all(|(a, b)| a.abs_diff(*b) <= 4));
    }
}
