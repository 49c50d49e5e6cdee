use crate::support::*;
use reqwest::header::HeaderMap;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::io::Read as _;

/// As the pages need it; a page that asks for more is changed, not this line.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; \
     worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
     require-trusted-types-for 'script'; trusted-types svelte-trusted-html vestibule";

/// A built app in small, and files that are called like routes of the API.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let html = "text/html; charset=utf-8";
    let script = "text/javascript; charset=utf-8";
    vec![
        ("index.html", b"resident".into(), html),
        ("v/index.html", b"visitor".into(), html),
        ("sw.js", b"worker".into(), script),
        ("manifest.webmanifest", b"{}".into(), "application/manifest+json"),
        ("icon.svg", b"<svg/>".into(), "image/svg+xml"),
        ("assets/main-4f1c.js", b"let x = 1;\n".repeat(100), script),
        ("assets/main-4f1c.css", b"a { b: c }\n".repeat(100), "text/css; charset=utf-8"),
        ("assets/core-4f1c.wasm", b"\0asm".repeat(100), "application/wasm"),
        ("assets/text-4f1c.woff2", b"wOF2".repeat(100), "font/woff2"),
    ]
}

async fn cloud_with_app() -> Cloud {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join("app").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    for (path, bytes, _) in files() {
        write(path, &bytes);
    }
    for path in ["v1/app", "v1/nothing", "v1/index.html", "openapi.json", "healthz"] {
        write(path, b"not the API");
    }
    Cloud::start_on(folder).await
}

