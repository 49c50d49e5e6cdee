use crate::support::*;
use protocol::arrival::Arrival;
use protocol::bytes::*;
use protocol::commitment::{Opening, Scan};
use protocol::door_event::{Body, Intent, Outcome, VisitEnd};
use protocol::farewell::Farewell;
use protocol::grant::{Errand, Grantee};
use protocol::presentation::Presentation;
use protocol::sign_in::Role;
use protocol::uplink::{FromVisitor, Paper, ToCloud, ToHome, ToVisitor};
use protocol::{Hash, Signed};
use serde_json::json;

pub(crate) fn opening() -> Opening {
    Opening { salt: Salt([4; 16]), scan: Scan::from_label("RR123456785DE").unwrap() }
}

/// Everything up to the door: announced, granted, assigned, kept.
pub(crate) struct Ready {
    pub(crate) cloud: Cloud,
    pub(crate) home: Home,
    pub(crate) hub: Hub,
    pub(crate) owner: String,
    pub(crate) provider: Provider,
    pub(crate) grant: Hash,
    pub(crate) assignment: Hash,
    pub(crate) consignment: String,
}

pub(crate) async fn ready() -> Ready {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let commitment = opening().commitment();

    let number = cloud.post(&home.path("/delivery-numbers"), &owner, json!({ "label": "Shop" })).await;
    let number = number["number"].as_str().unwrap().to_owned();
    let announcement = Provider::consignment(&number.to_lowercase(), commitment);
    let announced = cloud.post("/v1/provider/consignments", &provider.token, announcement.clone()).await;
    assert_eq!(announced["door"], home.door().to_string());
    assert_eq!(announced["state"], "awaiting");
    assert!(!announced.to_string().contains(&home.id().to_string()), "{announced}");
    // The same announcement again is the same consignment.
    let (status, again) =
        cloud.call("POST", "/v1/provider/consignments", Some(&provider.token), Some(announcement)).await;
    assert_eq!((status, &again), (200, &announced));

    let waiting = cloud.get(&home.path("/consignments?state=awaiting"), &owner).await;
    assert_eq!(waiting["consignments"][0]["commitments"][0], commitment.0.to_string());

    let grant =
        home.grant(provider.root.kid(), Errand::Consignments(vec![commitment]), vec![window(-60, 3_600)]);
    let grant = sign(grant, &home.owner);
    let path = home.path("/grants");
    let (answer, paper) =
        tokio::join!(cloud.post(&path, &owner, json!({ "grant": b64(grant.bytes()) })), hub.keep());
    assert_eq!(paper, Paper::Grant(Blob(grant.bytes().to_vec())));
    assert_eq!(answer["kept_by_home"]["state"], "kept");

    let assignment = provider.assignment(home.door(), commitment);
    provider.assign(&cloud, &assignment).await;
    assert_eq!(hub.keep().await, Paper::Delegation(Blob(provider.delegation.bytes().to_vec())));
    assert_eq!(hub.keep().await, Paper::Assignment(Blob(assignment.bytes().to_vec())));
    let (grant, assignment) = (grant.hash(), assignment.hash());
    let consignment = announced["consignment"].as_str().unwrap().to_owned();
    Ready { cloud, home, hub, owner, provider, grant, assignment, consignment }
}

impl Ready {
    pub(crate) fn arrival(&self) -> Arrival {
        Arrival {
            visit: VisitId(rand()),
            door: self.home.door(),
            door_tag: DoorTag([1; 16]),
            grant: self.grant,
            assignment: Some(self.assignment),
        }
    }

    pub(crate) async fn at_door(&self) -> Ws {
        let token = self.cloud.sign_in(&self.provider.handset, Role::Visitor).await;
        self.cloud.ws("/v1/visitor/door", Some(&token)).await
    }
}

pub(crate) fn blob<M: protocol::Message>(signed: &Signed<M>) -> Blob {
    Blob(signed.bytes().to_vec())
}

