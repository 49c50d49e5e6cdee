//! Which of the sixteen checks of the specification a refusal belongs to.

use doorkeeper::refusal::Refusal;

/// The number in `spec/protocol.md`, "The home's decision"; none for what only an arrival or a paper can fail at.
pub const fn number(refusal: Refusal) -> Option<u8> {
    use Refusal as R;
    Some(match refusal {
        R::JournalUnhealthy
        | R::NotCommissioned
        | R::Tampered
        | R::DoorNotShut
        | R::BoltNotLocked
        | R::BatteryLow
        | R::Smoke
        | R::DoorBusy => 1,
        R::Malformed => 2,
        R::ChallengeUnknown | R::ChallengeExpired | R::TooManyTries => 3,
        R::GrantUnknown
        | R::SignerUnknown
        | R::GrantSignature
        | R::WrongDoor
        | R::EpochSuperseded
        | R::GrantPending => 4,
        R::UsedUp | R::EntriesUsedUp | R::PulsesUsedUp | R::Revoked | R::Blocked => 5,
        R::OutsideWindow | R::ClockUnknown | R::WindowUsedUp => 6,
        R::AssignmentMissing
        | R::AssignmentUnknown
        | R::WrongProvider
        | R::DelegationMissing
        | R::DelegationExpired
        | R::AssignmentSignature
        | R::AssignmentWrongDoor
        | R::WrongErrand
        | R::AssignmentOutsideWindow
        | R::NoticeTooShort
        | R::AttributeMissing => 7,
        R::PresentationSignature | R::OtherPapers | R::WrongParcel => 8,
        R::RevocationListOld => 9,
        R::RecordingMissing | R::RecordingStale => 10,
        R::Occupied | R::OccupiedRefused | R::ResidentSaidNo | R::LocalNo => 11,
        R::WitnessMissing => 14,
        R::LockStuck => 15,
        R::VisitOver
        | R::NobodyAnswered
        | R::TooManyRings
        | R::TooManyVisits
        | R::ArrivalSignature
        | R::WrongTag
        | R::LookSignature
        | R::CameraUnknown
        | R::LookStale
        | R::LookNo
        | R::LookInVisit
        | R::TooManyLooks
        | R::RosterRefused
        | R::PresenceNeeded
        | R::RevocationRefused
        | R::IdTaken
        | R::TooManyPapers => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = include_str!("../../../spec/protocol.md");

    /// The paragraphs of the decision by their numbers; what follows the last is cut off.
    fn paragraphs() -> Vec<(u8, &'static str)> {
        let section = SPEC.split_once("\n## 10. The home's decision").unwrap().1;
        let section = section.split_once("\n**Arrivals** ").unwrap().0;
        let starts = section.split("\n**").skip(1);
        starts.map(|text| (text.split_once('.').unwrap().0.parse().unwrap(), text)).collect()
    }

    #[test]
    fn every_refusal_has_the_number_of_the_specification() {
        let paragraphs = paragraphs();
        assert_eq!(paragraphs.iter().map(|(n, _)| *n).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
        for refusal in Refusal::ALL {
            let code = format!("`{}`", refusal.code());
            let said: Vec<u8> =
                paragraphs.iter().filter(|(_, text)| text.contains(&code)).map(|(n, _)| *n).collect();
            assert_eq!(said, number(*refusal).into_iter().collect::<Vec<_>>(), "{}", refusal.code());
        }
    }

    #[test]
    fn every_refusal_has_a_sentence_for_the_page() {
        let rows: serde_json::Value =
            serde_json::from_str(include_str!("../../../web/src/words/codes.json")).unwrap();
        for refusal in Refusal::ALL {
            let row = &rows[refusal.code()];
            assert!(row["de"].is_string() && row["en"].is_string(), "{}", refusal.code());
        }
    }
}
