//! A courier whom nobody allowed yet: rings, is asked for, and is let in or goes.

use crate::support::*;
use protocol::Hash;
use protocol::arrival::Arrival;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, DoorTag, VisitId};
use protocol::commitment::Commitment;
use protocol::door_event::{Body, Outcome, VisitEnd};
use protocol::grant::Errand;
use protocol::ring::Ring;
use protocol::roster::Roster;
use protocol::sign_in::Role;
use protocol::uplink::{FromVisitor, ToCloud, ToHome, ToVisitor};
use protocol::{Message, Signed};
use serde_json::{Value, json};

struct Ready {
    cloud: Cloud,
    home: Home,
    hub: Hub,
    owner: String,
    provider: Provider,
    assignment: Signed<Assignment>,
    consignment: Value,
}

const PARCEL: Commitment = Commitment(Hash([5; 32]));

/// Assigned, and not allowed.
async fn ready() -> Ready {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let number = cloud.post(&home.path("/delivery-numbers"), &owner, json!({ "label": "Shop" })).await;
    let announcement = Provider::consignment(number["number"].as_str().unwrap(), PARCEL);
    let announced = cloud.post("/v1/provider/consignments", &provider.token, announcement).await;
    let consignment = announced["consignment"].clone();
    let assignment = provider.assignment(home.door(), PARCEL);
    provider.assign(&cloud, &assignment).await;
    hub.keep().await;
    hub.keep().await;
    Ready { cloud, home, hub, owner, provider, assignment, consignment }
}

impl Ready {
    fn ring(&self) -> Ring {
        let (door, assignment) = (self.home.door(), self.assignment.hash());
        Ring { visit: VisitId(rand()), door, door_tag: DoorTag([1; 16]), assignment }
    }

    async fn at_door(&self) -> Ws {
        let token = self.cloud.sign_in(&self.provider.handset, Role::Visitor).await;
        self.cloud.ws("/v1/visitor/door", Some(&token)).await
    }

    async fn stop(&self) -> Value {
        let token = self.cloud.sign_in(&self.provider.handset, Role::Visitor).await;
        self.cloud.get("/v1/visitor/tour", &token).await["stops"][0].clone()
    }

    async fn kinds(&self) -> Vec<String> {
        let notices = self.cloud.get(&self.home.path("/notices"), &self.owner).await;
        let kind = |notice: &Value| notice["kind"].as_str().unwrap().to_owned();
        notices["notices"].as_array().unwrap().iter().map(kind).collect()
    }

    async fn visit(&self, visit: VisitId) -> Value {
        self.cloud.get(&self.home.path(&format!("/visits/{visit}")), &self.owner).await["visit"].clone()
    }
}

fn blob<M: Message>(signed: &Signed<M>) -> Blob {
    Blob(signed.bytes().to_vec())
}

