use crate::support::*;
use protocol::Hash;
use protocol::commitment::Commitment;
use protocol::sign_in::Role;
use serde_json::json;

#[tokio::test]
async fn ten_thousand_guesses_find_nothing_and_trip_a_limit() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let mine = cloud.post(&home.path("/delivery-numbers"), &owner, json!({ "label": "Shop" })).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let alphabet: Vec<char> = "23456789ABCDEFGHJKMNPQRSTUVWXYZ".chars().collect();
    let (mut unknown, mut limited) = (0, 0);
    for guess in 0..10_000_usize {
        let mut rest = guess * 2_654_435_761;
        let mut number: String = (0..8)
            .map(|_| {
                let c = alphabet[rest % 31];
                rest /= 31;
                c
            })
            .collect();
        number.insert(4, '-');
        let body = Provider::consignment(&number, Commitment(Hash([1; 32])));
        let (status, problem) =
            cloud.call("POST", "/v1/provider/consignments", Some(&provider.token), Some(body)).await;
        match status {
            404 => {
                assert_eq!(problem["code"], "delivery_number_unknown");
                assert_eq!(problem["field"], "delivery_number");
                unknown += 1;
            }
            429 => {
                assert_eq!(problem["code"], "delivery_number_limit");
                limited += 1;
            }
            _ => panic!("{status} {problem}"),
        }
    }
    assert_eq!((unknown, limited), (50, 9_950));
    // Even the right number is of no use now.
    let number = mine["number"].as_str().unwrap();
    let body = Provider::consignment(number, Commitment(Hash([1; 32])));
    let (status, _) =
        cloud.call("POST", "/v1/provider/consignments", Some(&provider.token), Some(body)).await;
    assert_eq!(status, 429);
    let operator = cloud.sign_in(&operator(), Role::Operator).await;
    let incidents = cloud.get("/v1/operator/incidents", &operator).await;
    assert_eq!(incidents["incidents"].as_array().unwrap().len(), 1);
    assert_eq!(incidents["incidents"][0]["kind"], "delivery_number_guessing");
    assert_eq!(incidents["incidents"][0]["provider"], provider.root.kid().to_string());
}

#[tokio::test]
async fn revoked_and_foreign_numbers_look_like_unknown_ones() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let path = home.path("/delivery-numbers");
    let foreign =
        cloud.post(&path, &owner, json!({ "label": "Shop", "provider": key(90).kid().to_string() })).await;
    let revoked = cloud.post(&path, &owner, json!({ "label": "Old" })).await;
    let number = revoked["number"].as_str().unwrap();
    let (status, _) = cloud.call("DELETE", &format!("{path}/{number}"), Some(&owner), None).await;
    assert_eq!(status, 204);
    for number in [foreign["number"].as_str().unwrap(), number, "2222-2222"] {
        let body = Provider::consignment(number, Commitment(Hash([1; 32])));
        let (status, problem) =
            cloud.call("POST", "/v1/provider/consignments", Some(&provider.token), Some(body)).await;
        assert_eq!((status, &problem["code"]), (404, &json!("delivery_number_unknown")));
    }
}

#[tokio::test]
async fn a_provider_that_nobody_admitted_announces_nothing_and_a_suspended_one_is_out() {
    let cloud = Cloud::start().await;
    let root = key(40);
    assert_eq!(sign_up(&cloud, &root, "New").await.0, 201);
    assert_eq!(sign_up(&cloud, &root, "New").await.1["code"], "provider_taken");
    let token = cloud.sign_in(&root, Role::Provider).await;
    let credential = b64(&protocol::canonical::encode(&protocol::Credential::device(root.public())));
    let body = json!({ "credential": credential, "name": "x" });
    let (status, problem) = cloud.call("POST", "/v1/provider/handsets", Some(&token), Some(body)).await;
    assert_eq!((status, &problem["code"]), (403, &json!("provider_not_admitted")));
    let operator = cloud.sign_in(&operator(), Role::Operator).await;
    let path = format!("/v1/operator/providers/{}/suspend", root.kid());
    assert_eq!(cloud.call("POST", &path, Some(&operator), None).await.0, 200);
    let (status, problem) = cloud.call("GET", "/v1/provider", Some(&token), None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("provider_suspended")));
}
