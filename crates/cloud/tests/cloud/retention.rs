use crate::media::{RECORDING, VISIT, chunk, recorder, walk};
use crate::support::*;
use protocol::bytes::*;
use protocol::media::{FromMedia, ToMedia};
use protocol::sign_in::Role;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

pub(crate) const HOUR: Duration = Duration::from_hours(1);
const HOUR_MS: i64 = 3_600_000;
/// Between the notice and the deletion, at least.
const NOTICE: Duration = Duration::from_mins(20);
/// Stands for the wrapped keys: found again wherever it is.
const HEADER: &[u8] = b"the wrapped keys of a recording, which must not lie on anywhere";
const MANIFEST: &[u8] = b"the manifest of that recording, signed by its recorder";

fn part() -> ToMedia {
    ToMedia::Part { recording: RECORDING, visit: VISIT, part: 0, header: Blob(HEADER.to_vec()) }
}

/// A recording that is closed; gives the recorder's connection.
pub(crate) async fn recorded(cloud: &Cloud, home: &Home) -> Ws {
    let mut ws = recorder(cloud, home).await;
    send(&mut ws, &part()).await;
    for n in 0..30 {
        send(&mut ws, &chunk(n)).await;
    }
    let manifest = ToMedia::Manifest { recording: RECORDING, manifest: Blob(MANIFEST.to_vec()) };
    send(&mut ws, &manifest).await;
    complete(&mut ws).await;
    ws
}

async fn complete(ws: &mut Ws) {
    while take::<FromMedia>(ws).await != FromMedia::Complete(RECORDING) {}
}

