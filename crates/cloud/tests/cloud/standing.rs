//! What a standing permission means for announcements and tours.

use crate::support::*;
use protocol::Hash;
use protocol::commitment::Commitment;
use protocol::door_event::{Body, Intent};
use protocol::grant::{Errand, Grant};
use protocol::revocation::Revocation;
use protocol::time::Timestamp;
use serde_json::{Value, json};

struct Ready {
    cloud: Cloud,
    home: Home,
    hub: Hub,
    owner: String,
    provider: Provider,
    number: String,
}

fn parcel(n: u8) -> Commitment {
    Commitment(Hash([n; 32]))
}

async fn ready() -> Ready {
    let cloud = Cloud::start().await;
    let (home, hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let number = cloud.post(&home.path("/delivery-numbers"), &owner, json!({ "label": "Shop" })).await;
    let number = number["number"].as_str().unwrap().to_owned();
    Ready { cloud, home, hub, owner, provider, number }
}

impl Ready {
    async fn announce(&self, n: u8) -> Value {
        self.send(&self.announcement(n)).await
    }

    /// Its window begins now, so that it is the same once only.
    fn announcement(&self, n: u8) -> Value {
        let mut body = Provider::consignment(&self.number, parcel(n));
        body["idempotency_key"] = json!(n.to_string());
        body
    }

    async fn send(&self, announcement: &Value) -> Value {
        self.cloud.post("/v1/provider/consignments", &self.provider.token, announcement.clone()).await
    }

    /// Signs a grant and lets the home keep it.
    async fn grant(&mut self, grant: Grant) -> Hash {
        let grant = sign(grant, &self.home.owner);
        let (path, body) = (self.home.path("/grants"), json!({ "grant": b64(grant.bytes()) }));
        tokio::join!(self.cloud.post(&path, &self.owner, body), self.hub.keep());
        grant.hash()
    }

    fn standing(&self) -> Grant {
        let errand = Errand::Service("delivery".into());
        let windows = vec![window(-600, 7_200), window(86_400, 93_600)];
        let grant = self.home.grant(self.provider.root.kid(), errand, windows);
        Grant { uses: 2, ..grant }
    }

    async fn state(&self, announced: &Value) -> Value {
        let path = format!("/v1/provider/consignments/{}", announced["consignment"].as_str().unwrap());
        self.cloud.get(&path, &self.provider.token).await["consignment"]["state"].clone()
    }

    async fn open(&self) -> Vec<Value> {
        let shown = self.cloud.get(&self.home.path("/consignments?state=open"), &self.owner).await;
        shown["consignments"].as_array().unwrap().clone()
    }

    async fn assign(&mut self, n: u8) -> Hash {
        let assignment = self.provider.assignment(self.home.door(), parcel(n));
        self.provider.assign(&self.cloud, &assignment).await;
        if n == 1 {
            self.hub.keep().await;
        }
        self.hub.keep().await;
        assignment.hash()
    }

    async fn stops(&self) -> Vec<Value> {
        let token = self.cloud.sign_in(&self.provider.handset, protocol::sign_in::Role::Visitor).await;
        let tour = self.cloud.get("/v1/visitor/tour", &token).await;
        tour["stops"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn an_announcement_under_a_standing_grant_waits_for_nobody_until_it_is_taken_back() {
    let mut r = ready().await;
    let before = r.announce(1).await;
    assert_eq!(before["state"], "awaiting");
    let standing = r.standing();
    let id = standing.id;
    r.grant(standing).await;
    assert_eq!(r.state(&before).await, "granted");
    let announcement = r.announcement(2);
    let after = r.send(&announcement).await;
    assert_eq!(after["state"], "granted");
    // The answer to the same announcement is the same.
    assert_eq!(r.send(&announcement).await["state"], "granted");
    assert_eq!(r.open().await.len(), 2, "residents see them all the same");

    let list = Revocation {
        door: r.home.door(),
        sequence: 1,
        issued: Timestamp(now()),
        blocked: false,
        grants: vec![id],
        providers: vec![],
        devices: vec![],
    };
    let list = sign(list, &r.home.owner);
    let (path, body) = (r.home.path("/revocations"), json!({ "revocation": b64(list.bytes()) }));
    tokio::join!(r.cloud.post(&path, &r.owner, body), r.hub.keep());
    assert_eq!(r.state(&after).await, "awaiting");
    assert_eq!(r.announce(3).await["state"], "awaiting");
}

#[tokio::test]
async fn a_tour_names_the_grant_for_the_parcel_before_a_standing_one() {
    let mut r = ready().await;
    r.announce(1).await;
    let named = Errand::Consignments(vec![parcel(1)]);
    let named = r.home.grant(r.provider.root.kid(), named, vec![window(-60, 3_600)]);
    let named = r.grant(named).await;
    let standing = r.standing();
    let standing = r.grant(standing).await;
    let [one, two] = [r.assign(1).await, r.assign(2).await].map(|hash| json!(hash.to_string()));
    let stops = r.stops().await;
    let grant_of = |assignment: &Value| {
        stops.iter().find(|stop| stop["assignment"] == *assignment).unwrap()["grant"].clone()
    };
    assert_eq!(grant_of(&one), named.to_string());
    assert_eq!(grant_of(&two), standing.to_string());
}

#[tokio::test]
async fn a_tour_says_not_now_while_the_home_is_to_know_before() {
    let mut r = ready().await;
    r.announce(1).await;
    let mut standing = r.standing();
    standing.terms.notice_s = 900;
    r.grant(standing).await;
    r.assign(1).await;
    assert_eq!(r.stops().await[0]["possible_now"], false);
    let at_once = r.standing();
    let at_once = r.grant(Grant { id: protocol::bytes::GrantId(rand()), ..at_once }).await;
    let stops = r.stops().await;
    assert_eq!((&stops[0]["possible_now"], &stops[0]["grant"]), (&json!(true), &json!(at_once.to_string())));
}

#[tokio::test]
async fn what_was_brought_in_is_shown_as_such() {
    let mut r = ready().await;
    r.announce(1).await;
    r.announce(2).await;
    let standing = r.standing();
    let id = standing.id;
    let grant = r.grant(standing).await;
    let assignment = r.assign(1).await;
    let visit = protocol::bytes::VisitId(rand());
    let device = r.provider.handset.kid();
    let intent = Intent {
        passage: 1,
        grant,
        grant_id: id,
        assignment: Some(assignment),
        presentation: Hash([7; 32]),
        parcels: 1,
        recordings: vec![],
    };
    let arrived = Body::Arrived { grant, assignment: Some(assignment), device };
    r.hub.log(Some(visit), vec![arrived, Body::Intent(intent)]).await;
    let mut shown = r.open().await;
    shown.sort_by_key(|one| one["commitments"][0].to_string());
    assert_eq!((&shown[0]["opened"], &shown[1]["opened"]), (&json!(true), &json!(false)));
}
