//! Left elsewhere: the visitor's device says where the errands of one assignment went instead, and why. Opens nothing.

use crate::bytes::{DoorId, Hash, VisitId};
use crate::canonical::Malformed;
use crate::envelope::Message;
use crate::grant::rule;
use crate::time::Timestamp;
use minicbor::{Decode, Encode};

/// Signed by the visitor's device that the assignment names.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Left {
    /// The door.
    #[n(0)]
    pub door: DoorId,
    /// H(assignment).
    #[n(1)]
    pub assignment: Hash,
    /// The visit, if the visitor arrived.
    #[n(2)]
    pub visit: Option<VisitId>,
    /// Where the errands went.
    #[n(3)]
    pub rung: Rung,
    /// Why they did not go in.
    #[n(4)]
    pub reason: Reason,
    /// When, by the visitor's device.
    #[n(5)]
    pub at: Timestamp,
    /// [`photo_hash`] of the sealed photo, if there is one: names with it to whom the photo was sealed.
    #[n(6)]
    pub photo: Option<Hash>,
}

/// H(sealed photo): recipients, wrapped keys and ciphertext, as they are sent and stored.
pub fn photo_hash(sealed: &[u8]) -> Hash {
    Hash::of("left_photo", &[sealed])
}

/// One rung of Plan B: what a resident chooses beforehand, and where a visitor says that it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Rung {
    /// To a neighbour.
    #[n(0)]
    Neighbour,
    /// Into a locker.
    #[n(1)]
    Locker,
    /// Left at the door.
    #[n(2)]
    Doorstep,
    /// Nowhere: it is tried again.
    #[n(3)]
    Again,
}

/// Why the errands did not go in, as the visitor saw it. Never a reason of the resident's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Reason {
    /// The door, or the cloud before it, said that it is not possible here.
    #[n(0)]
    NotPossible,
    /// The visitor did not go in, and need not say why.
    #[n(1)]
    NotGoingIn,
    /// It does not fit.
    #[n(2)]
    TooBig,
    /// Something stands in the way.
    #[n(3)]
    Blocked,
    /// Begun and given up.
    #[n(4)]
    GaveUp,
}

impl Rung {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Neighbour, Self::Locker, Self::Doorstep, Self::Again];

    /// Stable name for APIs and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neighbour => "neighbour",
            Self::Locker => "locker",
            Self::Doorstep => "doorstep",
            Self::Again => "again",
        }
    }

    /// The rung of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NotPossible, Self::NotGoingIn, Self::TooBig, Self::Blocked, Self::GaveUp];

    /// Stable name for APIs and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotPossible => "not_possible",
            Self::NotGoingIn => "not_going_in",
            Self::TooBig => "too_big",
            Self::Blocked => "blocked",
            Self::GaveUp => "gave_up",
        }
    }

    /// The reason of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

impl Message for Left {
    const TYPE: &'static str = "left";

    fn check(&self) -> Result<(), Malformed> {
        // There is no parcel to see; what is left to show would be a door, or people.
        rule(self.photo.is_none() || self.rung != Rung::Again, "a photo shows where something was left")
    }
}
