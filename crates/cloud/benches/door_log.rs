//! Door events a second that the cloud confirms, which it does once they are committed with a full sync: many homes at once,
//! over WebSockets on this machine, into SQLite on this disk.
//!
//!   ./x bench door_log

#![allow(dead_code, reason = "the support of the tests has more than this needs")]
#![allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]

#[path = "../tests/cloud/support.rs"]
#[allow(clippy::wildcard_imports, reason = "as in the tests")]
mod support;

use protocol::door_event::{Body, Class};
use protocol::uplink::LogEntry;
use std::time::Instant;
use support::{Cloud, Hub, home};

const HOMES: u8 = 20;
/// As the hub sends them.
const BATCH: usize = 32;
const BATCHES: usize = 50;
const REACH: f64 = 5_000.0;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let per_s = runtime.block_on(measured());
    println!(
        "{{\"what\":\"door events stored durably, of {HOMES} homes, per s\",\"value\":{per_s:.0},\"reach\":{REACH:.0},\"ok\":{}}}",
        per_s >= REACH
    );
    std::process::exit(i32::from(per_s < REACH));
}

async fn measured() -> f64 {
    let cloud = Cloud::start().await;
    let mut homes = Vec::new();
    for seed in 0..HOMES {
        let (_, mut hub, _) = home(&cloud, 10 + 6 * seed).await;
        let batches: Vec<Vec<LogEntry>> = (0..BATCHES).map(|_| batch(&mut hub)).collect();
        homes.push((hub, batches));
    }
    let start = Instant::now();
    let logging: Vec<_> = homes
        .into_iter()
        .map(|(mut hub, batches)| {
            tokio::spawn(async move {
                let mut stored = 0;
                for entries in batches {
                    stored = hub.send_log(entries).await;
                }
                stored
            })
        })
        .collect();
    let each = u32::try_from(BATCH * BATCHES).expect("few");
    for home in logging {
        assert_eq!(home.await.expect("a home that logs"), u64::from(each));
    }
    f64::from(each) * f64::from(HOMES) / start.elapsed().as_secs_f64()
}

fn batch(hub: &mut Hub) -> Vec<LogEntry> {
    (0..BATCH).map(|_| hub.event(Class::System, None, Body::Booted(true))).collect()
}
