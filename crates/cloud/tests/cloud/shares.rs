use crate::media::RECORDING;
use crate::retention::{HOUR, expire, is_anywhere, recorded};
use crate::rosters::put_in_force;
use crate::support::*;
use protocol::Credential;
use protocol::roster::{Rank, Resident};
use protocol::sign_in::Role;
use serde_json::{Value, json};
use std::time::Duration;

const SHARE: &str = "0123456789abcdef0123456789abcdef";
const SEALED: &[u8] = b"what the link opens, sealed under its secret";

fn share(number: &str, hours: u32) -> Value {
    json!({ "share": number, "sealed": b64(SEALED), "hours": hours })
}

/// A home with a recording, and the path under which it is shared.
async fn ready() -> (Cloud, Home, Hub, String, Ws) {
    let cloud = Cloud::start().await;
    let (home, hub, owner) = home(&cloud, 10).await;
    let recorder = recorded(&cloud, &home).await;
    (cloud, home, hub, owner, recorder)
}

async fn make(cloud: &Cloud, home: &Home, token: &str, body: Value) -> (u16, Value) {
    let path = home.path(&format!("/recordings/{RECORDING}/shares"));
    cloud.call("POST", &path, Some(token), Some(body)).await
}

/// Status and code of each of the three things that a link serves.
async fn served(cloud: &Cloud, number: &str) -> Vec<(u16, Value)> {
    let mut out = Vec::new();
    for rest in ["", "/parts/0/index", "/parts/0/chunks"] {
        let (status, body) = cloud.call("GET", &format!("/v1/shares/{number}{rest}"), None, None).await;
        out.push((status, body["code"].clone()));
    }
    out
}

fn over() -> Vec<(u16, Value)> {
    vec![(410, json!("share_over")); 3]
}

