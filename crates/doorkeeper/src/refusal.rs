//! A refusal: a reasoned no. An outcome, never an error. One stable code each; the visitor hears only a word.

use protocol::uplink::ToVisitor;

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:literal => $word:ident,)*) => {
        /// Why a door stays shut, or a paper is not kept.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Refusal { $($(#[$doc])* $name,)* }

        impl Refusal {
            /// All of them, for tables.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable name for the door log, tables, vectors and tests.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The word that the visitor hears: never more than helps an honest one.
            pub const fn word(self) -> ToVisitor {
                match self { $(Self::$name => ToVisitor::$word,)* }
            }
        }
    };
}

refusals! {
    // 1. The home itself.
    /// The journal failed: nothing could be proved afterwards.
    JournalUnhealthy = "journal_unhealthy" => NotHereToday,
    /// The installer has not proved relocking and the way out.
    NotCommissioned = "not_commissioned" => NotHereToday,
    /// A sensor reports tampering.
    Tampered = "tampered" => NotHereToday,
    /// The door is not reported closed.
    DoorNotShut = "door_not_shut" => Wait,
    /// The bolt is not reported locked.
    BoltNotLocked = "bolt_not_locked" => Wait,
    /// The battery might open but not relock.
    BatteryLow = "battery_low" => NotHereToday,
    /// Smoke: nothing moves the bolt.
    Smoke = "smoke" => NotHereToday,
    /// Another passage is under way.
    DoorBusy = "door_busy" => Wait,
    // 2. Form.
    /// A message is not in its one canonical form.
    Malformed = "malformed" => TryAgain,
    // 3. Challenge.
    /// No such challenge is outstanding for this arrival.
    ChallengeUnknown = "challenge_unknown" => TryAgain,
    /// The challenge is older than 30 s.
    ChallengeExpired = "challenge_expired" => TryAgain,
    /// Five presentations failed.
    TooManyTries = "too_many_tries" => NotHereToday,
    // 4. Grant.
    /// The home holds no such grant.
    GrantUnknown = "grant_unknown" => NotHereToday,
    /// Whoever signed is not in the roster, or not with a rank that may sign this.
    SignerUnknown = "signer_unknown" => NotHereToday,
    /// The grant's signature or passkey assertion fails.
    GrantSignature = "grant_signature" => NotHereToday,
    /// The grant is for another door.
    WrongDoor = "wrong_door" => NotHereToday,
    /// The grant was signed under a roster that no longer counts.
    EpochSuperseded = "epoch_superseded" => NotHereToday,
    /// The first grant to an unseen key waits, unless confirmed.
    GrantPending = "grant_pending" => NotHereToday,
    // 5. Use and revocation.
    /// This visit ended: an arrival that is repeated, or an id that is used again.
    VisitOver = "visit_over" => NotHereToday,
    /// All visits of the grant are used.
    UsedUp = "used_up" => NotHereToday,
    /// All entries of this visit are used.
    EntriesUsedUp = "entries_used_up" => NotHereToday,
    /// The lock did not open in three tries.
    PulsesUsedUp = "pulses_used_up" => NotHereToday,
    /// A resident revoked the grant, the provider or the device.
    Revoked = "revoked" => NotHereToday,
    /// A resident blocked the door.
    Blocked = "blocked" => NotHereToday,
    // 6. Time.
    /// It is not certain that now is inside a window.
    OutsideWindow = "outside_window" => NotHereToday,
    /// The home does not know the time well enough.
    ClockUnknown = "clock_unknown" => NotHereToday,
    /// This window's visits are used.
    WindowUsedUp = "window_used_up" => NotHereToday,
    // 7. Assignment.
    /// The grant needs an assignment and none was presented.
    AssignmentMissing = "assignment_missing" => NotHereToday,
    /// The home holds no such assignment.
    AssignmentUnknown = "assignment_unknown" => NotHereToday,
    /// The assignment is by another provider than the grant names.
    WrongProvider = "wrong_provider" => NotHereToday,
    /// No valid delegation for the key that signed the assignment.
    DelegationMissing = "delegation_missing" => NotHereToday,
    /// The working key's time is over, or has not come.
    DelegationExpired = "delegation_expired" => NotHereToday,
    /// The assignment's or delegation's signature fails.
    AssignmentSignature = "assignment_signature" => NotHereToday,
    /// The assignment is for another door.
    AssignmentWrongDoor = "assignment_wrong_door" => NotHereToday,
    /// An assigned errand is not in the grant.
    WrongErrand = "wrong_errand" => NotHereToday,
    /// It is not certain that now is inside the assignment's window.
    AssignmentOutsideWindow = "assignment_outside_window" => NotHereToday,
    /// The home has not held the assignment long enough.
    NoticeTooShort = "notice_too_short" => Wait,
    /// The provider does not attest what the terms demand.
    AttributeMissing = "attribute_missing" => NotHereToday,
    // 8. Presentation.
    /// The presentation is not signed by the device that was assigned.
    PresentationSignature = "presentation_signature" => TryAgain,
    /// The presentation names other papers than the arrival.
    OtherPapers = "other_papers" => TryAgain,
    /// A scan opens none of the assigned errands.
    WrongParcel = "wrong_parcel" => WrongParcel,
    // 9. Freshness of revocations.
    /// The terms demand a younger revocation list.
    RevocationListOld = "revocation_list_old" => NotHereToday,
    // 10. Recording.
    /// A demanded camera gave no proof for this challenge.
    RecordingMissing = "recording_missing" => Wait,
    /// The newest picture is older than the terms allow.
    RecordingStale = "recording_stale" => Wait,
    // 11. People.
    /// Someone is home and has not answered.
    Occupied = "occupied" => Wait,
    /// Someone is home, and the terms then refuse.
    OccupiedRefused = "occupied_refused" => NotHereToday,
    /// A resident said no to this visit, or to another one under its grant in this window.
    ResidentSaidNo = "resident_said_no" => NotHereToday,
    /// Someone pressed No at the hub during this visit, or another one under its grant in this window.
    LocalNo = "local_no" => NotHereToday,
    /// Nobody answered a ring.
    NobodyAnswered = "nobody_answered" => NotHereToday,
    // 14, 15. After the commitment.
    /// The recorder did not witness the intent in time.
    WitnessMissing = "witness_missing" => TryAgain,
    /// The device never reported the bolt withdrawn.
    LockStuck = "lock_stuck" => TryAgain,
    // Arrivals and rings.
    /// Four visits are already open, or more of this grant ended than the home can remember; or four callers wait.
    TooManyVisits = "too_many_visits" => Wait,
    /// Somebody rang too often: for this errand, or in these ten minutes at all.
    TooManyRings = "too_many_rings" => NotHereToday,
    /// The signature of an arrival or a ring fails, or the visit is another's.
    ArrivalSignature = "arrival_signature" => NotHereToday,
    /// The sticker belongs to another door.
    WrongTag = "wrong_tag" => TryAgain,
    // Looks.
    /// The signature of a look fails.
    LookSignature = "look_signature" => NotHereToday,
    /// The roster names no such camera.
    CameraUnknown = "camera_unknown" => NotHereToday,
    /// The look answers no nonce that this home gave out in the last minute, or one that was used.
    LookStale = "look_stale" => NotHereToday,
    /// Someone at the hub said no within the last hour.
    LookNo = "look_no" => NotHereToday,
    /// A visit is on, or somebody rings.
    LookInVisit = "look_in_visit" => NotHereToday,
    /// Twenty looks in an hour, or four devices that look.
    TooManyLooks = "too_many_looks" => NotHereToday,
    // Papers.
    /// A roster does not follow the present one.
    RosterRefused = "roster_refused" => NotHereToday,
    /// Adding a key needs someone at the hub.
    PresenceNeeded = "presence_needed" => NotHereToday,
    /// The list is older than the one in force, lifts what only an owner may lift, or leaps too far for a companion.
    RevocationRefused = "revocation_refused" => NotHereToday,
    /// A paper with this id exists with other content.
    IdTaken = "id_taken" => NotHereToday,
    /// The home keeps no more papers of this kind, or no more of providers who have no grant.
    TooManyPapers = "too_many_papers" => NotHereToday,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        for (index, refusal) in Refusal::ALL.iter().enumerate() {
            assert!(
                Refusal::ALL[..index].iter().all(|other| other.code() != refusal.code()),
                "{}",
                refusal.code()
            );
        }
    }
}
