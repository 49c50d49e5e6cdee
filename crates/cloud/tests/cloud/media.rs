use crate::support::*;
use protocol::bytes::*;
use protocol::media::{FromMedia, ToMedia};
use protocol::sign_in::{Role, SignIn};
use serde_json::{Value, json};

pub(crate) const RECORDING: RecordingId = RecordingId([6; 16]);
pub(crate) const VISIT: VisitId = VisitId([5; 16]);

pub(crate) async fn recorder(cloud: &Cloud, home: &Home) -> Ws {
    let mut ws = cloud.ws("/v1/media/uplink", None).await;
    let FromMedia::Nonce { nonce, audience } = take(&mut ws).await else { panic!() };
    let hello = SignIn { audience, nonce, role: Role::Recorder };
    send(&mut ws, &ToMedia::SignIn(Blob(sign(hello, &home.recorder).bytes().to_vec()))).await;
    assert_eq!(take::<FromMedia>(&mut ws).await, FromMedia::Welcome);
    ws
}

pub(crate) fn part() -> ToMedia {
    ToMedia::Part { recording: RECORDING, visit: VISIT, part: 0, header: Blob(b"header".to_vec()) }
}

pub(crate) fn chunk(sequence: u64) -> ToMedia {
    let byte = u8::try_from(sequence % 251).unwrap();
    let length = if sequence.is_multiple_of(25) { 40_000 } else { 2_000 };
    ToMedia::Chunk {
        recording: RECORDING,
        part: 0,
        sequence,
        joinable: sequence.is_multiple_of(25),
        chunk: Blob(vec![byte; length]),
    }
}

fn bytes_of(range: std::ops::Range<u64>) -> Vec<u8> {
    range
        .flat_map(|n| match chunk(n) {
            ToMedia::Chunk { chunk, .. } => chunk.0,
            _ => vec![],
        })
        .collect()
}

pub(crate) async fn stored(ws: &mut Ws, next: u64) {
    loop {
        let FromMedia::Stored { next: n, .. } = take(ws).await else { panic!() };
        if n == next {
            return;
        }
    }
}

async fn download(cloud: &Cloud, home: &Home, token: &str) -> Vec<u8> {
    let path = home.path(&format!("/recordings/{RECORDING}/parts/0"));
    let index = cloud.get(&format!("{path}/index"), token).await;
    let total = index["bytes"].as_u64().unwrap();
    let mut out = Vec::new();
    while (out.len() as u64) < total {
        let range = format!("bytes={}-{}", out.len(), out.len() + 99_999);
        let response = cloud
            .http
            .get(cloud.url(&format!("{path}/chunks")))
            .bearer_auth(token)
            .header("range", range)
            .send()
            .await
            .unwrap();
        assert!(matches!(response.status().as_u16(), 200 | 206));
        out.extend(response.bytes().await.unwrap());
    }
    out
}

