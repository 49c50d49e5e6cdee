//! Every limit of a recording, with its unit and its reason.

/// Bytes of one sealed chunk at most; the media uplink refuses larger ones.
pub use protocol::limits::CHUNK_BYTES_MAX;

/// Parts of one recording at most. A camera that restarts this often within one visit is broken, and the
/// manifest must stay below `protocol::limits::MESSAGE_BYTES_MAX` (about 105 bytes a part).
pub const PARTS_MAX: usize = 32;
/// Who may open one part at most: the residents of one roster.
pub const RECIPIENTS_MAX: usize = protocol::limits::RESIDENTS_MAX;
/// Bytes of the decoder configuration (avcC) at most; real ones have 30 to 60.
pub const AVCC_BYTES_MAX: usize = 1024;
