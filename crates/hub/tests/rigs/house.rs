//! A scripted stand-in for the virtual home.

use super::Rig;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

pub(crate) struct House {
    folder: tempfile::TempDir,
    state: watch::Sender<String>,
    once: broadcast::Sender<String>,
    received: mpsc::Receiver<String>,
    sender: mpsc::Sender<String>,
    server: Option<JoinHandle<()>>,
    online: bool,
}

impl House {
    fn serve(&mut self) {
        let listener = UnixListener::bind(self.folder.path().join("house")).unwrap();
        let (state, once, sender) = (self.state.subscribe(), self.once.clone(), self.sender.clone());
        self.server = Some(tokio::spawn(async move {
            // One connection at a time; dropping the task closes it.
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (from, mut to) = stream.into_split();
                let (mut lines, mut state, mut once) =
                    (BufReader::new(from).lines(), state.clone(), once.subscribe());
                assert_eq!(lines.next_line().await.unwrap().unwrap(), r#"{"subscribe":true}"#);
                state.mark_changed();
                loop {
                    tokio::select! {
                        line = lines.next_line() => match line {
                            Ok(Some(line)) => sender.send(line).await.unwrap(),
                            _ => break,
                        },
                        changed = state.changed() => {
                            if changed.is_err() { return }
                            let line = format!("{}\n", state.borrow_and_update().clone());
                            if to.write_all(line.as_bytes()).await.is_err() { break }
                        }
                        line = once.recv() => {
                            if to.write_all(format!("{}\n", line.unwrap()).as_bytes()).await.is_err() { break }
                        }
                    }
                }
            }
        }));
    }
}

impl Rig for House {
    async fn start() -> Self {
        let (sender, received) = mpsc::channel(16);
        let mut house = Self {
            folder: tempfile::tempdir().unwrap(),
            state: watch::Sender::new(r#"{"online":false}"#.to_owned()),
            once: broadcast::Sender::new(16),
            received,
            sender,
            server: None,
            online: false,
        };
        house.serve();
        house
    }

    fn address(&self) -> String {
        format!("virtual:{}", self.folder.path().join("house").display())
    }

    async fn online(&mut self, online: bool) {
        self.online = online;
        self.state.send_replace(format!(r#"{{"online":{online}}}"#));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    async fn says(&mut self, bolt: &str) {
        let line = format!(r#"{{"online":{},"bolt":"{bolt}","door":"closed","smoke":false}}"#, self.online);
        self.state.send_replace(line);
    }

    async fn says_garbage(&mut self) {
        self.once.send("\u{1}{\"bolt\": [[[".to_owned()).unwrap();
    }

    async fn unlocked_by_another(&mut self) {
        self.says("unlocked").await;
    }

    async fn next_command(&mut self) -> String {
        let line = tokio::time::timeout(Duration::from_secs(3), self.received.recv()).await.unwrap().unwrap();
        match line.as_str() {
            r#"{"do":"unlock"}"# => "unlock".to_owned(),
            r#"{"do":"lock"}"# => "lock".to_owned(),
            other => other.to_owned(),
        }
    }

    async fn commands_within(&mut self, ms: u64) -> Vec<String> {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        std::iter::from_fn(|| self.received.try_recv().ok()).collect()
    }

    async fn kill_peer(&mut self) {
        let server = self.server.take().unwrap();
        server.abort();
        let _aborted = server.await;
        std::fs::remove_file(self.folder.path().join("house")).unwrap();
    }

    async fn restart_peer(&mut self) {
        self.serve();
        self.online(true).await;
        self.says("locked").await;
    }
}
