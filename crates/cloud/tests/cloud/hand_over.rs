//! A home that is handed over: what was of the household before is shown to nobody of the one after, and ends.

use crate::delivery::{Ready, opening, ready};
use crate::left_photo;
use crate::media::recorder;
use crate::papers::visited;
use crate::retention::{HOUR, expire, until};
use crate::rosters::put_in_force;
use crate::support::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::StreamExt as _;
use futures::future::LocalBoxFuture;
use protocol::arrival::Arrival;
use protocol::bytes::*;
use protocol::commitment::Commitment;
use protocol::door_event::{Body, Outcome, VisitEnd};
use protocol::door_log::{Checker, Position};
use protocol::grant::{Errand, Grant, Grantee};
use protocol::left::{Left, Reason, Rung, photo_hash};
use protocol::media::{FromMedia, ToMedia};
use protocol::revocation::Revocation;
use protocol::ring::Ring;
use protocol::roster::{Rank, Resident, Roster};
use protocol::sign_in::Role;
use protocol::time::Timestamp;
use protocol::uplink::{DetailOpening, FromVisitor, LogEntry, ToCloud, ToHome, ToVisitor};
use protocol::{Credential, DeviceKey, Kid, Signed, Signer as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message as Frame;

const RECORDING: RecordingId = RecordingId([41; 16]);
const LATE: RecordingId = RecordingId([42; 16]);
const SHARE: &str = "0123456789abcdef0123456789abcdef";

/// Whoever moves in.
fn next_owner() -> DeviceKey {
    key(90)
}

fn guest() -> DeviceKey {
    key(80)
}

/// What identifies something of the household before, wherever it stands: as text, or as bytes in what is encoded.
struct Trace {
    what: &'static str,
    text: String,
    bytes: Vec<u8>,
}

fn id(what: &'static str, bytes: &[u8]) -> Trace {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap());
    Trace { what, text: bytes.iter().flat_map(digits).collect(), bytes: bytes.to_vec() }
}

fn words(what: &'static str, text: &str) -> Trace {
    Trace { what, text: text.into(), bytes: text.into() }
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    let digits: Vec<u8> =
        (0..N).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect();
    digits.try_into().unwrap()
}

impl Trace {
    fn is_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => {
                let holds = |bytes: &[u8]| bytes.windows(self.bytes.len()).any(|w| w == self.bytes);
                text.contains(&self.text) || URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| holds(&bytes))
            }
            Value::Array(all) => all.iter().any(|one| self.is_in(one)),
            Value::Object(all) => all.values().any(|one| self.is_in(one)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
}

/// A home in which people lived: something of everything that the cloud keeps for them.
struct Lived {
    r: Ready,
    visit: VisitId,
    /// By which numbers and names everything of it is asked for.
    grant_to_guest: Signed<Grant>,
    /// Announced, and still to come.
    open: String,
    number: String,
    /// With a photo.
    report: Hash,
    traces: Vec<Trace>,
    roster: Signed<Roster>,
}

fn list(home: &Home, sequence: u64, devices: Vec<Kid>, by: &DeviceKey) -> Signed<Revocation> {
    let list = Revocation {
        door: home.door(),
        sequence,
        issued: Timestamp(now()),
        blocked: false,
        grants: vec![],
        providers: vec![],
        devices,
    };
    sign(list, by)
}

async fn stop(r: &mut Ready, list: &Signed<Revocation>) {
    let body = json!({ "revocation": b64(list.bytes()) });
    let path = r.home.path("/revocations");
    tokio::join!(r.cloud.post(&path, &r.owner, body), r.hub.keep());
    let sequence = list.message().sequence;
    r.hub.log(None, vec![Body::RevocationKept { sequence, revocation: list.hash() }]).await;
}

async fn put(r: &Ready, path: &str, body: Value) {
    let (status, answer) = r.cloud.call("PUT", path, Some(&r.owner), Some(body)).await;
    assert!(status < 300, "PUT {path}: {status} {answer}");
}

async fn announce(r: &Ready, number: &str, parcel: u8) -> (u16, Value) {
    let mut body = Provider::consignment(number, Commitment(Hash([parcel; 32])));
    body["idempotency_key"] = json!(format!("order {parcel}"));
    r.cloud.call("POST", "/v1/provider/consignments", Some(&r.provider.token), Some(body)).await
}

fn photo(r: &Ready) -> Vec<u8> {
    left_photo::sealed_at(r.home.door(), r.assignment, 5)
}

async fn report_left(r: &Ready, reason: Reason) -> (u16, Value, Hash) {
    let left = Left {
        door: r.home.door(),
        assignment: r.assignment,
        visit: None,
        rung: Rung::Neighbour,
        reason,
        at: Timestamp(now()),
        photo: Some(photo_hash(&photo(r))),
    };
    let left = sign(left, &r.provider.handset);
    let token = r.cloud.sign_in(&r.provider.handset, Role::Visitor).await;
    let body = json!({ "left": b64(left.bytes()) });
    let (status, answer) = r.cloud.call("POST", "/v1/visitor/left", Some(&token), Some(body)).await;
    (status, answer, left.hash())
}

async fn recorded(r: &Ready, visit: VisitId, recording: RecordingId) {
    let mut recorder = recorder(&r.cloud, &r.home).await;
    let header = Blob(b"header".to_vec());
    send(&mut recorder, &ToMedia::Part { recording, visit, part: 0, header }).await;
    send(&mut recorder, &ToMedia::Manifest { recording, manifest: Blob(b"manifest".to_vec()) }).await;
    while take::<FromMedia>(&mut recorder).await != FromMedia::Complete(recording) {}
}

fn resident(key: &DeviceKey, since: u64) -> Resident {
    let kem = Some(Blob(kem().public()));
    Resident { credential: key.credential(), role: Rank::Owner, since, name: "next".into(), kem }
}

/// Admits whoever moves in, beside everybody who is there.
fn admitted(home: &Home) -> Signed<Roster> {
    let mut roster = home.roster.message().clone();
    roster.epoch = 2;
    roster.prev = home.roster.hash();
    roster.residents.push(resident(&next_owner(), 2));
    roster.residents.push(Resident::recovery(key(70).public(), 2));
    roster.residents.sort_by_key(|r| r.credential.kid());
    sign(roster, &home.owner)
}

fn lived() -> LocalBoxFuture<'static, Lived> {
    Box::pin(live())
}

