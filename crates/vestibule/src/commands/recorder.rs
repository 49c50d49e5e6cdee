//! `vestibule recorder`: the recorder of a home, a process of its own.

use anyhow::Context;
use clap::Args;
use hub::folder::Folder;
use hub::recorder::{self, Options};
use std::path::PathBuf;
use std::process::ExitCode;

/// The recorder of a home. The hub starts it and speaks to it over standard input and output.
#[derive(Debug, Args)]
pub(crate) struct Recorder {
    /// The home's folder.
    #[arg(long)]
    dir: PathBuf,
}

impl Recorder {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let folder = Folder::at(&self.dir);
        let config = folder.config()?;
        let source = config.camera.parse().context("home.toml, `camera`")?;
        let (spool, key) = (folder.path("spool"), folder.path("recorder.key"));
        let mut options = Options::new(folder.door()?, "hallway".into(), source, spool, key);
        options.cloud = config.cloud.map(|cloud| media_address(&cloud));
        recorder::run(options).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Where recordings go up, from the cloud's address.
fn media_address(cloud: &str) -> String {
    let cloud = cloud.trim_end_matches('/').replacen("http", "ws", usize::from(cloud.starts_with("http")));
    format!("{cloud}/v1/media/uplink")
}
