//! Every limit of the hub, with its unit and its reason. Limits of the messages are in `protocol::limits`.

/// Bytes of one journal record at most: one signed message of every kind that a decision needs, with room.
pub const RECORD_BYTES_MAX: usize = 16 * 1024;
/// Bytes of the journal at most. At 1 KiB per visit event this is decades; a journal that grows faster is a fault
/// that must show before it fills the disk under the recordings.
pub const JOURNAL_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Drift of the box's own oscillator that the clock allows for, in parts per million. A cheap crystal over its whole
/// temperature range stays below 100; the kernel slews at most 500, but only for a corrected clock.
pub const CLOCK_DRIFT_PPM: u64 = 200;
/// Seconds of uncertainty added to every reading: whole-second timestamps, a leap second, and the time that a reading
/// spent in queues.
pub const CLOCK_BASE_UNCERTAINTY_S: u64 = 2;
/// Seconds of uncertainty that a reading may claim at most: a reading that knows less says nothing about a window.
pub const CLOCK_UNCERTAINTY_S_MAX: u64 = 3_600;
/// Milliseconds for which a reading can still agree with a newer one of another source. Network time is asked every
/// minute or so; after ten, drift alone would not tell agreement from chance.
pub const CLOCK_AGREEMENT_AGE_MS_MAX: u64 = 600_000;
/// Sources of time at most: the box, a resident, and a handful of network servers.
pub const CLOCK_SOURCES_MAX: usize = 8;

/// Commands waiting in front of a lock driver at most. There is one bolt; a third command means the driver hangs.
pub const LOCK_COMMANDS_MAX: usize = 2;
/// Bytes of one MQTT payload that a driver reads at most. A discovery record with every option is about 4 KiB.
pub const MQTT_PAYLOAD_BYTES_MAX: usize = 16 * 1024;
/// Bytes of one MQTT packet that the connection survives: larger than any lock sends, small enough to hold in memory.
/// A larger one ends the connection.
pub const MQTT_PACKET_BYTES_MAX: usize = 256 * 1024;
/// Packets waiting in either direction of one MQTT connection.
pub const MQTT_QUEUE_MAX: usize = 64;
/// Seconds between pings to the broker: bounds how long a dead link looks alive.
pub const MQTT_KEEP_ALIVE_S: u64 = 2;
/// Milliseconds since the broker's last packet after which no command is handed to it: one ping and its answer were
/// missed, and a stalled broker would deliver the command whenever it wakes.
pub const MQTT_SILENCE_MS_MAX: u64 = 3_000;
/// Seconds that connecting, or one flush, may take.
pub const MQTT_TIMEOUT_S: u64 = 2;
/// Bytes of one line from the virtual home at most.
pub const VIRTUAL_LINE_BYTES_MAX: usize = 4 * 1024;
/// Milliseconds of silence after which the virtual home is offline: it speaks every 5 s, so two were missed.
pub const VIRTUAL_SILENCE_MS_MAX: u64 = 11_000;
/// Milliseconds before the first attempt to reach a lock's peer again; doubled up to [`RECONNECT_MS_MAX`].
pub const RECONNECT_MS_MIN: u64 = 100;
/// Milliseconds between attempts to reach a lock's peer at most: a door must not wait longer for its lock than a
/// person would.
pub const RECONNECT_MS_MAX: u64 = 2_000;
/// Characters of a foreign payload that a finding repeats.
pub const SHOWN_CHARS_MAX: usize = 48;

/// Reports waiting between a lock driver and the event loop: a burst of retained state at connecting.
pub const LOCK_REPORTS: usize = 64;
/// A chime that is this late is only confusing, ms.
pub const CHIME_LIFE_MS: u64 = 5_000;
/// The persisted floor of the clock moves in steps of this many seconds: one small write every ten minutes.
pub const CLOCK_FLOOR_S: u64 = 600;
/// Orders and news waiting between hub and recorder: a proof every 400 ms for four visits, with room.
pub const RECORDER_QUEUE: usize = 64;
/// A recorder that ended is started again after this, ms.
pub const RECORDER_RETRY_MS: u64 = 500;

/// Messages waiting between the uplink and the event loop, each way.
pub const UPLINK_QUEUE: usize = 256;
/// Door events in one message: 32 of 0.6 KiB stay far below the message limit.
pub const UPLINK_BATCH_EVENTS: usize = 32;
/// A beat goes out this often, ms. The cloud calls a hub silent after five.
pub const UPLINK_BEAT_MS: u64 = 1_000;
/// Connecting and signing in take this long at most, ms.
pub const UPLINK_CONNECT_MS: u64 = 10_000;
/// The first try again after a lost connection, ms; doubles from there.
pub const UPLINK_RETRY_MS_MIN: u64 = 250;
/// The slowest trying again, ms.
pub const UPLINK_RETRY_MS_MAX: u64 = 10_000;
/// Every so many beats the hub asks whether the cloud is still there.
pub const UPLINK_PING_BEATS: u64 = 10;
/// A connection on which nothing came for this long is dead, ms: four questions without an answer.
pub const UPLINK_SILENCE_MS: u64 = 40_000;
