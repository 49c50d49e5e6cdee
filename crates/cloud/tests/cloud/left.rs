//! Where a parcel went that did not go in, and how many stops are before a door.

use crate::support::*;
use protocol::assignment::Assignment;
use protocol::bytes::VisitId;
use protocol::commitment::Commitment;
use protocol::door_event::{Body, Outcome, VisitEnd};
use protocol::left::{Left, Reason, Rung};
use protocol::sign_in::Role;
use protocol::time::Timestamp;
use protocol::{DeviceKey, Hash, Signed};
use serde_json::{Value, json};

pub(crate) struct Ready {
    pub(crate) cloud: Cloud,
    pub(crate) home: Home,
    pub(crate) hub: Hub,
    pub(crate) owner: String,
    pub(crate) provider: Provider,
    pub(crate) handset: String,
    pub(crate) consignment: String,
    pub(crate) assignment: Signed<Assignment>,
}

pub(crate) async fn ready() -> Ready {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let number = cloud.post(&home.path("/delivery-numbers"), &owner, json!({ "label": "Shop" })).await;
    let parcel = Commitment(Hash([1; 32]));
    let announcement = Provider::consignment(number["number"].as_str().unwrap(), parcel);
    let announced = cloud.post("/v1/provider/consignments", &provider.token, announcement).await;
    let consignment = announced["consignment"].as_str().unwrap().to_owned();
    let assignment = provider.assignment(home.door(), parcel);
    provider.assign(&cloud, &assignment).await;
    hub.keep().await;
    hub.keep().await;
    let handset = cloud.sign_in(&provider.handset, Role::Visitor).await;
    Ready { cloud, home, hub, owner, provider, handset, consignment, assignment }
}

impl Ready {
    pub(crate) fn left(&self) -> Left {
        Left {
            door: self.home.door(),
            assignment: self.assignment.hash(),
            visit: None,
            rung: Rung::Neighbour,
            reason: Reason::TooBig,
            at: Timestamp(now()),
            photo: None,
        }
    }

    pub(crate) async fn report(&self, left: Left, by: &DeviceKey) -> (u16, Value) {
        let body = json!({ "left": b64(sign(left, by).bytes()) });
        self.cloud.call("POST", "/v1/visitor/left", Some(&self.handset), Some(body)).await
    }

    async fn refused(&self, left: Left, by: &DeviceKey) -> String {
        let (status, problem) = self.report(left, by).await;
        assert_eq!(status, 422, "{problem}");
        problem["code"].as_str().unwrap().to_owned()
    }

    async fn missed(&self) -> Vec<Value> {
        let notices = self.cloud.get(&self.home.path("/notices"), &self.owner).await;
        let all = notices["notices"].as_array().unwrap().clone();
        all.into_iter().filter(|notice| notice["kind"] == "missed").collect()
    }

    async fn say(&self, stops: u64) -> (u16, Value) {
        let path = format!("/v1/provider/assignments/{}/stops-away", self.assignment.hash());
        let body = json!({ "stops_away": stops });
        self.cloud.call("PUT", &path, Some(&self.provider.token), Some(body)).await
    }
}

#[tokio::test]
async fn a_report_reaches_resident_and_provider_as_it_was_signed_and_is_told_once() {
    let r = ready().await;
    let left = sign(r.left(), &r.provider.handset);
    let body = json!({ "left": b64(left.bytes()) });
    for status in [201, 200] {
        let sent = r.cloud.call("POST", "/v1/visitor/left", Some(&r.handset), Some(body.clone())).await;
        assert_eq!(sent, (status, json!({ "hash": left.hash().to_string() })));
    }
    let seen = r.cloud.get(&r.home.path("/left"), &r.owner).await;
    let one = &seen["left"][0];
    assert_eq!(seen["left"].as_array().unwrap().len(), 1);
    assert_eq!(unb64(&one["left"]), left.bytes());
    assert_eq!(unb64(&one["assignment"]), r.assignment.bytes());
    assert_eq!(unb64(&one["delegation"]), r.provider.delegation.bytes());

    let path = format!("/v1/provider/consignments/{}", r.consignment);
    let seen = r.cloud.get(&path, &r.provider.token).await;
    let one = &seen["left"][0];
    assert_eq!((&one["rung"], &one["reason"]), (&json!("neighbour"), &json!("too_big")));
    assert_eq!(unb64(&one["left"]), left.bytes());

    let told = r.missed().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["about"], json!({ "rung": "neighbour", "reason": "too_big" }));
}