#[tokio::test]
async fn a_ring_is_passed_on_and_told_once_the_home_says_so() {
    let mut r = ready().await;
    let stop = r.stop().await;
    assert_eq!(
        (&stop["grant"], &stop["possible_now"], &stop["may_ring"]),
        (&Value::Null, &json!(false), &json!(true))
    );
    let mut door = r.at_door().await;
    let ring = sign(r.ring(), &r.provider.handset);
    let visit = ring.message().visit;
    send(&mut door, &FromVisitor::Ring(blob(&ring))).await;
    assert_eq!(r.hub.next().await, ToHome::FromVisitor { visit, word: FromVisitor::Ring(blob(&ring)) });
    assert_eq!(r.kinds().await, ["announced"], "the home has not said so");
    let device = r.provider.handset.kid();
    r.hub.log(Some(visit), vec![Body::Rang { assignment: r.assignment.hash(), device, asked_s: 45 }]).await;
    assert_eq!(r.kinds().await, ["announced", "rang"]);
    // What could be allowed: the letter of this parcel.
    let path = r.home.path(&format!("/visits/{visit}"));
    assert_eq!(r.cloud.get(&path, &r.owner).await["asks_for"], r.consignment);
    let shown = r.visit(visit).await;
    assert_eq!((&shown["state"], &shown["waited"]), (&json!("ringing"), &Value::Null));
    assert!(shown["rang"].is_u64());
    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Asked(45) }).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::Asked(45));
    let end = VisitEnd { first: 1, last: 3, outcome: Outcome::NotOpened, parcels: 0 };
    r.hub.log(Some(visit), vec![Body::Refused("nobody_answered".into()), Body::VisitEnded(end)]).await;
    let shown = r.visit(visit).await;
    assert_eq!((&shown["state"], &shown["outcome"]), (&json!("ended"), &json!("not_opened")));
    assert!(shown["waited"].is_u64());
    assert_eq!(r.cloud.get(&path, &r.owner).await["asks_for"], Value::Null);
    // The courier and the provider have the same: that somebody rang, and how long they waited.
    let token = r.cloud.sign_in(&r.provider.handset, Role::Visitor).await;
    let receipt = r.cloud.get(&format!("/v1/visitor/visits/{visit}"), &token).await;
    assert_eq!(receipt["events"].as_array().unwrap().len(), 3);
    let visits = r.cloud.get("/v1/provider/visits", &r.provider.token).await;
    assert_eq!(visits["visits"][0]["rang"], shown["rang"]);
    let arrivals = r.cloud.get(&r.home.path("/arrivals"), &r.owner).await;
    assert_eq!(
        (&arrivals["arrivals"][0]["grant"], &arrivals["arrivals"][0]["reason"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn what_is_allowed_at_the_door_is_the_same_visit() {
    let mut r = ready().await;
    let mut door = r.at_door().await;
    let ring = sign(r.ring(), &r.provider.handset);
    let visit = ring.message().visit;
    send(&mut door, &FromVisitor::Ring(blob(&ring))).await;
    r.hub.next().await;
    let device = r.provider.handset.kid();
    let assignment = r.assignment.hash();
    r.hub.log(Some(visit), vec![Body::Rang { assignment, device, asked_s: 45 }]).await;
    let grant =
        r.home.grant(r.provider.root.kid(), Errand::Consignments(vec![PARCEL]), vec![window(-60, 3_600)]);
    let grant = sign(grant, &r.home.owner);
    let (path, body) = (r.home.path("/grants"), json!({ "grant": b64(grant.bytes()) }));
    tokio::join!(r.cloud.post(&path, &r.owner, body), r.hub.keep());
    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Permitted(grant.hash()) }).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::Permitted(grant.hash()));
    let stop = r.stop().await;
    assert_eq!((&stop["may_ring"], &stop["possible_now"]), (&json!(false), &json!(true)));
    let arrival = Arrival {
        visit,
        door: r.home.door(),
        door_tag: DoorTag([1; 16]),
        grant: grant.hash(),
        assignment: Some(assignment),
    };
    let arrival = FromVisitor::Arrival(blob(&sign(arrival, &r.provider.handset)));
    send(&mut door, &arrival).await;
    assert_eq!(r.hub.next().await, ToHome::FromVisitor { visit, word: arrival });
    // Old words of the wait are not repeated: the next one is the home's own.
    r.hub.send(&ToCloud::ToVisitor { visit, word: ToVisitor::Challenge(Blob(vec![1])) }).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::Challenge(Blob(vec![1])));
    let arrived = Body::Arrived { grant: grant.hash(), assignment: Some(assignment), device };
    r.hub.log(Some(visit), vec![arrived]).await;
    let shown = r.visit(visit).await;
    assert_eq!((&shown["state"], &shown["grant"]), (&json!("arrived"), &json!(grant.hash().to_string())));
    assert!(shown["rang"].is_u64() && shown["waited"].is_u64());
}

#[tokio::test]
async fn what_a_re_key_ended_is_rung_for_once_more() {
    let mut r = ready().await;
    let grant =
        r.home.grant(r.provider.root.kid(), Errand::Consignments(vec![PARCEL]), vec![window(-60, 3_600)]);
    let grant = sign(grant, &r.home.owner);
    let (path, body) = (r.home.path("/grants"), json!({ "grant": b64(grant.bytes()) }));
    tokio::join!(r.cloud.post(&path, &r.owner, body), r.hub.keep());
    let told =
        |stop: Value| (stop["grant"].is_null(), stop["may_ring"].clone(), stop["possible_now"].clone());
    assert_eq!(told(r.stop().await), (false, json!(false), json!(true)));

    let before = r.home.roster.message().clone();
    let rekeyed = Roster { epoch: 2, prev: r.home.roster.hash(), grants_from: 2, ..before };
    let rekeyed = sign(rekeyed, &r.home.owner);
    let (path, body) = (r.home.path("/rosters"), json!({ "roster": [b64(rekeyed.bytes())] }));
    tokio::join!(r.cloud.post(&path, &r.owner, body), r.hub.keep());
    assert_eq!(told(r.stop().await), (false, json!(false), json!(true)), "the home has not said so");
    r.hub.log(None, vec![Body::RosterKept { epoch: 2, roster: rekeyed.hash() }]).await;
    assert_eq!(told(r.stop().await), (true, json!(true), json!(false)));
}

#[tokio::test]
async fn a_ring_that_does_not_match_does_not_reach_the_home() {
    let mut r = ready().await;
    let mut door = r.at_door().await;
    let other = Ring { assignment: Hash([9; 32]), ..r.ring() };
    send(&mut door, &FromVisitor::Ring(blob(&sign(other, &r.provider.handset)))).await;
    assert_eq!(take::<ToVisitor>(&mut door).await, ToVisitor::NotHereToday);
    let arrivals = r.cloud.get(&r.home.path("/arrivals"), &r.owner).await;
    assert_eq!(arrivals["arrivals"][0]["reason"], "assignment_unknown");
    let good = sign(r.ring(), &r.provider.handset);
    send(&mut door, &FromVisitor::Ring(blob(&good))).await;
    let ToHome::FromVisitor { word, .. } = r.hub.next().await else { panic!() };
    assert_eq!(word, FromVisitor::Ring(blob(&good)));
    let mut door = r.at_door().await;
    send(&mut door, &FromVisitor::Ring(blob(&sign(r.ring(), &key(77))))).await;
    assert!(receive(&mut door).await.unwrap_err().starts_with("signature_untrusted"));
}