#[tokio::test]
async fn chunks_fan_out_live_and_the_object_equals_what_was_sent() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let mut recorder = recorder(&cloud, &home).await;
    send(&mut recorder, &part()).await;
    for n in 0..30 {
        send(&mut recorder, &chunk(n)).await;
    }
    stored(&mut recorder, 30).await;

    // Gets the codec data in chunk 0, and joins at chunk 25, the last joinable one.
    let live = home.path(&format!("/recordings/{RECORDING}/live"));
    let mut watcher = cloud.ws(&live, Some(&owner)).await;
    assert_eq!(take::<ToMedia>(&mut watcher).await, part());
    assert_eq!(take::<ToMedia>(&mut watcher).await, chunk(0));
    for n in 25..30 {
        assert_eq!(take::<ToMedia>(&mut watcher).await, chunk(n));
    }
    for n in 30..60 {
        send(&mut recorder, &chunk(n)).await;
        assert_eq!(take::<ToMedia>(&mut watcher).await, chunk(n));
    }
    stored(&mut recorder, 60).await;
    assert_eq!(download(&cloud, &home, &owner).await, bytes_of(0..60));

    let manifest = ToMedia::Manifest { recording: RECORDING, manifest: Blob(b"manifest".to_vec()) };
    send(&mut recorder, &manifest).await;
    assert_eq!(take::<FromMedia>(&mut recorder).await, FromMedia::Complete(RECORDING));
    assert_eq!(take::<ToMedia>(&mut watcher).await, manifest);
    assert!(receive(&mut watcher).await.unwrap_err().starts_with("ended"));

    let shown = cloud.get(&home.path(&format!("/recordings/{RECORDING}")), &owner).await;
    assert_eq!(shown["recording"]["state"], "closed");
    assert_eq!(unb64(&shown["manifest"]), b"manifest");
    assert_eq!(unb64(&shown["parts"][0]["header"]), b"header");
    assert_eq!(download(&cloud, &home, &owner).await, bytes_of(0..60));

    let path = home.path(&format!("/recordings/{RECORDING}/watches"));
    let watches = cloud.get(&path, &owner).await["watches"].as_array().unwrap().clone();
    let hows: Vec<&Value> = watches.iter().map(|w| &w["how"]).collect();
    assert!(hows.contains(&&json!("live")) && hows.contains(&&json!("download")), "{watches:?}");
    assert_eq!(watches[0]["kid"], home.owner.kid().to_string());

    let one = home.path(&format!("/recordings/{RECORDING}"));
    assert_eq!(cloud.call("DELETE", &one, Some(&owner), None).await.0, 204);
    assert_eq!(cloud.call("GET", &one, Some(&owner), None).await.1["code"], "recording_deleted");
    let left = std::fs::read_dir(cloud.folder.path().join("data/objects")).unwrap();
    let files = left.flat_map(|t| walk(&t.unwrap().path())).count();
    assert_eq!(files, 0);
}

pub(crate) fn walk(path: &std::path::Path) -> Vec<std::path::PathBuf> {
    if !path.is_dir() {
        return vec![path.into()];
    }
    // A folder that goes away meanwhile holds nothing.
    std::fs::read_dir(path).into_iter().flatten().flat_map(|e| walk(&e.unwrap().path())).collect()
}

#[tokio::test]
async fn an_interrupted_upload_goes_on_where_the_cloud_says() {
    let mut cloud = Cloud::start().await;
    let (home, hub, _) = home(&cloud, 10).await;
    let mut ws = recorder(&cloud, &home).await;
    send(&mut ws, &part()).await;
    for n in 0..10 {
        send(&mut ws, &chunk(n)).await;
    }
    stored(&mut ws, 10).await;
    drop((ws, hub));
    cloud.restart().await;
    let owner = cloud.sign_in(&home.owner, Role::Resident).await;
    let mut ws = recorder(&cloud, &home).await;
    send(&mut ws, &part()).await;
    stored(&mut ws, 10).await;
    for n in 8..20 {
        send(&mut ws, &chunk(n)).await;
    }
    stored(&mut ws, 20).await;
    assert_eq!(download(&cloud, &home, &owner).await, bytes_of(0..20));
}

#[tokio::test]
async fn a_gap_another_header_and_another_home_are_refused() {
    let cloud = Cloud::start().await;
    let (home_one, _hub, _) = home(&cloud, 10).await;
    let (two, _hub_two, other) = home(&cloud, 20).await;
    let mut ws = recorder(&cloud, &home_one).await;
    send(&mut ws, &part()).await;
    stored(&mut ws, 0).await;
    send(&mut ws, &chunk(1)).await;
    let FromMedia::Refused(why) = take(&mut ws).await else { panic!() };
    assert!(why.starts_with("chunk_missing"), "{why}");
    let mut ws = recorder(&cloud, &home_one).await;
    let header =
        ToMedia::Part { recording: RECORDING, visit: VISIT, part: 0, header: Blob(b"other".to_vec()) };
    send(&mut ws, &header).await;
    let FromMedia::Refused(why) = take(&mut ws).await else { panic!() };
    assert!(why.starts_with("part_taken"), "{why}");
    let path = two.path(&format!("/recordings/{RECORDING}"));
    assert_eq!(cloud.call("GET", &path, Some(&other), None).await.0, 404);
}
