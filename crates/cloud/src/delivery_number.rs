//! Delivery numbers: what a resident writes into the address line at a shop, such as `V7KQ-4M2X`.
//!
//! Seven random characters and a check character from 31 that are hard to confuse. 31 is prime, so that the weighted
//! sum finds every wrong character and every swap of two neighbours.

use crate::clock::random;

/// No 0 and O, no 1, I and L.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const RANDOM_CHARS: usize = 7;

/// Draws a number: 31^7, about 27 thousand million.
pub(crate) fn draw() -> String {
    let mut digits = Vec::with_capacity(RANDOM_CHARS + 1);
    while digits.len() < RANDOM_CHARS {
        // 248 is the largest multiple of 31 in a byte: what lies above would favour some characters.
        let [byte] = random::<1>();
        if byte < 248 {
            digits.push(byte % 31);
        }
    }
    digits.push(check_digit(&digits));
    written(&digits)
}

/// Reads what a person or a shop wrote: any case, spaces and hyphens anywhere. `None` if the check fails.
pub(crate) fn read(text: &str) -> Option<String> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|b| !matches!(b, b' ' | b'-'))
        .map(|b| ALPHABET.iter().position(|a| *a == b.to_ascii_uppercase()))
        .map(|position| position.and_then(|p| u8::try_from(p).ok()))
        .collect::<Option<_>>()?;
    let (check, random) = digits.split_last()?;
    (random.len() == RANDOM_CHARS && check_digit(random) == *check).then(|| written(&digits))
}

fn check_digit(digits: &[u8]) -> u8 {
    // Weights 2, 3, 4, ...: all different and none zero modulo 31, with the check character's weight 1.
    let sum: u32 = digits.iter().zip(2_u32..).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    u8::try_from((31 - sum % 31) % 31).unwrap_or(0)
}

fn written(digits: &[u8]) -> String {
    let mut text: String =
        digits.iter().filter_map(|d| ALPHABET.get(usize::from(*d))).map(|b| char::from(*b)).collect();
    text.insert(4, '-');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_number_is_read_however_it_is_written() {
        for _ in 0..200 {
            let number = draw();
            assert_eq!(number.len(), 9);
            assert_eq!(read(&number).as_ref(), Some(&number));
            assert_eq!(read(&number.to_lowercase().replace('-', " ")).as_ref(), Some(&number));
        }
    }

    #[test]
    fn one_wrong_character_and_two_swapped_neighbours_are_found() {
        let number = draw().replace('-', "");
        let bytes = number.as_bytes();
        for at in 0..8 {
            for other in ALPHABET {
                let mut wrong = bytes.to_vec();
                wrong[at] = *other;
                let is_same = wrong == bytes;
                assert_eq!(read(std::str::from_utf8(&wrong).unwrap()).is_some(), is_same);
            }
        }
        for at in 0..7 {
            let mut swapped = bytes.to_vec();
            swapped.swap(at, at + 1);
            let is_same = swapped == bytes;
            assert_eq!(read(std::str::from_utf8(&swapped).unwrap()).is_some(), is_same, "{number} at {at}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in ["", "V7KQ", "V7KQ-4M2X-9", "O0O0-O0O0", "🚪🚪🚪🚪-🚪🚪🚪🚪"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