/// Asks again until the answer is as it should be.
pub(crate) async fn until(cloud: &Cloud, path: &str, token: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let deadline = tokio::time::Instant::now() + WAIT;
    loop {
        let answer = cloud.get(path, token).await;
        if is_so(&answer) {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "{path}: {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Lets this time pass, and then the rest after the notice that must come before a recording is deleted; gives what is listed.
pub(crate) async fn expire(cloud: &Cloud, home: &Home, owner: &str, by: Duration) -> Value {
    cloud.clock.advance(by);
    let is_told = |all: &Value| !notices_of(all, "clip_expires").is_empty();
    until(cloud, &home.path("/notices"), owner, is_told).await;
    cloud.clock.advance(NOTICE);
    until(cloud, &home.path("/recordings"), owner, is_gone).await
}

pub(crate) fn is_gone(listed: &Value) -> bool {
    listed["recordings"] == json!([]) && listed["deleted"].as_array().unwrap().len() == 1
}

/// Whether these bytes stand in any file of the cloud.
pub(crate) fn is_anywhere(data: &Path, needle: &[u8]) -> bool {
    walk(data)
        .iter()
        .any(|file| std::fs::read(file).unwrap_or_default().windows(needle.len()).any(|w| w == needle))
}

fn notices_of<'a>(notices: &'a Value, kind: &str) -> Vec<&'a Value> {
    notices["notices"].as_array().unwrap().iter().filter(|one| one["kind"] == kind).collect()
}

#[tokio::test]
async fn after_its_time_neither_database_nor_objects_hold_a_recording() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let _recorder = recorded(&cloud, &home).await;
    let one = home.path(&format!("/recordings/{RECORDING}"));
    cloud.get(&format!("{one}/parts/0/index"), &owner).await;
    let (status, _) = cloud.call("GET", &format!("{one}/parts/0/chunks"), Some(&owner), None).await;
    assert_eq!(status, 200);
    let ToMedia::Chunk { chunk: sealed, .. } = chunk(25) else { panic!() };
    let data = cloud.folder.path().join("data");
    for needle in [HEADER, MANIFEST, &sealed.0[..]] {
        assert!(is_anywhere(&data, needle), "or this test would see nothing");
    }

    let listed = cloud.get(&home.path("/recordings"), &owner).await;
    let recording = &listed["recordings"][0];
    let closed_ms = recording["closed_ms"].as_i64().unwrap();
    assert_eq!(recording["deletes_ms"], closed_ms + 72 * HOUR_MS);

    // Two thirds: one notice, with the right time. Looking again says it no second time.
    let notices = home.path("/notices");
    cloud.clock.advance(HOUR * 47);
    cloud.clock.advance(HOUR);
    let told = until(&cloud, &notices, &owner, |all| !notices_of(all, "clip_expires").is_empty()).await;
    let notice = notices_of(&told, "clip_expires")[0];
    assert_eq!(notice["visit"], VISIT.to_string());
    assert_eq!(
        notice["about"],
        json!({ "recording": RECORDING.to_string(), "deletes_ms": closed_ms + 72 * HOUR_MS })
    );
    assert_eq!(cloud.get(&home.path("/recordings"), &owner).await["recordings"].as_array().unwrap().len(), 1);

    cloud.clock.advance(HOUR * 24);
    let listed = until(&cloud, &home.path("/recordings"), &owner, is_gone).await;
    let deleted = &listed["deleted"][0];
    assert_eq!((&deleted["by"], &deleted["after_h"]), (&Value::Null, &json!(72)));
    assert!(deleted["deleted_ms"].as_i64().unwrap() >= closed_ms + 72 * HOUR_MS);
    assert_eq!(notices_of(&cloud.get(&notices, &owner).await, "clip_expires").len(), 1);
    for path in [&one, &format!("{one}/parts/0/index"), &format!("{one}/parts/0/chunks")] {
        let (status, problem) = cloud.call("GET", path, Some(&owner), None).await;
        assert_eq!((status, &problem["code"]), (410, &json!("recording_deleted")), "{path}");
    }
    // Who watched stays.
    assert_eq!(cloud.get(&format!("{one}/watches"), &owner).await["watches"].as_array().unwrap().len(), 1);

    // The objects follow the database.
    let deadline = tokio::time::Instant::now() + WAIT;
    while !walk(&data.join("objects")).is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", walk(&data.join("objects")));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Not in free pages nor in the write-ahead log either.
    for needle in [HEADER, MANIFEST, &sealed.0[..]] {
        while is_anywhere(&data, needle) {
            assert!(tokio::time::Instant::now() < deadline, "{}", String::from_utf8_lossy(needle));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn a_recording_that_a_claim_holds_stays_until_released_and_no_longer_than_92_days() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let _recorder = recorded(&cloud, &home).await;
    let (one, all) = (home.path(&format!("/recordings/{RECORDING}")), home.path("/recordings"));
    let claim = format!("{one}/claim");

    // Keeping opens nothing: a companion may. Letting go of it ends in deleting, and is an owner's.
    let companion = cloud.sign_in(&home.companion, Role::Resident).await;
    let (status, held) = cloud.call("PUT", &claim, Some(&companion), None).await;
    assert_eq!(status, 200, "{held}");
    let closed_ms = held["closed_ms"].as_i64().unwrap();
    assert_eq!(
        (&held["is_held"], &held["claim"]["by"]),
        (&json!(true), &json!(home.companion.kid().to_string()))
    );
    assert_eq!(held["deletes_ms"], closed_ms + 92 * 24 * HOUR_MS);
    let (status, problem) = cloud.call("DELETE", &claim, Some(&companion), None).await;
    assert_eq!((status, &problem["code"]), (403, &json!("owner_only")));
    let (status, problem) = cloud.call("DELETE", &one, Some(&owner), None).await;
    assert_eq!((status, &problem["code"]), (409, &json!("recording_held")));

    cloud.clock.advance(HOUR * 100);
    // Another home's recording, to see that the look came by.
    let (other, _other_hub, other_owner) = crate::support::home(&cloud, 20).await;
    let _other_recorder = recorded(&cloud, &other).await;
    expire(&cloud, &other, &other_owner, HOUR * 72).await;
    let kept = cloud.get(&format!("{all}?visit={VISIT}"), &owner).await;
    assert_eq!(kept["recordings"][0]["is_held"], true, "{kept}");
    let of_another = cloud.get(&format!("{all}?visit={}", "0f".repeat(16)), &owner).await;
    assert_eq!(of_another, json!({ "recordings": [], "deleted": [] }));
    assert!(notices_of(&cloud.get(&home.path("/notices"), &owner).await, "clip_expires").is_empty());

    assert_eq!(cloud.call("DELETE", &claim, Some(&owner), None).await.0, 200);
    let listed = expire(&cloud, &home, &owner, Duration::from_secs(1)).await;
    assert_eq!(listed["deleted"][0]["after_h"], 72);
    assert_eq!(cloud.call("PUT", &claim, Some(&owner), None).await.0, 410);
}

/// Whoever kept a recording after its notice, or chose other hours, hears once more before it is deleted.
#[tokio::test]
async fn a_notice_that_came_too_early_comes_anew() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let _recorder = recorded(&cloud, &home).await;
    let claim = home.path(&format!("/recordings/{RECORDING}/claim"));
    let told = async |count: usize| {
        let is_told = |all: &Value| notices_of(all, "clip_expires").len() == count;
        let notices = until(&cloud, &home.path("/notices"), &owner, is_told).await;
        notices_of(&notices, "clip_expires")[count - 1]["about"]["deletes_ms"].as_i64().unwrap()
    };
    cloud.clock.advance(HOUR * 50);
    let first = told(1).await;
    assert_eq!(cloud.call("PUT", &claim, Some(&owner), None).await.0, 200);
    cloud.clock.advance(HOUR * 30);
    assert_eq!(cloud.call("DELETE", &claim, Some(&owner), None).await.0, 200);
    cloud.clock.advance(Duration::from_mins(1));
    let second = told(2).await;
    assert!(second > first + 5 * HOUR_MS, "{first} {second}");
    // Other hours: what was said is not true any more.
    let hours = json!({ "hours": 744 });
    assert_eq!(cloud.call("PUT", &home.path("/retention"), Some(&owner), Some(hours)).await.0, 200);
    cloud.clock.advance(HOUR * 500);
    assert!(told(3).await > second + 600 * HOUR_MS);
}

#[tokio::test]
async fn a_claim_ends_by_itself() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let _recorder = recorded(&cloud, &home).await;
    let claim = home.path(&format!("/recordings/{RECORDING}/claim"));
    let first = cloud.call("PUT", &claim, Some(&owner), None).await.1["deletes_ms"].clone();
    cloud.clock.advance(HOUR);
    let released = cloud.call("DELETE", &claim, Some(&owner), None).await.1;
    assert_eq!(released["is_held"], false);
    assert_eq!(released["claim"]["released_by"], home.owner.kid().to_string());
    assert_eq!(cloud.call("PUT", &claim, Some(&owner), None).await.1["deletes_ms"], first);
    expire(&cloud, &home, &owner, HOUR * 24 * 92).await;
}

