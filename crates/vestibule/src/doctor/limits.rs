//! Every limit of the doctor, with its unit and its reason.

use std::time::Duration;

/// How long a lock may take until it has said how it stands: a sleeping Zigbee lock polls its parent once a second or
/// two.
pub(super) const LOCK_WATCH: Duration = Duration::from_secs(5);
/// Reports that trail the first complete picture: batteries, findings.
pub(super) const LOCK_SETTLE: Duration = Duration::from_millis(200);
/// Percent of battery below which a lock is worth a look: some makers' motors fail from 15 on.
pub(super) const BATTERY_PERCENT_MIN: u8 = 20;
/// How long a broker may take for one answer: it is in the same flat.
pub(super) const BROKER_ANSWER: Duration = Duration::from_secs(2);
/// How long a message from one connection of a broker to another may take.
pub(super) const BROKER_RELAY: Duration = Duration::from_millis(1_500);
/// Retained messages come right behind the subscription's confirmation.
pub(super) const BROKER_RETAINED: Duration = Duration::from_millis(500);
/// How long a bolt may take to move after the real unlock.
pub(super) const BOLT_MOVES: Duration = Duration::from_secs(5);
/// Bytes of one packet of a broker at most.
pub(super) const BROKER_PACKET_BYTES_MAX: usize = 256 * 1024;
/// How long a camera is looked at at most: two keyframes of a badly set one are 4 s apart.
pub(super) const CAMERA_WATCH: Duration = Duration::from_secs(5);
/// How long a camera is looked at at least: B-frames show within two seconds.
pub(super) const CAMERA_LOOK: Duration = Duration::from_secs(2);
/// How long a cloud may take to say that it serves.
pub(super) const CLOUD_ANSWER: Duration = Duration::from_secs(5);
/// Milliseconds from which a cloud is slow: a visitor waits at the door for four such trips.
pub(super) const CLOUD_SLOW_MS: u128 = 1_000;
/// How long a hub on this box may take to answer at its socket.
pub(super) const HUB_ANSWER: Duration = Duration::from_secs(2);
/// Bytes of free disk below which something must be done: the journal needs to be written whatever happens.
pub(super) const DISK_FREE_BYTES_MIN: u64 = 256 << 20;
/// Bytes of free disk below which it is worth a look: an hour of one camera is about 1 GiB.
pub(super) const DISK_FREE_BYTES_LOW: u64 = 2 << 30;
/// Bytes that wait for the cloud from which on it is worth a look: half of what the recorder may keep.
pub(super) const SPOOL_BYTES_MANY: u64 = 4 << 30;
/// Entries of the spool that are counted at most.
pub(super) const SPOOL_FILES_MAX: usize = 100_000;
/// 2026-11-01, in seconds since 1970: this version is not older than that, so no clock may show less.
pub(super) const WRITTEN_S: u64 = 1_793_491_200;
/// Seconds after that for which this version may still be in use. A clock beyond is more likely wrong.
pub(super) const USED_S_MAX: u64 = 20 * 365 * 86_400;
