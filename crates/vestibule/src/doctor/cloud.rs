//! The cloud: does it serve, how fast, and is the way to it encrypted? Nobody signs in: a second sign-in as the door
//! would push the hub's own aside.

use super::Finding;
use super::limits::{CLOUD_ANSWER, CLOUD_SLOW_MS};
use reqwest::Url;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use tokio::time::Instant;

/// For a home that names no cloud.
pub(super) fn none() -> Finding {
    Finding::fine(
        "cloud_none",
        "home.toml names no cloud: this home stands alone, and nobody can announce a parcel",
    )
}

/// A cloud's settings file.
pub(super) fn settings(path: &Path) -> (Option<::cloud::Config>, Vec<Finding>) {
    let name = path.display();
    let broken = |says: String| {
        let mend = "Correct the file: the cloud does not start with settings that it does not understand";
        (None, vec![Finding::mend("cloud_settings_broken", says, mend)])
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(why) => return broken(format!("The file {name} cannot be read: {why}")),
    };
    let config: ::cloud::Config = match toml::from_str(&text) {
        Ok(config) => config,
        Err(why) => return broken(format!("The file {name}: {}", why.message().replace('\n', " "))),
    };
    let mut findings =
        vec![Finding::fine("cloud_settings_fine", "Every field of the cloud's settings is known")];
    if config.operators.is_empty() {
        let mend = "Add `operators = [\"...\"]` with what `vestibule operator key` prints";
        findings.push(Finding::look(
            "cloud_without_operator",
            "The cloud has no operator: no provider can be admitted",
            mend,
        ));
    }
    if !config.listen.ip().is_loopback() {
        findings.push(Finding::look(
            "cloud_listens_openly",
            format!("The cloud listens on {} without TLS", config.listen),
            "Listen on 127.0.0.1, and put a web server with TLS such as Caddy in front",
        ));
    }
    (Some(config), findings)
}

/// Where a cloud with this setting is reached from its own box: one that listens everywhere listens there too.
pub(super) fn own_address(mut listen: SocketAddr) -> String {
    match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => listen.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => listen.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    format!("http://{listen}")
}

/// Asks a cloud whether it serves.
pub(super) async fn check(address: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(url) = at(address, "healthz") else {
        let says = format!("`{address}` is not the address of a cloud");
        let mend = "Write it like http://127.0.0.1:8480 or https://cloud.example";
        return vec![Finding::mend("cloud_address_refused", says, mend)];
    };
    if url.scheme() == "http" && !is_loopback(&url) {
        findings.push(Finding::mend(
            "cloud_unencrypted",
            "The way to the cloud is not encrypted: others on it see who comes when, and can cut it unseen",
            "Lead it through TLS or a tunnel, such as stunnel or WireGuard, and name the tunnel's end on this box: http://127.0.0.1:PORT",
        ));
    }
    findings.push(ask(url).await);
    findings
}

