use crate::support::*;
use protocol::bytes::Nonce;
use protocol::sign_in::{Role, SignIn};
use serde_json::json;

fn message(nonce: Nonce, role: Role) -> SignIn {
    SignIn { audience: AUDIENCE.into(), nonce, role }
}

#[tokio::test]
async fn a_nonce_counts_once_and_only_if_the_cloud_gave_it() {
    let cloud = Cloud::start().await;
    let nonce = cloud.nonce().await;
    assert_eq!(cloud.try_sign_in(&operator(), message(nonce, Role::Operator)).await.0, 200);
    for nonce in [nonce, Nonce([9; 16])] {
        let (status, problem) = cloud.try_sign_in(&operator(), message(nonce, Role::Operator)).await;
        assert_eq!((status, &problem["code"]), (422, &json!("nonce_unknown")));
        assert_eq!(problem["field"], "sign_in.nonce");
    }
}

#[tokio::test]
async fn another_audience_role_or_signer_is_refused() {
    let cloud = Cloud::start().await;
    let other = SignIn { audience: "evil.test".into(), ..message(cloud.nonce().await, Role::Operator) };
    assert_eq!(cloud.try_sign_in(&operator(), other).await.1["code"], "sign_in_other_audience");
    for role in [Role::Resident, Role::Visitor, Role::Provider] {
        let nonce = cloud.nonce().await;
        let (status, problem) = cloud.try_sign_in(&operator(), message(nonce, role)).await;
        assert_eq!((status, &problem["code"]), (403, &json!("key_unknown")));
    }
    for role in [Role::Door, Role::Recorder] {
        let nonce = cloud.nonce().await;
        let (_, problem) = cloud.try_sign_in(&operator(), message(nonce, role)).await;
        assert_eq!(problem["code"], "sign_in_other_role");
    }
    let nonce = cloud.nonce().await;
    let (status, _) = cloud.try_sign_in(&key(98), message(nonce, Role::Operator)).await;
    assert_eq!(status, 403);
    // Signed by one key, claimed for another.
    let body = json!({
        "sign_in": b64(sign(message(cloud.nonce().await, Role::Operator), &key(98)).bytes()),
        "credential": b64(&protocol::canonical::encode(&protocol::Credential::device(operator().public()))),
    });
    let (_, problem) = cloud.call("POST", "/v1/sign-in", None, Some(body)).await;
    assert_eq!(problem["code"], "signature_untrusted");
}

#[tokio::test]
async fn a_token_is_for_its_own_role_and_its_own_home() {
    let cloud = Cloud::start().await;
    let (one, _hub_one, owner) = home(&cloud, 10).await;
    let (two, _hub_two, _) = home(&cloud, 20).await;
    cloud.get(&one.path(""), &owner).await;
    let (status, problem) = cloud.call("GET", &two.path(""), Some(&owner), None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("home_other")));
    let (status, problem) = cloud.call("GET", "/v1/operator/incidents", Some(&owner), None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("role_other")));
    let (status, problem) = cloud.call("GET", &one.path(""), None, None).await;
    assert_eq!((status, &problem["code"]), (401, &json!("token_missing")));
    let (status, problem) = cloud.call("GET", &one.path(""), Some("AAAA"), None).await;
    assert_eq!((status, &problem["code"]), (401, &json!("token_unknown")));
}

#[tokio::test]
async fn a_stolen_provider_token_reads_no_home() {
    let cloud = Cloud::start().await;
    let (home, _hub, _) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    for path in ["", "/grants", "/visits", "/door-log", "/notices", "/recordings", "/delivery-numbers"] {
        let (status, problem) = cloud.call("GET", &home.path(path), Some(&provider.token), None).await;
        assert_eq!((status, &problem["code"]), (403, &json!("role_other")), "{path}");
    }
}

#[tokio::test]
async fn a_home_is_registered_by_its_owners_and_its_own_door() {
    let cloud = Cloud::start().await;
    let home = Home::new(10);
    assert_eq!(home.register(&cloud).await.0, 201);
    assert_eq!(home.register(&cloud).await.0, 200);
    // Another home cannot take the door.
    let mut squatter = Home::new(20);
    let mut roster = squatter.roster.message().clone();
    roster.door = home.door();
    squatter.roster = sign(roster, &squatter.owner);
    assert_eq!(squatter.register(&cloud).await.1["code"], "home_taken");
    // A member's signature does not found a home.
    let mut other = Home::new(40);
    other.roster = sign(other.roster.message().clone(), &other.member);
    assert_eq!(other.register(&cloud).await.1["code"], "signer_unknown");
    // Nor does somebody else's door key.
    let mut stolen = Home::new(50);
    stolen.door_key = key(90);
    assert_eq!(stolen.register(&cloud).await.1["code"], "signature_untrusted");
}

#[tokio::test]
async fn an_unknown_door_and_a_replayed_hello_get_no_uplink() {
    let cloud = Cloud::start().await;
    let home = Home::new(10);
    let mut ws = cloud.ws("/v1/uplink", None).await;
    let _hello: protocol::uplink::Downlink = take(&mut ws).await;
    let hello = sign(message(Nonce([1; 16]), Role::Door), &home.door_key);
    let hello = protocol::uplink::ToCloud::SignIn(protocol::bytes::Blob(hello.bytes().to_vec()));
    send(&mut ws, &hello).await;
    assert!(receive(&mut ws).await.unwrap_err().starts_with("door_unknown"));
    assert_eq!(home.register(&cloud).await.0, 201);
    let mut ws = cloud.ws("/v1/uplink", None).await;
    let _hello: protocol::uplink::Downlink = take(&mut ws).await;
    send(&mut ws, &hello).await;
    assert!(receive(&mut ws).await.unwrap_err().starts_with("nonce_unknown"));
}

#[tokio::test]
async fn a_newer_connection_of_the_home_replaces_the_older() {
    let cloud = Cloud::start().await;
    let (home, mut old, _) = home(&cloud, 10).await;
    let mut new = Hub::connect(&cloud, &home).await;
    assert!(receive(&mut old.ws).await.unwrap_err().starts_with("replaced"));
    new.log(None, vec![protocol::door_event::Body::Booted(true)]).await;
}
