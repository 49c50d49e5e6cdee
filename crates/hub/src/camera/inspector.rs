//! Is this stream fit for recording? Says so once per connection, in words that help whoever sets the camera up.

use super::AccessUnit;

/// Milliseconds between two keyframes at most. A watcher joins at one, and a crash loses what lies behind the last.
const GOP_MS_MAX: i64 = 1_500;

/// B-frames are reordered by a few pictures; a larger step back is a clock that jumped.
const REORDER_TICKS_MAX: i64 = 45_000;

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
    said_gop: bool,
    said_b_frames: bool,
}

impl Inspector {
    /// Looks at the next picture.
    pub fn unit(&mut self, unit: &AccessUnit) -> Option<Finding> {
        let last = self.last_ticks.replace(unit.rtp_ticks);
        let back = last.map_or(0, |last| last.saturating_sub(unit.rtp_ticks));
        if !self.said_b_frames && (1..=REORDER_TICKS_MAX).contains(&back) {
            self.said_b_frames = true;
            return Some(Finding::BFrames);
        }
        let since_keyframe_ms = self.keyframe_ticks.map_or(0, |at| (unit.rtp_ticks.saturating_sub(at)) / 90);
        if unit.is_random_access_point {
            self.keyframe_ticks = Some(unit.rtp_ticks);
        }
        // Told when the next keyframe comes, so that the sentence can say how far apart they are.
        if !self.said_gop && unit.is_random_access_point && since_keyframe_ms > GOP_MS_MAX {
            self.said_gop = true;
            return Some(Finding::GopTooLong(since_keyframe_ms.unsigned_abs()));
        }
        None
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
        let rare = [(0, true), (2_000, false), (4_000, true), (8_000, true)];
        assert_eq!(findings(&rare), [Finding::GopTooLong(4_000)]);
        let disorder = [(0, true), (120, false), (40, false), (80, false), (240, false), (160, false)];
        assert_eq!(findings(&disorder), [Finding::BFrames]);
        let replay = [(0, true), (500, false), (960, false), (0, true), (500, false)];
        assert_eq!(findings(&replay), []);
    }
}