#[tokio::test]
async fn only_the_handset_that_was_sent_says_where_it_went() {
    let r = ready().await;
    let handset = &r.provider.handset;
    assert_eq!(r.refused(r.left(), &key(99)).await, "signature_untrusted");
    let other = Left { assignment: Hash([9; 32]), ..r.left() };
    assert_eq!(r.refused(other, handset).await, "assignment_unknown");
    let early = Left { at: Timestamp(now() + 3_600), ..r.left() };
    assert_eq!(r.refused(early, handset).await, "left_time_invalid");
    let late = Left { at: Timestamp(now() - 3 * 86_400), ..r.left() };
    assert_eq!(r.refused(late, handset).await, "left_time_invalid");

    // Another handset of the same service, signed in and signing with its own key, speaks for nobody else.
    let second = key(77);
    let credential = b64(&protocol::canonical::encode(&protocol::Signer::credential(&second)));
    let enrolment = json!({ "credential": credential, "name": "van 8" });
    r.cloud.post("/v1/provider/handsets", &r.provider.token, enrolment).await;
    let token = r.cloud.sign_in(&second, Role::Visitor).await;
    let body = json!({ "left": b64(sign(r.left(), &second).bytes()) });
    let (status, problem) = r.cloud.call("POST", "/v1/visitor/left", Some(&token), Some(body)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("assignment_unknown")));

    let path = format!("/v1/provider/handsets/{}", handset.kid());
    r.cloud.call("DELETE", &path, Some(&r.provider.token), None).await;
    let (status, _) = r.report(r.left(), handset).await;
    assert!(status >= 400, "a handset that was removed says nothing any more: {status}");
    assert!(r.missed().await.is_empty());
}

#[tokio::test]
async fn one_stop_has_eight_reports_and_no_more() {
    let (r, latest) = (ready().await, now());
    for n in 0..9 {
        let left = Left { at: Timestamp(latest - n), ..r.left() };
        let (status, answer) = r.report(left, &r.provider.handset).await;
        let expected = if n < 8 { 201 } else { 409 };
        assert_eq!(status, expected, "{n}: {answer}");
    }
}

#[tokio::test]
async fn a_visit_of_an_order_that_did_not_open_is_told_as_missed() {
    let mut r = ready().await;
    let visit = VisitId(rand());
    let device = r.provider.handset.kid();
    let arrived = Body::Arrived { grant: Hash([3; 32]), assignment: Some(r.assignment.hash()), device };
    let end = VisitEnd { first: 1, last: 3, outcome: Outcome::NotOpened, parcels: 0 };
    let refused = Body::Refused("wrong_parcel".into());
    r.hub.log(Some(visit), vec![arrived, refused, Body::VisitEnded(end)]).await;
    let told = r.missed().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["visit"], visit.to_string());
    let path = format!("/v1/provider/consignments/{}", r.consignment);
    let seen = r.cloud.get(&path, &r.provider.token).await;
    let one = &seen["visits"][0];
    assert_eq!((&one["outcome"], &one["reason"]), (&json!("not_opened"), &json!("wrong_parcel")));

    // A report under this visit's id, of another stop, would be shown with it.
    let parcel = Commitment(Hash([2; 32]));
    let second = r.provider.assignment(r.home.door(), parcel);
    r.provider.assign(&r.cloud, &second).await;
    let other = Left { assignment: second.hash(), visit: Some(visit), ..r.left() };
    assert_eq!(r.refused(other, &r.provider.handset).await, "visit_other");
}

#[tokio::test]
async fn three_stops_away_is_said_with_its_time_and_told_once() {
    let r = ready().await;
    for stops in [12, 3, 1] {
        assert_eq!(r.say(stops).await.0, 204);
    }
    let shown = r.cloud.get(&r.home.path("/consignments?state=open"), &r.owner).await;
    let away = &shown["consignments"][0]["stops_away"];
    assert_eq!(away["stops"], 1);
    assert!(away["said_ms"].as_i64().unwrap() / 1_000 >= now().cast_signed() - 60);
    let notices = r.cloud.get(&r.home.path("/notices"), &r.owner).await;
    let told: Vec<_> =
        notices["notices"].as_array().unwrap().iter().filter(|n| n["kind"] == "stops_away").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["about"]["stops"], 3);

    let (status, problem) = r.say(100).await;
    assert_eq!((status, &problem["code"]), (422, &json!("stops_away_invalid")));
    let other = Provider::admitted(&r.cloud, 60).await;
    let path = format!("/v1/provider/assignments/{}/stops-away", r.assignment.hash());
    let body = json!({ "stops_away": 2 });
    let (status, problem) = r.cloud.call("PUT", &path, Some(&other.token), Some(body)).await;
    assert_eq!((status, &problem["code"]), (404, &json!("assignment_unknown")));
}
