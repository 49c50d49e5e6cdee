//! The control socket, as a hub and a test see it.

use crate::standing::Standing;
use serde_json::json;

#[tokio::test]
async fn a_delivery_is_reported_as_it_happens() {
    let house = Standing::new(None).await;
    let mut hub = house.talk().await;
    let mut people = house.talk().await;
    let first = hub.ask(r#"{"subscribe":true}"#).await;
    assert_eq!(
        first,
        json!({"bolt":"locked","door":"closed","battery_percent":88,"online":true,"smoke":false,"no_button":false})
    );
    assert_eq!(people.ask(r#"{"act":"ring"}"#).await, json!({"done": true}));
    let refused = people.ask(r#"{"act":"push"}"#).await;
    assert_eq!(refused["done"], false);
    assert!(refused["because"].as_str().is_some_and(|because| because.contains("bolt")));
    hub.say(r#"{"do":"unlock"}"#).await;
    let mut heard = Vec::new();
    while heard.last().is_none_or(|bolt| bolt != "unlocked") {
        let line = hub.hear().await.expect("a line");
        heard.extend(line["bolt"].as_str().map(str::to_owned));
    }
    assert_eq!(heard, ["unlocking", "unlocked"]);
    people.ask(r#"{"act":"push"}"#).await;
    assert_eq!(hub.hear().await.expect("a report")["door"], "open");
    people.until("wide open", |state| state["door"] == "open").await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(people.ask(r#"{"act":{"parcel":{"label":"0034"}}}"#).await, json!({"done": true}));
    let state = people.until("parcel", |state| state["truth"]["parcels_inside"] == 1).await;
    assert_eq!(state["truth"]["line_crossed"], false);
}

#[tokio::test]
async fn belief_and_truth_can_be_told_apart() {
    let house = Standing::new(None).await;
    let mut talk = house.talk().await;
    talk.ask(r#"{"do":"unlock"}"#).await;
    talk.until("unlocked", |state| state["bolt"] == "unlocked").await;
    talk.ask(r#"{"misbehave":{"lock":"lie"}}"#).await;
    talk.ask(r#"{"do":"lock"}"#).await;
    let state = talk.until("locked", |state| state["bolt"] == "locked").await;
    assert_eq!(state["truth"]["bolt"], "unlocked");
    talk.ask(r#"{"misbehave":"none"}"#).await;
    assert_eq!(talk.ask(r#"{"get":"state"}"#).await["bolt"], "unlocked");
}

#[tokio::test]
async fn a_silent_lock_gives_no_answer_while_the_house_does() {
    let house = Standing::new(None).await;
    let mut talk = house.talk().await;
    talk.ask(r#"{"misbehave":{"lock":"silent"}}"#).await;
    talk.say(r#"{"do":"unlock"}"#).await;
    let next = talk.ask(r#"{"get":"state"}"#).await;
    assert_eq!(next["bolt"], "locked", "the next line answers the next question");
}

#[tokio::test]
async fn a_bad_line_is_answered_and_the_connection_stays() {
    let house = Standing::new(None).await;
    let mut talk = house.talk().await;
    for (line, names) in
        [("nonsense", "JSON"), (r#"{"act":"puhs"}"#, "act"), (r#"{"do":"lock","x":1}"#, "one field")]
    {
        let answer = talk.ask(line).await;
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(names)), "{line}: {answer}");
    }
    assert_eq!(talk.ask(r#"{"do":"lock"}"#).await, json!({"done": true}));
}

#[tokio::test]
async fn a_line_that_is_too_long_ends_only_its_connection() {
    let house = Standing::new(None).await;
    let mut talk = house.talk().await;
    let answer = talk.ask(&format!(r#"{{"act":"{}"}}"#, "x".repeat(5_000))).await;
    assert!(answer["error"].as_str().is_some_and(|error| error.contains("4096")), "{answer}");
    assert_eq!(talk.hear().await, None);
    assert_eq!(house.talk().await.ask(r#"{"act":"chime"}"#).await, json!({"done": true}));
}

#[tokio::test]
async fn a_second_house_does_not_take_the_place_of_the_first() {
    let house = Standing::new(None).await;
    let (_, mut options) = Standing::options(None);
    options.control = house.dir.join("house.sock");
    assert!(matches!(house::run(options).await, Err(house::HouseError::Taken(_))));
}

#[tokio::test]
async fn what_a_dead_house_left_behind_is_removed() {
    let (dir, options) = Standing::options(None);
    drop(std::os::unix::net::UnixListener::bind(&options.control).expect("bind"));
    let path = options.control.clone();
    let task = tokio::spawn(house::run(options));
    let deadline = std::time::Instant::now() + crate::standing::WITHIN;
    while std::os::unix::net::UnixStream::connect(&path).is_err() {
        assert!(std::time::Instant::now() < deadline && !task.is_finished());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    task.abort();
    let _ = std::fs::remove_dir_all(dir);
}