#[tokio::test]
async fn an_owner_chooses_for_how_long_and_it_counts_for_what_is_there() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let _recorder = recorded(&cloud, &home).await;
    let path = home.path("/retention");
    assert_eq!(cloud.get(&path, &owner).await, json!({ "hours": 72, "set_by": null, "set_ms": null }));
    let put = |hours: i64, token: String| {
        let (cloud, path) = (&cloud, &path);
        async move { cloud.call("PUT", path, Some(&token), Some(json!({ "hours": hours }))).await }
    };
    for hours in [0, 745] {
        let (status, problem) = put(hours, owner.clone()).await;
        assert_eq!(
            (status, &problem["code"], &problem["field"]),
            (422, &json!("retention_invalid"), &json!("hours"))
        );
    }
    for key in [&home.member, &home.companion] {
        let token = cloud.sign_in(key, Role::Resident).await;
        let (status, problem) = put(1, token).await;
        assert_eq!((status, &problem["code"]), (403, &json!("owner_only")));
    }
    let (status, set) = put(744, owner.clone()).await;
    assert_eq!(
        (status, &set["hours"], &set["set_by"]),
        (200, &json!(744), &json!(home.owner.kid().to_string()))
    );
    put(2, owner.clone()).await;
    // However short the time: the notice comes first, and says when.
    cloud.clock.advance(HOUR * 10);
    let is_told = |all: &Value| !notices_of(all, "clip_expires").is_empty();
    let told = until(&cloud, &home.path("/notices"), &owner, is_told).await;
    let deletes_ms = told["notices"][0]["about"]["deletes_ms"].as_i64().unwrap();
    let there = cloud.get(&home.path("/recordings"), &owner).await["recordings"][0].clone();
    assert_eq!(there["deletes_ms"], deletes_ms, "{told}");
    assert!(deletes_ms > there["closed_ms"].as_i64().unwrap() + 10 * HOUR_MS);
    let listed = expire(&cloud, &home, &owner, Duration::from_secs(1)).await;
    assert_eq!(listed["deleted"][0]["after_h"], 2);
    assert!(listed["deleted"][0]["deleted_ms"].as_i64().unwrap() >= deletes_ms);
}

