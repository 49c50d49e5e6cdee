//! Is the picture live? Three signals: arrival, the camera's clock against ours, and the size of what changes.

use super::wire::Signal;

/// No picture for so long is an alarm, in milliseconds.
const NO_FRAME_MS: u64 = 2_000;
/// A picture that is older than this on arrival is not live, in milliseconds.
const LAG_MS_MAX: u64 = 1_500;
/// Back to normal below this, in milliseconds.
const LAG_MS_FINE: u64 = 500;
/// How far the camera's clock may run slow against ours: a millisecond in so many.
const DRIFT_PER_MS: u64 = 1_000;
/// A frozen picture's deltas are this small, in bytes, and ...
const FROZEN_BYTES_MAX: usize = 128;
/// ... so many times smaller than those that showed a change ...
const FROZEN_FACTOR: usize = 16;
/// ... in so many groups of pictures one after the other.
const FROZEN_GROUPS: u32 = 2;
/// A group ends with the next keyframe, or after so many deltas.
const GROUP_DELTAS_MAX: usize = 32;
/// Groups with fewer deltas say nothing.
const GROUP_DELTAS_MIN: usize = 4;

/// Judges one connection to one camera.
#[derive(Debug)]
pub(crate) struct Freshness {
    /// When watching began, until the first picture; then the newest arrival.
    arrived_boot_ms: u64,
    newest_captured_boot_ms: Option<u64>,
    /// Smallest difference seen between arrival and the camera's clock, in ms, and when it was seen.
    anchor: Option<(i64, u64)>,
    usual_bytes: usize,
    /// Sizes of the deltas since the last keyframe.
    group: Vec<usize>,
    small_groups: u32,
    mismatch_since_boot_ms: Option<u64>,
    signals: Vec<Signal>,
}

/// A signal began (true) or ended (false).
pub(crate) type Change = (Signal, bool);

impl Freshness {
    pub(crate) fn new(boot_ms: u64) -> Self {
        Self {
            arrived_boot_ms: boot_ms,
            newest_captured_boot_ms: None,
            anchor: None,
            usual_bytes: 0,
            group: Vec::new(),
            small_groups: 0,
            mismatch_since_boot_ms: None,
            signals: Vec::new(),
        }
    }

    /// A new connection: the camera's clock may start anywhere.
    pub(crate) fn reconnected(&mut self) {
        self.anchor = None;
        self.mismatch_since_boot_ms = None;
    }

    /// Takes a picture; answers when it was captured, on the boot clock. `said_lag_ms` is how old the camera says
    /// that the picture is.
    pub(crate) fn picture(
        &mut self,
        arrived_boot_ms: u64,
        rtp_ticks: i64,
        said_lag_ms: u64,
    ) -> (u64, Vec<Change>) {
        let offset = i64::try_from(arrived_boot_ms).unwrap_or(i64::MAX).saturating_sub(rtp_ticks / 90);
        let expected = self.anchor.map(|(smallest, at)| {
            let crept = arrived_boot_ms.saturating_sub(at) / DRIFT_PER_MS;
            smallest.saturating_add(i64::try_from(crept).unwrap_or(0))
        });
        // A timestamp far ahead of time is as wrong as one far behind.
        let jumped_ahead = expected.is_some_and(|e| offset < e && e.abs_diff(offset) > LAG_MS_MAX);
        let smallest = match expected {
            Some(expected) if expected <= offset => expected,
            Some(_) | None => {
                self.anchor = Some((offset, arrived_boot_ms));
                offset
            }
        };
        let lag_ms = offset.saturating_sub(smallest).unsigned_abs().max(said_lag_ms);

        let mut changes = Vec::new();
        self.arrived_boot_ms = arrived_boot_ms;
        self.set(Signal::NoFrame, false, &mut changes);
        if lag_ms > LAG_MS_MAX || jumped_ahead {
            self.mismatch_since_boot_ms.get_or_insert(arrived_boot_ms);
            self.set(Signal::ClockMismatch, true, &mut changes);
        } else if lag_ms < LAG_MS_FINE {
            self.mismatch_since_boot_ms = None;
            self.set(Signal::ClockMismatch, false, &mut changes);
        }
        let captured = arrived_boot_ms.saturating_sub(lag_ms);
        let captured = self.newest_captured_boot_ms.map_or(captured, |newest| newest.max(captured));
        self.newest_captured_boot_ms = Some(captured);
        (captured, changes)
    }

    /// Looks at how much changed since the picture before. Encoders refine a still picture for some deltas behind each
    /// keyframe, so the second half of a group decides.
    pub(crate) fn change(&mut self, is_keyframe: bool, bytes: usize) -> Vec<Change> {
        let mut changes = Vec::new();
        if !is_keyframe {
            self.group.push(bytes);
            if self.group.len() < GROUP_DELTAS_MAX {
                return changes;
            }
        }
        let group = std::mem::take(&mut self.group);
        if group.len() < GROUP_DELTAS_MIN {
            return changes;
        }
        let largest = group.iter().skip(group.len() / 2).max().copied().unwrap_or(0);
        if largest <= FROZEN_BYTES_MAX && largest.saturating_mul(FROZEN_FACTOR) < self.usual_bytes {
            self.small_groups = self.small_groups.saturating_add(1);
            if self.small_groups >= FROZEN_GROUPS {
                self.set(Signal::PictureFrozen, true, &mut changes);
            }
        } else {
            self.small_groups = 0;
            // A peak that fades.
            self.usual_bytes = largest.max(self.usual_bytes.saturating_sub(self.usual_bytes / 64));
            self.set(Signal::PictureFrozen, false, &mut changes);
        }
        changes
    }

