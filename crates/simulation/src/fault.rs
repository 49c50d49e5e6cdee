//! What can go wrong, and when in a visit. Every fault can strike in every stage: none of the cells is excused.

macro_rules! table {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $label:literal,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them, in the order of the matrix.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As the matrix and the replay say it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

table! {
    /// Where a visit stands, by what its home has said and done.
    Stage {
        /// The home has its papers, and nobody is there.
        Before = "before",
        /// The visitor is here, and may scan.
        Arrived = "arrived",
        /// A presentation is on its way, or waits for a picture or for a resident.
        Presented = "presented",
        /// The intent is on its way to the disk.
        Committing = "committing",
        /// The intent is durable; the recorder is to witness it.
        Witnessing = "witnessing",
        /// The bolt was told to withdraw.
        Pulsing = "pulsing",
        /// The bolt is withdrawn.
        Opened = "opened",
        /// The door is open.
        DoorOpen = "door open",
        /// The door was closed again.
        DoorClosed = "door closed",
        /// The bolt was told to lock.
        Locking = "locking",
        /// The bolt did not lock, and the alarm is out.
        Unsecured = "unsecured",
        /// Bolt and door agree again.
        Secured = "secured",
        /// The visit has ended.
        Over = "over",
    }
}

table! {
    /// One thing that goes wrong, from the moment at which it strikes.
    Fault {
        /// The bolt sticks on its way out, the next times.
        LockJams = "lock jams",
        /// The lock says locked, and did not move.
        LockLies = "lock lies",
        /// The motor takes five to nine seconds.
        LockSlow = "lock slow",
        /// The way to the lock stalls for seconds: commands reach it late or never.
        LockStalls = "lock stalls",
        /// The lock says nothing of what its bolt does.
        LockSilent = "lock silent",
        /// The lock neither moves nor says anything.
        LockDead = "lock dead",
        /// Another client of the lock withdraws the bolt.
        LockReopens = "lock reopens",
        /// The lock's link is gone, and comes back.
        LockOffline = "lock offline",
        /// The contact says for seconds that it does not know.
        ContactFlickers = "contact flickers",
        /// Somebody opens with a key, goes in, and locks again or forgets to.
        KeyOpens = "key opens",
        /// Whoever has the door open next holds it open for a minute or two.
        HeldOpen = "held open",
        /// Smoke.
        Smoke = "smoke",
        /// The hub's process dies.
        HubKilled = "hub killed",
        /// The box has no power for a moment.
        PowerCut = "power cut",
        /// The next sync fails.
        SyncFails = "sync fails",
        /// Each sync takes up to a second.
        DiskSlow = "disk slow",
        /// The box's wall clock goes back.
        ClockBack = "clock back",
        /// The box's wall clock jumps ahead.
        ClockAhead = "clock ahead",
        /// The camera sends no picture.
        CameraLost = "camera lost",
        /// The picture does not change any more.
        CameraFrozen = "camera frozen",
        /// The recorder answers late.
        RecorderLate = "recorder late",
        /// The recorder's process dies.
        RecorderKilled = "recorder killed",
        /// The uplink is gone for a while.
        LinkDown = "link down",
        /// The cloud holds messages to the home back for seconds.
        CloudDelays = "cloud delays",
        /// The cloud loses every second message to the home.
        CloudDrops = "cloud drops",
        /// The cloud sends every message to the home twice.
        CloudDoubles = "cloud doubles",
        /// The cloud sends messages to the home in another order.
        CloudReorders = "cloud reorders",
        /// The cloud sends everything that it ever relayed once more, and says that it is new.
        CloudReplays = "cloud replays",
        /// The cloud starts again from an older backup.
        CloudForgets = "cloud forgets",
        /// The cloud sends papers that it made itself.
        CloudForges = "cloud forges",
        /// The cloud keeps revocations and answers of residents to itself.
        CloudWithholds = "cloud withholds",
        /// The visitor goes, without a word, from wherever they stand.
        GivesUp = "gives up",
        /// The visitor's handset sends its presentation twice.
        PresentsTwice = "presents twice",
        /// The handset sends a presentation that it has sent before, or one for a challenge that it made up.
        ReplaysScan = "replays scan",
        /// The next scan is of a parcel for somebody else.
        WrongParcel = "wrong parcel",
        /// The handset says that it stands at another door.
        WrongDoor = "wrong door",
        /// A key that nobody knows signs an arrival and a presentation.
        StrangersKey = "stranger's key",
        /// A second handset comes under the same permission, at once.
        SecondHandset = "second handset",
        /// A resident says stop.
        Stop = "stop",
        /// Somebody at the hub presses No.
        NoAtHub = "no at hub",
        /// A resident blocks the door.
        Block = "block",
        /// A resident revokes the permission.
        Revoke = "revoke",
        /// Residents answer late from now on, or not at all.
        AnswersLate = "answers late",
        /// A resident wants to see whether the door is shut, and what the camera sees.
        Looks = "looks",
    }
}