#[tokio::test]
async fn a_delivery_from_announcement_to_secured_is_relayed_in_order_and_told() {
    let mut r = ready().await;
    let token = r.cloud.sign_in(&r.provider.handset, Role::Visitor).await;
    let tour = r.cloud.get("/v1/visitor/tour", &token).await;
    let stop = &tour["stops"][0];
    assert_eq!(stop["grant"], r.grant.to_string());
    assert_eq!(stop["assignment"], r.assignment.to_string());
    assert_eq!(stop["tour_sealed"], b64(b"sealed"));
    assert_eq!(stop["possible_now"], true);

    let mut door = r.at_door().await;
    let arrival = r.arrival();
    let visit = arrival.visit;
    let signed = sign(arrival, &r.provider.handset);
    send(&mut door, &FromVisitor::Arrival(blob(&signed))).await;
    let word = FromVisitor::Arrival(blob(&signed));
    assert_eq!(r.hub.next().await, ToHome::FromVisitor { visit, word });

    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Challenge(Blob(vec![1])) }).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::Challenge(Blob(vec![1])));

    let presentation = Presentation {
        challenge: Hash([1; 32]),
        grant: r.grant,
        assignment: Some(r.assignment),
        opens: vec![opening()],
    };
    let presentation = FromVisitor::Presentation(blob(&sign(presentation, &r.provider.handset)));
    send(&mut door, &presentation).await;
    assert_eq!(r.hub.next().await, ToHome::FromVisitor { visit, word: presentation });

    passage(&mut r, visit, &mut door).await;
    told(&r, visit).await;
}

async fn passage(r: &mut Ready, visit: VisitId, door: &mut Ws) {
    let device = r.provider.handset.kid();
    let intent = Intent {
        passage: 1,
        grant: r.grant,
        grant_id: GrantId([0; 16]),
        assignment: Some(r.assignment),
        presentation: Hash([2; 32]),
        parcels: 1,
        recordings: vec![],
    };
    let arrived = Body::Arrived { grant: r.grant, assignment: Some(r.assignment), device };
    r.hub.log(Some(visit), vec![arrived, Body::Intent(intent), Body::Opened, Body::DoorOpened]).await;
    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Open }).await;
    assert_eq!(take::<ToVisitor>(door).await, ToVisitor::Open);

    let farewell = Farewell { door: r.home.door(), visit, parcels: 1 };
    let farewell = FromVisitor::Farewell(blob(&sign(farewell, &r.provider.handset)));
    send(door, &farewell).await;
    assert_eq!(r.hub.next().await, ToHome::FromVisitor { visit, word: farewell });

    let end = VisitEnd { first: 1, last: 8, outcome: Outcome::Secured, parcels: 1 };
    let bodies = vec![Body::DoorClosed, Body::Relocked, Body::Secured(vec![]), Body::VisitEnded(end)];
    r.hub.log(Some(visit), bodies).await;
    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Ended }).await;
    assert_eq!(take::<ToVisitor>(door).await, ToVisitor::Ended);
}

async fn told(r: &Ready, visit: VisitId) {
    let shown = r.cloud.get(&r.home.path(&format!("/visits/{visit}")), &r.owner).await;
    assert_eq!(shown["visit"]["state"], "ended");
    assert_eq!(shown["visit"]["outcome"], "secured");
    let what: Vec<&str> =
        shown["timeline"].as_array().unwrap().iter().map(|s| s["what"].as_str().unwrap()).collect();
    assert_eq!(
        what,
        ["arrived", "intent", "opened", "door_opened", "door_closed", "relocked", "secured", "visit_ended"]
    );
    let notices = r.cloud.get(&r.home.path("/notices"), &r.owner).await;
    let kinds: Vec<&str> =
        notices["notices"].as_array().unwrap().iter().map(|n| n["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["announced", "arriving", "opened", "secured"]);
    let path = format!("/v1/provider/consignments/{}", r.consignment);
    let of_provider = r.cloud.get(&path, &r.provider.token).await;
    assert_eq!(of_provider["consignment"]["state"], "granted");
    assert_eq!(of_provider["visits"][0]["outcome"], "secured");
    // The visitor keeps the same proof as the resident.
    let token = r.cloud.sign_in(&r.provider.handset, Role::Visitor).await;
    let receipt = r.cloud.get(&format!("/v1/visitor/visits/{visit}"), &token).await;
    let log = r.cloud.get(&r.home.path("/door-log"), &r.owner).await;
    assert_eq!((&receipt["events"], &receipt["outcome"]), (&log["events"], &json!("secured")));
    // The use is spent: the tour says so before anybody walks up.
    assert_eq!(r.cloud.get("/v1/visitor/tour", &token).await["stops"][0]["possible_now"], false);
    // The projection can be built again and is the same.
    let (status, _) = r.cloud.call("POST", &r.home.path("/door-log/rebuild"), Some(&r.owner), None).await;
    assert_eq!(status, 204);
    assert_eq!(r.cloud.get(&r.home.path(&format!("/visits/{visit}")), &r.owner).await, shown);
    assert_eq!(r.cloud.get(&r.home.path("/notices"), &r.owner).await, notices);
}

#[tokio::test]
async fn an_arrival_that_does_not_match_is_refused_with_a_reason_for_residents_only() {
    let mut r = ready().await;
    let mut door = r.at_door().await;
    let other = Arrival { assignment: Some(Hash([9; 32])), ..r.arrival() };
    send(&mut door, &FromVisitor::Arrival(blob(&sign(other, &r.provider.handset)))).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::NotHereToday);
    let arrivals = r.cloud.get(&r.home.path("/arrivals"), &r.owner).await;
    assert_eq!(arrivals["arrivals"][0]["reason"], "assignment_unknown");
    let notices = r.cloud.get(&r.home.path("/notices?since=1"), &r.owner).await;
    assert_eq!(notices["notices"][0]["kind"], "refused");
    assert_eq!(notices["notices"][0]["about"]["code"], "assignment_unknown");
    // Nothing reached the home: the next thing it hears is the good arrival.
    let good = sign(r.arrival(), &r.provider.handset);
    send(&mut door, &FromVisitor::Arrival(blob(&good))).await;
    let ToHome::FromVisitor { word, .. } = r.hub.next().await else { panic!() };
    assert_eq!(word, FromVisitor::Arrival(blob(&good)));
}

#[tokio::test]
async fn a_handset_that_lost_its_connection_takes_the_visit_up_where_it_was() {
    let mut r = ready().await;
    let mut door = r.at_door().await;
    let arrival = sign(r.arrival(), &r.provider.handset);
    let visit = arrival.message().visit;
    send(&mut door, &FromVisitor::Arrival(blob(&arrival))).await;
    r.hub.next().await;
    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::CloseDoor }).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::CloseDoor);
    drop(door);
    let mut door = r.at_door().await;
    send(&mut door, &FromVisitor::Arrival(blob(&arrival))).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::CloseDoor);
    assert!(matches!(r.hub.next().await, ToHome::FromVisitor { .. }));
}