    /// Time passes.
    pub(crate) fn tick(&mut self, boot_ms: u64) -> Vec<Change> {
        let mut changes = Vec::new();
        if boot_ms.saturating_sub(self.arrived_boot_ms) >= NO_FRAME_MS {
            self.set(Signal::NoFrame, true, &mut changes);
        }
        changes
    }

    /// True if the camera's clock has been wrong for so long that only a new connection can help.
    pub(crate) fn wants_reconnect(&self, boot_ms: u64) -> bool {
        self.mismatch_since_boot_ms.is_some_and(|since| boot_ms.saturating_sub(since) > 5_000)
    }

    pub(crate) fn picture_age_ms(&self, boot_ms: u64) -> Option<u64> {
        self.newest_captured_boot_ms.map(|captured| boot_ms.saturating_sub(captured))
    }

    pub(crate) fn signals(&self) -> Vec<Signal> {
        self.signals.clone()
    }

    fn set(&mut self, signal: Signal, on: bool, changes: &mut Vec<Change>) {
        match self.signals.binary_search(&signal) {
            Ok(at) if !on => {
                self.signals.remove(at);
                changes.push((signal, false));
            }
            Err(at) if on => {
                self.signals.insert(at, signal);
                changes.push((signal, true));
            }
            Ok(_) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(freshness: &mut Freshness, boot_ms: std::ops::Range<u64>) -> Vec<Change> {
        boot_ms
            .step_by(40)
            .flat_map(|at| freshness.picture(at, i64::try_from(at * 90).unwrap(), 0).1)
            .collect()
    }

    #[test]
    fn a_live_camera_raises_nothing_even_if_its_clock_is_a_little_slow() {
        let mut freshness = Freshness::new(0);
        for at in (0..3_600_000_u64).step_by(40) {
            // half a millisecond a second slow
            let ticks = i64::try_from(at * 90 - at * 90 / 2_000).unwrap();
            let (captured, changes) = freshness.picture(at, ticks, 0);
            assert_eq!(changes, []);
            assert!(at - captured < 50, "{at}: {}", at - captured);
        }
    }

    #[test]
    fn two_seconds_without_a_picture_are_an_alarm() {
        let mut freshness = Freshness::new(0);
        live(&mut freshness, 0..1_000);
        assert_eq!(freshness.tick(2_900), []);
        assert_eq!(freshness.tick(2_960), [(Signal::NoFrame, true)]);
        assert_eq!(freshness.tick(3_000), []);
        assert_eq!(freshness.picture(3_040, 3_040 * 90, 0).1, [(Signal::NoFrame, false)]);
    }

    #[test]
    fn a_burst_of_old_frames_after_an_outage_is_not_live() {
        let mut freshness = Freshness::new(0);
        live(&mut freshness, 0..1_000);
        // the network comes back after 4 s and delivers what was captured meanwhile, all at once
        let (captured, changes) = freshness.picture(5_000, 1_000 * 90, 0);
        assert!(changes.contains(&(Signal::ClockMismatch, true)));
        assert!(captured < 1_010, "{captured}");
        assert!(freshness.picture_age_ms(5_000).unwrap() > 3_900);
        let (captured, changes) = freshness.picture(5_010, 5_000 * 90, 0);
        assert_eq!(changes, [(Signal::ClockMismatch, false)]);
        assert!(captured > 4_990);
    }

    #[test]
    fn a_clock_that_stays_wrong_asks_for_a_new_connection() {
        let mut freshness = Freshness::new(0);
        live(&mut freshness, 0..1_000);
        for at in (4_000..10_000_u64).step_by(40) {
            freshness.picture(at, i64::try_from((at - 3_000) * 90).unwrap(), 0);
        }
        assert!(freshness.wants_reconnect(10_000));
        freshness.reconnected();
        assert!(!freshness.wants_reconnect(10_000));
    }

    #[test]
    fn a_camera_that_says_its_picture_is_old_is_believed() {
        let mut freshness = Freshness::new(0);
        let (captured, changes) = freshness.picture(9_000, 0, 4_000);
        assert_eq!((captured, changes), (5_000, vec![(Signal::ClockMismatch, true)]));
    }

    fn play(freshness: &mut Freshness, deltas: &[usize], groups: usize) -> Vec<Change> {
        let mut changes = Vec::new();
        for _ in 0..groups {
            changes.extend(freshness.change(true, 33_000));
            changes.extend(deltas.iter().flat_map(|bytes| freshness.change(false, *bytes)));
        }
        changes
    }

    #[test]
    fn deltas_that_collapse_behind_each_keyframe_are_a_mark_and_a_still_hallway_is_not() {
        // Sizes as measured: openh264 at 720p and 15 pictures a second, of a quiet hallway with a clock in the picture.
        let live = [7_066, 4_303, 4_688, 2_350, 1_445, 1_215, 764, 912, 353, 774, 538, 957, 324, 672];
        let frozen = [8_620, 2_777, 1_698, 68, 14, 14, 14, 14, 14, 14, 14, 14, 14, 14];
        let mut freshness = Freshness::new(0);
        assert_eq!(play(&mut freshness, &live, 60), []);
        assert_eq!(play(&mut freshness, &frozen, 4), [(Signal::PictureFrozen, true)]);
        assert_eq!(play(&mut freshness, &frozen, 60), []);
        assert_eq!(play(&mut freshness, &live, 2), [(Signal::PictureFrozen, false)]);
        let mut still = Freshness::new(0);
        assert_eq!(play(&mut still, &[67; 24], 60), []);
        // Without keyframes it is seen as well.
        assert_eq!(play(&mut freshness, &[20_000; 200], 1), []);
        assert_eq!(play(&mut freshness, &[30; 200], 1), [(Signal::PictureFrozen, true)]);
    }
}