async fn live() -> Lived {
    let mut r = ready().await;
    let visit = visited(&mut r).await.visit;
    recorded(&r, visit, RECORDING).await;
    let one = r.home.path(&format!("/recordings/{RECORDING}"));
    assert_eq!(r.cloud.call("GET", &format!("{one}/parts/0/chunks"), Some(&r.owner), None).await.0, 200);
    let share = json!({ "share": SHARE, "sealed": b64(b"sealed"), "hours": 168 });
    r.cloud.post(&format!("{one}/shares"), &r.owner, share).await;

    let to = Grantee::Holder { cnf: Credential::device(guest().public()), name: "Robin".into() };
    let grant = r.home.grant(guest().kid(), Errand::Service("guest".into()), vec![window(-60, 3_600)]);
    let grant_to_guest = sign(Grant { to, ..grant }, &r.home.member);
    let body = json!({ "grant": b64(grant_to_guest.bytes()) });
    let path = r.home.path("/grants");
    tokio::join!(r.cloud.post(&path, &r.owner, body), r.hub.keep());
    for grant in [r.grant, grant_to_guest.hash()] {
        r.hub.send(&ToCloud::Preflight { grant, findings: vec!["battery_low".into()] }).await;
    }

    let number = r.cloud.get(&r.home.path("/delivery-numbers"), &r.owner).await;
    let number = number["delivery_numbers"][0]["number"].as_str().unwrap().to_owned();
    let (status, open) = announce(&r, &number, 7).await;
    assert_eq!(status, 201, "{open}");
    let open = open["consignment"].as_str().unwrap().to_owned();
    put(&r, &r.home.path("/plan-b"), json!({ "rungs": ["neighbour", "doorstep"] })).await;
    put(&r, &r.home.path(&format!("/consignments/{open}/plan-b")), json!({ "rungs": ["doorstep"] })).await;
    put(&r, &r.home.path("/retention"), json!({ "hours": 24 })).await;

    let first = list(&r.home, 1, vec![key(81).kid()], &r.home.companion);
    stop(&mut r, &first).await;
    let newest = list(&r.home, 2, vec![], &r.home.owner);
    stop(&mut r, &newest).await;
    let away = format!("/v1/provider/assignments/{}/stops-away", r.assignment);
    let said = json!({ "stops_away": 2 });
    assert!(r.cloud.call("PUT", &away, Some(&r.provider.token), Some(said)).await.0 < 300);
    let (status, _, report) = report_left(&r, Reason::TooBig).await;
    assert_eq!(status, 201);
    let handset = r.cloud.sign_in(&r.provider.handset, Role::Visitor).await;
    assert_eq!(left_photo::put(&r.cloud, &handset, report, photo(&r)).await.0, 204);
    assert_eq!(left_photo::fetch(&r.cloud, &r.home, &r.owner, report).await.0, 200);

    let roster = admitted(&r.home);
    put_in_force(&r.cloud, &r.home, &mut r.hub, &r.owner, &roster).await;
    let traces = vec![
        id("visit", &visit.0),
        id("recording", &RECORDING.0),
        words("share", SHARE),
        id("grant", &r.grant.0),
        id("grant to a guest", &grant_to_guest.hash().0),
        id("its id", &grant_to_guest.message().id.0),
        id("guest", &guest().kid().0),
        words("the guest's name", "Robin"),
        words("delivery number", &number),
        words("what it was called", "Shop"),
        id("consignment that was brought", &hex::<16>(&r.consignment)),
        id("consignment that is to come", &hex::<16>(&open)),
        id("parcel", &opening().commitment().0.0),
        id("assignment", &r.assignment.0),
        id("handset", &r.provider.handset.kid().0),
        id("service", &r.provider.root.kid().0),
        words("plan b", "neighbour"),
        words("plan b of one parcel", "doorstep"),
        id("what was stopped once", &key(81).kid().0),
        id("list of that", &first.hash().0),
        id("report", &report.0),
        words("finding", "battery_low"),
        words("notice", "announced"),
        id("member", &r.home.member.kid().0),
        id("companion", &r.home.companion.kid().0),
        id("first roster", &r.home.roster.hash().0),
    ];
    Lived { r, visit, grant_to_guest, open, number, report, traces, roster }
}

