//! Headless Chromium through its DevTools protocol: as much as a look at one page takes.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::Result;

/// Nothing takes longer, not even a first start on a busy machine.
const WITHIN: Duration = Duration::from_secs(30);

/// A running browser with one page. Ends with this value.
pub(crate) struct Browser {
    child: Child,
    /// Kept, for a browser that cannot write its complaints stops.
    _complaints: BufReader<ChildStderr>,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    number: u64,
}

/// On what, and for whom.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dark: bool,
    pub(crate) german: bool,
}

impl Browser {
    pub(crate) async fn start(profile: &Path) -> Result<Self> {
        let mut child = Command::new("chromium")
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut complaints = BufReader::new(child.stderr.take().ok_or("no standard error")?);
        let mut line = String::new();
        let address = loop {
            line.clear();
            if complaints.read_line(&mut line).await? == 0 {
                return Err("chromium ended before it could be used".into());
            }
            if let Some(address) = line.trim().strip_prefix("DevTools listening on ") {
                break address.to_owned();
            }
        };
        let (socket, _) = tokio_tungstenite::connect_async(address).await?;
        let mut browser = Self { child, _complaints: complaints, socket, session: None, number: 0 };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach).await?;
        browser.session = attached["sessionId"].as_str().map(ToOwned::to_owned);
        Ok(browser)
    }

    pub(crate) async fn open(&mut self, link: &str, look: Look) -> Result<()> {
        let Look { width, height, dark, german } = look;
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", metrics).await?;
        let scheme =
            json!([{ "name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" } }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": scheme })).await?;
        let language = json!({ "userAgent": "", "acceptLanguage": if german { "de" } else { "en" } });
        self.call("Emulation.setUserAgentOverride", language).await?;
        self.call("Page.navigate", json!({ "url": link })).await?;
        Ok(())
    }

    /// Waits until the element's text begins like this.
    pub(crate) async fn until(&mut self, id: &str, text: &str) -> Result<()> {
        let expression = format!("document.getElementById('{id}')?.textContent ?? ''");
        let deadline = Instant::now() + WITHIN;
        loop {
            let said = self.call("Runtime.evaluate", json!({ "expression": expression })).await?;
            let said = said["result"]["value"].as_str().unwrap_or_default().to_owned();
            if said.starts_with(text) {
                println!("{id}: {said}");
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("{id} says `{said}`, not `{text}`").into());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    pub(crate) async fn picture(&mut self, path: &Path) -> Result<()> {
        let picture = self.call("Page.captureScreenshot", json!({})).await?;
        std::fs::write(path, BASE64_STANDARD.decode(picture["data"].as_str().unwrap_or_default())?)?;
        Ok(())
    }

    pub(crate) async fn end(mut self) -> Result<()> {
        self.session = None;
        self.call("Browser.close", json!({})).await?;
        self.child.wait().await?;
        Ok(())
    }

    async fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.number += 1;
        let mut call = json!({ "id": self.number, "method": method, "params": params });
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).await?;
        loop {
            let answer =
                tokio::time::timeout(WITHIN, self.socket.next()).await?.ok_or("chromium ended")??;
            let Message::Text(text) = answer else { continue };
            let mut answer: Value = serde_json::from_str(&text)?;
            if answer["id"] == self.number {
                if let Some(error) = answer.get("error") {
                    return Err(format!("{method}: {error}").into());
                }
                return Ok(answer["result"].take());
            }
        }
    }
}