#[tokio::test]
async fn an_owner_who_deletes_is_named_and_the_recorder_brings_nothing_back() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let _recorder = recorded(&cloud, &home).await;
    let one = home.path(&format!("/recordings/{RECORDING}"));
    assert_eq!(cloud.call("DELETE", &one, Some(&owner), None).await.0, 204);
    // A home that never heard that all of it was stored sends it again, and may let go of it.
    let mut again = recorder(&cloud, &home).await;
    send(&mut again, &part()).await;
    complete(&mut again).await;
    let listed = cloud.get(&home.path("/recordings"), &owner).await;
    assert!(is_gone(&listed), "{listed}");
    let deleted = &listed["deleted"][0];
    assert_eq!((&deleted["by"], &deleted["after_h"]), (&json!(home.owner.kid().to_string()), &Value::Null));
    assert!(walk(&cloud.folder.path().join("data/objects")).is_empty());
}

#[tokio::test]
async fn a_recording_that_nobody_closes_is_deleted_as_well() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let mut ws = recorder(&cloud, &home).await;
    send(&mut ws, &part()).await;
    send(&mut ws, &chunk(0)).await;
    crate::media::stored(&mut ws, 1).await;
    drop(ws);
    expire(&cloud, &home, &owner, HOUR * (24 + 72)).await;
    let spool = cloud.folder.path().join("data/spool");
    let deadline = tokio::time::Instant::now() + WAIT;
    while !walk(&spool).is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", walk(&spool));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_deletes_nothing_early_and_tells_nobody_a_wrong_time() {
    let mut cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let _recorder = recorded(&cloud, &home).await;
    let all = home.path("/recordings");
    let closed_ms = cloud.get(&all, &owner).await["recordings"][0]["closed_ms"].as_i64().unwrap();
    cloud.clock.advance(HOUR * 2);
    // Ahead and back while it runs, in between for longer than a notice is old.
    for by_ms in [1_000 * HOUR_MS, -1_000 * HOUR_MS] {
        cloud.clock.swept().await;
        cloud.clock.set_by(by_ms);
        cloud.clock.swept().await;
        cloud.clock.advance(NOTICE * 2);
        cloud.clock.swept().await;
        cloud.clock.advance(Duration::from_mins(15));
        cloud.clock.swept().await;
        cloud.clock.set_by(-by_ms);
    }
    // Ahead at the start, put right after a while.
    cloud.clock.set_by(1_000 * HOUR_MS);
    cloud.restart().await;
    let owner = cloud.sign_in(&home.owner, Role::Resident).await;
    cloud.clock.swept().await;
    cloud.clock.advance(NOTICE * 2);
    cloud.clock.swept().await;
    cloud.clock.set_by(-1_000 * HOUR_MS);
    cloud.clock.swept().await;

    cloud.clock.advance(HOUR * 60);
    let is_told = |all: &Value| !notices_of(all, "clip_expires").is_empty();
    until(&cloud, &home.path("/notices"), &owner, is_told).await;
    assert_eq!(cloud.get(&all, &owner).await["recordings"][0]["deletes_ms"], closed_ms + 72 * HOUR_MS);
    let listed = expire(&cloud, &home, &owner, HOUR * 12).await;
    let told = cloud.get(&home.path("/notices"), &owner).await;
    let told = notices_of(&told, "clip_expires");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["about"]["deletes_ms"], closed_ms + 72 * HOUR_MS);
    assert!(listed["deleted"][0]["deleted_ms"].as_i64().unwrap() >= closed_ms + 72 * HOUR_MS);
}

#[tokio::test]
async fn what_a_crash_leaves_of_a_deleted_recording_is_removed_after_the_next_start() {
    let mut cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    drop(recorded(&cloud, &home).await);
    let objects = cloud.folder.path().join("data/objects");
    let before: Vec<_> =
        walk(&objects).into_iter().map(|file| (std::fs::read(&file).unwrap(), file)).collect();
    assert!(!before.is_empty());
    expire(&cloud, &home, &owner, HOUR * 72).await;
    cloud.clock.swept().await;
    // As it lay when the power went after the database had written and before the objects were gone, or came.
    drop(cloud.running.take());
    for (bytes, file) in &before {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    cloud.restart().await;
    let deadline = tokio::time::Instant::now() + WAIT;
    while !walk(&objects).is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", walk(&objects));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let owner = cloud.sign_in(&home.owner, Role::Resident).await;
    assert!(is_gone(&cloud.get(&home.path("/recordings"), &owner).await));
}
