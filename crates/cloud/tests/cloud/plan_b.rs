//! Plan B: who may choose, who sees it, and what counts.

use crate::support::*;
use protocol::Hash;
use protocol::commitment::Commitment;
use protocol::sign_in::Role;
use serde_json::{Value, json};

fn parcel(n: u8) -> Commitment {
    Commitment(Hash([n; 32]))
}

async fn announce(cloud: &Cloud, provider: &Provider, number: &str, n: u8) -> String {
    let mut body = Provider::consignment(number, parcel(n));
    body["idempotency_key"] = json!(n.to_string());
    let announced = cloud.post("/v1/provider/consignments", &provider.token, body).await;
    announced["consignment"].as_str().unwrap().into()
}

async fn number(cloud: &Cloud, home: &Home, token: &str) -> String {
    let number = cloud.post(&home.path("/delivery-numbers"), token, json!({ "label": "Shop" })).await;
    number["number"].as_str().unwrap().into()
}

async fn put(cloud: &Cloud, path: &str, token: &str, rungs: Value) -> (u16, Value) {
    cloud.call("PUT", path, Some(token), Some(json!({ "rungs": rungs }))).await
}

#[tokio::test]
async fn a_companion_chooses_and_the_provider_sees_the_rungs_of_its_own_consignment_only() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let companion = cloud.sign_in(&home.companion, Role::Resident).await;
    let path = home.path("/plan-b");
    let unchosen = cloud.get(&path, &owner).await;
    assert_eq!(unchosen, json!({ "rungs": ["locker", "again"], "chosen": false }));

    let (status, kept) = put(&cloud, &path, &companion, json!(["neighbour", "locker"])).await;
    assert_eq!((status, &kept), (200, &json!({ "rungs": ["neighbour", "locker"], "chosen": true })));
    assert_eq!(cloud.get(&path, &owner).await, kept);

    let number = number(&cloud, &home, &owner).await;
    let consignment = announce(&cloud, &provider, &number, 1).await;
    let of_provider = format!("/v1/provider/consignments/{consignment}");
    let seen = cloud.get(&of_provider, &provider.token).await;
    assert_eq!(seen["consignment"]["plan_b"], json!(["neighbour", "locker"]));

    let one = home.path(&format!("/consignments/{consignment}/plan-b"));
    let (status, kept) = put(&cloud, &one, &companion, json!(["doorstep"])).await;
    assert_eq!((status, &kept), (200, &json!({ "rungs": ["doorstep"], "chosen": true })));
    let seen = cloud.get(&of_provider, &provider.token).await;
    assert_eq!(seen["consignment"]["plan_b"], json!(["doorstep"]));
    let shown = cloud.get(&home.path("/consignments?state=open"), &owner).await;
    assert_eq!(shown["consignments"][0]["plan_b"], kept);

    let (status, _) = cloud.call("DELETE", &one, Some(&companion), None).await;
    assert_eq!(status, 204);
    let shown = cloud.get(&home.path("/consignments?state=open"), &owner).await;
    let as_the_home = json!({ "rungs": ["neighbour", "locker"], "chosen": false });
    assert_eq!(shown["consignments"][0]["plan_b"], as_the_home);
}

#[tokio::test]
async fn a_ladder_has_a_rung_and_none_twice_and_is_the_homes_own() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let path = home.path("/plan-b");
    for wrong in [json!([]), json!(["locker", "locker"])] {
        let (status, problem) = put(&cloud, &path, &owner, wrong.clone()).await;
        let said = (status, problem["code"].as_str(), problem["field"].as_str());
        assert_eq!(said, (422, Some("plan_b_invalid"), Some("rungs")), "{wrong}: {problem}");
    }
    let (status, _) = put(&cloud, &path, &owner, json!(["garden"])).await;
    assert_eq!(status, 422);
    assert_eq!(cloud.get(&path, &owner).await["chosen"], false);

    let unknown = home.path("/consignments/01010101010101010101010101010101/plan-b");
    let (status, problem) = put(&cloud, &unknown, &owner, json!(["locker"])).await;
    assert_eq!((status, &problem["code"]), (404, &json!("consignment_unknown")));

    let (_, _other_hub, stranger) = crate::support::home(&cloud, 50).await;
    let (status, _) = put(&cloud, &path, &stranger, json!(["doorstep"])).await;
    assert_eq!(status, 403, "another home's resident");
    let provider = Provider::admitted(&cloud, 80).await;
    let (status, _) = put(&cloud, &path, &provider.token, json!(["doorstep"])).await;
    assert_eq!(status, 403, "a provider");
}

#[tokio::test]
async fn a_tour_names_what_counts_for_all_that_is_in_the_couriers_hands() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let number = number(&cloud, &home, &owner).await;
    let first = announce(&cloud, &provider, &number, 1).await;
    announce(&cloud, &provider, &number, 2).await;
    put(&cloud, &home.path("/plan-b"), &owner, json!(["neighbour", "locker", "again"])).await;
    let one = home.path(&format!("/consignments/{first}/plan-b"));
    put(&cloud, &one, &owner, json!(["locker", "doorstep"])).await;
    let assigned = provider.assignment(home.door(), parcel(1));
    let mut both = assigned.message().clone();
    both.errands = vec![parcel(1), parcel(2)];
    let both = sign(both, &provider.working);
    let (_, _) = tokio::join!(provider.assign(&cloud, &both), hub.keep());
    let token = cloud.sign_in(&provider.handset, Role::Visitor).await;
    let tour = cloud.get("/v1/visitor/tour", &token).await;
    assert_eq!(tour["stops"][0]["plan_b"], json!(["locker"]), "{tour}");
}
