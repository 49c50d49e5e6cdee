//! The words of the house: what can be asked of it, what people do to it, how it may misbehave, and
//! what it says about itself. Shapes only; what the words mean is in `physics`.

use serde::{Deserialize, Serialize};

/// What the hub may ask of the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Throw the bolt.
    Lock,
    /// Withdraw the bolt; it stays withdrawn until `Lock`.
    Unlock,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// What people (and smoke, and the hub's chime) do to the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// A visitor comes to the door and rings.
    Ring,
    /// Somebody outside pushes the door; it opens only if the bolt does not hold it.
    Push,
    /// Two sleeves push a labelled parcel across the strip; the door must be open.
    Parcel {
        /// What is printed on the box, at most [`LABEL_BYTES_MAX`] bytes.
        #[serde(default)]
        label: Option<String>,
    },
    /// The visitor's shoe crosses the brass strip; the door must be open.
    StepIn,
    /// Somebody pulls the door shut.
    Close,
    /// Somebody inside leaves by the handle: opens always, and withdraws the bolt on the way.
    Handle,
    /// A resident comes home by the mechanical key: unlocks, opens, closes, locks again.
    Key,
    /// The visitor goes away.
    Leave,
    /// The smoke detector starts or stops.
    Smoke(Switch),
    /// Somebody inside presses the "No" button.
    PressNo,
    /// The hub asks for a chime.
    Chime,
}

/// Longest label of a parcel, in bytes; longer text would not fit on the drawn box.
pub const LABEL_BYTES_MAX: usize = 40;

/// How the lock misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockFault {
    /// It does what it says.
    #[default]
    None,
    /// The bolt stops half way and the lock reports `jammed`.
    Jam,
    /// On `lock` it reports `locked`, but the bolt does not move.
    Lie,
    /// It neither answers nor moves, and what it last reported stays.
    Silent,
    /// It begins this many ms after the command, at most [`LATE_MS_MAX`].
    Late(u32),
    /// It accepts and never finishes: `locking` or `unlocking` for ever.
    Stall,
    /// It is offline; bolt and door stay as they are.
    PowerLoss,
    /// It throws the bolt 5 s after unlocking, even when the door is open.
    BlindAutoLock,
}

/// Longest lateness a lock can be given, in ms.
pub const LATE_MS_MAX: u32 = 600_000;

/// How the door or its contact misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoorFault {
    /// It moves freely and its contact tells the truth.
    #[default]
    None,
    /// It opens again as soon as the lock next begins to throw the bolt. Happens once.
    Reopen,
    /// A parcel lies in its way: it will not close.
    Wedge,
    /// The contact reports this and nothing else.
    ContactStuck(Door),
}

/// How the camera misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CameraFault {
    /// It shows what is there.
    #[default]
    None,
    /// The picture stands still while the stream runs on.
    Freeze,
    /// No frames any more, while the connection stays.
    Stall,
    /// Connections are closed at once.
    Drop,
    /// Instead of live frames, the same few seconds come again and again in a burst.
    Old,
}

/// A change of misbehaviour; a part that is `None` stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Misbehave {
    /// The lock's fault from now on.
    pub lock: Option<LockFault>,
    /// The door's fault from now on.
    pub door: Option<DoorFault>,
    /// The camera's fault from now on.
    pub camera: Option<CameraFault>,
    /// The charge the battery claims from now on, in percent.
    pub battery_percent: Option<u8>,
}

impl Misbehave {
    /// Everything works again.
    pub const NOTHING: Self = Self {
        lock: Some(LockFault::None),
        door: Some(DoorFault::None),
        camera: Some(CameraFault::None),
        battery_percent: Some(BATTERY_PERCENT),
    };
}

/// Charge of a healthy battery, in percent.
pub const BATTERY_PERCENT: u8 = 88;

/// What the lock says of its bolt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bolt {
    /// Thrown.
    Locked,
    /// Withdrawn.
    Unlocked,
    /// On its way out.
    Locking,
    /// On its way in.
    Unlocking,
    /// Withdrawn and the latch too. Kept for the vocabulary; this lock has no latch motor.
    Unlatched,
    /// Stuck on the way.
    Jammed,
    /// The lock cannot be heard.
    Unknown,
}

/// What the door contact says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Not shut.
    Open,
    /// Shut.
    Closed,
    /// The contact was manipulated.
    Tampered,
    /// The contact cannot be heard.
    Unknown,
}

/// What the devices report: the belief a hub can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The bolt, as the lock says.
    pub bolt: Bolt,
    /// The door, as its contact says.
    pub door: Door,
    /// Charge of the lock's battery, in percent.
    pub battery_percent: u8,
    /// Whether the lock can be heard at all.
    pub online: bool,
    /// Whether the smoke detector sounds.
    pub smoke: bool,
    /// Whether the "No" button was pressed within the last 3 s.
    pub no_button: bool,
}

/// Where the bolt really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrueBolt {
    /// Fully thrown.
    Locked,
    /// Fully withdrawn.
    Unlocked,
    /// Anywhere between.
    Between,
}

/// Where the visitor really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visitor {
    /// Nobody is at the door.
    #[default]
    Away,
    /// On the landing, before the door.
    AtDoor,
    /// Across the strip.
    Inside,
}

/// What is really so, for tests that compare belief with truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// The bolt.
    pub bolt: TrueBolt,
    /// The door: only ever `open` or `closed`.
    pub door: Door,
    /// The visitor.
    pub visitor: Visitor,
    /// Parcels that lie inside.
    pub parcels_inside: usize,
    /// Whether a visitor's shoe has crossed the strip since the last ring.
    pub line_crossed: bool,
}

/// What came of a command or an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done, or at least begun.
    Done,
    /// It could not be done, and why.
    Not(&'static str),
    /// The one who was asked says nothing.
    NoAnswer,
}