#[tokio::test]
async fn a_home_speaks_to_its_own_visitors_only() {
    let mut r = ready().await;
    let (_, mut other, _) = home(&r.cloud, 20).await;
    let mut door = r.at_door().await;
    let arrival = sign(r.arrival(), &r.provider.handset);
    let visit = arrival.message().visit;
    send(&mut door, &FromVisitor::Arrival(blob(&arrival))).await;
    r.hub.next().await;
    other.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Open }).await;
    other.log(None, vec![Body::Booted(true)]).await;
    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Wait }).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::Wait);
}

#[tokio::test]
async fn an_arrival_signed_by_another_device_and_a_presentation_without_arrival_end_the_connection() {
    let r = ready().await;
    let mut door = r.at_door().await;
    send(&mut door, &FromVisitor::Presentation(Blob(vec![1]))).await;
    assert!(receive(&mut door).await.unwrap_err().starts_with("arrival_missing"));
    let mut door = r.at_door().await;
    send(&mut door, &FromVisitor::Arrival(blob(&sign(r.arrival(), &key(77))))).await;
    assert!(receive(&mut door).await.unwrap_err().starts_with("signature_untrusted"));
}

#[tokio::test]
async fn a_home_that_falls_silent_while_open_is_told_to_everyone() {
    let mut r = ready().await;
    let mut door = r.at_door().await;
    let arrival = sign(r.arrival(), &r.provider.handset);
    let visit = arrival.message().visit;
    send(&mut door, &FromVisitor::Arrival(blob(&arrival))).await;
    r.hub.next().await;
    r.hub.log(Some(visit), vec![Body::Opened]).await;
    let live = r.home.path("/notices/live?since=2");
    let mut notices = r.cloud.ws(&live, Some(&r.owner)).await;
    drop(r.hub);
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::CloseDoor);
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::Wait);
    let notice: serde_json::Value = serde_json::from_slice(&receive(&mut notices).await.unwrap()).unwrap();
    assert_eq!(
        (&notice["kind"], &notice["about"]["code"]),
        (&json!("incident"), &json!("home_silent_in_passage"))
    );
    let operator = r.cloud.sign_in(&operator(), Role::Operator).await;
    let incidents = r.cloud.get("/v1/operator/incidents", &operator).await;
    assert_eq!(incidents["incidents"][0]["kind"], "home_silent_in_passage");
}

#[tokio::test]
async fn a_visitor_hears_that_the_connection_lives_though_the_door_says_nothing() {
    let r = ready().await;
    let mut door = r.at_door().await;
    beat(&mut door).await;
    beat(&mut door).await;
}

