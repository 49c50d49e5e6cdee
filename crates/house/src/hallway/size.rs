//! How large the picture is.

use std::fmt;
use std::str::FromStr;

/// How large the camera's picture is. Everything in it is the same; only the clock in the corner has as many pixels in each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Size {
    /// 1280x720.
    #[default]
    Full,
    /// 640x360: a quarter of the pixels, for machines on which several homes stand.
    Half,
}

impl Size {
    /// Every size.
    pub const ALL: [Self; 2] = [Self::Full, Self::Half];

    /// Pixels from left to right.
    pub const fn width(self) -> u16 {
        1280 / self.fraction()
    }

    /// Pixels from top to bottom.
    pub const fn height(self) -> u16 {
        720 / self.fraction()
    }

    /// Pixels for one of the hallway's own measure.
    pub(super) fn scale(self) -> f32 {
        1.0 / f32::from(self.fraction())
    }

    const fn fraction(self) -> u16 {
        match self {
            Self::Full => 1,
            Self::Half => 2,
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width(), self.height())
    }
}

/// No picture has this size.
#[derive(Debug, thiserror::Error)]
#[error("the hallway is drawn in 1280x720 or 640x360")]
pub struct UnknownSize;

impl FromStr for Size {
    type Err = UnknownSize;

    fn from_str(text: &str) -> Result<Self, UnknownSize> {
        Self::ALL.into_iter().find(|size| size.to_string() == text).ok_or(UnknownSize)
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        for size in Size::ALL {
            assert_eq!(size.to_string().parse::<Size>().expect("a size"), size);
        }
        let why = "320x180".parse::<Size>().expect_err("no size").to_string();
        assert!(why.contains("1280x720 or 640x360"), "{why}");
    }
}
