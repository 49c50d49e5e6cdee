//! What goes into the doorkeeper and what comes out: the whole surface between decision and world.

use crate::Commissioning;
use crate::alarm::Alarm;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::sensors::Report;
use alloc::boxed::Box;
use protocol::bytes::{Blob, BootId, DoorTag, Hash, Nonce, RecordingId, VisitId};
use protocol::roster::Roster;
use protocol::time::Monotonic;
use protocol::uplink::{FromVisitor, Paper, ToVisitor};
use protocol::{Kid, Signed, Signer, Verifier};

/// What a home is made of.
pub struct Home {
    /// The roster that was pinned when the home was set up.
    pub roster: Signed<Roster>,
    /// The door's key; its public side stands in the roster.
    pub door_key: Box<dyn Signer + Send>,
    /// Checks signatures.
    pub verifier: Box<dyn Verifier + Send>,
    /// What the sticker at the door says.
    pub door_tag: DoorTag,
    /// What the installer proved.
    pub commissioning: Commissioning,
    /// How long residents are asked when someone is home or rings, seconds; at most [`crate::limits::ANSWER_S_RANGE`].
    pub answer_s: u32,
    /// Names this start.
    pub boot: BootId,
    /// 32 random bytes.
    pub seed: [u8; 32],
}

/// Names one sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Time passed.
    Tick,
    /// Everything appended before this ticket is durable.
    Synced(Ticket),
    /// The journal failed: nothing can be proved any more. Lasts until the next start; nothing more is appended.
    JournalFailed,
    /// A device reported.
    Sensor(Report),
    /// A paper, answered with [`Output::Kept`].
    Paper {
        /// The cloud's name for it.
        id: u64,
        /// The paper.
        paper: Paper,
    },
    /// Something from a visitor.
    FromVisitor {
        /// The visit.
        visit: VisitId,
        /// What.
        word: FromVisitor,
    },
    /// A resident's signed answer.
    Answer(Blob),
    /// News from the recorder.
    Recorder(RecorderNews),
    /// Someone is at the hub: its button was pressed.
    Presence,
    /// Someone at the hub confirmed a pending grant.
    PresenceConfirms(Hash),
    /// Someone at the hub pressed No.
    LocalNo,
    /// Someone crossed the line on the floor.
    LineCrossed,
    /// A resident wants the log's signed head.
    HeadWanted(Nonce),
    /// A resident's signed look, answered with [`Output::Look`].
    Look(Blob),
    /// The hub is about to stop in good order.
    Stopping,
}

/// News from the recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecorderNews {
    /// A signed [`protocol::recording_proof::RecordingProof`].
    Proof(Blob),
    /// The intent is in the recording, durably.
    Witnessed(Hash),
    /// The picture does not change, or does again.
    Frozen(bool),
}

/// What goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Append to the journal; if it is an event, send it to the cloud once it is durable.
    Append(Record),
    /// Make it durable, then answer with [`Input::Synced`].
    Sync(Ticket),
    /// Withdraw the bolt; void after the deadline.
    Unlock {
        /// On the hub's monotonic clock.
        deadline: Monotonic,
    },
    /// Throw the bolt.
    Lock,
    /// Chime in the flat.
    Chime,
    /// Sound in the flat, on or off.
    Sound(bool),
    /// Something needs a person, or no longer. The door log says so too; this is for the hub's own voice.
    Alarm {
        /// What.
        alarm: Alarm,
        /// False when it is over.
        on: bool,
    },
    /// The journal failed, so the door log cannot say that this alarm is out: tell someone outside at once, over the
    /// uplink. Comes again every ten seconds while it lasts.
    Distress(Alarm),
    /// For the recorder.
    Recorder(RecorderOrder),
    /// For a visitor.
    ToVisitor {
        /// The visit.
        visit: VisitId,
        /// What.
        word: ToVisitor,
    },
    /// What became of a paper.
    Kept {
        /// The cloud's name for it.
        id: u64,
        /// Why not, if not.
        refused: Option<Refusal>,
    },
    /// A paper was kept that may mean something for the grant with this hash: tell the cloud what
    /// [`crate::Doorkeeper::preflight`] finds now.
    LookAhead(Hash),
    /// A signed [`protocol::head::Head`].
    Head(Blob),
    /// What became of a look.
    Look {
        /// H(look).
        look: Hash,
        /// Why not, if not.
        refused: Option<Refusal>,
    },
}

/// Orders to the recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecorderOrder {
    /// Record, with pre-roll; go on if it is recording this already.
    Start {
        /// The recording.
        recording: RecordingId,
        /// The visit that it shows.
        visit: VisitId,
        /// H(grant).
        grant: Hash,
    },
    /// Prove with a frame that is newer than this order.
    Prove {
        /// The recording.
        recording: RecordingId,
        /// What the proof must answer.
        answers: Hash,
        /// H(grant).
        grant: Hash,
    },
    /// Witness the intent durably.
    Witness {
        /// The recording.
        recording: RecordingId,
        /// H(intent event).
        intent: Hash,
    },
    /// Close the recording.
    Stop(RecordingId),
    /// Show what the camera sees, from now on: sealed, sent and not kept. Ends by itself.
    Look {
        /// Names the stream.
        stream: RecordingId,
        /// The camera's recorder.
        camera: Kid,
        /// Whose key looks.
        to: Kid,
        /// What the picture's key is wrapped to.
        kem: Blob,
        /// For how long.
        seconds: u32,
    },
    /// Show it no longer.
    LookOver(RecordingId),
}
