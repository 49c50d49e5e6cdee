use crate::support::*;
use protocol::bytes::VisitId;
use protocol::door_event::{Body, Class};
use protocol::sign_in::Role;
use protocol::uplink::ToCloud;
use serde_json::{Value, json};

async fn incidents(cloud: &Cloud) -> Vec<Value> {
    let token = cloud.sign_in(&operator(), Role::Operator).await;
    cloud.get("/v1/operator/incidents", &token).await["incidents"].as_array().unwrap().clone()
}

#[tokio::test]
async fn events_are_stored_once_and_resumed_from_the_last_counter() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    assert_eq!(hub.welcome, 0);
    let entries = vec![
        hub.event(Class::System, None, Body::Booted(true)),
        hub.event(Class::Home, None, Body::BoltMoved(true)),
        hub.event(Class::Visit, Some(VisitId([5; 16])), Body::Refused("use_spent".into())),
    ];
    assert_eq!(hub.send_log(entries.clone()).await, 3);
    assert_eq!(hub.send_log(entries.clone()).await, 3);
    assert_eq!(Hub::connect(&cloud, &home).await.welcome, 3);
    let log = cloud.get(&home.path("/door-log?limit=2"), &owner).await;
    assert_eq!((&log["head"], &log["next"]), (&json!(3), &json!(3)));
    assert_eq!(unb64(&log["events"][0]["event"]), entries[0].event.0);
    assert!(log["events"][0]["opening"].is_object());
    assert!(log["events"][1]["opening"].is_null(), "the cloud does not learn who comes and goes");
    assert!(incidents(&cloud).await.is_empty());
}

#[tokio::test]
async fn a_gap_is_an_incident_and_nothing_behind_it_is_acknowledged() {
    let cloud = Cloud::start().await;
    let (_, mut hub, _) = home(&cloud, 10).await;
    let first = hub.event(Class::System, None, Body::Booted(true));
    let _lost = hub.event(Class::System, None, Body::Booted(true));
    let third = hub.event(Class::System, None, Body::Booted(true));
    assert_eq!(hub.send_log(vec![first, third.clone()]).await, 1);
    assert_eq!(hub.send_log(vec![third]).await, 1);
    let found = incidents(&cloud).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["kind"], "log_gap");
    assert_eq!(found[0]["about"], json!({ "missing": 2, "came": 3 }));
}

#[tokio::test]
async fn two_events_with_one_counter_are_kept_as_evidence() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let one = hub.event(Class::System, None, Body::Booted(true));
    (hub.counter, hub.prev) = (0, protocol::Hash::ZERO);
    let other = hub.event(Class::System, None, Body::Booted(false));
    assert_eq!(hub.send_log(vec![one.clone()]).await, 1);
    assert_eq!(hub.send_log(vec![other.clone()]).await, 1);
    let found = incidents(&cloud).await;
    assert_eq!((found.len(), &found[0]["kind"]), (1, &json!("split_view")));
    let log = cloud.get(&home.path("/door-log"), &owner).await;
    assert_eq!(unb64(&log["events"][0]["event"]), one.event.0);
    let conflicts = cloud.get(&home.path("/door-log/conflicts"), &owner).await;
    assert_eq!(conflicts["conflicts"][0]["counter"], 1);
    assert_eq!(unb64(&conflicts["conflicts"][0]["event"]), other.event.0);
    let notices = cloud.get(&home.path("/notices"), &owner).await;
    assert_eq!(notices["notices"][0]["about"]["code"], "split_view");
}

#[tokio::test]
async fn another_predecessor_is_a_split_view_too() {
    let cloud = Cloud::start().await;
    let (_, mut hub, _) = home(&cloud, 10).await;
    let one = hub.event(Class::System, None, Body::Booted(true));
    hub.prev = protocol::Hash([9; 32]);
    let two = hub.event(Class::System, None, Body::Booted(true));
    assert_eq!(hub.send_log(vec![one, two]).await, 1);
    assert_eq!(incidents(&cloud).await[0]["kind"], "split_view");
}

#[tokio::test]
async fn an_opening_that_does_not_fit_is_dropped_and_reported() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let other = hub.event(Class::System, None, Body::Booted(false));
    (hub.counter, hub.prev) = (0, protocol::Hash::ZERO);
    let mut event = hub.event(Class::System, None, Body::Booted(true));
    event.opening = other.opening;
    assert_eq!(hub.send_log(vec![event]).await, 1);
    assert_eq!(incidents(&cloud).await[0]["kind"], "opening_mismatch");
    let log = cloud.get(&home.path("/door-log"), &owner).await;
    assert!(log["events"][0]["opening"].is_null());
}

#[tokio::test]
async fn events_by_another_key_end_the_connection() {
    let cloud = Cloud::start().await;
    let (_, mut hub, _) = home(&cloud, 10).await;
    hub.home.door_key = key(77);
    let event = hub.event(Class::System, None, Body::Booted(true));
    hub.send(&ToCloud::Log(vec![event])).await;
    assert!(receive(&mut hub.ws).await.unwrap_err().starts_with("log_untrusted"));
}
