//! A cloud, a home with its hub, a provider, a courier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloud::{Config, Running};
use futures::{SinkExt as _, StreamExt as _};
use protocol::assignment::Assignment;
use protocol::bytes::*;
use protocol::commitment::Commitment;
use protocol::delegation::Delegation;
use protocol::door_event::{Body, Class, Detail, DoorEvent};
use protocol::grant::{Entry, Errand, Grant, Grantee, Occupied, Record, Terms};
use protocol::roster::{Rank, Resident, Roster};
use protocol::sign_in::{Role, SignIn};
use protocol::time::{Interval, Monotonic, Timestamp, Window};
use protocol::uplink::{DetailOpening, Downlink, LogEntry, Paper, ToCloud, ToHome};
use protocol::{Credential, DeviceKey, Hash, Kid, Message, Signed, Signer, canonical};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) type Ws = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) const AUDIENCE: &str = "cloud.test";
pub(crate) const WAIT: Duration = Duration::from_secs(10);
/// Long enough for a question to reach the cloud and be found waiting.
pub(crate) const STILL_WAITING: Duration = Duration::from_millis(300);

pub(crate) fn key(seed: u8) -> DeviceKey {
    DeviceKey::from_secret(&[seed; 32]).unwrap()
}

pub(crate) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn unb64(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

pub(crate) fn sign<M: Message>(message: M, by: &DeviceKey) -> Signed<M> {
    Signed::sign(message, by).unwrap()
}

#[allow(clippy::disallowed_methods, reason = "windows of the tests are around the cloud's now")]
pub(crate) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

pub(crate) fn window(from: i64, until: i64) -> Window {
    let at = |offset: i64| Timestamp(now().saturating_add_signed(offset));
    Window { from: at(from), until: at(until) }
}

/// A running cloud in a folder of its own.
pub(crate) struct Cloud {
    pub(crate) running: Option<Running>,
    /// Of a cloud that is another process.
    pub(crate) elsewhere: Option<SocketAddr>,
    pub(crate) folder: TempDir,
    pub(crate) http: reqwest::Client,
    /// By which stored things grow old.
    pub(crate) clock: cloud::Clock,
}

pub(crate) fn operator() -> DeviceKey {
    key(99)
}

/// Settings for a cloud in this folder. Its app is the folder's own, so that no test depends on what is built here.
pub(crate) fn config(folder: &Path) -> Config {
    let app = folder.join("app");
    std::fs::create_dir_all(&app).unwrap();
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        data: folder.join("data"),
        audience: AUDIENCE.into(),
        operators: vec![operator().kid()],
        origin: None,
        push_services: cloud::PushService::of_browsers(),
        mail: None,
        app: Some(app),
    }
}

