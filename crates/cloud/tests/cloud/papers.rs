use crate::delivery::{Ready, blob, opening, ready};
use crate::media::{recorder, walk};
use crate::retention::HOUR;
use crate::support::*;
use protocol::Signed;
use protocol::bytes::*;
use protocol::challenge::Challenge;
use protocol::door_event::{Body, Intent, Outcome, VisitEnd};
use protocol::farewell::Farewell;
use protocol::media::{FromMedia, ToMedia};
use protocol::presentation::Presentation;
use protocol::sign_in::Role;
use protocol::uplink::{FromVisitor, ToCloud, ToHome, ToVisitor};
use serde_json::Value;
use std::time::Duration;

/// What a visit left: the last challenge and presentation, and the farewell.
pub(crate) struct Left {
    pub(crate) visit: VisitId,
    challenge: Signed<Challenge>,
    presentation: Signed<Presentation>,
    farewell: Signed<Farewell>,
}

/// A visit in which the courier scans twice, and the door opens at the second scan.
pub(crate) async fn visited(r: &mut Ready) -> Left {
    let mut door = r.at_door().await;
    let arrival = r.arrival();
    let visit = arrival.visit;
    let word = FromVisitor::Arrival(blob(&sign(arrival, &r.provider.handset)));
    send(&mut door, &word).await;
    assert_eq!(r.hub.next().await, ToHome::FromVisitor { visit, word });

    let mut last = None;
    for counter in [1, 2] {
        let challenge = Challenge {
            door: r.home.door(),
            nonce: Nonce(rand()),
            boot: BootId([1; 16]),
            counter,
            visit,
            door_log_head: Hash::ZERO,
        };
        let challenge = sign(challenge, &r.home.door_key);
        r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Challenge(blob(&challenge)) }).await;
        take::<ToVisitor>(&mut door).await;
        let presentation = Presentation {
            challenge: challenge.hash(),
            grant: r.grant,
            assignment: Some(r.assignment),
            opens: vec![opening()],
        };
        let presentation = sign(presentation, &r.provider.handset);
        send(&mut door, &FromVisitor::Presentation(blob(&presentation))).await;
        r.hub.next().await;
        last = Some((challenge, presentation));
    }
    let (challenge, presentation) = last.unwrap();
    let farewell = sign(Farewell { door: r.home.door(), visit, parcels: 1 }, &r.provider.handset);
    send(&mut door, &FromVisitor::Farewell(blob(&farewell))).await;
    r.hub.next().await;

    let papers = r.home.path(&format!("/visits/{visit}/papers"));
    let intent = Intent {
        passage: 1,
        grant: r.grant,
        grant_id: GrantId([0; 16]),
        assignment: Some(r.assignment),
        presentation: presentation.hash(),
        parcels: 1,
        recordings: vec![],
    };
    let device = r.provider.handset.kid();
    let arrived = Body::Arrived { grant: r.grant, assignment: Some(r.assignment), device };
    let left = Body::Farewell { parcels: 1, farewell: farewell.hash() };
    r.hub.log(Some(visit), vec![arrived, Body::Intent(intent), left]).await;
    assert_eq!(r.cloud.call("GET", &papers, Some(&r.owner), None).await.1["code"], "papers_missing");
    let end = VisitEnd { first: 1, last: 4, outcome: Outcome::Secured, parcels: 1 };
    r.hub.log(Some(visit), vec![Body::VisitEnded(end)]).await;
    Left { visit, challenge, presentation, farewell }
}

/// The owner gets the papers that the door's log names; on the cloud's disk they are sealed, so that it tells nobody which
/// parcel came.
#[tokio::test]
async fn the_papers_that_the_log_names_are_kept_sealed_to_the_residents() {
    let mut r = ready().await;
    let Left { visit, challenge, presentation, farewell } = visited(&mut r).await;
    let papers = r.home.path(&format!("/visits/{visit}/papers"));
    let kept = r.cloud.get(&papers, &r.owner).await;
    assert_eq!(unb64(&kept["delegation"]), r.provider.delegation.bytes());
    let opened = kem().open("vestibule/1/visit_papers", &unb64(&kept["sealed"])).unwrap();
    let opened: Value = serde_json::from_slice(&opened).unwrap();
    assert_eq!(unb64(&opened["challenge"]), challenge.bytes());
    assert_eq!(unb64(&opened["presentation"]), presentation.bytes());
    assert_eq!(unb64(&opened["farewell"]), farewell.bytes());
    // No copy for a key that is no recipient.
    let member = r.cloud.sign_in(&r.home.member, Role::Resident).await;
    assert_eq!(r.cloud.call("GET", &papers, Some(&member), None).await.1["code"], "papers_missing");

    for file in walk(&r.cloud.folder.path().join("data")) {
        let bytes = std::fs::read(&file).unwrap();
        for secret in [presentation.bytes(), b"RR123456785DE"] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{}", file.display());
        }
    }
    go_with_the_last_recording(&r.cloud, &r.home, &r.owner, visit).await;
}

/// Papers go with the last recording of their visit, and not with the first.
async fn go_with_the_last_recording(cloud: &Cloud, home: &Home, owner: &str, visit: VisitId) {
    let papers = home.path(&format!("/visits/{visit}/papers"));
    let mut recorder = recorder(cloud, home).await;
    let recordings = [RecordingId([1; 16]), RecordingId([2; 16])];
    for recording in recordings {
        let header = Blob(b"header".to_vec());
        send(&mut recorder, &ToMedia::Part { recording, visit, part: 0, header }).await;
        send(&mut recorder, &ToMedia::Manifest { recording, manifest: Blob(b"manifest".to_vec()) }).await;
        while take::<FromMedia>(&mut recorder).await != FromMedia::Complete(recording) {}
    }
    for (recording, left) in recordings.into_iter().zip([200, 404]) {
        let one = home.path(&format!("/recordings/{recording}"));
        assert_eq!(cloud.call("DELETE", &one, Some(owner), None).await.0, 204);
        assert_eq!(cloud.call("GET", &papers, Some(owner), None).await.0, left);
    }
}

#[tokio::test]
async fn without_a_recording_papers_last_as_long_as_one_would() {
    let mut r = ready().await;
    let Left { visit, .. } = visited(&mut r).await;
    let papers = r.home.path(&format!("/visits/{visit}/papers"));
    r.cloud.clock.advance(HOUR * 71);
    assert_eq!(r.cloud.call("GET", &papers, Some(&r.owner), None).await.0, 200);
    r.cloud.clock.advance(HOUR * 2);
    let deadline = tokio::time::Instant::now() + WAIT;
    while r.cloud.call("GET", &papers, Some(&r.owner), None).await.0 != 404 {
        assert!(tokio::time::Instant::now() < deadline, "kept for longer");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
