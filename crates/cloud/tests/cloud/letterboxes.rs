use crate::support::*;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn path(id: u8, slot: &str) -> String {
    format!("/v1/letterboxes/{}/{slot}", format!("{id:02x}").repeat(16))
}

async fn leave(cloud: &Cloud, path: &str, letter: &[u8]) -> (u16, Value) {
    cloud.call("PUT", path, None, Some(json!({ "letter": b64(letter) }))).await
}

async fn fetch(cloud: &Cloud, path: &str) -> (u16, Value) {
    cloud.call("GET", path, None, None).await
}

#[tokio::test]
async fn two_devices_leave_each_other_a_letter() {
    let mut cloud = Cloud::start().await;
    for (slot, letter) in [("request", b"may I?"), ("reply", b"you do")] {
        let (status, problem) = fetch(&cloud, &path(1, slot)).await;
        assert_eq!((status, &problem["code"]), (204, &Value::Null));
        assert_eq!(leave(&cloud, &path(1, slot), letter).await, (204, Value::Null));
        assert_eq!(fetch(&cloud, &path(1, slot)).await, (200, json!({ "letter": b64(letter) })));
    }
    // Each box is its own, letters may be fetched again, and outlive a restart.
    assert_eq!(fetch(&cloud, &path(2, "request")).await.0, 204);
    cloud.restart().await;
    assert_eq!(fetch(&cloud, &path(1, "request")).await, (200, json!({ "letter": b64(b"may I?") })));
}

#[tokio::test]
async fn a_letter_is_written_once() {
    let cloud = Cloud::start().await;
    let path = path(1, "request");
    assert_eq!(leave(&cloud, &path, b"mine").await.0, 204);
    assert_eq!(leave(&cloud, &path, b"mine").await.0, 204);
    let (status, problem) = leave(&cloud, &path, b"other").await;
    assert_eq!((status, &problem["code"]), (409, &json!("letter_taken")));
    assert_eq!(fetch(&cloud, &path).await.1["letter"], b64(b"mine"));
}

#[tokio::test]
async fn who_waits_gets_the_letter_when_it_comes() {
    let cloud = Cloud::start().await;
    let waiting = format!("{}?wait_s=25", path(1, "reply"));
    let mut answer = Box::pin(fetch(&cloud, &waiting));
    let early = tokio::time::timeout(STILL_WAITING, &mut answer).await;
    assert!(early.is_err(), "nothing lies there: {early:?}");
    // A letter for somebody else wakes nobody.
    assert_eq!(leave(&cloud, &path(1, "request"), b"mine").await.0, 204);
    assert!(tokio::time::timeout(STILL_WAITING, &mut answer).await.is_err());
    let began = Instant::now();
    assert_eq!(leave(&cloud, &path(1, "reply"), b"yours").await.0, 204);
    assert_eq!(answer.await, (200, json!({ "letter": b64(b"yours") })));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // What lies there already is not waited for.
    assert_eq!(fetch(&cloud, &waiting).await.0, 200);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn waiting_ends_with_its_time_and_with_the_cloud() {
    let mut cloud = Cloud::start().await;
    let began = Instant::now();
    let (status, problem) = fetch(&cloud, &format!("{}?wait_s=1", path(1, "reply"))).await;
    assert_eq!((status, &problem["code"]), (204, &Value::Null));
    assert!((1..10).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());

    cloud.stop_while_asked(&format!("{}?wait_s=25", path(1, "reply")), None).await;
}

#[tokio::test]
async fn what_is_no_letter_or_no_letterbox_is_refused_by_name() {
    let cloud = Cloud::start().await;
    for (letter, status) in [(vec![], 422), (vec![1; 16_385], 422), (vec![1; 16_384], 204)] {
        let (answered, problem) = leave(&cloud, &path(1, "request"), &letter).await;
        assert_eq!(answered, status, "{} bytes: {problem}", letter.len());
        if status == 422 {
            assert_eq!((&problem["code"], &problem["field"]), (&json!("letter_length"), &json!("letter")));
        }
    }
    let good = "ab".repeat(16);
    for bad in ["abc/request", &format!("{good}ab/request"), &format!("{good}/answer"), "xy/reply"] {
        let path = format!("/v1/letterboxes/{bad}");
        for (status, problem) in [leave(&cloud, &path, b"x").await, fetch(&cloud, &path).await] {
            assert_eq!((status, &problem["code"]), (422, &json!("path_invalid")), "{path}");
        }
    }
    for (query, code) in
        [("wait_s=26", "wait_too_long"), ("wait_s=-1", "query_invalid"), ("wait=1", "query_invalid")]
    {
        let (status, problem) = fetch(&cloud, &format!("{}?{query}", path(1, "request"))).await;
        assert_eq!((status, &problem["code"]), (422, &json!(code)), "{query}");
    }
    let body = json!({ "letter": b64(b"x"), "note": "x" });
    let (status, problem) = cloud.call("PUT", &path(2, "request"), None, Some(body)).await;
    assert_eq!((status, &problem["field"]), (422, &json!("note")));
}

#[tokio::test]
async fn a_letter_that_ran_out_is_gone_and_its_slot_is_free() {
    let cloud = Cloud::start().await;
    let path = path(1, "request");
    assert_eq!(leave(&cloud, &path, b"old").await.0, 204);
    let file = cloud.folder.path().join("data").join("cloud.sqlite");
    let database = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let aged = sqlx::query("UPDATE letters SET until_ms = until_ms - 24 * 3600 * 1000");
    assert_eq!(aged.execute(&database).await.unwrap().rows_affected(), 1);
    database.close().await;
    let (status, problem) = fetch(&cloud, &path).await;
    assert_eq!((status, &problem["code"]), (204, &Value::Null));
    assert_eq!(leave(&cloud, &path, b"new").await.0, 204);
    assert_eq!(fetch(&cloud, &path).await.1["letter"], b64(b"new"));
}

#[tokio::test]
async fn letters_that_ran_out_are_taken_off_the_disk() {
    let mut cloud = Cloud::start().await;
    for (id, letter) in [(1, b"old"), (2, b"new")] {
        assert_eq!(leave(&cloud, &path(id, "request"), letter).await.0, 204);
    }
    let file = cloud.folder.path().join("data").join("cloud.sqlite");
    let database = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let aged = sqlx::query("UPDATE letters SET until_ms = 1 WHERE letter = x'6f6c64'");
    assert_eq!(aged.execute(&database).await.unwrap().rows_affected(), 1);
    // It sweeps when it starts, and each minute.
    cloud.restart().await;
    let until = Instant::now() + WAIT;
    loop {
        let (kept,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM letters").fetch_one(&database).await.unwrap();
        if kept == 1 {
            break;
        }
        assert!(Instant::now() < until, "{kept} letters on the disk");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fetch(&cloud, &path(2, "request")).await.0, 200);
}

#[tokio::test]
async fn an_address_leaves_so_many_letters_an_hour_and_reads_on() {
    let cloud = Cloud::start().await;
    for id in 0..60 {
        assert_eq!(leave(&cloud, &path(id, "request"), b"x").await.0, 204);
    }
    let response = cloud.http.put(cloud.url(&path(60, "request"))).json(&json!({ "letter": "AA" }));
    let response = response.send().await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "3600");
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "letters_limit");
    assert_eq!(fetch(&cloud, &path(60, "request")).await.0, 204, "nothing was kept");
    assert_eq!(fetch(&cloud, &path(59, "request")).await.0, 200);
}