async fn start_in(folder: &Path, clock: &cloud::Clock) -> Running {
    cloud::start_at(config(folder), clock.clone()).await.unwrap()
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        Self::start_on(tempfile::tempdir().unwrap()).await
    }

    /// Starts in a folder that holds something already.
    pub(crate) async fn start_on(folder: TempDir) -> Self {
        let clock = cloud::Clock::default();
        let running = start_in(folder.path(), &clock).await;
        Self { running: Some(running), elsewhere: None, folder, http: reqwest::Client::new(), clock }
    }

    /// One that was started with other settings, in its folder.
    pub(crate) fn of(running: Running, folder: TempDir) -> Self {
        Self {
            running: Some(running),
            elsewhere: None,
            folder,
            http: reqwest::Client::new(),
            clock: cloud::Clock::default(),
        }
    }

    /// Stops while somebody waits for an answer that has not come: the answer comes at once, with nothing.
    pub(crate) async fn stop_while_asked(&mut self, path: &str, token: Option<&str>) {
        let running = self.running.take().unwrap();
        let asked = self.http.get(format!("http://{}{path}", running.address()));
        let asked = if let Some(token) = token { asked.bearer_auth(token) } else { asked };
        let mut answer = Box::pin(asked.send());
        assert!(tokio::time::timeout(STILL_WAITING, &mut answer).await.is_err());
        let began = std::time::Instant::now();
        let (answer, ()) = tokio::join!(answer, running.shutdown());
        assert_eq!(answer.unwrap().status(), 204);
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }

    /// Kills the cloud as a power cut would, and starts it again on the same files.
    pub(crate) async fn restart(&mut self) {
        drop(self.running.take());
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.running = Some(start_in(self.folder.path(), &self.clock).await);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        let address = self.elsewhere.unwrap_or_else(|| self.running.as_ref().unwrap().address());
        format!("http://{address}{path}")
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> (u16, Value) {
        let mut request = self.http.request(method.parse().unwrap(), self.url(path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        if status >= 400 {
            assert_eq!(kind.as_deref(), Some("application/problem+json"), "{method} {path}: {text}");
        }
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Value {
        let (status, body) = self.call("GET", path, Some(token), None).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let (status, answer) = self.call("POST", path, Some(token), Some(body)).await;
        assert!(status < 300, "POST {path}: {status} {answer}");
        answer
    }

    pub(crate) async fn nonce(&self) -> Nonce {
        let (status, body) = self.call("POST", "/v1/sign-in/nonce", None, Some(json!({}))).await;
        assert_eq!((status, &body["audience"]), (200, &json!(AUDIENCE)));
        Nonce::from_slice(&unb64(&body["nonce"])).unwrap()
    }

    pub(crate) async fn try_sign_in(&self, key: &DeviceKey, message: SignIn) -> (u16, Value) {
        let body = json!({
            "sign_in": b64(sign(message, key).bytes()),
            "credential": b64(&canonical::encode(&key.credential())),
        });
        self.call("POST", "/v1/sign-in", None, Some(body)).await
    }

    pub(crate) async fn sign_in(&self, key: &DeviceKey, role: Role) -> String {
        let message = SignIn { audience: AUDIENCE.into(), nonce: self.nonce().await, role };
        let (status, body) = self.try_sign_in(key, message).await;
        assert_eq!(status, 200, "{body}");
        body["token"].as_str().unwrap().into()
    }

    pub(crate) async fn ws(&self, path: &str, token: Option<&str>) -> Ws {
        self.try_ws(path, token).await.unwrap()
    }

    pub(crate) async fn try_ws(&self, path: &str, token: Option<&str>) -> Result<Ws, tungstenite::Error> {
        let url = self.url(path).replace("http://", "ws://");
        let mut request = url.into_client_request().unwrap();
        if let Some(token) = token {
            let value = format!("vestibule.v1, bearer.{token}").parse().unwrap();
            request.headers_mut().insert("sec-websocket-protocol", value);
        }
        tokio_tungstenite::connect_async(request).await.map(|(ws, _)| ws)
    }
}

pub(crate) async fn send<T: minicbor::Encode<()>>(ws: &mut Ws, value: &T) {
    ws.send(Frame::Binary(canonical::encode(value).into())).await.unwrap();
}

/// Waits for an empty frame: the connection lives, and nothing else is said.
pub(crate) async fn beat(ws: &mut Ws) {
    let frame = tokio::time::timeout(WAIT, ws.next()).await.expect("no frame in time").unwrap().unwrap();
    assert!(matches!(&frame, Frame::Binary(bytes) if bytes.is_empty()), "{frame:?}");
}

/// The next frame that says something; close frames come as an error with their reason.
pub(crate) async fn receive(ws: &mut Ws) -> Result<Vec<u8>, String> {
    loop {
        let frame = tokio::time::timeout(WAIT, ws.next()).await.expect("no frame in time");
        match frame {
            Some(Ok(Frame::Binary(bytes))) if bytes.is_empty() => {}
            Some(Ok(Frame::Binary(bytes))) => return Ok(bytes.to_vec()),
            Some(Ok(Frame::Text(text))) => return Ok(text.as_bytes().to_vec()),
            Some(Ok(Frame::Close(Some(close)))) => return Err(close.reason.to_string()),
            Some(Ok(Frame::Close(None)) | Err(_)) | None => return Err("gone".into()),
            Some(Ok(_)) => {}
        }
    }
}

pub(crate) async fn take<T>(ws: &mut Ws) -> T
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
{
    let bytes = receive(ws).await.expect("closed");
    canonical::decode(&bytes, 1 << 24).unwrap()
}

/// What the owner of every home opens recordings and papers with.
pub(crate) fn kem() -> recording::KemSecret {
    recording::KemSecret::from_seed(&[77; 32])
}

/// A home: one owner with a companion key, one member, one recorder.
#[derive(Clone)]
pub(crate) struct Home {
    pub(crate) door_key: DeviceKey,
    pub(crate) owner: DeviceKey,
    pub(crate) member: DeviceKey,
    pub(crate) companion: DeviceKey,
    pub(crate) recorder: DeviceKey,
    pub(crate) roster: Signed<Roster>,
}

impl Home {
    pub(crate) fn new(seed: u8) -> Self {
        let [door_key, owner, member, recorder, companion] = [0, 1, 2, 3, 4].map(|n| key(seed + n));
        let resident = |key: &DeviceKey, role| Resident {
            credential: key.credential(),
            role,
            since: 1,
            name: "phone".into(),
            kem: (role == Rank::Owner).then(|| Blob(kem().public())),
        };
        let mut residents = vec![
            resident(&owner, Rank::Owner),
            resident(&member, Rank::Member),
            resident(&companion, Rank::Companion),
        ];
        residents.sort_by_key(|r| r.credential.kid());
        let roster = Roster {
            home: HomeId([seed; 16]),
            door: DoorId([seed + 100; 16]),
            epoch: 1,
            prev: Hash::ZERO,
            door_key: door_key.public(),
            recorder_keys: vec![recorder.public()],
            residents,
            quorum: 1,
            grants_from: 0,
        };
        Self { roster: sign(roster, &owner), door_key, owner, member, companion, recorder }
    }

    pub(crate) fn id(&self) -> HomeId {
        self.roster.message().home
    }

    pub(crate) fn door(&self) -> DoorId {
        self.roster.message().door
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/homes/{}{rest}", self.id())
    }

    pub(crate) async fn register(&self, cloud: &Cloud) -> (u16, Value) {
        let message = SignIn { audience: AUDIENCE.into(), nonce: cloud.nonce().await, role: Role::Door };
        let body = json!({
            "rosters": [[b64(self.roster.bytes())]],
            "door_sign_in": b64(sign(message, &self.door_key).bytes()),
        });
        cloud.call("POST", "/v1/homes", None, Some(body)).await
    }

    pub(crate) fn grant(&self, root: Kid, errand: Errand, windows: Vec<Window>) -> Grant {
        Grant {
            id: GrantId(rand()),
            door: self.door(),
            roster_epoch: 1,
            to: Grantee::Provider { root, name: "Carrier".into() },
            errand,
            windows,
            uses: 1,
            uses_per_window: 1,
            terms: Terms {
                cameras: vec![],
                record: Record::WholeVisit,
                door_open_s: 60,
                entry: Entry::Threshold,
                entries: 1,
                attributes: vec![],
                notice_s: 0,
                occupied: Occupied::Ask,
                revocation_age_s: None,
            },
        }
    }
}

/// Different bytes on each call.
pub(crate) fn rand() -> [u8; 16] {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut out = [7; 16];
    out[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    out
}

/// The home's hub, as far as the cloud sees it.
pub(crate) struct Hub {
    pub(crate) ws: Ws,
    pub(crate) home: Home,
    pub(crate) counter: u64,
    pub(crate) prev: Hash,
    pub(crate) welcome: u64,
}

impl Hub {
    pub(crate) async fn connect(cloud: &Cloud, home: &Home) -> Self {
        let mut hub = Self::without_beat(cloud, home).await;
        hub.send(&ToCloud::Beat(1)).await;
        hub
    }

    pub(crate) async fn without_beat(cloud: &Cloud, home: &Home) -> Self {
        let mut ws = cloud.ws("/v1/uplink", None).await;
        let hello: Downlink = take(&mut ws).await;
        let ToHome::Nonce { nonce, audience } = hello.message else { panic!("{hello:?}") };
        let message = SignIn { audience, nonce, role: Role::Door };
        send(&mut ws, &ToCloud::SignIn(Blob(sign(message, &home.door_key).bytes().to_vec()))).await;
        let welcome: Downlink = take(&mut ws).await;
        let ToHome::Welcome(welcome) = welcome.message else { panic!("{welcome:?}") };
        Self { ws, home: home.clone(), counter: 0, prev: Hash::ZERO, welcome }
    }

    pub(crate) async fn send(&mut self, message: &ToCloud) {
        send(&mut self.ws, message).await;
    }

    pub(crate) async fn next(&mut self) -> ToHome {
        take::<Downlink>(&mut self.ws).await.message
    }

    /// Keeps the next paper.
    pub(crate) async fn keep(&mut self) -> Paper {
        let ToHome::Keep { id, paper } = self.next().await else { panic!("no paper") };
        self.send(&ToCloud::Kept { id, refused: None }).await;
        paper
    }

    /// The next link of the chain.
    pub(crate) fn event(&mut self, class: Class, visit: Option<VisitId>, body: Body) -> LogEntry {
        let detail = Detail { at: Interval::exactly(Timestamp(now())), monotonic: Monotonic(5), visit, body };
        let salt = Salt(rand());
        let event = DoorEvent {
            door: self.home.door(),
            boot: BootId([1; 16]),
            counter: self.counter + 1,
            prev: self.prev,
            class,
            detail: detail.commit(salt),
        };
        let signed = sign(event, &self.home.door_key);
        self.counter += 1;
        self.prev = signed.hash();
        let opening = DetailOpening { salt, detail: Blob(canonical::encode(&detail)) };
        // A careless hub: it opens class `home` as well.
        LogEntry { event: Blob(signed.bytes().to_vec()), opening: Some(opening) }
    }

    /// Logs and waits until the cloud has stored it.
    pub(crate) async fn log(&mut self, visit: Option<VisitId>, bodies: Vec<Body>) {
        let class = if visit.is_some() { Class::Visit } else { Class::System };
        let entries = bodies.into_iter().map(|body| self.event(class, visit, body)).collect();
        let stored = self.send_log(entries).await;
        assert_eq!(stored, self.counter);
    }

    pub(crate) async fn send_log(&mut self, entries: Vec<LogEntry>) -> u64 {
        self.send(&ToCloud::Log(entries)).await;
        loop {
            if let ToHome::LogStored(counter) = self.next().await {
                return counter;
            }
        }
    }
}

/// An admitted provider with a working key and one enrolled handset.
pub(crate) struct Provider {
    pub(crate) root: DeviceKey,
    pub(crate) working: DeviceKey,
    pub(crate) handset: DeviceKey,
    pub(crate) delegation: Signed<Delegation>,
    pub(crate) token: String,
}

impl Provider {
    pub(crate) async fn admitted(cloud: &Cloud, seed: u8) -> Self {
        let [root, working, handset] = [0, 1, 2].map(|n| key(seed + n));
        let (status, body) = sign_up(cloud, &root, "Carrier").await;
        assert_eq!((status, &body["state"]), (201, &json!("pending")), "{body}");
        let operator = cloud.sign_in(&operator(), Role::Operator).await;
        let path = format!("/v1/operator/providers/{}/admit", root.kid());
        let (status, body) = cloud.call("POST", &path, Some(&operator), None).await;
        assert_eq!((status, &body["state"]), (200, &json!("admitted")), "{body}");
        let token = cloud.sign_in(&root, Role::Provider).await;
        let delegation =
            Delegation { root: root.public(), key: working.public(), window: window(-60, 86_400) };
        let delegation = sign(delegation, &root);
        cloud
            .post("/v1/provider/delegations", &token, json!({ "delegation": b64(delegation.bytes()) }))
            .await;
        let credential = b64(&canonical::encode(&handset.credential()));
        let enrolment = json!({ "credential": credential, "name": "van 7" });
        cloud.post("/v1/provider/handsets", &token, enrolment).await;
        Self { root, working, handset, delegation, token }
    }

    pub(crate) fn consignment(number: &str, commitment: Commitment) -> Value {
        let planned = window(-60, 3_600);
        json!({
            "delivery_number": number,
            "commitments": [commitment.0.to_string()],
            "service": "delivery",
            "window": { "from": planned.from.0, "until": planned.until.0 },
            "description": "A parcel",
            "idempotency_key": "order 1",
        })
    }

    pub(crate) fn assignment(&self, door: DoorId, commitment: Commitment) -> Signed<Assignment> {
        let assignment = Assignment {
            id: AssignmentId(rand()),
            door,
            provider: self.root.kid(),
            service: "delivery".into(),
            errands: vec![commitment],
            cnf: Credential::device(self.handset.public()),
            tour: TourId([1; 16]),
            attributes: vec![],
            window: window(-60, 3_600),
        };
        sign(assignment, &self.working)
    }

    pub(crate) async fn assign(&self, cloud: &Cloud, assignment: &Signed<Assignment>) -> Value {
        let body = json!({
            "assignment": b64(assignment.bytes()),
            "delegation": b64(self.delegation.bytes()),
            "tour_sealed": b64(b"sealed"),
        });
        cloud.post("/v1/provider/assignments", &self.token, body).await
    }
}

pub(crate) async fn sign_up(cloud: &Cloud, root: &DeviceKey, name: &str) -> (u16, Value) {
    let message = SignIn { audience: AUDIENCE.into(), nonce: cloud.nonce().await, role: Role::Provider };
    let body = json!({
        "name": name,
        "credential": b64(&canonical::encode(&root.credential())),
        "sign_in": b64(sign(message, root).bytes()),
    });
    cloud.call("POST", "/v1/providers", None, Some(body)).await
}

/// A registered home with its hub connected, and its owner's token.
pub(crate) async fn home(cloud: &Cloud, seed: u8) -> (Home, Hub, String) {
    let home = Home::new(seed);
    let (status, body) = home.register(cloud).await;
    assert_eq!(status, 201, "{body}");
    let hub = Hub::connect(cloud, &home).await;
    let token = cloud.sign_in(&home.owner, Role::Resident).await;
    (home, hub, token)
}
