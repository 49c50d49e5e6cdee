//! What was seen just before a visit began. In memory only, short, and forgotten unless a recording starts.

use std::collections::VecDeque;
use std::sync::Arc;

/// Bytes of the pre-roll at most: 10 s of a 4K camera at 25 Mbit/s.
const BYTES_MAX: usize = 32 * 1024 * 1024;

/// One picture with its capture time on the boot clock.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) captured_boot_ms: u64,
    pub(crate) is_keyframe: bool,
    pub(crate) unit: Arc<[u8]>,
}

/// The last pictures, beginning with a keyframe.
#[derive(Debug)]
pub(crate) struct Preroll {
    length_ms: u64,
    pictures: VecDeque<Picture>,
    bytes: usize,
}

impl Preroll {
    pub(crate) fn new(length_ms: u64) -> Self {
        Self { length_ms: length_ms.min(super::PREROLL_MS_MAX), pictures: VecDeque::new(), bytes: 0 }
    }

    pub(crate) fn push(&mut self, picture: Picture) {
        if self.pictures.is_empty() && !picture.is_keyframe {
            return;
        }
        let captured_boot_ms = picture.captured_boot_ms;
        self.bytes += picture.unit.len();
        self.pictures.push_back(picture);
        self.expire(captured_boot_ms);
    }

    /// Forgets what is too old by now, also when no new picture comes.
    pub(crate) fn expire(&mut self, boot_ms: u64) {
        while self.is_too_long(boot_ms) {
            self.drop_first_group();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.pictures.clear();
        self.bytes = 0;
    }

    /// The pictures from the first keyframe after this time on.
    pub(crate) fn since(&self, boot_ms: u64) -> impl Iterator<Item = &Picture> {
        self.pictures.iter().skip_while(move |p| !p.is_keyframe || p.captured_boot_ms <= boot_ms)
    }

    /// The pictures from the newest keyframe on.
    pub(crate) fn newest_group(&self) -> impl Iterator<Item = &Picture> {
        let newest = self.pictures.iter().rposition(|picture| picture.is_keyframe);
        self.pictures.iter().skip(newest.unwrap_or(self.pictures.len()))
    }

    fn is_too_long(&self, boot_ms: u64) -> bool {
        self.pictures.front().is_some_and(|first| {
            boot_ms.saturating_sub(first.captured_boot_ms) > self.length_ms || self.bytes > BYTES_MAX
        })
    }

    fn drop_first_group(&mut self) {
        while let Some(picture) = self.pictures.pop_front() {
            self.bytes -= picture.unit.len();
            if self.pictures.front().is_none_or(|next| next.is_keyframe) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(preroll: &mut Preroll, range: std::ops::Range<u64>) {
        for n in range {
            let picture =
                Picture { captured_boot_ms: n * 40, is_keyframe: n % 25 == 0, unit: Arc::from(vec![0; 10]) };
            preroll.push(picture);
        }
    }

    #[test]
    fn it_never_grows_beyond_its_length_and_begins_with_a_keyframe() {
        let mut preroll = Preroll::new(3_000);
        fill(&mut preroll, 3..1_000);
        let kept: Vec<&Picture> = preroll.since(0).collect();
        assert!(kept[0].is_keyframe);
        assert!(kept.last().unwrap().captured_boot_ms - kept[0].captured_boot_ms <= 3_000);
        assert!(kept.len() > 50);
        assert_eq!(preroll.bytes, preroll.pictures.len() * 10);
        assert_eq!(Preroll::new(60_000).length_ms, 10_000);
    }

    #[test]
    fn a_single_endless_group_is_forgotten_rather_than_kept() {
        let mut preroll = Preroll::new(3_000);
        for n in 0..1_000 {
            preroll.push(Picture {
                captured_boot_ms: n * 40,
                is_keyframe: n == 0,
                unit: Arc::from(vec![0; 10]),
            });
        }
        assert_eq!(preroll.since(0).count(), 0);
    }

    #[test]
    fn when_the_camera_stalls_what_was_seen_is_forgotten_in_time() {
        let mut preroll = Preroll::new(3_000);
        fill(&mut preroll, 0..76); // until 3,000 ms
        preroll.expire(4_500);
        assert_eq!(preroll.since(0).next().map(|p| p.captured_boot_ms), Some(2_000));
        preroll.expire(6_100);
        assert_eq!(preroll.pictures.len(), 0);
    }

    #[test]
    fn a_look_begins_with_the_newest_keyframe() {
        let mut preroll = Preroll::new(10_000);
        assert_eq!(preroll.newest_group().count(), 0);
        fill(&mut preroll, 0..78);
        let shown: Vec<u64> = preroll.newest_group().map(|picture| picture.captured_boot_ms).collect();
        assert_eq!(shown, [3_000, 3_040, 3_080]);
    }

    #[test]
    fn a_next_part_begins_after_the_last() {
        let mut preroll = Preroll::new(10_000);
        fill(&mut preroll, 0..200);
        assert_eq!(preroll.since(1_500).next().unwrap().captured_boot_ms, 2_000);
        assert_eq!(preroll.since(2_000).next().unwrap().captured_boot_ms, 3_000);
        assert_eq!(preroll.since(90_000).count(), 0);
    }
}
