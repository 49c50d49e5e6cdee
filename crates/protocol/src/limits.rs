//! Every limit of the protocol, with its unit and its reason.

/// Bytes of one signed message at most. The largest useful one is a grant with 128 windows (about 2.6 KiB);
/// a hub must be able to hold all messages of a decision in a few pages of memory.
pub const MESSAGE_BYTES_MAX: usize = 4096;
/// Windows of one grant at most: a daily window for a quarter of a year, with room for two a day in some weeks.
pub const WINDOWS_MAX: usize = 128;
/// Consignments in one grant, assignment or presentation at most: one visit, one pair of hands. 32 scans of ordinary
/// length fit a presentation; 32 of [`SCAN_BYTES_MAX`] do not fit one that a passkey signs.
pub const ERRANDS_MAX: usize = 32;
/// Attributes asked for or attested at most.
pub const ATTRIBUTES_MAX: usize = 16;
/// Cameras named by the terms at most.
pub const CAMERAS_MAX: usize = 4;
/// Residents in one roster at most: a large household with two keys each. 16 device keys fit [`MESSAGE_BYTES_MAX`];
/// 16 passkeys with long names do not, and the signer hears [`crate::canonical::Malformed::Oversized`].
pub const RESIDENTS_MAX: usize = 16;
/// Bytes of a name that people read.
pub const NAME_BYTES_MAX: usize = 64;
/// Bytes of a passkey's relying party id: the longest domain name (RFC 1035).
pub const RP_ID_BYTES_MAX: usize = 253;
/// Bytes of a passkey's origin: `https://`, and the longest domain name with one byte to spare. A long name leaves less
/// room for a port.
pub const ORIGIN_BYTES_MAX: usize = 262;
/// Bytes of a label's text at most: the longest carrier DataMatrix contents that name one parcel.
pub const SCAN_BYTES_MAX: usize = 96;
/// Grants, providers and handsets named by one revocation list at most, each kind.
pub const REVOKED_MAX: usize = 32;
/// How far above the sequence in force a companion's revocation list may be: 2^32 lists would have to come before no
/// other could follow.
pub const REVOCATION_LEAP_MAX: u64 = 1 << 32;
/// Seconds a standing grant may span from the start of its first window to the end of its last.
pub const GRANT_SPAN_S_MAX: u64 = 92 * 86_400;
/// Seconds a resident may let the door stand open at most.
pub const DOOR_OPEN_S_MAX: u64 = 3_600;
/// Youngest revocation list that terms may demand, in seconds: below a day a home without uplink locks itself out.
pub const REVOCATION_AGE_S_MIN: u64 = 86_400;
/// Bytes of an HPKE public key: P-256, uncompressed SEC1.
pub const KEM_BYTES: usize = 65;
/// Seconds that one look lasts at most: long enough to see what the noise was, and no surveillance.
pub const LOOK_S: u32 = 60;
/// Bytes of one door event's detail at most.
pub const DETAIL_BYTES_MAX: usize = 512;
/// Bytes of one message on the uplink at most: a bundle of signed messages, never media.
pub const UPLINK_BYTES_MAX: usize = 65_536;
/// Milliseconds that a message from the cloud may be old, on the home's clock: a slow mobile network's worst.
pub const DOWNLINK_LIFE_MS: u64 = 10_000;
/// Bytes of one sealed chunk at most: a keyframe of a 4K camera, with room.
pub const CHUNK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of one sealed photo at most: 1,280 pixels a side as JPEG have 150 to 400 KiB, keys and wrapping 3 KiB.
pub const PHOTO_BYTES_MAX: usize = 512 * 1024;
/// Pixels of a photo's longer side at most: a parcel and its place can be told, and no decoder is made to fill a phone's memory.
pub const PHOTO_SIDE_PX_MAX: u16 = 1_280;
