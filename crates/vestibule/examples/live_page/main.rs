//! The live page with the drawn house behind it, unsealed: `cargo run -p vestibule --example live_page`.
//!
//! With a directory as argument it also opens the page in headless Chromium, plays a delivery with a stalled camera
//! in it, checks what the page says, and leaves pictures there: `… --example live_page -- DIR`.

mod browser;
#[path = "../../src/live_page/mod.rs"]
mod live_page;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use browser::{Browser, Look};
use house::wire::{parse_frame, parse_header};
use live_page::{Door, Gap, LivePage, Moment, PageState, Words};
use recording::Init;
use recording::fmp4::{Fragments, init_segment};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let dir = std::env::temp_dir().join(format!("vestibule-live-page-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let result = play(&dir).await;
    std::fs::remove_dir_all(&dir)?;
    result
}

async fn play(dir: &Path) -> Result<()> {
    let options = house::Options {
        control: dir.join("house.sock"),
        camera: dir.join("camera.sock"),
        mqtt: None,
        mqtt_prefix: "vestibule/house".into(),
        picture: house::hallway::Size::Full,
        utc_offset_minutes: 60,
    };
    let house = tokio::spawn(house::run(options));
    while !dir.join("camera.sock").exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let page = LivePage::serve(([127, 0, 0, 1], 0).into(), "an-example-token-0123456789".to_owned()).await?;
    println!("{}", page.link());
    let page = Arc::new(page);
    let camera = dir.join("camera.sock");
    let shown = Arc::clone(&page);
    let film = tokio::spawn(async move { film(&camera, &shown).await.map_err(|error| error.to_string()) });
    match std::env::args().nth(1) {
        None => {
            let mut visit = Visit::new();
            loop {
                visit.show(&page);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Some(pictures) => {
            let pictures = PathBuf::from(pictures);
            std::fs::create_dir_all(&pictures)?;
            let mut browser = Browser::start(&dir.join("profile")).await?;
            delivery(dir, &page, &mut browser, &pictures).await?;
            film.abort();
            drop((film.await, page));
            browser.until("sentence", "We don’t know.").await?;
            browser.end().await?;
        }
    }
    house.abort();
    Ok(())
}

/// From the camera's socket to the page.
async fn film(camera: &Path, page: &LivePage) -> Result<()> {
    let mut stream = UnixStream::connect(camera).await?;
    let mut bytes = Vec::new();
    let (init, used) = loop {
        if let Some((header, used)) = parse_header(&bytes)? {
            let init =
                Init { width: header.width, height: header.height, timescale: 90_000, avcc: header.avcc };
            break (init, used);
        }
        stream.read_buf(&mut bytes).await?;
    };
    bytes.drain(..used);
    page.init(&init_segment(&init));
    let mut fragments = Fragments::new(&init);
    loop {
        while let Some((frame, used)) = parse_frame(&bytes)? {
            bytes.drain(..used);
            let fragment = fragments.frame(frame.capture_unix_ms, frame.random_access, &frame.nal_units);
            page.fragment(&fragment, frame.capture_unix_ms, frame.random_access);
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
}

/// What the page is told.
struct Visit(PageState);

impl Visit {
    fn new() -> Self {
        Self(PageState {
            door: Door::Unknown,
            checked_unix_ms: None,
            began_unix_ms: Some(now_ms()),
            ended_unix_ms: None,
            words: None,
            moments: Vec::new(),
            gaps: Vec::new(),
        })
    }

    fn show(&mut self, page: &LivePage) {
        self.0.checked_unix_ms = Some(now_ms());
        page.state(&self.0);
    }

    fn moment(&mut self, page: &LivePage, door: Door, de: &str, en: &str, is_incident: bool) {
        let words = Words { de: de.to_owned(), en: en.to_owned() };
        self.0.door = door;
        self.0.words = Some(words.clone());
        self.0.moments.push(Moment { at_unix_ms: now_ms(), words, is_incident });
        self.show(page);
    }
}

async fn delivery(dir: &Path, page: &LivePage, browser: &mut Browser, pictures: &Path) -> Result<()> {
    let mut house = UnixStream::connect(dir.join("house.sock")).await?;
    let mut visit = Visit::new();
    visit.moment(page, Door::Locked, "Jemand steht vor deiner Tür.", "Someone is at your door.", false);
    act(&mut house, r#"{"act":"ring"}"#).await?;
    browser.open(page.link(), Look { width: 1280, height: 800, dark: false, german: false }).await?;
    browser.until("age", "Live. Picture 0").await?;
    browser.picture(&pictures.join("locked-desktop-light-en.png")).await?;

    act(&mut house, r#"{"do":"unlock"}"#).await?;
    visit.moment(page, Door::Unlocked, "Riegel zurückgezogen.", "Bolt withdrawn.", false);
    tokio::time::sleep(Duration::from_millis(600)).await;
    act(&mut house, r#"{"act":"push"}"#).await?;
    visit.moment(page, Door::Open, "Das Paket wird hineingeschoben.", "The parcel is pushed in.", false);
    tokio::time::sleep(Duration::from_secs(1)).await;
    act(&mut house, r#"{"act":"parcel"}"#).await?;
    tokio::time::sleep(Duration::from_millis(400)).await;
    browser.picture(&pictures.join("open-desktop-light-en.png")).await?;
    browser.open(page.link(), Look { width: 360, height: 740, dark: true, german: true }).await?;
    browser.until("age", "Live. Bild 0,").await?;
    browser.picture(&pictures.join("open-phone-dark-de.png")).await?;

    let from_unix_ms = now_ms();
    act(&mut house, r#"{"misbehave":{"camera":"stall"}}"#).await?;
    browser.until("age", "Das Bild steht seit 3").await?;
    visit.moment(page, Door::Open, "Das Bild steht. Alarm ausgelöst.", "Picture frozen. Alarm raised.", true);
    tokio::time::sleep(Duration::from_millis(300)).await;
    browser.picture(&pictures.join("frozen-phone-dark-de.png")).await?;
    act(&mut house, r#"{"misbehave":"none"}"#).await?;
    browser.until("age", "Live. Bild 0,").await?;
    visit.0.gaps.push(Gap { from_unix_ms, to_unix_ms: now_ms() });
    act(&mut house, r#"{"act":"close"}"#).await?;
    visit.moment(page, Door::Unlocked, "Tür zugezogen.", "Door pulled shut.", false);
    tokio::time::sleep(Duration::from_millis(900)).await;
    act(&mut house, r#"{"do":"lock"}"#).await?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    visit.moment(page, Door::Locked, "Paket drin. Tür verriegelt.", "Parcel inside. Door locked.", false);
    tokio::time::sleep(Duration::from_secs(2)).await;
    browser.until("age", "Live. Bild 0,").await?;
    browser.picture(&pictures.join("after-phone-dark-de.png")).await?;
    browser.open(page.link(), Look { width: 1280, height: 800, dark: true, german: true }).await?;
    browser.until("age", "Live. Bild 0,").await?;
    browser.picture(&pictures.join("after-desktop-dark-de.png")).await?;

    visit.0.ended_unix_ms = Some(now_ms());
    visit.show(page);
    browser.open(page.link(), Look { width: 360, height: 740, dark: false, german: false }).await?;
    browser.until("age", "Recording ended").await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    browser.picture(&pictures.join("ended-phone-light-en.png")).await?;
    visit.0.checked_unix_ms = visit.0.checked_unix_ms.map(|ms| ms - 61_000);
    page.state(&visit.0);
    browser.until("sentence", "We don’t know.").await?;
    browser.picture(&pictures.join("unknown-phone-light-en.png")).await?;
    visit.show(page);
    browser.until("sentence", "Closed and locked.").await
}

async fn act(house: &mut UnixStream, line: &str) -> Result<()> {
    house.write_all(format!("{line}\n").as_bytes()).await?;
    let mut answer = [0; 512];
    let length = house.read(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    if answer.contains("\"done\":true") { Ok(()) } else { Err(format!("{line}: {answer}").into()) }
}

#[expect(clippy::disallowed_methods, reason = "the one clock of this example")]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
