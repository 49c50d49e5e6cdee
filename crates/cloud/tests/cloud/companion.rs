//! A companion key signs in, watches and says no. What lets somebody in, takes something away or changes the home
//! needs another key.

use crate::support::*;
use protocol::DeviceKey;
use protocol::answer::{Answer, Word};
use protocol::bytes::{Blob, VisitId};
use protocol::grant::{Errand, Grant};
use protocol::revocation::Revocation;
use protocol::sign_in::{Role, SignIn};
use protocol::time::Timestamp;
use protocol::uplink::{Paper, ToHome};
use serde_json::{Value, json};

/// A home with its hub, and the token of its companion key.
pub(crate) async fn companion(cloud: &Cloud) -> (Home, Hub, String) {
    let (home, hub, _) = home(cloud, 10).await;
    let token = cloud.sign_in(&home.companion, Role::Resident).await;
    (home, hub, token)
}

async fn post(cloud: &Cloud, path: &str, token: &str, body: Value) -> (u16, Value) {
    cloud.call("POST", path, Some(token), Some(body)).await
}

#[tokio::test]
async fn a_companion_signs_in_and_is_told_its_rank() {
    let cloud = Cloud::start().await;
    let (home, _hub, token) = companion(&cloud).await;
    let message = SignIn { audience: AUDIENCE.into(), nonce: cloud.nonce().await, role: Role::Resident };
    let (status, answer) = cloud.try_sign_in(&home.companion, message).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["homes"], json!([{ "home": home.id().to_string(), "rank": "companion" }]));
    for path in ["", "/rosters", "/grants", "/visits", "/door-log", "/notices", "/recordings"] {
        cloud.get(&home.path(path), &token).await;
    }
}

#[tokio::test]
async fn a_grant_counts_by_its_signature_and_not_by_who_brings_it() {
    let cloud = Cloud::start().await;
    let (home, mut hub, token) = companion(&cloud).await;
    let (cloud, path) = (&cloud, &home.path("/grants"));
    let grant = || home.grant(key(90).kid(), Errand::Service("delivery".into()), vec![window(0, 60)]);
    let body = |grant: Grant, by: &DeviceKey| json!({ "grant": b64(sign(grant, by).bytes()) });
    let (status, problem) = post(cloud, path, &token, body(grant(), &home.companion)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("signer_unknown")));
    assert!(problem["detail"].as_str().unwrap().contains("a companion key says no, never yes"), "{problem}");
    let ((status, _), paper) =
        tokio::join!(post(cloud, path, &token, body(grant(), &home.owner)), hub.keep());
    assert_eq!(status, 201);
    assert!(matches!(paper, Paper::Grant(_)));
}

#[tokio::test]
async fn a_companion_answers_stop_and_coming_but_not_allow() {
    let cloud = Cloud::start().await;
    let (home, mut hub, token) = companion(&cloud).await;
    let path = home.path("/answers");
    let answer = |word, by: &DeviceKey| sign(Answer { door: home.door(), visit: VisitId([1; 16]), word }, by);
    let allow = json!({ "answer": b64(answer(Word::Allow, &home.companion).bytes()) });
    let (status, problem) = post(&cloud, &path, &token, allow).await;
    assert_eq!((status, &problem["code"]), (422, &json!("signer_unknown")));
    let heard = [
        answer(Word::Stop, &home.companion),
        answer(Word::Coming, &home.companion),
        answer(Word::Allow, &home.member),
    ];
    for answer in heard {
        cloud.post(&path, &token, json!({ "answer": b64(answer.bytes()) })).await;
        assert_eq!(hub.next().await, ToHome::Answer(Blob(answer.bytes().to_vec())));
    }
}

#[tokio::test]
async fn a_companion_adds_to_the_revocation_list_and_takes_nothing_away() {
    let cloud = Cloud::start().await;
    let (home, mut hub, token) = companion(&cloud).await;
    let (cloud, path) = (&cloud, &home.path("/revocations"));
    let list = |sequence, blocked| {
        let empty = Revocation {
            door: home.door(),
            sequence,
            issued: Timestamp(now()),
            blocked,
            grants: vec![],
            providers: vec![],
            devices: vec![],
        };
        json!({ "revocation": b64(sign(empty, &home.companion).bytes()) })
    };
    let (status, problem) = post(cloud, path, &token, list((1 << 32) + 1, true)).await;
    assert_eq!((status, &problem["code"]), (409, &json!("revocation_sequence")));
    let ((status, answer), paper) = tokio::join!(post(cloud, path, &token, list(1, true)), hub.keep());
    assert_eq!((status, &answer["kept_by_home"]["state"]), (202, &json!("kept")));
    assert!(matches!(paper, Paper::Revocation(_)));
    let (status, problem) = post(cloud, path, &token, list(2, false)).await;
    assert_eq!((status, &problem["code"]), (403, &json!("owner_only")));
    let (status, problem) = post(cloud, path, &token, list(2 + (1 << 32), true)).await;
    assert_eq!((status, &problem["code"]), (409, &json!("revocation_sequence")));
}

#[tokio::test]
async fn a_companion_deletes_nothing_and_changes_no_roster() {
    let cloud = Cloud::start().await;
    let (home, _hub, token) = companion(&cloud).await;
    let recording = home.path("/recordings/01010101010101010101010101010101");
    let (status, problem) = cloud.call("DELETE", &recording, Some(&token), None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("owner_only")));
    let mut next = home.roster.message().clone();
    next.epoch = 2;
    next.prev = home.roster.hash();
    let body = json!({ "roster": [b64(sign(next, &home.companion).bytes())] });
    let owner = cloud.sign_in(&home.owner, Role::Resident).await;
    for session in [&token, &owner] {
        let (status, _) = post(&cloud, &home.path("/rosters"), session, body.clone()).await;
        assert_eq!(status, 422, "no session stands in for an owner's signature");
    }

    let mut founded = Home::new(40);
    founded.roster = sign(founded.roster.message().clone(), &founded.companion);
    assert_eq!(founded.register(&cloud).await.1["code"], "signer_unknown");
}
