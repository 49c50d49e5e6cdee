//! A handset asks for its tour once, and is answered when another one is there.

use crate::rosters::put_in_force;
use crate::support::*;
use protocol::assignment::Assignment;
use protocol::bytes::{Blob, GrantId, VisitId};
use protocol::commitment::Commitment;
use protocol::door_event::{Body, Intent};
use protocol::grant::{Errand, Grantee};
use protocol::revocation::Revocation;
use protocol::sign_in::Role;
use protocol::time::Timestamp;
use protocol::uplink::{ToCloud, ToHome};
use protocol::{Credential, DeviceKey, Hash, Signed};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What a courier waits at most for what a resident has just signed.
const TOLD_WITHIN: Duration = Duration::from_secs(1);
const PARCEL: Commitment = Commitment(Hash([5; 32]));
const ALL: &str = "/v1/visitor/tour?wait_s=25";

struct Ready {
    cloud: Cloud,
    home: Home,
    hub: Hub,
    owner: String,
    provider: Provider,
}

async fn ready() -> Ready {
    let cloud = Cloud::start().await;
    let (home, hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let number = cloud.post(&home.path("/delivery-numbers"), &owner, json!({ "label": "Shop" })).await;
    let announcement = Provider::consignment(number["number"].as_str().unwrap(), PARCEL);
    cloud.post("/v1/provider/consignments", &provider.token, announcement).await;
    Ready { cloud, home, hub, owner, provider }
}

/// A device that has its tour.
struct Handset {
    token: String,
    known: String,
}

impl Handset {
    async fn with_its_tour(cloud: &Cloud, key: &DeviceKey) -> Self {
        let token = cloud.sign_in(key, Role::Visitor).await;
        let tour = cloud.get(ALL, &token).await;
        Self { token, known: tour["version"].as_str().unwrap().into() }
    }

    fn path(&self, wait_s: u64) -> String {
        format!("/v1/visitor/tour?wait_s={wait_s}&known={}", self.known)
    }

    /// Waits, hears nothing, and then, within a second of `change`, of the stop that is the last one now.
    async fn told<T>(&mut self, cloud: &Cloud, change: impl Future<Output = T>) -> (T, Value) {
        let path = self.path(25);
        let mut answer = Box::pin(cloud.call("GET", &path, Some(&self.token), None));
        let early = tokio::time::timeout(STILL_WAITING, &mut answer).await;
        assert!(early.is_err(), "nothing changed: {early:?}");
        let done = change.await;
        let (status, tour) =
            tokio::time::timeout(TOLD_WITHIN, answer).await.expect("not told within a second");
        assert_eq!(status, 200, "{tour}");
        self.known = tour["version"].as_str().unwrap().into();
        (done, tour["stops"].as_array().unwrap().last().cloned().unwrap_or_default())
    }
}

fn list(home: &Home, sequence: u64, blocked: bool) -> Signed<Revocation> {
    let (grants, providers, devices) = (vec![], vec![], vec![]);
    let list = Revocation {
        door: home.door(),
        sequence,
        issued: Timestamp(now()),
        blocked,
        grants,
        providers,
        devices,
    };
    sign(list, &home.owner)
}

#[tokio::test]
async fn a_courier_is_told_within_a_second_of_whatever_changes_a_stop() {
    let Ready { cloud, home, mut hub, owner, provider } = ready().await;
    let mut handset = Handset::with_its_tour(&cloud, &provider.handset).await;

    let assignment = provider.assignment(home.door(), PARCEL);
    let (_, stop) = handset.told(&cloud, provider.assign(&cloud, &assignment)).await;
    assert_eq!(
        (&stop["assignment"], &stop["may_ring"]),
        (&json!(assignment.hash().to_string()), &json!(true))
    );
    hub.keep().await;
    hub.keep().await;

    let plan = json!({ "rungs": ["neighbour"] });
    let path = home.path("/plan-b");
    let choose = cloud.call("PUT", &path, Some(&owner), Some(plan));
    assert_eq!(handset.told(&cloud, Box::pin(choose)).await.1["plan_b"], json!(["neighbour"]));

    let windows = vec![window(-60, 3_600)];
    let grant =
        sign(home.grant(provider.root.kid(), Errand::Consignments(vec![PARCEL]), windows), &home.owner);
    let path = home.path("/grants");
    let allow = cloud.post(&path, &owner, json!({ "grant": b64(grant.bytes()) }));
    let ((_, word), stop) = handset.told(&cloud, async { tokio::join!(allow, hub.next()) }).await;
    assert_eq!((&stop["grant"], &stop["possible_now"]), (&json!(grant.hash().to_string()), &json!(true)));
    let ToHome::Keep { id, .. } = word else { panic!("{word:?}") };

    let refused = ToCloud::Kept { id, refused: Some("grant_unknown".into()) };
    assert_eq!(handset.told(&cloud, hub.send(&refused)).await.1["possible_now"], false);
    let kept = ToCloud::Kept { id, refused: None };
    assert_eq!(handset.told(&cloud, hub.send(&kept)).await.1["possible_now"], true);

    let operator = cloud.sign_in(&operator(), Role::Operator).await;
    for (word, possible) in [("suspend", false), ("admit", true)] {
        let path = format!("/v1/operator/providers/{}/{word}", provider.root.kid());
        let say = cloud.call("POST", &path, Some(&operator), None);
        assert_eq!(handset.told(&cloud, Box::pin(say)).await.1["possible_now"], possible, "{word}");
    }

    for (sequence, blocked) in [(1, true), (2, false)] {
        let path = home.path("/revocations");
        let body = json!({ "revocation": b64(list(&home, sequence, blocked).bytes()) });
        let say = async { tokio::join!(cloud.post(&path, &owner, body), hub.keep()) };
        assert_eq!(handset.told(&cloud, say).await.1["possible_now"], !blocked);
    }

    let mut roster = home.roster.message().clone();
    (roster.epoch, roster.prev) = (2, home.roster.hash());
    let other = Blob(recording::KemSecret::from_seed(&[78; 32]).public());
    roster.residents.iter_mut().find(|r| r.kem.is_none()).unwrap().kem = Some(other);
    let roster = sign(roster, &home.owner);
    let ((), stop) = handset.told(&cloud, put_in_force(&cloud, &home, &mut hub, &owner, &roster)).await;
    assert_eq!(stop["photo_keys"].as_array().unwrap().len(), 2);

    let intent = Intent {
        passage: 1,
        grant: grant.hash(),
        grant_id: GrantId([0; 16]),
        assignment: Some(assignment.hash()),
        presentation: Hash([2; 32]),
        parcels: 1,
        recordings: vec![],
    };
    let device = provider.handset.kid();
    let arrived = Body::Arrived { grant: grant.hash(), assignment: Some(assignment.hash()), device };
    let burn = hub.log(Some(VisitId(rand())), vec![arrived, Body::Intent(intent)]);
    assert_eq!(handset.told(&cloud, burn).await.1["possible_now"], false, "the use is spent");
}

#[tokio::test]
async fn a_home_that_goes_or_comes_back_is_told() {
    let Ready { cloud, home, hub, provider, .. } = ready().await;
    provider.assign(&cloud, &provider.assignment(home.door(), PARCEL)).await;
    let mut handset = Handset::with_its_tour(&cloud, &provider.handset).await;
    assert_eq!(handset.told(&cloud, async { drop(hub) }).await.1["may_ring"], false);
    let (_hub, stop) = handset.told(&cloud, Hub::connect(&cloud, &home)).await;
    assert_eq!(stop["may_ring"], true);
}

#[tokio::test]
async fn a_guest_is_told_of_a_door_that_was_not_theirs_before() {
    let Ready { cloud, home: one, mut hub, owner, .. } = ready().await;
    let (other, mut other_hub, other_owner) = home(&cloud, 150).await;
    let guest = key(60);
    let allow = |home: &Home, from| {
        let mut grant = home.grant(guest.kid(), Errand::Service("guest".into()), vec![window(from, 7_200)]);
        grant.to = Grantee::Holder { cnf: Credential::device(guest.public()), name: "Ada".into() };
        json!({ "grant": b64(sign(grant, &home.owner).bytes()) })
    };
    let path = one.path("/grants");
    tokio::join!(cloud.post(&path, &owner, allow(&one, -60)), hub.keep());
    let mut handset = Handset::with_its_tour(&cloud, &guest).await;
    let path = other.path("/grants");
    let post =
        async { tokio::join!(cloud.post(&path, &other_owner, allow(&other, 3_600)), other_hub.keep()) };
    let (_, stop) = handset.told(&cloud, post).await;
    assert_eq!(
        (&stop["door"], &stop["why_not"]),
        (&json!(other.door().to_string()), &json!("outside_window"))
    );
    // And of what is stopped at the first one.
    let path = one.path("/revocations");
    let body = json!({ "revocation": b64(list(&one, 1, true).bytes()) });
    handset.told(&cloud, async { tokio::join!(cloud.post(&path, &owner, body), hub.keep()) }).await;
    let tour = cloud.get(ALL, &handset.token).await;
    assert_eq!(tour["stops"][0]["why_not"], "revoked");
}

#[tokio::test]
async fn what_begins_and_ends_with_time_alone_is_told_when_it_does() {
    /// Windows go by whole seconds; then handsets are spread over two.
    const LATE: Duration = Duration::from_millis(3_500);
    let Ready { cloud, home, hub: _hub, provider, .. } = ready().await;
    let assignment = provider.assignment(home.door(), PARCEL);
    let soon = Assignment { window: window(2, 6), ..assignment.message().clone() };
    let (from, until) = (soon.window.from.0, soon.window.until.0);
    provider.assign(&cloud, &sign(soon, &provider.working)).await;
    let mut handset = Handset::with_its_tour(&cloud, &provider.handset).await;
    let mut stops = Vec::new();
    for at in [from, until] {
        let (status, tour) = cloud.call("GET", &handset.path(25), Some(&handset.token), None).await;
        assert_eq!(status, 200);
        assert!((at..=at + LATE.as_secs()).contains(&now()), "{at}: told at {}", now());
        handset.known = tour["version"].as_str().unwrap().into();
        stops.push(tour["stops"].clone());
    }
    assert_eq!((&stops[0][0]["may_ring"], &stops[1]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn nothing_is_answered_while_nothing_changes_until_the_wait_or_the_cloud_ends() {
    let Ready { mut cloud, home, mut hub, provider, .. } = ready().await;
    provider.assign(&cloud, &provider.assignment(home.door(), PARCEL)).await;
    let handset = Handset::with_its_tour(&cloud, &provider.handset).await;
    // Of a tour that the device has not, it hears at once; and without a wait, too.
    let other = format!("{ALL}&known={}", Hash([1; 32]));
    assert_eq!(cloud.get(&other, &handset.token).await["version"], handset.known.as_str());
    assert_eq!(cloud.call("GET", &handset.path(0), Some(&handset.token), None).await.0, 204);

    let began = Instant::now();
    let path = handset.path(1);
    let answer = cloud.call("GET", &path, Some(&handset.token), None);
    // What is logged rings, and changes nothing on this tour.
    let (answer, ()) = tokio::join!(answer, hub.log(None, vec![Body::Alarm("battery_low".into())]));
    assert_eq!(answer, (204, Value::Null));
    assert!((1..10).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());

    cloud.stop_while_asked(&handset.path(25), Some(&handset.token)).await;
}

#[tokio::test]
async fn one_handset_waits_so_often_and_is_told_what_to_do() {
    let Ready { cloud, provider, .. } = ready().await;
    let handset = Handset::with_its_tour(&cloud, &provider.handset).await;
    let path = handset.path(25);
    let ask = || Box::pin(cloud.call("GET", &path, Some(&handset.token), None));
    let mut waiting: Vec<_> = (0..8).map(|_| ask()).collect();
    let all = futures::future::select_all(waiting.iter_mut());
    assert!(tokio::time::timeout(STILL_WAITING, all).await.is_err(), "they wait");
    let (status, problem) = ask().await;
    assert_eq!((status, &problem["code"]), (429, &json!("tour_waits_own")), "{problem}");
    // Who does not wait is answered, and a place is free again once nobody waits in it.
    assert_eq!(cloud.call("GET", &handset.path(0), Some(&handset.token), None).await.0, 204);
    drop(waiting);
    let until = Instant::now() + WAIT;
    while cloud.call("GET", &handset.path(1), Some(&handset.token), None).await.0 != 204 {
        assert!(Instant::now() < until, "the places are not free");
    }
}

#[tokio::test]
async fn what_is_no_wait_is_refused_by_name() {
    let Ready { cloud, provider, .. } = ready().await;
    let token = cloud.sign_in(&provider.handset, Role::Visitor).await;
    for (query, code) in
        [("wait_s=26", "wait_too_long"), ("known=12", "query_invalid"), ("wait=1", "query_invalid")]
    {
        let (status, problem) =
            cloud.call("GET", &format!("/v1/visitor/tour?{query}"), Some(&token), None).await;
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{query}");
    }
}
