use crate::support::*;
use protocol::door_event::Body;
use protocol::key::Software;
use protocol::roster::{Rank, Resident, Roster, succeed};
use protocol::sign_in::Role;
use protocol::{Claimed, Signed, Signer as _};
use serde_json::{Value, json};

/// The next roster: the recorder changes each time, so that all differ.
fn next(home: &Home, before: &Signed<Roster>, recorder: u8) -> Signed<Roster> {
    let mut roster = before.message().clone();
    roster.epoch += 1;
    roster.prev = before.hash();
    roster.recorder_keys = vec![key(recorder).public()];
    sign(roster, &home.owner)
}

/// Sends a roster, and lets the home say that it counts.
async fn put_in_force(cloud: &Cloud, home: &Home, hub: &mut Hub, owner: &str, roster: &Signed<Roster>) {
    let body = json!({ "roster": [b64(roster.bytes())] });
    let path = home.path("/rosters");
    tokio::join!(cloud.post(&path, owner, body), hub.keep());
    let kept = Body::RosterKept { epoch: roster.message().epoch, roster: roster.hash() };
    hub.log(None, vec![kept]).await;
}

/// Follows the rosters of an answer from a proven one, as a device does; gives the epochs.
fn follow(answer: &Value, pinned: &Signed<Roster>) -> Vec<u64> {
    let (mut roster, mut hash) = (pinned.message().clone(), pinned.hash());
    let mut epochs = Vec::new();
    for one in answer["after"].as_array().unwrap() {
        let envelopes = one["roster"].as_array().unwrap();
        let claimed = envelopes.iter().map(|e| Claimed::parse(&unb64(e)).unwrap()).collect();
        let next = succeed(&roster, hash, claimed, &Software).unwrap();
        (roster, hash) = (next.message().clone(), next.hash());
        assert_eq!((&one["epoch"], &one["hash"]), (&json!(roster.epoch), &json!(hash.to_string())));
        epochs.push(roster.epoch);
    }
    epochs
}

#[tokio::test]
async fn a_device_that_was_away_follows_every_roster_that_came_into_force() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let first = home.roster.clone();
    let second = next(&home, &first, 60);
    let third = next(&home, &second, 61);
    put_in_force(&cloud, &home, &mut hub, &owner, &second).await;
    put_in_force(&cloud, &home, &mut hub, &owner, &third).await;
    // One that the home never took is no part of it.
    let body = json!({ "roster": [b64(next(&home, &third, 62).bytes())] });
    let path = home.path("/rosters");
    tokio::join!(cloud.post(&path, &owner, body), hub.keep());

    let plain = cloud.get(&path, &owner).await;
    let expected = json!({
        "epoch": 3, "hash": third.hash().to_string(), "roster": [b64(third.bytes())],
    });
    assert_eq!(plain, expected);
    for (since, pinned, epochs) in [(1, &first, vec![2, 3]), (2, &second, vec![3]), (3, &third, vec![])] {
        let answer = cloud.get(&home.path(&format!("/rosters?since={since}")), &owner).await;
        assert_eq!((&answer["epoch"], &answer["hash"]), (&expected["epoch"], &expected["hash"]));
        assert_eq!(follow(&answer, pinned), epochs, "since {since}");
    }
    let all = cloud.get(&home.path("/rosters?since=0"), &owner).await;
    assert_eq!(all["after"][0]["hash"], first.hash().to_string(), "the first vouches for itself");
    let path = home.path("/rosters?since=-1");
    assert_eq!(cloud.call("GET", &path, Some(&owner), None).await.1["code"], "query_invalid");
}

#[tokio::test]
async fn the_recovery_key_takes_the_home_over_and_does_nothing_else() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let (paper, new_phone) = (key(70), key(71));
    let mut with_paper = next(&home, &home.roster, 60).message().clone();
    with_paper.residents.push(Resident::recovery(paper.public(), 2));
    with_paper.residents.sort_by_key(|r| r.credential.kid());
    let with_paper = sign(with_paper, &home.owner);
    put_in_force(&cloud, &home, &mut hub, &owner, &with_paper).await;

    let token = cloud.sign_in(&paper, Role::Resident).await;
    assert_eq!(cloud.get(&home.path("/rosters"), &token).await["epoch"], 2);
    for path in ["", "/visits", "/door-log", "/recordings", "/notices", "/grants", "/revocations"] {
        let (status, body) = cloud.call("GET", &home.path(path), Some(&token), None).await;
        assert_eq!((status, &body["code"]), (403, &json!("recovery_only")), "{path}");
    }

    let mut taken = next(&home, &with_paper, 61).message().clone();
    taken.grants_from = 3;
    let new = Resident {
        credential: new_phone.credential(),
        role: Rank::Owner,
        since: 3,
        name: "new phone".into(),
        kem: None,
    };
    taken.residents.push(new);
    taken.residents.sort_by_key(|r| r.credential.kid());
    let body = json!({ "roster": [b64(sign(taken.clone(), &paper).bytes())] });
    let (status, answer) = cloud.call("POST", &home.path("/rosters"), Some(&token), Some(body)).await;
    assert_eq!((status, &answer["code"]), (422, &json!("roster_quorum")), "beside those who are there");
    taken.residents.retain(|r| r.role == Rank::Recovery || r.since == 3);
    put_in_force(&cloud, &home, &mut hub, &token, &sign(taken, &paper)).await;

    let (status, body) = cloud.call("GET", &home.path("/rosters"), Some(&owner), None).await;
    assert_eq!((status, &body["code"]), (403, &json!("home_other")), "the lost phone");
    let new = cloud.sign_in(&new_phone, Role::Resident).await;
    assert_eq!(cloud.get(&home.path("/rosters"), &new).await["epoch"], 3);
}

#[tokio::test]
async fn a_long_way_comes_in_pages() {
    let cloud = Cloud::start().await;
    let home = Home::new(10);
    let mut chain = vec![home.roster.clone()];
    while chain.len() < 53 {
        let recorder = u8::try_from(60 + chain.len()).unwrap();
        chain.push(next(&home, chain.last().unwrap(), recorder));
    }
    // A home that changed clouds brings its history.
    let rosters: Vec<[String; 1]> = chain.iter().map(|roster| [b64(roster.bytes())]).collect();
    let nonce = cloud.nonce().await;
    let hello =
        protocol::sign_in::SignIn { audience: AUDIENCE.into(), nonce, role: protocol::sign_in::Role::Door };
    let body = json!({ "rosters": rosters, "door_sign_in": b64(sign(hello, &home.door_key).bytes()) });
    assert_eq!(cloud.call("POST", "/v1/homes", None, Some(body)).await.0, 201);
    let owner = cloud.sign_in(&home.owner, protocol::sign_in::Role::Resident).await;
    let page = cloud.get(&home.path("/rosters?since=1"), &owner).await;
    assert_eq!(page["epoch"], 53);
    assert_eq!(follow(&page, &chain[0]), (2..=51).collect::<Vec<_>>());
    let rest = cloud.get(&home.path("/rosters?since=51"), &owner).await;
    assert_eq!(follow(&rest, &chain[50]), (52..=53).collect::<Vec<_>>());
}
