//! Looks: passed on to whoever asked, and kept nowhere.

use crate::media::{recorder, walk};
use crate::retention::is_anywhere;
use crate::support::*;
use protocol::Hash;
use protocol::bytes::{Blob, Nonce, RecordingId};
use protocol::door_event::{Body, Class};
use protocol::look::Look;
use protocol::media::{FromMedia, ToMedia};
use protocol::sign_in::Role;
use protocol::uplink::{ToCloud, ToHome};
use protocol::{DeviceKey, Signed};
use serde_json::{Value, json};

/// What every byte of a picture is here.
const PICTURE: u8 = 0x5e;

fn look(home: &Home, by: &DeviceKey) -> Signed<Look> {
    let camera = home.recorder.kid();
    sign(Look { door: home.door(), camera, nonce: Nonce([8; 16]), kem: Blob(vec![4; 65]) }, by)
}

fn body(look: &Signed<Look>) -> Value {
    json!({ "look": b64(look.bytes()) })
}

/// A resident looks, and the home says what it makes of it.
async fn answered(
    cloud: &Cloud,
    (home, hub, token): (&Home, &mut Hub, &str),
    look: &Signed<Look>,
    refused: Option<&str>,
) -> Value {
    let path = home.path("/looks");
    let answering = async {
        assert_eq!(hub.next().await, ToHome::Look(Blob(look.bytes().to_vec())));
        let refused = refused.map(Into::into);
        hub.send(&ToCloud::Look { look: look.hash(), refused }).await;
    };
    tokio::join!(cloud.post(&path, token, body(look)), answering).0
}

fn header(look: RecordingId) -> ToMedia {
    ToMedia::Look { look, header: Blob(b"header".to_vec()) }
}

fn chunk(look: RecordingId, sequence: u64) -> ToMedia {
    ToMedia::LookChunk { look, sequence, joinable: sequence == 1, chunk: Blob(vec![PICTURE; 20_000]) }
}

#[tokio::test]
async fn a_look_is_passed_on_to_whoever_watches_and_stored_nowhere() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let signed = look(&home, &home.owner);
    let said = answered(&cloud, (&home, &mut hub, &owner), &signed, None).await;
    let id = signed.stream();
    assert_eq!(said, json!({ "look": id.to_string(), "state": "shown", "seconds": 60 }));

    let mut watcher = cloud.ws(&home.path(&format!("/looks/{id}/live")), Some(&owner)).await;
    let mut ws = recorder(&cloud, &home).await;
    send(&mut ws, &header(id)).await;
    assert_eq!(take::<ToMedia>(&mut watcher).await, header(id));
    for n in 0..50 {
        send(&mut ws, &chunk(id, n)).await;
        assert_eq!(take::<ToMedia>(&mut watcher).await, chunk(id, n));
    }
    send(&mut ws, &ToMedia::LookOver(id)).await;
    assert_eq!(take::<ToMedia>(&mut watcher).await, ToMedia::LookOver(id));
    assert!(receive(&mut watcher).await.unwrap_err().starts_with("ended"));

    assert_eq!(cloud.get(&home.path("/recordings"), &owner).await["recordings"], json!([]));
    assert_eq!(files_of_media(&cloud), Vec::<std::path::PathBuf>::new());
    let data = cloud.folder.path().join("data");
    assert!(is_anywhere(&data, &home.roster.bytes()[..64]), "or this test would see nothing");
    assert!(!is_anywhere(&data, &[PICTURE; 32]), "something of it lies on the disk");
    let mut late = cloud.ws(&home.path(&format!("/looks/{id}/live")), Some(&owner)).await;
    assert!(receive(&mut late).await.unwrap_err().starts_with("over"));
}

fn files_of_media(cloud: &Cloud) -> Vec<std::path::PathBuf> {
    let folders = ["data/spool", "data/objects"].map(|name| cloud.folder.path().join(name));
    folders.iter().flat_map(|folder| walk(folder)).collect()
}

