//! The machine-readable clock in the corner of the picture, written and read.
//!
//! 48 cells of 12x12 pixels in the first row hold unix ms, most significant bit first, white for one. The
//! 48 cells below hold the same bits exclusive-or [`CHECK`], so that neither a black nor a white picture, nor
//! one that was shifted, reads as a time.

/// Bits of the time; enough until the year 10889.
const CELLS: usize = 48;
/// Width and height of a cell, in pixels.
const CELL: usize = 12;
/// What the second row is exclusive-ored with.
const CHECK: u64 = 0x5A5A_C33C_A5A5;
/// Below this luma a cell is black, from [`WHITE_FROM`] on white, and between it cannot be read.
const BLACK_BELOW: u32 = 96;
const WHITE_FROM: u32 = 160;

/// Writes the time into an RGBA picture. A picture that is too small stays as it is.
pub(super) fn write(rgba: &mut [u8], width: usize, unix_ms: u64) {
    for (row, bits) in [unix_ms, unix_ms ^ CHECK].into_iter().enumerate() {
        for cell in 0..CELLS {
            let value = if bits >> (CELLS - 1 - cell) & 1 == 1 { 0xFF } else { 0x00 };
            for y in row * CELL..(row + 1) * CELL {
                let from = (y * width + cell * CELL) * 4;
                if let Some(pixels) = rgba.get_mut(from..from + CELL * 4) {
                    for pixel in pixels.chunks_exact_mut(4) {
                        pixel.copy_from_slice(&[value, value, value, 0xFF]);
                    }
                }
            }
        }
    }
}

/// Reads the time out of the luma plane of a picture whose rows are `width` bytes long. `None` if it cannot
/// be read with certainty.
pub fn read_clock(luma: &[u8], width: usize, height: usize) -> Option<u64> {
    if width < CELLS * CELL || height < 2 * CELL || luma.len() < width.checked_mul(height)? {
        return None;
    }
    let unix_ms = read_row(luma, width, 0)?;
    let check = read_row(luma, width, 1)?;
    (unix_ms ^ check == CHECK).then_some(unix_ms)
}

fn read_row(luma: &[u8], width: usize, row: usize) -> Option<u64> {
    let mut bits = 0;
    for cell in 0..CELLS {
        let mut sum = 0_u32;
        for y in row * CELL + 4..row * CELL + 8 {
            let from = y * width + cell * CELL + 4;
            sum += luma.get(from..from + 4)?.iter().map(|byte| u32::from(*byte)).sum::<u32>();
        }
        bits <<= 1;
        match sum / 16 {
            mean if mean < BLACK_BELOW => {}
            mean if mean >= WHITE_FROM => bits |= 1,
            _ => return None,
        }
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    use super::{read_clock, write};

    fn luma_of(unix_ms: u64) -> Vec<u8> {
        let mut rgba = vec![0x80; 640 * 48 * 4];
        write(&mut rgba, 640, unix_ms);
        rgba.chunks_exact(4).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn clock_is_read_back() {
        for unix_ms in [0, 1, 1_700_000_000_123, (1 << 48) - 1] {
            assert_eq!(read_clock(&luma_of(unix_ms), 640, 48), Some(unix_ms));
        }
    }

    #[test]
    fn one_flipped_cell_is_noticed() {
        let mut luma = luma_of(1_700_000_000_123);
        for y in 0..12 {
            for x in 480..492 {
                luma[y * 640 + x] ^= 0xFF;
            }
        }
        assert_eq!(read_clock(&luma, 640, 48), None);
    }

    #[test]
    fn a_picture_without_a_clock_has_no_time() {
        for byte in [0x00, 0x80, 0xFF] {
            assert_eq!(read_clock(&vec![byte; 640 * 48], 640, 48), None);
        }
        assert_eq!(read_clock(&[], 640, 48), None);
        assert_eq!(read_clock(&[0; 64], 8, 8), None);
        assert_eq!(read_clock(&[0; 64], usize::MAX, usize::MAX), None);
    }
}
