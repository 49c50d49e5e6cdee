//! Refusals of steps 8 to 10: the presentation, the revocation list's age, the cameras.

use super::cast::*;
use super::file::Decision;
use super::refused;
use super::scene::*;
use protocol::Hash;
use protocol::bytes::Salt;
use protocol::commitment::Opening;
use protocol::grant::{Camera, Errand, Grant, Terms};
use protocol::revocation::Revocation;
use protocol::time::Timestamp;
use protocol::{DeviceKey, Signer};

pub(super) fn all() -> Vec<Decision> {
    [presentations(), revocation_age(), recordings()].concat()
}

/// Three parcels, as the grant and the assignment name them.
fn three_parcels(opens: Vec<Opening>) -> Scene {
    let mut errands = [1, 2, 3].map(|n| parcel(n).commitment()).to_vec();
    errands.sort_unstable();
    let mut assigned = assignment();
    assigned.errands.clone_from(&errands);
    Scene {
        grant: Grant { errand: Errand::Consignments(errands), ..delivery_grant() },
        assignment: Some(assigned),
        opens,
        ..delivery()
    }
}

fn presentations() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 8, code, scene);
    let scanning = |opens| Scene { opens, ..delivery() };
    let forger = Forger { name: handset().credential(), key: key(40) };
    let other_salt = Opening { salt: Salt([0xee; 16]), ..parcel(1) };
    vec![
        no(
            "other-device",
            "Another courier's handset presents.",
            "presentation_signature",
            Scene { presentation_by: Box::new(key(34)), ..delivery() },
        ),
        no(
            "presentation-forged",
            "Someone signed under the handset's key identifier.",
            "presentation_signature",
            Scene { presentation_by: Box::new(forger), ..delivery() },
        ),
        no(
            "presentation-for-another-grant",
            "The presentation names another grant than the arrival.",
            "other_papers",
            Scene { edit_presentation: |p| p.grant = h(&cleaning_grant()), ..delivery() },
        ),
        no(
            "presentation-for-another-assignment",
            "The presentation names another assignment.",
            "other_papers",
            Scene { edit_presentation: |p| p.assignment = Some(Hash([9; 32])), ..delivery() },
        ),
        no(
            "presentation-without-assignment",
            "The presentation leaves the assignment out.",
            "other_papers",
            Scene { edit_presentation: |p| p.assignment = None, ..delivery() },
        ),
        no(
            "one-of-three-wrong",
            "Two parcels are right, the third is the neighbour's.",
            "wrong_parcel",
            three_parcels(vec![parcel(1), parcel(2), parcel(9)]),
        ),
        no(
            "wrong-parcel",
            "The only scan is the neighbour's parcel.",
            "wrong_parcel",
            scanning(vec![parcel(9)]),
        ),
        no(
            "same-parcel-twice",
            "A parcel is scanned twice.",
            "wrong_parcel",
            scanning(vec![parcel(1), parcel(1)]),
        ),
        no("no-parcel", "Nothing is scanned.", "wrong_parcel", scanning(vec![])),
        no(
            "wrong-salt",
            "The label is right, the salt is guessed.",
            "wrong_parcel",
            scanning(vec![other_salt]),
        ),
        no(
            "guest-scans",
            "A guest has no errands to open.",
            "wrong_parcel",
            Scene { opens: vec![parcel(1)], ..visit_of_guest() },
        ),
        no(
            "guest-other-device",
            "Another phone presents the guest's grant.",
            "presentation_signature",
            Scene { presentation_by: Box::new(handset()), ..visit_of_guest() },
        ),
    ]
}

fn revocation_age() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, revocation| {
        refused(name, sentence, 9, "revocation_list_old", Scene { revocation, ..cleaning() })
    };
    let by_companion = |name: &str, sentence: &str, renewed| {
        let scene =
            Scene { roster: companion_roster(), revocation_by: Box::new(companion()), renewed, ..cleaning() };
        refused(name, sentence, 9, "revocation_list_old", scene)
    };
    let issued = Timestamp(OPENS + 7 * 86_400 + 601 - 86_400);
    vec![
        no("list-missing", "The terms demand a list, and the home has none.", None),
        no(
            "list-old",
            "The list may be one second older than a day.",
            Some(Revocation { issued, ..revocation() }),
        ),
        no(
            "list-from-the-future",
            "A phone's clock was fast: the list is dated one second after now, at the latest.",
            Some(Revocation { issued: Timestamp(OPENS + 7 * 86_400 + 603), ..revocation() }),
        ),
        by_companion(
            "list-renewed-by-companion",
            "A companion key's list is an hour old, an owner's newest a day and a second.",
            Some(OPENS + 7 * 86_400 + 601 - 86_400),
        ),
        by_companion("list-by-companion-only", "Nobody but a companion key ever signed a list.", None),
    ]
}

fn recordings() -> Vec<Decision> {
    let no = |name: &str, sentence: &str, code: &str, scene: Scene| refused(name, sentence, 10, code, scene);
    let proofs = |proof_by: Vec<DeviceKey>| Scene { proof_by, ..delivery() };
    let camera = |seed| Camera { recorder: key(seed).kid(), age_ms: 2_000 };
    let two = Grant { terms: Terms { cameras: vec![camera(11), camera(12)], ..terms() }, ..delivery_grant() };
    let mut two_recorders = roster();
    two_recorders.recorder_keys.push(key(12).public());
    let other_camera = Scene { roster: two_recorders.clone(), ..proofs(vec![key(12)]) };
    let one_of_two = Scene { roster: two_recorders, grant: two, ..delivery() };
    vec![
        no("no-recording", "No proof came.", "recording_missing", proofs(vec![])),
        no("wrong-camera", "Another camera of the home gave the proof.", "recording_missing", other_camera),
        no(
            "unknown-camera",
            "A recorder that the roster does not name gave the proof.",
            "recording_missing",
            proofs(vec![key(41)]),
        ),
        no("one-of-two-cameras", "The second demanded camera is silent.", "recording_missing", one_of_two),
        no(
            "proof-of-another-challenge",
            "The proof answers an older challenge.",
            "recording_missing",
            Scene { edit_proof: |p| p.answers = Hash([7; 32]), ..delivery() },
        ),
        no(
            "proof-for-another-grant",
            "The proof names another grant.",
            "recording_missing",
            Scene { edit_proof: |p| p.grant = h(&cleaning_grant()), ..delivery() },
        ),
        no(
            "proof-for-another-door",
            "The proof is another door's.",
            "recording_missing",
            Scene { edit_proof: |p| p.door = OTHER_DOOR, ..delivery() },
        ),
        no(
            "picture-before-challenge",
            "The newest picture is older than the challenge.",
            "recording_missing",
            Scene { challenge_age_ms: 1_000, proof_age_ms: 1_500, ..delivery() },
        ),
        no(
            "picture-old",
            "The newest picture is 2.001 s old.",
            "recording_stale",
            Scene { proof_age_ms: 2_001, ..delivery() },
        ),
        no(
            "picture-from-the-future",
            "The newest picture has yet to be taken.",
            "recording_stale",
            Scene { proof_age_ms: -1, ..delivery() },
        ),
    ]
}