#[tokio::test]
async fn a_link_serves_one_recording_without_a_key_until_its_time_is_over_and_each_serving_is_noted() {
    let (cloud, home, _hub, owner, _recorder) = ready().await;
    let (status, made) = make(&cloud, &home, &owner, share(SHARE, 1)).await;
    assert_eq!(
        (status, &made["counts"], &made["by"]),
        (201, &json!(true), &json!(home.owner.kid().to_string()))
    );
    assert_eq!(made["until_ms"].as_i64().unwrap() - made["made_ms"].as_i64().unwrap(), 3_600_000);
    let (status, opened) = cloud.call("GET", &format!("/v1/shares/{SHARE}"), None, None).await;
    assert_eq!((status, unb64(&opened["sealed"])), (200, SEALED.to_vec()));
    assert_eq!(opened["parts"].as_array().unwrap().len(), 1);
    assert_eq!(served(&cloud, SHARE).await, vec![(200, Value::Null); 3]);
    let watches = cloud.get(&home.path(&format!("/recordings/{RECORDING}/watches")), &owner).await;
    assert_eq!((&watches["watches"][0]["how"], &watches["watches"][0]["kid"]), (&json!("link"), &made["by"]));
    assert_eq!(served(&cloud, &"0".repeat(32)).await, vec![(404, json!("share_unknown")); 3]);

    cloud.clock.advance(HOUR);
    assert_eq!(served(&cloud, SHARE).await, over());
    let listed = cloud.get(&home.path("/shares"), &owner).await;
    assert_eq!(
        (&listed["shares"][0]["counts"], &listed["shares"][0]["share"]),
        (&json!(false), &json!(SHARE))
    );
    // What it opened with is destroyed.
    let data = cloud.folder.path().join("data");
    let deadline = tokio::time::Instant::now() + WAIT;
    while is_anywhere(&data, SEALED) {
        assert!(tokio::time::Instant::now() < deadline);
        cloud.clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn anybody_of_the_household_withdraws_a_link_and_only_an_owner_makes_one() {
    let (cloud, home, _hub, owner, _recorder) = ready().await;
    let companion = cloud.sign_in(&home.companion, Role::Resident).await;
    for key in [&home.member, &home.companion] {
        let token = cloud.sign_in(key, Role::Resident).await;
        assert_eq!(make(&cloud, &home, &token, share(SHARE, 24)).await.1["code"], "owner_only");
    }
    // Said again by whoever did not hear the answer.
    for _ in 0..2 {
        assert_eq!(make(&cloud, &home, &owner, share(SHARE, 24)).await.0, 201);
    }
    let mut other = share(SHARE, 24);
    other["sealed"] = json!(b64(b"another"));
    assert_eq!(make(&cloud, &home, &owner, other).await.1["code"], "shares_limit");
    let one = home.path(&format!("/shares/{SHARE}"));
    let (other, _other_hub, other_owner) = crate::support::home(&cloud, 20).await;
    let of_other = other.path(&format!("/shares/{SHARE}"));
    assert_eq!(cloud.call("DELETE", &of_other, Some(&other_owner), None).await.1["code"], "share_unknown");
    assert_eq!(served(&cloud, SHARE).await, vec![(200, Value::Null); 3]);
    assert_eq!(cloud.call("DELETE", &one, Some(&companion), None).await.0, 204);
    assert_eq!(served(&cloud, SHARE).await, over());
    let listed = cloud.get(&home.path("/shares"), &companion).await;
    assert!(listed["shares"][0]["withdrawn_ms"].is_i64(), "{listed}");
}

#[tokio::test]
async fn a_link_ends_with_its_recording_and_a_recording_has_a_few_links_only() {
    let (cloud, home, _hub, owner, _recorder) = ready().await;
    for (field, value) in [("hours", json!(2)), ("sealed", json!("")), ("sealed", json!(b64(&[0; 8_193])))] {
        let mut body = share(SHARE, 1);
        body[field] = value;
        let (status, problem) = make(&cloud, &home, &owner, body).await;
        assert_eq!(
            (status, &problem["code"], &problem["field"]),
            (422, &json!("share_invalid"), &json!(field))
        );
    }
    for n in 0..10 {
        assert_eq!(make(&cloud, &home, &owner, share(&format!("{n:032x}"), 168)).await.0, 201);
    }
    assert_eq!(make(&cloud, &home, &owner, share(SHARE, 1)).await.1["code"], "shares_limit");
    expire(&cloud, &home, &owner, HOUR * 72).await;
    assert_eq!(served(&cloud, &format!("{:032x}", 1)).await, over());
    let listed = cloud.get(&home.path("/shares"), &owner).await;
    let links = listed["shares"].as_array().unwrap();
    assert!(links.len() == 10 && links.iter().all(|one| one["counts"] == false), "{listed}");
    assert_eq!(make(&cloud, &home, &owner, share(SHARE, 1)).await.0, 410);
}

#[tokio::test]
async fn a_link_ends_when_its_maker_is_no_resident_any_more() {
    let (cloud, home, mut hub, owner, _recorder) = ready().await;
    assert_eq!(make(&cloud, &home, &owner, share(SHARE, 24)).await.0, 201);
    // The home is handed over: nobody of before stays.
    let mut next = home.roster.message().clone();
    next.epoch = 2;
    next.prev = home.roster.hash();
    next.residents.retain(|resident| resident.role != Rank::Owner);
    let heir = key(90);
    next.residents.push(Resident {
        credential: Credential::device(heir.public()),
        role: Rank::Owner,
        since: 2,
        name: "new".into(),
        kem: None,
    });
    let next = sign(next, &home.owner);
    assert!(is_anywhere(&cloud.folder.path().join("data"), SEALED), "or this test would see nothing");
    put_in_force(&cloud, &home, &mut hub, &owner, &next).await;
    assert_eq!(served(&cloud, SHARE).await, over());
    cloud.clock.advance(Duration::from_mins(2));
    let deadline = tokio::time::Instant::now() + WAIT;
    while is_anywhere(&cloud.folder.path().join("data"), SEALED) {
        assert!(tokio::time::Instant::now() < deadline, "what the link opened with lies on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let token = cloud.sign_in(&heir, Role::Resident).await;
    assert_eq!(cloud.get(&home.path("/shares"), &token).await["shares"][0]["counts"], false);
}
