use crate::support::*;
use protocol::bytes::Blob;
use protocol::door_event::Body;
use protocol::grant::Errand;
use protocol::revocation::Revocation;
use protocol::time::Timestamp;
use protocol::uplink::Paper;
use serde_json::json;

fn list(home: &Home, sequence: u64) -> Revocation {
    Revocation {
        door: home.door(),
        sequence,
        issued: Timestamp(now()),
        blocked: false,
        grants: vec![],
        providers: vec![],
        devices: vec![],
    }
}

#[tokio::test]
async fn revoked_is_said_only_when_the_homes_log_says_so() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let until = window(0, 7_200).until;
    let grant = home.grant(key(90).kid(), Errand::Service("delivery".into()), vec![window(-60, 7_200)]);
    let id = grant.id;
    let grant = sign(grant, &home.owner);
    let path = home.path("/grants");
    tokio::join!(cloud.post(&path, &owner, json!({ "grant": b64(grant.bytes()) })), hub.keep());

    let revocation = sign(Revocation { grants: vec![id], ..list(&home, 1) }, &home.member);
    let path = home.path("/revocations");
    let body = json!({ "revocation": b64(revocation.bytes()) });
    let (answer, paper) = tokio::join!(cloud.post(&path, &owner, body), hub.keep());
    assert_eq!(paper, Paper::Revocation(Blob(revocation.bytes().to_vec())));
    // The home took the paper; its log has not said that it is in force.
    assert_eq!(answer["kept_by_home"]["state"], "kept");
    assert_eq!(answer["state"], "sent");
    assert!(answer["could_open_until"].as_u64().unwrap().abs_diff(until.0) <= 5, "{answer}");

    // A confirmation of another list confirms nothing.
    let other = Body::RevocationKept { sequence: 1, revocation: protocol::Hash([9; 32]) };
    hub.log(None, vec![other]).await;
    let path = home.path("/revocations/1");
    assert_eq!(cloud.get(&path, &owner).await["state"], "sent");
    hub.log(None, vec![Body::RevocationKept { sequence: 1, revocation: revocation.hash() }]).await;
    let shown = cloud.get(&path, &owner).await;
    assert_eq!(shown["state"], "confirmed");
    assert!(shown["could_open_until"].is_null());
    let notices = cloud.get(&home.path("/notices"), &owner).await;
    let last = notices["notices"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &last["about"]["sequence"]), (&json!("revocation_confirmed"), &json!(1)));
}

#[tokio::test]
async fn lists_go_forward_and_only_owners_lift() {
    let cloud = Cloud::start().await;
    let (home, hub, owner) = home(&cloud, 10).await;
    drop(hub);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let path = home.path("/revocations");
    let post = |list: Revocation, by: protocol::DeviceKey| {
        let body = json!({ "revocation": b64(sign(list, &by).bytes()) });
        let (cloud, path, owner) = (&cloud, &path, &owner);
        async move { cloud.call("POST", path, Some(owner), Some(body)).await }
    };
    let blocked = |sequence, blocked| Revocation { blocked, ..list(&home, sequence) };
    let (status, answer) = post(blocked(2, true), home.member.clone()).await;
    assert_eq!((status, &answer["state"]), (202, &json!("sent")));
    assert_eq!(answer["kept_by_home"]["state"], "pending");
    assert_eq!(post(blocked(2, false), home.owner.clone()).await.1["code"], "revocation_sequence");
    assert_eq!(post(blocked(3, false), home.member.clone()).await.1["code"], "owner_only");
    assert_eq!(post(blocked(3, true), key(77)).await.1["code"], "signer_unknown");
    assert_eq!(post(blocked(3, false), home.owner.clone()).await.0, 202);
    // The home comes back and gets both, in order.
    let mut hub = Hub::connect(&cloud, &home).await;
    for sequence in [2, 3] {
        let Paper::Revocation(envelope) = hub.keep().await else { panic!() };
        let claimed = protocol::Claimed::<Revocation>::parse(&envelope.0).unwrap();
        assert_eq!(claimed.unproven().sequence, sequence);
    }
}

#[tokio::test]
async fn a_new_roster_counts_once_the_home_says_so() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let mut next = home.roster.message().clone();
    next.epoch = 2;
    next.prev = home.roster.hash();
    next.residents.retain(|r| r.credential.kid() != home.member.kid());
    let next = sign(next, &home.owner);
    let path = home.path("/rosters");
    let body = json!({ "roster": [b64(next.bytes())] });
    let member = cloud.sign_in(&home.member, protocol::sign_in::Role::Resident).await;
    let (answer, _) = tokio::join!(cloud.post(&path, &owner, body), hub.keep());
    assert_eq!((&answer["epoch"], &answer["in_force"]), (&json!(2), &json!(false)));
    cloud.get(&home.path(""), &member).await;
    hub.log(None, vec![Body::RosterKept { epoch: 2, roster: next.hash() }]).await;
    assert_eq!(cloud.get(&home.path(""), &owner).await["epoch"], 2);
    let (status, _) = cloud.call("GET", &home.path(""), Some(&member), None).await;
    assert_eq!(status, 403, "a removed member's token is of no use at once");
}
