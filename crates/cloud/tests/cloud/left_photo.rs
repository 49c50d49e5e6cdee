//! The photo of where a parcel went: whose it may be, for how long it is there, and that the cloud has no key.

use crate::left::{Ready, ready};
use crate::media::walk;
use crate::retention::{HOUR, is_anywhere, until};
use crate::support::*;
use protocol::Hash;
use protocol::bytes::{Blob, DoorId};
use protocol::left::{Left, Rung, photo_hash};
use protocol::sign_in::Role;
use recording::photo::{Photo, kid_of};
use serde_json::{Value, json};
use std::time::Duration;

const HOUR_MS: i64 = 3_600_000;

/// A grey square of 8 pixels.
const JPEG: &str = include_str!("left_photo.hex");

fn jpeg() -> Vec<u8> {
    let digits: Vec<u8> = JPEG.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn sealed_at(door: DoorId, assignment: Hash, entropy: u8) -> Vec<u8> {
    Photo::seal(door, assignment, &jpeg(), &[Blob(kem().public())], &[entropy; 32]).unwrap()
}

fn sealed(r: &Ready) -> Vec<u8> {
    sealed_at(r.home.door(), r.assignment.hash(), 5)
}

pub(crate) async fn put(cloud: &Cloud, token: &str, left: Hash, body: Vec<u8>) -> (u16, Value) {
    let url = cloud.url(&format!("/v1/visitor/left/{left}/photo"));
    let answer = cloud.http.put(url).bearer_auth(token).body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or(Value::Null))
}

pub(crate) async fn fetch(cloud: &Cloud, home: &Home, token: &str, left: Hash) -> (u16, Vec<u8>) {
    let url = cloud.url(&home.path(&format!("/left/{left}/photo")));
    let answer = cloud.http.get(url).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
}

fn code(answer: &[u8]) -> String {
    serde_json::from_slice::<Value>(answer).unwrap()["code"].as_str().unwrap().to_owned()
}

/// Reports a parcel in the locker, with the photo of that hash; gives H(left).
async fn told(r: &Ready, photo: Option<Hash>) -> Hash {
    let left = Left { rung: Rung::Locker, photo, ..r.left() };
    let (status, answer) = r.report(left, &r.provider.handset).await;
    assert!(status < 300, "{answer}");
    Hash::from_hex(answer["hash"].as_str().unwrap()).unwrap()
}

async fn state(r: &Ready, left: Hash) -> Value {
    let listed = r.cloud.get(&r.home.path("/left"), &r.owner).await;
    let all = listed["left"].as_array().unwrap();
    all.iter().find(|one| one["hash"] == left.to_string()).unwrap()["photo"].clone()
}

#[tokio::test]
async fn a_photo_reaches_the_residents_as_it_was_sealed_and_the_cloud_sees_no_picture() {
    let r = ready().await;
    let tour = r.cloud.get("/v1/visitor/tour", &r.handset).await;
    assert_eq!(tour["stops"][0]["photo_keys"], json!([b64(&kem().public())]), "keys, and nothing of whose");

    let photo = sealed(&r);
    let left = told(&r, Some(photo_hash(&photo))).await;
    assert_eq!(state(&r, left).await["state"], "awaited");
    let (status, answer) = fetch(&r.cloud, &r.home, &r.owner, left).await;
    assert_eq!((status, code(&answer)), (404, "photo_awaited".into()));

    for _again in 0..2 {
        assert_eq!(put(&r.cloud, &r.handset, left, photo.clone()).await, (204, Value::Null));
    }
    let kept = state(&r, left).await;
    assert_eq!(kept["state"], "kept");
    let in_ms = kept["deletes_ms"].as_i64().unwrap() - now().cast_signed() * 1_000;
    assert!((71 * HOUR_MS..=72 * HOUR_MS + 60_000).contains(&in_ms), "{in_ms}");
    assert_eq!(fetch(&r.cloud, &r.home, &r.owner, left).await, (200, photo.clone()));

    let found = Photo::parse(&photo).unwrap();
    assert_eq!(found.keys[0].kid, kid_of(&kem().public()).unwrap());
    let key = kem().unwrap_copy(&found.copy_for(&kem().public()).unwrap(), found.key_check).unwrap();
    assert_eq!(found.open(&key).unwrap(), jpeg());
    let data = r.cloud.folder.path().join("data");
    assert!(is_anywhere(&data, &photo[photo.len() - 64..]), "or this test would see nothing");
    assert!(!is_anywhere(&data, &jpeg()[..32]));
}

