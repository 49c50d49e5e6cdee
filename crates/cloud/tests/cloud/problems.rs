use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn every_documented_route_answers_errors_with_a_problem_and_a_code() {
    let cloud = Cloud::start().await;
    let (status, description) = cloud.call("GET", "/openapi.json", None, None).await;
    assert_eq!(status, 200);
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut seen = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        let concrete = concrete(path);
        for method in item.as_object().unwrap().keys().filter(|m| *m != "parameters") {
            if ["/healthz", "/v1/app"].contains(&path.as_str()) {
                continue;
            }
            // Neither token nor body nor upgrade: every route must refuse, and say why.
            let (status, problem) = cloud.call(&method.to_uppercase(), &concrete, None, None).await;
            assert!((400..500).contains(&status), "{method} {path}: {status} {problem}");
            assert!(problem["code"].is_string(), "{method} {path}: {problem}");
            assert!(problem["detail"].as_str().unwrap().len() > 20, "{method} {path}: {problem}");
            assert_eq!(problem["status"], status);
            seen += 1;
        }
    }
    assert!(seen >= 45, "{seen}");
    let text = description.to_string();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
    for (method, path, code) in
        [("GET", "/nothing", "route_unknown"), ("DELETE", "/v1/sign-in", "method_not_allowed")]
    {
        assert_eq!(cloud.call(method, path, None, None).await.1["code"], code);
    }
}

/// A path with its parameters filled in.
fn concrete(path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('/') {
        parts.push(match part {
            "{part}" | "{sequence}" => "1".into(),
            "{hash}" | "{kid}" | "{provider}" => "ab".repeat(32),
            "{number}" => "V7KQ-4M2X".into(),
            _ if part.starts_with('{') => "ab".repeat(16),
            _ => part.into(),
        });
    }
    parts.join("/")
}

#[tokio::test]
async fn a_bad_body_names_the_field() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let provider = Provider::admitted(&cloud, 30).await;
    let good = Provider::consignment("V7KQ-4M2X", protocol::commitment::Commitment(protocol::Hash([1; 32])));
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let mut missing = good.clone();
    missing.as_object_mut().unwrap().remove("service");
    let announce = "/v1/provider/consignments";
    let cases: Vec<(&str, String, Value, &str)> = vec![
        (&provider.token, announce.into(), missing, "service"),
        (&provider.token, announce.into(), with("colour", json!(1)), "colour"),
        (&provider.token, announce.into(), with("window", json!({ "from": 5, "until": 5 })), "window.until"),
        (&provider.token, announce.into(), with("window", json!({ "from": 5 })), "window.until"),
        (&provider.token, announce.into(), with("commitments", json!(["xyz"])), "commitments[0]"),
        (&provider.token, announce.into(), with("description", json!("x".repeat(65))), "description"),
        (&owner, home.path("/grants"), json!({ "grant": "!!" }), "grant"),
        (&owner, home.path("/grants"), json!({ "grant": "AAAA" }), "grant"),
        (&owner, home.path("/head"), json!({ "nonce": "AAAA" }), "nonce"),
        (&owner, home.path("/rosters"), json!({ "roster": ["AAAA"] }), "roster[0]"),
    ];
    for (token, path, body, field) in cases {
        let (status, problem) = cloud.call("POST", &path, Some(token), Some(body.clone())).await;
        assert_eq!((status, &problem["field"]), (422, &json!(field)), "{path} {body}: {problem}");
    }
    let huge = json!({ "grant": "A".repeat(100_000) });
    let (status, problem) = cloud.call("POST", &home.path("/grants"), Some(&owner), Some(huge)).await;
    assert_eq!((status, &problem["code"]), (413, &json!("body_too_large")));
}

#[tokio::test]
async fn a_grant_for_another_door_or_by_a_stranger_is_refused() {
    let cloud = Cloud::start().await;
    let (home, _hub, owner) = home(&cloud, 10).await;
    let grant = || {
        home.grant(key(90).kid(), protocol::grant::Errand::Service("delivery".into()), vec![window(0, 60)])
    };
    let post = |grant: protocol::grant::Grant, by: protocol::DeviceKey| {
        let body = json!({ "grant": b64(sign(grant, &by).bytes()) });
        let (cloud, owner, path) = (&cloud, &owner, home.path("/grants"));
        async move { cloud.call("POST", &path, Some(owner), Some(body)).await.1["code"].clone() }
    };
    assert_eq!(post(grant(), key(77)).await, "signer_unknown");
    let mut other = grant();
    other.door = protocol::bytes::DoorId([1; 16]);
    assert_eq!(post(other, home.owner.clone()).await, "door_other");
    let mut early = grant();
    early.roster_epoch = 2;
    assert_eq!(post(early, home.owner.clone()).await, "roster_epoch");
}

#[tokio::test]
async fn a_port_that_is_taken_and_a_folder_that_is_none_are_said_in_a_sentence() {
    let cloud = Cloud::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = |listen: &str, data: std::path::PathBuf| cloud::Config {
        listen: listen.parse().unwrap(),
        data,
        audience: "a".into(),
        operators: vec![],
        origin: None,
        push_services: cloud::PushService::of_browsers(),
        mail: None,
        app: None,
    };
    let taken = cloud.running.as_ref().unwrap().address().to_string();
    let error = cloud::start(config(&taken, folder.path().join("x"))).await.unwrap_err().to_string();
    assert!(error.contains(&taken) && error.contains("set `listen`"), "{error}");
    std::fs::write(folder.path().join("file"), b"").unwrap();
    let error =
        cloud::start(config("127.0.0.1:0", folder.path().join("file"))).await.unwrap_err().to_string();
    assert!(error.contains("data folder"), "{error}");
    let broken = folder.path().join("broken");
    std::fs::create_dir(&broken).unwrap();
    std::fs::write(broken.join("cloud.sqlite"), b"this is no database, but long enough to look at").unwrap();
    let error = cloud::start(config("127.0.0.1:0", broken)).await.unwrap_err().to_string();
    assert!(error.contains("cloud.sqlite") && error.contains("cannot be opened"), "{error}");
}
