//! Which push services may be called. A subscription names an address of its own choice: without this list, strangers
//! could have the cloud call whatever it reaches.

use axum::http::Uri;
use serde::Deserialize;

/// Scheme, host and port of a push service; the host may begin with `*.`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PushService {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// The text names no push service.
#[derive(Debug, thiserror::Error)]
#[error("push_services: {0:?} is none; write scheme, host and port alone, such as https://push.example")]
pub struct NoPushService(String);

impl PushService {
    /// Those of the makers of Chrome, Firefox, Safari and Edge.
    pub fn of_browsers() -> Vec<Self> {
        let hosts = [
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            "web.push.apple.com",
            "*.notify.windows.com",
        ];
        hosts.map(|host| Self { scheme: "https".into(), host: host.into(), port: None }).into()
    }

    /// Whether an address is this service's.
    pub(crate) fn owns(&self, address: &Uri) -> bool {
        let Some(host) = address.host() else { return false };
        let is_host = match self.host.strip_prefix('*') {
            Some(domain) => host.len() > domain.len() && host.ends_with(domain),
            None => host == self.host,
        };
        is_host
            && address.scheme_str() == Some(&self.scheme)
            && address.port_u16() == self.port
            && address.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    }
}

impl TryFrom<String> for PushService {
    type Error = NoPushService;

    fn try_from(text: String) -> Result<Self, NoPushService> {
        let uri: Option<Uri> = text.parse().ok();
        let is_bare = |uri: &Uri| {
            let host = uri.authority().is_some_and(|host| !host.as_str().contains('@'));
            host && uri.path() == "/" && uri.query().is_none() && !text.ends_with('/')
        };
        let service = uri.as_ref().filter(|uri| is_bare(uri)).and_then(|uri| {
            let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "https" | "http"))?;
            Some(Self { scheme: scheme.into(), host: uri.host()?.into(), port: uri.port_u16() })
        });
        service.ok_or(NoPushService(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_services_are_called() {
        let services = PushService::of_browsers();
        let owned = |address: &str| {
            let address = address.parse().unwrap();
            services.iter().any(|service| service.owns(&address))
        };
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://web.push.apple.com/abc",
            "https://wns2-par02p.notify.windows.com/w/?token=abc",
        ] {
            assert!(owned(good), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x",
            "https://fcm.googleapis.com@evil.example/x",
            "https://me@fcm.googleapis.com/x",
            "https://fcm.googleapis.com.evil.example/x",
            "https://evil.example/https://fcm.googleapis.com/",
            "https://evilnotify.windows.com/x",
            "https://.notify.windows.com/x",
            "https://127.0.0.1/x",
            "/x",
        ] {
            assert!(!owned(bad), "{bad}");
        }
    }

    #[test]
    fn a_service_is_scheme_host_and_port_alone() {
        let service = |text: &str| PushService::try_from(text.to_owned());
        let local = service("http://127.0.0.1:8081").unwrap();
        assert!(local.owns(&"http://127.0.0.1:8081/x".parse().unwrap()));
        assert!(!local.owns(&"http://127.0.0.1/x".parse().unwrap()));
        assert!(service("https://*.push.example").unwrap().owns(&"https://a.push.example/".parse().unwrap()));
        for bad in ["push.example", "https://a.example/", "https://a.example/x", "ftp://a.example", ""] {
            assert!(service(bad).is_err(), "{bad}");
        }
    }
}