#[tokio::test]
async fn what_the_home_refuses_is_told_and_nothing_of_it_is_passed_on() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let signed = look(&home, &home.member);
    let said = answered(&cloud, (&home, &mut hub, &owner), &signed, Some("look_in_visit")).await;
    assert_eq!((&said["state"], &said["code"]), (&json!("refused"), &json!("look_in_visit")));
    let live = home.path(&format!("/looks/{}/live", signed.stream()));
    let mut watcher = cloud.ws(&live, Some(&owner)).await;
    assert!(receive(&mut watcher).await.unwrap_err().starts_with("over"));
}

#[tokio::test]
async fn a_recorder_is_told_when_nobody_watches() {
    let cloud = Cloud::start().await;
    let (home, mut hub, owner) = home(&cloud, 10).await;
    let before = recorder(&cloud, &home).await;
    let mut ws = recorder(&cloud, &home).await;
    // Shown without that anybody asked here: passed on to nobody.
    let id = look(&home, &home.owner).stream();
    send(&mut ws, &header(id)).await;
    send(&mut ws, &chunk(id, 0)).await;
    assert_eq!(take::<FromMedia>(&mut ws).await, FromMedia::Unwatched(id));

    let signed = look(&home, &home.member);
    answered(&cloud, (&home, &mut hub, &owner), &signed, None).await;
    let id = signed.stream();
    send(&mut ws, &header(id)).await;
    let mut watcher = cloud.ws(&home.path(&format!("/looks/{id}/live")), Some(&owner)).await;
    assert_eq!(take::<ToMedia>(&mut watcher).await, header(id));
    // An older connection that dies late takes nothing with it.
    drop(before);
    send(&mut ws, &chunk(id, 0)).await;
    assert_eq!(take::<ToMedia>(&mut watcher).await, chunk(id, 0));
    drop(ws);
    assert!(receive(&mut watcher).await.unwrap_err().starts_with("ended"), "with its recorder");
}

#[tokio::test]
async fn who_may_start_no_camera_is_refused_here_already() {
    let cloud = Cloud::start().await;
    let (home_one, hub, owner) = home(&cloud, 10).await;
    let path = home_one.path("/looks");
    for key in [&home_one.companion, &home_one.recorder, &key(99)] {
        let (status, problem) =
            cloud.call("POST", &path, Some(&owner), Some(body(&look(&home_one, key)))).await;
        assert_eq!((status, &problem["code"]), (422, &json!("signer_unknown")), "{problem}");
    }
    let (two, _hub, other) = home(&cloud, 20).await;
    let foreign = sign(look(&home_one, &home_one.owner).message().clone(), &two.owner);
    let (status, problem) = cloud.call("POST", &two.path("/looks"), Some(&other), Some(body(&foreign))).await;
    assert_eq!((status, &problem["code"]), (422, &json!("door_other")));
    drop(hub);
    // Until the cloud has noticed, the home is merely silent.
    let signed = look(&home_one, &home_one.owner);
    let deadline = tokio::time::Instant::now() + WAIT;
    loop {
        let (status, problem) = cloud.call("POST", &path, Some(&owner), Some(body(&signed))).await;
        if (status, &problem["code"]) == (503, &json!("home_offline")) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{status} {problem}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn every_resident_is_told_who_looked() {
    let cloud = Cloud::start().await;
    let (home, mut hub, _owner) = home(&cloud, 10).await;
    let member = cloud.sign_in(&home.member, Role::Resident).await;
    let (by, camera) = (home.owner.kid(), home.recorder.kid());
    let looked = Body::Looked { by, camera, seconds: 60, look: Hash([7; 32]) };
    let entry = hub.event(Class::System, None, looked);
    hub.send_log(vec![entry]).await;
    let notices = cloud.get(&home.path("/notices"), &member).await["notices"].clone();
    assert_eq!(notices[0]["kind"], "looked");
    assert_eq!(notices[0]["about"], json!({ "by": by.to_string() }));
    assert_eq!(notices[0]["visit"], Value::Null);
}
