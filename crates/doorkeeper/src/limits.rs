//! Every limit of the doorkeeper, with its unit and its reason.

/// A challenge counts this long, ms: a scan and a slow mobile network.
pub const CHALLENGE_LIFE_MS: u64 = 30_000;
/// A new challenge goes out this often, ms, so that its end never shows as an error.
pub const CHALLENGE_RENEWAL_MS: u64 = 20_000;
/// Presentations per arrival: wrong parcels happen, guessing must not.
pub const TRIES_MAX: u8 = 5;
/// Ended visits remembered for one grant, so that none of them begins again: two a day for a quarter of a year, and a
/// handset that comes and goes without end wears out no journal.
pub const ENDED_VISITS_MAX: usize = 256;
/// Visits at once: a parcel arrives while the cleaner works.
pub const VISITS_MAX: usize = 4;
/// Pulses in one visit until the door is first reported open: a stuck lock costs nobody the delivery.
pub const PULSES_MAX: u8 = 3;
/// A fresh recording proof is asked for this often while a challenge is out, ms: faster than the terms' smallest age.
pub const PROOF_RENEWAL_MS: u64 = 400;
/// How long an authentic presentation waits for a fresh proof, ms: two frames of a slow camera.
pub const PROOF_WAIT_MS: u64 = 1_500;
/// Recording proofs during a passage, ms apart.
pub const PASSAGE_PROOF_MS: u64 = 1_000;
/// No proof for this long during a passage is an alarm, ms.
pub const PASSAGE_PROOF_LOST_MS: u64 = 3_000;
/// The recorder acknowledges the intent within this, ms, or the bolt does not move: a memory card may take half a second
/// for a sync, and a busy box for two changes of process. What holds is looked at once more before the bolt moves.
pub const WITNESS_MS: u64 = 1_000;
/// An unlock command is void after this, ms: nothing that was late may open a door.
pub const UNLOCK_LIFE_MS: u64 = 2_000;
/// The device reports the bolt withdrawn within this, ms: motor locks take one to four seconds.
pub const OPEN_REPORT_MS: u64 = 8_000;
/// An unlocked door that nobody pushes is locked again after this, ms.
pub const PUSH_MS: u64 = 30_000;
/// The door stays closed this long before the bolt is thrown, ms: a bolt thrown at a moving door breaks it.
pub const CLOSED_STEADY_MS: u64 = 1_000;
/// The device reports the bolt thrown within this, ms; then once more, then the alarm: in all less than ten seconds.
pub const LOCK_REPORT_MS: u64 = 4_500;
/// LOCK commands before the alarm.
pub const LOCK_TRIES: u8 = 2;
/// After the alarm, the bolt is tried again this often, ms.
pub const LOCK_RETRY_MS: u64 = 60_000;
/// A door open this long makes a sound in the flat, ms.
pub const OPEN_SOUND_MS: u64 = 20_000;
/// A sensor that says nothing certain for this long during a passage is an alarm, ms.
pub const UNCERTAIN_MS: u64 = 5_000;
/// While the journal has failed, alarms are told outside this often, ms: somebody hears of each within ten seconds, also
/// after the uplink was gone for a moment.
pub const DISTRESS_MS: u64 = 10_000;
/// After an alarm the visitor is let go after this, ms.
pub const RELEASE_MS: u64 = 90_000;
/// A visitor who has not said goodbye this long after the door was secured has left, ms.
pub const FAREWELL_MS: u64 = 60_000;
/// A visit that opened nothing ends after this, ms.
pub const IDLE_VISIT_MS: u64 = 600_000;
/// Residents have this long to answer when someone is home or rings, seconds, unless the home says otherwise.
pub const ANSWER_S: u32 = 45;
/// The least and the most that a home may say, seconds: a push message takes some of it, and a courier waits no longer.
pub const ANSWER_S_RANGE: core::ops::RangeInclusive<u32> = 3..=300;
/// A caller to whom somebody is coming waits this long, ms: down from the fourth floor, or back from the cellar. As long
/// for a permission that came and does not count yet: someone at the hub, or a second device, may confirm it.
pub const COMING_MS: u64 = 180_000;
/// Callers who wait at once: two couriers at one door happen, a crowd does not.
pub const CALLERS_MAX: usize = 4;
/// Rings with one assignment: three tries are honest, and a handset must not wear out the journal or the household.
pub const RINGS_PER_ERRAND_MAX: usize = 3;
/// Rings in [`RINGS_MS`] over all: a cloud can invent providers without end, and each of them chimes.
pub const RINGS_MAX: usize = 6;
/// The time over which [`RINGS_MAX`] counts, ms.
pub const RINGS_MS: u64 = 600_000;
/// What a signed head gave out for a look counts this long, ms: a passkey asks its person in between.
pub const LOOK_NONCE_LIFE_MS: u64 = 60_000;
/// Such nonces at once; an older one makes way: every phone of a household asks for heads, and memory is not endless.
pub const LOOK_NONCES_MAX: usize = 32;
/// Looks in [`LOOKS_MS`]: twenty minutes in an hour show what the noise was, and watch over nobody's day.
pub const LOOKS_MAX: usize = 20;
/// The time over which [`LOOKS_MAX`] counts, ms.
pub const LOOKS_MS: u64 = 3_600_000;
/// Devices that look at once: a household, and as many streams as the recorder makes of visits.
pub const LOOKS_AT_ONCE_MAX: usize = 4;
/// No at the hub ends looks and holds for this long, ms: whoever is at home need not press it every minute.
pub const LOOK_NO_MS: u64 = 3_600_000;
/// The first grant to an unseen key takes effect after this, seconds.
pub const FIRST_GRANT_WAIT_S: u64 = 600;
/// A confirmation at the hub counts this long, ms.
pub const PRESENCE_MS: u64 = 120_000;
/// Battery below which a lock may open but not relock, per cent.
pub const BATTERY_PERCENT_MIN: u8 = 15;
/// No at the hub while nobody is at the door is logged this often at most, ms: a button may be stuck.
pub const IDLE_NO_MS: u64 = 60_000;
/// Refusals without an authentic presentation are logged as one number this often, ms: no flash wear on request.
pub const REFUSAL_SUMMARY_MS: u64 = 600_000;
/// Keys to which a dropped grant once counted, so that the next grant to them need not wait.
pub const SEEN_KEYS_MAX: usize = 1024;
/// Grants kept at once.
pub const GRANTS_MAX: usize = 256;
/// Assignments kept at once.
pub const ASSIGNMENTS_MAX: usize = 256;
/// Delegations kept at once.
pub const DELEGATIONS_MAX: usize = 64;
/// Assignments among them that belong to no grant: a quarter, for providers who assign before the resident signs. A
/// cloud can invent providers without end, but no grants.
pub const STRAY_ASSIGNMENTS_MAX: usize = 64;
/// Delegations among them that belong to no grant: a quarter, as above.
pub const STRAY_DELEGATIONS_MAX: usize = 16;
