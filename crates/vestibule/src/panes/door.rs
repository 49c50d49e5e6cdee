//! The drawn door, seen from inside: the shape carries the state, the word beneath repeats it.

use super::palette::Tone;

/// What is known of bolt and door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DoorPicture {
    /// Closed, and the bolt is across the gap.
    Locked,
    /// Closed, and the bolt is withdrawn.
    Unlocked,
    /// Moving, or not quite shut.
    Ajar,
    /// Open.
    Open,
    /// Not known.
    Unknown,
}

/// Columns of the drawing.
pub(super) const WIDTH: u16 = 11;
/// Lines of the drawing, with the word beneath.
pub(super) const HEIGHT: u16 = 6;

impl DoorPicture {
    pub(super) const fn lines(self) -> [&'static str; 5] {
        match self {
            Self::Locked => [
                "┏━━━━━━━━━┓", //
                "┃┌──────┐ ┃",
                "┃│    ▐███┃",
                "┃│      │ ┃",
                "┻┴──────┴━┻",
            ],
            Self::Unlocked => [
                "┏━━━━━━━━━┓", //
                "┃┌──────┐ ┃",
                "┃│ ▐██▌ │ ┃",
                "┃│      │ ┃",
                "┻┴──────┴━┻",
            ],
            Self::Ajar => [
                "┏━━━━━━━━━┓", //
                "┃┌────╮   ┃",
                "┃│▐██▌│   ┃",
                "┃│    │   ┃",
                "┻┴────╯━━━┻",
            ],
            Self::Open => [
                "┏━━━━━━━━━┓", //
                "┃┌╮       ┃",
                "┃││       ┃",
                "┃││       ┃",
                "┻┴╯━━━━━━━┻",
            ],
            Self::Unknown => [
                "┌╌╌╌╌╌╌╌╌╌┐", //
                "╎         ╎",
                "╎    ?    ╎",
                "╎         ╎",
                "└╌╌╌╌╌╌╌╌╌┘",
            ],
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::Ajar => "ajar",
            Self::Open => "open",
            Self::Unknown => "not known",
        }
    }

    /// A whole sentence, for plain lines.
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Locked => "the door is closed and locked",
            Self::Unlocked => "the door is closed, the bolt is withdrawn",
            Self::Ajar => "the door is ajar",
            Self::Open => "the door is open",
            Self::Unknown => "the state of the door is not known",
        }
    }

    pub(super) const fn tone(self) -> Tone {
        match self {
            Self::Locked => Tone::Calm,
            Self::Unlocked | Self::Ajar | Self::Open => Tone::Waiting,
            Self::Unknown => Tone::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DoorPicture, HEIGHT, WIDTH};

    #[test]
    fn every_door_has_the_same_size_and_another_shape() {
        let all = [
            DoorPicture::Locked,
            DoorPicture::Unlocked,
            DoorPicture::Ajar,
            DoorPicture::Open,
            DoorPicture::Unknown,
        ];
        for (index, door) in all.iter().enumerate() {
            assert_eq!(door.lines().len() + 1, usize::from(HEIGHT));
            assert!(door.lines().iter().all(|line| line.chars().count() == usize::from(WIDTH)), "{door:?}");
            assert!(all[..index].iter().all(|other| other.lines() != door.lines()), "{door:?}");
        }
    }
}