#[tokio::test]
async fn a_guest_comes_without_a_provider() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let guest = key(60);
    let mut grant = home.grant(guest.kid(), Errand::Service("guest".into()), vec![window(-60, 3_600)]);
    grant.to = Grantee::Holder { cnf: protocol::Credential::device(guest.public()), name: "Ada".into() };
    let grant = sign(grant, &home.member);
    let path = home.path("/grants");
    tokio::join!(cloud.post(&path, &owner, json!({ "grant": b64(grant.bytes()) })), hub.keep());
    let token = cloud.sign_in(&guest, Role::Visitor).await;
    let mut door = cloud.ws("/v1/visitor/door", Some(&token)).await;
    let arrival = Arrival {
        visit: VisitId(rand()),
        door: home.door(),
        door_tag: DoorTag([1; 16]),
        grant: grant.hash(),
        assignment: None,
    };
    send(&mut door, &FromVisitor::Arrival(blob(&sign(arrival, &guest)))).await;
    assert!(matches!(hub.next().await, ToHome::FromVisitor { .. }));
}

#[tokio::test]
async fn a_guest_is_told_why_not_now() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let guest = key(60);
    let mut grant = home.grant(guest.kid(), Errand::Service("guest".into()), vec![window(3_600, 7_200)]);
    grant.to = Grantee::Holder { cnf: protocol::Credential::device(guest.public()), name: "Ada".into() };
    let body = json!({ "grant": b64(sign(grant, &home.member).bytes()) });
    let path = home.path("/grants");
    tokio::join!(cloud.post(&path, &owner, body), hub.keep());
    let token = cloud.sign_in(&guest, Role::Visitor).await;
    let tour = cloud.get("/v1/visitor/tour", &token).await;
    let stop = &tour["stops"][0];
    assert_eq!((&stop["possible_now"], &stop["why_not"]), (&json!(false), &json!("outside_window")));
}

#[tokio::test]
async fn answers_and_heads_reach_a_home_that_is_there_and_say_so_if_not() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let answer = protocol::answer::Answer {
        door: home.door(),
        visit: VisitId([1; 16]),
        word: protocol::answer::Word::Coming,
    };
    let answer = sign(answer, &home.member);
    let body = json!({ "answer": b64(answer.bytes()) });
    cloud.post(&home.path("/answers"), &owner, body.clone()).await;
    assert_eq!(hub.next().await, ToHome::Answer(blob(&answer)));

    let path = home.path("/head");
    let wanted = json!({ "nonce": b64(&[7; 16]) });
    let answering = async {
        assert_eq!(hub.next().await, ToHome::HeadWanted(Nonce([7; 16])));
        let head = head(&home, Some(true));
        let head = sign(head, &home.door_key);
        hub.send(&ToCloud::Head(blob(&head))).await;
        b64(head.bytes())
    };
    let (got, sent) = tokio::join!(cloud.post(&path, &owner, wanted.clone()), answering);
    assert_eq!(got["head"], sent);

    drop(hub);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let (status, problem) = cloud.call("POST", &path, Some(&owner), Some(wanted)).await;
    assert_eq!((status, &problem["code"]), (504, &json!("home_silent")));
    let (status, problem) = cloud.call("POST", &home.path("/answers"), Some(&owner), Some(body)).await;
    assert_eq!((status, &problem["code"]), (503, &json!("home_offline")));
}

/// What a home says of its log when nothing happened yet.
fn head(home: &Home, secured: Option<bool>) -> protocol::head::Head {
    protocol::head::Head {
        door: home.door(),
        nonce: Nonce([7; 16]),
        counter: 0,
        event: Hash::ZERO,
        at: protocol::time::Interval::exactly(protocol::time::Timestamp(now())),
        secured,
        look: Nonce([8; 16]),
    }
}

/// A home drops what answers no beat of its own, so what is said right after it came back would be lost.
#[tokio::test]
async fn what_is_said_to_a_home_waits_for_its_first_beat() {
    let cloud = Cloud::start().await;
    let home = Home::new(10);
    assert_eq!(home.register(&cloud).await.0, 201);
    let owner = cloud.sign_in(&home.owner, Role::Resident).await;
    let mut hub = Hub::without_beat(&cloud, &home).await;
    let path = home.path("/head");
    let wanted = json!({ "nonce": b64(&[7; 16]) });
    let asking = cloud.call("POST", &path, Some(&owner), Some(wanted));
    let answering = async {
        let early = tokio::time::timeout(std::time::Duration::from_millis(300), receive(&mut hub.ws)).await;
        assert!(early.is_err(), "{early:?}");
        hub.send(&ToCloud::Beat(1)).await;
        let down: protocol::uplink::Downlink = take(&mut hub.ws).await;
        assert_eq!((down.beat, down.message), (1, ToHome::HeadWanted(Nonce([7; 16]))));
        hub.send(&ToCloud::Head(blob(&sign(head(&home, None), &home.door_key)))).await;
    };
    let ((status, answer), ()) = tokio::join!(asking, answering);
    assert_eq!(status, 200, "{answer}");
}