/// A path of a cloud; none if that is no cloud's address.
pub(super) fn at(address: &str, path: &str) -> Option<Url> {
    // The hub's settings may say ws:// where HTTP says http://.
    let address = address.replacen("ws", "http", usize::from(address.starts_with("ws")));
    let url = Url::parse(&format!("{}/{path}", address.trim_end_matches('/'))).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Past any proxy of this shell: the hub uses none.
pub(super) async fn get(url: Url) -> reqwest::Result<reqwest::Response> {
    reqwest::Client::builder().no_proxy().timeout(CLOUD_ANSWER).build()?.get(url).send().await
}

async fn ask(url: Url) -> Finding {
    let wants_tls = url.scheme() == "https";
    let began = Instant::now();
    let answer = get(url).await;
    let took_ms = began.elapsed().as_millis();
    match answer {
        Ok(answer) if answer.status().is_success() => judge_time(took_ms),
        Ok(answer) => Finding::mend(
            "cloud_unwell",
            format!(
                "Something answers at the cloud's address, but does not say that it serves: {}",
                answer.status()
            ),
            "See the cloud's log, and whether the address is the cloud's own",
        ),
        Err(why) => {
            let reason = innermost(&why);
            if wants_tls && reason.contains("scheme is not http") {
                return Finding::mend(
                    "cloud_tls_unsupported",
                    "This version speaks no TLS itself: neither hub nor doctor can reach an https:// cloud",
                    "Run a TLS tunnel on this box, such as stunnel or WireGuard, and name its end here: http://127.0.0.1:PORT",
                );
            }
            let mend = "See that the cloud runs and that this box has a network; the door works without it, visits do not";
            Finding::mend("cloud_unreachable", format!("The cloud cannot be reached: {reason}"), mend)
        }
    }
}

fn judge_time(took_ms: u128) -> Finding {
    if took_ms > CLOUD_SLOW_MS {
        let says = format!("The cloud serves, but took {took_ms} ms to say so");
        return Finding::look(
            "cloud_slow",
            says,
            "See this box's network; a visitor waits for several such answers",
        );
    }
    Finding::fine("cloud_fine", format!("The cloud serves, and said so within {} ms", took_ms.max(1)))
}

/// The reason at the bottom of a chain: the sentences above repeat the address.
fn innermost(why: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = why;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn codes(address: &str) -> Vec<&'static str> {
        check(address).await.iter().map(|finding| finding.code).collect()
    }

    fn free_port() -> u16 {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    #[tokio::test]
    async fn a_cloud_is_asked_whether_it_serves() {
        let dir = tempfile::tempdir().unwrap();
        let config = ::cloud::Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            data: dir.path().into(),
            audience: "test".into(),
            operators: vec![],
            origin: None,
            push_services: ::cloud::PushService::of_browsers(),
            mail: None,
            app: None,
        };
        let running = ::cloud::start(config).await.unwrap();
        assert_eq!(codes(&format!("ws://{}/", running.address())).await, ["cloud_fine"]);
        assert_eq!(codes(&format!("http://{}/elsewhere", running.address())).await, ["cloud_unwell"]);
        // This program's own app, if it was built with one.
        let app = super::super::app::check(&format!("ws://{}/", running.address())).await.unwrap();
        let own = if ::cloud::app_build().is_some() { "app_fine" } else { "app_not_served" };
        assert_eq!(app.code, own);
        running.shutdown().await;
    }

    #[tokio::test]
    async fn a_cloud_that_cannot_be_reached_is_told() {
        assert_eq!(codes(&format!("http://127.0.0.1:{}", free_port())).await, ["cloud_unreachable"]);
        assert_eq!(codes("cloud.example").await, ["cloud_address_refused"]);
        assert_eq!(codes("https://127.0.0.1:1").await, ["cloud_tls_unsupported"]);
        assert_eq!(judge_time(1_500).code, "cloud_slow");
    }

    #[test]
    fn only_this_box_may_be_reached_without_tls() {
        for (address, loopback) in [
            ("http://127.0.0.1:1", true),
            ("ws://[::1]:1", true),
            ("ws://localhost", true),
            ("http://10.0.0.7", false),
        ] {
            assert_eq!(is_loopback(&at(address, "healthz").unwrap()), loopback, "{address}");
        }
    }

    #[test]
    fn a_cloud_that_listens_everywhere_is_asked_on_its_own_box() {
        assert_eq!(own_address("0.0.0.0:8480".parse().unwrap()), "http://127.0.0.1:8480");
        assert_eq!(own_address("[::]:8480".parse().unwrap()), "http://[::1]:8480");
        assert_eq!(own_address("10.0.0.7:1".parse().unwrap()), "http://10.0.0.7:1");
    }

    #[test]
    fn a_clouds_settings_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cloud.toml");
        std::fs::write(&path, "listen = '0.0.0.0:1'\ndata = 'd'\naudience = 'a'\n").unwrap();
        let codes = |path: &Path| settings(path).1.iter().map(|f| f.code).collect::<Vec<_>>();
        assert_eq!(codes(&path), ["cloud_settings_fine", "cloud_without_operator", "cloud_listens_openly"]);
        std::fs::write(&path, "lissen = 1").unwrap();
        assert_eq!(codes(&path), ["cloud_settings_broken"]);
    }
}