impl Lived {
    fn home(&self) -> &Home {
        &self.r.home
    }

    /// The next roster, with those who stay and those who come. Every grant ends.
    fn next(&self, stays: impl Fn(&Resident) -> bool, come: Vec<Resident>, by: &DeviceKey) -> Signed<Roster> {
        let mut roster = self.roster.message().clone();
        (roster.epoch, roster.prev, roster.grants_from) = (3, self.roster.hash(), 3);
        roster.residents.retain(stays);
        roster.residents.extend(come);
        roster.residents.sort_by_key(|r| r.credential.kid());
        sign(roster, by)
    }

    async fn put_in_force(&mut self, roster: &Signed<Roster>) {
        let (home, owner) = (self.r.home.clone(), self.r.owner.clone());
        put_in_force(&self.r.cloud, &home, &mut self.r.hub, &owner, roster).await;
    }

    async fn hand_over(&mut self) -> String {
        let next = next_owner().kid();
        let roster = self.next(|one| one.credential.kid() == next, vec![], &self.r.home.owner);
        self.put_in_force(&roster).await;
        self.r.cloud.sign_in(&next_owner(), Role::Resident).await
    }

    /// Every GET of a resident that the description knows, with everything of before in its path.
    fn gets(&self) -> Vec<String> {
        let described: Value = serde_json::from_str(&cloud::openapi()).unwrap();
        let mut paths = Vec::new();
        for (path, item) in described["paths"].as_object().unwrap() {
            if !path.starts_with("/v1/homes/{home}") || item["get"].is_null() {
                continue;
            }
            let filled = path
                .replace("{home}", &self.home().id().to_string())
                .replace("{visit}", &self.visit.to_string())
                .replace("{recording}", &RECORDING.to_string())
                .replace("{look}", &RECORDING.to_string())
                .replace("{left}", &self.report.to_string())
                .replace("{part}", "0")
                .replace("{sequence}", "1")
                .replace("{hash}", &self.grant_to_guest.hash().to_string());
            assert!(!filled.contains('{'), "{path}: name something of the household before for it");
            let parameters = item["get"]["parameters"].as_array().cloned().unwrap_or_default();
            let takes = |name: &str| parameters.iter().any(|one| one["name"] == name);
            let mut more = Vec::new();
            for (name, value) in [
                ("limit", "200".into()),
                ("since", "0".into()),
                ("visit", self.visit.to_string()),
                ("state", "open".into()),
            ] {
                if takes(name) && !filled.contains(&format!("/{name}s/")) {
                    more.push(format!("{filled}?{name}={value}"));
                }
            }
            paths.push(filled);
            paths.extend(more);
        }
        assert!(paths.len() > 30, "{paths:?}");
        paths
    }