#[tokio::test]
async fn only_what_was_signed_is_taken_and_only_from_the_handset_that_signed() {
    let r = ready().await;
    let photo = sealed(&r);
    let left = told(&r, Some(photo_hash(&photo))).await;
    let refused = |answer: (u16, Value)| (answer.0, answer.1["code"].as_str().unwrap().to_owned());

    let mut other = photo.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(refused(put(&r.cloud, &r.handset, left, other).await), (422, "photo_other".into()));
    let too_large = vec![0; protocol::limits::PHOTO_BYTES_MAX + 1];
    assert_eq!(refused(put(&r.cloud, &r.handset, left, too_large).await), (413, "body_too_large".into()));
    let unknown = put(&r.cloud, &r.handset, Hash([9; 32]), photo.clone()).await;
    assert_eq!(refused(unknown), (404, "left_unknown".into()));

    // Another handset of the same service.
    let second = key(77);
    let credential = b64(&protocol::canonical::encode(&protocol::Signer::credential(&second)));
    let enrolment = json!({ "credential": credential, "name": "van 8" });
    r.cloud.post("/v1/provider/handsets", &r.provider.token, enrolment).await;
    let token = r.cloud.sign_in(&second, Role::Visitor).await;
    assert_eq!(refused(put(&r.cloud, &token, left, photo.clone()).await), (404, "left_unknown".into()));

    // A report without a photo, one of a picture that was not sealed, and one of another stop's.
    let without = told(&r, None).await;
    assert_eq!(state(&r, without).await, Value::Null);
    assert_eq!(refused(put(&r.cloud, &r.handset, without, photo.clone()).await), (422, "photo_other".into()));
    let (_, answer) = fetch(&r.cloud, &r.home, &r.owner, without).await;
    assert_eq!(code(&answer), "photo_unknown");
    let plain = told(&r, Some(photo_hash(&jpeg()))).await;
    assert_eq!(refused(put(&r.cloud, &r.handset, plain, jpeg()).await), (422, "photo_malformed".into()));
    let elsewhere = sealed_at(r.home.door(), Hash([8; 32]), 6);
    let moved = told(&r, Some(photo_hash(&elsewhere))).await;
    assert_eq!(refused(put(&r.cloud, &r.handset, moved, elsewhere).await), (422, "photo_other".into()));

    assert!(walk(&r.cloud.folder.path().join("data/objects")).is_empty(), "nothing of it was kept");
    assert_eq!(put(&r.cloud, &r.handset, left, photo).await.0, 204);
    let path = format!("/v1/provider/handsets/{}", r.provider.handset.kid());
    r.cloud.call("DELETE", &path, Some(&r.provider.token), None).await;
    let (status, _) = put(&r.cloud, &r.handset, left, sealed(&r)).await;
    assert!(status >= 400, "a handset that was removed sends nothing any more: {status}");
}

#[tokio::test]
async fn nobody_of_another_home_gets_a_photo() {
    let r = ready().await;
    let photo = sealed(&r);
    let left = told(&r, Some(photo_hash(&photo))).await;
    put(&r.cloud, &r.handset, left, photo).await;
    let (other, _hub, stranger) = home(&r.cloud, 50).await;
    let (status, answer) = fetch(&r.cloud, &r.home, &stranger, left).await;
    assert_eq!((status, code(&answer)), (403, "home_other".into()));
    let (status, answer) = fetch(&r.cloud, &other, &stranger, left).await;
    assert_eq!((status, code(&answer)), (404, "photo_unknown".into()));
    let (status, _) = fetch(&r.cloud, &r.home, &r.handset, left).await;
    assert_eq!(status, 403, "nor does the handset");
}

#[tokio::test]
async fn a_photo_is_deleted_with_the_hours_of_recordings() {
    let r = ready().await;
    let photo = sealed(&r);
    let left = told(&r, Some(photo_hash(&photo))).await;
    put(&r.cloud, &r.handset, left, photo.clone()).await;
    let hours = json!({ "hours": 2 });
    let (status, _) = r.cloud.call("PUT", &r.home.path("/retention"), Some(&r.owner), Some(hours)).await;
    assert!(status < 300);
    // The clock is believed after an hour; the photo has two.
    r.cloud.clock.advance(HOUR + HOUR / 2);
    assert_eq!(fetch(&r.cloud, &r.home, &r.owner, left).await.0, 200);
    r.cloud.clock.advance(HOUR);
    let is_gone = |listed: &Value| listed["left"][0]["photo"]["state"] == "deleted";
    let listed = until(&r.cloud, &r.home.path("/left"), &r.owner, is_gone).await;
    assert_eq!(listed["left"][0]["photo"]["after_h"], 2);
    let (status, answer) = fetch(&r.cloud, &r.home, &r.owner, left).await;
    assert_eq!((status, code(&answer)), (410, "photo_deleted".into()));
    let objects = r.cloud.folder.path().join("data/objects");
    let deadline = tokio::time::Instant::now() + WAIT;
    while !walk(&objects).is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", walk(&objects));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (status, problem) = put(&r.cloud, &r.handset, left, photo).await;
    assert_eq!(
        (status, &problem["code"]),
        (410, &json!("photo_deleted")),
        "what was deleted does not come back"
    );
}
