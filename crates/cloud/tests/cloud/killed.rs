//! `kill -9` under the load of many homes: what the cloud confirmed, it has.

use crate::support::*;
use protocol::Hash;
use protocol::commitment::Commitment;
use protocol::door_event::{Body, Class};
use protocol::uplink::{LogEntry, ToCloud, ToHome};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const CHILD: &str = "CLOUD_KILLED_CHILD";
const HOMES: u8 = 6;
const ROUNDS: u64 = 5;
/// Events that one home sends at once, at most.
const BATCH_MAX: usize = 7;

/// Not a test by itself: the process that gets killed.
#[tokio::test]
async fn child() {
    let Ok(folder) = std::env::var(CHILD) else { return };
    let running = cloud::start(config(Path::new(&folder))).await.unwrap();
    // A leading newline: the test harness has its own words on this line.
    println!("\nserves {}", running.address());
    std::future::pending::<()>().await;
}

/// Ends the process, whatever the test does.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that is gone already is what was wanted.
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

/// Starts a cloud as another process, in the same folder each time.
fn start(cloud: &mut Cloud) -> Process {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["killed::child", "--exact", "--nocapture"])
        .env(CHILD, cloud.folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("serves ")?.parse().ok());
    cloud.elsewhere = Some(address.expect("the cloud says where it serves"));
    Process(child)
}

/// A hub with its memory: every event that it ever logged, and how far the cloud said that it has them.
struct Memory {
    home: Home,
    owner: String,
    entries: Vec<LogEntry>,
    prev: Hash,
    stored: u64,
}

impl Memory {
    /// Logs without end, each batch as soon as the one before is stored, until the connection breaks.
    async fn log(&mut self, cloud: &Cloud) {
        let mut hub = Hub::connect(cloud, &self.home).await;
        assert!(
            hub.welcome >= self.stored,
            "confirmed up to {}, and now {} are there",
            self.stored,
            hub.welcome
        );
        self.stored = hub.welcome;
        loop {
            let sent = usize::try_from(self.stored).unwrap();
            (hub.counter, hub.prev) = (self.entries.len() as u64, self.prev);
            while self.entries.len() < sent + 1 + self.entries.len() % BATCH_MAX {
                self.entries.push(hub.event(Class::System, None, Body::Booted(true)));
            }
            self.prev = hub.prev;
            let batch = self.entries.iter().skip(sent).take(BATCH_MAX).cloned().collect();
            if !say(&mut hub, &ToCloud::Log(batch)).await {
                return;
            }
            match stored(&mut hub).await {
                Some(counter) => self.stored = counter,
                None => return,
            }
        }
    }

    async fn all_is_there(&self, cloud: &Cloud) {
        let mut since = 0;
        while since < self.stored {
            let page =
                cloud.get(&self.home.path(&format!("/door-log?from={}", since + 1)), &self.owner).await;
            let events = page["events"].as_array().unwrap();
            assert!(!events.is_empty(), "{since} of {} events", self.stored);
            for event in events {
                let mine = &self.entries[usize::try_from(since).unwrap()];
                assert_eq!(unb64(&event["event"]), mine.event.0, "event {}", since + 1);
                since += 1;
            }
        }
    }
}

/// False when the connection broke.
async fn say(hub: &mut Hub, message: &ToCloud) -> bool {
    use futures::SinkExt as _;
    let bytes = protocol::canonical::encode(message);
    hub.ws.send(tokio_tungstenite::tungstenite::Message::Binary(bytes.into())).await.is_ok()
}

/// The counter up to which the log is stored; none when the connection broke.
async fn stored(hub: &mut Hub) -> Option<u64> {
    loop {
        let bytes = receive(&mut hub.ws).await.ok()?;
        let down: protocol::uplink::Downlink = protocol::canonical::decode(&bytes, 1 << 24).unwrap();
        if let ToHome::LogStored(counter) = down.message {
            return Some(counter);
        }
    }
}

/// Announces parcels until the connection breaks; the ids that came back with a yes.
async fn announce(cloud: &Cloud, token: &str, number: &str, round: u64) -> Vec<String> {
    let mut confirmed = Vec::new();
    for parcel in 0_u64.. {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&round.to_be_bytes());
        hash[8..16].copy_from_slice(&parcel.to_be_bytes());
        let mut body = Provider::consignment(number, Commitment(Hash(hash)));
        body["idempotency_key"] = json!(format!("order {round} {parcel}"));
        let request = cloud.http.post(cloud.url("/v1/provider/consignments")).bearer_auth(token).json(&body);
        let Ok(answer) = request.send().await else { break };
        assert!(answer.status().is_success(), "{}", answer.status());
        let Ok(answer) = answer.json::<Value>().await else { break };
        confirmed.push(answer["consignment"].as_str().unwrap().to_owned());
    }
    confirmed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_killed_under_load_has_all_that_it_confirmed() {
    let mut cloud = Cloud::start().await;
    cloud.running.take().unwrap().shutdown().await;
    let mut process = start(&mut cloud);
    let mut homes = Vec::new();
    for seed in 0..HOMES {
        let (home, _, owner) = home(&cloud, 10 + 6 * seed).await;
        homes.push(Memory { home, owner, entries: Vec::new(), prev: Hash::ZERO, stored: 0 });
    }
    let provider = Provider::admitted(&cloud, 90).await;
    let number = cloud
        .post(&homes[0].home.path("/delivery-numbers"), &homes[0].owner, json!({ "label": "Shop" }))
        .await;
    let number = number["number"].as_str().unwrap().to_owned();
    let mut confirmed = Vec::new();
    for round in 0..ROUNDS {
        let before: u64 = homes.iter().map(|home| home.stored).sum();
        let shared = Arc::new(cloud);
        let hubs: Vec<_> = homes
            .drain(..)
            .map(|mut home| {
                let cloud = Arc::clone(&shared);
                tokio::spawn(async move {
                    home.log(&cloud).await;
                    home
                })
            })
            .collect();
        let announcing = {
            let (cloud, token, number) = (Arc::clone(&shared), provider.token.clone(), number.clone());
            tokio::spawn(async move { announce(&cloud, &token, &number, round).await })
        };
        tokio::time::sleep(Duration::from_millis(200 + (round * 7_919) % 331)).await;
        process.0.kill().unwrap();
        for hub in hubs {
            homes.push(hub.await.unwrap());
        }
        confirmed.extend(announcing.await.unwrap());
        cloud = Arc::into_inner(shared).unwrap();
        process = start(&mut cloud);
        assert!(homes.iter().map(|home| home.stored).sum::<u64>() > before, "round {round} proved nothing");
        for home in &homes {
            home.all_is_there(&cloud).await;
        }
        for consignment in &confirmed {
            cloud.get(&format!("/v1/provider/consignments/{consignment}"), &provider.token).await;
        }
    }
    assert!(!confirmed.is_empty());
    drop(process);
}
