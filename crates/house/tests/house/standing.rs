//! A house on sockets in a directory of its own, and those who talk to it.
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use house::wire::{Frame, Header, parse_frame, parse_header};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinHandle;

static NUMBER: AtomicU32 = AtomicU32::new(0);
/// Nothing here may take longer.
pub(crate) const WITHIN: Duration = Duration::from_secs(5);

/// A standing house; it falls with the test.
pub(crate) struct Standing {
    pub(crate) dir: PathBuf,
    task: JoinHandle<Result<(), house::HouseError>>,
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl Standing {
    pub(crate) fn options(mqtt: Option<String>) -> (PathBuf, house::Options) {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("house-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("directory");
        let options = house::Options {
            control: dir.join("house.sock"),
            camera: dir.join("camera.sock"),
            mqtt,
            mqtt_prefix: format!("test/house{number}"),
            picture: house::hallway::Size::Full,
            utc_offset_minutes: 60,
        };
        (dir, options)
    }

    pub(crate) async fn new(mqtt: Option<String>) -> Self {
        Self::with(Self::options(mqtt)).await
    }

    pub(crate) async fn with((dir, options): (PathBuf, house::Options)) -> Self {
        let task = tokio::spawn(house::run(options));
        let standing = Self { dir, task };
        standing.connect("house.sock").await;
        standing
    }

    async fn connect(&self, name: &str) -> UnixStream {
        let deadline = Instant::now() + WITHIN;
        loop {
            match UnixStream::connect(self.dir.join(name)).await {
                Ok(stream) => return stream,
                Err(error) => assert!(Instant::now() < deadline, "{name}: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn talk(&self) -> Talk {
        let (read, write) = self.connect("house.sock").await.into_split();
        Talk { read: BufReader::new(read), write }
    }

    pub(crate) async fn watch(&self) -> Watch {
        Watch { stream: self.connect("camera.sock").await, bytes: Vec::new() }
    }
}

/// A connection to the control socket.
pub(crate) struct Talk {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
}

impl Talk {
    pub(crate) async fn say(&mut self, line: &str) {
        self.write.write_all(format!("{line}\n").as_bytes()).await.expect("write");
    }

    /// The next line, or `None` at the end.
    pub(crate) async fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = tokio::time::timeout(WITHIN, self.read.read_line(&mut line)).await;
        (read.expect("a line in time").expect("read") > 0).then(|| serde_json::from_str(&line).expect("JSON"))
    }

    pub(crate) async fn ask(&mut self, line: &str) -> Value {
        self.say(line).await;
        self.hear().await.expect("an answer")
    }

    /// Asks for the state until it is so.
    pub(crate) async fn until(&mut self, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WITHIN;
        loop {
            let state = self.ask(r#"{"get":"state"}"#).await;
            if is_so(&state) {
                return state;
            }
            assert!(Instant::now() < deadline, "{what}: {state}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A connection to the camera.
pub(crate) struct Watch {
    stream: UnixStream,
    bytes: Vec<u8>,
}

impl Watch {
    pub(crate) async fn header(&mut self) -> Option<Header> {
        loop {
            if let Some((header, length)) = parse_header(&self.bytes).expect("header") {
                self.bytes.drain(..length);
                return Some(header);
            }
            self.more().await?;
        }
    }

    /// The next frame, or `None` at the end.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, length)) = parse_frame(&self.bytes).expect("frame") {
                self.bytes.drain(..length);
                return Some(frame);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Option<()> {
        let read = tokio::time::timeout(WITHIN, self.stream.read_buf(&mut self.bytes)).await;
        (read.expect("bytes in time").ok()? > 0).then_some(())
    }
}
