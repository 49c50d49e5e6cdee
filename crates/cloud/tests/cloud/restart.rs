use crate::support::*;
use protocol::bytes::Blob;
use protocol::door_event::Body;
use protocol::grant::Errand;
use protocol::sign_in::Role;
use protocol::uplink::Paper;
use serde_json::json;

#[tokio::test]
async fn a_restart_keeps_everything_that_was_acknowledged() {
    let mut cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let number = cloud.post(&home.path("/delivery-numbers"), &owner, json!({ "label": "Shop" })).await;
    hub.log(None, vec![Body::Booted(true), Body::Alarm("battery_low".into())]).await;
    // Let the home go: the grant waits for it.
    let (counter, prev) = (hub.counter, hub.prev);
    drop(hub);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let grant = home.grant(provider.root.kid(), Errand::Service("delivery".into()), vec![window(-60, 3_600)]);
    let grant = sign(grant, &home.owner);
    let body = json!({ "grant": b64(grant.bytes()) });
    let answer = cloud.post(&home.path("/grants"), &owner, body).await;
    assert_eq!(answer["kept_by_home"]["state"], "pending");
    let paths = ["/delivery-numbers", "/grants", "/notices", "/door-log", "/rosters"];
    let mut before = Vec::new();
    for path in paths {
        before.push(cloud.get(&home.path(path), &owner).await);
    }

    cloud.restart().await;

    // The token lives on, and so does everything else.
    for (path, before) in paths.into_iter().zip(before) {
        assert_eq!(cloud.get(&home.path(path), &owner).await, before, "{path}");
    }
    assert_eq!(cloud.get("/v1/provider", &provider.token).await["state"], "admitted");
    cloud.sign_in(&provider.handset, Role::Visitor).await;
    let mut hub = Hub::connect(&cloud, &home).await;
    assert_eq!(hub.welcome, counter);
    assert_eq!(hub.keep().await, Paper::Grant(Blob(grant.bytes().to_vec())));
    (hub.counter, hub.prev) = (counter, prev);
    hub.log(None, vec![Body::AlarmOver("battery_low".into())]).await;
    let number = number["number"].as_str().unwrap();
    let body = Provider::consignment(number, protocol::commitment::Commitment(protocol::Hash([1; 32])));
    cloud.post("/v1/provider/consignments", &provider.token, body).await;
}

/// Wherever the first look at what is too old was interrupted: whoever copies the folder now has everything in two files.
#[tokio::test]
async fn a_cloud_that_was_stopped_has_closed_its_databases() {
    let folder = tempfile::tempdir().unwrap();
    for after_us in (0..12_000).step_by(400) {
        let running = cloud::start(config(folder.path())).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_micros(after_us)).await;
        running.shutdown().await;
        let open = std::fs::read_dir(folder.path().join("data")).unwrap();
        let open = open.map(|file| file.unwrap().file_name().into_string().unwrap());
        let open: Vec<_> = open.filter(|name| name.ends_with("-wal") || name.ends_with("-shm")).collect();
        assert!(open.is_empty(), "stopped after {after_us} µs: {open:?}");
    }
}

#[tokio::test]
async fn a_stolen_disk_holds_no_token() {
    let cloud = Cloud::start().await;
    let (_, _hub, owner) = home(&cloud, 10).await;
    let raw = unb64(&json!(owner));
    let mut looked = 0;
    for file in std::fs::read_dir(cloud.folder.path().join("data")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let holds = |part: &[u8]| bytes.windows(part.len()).any(|w| w == part);
            assert!(!holds(&raw) && !holds(owner.as_bytes()), "{}", path.display());
            looked += bytes.len();
        }
    }
    assert!(looked > 10_000, "{looked} bytes looked at");
}

#[tokio::test]
async fn a_stop_in_good_order_ends_connections_and_frees_the_port() {
    let mut cloud = Cloud::start().await;
    let (_, mut hub, _) = home(&cloud, 10).await;
    let running = cloud.running.take().unwrap();
    let address = running.address();
    let began = std::time::Instant::now();
    let (reason, ()) = tokio::join!(receive(&mut hub.ws), running.shutdown());
    assert!(reason.unwrap_err().starts_with("stopping"));
    assert!(began.elapsed() < std::time::Duration::from_secs(6));
    std::net::TcpListener::bind(address).unwrap();
}
