//! What a home and its cloud say to each other over the uplink. Unsigned but for what is carried inside:
//! the transport is untrusted, and nothing here can open a door.
//!
//! The home connects. The cloud sends [`ToHome::Nonce`]; the home answers [`ToCloud::SignIn`]; the cloud says
//! [`ToHome::Welcome`] with the last door-log counter that it stored; the home resumes from there.
//!
//! Nothing stale is executed: the home sends a [`ToCloud::Beat`] every second, the cloud puts the newest one it
//! has seen into every [`Downlink`], and the home drops what answers a beat older than
//! [`crate::limits::DOWNLINK_LIFE_MS`] on the home's own clock. No other clock is involved.

use crate::bytes::{Blob, Hash, Nonce, Salt, VisitId};
use alloc::string::String;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};

/// One message to the home, with the beat that dates it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Downlink {
    /// The newest beat that the cloud has seen on this connection; zero before the first.
    #[n(0)]
    pub beat: u64,
    /// The message.
    #[n(1)]
    pub message: ToHome,
}

/// Cloud to home.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum ToHome {
    /// First message: prove your key over this.
    #[n(0)]
    Nonce {
        /// Fresh random bytes.
        #[n(0)]
        nonce: Nonce,
        /// The cloud's name.
        #[n(1)]
        audience: String,
    },
    /// Signed in. Door events up to this counter are stored; zero for none.
    #[n(2)]
    Welcome(#[n(0)] u64),
    /// Door events up to this counter are stored now.
    #[n(3)]
    LogStored(#[n(0)] u64),
    /// A paper to check and keep.
    #[n(4)]
    Keep {
        /// Answered with [`ToCloud::Kept`].
        #[n(0)]
        id: u64,
        /// The paper.
        #[n(1)]
        paper: Paper,
    },
    /// Something from the visitor at the door.
    #[n(5)]
    FromVisitor {
        /// The visit.
        #[n(0)]
        visit: VisitId,
        /// What.
        #[n(1)]
        word: FromVisitor,
    },
    /// A resident's signed [`crate::answer::Answer`].
    #[n(6)]
    Answer(#[n(0)] Blob),
    /// A resident wants to know that the log is fresh; answered with [`ToCloud::Head`].
    #[n(7)]
    HeadWanted(#[n(0)] Nonce),
    /// A resident's signed [`crate::look::Look`], answered with [`ToCloud::Look`].
    #[n(8)]
    Look(#[n(0)] Blob),
}

/// A signed message that a home keeps until it is used or replaced.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Paper {
    /// One envelope per signing owner.
    #[n(0)]
    Roster(#[n(0)] Vec<Blob>),
    /// A grant.
    #[n(1)]
    Grant(#[n(0)] Blob),
    /// A delegation.
    #[n(2)]
    Delegation(#[n(0)] Blob),
    /// An assignment.
    #[n(3)]
    Assignment(#[n(0)] Blob),
    /// A revocation list.
    #[n(4)]
    Revocation(#[n(0)] Blob),
    /// A second device's confirmation of a pending grant.
    #[n(5)]
    Confirmation(#[n(0)] Blob),
}

/// What a visitor's device sends through.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum FromVisitor {
    /// A signed [`crate::arrival::Arrival`].
    #[n(0)]
    Arrival(#[n(0)] Blob),
    /// A signed [`crate::presentation::Presentation`].
    #[n(1)]
    Presentation(#[n(0)] Blob),
    /// A signed [`crate::farewell::Farewell`].
    #[n(2)]
    Farewell(#[n(0)] Blob),
    /// A signed [`crate::ring::Ring`].
    #[n(3)]
    Ring(#[n(0)] Blob),
}

/// Home to cloud.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum ToCloud {
    /// A signed [`crate::sign_in::SignIn`], role `Door`.
    #[n(0)]
    SignIn(#[n(0)] Blob),
    /// Door events in order.
    #[n(1)]
    Log(#[n(0)] Vec<LogEntry>),
    /// What became of a paper.
    #[n(2)]
    Kept {
        /// The id of [`ToHome::Keep`].
        #[n(0)]
        id: u64,
        /// A refusal code; none if kept.
        #[n(1)]
        refused: Option<String>,
    },
    /// Something for the visitor at the door.
    #[n(3)]
    ToVisitor {
        /// The visit.
        #[n(0)]
        visit: VisitId,
        /// What.
        #[n(1)]
        word: ToVisitor,
    },
    /// What would fail if the visitor came now.
    #[n(4)]
    Preflight {
        /// H(grant).
        #[n(0)]
        grant: Hash,
        /// Codes; empty if all is well.
        #[n(1)]
        findings: Vec<String>,
    },
    /// The home's signed statement of the log's head over a resident's nonce.
    #[n(5)]
    Head(#[n(0)] Blob),
    /// Alive. Counts up from 1 on each connection, once a second.
    #[n(6)]
    Beat(#[n(0)] u64),
    /// The journal failed, so no event can say this: an alarm is out. Its code, and nothing more. Repeated every 10 s
    /// while it lasts: an alarm that comes no more while beats do is over.
    #[n(7)]
    Distress(#[n(0)] String),
    /// What became of a look.
    #[n(8)]
    Look {
        /// H(look).
        #[n(0)]
        look: Hash,
        /// A refusal code; none if the camera is shown.
        #[n(1)]
        refused: Option<String>,
    },
}

/// One door event with as much of its detail as the cloud may read.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct LogEntry {
    /// The signed [`crate::door_event::DoorEvent`].
    #[n(0)]
    pub event: Blob,
    /// Salt and detail; absent for class `home`.
    #[n(1)]
    pub opening: Option<DetailOpening>,
}

/// What opens a door event's commitment.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct DetailOpening {
    /// The salt.
    #[n(0)]
    pub salt: Salt,
    /// Encoded [`crate::door_event::Detail`].
    #[n(1)]
    pub detail: Blob,
}

/// What the visitor at the door is told. Deliberately coarse: reasons go to the resident.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum ToVisitor {
    /// A signed [`crate::challenge::Challenge`]: scan now.
    #[n(0)]
    Challenge(#[n(0)] Blob),
    /// Refused, but another try may succeed.
    #[n(1)]
    TryAgain,
    /// This parcel is not for this door.
    #[n(2)]
    WrongParcel,
    /// Not here, not today: take it to Plan B.
    #[n(3)]
    NotHereToday,
    /// Please wait.
    #[n(4)]
    Wait,
    /// The bolt is withdrawn: push the door.
    #[n(5)]
    Open,
    /// Pull the door shut, please.
    #[n(6)]
    CloseDoor,
    /// The door is shut, the bolt moves.
    #[n(7)]
    Locking,
    /// Closed and locked.
    #[n(8)]
    Secured,
    /// Something is wrong and someone has been told; you may go.
    #[n(9)]
    MayGo,
    /// The visit is over.
    #[n(10)]
    Ended,
    /// Somebody was asked; without an answer the visit ends after this many seconds.
    #[n(11)]
    Asked(#[n(0)] u32),
    /// Somebody comes to the door; the visit ends after this many seconds at the latest.
    #[n(12)]
    Coming(#[n(0)] u32),
    /// A permission carries the errand now: H(grant), for an arrival of the same visit. Proves nothing, like all words:
    /// an arrival that names another is refused.
    #[n(13)]
    Permitted(#[n(0)] Hash),
}