    /// Where which traces are found, by everything that this resident may ask.
    async fn found(&self, token: &str) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for path in self.gets() {
            let (_, answer) = self.r.cloud.call("GET", &path, Some(token), None).await;
            for trace in self.traces.iter().filter(|trace| trace.is_in(&answer)) {
                found.push((trace.what, path.clone()));
            }
        }
        found
    }

    async fn notices(&self, token: &str) -> Vec<Value> {
        let notices = self.r.cloud.get(&self.home().path("/notices"), token).await;
        notices["notices"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn nothing_that_a_resident_may_ask_names_anything_of_the_household_before() {
    let mut lived = lived().await;
    // As long as whoever moves in is a guest of the household they see what it sees: each trace is somewhere.
    let next = lived.r.cloud.sign_in(&next_owner(), Role::Resident).await;
    let found = lived.found(&next).await;
    for trace in &lived.traces {
        assert!(
            found.iter().any(|(what, _)| *what == trace.what),
            "{} is nowhere, so this test sees nothing",
            trace.what
        );
    }
    let next = lived.hand_over().await;
    assert_eq!(lived.found(&next).await, []);
    let photo = left_photo::fetch(&lived.r.cloud, lived.home(), &next, lived.report).await;
    assert_eq!(photo.0, 404, "it is no text, in which a trace would show");
    let about = lived.r.cloud.get(&lived.home().path(""), &next).await;
    assert_eq!(about["household_since"], 3);

    // Nor after the visits were built again, or a restart.
    lived.r.cloud.post(&lived.home().path("/door-log/rebuild"), &next, json!({})).await;
    assert_eq!(lived.found(&next).await, []);
    lived.r.cloud.restart().await;
    assert_eq!(lived.found(&next).await, []);

    // Whoever left has nothing more to ask.
    for path in lived.gets() {
        let (status, answer) = lived.r.cloud.call("GET", &path, Some(&lived.r.owner), None).await;
        assert_eq!((status, &answer["code"]), (403, &json!("home_other")), "{path}");
    }
    assert_eq!(lived.r.cloud.call("GET", &format!("/v1/shares/{SHARE}"), None, None).await.0, 410);
}

/// The chain holds from its first event; the newest list of what is stopped, and what came later, can be read.
#[tokio::test]
async fn the_door_log_is_whole_and_says_nothing_of_before_but_what_still_counts() {
    let mut lived = lived().await;
    let before = lived.r.hub.counter;
    let next = lived.hand_over().await;
    let log = lived.r.cloud.get(&lived.home().path("/door-log?limit=200"), &next).await;
    let mut checker = Checker::new(lived.home().door(), lived.home().door_key.public(), Position::START);
    let mut readable = Vec::new();
    for event in log["events"].as_array().unwrap() {
        let opening = event["opening"].as_object().map(|opening| DetailOpening {
            salt: Salt::from_slice(&unb64(&opening["salt"])).unwrap(),
            detail: Blob(unb64(&opening["detail"])),
        });
        assert_eq!(opening.is_some(), event["received_ms"].is_i64(), "{event}");
        let entry = LogEntry { event: Blob(unb64(&event["event"])), opening };
        let (event, detail) = checker.entry(&entry, &protocol::key::Software).unwrap();
        readable.extend(detail.map(|detail| (event.message().counter, detail.body)));
    }
    assert_eq!(checker.position.counter, before + 1);
    // Two bodies: list 2, which the door keeps, and the roster by which the home was handed over.
    assert!(
        matches!(
            readable.as_slice(),
            [(_, Body::RevocationKept { sequence: 2, .. }), (last, Body::RosterKept { epoch: 3, .. })] if *last == before + 1
        ),
        "{readable:?}"
    );
    let lists = lived.r.cloud.get(&lived.home().path("/revocations"), &next).await;
    let sequences: Vec<_> =
        lists["revocations"].as_array().unwrap().iter().map(|one| &one["sequence"]).collect();
    assert_eq!(sequences, [&json!(2)], "what the door stops now, and nothing older");

    // The next list takes its place, and then the one of before is history, too.
    let third = list(lived.home(), 3, vec![], &next_owner());
    lived.r.owner = next.clone();
    stop(&mut lived.r, &third).await;
    let lists = lived.r.cloud.get(&lived.home().path("/revocations"), &next).await;
    let sequences: Vec<_> =
        lists["revocations"].as_array().unwrap().iter().map(|one| &one["sequence"]).collect();
    assert_eq!(sequences, [&json!(3)]);
    assert_eq!(lived.found(&next).await, []);
}

#[tokio::test]
async fn nothing_of_the_household_before_goes_on_acting_and_its_services_keep_what_is_theirs() {
    let mut lived = lived().await;
    let next = lived.hand_over().await;
    let r = &mut lived.r;
    // What those chose who live there now is told to no service and no courier of before.
    r.owner = next.clone();
    put(r, &r.home.path("/plan-b"), json!({ "rungs": ["again"] })).await;
    // Nor does a parcel of before come in because the same service may always come now.
    let always = Errand::Service("delivery".into());
    let always = r.home.grant(r.provider.root.kid(), always, vec![window(-60, 3_600)]);
    let always = sign(Grant { roster_epoch: 3, ..always }, &next_owner());
    let body = json!({ "grant": b64(always.bytes()) });
    let path = r.home.path("/grants");
    tokio::join!(r.cloud.post(&path, &next, body), r.hub.keep());
    lived.traces.retain(|trace| trace.what != "service");
    let handset = r.cloud.sign_in(&r.provider.handset, Role::Visitor).await;

    // What was brought stays as it was; what is to come is not possible there.
    for (consignment, state) in [(&r.consignment, "granted"), (&lived.open, "declined")] {
        let seen = r.cloud.get(&format!("/v1/provider/consignments/{consignment}"), &r.provider.token).await;
        assert_eq!(seen["consignment"]["state"], state);
        assert_eq!(seen["consignment"]["plan_b"], json!(["locker", "again"]), "nobody's choice any more");
    }
    let seen = r.cloud.get(&format!("/v1/provider/consignments/{}", r.consignment), &r.provider.token).await;
    assert_eq!((seen["visits"].as_array().unwrap().len(), seen["left"].as_array().unwrap().len()), (1, 1));
    let receipt = r.cloud.get(&format!("/v1/visitor/visits/{}", lived.visit), &handset).await;
    assert!(
        receipt["events"].as_array().unwrap().iter().all(|event| event["opening"].is_object()),
        "{receipt}"
    );

    // The number announces nothing, the stop lets nobody in or ring, and nothing new is assigned to what is over.
    assert_eq!(announce(r, &lived.number, 8).await.1["code"], "delivery_number_unknown");
    let away = format!("/v1/provider/assignments/{}/stops-away", r.assignment);
    let (_, refused) =
        r.cloud.call("PUT", &away, Some(&r.provider.token), Some(json!({ "stops_away": 1 }))).await;
    assert_eq!(refused["code"], "assignment_unknown");
    let stop = r.cloud.get("/v1/visitor/tour", &handset).await["stops"][0].clone();
    assert_eq!(
        (&stop["possible_now"], &stop["may_ring"], &stop["grant"], &stop["plan_b"]),
        (&json!(false), &json!(false), &Value::Null, &json!(["locker", "again"]))
    );
    let again = r.provider.assignment(r.home.door(), Commitment(Hash([7; 32])));
    let body = json!({ "assignment": b64(again.bytes()), "delegation": b64(r.provider.delegation.bytes()) });
    let (_, refused) =
        r.cloud.call("POST", "/v1/provider/assignments", Some(&r.provider.token), Some(body)).await;
    assert_eq!(refused["code"], "door_unknown");

    let (door_tag, door) = (DoorTag([1; 16]), r.home.door());
    let ring = Ring { visit: VisitId(rand()), door, door_tag, assignment: r.assignment };
    let ring = FromVisitor::Ring(Blob(sign(ring, &r.provider.handset).bytes().to_vec()));
    let courier = FromVisitor::Arrival(Blob(sign(r.arrival(), &r.provider.handset).bytes().to_vec()));
    let arrival = Arrival { grant: always.hash(), ..r.arrival() };
    let under_theirs = FromVisitor::Arrival(Blob(sign(arrival, &r.provider.handset).bytes().to_vec()));
    let grant = lived.grant_to_guest.hash();
    let arrival = Arrival { visit: VisitId(rand()), door, door_tag, grant, assignment: None };
    let guests = FromVisitor::Arrival(Blob(sign(arrival, &guest()).bytes().to_vec()));
    for (key, words) in [(&r.provider.handset, vec![ring, courier, under_theirs]), (&guest(), vec![guests])] {
        let token = r.cloud.sign_in(key, Role::Visitor).await;
        let mut at_door = r.cloud.ws("/v1/visitor/door", Some(&token)).await;
        for word in words {
            send(&mut at_door, &word).await;
            assert_eq!(take::<ToVisitor>(&mut at_door).await, ToVisitor::NotHereToday);
        }
    }
    // A report that comes late, a finding, a recording that was still at home: kept where they concern somebody.
    assert_eq!(report_left(r, Reason::GaveUp).await.0, 201);
    r.hub.send(&ToCloud::Preflight { grant: r.grant, findings: vec!["epoch_superseded".into()] }).await;
    recorded(r, lived.visit, LATE).await;
    // By then the home's finding has been read, too.
    r.hub.log(None, vec![Body::Booted(true)]).await;
    let mut traces =
        vec![id("recording that came late", &LATE.0), words("finding that came late", "epoch_superseded")];
    lived.traces.append(&mut traces);
    assert_eq!(lived.found(&next).await, []);
    assert_eq!(lived.notices(&next).await, Vec::<Value>::new());
    let path = format!("/v1/provider/consignments/{}", lived.r.consignment);
    let seen = lived.r.cloud.get(&path, &lived.r.provider.token).await;
    assert_eq!(seen["left"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_next_household_begins_with_everything_of_its_own() {
    let mut lived = lived().await;
    let next = lived.hand_over().await;
    let r = &mut lived.r;
    let number = r.cloud.post(&r.home.path("/delivery-numbers"), &next, json!({ "label": "Mine" })).await;
    let (status, mine) = announce(r, number["number"].as_str().unwrap(), 9).await;
    assert_eq!((status, &mine["state"]), (201, &json!("awaiting")));
    let commitment = Commitment(Hash([9; 32]));
    let grant =
        r.home.grant(r.provider.root.kid(), Errand::Consignments(vec![commitment]), vec![window(-60, 3_600)]);
    let grant = sign(Grant { roster_epoch: 3, ..grant }, &next_owner());
    let body = json!({ "grant": b64(grant.bytes()) });
    let path = r.home.path("/grants");
    tokio::join!(r.cloud.post(&path, &next, body), r.hub.keep());
    let assignment = r.provider.assignment(r.home.door(), commitment);
    r.provider.assign(&r.cloud, &assignment).await;
    r.hub.keep().await;
    let arrival = Arrival { grant: grant.hash(), assignment: Some(assignment.hash()), ..r.arrival() };
    let visit = arrival.visit;
    let mut door = r.at_door().await;
    let word = FromVisitor::Arrival(Blob(sign(arrival, &r.provider.handset).bytes().to_vec()));
    send(&mut door, &word).await;
    assert_eq!(r.hub.next().await, ToHome::FromVisitor { visit, word });
    let device = r.provider.handset.kid();
    let arrived = Body::Arrived { grant: grant.hash(), assignment: Some(assignment.hash()), device };
    r.hub.log(Some(visit), vec![arrived]).await;
    recorded(r, visit, RecordingId([43; 16])).await;

    let shown = |path: &str, list: &'static str| {
        let (cloud, path, next) = (&lived.r.cloud, lived.r.home.path(path), next.clone());
        async move { cloud.get(&path, &next).await[list].as_array().unwrap().len() }
    };
    for (path, list) in [
        ("/visits", "visits"),
        ("/grants", "grants"),
        ("/consignments", "consignments"),
        ("/delivery-numbers", "delivery_numbers"),
        ("/recordings", "recordings"),
        ("/arrivals", "arrivals"),
    ] {
        assert_eq!(shown(path, list).await, 1, "{path}");
    }
    let kinds: Vec<_> = lived.notices(&next).await.iter().map(|notice| notice["kind"].clone()).collect();
    assert_eq!(kinds, [json!("announced"), json!("arriving")]);
    let retention = lived.r.cloud.get(&lived.home().path("/retention"), &next).await;
    assert_eq!((&retention["hours"], &retention["by"]), (&json!(72), &Value::Null));
}

/// What the household before chose counts for its recordings, and whoever moved in neither shortens it nor hears of it.
#[tokio::test]
async fn recordings_of_before_end_in_their_own_time_and_claims_hold() {
    let mut lived = lived().await;
    let held = RecordingId([44; 16]);
    recorded(&lived.r, lived.visit, held).await;
    put(&lived.r, &lived.home().path(&format!("/recordings/{held}/claim")), json!({})).await;
    let next = lived.hand_over().await;
    lived.r.owner = next.clone();
    put(&lived.r, &lived.home().path("/retention"), json!({ "hours": 1 })).await;
    let data = lived.r.cloud.folder.path().join("data");
    let objects = |recording: RecordingId| {
        let name = recording.to_string();
        crate::media::walk(&data).iter().filter(|file| file.to_string_lossy().contains(&name)).count()
    };
    assert!(objects(RECORDING) > 0 && objects(held) > 0, "or this test would see nothing");
    // One of theirs is deleted after the hour that they chose.
    recorded(&lived.r, VisitId([45; 16]), RecordingId([46; 16])).await;
    expire(&lived.r.cloud, lived.home(), &next, HOUR).await;
    assert!(objects(RECORDING) > 0, "not at the word of whoever moved in");
    lived.r.cloud.clock.advance(HOUR * 22);
    let deadline = tokio::time::Instant::now() + WAIT;
    while objects(RECORDING) > 0 {
        assert!(tokio::time::Instant::now() < deadline, "kept for longer than its household chose");
        lived.r.cloud.clock.advance(HOUR / 3);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(objects(held) > 0, "a claim holds it");
    let told: Vec<_> =
        lived.notices(&next).await.iter().map(|one| one["about"]["recording"].clone()).collect();
    assert_eq!(told, [json!(RecordingId([46; 16]).to_string())], "of theirs alone");
}

#[tokio::test]
async fn who_leaves_hears_nothing_more_on_a_connection_that_lasts() {
    let mut lived = lived().await;
    let path = lived.home().path("/notices/live?since=100000");
    let mut leaving = lived.r.cloud.ws(&path, Some(&lived.r.owner)).await;
    lived.hand_over().await;
    let last = loop {
        match tokio::time::timeout(WAIT, leaving.next())
            .await
            .expect("the connection goes on")
            .unwrap()
            .unwrap()
        {
            Frame::Close(Some(close)) => break close.reason.to_string(),
            Frame::Text(text) => panic!("{text}"),
            _ => {}
        }
    };
    assert!(last.starts_with("home_other"), "{last}");
}

/// What is wrong at the door is told to whoever lives there, and not during whose visit.
#[tokio::test]
async fn who_is_inside_while_the_home_changes_hands_is_of_the_household_before() {
    let mut lived = lived().await;
    let visit = VisitId([47; 16]);
    lived.traces.push(id("visit under way", &visit.0));
    let device = lived.r.provider.handset.kid();
    let arrived = Body::Arrived { grant: lived.r.grant, assignment: Some(lived.r.assignment), device };
    lived.r.hub.log(Some(visit), vec![arrived, Body::Opened]).await;
    let next = lived.hand_over().await;
    // The home says nothing for a while, then that the door stood open.
    let path = lived.home().path("/notices");
    until(&lived.r.cloud, &path, &next, |all| all["notices"][0]["kind"] == "incident").await;
    let end = VisitEnd { first: 1, last: 9, outcome: Outcome::Secured, parcels: 1 };
    let bodies = vec![Body::Alarm("door_open".into()), Body::Secured(vec![]), Body::VisitEnded(end)];
    lived.r.hub.log(Some(visit), bodies).await;
    recorded(&lived.r, visit, LATE).await;
    lived.traces.push(id("its recording", &LATE.0));
    assert_eq!(lived.found(&next).await, []);
    let told: Vec<_> = lived.notices(&next).await.iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(told, [json!("incident"), json!("alarm")]);
}

/// The same household goes on: with the sheet, when whoever stays sends the others away, and when somebody goes.
#[tokio::test]
async fn taking_over_and_removing_keep_everything() {
    let (sheet, new_phone) = (key(70), key(95));
    for how in ["sheet", "others", "member"] {
        let mut lived = lived().await;
        let (next, member) = (next_owner().kid(), lived.home().member.kid());
        let (roster, resident) = match how {
            "sheet" => {
                let come = vec![resident(&new_phone, 3)];
                (lived.next(|one| one.role == Rank::Recovery, come, &sheet), new_phone.clone())
            }
            "others" => (lived.next(|one| one.credential.kid() == next, vec![], &next_owner()), next_owner()),
            _ => {
                let roster = lived.next(|one| one.credential.kid() != member, vec![], &lived.r.home.owner);
                (roster, next_owner())
            }
        };
        lived.put_in_force(&roster).await;
        let token = lived.r.cloud.sign_in(&resident, Role::Resident).await;
        let found = lived.found(&token).await;
        for trace in &lived.traces {
            assert!(found.iter().any(|(what, _)| *what == trace.what), "{how}: {} is gone", trace.what);
        }
    }
}
