use crate::companion::companion;
use crate::support::*;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::door_event::Body;
use protocol::key::Software;
use protocol::{PublicKey, Verifier as _};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;
use web_push_native::{Auth, decrypt};

/// Path, headers and sealed bytes.
type Message = (String, HeaderMap, Vec<u8>);

/// Stands in as the push service: keeps what comes, and answers as it is told.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    came: Arc<Mutex<Vec<Message>>>,
    pub(crate) answer: Arc<Mutex<Vec<u16>>>,
}

async fn take_message(State(service): State<Service>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 16).await.unwrap().to_vec();
    service.came.lock().unwrap().push((parts.uri.path().to_owned(), parts.headers, body));
    let mut answers = service.answer.lock().unwrap();
    let answer = if answers.is_empty() { 201 } else { answers.remove(0) };
    StatusCode::from_u16(answer).unwrap()
}

impl Service {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = Self { address, came: Arc::default(), answer: Arc::default() };
        let router = axum::Router::new().fallback(take_message).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        service
    }

    /// Waits until so many messages came in all.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Message> {
        let until = Instant::now() + WAIT;
        loop {
            let came = self.came.lock().unwrap().clone();
            if came.len() >= count {
                return came;
            }
            assert!(Instant::now() < until, "{} of {count} messages came", came.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A browser: what it made when it subscribed.
pub(crate) struct Browser {
    secret: SecretKey,
    auth: [u8; 16],
    endpoint: String,
}

impl Browser {
    pub(crate) fn new(service: &Service, seed: u8) -> Self {
        Self {
            secret: SecretKey::from_slice(&[seed; 32]).unwrap(),
            auth: [seed; 16],
            endpoint: format!("http://{}/to/{seed}", service.address),
        }
    }

    pub(crate) fn subscription(&self, kinds: &[&str], quiet: &Value) -> Value {
        json!({
            "endpoint": self.endpoint,
            "p256dh": b64(self.secret.public_key().to_encoded_point(false).as_bytes()),
            "auth": b64(&self.auth),
            "kinds": kinds,
            "quiet": quiet,
        })
    }

    fn read(&self, sealed: &[u8]) -> Value {
        let text = decrypt(sealed.to_vec(), &self.secret, &Auth::from(self.auth)).unwrap();
        serde_json::from_slice(&text).unwrap()
    }
}

async fn cloud_that_calls(service: &Service) -> Cloud {
    let folder = tempfile::tempdir().unwrap();
    let config = cloud::Config {
        origin: Some("https://cloud.test".to_owned().try_into().unwrap()),
        push_services: vec![format!("http://{}", service.address).try_into().unwrap()],
        ..config(folder.path())
    };
    let running = cloud::start(config).await.unwrap();
    Cloud::of(running, folder)
}

pub(crate) async fn subscribe(cloud: &Cloud, home: &Home, token: &str, body: Value) {
    let (status, problem) =
        cloud.call("POST", &home.path("/push-subscriptions"), Some(token), Some(body)).await;
    assert_eq!(status, 204, "{problem}");
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[tokio::test]
async fn a_browser_is_told_kind_and_visit_and_nobody_else_can_read_it() {
    let service = Service::start().await;
    let cloud = cloud_that_calls(&service).await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let browser = Browser::new(&service, 5);
    // What was noticed before is not told.
    hub.log(None, vec![Body::Alarm("battery_low".into())]).await;
    subscribe(&cloud, &home, &owner, browser.subscription(&["opened", "alarm"], &Value::Null)).await;
    let visit = protocol::bytes::VisitId([9; 16]);
    hub.log(Some(visit), vec![Body::Refused("outside_window".into()), Body::Opened]).await;
    let (path, headers, sealed) = service.wait_for(1).await.remove(0);
    assert_eq!(path, "/to/5");
    assert_eq!(browser.read(&sealed), json!({ "kind": "opened", "visit": visit.to_string() }));
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-encoding").as_str(), header("ttl").as_str(), header("urgency").as_str()),
        ("aes128gcm", "3600", "normal")
    );
    let other = Browser::new(&service, 6);
    assert!(decrypt(sealed, &other.secret, &Auth::from(other.auth)).is_err());

    // The cloud names itself by the key that the browser subscribed to.
    let shown = cloud.get(&home.path("/push-subscriptions"), &owner).await;
    let authorization = header("authorization");
    let (token, key) = authorization.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    assert_eq!(key, shown["key"]);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let key = PublicKey::from_sec1(&unb64(&json!(key))).unwrap();
    let signature: [u8; 64] = unb64(&json!(signature)).try_into().unwrap();
    assert!(Software.verify_p256(&key, signed.as_bytes(), &signature));
    let (head, claims) = signed.split_once('.').unwrap();
    assert_eq!(part(head), json!({ "typ": "JWT", "alg": "ES256" }));
    let claims = part(claims);
    assert_eq!(claims["aud"], format!("http://{}", service.address));
    assert_eq!(claims["sub"], "https://cloud.test");
    let life = claims["exp"].as_u64().unwrap() - now();
    assert!((3_600..=86_400).contains(&life), "{life}");

    // The next is told once more, and nothing twice.
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    let came = service.wait_for(2).await;
    assert_eq!(browser.read(&came[1].2), json!({ "kind": "alarm", "visit": null }));
    assert_eq!(came[1].1["urgency"], "high");
    assert_eq!(came.len(), 2);
}

#[tokio::test]
async fn the_plain_key_of_a_phone_is_told_too() {
    let service = Service::start().await;
    let cloud = cloud_that_calls(&service).await;
    let (home, mut hub, token) = companion(&cloud).await;
    let browser = Browser::new(&service, 5);
    subscribe(&cloud, &home, &token, browser.subscription(&["alarm"], &Value::Null)).await;
    hub.log(None, vec![Body::Alarm("battery_low".into())]).await;
    let (_, _, sealed) = service.wait_for(1).await.remove(0);
    assert_eq!(browser.read(&sealed)["kind"], "alarm");
}

#[tokio::test]
async fn quiet_hours_hold_back_all_but_alarms() {
    let service = Service::start().await;
    let cloud = cloud_that_calls(&service).await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let browser = Browser::new(&service, 5);
    let minute = (now() / 60) % 1_440;
    let quiet = json!({ "from_min": (minute + 1_430) % 1_440, "until_min": (minute + 10) % 1_440 });
    subscribe(&cloud, &home, &owner, browser.subscription(&["opened", "alarm"], &quiet)).await;
    let shown = cloud.get(&home.path("/push-subscriptions"), &owner).await;
    let expected = json!({ "endpoint": browser.endpoint, "kinds": ["opened", "alarm"], "quiet": quiet });
    assert_eq!(shown["subscription"], expected);
    let visit = protocol::bytes::VisitId([9; 16]);
    hub.log(Some(visit), vec![Body::Opened, Body::Alarm("left_open".into())]).await;
    let came = service.wait_for(1).await;
    assert_eq!(browser.read(&came[0].2)["kind"], "alarm");
}

#[tokio::test]
async fn a_browser_that_unsubscribed_or_left_the_home_is_told_nothing() {
    let service = Service::start().await;
    let cloud = cloud_that_calls(&service).await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let member = cloud.sign_in(&home.member, protocol::sign_in::Role::Resident).await;
    let path = home.path("/push-subscriptions");
    let (his, hers) = (Browser::new(&service, 5), Browser::new(&service, 6));
    subscribe(&cloud, &home, &owner, his.subscription(&["alarm"], &Value::Null)).await;
    subscribe(&cloud, &home, &member, hers.subscription(&["alarm"], &Value::Null)).await;
    // Each sees its own.
    for (token, browser) in [(&owner, &his), (&member, &hers)] {
        assert_eq!(cloud.get(&path, token).await["subscription"]["endpoint"], browser.endpoint);
    }
    // The member is taken out of the roster, and is not told from then on.
    let mut next = home.roster.message().clone();
    next.epoch = 2;
    next.prev = home.roster.hash();
    next.residents.retain(|resident| resident.credential.kid() != home.member.kid());
    let next = sign(next, &home.owner);
    let rosters = home.path("/rosters");
    let body = json!({ "roster": [b64(next.bytes())] });
    tokio::join!(cloud.post(&rosters, &owner, body), hub.keep());
    hub.log(None, vec![Body::RosterKept { epoch: 2, roster: next.hash() }]).await;
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    assert_eq!(service.wait_for(1).await[0].0, "/to/5");
    // The push service says that the browser is gone: it is forgotten.
    service.answer.lock().unwrap().push(410);
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    service.wait_for(2).await;
    let until = Instant::now() + WAIT;
    while !cloud.get(&path, &owner).await["subscription"].is_null() {
        assert!(Instant::now() < until, "still subscribed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Subscribed again, and unsubscribed by the device itself.
    subscribe(&cloud, &home, &owner, his.subscription(&["alarm"], &Value::Null)).await;
    for _ in 0..2 {
        assert_eq!(cloud.call("DELETE", &path, Some(&owner), None).await.0, 204);
    }
    assert!(cloud.get(&path, &owner).await["subscription"].is_null());
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    subscribe(&cloud, &home, &owner, his.subscription(&["opened"], &Value::Null)).await;
    hub.log(Some(protocol::bytes::VisitId([9; 16])), vec![Body::Opened]).await;
    let came = service.wait_for(3).await;
    assert_eq!(his.read(&came[2].2)["kind"], "opened", "nothing came in between");
    assert!(came.iter().all(|(path, ..)| path == "/to/5"), "{came:?}");
}

#[tokio::test]
async fn a_push_service_that_fails_is_tried_again() {
    let service = Service::start().await;
    let cloud = cloud_that_calls(&service).await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let browser = Browser::new(&service, 5);
    subscribe(&cloud, &home, &owner, browser.subscription(&["alarm"], &Value::Null)).await;
    service.answer.lock().unwrap().push(503);
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    let came = service.wait_for(2).await;
    assert_eq!(browser.read(&came[0].2), browser.read(&came[1].2));
    // Sealed anew each time.
    assert_ne!(came[0].2, came[1].2);
    // One that refuses is not.
    service.answer.lock().unwrap().push(400);
    hub.log(None, vec![Body::Alarm("battery_low".into())]).await;
    hub.log(None, vec![Body::Alarm("left_open".into())]).await;
    assert_eq!(service.wait_for(4).await.len(), 4);
}

#[tokio::test]
async fn only_push_services_are_called_and_only_with_keys_that_are_keys() {
    let service = Service::start().await;
    let cloud = cloud_that_calls(&service).await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let good = Browser::new(&service, 5).subscription(&["alarm"], &Value::Null);
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let port = service.address.port();
    for (field, value, code) in [
        ("endpoint", json!("https://fcm.googleapis.com/x"), "push_endpoint"),
        ("endpoint", json!(format!("http://localhost:{port}/x")), "push_endpoint"),
        ("endpoint", json!(format!("http://127.0.0.1:{port}@a.example/x")), "push_endpoint"),
        ("endpoint", json!(format!("http://127.0.0.1:{port}/{}", "x".repeat(2_048))), "push_endpoint"),
        ("endpoint", json!("x y"), "push_endpoint"),
        ("p256dh", json!(b64(&[4; 65])), "push_key"),
        ("p256dh", json!(b64(&[2; 33])), "push_key"),
        ("auth", json!(b64(&[1; 15])), "push_key"),
        ("kinds", json!([]), "push_kinds"),
        ("kinds", json!(["alarm", "weather"]), "push_kinds"),
        ("kinds", json!(vec!["alarm"; 14]), "push_kinds"),
        ("quiet", json!({ "from_min": 0, "until_min": 1_440 }), "push_quiet"),
    ] {
        let (status, problem) = cloud
            .call("POST", &home.path("/push-subscriptions"), Some(&owner), Some(with(field, value.clone())))
            .await;
        assert_eq!(
            (status, &problem["code"], &problem["field"]),
            (422, &json!(code), &json!(field)),
            "{value}"
        );
    }
    assert!(cloud.get(&home.path("/push-subscriptions"), &owner).await["subscription"].is_null());
}

#[tokio::test]
async fn a_cloud_without_an_https_origin_sends_none_and_says_so() {
    let service = Service::start().await;
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let path = home.path("/push-subscriptions");
    assert_eq!(cloud.get(&path, &owner).await, json!({ "key": null, "subscription": null }));
    let body = Browser::new(&service, 5).subscription(&["alarm"], &Value::Null);
    let (status, problem) = cloud.call("POST", &path, Some(&owner), Some(body)).await;
    assert_eq!((status, &problem["code"]), (409, &json!("push_off")));
    assert!(!cloud.folder.path().join("data/push.key").exists());
}
