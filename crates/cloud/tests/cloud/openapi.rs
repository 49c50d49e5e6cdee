//! The description of the HTTP surface that the app is built with, `docs/reference/openapi.json`.

use std::collections::HashSet;
use std::path::Path;

/// After a change of the API: `UPDATE_OPENAPI=1 cargo test -p cloud openapi`, then `./x web`.
#[test]
fn the_committed_description_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/openapi.json");
    let served = cloud::openapi() + "\n";
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(&path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == served,
        "docs/reference/openapi.json is old: UPDATE_OPENAPI=1 cargo test -p cloud openapi"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let description: serde_json::Value = serde_json::from_str(&cloud::openapi()).unwrap();
    let mut names = HashSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{method} {path}: {name} is taken");
        }
    }
}