async fn ask(cloud: &Cloud, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Response {
    // Straight, without following redirects.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut request = http.request(method, cloud.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn get(cloud: &Cloud, path: &str) -> Response {
    ask(cloud, Method::GET, path, &[]).await
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_file_comes_with_its_type_its_policy_and_how_long_it_may_be_kept() {
    let cloud = cloud_with_app().await;
    for (path, bytes, media_type) in files() {
        let response = get(&cloud, &format!("/{path}")).await;
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers().clone();
        let kept =
            if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        let expected = [
            ("content-type", media_type),
            ("cache-control", kept),
            ("content-security-policy", POLICY),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            (
                "permissions-policy",
                "camera=(self), microphone=(), geolocation=(), publickey-credentials-get=(self), \
                 publickey-credentials-create=(self)",
            ),
            // Not on an address without https.
            ("strict-transport-security", ""),
            ("content-encoding", ""),
        ];
        for (name, value) in expected {
            assert_eq!(text(&headers, name), value, "{path}: {name}");
        }
        assert_eq!(response.bytes().await.unwrap(), bytes, "{path}");
    }
}

#[tokio::test]
async fn the_two_apps_have_an_entrance_each() {
    let cloud = cloud_with_app().await;
    assert_eq!(get(&cloud, "/").await.text().await.unwrap(), "resident");
    assert_eq!(get(&cloud, "/?x=1").await.text().await.unwrap(), "resident");
    assert_eq!(get(&cloud, "/v/").await.text().await.unwrap(), "visitor");
    for (path, to) in [("/v", "/v/"), ("/v?x=1", "/v/?x=1")] {
        let response = get(&cloud, path).await;
        assert_eq!((response.status(), text(response.headers(), "location")), (308.try_into().unwrap(), to));
        assert_eq!(text(response.headers(), "content-security-policy"), POLICY);
    }
}

#[tokio::test]
async fn no_file_stands_before_the_api() {
    let cloud = cloud_with_app().await;
    assert_eq!(get(&cloud, "/healthz").await.text().await.unwrap(), "ok\n");
    let (status, description) = cloud.call("GET", "/openapi.json", None, None).await;
    assert_eq!((status, description["openapi"].is_string()), (200, true));
    let (status, app) = cloud.call("GET", "/v1/app", None, None).await;
    assert_eq!((status, app["build"].is_string()), (200, true));
    for path in ["/v1/nothing", "/v1/", "/v1", "/nothing", "/assets/", "/assets", "//"] {
        let (status, problem) = cloud.call("GET", path, None, None).await;
        assert_eq!((status, &problem["code"]), (404, &json!("route_unknown")), "{path}");
    }
    let (status, problem) = cloud.call("POST", "/index.html", None, Some(json!({}))).await;
    assert_eq!((status, &problem["code"]), (405, &json!("method_not_allowed")));
    let (status, problem) = cloud.call("POST", "/nothing", None, Some(json!({}))).await;
    assert_eq!((status, &problem["code"]), (404, &json!("route_unknown")));
}

#[tokio::test]
async fn answers_of_the_api_are_neither_kept_nor_guessed_at() {
    let cloud = cloud_with_app().await;
    for path in ["/healthz", "/openapi.json", "/v1/app", "/v1/nothing", "/nothing", "/v1/operator/counts"] {
        let headers = get(&cloud, path).await.headers().clone();
        assert_eq!(text(&headers, "cache-control"), "no-store", "{path}");
        assert_eq!(text(&headers, "x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn what_a_browser_has_already_is_not_sent_again() {
    let cloud = cloud_with_app().await;
    for path in ["/", "/assets/main-4f1c.js"] {
        for coding in ["identity", "gzip"] {
            let ask = |tag: String| {
                let cloud = &cloud;
                async move {
                    let headers = [("accept-encoding", coding), ("if-none-match", &tag)];
                    ask(cloud, Method::GET, path, &headers).await
                }
            };
            let first = ask("\"other\"".into()).await;
            assert_eq!(first.status(), 200);
            let tag = text(first.headers(), "etag").to_owned();
            assert!(tag.starts_with('"') && tag.len() > 60, "{tag}");
            for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".into()] {
                let again = ask(known).await;
                assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path} {coding}");
                for name in ["etag", "cache-control", "content-security-policy", "vary"] {
                    assert_eq!(text(again.headers(), name), text(first.headers(), name), "{name}");
                }
                assert_eq!(again.bytes().await.unwrap().len(), 0);
            }
        }
    }
}

#[tokio::test]
async fn who_takes_gzip_gets_it_where_it_is_smaller() {
    let cloud = cloud_with_app().await;
    let path = "/assets/main-4f1c.js";
    let plain = get(&cloud, path).await;
    let plain_tag = text(plain.headers(), "etag").to_owned();
    assert_eq!(text(plain.headers(), "vary"), "accept-encoding");
    let plain = plain.bytes().await.unwrap();
    for accepted in ["gzip", "br;q=1.0, GZIP;q=0.5", "deflate, gzip"] {
        let packed = ask(&cloud, Method::GET, path, &[("accept-encoding", accepted)]).await;
        assert_eq!(text(packed.headers(), "content-encoding"), "gzip", "{accepted}");
        assert_ne!(text(packed.headers(), "etag"), plain_tag, "other bytes have another tag");
        let packed = packed.bytes().await.unwrap();
        assert!(packed.len() < plain.len() / 2, "{} of {}", packed.len(), plain.len());
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain);
    }
    for refused in ["gzip;q=0", "br", "identity", "gzip; q=0.0", ""] {
        let response = ask(&cloud, Method::GET, path, &[("accept-encoding", refused)]).await;
        assert_eq!(text(response.headers(), "content-encoding"), "", "{refused}");
    }
    // Packed already, or too short to gain.
    for path in ["/assets/text-4f1c.woff2", "/icon.svg"] {
        let response = ask(&cloud, Method::GET, path, &[("accept-encoding", "gzip")]).await;
        assert_eq!(text(response.headers(), "content-encoding"), "", "{path}");
    }
}

#[tokio::test]
async fn a_head_says_what_a_get_would() {
    let cloud = cloud_with_app().await;
    for path in ["/", "/assets/main-4f1c.js", "/v1/app"] {
        let get = get(&cloud, path).await;
        let head = ask(&cloud, Method::HEAD, path, &[]).await;
        assert_eq!(head.status(), 200, "{path}");
        for name in ["content-type", "etag", "cache-control", "content-security-policy", "content-length"] {
            assert_eq!(text(head.headers(), name), text(get.headers(), name), "{path}: {name}");
        }
        let length = text(get.headers(), "content-length").to_owned();
        assert_eq!(length, get.bytes().await.unwrap().len().to_string());
        assert_eq!(head.bytes().await.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn a_cloud_without_the_app_says_how_to_build_it() {
    let cloud = Cloud::start().await;
    for path in ["/", "/v", "/v/", "/try", "/try/", "/s", "/s/"] {
        let response = get(&cloud, path).await;
        assert_eq!(response.status(), 404, "nothing that a browser should keep as the app");
        assert_eq!(text(response.headers(), "content-type"), "text/plain; charset=utf-8");
        assert_eq!(text(response.headers(), "content-security-policy"), POLICY);
        assert!(response.text().await.unwrap().contains("./x web"));
    }
    assert_eq!(cloud.call("GET", "/v1/app", None, None).await, (200, json!({ "build": null })));
    let (status, problem) = cloud.call("GET", "/index.html", None, None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("route_unknown")));
}

#[tokio::test]
async fn the_build_changes_with_every_file() {
    let cloud = cloud_with_app().await;
    let build =
        async |cloud: &Cloud| -> Value { cloud.call("GET", "/v1/app", None, None).await.1["build"].clone() };
    let first = build(&cloud).await;
    assert_eq!(first.as_str().unwrap().len(), 64);
    let Cloud { running, folder, .. } = cloud;
    running.unwrap().shutdown().await;
    std::fs::rename(folder.path().join("app/sw.js"), folder.path().join("app/sx.js")).unwrap();
    let renamed = build(&Cloud::start_on(folder).await).await;
    assert_ne!(renamed, first);
}

#[tokio::test]
async fn with_an_https_origin_browsers_are_told_to_stay_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let origin = Some("https://cloud.test".to_owned().try_into().unwrap());
    let running = cloud::start(cloud::Config { origin, ..config(folder.path()) }).await.unwrap();
    let cloud = Cloud::of(running, folder);
    for path in ["/", "/v1/app", "/v1/nothing"] {
        let response = get(&cloud, path).await;
        assert_eq!(text(response.headers(), "strict-transport-security"), "max-age=31536000", "{path}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_served_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let app = Some(folder.path().join("nowhere"));
    let error = cloud::start(cloud::Config { app, ..config(folder.path()) }).await.unwrap_err().to_string();
    assert!(error.contains("nowhere") && error.contains("`app`"), "{error}");
}
