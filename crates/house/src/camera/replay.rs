//! The last few seconds of the stream, for a camera that plays them again instead of what is live.

use std::sync::Arc;
use std::time::{Duration, Instant};

/// At most this many frames are kept, and never less than the newest group.
const FRAMES_MAX: usize = 45;
/// A camera that replays does so this often.
const EVERY: Duration = Duration::from_secs(1);

/// Kept frames; the first is always a key frame.
#[derive(Default)]
pub(super) struct Replay {
    frames: Vec<(Arc<Vec<u8>>, bool)>,
    next: Option<Instant>,
}

impl Replay {
    pub(super) fn keep(&mut self, bytes: &Arc<Vec<u8>>, random_access: bool) {
        if self.frames.is_empty() && !random_access {
            return;
        }
        self.frames.push((Arc::clone(bytes), random_access));
        if self.frames.len() > FRAMES_MAX {
            let second_key = self.frames.iter().skip(1).position(|(_, key)| *key);
            if let Some(second_key) = second_key {
                self.frames.drain(..=second_key);
            }
        }
    }

    pub(super) fn rewind(&mut self) {
        self.next = None;
    }

    /// The newest kept group, if it is time for it again.
    pub(super) fn burst(&mut self, now: Instant) -> &[(Arc<Vec<u8>>, bool)] {
        if self.next.is_some_and(|next| now < next) {
            return &[];
        }
        self.next = Some(now + EVERY);
        let last_key = self.frames.iter().rposition(|(_, key)| *key).unwrap_or_default();
        self.frames.get(last_key..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{FRAMES_MAX, Replay};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    #[test]
    fn it_keeps_whole_groups_and_not_for_ever() {
        let mut replay = Replay::default();
        replay.keep(&Arc::new(vec![9]), false);
        for number in 0..200_u8 {
            replay.keep(&Arc::new(vec![number]), number % 15 == 0);
            assert!(replay.frames[0].1 && replay.frames.len() <= FRAMES_MAX);
        }
    }

    #[test]
    fn a_burst_begins_with_a_key_and_comes_once_a_second() {
        let mut replay = Replay::default();
        for number in 0..40_u8 {
            replay.keep(&Arc::new(vec![number]), number % 15 == 0);
        }
        let now = Instant::now();
        assert_eq!(replay.burst(now).first().map(|(bytes, key)| (bytes[0], *key)), Some((30, true)));
        assert!(replay.burst(now + Duration::from_millis(900)).is_empty());
        assert_eq!(replay.burst(now + Duration::from_millis(1_100)).len(), 10);
    }
}
