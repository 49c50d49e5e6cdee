//! How bytes and identifiers stand in JSON: byte strings as base64url without padding, identifiers, hashes and key
//! identifiers as lower-case hexadecimal, the form that paths, logs and people use.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::bytes::{
    AssignmentId, BootId, DoorId, GrantId, Hash, HomeId, Nonce, RecordingId, TourId, VisitId,
};
use protocol::time::Window;
use protocol::{Kid, time::Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// A byte string.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Bytes64(pub(crate) Vec<u8>);

impl fmt::Debug for Bytes64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes64({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for Bytes64 {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Bytes64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text.as_bytes())
            .map(Self)
            .map_err(|_| de::Error::custom("not base64url without padding"))
    }
}

impl PartialSchema for Bytes64 {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Byte)))
            .description(Some("Bytes as base64url without padding (RFC 4648 section 5)."))
            .build()
            .into()
    }
}

impl ToSchema for Bytes64 {
    fn name() -> Cow<'static, str> {
        "Bytes".into()
    }
}

/// An identifier, hash or key identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id<T>(pub(crate) T);

/// What [`Id`] can hold.
pub(crate) trait FixedBytes: Sized + fmt::Display {
    const LEN: usize;
    fn from_hex(text: &str) -> Option<Self>;
}

macro_rules! fixed {
    ($($name:ty),+ $(,)?) => {
        $(impl FixedBytes for $name {
            const LEN: usize = <$name>::LEN;
            fn from_hex(text: &str) -> Option<Self> {
                <$name>::from_hex(text)
            }
        })+
    };
}
fixed!(AssignmentId, BootId, DoorId, GrantId, Hash, HomeId, Kid, Nonce, RecordingId, TourId, VisitId);

impl<T: FixedBytes> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FixedBytes> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        T::from_hex(&text)
            .map(Self)
            .ok_or_else(|| de::Error::custom(format_args!("not {} hexadecimal digits", 2 * T::LEN)))
    }
}

impl<T> PartialSchema for Id<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^([0-9a-f]{32}|[0-9a-f]{64})$"))
            .description(Some(
                "An identifier (16 bytes) or a hash or key identifier (32 bytes) in hexadecimal.",
            ))
            .build()
            .into()
    }
}

impl<T> ToSchema for Id<T> {
    fn name() -> Cow<'static, str> {
        "Id".into()
    }
}

/// A stretch of time, seconds since 1970, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowJson {
    /// First second inside.
    pub(crate) from: u64,
    /// First second after.
    pub(crate) until: u64,
}

impl From<Window> for WindowJson {
    fn from(window: Window) -> Self {
        Self { from: window.from.0, until: window.until.0 }
    }
}

impl From<WindowJson> for Window {
    fn from(window: WindowJson) -> Self {
        Self { from: Timestamp(window.from), until: Timestamp(window.until) }
    }
}

/// For databases, which know signed integers only. Nothing here comes near the end of the range.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The other way; negative values do not occur.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// One announced consignment. Known to this cloud only, so the protocol has no type for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConsignmentId(pub(crate) [u8; 16]);

/// A box for two letters. Drawn by the devices that share it; this cloud knows nothing else of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LetterboxId(pub(crate) [u8; 16]);

/// A link to a recording: drawn by the device that makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShareId(pub(crate) [u8; 16]);

/// Written as 32 hexadecimal digits.
macro_rules! in_hex {
    ($($id:ident),+) => {$(
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&Nonce(self.0), f)
            }
        }

        impl FixedBytes for $id {
            const LEN: usize = 16;
            fn from_hex(text: &str) -> Option<Self> {
                Nonce::from_hex(text).map(|n| Self(n.0))
            }
        }
    )+};
}

in_hex!(ConsignmentId, LetterboxId, ShareId);

// Names without parameters: utoipa would otherwise ask for a schema of the parameter.
pub(crate) type AssignmentIdHex = Id<AssignmentId>;
pub(crate) type ConsignmentIdHex = Id<ConsignmentId>;
pub(crate) type DoorIdHex = Id<DoorId>;
pub(crate) type GrantIdHex = Id<GrantId>;
pub(crate) type HashHex = Id<Hash>;
pub(crate) type HomeIdHex = Id<HomeId>;
pub(crate) type KidHex = Id<Kid>;
pub(crate) type LetterboxIdHex = Id<LetterboxId>;

pub(crate) type RecordingIdHex = Id<RecordingId>;
pub(crate) type ShareIdHex = Id<ShareId>;
pub(crate) type TourIdHex = Id<TourId>;
pub(crate) type VisitIdHex = Id<VisitId>;
