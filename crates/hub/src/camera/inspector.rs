//! Is this stream fit for recording? Says so once per connection, in words that help whoever sets the camera up.

use super::AccessUnit;

/// Milliseconds between two keyframes at most. A watcher joins at one, and a crash loses what lies behind the last.
const GOP_MS_MAX: i64 = 1_500;

/// B-frames are reordered by a few pictures; a larger step back is a clock that jumped.
const REORDER_TICKS_MAX: i64 = 45_000;
/// A larger step forward is a stall.
const STEP_TICKS_MAX: i64 = 90_000;
/// B-frames step back in every few pictures; a camera that repeats itself does so now and then.
const WINDOW_PICTURES: u32 = 64;
/// So many steps back in that window.
const STEPS_BACK_MIN: u32 = 8;

/// What is wrong with a camera's settings. Recording goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Keyframes are too rare; says how far apart they are, in milliseconds.
    GopTooLong(u64),
    /// Pictures come out of order.
    BFrames,
}

impl Finding {
    /// Stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::GopTooLong(_) => "camera_gop_too_long",
            Self::BFrames => "camera_b_frames",
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::GopTooLong(ms) => write!(
                f,
                "The camera sends a keyframe only every {ms} ms. Set its keyframe (I-frame) interval to one second."
            ),
            Self::BFrames => f.write_str(
                "The camera sends B-frames, which delay the picture. Set its H.264 profile to Baseline, or B-frames to 0.",
            ),
        }
    }
}

/// Looks at the pictures of one connection.
#[derive(Debug, Default)]
pub struct Inspector {
    last_ticks: Option<i64>,
    keyframe_ticks: Option<i64>,
    pictures: u32,
    steps_back: u32,
    said_gop: bool,
    said_b_frames: bool,
}

impl Inspector {
    /// Looks at the next picture.
    pub fn unit(&mut self, unit: &AccessUnit) -> Option<Finding> {
        let last = self.last_ticks.replace(unit.rtp_ticks);
        let step = last.map_or(0, |last| unit.rtp_ticks.saturating_sub(last));
        if !(-REORDER_TICKS_MAX..=STEP_TICKS_MAX).contains(&step) {
            self.keyframe_ticks = None;
        }
        if self.has_b_frames(step) {
            self.said_b_frames = true;
            return Some(Finding::BFrames);
        }
        if !unit.is_random_access_point {
            return None;
        }
        // Told when the next keyframe comes, so that the sentence can say how far apart they are.
        let before = self.keyframe_ticks.replace(unit.rtp_ticks);
        let apart_ms = before.map_or(0, |before| unit.rtp_ticks.saturating_sub(before) / 90);
        if self.said_gop || apart_ms <= GOP_MS_MAX {
            return None;
        }
        self.said_gop = true;
        Some(Finding::GopTooLong(apart_ms.unsigned_abs()))
    }

    fn has_b_frames(&mut self, step: i64) -> bool {
        self.pictures += 1;
        self.steps_back += u32::from((-REORDER_TICKS_MAX..0).contains(&step));
        let found = !self.said_b_frames && self.steps_back >= STEPS_BACK_MIN;
        if self.pictures == WINDOW_PICTURES {
            (self.pictures, self.steps_back) = (0, 0);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(units: &[(i64, bool)]) -> Vec<Finding> {
        let mut inspector = Inspector::default();
        let unit = |(ms, key): &(i64, bool)| AccessUnit {
            unit: Vec::new(),
            is_random_access_point: *key,
            captured_ms: 0,
            arrived_boot_ms: 0,
            rtp_ticks: ms * 90,
            init: None,
        };
        units.iter().filter_map(|u| inspector.unit(&unit(u))).collect()
    }

    #[test]
    fn a_camera_that_is_set_well_gives_no_finding() {
        assert_eq!(findings(&[(0, true), (40, false), (80, false), (1_000, true), (1_040, false)]), []);
    }

    #[test]
    fn rare_keyframes_and_b_frames_are_told_once() {
        let rare: Vec<_> = (0..12_000).step_by(40).map(|ms| (ms, ms % 4_000 == 0)).collect();
        assert_eq!(findings(&rare), [Finding::GopTooLong(4_000)]);
        let disorder: Vec<_> =
            (0..30).flat_map(|n| [120, 40, 80].map(|ms| (n * 120 + ms, n % 8 == 0 && ms == 120))).collect();
        assert_eq!(findings(&disorder), [Finding::BFrames]);
    }

    #[test]
    fn a_stall_or_a_replay_is_not_a_wrong_setting() {
        let stalled = [(0, true), (40, false), (9_000, true), (9_040, false)];
        assert_eq!(findings(&stalled), []);
        let second: Vec<_> = (0..1_000).step_by(66).map(|ms| (ms, ms == 0)).collect();
        assert_eq!(findings(&second.repeat(20)), []);
    }
}
